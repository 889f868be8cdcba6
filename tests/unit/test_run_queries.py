"""Questions about runs: which launched a cell."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from results import queries
from results.run_queries import runs_of
from tests.planted import planted_store


def test_the_runs_of_cells_are_those_that_launched_any_of_them(tmp_path: Path) -> None:
    planted_store(tmp_path, models=("alpha", "beta"))
    planted_store(tmp_path, models=("alpha",), name="second")
    with closing(planted_store(tmp_path, models=("gamma",), name="third").index()) as index:
        launched = queries.run_cells(index)
        for cell in queries.cells(index):
            own = {one.run_id for one in launched if one.cell_id == cell.cell_id}
            assert runs_of(index, [cell.cell_id]) == own
            assert len(own) == 1
        assert runs_of(index, []) == frozenset()
        assert len(runs_of(index, [cell.cell_id for cell in queries.cells(index)])) == 3
