"""A series stands on one run: what other runs measured takes part through pairs alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dashboard import charts, version_tables
from results import queries
from results.comparison import Verdict
from results.render import to_text
from results.store import Store
from results.versions.answers import headline
from results.versions.changes import changes_between
from results.versions.export import changes_json, histories_json
from results.versions.render import changes_text, histories_text
from results.versions.series import histories
from results.versions.shapes import Changes, History, Series
from results.versions.triage import all_versions, triage
from results.versions.words import TIMES_AND_RATIOS
from tests.planted import ARMS
from tests.planted_versions import (
    AGAIN,
    FUSED,
    INT8,
    NEWEST,
    OLD,
    VERSIONS,
    truth_ms,
    version_cell_id,
    versions_store,
)

FLOAT, DEFAULT, QUANTIZED = ARMS
SLOW_DAY = 1.5
FOUR = (OLD, FUSED, INT8, NEWEST)


def history(store: Store) -> History:
    (found,) = histories(store.index())
    return found


def series_of(found: History, arm: str) -> Series:
    return next(series for series in found.series if series.arm == arm)


def measured_again(root: Path, *versions: str, scale: float = SLOW_DAY) -> History:
    """All versions in one run; a day later some again, when everything takes longer."""
    versions_store(root, FOUR)
    return history(versions_store(root, versions, scale=dict.fromkeys(versions, scale), day=1))


def test_a_series_is_of_the_run_with_most_versions_though_others_are_newer(tmp_path: Path) -> None:
    found = measured_again(tmp_path, INT8, NEWEST)
    series = series_of(found, QUANTIZED)
    assert len({point.run_id for point in series.points}) == 1
    assert series.points[0].run_id == series.run_id
    for point in series.points:
        truth = truth_ms(point.version.version, QUANTIZED)
        assert point.median_ms == pytest.approx(truth, rel=0.02), "not of the slow day"
        assert not point.of_another_run


def test_steps_are_of_the_run_of_the_series_where_a_newer_one_has_the_two_as_well(
    tmp_path: Path,
) -> None:
    """The newer run says that float became slower; the series' times say that it did not."""
    versions_store(tmp_path, FOUR)
    found = history(versions_store(tmp_path, (INT8, NEWEST), scale={NEWEST: 3.0}, day=1))
    step = series_of(found, FLOAT).points[-1].step
    assert step is not None
    assert step.estimate.ratio == pytest.approx(truth_ms(NEWEST, FLOAT) / truth_ms(INT8, FLOAT),
                                                rel=0.01)  # fmt: skip
    assert all(one.verdict is Verdict.FASTER for _, one in found.pays[0].verdicts)


def test_of_runs_with_as_many_versions_the_newest_counts(tmp_path: Path) -> None:
    found = measured_again(tmp_path, *FOUR)
    for point in series_of(found, QUANTIZED).points:
        assert point.median_ms == pytest.approx(
            SLOW_DAY * truth_ms(point.version.version, QUANTIZED), rel=0.1
        )


def test_a_version_of_another_run_is_marked_wherever_it_is_told(tmp_path: Path) -> None:
    found = measured_again(tmp_path, AGAIN)
    series = series_of(found, QUANTIZED)
    marked = [point.version.version for point in series.points if point.of_another_run]
    assert marked == [AGAIN]
    assert f"Of another run, so compared by paired estimates alone: {AGAIN}." in series.sentence
    told = to_text(histories_text([found]))
    assert f"{AGAIN}, of another run" in told
    assert f"{NEWEST}, of another run" not in told
    points = json.loads(histories_json((found,)))["histories"][0]["series"][0]["points"]
    assert [point["of_another_run"] for point in points] == [False, False, False, True, False]
    rows = version_tables.series(found).to_pylist()
    assert {row["OpenVINO"] for row in rows if "of another run" in row["Result"]} == {AGAIN}


def test_the_chart_draws_a_version_of_another_run_hollow_and_beside_the_line(
    tmp_path: Path,
) -> None:
    chart = charts.versions(measured_again(tmp_path, AGAIN))
    lines = [trace for trace in chart.figure.data if trace.mode == "lines+markers"]
    beside = [trace for trace in chart.figure.data if trace.name.endswith(", of another run")]
    assert [len(trace.x) for trace in lines] == [4, 4, 4]
    assert [len(trace.x) for trace in beside] == [1, 1, 1]
    assert all("open" in symbol for trace in beside for symbol in trace.marker.symbol)
    assert all(trace.mode == "markers" for trace in beside)
    assert "of another run" in {
        trace.name for trace in chart.figure.data if trace.showlegend is None
    }
    assert f"{AGAIN} " in chart.alt
    assert ", of another run" in chart.alt


