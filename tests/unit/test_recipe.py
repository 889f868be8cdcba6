"""A recipe is plain values: rules between them, and one text for what is equal."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest

from collector.models.quantize.recipe import (
    BIAS_CORRECTIONS,
    DROP_TYPES,
    MODEL_TYPES,
    MODES,
    OVERFLOW_FIXES,
    PRESETS,
    TARGET_DEVICES,
    Recipe,
    checked,
)
from results.errors import UsageError

PAGE = (Path(__file__).parents[2] / "docs" / "quantize.md").read_text()
OPTIONS = {
    "mode": "mode", "samples": "subset-size", "seed": "seed", "preset": "preset",
    "bias_correction": "bias-correction", "ignored_names": "ignore-name",
    "ignored_patterns": "ignore-pattern", "ignored_types": "ignore-type",
    "model_type": "model-type", "target_device": "target-device",
    "overflow_fix": "overflow-fix", "max_drop": "max-drop", "drop_type": "drop-type",
    "metric": "metric",
}  # fmt: skip
CAREFUL = Recipe(
    mode="accuracy", samples=50, seed=3, preset="mixed", bias_correction="full",
    ignored_names=("a", "b"), ignored_patterns=("c.*",), ignored_types=("Add",),
    model_type="transformer", target_device="cpu", overflow_fix="enable", max_drop=0.02,
    drop_type="relative", metric="mine:f1",
)  # fmt: skip


@pytest.mark.parametrize("mode", ["simplified", "full", "accuracy"])
def test_each_mode_makes_its_kind_of_variant(mode: str) -> None:
    assert checked(Recipe(mode=mode)).kind == f"int8-{mode}"


def test_simplified_takes_a_few_samples_and_the_others_many_unless_told() -> None:
    modes = ("simplified", "full", "accuracy")
    assert [Recipe(mode=mode).subset_size for mode in modes] == [4, 300, 300]
    assert Recipe(mode="full", samples=7).subset_size == 7


def test_a_default_spelled_out_gives_the_same_text() -> None:
    spelled = Recipe(mode="accuracy", samples=300, max_drop=0.01)
    assert spelled.to_json("c", "v") == Recipe(mode="accuracy").to_json("c", "v")


def test_the_order_of_ignored_scopes_does_not_change_the_text() -> None:
    other = replace(CAREFUL, ignored_names=("b", "a", "b"))
    assert other.to_json("c", "v") == CAREFUL.to_json("c", "v")


def test_the_text_holds_every_option_under_sorted_keys() -> None:
    text = CAREFUL.to_json("c1", "v1")
    stored = json.loads(text)
    assert list(stored) == sorted(stored)
    assert stored["calibration"] == "c1"
    assert stored["validation"] == "v1"
    for field in fields(Recipe):
        value = getattr(CAREFUL, field.name)
        assert stored[field.name] == (list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize(
    "change",
    [
        {"samples": 51}, {"seed": 4}, {"preset": "performance"}, {"bias_correction": "none"},
        {"ignored_names": ("a",)}, {"ignored_patterns": ()}, {"ignored_types": ("Mul",)},
        {"model_type": None}, {"target_device": "any"}, {"overflow_fix": None},
        {"max_drop": 0.03}, {"drop_type": "absolute"}, {"metric": None},
    ],
)  # fmt: skip
def test_another_value_of_any_option_gives_another_text(change: dict[str, object]) -> None:
    fields_of = {field.name: getattr(CAREFUL, field.name) for field in fields(Recipe)}
    other = Recipe(**(fields_of | change))
    assert other.to_json("c", "v") != CAREFUL.to_json("c", "v")


def test_other_data_gives_another_text_and_no_data_says_synthetic() -> None:
    assert CAREFUL.to_json("c", "v") != CAREFUL.to_json("c", "w")
    assert CAREFUL.to_json("c", "v") != CAREFUL.to_json("d", "v")
    assert "synthetic" in json.loads(Recipe().to_json(None))["calibration"]


def test_what_only_accuracy_control_reads_is_no_part_of_other_recipes() -> None:
    judged_too = Recipe(mode="full", metric="mine:f1")
    assert checked(judged_too).to_json("c") == Recipe(mode="full").to_json("c")


@pytest.mark.parametrize(
    ("recipe", "told"),
    [
        (Recipe(mode="quick"), "there is no mode 'quick'; give simplified, full or accuracy"),
        (Recipe(preset="best"), "there is no preset 'best'; give performance or mixed"),
        (Recipe(bias_correction="slow"), "there is no bias correction 'slow'"),
        (Recipe(model_type="cnn"), "there is no model type 'cnn'; give transformer"),
        (Recipe(target_device="tpu"), "there is no target device 'tpu'"),
        (Recipe(overflow_fix="on"), "there is no overflow fix 'on'"),
        (Recipe(mode="accuracy", drop_type="half"), "there is no drop type 'half'"),
        (Recipe(samples=0), "the subset size is 0; give at least 1"),
        (Recipe(seed=-1), "the seed is -1"),
        (Recipe(mode="full", max_drop=0.1), "--max-drop says nothing to mode full"),
        (Recipe(drop_type="relative"), "--drop-type says nothing to mode simplified"),
        (Recipe(mode="accuracy", max_drop=-0.1), "--max-drop is -0.1"),
        (Recipe(mode="accuracy", max_drop=float("nan")), "--max-drop is nan"),
        (Recipe(mode="accuracy", max_drop=1.5, drop_type="relative"), "allows everything"),
        (Recipe(ignored_names=("a", " ")), "number 2 of the ignored names is empty"),
        (Recipe(ignored_patterns=("a", "(b")), r"number 2 of the ignored patterns, '(b', is no"),
    ],
)
def test_values_that_cannot_be_are_refused_in_one_line(recipe: Recipe, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        checked(recipe)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_bad_pattern_says_where_it_goes_wrong() -> None:
    with pytest.raises(UsageError, match="at position 4"):
        checked(Recipe(ignored_patterns=("body(x",)))


def test_a_recipe_that_makes_sense_passes() -> None:
    assert checked(CAREFUL) is CAREFUL


def test_every_option_and_every_value_of_it_is_explained() -> None:
    assert set(OPTIONS) == {field.name for field in fields(Recipe)}
    assert [name for name in OPTIONS.values() if f"| `--{name}` |" not in PAGE] == []
    known = (
        *MODES, *PRESETS, *BIAS_CORRECTIONS, *MODEL_TYPES, *TARGET_DEVICES, *OVERFLOW_FIXES,
        *DROP_TYPES,
    )  # fmt: skip
    assert [value for value in known if f"`{value}`" not in PAGE] == []
