"""OpenVINO from 2021 to today on one machine: what INT8 gains, and what stands in its way.

All versions share the blocks of one run, natively and capped to AVX2; the two are judged
apart, since 2021 cannot be capped. What was measured is read back through ``results``; a cell
that failed is shown with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.metadata import version as installed_version
from pathlib import Path

from results import queries
from results.command import note
from results.compare import compare_cells
from results.comparison import CellView, Comparison, Estimate, Group
from results.errors import MeasurementError
from results.format import interval, ms, percent, speedup
from results.kinds import base_type, is_float, is_heavy, is_int8_variant
from results.overview import ArmTime, OverviewRow, overview
from results.store import Index
from tests.benchmarks.commands import ROOT, opened, run_collector
from tests.benchmarks.rows import Row
from tests.benchmarks.settings import Settings

_VERSIONS = ("2021.4.2", "2022.3", "2023.3", "2024.6", "2025.4")
"""Those that must be measured, beside the collector's own."""
_WELCOME = ("2021.2",)
"""Measured where Python 3.7 can be had; nothing is missed without."""
_QUICK_VERSIONS = ("2024.6",)
_MODELS = ("mobilenet_v3_large", "mobilenet_v2")
_ARMS = ("fp32@f32", "fp32@default", "int8-simplified@default")
_NO_CAP, _NATIVE = "none", "native"
_CAPS = (_NO_CAP, "AVX2")
_NEVER_CAPPED = "2021"
"""Nothing tells these versions to leave instructions out: their capped cells fail, as they must."""
_OLD_COVERAGE = 0.95
_NEWEST_COVERAGE = 0.99
_HEADER = (
    "OpenVINO", "model", "instructions", *_ARMS, "INT8 over fp32@f32", "INT8 over fp32@default",
    "Reorders (f32, default, INT8)", "depthwise in float", "layers matched",
)  # fmt: skip
_NOTHING = "-"
_DEPTHWISE = "GroupConvolution"


@dataclass(frozen=True)
class Line:
    """A version, a model and a cap: the arms' times, and INT8 against both float arms.

    ``depthwise`` are the names of the model's depthwise convolutions.
    """

    row: OverviewRow
    comparisons: tuple[Comparison, ...]
    depthwise: frozenset[str]

    @property
    def cap(self) -> str:
        """``native``, or the cap."""
        return self.row.arms[0].cell.isa_cap or _NATIVE

    @property
    def is_measured(self) -> bool:
        """Whether INT8 and both float arms were measured."""
        return len(self.comparisons) == len(_ARMS) - 1

    @property
    def covered(self) -> float | None:
        """The lowest share of time that is matched, of all sides; None without layers."""
        found = [one.coverage for one in self.comparisons if one.coverage]
        return min((min(one.baseline, one.candidate) for one in found), default=None)


@dataclass(frozen=True)
class Asked:
    """What was to be measured; ``refused`` says why a version could not be had here."""

    models: tuple[str, ...]
    versions: tuple[str, ...]
    welcome: tuple[str, ...]
    own: str
    caps: tuple[str, ...]
    refused: Mapping[str, str] = field(default_factory=dict)
    level: str = "quick"

    def required(self, cap: str) -> tuple[str, ...]:
        """The versions that must be measured with this cap, the collector's own last."""
        named = (*self.versions, self.own)
        if cap == _NO_CAP:
            return named
        return tuple(name for name in named if not is_of(name, _NEVER_CAPPED))

    def order(self, line: Line) -> tuple[str, bool, int]:
        """By model, natively first, then in the order of the versions."""
        every = (*self.welcome, *self.versions, self.own)
        place = next((at for at, name in enumerate(every) if is_of(line.row.runtime, name)), -1)
        return line.row.model, line.cap != _NATIVE, place


def versions(settings: Settings) -> tuple[Row, ...]:
    """One run of all versions into a store of its own; the table is among the details.

    The store is kept, so that it can be looked at; a quick one goes with the folder.
    """
    data = settings.subfolder("versions") / "store" if settings.quick else _kept()
    note(f"the store of the versions: {data}")
    own = installed_version("openvino")
    asked = _asked(own, quick=settings.quick)
    refused = _measure(asked, data, quick=settings.quick)
    kept = "" if settings.quick else f", store kept in {data.relative_to(ROOT)}"
    with opened(data) as index:
        return rows(index, replace(asked, refused=refused), kept)


