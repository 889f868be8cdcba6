"""What a page says first: a sentence and at most four numbers.

Counts and picks what ``overview``, the queries and the cells hold, and finds words for
it. No estimate is made here; layout and colour belong to the pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from results import format as fmt
from results.accuracy import AccuracyView
from results.accuracy_words import judged_sentence
from results.comparison import (
    MEASURED,
    CellView,
    Comparison,
    Estimate,
    PrecisionShare,
    Verdict,
)
from results.overview import ArmVerdict, OverviewRow

_ARM_WORDS = {
    "fp32@f32": "the FP32 file forced to f32",
    "fp32@default": "the FP32 file as the device runs it by default",
}

_BEST, _WORST = "Largest speed-up", "Smallest speed-up"
_MEANS = {
    Verdict.FASTER: "",
    Verdict.EQUIVALENT: "; no difference",
    Verdict.SLOWER: "; below 1x is slower",
}

_LEAST_MS = 0.1
TIME_OVER_LAUNCHES = (
    "a time is the geometric mean over the launches, each with its median latency, or in "
    "throughput its time per item"
)
"""What the time of a cell is, wherever several launches stand behind it (docs/method.md)."""
TOLD = "told, not measured"
"""In the place of a verdict, where a side was not measured here and nothing gives an interval."""


@dataclass(frozen=True)
class Figure:
    """One of the numbers at the top of a page: its name, the number with its unit, a note."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class Headline:
    """The answer of a page."""

    sentence: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Pick:
    """A row of the overview with its quickest INT8 arm against the chosen baseline.

    ``verdict`` is None where there is no estimate; ``reason`` then says why.
    """

    row: OverviewRow
    verdict: ArmVerdict | None
    reason: str | None

    @property
    def accuracy(self) -> tuple[AccuracyView, ...]:
        """How good the INT8 arm's answers are, the data that says most first."""
        return self.row.accuracy_of(self.verdict.candidate) if self.verdict else ()


def picks(rows: Sequence[OverviewRow], against: str) -> tuple[Pick, ...]:
    """For each row the INT8 arm with the lowest time, against the baseline arm ``against``."""
    return tuple(_pick(row, against) for row in rows)


def _pick(row: OverviewRow, against: str) -> Pick:
    found = [verdict for verdict in row.verdicts if verdict.baseline.arm == against]
    if found:
        return Pick(row, min(found, key=lambda verdict: verdict.estimate.candidate_ms), None)
    errors = [arm.error for arm in row.arms if arm.error]
    return Pick(row, None, errors[0] if errors else f"no pair of {against} and INT8 was measured")


def overview_headline(picked: Sequence[Pick], against: str) -> Headline:
    """How many models INT8 makes faster, and how much at best and at worst."""
    judged = [pick.verdict for pick in picked if pick.verdict is not None]
    baseline = _ARM_WORDS.get(against, against)
    if not judged and picked and all(any(arm.error for arm in one.row.arms) for one in picked):
        failed = f"INT8 could not be measured against {baseline}: cells failed, see the reasons."
        return Headline(failed, ())
    if not judged:
        return Headline(f"No INT8 arm was measured against {baseline} yet.", ())
    counts = {kind: _count(judged, kind) for kind in Verdict}
    what = _subjects(picked, len(judged))
    sentence = (
        f"INT8 is faster than {baseline} on {counts[Verdict.FASTER]} of {what}{_others(counts)}."
    )
    accuracy = judged_sentence(_judged(picked), _judged_scope(picked))
    sentence = f"{sentence} {accuracy}" if accuracy else sentence
    return Headline(sentence, _extremes(picked, counts, len(judged)))


def _judged(picked: Sequence[Pick]) -> tuple[AccuracyView, ...]:
    """How good the picked variants are, each once, on the data that says most."""
    found = {
        pick.verdict.candidate.variant_id: pick.accuracy[0] for pick in picked
        if pick.verdict is not None and pick.accuracy
    }  # fmt: skip
    return tuple(found.values())


def _judged_scope(picked: Sequence[Pick]) -> str:
    """Which models were judged on labelled data, where those are not all."""
    models = {pick.row.model_id for pick in picked}
    titles = {
        pick.row.model_id: pick.row.model_title for pick in picked
        if pick.accuracy and pick.accuracy[0].top1
        and pick.accuracy[0].top1.drop_points is not None
    }  # fmt: skip
    if len(titles) == len(models):
        return ""
    of = f"{len(titles)} of {len(models)} models"
    return f" of {next(iter(titles.values()))} ({of})" if len(titles) == 1 else f" ({of})"


def _count(judged: Sequence[ArmVerdict], kind: Verdict) -> int:
    return sum(verdict.estimate.verdict is kind for verdict in judged)


