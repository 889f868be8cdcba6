"""The layers of many pairs of cells, read at once and aligned as a comparison aligns them.

For the triage, which tells causes and no cautions: the parts are those of ``results.compare``
(the same pairing, times per item, alignment and attribution), without what a single
comparison reads besides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from results import timing_queries, version_queries
from results.align import align
from results.attribution import attribute
from results.comparison import CellView, Estimate
from results.facts import ExecNode, ExecNodeSource, SourceOp
from results.kinds import is_int8_variant
from results.nodes import Side
from results.pace import PROFILE, Profiled, at_pace, pace_of
from results.pairing import profile_rounds
from results.per_item import per_item
from results.store import Index
from results.version_queries import CellRun
from results.versions.differences import Differences, depthwise_ops, differences
from results.views import LaunchView


@dataclass(frozen=True)
class TimedPair:
    """Two cells with their estimate, and the launches that it was made of."""

    baseline: CellView
    candidate: CellView
    estimate: Estimate
    baseline_launches: tuple[LaunchView, ...]
    candidate_launches: tuple[LaunchView, ...]

    @property
    def sides(self) -> tuple[tuple[CellView, tuple[LaunchView, ...]], ...]:
        """Both cells with their launches."""
        return (
            (self.baseline, self.baseline_launches),
            (self.candidate, self.candidate_launches),
        )


class PairLayers:
    """The profiles of these pairs, held while the triage goes through them."""

    def __init__(self, index: Index, pairs: Sequence[TimedPair]) -> None:
        asked = list(dict.fromkeys(_run_of(*side) for pair in pairs for side in pair.sides))
        models = sorted({pair.candidate.model_id for pair in pairs})
        self._nodes: dict[CellRun, list[ExecNode]] = version_queries.median_nodes_of(index, asked)
        self._sources: dict[CellRun, list[ExecNodeSource]] = version_queries.sources_of(
            index, self._nodes
        )
        self._ops: dict[str, tuple[SourceOp, ...]] = version_queries.float_ops(index, models)
        self._launches = timing_queries.of_runs(index, asked)
        self._profiles: dict[CellRun, list[LaunchView]] = {key: [] for key in asked}
        for launch in self._launches:
            if launch.kind == PROFILE:
                self._profiles[launch.run_id, launch.cell_id].append(launch)

    def differences(self, pair: TimedPair) -> Differences | None:
        """What changed in a pair; None where one of its sides has no profile."""
        sides = [self._side(cell, launches) for cell, launches in pair.sides]
        if not all(side.nodes for side in sides):
            return None
        sides = self._at_pace(pair, sides)
        ops = self._ops.get(pair.candidate.model_id, ())
        is_int8 = is_int8_variant(pair.candidate.variant_kind)
        aligned = align(sides[0], sides[1], ops, candidate_is_int8=is_int8)
        estimate = pair.estimate
        wall = attribute(
            estimate.baseline_ms, estimate.candidate_ms, aligned.groups, aligned.inserted
        )
        return differences(aligned.groups, aligned.inserted, wall, depthwise_ops(ops))

    def _at_pace(self, pair: TimedPair, sides: Sequence[Side]) -> list[Side]:
        """The sides at the pace of their headlines, as in a comparison."""
        told = [self._profiles[_run_of(*side)] for side in pair.sides]
        profiled = [
            Profiled(cell, side, launches)
            for (cell, _), side, launches in zip(pair.sides, sides, told, strict=True)
        ]
        launches = [launch for found in told for launch in found]
        ids = frozenset(launch.launch_id for launch in launches if launch.ok)
        rounds = profile_rounds(launches, pair.baseline.cell_id, pair.candidate.cell_id, ids)
        pace = pace_of(profiled[0], profiled[1], pair.estimate, in_turns=bool(rounds))
        by = pace.baseline_by, pace.candidate_by
        return [at_pace(side, divisor) for side, divisor in zip(sides, by, strict=True)]

    def _side(self, cell: CellView, launches: tuple[LaunchView, ...]) -> Side:
        key, used = _run_of(cell, launches), {launch.launch_id for launch in launches}
        side = Side(tuple(self._nodes.get(key, ())), tuple(self._sources.get(key, ())))
        return per_item(side, cell, [one for one in self._launches if one.launch_id in used])


def _run_of(cell: CellView, launches: Sequence[LaunchView]) -> CellRun:
    return launches[0].run_id, cell.cell_id
