"""The one place for colours and for the sign and word of a verdict.

Blue is faster, orange is slower, grey is neither, and nothing else is blue or orange, nor
sky blue or vermilion. Precisions and arms have colours of their own, the same on every page
and in both themes, and no colour is a precision's and an arm's. The verdicts' colours, f32
and u8 are Okabe-Ito's; the others were derived in OKLCH: those that are likely to stand side
by side differ in lightness too, for eyes that see no hue, and each has a contrast of 3:1 at
least to the white and to the dark ground. No colour is ever all that tells a mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from results.comparison import Verdict
from results.kinds import canonical_precision

BLUE = "#0072B2"
ORANGE = "#E69F00"
PALE_BLUE, PALE_ORANGE = "#8CBFDC", "#F5D590"
GREY = "#8A95A3"
PALE = "#BAC3CD"
"""Beside grey, for what is told apart from it neither way."""
GREEN = "#009E73"
PURPLE = "#CC79A7"


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

INKS = MappingProxyType({"light": "#58626E", "dark": "#A3AEBB"})
"""The colours of a chart's words in both themes."""
PICTURE_INK = "#1A1F26"
"""Of the words on a picture, which is white in both themes; the light theme's."""
_INKS_ON = "#101418", "#FFFFFF"
_PRECISIONS = MappingProxyType({
    "f32": GREEN, "bf16": "#387729", "f16": "#A1942F", "u8": PURPLE, "i8": "#AB3276",
})  # fmt: skip
_FLOAT_ARMS = MappingProxyType({
    "f32": "#107F7A", "default": "#A080DF", "bf16": "#676F2D", "f16": "#809D19",
})  # fmt: skip
_INT8_VARIANTS = MappingProxyType({
    "int8-simplified": "#CB234D", "int8-full": "#8F45B7", "int8-accuracy": "#2FA4A1",
    "int8-native": "#E26A72", "int8-tuned": "#2CAA4E", "int8": "#D25BCB",
})  # fmt: skip


def precision_colour(precision: str) -> str:
    """The colour of an execution precision; grey for one that has none."""
    return _PRECISIONS.get(canonical_precision(precision), GREY)


def arm_colour(arm: str) -> str:
    """The colour of an arm: by what was asked of the float file, or by the INT8 variant."""
    variant, _, precision = arm.partition("@")
    if variant in _INT8_VARIANTS:
        return _INT8_VARIANTS[variant]
    return _FLOAT_ARMS.get(canonical_precision(precision), GREY)


def ink_on(colour: str) -> str:
    """The ink, dark or white, that is read best on a mark of this colour (``#RRGGBB``)."""
    return max(_INKS_ON, key=lambda ink: contrast(ink, colour))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (``#RRGGBB``), from 1 to 21 (WCAG 2.2, 1.4.3)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance of an sRGB colour (WCAG 2.2)."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def ink(theme_type: str | None) -> str | None:
    """The colour of a chart's words in the light and in the dark theme; None where unknown.

    Streamlit's own is too pale on white. Someone who changes the theme keeps the old
    ink until the page runs again: so both can be read on the other ground too.
    """
    return INKS.get(theme_type) if theme_type else None


def delta_colour(delta_us: float) -> str:
    """Blue for time saved, orange for time lost, grey for neither."""
    return GREY if delta_us == 0 else BLUE if delta_us < 0 else ORANGE
