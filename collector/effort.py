"""How much is measured: the levels of effort, and the number of blocks that a spread asks for.

Pure numbers; nothing here starts a process. Times are in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from results.errors import UsageError
from results.stats import t_quantile

ADAPTIVE = "adaptive"
PILOT_BLOCKS = 5
"""Blocks of an adaptive run before the number that is needed is computed, once."""
MOST_ADAPTIVE_BLOCKS = 60
TARGET_HALF_WIDTH = math.log(1.02)
"""Half width of the interval that an adaptive run aims at, on the log scale."""


@dataclass(frozen=True)
class Effort:
    """How many launches of each kind, and how long each of them measures.

    ``slice_s`` is the length of one turn; the launches of a sitting take turns until each has
    measured for ``measure_s``, profile launches for ``profile_s``.
    """

    level: str = "default"
    blocks: int = 10
    profile_launches: int = 5
    startup_launches: int = 2
    measure_s: float = 2.0
    slice_s: float = 0.1
    profile_s: float = 0.3
    timeout_s: float = 180.0
    memory_limit_mib: int | None = None
    pin: bool = True

    @property
    def profile_slice_s(self) -> float:
        """Length of one turn of a profile launch: as in timing, if that is not too long."""
        return min(self.slice_s, self.profile_s)

    @property
    def is_adaptive(self) -> bool:
        """Whether the number of blocks is fixed only after the pilot blocks."""
        return self.level == ADAPTIVE

    def with_blocks(self, blocks: int) -> Effort:
        """The same with a number of blocks of the user's own."""
        return replace(self, level="custom", blocks=blocks)


LEVELS = MappingProxyType({
    "quick": Effort("quick", blocks=5, profile_launches=5, startup_launches=1, measure_s=0.8),
    "default": Effort(),
    "publish": Effort("publish", blocks=20, profile_launches=8, startup_launches=3),
    ADAPTIVE: Effort(ADAPTIVE, blocks=PILOT_BLOCKS),
})  # fmt: skip


def level(name: str) -> Effort:
    """The level of effort called ``name``; UsageError names those there are."""
    if name not in LEVELS:
        raise UsageError(f"no effort is called {name!r}", hint=f"choose one of {', '.join(LEVELS)}")
    return LEVELS[name]


def blocks_needed(spreads: Sequence[float]) -> int:
    """Blocks for a ±2 % interval of every pair, from the pilot blocks' spreads.

    Each spread is the standard deviation of a pair's log-ratios over the pilot blocks.
    n = (t·s / h)², t with the pilot's freedom: the sample size of C. Stein, "A two-sample
    test for a linear hypothesis whose power is independent of the variance", Annals of
    Mathematical Statistics 16 (1945). Never below the pilot; the caller bounds it.
    """
    t = t_quantile(PILOT_BLOCKS - 1)
    wanted = [math.ceil((t * spread / TARGET_HALF_WIDTH) ** 2) for spread in spreads]
    return max([PILOT_BLOCKS, *wanted])
