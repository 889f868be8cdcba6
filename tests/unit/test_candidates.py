"""One baseline against many candidates: which, and the same estimates as a comparison's."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.candidates import MOST, candidates, clearest, field_of
from results.compare import compare_cells
from results.comparison import CellView, Verdict
from results.overview import overview
from results.store import Store
from tests.planted import ARMS, cell_id_of, planted_store
from tests.unit.pairs import FLOAT_CELL, INT8_CELL


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models; two devices, one with a failed cell; two versions; two runs."""
    root = tmp_path_factory.mktemp("many")
    planted_store(root, models=("alpha", "beta"), runs=2, default_ratio=0.9, cautions=True)
    planted_store(root, models=("alpha",), runtime="2025.0.0")
    planted_store(root, models=("alpha",), name="other", isa_cap="AVX2", failed_cell=True)
    return root


def cells_of(root: Path) -> dict[str, CellView]:
    with closing(Store(root).index()) as index:
        return {cell.cell_id: cell for cell in queries.cells(index)}


def test_the_estimates_are_those_of_a_comparison(root: Path) -> None:
    with closing(Store(root).index()) as index:
        cells = queries.cells(index)
        baseline = next(cell for cell in cells if cell.cell_id == cell_id_of("alpha"))
        others = [cell for cell in cells if cell.cell_id != baseline.cell_id]
        found = candidates(index, baseline, others)
        assert [one.cell for one in found] == others
        judged = [one for one in found if one.estimate is not None]
        assert len(judged) == len(found) - 1
        for one in judged:
            assert one.estimate == compare_cells(index, baseline, one.cell).estimate
    assert {one.estimate.paired for one in judged if one.estimate} == {True, False}


def test_a_candidate_without_a_result_says_why(root: Path) -> None:
    cells = cells_of(root)
    failed = cells[cell_id_of("alpha", ARMS[2], name="other", isa_cap="AVX2")]
    fine = cells[cell_id_of("alpha")]
    with closing(Store(root).index()) as index:
        (as_candidate,) = candidates(index, fine, [failed])
        (as_baseline,) = candidates(index, failed, [fine])
    assert as_candidate.estimate is None
    assert "planted failure" in (as_candidate.reason or "")
    assert (as_baseline.reason or "").startswith("baseline: ")


def test_without_a_choice_the_nearest_of_the_same_model_stand_there(root: Path) -> None:
    cells = cells_of(root)
    baseline, shown = cells[cell_id_of("alpha")], cells[cell_id_of("alpha", ARMS[2])]
    found = field_of(list(cells.values()), baseline, shown)
    assert found.cells[0] == shown
    assert {cell.model for cell in found.cells} == {"alpha"}
    assert baseline not in found.cells
    assert found.cells[1].cell_id == cell_id_of("alpha", ARMS[1]), "the same device and version"
    assert found.cells[2].runtime == "2025.0.0", "then the same device"
    assert found.cells[-1].device != baseline.device
    assert found.left_out == 0


def test_a_choice_is_what_stands_there_and_the_shown_one_stays_first(root: Path) -> None:
    cells = cells_of(root)
    baseline, shown = cells[cell_id_of("alpha")], cells[cell_id_of("alpha", ARMS[2])]
    wanted = cell_id_of("beta", ARMS[2])
    found = field_of(list(cells.values()), baseline, shown, [wanted, baseline.cell_id])
    assert [cell.cell_id for cell in found.cells] == [shown.cell_id, wanted]


def test_a_large_fleet_is_cut_and_the_rest_counted() -> None:
    fleet = [replace(INT8_CELL, cell_id=f"c{i}", device_id=f"d{i}") for i in range(200)]
    found = field_of([FLOAT_CELL, INT8_CELL, *fleet], FLOAT_CELL, INT8_CELL)
    assert len(found.cells) == MOST
    assert found.left_out == 200 - (MOST - 1)


def test_another_load_or_origin_is_not_near() -> None:
    batch = replace(INT8_CELL, cell_id="batch", batch=8)
    theirs = replace(INT8_CELL, cell_id="theirs", origin="imported")
    found = field_of([FLOAT_CELL, INT8_CELL, batch, theirs], FLOAT_CELL, INT8_CELL)
    assert found.cells == (INT8_CELL,)


def test_the_clearest_verdict_is_settled_and_against_the_usual_baseline(root: Path) -> None:
    with closing(Store(root).index()) as index:
        rows = overview(index)
    found = clearest(rows)
    assert found is not None
    assert found.estimate.verdict in {Verdict.FASTER, Verdict.SLOWER}
    assert found.baseline.arm == ARMS[1]
    undecided = [
        replace(row, verdicts=tuple(replace(v, estimate=replace(
            v.estimate, verdict=Verdict.INCONCLUSIVE)) for v in row.verdicts))
        for row in rows if row.model == found.baseline.model
    ]  # fmt: skip
    others = [row for row in rows if row.model != found.baseline.model]
    again = clearest([*undecided, *others])
    assert again is not None
    assert again.baseline.model != found.baseline.model
    assert clearest([]) is None
