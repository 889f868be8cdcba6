"""Layers of a network's arms at the pace of their headlines: one time on all pages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from results import network_queries, timing_queries
from results.compare import compare_cells
from results.comparison import Comparison
from results.inserted import CANDIDATE
from results.network_pace import divisors
from results.operator_times import Executed, at_pace, inserted_times, operator_times
from results.overview import OverviewRow, overview
from results.store import Store
from results.views import LaunchView
from tests.planted import ARMS
from tests.planted_versions import OLD, versions_store


@dataclass(frozen=True)
class _Read:
    """A row of the overview with all that tells its pace."""

    row: OverviewRow
    executed: Sequence[Executed]
    compared: Comparison
    launches: Sequence[LaunchView]

    @property
    def totals_us(self) -> Mapping[str, float]:
        ids = {one.cell_id for one in self.executed}
        return {key: math.fsum(one.time_us for one in self.of(key)) for key in ids}

    def of(self, cell_id: str) -> list[Executed]:
        return [one for one in self.executed if one.cell_id == cell_id]

    def divisors(self, compared: Comparison | None) -> dict[str, float]:
        return divisors(self.row.arms, self.totals_us, compared, self.launches)


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> _Read:
    """A store whose profile launches took twice as long as the timing blocks, layers and all."""
    root: Path = versions_store(tmp_path_factory.mktemp("pace"), (OLD,), profile_pace=2.0).root
    index = Store(root).index()
    (row,) = overview(index)
    (verdict,) = (one for one in row.verdicts if one.baseline.arm == ARMS[1])
    executed = network_queries.executed(index, [arm.cell.cell_id for arm in row.arms])
    runs = {(one.run_id, one.cell_id) for one in executed}
    compared = compare_cells(index, verdict.baseline, verdict.candidate)
    return _Read(row, executed, compared, timing_queries.of_runs(index, sorted(runs)))


def test_an_inserted_layer_takes_as_long_as_in_the_comparison(slow: _Read) -> None:
    cell_id = slow.compared.candidate.cell_id
    read = operator_times(slow.of(cell_id))
    paced = at_pace(read, slow.divisors(slow.compared)[cell_id])
    there_us = [one.layer.time_us for one in slow.compared.inserted if one.side == CANDIDATE]
    told_us = math.fsum(one.time_us for one in inserted_times(paced))
    assert told_us == pytest.approx(math.fsum(there_us))
    assert math.fsum(one.time_us for one in inserted_times(read)) == pytest.approx(
        2 * told_us, rel=0.02
    )
    assert [one.share for one in paced] == [one.share for one in read]


def test_an_arm_beside_the_comparison_is_brought_to_its_own_headline(slow: _Read) -> None:
    (other,) = (arm.cell.cell_id for arm in slow.row.arms if arm.cell.arm == ARMS[0])
    assert slow.divisors(slow.compared)[other] == pytest.approx(2.0, rel=0.02)
    alone = slow.divisors(None)
    assert list(alone.values()) == [pytest.approx(2.0, rel=0.02)] * len(ARMS)


def test_where_nothing_tells_the_pace_times_are_as_they_were_read(slow: _Read) -> None:
    assert set(divisors(slow.row.arms, slow.totals_us, None, ()).values()) == {1.0}
    assert divisors(slow.row.arms, {}, slow.compared, ())[slow.compared.candidate.cell_id] == 1.0
