"""One model on many devices: how long it takes on each, what INT8 gains there, which is first.

Pure: rows of the overview, facts of devices and times of cells in, frozen rows out. SQL for
them stands in ``results.device_queries``, classes of instruction sets in
``results.isa_gains``, the words of the answer in ``results.device_words``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from results.comparison import CellView, Estimate
from results.headline import Pick, picks
from results.isa import Ceiling, Isa, best_isa, ceiling
from results.kinds import is_int8_variant
from results.overview import ArmTime, ArmVerdict, OverviewRow
from results.stats import t_quantile

_HALF_HINTS = {"bfloat16": "bf16", "bf16": "bf16", "float16": "f16", "f16": "f16"}
_FULL_HINTS = {"float32": "f32", "f32": "f32"}
_MS_PER_S = 1000.0
_GIGA = 1e9


@dataclass(frozen=True)
class DeviceFacts:
    """A device with the facts of its machine; ``title`` says so where it is capped.

    What is not known is None; ``isa_flags`` are those of the machine, before any cap.
    """

    device_id: str
    title: str
    ov_device: str
    isa_cap: str | None
    cpu: str
    hostname: str
    isa_flags: tuple[str, ...]
    physical_cores: int | None
    logical_cpus: int | None
    memory_mib: int | None
    governor: str | None
    hypervisor: str | None

    @property
    def isa(self) -> Isa | None:
        """The best instruction set that the cap allows; None where none is known."""
        return best_isa(self.isa_flags, self.isa_cap)


@dataclass(frozen=True)
class CellTime:
    """The launches of a cell that count, in figures; times in ms.

    ``log_mean`` and ``log_spread`` are mean and standard deviation of ln(headline in ms) over
    ``launches`` launches of run ``run_id``, one a block; ``log_spread`` is None with one launch.
    ``hint`` is the execution precision that the compiled model reported, None where it did not.
    """

    cell_id: str
    run_id: str
    launches: int
    log_mean: float
    log_spread: float | None
    hint: str | None

    @property
    def time_ms(self) -> float:
        """Geometric mean of the launches' headlines."""
        return math.exp(self.log_mean)

    @property
    def bounds_ms(self) -> tuple[float, float] | None:
        """95 % interval of that mean, exp(mean ± t·s/√n) of the logarithms; None for one launch.

        Valid where launches of different blocks are independent.
        """
        if self.log_spread is None or self.launches < 2:
            return None
        half = t_quantile(self.launches - 1) * self.log_spread / math.sqrt(self.launches)
        return math.exp(self.log_mean - half), math.exp(self.log_mean + half)

    @property
    def precision(self) -> str | None:
        """``bf16``, ``f16`` or ``f32``, from the hint; None where it tells none of them."""
        known = _HALF_HINTS | _FULL_HINTS
        words = (self.hint or "").replace("<Type: '", "").replace("'>", "")
        return known.get(words)


@dataclass(frozen=True)
class DevicePeaks:
    """The most that a device did, of the newest run that measured its peaks; None: not measured.

    Computing in 10^9 operations per second, memory in 10^9 bytes per second, at the largest
    working set. ``whole_device`` says that all physical cores took part.
    """

    device_id: str
    run_id: str
    runtime: str
    whole_device: bool
    int8_gflops: float | None
    f32_gflops: float | None
    memory_gbs: float | None


@dataclass(frozen=True)
class TimedArm:
    """An arm on a device: its cell, and the launches of it that count."""

    cell: CellView
    time: CellTime


