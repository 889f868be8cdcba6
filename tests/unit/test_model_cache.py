"""Which variants a model comes with: made before or now, asked for or begun with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from collector.models.convert.sources import Source, read_file
from collector.models.model_cache import ModelCache
from collector.models.order import SIMPLIFIED, Order
from collector.models.prepared import PreparedModel
from collector.models.quantize.making import code_digest
from collector.models.quantize.recipe import Recipe
from results.errors import UsageError
from tests.e2e.tiny import tiny_network

OWN = Recipe(ignored_types=("MatMul",))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return read_file(tiny_network(tmp_path_factory.mktemp("cache") / "tiny.xml"))


def _ids(model: PreparedModel) -> dict[str, str]:
    return {one.variant.kind: one.variant.variant_id for one in model.variants}


def test_what_quantize_made_is_what_run_measures(source: Source, tmp_path: Path) -> None:
    cache = ModelCache(tmp_path)
    usual = cache.prepare(source)
    assert usual.reused == ()
    asked = cache.prepare(source, order=Order(recipe=OWN))
    assert _ids(asked)[SIMPLIFIED] != _ids(usual)[SIMPLIFIED]
    again = cache.prepare(source)
    assert _ids(again) == _ids(asked)
    assert again.reused == (SIMPLIFIED,)
    assert cache.kinds(source, Order()) == (SIMPLIFIED,)


def test_asking_again_for_an_older_one_makes_it_the_one_to_measure(
    source: Source, tmp_path: Path
) -> None:
    cache = ModelCache(tmp_path)
    first = cache.prepare(source, order=Order(recipe=OWN))
    cache.prepare(source, order=Order(recipe=Recipe()))
    cache.prepare(source, order=Order(recipe=OWN))
    assert _ids(cache.prepare(source)) == _ids(first)


def test_a_run_that_is_continued_keeps_the_variants_it_began_with(
    source: Source, tmp_path: Path
) -> None:
    cache = ModelCache(tmp_path)
    began = cache.prepare(source)
    cache.prepare(source, order=Order(recipe=OWN))
    fixed = tuple(_ids(began).values())
    assert _ids(cache.prepare(source, order=Order(fixed=fixed))) == _ids(began)


def test_what_is_quantised_is_not_quantised_again(source: Source, tmp_path: Path) -> None:
    made = ModelCache(tmp_path).prepare(source, order=Order(recipe=OWN)).variants[-1]
    quantised = read_file(made.ir_path)
    with pytest.raises(UsageError, match="is quantised already"):
        ModelCache(tmp_path).prepare(quantised, order=Order(recipe=Recipe()))
    with pytest.raises(UsageError, match="quantised already, and so should its twin"):
        ModelCache(tmp_path).prepare(quantised, source)
    (alone,) = ModelCache(tmp_path).prepare(quantised).variants
    assert alone.variant.kind == "int8-native"


def test_a_variant_that_was_damaged_is_made_anew(source: Source, tmp_path: Path) -> None:
    cache = ModelCache(tmp_path)
    path = cache.prepare(source).variants[-1].ir_path.with_suffix(".bin")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    cache.prepare(source)
    assert path.read_bytes() == whole


def test_a_file_of_the_same_content_and_other_names_is_the_same_model(
    source: Source, tmp_path: Path
) -> None:
    cache = ModelCache(tmp_path)
    first = cache.prepare(source)
    graph = source.graph.clone()
    graph.inputs[0].set_names({"another"})
    second = cache.prepare(replace(source, graph=graph))
    assert _ids(second) == _ids(first)


def test_a_metric_that_was_changed_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "changing_metric.py").write_text("def f(outputs, labels): return 1.0\n")
    before = code_digest("changing_metric:f")
    (tmp_path / "changing_metric.py").write_text("def f(outputs, labels): return 2.0\n")
    assert code_digest("changing_metric:f") != before
    recipe = Recipe(mode="accuracy", metric="changing_metric:f")
    assert recipe.to_json("c", "v", metric_code="a") != recipe.to_json("c", "v", metric_code="b")


def test_more_samples_than_there_are_make_the_same() -> None:
    few, many = (Recipe("full", samples=count).to_json("c", available=100) for count in (300, 500))
    assert few == many
    seeds = {Recipe("full", seed=seed).to_json("c", available=100) for seed in (1, 2)}
    assert len(seeds) == 1
    assert len({Recipe("full", seed=seed).to_json("c", available=900) for seed in (1, 2)}) == 2
