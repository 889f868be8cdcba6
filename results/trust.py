"""What lowers trust in a comparison: which cautions apply to it.

Decides when a caution is raised and which stored ones concern this pair; their words
are in ``results.cautions``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from results import cautions as words
from results.align import Alignment
from results.comparison import Attribution, CellView, Estimate, ShownCaution
from results.facts import Caution
from results.groups import heavy_layers
from results.inserted import BASELINE, CANDIDATE
from results.kinds import is_half, is_int8, is_int8_variant
from results.views import LaunchView

FEW_BLOCKS = 5
"""Fewer blocks than this get a caution (the collector measures no fewer by itself)."""
LOW_COVERAGE = 0.99
UNSTEADY = 1.25
"""Launch medians of one cell further apart than this get a caution."""
PROFILE_PACE = 1.15
"""Counters cost a few per cent; a profile off by more than this saw another machine state."""


@dataclass(frozen=True)
class TrustInputs:
    """What the computed cautions look at; pairs are (baseline, candidate)."""

    baseline: CellView
    candidate: CellView
    runs: tuple[str, str]
    launches: tuple[LaunchView, ...]
    medians_ms: tuple[list[float], list[float]]
    profiled: tuple[bool, bool]
    estimate: Estimate
    alignment: Alignment | None
    attribution: Attribution | None

    @property
    def cells(self) -> tuple[CellView, CellView]:
        """Baseline and candidate."""
        return self.baseline, self.candidate


def computed_cautions(trust: TrustInputs) -> tuple[ShownCaution, ...]:
    """Cautions that follow from the pair itself, the gravest first."""
    return (*_axes(trust), *_measuring(trust), *_layers(trust), *_subject(trust))


def stored_cautions(
    trust: TrustInputs, stored: Sequence[Caution], used_launches: frozenset[str]
) -> tuple[ShownCaution, ...]:
    """Stored cautions about these cells, machines, runs and the launches that are used.

    Launches with the same caution are told together, with how many they are.
    """
    about = {trust.baseline.cell_id, trust.candidate.cell_id, *trust.runs}
    about |= {cell.machine_id for cell in trust.cells} | {cell.device_id for cell in trust.cells}
    concerned = [
        caution
        for caution in dict.fromkeys(stored)
        if caution.subject_id in (used_launches if caution.subject == "launch" else about)
    ]
    by_kind: dict[tuple[str, str], list[Caution]] = {}
    for caution in concerned:
        by_kind.setdefault((caution.caution_id, caution.subject), []).append(caution)
    return tuple(_together(same, len(used_launches)) for same in by_kind.values())


def _together(same: Sequence[Caution], launches: int) -> ShownCaution:
    first = same[0]
    details = list(dict.fromkeys(caution.detail for caution in same))
    detail = details[0] if len(details) == 1 else f"{details[0]} and {len(details) - 1} more"
    if first.subject == "launch":
        detail = f"{detail}, in {len(same)} of {launches} launches"
    return words.of(first.caution_id, first.subject, detail)


def _axes(trust: TrustInputs) -> Iterator[ShownCaution]:
    """In what the cells differ: a second axis is one too many, model and batch always are."""
    a, b = trust.cells
    values = (
        ("model", a.model_id, b.model_id, a.model, b.model),
        ("device", a.device_id, b.device_id, a.device, b.device),
        ("runtime", a.runtime_id, b.runtime_id, a.runtime, b.runtime),
        ("batch", a.batch, b.batch, a.batch, b.batch),
        ("arm", a.arm, b.arm, a.arm, b.arm),
        ("scenario", _scenario(a), _scenario(b), a.scenario, b.scenario),
    )
    differing = [(axis, shown_a, shown_b) for axis, x, y, shown_a, shown_b in values if x != y]
    several = len(differing) > 1
    if several:
        yield words.more_than_one_axis(tuple(axis for axis, _, _ in differing))
    for axis, shown_a, shown_b in differing:
        if axis in {"model", "batch"} or (several and axis in {"device", "runtime"}):
            yield words.different(axis, shown_a, shown_b)


def _scenario(cell: CellView) -> tuple[str, int, int | None]:
    return cell.scenario, cell.streams, cell.threads


def _measuring(trust: TrustInputs) -> Iterator[ShownCaution]:
    if not trust.estimate.paired:
        yield words.unpaired(*trust.runs)
    if trust.estimate.blocks < FEW_BLOCKS:
        yield words.few_blocks(trust.estimate.blocks)
    for cell in trust.cells:
        own = [launch for launch in trust.launches if launch.cell_id == cell.cell_id]
        failed = [launch for launch in own if not launch.ok]
        if failed:
            yield words.failed_launches(cell.arm, len(failed), len(own), failed[-1].error)
    for cell, used_ms in zip(trust.cells, trust.medians_ms, strict=True):
        if max(used_ms) > UNSTEADY * min(used_ms):
            yield words.unsteady_machine(cell.arm, min(used_ms), max(used_ms))


def _profile_ms(trust: TrustInputs, cell: CellView) -> float | None:
    """Median latency of a cell's profile launches, in ms; None where there is none."""
    found = [
        launch.p50_ms
        for launch in trust.launches
        if launch.cell_id == cell.cell_id and launch.kind == "profile" and launch.p50_ms
    ]
    return median(found) if found else None


