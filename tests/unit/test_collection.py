"""Garbage collection: held back, it comes back; what a server has loaded, it leaves alone."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from results.collection import HeldBack, Settled


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    frozen = gc.get_freeze_count()
    yield
    gc.enable()
    if not frozen:
        gc.unfreeze()


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


def test_what_is_there_when_a_server_settles_is_no_work_for_collection() -> None:
    gc.unfreeze()
    kept: list[list[int]] = [[] for _ in range(1000)]
    Settled().settle()
    assert gc.get_freeze_count() > len(kept)
    assert not any(one is kept for one in gc.get_objects())


def test_a_server_settles_once_and_what_comes_later_is_collected() -> None:
    settled = Settled()
    settled.settle()
    later: list[object] = []
    settled.settle()
    assert any(one is later for one in gc.get_objects())


def test_a_decorated_function_holds_it_back_too() -> None:
    held = HeldBack()

    @held
    def is_collecting() -> bool:
        return gc.isenabled()

    assert not is_collecting()
    assert gc.isenabled()
