"""The executed precision is checked, not believed."""

from __future__ import annotations

import pytest

from results.facts import ExecNode
from results.precision import (
    NOT_AS_ASKED,
    executed_layers,
    precision_caution,
    precision_times,
    precision_words,
)
from tests.unit.pairs import node, reorder

FLOAT = ("fp32@f32", "f32", "fp32")
DEFAULT = ("fp32@default", "default", "fp32")
INT8 = ("int8-native@default", "default", "int8-native")


def test_shares_are_of_the_executed_time_over_the_medians_of_the_launches() -> None:
    rows = [
        node(1, "conv1", time_us, precision="bf16", launch=name)
        for name, time_us in (("p0", 90.0), ("p1", 98.0), ("p2", 5000.0))
    ]
    rows += [node(2, "softmax", 2.0, launch=name) for name in ("p0", "p1", "p2")]
    rows += [node(3, "input", None, precision="f16", launch=name) for name in ("p0", "p1", "p2")]
    shares = precision_times(executed_layers(rows))
    assert [(s.precision, s.layers, s.time_us) for s in shares] == [
        ("bf16", 1, 98.0), ("f32", 1, 2.0),
    ]  # fmt: skip
    assert precision_words(shares) == "bf16 98 %, f32 2 %"


def test_small_shares_are_neither_0_nor_100_per_cent() -> None:
    rows = [
        node(1, "a", 1995.0),
        node(2, "b", 4.0, precision="u8"),
        node(3, "c", 1.0, precision="i8"),
    ]
    assert precision_words(precision_times(executed_layers(rows))) == "f32 99.8 %, u8 0.2 %"
    untimed = precision_times(executed_layers([node(1, "a", 0.0)]))
    assert precision_words(untimed) == "f32"
    assert precision_words(()) == "unknown"


def test_an_f32_arm_that_ran_a_layer_in_16_bits_is_told_with_layers_and_share() -> None:
    rows = [node(1, "a", 60.0, precision="bf16"), node(2, "b", 40.0), node(3, "c", None)]
    assert precision_caution(*FLOAT, rows) == (
        NOT_AS_ASKED, "1 of 2 layers of fp32@f32 ran in bf16, 60 % of the time",
    )  # fmt: skip
    rows = [node(1, "pool", 1.0, kind="Pooling", precision="f16"), node(2, "b", 99.0)]
    found = precision_caution(*FLOAT, rows)
    assert found is not None
    assert found[1].endswith("ran in f16, 1 % of the time"), "any layer, not only heavy ones"


def test_an_arm_asked_to_run_in_16_bits_that_did_not_is_told() -> None:
    asked = ("fp32@bf16", "bf16", "fp32")
    found = precision_caution(*asked, [node(1, "a", 60.0)])
    assert found == (NOT_AS_ASKED, "no layer of fp32@bf16 ran in bf16 (f32 100 %)")
    assert precision_caution(*asked, [node(1, "a", 60.0, precision="bf16")]) is None


def test_what_the_device_was_free_to_choose_is_no_caution() -> None:
    assert precision_caution(*DEFAULT, [node(1, "a", 60.0, precision="bf16")]) is None
    assert precision_caution(*FLOAT, [node(1, "a", 60.0)]) is None
    assert precision_caution(*FLOAT, [node(1, "a", None, precision="bf16"), node(2, "b")]) is None


@pytest.mark.parametrize(
    "rows",
    [
        [node(1, "a", 60.0)],
        [node(1, "a", 60.0), reorder(2, 5.0, reads=(1,), precision="u8")],
        [node(1, "a", 60.0), node(2, "a/fq_0", 5.0, kind="Subgraph", precision="u8")],
        [node(1, "a", 60.0), node(2, "b", None, precision="u8")],
    ],
)
def test_an_int8_arm_that_computes_nothing_in_int8_is_told(rows: list[ExecNode]) -> None:
    found = precision_caution(*INT8, rows)
    assert found is not None
    assert found[0] == NOT_AS_ASKED
    assert found[1].startswith("no layer of int8-native@default ran in INT8 (f32 ")


def test_an_int8_arm_with_one_int8_layer_is_as_asked() -> None:
    assert precision_caution(*INT8, [node(1, "a"), node(2, "b", 5.0, precision="i8")]) is None


def test_without_a_profile_nothing_is_known() -> None:
    assert precision_caution(*INT8, []) is None
    assert precision_caution(*INT8, [node(1, "a", None)]) is None
