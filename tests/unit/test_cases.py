"""The labelled cases: whether causes are named rightly, and whether the cases can be trusted.

The bars are those of ``make bench``, over the planted pairs of both halves.
"""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import fmean, pstdev, variance

import pytest

from results.comparison import Comparison
from results.facts import ExecNode, Launch
from tests.benchmarks.causes import table, wrong_cases
from tests.cases import edits, nets
from tests.cases.catalogue import (
    PLANTED,
    Case,
    measured_comparisons,
    planted_comparisons,
)
from tests.cases.labels import CAUSES, Label, half_of, label, same
from tests.cases.measured import MEASURED
from tests.cases.plan import CAPPED, VNNI, as_int8, total_us
from tests.cases.planted_case import FLOAT_ARM, PlantedCase, int8
from tests.cases.planted_without import WITHOUT_CAUSE
from tests.cases.planting import LAYER_SCATTER, PROFILE_LAUNCHES, PROFILE_PACE, runs_of
from tests.cases.score import LEAST, Judged, score

_EVERY: tuple[Case, ...] = (*PLANTED, *MEASURED)
_LEAST_PAIRS = 28
_LEAST_PER_CAUSE = 2
_LEAST_ASKED = 4
_CUT_TO_NOTHING = {"tiny_and_half_baseline"}
"""Each of its baseline's layers takes less than a µs, which a counter tells as 0."""


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Comparison]:
    """Every planted pair, compared as any two cells of a store."""
    folder = tmp_path_factory.mktemp("planted")
    return {case.name: found for case, found in planted_comparisons(folder, PLANTED)}


def _judged(case: PlantedCase, found: Comparison) -> Judged:
    return Judged(case.name, case.label, frozenset(cause.cause_id for cause in found.causes))


@pytest.mark.parametrize("half", ["a", "b"])
def test_causes_of_planted_pairs_are_named_rightly(
    compared: dict[str, Comparison], half: str
) -> None:
    cases = [_judged(case, compared[case.name]) for case in PLANTED if case.half == half]
    overall = score(cases).overall
    assert overall.precision is not None, "nothing was named at all"
    assert overall.recall is not None, "nothing is true of any pair"
    assert overall.precision >= LEAST, overall.words()
    assert overall.recall >= LEAST, overall.words()


def test_nothing_is_named_where_there_is_no_cause(compared: dict[str, Comparison]) -> None:
    named = {
        case.name: [cause.cause_id for cause in compared[case.name].causes]
        for case in PLANTED
        if not case.label.has_cause and compared[case.name].causes
    }
    assert named == {}


def test_the_layers_of_planted_pairs_are_matched(compared: dict[str, Comparison]) -> None:
    for name, found in compared.items():
        assert found.coverage is not None, name
        assert found.coverage.candidate >= 0.99, name
        if name not in _CUT_TO_NOTHING:
            assert found.coverage.baseline >= 0.99, name


def test_the_measured_ratio_of_a_planted_pair_is_the_planted_one(
    compared: dict[str, Comparison],
) -> None:
    for case in PLANTED:
        pair = case.pair()
        truth = pair.candidate.wall_us / pair.baseline.wall_us
        tolerance = 0.04 if case.paired else 0.1
        assert compared[case.name].estimate.ratio == pytest.approx(truth, rel=tolerance), case.name


def test_measured_pairs_can_be_compared() -> None:
    compared = tuple(measured_comparisons())
    assert [case.name for case, _ in compared] == [case.name for case in MEASURED]
    same_pairs = [found for case, found in compared if not case.label.has_cause]
    assert [found.causes for found in same_pairs] == [()] * len(same_pairs)


def test_there_are_enough_pairs_each_with_a_name_of_its_own() -> None:
    names = [case.name for case in _EVERY]
    assert len(names) >= _LEAST_PAIRS
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("half", ["a", "b"])
def test_both_halves_have_each_cause_and_pairs_without_one(half: str) -> None:
    labels = [case.label for case in _EVERY if case.half == half]
    assert {cause for one in labels for cause in one.must} == set(CAUSES)
    assert any(not one.has_cause for one in labels)
    assert any(one.has_cause and not one.must for one in labels)


@pytest.mark.parametrize("half", ["a", "b"])
def test_both_halves_have_int8_against_float_without_a_cause(half: str) -> None:
    """In pairs of one program no rule for causes is even asked."""
    pairs = [case.pair() for case in PLANTED if case.half == half and not case.label.has_cause]
    asked = [pair for pair in pairs if pair.baseline.arm == FLOAT_ARM != pair.candidate.arm]
    assert len(asked) >= _LEAST_ASKED


