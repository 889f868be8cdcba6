"""Holding back garbage collection: it comes back, whoever leaves last and however."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from results.collection import HeldBack


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.enable()


def test_nothing_is_collected_inside_and_everything_after() -> None:
    with HeldBack():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_collection_comes_back_after_an_error() -> None:
    with pytest.raises(ValueError, match="bad"), HeldBack():
        raise ValueError("bad")
    assert gc.isenabled()


def test_the_last_of_several_switches_it_on() -> None:
    held = HeldBack()
    with held:
        with held:
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_off_before_stays_off() -> None:
    gc.disable()
    with HeldBack():
        assert not gc.isenabled()
    assert not gc.isenabled()
