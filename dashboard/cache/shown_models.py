"""The networks of the page Models with all that is told of them, put together from the store."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dashboard.cache import models as cached
from dashboard.cache.lens import Lens
from dashboard.chosen_models import ShownArm, ShownNetwork
from results.activations import Carried, activation_runs
from results.comparison import Comparison
from results.errors import LensError
from results.network_answer import Judged
from results.network_costs import costs_of
from results.network_pace import divisors
from results.network_place import Pair, Stand
from results.networks import Network
from results.operator_times import Executed, at_pace, operator_times
from results.shelf import Shelf


def networks(lens: Lens, pair: Pair, titles: Mapping[str, str]) -> list[ShownNetwork]:
    """One or both, in their order; ``titles`` tell them apart."""
    verdicts = [stand.verdict for stand in pair.stands if stand.verdict is not None]
    shelf = lens.shelf([(verdict.baseline, verdict.candidate) for verdict in verdicts])
    found = cached.networks(lens, [stand.row.model_id for stand in pair.stands], shelf)
    cells = [arm.cell.cell_id for stand in pair.stands for arm in stand.row.arms]
    facts = _Facts(lens, shelf, *cached.ran(lens, found, cells))
    return [
        _network(facts, stand, replace(network, title=titles[stand.row.model_id]))
        for stand, network in zip(pair.stands, found, strict=True)
    ]


@dataclass(frozen=True)
class _Facts:
    """What the layers of all cells took, and which of them carry activations.

    ``shelf`` is read from where nothing is kept yet.
    """

    lens: Lens
    shelf: Shelf
    executed: Sequence[Executed]
    carried: Sequence[Carried]

    def times_of(self, cell_id: str) -> list[Executed]:
        """Those of one cell."""
        return [one for one in self.executed if one.cell_id == cell_id]


def _network(facts: _Facts, stand: Stand, network: Network) -> ShownNetwork:
    compared = _compared(facts, stand)
    by = _divisors(facts, stand, compared)
    arms = tuple(
        ShownArm(
            cell,
            at_pace(operator_times(facts.times_of(cell.cell_id)), by[cell.cell_id]),
            activation_runs(
                network.activations, [one for one in facts.carried if one.cell_id == cell.cell_id]
            ),
        )
        for cell in (arm.cell for arm in stand.row.arms)
    )
    return ShownNetwork(network.title, stand, _judged(stand, network, arms, compared), arms)


def _compared(facts: _Facts, stand: Stand) -> Comparison | None:
    if stand.verdict is None:
        return None
    try:
        return facts.lens.compare(
            stand.verdict.baseline, stand.verdict.candidate, shelf=facts.shelf
        )
    except LensError:
        return None


def _divisors(facts: _Facts, stand: Stand, compared: Comparison | None) -> dict[str, float]:
    times = {arm.cell.cell_id: facts.times_of(arm.cell.cell_id) for arm in stand.row.arms}
    totals_us = {key: math.fsum(one.time_us for one in own) for key, own in times.items()}
    profiled = [(key, own[0].run_id) for key, own in times.items() if own]
    launches = cached.launches(facts.lens, profiled, facts.shelf)
    return divisors(stand.row.arms, totals_us, compared, launches)


def _judged(
    stand: Stand, network: Network, arms: Sequence[ShownArm], compared: Comparison | None
) -> Judged:
    verdict = stand.verdict
    if verdict is None:
        return Judged(network, missing=stand.missing)
    own = [arm for arm in arms if arm.cell == verdict.candidate and arm.times]
    return Judged(
        network,
        arm=verdict.candidate.arm,
        baseline=verdict.baseline.arm,
        estimate=verdict.estimate,
        costs=costs_of(compared) if compared else None,
        ran=own[0].ran if own else (),
        quicker=stand.quicker,
    )
