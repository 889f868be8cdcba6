"""The state of the pages as the parameters of a URL, and back.

Everything that a page lets people choose is a field of ``Link``, so that a copied
address shows the same thing. What an address says is data: it is matched against what
the store holds, and what does not fit is left out with a note.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from results import format as fmt
from results.comparison import CellView, GroupClass
from results.errors import UsageError
from results.kinds import is_int8_variant
from results.overview import BASELINE_ARMS, DEFAULT_BASELINE, OverviewRow
from results.selector import parse, select
from results.versions.order import find_version
from results.versions.shapes import Bucket, Version

_NAMES = {"classes": "class", "ops": "op", "types": "type", "precisions": "precision",
          "old": "from", "new": "to", "buckets": "bucket"}  # fmt: skip
_TEXTS = ("baseline", "candidate", "cell", "run", "against", "runtime", "scenario", "find",
          "model", "device", "driven", "arm", "old", "new")  # fmt: skip
_LISTS = ("classes", "ops", "types", "precisions", "buckets")
_FLAGS = ("idle", "rate")
_PINNED = ("baseline", "candidate")
EVERY_VERSION = "all"
"""What the overview's ``runtime`` says where no version is to be left out."""
_SHOWN_VALUE = 60


@dataclass(frozen=True)
class Link:
    """What is chosen: ids of cells and of a run, the overview's baseline arm, filters.

    Empty means not chosen: ``cell`` is then the candidate, ``run`` the newest one,
    ``runtime`` the newest version of everything, and a filter lets everything through.
    ``model``, ``device``, ``driven`` and ``arm`` say what the page Versions follows, ``old``
    and ``new`` are ids of the runtimes that it compares, ``rate`` asks for items per second.
    """

    baseline: str = ""
    candidate: str = ""
    cell: str = ""
    run: str = ""
    against: str = DEFAULT_BASELINE
    runtime: str = ""
    scenario: str = ""
    find: str = ""
    classes: tuple[str, ...] = ()
    ops: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    idle: bool = False
    model: str = ""
    device: str = ""
    driven: str = ""
    arm: str = ""
    old: str = ""
    new: str = ""
    buckets: tuple[str, ...] = ()
    rate: bool = False

    @property
    def shown_cell(self) -> str:
        """The cell whose layers are shown."""
        return self.cell or self.candidate


@dataclass(frozen=True)
class Reading:
    """A link that fits the store, and what had to be left out of it."""

    link: Link
    notes: tuple[str, ...]


def param_of(field: str) -> str:
    """The name that a field has in a URL."""
    return _NAMES.get(field, field)


def to_params(link: Link) -> dict[str, str]:
    """The parameters of a link's URL; baseline and candidate always, the rest where chosen."""
    default = Link()
    params = {
        param_of(name): getattr(link, name)
        for name in _TEXTS
        if name in _PINNED or getattr(link, name) != getattr(default, name)
    }
    params |= {param_of(name): ",".join(getattr(link, name)) for name in _LISTS}
    params |= {name: "1" if getattr(link, name) else "" for name in _FLAGS}
    return {name: value for name, value in params.items() if value}


def has_state(params: Mapping[str, str]) -> bool:
    """Whether a URL says anything about the state; else the session's last state holds."""
    known = {*(param_of(name) for name in (*_TEXTS, *_LISTS)), *_FLAGS}
    return not known.isdisjoint(params)


def read(
    params: Mapping[str, str],
    cells: Sequence[CellView],
    run_ids: Sequence[str],
    rows: Sequence[OverviewRow] = (),
) -> Reading:
    """The link in a URL, as far as this store has what it names.

    Without a baseline it opens with the first verdict of ``rows``, the overview. Without
    cells only a run can be named.
    """
    notes: list[str] = []
    if not cells:
        return Reading(Link(run=_one_of(params, "run", run_ids, notes)), tuple(notes))
    baseline = _cell(params, "baseline", cells, notes) or default_baseline(cells, rows)
    candidate = _cell(params, "candidate", cells, notes, baseline) or partner(cells, baseline)
    cell = _cell(params, "cell", cells, notes, candidate)
    measured = [cell for cell in cells if cell.is_measured]
    link = Link(
        baseline=baseline.cell_id,
        candidate=candidate.cell_id,
        cell=cell.cell_id if cell else "",
        run=_one_of(params, "run", run_ids, notes),
        against=_one_of(params, "against", BASELINE_ARMS, notes) or DEFAULT_BASELINE,
        runtime=_one_of(params, "runtime", [EVERY_VERSION, *(c.runtime for c in measured)], notes),
        scenario=_one_of(params, "scenario", [c.scenario for c in measured], notes),
        find=params.get("find", ""),
        classes=_members(params, "classes", GroupClass, notes),
        ops=_list(params, "ops"),
        types=_list(params, "types"),
        precisions=_list(params, "precisions"),
        idle=params.get("idle") == "1",
        model=_one_of(params, "model", [c.model_id for c in measured], notes),
        device=_one_of(params, "device", [c.device_id for c in measured], notes),
        driven=_one_of(params, "driven", [scenario_of(c) for c in measured], notes),
        arm=_one_of(params, "arm", [c.arm for c in measured], notes),
        old=_runtime(params, "from", measured, notes),
        new=_runtime(params, "to", measured, notes),
        buckets=_members(params, "buckets", Bucket, notes),
        rate=params.get("rate") == "1",
    )
    return Reading(link, tuple(notes))


