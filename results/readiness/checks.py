"""The first five lines of the checklist: from the time in convolutions to the accuracy.

Pure: facts in, lines out. Thresholds are explained in docs/readiness.md; the lines that look
at other files, versions and devices are in ``other_checks``.
"""

from __future__ import annotations

from collections.abc import Sequence

from results import format as fmt
from results.accuracy import AccuracyView, Change, Labelled
from results.accuracy_words import brief
from results.comparison import Verdict
from results.overview import DEFAULT_BASELINE
from results.readiness import words
from results.readiness.shapes import (
    Against,
    Line,
    LineId,
    ReadinessFacts,
    Reference,
    Status,
    Step,
    Value,
)

QUICK, FULL, CONTROLLED, NATIVE = "int8-simplified", "int8-full", "int8-accuracy", "int8-native"
_PREFERRED = (FULL, CONTROLLED, QUICK)
"""Which INT8 variant is asked about: the one nearest to what would be deployed."""

HEAVY_SHARE = 0.5
"""Least share of the float time in convolutions and matrix products: "the main time"."""
CONVERSION_SHARE = 0.05
"""Most share of INT8's time in conversions: without them it would be at most 1.05x as fast."""
MAX_DROP_POINTS = 1.0
"""Most percentage points of top-1 that a real drop may have."""
LEAST_SAMPLES = 100
"""Fewer labelled samples than these cannot tell a drop of some points from none."""
AGREEMENT = 0.99
"""Share of equal first answers above which top-1 cannot drop by more than ``MAX_DROP_POINTS``."""
DISAGREEMENT = 0.90
"""Share of equal first answers below which one in ten answers is another: no labels needed."""
_POINT_DIGITS = 6
"""Of a difference of two shares: 98.0 % less 97.0 % is 1.0000000000000009 points."""


def deployed_rank(variant_kind: str) -> tuple[bool, int]:
    """Orders INT8 variants, the one nearest to what would be deployed first, native ones last."""
    place = _PREFERRED.index(variant_kind) if variant_kind in _PREFERRED else len(_PREFERRED)
    return variant_kind == NATIVE, place


def heavy_share(facts: ReadinessFacts) -> Line:
    """Whether most of the float time is in what INT8 instructions speed up."""
    rule = f"at least {100 * HEAVY_SHARE:.0f} % of a float inference"
    title = "Convolutions and matrix products take most of the float time"
    if facts.heavy is None or facts.heavy.share is None:
        step = Step("profile the float file", words.run_command(facts.reference))
        return Line(
            LineId.HEAVY_SHARE, title, Status.UNKNOWN, "no float layers are stored", rule,
            next_step=step,
        )  # fmt: skip
    share = facts.heavy.share
    enough = share >= HEAVY_SHARE
    other = _look(facts, "see which other layers take the time, and speed those up first")
    return Line(
        LineId.HEAVY_SHARE,
        title,
        Status.PASSED if enough else Status.FAILED,
        words.heavy_words(facts.heavy),
        rule,
        (Value("share", share),),
        None if enough else other,
    )


def quick_int8(facts: ReadinessFacts) -> Line:
    """Whether a quickly quantised variant exists, and could be run."""
    title, rule = "A quick INT8 model was made", "an INT8 variant was made here and runs"
    made = [kind for kind in facts.made if kind != NATIVE]
    status, figure, step = Status.PASSED, ", ".join(made), None
    if not made:
        status, figure = Status.UNKNOWN, "none was made here"
        step = Step("quantise it quickly and measure it", words.run_command(facts.reference))
    elif facts.failure is not None:
        status, figure = Status.FAILED, f"{facts.failure.arm} failed: {facts.failure.reason}"
        another = words.run_command(facts.reference, "--openvino", "VERSION")
        step = Step("try another OpenVINO version (`collector runtimes add`)", another)
    return Line(LineId.QUICK_INT8, title, status, figure, rule, next_step=step)


def conversions(facts: ReadinessFacts) -> Line:
    """Whether INT8 converts little between float and INT8, and between layouts for it."""
    title = "Few conversions between float and INT8"
    rule = f"at most {100 * CONVERSION_SHARE:.0f} % of INT8's layer time"
    found = facts.conversions
    if found is None or found.share is None:
        step = Step("measure INT8 and float in one run", words.run_command(facts.reference))
        return Line(
            LineId.CONVERSIONS, title, Status.UNKNOWN, "no layers of both are stored", rule,
            next_step=step,
        )  # fmt: skip
    few = found.share <= CONVERSION_SHARE
    values = (
        Value("count", found.count),
        Value("time_ms", found.time_us / 1000.0),
        Value("share", found.share),
    )
    return Line(
        LineId.CONVERSIONS,
        title,
        Status.PASSED if few else Status.FAILED,
        words.conversion_words(found),
        rule,
        values,
        None if few else _look(facts, "see which layers they stand between"),
    )


def _look(facts: ReadinessFacts, what: str) -> Step:
    """Look at the comparison that a line is made of."""
    if not facts.against:
        return Step(what, words.run_command(facts.reference))
    return Step(what, words.compare_command(facts.reference, facts.against[0]))


def sync_ratio(facts: ReadinessFacts) -> Line:
    """Whether INT8 is really faster, one inference at a time, than float as it runs by default."""
    title = "INT8 is faster, one synchronous inference at a time"
    rule = (
        f"the 95 % interval says faster than {DEFAULT_BASELINE}, by more than 2 %, in shared blocks"
    )
    if not facts.against:
        step = Step("measure INT8 and float in one run", words.run_command(facts.reference))
        return Line(
            LineId.SYNC_RATIO, title, Status.UNKNOWN, "not measured together", rule, next_step=step
        )
    status = _ratio_status(facts.against)
    return Line(
        LineId.SYNC_RATIO,
        title,
        status,
        "; ".join(words.against_words(one) for one in facts.against),
        rule,
        tuple(value for one in facts.against for value in _ratio_values(one)),
        _ratio_step(facts, status),
    )