def _pace(trust: TrustInputs) -> Iterator[ShownCaution]:
    for cell, timing_ms in zip(
        trust.cells, (trust.estimate.baseline_ms, trust.estimate.candidate_ms), strict=True
    ):
        profile_ms = _profile_ms(trust, cell)
        if profile_ms and abs(math.log(profile_ms / timing_ms)) > math.log(PROFILE_PACE):
            yield words.profile_differs(cell.arm, profile_ms, timing_ms)


def _layers(trust: TrustInputs) -> Iterator[ShownCaution]:
    for cell, profiled in zip(trust.cells, trust.profiled, strict=True):
        if not profiled:
            yield words.no_profile(cell.arm)
    yield from _pace(trust)
    if trust.attribution is not None and trust.attribution.withheld:
        attribution = trust.attribution
        yield words.layers_withheld(attribution.unattributed_us, attribution.wall_us)
    if trust.alignment is not None:
        coverage = trust.alignment.coverage
        for side, share in ((BASELINE, coverage.baseline), (CANDIDATE, coverage.candidate)):
            if share < LOW_COVERAGE:
                yield words.low_coverage(side, share)
        yield from _precision(trust, trust.alignment)


def _precision(trust: TrustInputs, alignment: Alignment) -> Iterator[ShownCaution]:
    """An f32 arm that ran in 16 bits, or an INT8 arm in which nothing ran in INT8."""
    sides = (
        [layer for group in alignment.groups for layer in group.baseline],
        [layer for group in alignment.groups for layer in group.candidate],
    )
    for cell, layers in zip(trust.cells, sides, strict=True):
        half = [layer for layer in heavy_layers(layers) if is_half(layer.runtime_precision)]
        if cell.precision == "f32" and not is_int8_variant(cell.variant_kind) and half:
            noun = "heavy layer" if len(half) == 1 else "heavy layers"
            detail = f"{len(half)} {noun} of {cell.arm} ran in {half[0].runtime_precision}"
            yield words.of("precision_not_as_asked", cell.arm, detail)
        in_int8 = any(is_int8(layer.runtime_precision) for layer in layers)
        if is_int8_variant(cell.variant_kind) and not in_int8:
            detail = f"no layer of {cell.arm} ran in INT8"
            yield words.of("precision_not_as_asked", cell.arm, detail)


def _subject(trust: TrustInputs) -> Iterator[ShownCaution]:
    """What is special about the device and the model."""
    for cell in dict.fromkeys(trust.cells):
        if cell.isa_cap is not None:
            yield words.of("capped_device", cell.device, f"{cell.device} ({cell.isa_cap})")
        if cell.model_note is not None and "synthetic" in cell.model_note:
            yield words.of("synthetic_weights", cell.model, cell.model_note)
