"""Which launches an estimate is made of: one per cell and block, from the same attempt.

Launches of a block that took turns with each other (the same sitting) are paired turn by
turn; others, as in stores from before there were turns, by their headlines.
Dirty launches (steal, other load, throttling) are passed over where their block was
measured again; a block that stayed dirty is used, and its caution is shown.
Profile launches are paired here too: of a round that was measured again only the last
attempt has layers, so that what has layers is what counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from results.comparison import Estimate
from results.facts import Caution
from results.stats import paired_estimate, turns_log_ratio, unpaired_estimate
from results.views import LaunchView

DIRTY_CAUTIONS = frozenset({"interference_steal", "interference_load", "throttled"})

_FEWEST_ROUNDS = 2
SideT = TypeVar("SideT", bound=tuple[LaunchView, ...])


@dataclass(frozen=True)
class Sample:
    """The launches of both cells that are used; position i is one block where ``paired``."""

    baseline: tuple[LaunchView, ...]
    candidate: tuple[LaunchView, ...]
    paired: bool

    def estimate(self) -> Estimate:
        """The estimate from the launches' turns and headlines; MeasurementError without any."""
        a_ms, b_ms = headlines_ms(self.baseline), headlines_ms(self.candidate)
        if not self.paired:
            return unpaired_estimate(a_ms, b_ms)
        pairs = zip(self.baseline, self.candidate, strict=True)
        return paired_estimate(a_ms, b_ms, [_turns_log_ratio(a, b) for a, b in pairs])

    @property
    def launch_ids(self) -> frozenset[str]:
        """Ids of all launches that are used."""
        return frozenset(launch.launch_id for launch in (*self.baseline, *self.candidate))


def _turns_log_ratio(a: LaunchView, b: LaunchView) -> float | None:
    """The log-ratio turn by turn; None where the two did not take turns with each other."""
    together = a.sitting is not None and a.sitting == b.sitting
    if not together or a.slice_ms is None or b.slice_ms is None:
        return None
    return turns_log_ratio(a.slice_ms, b.slice_ms)


def headlines_ms(launches: Sequence[LaunchView]) -> list[float]:
    """Headline of each launch that has one: median latency, or time per item; in ms."""
    return [launch.headline_ms for launch in launches if launch.headline_ms is not None]


def dirty_launches(cautions: Sequence[Caution]) -> frozenset[str]:
    """Ids of the launches that something disturbed."""
    return frozenset(
        caution.subject_id
        for caution in cautions
        if caution.subject == "launch" and caution.caution_id in DIRTY_CAUTIONS
    )


def timing_ok(launches: Sequence[LaunchView], cell_id: str) -> tuple[LaunchView, ...]:
    """Timing launches of a cell that measured something."""
    return tuple(
        launch
        for launch in launches
        if launch.cell_id == cell_id
        and launch.kind == "timing"
        and launch.ok
        and launch.headline_ms is not None
    )


def profile_rounds(
    launches: Sequence[LaunchView],
    baseline_id: str,
    candidate_id: str,
    profiled: Collection[str],
) -> tuple[tuple[str, str], ...]:
    """Ids of the profile launches of two cells that took turns with each other, by round.

    ``profiled`` are the ids of the launches whose layers are known. Launches of one round
    (``block``) and one sitting belong together. Empty where they do so in fewer than two
    rounds, as in stores from before profile launches took turns.
    """
    a, b = (_by_round(launches, cell, profiled) for cell in (baseline_id, candidate_id))
    rounds = tuple((a[place], b[place]) for place in sorted(a.keys() & b))
    return rounds if len(rounds) >= _FEWEST_ROUNDS else ()


def _by_round(
    launches: Sequence[LaunchView], cell_id: str, profiled: Collection[str]
) -> dict[tuple[str, int, int], str]:
    """A cell's profile launches by run, round and sitting."""
    return {
        (launch.run_id, launch.block, launch.sitting): launch.launch_id
        for launch in launches
        if launch.cell_id == cell_id and launch.kind == "profile"
        if launch.block is not None and launch.sitting is not None
        if launch.launch_id in profiled
    }


def sample(
    baseline: Sequence[LaunchView], candidate: Sequence[LaunchView], dirty: frozenset[str]
) -> Sample:
    """Pairs from common blocks of one run; without any, each side's own launches.

    Both arguments hold good timing launches of one cell in one run. Where the two sat
    together, a block gives the last attempt in which both were clean, else the last.
    Where they sat apart, attempts count for each sitting on its own, and a block gives
    the best attempt of each.
    """
    by_slot_a, by_slot_b = _by_slot(baseline), _by_slot(candidate)
    both = [(by_slot_a[slot], by_slot_b[slot]) for slot in sorted(by_slot_a.keys() & by_slot_b)]
    together = [pair for pair in both if pair[0].sitting == pair[1].sitting]
    chosen = {_block_of(pair): pair for pair in _best_per_block(together, dirty)}
    alone_a, alone_b = _alone(baseline, dirty), _alone(candidate, dirty)
    for block in alone_a.keys() & alone_b:
        if alone_a[block].sitting != alone_b[block].sitting:
            chosen.setdefault(block, (alone_a[block], alone_b[block]))
    pairs = [chosen[block] for block in sorted(chosen)]
    if pairs:
        return Sample(tuple(a for a, _ in pairs), tuple(b for _, b in pairs), paired=True)
    return Sample(one_per_block(baseline, dirty), one_per_block(candidate, dirty), paired=False)


def _alone(
    launches: Sequence[LaunchView], dirty: frozenset[str]
) -> dict[tuple[str, int], LaunchView]:
    """The launch of each block that counts for its cell alone."""
    counted = one_per_block(launches, dirty)
    return {_block_of((launch,)): launch for launch in counted if launch.block is not None}


def _block_of(attempt: tuple[LaunchView, ...]) -> tuple[str, int]:
    return attempt[0].run_id, attempt[0].block or 0


def one_per_block(launches: Sequence[LaunchView], dirty: frozenset[str]) -> tuple[LaunchView, ...]:
    """The last clean attempt of each block, else its last; launches without a block all count."""
    blocked = _by_slot(launches)
    chosen = _best_per_block([(blocked[slot],) for slot in sorted(blocked)], dirty)
    loose = tuple(launch for launch in launches if launch.block is None)
    return tuple(launch for (launch,) in chosen) + loose


def _by_slot(launches: Sequence[LaunchView]) -> Mapping[tuple[str, int, int], LaunchView]:
    """Launches by run, block and attempt."""
    return {
        (launch.run_id, launch.block, launch.attempt): launch
        for launch in launches
        if launch.block is not None
    }


def _best_per_block(attempts: Sequence[SideT], dirty: frozenset[str]) -> tuple[SideT, ...]:
    """Per block the last clean attempt, else the last; ``attempts`` are in their order."""
    best: dict[tuple[str, int | None], tuple[bool, SideT]] = {}
    for attempt in attempts:
        clean = not any(launch.launch_id in dirty for launch in attempt)
        block = attempt[0].run_id, attempt[0].block
        if block not in best or clean or not best[block][0]:
            best[block] = clean, attempt
    return tuple(side for _, side in best.values())