def rows(index: Index, asked: Asked, kept: str = "") -> tuple[Row, ...]:
    """What a store has of what was asked: a row for each cap, and one for the coverage."""
    lines = tuple(sorted((_line(index, row) for row in overview(index)), key=asked.order))
    how = f"{len(lines)} rows, {', '.join(_ARMS)}, one run of {asked.level} effort{kept}"
    table = (*_table(lines), *_failures(lines))
    measured = [
        _measured_row(lines, asked, cap, how, table if cap == asked.caps[0] else ())
        for cap in asked.caps
    ]
    return (*measured, _coverage_row(lines, asked.own, how))


def _kept() -> Path:
    """A new folder where git looks at nothing."""
    return ROOT / "data" / "bench-versions" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"


def _asked(own: str, *, quick: bool) -> Asked:
    if quick:
        return Asked(_MODELS[1:], _QUICK_VERSIONS, (), own, _CAPS[:1])
    return Asked(_MODELS, _VERSIONS, _WELCOME, own, _CAPS)


def _measure(asked: Asked, data: Path, *, quick: bool) -> dict[str, str]:
    """One run of the versions that can be had here; why each other one cannot."""
    refused: dict[str, str] = {}
    for name in (*asked.welcome, *asked.versions):
        try:
            run_collector("runtimes", "add", name, data=data)
        except MeasurementError as error:
            note(f"OpenVINO {name} is left out: {error.message}")
            refused[name] = f"not added: {error.message}"
    there = [name for name in (*asked.welcome, *asked.versions) if name not in refused]
    options = {
        "--model": asked.models, "--openvino": (*there, asked.own), "--isa-cap": asked.caps,
        "--arm": _ARMS,
    }  # fmt: skip
    words = [word for name, values in options.items() for value in values for word in (name, value)]
    fewer = ("--blocks", "2") if quick else ()
    run_collector("run", *words, "--effort", asked.level, *fewer, "--seed", "1", data=data)
    return refused


def _line(index: Index, row: OverviewRow) -> Line:
    cells = {arm.cell.arm: arm.cell for arm in row.arms if arm.median_ms is not None}
    int8 = next((cell for cell in cells.values() if is_int8_variant(cell.variant_kind)), None)
    floats = [cells[arm] for arm in _ARMS[:-1] if arm in cells]
    compared = [] if int8 is None else [compare_cells(index, cell, int8) for cell in floats]
    return Line(row, tuple(compared), _depthwise(index, row.model_id))


def _depthwise(index: Index, model_id: str) -> frozenset[str]:
    variant = queries.fp32_variant(index, model_id)
    ops = () if variant is None else queries.source_ops(index, variant.variant_id)
    return frozenset(op.op_name for op in ops if base_type(op.op_type) == _DEPTHWISE)


def _table(lines: Sequence[Line]) -> tuple[str, ...]:
    """A Markdown table, one line of it per entry."""
    rule = ["---"] * len(_HEADER)
    return tuple(f"| {' | '.join(row)} |" for row in (_HEADER, rule, *map(_row, lines)))


def _row(line: Line) -> Sequence[str]:
    times = {arm.cell.arm: ms(arm.median_ms) for arm in line.row.arms if arm.median_ms}
    covered = line.covered
    return (
        line.row.runtime, line.row.model, line.cap,
        *(times.get(arm, "failed") for arm in _ARMS),
        *(_speedup_over(line, arm) for arm in _ARMS[:-1]),
        _reorders(line), _left_in_float(line), _NOTHING if covered is None else percent(covered),
    )  # fmt: skip


def _against(line: Line, arm: str) -> Comparison | None:
    return next((one for one in line.comparisons if one.baseline.arm == arm), None)


def _speedup_over(line: Line, arm: str) -> str:
    found = _against(line, arm)
    return _NOTHING if found is None else _estimate(found.estimate)


def _estimate(estimate: Estimate) -> str:
    return f"{speedup(estimate.speedup)} ({interval(*estimate.speedup_bounds)})"


def _reorders(line: Line) -> str:
    """Executed Reorders of each arm: they carry no operation, so all are inserted nodes."""
    counts = [_count(_against(line, arm), "baseline") for arm in _ARMS[:-1]]
    counts.append(_count(line.comparisons[0] if line.comparisons else None, "candidate"))
    return ", ".join(counts)