def _subjects(picked: Sequence[Pick], total: int) -> str:
    """What was counted: models on the one device, or pairs of model and device.

    What is the same in all of them, such as the version, is not named.
    """
    devices = {pick.row.device for pick in picked}
    settings = {(p.row.device_id, p.row.runtime_id, p.row.scenario_title) for p in picked}
    if len(settings) == 1:
        noun = "model" if total == 1 else "models"
        return f"{total} {noun} on {next(iter(devices))}"
    kinds = {
        "model": {pick.row.model_id for pick in picked},
        "device": {pick.row.device_id for pick in picked},
        "version": {pick.row.runtime for pick in picked},
        "scenario": {pick.row.scenario_title for pick in picked},
    }
    several = [name for name, found in kinds.items() if len(found) > 1] or ["setting"]
    if len(several) == 1:
        return f"{total} {several[0]}s"
    return f"{total} combinations of {', '.join(several[:-1])} and {several[-1]}"


def _others(counts: dict[Verdict, int]) -> str:
    """What became of the rest."""
    words = {
        Verdict.SLOWER: "slower on",
        Verdict.EQUIVALENT: "equivalent on",
        Verdict.INCONCLUSIVE: "inconclusive on",
    }
    parts = [f"{word} {counts[kind]}" for kind, word in words.items() if counts[kind]]
    return f", {', '.join(parts)}" if parts else ""


def _extremes(picked: Sequence[Pick], counts: dict[Verdict, int], total: int) -> tuple[Figure, ...]:
    """The counts, then the best and the worst of the settled verdicts."""
    return (
        Figure("INT8 is faster", f"{counts[Verdict.FASTER]} of {total}", _about(picked, total)),
        Figure(
            "INT8 is slower",
            f"{counts[Verdict.SLOWER]} of {total}",
            f"{counts[Verdict.INCONCLUSIVE]} inconclusive, {counts[Verdict.EQUIVALENT]} equivalent",
        ),
        *_speedups(picked, counts[Verdict.INCONCLUSIVE]),
    )


def _about(picked: Sequence[Pick], total: int) -> str:
    """``120 verdicts: 20 models on 40 devices``."""
    judged = [pick.row for pick in picked if pick.verdict is not None]
    models = fmt.counted(len({row.model_id for row in judged}), "model")
    devices = fmt.counted(len({row.device_id for row in judged}), "device")
    return f"{fmt.counted(total, 'verdict')}: {models} on {devices}"


def ranked(picked: Sequence[Pick]) -> tuple[ArmVerdict, ...]:
    """The settled verdicts, the largest speed-up first and the largest slow-down last.

    An inconclusive verdict has no speed-up that could be told as a result.
    """
    settled = [
        pick.verdict for pick in picked
        if pick.verdict is not None and pick.verdict.estimate.verdict is not Verdict.INCONCLUSIVE
    ]  # fmt: skip
    return tuple(sorted(settled, key=lambda verdict: -verdict.estimate.speedup))


def _speedups(picked: Sequence[Pick], inconclusive: int) -> tuple[Figure, ...]:
    found = ranked(picked)
    if not found:
        return (Figure("Largest speed-up", fmt.DASH, "no verdict is settled"),)
    several = len({pick.row.device for pick in picked}) > 1
    best = _speedup_figure(_BEST, found[0], several=several)
    are = "is" if inconclusive == 1 else "are"
    left = f"; {inconclusive} inconclusive {are} not ranked" if inconclusive else ""
    return (best, *(
        _speedup_figure(_WORST, one, several=several, left=left) for one in found[1:][-1:]
    ))  # fmt: skip


def _speedup_figure(label: str, verdict: ArmVerdict, *, several: bool, left: str = "") -> Figure:
    cell, estimate = verdict.candidate, verdict.estimate
    where = f" on {cell.device}" if several else ""
    interval = fmt.interval(*estimate.speedup_bounds)
    means = _MEANS.get(estimate.verdict, "")
    note = f"{cell.model_title}{where}; 95 %: {interval}{means}{left}"
    return Figure(label, fmt.speedup(estimate.speedup), note)


@dataclass(frozen=True)
class Failure:
    """Cells that could not be measured for one reason, on a device with a runtime.

    ``older_shown`` says that an older run has a result of each, which is shown.
    """

    device: str
    runtime: str
    arms: tuple[str, ...]
    models: tuple[str, ...]
    reason: str
    older_shown: bool = False


def failures(rows: Sequence[OverviewRow]) -> tuple[Failure, ...]:
    """What of these rows could not be measured, told once for each reason."""
    found: dict[tuple[str, str, str, bool], list[CellView]] = {}
    for row in rows:
        for arm in row.arms:
            if arm.error is not None:
                key = row.device, row.runtime, arm.error, arm.is_older
                found.setdefault(key, []).append(arm.cell)
    return tuple(
        Failure(
            device,
            runtime,
            tuple(dict.fromkeys(cell.arm for cell in cells)),
            tuple(dict.fromkeys(cell.model_title for cell in cells)),
            reason,
            is_older,
        )
        for (device, runtime, reason, is_older), cells in found.items()
    )


