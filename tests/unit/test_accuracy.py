"""What judging a model's variants stores, against counts by hand and computations in numpy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset1, opset6

from collector.models.convert.sources import read_file
from collector.models.data import reading
from collector.models.data.arrays import ArrayFile
from collector.models.data.dataset import Sample, input_specs
from collector.models.data.opening import open_dataset
from collector.models.judge.accuracy import check_labels, judge
from collector.models.judge.inference import VariantGraph, check_pair, output_names
from collector.models.judge.integer_io import input_mappings, output_mappings
from collector.models.request import DataRequest
from collector.models.steps import silent
from results.errors import UsageError
from results.facts import Accuracy
from tests.unit.listed import ListedDataset
from tests.unit.numpy_graph import answer
from tests.unit.qdq_pair import Style, float_network, images, quantised_network, samples

ROOT = Path(__file__).parents[2]
MODELS = ROOT.parent / "shared" / "models"
needs_models = pytest.mark.skipif(
    not MODELS.is_dir(), reason="the trained ResNet-8 pair is not beside this checkout"
)
STYLES = [
    Style(),
    Style(weights=np.uint8, per_channel=False),
    Style(integer_io=True),
    Style(np.int8, integer_io=True),
]


def _named(node: ov.Node, name: str) -> ov.Node:
    node.set_friendly_name(name)
    node.output(0).set_names({name})
    return node


def _adds(*amounts: float, outputs: int = 1) -> ov.Model:
    """``x`` plus fixed amounts -> ``y``, and once more negated -> ``z``."""
    data = _named(opset1.parameter([1, len(amounts)], np.float32), "x")
    amount = opset1.constant(np.array([amounts], np.float32))
    scores = _named(opset1.add(data, amount), "y")
    found = [scores, _named(opset1.negative(scores), "z")]
    return ov.Model(found[:outputs], [data], "m")


def _samples(rows: Sequence[Sequence[float]], labels: list[int] | None = None) -> list[Sample]:
    return [
        Sample(
            f"row {i}", {"x": np.array([row], np.float32)}, None if labels is None else labels[i]
        )
        for i, row in enumerate(rows)
    ]


def _judged(
    reference: ov.Model,
    variants: list[ov.Model],
    data: list[Sample],
    metric: str | None = None,
) -> tuple[Accuracy, ...]:
    others = [VariantGraph(f"v{place}", graph) for place, graph in enumerate(variants)]
    return judge(VariantGraph("float", reference), others, ListedDataset(data), metric, silent)


def _values(rows: tuple[Accuracy, ...], variant: str) -> dict[str, float]:
    return {row.metric: row.value for row in rows if row.variant_id == variant}


def test_shares_and_discordant_pairs_are_counts_of_samples() -> None:
    # the variant adds 1 to class 0, which turns some answers around
    data = _samples(
        [[0, 0.5, 0], [0, 3, 0], [2, 0, 0], [0, 0, 0.5], [0, 0.5, 0]], labels=[1, 1, 2, 0, 0]
    )
    rows = _judged(_adds(0, 0, 0), [_adds(1, 0, 0)], data)
    # float answers 1 1 0 2 1: right, right, wrong, wrong, wrong
    assert _values(rows, "float") == {"top1": 2 / 5}
    # the variant answers 0 1 0 0 0: wrong, right, wrong, right, right
    found = _values(rows, "v0")
    assert found["top1"] == 3 / 5
    assert (found["only_reference_right"], found["only_variant_right"]) == (1.0, 2.0)
    assert found["top1_agreement"] == 2 / 5
    assert "top5" not in found  # three classes
    assert {row.samples for row in rows} == {5}
    against = {row.metric: (row.output, row.reference_variant_id) for row in rows[1:]}
    assert against["top1"] == ("y", None)
    for metric in ("only_reference_right", "top1_agreement", "cosine", "sqnr_db"):
        assert against[metric] == ("y", "float")


def test_top5_is_there_with_more_than_five_classes() -> None:
    scores = [[6.0, 5.0, 4.0, 3.0, 2.0, 1.0]] * 2
    rows = _judged(_adds(0, 0, 0, 0, 0, 0), [], _samples(scores, labels=[4, 5]))
    assert _values(rows, "float") == {"top1": 0.0, "top5": 0.5}
    assert "top5" not in _values(
        _judged(_adds(0, 0, 0, 0, 0), [], _samples([[1.0] * 5], [0])), "float"
    )


def test_without_labels_there_is_agreement_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "def has_labels(outputs, labels):\n    return labels is not None\n"
    _metric(tmp_path, monkeypatch, "label_metric", body)
    data = _samples([[1, 2], [2, 1]])
    rows = _judged(_adds(0, 0), [_adds(0, 0)], data, "label_metric:has_labels")
    found = {row.metric: row.value for row in rows if row.variant_id == "v0"}
    assert found.keys() == {"top1_agreement", "cosine", "label_metric:has_labels"}
    assert found["label_metric:has_labels"] == 0.0


def test_cosine_and_sqnr_of_each_output_are_those_of_numpy() -> None:
    random = np.random.default_rng(2)
    values = random.standard_normal((7, 3)).astype(np.float32)
    data = [Sample(str(row), {"x": row[None]}, None) for row in values]
    amounts = np.array([0.1, -0.2, 0.05], np.float32)
    rows = _judged(_adds(0, 0, 0, outputs=2), [_adds(*amounts, outputs=2)], data)
    other = (values + amounts).astype(np.float64)
    wanted = values.astype(np.float64)
    lengths = np.linalg.norm(wanted, axis=1) * np.linalg.norm(other, axis=1)
    cosine = ((wanted * other).sum(axis=1) / lengths).mean()
    sqnr = 10 * np.log10((wanted**2).sum() / ((other - wanted) ** 2).sum())
    for output in ("y", "z"):
        found = {row.metric: row.value for row in rows if row.output == output}
        assert found["cosine"] == pytest.approx(cosine, abs=1e-6)
        assert found["sqnr_db"] == pytest.approx(sqnr, abs=1e-4)
    # without labels nothing is said of right and wrong, nor of the float variant
    assert {row.metric for row in rows} == {"top1_agreement", "cosine", "sqnr_db"}
    assert {row.variant_id for row in rows} == {"v0"}


def test_variants_without_any_error_have_no_sqnr() -> None:
    rows = _judged(_adds(1, 2), [_adds(1, 2)], _samples([[3, 4]]))
    found = _values(rows, "v0")
    assert "sqnr_db" not in found
    assert found["cosine"] == pytest.approx(1.0)
    assert found["top1_agreement"] == 1.0


def test_nan_is_a_wrong_answer_and_leaves_cosine_and_sqnr_unknown() -> None:
    data = _named(opset1.parameter([1, 2], np.float32), "x")
    broken = ov.Model([_named(opset1.log(data), "y")], [data], "m")
    rows = _judged(_adds(0, 0), [broken], _samples([[-1, 1], [0.1, 0.9]], labels=[1, 1]))
    found = _values(rows, "v0")
    assert found == {
        "top1": 0.5, "only_reference_right": 1.0, "only_variant_right": 0.0, "top1_agreement": 0.5,
    }  # fmt: skip
    assert all(np.isfinite(row.value) for row in rows)


def test_state_of_one_sample_does_not_reach_the_next() -> None:
    data = _named(opset1.parameter([1, 2], np.float32), "x")
    before = opset6.read_value(opset1.constant(np.zeros((1, 2), np.float32)), "memory")
    total = opset1.add(before, data)
    kept = opset6.assign(total, "memory")
    graph = ov.Model([_named(opset1.relu(total), "y").output(0)], [kept], [data], "m")
    rows = _judged(_adds(0, 0), [graph], _samples([[5, 1], [1, 2]]))
    assert _values(rows, "v0")["top1_agreement"] == 1.0


@pytest.mark.parametrize("style", STYLES)
def test_agreement_of_a_qdq_file_with_its_float_twin_is_that_of_numpy(style: Style) -> None:
    reference, variant = float_network(), quantised_network(style)
    labels = [int(answer(reference, [image]).argmax()) for image in images(64)]
    labels[:8] = [(label + 1) % 10 for label in labels[:8]]  # the float network is wrong there
    rows = _judged(reference, [variant], samples(64, labels))
    wanted = np.concatenate([answer(reference, [image]) for image in images(64)])
    found = np.concatenate([_answer_in_real(variant, image) for image in images(64)])
    values = _values(rows, "v0")
    lengths = np.linalg.norm(wanted, axis=1) * np.linalg.norm(found, axis=1)
    assert values["cosine"] == pytest.approx(
        ((wanted * found).sum(axis=1) / lengths).mean(), abs=1e-5
    )
    sqnr = 10 * np.log10((wanted**2).sum() / ((found - wanted) ** 2).sum())
    assert values["sqnr_db"] == pytest.approx(sqnr, abs=0.05)
    # a tie between two classes in integers may fall to either side where sums are rounded
    tolerance = 1.01 / 64
    same = (wanted.argmax(axis=1) == found.argmax(axis=1)).mean()
    assert 0.8 < same < 1.0  # a pair that never disagreed would prove little
    assert values["top1_agreement"] == pytest.approx(same, abs=tolerance)
    right = (found.argmax(axis=1) == labels).mean()
    assert values["top1"] == pytest.approx(right, abs=tolerance)
    assert _values(rows, "float")["top1"] == 56 / 64
    # both ways to count the difference are one
    difference = values["only_variant_right"] - values["only_reference_right"]
    assert difference == pytest.approx(64 * values["top1"] - 56)


def _answer_in_real(graph: ov.Model, image: NDArray[np.float32]) -> NDArray[np.float64]:
    """What numpy makes of the graph, integers taken in and given out by the formula itself."""
    (given,), (answered,) = input_mappings(graph), output_mappings(graph)
    if given is None or answered is None:
        return answer(graph, [image])
    whole = np.rint(image / given.scale) + given.zero_point
    low, high = (0, 255) if given.kind == "u8" else (-128, 127)
    stored = answer(graph, [np.clip(whole, low, high)]).astype(np.float64)
    return (stored - answered.zero_point) * answered.scale


def test_bytes_that_both_variants_take_are_passed_as_they_are() -> None:
    def network(scale: float) -> ov.Model:
        data = _named(opset1.parameter([1, 3], np.uint8), "x")
        real = opset1.convert(data, "f32")
        # looks like a zero point and a scale, and is preprocessing
        moved = opset1.subtract(real, opset1.constant(np.float32(10)))
        return ov.Model(
            [_named(opset1.multiply(moved, opset1.constant(np.float32(scale))), "y")], [data], "m"
        )

    data = [Sample("bytes", {"x": np.array([[12, 200, 30]], np.uint8)}, None)]
    rows = _judged(network(0.5), [network(0.25)], data)
    # half of everything: the noise is half of the signal's amplitude
    assert _values(rows, "v0")["sqnr_db"] == pytest.approx(10 * np.log10(4), abs=1e-6)


def test_an_image_of_bytes_becomes_the_signed_bytes_that_a_twin_takes() -> None:
    def network(kind: type[np.integer[Any]], zero_point: float) -> ov.Model:
        data = _named(opset1.parameter([1, 3], kind), f"x_{kind.__name__}")
        real = opset1.convert(data, "f32")
        moved = opset1.subtract(real, opset1.constant(np.float32(zero_point)))
        scaled = opset1.multiply(moved, opset1.constant(np.float32(1)))
        return ov.Model([_named(scaled, "y")], [data], "m")

    data = [Sample("bytes", {"x_uint8": np.array([[0, 200, 255]], np.uint8)}, None)]
    rows = _judged(network(np.uint8, 0), [network(np.int8, -128)], data)
    assert _values(rows, "v0")["cosine"] == pytest.approx(1.0)
    assert "sqnr_db" not in _values(rows, "v0")  # equal to the last bit


def _image_of(kind: type[np.integer[Any]], zero_point: float, scale: float) -> ov.Model:
    """Takes bytes, and gives what they stand for."""
    data = _named(opset1.parameter([1, 3], kind), f"x_{kind.__name__}")
    real = opset1.convert(data, "f32")
    moved = opset1.subtract(real, opset1.constant(np.float32(zero_point)))
    return ov.Model(
        [_named(opset1.multiply(moved, opset1.constant(np.float32(scale))), "y")], [data], "m"
    )


@pytest.mark.parametrize("scale", [1 / 255, 0.95 / 255, 1.05 / 255])
def test_an_image_of_bytes_that_is_divided_inside_goes_to_a_twin_in_its_units(
    scale: float,
) -> None:
    data = [Sample("bytes", {"x_uint8": np.array([[10, 120, 200]], np.uint8)}, None)]
    pair = _image_of(np.uint8, 0, 1 / 255), _image_of(np.int8, -128, scale)
    check_pair(*pair)
    found = _values(_judged(pair[0], [pair[1]], data), "v0")
    assert found["cosine"] > 0.9999
    assert found.get("sqnr_db", 99) > 40  # clipped everywhere it would be below 10


@pytest.mark.parametrize(
    ("reference", "scale"),
    [
        (_image_of(np.uint8, 127.5, 1 / 127.5), 1 / 127.5),  # a mean: what is given is not known
        (_image_of(np.uint8, 0, 2 / 255), 1 / 255),  # half of the bytes would be clipped
        (_image_of(np.uint8, 0, 1 / 255), 0.5),  # they would all be the same three steps
        (_image_of(np.uint8, 0, 1 / 255), 1 / 127.5),  # maybe (x - 0.5) / 0.5 is done behind it
    ],
)
def test_bytes_in_units_that_do_not_go_together_are_refused(
    reference: ov.Model, scale: float
) -> None:
    native = _image_of(np.int8, 0, scale)
    with pytest.raises(UsageError, match=r"'x_int8' takes i8 in steps of .* takes u8, of") as error:
        check_pair(reference, native)
    assert "\n" not in str(error.value)
    data = [Sample("bytes", {"x_uint8": np.array([[10, 120, 200]], np.uint8)}, None)]
    with pytest.raises(UsageError, match="'x_int8' takes i8"):
        _judged(reference, [native], data)


def test_a_pair_that_cannot_be_judged_is_refused_before_anything_is_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ov, "compile_model", None)
    monkeypatch.setattr(ov.Core, "compile_model", None)
    data = _named(opset1.parameter([1, 2], np.int8), "x_q")
    native = ov.Model([_named(opset1.relu(opset1.convert(data, "f32")), "y")], [data], "m")
    with pytest.raises(UsageError, match="'x_q' is of the type i8"):
        check_pair(_adds(0, 0), native)
    with pytest.raises(UsageError, match="a variant has 2 outputs"):
        check_pair(_adds(0, 0), _adds(0, 0, outputs=2))
    check_pair(float_network(), quantised_network(Style(integer_io=True)))


@pytest.mark.parametrize("scale", [1.0, 0.98])
def test_steps_of_about_one_take_bytes_as_they_are_whatever_is_done_to_them_behind(
    scale: float,
) -> None:
    data = _named(opset1.parameter([1, 3], np.uint8), "x_uint8")
    means = opset1.constant(np.array([[10, 20, 30]], np.float32))  # no zero point: three numbers
    reference = ov.Model(
        [_named(opset1.subtract(opset1.convert(data, "f32"), means), "y")], [data], "m"
    )
    stored = _named(opset1.parameter([1, 3], np.int8), "x_int8")
    moved = opset1.subtract(opset1.convert(stored, "f32"), opset1.constant(np.float32(-128)))
    real = opset1.multiply(moved, opset1.constant(np.float32(scale)))
    native = ov.Model([_named(opset1.subtract(real, means), "y")], [stored], "m")
    samples = [Sample("bytes", {"x_uint8": np.array([[0, 100, 200]], np.uint8)}, None)]
    assert _values(_judged(reference, [native], samples), "v0")["cosine"] > 0.9999


def test_indices_of_other_widths_are_passed_as_they_are() -> None:
    def network(kind: type[np.integer[Any]]) -> ov.Model:
        data = _named(opset1.parameter([1, 2], kind), "x")
        return ov.Model([_named(opset1.convert(data, "f32"), "y")], [data], "m")

    data = [Sample("ids", {"x": np.array([[300, 7]], np.int64)}, None)]
    rows = _judged(network(np.int64), [network(np.int32)], data)
    assert _values(rows, "v0")["cosine"] == pytest.approx(1.0)


def test_integers_without_a_scale_are_refused_in_one_line() -> None:
    data = _named(opset1.parameter([1, 2], np.int8), "x_q")
    graph = ov.Model([_named(opset1.relu(opset1.convert(data, "f32")), "y")], [data], "m")
    with pytest.raises(UsageError, match=r"'x_q' is of the type i8.*no scale was found") as error:
        _judged(_adds(0, 0), [graph], _samples([[1, 2]]))
    assert "\n" not in str(error.value)


def test_variants_with_other_outputs_are_refused() -> None:
    with pytest.raises(UsageError, match="a variant has 2 outputs"):
        _judged(_adds(0, 0), [_adds(0, 0, outputs=2)], _samples([[1, 2]]))


@pytest.mark.parametrize("label", [-1, 2, 1000])
def test_a_label_that_no_class_has_is_refused(label: int) -> None:
    with pytest.raises(UsageError, match=rf"row 0 has the label {label}.*'y' has 2 classes"):
        _judged(_adds(0, 0), [], _samples([[1, 2]], [label]))


def test_labels_are_checked_without_decoding_a_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "KEPT_BYTES", 0)
    rows = np.zeros((4, 2), np.float32)
    for name, labels in (("from_0", [0, 1, 1, 0]), ("from_1", [1, 1, 2, 1])):
        np.savez(tmp_path / f"{name}.npz", x=rows, labels=labels)
    graph = _adds(0, 0)
    good, wrong = (
        open_dataset(DataRequest(str(tmp_path / f"from_{n}.npz")), input_specs(graph))
        for n in range(2)
    )
    monkeypatch.setattr(ArrayFile, "read", None)
    assert (good.labels, wrong.names[2]) == ([0, 1, 1, 0], "from_1.npz[2]")
    check_labels(graph, good)
    with pytest.raises(UsageError, match=r"^from_1\.npz\[2\] has the label 2.*'y' has 2 classes"):
        check_labels(graph, wrong)
    with pytest.raises(UsageError, match="has the label 2"):
        judge(VariantGraph("float", graph), [], wrong, None, silent)


def test_without_an_output_that_classifies_any_label_will_do() -> None:
    data = _named(opset1.parameter([2, 2], np.float32), "x")
    graph = ov.Model([_named(opset1.relu(data), "y")], [data], "m")
    check_labels(graph, ListedDataset(_samples([[1, 2]], [7])))


def test_an_empty_dataset_is_refused() -> None:
    with pytest.raises(UsageError, match="no samples"):
        _judged(_adds(0, 0), [], [])


def test_progress_is_told_per_sample() -> None:
    told: list[tuple[str, int, int]] = []
    judge(
        VariantGraph("float", _adds(0, 0)), [], ListedDataset(_samples([[1, 2], [2, 1]])), None,
        lambda *step: told.append(step),
    )  # fmt: skip
    assert told == [("judging", 1, 2), ("judging", 2, 2)]


def _metric(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, body: str) -> None:
    (folder / f"{name}.py").write_text(body)
    monkeypatch.chdir(folder)
    monkeypatch.syspath_prepend(str(folder))


def test_a_metric_of_the_users_own_gets_outputs_by_name_and_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (
        "def mean_at_label(outputs, labels):\n"
        "    assert outputs['y'].shape == (3, 2) and outputs['z'].shape == (3, 2)\n"
        "    return outputs['y'][range(3), labels].mean()\n"
    )
    _metric(tmp_path, monkeypatch, "own_metric", body)
    data = _samples([[1, 2], [3, 4], [5, 6]], labels=[0, 1, 0])
    rows = _judged(
        _adds(0, 0, outputs=2), [_adds(1, 1, outputs=2)], data, "own_metric:mean_at_label"
    )
    own = [row for row in rows if row.metric == "own_metric:mean_at_label"]
    assert [row.variant_id for row in own] == ["float", "v0"]
    assert [row.value for row in own] == pytest.approx([10 / 3, 13 / 3])
    assert {(row.output, row.reference_variant_id, row.samples) for row in own} == {(None, None, 3)}


def test_a_metric_sees_real_numbers_where_a_variant_gives_integers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (
        "def largest(outputs, labels):\n"
        "    return abs(outputs['y']).max() if labels is None else 0\n"
    )
    _metric(tmp_path, monkeypatch, "own_largest", body)
    rows = _judged(
        float_network(), [quantised_network(Style(integer_io=True))], samples(8),
        "own_largest:largest",
    )  # fmt: skip
    by_variant = {row.variant_id: row.value for row in rows if ":" in row.metric}
    assert by_variant["v0"] == pytest.approx(by_variant["float"], rel=0.1)


@pytest.mark.parametrize(
    "result", ["float('nan')", "None", "'good'", "[1, 2]", "float('inf')", "1j"]
)
def test_a_metric_that_gives_no_finite_number_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result: str
) -> None:
    name = f"bad_metric_{abs(hash(result))}"
    _metric(tmp_path, monkeypatch, name, f"def bad(outputs, labels):\n    return {result}\n")
    with pytest.raises(UsageError, match="no finite number") as error:
        _judged(_adds(0, 0), [], _samples([[1, 2]]), f"{name}:bad")
    assert "\n" not in str(error.value)


def test_a_metric_that_fails_is_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = "def fails(outputs, labels):\n    raise ValueError('no such class')\n"
    _metric(tmp_path, monkeypatch, "failing_metric", body)
    with pytest.raises(
        UsageError, match=r"ValueError: no such class.*failing_metric\.py:2"
    ) as error:
        _judged(_adds(0, 0), [], _samples([[1, 2]]), "failing_metric:fails")
    assert "\n" not in str(error.value)


def test_the_metric_of_the_docs_runs_as_it_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs" / "accuracy.md").read_text()
    (body,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    spec = re.search(r"give `--metric (\w+):(\w+)`", text)
    assert spec is not None
    _metric(tmp_path, monkeypatch, spec[1], body)
    # classes 0 and 1: recalls 2/3 and 1/2
    data = _samples([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0]], labels=[0, 0, 0, 1, 1])
    metric = f"{spec[1]}:{spec[2]}"
    assert _values(_judged(_adds(0, 0), [], data, metric), "float")[metric] == pytest.approx(7 / 12)


@needs_models
def test_the_trained_pair_agrees_as_numpy_says() -> None:
    reference = read_file(MODELS / "resnet8_cifar10_float32.tflite").graph
    native = read_file(MODELS / "resnet8_cifar10_int8.tflite").graph
    pictures = _blobs(20)
    (name,) = reference.inputs[0].get_names()
    data = [Sample(str(place), {name: picture}, None) for place, picture in enumerate(pictures)]
    found = _values(_judged(reference, [native], data), "v0")
    wanted = np.concatenate([answer(reference, [picture]) for picture in pictures])
    # scale 1 and zero point -128 at the input, 1/256 and -128 at the output
    stored = np.concatenate([answer(native, [picture - 128]) for picture in pictures])
    theirs = (stored.astype(np.float64) + 128) / 256
    same = (wanted.argmax(axis=1) == theirs.argmax(axis=1)).mean()
    # Ties that OpenVINO's kernels round the other way grow in this network: hence the tolerances.
    assert found["top1_agreement"] == pytest.approx(same, abs=2.01 / 20)
    sqnr = 10 * np.log10((wanted**2).sum() / ((theirs - wanted) ** 2).sum())
    assert found["sqnr_db"] == pytest.approx(sqnr, abs=2.0)
    assert found["top1_agreement"] > 0.75
    assert found["cosine"] > 0.95
    assert output_names(reference) == ("Identity",)


def _blobs(count: int) -> list[NDArray[np.float32]]:
    """Smooth random pictures with noise, 0 to 255, shaped [1, 32, 32, 3]."""
    random = np.random.default_rng(5)
    places = np.linspace(0, 3, 32)
    left = np.minimum(places.astype(int), 2)
    weights = np.zeros((32, 4))
    weights[range(32), left], weights[range(32), left + 1] = 1 - (places - left), places - left
    coarse = random.uniform(0, 255, (count, 4, 4, 3))
    smooth = np.einsum("ya,xb,nabc->nyxc", weights, weights, coarse)
    noisy = np.rint(smooth + random.normal(0, 8, smooth.shape))
    return [picture[None] for picture in np.clip(noisy, 0, 255).astype(np.float32)]