def default_baseline(cells: Sequence[CellView], rows: Sequence[OverviewRow] = ()) -> CellView:
    """The default baseline of the first verdicts, else a float cell, else the first cell.

    What was measured here goes before what was imported.
    """
    for row in rows:
        judged = [verdict.baseline for verdict in row.verdicts]
        if judged:
            return next((cell for cell in judged if cell.arm == DEFAULT_BASELINE), judged[0])
    return min(cells, key=lambda cell: (not cell.is_measured, cell.arm != DEFAULT_BASELINE))


def partner(cells: Sequence[CellView], baseline: CellView) -> CellView:
    """What to compare a baseline with: an INT8 arm of the same setting, else the nearest.

    A cell of the baseline's own origin goes before every other.
    """
    others = [cell for cell in cells if cell.cell_id != baseline.cell_id]
    ranked = sorted(
        others,
        key=lambda cell: (
            cell.origin != baseline.origin,
            cell.model_id != baseline.model_id,
            _setting(cell) != _setting(baseline),
            not is_int8_variant(cell.variant_kind),
        ),
    )
    return ranked[0] if ranked else baseline


def with_baseline(link: Link, baseline: str, cells: Sequence[CellView]) -> Link:
    """Another baseline; a candidate of another model follows to the same arm of its model."""
    by_id = {cell.cell_id: cell for cell in cells}
    new, old = by_id[baseline], by_id[link.candidate]
    if new.model_id != old.model_id or new.cell_id == old.cell_id:
        twins = [
            c
            for c in cells
            if c.model_id == new.model_id
            and _setting(c) == _setting(new)
            and c.arm == old.arm
            and c.cell_id != new.cell_id
        ]
        old = twins[0] if twins else partner(cells, new)
    return about(link, baseline, old.cell_id)


def about(link: Link, baseline: str, candidate: str) -> Link:
    """About another pair of cells; Versions then follows that baseline anew."""
    return replace(
        link, baseline=baseline, candidate=candidate, cell="",
        model="", device="", driven="", arm="", old="", new="",
    )  # fmt: skip


def scenario_of(cell: CellView) -> str:
    """How a cell is driven, in words."""
    return fmt.scenario(cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests)


def _setting(cell: CellView) -> tuple[object, ...]:
    driven = cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests
    return cell.device_id, cell.runtime_id, *driven


def _cell(
    params: Mapping[str, str],
    name: str,
    cells: Sequence[CellView],
    notes: list[str],
    like: CellView | None = None,
) -> CellView | None:
    """The cell that a parameter selects, by its id or by a selector."""
    value = params.get(name)
    if not value:
        return None
    try:
        return select(cells, parse(value), like=like)
    except UsageError:
        notes.append(_note(name, value, "names no cell of this store"))
        return None


def _one_of(params: Mapping[str, str], name: str, known: Sequence[str], notes: list[str]) -> str:
    value = params.get(name, "")
    if not value or value in known:
        return value
    notes.append(_note(name, value, "is not known here"))
    return ""


def _runtime(
    params: Mapping[str, str], name: str, cells: Sequence[CellView], notes: list[str]
) -> str:
    """The id of the runtime that a parameter names: by its id, or how its version begins."""
    asked = params.get(name, "")
    named = {cell.runtime_id: cell.runtime for cell in cells}
    known = [Version(runtime_id=i, version=v, build="", label=v) for i, v in named.items()]
    try:
        return find_version(asked, known).runtime_id if asked else ""
    except UsageError:
        several = any(version.version.startswith(asked) for version in known)
        fault = "is more than one version here" if several else "was not measured here"
        notes.append(_note(name, asked, fault))
        return ""


def _members(
    params: Mapping[str, str], name: str, kinds: type[StrEnum], notes: list[str]
) -> tuple[str, ...]:
    """The values of a filter that its vocabulary has."""
    found = _list(params, name)
    known = {kind.value for kind in kinds}
    unknown = [value for value in found if value not in known]
    notes += [_note(param_of(name), value, "is not known here") for value in unknown]
    return tuple(value for value in found if value in known)


def _list(params: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(filter(None, params.get(param_of(name), "").split(",")))


def _note(name: str, value: str, fault: str) -> str:
    shown = (
        value if len(value) <= _SHOWN_VALUE else f"{value[:_SHOWN_VALUE]}\N{HORIZONTAL ELLIPSIS}"
    )
    return f"The address asks for {name} = {shown}, which {fault}; it is ignored."
