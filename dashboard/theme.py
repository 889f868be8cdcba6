"""The one place for colours and for the sign and word of a verdict.

Okabe-Ito, so that colour-blind people can tell them apart. Blue is faster, orange is
slower, grey is neither, and nothing else is blue or orange; precisions and arms have
colours of their own, the same on every page and in both themes.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from results.comparison import GroupClass, Verdict

BLUE = "#0072B2"
ORANGE = "#E69F00"
GREY = "#8A95A3"
GREEN = "#009E73"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
VERMILION = "#D55E00"
YELLOW = "#F0E442"


@dataclass(frozen=True)
class VerdictLook:
    """How a verdict is shown: never by its colour alone."""

    sign: str
    word: str
    colour: str
    markdown: str


LOOKS = MappingProxyType({
    Verdict.FASTER: VerdictLook(Verdict.FASTER.sign, "faster", BLUE, "blue"),
    Verdict.SLOWER: VerdictLook(Verdict.SLOWER.sign, "slower", ORANGE, "orange"),
    Verdict.EQUIVALENT: VerdictLook(Verdict.EQUIVALENT.sign, "equivalent", GREY, "gray"),
    Verdict.INCONCLUSIVE: VerdictLook(Verdict.INCONCLUSIVE.sign, "inconclusive", GREY, "gray"),
})  # fmt: skip

FAILED = VerdictLook("\N{MULTIPLICATION SIGN}", "failed", GREY, "gray")
"""A cell without a result; told like a verdict, with a sign and a word."""

CLASS_WORDS = MappingProxyType({
    GroupClass.INT8_FASTER: "faster in INT8",
    GroupClass.INT8_SLOWER: "slower in INT8",
    GroupClass.LEFT_IN_FLOAT: "left in float",
    GroupClass.FUSION_CHANGED: "fused differently",
    GroupClass.PRECISION_CHANGED: "other precision",
    GroupClass.SAME_PRECISION: "same precision",
    GroupClass.CONVERTED_ON_BOTH: "converted on both",
    GroupClass.INSERTED: "inserted",
    GroupClass.REMOVED: "removed",
    GroupClass.UNMATCHED: "unmatched",
})  # fmt: skip

_INKS = MappingProxyType({"light": "#58626E", "dark": "#A3AEBB"})
_PRECISIONS = MappingProxyType({
    "f32": GREEN, "bf16": SKY, "f16": YELLOW, "i8": PURPLE, "u8": PURPLE, "int8": PURPLE,
})  # fmt: skip
_INT8_VARIANTS = MappingProxyType({
    "int8-simplified": PURPLE, "int8-full": VERMILION, "int8-accuracy": YELLOW,
    "int8-native": "#882255", "int8-tuned": "#44AA99", "int8": "#999933",
})  # fmt: skip


def precision_colour(precision: str) -> str:
    """The colour of an execution precision; grey for one that has none."""
    return _PRECISIONS.get(precision.lower(), GREY)


def arm_colour(arm: str) -> str:
    """The colour of an arm: that of its precision for float, of its variant for INT8."""
    variant, _, precision = arm.partition("@")
    if variant in _INT8_VARIANTS:
        return _INT8_VARIANTS[variant]
    return SKY if precision == "default" else precision_colour(precision)


def ink(theme_type: str | None) -> str | None:
    """The colour of a chart's words in the light and in the dark theme; None where unknown.

    Streamlit's own is too pale on white. Someone who changes the theme keeps the old
    ink until the page runs again: so both can be read on the other ground too.
    """
    return _INKS.get(theme_type) if theme_type else None


def delta_colour(delta_us: float) -> str:
    """Blue for time saved, orange for time lost, grey for neither."""
    return GREY if delta_us == 0 else BLUE if delta_us < 0 else ORANGE
