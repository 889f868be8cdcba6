"""Queries give back what was planted, aggregated as their docstrings say."""

from __future__ import annotations

import dataclasses
from datetime import UTC, timedelta
from pathlib import Path
from statistics import geometric_mean, median

import pytest

from results import queries
from results.facts import Caution, Launch, Run
from results.store import Index, Store
from results.views import LaunchView
from results.writer import RunWriter
from tests.planted import (
    ARMS,
    FLOAT_MS,
    START,
    STREAMS_RUN,
    THROUGHPUT,
    TOOL_VERSION,
    TURNS,
    UNATTRIBUTED_US,
    cell_id_of,
    planted_store,
)

FLOAT, DEFAULT, INT8 = (cell_id_of(arm=arm) for arm in ARMS)
LATER = "20300101T000000Z-000000"


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    root = tmp_path_factory.mktemp("store")
    return planted_store(root, models=("tiny", "big"), runs=2, cautions=True).index()


def test_launch_view_has_every_column_but_the_samples() -> None:
    wanted = [field.name for field in dataclasses.fields(Launch) if field.name != "samples_ms"]
    assert [field.name for field in dataclasses.fields(LaunchView)] == [*wanted, "headline_ms"]


def test_cells_carry_names_and_come_by_model_then_arm(index: Index) -> None:
    cells = queries.cells(index)
    assert [(cell.model, cell.arm) for cell in cells] == [
        (model, arm) for model in ("big", "tiny") for arm in ARMS
    ]
    cell = cells[-1]
    assert (cell.cell_id, cell.device, cell.runtime) == (INT8, "Planted CPU tiny", "2026.4.1")
    assert cell.model_note == "synthetic weights: speed only"
    assert (cell.variant_kind, cell.precision) == ("int8-simplified", "default")
    assert "avx512_vnni" in cell.isa_flags


def test_runs_come_newest_first_with_their_counts(index: Index) -> None:
    newest, oldest = queries.run_views(index)
    assert newest.started_at - oldest.started_at == timedelta(days=1)
    assert newest.started_at.utcoffset() == timedelta(0)
    assert (newest.cells, newest.launches, newest.failed_launches) == (6, 48, 0)
    assert (newest.hostname, newest.machine_title) == ("tiny-host", "Planted CPU tiny")
    assert newest.model_titles == ("Big", "Tiny")
    assert newest.cautions == 1


def test_launches_can_be_narrowed_to_run_and_cells(index: Index) -> None:
    run_id = queries.run_views(index)[0].run_id
    assert len(queries.launches(index)) == 96
    assert len(queries.launches(index, run_id)) == 48
    rows = queries.launches(index, run_id, [FLOAT, INT8])
    assert {row.cell_id for row in rows} == {FLOAT, INT8}
    assert len(rows) == 16
    assert queries.launches(index, cell_ids=[]) == ()
    assert queries.launches(index, "'; DROP TABLE launches; --") == ()


def test_samples_are_those_of_the_launch(index: Index) -> None:
    launch = next(row for row in queries.launches(index) if row.kind == "timing")
    assert launch.p50_ms is not None
    samples = queries.samples_ms(index, launch.run_id, launch.launch_id)
    assert median(samples) == pytest.approx(launch.p50_ms, rel=1e-6)
    assert queries.samples_ms(index, "no run", "no launch") == ()


def test_cell_summary_has_the_geometric_mean_of_the_latest_runs_medians(
    index: Index,
) -> None:
    rows = {row["cell_id"]: row for row in queries.cell_summaries(index).to_pylist()}
    latest = queries.latest_run_of(index, INT8)
    launches = queries.launches(index, latest, [INT8])
    medians = [row.p50_ms for row in launches if row.kind == "timing" and row.p50_ms is not None]
    row = rows[INT8]
    assert row["p50_ms"] == pytest.approx(geometric_mean(medians))
    assert (row["p50_min_ms"], row["p50_max_ms"]) == (min(medians), max(medians))
    assert (row["launches_ok"], row["launches_failed"], row["blocks"], row["runs"]) == (5, 0, 5, 2)
    assert row["run_id"] == latest
    assert row["started_at"].astimezone(UTC) == START + timedelta(days=1)
    assert row["p50_ms"] / rows[FLOAT]["p50_ms"] == pytest.approx(0.55, rel=0.01)


