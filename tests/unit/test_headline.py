"""What a page says first, and how a run's pace is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.tables import best_arms
from results import queries
from results.compare import compare_cells
from results.comparison import Estimate, Verdict
from results.drift import drift
from results.format import DASH
from results.headline import (
    Pick,
    comparison_figures,
    failures,
    overview_headline,
    picks,
    precision_shares,
    time_name,
    time_words,
)
from results.index import Index
from results.overview import overview
from results.run_headline import certificate_headline, run_headline
from results.run_trust import RunTrust, run_trust
from tests.planted import THROUGHPUT, cell_id_of, planted_certificate, planted_store


@pytest.fixture
def index(tmp_path: Path) -> Index:
    """Three models on one device: INT8 is faster, slower, and the same."""
    return planted_store(
        tmp_path, models=("alpha", "beta", "gamma"), int8_ratios={"gamma": 1.0}
    ).index()


def test_the_overview_counts_verdicts_and_names_baseline_and_device(index: Index) -> None:
    head = overview_headline(picks(overview(index), "fp32@f32"), "fp32@f32")
    assert head.sentence == (
        "INT8 is faster than the FP32 file forced to f32 on 1 of 3 models on Planted CPU tiny, "
        "slower on 1, equivalent on 1."
    )
    assert [(one.label, one.value, one.note.partition(";")[0]) for one in head.figures[2:]] == [
        ("Largest speed-up", "1.82x", "Alpha"),
        ("Smallest speed-up", "0.77x", "Beta"),
    ]
    assert all("95 %: " in figure.note for figure in head.figures[2:])
    assert [figure.note.endswith("; below 1x is slower") for figure in head.figures[2:]] == [
        False, True,
    ]  # fmt: skip
    assert head.figures[0].note == "3 verdicts: 3 models on 1 device"


def _undecided(pick: Pick) -> Pick:
    """The same, and ten times as fast, but nothing is settled."""
    assert pick.verdict is not None
    estimate = replace(pick.verdict.estimate, verdict=Verdict.INCONCLUSIVE, ratio=0.1)
    return replace(pick, verdict=replace(pick.verdict, estimate=estimate))


def test_an_inconclusive_verdict_is_neither_the_largest_nor_the_smallest_speedup(
    index: Index,
) -> None:
    alpha, beta, gamma = picks(overview(index), "fp32@f32")
    some = overview_headline((alpha, _undecided(beta), gamma), "fp32@f32")
    assert [(one.label, one.value, one.note.partition(";")[0]) for one in some.figures[2:]] == [
        ("Largest speed-up", "1.82x", "Alpha"),
        ("Smallest speed-up", "1.00x", "Gamma"),
    ]
    assert some.figures[3].note.endswith("; no difference; 1 inconclusive is not ranked")
    one = overview_headline((alpha, _undecided(beta), _undecided(gamma)), "fp32@f32")
    assert [figure.label for figure in one.figures[2:]] == ["Largest speed-up"]
    none = overview_headline([_undecided(pick) for pick in (alpha, beta)], "fp32@f32")
    assert [(figure.value, figure.note) for figure in none.figures[2:]] == [
        (DASH, "no verdict is settled")
    ]


def test_an_arm_that_cannot_be_told_apart_from_the_quickest_is_named_beside_it(
    index: Index,
) -> None:
    alpha, *_ = picks(overview(index), "fp32@f32")
    assert alpha.verdict
    assert alpha.row.best == alpha.verdict.candidate
    assert alpha.row.undecided == ()
    unsure = _undecided(alpha).verdict
    assert unsure
    row = replace(alpha.row, verdicts=(unsure,))
    assert [cell.arm for cell in row.undecided] == ["fp32@f32"]
    told = best_arms(replace(alpha, row=row))
    assert told == "int8-simplified@default; not told apart: fp32@f32"
    other = replace(row, best=unsure.baseline)
    assert other.undecided == (unsure.candidate,)


def test_a_worst_verdict_that_is_faster_is_the_smallest_of_the_settled(index: Index) -> None:
    alpha, *_ = picks(overview(index), "fp32@f32")
    figures = overview_headline((alpha, alpha), "fp32@f32").figures
    assert [figure.label for figure in figures[2:]] == [
        "Largest speed-up", "Smallest speed-up",
    ]  # fmt: skip


def test_several_devices_are_counted_as_combinations(tmp_path: Path) -> None:
    planted_store(tmp_path, name="one")
    index = planted_store(tmp_path, name="two").index()
    head = overview_headline(picks(overview(index), "fp32@f32"), "fp32@f32")
    assert all(" on Planted CPU " in figure.note for figure in head.figures[2:])
    assert "2 of 2 devices" in head.sentence, "the model and the version are one"


def test_only_what_differs_is_called_a_combination(tmp_path: Path) -> None:
    planted_store(tmp_path, name="one", models=("alpha", "beta"))
    index = planted_store(tmp_path, name="two", models=("alpha", "beta")).index()
    head = overview_headline(picks(overview(index), "fp32@f32"), "fp32@f32")
    assert " of 4 combinations of model and device, " in head.sentence


def test_a_row_without_a_verdict_says_why(tmp_path: Path) -> None:
    rows = overview(planted_store(tmp_path, failed_cell=True).index())
    (pick,) = picks(rows, "fp32@f32")
    assert pick.verdict is None
    assert pick.reason == "planted failure"
    head = overview_headline([pick], "fp32@f32")
    assert head.sentence.startswith("INT8 could not be measured against the FP32 file")
    assert head.figures == ()


def test_the_interval_of_a_speedup_is_the_ratios_turned_round() -> None:
    estimate = Estimate(Verdict.FASTER, 0.5, 0.4, 0.8, True, 5, None, 2.0, 1.0)
    assert estimate.speedup_bounds == (1.25, 2.5)
    unknown = Estimate(Verdict.INCONCLUSIVE, 0.5, None, None, True, 1, 5, 2.0, 1.0)
    assert unknown.speedup_bounds == (None, None)


def test_a_comparison_has_four_numbers_with_units(index: Index) -> None:
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    baseline = cells[cell_id_of("alpha")]
    candidate = cells[cell_id_of("alpha", "int8-simplified@default")]
    figures = comparison_figures(compare_cells(index, baseline, candidate))
    assert [figure.value for figure in figures] == ["1.82x", "2.00 ms", "1.10 ms", "-0.899 ms"]
    assert figures[3].note == "5 paired blocks"


def test_a_throughput_comparison_tells_inferences_per_second(tmp_path: Path) -> None:
    index = planted_store(tmp_path, drive=THROUGHPUT).index()
    cells = {cell.arm: cell for cell in queries.cells(index)}
    found = compare_cells(index, cells["fp32@f32"], cells["int8-simplified@default"])
    figures = comparison_figures(found)
    assert [figure.value for figure in figures] == ["1.82x", "500 /s", "908 /s", "-0.899 ms"]
    assert figures[1].note == "fp32@f32, 2.00 ms per item"
    assert figures[3].note == "per item, 5 paired blocks"
    assert "500 /s -> 908 /s, 2.00 ms -> 1.10 ms per item" in found.sentence


def test_scenarios_are_counted_apart(tmp_path: Path) -> None:
    planted_store(tmp_path)
    index = planted_store(tmp_path, drive=THROUGHPUT).index()
    head = overview_headline(picks(overview(index), "fp32@f32"), "fp32@f32")
    assert "2 of 2 scenarios" in head.sentence


def test_a_certificate_run_says_what_it_is(tmp_path: Path) -> None:
    index = planted_certificate(tmp_path).index()
    (run,) = queries.run_views(index)
    assert run_headline(run, _trust(index)).sentence == "A against A on Planted CPU tiny."


def test_a_certificate_says_its_counts_and_its_interval(tmp_path: Path) -> None:
    (found,) = queries.certificates(planted_certificate(tmp_path, false_alarms=1).index())
    head = certificate_headline(found)
    assert head.sentence == (
        "Certified: 1 false alarm in 100 comparisons of A against A on Planted CPU tiny."
    )
    assert [figure.value for figure in head.figures] == ["1.0 %", "1", "98", "2"]
    assert head.figures[0].note == "95 %: 0.2 % to 5.4 %"


def test_a_headline_is_called_by_what_it_is(tmp_path: Path) -> None:
    planted_store(tmp_path)
    cells = queries.cells(planted_store(tmp_path, drive=THROUGHPUT).index())
    latency = [cell for cell in cells if not cell.is_throughput]
    driven = [cell for cell in cells if cell.is_throughput]
    names = [time_name(found) for found in (latency, driven, cells)]
    assert names == ["Median latency", "Time per item", "Median latency or time per item"]
    assert time_words(latency[0], 1.1) == "1.10 ms"
    assert time_words(driven[0], 1.1) == "909 inferences/s, 1.10 ms per item"
    assert time_words(driven[0], None) == "unknown"


def test_failures_are_told_once_for_each_reason(tmp_path: Path) -> None:
    planted_store(tmp_path, models=("alpha", "beta"), failed_cell=True)
    rows = overview(planted_store(tmp_path, name="other", failed_cell=True).index())
    told = {(f.device, f.models, f.arms, f.reason) for f in failures(rows)}
    arms = ("int8-simplified@default",)
    assert told == {
        ("Planted CPU tiny", ("Alpha",), arms, "planted failure"),
        ("Planted CPU other", ("Tiny",), arms, "planted failure"),
    }


def test_layers_say_the_precision_and_the_kernel_that_take_most(index: Index) -> None:
    cell_id = cell_id_of("alpha", "int8-simplified@default")
    run_id = queries.latest_run_of(index, cell_id)
    assert run_id is not None
    kernels = queries.kernel_rollup(index, cell_id, run_id)
    shares = precision_shares(kernels)
    assert [share.precision for share in shares] == ["u8", "f32"]
    assert sum(share.share for share in shares) == pytest.approx(1.0)
    top = kernels.slice(0, 1).to_pylist()[0]
    assert (top["primitive"], top["time_share"]) == ("jit_avx512_dw_I8", pytest.approx(0.25))


def test_a_run_says_how_many_launches_failed(tmp_path: Path) -> None:
    index = planted_store(tmp_path, failed_cell=True).index()
    (run,) = queries.run_views(index)
    head = run_headline(run, _trust(index))
    assert head.sentence.endswith("1 of 3 cells failed and has no result.")
    assert head.figures[1].value == str(run.launches)
    assert head.figures[1].note == "launches of 3 cells, 5 failed"


def test_one_cell_and_one_launch_are_singular(tmp_path: Path) -> None:
    index = planted_store(tmp_path).index()
    (run,) = queries.run_views(index)
    head = run_headline(replace(run, launches=1, cells=1), _trust(index))
    assert head.figures[1].note == "launch of 1 cell, none failed"


def _trust(index: Index) -> RunTrust:
    (run,) = queries.run_views(index)
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    stored = queries.cautions(index, (run.run_id,))
    return run_trust(queries.launches(index, run.run_id), stored, cells)


def test_drift_is_told_against_the_cells_own_median(tmp_path: Path) -> None:
    index = planted_store(tmp_path, failed_cell=True, blocks=3).index()
    points = drift(queries.launches(index))
    assert {point.cell_id for point in points} == {
        cell_id_of(arm=arm) for arm in ("fp32@f32", "fp32@default")
    }
    own = [point.deviation for point in points if point.cell_id == cell_id_of()]
    assert sorted(own)[1] == 0.0
    assert points[0].minutes == 0.0
    assert drift(()) == ()
