"""The readiness checklist: each line at both sides of its threshold, and the answer.

From facts in memory; what the store and the command line do is in ``test_readiness_store``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from results.accuracy import AccuracyView, Agreement, Labelled, Share
from results.comparison import Estimate, Verdict
from results.readiness import checks
from results.readiness.checklist import build_checklist
from results.readiness.shapes import (
    Against,
    Answer,
    ArmFailure,
    Conversions,
    HeavyTime,
    LineId,
    ReadinessFacts,
    Reference,
    Status,
)
from results.versions.shapes import Best, Rival, SeriesPoint, Version
from tests.unit.pairs import FLOAT_CELL, INT8_CELL

PASSED, FAILED, UNKNOWN = Status.PASSED, Status.FAILED, Status.UNKNOWN
FASTER = Estimate(Verdict.FASTER, 0.5, 0.49, 0.51, True, 10, None, 2.0, 1.0)
SLOWER = Estimate(Verdict.SLOWER, 2.0, 1.96, 2.04, True, 10, None, 1.0, 2.0)
EQUAL = Estimate(Verdict.EQUIVALENT, 1.0, 0.99, 1.01, True, 10, None, 1.0, 1.0)
OPEN = Estimate(Verdict.INCONCLUSIVE, 0.95, 0.9, 1.01, True, 3, 9, 1.0, 0.95)
DEFAULT_CELL = replace(FLOAT_CELL, cell_id="cell-d", arm="fp32@default", precision="default")
FULL_CELL = replace(
    INT8_CELL, cell_id="cell-full", arm="int8-full@default", variant_kind="int8-full",
    variant_id="v-full",
)  # fmt: skip
NATIVE_CELL = replace(INT8_CELL, arm="int8-native@default", variant_kind="int8-native")
NOW = Version("r", "2026.4.1", "b", "2026.4.1")
BEFORE = Version("r0", "2025.4.0", "b0", "2025.4.0")
FIRST = Version("r1", "2022.3.0", "b1", "2022.3.0")


def labelled(fp32: int, int8: int, only_fp32: int, only_int8: int, samples: int = 500) -> Labelled:
    """Right answers of both, and those that one alone got right."""
    own, reference = Share(int8 / samples, samples), Share(fp32 / samples, samples)
    return Labelled(None, own, None, reference, None, only_fp32, only_int8)


def view(
    labels: Labelled | None = None, agreement: float | None = None, kind: str = "int8-full",
    samples: int = 500,
) -> AccuracyView:  # fmt: skip
    """A judged variant."""
    agreements = () if agreement is None else (
        Agreement(None, Share(agreement, samples), None, None),
    )  # fmt: skip
    return AccuracyView(
        "v-full", kind, "m", "d", "photos", samples, 0, (labels,) if labels else (), agreements, ()
    )


GOOD = view(labelled(490, 489, 3, 2))
ALL_GOOD = ReadinessFacts(
    model_id="m",
    model="net",
    model_title="Net",
    model_note=None,
    synthetic=False,
    reference=Reference("net.onnx", ("--isa-cap", "AVX2"), ("--data", "x")),
    cell=FULL_CELL,
    candidate=FULL_CELL,
    made=("int8-simplified", "int8-full"),
    heavy=HeavyTime("fp32@f32", 900.0, 1000.0),
    conversions=Conversions("fp32@f32", 2, 10.0, 500.0),
    against=(
        Against(FLOAT_CELL, FULL_CELL, FASTER),
        Against(DEFAULT_CELL, FULL_CELL, replace(FASTER, ratio=0.8, ci_low=0.78, ci_high=0.82)),
    ),
    accuracy=(GOOD,),
    version=NOW,
)


def point(version: Version) -> SeriesPoint:
    """A version with a time."""
    return SeriesPoint(version, FULL_CELL, "run", 1.0, 0.99, 1.01, 5, None)


def best(
    at: Version, *fastest: Version, apart: tuple[Version, ...] = (), rival: Version | None = None
) -> Best:
    """The best version, and those that are not told apart from it."""
    return Best(
        point=point(at),
        runner_up=Rival(point(rival), SLOWER) if rival else None,
        ties=(),
        unsettled=(),
        fastest=tuple(point(version) for version in fastest),
        uncompared=tuple(point(version) for version in apart),
        sentence=f"Best version: {at.label}.",
    )


def status(line_id: LineId, facts: ReadinessFacts) -> Status:
    """Of one line."""
    return build_checklist(facts).line(line_id).status


def test_the_lines_are_those_of_the_procedure_in_its_order() -> None:
    lines = build_checklist(ALL_GOOD).lines
    assert [line.line_id for line in lines] == list(LineId)
    assert all(line.title and line.figure and line.rule for line in lines)


@pytest.mark.parametrize(
    ("heavy_us", "expected"), [(499.0, FAILED), (500.0, PASSED), (1000.0, PASSED)]
)
def test_half_of_the_float_time_in_convolutions_is_enough(
    heavy_us: float, expected: Status
) -> None:
    assert (
        status(LineId.HEAVY_SHARE, replace(ALL_GOOD, heavy=HeavyTime("fp32@f32", heavy_us, 1000.0)))
        is expected
    )


def test_the_share_tells_what_the_model_could_gain_at_most() -> None:
    line = build_checklist(ALL_GOOD).line(LineId.HEAVY_SHARE)
    assert line.figure == "90.0 % of an inference of fp32@f32; without it 10.00x as fast"
    assert status(LineId.HEAVY_SHARE, replace(ALL_GOOD, heavy=None)) is UNKNOWN
    assert (
        status(LineId.HEAVY_SHARE, replace(ALL_GOOD, heavy=HeavyTime("fp32@f32", 0.0, 0.0)))
        is UNKNOWN
    )


@pytest.mark.parametrize(("time_us", "expected"), [(25.0, PASSED), (25.1, FAILED)])
def test_a_twentieth_of_the_time_in_conversions_is_the_most(
    time_us: float, expected: Status
) -> None:
    found = Conversions("fp32@f32", 68, time_us, 500.0)
    assert status(LineId.CONVERSIONS, replace(ALL_GOOD, conversions=found)) is expected


def test_conversions_are_told_with_count_time_and_share() -> None:
    found = Conversions("fp32@f32", 68, 4200.0, 16000.0)
    line = build_checklist(replace(ALL_GOOD, conversions=found)).line(LineId.CONVERSIONS)
    assert line.figure == (
        "68 conversions that fp32@f32 has not, 4,200 µs, 26.2 % of INT8's layer time"
    )
    assert [(one.name, one.value) for one in line.values] == [
        ("count", 68), ("time_ms", 4.2), ("share", 0.2625),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        (FASTER, PASSED), (SLOWER, FAILED), (EQUAL, FAILED), (OPEN, UNKNOWN),
        (replace(FASTER, paired=False), UNKNOWN), (replace(SLOWER, paired=False), UNKNOWN),
    ],
)  # fmt: skip
def test_what_the_file_runs_at_by_default_decides_and_not_f32(
    default: Estimate, expected: Status
) -> None:
    against = (
        Against(FLOAT_CELL, FULL_CELL, FASTER), Against(DEFAULT_CELL, FULL_CELL, default),
    )  # fmt: skip
    assert status(LineId.SYNC_RATIO, replace(ALL_GOOD, against=against)) is expected


@pytest.mark.parametrize(("forced", "expected"), [(FASTER, UNKNOWN), (SLOWER, FAILED)])
def test_faster_than_f32_alone_is_no_answer(forced: Estimate, expected: Status) -> None:
    alone = (Against(FLOAT_CELL, FULL_CELL, forced),)
    assert status(LineId.SYNC_RATIO, replace(ALL_GOOD, against=alone)) is expected


def test_both_baselines_are_named_with_interval_and_blocks() -> None:
    assert build_checklist(ALL_GOOD).line(LineId.SYNC_RATIO).figure == (
        "2.00x as fast as fp32@f32 (1.96x to 2.04x, 10 paired blocks);"
        " 1.25x as fast as fp32@default (1.22x to 1.28x, 10 paired blocks)"
    )


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        (view(labelled(490, 489, 3, 2)), PASSED),
        (view(labelled(490, 495, 2, 7)), PASSED),  # better than float
        (view(labelled(490, 479, 14, 3)), FAILED),  # 2.2 points, beyond chance
        (view(labelled(490, 485, 5, 0, 500)), PASSED),  # 1.0 points: as much as may be
        (view(labelled(490, 482, 20, 12)), UNKNOWN),  # 1.6 points, but within chance
        (view(labelled(50, 50, 0, 0, 50), samples=50), UNKNOWN),  # too few samples
        (view(labelled(495, 489, 8, 2)), UNKNOWN),  # 1.2 points, p = 0.11
        (view(agreement=0.99), PASSED),
        (view(agreement=0.989), UNKNOWN),
        (view(agreement=0.90), UNKNOWN),
        (view(agreement=0.899), FAILED),
        (view(agreement=1.0, samples=99), UNKNOWN),
        (view(), UNKNOWN),
        (view(labelled(490, 489, 3, 2), kind="int8-simplified"), UNKNOWN),  # not calibrated fully
    ],
)
def test_accuracy_is_judged_by_the_test_or_by_agreement(
    judged: AccuracyView, expected: Status
) -> None:
    assert status(LineId.ACCURACY, replace(ALL_GOOD, accuracy=(judged,))) is expected


def test_labels_count_before_agreement() -> None:
    both = replace(view(labelled(490, 479, 14, 3)), agreements=view(agreement=1.0).agreements)
    assert status(LineId.ACCURACY, replace(ALL_GOOD, accuracy=(both,))) is FAILED


def test_random_weights_have_no_accuracy() -> None:
    line = build_checklist(replace(ALL_GOOD, synthetic=True)).line(LineId.ACCURACY)
    assert line.status is UNKNOWN
    assert "random" in line.figure


def test_the_accuracy_is_that_of_the_arm_where_it_was_judged() -> None:
    bad = replace(view(labelled(490, 479, 14, 3)), variant_id="other", variant_kind="int8-full")
    own = replace(GOOD, variant_kind="int8-accuracy")
    assert status(LineId.ACCURACY, replace(ALL_GOOD, accuracy=(bad, own))) is PASSED
    assert (
        status(LineId.ACCURACY, replace(ALL_GOOD, accuracy=(bad, replace(own, variant_id="third"))))
        is FAILED
    )


@pytest.mark.parametrize(
    ("estimate", "expected"),
    [(FASTER, PASSED), (EQUAL, PASSED), (SLOWER, FAILED), (OPEN, UNKNOWN),
     (replace(SLOWER, paired=False), UNKNOWN)],
)  # fmt: skip
def test_the_native_file_is_worse_or_as_good(estimate: Estimate, expected: Status) -> None:
    found = Against(NATIVE_CELL, FULL_CELL, estimate)
    assert status(LineId.NATIVE, replace(ALL_GOOD, native=found)) is expected
    assert status(LineId.NATIVE, replace(ALL_GOOD, native=None)) is UNKNOWN
    of_native = replace(ALL_GOOD, candidate=NATIVE_CELL, native=found)
    assert status(LineId.NATIVE, of_native) is expected, "the same whichever is asked about"


def test_what_is_to_be_looked_at_is_the_other_int8_file_where_that_is_faster() -> None:
    slower, faster = (Against(NATIVE_CELL, FULL_CELL, one) for one in (SLOWER, FASTER))

    def step(facts: ReadinessFacts) -> str | None:
        found = build_checklist(facts).line(LineId.NATIVE).next_step
        return found.command if found else None

    assert "--arm int8-native@default" in str(step(replace(ALL_GOOD, native=slower)))
    assert step(replace(ALL_GOOD, native=faster)) is None
    of_native = replace(ALL_GOOD, candidate=NATIVE_CELL)
    assert step(replace(of_native, native=slower)) is None
    alike = Against(NATIVE_CELL, FULL_CELL, EQUAL)
    assert step(replace(of_native, native=alike)) is None, "neither is better"
    assert "--arm int8-full@default" in str(step(replace(of_native, native=faster)))


def test_a_better_place_is_told_where_the_native_file_is_the_arm_and_the_faster_one() -> None:
    """The failed line of the native file has nothing to do next: that of the devices has."""
    facts = replace(
        ALL_GOOD, candidate=NATIVE_CELL, native=Against(NATIVE_CELL, FULL_CELL, SLOWER),
        elsewhere=(Against(NATIVE_CELL, replace(NATIVE_CELL, device="Other CPU"), FASTER),),
    )  # fmt: skip
    found = build_checklist(facts)
    assert found.answer is Answer.WORTH_IT
    assert found.next_step is not None
    assert found.next_step.words == "look at Other CPU"


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (best(NOW, NOW, rival=BEFORE), PASSED),
        (best(BEFORE, BEFORE, NOW, rival=NOW), PASSED),  # not told apart
        (best(BEFORE, BEFORE, rival=NOW), FAILED),
        (best(NOW, NOW), UNKNOWN),  # the only version
        (best(BEFORE, BEFORE, apart=(NOW,)), UNKNOWN),  # never in one run
        (best(BEFORE, BEFORE, apart=(NOW,), rival=FIRST), UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_other_versions_are_judged_by_paired_comparisons(
    found: Best | None, expected: Status
) -> None:
    assert status(LineId.VERSIONS, replace(ALL_GOOD, best_version=found)) is expected


@pytest.mark.parametrize(
    ("estimates", "expected"),
    [((SLOWER,), PASSED), ((SLOWER, FASTER), FAILED), ((OPEN,), UNKNOWN), ((OPEN, EQUAL), PASSED),
     ((), UNKNOWN)],
)  # fmt: skip
def test_other_devices_are_named_where_one_is_faster(
    estimates: tuple[Estimate, ...], expected: Status
) -> None:
    others = tuple(
        Against(FULL_CELL, replace(FULL_CELL, device=f"CPU {at}"), estimate)
        for at, estimate in enumerate(estimates)
    )
    assert status(LineId.DEVICES, replace(ALL_GOOD, elsewhere=others)) is expected


def test_of_many_other_devices_the_quickest_are_told_and_the_rest_counted() -> None:
    others = tuple(
        Against(FULL_CELL, replace(FULL_CELL, device=f"CPU {at}"), replace(FASTER, ratio=0.9 / at))
        for at in range(1, 6)
    )
    line = build_checklist(replace(ALL_GOOD, elsewhere=others)).line(LineId.DEVICES)
    named = re.findall(r"CPU \d", line.figure)
    assert named == ["CPU 5", "CPU 4", "CPU 3"]
    assert line.figure.endswith("and 2 more devices, none of them quicker than these")
    assert len(line.values) == 5


def test_an_arm_that_cannot_run_fails_the_line_and_not_the_answer() -> None:
    failed = replace(
        ALL_GOOD, failure=ArmFailure("int8-full@default", "signal 11"), candidate=None,
        against=(), conversions=None,
    )  # fmt: skip
    found = build_checklist(failed)
    assert found.line(LineId.QUICK_INT8).status is FAILED
    assert "signal 11" in found.line(LineId.QUICK_INT8).figure
    assert found.answer is Answer.NOT_KNOWN
    assert found.next_step == found.line(LineId.QUICK_INT8).next_step


def test_a_native_file_is_no_int8_model_that_was_made() -> None:
    assert status(LineId.QUICK_INT8, replace(ALL_GOOD, made=("int8-native",))) is UNKNOWN
    assert status(LineId.QUICK_INT8, replace(ALL_GOOD, made=("int8-accuracy",))) is PASSED


def test_worth_it_where_it_is_faster_and_keeps_its_accuracy() -> None:
    found = build_checklist(ALL_GOOD)
    assert found.answer is Answer.WORTH_IT
    assert found.next_step is None
    assert found.sentence == (
        "Worth it: int8-full@default is 2.00x as fast as fp32@f32 (1.96x to 2.04x, 10 paired"
        " blocks); 1.25x as fast as fp32@default (1.22x to 1.28x, 10 paired blocks);"
        " int8-full: top-1 97.8 % (96.1-98.8), fp32 98.0 % (96.4-98.9): 0.2 points lower, within"
        " chance, p = 1.000; photos, 500 samples."
    )


def test_worth_it_does_not_need_what_only_foretells_it() -> None:
    poor = replace(
        ALL_GOOD, heavy=HeavyTime("fp32@f32", 1.0, 1000.0),
        conversions=Conversions("fp32@f32", 68, 400.0, 500.0),
    )  # fmt: skip
    assert build_checklist(poor).answer is Answer.WORTH_IT


def test_not_worth_it_where_float_by_default_is_as_fast() -> None:
    against = (ALL_GOOD.against[0], Against(DEFAULT_CELL, FULL_CELL, EQUAL))
    found = build_checklist(replace(ALL_GOOD, against=against))
    assert found.answer is Answer.NOT_WORTH_IT
    assert found.sentence.startswith("Not worth it: int8-full@default is 2.00x as fast as fp32@f32")
    assert found.sentence.endswith("next: see which causes hold INT8 back.")


def test_not_worth_it_points_to_a_version_that_is_better() -> None:
    against = (Against(DEFAULT_CELL, FULL_CELL, SLOWER),)
    facts = replace(ALL_GOOD, against=against, best_version=best(BEFORE, BEFORE, rival=NOW))
    found = build_checklist(facts)
    assert found.next_step is not None
    assert found.next_step.command == (
        "python -m results readiness net --openvino 2025.4.0 --data x"
    )


def test_not_worth_it_where_the_accuracy_is_lost() -> None:
    found = build_checklist(replace(ALL_GOOD, accuracy=(view(labelled(490, 479, 14, 3)),)))
    assert found.answer is Answer.NOT_WORTH_IT
    assert "2.2 points lower, a real drop" in found.sentence
    assert found.next_step is not None
    assert found.next_step.command == (
        "python -m collector quantize net.onnx --mode accuracy --dataset DATA --data x"
    )


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (replace(ALL_GOOD, made=(), candidate=None, against=(), conversions=None, accuracy=()),
         "python -m collector run --model net.onnx --isa-cap AVX2 --data x"),
        (replace(ALL_GOOD, against=(Against(DEFAULT_CELL, FULL_CELL, OPEN),), accuracy=()),
         "python -m collector run --model net.onnx --isa-cap AVX2 --effort publish --data x"),
        (replace(ALL_GOOD, accuracy=()),
         "python -m collector quantize net.onnx --mode full --dataset DATA --data x"),
    ],
)  # fmt: skip
def test_not_known_yet_says_the_one_thing_to_do_next(facts: ReadinessFacts, command: str) -> None:
    found = build_checklist(facts)
    assert found.answer is Answer.NOT_KNOWN
    assert found.next_step is not None
    assert found.next_step.command == command
    assert found.sentence == f"Not known yet: {found.next_step.words} next."


def test_every_line_that_did_not_pass_says_what_to_do_with_its_command() -> None:
    nothing = ReadinessFacts("m", "net", "Net", None, synthetic=False, reference=Reference("net"))
    failing = replace(
        ALL_GOOD, heavy=HeavyTime("f", 1.0, 9.0), accuracy=(view(agreement=0.5),),
        conversions=Conversions("f", 68, 400.0, 500.0),
        against=(Against(DEFAULT_CELL, FULL_CELL, SLOWER),),
        native=Against(NATIVE_CELL, FULL_CELL, SLOWER),
        best_version=best(BEFORE, BEFORE, rival=NOW),
        elsewhere=(Against(FULL_CELL, replace(FULL_CELL, device="B"), FASTER),),
    )  # fmt: skip
    for facts, expected in ((nothing, UNKNOWN), (failing, FAILED)):
        for line in build_checklist(facts).lines:
            if line.line_id is LineId.QUICK_INT8 and expected is FAILED:
                continue
            assert line.status is expected, line
            assert line.next_step is not None
            assert (line.next_step.command or "").startswith("python -m ")


def test_thresholds_are_those_that_the_docs_explain() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "readiness.md").read_text()
    told = re.findall(r"`([A-Z][A-Z_0-9]+)` ([0-9.]+)", docs)
    names = {name: value for name, value in vars(checks).items() if isinstance(value, int | float)}
    public = {name: value for name, value in names.items() if name[0] != "_"}
    assert {name: float(value) for name, value in told} == public


def test_the_docs_have_every_line_and_answer() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "readiness.md").read_text()
    assert re.findall(r"^[|] `(\w+)` [|]", docs, flags=re.MULTILINE) == [str(x) for x in LineId]
    assert all(f"**{answer.value.capitalize()}**" in docs for answer in Answer)


def test_an_agreement_of_the_bar_cannot_hide_a_larger_drop_than_the_bar() -> None:
    assert pytest.approx(checks.MAX_DROP_POINTS) == 100.0 * (1.0 - checks.AGREEMENT)
