"""The old spelling of the options is understood, and what is no value is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collector.models.convert.options import (
    ConvertOptions,
    LayoutChange,
    Values,
    layouts,
    names,
    shapes,
    values,
)
from results.errors import UsageError


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("input[127.5,127.5,127.5]", (Values("input", (127.5, 127.5, 127.5)),)),
        ("input[127.5]", (Values("input", (127.5,)),)),
        ("[1,2,3]", (Values(None, (1, 2, 3)),)),
        ("(1,2,3)", (Values(None, (1, 2, 3)),)),
        ("1,2,3", (Values(None, (1, 2, 3)),)),
        ("127.5", (Values(None, (127.5,)),)),
        ("a[1,2,3],b[4]", (Values("a", (1, 2, 3)), Values("b", (4,)))),
        ("scope/in:0[1], b [ 2 ]", (Values("scope/in:0", (1,)), Values("b", (2,)))),
    ],
)
def test_numbers_are_read_as_the_model_optimizer_took_them(
    text: str, wanted: tuple[Values, ...]
) -> None:
    assert values("--mean-values", text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[1,224,224,3]", ((1, 224, 224, 3),)),
        ("1,224,224,3", ((1, 224, 224, 3),)),
        ("(1, 3)", ((1, 3),)),
        ("[1 3]", ((1, 3),)),
        ("[1,3],[1,4]", ((1, 3), (1, 4))),
    ],
)
def test_shapes_are_read_with_and_without_brackets(
    text: str, wanted: tuple[tuple[int, ...], ...]
) -> None:
    assert shapes("--input-shape", text) == wanted


def test_layouts_are_read_with_names_and_as_changes() -> None:
    assert layouts("--layout", "nhwc") == (LayoutChange(None, "NHWC", "NHWC"),)
    assert layouts("--layout", "NHWC->NCHW") == (LayoutChange(None, "NHWC", "NCHW"),)
    assert layouts("--layout", "a(nhwc->nchw),b(nc)") == (
        LayoutChange("a", "NHWC", "NCHW"),
        LayoutChange("b", "NC", "NC"),
    )


def test_names_have_commas_between_them_and_options_left_out_give_nothing() -> None:
    assert names("--input", "a, b") == ("a", "b")
    assert names("--input", None) == ()
    assert values("--mean-values", None) == ()
    assert shapes("--input-shape", None) == ()


@pytest.mark.parametrize(
    ("read", "option", "text"),
    [
        (values, "--mean-values", "input[1,2"),
        (values, "--mean-values", "input[1,x]"),
        (values, "--mean-values", "input[]"),
        (values, "--mean-values", "nan"),
        (values, "--mean-values", "[1],2"),
        (values, "--mean-values", ""),
        (shapes, "--input-shape", "1,-1"),
        (shapes, "--input-shape", "[0,3]"),
        (shapes, "--input-shape", "[1,?,3]"),
        (shapes, "--input-shape", "[]"),
        (layouts, "--layout", "n-c"),
        (layouts, "--layout", "nhwc->nchw->nc"),
        (names, "--output", "a,,b"),
        (names, "--input", "a->1"),
        (names, "--input", "a,a"),
    ],
)
def test_what_is_no_value_is_refused_with_the_option_and_the_text(
    read: Callable[[str, str], object], option: str, text: str
) -> None:
    with pytest.raises(UsageError) as error:
        read(option, text)
    assert option in str(error.value)
    assert text in str(error.value)
    assert "\n" not in str(error.value)


def test_a_scale_of_zero_is_refused() -> None:
    with pytest.raises(UsageError, match="divides by zero"):
        values("--scale-values", "input[1,0,1]", divisors=True)


def test_equal_options_give_equal_text() -> None:
    spelt = [ConvertOptions(means=values("-", text)) for text in ("[1,2]", "1,2", "1.0, 2")]
    assert len({options.to_json() for options in spelt}) == 1
    assert ConvertOptions(reverse_channels=True).to_json() != ConvertOptions().to_json()
