"""OpenVINO from 2021 to today on one machine: what INT8 gains, and what stands in its way.

All versions share the blocks of one run, natively and capped to AVX2. What was measured is
read back through ``results``; a cell that failed is shown with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
from tests.benchmarks.commands import opened, run_collector
from tests.benchmarks.rows import Row
from tests.benchmarks.settings import Settings

_VERSIONS = ("2021.2", "2021.4.2", "2022.3.2", "2023.3", "2024.6", "2025.4")
_QUICK_VERSIONS = ("2024.6",)
_MODELS = ("mobilenet_v3_large", "mobilenet_v2")
_ARMS = ("fp32@f32", "fp32@default", "int8-simplified@default")
_CAPS = ("none", "AVX2")
_LEAST_VERSIONS = 5
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
        return self.row.arms[0].cell.isa_cap or "native"

    @property
    def is_measured(self) -> bool:
        """Whether INT8 and both float arms were measured."""
        return len(self.comparisons) == len(_ARMS) - 1

    @property
    def covered(self) -> float | None:
        """The lowest share of time that is matched, of all sides; None without layers."""
        found = [one.coverage for one in self.comparisons if one.coverage]
        return min((min(one.baseline, one.candidate) for one in found), default=None)


def versions(settings: Settings) -> tuple[Row, ...]:
    """One run of all versions into an empty store; the table is among the details."""
    data = settings.subfolder("versions") / "store"
    wanted = _QUICK_VERSIONS if settings.quick else _VERSIONS
    own = installed_version("openvino")
    there = [*_added(wanted, data), own]
    _measure(there, data, quick=settings.quick)
    with opened(data) as index:
        lines = tuple(_line(index, row) for row in overview(index))
    lines = tuple(sorted(lines, key=lambda line: _order(line, there)))
    how = f"{len(there)} versions, {len(lines)} rows; {', '.join(_ARMS)}, one run"
    table = (*_table(lines), *_failures(lines))
    return _measured_row(lines, how, table, quick=settings.quick), _coverage_row(lines, own, how)


def _added(wanted: Sequence[str], data: Path) -> list[str]:
    """The versions that can be had here; why one cannot is a note."""
    found = []
    for name in wanted:
        try:
            run_collector("runtimes", "add", name, data=data)
        except MeasurementError as error:
            note(f"OpenVINO {name} is left out: {error.message}")
        else:
            found.append(name)
    return found


def _measure(names: Sequence[str], data: Path, *, quick: bool) -> None:
    models, caps = (_MODELS[1:], _CAPS[:1]) if quick else (_MODELS, _CAPS)
    level = ("--effort", "quick", "--blocks", "2") if quick else ("--effort", "default")
    options = {"--model": models, "--openvino": names, "--isa-cap": caps, "--arm": _ARMS}
    words = [word for name, values in options.items() for value in values for word in (name, value)]
    run_collector("run", *words, *level, "--seed", "1", data=data)


def _order(line: Line, names: Sequence[str]) -> tuple[str, bool, int]:
    """By model, natively first, then in the order of the versions."""
    place = next((at for at, name in enumerate(names) if line.row.runtime.startswith(name)), -1)
    return line.row.model, line.cap != "native", place


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


def _measured_row(lines: Sequence[Line], how: str, table: Sequence[str], *, quick: bool) -> Row:
    least = 2 if quick else _LEAST_VERSIONS
    caps = {line.cap for line in lines}
    whole = [
        runtime
        for runtime in dict.fromkeys(line.row.runtime for line in lines)
        if all(line.is_measured for line in lines if line.row.runtime == runtime)
    ]
    return Row(
        part="versions",
        what="OpenVINO versions measured with all arms",
        bar=f"at least {least}",
        measured=f"{len(whole)}, {' and '.join(sorted(caps, reverse=True))}",
        ok=len(whole) >= least,
        how=how,
        details=tuple(table),
    )


def _coverage_row(lines: Sequence[Line], own: str, how: str) -> Row:
    """The newest version has a higher bar: its names are the float model's own."""
    newest = [line for line in lines if own.startswith(line.row.runtime[:6])]
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