def test_a_step_passes_over_a_version_of_another_run(tmp_path: Path) -> None:
    """Float changed with the newest version, between it and the last one of the same run."""
    series = series_of(measured_again(tmp_path, AGAIN), FLOAT)
    aside, newest = series.points[-2], series.points[-1]
    assert newest.step is not None
    assert newest.step.previous.version == INT8
    assert newest.step.is_change_point
    assert aside.step is not None
    assert not aside.step.estimate.paired
    assert not aside.step.is_change_point


def test_a_version_of_the_run_is_held_against_the_run_though_a_pair_aside_is_nearer(
    tmp_path: Path,
) -> None:
    """NEWEST shared blocks with AGAIN too, in the other run."""
    step = series_of(measured_again(tmp_path, AGAIN, NEWEST), FLOAT).points[-1].step
    assert step is not None
    assert step.previous.version == INT8
    assert step.is_change_point


def test_a_paired_step_that_passes_over_the_series_is_no_change_point(tmp_path: Path) -> None:
    """AGAIN shared its run with OLD alone: what changed in between is no news of AGAIN."""
    versions_store(tmp_path, FOUR)
    series = series_of(history(versions_store(tmp_path, (OLD, AGAIN), day=1)), QUANTIZED)
    aside = series.points[-2]
    assert aside.version.version == AGAIN
    assert aside.step is not None
    assert aside.step.previous.version == OLD
    assert (aside.step.estimate.paired, aside.step.estimate.verdict) == (True, Verdict.FASTER)
    assert not aside.step.is_change_point
    (told,) = (row for row in version_tables.series(history(Store(tmp_path))).to_pylist()
               if row["OpenVINO"] == AGAIN and row["Arm"] == QUANTIZED)  # fmt: skip
    assert f"faster since {OLD}" in told["Since the one before"]
    assert "change point" not in told["Since the one before"]


def test_a_quick_day_makes_no_version_the_best(tmp_path: Path) -> None:
    """OLD is by far the slowest; alone on a quick day its time is the lowest of all."""
    versions_store(tmp_path, (FUSED, INT8, NEWEST))
    found = history(versions_store(tmp_path, (OLD,), scale={OLD: 0.05}, day=1))
    best = found.best
    assert best is not None
    assert series_of(found, QUANTIZED).points[0].of_another_run
    assert best.point.version.version in {INT8, NEWEST}
    assert [point.version.version for point in best.uncompared] == [OLD]
    assert f"never in one run with it, so not compared: {OLD}." in found.sentence
    assert "fastest" not in headline(found).sentence
    assert f"not compared with {OLD}" in headline(found).sentence
    told = json.loads(histories_json((found,)))["histories"][0]["best"]
    assert [one["version"] for one in told["uncompared"]] == [OLD]


def test_a_version_of_another_run_is_the_best_where_a_pair_says_so(tmp_path: Path) -> None:
    """FUSED is slower than INT8, and with it everything else; AGAIN beat INT8 on a slow day."""
    versions_store(tmp_path, (OLD, FUSED, INT8))
    scale = {INT8: 2 * SLOW_DAY, AGAIN: SLOW_DAY}
    found = history(versions_store(tmp_path, (INT8, AGAIN), scale=scale, day=1))
    best = series_of(found, QUANTIZED).best
    assert best is not None
    assert best.point.of_another_run
    assert best.point.version.version == AGAIN
    assert best.is_told_apart, "what INT8 beats is behind AGAIN too"


def test_versions_that_are_not_told_apart_are_all_named_and_none_is_called_fastest(
    tmp_path: Path,
) -> None:
    found = history(versions_store(tmp_path, (FUSED, INT8, AGAIN)))
    assert found.best is not None
    assert [point.version.version for point in found.best.fastest] == [INT8, AGAIN]
    assert f") with {QUANTIZED}, not told apart and within 2 %" in found.sentence
    told = headline(found)
    assert (
        f"is best with OpenVINO {INT8} and {AGAIN} ({QUANTIZED}), not told apart;" in told.sentence
    )
    assert "fastest" not in told.sentence
    shown = told.figures[0]
    assert (shown.value, shown.note) == ("2", f"{INT8} and {AGAIN}: not told apart")
    best = json.loads(histories_json((found,)))["histories"][0]["best"]
    assert [one["version"] for one in best["fastest"]] == [INT8, AGAIN]


