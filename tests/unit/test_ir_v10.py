"""An IR of version 11 becomes one of version 10 that computes the same, or is refused by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset1, opset5, opset6, opset8, opset13

from collector.builtin.catalogue import builtin_model
from collector.models.ir_v10 import ir_v10, rewrite_to_v10
from collector.models.opsets import STEPS
from results.errors import MeasurementError
from tests.unit.newer_ops import EXACT, REFUSED, Build, Single, integers
from tests.unit.old_openvino import Sum, compute, old_environment
from tests.unit.small_nets import small_net

SEED = 7
F32 = {"INFERENCE_PRECISION_HINT": "f32"}
# What the CPU plugin of 2021.2 cannot do, however it is told.
LACKING = {"2021.2": {"ROIAlign-9"}}
# 2021.2 approximates Gelu.
TOLERANCE = {"2021.2": 1e-3, "2021.4.2": 1e-5}


def _saved(model: ov.Model, folder: Path, name: str = "net") -> Path:
    path = folder / f"{name}.xml"
    ov.save_model(model, str(path), compress_to_fp16=False)
    return path


def _text(model: ov.Model, folder: Path, newest_opset: int = 5) -> str:
    path = _saved(model, folder)
    weights = path.with_suffix(".bin").read_bytes()
    return rewrite_to_v10(path.read_text("utf-8"), newest_opset, weights)


def _title(text: str, name: str = "layer") -> str:
    """``MaxPool-1``: type and version of a layer."""
    found = re.search(rf'name="{name}" type="(\w+)" version="opset(\d+)"', text)
    assert found is not None, text
    return f"{found[1]}-{found[2]}"


def _input(single: Single) -> NDArray[Any]:
    generator = np.random.default_rng(SEED)
    if single.kind == "f32":
        return generator.standard_normal(single.shape).astype(np.float32)
    return generator.integers(0, 2, single.shape).astype(np.int32)


def _computed(model: ov.Model, data: NDArray[Any]) -> NDArray[Any]:
    return np.array(ov.Core().compile_model(model, "CPU", F32)([data])[0])


@pytest.mark.parametrize("name", EXACT)
def test_a_newer_operation_becomes_an_older_one_that_computes_the_same(
    name: str, tmp_path: Path
) -> None:
    single = EXACT[name]
    path = _saved(single.model(), tmp_path)
    made = ir_v10(path, 5, tmp_path / "old")
    assert _title(made.xml_path.read_text("utf-8")) == single.old
    again = ov.Core().read_model(str(made.xml_path), str(made.weights_path))
    data = _input(single)
    np.testing.assert_array_equal(_computed(single.model(), data), _computed(again, data))


def test_every_step_down_is_tried() -> None:
    tried = {name.partition(" ")[0] for name in EXACT}
    assert {f"{step.operation}-{step.version}" for step in STEPS} - tried == {
        "ReadValue-6",
        "Assign-6",
    }


@pytest.mark.parametrize("name", REFUSED)
def test_what_opset_5_cannot_express_is_refused_by_name(name: str, tmp_path: Path) -> None:
    single, reason = REFUSED[name]
    with pytest.raises(MeasurementError) as refused:
        _text(single.model(), tmp_path)
    operation = name.partition(" ")[0]
    assert re.match(rf"{operation} \(layer \w+\) is not in opset5, ", refused.value.message + ", ")
    assert reason in refused.value.message
    assert "2022.1" in refused.value.hint


def test_an_operation_that_the_opset_has_stays(tmp_path: Path) -> None:
    gelu, gather = EXACT["Gelu-7"].model(), EXACT["Gather-8"].model()
    assert _title(_text(gelu, tmp_path, 7)) == "Gelu-7"
    assert _title(_text(gather, tmp_path, 7)) == "Gather-7"
    assert _title(_text(gather, tmp_path, 8)) == "Gather-8"
    assert _title(_text(REFUSED["Einsum-7"][0].model(), tmp_path, 7)) == "Einsum-7"


def test_truth_values_of_mvn_are_numbers_and_others_words(tmp_path: Path) -> None:
    """2021.2 reads nothing else in MVN, and takes 1 for false in AvgPool."""
    text = _text(EXACT["MVN-6"].model(), tmp_path)
    assert 'normalize_variance="1"' in text
    assert 'across_channels="0"' in text
    assert 'exclude-pad="true"' in _text(EXACT["AvgPool-14"].model(), tmp_path)


def test_states_go_back_to_their_first_version(tmp_path: Path) -> None:
    data = opset1.parameter([1, 2], np.float32, name="data")
    read = opset6.read_value(data, "state")
    read.set_friendly_name("read")
    text = _text(_stateful(data, read), tmp_path)
    assert (_title(text, "read"), _title(text, "assigned")) == ("ReadValue-3", "Assign-3")


def test_a_state_without_an_initial_value_is_refused(tmp_path: Path) -> None:
    data = opset1.parameter([1, 2], np.float32, name="data")
    read = opset6.read_value("state", np.float32, ov.Shape([1, 2]))
    read.set_friendly_name("read")
    with pytest.raises(
        MeasurementError, match=r"ReadValue-6 \(layer read\) .* it has no initial value;"
    ):
        _text(_stateful(data, read), tmp_path)


def _stateful(data: ov.Node, read: ov.Node) -> ov.Model:
    added = opset1.add(read, data)
    assigned = opset6.assign(added, "state")
    assigned.set_friendly_name("assigned")
    return ov.Model([opset1.result(added)], [assigned], [data], "stateful")


def test_without_weights_nothing_is_known_of_indices(tmp_path: Path) -> None:
    text = _saved(EXACT["Gather-8"].model(), tmp_path).read_text("utf-8")
    with pytest.raises(MeasurementError, match="its indices are not constant"):
        rewrite_to_v10(text, 5)


def test_version_10_holds_no_notes_and_no_tensor_names(tmp_path: Path) -> None:
    path = _saved(small_net(), tmp_path)
    before = path.read_text("utf-8")
    after = rewrite_to_v10(before, 5)
    assert before.count("rt_info") > 0
    assert ' version="10">' in after.splitlines()[1]
    assert "rt_info" not in after
    assert "names=" not in after
    names = re.compile(r'<layer [^>]*name="([^"]*)"')
    assert names.findall(after) == names.findall(before), "names are what layers are matched by"


def test_an_ir_of_version_10_stays_what_it_is(tmp_path: Path) -> None:
    once = _text(small_net(), tmp_path)
    assert rewrite_to_v10(once, 5) == once


def test_a_body_of_a_loop_is_rewritten_too(tmp_path: Path) -> None:
    text = _text(_loop(lambda body: opset8.softmax(body, -1)), tmp_path)
    assert _title(text, "inside") == "SoftMax-1"
    with pytest.raises(MeasurementError, match=r"^SoftSign-9 \(layer inside\) is not in opset5"):
        _text(_loop(REFUSED["SoftSign-9"][0].build), tmp_path)


def _loop(build: Build) -> ov.Model:
    data = opset1.parameter([1, 4], np.float32, name="data")
    inner = opset1.parameter([1, 4], np.float32, name="inner")
    inside = build(inner)
    inside.set_friendly_name("inside")
    goes_on = opset1.constant(np.array([True]))
    body = ov.Model([opset1.result(inside), opset1.result(goes_on)], [inner], "body")
    loop = opset5.loop(opset1.constant(np.array(3, np.int64)), opset1.constant(np.array([True])))
    loop.set_function(body)
    loop.set_special_body_ports([-1, 1])
    loop.set_merged_input(inner, data.output(0), body.get_results()[0].output(0))
    out = loop.get_iter_value(body.get_results()[0].output(0), -1)
    return ov.Model([opset1.result(out)], [data], "looped")


def test_a_shape_that_only_run_time_tells_is_refused(tmp_path: Path) -> None:
    data = opset1.parameter(ov.PartialShape([-1, 8]), np.float32, name="data")
    model = ov.Model([opset1.result(opset1.relu(data))], [data], "free")
    with pytest.raises(
        MeasurementError, match=r"^Parameter-1 \(layer data\) has a shape \(\?,8\) that is known at"
    ):
        _text(model, tmp_path)


@pytest.mark.parametrize("kind", ["u4", "i4", "bf16", "f8e4m3"])
def test_an_element_type_that_2021_computes_wrongly_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match=rf"has elements of type {kind}, which this"):
        _text(_weighted(kind), tmp_path)


def test_element_types_that_2021_reads_are_kept(tmp_path: Path) -> None:
    for kind in ("i8", "u8", "f16", "i64"):
        assert f'element_type="{kind}"' in _text(_weighted(kind), tmp_path)
    assert 'element_type="bf16"' in _text(_weighted("bf16"), tmp_path, 7)


def _weighted(kind: str) -> ov.Model:
    """A matrix product with weights that are stored in another type."""
    data = opset1.parameter([1, 4], np.float32, name="data")
    values = np.arange(16, dtype=np.float32).reshape(4, 4) % 7
    weights = opset13.constant(values, dtype=getattr(ov.Type, kind))
    product = opset1.matmul(data, opset1.convert(weights, "f32"), False, True)
    return ov.Model([opset1.result(product)], [data], "weighted")


def test_numbers_as_booleans_are_refused(tmp_path: Path) -> None:
    data = opset1.parameter([1, 4], np.float32, name="data")
    turned = opset1.convert(opset1.convert(data, "boolean"), "f32")
    model = ov.Model([opset1.result(turned)], [data], "booleans")
    with pytest.raises(MeasurementError, match="converts numbers to booleans"):
        _text(model, tmp_path)


def test_an_operation_of_no_opset_is_refused(tmp_path: Path) -> None:
    text = _saved(small_net(), tmp_path).read_text("utf-8")
    foreign = text.replace('type="ReLU" version="opset1"', 'type="ReLU" version="extension"', 1)
    with pytest.raises(MeasurementError, match=r"^Relu-extension .* is in none of OpenVINO's"):
        rewrite_to_v10(foreign, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<net", "this is no OpenVINO IR"),
        ("<html/>", "IR version unknown"),
        ('<net version="12"><layers/><edges/></net>', "IR version 12"),
    ],
)
def test_what_is_no_ir_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(MeasurementError, match=said) as refused:
        rewrite_to_v10(text, 5)
    assert "\n" not in refused.value.message


def test_the_rewritten_text_is_kept_by_content_beside_the_same_weights(tmp_path: Path) -> None:
    path = _saved(EXACT["Gelu-7"].model(), tmp_path)
    made = ir_v10(path, 5, tmp_path)
    assert made.xml_path.parent == tmp_path
    assert made.weights_path == path.with_suffix(".bin")
    before = made.xml_path.stat().st_mtime_ns
    assert ir_v10(path, 5, tmp_path) == made
    assert made.xml_path.stat().st_mtime_ns == before
    assert ir_v10(path, 7, tmp_path).xml_path != made.xml_path, "another text, another file"
    whole = made.xml_path.read_text("utf-8")
    made.xml_path.write_text(whole[:100], encoding="utf-8")
    assert ir_v10(path, 5, tmp_path).xml_path.read_text("utf-8") == whole
    assert sorted(found.suffix for found in tmp_path.iterdir()) == [".bin", ".xml", ".xml", ".xml"]


@pytest.mark.parametrize("version", ["2021.2", "2021.4.2"])
def test_old_versions_compute_what_today_s_does(version: str, tmp_path: Path) -> None:
    environment = old_environment(version)
    nets = {name: (single.model(), _input(single)) for name, single in EXACT.items()}
    nets |= {kind: (_weighted(kind), np.ones((1, 4), np.float32)) for kind in ("i8", "u8", "f16")}
    image = np.random.default_rng(SEED).standard_normal((1, 1, 32, 32)).astype(np.float32)
    digits = builtin_model("digits").build()
    nets["digits"] = digits, image.reshape(digits.inputs[0].shape)
    sums = []
    for place, (model, data) in enumerate(nets.values()):
        made = ir_v10(_saved(model, tmp_path, f"net{place}"), 5, tmp_path / "old")
        sums.append(Sum(made.xml_path, made.weights_path, data, tmp_path / f"{place}.npy"))
    found = compute(environment, sums)
    for name, (model, data), answer in zip(nets, nets.values(), found.values(), strict=True):
        if name in LACKING.get(version, set()):
            assert isinstance(answer, str)
        else:
            assert not isinstance(answer, str), f"{name}: {answer}"
            limit = TOLERANCE[version]
            np.testing.assert_allclose(answer, _computed(model, data), atol=limit, err_msg=name)


@pytest.mark.parametrize("kind", [np.int32, np.uint8])
def test_constants_of_a_gather_may_have_any_integer_type(kind: type, tmp_path: Path) -> None:
    def gather(data: ov.Node) -> ov.Node:
        return opset8.gather(data, opset1.constant(np.array([1, 0], kind)), integers(1))

    assert _title(_text(Single(gather).model(), tmp_path)) == "Gather-1"
