"""The colours: what must never look alike, and that each can be seen on both grounds."""

from __future__ import annotations

import tomllib
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from dashboard import theme

PRECISIONS = ("f32", "bf16", "f16", "u8", "i8")
ARMS = (
    "fp32@f32", "fp32@default", "fp32@bf16", "fp32@f16", "int8@default",
    "int8-simplified@default", "int8-full@default", "int8-accuracy@default",
    "int8-native@default", "int8-tuned@default",
)  # fmt: skip
KINDS_OF_BLUE_AND_ORANGE = {"#0072B2", "#56B4E9", "#E69F00", "#D55E00"}
"""Okabe-Ito's blue, sky blue, orange and vermilion."""
CONFIG = tomllib.loads(
    (Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text(encoding="utf-8")
)
GROUNDS = [CONFIG["theme"][name]["backgroundColor"] for name in ("light", "dark")]


def _colours() -> list[str]:
    precisions = map(theme.precision_colour, PRECISIONS)
    return list(chain(precisions, map(theme.arm_colour, ARMS)))


def test_no_two_precisions_or_arms_share_a_colour() -> None:
    twice = [colour for colour, count in Counter(_colours()).items() if count > 1]
    assert not twice


def test_neither_a_precision_nor_an_arm_looks_like_a_verdict() -> None:
    others = {theme.GREY, theme.PALE, *KINDS_OF_BLUE_AND_ORANGE}
    assert others.isdisjoint(_colours())


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_mark_stands_out_from_the_ground(ground: str) -> None:
    faint = {colour: theme.contrast(colour, ground) for colour in _colours()}
    assert {colour for colour, ratio in faint.items() if ratio < 3.0} == set()


def test_what_is_written_on_a_mark_can_be_read() -> None:
    found = [theme.contrast(theme.ink_on(colour), colour) for colour in _colours()]
    assert min(found) >= 4.5


def test_the_same_contrast_as_wcag_has_it() -> None:
    assert theme.contrast("#FFFFFF", "#000000") == pytest.approx(21.0)
    assert theme.contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


def test_an_arm_keeps_its_variants_colour_in_every_precision() -> None:
    assert theme.arm_colour("int8-full@f32") == theme.arm_colour("int8-full@default")


def test_old_spellings_of_a_precision_have_its_colour() -> None:
    assert theme.precision_colour("FP32") == theme.precision_colour("f32")
    assert theme.precision_colour("int8") == theme.precision_colour("i8")
    assert theme.precision_colour("what") == theme.GREY


def test_streamlits_own_charts_have_the_palettes_colours_and_none_of_a_verdict() -> None:
    known = {*_colours(), theme.GREEN, theme.PURPLE, theme.GREY}
    drawn = CONFIG["theme"]["chartCategoricalColors"]
    assert set(drawn) <= known
    assert KINDS_OF_BLUE_AND_ORANGE.isdisjoint(drawn)
