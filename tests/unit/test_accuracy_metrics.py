"""Metrics against cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from collector.models.judge.metrics import (
    Cosines,
    Squares,
    best,
    is_in_top,
    is_score_vector,
    score_output,
    sqnr_db,
)


def test_of_equal_scores_the_lower_class_comes_first() -> None:
    scores = np.array([[0.1, 0.5, 0.5, 0.2, 0.5, 0.2, 0.0]], np.float32)
    assert best(scores) == 1
    places = {1: 1, 2: 2, 4: 3, 3: 4, 5: 5, 0: 6, 6: 7}
    for label, place in places.items():
        assert is_in_top(scores, label, place)
        assert not is_in_top(scores, label, place - 1)


def test_scores_with_nan_are_no_answer() -> None:
    scores = np.array([1.0, math.nan, 0.0])
    assert best(scores) is None
    assert not is_in_top(scores, 0, 3)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((1, 10), True), ((10,), True), ((1, 10, 1, 1), True), ((1, 1, 1, 1001), True),
        ((1, 1), False), ((), False), ((1, 3, 4), False), ((2, 10), False), ((1, 0), False),
    ],
)  # fmt: skip
def test_one_score_per_class_means_one_long_axis(shape: tuple[int, ...], expected: bool) -> None:
    assert is_score_vector(shape) is expected


def test_the_output_that_classifies() -> None:
    features, logits, boxes = (1, 64, 1, 1), (1, 10), (1, 20, 4)
    assert score_output([features, logits, boxes]) == 1
    assert score_output([boxes, features, (1, 8, 1, 1)]) == 1
    assert score_output([logits, (1, 7)]) == 0  # two that could be: the first
    assert score_output([boxes, None]) is None
    assert score_output([]) is None


def test_sqnr_is_ten_times_the_logarithm_of_the_ratio() -> None:
    assert sqnr_db(100.0, 1.0) == pytest.approx(20.0)
    assert sqnr_db(1.0, 2.0) == pytest.approx(-3.0103, abs=1e-4)
    assert sqnr_db(0.0, 1.0) is None
    assert sqnr_db(1.0, 0.0) is None


def test_squares_are_summed_over_all_samples() -> None:
    squares = Squares()
    squares.add(np.array([3.0, 4.0], np.float32), np.array([3.0, 4.5], np.float32))
    squares.add(np.array([[5.0]], np.float32), np.array([[4.0]], np.float32))
    assert (squares.signal, squares.noise, squares.elements) == (50.0, 1.25, 3)
    assert squares.sqnr_db == pytest.approx(10 * math.log10(40))


def test_a_million_small_errors_are_summed_without_loss() -> None:
    values = np.full(1_000_000, 1000.0, np.float32)
    squares = Squares()
    squares.add(values, values + np.float32(0.0625))
    assert squares.noise == 1_000_000 * 0.0625**2
    assert squares.signal == 1e12


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_leave_nothing_to_know(bad: float) -> None:
    for pair in ([1.0, bad], [1.0, 2.0]), ([1.0, 2.0], [bad, 2.0]), ([bad, 1.0], [bad, 1.0]):
        first, second = (np.array(values, np.float32) for values in pair)
        squares, cosines = Squares(), Cosines()
        squares.add(first, second)
        cosines.add(first, second)
        squares.add(np.ones(2), np.ones(2) * 2)
        cosines.add(np.ones(2), np.ones(2) * 2)
        assert squares.sqnr_db is None
        assert cosines.mean is None


def test_arrays_of_other_shapes_cannot_be_compared() -> None:
    squares, cosines = Squares(), Cosines()
    squares.add(np.ones((1, 3)), np.ones((1, 1)))
    cosines.add(np.ones((1, 3)), np.ones((1, 1)))
    assert squares.sqnr_db is None
    assert not squares.is_known
    assert cosines.mean is None


def test_cosine_is_the_mean_over_samples_whatever_their_length() -> None:
    cosines = Cosines()
    assert cosines.mean is None
    cosines.add(np.array([1.0, 0.0]), np.array([2.0, 0.0]))
    cosines.add(np.array([100.0, 0.0]), np.array([0.0, 5.0]))
    cosines.add(np.array([1.0, 1.0]), np.array([-2.0, -2.0]))
    assert cosines.mean == pytest.approx(0.0)


def test_zeros_are_like_zeros_and_unlike_anything_else() -> None:
    for other, expected in ((np.zeros(2), 1.0), (np.ones(2), 0.0)):
        cosines = Cosines()
        cosines.add(np.zeros(2), other)
        assert cosines.mean == expected