@dataclass(frozen=True)
class DeviceRow:
    """The model on one device: the INT8 arm, the float arm beside it, and what INT8 gains.

    Beside a verdict both times are of its run. ``failed`` are arms that were looked at and failed
    in their latest run; what stands here of them is from an older one. An arm is None where it
    has no time; ``verdict`` is None where there is no estimate, and ``reason`` then says why.
    ``label`` names the device, with its host where several have the same title. ``share_of_peak``
    is what INT8 achieved of the measured INT8 peak, 1 is the peak. ``certified`` is None where
    nobody said.
    """

    label: str
    facts: DeviceFacts
    row: OverviewRow
    int8: TimedArm | None
    floating: TimedArm | None
    verdict: ArmVerdict | None
    reason: str | None
    peaks: DevicePeaks | None
    share_of_peak: float | None
    certified: bool | None
    failed: tuple[ArmTime, ...] = ()

    @property
    def best(self) -> TimedArm | None:
        """The quicker of the two arms."""
        arms = [arm for arm in (self.int8, self.floating) if arm is not None]
        return min(arms, key=lambda arm: arm.time.time_ms, default=None)

    @property
    def float_precision(self) -> str | None:
        """What the float arm ran in; None where that is not known."""
        if self.floating is None:
            return None
        asked = self.floating.cell.precision
        return self.floating.time.precision or (asked if asked != "default" else None)

    @property
    def ceiling(self) -> Ceiling | None:
        """What INT8 could gain in one convolution here, over what the float arm ran in."""
        if self.float_precision is None:
            return None
        return ceiling(self.facts.isa_flags, self.facts.isa_cap, self.float_precision)

    @property
    def has_failed(self) -> bool:
        """Whether an arm failed, so that there is no verdict."""
        return self.verdict is None and any(arm.error for arm in self.row.arms)

    @property
    def is_older(self) -> bool:
        """Whether an arm of the verdict failed in its latest run, so that it is of an older one."""
        sides = (self.verdict.candidate, self.verdict.baseline) if self.verdict else ()
        return any(arm.cell in sides for arm in self.failed)


@dataclass(frozen=True)
class Known:
    """What is known of devices and cells beside the overview; devices and cells by id.

    ``times`` are of each cell's latest run, ``shared`` by pair those of the pair's verdict.
    ``certified`` holds the devices, with a runtime, whose verdicts are certified;
    ``operations`` is what the model does per item, None where it was not counted.
    """

    facts: Mapping[str, DeviceFacts]
    times: Mapping[str, CellTime]
    peaks: Mapping[str, DevicePeaks]
    certified: Mapping[tuple[str, str], bool]
    operations: float | None
    shared: Mapping[tuple[str, str], tuple[CellTime, CellTime]] = field(default_factory=dict)


@dataclass(frozen=True)
class Lead:
    """The fastest device against another: how many times as fast, with the interval.

    ``estimate`` has the other's arm as baseline; None where they cannot be compared.
    """

    first: DeviceRow
    other: DeviceRow
    estimate: Estimate | None


def device_rows(
    rows: Sequence[OverviewRow], against: str, arm: str, known: Known
) -> tuple[DeviceRow, ...]:
    """A row for each of these, all of one model; the lowest INT8 time first, none last.

    ``against`` is the float arm, ``arm`` the INT8 arm, empty for the quickest on each device.
    """
    labels = _labels([known.facts[row.device_id] for row in rows])
    found = [
        _device_row(pick, labels[pick.row.device_id], against, arm, known)
        for pick in _picked(rows, against, arm)
    ]
    return tuple(sorted(found, key=_order))


def fastest(rows: Sequence[DeviceRow]) -> tuple[DeviceRow, ...]:
    """The rows that have a time, by the time of their quicker arm."""
    timed = [(row.best.time.time_ms, number) for number, row in enumerate(rows) if row.best]
    return tuple(rows[number] for _, number in sorted(timed))


def _picked(rows: Sequence[OverviewRow], against: str, arm: str) -> tuple[Pick, ...]:
    if not arm:
        return picks(rows, against)
    return tuple(_pick_of(row, against, arm) for row in rows)


def _pick_of(row: OverviewRow, against: str, arm: str) -> Pick:
    for verdict in row.verdicts:
        if (verdict.baseline.arm, verdict.candidate.arm) == (against, arm):
            return Pick(row, verdict, None)
    errors = [one.error for one in row.arms if one.error and one.cell.arm in {against, arm}]
    return Pick(row, None, errors[0] if errors else f"no pair of {against} and {arm} was measured")