def test_int8_without_a_cause_is_evenly_as_fast_or_faster_and_has_nothing_inserted() -> None:
    for case in WITHOUT_CAUSE:
        _, baseline, candidate = case.sides()
        before = {layer.name: layer for layer in baseline.layers}
        quantised = [layer for layer in candidate.layers if layer.precision == "u8"]
        factors = {
            round((layer.time_us or 0.0) / (before[layer.name].time_us or 0.0), 9)
            for layer in quantised
        }
        assert [layer.name for layer in candidate.layers] == list(before), case.name
        assert len(factors) == 1, case.name
        assert max(factors) <= 1.0, case.name


def test_each_cause_is_required_by_several_pairs() -> None:
    for cause in CAUSES:
        assert sum(cause in case.label.must for case in _EVERY) >= _LEAST_PER_CAUSE, cause


def test_the_half_of_a_case_hangs_on_its_name_alone() -> None:
    halves = {case.name: half_of(case.name) for case in _EVERY}
    assert halves == {case.name: case.half for case in reversed(_EVERY)}
    assert {"a", "b"} == set(halves.values())


def test_planting_twice_gives_the_same_facts() -> None:
    case = next(case for case in PLANTED if case.name == "like_the_seed")
    assert list(runs_of([case.pair()])) == list(runs_of([case.pair()]))


def test_what_is_planted_of_a_pair_does_not_hang_on_the_others() -> None:
    case = next(case for case in PLANTED if case.name == "like_the_seed")
    other = next(case for case in PLANTED if case.name == "sound_encoder")
    ((_, alone),) = runs_of([case.pair()])
    ((_, together),) = runs_of([other.pair(), case.pair()])
    assert {one for one in alone if isinstance(one, ExecNode | Launch)} <= {
        one for one in together if isinstance(one, ExecNode | Launch)
    }


def test_launches_of_a_planted_pair_differ_as_those_of_a_machine() -> None:
    launches, nodes = _planted("same_float_resnet")
    timed_ms = [one.p50_ms for one in launches if one.p50_ms and one.kind == "timing"]
    assert 0.01 < (max(timed_ms) - min(timed_ms)) / min(timed_ms) < 0.2
    assert all(node.time_us == int(node.time_us) for node in nodes if node.time_us is not None)


def test_profile_launches_of_a_round_have_one_pace_that_is_not_the_headline_s() -> None:
    paces = {case.name: _paces(case) for case in PLANTED if case.paired and case.pair().in_turns}
    for name, by_round in paces.items():
        assert len(by_round) == PROFILE_LAUNCHES, name
        for both in by_round:
            assert len(both) == 2, f"{name}: a round without one of its sides"
            assert both[0] / both[1] == pytest.approx(1.0, abs=0.1), name
            assert all(PROFILE_PACE[0] <= one <= 1.1 * PROFILE_PACE[1] for one in both), name
    middles = [math.log(both[0]) for by_round in paces.values() for both in by_round]
    assert pstdev(middles) > 0.1, "profiles run at the headline's pace"


def test_a_quarter_of_the_pairs_has_profile_launches_that_took_no_turns() -> None:
    apart = [case for case in PLANTED if not case.pair().in_turns]
    assert 0.15 < len(apart) / len(PLANTED) < 0.35
    for case in apart:
        launches, _ = _planted(case.name)
        profiles = [one for one in launches if one.kind == "profile"]
        assert {(one.block, one.sitting) for one in profiles} == {(None, None)}, case.name


def test_layers_scatter_from_one_profile_launch_to_the_next() -> None:
    launches, nodes = _planted("same_float_resnet")
    walls_ms = {one.launch_id: one.p50_ms or 0.0 for one in launches}
    logs: dict[tuple[str, str], list[float]] = {}
    for node in nodes:
        if node.time_us and node.time_us > 100:  # cut to whole µs, shorter ones scatter more
            own = logs.setdefault((node.cell_id, node.name), [])
            own.append(math.log(node.time_us / walls_ms[node.launch_id]))
    spread = math.sqrt(fmean(variance(own) for own in logs.values()))
    assert LAYER_SCATTER[0] < spread < LAYER_SCATTER[1]


def _planted(name: str) -> tuple[list[Launch], list[ExecNode]]:
    """The launches and the layers of a pair, as they are stored."""
    case = next(case for case in PLANTED if case.name == name)
    facts = [fact for _, found in runs_of([case.pair()]) for fact in found]
    launches = [fact for fact in facts if isinstance(fact, Launch)]
    return launches, [fact for fact in facts if isinstance(fact, ExecNode)]


