"""Series over versions: order, intervals, change points, the best version, since when INT8 pays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from results import queries
from results.comparison import Estimate, Verdict
from results.stats import paired_estimate
from results.store import Store
from results.versions.holm import holding
from results.versions.series import histories, interval_ms
from results.versions.shapes import History, Series
from tests.planted import ARMS
from tests.planted_versions import (
    AGAIN,
    FUSED,
    INT8,
    NEWEST,
    OLD,
    PLANS,
    VERSIONS,
    truth_ms,
    versions_store,
)

FLOAT, DEFAULT, QUANTIZED = ARMS
CRASH = "timing: the probe was ended by signal 11 (SIGSEGV)"
NEWER_FIRST = (NEWEST, OLD, AGAIN, FUSED, INT8)


def history(store: Store) -> History:
    (found,) = histories(store.index())
    return found


def series_of(found: History, arm: str) -> Series:
    return next(series for series in found.series if series.arm == arm)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Planted in disorder; 2021.4.2 crashes forced to f32, the newest by default."""
    failed = {(OLD, "tiny", FLOAT): CRASH, (NEWEST, "tiny", DEFAULT): CRASH}
    return history(versions_store(tmp_path_factory.mktemp("s"), NEWER_FIRST, failed=failed))


def test_a_series_has_every_version_in_order_with_its_time_inside_its_interval(
    told: History,
) -> None:
    points = series_of(told, QUANTIZED).points
    assert [point.version.version for point in points] == list(VERSIONS)
    for point in points:
        assert point.low_ms is not None
        assert point.high_ms is not None
        assert point.median_ms == pytest.approx(
            truth_ms(point.version.version, QUANTIZED), rel=0.02
        )
        assert point.low_ms < truth_ms(point.version.version, QUANTIZED) < point.high_ms
        assert point.blocks == 6


def test_steps_that_are_there_are_change_points_and_no_others(told: History) -> None:
    assert [p.version.version for p in series_of(told, QUANTIZED).change_points] == [FUSED, INT8]
    assert [p.version.version for p in series_of(told, FLOAT).change_points] == [NEWEST]
    step = series_of(told, QUANTIZED).points[2].step
    assert step is not None
    assert step.estimate.paired
    assert step.estimate.ratio == pytest.approx(
        truth_ms(INT8, QUANTIZED) / truth_ms(FUSED, QUANTIZED), rel=0.01
    )


def test_a_failed_version_stays_with_its_reason_and_the_next_is_held_against_the_one_before(
    tmp_path: Path,
) -> None:
    failed = {(FUSED, "tiny", QUANTIZED): CRASH}
    points = series_of(history(versions_store(tmp_path, failed=failed)), QUANTIZED).points
    assert (points[1].median_ms, points[1].failure, points[1].step) == (None, CRASH, None)
    assert points[2].step is not None
    assert points[2].step.previous.version == OLD


def test_the_best_version_is_never_one_that_failed_and_names_its_ties(told: History) -> None:
    best = series_of(told, DEFAULT).best
    assert best is not None
    tied = {best.point.version.version, *(point.version.version for point in best.ties)}
    assert tied == {FUSED, INT8, AGAIN}
    assert best.point.failure is None
    assert NEWEST not in best.sentence
    assert f"the next, {OLD}, takes 1.10x as long" in best.sentence


def test_the_best_of_a_device_has_its_arm_and_its_lead_over_other_versions(told: History) -> None:
    assert told.best is not None
    assert told.best.point.cell.arm == QUANTIZED
    assert {told.best.point.version.version} | {
        point.version.version for point in told.best.ties
    } == {INT8, AGAIN, NEWEST}
    assert told.best.runner_up is not None
    assert told.best.runner_up.estimate.verdict is Verdict.EQUIVALENT
    assert f"the next, {FUSED} with {QUANTIZED}, takes 1.40x as long" in told.sentence


def test_int8_pays_from_the_first_version_where_it_is_surely_faster(tmp_path: Path) -> None:
    slow = replace(PLANS[FUSED], reorder_us=300.0)
    store = versions_store(tmp_path, plans={**PLANS, OLD: slow, FUSED: slow})
    (pays,) = history(store).pays
    assert pays.version is not None
    assert (pays.version.version, pays.lapses, pays.baseline_arm) == (INT8, (), DEFAULT)
    assert [one.verdict is Verdict.FASTER for _, one in pays.verdicts] == [False] * 2 + [True] * 3
    speedup = truth_ms(INT8, DEFAULT) / truth_ms(INT8, QUANTIZED)
    assert f"pays from {INT8} on: {speedup:.2f}x as fast as {DEFAULT}" in pays.sentence


