"""How long work on a model says how far it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Report: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is: samples or layers."""


def silent(_activity: str, _done: int, _total: int) -> None:
    """A report that nobody reads."""