def _paces(case: PlantedCase) -> list[list[float]]:
    """By round how long each side's profile launch took, of the truth."""
    pair, (launches, _) = case.pair(), _planted(case.name)
    truths = dict(zip(pair.cell_ids, (pair.baseline.wall_us, pair.candidate.wall_us), strict=True))
    found: dict[int, list[float]] = {}
    for one in launches:
        if one.kind == "profile" and one.block is not None and one.p50_ms:
            found.setdefault(one.block, []).append(1000.0 * one.p50_ms / truths[one.cell_id])
    return list(found.values())


def test_an_inserted_reorder_adds_its_own_time_and_nothing_else() -> None:
    plain = as_int8(nets.plain_cnn().layers, VNNI)
    edited = edits.reorders(250, edits.named("conv6"))(plain)
    assert total_us(edited) - total_us(plain) == pytest.approx(250)
    (new,) = [layer for layer in edited if layer.node_type == "Reorder"]
    assert new.reads == ("conv5",)
    assert next(layer for layer in edited if layer.name == "conv6").reads[0] == new.name


def test_an_operation_that_stands_alone_is_carried_by_no_other_layer() -> None:
    plain = as_int8(nets.mobile().layers, VNNI)
    edited = edits.alone("/sum", 90)(plain)
    carried = [op for layer in edited for op in layer.ops]
    assert sorted(carried) == sorted(op for layer in plain for op in layer.ops)
    alone = [layer for layer in edited if layer.node_type == "Eltwise"]
    assert [layer.ops[0] for layer in alone] == [f"block{n}/project/sum" for n in range(1, 6)]
    assert all(len(layer.reads) == 2 for layer in alone), "the second summand is lost"


def test_a_layer_in_float_takes_what_it_takes_in_the_float_network() -> None:
    net, baseline, candidate = int8(
        nets.plain_cnn, edits.float_layers(edits.named("conv7")), kit=CAPPED
    )()
    before = next(layer for layer in baseline.layers if layer.name == "conv7")
    after = next(layer for layer in candidate.layers if layer.name == "conv7")
    assert (after.time_us, after.precision) == (before.time_us, "f32")
    assert len(net.ops) > len(candidate.layers)


def test_a_label_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="no cause is called slow"):
        label("a typo", "slow")
    with pytest.raises(ValueError, match="both required and optional"):
        label("both", "memory_bound", memory_bound="it may be")
    with pytest.raises(ValueError, match="has none to name"):
        replace(same("the same"), must=frozenset({"memory_bound"}))


def _case(must: set[str], found: set[str], may: str = "", *, has_cause: bool = True) -> Judged:
    optional = {may: "either way"} if may else {}
    return Judged("case", Label("planted", frozenset(must), optional, has_cause),
                  frozenset(found))  # fmt: skip


def test_precision_and_recall_count_what_is_required_and_what_is_false() -> None:
    found = score([
        _case({"left_in_float", "lost_fusion"}, {"left_in_float", "memory_bound"}),
        _case({"left_in_float"}, {"left_in_float", "slower_kernel"}, may="slower_kernel"),
    ])  # fmt: skip
    assert (found.overall.precision, found.overall.recall) == (2 / 3, 2 / 3)
    by_cause = dict(found.by_cause())
    assert (by_cause["lost_fusion"].precision, by_cause["lost_fusion"].recall) == (None, 0.0)
    assert by_cause["slower_kernel"].false_alarms == 0
    assert [case.missed for case in found.wrong] == [{"lost_fusion"}]


def test_a_cause_nobody_knows_is_a_false_alarm() -> None:
    found = score([_case({"left_in_float"}, {"left_in_float", "new_idea"})])
    assert found.overall.precision == 0.5
    assert "new_idea" in dict(found.by_cause())


def test_a_cause_named_where_there_is_none_misses_the_bar_by_itself() -> None:
    right = [_case({"left_in_float"}, {"left_in_float"})] * 30
    assert score(right).ok
    assert not score([*right, _case(set(), {"lost_fusion"}, has_cause=False)]).ok
    assert score([*right, _case(set(), {"lost_fusion"})]).ok


def test_the_row_shows_each_cause_and_each_wrong_case_with_what_was_expected_and_found() -> None:
    found = score([_case({"left_in_float"}, {"lost_fusion"}), _case(set(), set())])
    lines = table(found)
    assert [line.split()[0] for line in lines] == [*CAUSES, "all"]
    assert "precision 0.00, recall 0.00 (0 right, 1 missed, 1 false)" in lines[-1]
    (wrong,) = wrong_cases(found)
    assert "expected left_in_float; found lost_fusion" in wrong