def _count(found: Comparison | None, side: str) -> str:
    if found is None or found.coverage is None:
        return _NOTHING
    nodes = [node for node in found.inserted if node.side == side]
    return str(sum(node.layer.node_type == "Reorder" for node in nodes))


def _left_in_float(line: Line) -> str:
    """Depthwise convolutions that INT8 runs in float, of all that the model has."""
    if not line.comparisons or line.comparisons[0].coverage is None:
        return _NOTHING
    floats = [
        name
        for group in line.comparisons[0].groups
        for name in line.depthwise.intersection(group.source_ops)
        if _runs_in_float(group)
    ]
    return f"{len(floats)} of {len(line.depthwise)}"


def _runs_in_float(group: Group) -> bool:
    """Of the layers that say they are depthwise; else of any, where it was fused into one."""
    heavy = [layer for layer in group.candidate if is_heavy((layer.node_type,))]
    named = [layer for layer in heavy if _DEPTHWISE in map(base_type, layer.op_types)]
    return any(is_float(layer.runtime_precision) for layer in named or heavy)


def _failures(lines: Sequence[Line]) -> tuple[str, ...]:
    failed = [arm for line in lines for arm in line.row.arms if arm.median_ms is None]
    return tuple(_failure(arm) for arm in failed)


def _failure(arm: ArmTime) -> str:
    return f"failed: {_named(arm.cell)}: {arm.error or 'no reason is known'}"


def _named(cell: CellView) -> str:
    cap = f", capped to {cell.isa_cap}" if cell.isa_cap else ""
    return f"{cell.model} {cell.arm} on OpenVINO {cell.runtime}{cap}"


def _measured_row(
    lines: Sequence[Line], asked: Asked, cap: str, how: str, table: Sequence[str]
) -> Row:
    """Whether each version that is required with this cap has all arms of all models."""
    required = asked.required(cap)
    missed = {name: why for name in required if (why := _missing(lines, asked, cap, name))}
    without = f", without {', '.join(missed)}" if missed else ""
    return Row(
        part="versions",
        what=f"OpenVINO versions measured with all arms, {_cap_words(cap)}",
        bar=", ".join(required),
        measured=f"{len(required) - len(missed)} of {len(required)}{without}",
        ok=not missed,
        how=how,
        details=(*(f"missed: {name}: {why}" for name, why in missed.items()), *table),
    )


def _cap_words(cap: str) -> str:
    return _NATIVE if cap == _NO_CAP else f"capped to {cap}"


def _missing(lines: Sequence[Line], asked: Asked, cap: str, name: str) -> str:
    """Why a version is not measured with this cap; empty where it is."""
    wanted = _NATIVE if cap == _NO_CAP else cap
    found = [line for line in lines if line.cap == wanted and is_of(line.row.runtime, name)]
    for model in asked.models:
        line = next((line for line in found if line.row.model == model), None)
        if line is None:
            return asked.refused.get(name, f"{model} was not launched")
        if not line.is_measured:
            failed = [arm for arm in line.row.arms if arm.median_ms is None]
            return _failure(failed[0]) if failed else f"{model} has not all arms"
    return ""


def is_of(runtime: str, name: str) -> bool:
    """Whether a measured version is the one that was asked for: 2022.3.2 is of 2022.3."""
    return runtime == name or runtime.startswith(f"{name}.")


def _coverage_row(lines: Sequence[Line], own: str, how: str) -> Row:
    """The newest version has a higher bar: its names are the float model's own."""
    newest = [line for line in lines if is_of(line.row.runtime, own)]
    older = [line for line in lines if line not in newest]
    low, high = _lowest(older), _lowest(newest)
    return Row(
        part="versions",
        what="layers of INT8 and float that are matched, by time",
        bar=f"{percent(_OLD_COVERAGE)} on old versions, {percent(_NEWEST_COVERAGE)} on the newest",
        measured=f"{percent(low)} and {percent(high)}",
        ok=low >= _OLD_COVERAGE and high >= _NEWEST_COVERAGE,
        how=how,
    )


def _lowest(lines: Sequence[Line]) -> float:
    return min((line.covered for line in lines if line.covered is not None), default=0.0)
