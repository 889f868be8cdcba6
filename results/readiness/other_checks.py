"""The last three lines of the checklist: another file, another version, another device.

Pure: facts in, lines out, as in ``checks``. None of them decides whether INT8 is worth it here;
they say whether something else would be better.
"""

from __future__ import annotations

from results import format as fmt
from results.comparison import Verdict
from results.readiness import words
from results.readiness.checks import NATIVE
from results.readiness.shapes import Against, Line, LineId, ReadinessFacts, Status, Step, Value

_MOST_TOLD = 3
"""Other devices whose figures are told in words, the quickest; a program is given all."""


def native(facts: ReadinessFacts) -> Line:
    """Whether quantising here is at least as good as the framework's own INT8 file."""
    title = "Quantising beats the framework's own INT8 file"
    rule = "not slower than the native INT8 file, by the 95 % interval, in shared blocks"
    found = facts.native
    told = facts.candidate is not None and facts.candidate.variant_kind == NATIVE
    if found is None:
        figure = "only the native file was measured" if told else "no native INT8 file was measured"
        command = words.run_command(facts.reference, *(() if told else ("--native", "FILE")))
        step = Step("measure it too, if the framework gives one", command)
        if told:
            step = Step("quantise the float file too", command)
        return Line(LineId.NATIVE, title, Status.UNKNOWN, figure, rule, next_step=step)
    status = _native_status(found)
    values = (Value("speedup over the native file", found.estimate.speedup),)
    figure = f"{found.candidate.arm} {_is(words.against_words(found))}"
    return Line(
        LineId.NATIVE, title, status, figure, rule, values, _native_step(facts, found, status)
    )


def _native_status(found: Against) -> Status:
    verdict = found.estimate.verdict
    if not found.estimate.paired or verdict is Verdict.INCONCLUSIVE:
        return Status.UNKNOWN
    return Status.FAILED if verdict is Verdict.SLOWER else Status.PASSED


def _native_step(facts: ReadinessFacts, found: Against, status: Status) -> Step | None:
    """Settle it, else look at the other file where that is the better one."""
    if status is Status.UNKNOWN:
        more = words.run_command(facts.reference, "--native", "FILE", "--effort", "publish")
        return Step("measure both in one run, with more blocks", more)
    better, which = (
        (found.baseline, "native") if status is Status.FAILED else (found.candidate, "quantised")
    )
    asked = facts.candidate.arm if facts.candidate else None
    if better.arm == asked or found.estimate.verdict is Verdict.EQUIVALENT:
        return None
    return _look_at(facts, better.arm, which)


def _look_at(facts: ReadinessFacts, arm: str, which: str) -> Step:
    """The checklist of the other INT8 file."""
    look = words.readiness_command(facts.reference, facts.model, "--arm", arm)
    return Step(f"look at the {which} file instead", look)


def _is(told: str) -> str:
    """``takes 1.30x as long`` has a verb, the others want one."""
    return told if told.startswith("takes") else f"is {told}"


def versions(facts: ReadinessFacts) -> Line:
    """Whether no other OpenVINO version runs the INT8 arm faster."""
    title = "No other OpenVINO version is faster"
    rule = "this version is the fastest, or not told apart from it, by paired comparisons"
    best, own = facts.best_version, facts.version
    alone = best is None or (best.runner_up is None and not best.uncompared)
    if best is None or own is None or alone:
        figure = f"only {own.label} ran the INT8 arm" if own else "no version ran the INT8 arm"
        step = Step("measure another version too (`collector runtimes add`)", _versions_run(facts))
        return Line(LineId.VERSIONS, title, Status.UNKNOWN, figure, rule, next_step=step)
    leading = {point.version for point in best.fastest}
    apart = {point.version for point in best.uncompared}
    figure = best.sentence.rstrip(".")
    if not best.is_known or (own in apart and own not in leading):
        step = Step("measure the versions in one run", _versions_run(facts))
        return Line(LineId.VERSIONS, title, Status.UNKNOWN, figure, rule, next_step=step)
    if own in leading:
        return Line(LineId.VERSIONS, title, Status.PASSED, figure, rule)
    label = best.point.version.label
    look = words.readiness_command(facts.reference, facts.model, "--openvino", label)
    step = Step(f"look at OpenVINO {label}", look)
    return Line(LineId.VERSIONS, title, Status.FAILED, figure, rule, next_step=step)


def _versions_run(facts: ReadinessFacts) -> str:
    """A run with this version and another one."""
    own = ("--openvino", facts.version.version) if facts.version else ()
    given = () if "--openvino" in facts.reference.place else own
    return words.run_command(facts.reference, *given, "--openvino", "VERSION")


def devices(facts: ReadinessFacts) -> Line:
    """Whether no other device runs the INT8 arm faster; a cap makes no other device."""
    title = "No other device is faster"
    rule = "no other measured device is faster with the same INT8 arm, by the 95 % interval"
    if not facts.elsewhere:
        run = words.run_command(facts.reference, "--device", "DEVICE")
        step = Step("measure on another device of this machine, or on another machine", run)
        figure = "no other device was measured"
        return Line(LineId.DEVICES, title, Status.UNKNOWN, figure, rule, next_step=step)
    ranked = sorted(facts.elsewhere, key=lambda one: one.estimate.ratio)
    told = [
        f"{one.candidate.device}: {words.estimate_words(one.estimate, 'here')}"
        for one in ranked[:_MOST_TOLD]
    ]
    if rest := ranked[_MOST_TOLD:]:
        told.append(f"and {fmt.counted(len(rest), 'more device')}, none of them quicker than these")
    figure = "; ".join(told)
    faster = [one for one in facts.elsewhere if one.estimate.verdict is Verdict.FASTER]
    values = tuple(
        Value(f"speedup on {one.candidate.device}", one.estimate.speedup) for one in facts.elsewhere
    )
    if faster:
        best = min(faster, key=lambda one: one.estimate.ratio).candidate
        options = "--device", best.device
        look = words.readiness_command(facts.reference, facts.model, *options)
        step = Step(f"look at {best.device}", look)
        return Line(LineId.DEVICES, title, Status.FAILED, figure, rule, values, step)
    settled = any(one.estimate.verdict is not Verdict.INCONCLUSIVE for one in facts.elsewhere)
    if settled:
        return Line(LineId.DEVICES, title, Status.PASSED, figure, rule, values)
    more = words.run_command(facts.reference, "--effort", "publish")
    step = Step("measure more blocks on both", more)
    return Line(LineId.DEVICES, title, Status.UNKNOWN, figure, rule, values, step)
