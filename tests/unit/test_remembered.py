"""Answers that are remembered: read once, together with what is asked for next, and few of them."""

from __future__ import annotations

from collections.abc import Sequence

from results.remembered import Remembered


class _Source:
    """Squares of numbers; ``asked`` has what was read, question by question."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def read(self, keys: Sequence[int]) -> dict[int, int]:
        self.asked.append(list(keys))
        return {key: key * key for key in keys}


def test_what_is_known_is_not_read_again_and_the_rest_in_one_question() -> None:
    source = _Source()
    found = Remembered(8, source.read)
    assert found.of([2]) == (4,)
    assert found.of([3, 2, 4, 3]) == (9, 4, 16, 9)
    assert source.asked == [[2], [3, 4]]


def test_what_is_asked_for_next_is_read_with_it() -> None:
    source = _Source()
    found = Remembered(8, source.read)
    assert found.of([2], beside=[2, 5]) == (4,)
    assert found.of([5], beside=[6]) == (25,)
    assert source.asked == [[2, 5]], "and nothing is read for its own sake"


def test_the_answer_that_was_asked_for_longest_ago_is_forgotten() -> None:
    source = _Source()
    found = Remembered(2, source.read)
    for key in (1, 2, 1, 3, 1):
        assert found.of([key]) == (key * key,)
    assert source.asked == [[1], [2], [3]]
    assert found.of([2]) == (4,)
    assert source.asked[-1] == [2]


def test_more_than_are_kept_are_answered_all_the_same() -> None:
    assert Remembered(2, _Source().read).of(range(5)) == (0, 1, 4, 9, 16)