def test_where_each_version_has_a_run_of_its_own_no_best_one_is_known(tmp_path: Path) -> None:
    versions_store(tmp_path, (OLD,))
    found = history(versions_store(tmp_path, (INT8,), day=1))
    assert found.best is not None
    assert not found.best.is_known
    assert "Best version: not known;" in found.sentence
    told = headline(found)
    assert f"no best version: OpenVINO {INT8} and {OLD} were never measured in one run" in (
        told.sentence
    )
    assert told.figures[0].value == "not known"


def test_a_version_is_compared_by_an_arm_that_shared_blocks_with_the_fastest(
    tmp_path: Path,
) -> None:
    """INT8 was measured again with one arm only, on a quick day: no reason not to compare it."""
    versions_store(tmp_path, (OLD, INT8), arms=(DEFAULT,))
    found = history(versions_store(tmp_path, (INT8,), arms=(FLOAT,), scale={INT8: 0.1}, day=1))
    assert found.best is not None
    assert found.best.point.cell.arm == DEFAULT
    assert found.best.is_told_apart
    assert f"is fastest with OpenVINO {INT8} ({DEFAULT})" in headline(found).sentence


def test_the_one_that_all_others_are_slower_than_is_called_fastest(tmp_path: Path) -> None:
    told = headline(history(versions_store(tmp_path, (OLD, FUSED, INT8)))).sentence
    assert f"is fastest with OpenVINO {INT8} ({QUANTIZED})" in told


def test_the_legend_says_why_ratios_and_times_differ_a_little(tmp_path: Path) -> None:
    told = to_text(histories_text([history(versions_store(tmp_path, (OLD, FUSED)))]))
    assert TIMES_AND_RATIOS in " ".join(told.split())


def changes(store: Store, arm: str, before: str, after: str) -> Changes:
    cells = {cell.cell_id: cell for cell in queries.cells(store.index())}
    pair = (cells[version_cell_id(version, "tiny", arm)] for version in (before, after))
    return changes_between(store.index(), *pair)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return versions_store(tmp_path_factory.mktemp("lone"), VERSIONS)


def test_layers_that_only_one_version_has_are_listed(store: Store) -> None:
    """OLD runs h-swish by itself, FUSED in the convolution before it."""
    found = changes(store, FLOAT, OLD, FUSED)
    (layer,) = found.lone
    assert (layer.is_candidate, layer.operations) == (False, ("HSwish",))
    assert layer.time_us > 0
    told = to_text(changes_text(found))
    assert f"Layers that only {OLD} has: 1" in told
    assert f"Layers that only {FUSED} has" not in told
    back = changes(store, FLOAT, FUSED, OLD)
    assert [one.is_candidate for one in back.lone] == [True]
    versions = {version.version: version for version in all_versions(store.index())}
    text = changes_json(triage(store.index(), versions[OLD], versions[FUSED]), found)
    assert [one["name"] for one in json.loads(text)["changes"]["lone"]] == [layer.name]
    assert [row["Only in"] for row in version_tables.lone(found).to_pylist()] == [OLD]


@pytest.mark.parametrize("arm", ARMS)
def test_the_table_of_what_changed_closes_on_the_wall_clock(store: Store, arm: str) -> None:
    *kinds, left, wall = version_tables.sums(changes(store, arm, OLD, INT8)).to_pylist()
    assert (left["What changed"], wall["What changed"]) == ("unattributed", "wall clock")
    time = "Adds to the time (µs)"
    assert sum(row[time] for row in (*kinds, left)) == pytest.approx(wall[time])
    truth_us = 1000.0 * (truth_ms(INT8, arm) - truth_ms(OLD, arm))
    assert wall[time] == pytest.approx(truth_us, rel=0.05)


@pytest.mark.parametrize("arm", ARMS)
def test_what_changed_in_a_terminal_closes_on_the_wall_clock(store: Store, arm: str) -> None:
    found = changes(store, arm, OLD, INT8)
    told = to_text(changes_text(found))
    start = told.index("Where the difference comes from")
    rows = told[start:].split("\n\n", 1)[0].splitlines()[2:]
    *parts, (left, left_us), (wall, total_us) = [
        (row.split("  ")[0], float(row.split()[-2].replace(",", ""))) for row in rows
    ]
    assert (left, wall) == ("unattributed", "wall-clock difference")
    assert left_us == pytest.approx(found.unattributed_us, rel=0.01)
    told_us = sum(us for _, us in parts) + left_us
    assert told_us == pytest.approx(total_us, abs=0.5 * len(rows)), "each is rounded"