def _device_row(pick: Pick, label: str, against: str, arm: str, known: Known) -> DeviceRow:
    row, facts = pick.row, known.facts[pick.row.device_id]
    int8, floating = _arms(pick, against, arm, known)
    peaks = known.peaks.get(row.device_id)
    return DeviceRow(
        label=label,
        facts=facts,
        row=row,
        int8=int8,
        floating=floating,
        verdict=pick.verdict,
        reason=pick.reason,
        peaks=peaks,
        share_of_peak=share_of_peak(int8, peaks, known.operations),
        certified=known.certified.get((row.device_id, row.runtime_id)),
        failed=tuple(
            one for one in row.arms if one.error and _is_looked_at(one.cell, against, arm)
        ),
    )


def _is_looked_at(cell: CellView, against: str, arm: str) -> bool:
    return cell.arm == against or (is_int8_variant(cell.variant_kind) and arm in {"", cell.arm})


def _arms(
    pick: Pick, against: str, arm: str, known: Known
) -> tuple[TimedArm | None, TimedArm | None]:
    """INT8 and float; where they share a run both are of it, as their verdict is."""
    if pick.verdict is not None:
        baseline, candidate = pick.verdict.baseline, pick.verdict.candidate
        shared = known.shared.get((baseline.cell_id, candidate.cell_id))
        if shared is not None:
            return TimedArm(candidate, shared[1]), TimedArm(baseline, shared[0])
    return _timed(_int8_cell(pick, arm), known), _timed(_float_cell(pick, against), known)


def share_of_peak(
    arm: TimedArm | None, peaks: DevicePeaks | None, operations: float | None
) -> float | None:
    """Operations per second of an INT8 arm over the measured INT8 peak; 1 is the peak.

    ``operations`` are per item. Only where the peaks are of the whole device and the cell was
    left free to use it; layers that run in float count as if they ran in INT8, so that it says
    how much of the device the model as a whole has use for.
    """
    if arm is None or peaks is None or not peaks.int8_gflops or not operations:
        return None
    if not peaks.whole_device or arm.cell.threads is not None:
        return None
    items = 1 if arm.cell.is_throughput else arm.cell.batch
    per_second = operations * items / (arm.time.time_ms / _MS_PER_S)
    return per_second / (peaks.int8_gflops * _GIGA)


def _int8_cell(pick: Pick, arm: str) -> CellView | None:
    if pick.verdict is not None:
        return pick.verdict.candidate
    return _quickest(
        [
            one for one in pick.row.arms
            if is_int8_variant(one.cell.variant_kind) and arm in {"", one.cell.arm}
        ]
    )  # fmt: skip


def _float_cell(pick: Pick, against: str) -> CellView | None:
    if pick.verdict is not None:
        return pick.verdict.baseline
    return _quickest([one for one in pick.row.arms if one.cell.arm == against])


def _quickest(arms: Sequence[ArmTime]) -> CellView | None:
    timed = [(arm.median_ms, arm.cell) for arm in arms if arm.median_ms is not None]
    return min(timed, key=lambda one: one[0])[1] if timed else None


def _timed(cell: CellView | None, known: Known) -> TimedArm | None:
    time = known.times.get(cell.cell_id) if cell is not None else None
    return TimedArm(cell, time) if cell is not None and time is not None else None


def _order(row: DeviceRow) -> tuple[bool, float, str]:
    if row.int8 is not None:
        return False, row.int8.time.time_ms, row.label
    return True, row.floating.time.time_ms if row.floating else math.inf, row.label


def _labels(found: Sequence[DeviceFacts]) -> dict[str, str]:
    """By id the device's title; of equal ones with the host, and with the id where that is equal.

    A cap is part of the title and stays.
    """
    unique = list({one.device_id: one for one in found}.values())
    titles = Counter(one.title for one in unique)
    named = {
        one.device_id: one.title if titles[one.title] == 1 else f"{one.title} ({one.hostname})"
        for one in unique
    }
    names = Counter(named.values())
    return {i: name if names[name] == 1 else f"{name} ({i[:8]})" for i, name in named.items()}
