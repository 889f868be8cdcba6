"""The built-in models are exactly the published networks, in opsets that old runtimes read."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import nncf
import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray

from collector.builtin.catalogue import BUILTIN_MODELS, BuiltinModel, builtin_model
from collector.models import graph
from collector.models.convert.sources import read_builtin
from collector.models.model_cache import ModelCache
from results.errors import UsageError

LOWEST_OPSETS = {"opset1", "opset4", "opset5"}
PUBLISHED = [model for model in BUILTIN_MODELS if model.published_parameters]
FLOAT = {"INFERENCE_PRECISION_HINT": "f32"}


@cache
def _graph(name: str) -> ov.Model:
    return builtin_model(name).build()


def _count(name: str, kind: str) -> int:
    return sum(op.get_type_name() == kind for op in _graph(name).get_ordered_ops())


@pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model.name)
def test_parameters_and_macs_are_the_published_ones(model: BuiltinModel) -> None:
    built = _graph(model.name)
    assert graph.parameter_count(built) == pytest.approx(model.published_parameters, rel=0.02)
    assert graph.total_macs(built) == pytest.approx(model.published_macs, rel=0.02)


def test_the_published_figures_are_those_of_the_papers() -> None:
    figures = {m.name: (m.published_parameters, m.published_macs) for m in PUBLISHED}
    assert figures == {
        "mobilenet_v2": (3.5e6, 0.30e9),
        "mobilenet_v3_large": (5.4e6, 0.22e9),
        "mobilenet_v3_large_spelled": (5.4e6, 0.22e9),
        "resnet_50": (25.6e6, 4.1e9),
        "mobilenet_v1": (4.2e6, 0.569e9),
        "efficientnet_b0": (5.3e6, 0.39e9),
        "bert_mini": (11.2e6, 0.44e9),
    }


def test_exact_weight_counts_with_folded_batch_norm() -> None:
    # torchvision's counts less the second batch-norm value of every channel
    assert graph.parameter_count(_graph("resnet_50")) == 25_557_032 - 26_560
    assert graph.parameter_count(_graph("mobilenet_v2")) == 3_504_872 - 17_056
    assert graph.parameter_count(_graph("efficientnet_b0")) == 5_288_548 - 21_008
    # Keras' count of trainable weights, less the same
    assert graph.parameter_count(_graph("mobilenet_v1")) == 4_231_976 - 10_944


def test_bert_holds_every_weight_of_the_published_encoder() -> None:
    width, inner, layers = 256, 1024, 4
    norm = 2 * width
    layer = 4 * (width * width + width) + 2 * width * inner + inner + width + 2 * norm
    embeddings = (30522 + 512 + 2) * width + norm
    pooler = width * width + width
    assert graph.parameter_count(_graph("bert_mini")) == embeddings + layers * layer + pooler


def test_bert_computes_what_the_transformer_formula_says() -> None:
    tokens, width, layers = 128, 256, 4
    dense, attention = 12 * tokens * width**2, 2 * tokens**2 * width
    assert graph.total_macs(_graph("bert_mini")) == layers * (dense + attention) + width**2


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
    assert _count("mobilenet_v1", "GroupConvolution") == 13
    assert _count("mobilenet_v1", "Convolution") == 14
    assert _count("efficientnet_b0", "GroupConvolution") == 16
    assert _count("efficientnet_b0", "Swish") == 49
    assert _count("efficientnet_b0", "Sigmoid") == 16
    assert _count("bert_mini", "Softmax") == 4
    assert _count("bert_mini", "MatMul") == 4 * (6 + 2) + 1


def test_hswish_is_spelled_out_in_the_second_network() -> None:
    assert _count("mobilenet_v3_large_spelled", "HSwish") == 0
    assert _count("mobilenet_v3_large_spelled", "HSigmoid") == 0
    assert _count("mobilenet_v3_large_spelled", "Clamp") == 21 + 8


def test_both_spellings_compute_the_same() -> None:
    data = np.random.default_rng(0).standard_normal((1, 3, 224, 224)).astype(np.float32)
    first, second = (
        _infer(name, data)[0] for name in ("mobilenet_v3_large", "mobilenet_v3_large_spelled")
    )
    assert np.abs(first - second).max() < 1e-5
    assert first.std() > 0


def _infer(name: str, *inputs: NDArray[Any]) -> list[NDArray[Any]]:
    return list(ov.Core().compile_model(_graph(name), "CPU", FLOAT)(list(inputs)).values())


@pytest.mark.parametrize("name", ["mobilenet_v1", "efficientnet_b0"])
def test_activations_keep_their_size_to_the_end(name: str) -> None:
    random = np.random.default_rng(0)
    first, second = (
        _infer(name, random.standard_normal((1, 3, 224, 224)).astype(np.float32))[0]
        for _ in range(2)
    )
    # The logits are neither all alike, nor does one of them drown the others.
    assert 0.1 < np.log(first).std() < 3
    assert np.abs(np.log(first) - np.log(second)).max() > 0.02


def test_bert_gives_normal_states_for_any_ids() -> None:
    for ids in (np.zeros((1, 128)), np.full((1, 128), 30521), np.arange(128)[np.newaxis] % 2):
        states, pooled = _bert(ids.astype(np.int64), np.ones((1, 128), np.int64))
        assert states.shape == (1, 128, 256)
        assert pooled.shape == (1, 256)
        assert np.abs(states.mean(axis=-1)).max() < 1e-5  # a layer norm comes last
        assert np.abs(states.std(axis=-1) - 1).max() < 1e-3
        assert 0.2 < np.abs(pooled).mean() < 1


def test_bert_does_not_see_tokens_that_the_mask_leaves_out() -> None:
    random = np.random.default_rng(0)
    ids = random.integers(0, 30522, (1, 128))
    mask = np.ones((1, 128), np.int64)
    mask[:, 64:] = 0
    others = np.where(mask == 1, ids, random.integers(0, 30522, (1, 128)))
    (masked, _), (same, _) = _bert(ids, mask), _bert(others, mask)
    assert np.abs(masked - same)[:, :64].max() < 1e-4
    (seen, _), (changed, _) = (_bert(text, np.ones_like(mask)) for text in (ids, others))
    assert np.abs(seen - changed)[:, :64].max() > 0.1


def _bert(ids: NDArray[Any], mask: NDArray[Any]) -> list[NDArray[Any]]:
    return _infer("bert_mini", ids, mask, np.zeros_like(mask))


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


def test_the_demo_tells_the_seeds_story_and_one_of_accuracy() -> None:
    assert [model.name for model in BUILTIN_MODELS if model.in_demo] == [
        "mobilenet_v2",
        "mobilenet_v3_large",
        "mobilenet_v3_large_spelled",
        "resnet_50",
        "digits",
    ]


def test_only_a_model_with_trained_weights_is_judged() -> None:
    assert [model.name for model in BUILTIN_MODELS if not model.synthetic_weights] == ["digits"]
    assert [model.name for model in BUILTIN_MODELS if model.judging] == ["digits"]


def test_the_docs_have_every_built_in_model() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
    for model in BUILTIN_MODELS:
        parameters = graph.parameter_count(_graph(model.name))
        macs = graph.total_macs(_graph(model.name))
        row = rf"^\| `{model.name}` \| .* \| {parameters:,} \| .*\| {macs / 1e6:,.1f} M \|"
        assert re.search(row, page, flags=re.MULTILINE), row


@pytest.mark.parametrize("name", ["mobilenet_v1", "efficientnet_b0", "bert_mini"])
def test_nncf_can_quantise_it_and_what_comes_out_resembles_it(name: str) -> None:
    random = np.random.default_rng(0)
    samples = [
        [_sample(tuple(port.shape), port.get_element_type().is_real(), random)
         for port in _graph(name).inputs]
        for _ in range(2)
    ]  # fmt: skip
    kind = builtin_model(name).model_type
    quantised = nncf.quantize(
        _graph(name).clone(), nncf.Dataset(samples), subset_size=2,
        model_type=None if kind is None else nncf.ModelType(kind),
        advanced_parameters=nncf.AdvancedQuantizationParameters(disable_bias_correction=True),
    )  # fmt: skip
    int8 = ov.Core().compile_model(quantised, "CPU")(samples[0])
    for before, after in zip(_infer(name, *samples[0]), int8.values(), strict=True):
        assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.95


def _sample(shape: tuple[int, ...], real: bool, random: np.random.Generator) -> NDArray[Any]:
    drawn = random.standard_normal(shape) if real else random.integers(0, 2, shape)
    return drawn.astype(np.float32 if real else np.int64)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="mobilenet_v2"):
        builtin_model("mobilnet")
