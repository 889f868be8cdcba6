"""What others have published for a model on CPUs of an instruction set: medians and ranges.

Published figures lie in the store as runs of kind ``published``; they stand beside what was
measured, always marked, and enter no verdict. Nothing is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from results import queries
from results.comparison import PUBLISHED, CellView
from results.isa import Isa, best_isa
from results.kinds import is_int8_variant, normalised
from results.store import Index
from results.views import LaunchView

FLOAT_ARM = "fp32@f32"


@dataclass(frozen=True)
class PublishedArm:
    """The median of an arm's published inferences per second, over ``platforms`` CPUs."""

    arm: str
    median_fps: float
    platforms: int


@dataclass(frozen=True)
class PublishedSpeedup:
    """How many times as fast INT8 was published to be on CPUs of an instruction set.

    ``speedup`` is the median over ``platforms`` CPUs of INT8's inferences per second over those
    of the float arm ``baseline``; ``low`` and ``high`` are the smallest and the largest, no
    interval. ``names`` are the CPUs, ``sources`` say where the figures are from.
    """

    model: str
    isa: Isa
    baseline: str
    speedup: float
    low: float
    high: float
    platforms: int
    names: tuple[str, ...]
    arms: tuple[PublishedArm, ...]
    runtimes: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """``published for AVX2 CPUs: 1.97x (1.60 to 2.48, 8 CPUs), OpenVINO 2024.1``."""
        cpus = "1 CPU" if self.platforms == 1 else f"{self.platforms} CPUs"
        versions = ", ".join(self.runtimes)
        return (
            f"published for {self.isa.value} CPUs: {self.speedup:.2f}x ({self.low:.2f} to"
            f" {self.high:.2f}, {cpus}), OpenVINO {versions}"
        )


@dataclass(frozen=True)
class _Figure:
    """One published figure of a cell."""

    cell: CellView
    fps: float
    source: str | None
    run_id: str


def published_for(
    index: Index, model: str, isa: Isa, baseline: str = FLOAT_ARM
) -> PublishedSpeedup | None:
    """What was published for a model on CPUs of this instruction set; None where nothing was.

    Names match in their normalised form. Of a CPU that was published twice the newest import
    counts.
    """
    return speedup_of(_figures(index), model, isa, baseline)


def published_models(index: Index) -> tuple[str, ...]:
    """Names of the models for which the store holds published figures."""
    cells = (cell for cell in queries.cells(index) if cell.origin == PUBLISHED)
    return tuple(dict.fromkeys(cell.model for cell in cells))


def speedup_of(
    figures: Sequence[_Figure], model: str, isa: Isa, baseline: str
) -> PublishedSpeedup | None:
    """As ``published_for``, from figures in memory."""
    wanted = normalised(model)
    own = [
        figure
        for figure in figures
        if normalised(figure.cell.model) == wanted
        and best_isa(figure.cell.isa_flags, figure.cell.isa_cap) is isa
    ]
    pairs = _pairs(own, baseline)
    if not pairs:
        return None
    ratios = [int8.fps / floating.fps for int8, floating in pairs]
    used = [figure for pair in pairs for figure in pair]
    return PublishedSpeedup(
        model=pairs[0][0].cell.model,
        isa=isa,
        baseline=baseline,
        speedup=median(ratios),
        low=min(ratios),
        high=max(ratios),
        platforms=len(pairs),
        names=tuple(int8.cell.device for int8, _ in pairs),
        arms=_arms(own),
        runtimes=tuple(sorted({figure.cell.runtime for figure in used})),
        sources=tuple(sorted({figure.source for figure in used if figure.source})),
    )


def _pairs(figures: Iterable[_Figure], baseline: str) -> list[tuple[_Figure, _Figure]]:
    """INT8 and the baseline arm of each CPU, from one import and one OpenVINO, the newest."""
    found: dict[tuple[str, str, str], dict[str, _Figure]] = {}
    for figure in figures:
        key = figure.cell.device_id, figure.run_id, figure.cell.runtime_id
        side = "int8" if is_int8_variant(figure.cell.variant_kind) else figure.cell.arm
        found.setdefault(key, {})[side] = figure
    newest = {
        key[0]: (sides["int8"], sides[baseline])
        for key, sides in found.items()
        if {"int8", baseline} <= sides.keys()
    }
    return list(newest.values())


def _arms(figures: Iterable[_Figure]) -> tuple[PublishedArm, ...]:
    by_arm: dict[str, dict[str, float]] = {}
    for figure in figures:
        by_arm.setdefault(figure.cell.arm, {})[figure.cell.device_id] = figure.fps
    return tuple(
        PublishedArm(arm, median(fps.values()), len(fps)) for arm, fps in sorted(by_arm.items())
    )


def _figures(index: Index) -> list[_Figure]:
    cells = {cell.cell_id: cell for cell in queries.cells(index) if cell.origin == PUBLISHED}
    if not cells:
        return []
    sources = {run.run_id: run.source for run in queries.run_views(index)}
    return [
        _Figure(cells[launch.cell_id], launch.throughput_fps, sources.get(launch.run_id),
                launch.run_id)
        for launch in _launches(index, list(cells))
        if launch.throughput_fps
    ]  # fmt: skip


def _launches(index: Index, cell_ids: Sequence[str]) -> tuple[LaunchView, ...]:
    return queries.launches(index, cell_ids=cell_ids)
