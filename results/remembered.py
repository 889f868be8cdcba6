"""Answers by what was asked, the last few of them, so that those not known are read in one go.

As ``functools.lru_cache``, which asks for one at a time; nothing is known here of what is read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from threading import Lock
from typing import Generic, TypeVar

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class Remembered(Generic[KeyT, ValueT]):
    """The last ``most`` answers; ``read`` is given keys and answers each of them.

    Safe to ask from several threads: at worst two read the same.
    """

    def __init__(self, most: int, read: Callable[[Sequence[KeyT]], Mapping[KeyT, ValueT]]) -> None:
        self._most = most
        self._read = read
        self._known: dict[KeyT, ValueT] = {}
        self._lock = Lock()

    def of(self, asked: Sequence[KeyT], beside: Sequence[KeyT] = ()) -> tuple[ValueT, ...]:
        """The answers to what is asked, in its order.

        Where any of them has to be read, those ``beside`` that are not known are read too.
        """
        with self._lock:
            known = {key: self._known.pop(key) for key in set(asked) if key in self._known}
            self._known.update(known)
            wanted = [key for key in dict.fromkeys((*asked, *beside)) if key not in self._known]
        if len(known) < len(set(asked)):
            read = self._read(wanted)
            self._keep(read)
            known.update(read)
        return tuple(known[key] for key in asked)

    def _keep(self, read: Mapping[KeyT, ValueT]) -> None:
        """The newest last; the oldest are forgotten."""
        with self._lock:
            for key, value in read.items():
                self._known.pop(key, None)
                self._known[key] = value
            for key in list(self._known)[: -self._most]:
                del self._known[key]
