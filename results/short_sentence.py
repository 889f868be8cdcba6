"""A comparison in few words: its sentence in two, names for its sides, lines for its pictures."""

from __future__ import annotations

from results import format as fmt
from results.comparison import CellView, Comparison
from results.comparison_words import basis_words
from results.sentence import Context, verdict_sentence


def in_two(comparison: Comparison) -> tuple[str, str]:
    """The first sentence, and the rest as it stands in ``Comparison.sentence``; it may be empty."""
    first = verdict_sentence(
        comparison.baseline,
        comparison.candidate,
        comparison.estimate,
        None,
        (),
        context=Context(ceiling=comparison.ceiling, groups=comparison.groups),
    )
    return first, comparison.sentence.removeprefix(first).strip()


def side_names(comparison: Comparison) -> tuple[str, str]:
    """The arms of baseline and candidate, with what tells them apart where that is not the arm."""
    a, b = comparison.baseline, comparison.candidate
    if a.arm != b.arm:
        return a.arm, b.arm
    told = (
        (a.runtime_id != b.runtime_id, a.runtime, b.runtime),
        (a.device_id != b.device_id, a.device, b.device),
        (a.model_id != b.model_id, a.model, b.model),
        (_driven(a) != _driven(b), _driven(a), _driven(b)),
    )
    apart = [(one, other) for differs, one, other in told if differs]
    names = zip(*apart, strict=True) if apart else ((), ())
    first, second = (", ".join((a.arm, *words)) for words in names)
    return first, second


def picture_title(comparison: Comparison) -> str:
    """What a picture taken out of its page is about: model, arms, place, and what came out.

    ``MobileNetV3-Large 1.0, int8-simplified@default against fp32@default, AMD EPYC, OpenVINO
    2026.4.1: speed-up 1.22x (1.16x to 1.29x)``
    """
    candidate, estimate = comparison.candidate, comparison.estimate
    before, after = side_names(comparison)
    bounds = estimate.speedup_bounds
    interval = "" if bounds[0] is None else f" ({fmt.interval(*bounds)})"
    return (
        f"{candidate.model_title}, {after} against {before}, {place(candidate)}: "
        f"speed-up {fmt.speedup(estimate.speedup)}{interval}"
    )


def picture_source(comparison: Comparison) -> str:
    """What a picture's numbers rest on: ``run R, 5 paired blocks, 95 % interval``."""
    runs = "run" if len(set(comparison.run_ids)) == 1 else "runs"
    told = ", ".join(dict.fromkeys(comparison.run_ids))
    interval = ", 95 % interval" if comparison.estimate.ci_low is not None else ""
    return f"{runs} {told}, {basis_words(comparison.estimate)}{interval}"


def place(cell: CellView) -> str:
    """Device and OpenVINO of a cell."""
    return f"{cell.device}, OpenVINO {cell.runtime}"


def _driven(cell: CellView) -> str:
    return fmt.scenario(cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests)
