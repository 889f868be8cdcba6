"""Gates let a comparison through or not, and say why with the figure."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from results.accuracy import AccuracyView, Labelled, Share
from results.comparison import PUBLISHED, CellView, Comparison, Estimate, Verdict
from results.errors import UsageError
from results.gates import FailOn, Gate, Limits, judge_gates
from tests.unit.pairs import FLOAT_CELL, INT8_CELL


def estimate(
    speedup: float, low: float | None, high: float | None, verdict: Verdict = Verdict.FASTER
) -> Estimate:
    needed = 18 if verdict is Verdict.INCONCLUSIVE else None
    bounds = (1 / high if high else None, 1 / low if low else None)
    return Estimate(verdict, 1 / speedup, *bounds, True, 5, needed, speedup, 1.0)


def comparison(
    found: Estimate,
    *,
    accuracy: tuple[AccuracyView, ...] = (),
    baseline: CellView = FLOAT_CELL,
    candidate: CellView = INT8_CELL,
) -> Comparison:
    return Comparison(
        baseline, candidate, ("run",), found, None, None, (), (), (), (), "A sentence.",
        accuracy=accuracy,
    )  # fmt: skip


def judged(
    right: int, reference: int | None, *, dataset: str = "digits", samples: int = 200,
    only: tuple[int, int] | None = None, cell: CellView = INT8_CELL,
) -> AccuracyView:  # fmt: skip
    """The candidate on one dataset with labels: of ``samples`` it got ``right`` right."""
    share = None if reference is None else Share(reference / samples, samples)
    lost, gained = only or (None, None)
    one = Labelled("out", Share(right / samples, samples), None, share, None, lost, gained)
    return AccuracyView(
        cell.variant_id, cell.variant_kind, cell.model_id, dataset, dataset, samples, 0,
        (one,), (), (),
    )  # fmt: skip


def only(found: Comparison, limits: Limits) -> Gate:
    (gate,) = judge_gates(found, limits)
    return gate


FASTER = estimate(1.5, 1.4, 1.6)
OPEN = estimate(1.01, 0.95, 1.07, Verdict.INCONCLUSIVE)


def test_nothing_asked_is_nothing_judged() -> None:
    assert judge_gates(comparison(OPEN), Limits()) == ()


@pytest.mark.parametrize(
    ("limit", "passed", "said"),
    [
        (1.3, True, "1.50x reaches 1.30x; 95 % interval 1.40x to 1.60x, none of it below"),
        (1.5, True, "1.50x reaches 1.50x; 95 % interval 1.40x to 1.60x, on both sides"),
        (1.55, False, "1.50x is below 1.55x; 95 % interval 1.40x to 1.60x, on both sides"),
        (1.7, False, "1.50x is below 1.70x; 95 % interval 1.40x to 1.60x, all of it below"),
    ],
)
def test_the_estimate_has_to_reach_the_speedup_and_the_interval_is_told(
    limit: float, passed: bool, said: str
) -> None:
    gate = only(comparison(FASTER), Limits(min_speedup=limit))
    assert (gate.passed, gate.limit) == (passed, limit)
    assert gate.figure == pytest.approx(1.5)
    assert gate.message.startswith(said)
    assert (
        gate.line
        == f"gate {'passed' if passed else 'failed'}: --min-speedup {limit:g}: {gate.message}"
    )


def test_an_interval_wholly_below_fails_whatever_the_estimate_is() -> None:
    gate = only(comparison(estimate(1.52, 1.3, 1.49)), Limits(min_speedup=1.5))
    assert not gate.passed


def test_figures_that_round_to_the_limit_are_told_apart_from_it() -> None:
    gate = only(comparison(estimate(1.49996, 1.4, 1.6)), Limits(min_speedup=1.5))
    assert not gate.passed
    assert gate.message.startswith("1.49996x is below 1.50000x")


def test_without_an_interval_the_estimate_decides_and_that_is_said() -> None:
    found = replace(estimate(1.6, None, None, Verdict.INCONCLUSIVE), blocks=1)
    gate = only(comparison(found), Limits(min_speedup=1.5))
    assert gate.passed
    assert "no interval (1 paired block)" in gate.message


def test_an_open_verdict_is_told_beside_the_speedup() -> None:
    gate = only(comparison(OPEN), Limits(min_speedup=1.0))
    assert gate.passed
    assert "the verdict is inconclusive, about 18 blocks would settle it" in gate.message


def test_figures_that_were_not_measured_here_are_marked() -> None:
    told = replace(FLOAT_CELL, origin=PUBLISHED)
    found = comparison(estimate(1.6, None, None, Verdict.INCONCLUSIVE), baseline=told)
    gates = judge_gates(found, Limits(min_speedup=1.5, fail_on=(FailOn.SLOWER,)))
    assert all("told, not measured" in gate.message for gate in gates)


@pytest.mark.parametrize(
    ("verdict", "failing"),
    [
        (Verdict.FASTER, set()),
        (Verdict.SLOWER, {FailOn.SLOWER, FailOn.NOT_FASTER}),
        (Verdict.EQUIVALENT, {FailOn.NOT_FASTER}),
        (Verdict.INCONCLUSIVE, {FailOn.INCONCLUSIVE, FailOn.NOT_FASTER}),
    ],
)
def test_each_verdict_fails_exactly_the_gates_that_name_it(
    verdict: Verdict, failing: set[FailOn]
) -> None:
    found = comparison(estimate(1.1, 1.0, 1.2, verdict))
    gates = judge_gates(found, Limits(fail_on=tuple(FailOn)))
    assert {gate.limit for gate in gates if not gate.passed} == failing
    assert all(gate.figure == verdict.value and verdict.value in gate.message for gate in gates)


def test_a_gate_that_is_asked_for_twice_is_told_once() -> None:
    gates = judge_gates(comparison(FASTER), Limits(fail_on=(FailOn.SLOWER, FailOn.SLOWER)))
    assert len(gates) == 1


@pytest.mark.parametrize(
    ("right", "limit", "passed"), [(195, 0.5, True), (194, 0.5, False), (196, 0.0, True)]
)
def test_a_drop_of_exactly_the_limit_is_let_through(right: int, limit: float, passed: bool) -> None:
    """196 of 200 are 98 %, 195 are 97.5 %: 0.5 points, in floats a last bit more."""
    found = comparison(FASTER, accuracy=(judged(right, 196),))
    gate = only(found, Limits(max_accuracy_drop_points=limit))
    assert gate.passed is passed
    assert gate.figure == pytest.approx((196 - right) / 2)


def test_a_drop_is_told_with_its_limit_its_test_and_its_data() -> None:
    found = comparison(FASTER, accuracy=(judged(180, 196, only=(17, 1)),))
    gate = only(found, Limits(max_accuracy_drop_points=1))
    assert gate.line == (
        "gate failed: --max-accuracy-drop 1: top-1 is 8.00 points below fp32, limit 1.00,"
        " a real drop, p < 0.001; on digits (200 samples)"
    )


def test_a_gain_is_let_through_and_told_as_one() -> None:
    gate = only(
        comparison(FASTER, accuracy=(judged(198, 196),)), Limits(max_accuracy_drop_points=0)
    )
    assert gate.passed
    assert "1.00 points above fp32" in gate.message


def test_of_several_datasets_the_worst_counts() -> None:
    views = (judged(196, 196, dataset="easy"), judged(190, 196, dataset="hard"))
    gate = only(comparison(FASTER, accuracy=views), Limits(max_accuracy_drop_points=1))
    assert not gate.passed
    assert "hard" in gate.message


@pytest.mark.parametrize(
    "views",
    [
        (),
        (judged(196, None),),
        (judged(196, 196, cell=FLOAT_CELL),),
        (replace(judged(196, 196), labels=()),),
    ],
    ids=["never judged", "fp32 not judged", "only fp32 judged", "no labels"],
)
def test_accuracy_that_is_not_known_fails_with_what_to_do(views: tuple[AccuracyView, ...]) -> None:
    gate = only(comparison(FASTER, accuracy=views), Limits(max_accuracy_drop_points=5))
    assert (gate.passed, gate.figure) == (False, None)
    assert "the drop of int8-simplified is not known" in gate.message
    assert "--dataset" in gate.message


def test_a_float_candidate_has_nothing_to_lose() -> None:
    found = comparison(FASTER, baseline=INT8_CELL, candidate=FLOAT_CELL)
    gate = only(found, Limits(max_accuracy_drop_points=0.5))
    assert gate.passed
    assert "nothing was quantised" in gate.message


@pytest.mark.parametrize("value", [0.0, -1.5, math.inf, math.nan])
def test_a_speedup_that_cannot_be_is_refused(value: float) -> None:
    with pytest.raises(UsageError, match="--min-speedup is"):
        Limits(min_speedup=value)


@pytest.mark.parametrize("value", [-0.1, 101.0, math.inf, math.nan])
def test_a_drop_that_cannot_be_is_refused(value: float) -> None:
    with pytest.raises(UsageError, match="--max-accuracy-drop is"):
        Limits(max_accuracy_drop_points=value)


def test_the_page_about_compare_has_every_gate_and_every_key() -> None:
    page = (Path(__file__).parents[2] / "docs" / "compare.md").read_text()
    limits = Limits(min_speedup=1.0, fail_on=tuple(FailOn), max_accuracy_drop_points=1.0)
    gates = judge_gates(comparison(OPEN), limits)
    assert len(gates) == 2 + len(FailOn)
    for asked in FailOn:
        assert f"`--fail-on {asked.value}`" in page
    for gate in gates:
        assert f"`--{gate.gate}" in page
    assert all(f"`{key}`" in page for key in ("option", *Gate.__dataclass_fields__))
