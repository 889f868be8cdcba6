"""Figures as text: intervals that mean something, and nouns that agree with their number."""

from __future__ import annotations

import pytest

from results.format import counted, interval, number


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1.8, 2.1, "1.80x to 2.10x"),
        (None, 2.1, "unknown"),
        (0.02, 2.0, "0.02x to 2.00x"),
        (0.02, 2.01, "too wide to tell"),
        (1e-4, 11941.24, "too wide to tell"),
        (0.0, 2.0, "too wide to tell"),
    ],
)
def test_an_interval_of_more_than_a_hundredfold_is_too_wide_to_tell(
    low: float | None, high: float | None, said: str
) -> None:
    assert interval(low, high) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.76, 0.9979, "0.76x to 0.998x"),
        (1.0021, 1.32, "1.002x to 1.32x"),
        (0.76, 0.99996, "0.76x to 0.99996x"),
        (0.76, 1.0, "0.76x to 1.00x"),
        (0.9979, 1.0021, "0.998x to 1.002x"),
        (0.99996, 1.00004, "1.000x to 1.000x"),
    ],
)
def test_a_bound_is_not_rounded_onto_1_from_either_side(low: float, high: float, said: str) -> None:
    """Beside 1 itself inside of the interval three digits are enough."""
    assert interval(low, high) == said


def test_one_of_anything_is_singular() -> None:
    assert [counted(number, "cell") for number in (0, 1, 1234)] == [
        "0 cells", "1 cell", "1,234 cells",
    ]  # fmt: skip
    assert [counted(number, "launch") for number in (1, 2)] == ["1 launch", "2 launches"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0.00"), (0.284, "0.284"), (0.0284, "0.0284"), (0.003, "0.00300"),
        (0.00099996, "0.00100"), (-0.0000312, "-0.0000312"), (2e-12, "2e-12"), (0.99949, "0.999"),
        (0.9996, "1.00"), (6.371, "6.37"), (1234.5, "1,234"),
    ],
)  # fmt: skip
def test_a_number_has_three_significant_digits_however_small_it_is(value: float, said: str) -> None:
    assert number(value) == said