def time_name(cells: Sequence[CellView]) -> str:
    """What the headline of these cells is: a latency, a time per item, or both kinds."""
    kinds = {cell.is_throughput for cell in cells}
    if len(kinds) > 1:
        return "Median latency or time per item"
    return "Time per item" if True in kinds else "Median latency"


def layer_time_name(cells: Sequence[CellView]) -> str:
    """What the layer times of a comparison of these cells count for."""
    kinds = {cell.is_throughput for cell in cells}
    if len(kinds) > 1:
        return "Time per inference or item"
    return "Time per item" if True in kinds else "Time per inference"


def time_words(cell: CellView, time_ms: float | None) -> str:
    """A headline: ``1.10 ms``, in throughput ``908 inferences/s, 1.10 ms per item``."""
    if not cell.is_throughput or time_ms is None:
        return fmt.ms(time_ms)
    return f"{fmt.number(1000.0 / time_ms)} inferences/s, {fmt.ms(time_ms)} per item"


def is_told(comparison: Comparison) -> bool:
    """Whether a side was not measured here and nothing gives an interval: then no verdict."""
    measured = comparison.baseline.is_measured and comparison.candidate.is_measured
    return not measured and comparison.estimate.ci_low is None


def no_layers(comparison: Comparison) -> str:
    """Why a comparison without an attribution has none."""
    a, b = comparison.baseline, comparison.candidate
    sides = ((a, comparison.baseline_precisions), (b, comparison.candidate_precisions))
    bare = [cell for cell, shares in sides if not shares]
    if a.model_id != b.model_id and {a.origin, b.origin} == {MEASURED}:
        return "the models differ"
    if bare:
        return f"no layers of {' and '.join(cell.arm for cell in bare)} are stored"
    if not (a.is_measured and b.is_measured):
        return (
            "the layers of imported results cannot be laid side by side, because the operations "
            "of their model are not known; the page Layers has them, each cell by itself"
        )
    return "the operations of the model are not known"


def told_alone(comparison: Comparison) -> tuple[CellView, ...]:
    """Without an attribution, the sides whose inserted layers are known all the same.

    They were profiled here, and the other side has nothing to lay theirs beside: it is another
    model, or has no layers.
    """
    a, b = comparison.baseline, comparison.candidate
    sides = ((a, comparison.baseline_precisions), (b, comparison.candidate_precisions))
    found = tuple(cell for cell, shares in sides if shares and cell.is_measured)
    return () if len(found) == len(sides) and a.model_id == b.model_id else found


def comparison_figures(comparison: Comparison) -> tuple[Figure, ...]:
    """The numbers of a comparison: speed-up, both times, and what they rest on."""
    estimate = comparison.estimate
    low, high = estimate.speedup_bounds
    if estimate.paired:
        blocks = fmt.counted(estimate.blocks, "paired block")
    else:
        blocks = f"{fmt.counted(estimate.blocks, 'launch')}, unpaired"
    per_item = "per item, " if comparison.candidate.is_throughput else ""
    return (
        Figure("Speed-up", fmt.speedup(estimate.speedup), f"95 %: {fmt.interval(low, high)}"),
        _time_figure("Baseline", comparison.baseline, estimate.baseline_ms),
        _time_figure("Candidate", comparison.candidate, estimate.candidate_ms),
        Figure("Difference", _difference(estimate), f"{per_item}{blocks}"),
    )


def _time_figure(label: str, cell: CellView, time_ms: float) -> Figure:
    """A latency, or in throughput the inferences per second with the time per item."""
    if not cell.is_throughput:
        return Figure(label, fmt.ms(time_ms), cell.arm)
    note = f"{cell.arm}, {fmt.ms(time_ms)} per item"
    return Figure(label, fmt.fps(fmt.per_second(time_ms)), note)


def _difference(estimate: Estimate) -> str:
    """In ms, as both times beside it are; in µs where that is less than a tenth of one."""
    difference_ms = estimate.candidate_ms - estimate.baseline_ms
    if abs(difference_ms) < _LEAST_MS:
        return fmt.delta_us(difference_ms * 1000.0)
    return f"{'+' if difference_ms > 0 else ''}{fmt.ms(difference_ms)}"


def precision_shares(kernels: pa.Table) -> tuple[PrecisionShare, ...]:
    """The rows of ``queries.kernel_rollup`` by precision, the largest share first."""
    found: dict[str, list[dict[str, float]]] = {}
    for row in kernels.to_pylist():
        found.setdefault(row["runtime_precision"], []).append(row)
    shares = [
        PrecisionShare(
            precision,
            sum(row["layers"] for row in rows),
            sum(row["time_us"] or 0.0 for row in rows),
            sum(row["time_share"] or 0.0 for row in rows),
        )
        for precision, rows in found.items()
    ]
    return tuple(sorted(shares, key=lambda share: -share.time_us))
