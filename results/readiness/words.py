"""The checklist in words: figures, commands, and the sentence that it ends in.

Formats come from ``results.format``; nothing is decided here.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from results import format as fmt
from results.comparison import Estimate, Verdict
from results.readiness.shapes import (
    Against,
    Answer,
    Conversions,
    HeavyTime,
    Line,
    LineId,
    Reference,
    Step,
)
from results.versions.words import evidence_words


def run_command(reference: Reference, *more: str) -> str:
    """``python -m collector run`` of the model in its place; ``more`` are further options."""
    return _command(
        "collector", "run", "--model", reference.model, *reference.place, *more, *reference.data
    )


def quantize_command(reference: Reference, *more: str) -> str:
    """``python -m collector quantize`` of the model."""
    return _command("collector", "quantize", reference.model, *more, *reference.data)


def readiness_command(reference: Reference, model: str, *more: str) -> str:
    """``python -m results readiness`` of the model as the store names it."""
    return _command("results", "readiness", model, *more, *reference.data)


def compare_command(reference: Reference, against: Against) -> str:
    """``python -m results compare`` of these two cells."""
    a, b = against.baseline.cell_id, against.candidate.cell_id
    return _command("results", "compare", a, b, *reference.data)


def _command(package: str, *words: str) -> str:
    return f"python -m {package} {shlex.join(words)}"


def heavy_words(heavy: HeavyTime) -> str:
    """``70.3 % of an inference of fp32@f32; without it 3.37x as fast``."""
    share = heavy.share or 0.0
    bound = f"; without it {fmt.speedup(1.0 / (1.0 - share))} as fast" if share < 1 else ""
    return f"{fmt.percent(heavy.share)} of an inference of {heavy.arm}{bound}"


def conversion_words(found: Conversions) -> str:
    """``68 conversions that fp32@default has not, 4,200 µs, 25.8 % of INT8's layer time``."""
    counted = fmt.counted(found.count, "conversion")
    if not found.count:
        return f"none that {found.baseline_arm} has not"
    share = f"{fmt.percent(found.share)} of INT8's layer time"
    return f"{counted} that {found.baseline_arm} has not, {fmt.us(found.time_us)}, {share}"


def against_words(against: Against) -> str:
    """``1.22x as fast as fp32@default (1.16x to 1.29x, 5 paired blocks)``."""
    return estimate_words(against.estimate, against.baseline.arm)


def estimate_words(estimate: Estimate, name: str) -> str:
    """The candidate against what ``name`` names, with interval and blocks."""
    basis = evidence_words(estimate)
    faster = fmt.interval(*estimate.speedup_bounds)
    match estimate.verdict:
        case Verdict.FASTER:
            return f"{fmt.speedup(estimate.speedup)} as fast as {name} ({faster}, {basis})"
        case Verdict.SLOWER:
            slower = fmt.interval(estimate.ci_low, estimate.ci_high)
            return f"takes {fmt.speedup(estimate.ratio)} as long as {name} ({slower}, {basis})"
        case Verdict.EQUIVALENT:
            return f"as fast as {name}, within 2 % ({faster}, {basis})"
        case Verdict.INCONCLUSIVE:
            times = fmt.speedup(estimate.speedup)
            return f"not settled against {name} ({times}, {faster}, {basis})"


def told_sentence(
    answer: Answer, arm: str | None, because: Sequence[Line], step: Step | None
) -> str:
    """``Worth it: ...``, ``Not worth it: ...``, or ``Not known yet: ...``, in one sentence.

    ``because`` are the lines that decided; where it is not known the next step is told.
    """
    word = f"{answer.value[:1].upper()}{answer.value[1:]}"
    if answer is Answer.NOT_KNOWN:
        return f"{word}: {step.words} next." if step else f"{word}."
    reasons = "; ".join(_reason(line, arm) for line in because)
    told = f"{word}: {reasons}"
    return f"{told}; next: {step.words}." if step else f"{told}."


def _reason(line: Line, arm: str | None) -> str:
    """The figure of a line with what it is about."""
    if line.line_id is not LineId.SYNC_RATIO or arm is None:
        return line.figure
    verb = "" if line.figure.startswith("takes") else "is "
    return f"{arm} {verb}{line.figure}"
