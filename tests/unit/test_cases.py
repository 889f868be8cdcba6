"""The labelled cases: whether causes are named rightly, and whether the cases can be trusted.

The bars are those of ``make bench``, over the planted pairs of both halves.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.comparison import Comparison
from results.facts import ExecNode, Launch
from tests.benchmarks.causes import table, wrong_cases
from tests.cases import edits, nets
from tests.cases.catalogue import (
    PLANTED,
    Case,
    measured_comparisons,
    plant,
    planted_comparisons,
)
from tests.cases.labels import CAUSES, Label, half_of, label, same
from tests.cases.measured import MEASURED
from tests.cases.plan import CAPPED, VNNI, as_int8, total_us
from tests.cases.planted_case import PlantedCase, int8
from tests.cases.planting import runs_of
from tests.cases.score import LEAST, Judged, score

_EVERY: tuple[Case, ...] = (*PLANTED, *MEASURED)
_LEAST_PAIRS = 28
_LEAST_PER_CAUSE = 2


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


def test_nothing_is_named_where_there_is_no_difference(compared: dict[str, Comparison]) -> None:
    named = {
        case.name: [cause.cause_id for cause in compared[case.name].causes]
        for case in PLANTED
        if not case.label.different and compared[case.name].causes
    }
    assert named == {}


def test_the_layers_of_planted_pairs_are_matched(compared: dict[str, Comparison]) -> None:
    for name, found in compared.items():
        assert found.coverage is not None, name
        assert found.coverage.baseline >= 0.99, name
        assert found.coverage.candidate >= 0.99, name


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
    same_pairs = [found for case, found in compared if not case.label.different]
    assert [found.causes for found in same_pairs] == [()] * len(same_pairs)


def test_there_are_enough_pairs_each_with_a_name_of_its_own() -> None:
    names = [case.name for case in _EVERY]
    assert len(names) >= _LEAST_PAIRS
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("half", ["a", "b"])
def test_both_halves_have_each_cause_and_pairs_without_a_difference(half: str) -> None:
    labels = [case.label for case in _EVERY if case.half == half]
    assert {cause for one in labels for cause in one.must} == set(CAUSES)
    assert any(not one.different for one in labels)
    assert any(one.different and not one.must for one in labels)


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


def test_launches_of_a_planted_pair_differ_as_those_of_a_machine(tmp_path: Path) -> None:
    case = next(case for case in PLANTED if case.name == "same_float_resnet")
    with closing(plant(tmp_path, [case]).index()) as index:
        cell, _ = case.pair().cell_ids
        launches = [one.p50_ms for one in queries.launches(index, None, [cell]) if one.p50_ms]
        nodes = queries.exec_nodes(index, cell, queries.latest_run_of(index, cell) or "")
    spread = (max(launches) - min(launches)) / min(launches)
    assert 0.01 < spread < 0.2
    stem = {node.time_us for node in nodes if node.name == "stem/conv"}
    assert len(stem) > 1, "profile launches do not differ"
    assert all(time_us == int(time_us) for time_us in stem if time_us is not None)


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
    with pytest.raises(ValueError, match="has no cause"):
        replace(same("the same"), must=frozenset({"memory_bound"}))


def _case(must: set[str], found: set[str], may: str = "", *, different: bool = True) -> Judged:
    optional = {may: "either way"} if may else {}
    return Judged("case", Label("planted", frozenset(must), optional, different),
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


def test_a_cause_named_without_a_difference_misses_the_bar_by_itself() -> None:
    right = [_case({"left_in_float"}, {"left_in_float"})] * 30
    assert score(right).ok
    assert not score([*right, _case(set(), {"lost_fusion"}, different=False)]).ok
    assert score([*right, _case(set(), {"lost_fusion"})]).ok


def test_the_row_shows_each_cause_and_each_wrong_case_with_what_was_expected_and_found() -> None:
    found = score([_case({"left_in_float"}, {"lost_fusion"}), _case(set(), set())])
    lines = table(found)
    assert [line.split()[0] for line in lines] == [*CAUSES, "all"]
    assert "precision 0.00, recall 0.00 (0 right, 1 missed, 1 false)" in lines[-1]
    (wrong,) = wrong_cases(found)
    assert "expected left_in_float; found lost_fusion" in wrong