def test_a_later_version_where_int8_does_not_pay_is_named(tmp_path: Path) -> None:
    slow = replace(PLANS[FUSED], reorder_us=300.0)
    store = versions_store(tmp_path, plans={**PLANS, INT8: slow})
    (pays,) = history(store).pays
    assert pays.version is not None
    assert pays.version.version == OLD
    assert [version.version for version in pays.lapses] == [INT8]
    assert f"but not with {INT8}" in pays.sentence


def test_where_int8_never_pays_it_says_so(tmp_path: Path) -> None:
    slow = replace(PLANS[FUSED], reorder_us=300.0)
    (pays,) = history(versions_store(tmp_path, (OLD,), plans={OLD: slow})).pays
    assert pays.version is None
    assert "in no version surely faster" in pays.sentence


def test_a_version_whose_float_failed_says_nothing_of_whether_int8_pays(told: History) -> None:
    (pays,) = told.pays
    assert [version.version for version, _ in pays.verdicts] == [OLD, FUSED, INT8, AGAIN]


def test_a_store_of_one_version_has_points_without_steps(tmp_path: Path) -> None:
    found = history(versions_store(tmp_path, (INT8,)))
    assert [point.step for series in found.series for point in series.points] == [None] * 3
    assert found.best is not None
    assert found.best.runner_up is None
    assert "no other version has a time" in found.sentence


def test_two_builds_of_one_version_are_two_points(tmp_path: Path) -> None:
    plans = {f"{NEWEST}-1": PLANS[INT8], f"{NEWEST}-2": PLANS[NEWEST]}
    builds = dict.fromkeys(plans, NEWEST)
    found = history(versions_store(tmp_path, tuple(plans), plans=plans, builds=builds))
    points = series_of(found, FLOAT).points
    assert [point.version.version for point in points] == [NEWEST, NEWEST]
    assert len({point.version.label for point in points}) == 2
    assert points[1].step is not None
    assert points[1].step.is_change_point


def test_imported_cells_stand_in_no_series(tmp_path: Path) -> None:
    index = versions_store(tmp_path, (OLD, INT8)).index()
    cells = [
        replace(cell, origin="published" if cell.runtime == OLD else cell.origin)
        for cell in queries.cells(index)
    ]
    (found,) = histories(index, cells)
    assert [version.version for version in found.versions] == [INT8]


def test_an_interval_needs_two_blocks_and_holds_the_mean() -> None:
    assert interval_ms([1.0]) == (None, None)
    low, high = interval_ms([1.0, 1.1, 0.9, 1.0])
    assert low is not None
    assert high is not None
    assert low < (1.0 * 1.1 * 0.9) ** 0.25 < high


def noisy_steps(seed: int, moves: Sequence[float], series: int = 1) -> Iterator[list[Estimate]]:
    """The steps of series whose versions are in the same six blocks; moves are log-ratios."""
    random = np.random.default_rng(seed)
    for _ in range(series):
        times = [list(np.exp(random.normal(move, 0.03, 6))) for move in moves]
        yield [paired_estimate(a, b) for a, b in pairwise(times)]


def test_among_many_steps_of_no_change_hardly_any_series_has_a_change_point() -> None:
    """Tested by themselves, ten steps would put one into every third or fourth series."""
    found = list(noisy_steps(5, [0.0] * 11, series=300))
    decided = {Verdict.FASTER, Verdict.SLOWER}
    alone = sum(any(step.verdict in decided for step in steps) for steps in found)
    together = sum(any(holding(steps)) for steps in found)
    assert alone / 300 > 0.15
    assert together / 300 < 0.08


def test_holm_keeps_a_step_that_is_large() -> None:
    (steps,) = noisy_steps(7, [0.0] * 4 + [0.5] * 7)
    assert [at for at, held in enumerate(holding(steps)) if held] == [3]


def test_holm_tests_a_smaller_effect_more_strictly_where_there_are_more_tests() -> None:
    """t = 2.7 with 11 degrees of freedom: p = 0.021, under 5 % and over 5 %/10."""
    base = [1.0] * 12
    spread = [0.05, -0.05] * 6
    moved = [float(np.exp(0.0407 + s)) for s in spread]
    close = paired_estimate(base, moved)
    assert close.verdict is Verdict.SLOWER
    none = paired_estimate(base, [float(np.exp(s)) for s in spread])
    assert holding([close]) == (True,)
    assert holding([close, *[none] * 9])[0] is False


def test_a_version_that_failed_in_its_latest_run_failed(tmp_path: Path) -> None:
    versions_store(tmp_path, (OLD, FUSED))
    failed = {(FUSED, "tiny", FLOAT): CRASH}
    found = history(versions_store(tmp_path, (OLD, FUSED), failed=failed, day=1))
    series = series_of(found, FLOAT)
    assert [point.failure for point in series.points] == [None, CRASH]
    assert series.best is not None
    assert series.best.point.version.version == OLD


