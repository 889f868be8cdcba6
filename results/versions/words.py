"""Changes, triage and causes in sentences for a person.

Every number in a sentence stands in the data, rounded. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence

from results import format as fmt
from results.comparison import CellView, Estimate, Verdict
from results.sentence import verdict_sentence
from results.versions.change_shapes import ChangeCause
from results.versions.shapes import Bucket, SharedCause, Version

_TOLD_CAUSES = 4
NOTHING_CHANGED = "No kernel, fusion, precision or conversion changed."
NOT_PROFILED = "What changed in the layers is not known: one of them was not profiled."
UNPAIRED = "unpaired"
OTHER_RUN = "of another run"
BESIDE = "compared by paired estimates alone"
NOT_TOLD_APART = "not told apart"
NOT_COMPARED = "never in one run with it, so not compared"
NOT_KNOWN = "not known"
NEVER_IN_ONE_RUN = "never measured in one run"
TIMES_AND_RATIOS = (
    "ratios are of the turns that two versions shared (paired), the times shown are of each "
    "version's own launches, so that the two can differ a little"
)
"""Why a ratio of two times that are shown is not the ratio that is shown."""
_DRIFT = "measured in different runs, so a drift of the machine is not seen"
_ONE_OF = "one of {} such, which differ in the layer or the version"
WITHHELD = "the layers leave more unexplained than the versions differ by, so no times are told"


def changes_sentence(
    baseline: CellView,
    candidate: CellView,
    estimate: Estimate,
    causes: Sequence[ChangeCause] | None,
    *,
    withheld: bool,
) -> str:
    """The verdict, and what changed; ``causes`` is None where a side has no layers."""
    first = verdict_sentence(baseline, candidate, estimate, None, ())
    if causes is None:
        return f"{first} {NOT_PROFILED}"
    if not causes:
        return f"{first} {NOTHING_CHANGED}"
    told = "; ".join(cause_words(cause) for cause in causes[:_TOLD_CAUSES])
    rest = len(causes) - _TOLD_CAUSES
    more = f"; and {fmt.counted(rest, 'change')} more" if rest > 0 else ""
    why = f" ({WITHHELD})" if withheld else ""
    return f"{first} What changed{why}: {told}{more}."


def cause_words(cause: ChangeCause) -> str:
    """``15 depthwise convolutions from f32 to int8 kernels (-210 µs)``."""
    time = "" if cause.delta_us is None else f" ({fmt.delta_us(cause.delta_us)})"
    return f"{_numbered(cause.text, cause.count)}{time}"


def shared_words(cause: SharedCause) -> str:
    """``36 Reorders gone (-1,210 µs): 4 cells of 2 models``; a reason of a failure likewise."""
    text = _numbered(cause.text, cause.layers) if cause.layers else fmt.plain(cause.text)
    time = "" if cause.delta_us is None else f" ({fmt.delta_us(cause.delta_us)} in all)"
    return f"{text}{time}: {_where(cause)}"


def example_words(reasons: Sequence[str]) -> str:
    """The first of the reasons; how many there are where they differ in layer or version."""
    kinds = len(set(reasons))
    return reasons[0] if kinds == 1 else f"{reasons[0]} ({_ONE_OF.format(kinds)})"


def _where(cause: SharedCause) -> str:
    cells = fmt.counted(cause.cells, "cell")
    if len(cause.models) == 1:
        return f"{cells} of {cause.models[0]}"
    return f"{cells} of {fmt.counted(len(cause.models), 'model')}"


def _numbered(text: str, count: int) -> str:
    """The number of layers in front of words that begin with them, else behind."""
    if text.startswith("the same kernels"):
        return f"{text} ({fmt.counted(count, 'group')})"
    if " fused into " in text:
        return f"{text} ({fmt.counted(count, 'time')})"
    if count != 1:
        return f"{fmt.count(count)} {text}"
    noun, mark, rest = _split_noun(text)
    return f"1 {noun.removesuffix('s')}{mark}{rest}"


def _split_noun(text: str) -> tuple[str, str, str]:
    """The plural noun that a cause begins with, and what follows it."""
    for mark in (" from ", " gone", " come", " without "):
        noun, found, rest = text.partition(mark)
        if found:
            return noun, found, rest
    return text, "", ""


def triage_sentence(
    baseline: Version,
    candidate: Version,
    counts: Sequence[tuple[Bucket, int]],
    causes: Sequence[SharedCause],
    failures: Sequence[SharedCause],
    *,
    unpaired: int,
) -> str:
    """How many cells are in which bucket, how many are unpaired, and the commonest cause."""
    total = sum(number for _, number in counts)
    if not total:
        return f"No cell was launched with {baseline.label} or {candidate.label}."
    told = ", ".join(f"{number} {bucket.value}" for bucket, number in counts)
    first = f"From {baseline.label} to {candidate.label}, of {fmt.counted(total, 'cell')}: {told}."
    parts = [first]
    if unpaired:
        parts.append(f"{fmt.counted(unpaired, 'cell')} {UNPAIRED}: {_DRIFT}.")
    if causes:
        parts.append(f"Most often: {shared_words(causes[0])}.")
    broken = {Bucket.FAILED, Bucket.NEW_FAILED}
    now = [failure for failure in failures if broken.intersection(failure.buckets)]
    if now:
        parts.append(f"{'Fails' if len(now) == 1 else 'Fails most often'}: {shared_words(now[0])}.")
    return " ".join(parts)


def marked_words(estimate: Estimate) -> str:
    """``ratio_words``, marked where the two never shared a block."""
    return ratio_words(estimate) + ("" if estimate.paired else f", {UNPAIRED}")


def ratio_words(estimate: Estimate) -> str:
    """``1.94x as fast (1.90x to 1.98x)``, or what a verdict without an effect reads."""
    match estimate.verdict:
        case Verdict.FASTER:
            interval = fmt.interval(*estimate.speedup_bounds)
            return f"{fmt.speedup(estimate.speedup)} as fast ({interval})"
        case Verdict.SLOWER:
            interval = fmt.interval(estimate.ci_low, estimate.ci_high)
            return f"takes {fmt.speedup(estimate.ratio)} as long ({interval})"
        case Verdict.EQUIVALENT:
            return "as fast, within 2 %"
        case Verdict.INCONCLUSIVE:
            return f"not settled, {fmt.speedup(estimate.speedup)} as fast"


def evidence_words(estimate: Estimate) -> str:
    """``5 paired blocks``, ``3 launches or more on each side, unpaired``."""
    if estimate.paired:
        return fmt.counted(estimate.blocks, "paired block")
    return f"{fmt.counted(estimate.blocks, 'launch')} or more on each side, unpaired"