def plant_launches(root: Path, *launches: Launch, cautions: tuple[Caution, ...] = ()) -> Index:
    """A later run of its own with these launches; the index with it."""
    at = START.replace(year=2030)
    with RunWriter(root, LATER) as writer:
        writer.add(Run(LATER, "measured", "m", at, at, TOOL_VERSION, "run", 1, 1, 0, None, None))
        writer.add(*launches, *cautions)
        writer.commit(tool_version=TOOL_VERSION)
    return Store(root).index()


def like(launch: LaunchView, launch_id: str, cell_id: str, **changes: object) -> Launch:
    """A launch of the later run that is like another one but for the changes."""
    body = dataclasses.asdict(launch) | {"run_id": LATER, "samples_ms": ()}
    del body["headline_ms"]
    return Launch(**(body | {"launch_id": launch_id, "cell_id": cell_id} | changes))


@pytest.mark.parametrize(("dirty", "p50_ms"), [((), 3.0), (("a1",), 99.0), (("a0", "a1"), 3.0)])
def test_last_clean_attempt_of_a_block_counts_else_the_last(
    tmp_path: Path, dirty: tuple[str, ...], p50_ms: float
) -> None:
    launch = queries.launches(planted_store(tmp_path).index())[0]
    index = plant_launches(
        tmp_path,
        like(launch, "a0", FLOAT, attempt=0, p50_ms=99.0),
        like(launch, "a1", FLOAT, attempt=1, p50_ms=3.0),
        cautions=tuple(
            Caution(LATER, "interference_steal", "launch", name, "9 %") for name in dirty
        ),
    )
    rows = queries.cell_summaries(index).to_pylist()
    row = next(row for row in rows if row["cell_id"] == FLOAT)
    assert row["p50_ms"] == pytest.approx(p50_ms)
    assert (row["blocks"], row["launches_ok"]) == (1, 2)


def test_percentiles_and_rates_are_one_estimate_so_that_p90_is_never_below_p50(
    tmp_path: Path,
) -> None:
    launch = queries.launches(planted_store(tmp_path).index())[0]
    p50s = (1.0, 1.0, 8.0)  # whose geometric mean is above the median of the p90s
    index = plant_launches(
        tmp_path,
        *(like(launch, f"a{i}", FLOAT, block=i, p50_ms=ms, p90_ms=1.1 * ms, p99_ms=1.2 * ms,
               throughput_fps=1000.0 / ms) for i, ms in enumerate(p50s)),
        like(launch, "b0", INT8, block=0, p50_ms=4.0, p90_ms=5.0),
        like(launch, "b1", INT8, block=1, p50_ms=9.0, p90_ms=None),
    )  # fmt: skip
    rows = {row["cell_id"]: row for row in queries.cell_summaries(index).to_pylist()}
    found = rows[FLOAT]
    assert [found[name] for name in ("p50_ms", "p90_ms", "p99_ms")] == pytest.approx(
        [2.0, 2.2, 2.4]
    )
    assert found["throughput_fps"] == pytest.approx(500.0)
    assert rows[INT8]["p90_ms"] is None, "a mean over fewer launches may be below p50"


def test_launches_without_a_block_all_count(tmp_path: Path) -> None:
    launch = queries.launches(planted_store(tmp_path).index())[0]
    index = plant_launches(
        tmp_path,
        *(like(launch, f"a{i}", FLOAT, block=None, p50_ms=float(i)) for i in range(1, 4)),
    )
    rows = queries.cell_summaries(index).to_pylist()
    row = next(row for row in rows if row["cell_id"] == FLOAT)
    assert row["p50_ms"] == pytest.approx(6.0 ** (1 / 3))
    assert row["blocks"] == 3


