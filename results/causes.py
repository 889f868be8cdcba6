"""The catalogue of causes: each declared once, found in a pair, ranked by recoverable µs.

A cause is its id, title, action, confidence and a detector from ``results.detectors``.
Causes explain why an INT8 candidate is not faster than its float baseline, so they
are looked for in such pairs only.

Rule for time that two causes claim: a layer's µs belong to the first cause, in the
order of ``CATALOGUE``, that claims the layer. So the µs of all causes never add up
to more than the candidate's executed time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from results import detectors
from results.comparison import CellView, FoundCause, Group, Inserted
from results.detectors import Case, Finding, LayerKey
from results.kinds import is_int8_variant

HIGH = "high"
MEDIUM = "medium"


@dataclass(frozen=True)
class Cause:
    """A named reason for a difference, and what tells that it is there."""

    cause_id: str
    title: str
    detector: Callable[[Case], Finding | None]
    action: str
    confidence: str


CATALOGUE: tuple[Cause, ...] = (
    Cause(
        "lone_fake_quantize",
        "Quantisation runs as a layer of its own",
        detectors.lone_fake_quantize,
        "feed data of the type that the next layer reads, or let the layer before write that type",
        HIGH,
    ),
    Cause(
        "inserted_reorders",
        "Data is converted between layers",
        detectors.inserted_reorders,
        "keep neighbours in one precision: quantise the layers between, or try a newer OpenVINO",
        HIGH,
    ),
    Cause(
        "unfused_activation",
        "An activation that float fuses is a layer of its own",
        detectors.unfused_activation,
        "use an activation that fuses in INT8 (ReLU6 for h-swish), or try a newer OpenVINO",
        HIGH,
    ),
    Cause(
        "left_in_float",
        "Convolutions or matrix products still run in float",
        detectors.left_in_float,
        "check the ignored scope and the layer's kind; try a newer OpenVINO or the full recipe",
        HIGH,
    ),
    Cause(
        "slower_kernel",
        "The INT8 kernel is slower than its float twin",
        detectors.slower_kernel,
        "leave these layers in float with an ignored scope, or try a newer OpenVINO",
        HIGH,
    ),
    Cause(
        "lost_fusion",
        "What float runs as one layer is several in INT8",
        detectors.lost_fusion,
        "look at the layers for what stands between; try a newer OpenVINO",
        MEDIUM,
    ),
    Cause(
        "no_int8_instructions",
        "The device has no INT8 instructions",
        detectors.no_int8_instructions,
        "expect little here; deploy INT8 on a CPU with VNNI or AMX, or lift the cap",
        HIGH,
    ),
    Cause(
        "baseline_is_bf16",
        "The float baseline ran in 16 bits",
        detectors.baseline_is_bf16,
        "name the baseline that you would deploy; compare with fp32@f32 too",
        HIGH,
    ),
    Cause(
        "little_to_gain",
        "Little of the time is in what INT8 speeds up",
        detectors.little_to_gain,
        "speed up the other layers first, or keep float",
        MEDIUM,
    ),
)


def find_causes(
    baseline: CellView,
    candidate: CellView,
    candidate_us: float,
    groups: Sequence[Group],
    inserted: Sequence[Inserted],
) -> tuple[FoundCause, ...]:
    """Causes seen in a pair, the most recoverable µs first; equals in declared order.

    ``candidate_us`` is the candidate's wall time per inference. Empty where the
    candidate is not an INT8 variant or the baseline is one.
    """
    if not is_int8_variant(candidate.variant_kind) or is_int8_variant(baseline.variant_kind):
        return ()
    claimed: frozenset[LayerKey] = frozenset()
    found = []
    for cause in CATALOGUE:
        case = Case(baseline, candidate, candidate_us, tuple(groups), tuple(inserted), claimed)
        finding = cause.detector(case)
        if finding is not None:
            claimed |= finding.claims
            found.append(_found(cause, finding))
    return tuple(sorted(found, key=lambda cause: -cause.recoverable_us))


def _found(cause: Cause, finding: Finding) -> FoundCause:
    return FoundCause(
        cause_id=cause.cause_id,
        title=cause.title,
        recoverable_us=max(0.0, finding.recoverable_us),
        evidence=finding.evidence,
        action=cause.action,
        confidence=cause.confidence,
        layers=finding.layers,
    )
