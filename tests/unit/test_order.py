"""Which variants of a model are made, and which are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.builtin.catalogue import builtin_model
from collector.job import ARMS, FileModel
from collector.models.order import ACCURACY, FULL, MODES, SIMPLIFIED, wanted
from collector.models.quantize.recipe import Recipe
from collector.models.request import DataRequest, Judging

PLAIN = FileModel(Path("m.onnx"))
WITH_DATA = FileModel(Path("m.onnx"), judging=Judging(DataRequest("photos")))


def _made(model: FileModel, arms: tuple[str, ...] | None) -> list[str]:
    order = wanted(model, arms).order
    return [kind for kind in MODES if order.recipe_of(kind) is not None]


def test_unless_told_otherwise_the_quick_variant_is_made_and_what_was_made_before_is_wanted() -> (
    None
):
    assert _made(PLAIN, None) == _made(WITH_DATA, None) == [SIMPLIFIED]
    assert all(wanted(PLAIN).order.wants(kind) for kind in MODES)


def test_arms_say_what_is_made_and_careful_recipes_take_data() -> None:
    arms = ("fp32@f32", "int8-full@default", "int8-accuracy@bf16")
    assert _made(PLAIN, arms) == []
    assert _made(WITH_DATA, arms) == [FULL, ACCURACY]
    assert not wanted(PLAIN, arms).order.wants(SIMPLIFIED)
    assert _made(PLAIN, ("fp32@f32",)) == []
    assert _made(PLAIN, ARMS) == [SIMPLIFIED]


def test_a_built_in_model_with_data_of_its_own_is_calibrated_too() -> None:
    order = wanted(builtin_model("digits")).order
    assert [kind for kind in MODES if order.recipe_of(kind) is not None] == [SIMPLIFIED, FULL]
    assert order.judging is not None


def test_a_transformer_is_quantised_as_one() -> None:
    recipe = wanted(builtin_model("bert_mini")).order.recipe_of(SIMPLIFIED)
    assert recipe is not None
    assert recipe.model_type == "transformer"
    asked = wanted(builtin_model("bert_mini"), recipe=Recipe()).order
    assert asked.recipe_of(SIMPLIFIED) == recipe, "quantize makes what run would make"


@pytest.mark.parametrize("mode", MODES.values())
def test_a_recipe_asks_for_its_variant_alone(mode: str) -> None:
    recipe = Recipe(mode=mode, seed=7)
    order = wanted(WITH_DATA, recipe=recipe).order
    assert [kind for kind in MODES if order.wants(kind)] == [recipe.kind]
    assert order.recipe_of(recipe.kind) == recipe
