"""What every part of the benchmarks is given: where to write, and how much to measure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """How much each part measures; times in seconds.

    ``quick`` has parameters so small that the figures mean nothing: it proves that the
    parts run. ``against_s`` is what each side measures in one round.
    """

    folder: Path
    quick: bool = False
    comparisons: int = 100
    trials: int = 10
    rounds: int = 8
    against_s: float = 5.0

    @classmethod
    def tiny(cls, folder: Path) -> Settings:
        """As little as runs through."""
        return cls(folder, quick=True, comparisons=2, trials=2, rounds=1, against_s=1.0)

    def subfolder(self, name: str) -> Path:
        """A folder of a part's own."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path