def _ratio_status(against: Sequence[Against]) -> Status:
    """By the default baseline; without it only "not faster than f32 either" is an answer."""
    default = next((one for one in against if one.baseline.arm == DEFAULT_BASELINE), None)
    judged = default or against[0]
    verdict = judged.estimate.verdict
    if not judged.estimate.paired or verdict is Verdict.INCONCLUSIVE:
        return Status.UNKNOWN
    if verdict is not Verdict.FASTER:
        return Status.FAILED
    return Status.PASSED if default else Status.UNKNOWN


def _ratio_values(one: Against) -> tuple[Value, ...]:
    low, high = one.estimate.speedup_bounds
    name = one.baseline.arm
    return (
        Value(f"speedup over {name}", one.estimate.speedup),
        Value(f"speedup_low over {name}", low),
        Value(f"speedup_high over {name}", high),
        Value(f"blocks with {name}", one.estimate.blocks),
    )


def _ratio_step(facts: ReadinessFacts, status: Status) -> Step | None:
    if status is Status.PASSED:
        return None
    if status is Status.FAILED:
        return _look(facts, "see which causes hold INT8 back")
    more = words.run_command(facts.reference, "--effort", "publish")
    return Step("measure more blocks of INT8 and of both float baselines", more)


def accuracy(facts: ReadinessFacts) -> Line:
    """Whether a calibrated variant answers well enough; only one on data says so."""
    title = "The full calibration keeps the accuracy"
    rule = (
        f"top-1 drops by at most {MAX_DROP_POINTS:g} point, of {LEAST_SAMPLES} samples or more "
        "(a larger drop is known where it is beyond chance); without labels at least "
        f"{100 * AGREEMENT:.0f} % of the first answers are float's"
    )
    view = _judged_view(facts)
    if facts.synthetic:
        trained = words.run_command(Reference("FILE", data=facts.reference.data))
        step = Step("take the trained network and its data", f"{trained} --dataset DATA")
        figure = "the weights are random, so accuracy says nothing"
        return Line(LineId.ACCURACY, title, Status.UNKNOWN, figure, rule, next_step=step)
    if view is None:
        full = words.quantize_command(facts.reference, "--mode", "full", "--dataset", "DATA")
        step = Step("calibrate fully and judge it on your data", full)
        figure = "no fully calibrated variant was judged"
        return Line(LineId.ACCURACY, title, Status.UNKNOWN, figure, rule, next_step=step)
    status = _accuracy_status(view)
    figure = f"{view.variant_kind}: {brief(view)}, {fmt.counted(view.samples, 'sample')}"
    return Line(
        LineId.ACCURACY, title, status, figure, rule, _accuracy_values(view),
        _accuracy_step(facts, view, status),
    )  # fmt: skip


def _judged_view(facts: ReadinessFacts) -> AccuracyView | None:
    """That of the INT8 arm's own variant where it is calibrated, else of the full calibration."""
    own = facts.candidate.variant_id if facts.candidate else None
    calibrated = [view for view in facts.accuracy if view.variant_kind not in {QUICK, NATIVE}]
    calibrated = [view for view in calibrated if not view.is_reference]
    order = {FULL: 0, CONTROLLED: 1}

    def rank(view: AccuracyView) -> tuple[bool, int]:
        return view.variant_id != own, order.get(view.variant_kind, len(order))

    return min(calibrated, key=rank, default=None)


def _accuracy_status(view: AccuracyView) -> Status:
    if view.top1 is not None:
        return _labelled_status(view.top1)
    agreed = [one.top1 for one in view.agreements if one.top1 is not None]
    if not agreed:
        return Status.UNKNOWN
    if agreed[0].value < DISAGREEMENT:
        return Status.FAILED
    enough = agreed[0].value >= AGREEMENT and agreed[0].samples >= LEAST_SAMPLES
    return Status.PASSED if enough else Status.UNKNOWN


def _labelled_status(found: Labelled) -> Status:
    """A drop above the bar fails where it is real; what too few samples show is not known."""
    drop = found.drop_points
    if drop is None or found.change is Change.UNTESTED or found.top1.samples < LEAST_SAMPLES:
        return Status.UNKNOWN
    if round(drop, _POINT_DIGITS) <= MAX_DROP_POINTS:
        return Status.PASSED
    return Status.FAILED if found.change is Change.LOST else Status.UNKNOWN


def _accuracy_values(view: AccuracyView) -> tuple[Value, ...]:
    samples = Value("samples", view.samples)
    if view.top1 is not None:
        p_value = Value("p_value", view.top1.p_value)
        return (Value("drop_points", view.top1.drop_points), p_value, samples)
    agreed = next((one.top1 for one in view.agreements if one.top1 is not None), None)
    return (Value("agreement", agreed.value), samples) if agreed else (samples,)


def _accuracy_step(facts: ReadinessFacts, view: AccuracyView, status: Status) -> Step | None:
    if status is Status.PASSED:
        return None
    if status is Status.FAILED:
        back = words.quantize_command(facts.reference, "--mode", "accuracy", "--dataset", "DATA")
        return Step("put layers back to float until the drop is small enough", back)
    if view.top1 is None:
        labelled = "--dataset", "DATA", "--labels", "FILE.csv"
        full = words.quantize_command(facts.reference, "--mode", "full", *labelled)
        return Step("judge it on data with labels", full)
    more = words.quantize_command(facts.reference, "--mode", "full", "--dataset", "DATA")
    return Step("judge it on more labelled samples", more)