@pytest.mark.parametrize(
    "other",
    [{"block": 1}, {"attempt": 1}, {"status": "failed"}, {"kind": "profile"}],
)
def test_run_without_a_common_block_is_not_shared(tmp_path: Path, other: dict[str, object]) -> None:
    before = planted_store(tmp_path).index()
    launch = queries.launches(before)[0]
    wanted = queries.latest_shared_run(before, FLOAT, INT8)
    index = plant_launches(
        tmp_path,
        like(launch, "a", FLOAT, block=0),
        like(launch, "b", INT8, **({"block": 0} | other)),
    )
    assert queries.latest_shared_run(index, FLOAT, INT8) == wanted
    assert queries.latest_shared_run(index, INT8, FLOAT) == wanted


def test_failed_cell_has_a_summary_without_figures(tmp_path: Path) -> None:
    index = planted_store(tmp_path, failed_cell=True).index()
    rows = {row["cell_id"]: row for row in queries.cell_summaries(index).to_pylist()}
    assert (rows[INT8]["launches_ok"], rows[INT8]["launches_failed"]) == (0, 5)
    assert rows[INT8]["p50_ms"] is None
    assert rows[FLOAT]["p50_ms"] == pytest.approx(FLOAT_MS, rel=0.01)
    assert queries.latest_run_of(index, INT8) is None
    assert queries.latest_shared_run(index, FLOAT, INT8) is None
    assert queries.run_views(index)[0].failed_launches == 5


def test_shared_run_is_the_newest_with_a_common_block(tmp_path: Path) -> None:
    index = planted_store(tmp_path, runs=3).index()
    newest = queries.run_views(index)[0].run_id
    assert queries.latest_shared_run(index, FLOAT, INT8) == newest
    elsewhere = planted_store(tmp_path, name="other").index()
    other = cell_id_of(name="other")
    assert queries.latest_shared_run(elsewhere, FLOAT, other) is None


def test_exec_nodes_and_bridge_of_a_cell(index: Index) -> None:
    run_id = queries.latest_run_of(index, INT8)
    assert run_id is not None
    nodes = queries.exec_nodes(index, INT8, run_id)
    assert len({node.launch_id for node in nodes}) == 3
    assert {node.cell_id for node in nodes} == {INT8}
    assert len([node for node in nodes if node.node_type == "Reorder"]) == 3
    assert not [n for n in queries.exec_nodes(index, FLOAT, run_id) if n.node_type == "Reorder"]
    sources = queries.exec_node_sources(index, INT8, run_id)
    assert {source.launch_id for source in sources} == {node.launch_id for node in nodes}
    variant = queries.fp32_variant(index, queries.cells(index)[-1].model_id)
    assert variant is not None
    assert variant == queries.variant_of(index, variant.variant_id)
    ops = queries.source_ops(index, variant.variant_id)
    assert [op.position for op in ops] == list(range(len(ops)))
    assert {source.op_name for source in sources} == {op.op_name for op in ops}


def test_layers_add_up_to_the_time_in_layers(index: Index) -> None:
    run_id = queries.latest_run_of(index, INT8)
    assert run_id is not None
    layers = queries.layers_table(index, INT8, run_id).to_pylist()
    assert [row["status"] for row in layers[-1:]] == ["not_executed"]
    assert layers[-1]["time_us"] is None
    executed = layers[:-1]
    assert [row["node_index"] for row in executed] == list(range(1, len(layers)))
    total = sum(row["time_us"] for row in executed)
    assert total == pytest.approx(FLOAT_MS * 1000 * 0.55 - UNATTRIBUTED_US)
    assert sum(row["time_share"] for row in executed) == pytest.approx(1.0)
    kernels = queries.kernel_rollup(index, INT8, run_id).to_pylist()
    assert sum(row["time_us"] for row in kernels) == pytest.approx(total)
    assert sum(row["layers"] for row in kernels) == len(executed)
    times = [row["time_us"] for row in kernels]
    assert times == sorted(times, reverse=True)


