"""The built-in models are exactly the published networks, in opsets that old runtimes read."""

from __future__ import annotations

from functools import cache

import openvino as ov
import pytest

from collector.builtin.catalogue import BUILTIN_MODELS, BuiltinModel, builtin_model
from collector.models import graph
from collector.models.model_cache import ModelCache
from collector.models.sources import read_builtin
from results.errors import UsageError

LOWEST_OPSETS = {"opset1", "opset4", "opset5"}


@cache
def _graph(name: str) -> ov.Model:
    return builtin_model(name).build()


def _count(name: str, kind: str) -> int:
    return sum(op.get_type_name() == kind for op in _graph(name).get_ordered_ops())


@pytest.mark.parametrize("model", BUILTIN_MODELS, ids=lambda model: model.name)
def test_parameters_and_macs_are_the_published_ones(model: BuiltinModel) -> None:
    built = _graph(model.name)
    assert graph.parameter_count(built) == pytest.approx(model.published_parameters, rel=0.02)
    assert graph.total_macs(built) == pytest.approx(model.published_macs, rel=0.02)


def test_the_published_figures_are_those_of_the_papers() -> None:
    figures = {m.name: (m.published_parameters, m.published_macs) for m in BUILTIN_MODELS}
    assert figures == {
        "mobilenet_v2": (3.5e6, 0.30e9),
        "mobilenet_v3_large": (5.4e6, 0.22e9),
        "mobilenet_v3_large_spelled": (5.4e6, 0.22e9),
        "resnet_50": (25.6e6, 4.1e9),
    }


def test_exact_weight_counts_with_folded_batch_norm() -> None:
    # torchvision's counts less the second batch-norm value of every channel
    assert graph.parameter_count(_graph("resnet_50")) == 25_557_032 - 26_560
    assert graph.parameter_count(_graph("mobilenet_v2")) == 3_504_872 - 17_056


@pytest.mark.parametrize("model", BUILTIN_MODELS, ids=lambda model: model.name)
def test_only_the_lowest_opsets_are_used(model: BuiltinModel) -> None:
    used = {op.get_type_info().version_id for op in _graph(model.name).get_ordered_ops()}
    assert used <= LOWEST_OPSETS


def test_layer_counts_of_the_papers() -> None:
    assert _count("mobilenet_v2", "GroupConvolution") == 17
    assert _count("mobilenet_v2", "Convolution") == 35
    assert _count("mobilenet_v3_large", "GroupConvolution") == 15
    assert _count("mobilenet_v3_large", "HSwish") == 21
    assert _count("mobilenet_v3_large", "HSigmoid") == 8
    assert _count("resnet_50", "Convolution") == 53


def test_hswish_is_spelled_out_in_the_second_network() -> None:
    assert _count("mobilenet_v3_large_spelled", "HSwish") == 0
    assert _count("mobilenet_v3_large_spelled", "HSigmoid") == 0
    assert _count("mobilenet_v3_large_spelled", "Clamp") == 21 + 8


def test_both_spellings_compute_the_same() -> None:
    import numpy as np

    data = np.random.default_rng(0).standard_normal((1, 3, 224, 224)).astype(np.float32)
    core = ov.Core()
    first, second = (
        core.compile_model(_graph(name), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(data)[0]
        for name in ("mobilenet_v3_large", "mobilenet_v3_large_spelled")
    )
    assert np.abs(first - second).max() < 1e-5
    assert first.std() > 0


def test_weights_are_seeded() -> None:
    assert graph.content_hash(builtin_model("mobilenet_v2").build()) == graph.content_hash(
        _graph("mobilenet_v2")
    )
    assert graph.content_hash(_graph("mobilenet_v3_large")) != graph.content_hash(
        _graph("mobilenet_v3_large_spelled")
    )


def test_everything_says_that_the_weights_are_synthetic() -> None:
    source = read_builtin(builtin_model("mobilenet_v2"))
    assert source.synthetic_weights
    assert source.note == "synthetic weights: speed only"


def test_quantising_twice_gives_the_same_variant(tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = ModelCache(tmp_path_factory.mktemp("library"))
    first = cache.prepare(read_builtin(builtin_model("mobilenet_v2")))
    files = {path: path.stat().st_mtime_ns for path in cache.folder.rglob("*.xml")}
    second = cache.prepare(read_builtin(builtin_model("mobilenet_v2")))
    assert second == first
    assert {path: path.stat().st_mtime_ns for path in cache.folder.rglob("*.xml")} == files
    kinds = [variant.variant.kind for variant in first.variants]
    assert kinds == ["fp32", "int8-simplified"]
    types = {op.op_type for op in first.variants[1].source_ops}
    assert "FakeQuantize" in types


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="mobilenet_v2"):
        builtin_model("mobilnet")
