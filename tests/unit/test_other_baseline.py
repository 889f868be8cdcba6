"""The ratio to what the FP32 file runs at by default, looked up beside the one baseline."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from results import queries
from results.baseline_queries import mean_precisions
from results.compare import compare_cells
from results.comparison import CellView, Comparison
from results.other_baseline import other_baseline
from results.shelf import Shelf
from results.store import Store
from tests.planted import ARMS, THROUGHPUT, planted_store
from tests.planted_versions import versions_store

F32, DEFAULT, INT8 = ARMS


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """INT8 takes 0.55 of f32's time and the default 0.5; on another machine 0.55 and 1."""
    folder = tmp_path_factory.mktemp("other")
    planted_store(folder, default_ratio=0.5, runs=2)
    return planted_store(folder, name="other")


def cell(store: Store, arm: str, device: str = "Planted CPU tiny") -> CellView:
    with closing(store.index()) as index:
        (found,) = (c for c in queries.cells(index) if (c.arm, c.device) == (arm, device))
    return found


def compared(store: Store, a: CellView, b: CellView, run_id: str | None = None) -> Comparison:
    with closing(store.index()) as index:
        return compare_cells(index, a, b, run_id)


def test_a_comparison_with_f32_tells_the_ratio_to_the_default(store: Store) -> None:
    told = compared(store, cell(store, F32), cell(store, INT8)).sentence
    assert "But against fp32@default, what the FP32 file runs at by default, it takes 1.10x" in told


def test_it_is_the_one_of_the_same_device(store: Store) -> None:
    place = "Planted CPU other"
    told = compared(store, cell(store, F32, place), cell(store, INT8, place)).sentence
    assert "Against fp32@default, what the FP32 file runs at by default, it is 1.82x" in told


def test_it_is_of_the_run_that_was_compared(store: Store) -> None:
    a, b = cell(store, F32), cell(store, INT8)
    with closing(store.index()) as index:
        runs = sorted({row.run_id for row in queries.run_cells(index) if row.cell_id == b.cell_id})
        assert len(runs) == 2
        estimates = [other_baseline(Shelf(index), a, b, run, only=True) for run in runs]
        nowhere = other_baseline(Shelf(index), a, b, "no such run", only=True)
        anywhere = other_baseline(Shelf(index), a, b, "no such run")
    assert all(one and one.estimate.paired and one.estimate.blocks == 5 for one in estimates)
    assert nowhere is None
    assert anywhere is not None
    assert anywhere.cell.arm == DEFAULT


@pytest.mark.parametrize(("a", "b"), [(F32, DEFAULT), (INT8, F32)])
def test_only_int8_against_float_has_one(store: Store, a: str, b: str) -> None:
    with closing(store.index()) as index:
        assert other_baseline(Shelf(index), cell(store, a), cell(store, b), "any") is None


def test_cells_in_two_places_have_none(store: Store) -> None:
    with closing(store.index()) as index:
        there = cell(store, INT8, "Planted CPU other")
        assert other_baseline(Shelf(index), cell(store, F32), there, "any") is None


def test_it_is_driven_as_the_baseline_is(tmp_path: Path) -> None:
    planted_store(tmp_path, drive=THROUGHPUT, default_ratio=0.5)
    store = planted_store(tmp_path, default_ratio=0.8)
    with closing(store.index()) as index:
        cells = queries.cells(index)
        for scenario in ("latency", "throughput"):
            here = {cell.arm: cell for cell in cells if cell.scenario == scenario}
            found = other_baseline(Shelf(index), here[F32], here[INT8], "any")
            assert found is not None
            assert found.cell == here[DEFAULT]


def test_a_store_without_the_default_has_none(tmp_path: Path) -> None:
    store = versions_store(tmp_path, versions=("2026.4.1",), arms=(F32, INT8))
    with closing(store.index()) as index:
        a, b = queries.cells(index)
        assert other_baseline(Shelf(index), a, b, "any") is None
        assert "by default" not in compare_cells(index, a, b).sentence


def test_the_shares_of_the_precisions_add_up_to_the_time_of_the_layers(store: Store) -> None:
    found = cell(store, INT8)
    with closing(store.index()) as index:
        run_id = queries.latest_run_of(index, found.cell_id) or ""
        shares = mean_precisions(index, [found.cell_id], run_id)[found.cell_id]
        nodes = queries.exec_nodes(index, found.cell_id, run_id)
    executed = [one for one in nodes if one.time_us is not None]
    launches = len({one.launch_id for one in executed})
    assert {one.precision for one in shares} == {one.runtime_precision for one in executed}
    assert sum(one.share for one in shares) == pytest.approx(1.0)
    total_us = sum(one.time_us or 0.0 for one in executed)
    assert sum(one.time_us for one in shares) == pytest.approx(total_us / launches)
    assert sum(one.layers for one in shares) == pytest.approx(len(executed) / launches)
    assert list(shares) == sorted(shares, key=lambda one: -one.time_us)