def test_what_the_store_lacks_is_none(index: Index) -> None:
    assert queries.machine(index, "no") is None
    assert queries.device(index, "no") is None
    assert queries.runtime(index, "no") is None
    assert queries.variant_of(index, "no") is None
    assert queries.latest_run_of(index, "no") is None
    assert queries.layers_table(index, "no", "no").num_rows == 0
    assert queries.kernel_rollup(index, "no", "no").num_rows == 0
    assert queries.cautions(index, []) == ()


def test_machine_and_cautions_come_back_whole(index: Index) -> None:
    cell = queries.cells(index)[0]
    machine = queries.machine(index, cell.machine_id)
    assert machine is not None
    assert (machine.isa_flags, machine.turbo) == (cell.isa_flags, None)
    run_ids = [run.run_id for run in queries.run_views(index)]
    assert len(queries.cautions(index, run_ids)) == 2


def test_the_headline_is_the_latency_or_the_time_per_item(tmp_path: Path) -> None:
    planted_store(tmp_path)
    index = planted_store(tmp_path, drive=THROUGHPUT, failed_cell=True).index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    for launch in queries.launches(index):
        cell = cells[launch.cell_id]
        if not launch.ok:
            assert launch.headline_ms is None
        elif cell.is_throughput:
            assert launch.throughput_fps is not None
            assert launch.headline_ms == pytest.approx(1000.0 / launch.throughput_fps)
        else:
            assert launch.headline_ms == launch.p50_ms
    rows = {row["cell_id"]: row for row in queries.cell_summaries(index).to_pylist()}
    busy = rows[cell_id_of(drive=THROUGHPUT)]
    assert busy["headline_ms"] == pytest.approx(FLOAT_MS, rel=0.01)
    assert busy["p50_ms"] == pytest.approx(STREAMS_RUN * FLOAT_MS, rel=0.01)
    assert (busy["streams"], busy["requests"]) == (None, None)
    assert rows[FLOAT]["headline_ms"] == rows[FLOAT]["p50_ms"]


def test_launches_carry_their_turns_and_their_sitting(tmp_path: Path) -> None:
    launch = queries.launches(planted_store(tmp_path).index())[0]
    assert launch.sitting == launch.block
    assert isinstance(launch.slice_ms, tuple)
    assert len(launch.slice_ms) == TURNS
    old = queries.launches(planted_store(tmp_path / "old", turns=0).index())[0]
    assert (old.sitting, old.slice_ms) == (None, None)


def test_startup_launches_tell_the_cached_compile_time_and_nothing_else(tmp_path: Path) -> None:
    index = planted_store(tmp_path, startup_launches=2, failed_cell=True).index()
    rows = {row["cell_id"]: row for row in queries.cell_summaries(index).to_pylist()}
    row = rows[FLOAT]
    assert row["cached_compile_ms"] == 8.0
    assert (row["launches_ok"], row["blocks"]) == (5, 5)
    assert row["headline_ms"] == pytest.approx(FLOAT_MS, rel=0.01)
    assert rows[INT8]["error"] == "planted failure"
    assert row["error"] is None


def test_a_run_that_only_started_a_cell_up_is_not_its_latest(tmp_path: Path) -> None:
    before = planted_store(tmp_path).index()
    launch = queries.launches(before)[0]
    index = plant_launches(tmp_path, like(launch, "s", FLOAT, kind="startup", block=None))
    assert queries.latest_run_of(index, FLOAT) == queries.latest_run_of(before, FLOAT)
    assert queries.latest_run_of(index, FLOAT) is not None


def test_the_committed_sample_was_measured_in_turns_and_has_every_answer() -> None:
    index = Store(Path(__file__).parents[2] / "data" / "sample").index()
    launches = queries.launches(index)
    timed = [launch for launch in launches if launch.kind == "timing"]
    assert all(launch.slice_ms and launch.sitting is not None for launch in timed)
    assert all(launch.headline_ms == launch.p50_ms for launch in timed)
    assert {cell.requests for cell in queries.cells(index)} == {None}
    measured = [run for run in queries.run_views(index) if run.kind == "measured"]
    assert {(run.effort, run.continued) for run in measured} == {("quick", 0)}
    assert queries.certificates(index) == ()
