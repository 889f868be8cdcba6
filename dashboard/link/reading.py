"""Reading an address: as much of it as fits the store, and a note for each thing that does not.

What an address says is data from outside. It may be wrong, endless or hostile: it is cut to
a length, matched against what the store holds, and what does not fit is left out with a note
that names it, one a parameter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dashboard.link.pairs import baseline_for, default_pair, partner, scenario_of
from dashboard.link.state import EVERY_VERSION, HOPS, Colouring, Link, Mismatch, has_state, param_of
from results.comparison import CellView, GroupClass
from results.errors import UsageError
from results.overview import BASELINE_ARMS, DEFAULT_BASELINE, OverviewRow
from results.overview_search import Only
from results.selector import parse, select
from results.versions.order import find_version
from results.versions.shapes import Bucket, Version

_SHOWN_VALUE = 60
_LONGEST = 1000
"""Characters of one value; a selector or a layer's name is shorter."""
_MOST = 50
"""Values in one list; no control offers as many that mean something together."""
_MOST_UNKNOWN = 5
_REPLACED = "\N{REPLACEMENT CHARACTER}"
"""What bytes become that are not UTF-8."""


@dataclass(frozen=True)
class Reading:
    """A link that fits the store, and what had to be left out of it."""

    link: Link
    notes: tuple[str, ...]


def read(
    params: Mapping[str, str],
    cells: Sequence[CellView],
    run_ids: Sequence[str],
    rows: Sequence[OverviewRow] = (),
    repeated: Sequence[str] = (),
) -> Reading:
    """The link in a URL, as far as this store has what it names.

    Without a baseline it opens with the first decided verdict of ``rows``, the overview.
    Without cells only a run can be named. ``repeated`` are parameters that it has more than once.
    """
    asked = _Asked(params)
    asked.unknown()
    asked.twice([name for name in repeated if has_state({name: ""})])
    if not cells:
        return Reading(Link(run=asked.one_of("run", run_ids)), tuple(asked.notes))
    against = asked.one_of("against", BASELINE_ARMS) or DEFAULT_BASELINE
    baseline, candidate = _pair(asked, cells, rows, against)
    cell = asked.cell("cell", cells, candidate)
    measured = [one for one in cells if one.is_measured]
    models = {one.model_id for one in cells}
    link = Link(
        baseline=baseline.cell_id,
        candidate=candidate.cell_id,
        cell=cell.cell_id if cell else "",
        run=asked.one_of("run", run_ids),
        against=against,
        runtime=asked.one_of("runtime", _runtimes(cells)),
        scenario=asked.one_of("scenario", (one.scenario for one in measured)),
        find=asked.text("find"),
        classes=asked.members("classes", GroupClass),
        ops=asked.several("ops"),
        types=asked.several("types"),
        precisions=asked.several("precisions"),
        idle=asked.flag("idle"),
        model=asked.one_of("model", (one.model_id for one in measured)),
        device=asked.one_of("device", (one.device_id for one in cells)),
        driven=asked.one_of("driven", (scenario_of(one) for one in cells)),
        arm=asked.one_of("arm", (one.arm for one in measured)),
        old=asked.runtime("old", measured),
        new=asked.runtime("new", measured),
        buckets=asked.members("buckets", Bucket),
        rate=asked.flag("rate"),
        layer=asked.text("layer"),
        mismatch=asked.members("mismatch", Mismatch),
        others=asked.cells("others", cells),
        left=asked.one_of("left", models),
        right=asked.one_of("right", models),
        colour=asked.one_of("colour", list(Colouring)),
        node=asked.text("node"),
        hops=asked.one_of("hops", HOPS),
        only=asked.one_of("only", list(Only)),
    )
    return Reading(link, tuple(asked.notes))


def _runtimes(cells: Sequence[CellView]) -> Iterator[str]:
    """How a version may be named: as such, or one build of it by its id."""
    yield EVERY_VERSION
    for cell in cells:
        yield from (cell.runtime, cell.runtime_id)


def _pair(
    asked: _Asked, cells: Sequence[CellView], rows: Sequence[OverviewRow], against: str
) -> tuple[CellView, CellView]:
    """What is compared: as asked, half of it with what fits it, else what the store opens with."""
    baseline = asked.cell("baseline", cells)
    if baseline is not None:
        return baseline, asked.cell("candidate", cells, baseline) or partner(cells, baseline)
    opening, partnered = default_pair(cells, rows, against)
    candidate = asked.cell("candidate", cells, opening)
    if candidate is None:
        return opening, partnered or partner(cells, opening)
    chosen = baseline_for(cells, candidate, against)
    asked.notes.append(_chosen_words(chosen))
    return chosen, candidate


