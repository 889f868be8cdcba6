"""What is known to be true of a pair: the causes that must be named, and those that may be.

A label says what holds by construction, in the words of the table of causes; it was written
before any rule that finds causes was looked at, and is not changed to suit one. The pairs
themselves live in ``planted_*`` and ``measured``, how they are judged in ``score``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Half = Literal["a", "b"]

CAUSES = (
    "inserted_reorders", "left_in_float", "fallback_kernel", "slower_kernel",
    "unfused_activation", "lost_fusion", "lone_fake_quantize", "no_int8_instructions",
    "little_to_gain", "overhead_bound", "memory_bound", "baseline_is_bf16", "native_int8",
)  # fmt: skip
"""Every cause that a label can name."""

_SALT = "cases/394"
"""Chosen by the labels alone, so that both halves have every cause; never by what is found."""


@dataclass(frozen=True)
class Label:
    """The causes that must be named, those that may be with the reason, nothing else.

    ``truth`` says in a sentence what was done to the pair. ``has_cause`` is False where there is
    nothing to explain, because both sides are the same program or INT8 lost nothing at all: such
    pairs have a bar of their own.
    """

    truth: str
    must: frozenset[str] = frozenset()
    may: Mapping[str, str] = field(default_factory=dict)
    has_cause: bool = True

    def __post_init__(self) -> None:
        unknown = (self.must | self.may.keys()) - set(CAUSES)
        if unknown:
            raise ValueError(f"no cause is called {', '.join(sorted(unknown))}")
        if self.must & self.may.keys():
            raise ValueError("a cause cannot be both required and optional")
        if not self.has_cause and (self.must or self.may):
            raise ValueError("a pair without a cause has none to name")


def label(truth: str, *must: str, **may: str) -> Label:
    """A pair that differs: what is true of it, what must be named, what may be and why."""
    return Label(truth, frozenset(must), dict(may))


def same(truth: str) -> Label:
    """A pair whose sides are the same program."""
    return Label(truth, has_cause=False)


def causeless(truth: str) -> Label:
    """A pair of INT8 against float in which nothing is lost and nothing hinders."""
    return Label(truth, has_cause=False)


def half_of(name: str) -> Half:
    """Half ``a`` may be looked at while rules are tuned, ``b`` is kept aside.

    The hash of the name decides, so that a case that is added moves no other one.
    """
    digest = hashlib.sha256(f"{_SALT}/{name}".encode()).digest()
    return "a" if digest[0] % 2 == 0 else "b"
