"""What others have published for a model on CPUs of an instruction set: median and range.

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
from results.trust import DOUBTED

UNKNOWN = "unknown"
"""The version of a runtime of which nobody told it."""
FLOAT_ARM = "fp32@f32"


@dataclass(frozen=True)
class PublishedSpeedup:
    """How many times INT8's throughput was published to be on CPUs of an instruction set.

    ``speedup`` is the median over ``platforms`` CPUs of INT8's inferences per second over those
    of the float arm ``baseline``; ``low`` and ``high`` are the smallest and the largest, no
    interval. ``doubted`` CPUs are left out, of which a figure may be a mistake. ``runtimes`` are
    the OpenVINO versions that are known, ``sources`` say where the figures are from.
    """

    isa: Isa
    baseline: str
    speedup: float
    low: float
    high: float
    platforms: int
    doubted: int
    runtimes: tuple[str, ...]
    sources: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """``published for AVX2 CPUs: 1.97x (1.60 to 2.48, 8 CPUs), OpenVINO 2024.1``.

        Whoever shows it says of what: throughput against ``baseline``, no latency.
        """
        cpus = "1 CPU" if self.platforms == 1 else f"{self.platforms} CPUs"
        doubted = f"; {self.doubted} doubted, left out" if self.doubted else ""
        versions = f", OpenVINO {', '.join(self.runtimes)}" if self.runtimes else ""
        return (
            f"published for {self.isa.value} CPUs: {self.speedup:.2f}x ({self.low:.2f} to"
            f" {self.high:.2f}, {cpus}{doubted}){versions}"
        )


@dataclass(frozen=True)
class _Figure:
    """One published figure of a cell; ``doubted`` says that it may be a mistake."""

    cell: CellView
    fps: float
    source: str | None
    run_id: str
    doubted: bool


def published_for(
    index: Index, model: str, isa: Isa, baseline: str = FLOAT_ARM
) -> PublishedSpeedup | None:
    """What was published for a model on CPUs of this instruction set; None where nothing was.

    ``baseline`` is the float arm in what it really ran, such as ``fp32@bf16`` for the default
    of a CPU that runs bf16 by itself; where nothing was published for it, ``fp32@f32`` is taken
    and ``PublishedSpeedup.baseline`` says so. Names match in their normalised form. Of a CPU
    that was published twice the newest import counts.
    """
    wanted = normalised(model)
    own = [
        figure
        for figure in _figures(index)
        if normalised(figure.cell.model) == wanted
        and best_isa(figure.cell.isa_flags, figure.cell.isa_cap) is isa
    ]
    found = (_speedup(own, isa, arm) for arm in dict.fromkeys((baseline, FLOAT_ARM)))
    return next((one for one in found if one is not None), None)


def _speedup(own: Sequence[_Figure], isa: Isa, baseline: str) -> PublishedSpeedup | None:
    """As ``published_for``, from the figures of this model and instruction set."""
    every = _pairs(own, baseline)
    pairs = [pair for pair in every if not any(figure.doubted for figure in pair)]
    if not pairs:
        return None
    ratios = [int8.fps / floating.fps for int8, floating in pairs]
    used = [figure for pair in pairs for figure in pair]
    return PublishedSpeedup(
        isa=isa,
        baseline=baseline,
        speedup=median(ratios),
        low=min(ratios),
        high=max(ratios),
        platforms=len(pairs),
        doubted=len(every) - len(pairs),
        runtimes=tuple(sorted({figure.cell.runtime for figure in used} - {UNKNOWN})),
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


def _figures(index: Index) -> list[_Figure]:
    cells = {cell.cell_id: cell for cell in queries.cells(index) if cell.origin == PUBLISHED}
    if not cells:
        return []
    sources = {run.run_id: run.source for run in queries.run_views(index)}
    doubted = {
        (caution.run_id, caution.subject_id)
        for caution in queries.cautions(index, list(sources))
        if caution.caution_id in DOUBTED
    }
    return [
        _Figure(cells[launch.cell_id], launch.throughput_fps, sources.get(launch.run_id),
                launch.run_id, (launch.run_id, launch.cell_id) in doubted)
        for launch in queries.launches(index, cell_ids=list(cells))
        if launch.throughput_fps
    ]  # fmt: skip
