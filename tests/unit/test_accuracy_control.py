"""Accuracy control: what costs too much goes back to float, and it is kept why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset1

from collector.models.data.dataset import Sample
from collector.models.graph import content_hash
from collector.models.judge.accuracy import judge
from collector.models.judge.inference import VariantGraph
from collector.models.quantize.accuracy_control import Validation, _trial
from collector.models.quantize.calibration import Calibration
from collector.models.quantize.made import Quantised, Reverted
from collector.models.quantize.nncf_call import calling_nncf
from collector.models.quantize.quantizer import quantize
from collector.models.quantize.recipe import Recipe
from collector.models.quantize.scorers import Infer, Scorer, usual_metric, usual_scorer
from collector.models.quantize.trials import Trial, Trials
from collector.models.steps import Report, silent
from results.errors import UsageError
from tests.unit.listed import ListedDataset
from tests.unit.small_nets import ruined_by_int8, ruined_classifier, samples_for, small_net


@pytest.fixture(scope="module")
def ruined() -> ov.Model:
    return ruined_by_int8()


@pytest.fixture(scope="module")
def data(ruined: ov.Model) -> ListedDataset:
    return samples_for(ruined)


def _controlled(
    graph: ov.Model,
    data: ListedDataset,
    max_drop: float,
    *,
    drop_type: str = "absolute",
    validation: Validation | None = None,
    report: Report = silent,
) -> Quantised:
    recipe = Recipe(mode="accuracy", samples=20, max_drop=max_drop, drop_type=drop_type)
    return quantize(graph, recipe, Calibration(data), report, validation or Validation(data))


def _fake_quantized_inputs(graph: ov.Model, name: str) -> int:
    """How many inputs of an operation come out of a quantise step, past its unpacked weights."""
    (op,) = (op for op in graph.get_ordered_ops() if op.get_friendly_name() == name)
    sources = [port.get_source_output().get_node() for port in op.inputs()]
    return sum(
        source.get_type_name() == "FakeQuantize" or _is_unpacked(source) for source in sources
    )


def _is_unpacked(node: ov.Node) -> bool:
    while node.get_input_size() and node.get_type_name() in {"Multiply", "Subtract", "Convert"}:
        node = node.input(0).get_source_output().get_node()
    return bool(node.get_type_name() == "Constant" and node.get_element_type().bitwidth == 8)


def _top1(graph: ov.Model, data: ListedDataset) -> float:
    compiled = ov.compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    right = [int(np.argmax(compiled(dict(s.inputs))[0])) == s.label for s in data]
    return sum(right) / len(right)


def test_the_layer_that_int8_ruins_goes_back_to_float_and_the_rest_stays(
    ruined: ov.Model, data: ListedDataset
) -> None:
    full = quantize(ruined, Recipe(mode="full", samples=20), Calibration(data)).graph
    made = _controlled(ruined, data, 0.1)
    assert [op.op_name for op in made.reverted] == ["body/second"]
    assert made.note is None
    assert _fake_quantized_inputs(full, "body/second") == 2
    assert _fake_quantized_inputs(made.graph, "body/second") == 0
    for kept in ("body/first", "body/depthwise", "classifier"):
        assert _fake_quantized_inputs(made.graph, kept) == 2


def test_the_drops_that_are_kept_are_those_of_the_models(
    ruined: ov.Model, data: ListedDataset
) -> None:
    full = quantize(ruined, Recipe(mode="full", samples=20), Calibration(data)).graph
    made = _controlled(ruined, data, 0.1)
    (only,) = made.reverted
    assert only.metric == "top1"
    assert only.drop_before == pytest.approx(1.0 - _top1(full, data))
    assert only.drop_before > 0.5
    assert only.drop_after == pytest.approx(1.0 - _top1(made.graph, data))
    assert only.drop_after <= 0.1


def test_a_smaller_drop_puts_more_back_step_by_step(ruined: ov.Model, data: ListedDataset) -> None:
    made = _controlled(ruined, data, 0.0)
    assert made.note is None
    assert [op.step for op in made.reverted] == sorted(op.step for op in made.reverted)
    assert len({op.step for op in made.reverted}) > 1
    by_step = {op.step: op for op in made.reverted}
    for step in range(1, len(by_step)):
        assert by_step[step].drop_before == by_step[step - 1].drop_after
    assert by_step[max(by_step)].drop_after == 0.0
    for op in made.reverted:
        assert _fake_quantized_inputs(made.graph, op.op_name) == 0


def test_the_model_is_the_one_that_nncf_itself_would_give(
    ruined: ov.Model, data: ListedDataset
) -> None:
    def share(compiled: ov.CompiledModel, samples: Iterable[Sample]) -> tuple[float, list[float]]:
        hits = [float(np.argmax(compiled(dict(s.inputs))[0]) == s.label) for s in samples]
        return sum(hits) / len(hits), hits

    made = _controlled(ruined, data, 0.1)
    calibrated = Calibration(data).samples(ruined, Recipe(mode="accuracy", samples=20))
    with calling_nncf("reference"):
        import nncf

        reference = nncf.quantize_with_accuracy_control(
            ruined,
            nncf.Dataset([dict(sample.inputs) for sample in calibrated]),
            nncf.Dataset(list(data)),
            share,
            max_drop=0.1,
            subset_size=20,
        )
    assert content_hash(made.graph) == content_hash(reference)


def test_nothing_goes_back_where_int8_is_good_enough(ruined: ov.Model) -> None:
    graph = small_net()
    data = samples_for(graph)
    made = _controlled(graph, data, 0.5)
    full = quantize(graph, Recipe(mode="full", samples=20), Calibration(data))
    assert made.reverted == ()
    assert made.note is None
    assert content_hash(made.graph) == content_hash(full.graph)


@pytest.mark.parametrize("drop_type", ["absolute", "relative"])
def test_where_the_drop_cannot_be_met_the_best_int8_model_is_kept_and_it_says_so(
    drop_type: str,
) -> None:
    graph = ruined_classifier()
    data = samples_for(graph, dead_feature=True)
    made = _controlled(graph, data, 0.02, drop_type=drop_type)
    drop = 1.0 - _top1(made.graph, data)
    assert drop > 0.5
    assert _fake_quantized_inputs(made.graph, "classifier") == 2
    of_what = " of float's" if drop_type == "relative" else ""
    assert made.note == (
        f"the drop in top1 is {drop:.3f}{of_what}, more than the 0.020 asked for; "
        "this is the best model that was found"
    )
    assert made.reverted == ()


def test_without_labels_the_float_model_is_what_is_agreed_with(ruined: ov.Model) -> None:
    made = _controlled(ruined, samples_for(ruined, labelled=False), 0.1)
    assert [(op.op_name, op.metric) for op in made.reverted] == [("body/second", "top1_agreement")]


def test_what_classifies_nothing_is_judged_by_the_cosine() -> None:
    assert usual_metric([(1, 8, 4, 4)], labelled=True) == "cosine"
    assert usual_metric([(1, 8)], labelled=True) == "top1"
    assert usual_metric([(1, 8)], labelled=False) == "top1_agreement"
    graph = ruined_by_int8()
    inner = ov.Model([_inner(graph)], graph.get_parameters(), "inner")
    data = samples_for(inner, 10, labelled=False)
    made = _controlled(inner, data, 0.05)
    assert "body/second" in {op.op_name for op in made.reverted}
    assert {op.metric for op in made.reverted} == {"cosine"}


def test_classes_in_integers_beside_the_scores_are_not_what_is_watched(
    ruined: ov.Model, data: ListedDataset
) -> None:
    # as detectors do: class_ids i32 [1,10] before scores f32 [1,10]
    scores = ruined.get_results()[0].input(0).get_source_output()
    ids = opset1.constant(np.arange(10, dtype=np.int32)[None] + 10**6)
    moving = opset1.add(ids, opset1.convert(opset1.relu(scores), "i32"))
    both = ov.Model([opset1.result(moving), opset1.result(scores)], ruined.get_parameters(), "both")
    made = _controlled(both, data, 0.1)
    assert [(op.op_name, op.metric) for op in made.reverted] == [("body/second", "top1")]
    judged = judge(VariantGraph("float", both), [], data, None, silent)
    assert {row.metric: row.value for row in judged}["top1"] == 1.0
    # numbers this large beside the scores would make every cosine 1
    by_cosine = _controlled(both, data, 0.05, validation=Validation(data, metric="cosine"))
    assert "body/second" in {op.op_name for op in by_cosine.reverted}


def test_the_cosine_is_of_outputs_in_real_numbers_alone(data: ListedDataset) -> None:
    def infer(sample: Sample) -> list[NDArray[Any]]:
        return [np.full(4, next(counter)), np.array([1.0, 2.0])]

    counter = iter(range(1, 1000))
    shapes = [(1, 4), (1, 2)]
    metric, _ = usual_scorer("cosine", shapes, [1], infer, data)(infer, data)
    assert metric == pytest.approx(1.0)
    with pytest.raises(UsageError, match="cosine needs an output of real numbers"):
        usual_scorer("cosine", shapes, [], infer, data)


def _inner(graph: ov.Model) -> ov.Node:
    (op,) = (op for op in graph.get_ordered_ops() if op.get_friendly_name() == "body/relu6")
    return opset1.result(op)


def _own(of_hits: Callable[[list[float]], float]) -> Scorer:
    """A metric of which samples are right, without a value per sample."""

    def score(infer: Infer, samples: Iterable[Sample]) -> tuple[float, None]:
        hits = [float(np.argmax(infer(sample)[0]) == sample.label) for sample in samples]
        return of_hits(hits), None

    return score


def test_a_metric_of_the_users_own_is_watched(ruined: ov.Model, data: ListedDataset) -> None:
    judged: list[int] = []

    def share(hits: list[float]) -> float:
        judged.append(len(hits))
        return sum(hits) / len(hits)

    own = Validation(data, _own(share), "mine:share")
    made = _controlled(ruined, data, 0.1, validation=own)
    assert [(op.op_name, op.metric) for op in made.reverted] == [("body/second", "mine:share")]
    assert set(judged) == {len(data)}  # it need not make sense on a part of them


def test_a_metric_that_is_not_finite_is_refused(ruined: ov.Model, data: ListedDataset) -> None:
    own = Validation(data, _own(lambda _: float("nan")), "mine:bad")
    with pytest.raises(UsageError, match="metric mine:bad is nan while judging the float model"):
        _controlled(ruined, data, 0.1, validation=own)


def test_data_that_cannot_carry_the_metric_is_refused(
    ruined: ov.Model, data: ListedDataset
) -> None:
    unlabelled = samples_for(ruined, 5, labelled=False)
    with pytest.raises(UsageError, match="top1 needs labels"):
        _controlled(ruined, data, 0.1, validation=Validation(unlabelled, metric="top1"))
    with pytest.raises(UsageError, match="no sample to judge"):
        _controlled(ruined, data, 0.1, validation=Validation(ListedDataset([])))
    wrong = ListedDataset([Sample(s.name, s.inputs, 3) for s in data])
    with pytest.raises(UsageError, match="float model's top1 is 0"):
        _controlled(ruined, data, 0.1, validation=Validation(wrong))
    twice = ListedDataset([*unlabelled, *unlabelled])
    with pytest.raises(UsageError, match="two samples are called sample 0"):
        _controlled(ruined, data, 0.1, validation=Validation(twice))
    with pytest.raises(UsageError, match="there is no metric 'f2'"):
        _controlled(ruined, data, 0.1, validation=Validation(data, metric="f2"))
    with pytest.raises(UsageError, match="needs data to judge on"):
        quantize(ruined, Recipe(mode="accuracy"), Calibration(data))


def test_every_judgement_is_told_sample_by_sample(ruined: ov.Model, data: ListedDataset) -> None:
    told: list[tuple[str, int, int]] = []
    _controlled(ruined, data, 0.1, report=lambda *step: told.append(step))
    count = len(data)
    for activity in ("judging the float model", "judging the quantised model", "judging model 2"):
        steps = [step[1:] for step in told if step[0] == activity]
        assert steps == [(done, count) for done in range(1, count + 1)]
    assert "judging model 3" not in {step[0] for step in told}
    ranked = [step[1:] for step in told if step[0] == "ranking operations"]
    assert ranked
    assert {total for _, total in ranked} == {20}


def test_what_computes_on_quantised_data_is_found_behind_what_only_moves_it() -> None:
    data = opset1.parameter([1, 4], np.float32, name="data")
    ends = [opset1.constant(np.float32(end)) for end in (0.0, 1.0, 0.0, 1.0)]
    moved = opset1.reshape(opset1.fake_quantize(data, *ends, 256), np.array([4, 1]), False)
    joined = opset1.concat([moved, moved], 0)
    wanted = opset1.relu(joined)
    wanted.set_friendly_name("wanted")
    beside = opset1.sigmoid(wanted)
    trial = _trial(ov.Model([opset1.result(beside)], [data], "moved"), 0.5)
    assert trial.quantised == {"wanted"}
    assert len(trial.steps) == 1


def _trials(max_drop: float, metrics: Iterable[tuple[float, str]]) -> Trials:
    """Trials of a float model of metric 1.0; each is named by the quantise steps left in it."""
    recipe = Recipe(mode="accuracy", max_drop=max_drop)
    first, *others = [
        Trial(metric, frozenset(steps), frozenset(steps.upper())) for metric, steps in metrics
    ]
    graphs = _graphs()
    trials = Trials(recipe, "top1", 1.0, [first], next(graphs))
    for trial in others:
        trials.add(trial, next(graphs))
    return trials


def _graphs() -> Iterator[ov.Model]:
    while True:
        yield ov.Model([], [], "any")


def test_a_group_that_was_put_back_in_vain_is_not_called_reverted() -> None:
    tried = [(0.5, "abcd"), (0.625, "abc"), (0.25, "ab"), (0.9375, "bc")]
    trials = _trials(0.1, tried)
    assert list(trials.reverted()) == [
        Reverted("D", 0, "top1", 0.5, 0.375),
        Reverted("A", 1, "top1", 0.375, 0.0625),
    ]
    assert trials.note() is None


def test_the_best_is_not_the_last_and_not_the_float_model() -> None:
    trials = _trials(0.001, [(0.5, "abc"), (0.9899, "ab"), (0.7, "a"), (1.0, "")])
    assert trials.best == 1
    assert [op.op_name for op in trials.reverted()] == ["C"]
    assert trials.note() == (
        "the drop in top1 is 0.010, more than the 0.001 asked for; "
        "this is the best model that was found"
    )


def test_of_equal_models_the_one_with_more_in_int8_is_kept() -> None:
    assert _trials(0.01, [(0.5, "abc"), (0.9, "ab"), (0.9, "a")]).best == 1
    assert _trials(0.1, [(0.9, "abc"), (1.0, "ab")]).best == 0


def test_a_drop_that_is_just_met_is_met_in_spite_of_rounding() -> None:
    recipe = Recipe(mode="accuracy", max_drop=0.01)
    trial = Trial(0.97, frozenset("a"), frozenset("A"))
    assert 0.98 - 0.97 > 0.01
    assert Trials(recipe, "top1", 0.98, [trial], next(_graphs())).note() is None


def test_a_drop_missed_by_little_is_told_with_figures_that_differ() -> None:
    note = _trials(0.01, [(0.9898, "a")]).note()
    assert note is not None
    assert "is 0.0102, more than the 0.010 asked for" in note