def in_two_runs(tmp_path: Path, first: tuple[str, ...], second: tuple[str, ...]) -> Store:
    """Versions of which only those of one run share blocks."""
    versions_store(tmp_path, first)
    return versions_store(tmp_path, second, day=1)


def test_a_step_between_runs_is_told_as_unpaired_and_is_no_change_point(tmp_path: Path) -> None:
    """OLD to FUSED is as large as any, but a drift between the days may have made it."""
    found = history(in_two_runs(tmp_path, (OLD,), (FUSED, INT8)))
    series = series_of(found, QUANTIZED)
    apart, paired = series.points[1].step, series.points[2].step
    assert apart is not None
    assert (apart.estimate.verdict, apart.estimate.paired) == (Verdict.FASTER, False)
    assert not apart.is_change_point
    assert paired is not None
    assert paired.is_change_point
    assert f"so unpaired: {FUSED}." in series.sentence


def test_int8_does_not_pay_where_it_and_float_never_shared_a_block(tmp_path: Path) -> None:
    versions_store(tmp_path, (INT8,), arms=(DEFAULT,))
    (pays,) = history(versions_store(tmp_path, (INT8,), arms=(QUANTIZED,), day=1)).pays
    assert pays.version is None
    assert [version.version for version in pays.unsettled] == [INT8]
    assert f"not settled: {INT8} (1." in pays.sentence
    assert "as fast, unpaired)" in pays.sentence


def test_holm_takes_no_unpaired_estimate_for_a_test() -> None:
    (steps,) = noisy_steps(7, [0.0] * 4 + [0.5] * 7)
    assert holding([replace(step, paired=False) for step in steps]) == (False,) * len(steps)


def test_where_it_is_not_settled_int8_is_not_said_not_to_pay(tmp_path: Path) -> None:
    versions_store(tmp_path, (INT8, NEWEST))
    (pays,) = history(versions_store(tmp_path, (AGAIN,), noise=250.0, day=1)).pays
    verdicts = {version.version: one.verdict for version, one in pays.verdicts}
    assert verdicts[AGAIN] is Verdict.INCONCLUSIVE
    assert pays.version is not None
    assert pays.version.version == INT8
    assert pays.lapses == ()
    assert [version.version for version in pays.unsettled] == [AGAIN]
    assert f"first pays with {INT8}" in pays.sentence
    assert "but not with" not in pays.sentence
    assert f"not settled: {AGAIN} (" in pays.sentence


def test_the_variant_of_the_newest_version_is_followed_and_the_others_are_told(
    tmp_path: Path,
) -> None:
    failed = {(FUSED, "tiny", QUANTIZED): CRASH}
    index = versions_store(tmp_path, (OLD, FUSED, INT8, AGAIN), failed=failed).index()
    newest = (INT8, AGAIN)
    cells = [
        replace(cell, variant_id="by another NNCF")
        if cell.arm == QUANTIZED and cell.runtime == AGAIN
        else cell
        for cell in queries.cells(index)
    ]
    (found,) = histories(index, cells)
    series = series_of(found, QUANTIZED)
    assert series.variant_id == "by another NNCF"
    assert [point.version.version for point in series.points] == [newest[1]]
    assert [(one.version.version, one.failure) for one in series.others] == [
        (OLD, None),
        (FUSED, CRASH),
        (INT8, None),
    ]
    assert f"ran with {OLD}; {FUSED} (failed: {CRASH}); {INT8}." in series.sentence


def test_the_best_arm_of_a_version_is_that_of_its_pairs_and_not_of_single_times(
    tmp_path: Path,
) -> None:
    """On the second day float alone was measured, at a pace that makes it look faster."""
    versions_store(tmp_path, (INT8, AGAIN))
    scale = {INT8: 0.3, AGAIN: 0.3}
    quick = versions_store(tmp_path, (INT8, AGAIN), arms=(DEFAULT,), scale=scale, day=1)
    found = history(quick)
    assert found.best is not None
    floats, quantised = series_of(found, DEFAULT).points[1], series_of(found, QUANTIZED).points[1]
    assert floats.median_ms is not None
    assert quantised.median_ms is not None
    assert floats.median_ms < quantised.median_ms, "the single times say otherwise"
    assert found.best.point.cell.arm == QUANTIZED
    both = (found.best.point, *found.best.ties)
    assert {point.version.version for point in both} == {INT8, AGAIN}
    assert {point.cell.arm for point in both} == {QUANTIZED}