def _chosen_words(baseline: CellView) -> str:
    place = f"{baseline.device}, OpenVINO {baseline.runtime}"
    return (
        f"The baseline was chosen to fit the candidate of the address: {baseline.arm}, "
        f"{baseline.model_title}, {place}."
    )


class _Asked:
    """The parameters of an address, by field; ``notes`` fill up as they are read."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self._params = params
        self.notes: list[str] = []

    def unknown(self) -> None:
        """Note the parameters that no page has."""
        names = [name for name in self._params if not has_state({name: ""})]
        if names:
            told = ", ".join(name[:_SHOWN_VALUE] for name in names[:_MOST_UNKNOWN])
            more = len(names) - _MOST_UNKNOWN
            rest = f" and {more} more" if more > 0 else ""
            self.notes.append(f"The address has {told}{rest}, which no page knows; it is ignored.")

    def twice(self, names: Sequence[str]) -> None:
        """Note the parameters that are there more than once."""
        if names:
            told = ", ".join(names)
            self.notes.append(f"The address has {told} more than once; only the last one counts.")

    def text(self, field: str) -> str:
        """A value as it is; one that is too long, or was not UTF-8, counts as none."""
        value = self._params.get(param_of(field), "")
        if len(value) > _LONGEST:
            self._refuse(field, value, f"is longer than {_LONGEST} characters")
            return ""
        if _REPLACED in value:
            self._refuse(field, value, "is not UTF-8")
            return ""
        return value

    def one_of(self, field: str, known: Iterable[str]) -> str:
        """A value that the store has; nothing of ``known`` is looked at where none is asked for."""
        value = self.text(field)
        if not value or value in known:
            return value
        self._refuse(field, value, "is not known here")
        return ""

    def flag(self, field: str) -> bool:
        """``1`` for on; nothing or ``0`` for off."""
        return self.one_of(field, ("0", "1")) == "1"

    def several(self, field: str, known: Collection[str] | None = None) -> tuple[str, ...]:
        """The values of a list, each once; those that are not ``known`` are left out."""
        found = tuple(dict.fromkeys(filter(None, self.text(field).split(","))))
        if len(found) > _MOST:
            self._refuse(field, ",".join(found), f"has more than {_MOST} values")
            return ()
        unknown = [value for value in found if known is not None and value not in known]
        if unknown:
            self._refuse(field, ",".join(unknown), "is not known here")
        return tuple(value for value in found if value not in unknown)

    def members(self, field: str, kinds: type[StrEnum]) -> tuple[str, ...]:
        """The values of a filter that its vocabulary has."""
        return self.several(field, {kind.value for kind in kinds})

    def cell(
        self, field: str, cells: Sequence[CellView], like: CellView | None = None
    ) -> CellView | None:
        """The cell that a parameter selects, by its id or by a selector."""
        value = self.text(field)
        if not value:
            return None
        named = next((cell for cell in cells if cell.cell_id == value), None)
        if named is not None:
            return named
        try:
            return select(cells, parse(value), like=like)
        except UsageError:
            self._refuse(field, value, "names no cell of this store")
            return None

    def cells(self, field: str, cells: Sequence[CellView]) -> tuple[str, ...]:
        """The cells whose ids a parameter lists."""
        return self.several(field, {cell.cell_id for cell in cells})

    def runtime(self, field: str, cells: Sequence[CellView]) -> str:
        """The id of the runtime that is named: by its id, or how its version begins."""
        value = self.text(field)
        named = {cell.runtime_id: cell.runtime for cell in cells}
        known = [Version(runtime_id=i, version=v, build="", label=v) for i, v in named.items()]
        try:
            return find_version(value, known).runtime_id if value else ""
        except UsageError:
            several = any(version.version.startswith(value) for version in known)
            fault = "is more than one version here" if several else "was not measured here"
            self._refuse(field, value, fault)
            return ""

    def _refuse(self, field: str, value: str, fault: str) -> None:
        cut = value[:_SHOWN_VALUE] + ("\N{HORIZONTAL ELLIPSIS}" if value[_SHOWN_VALUE:] else "")
        self.notes.append(
            f"The address asks for {param_of(field)} = {cut}, which {fault}; it is ignored."
        )
