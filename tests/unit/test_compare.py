"""The comparator: which launches it uses, what it withholds, and the planted store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.compare import ComparisonInputs, build_comparison, compare_cells
from results.comparison import CellView, Comparison, GroupClass, Verdict
from results.errors import MeasurementError, UsageError
from results.facts import Caution
from results.nodes import Side
from results.overview import build_overview, overview
from results.precision import precision_caution
from results.store import Index
from results.views import LaunchView
from tests.planted import (
    ARMS,
    FLOAT_MS,
    THROUGHPUT,
    UNATTRIBUTED_US,
    cell_id_of,
    planted_store,
)
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, launch, node, ops, reorder, side

SOURCE = ops(("conv1", "Convolution"), ("conv2", "Convolution"))
FLOAT_SIDE = side((node(1, "conv1", 1000.0), node(2, "conv2", 900.0)))
INT8_SIDE = side(
    (
        node(1, "conv1", 500.0, precision="u8"),
        reorder(2, 50.0, reads=(1,)),
        node(3, "conv2", 400.0, precision="u8", reads=(2,)),
    )
)


def blocks(cell: CellView, *medians_ms: float, run: str = "run") -> tuple[LaunchView, ...]:
    """One good launch per block."""
    return tuple(launch(cell, at, median, run=run) for at, median in enumerate(medians_ms))


BOTH = blocks(FLOAT_CELL, 2.0, 2.02, 1.98, 2.0, 2.0) + blocks(INT8_CELL, 1.0, 1.01, 0.99, 1.0, 1.0)


def compare(
    launches: Sequence[LaunchView] = BOTH,
    a: CellView = FLOAT_CELL,
    b: CellView = INT8_CELL,
    *,
    sides: tuple[Side, Side] = (FLOAT_SIDE, INT8_SIDE),
    runs: tuple[str, str] = ("run", "run"),
    cautions: Sequence[Caution] = (),
) -> Comparison:
    """A comparison from facts in memory."""
    return build_comparison(
        ComparisonInputs(
            a, b, runs[0], runs[1], tuple(launches), sides[0], sides[1], SOURCE, tuple(cautions)
        )
    )


HALF_SIDE = side((node(1, "conv1", 2700.0, precision="bf16"), node(2, "conv2", 900.0)))


def precisions_told(comparison: Comparison) -> list[str]:
    """What the precision cautions say."""
    found = [c for c in comparison.cautions if c.caution_id == "precision_not_as_asked"]
    return [caution.message.partition(": ")[2] for caution in found]


def ids(comparison: Comparison) -> set[str]:
    """Ids of the cautions."""
    return {caution.caution_id for caution in comparison.cautions}


def test_a_comparison_by_hand() -> None:
    """2 ms -> 1 ms; -500 -500 +50 in layers, so -50 is unattributed."""
    found = compare()
    assert found.estimate.verdict is Verdict.FASTER
    assert found.estimate.ratio == pytest.approx(0.5)
    assert found.attribution is not None
    assert dict(found.attribution.parts) == {
        GroupClass.INT8_FASTER: -1000.0, GroupClass.INSERTED: 50.0,
    }  # fmt: skip
    assert found.attribution.unattributed_us == pytest.approx(-50.0, abs=0.1)
    assert [cause.cause_id for cause in found.causes] == ["inserted_reorders"]
    assert (found.cautions, found.run_ids) == ((), ("run",))
    assert found.sentence.startswith("INT8 (int8-simplified@default) is 2.00x as fast as fp32@f32")


def test_only_common_blocks_are_paired() -> None:
    odd = (launch(FLOAT_CELL, 7, 50.0), launch(INT8_CELL, 8, 0.01))
    assert compare(BOTH + odd).estimate == compare().estimate


def test_failed_launches_are_left_out_and_told() -> None:
    failed = (launch(INT8_CELL, 5, None, error="killed"), launch(FLOAT_CELL, 5, 99.0))
    found = compare(BOTH + failed)
    assert found.estimate == compare().estimate
    assert ids(found) == {"failed_launches"}
    assert "1 of 6 launches of int8-simplified@default, killed" in found.cautions[0].message


def test_a_dirty_block_is_replaced_by_its_clean_repetition() -> None:
    again = (
        launch(FLOAT_CELL, 4, 2.0, attempt=1), launch(INT8_CELL, 4, 1.0, attempt=1),
        launch(FLOAT_CELL, 4, 2.0, attempt=2), launch(INT8_CELL, 4, 55.0, attempt=2),
    )  # fmt: skip
    dirty = [
        Caution("run", "interference_steal", "launch", f"run-cell-q-4-{attempt}", "9 %")
        for attempt in (0, 2)
    ]
    spoilt = [launch(INT8_CELL, 4, 77.0) if row == BOTH[-1] else row for row in BOTH]
    found = compare([*spoilt, *again], cautions=dirty)
    assert found.estimate.ratio == pytest.approx(0.5)
    assert found.cautions == ()


def test_a_block_that_stays_dirty_is_used_with_its_caution() -> None:
    dirty = [
        Caution("run", "interference_load", "launch", launch_id, "31 %")
        for launch_id in ("run-cell-q-0-0", "run-cell-f-1-0", "of-another-cell")
    ]
    found = compare(cautions=dirty)
    assert found.estimate.blocks == 5
    assert [caution.message for caution in found.cautions] == [
        "other processes used the CPU while it was measured: 31 %, in 2 of 10 launches"
    ]


def test_cells_of_different_runs_are_unpaired() -> None:
    other = blocks(INT8_CELL, 1.0, 1.1, 0.9, run="later")
    found = compare(BOTH[:5] + other, runs=("run", "later"))
    assert not found.estimate.paired
    assert (found.estimate.blocks, found.run_ids) == (3, ("run", "later"))
    assert ids(found) == {"unpaired", "few_blocks"}


def test_without_a_profile_there_is_no_story() -> None:
    found = compare(sides=(FLOAT_SIDE, Side((), ())))
    assert (found.attribution, found.coverage, found.groups) == (None, None, ())
    assert [caution.caution_id for caution in found.cautions] == ["no_profile"]


def test_different_models_compare_times_only() -> None:
    found = compare(b=replace(INT8_CELL, model_id="m2", model="other"))
    assert (found.attribution, found.groups, found.causes) == (None, (), ())
    assert ids(found) == {"different_model", "more_than_one_axis"}


def test_axes_that_differ() -> None:
    assert ids(compare(b=replace(INT8_CELL, batch=4))) == {"different_batch", "more_than_one_axis"}
    alone = replace(FLOAT_CELL, cell_id="cell-q", runtime_id="r2", runtime="2022.3")
    assert ids(compare(a=FLOAT_CELL, b=alone)) == set()
    both = replace(INT8_CELL, device_id="d2", device="B")
    assert ids(compare(b=both)) == {"different_device", "more_than_one_axis"}


def test_special_devices_and_models_are_told() -> None:
    a = replace(FLOAT_CELL, isa_cap="AVX2", model_note="synthetic weights: speed only")
    b = replace(INT8_CELL, isa_cap="AVX2", model_note="synthetic weights: speed only")
    assert [caution.caution_id for caution in compare(a=a, b=b).cautions] == [
        "capped_device", "synthetic_weights",
    ]  # fmt: skip


def test_a_precision_that_was_not_asked_for_is_told() -> None:
    found = compare(sides=(HALF_SIDE, FLOAT_SIDE))
    assert precisions_told(found) == [
        "1 of 2 layers of fp32@f32 ran in bf16, 75 % of the time",
        "no layer of int8-simplified@default ran in INT8 (f32 100 %)",
    ]


def test_the_executed_precision_is_told_without_an_alignment_too() -> None:
    found = compare(b=replace(INT8_CELL, model_id="m2"), sides=(HALF_SIDE, INT8_SIDE))
    assert len(precisions_told(found)) == 1
    assert [(s.precision, s.layers) for s in found.baseline_precisions] == [("bf16", 1), ("f32", 1)]


def test_a_stored_precision_caution_is_not_told_again() -> None:
    told = precision_caution("fp32@f32", "f32", "fp32", HALF_SIDE.nodes)
    assert told is not None
    stored = [Caution("run", told[0], "cell", FLOAT_CELL.cell_id, told[1])]
    assert precisions_told(compare(sides=(HALF_SIDE, INT8_SIDE), cautions=stored)) == [told[1]]
    unprofiled = compare(sides=(Side((), ()), INT8_SIDE), cautions=stored)
    assert precisions_told(unprofiled) == [told[1]]
    older = [replace(stored[0], detail="in other words")]
    assert precisions_told(compare(sides=(HALF_SIDE, INT8_SIDE), cautions=older)) == [told[1]]


def test_stored_cautions_of_both_cells_are_told_one_by_one_with_their_arms() -> None:
    stored = [
        Caution("run", "isa_cap_ignored", "cell", cell.cell_id, kernel)
        for cell, kernel in ((FLOAT_CELL, "jit_amx"), (INT8_CELL, "jit_avx512"))
    ]
    found = [c for c in compare(cautions=stored).cautions if c.caution_id == "isa_cap_ignored"]
    assert [c.subject for c in found] == ["fp32@f32", "int8-simplified@default"]
    assert [c.message.rpartition(" ")[2] for c in found] == ["jit_amx", "jit_avx512"]


def test_the_layers_of_a_throughput_cell_close_to_the_time_per_item() -> None:
    """4 streams of batch 2: a layer of 4000 us in one inference is 500 us of an item."""
    a, b = (replace(cell, scenario="throughput", batch=2, streams=None)
            for cell in (FLOAT_CELL, INT8_CELL))  # fmt: skip
    timed = [
        replace(row, properties='{"NUM_STREAMS": 4}', requests=8)
        for row in (*blocks(a, 1.0, 1.0), *blocks(b, 0.6, 0.6))
    ]
    sides = side((node(1, "conv1", 4000.0),)), side((node(1, "conv1", 2400.0, precision="u8"),))
    found = compare(timed, a, b, sides=sides)
    assert found.attribution is not None
    assert dict(found.attribution.parts) == {GroupClass.INT8_FASTER: pytest.approx(-200.0)}
    assert found.groups[0].baseline_us == pytest.approx(500.0)
    starved = [replace(row, requests=1) for row in timed]
    assert compare(starved, a, b, sides=sides).groups[0].baseline_us == pytest.approx(2000.0)
    unknown = [replace(row, properties="no JSON", requests=None) for row in timed]
    assert compare(unknown, a, b, sides=sides).groups[0].baseline_us == pytest.approx(2000.0)


def test_streams_of_a_latency_cell_do_not_divide_its_layers() -> None:
    timed = [replace(row, properties='{"NUM_STREAMS": 4}') for row in BOTH]
    assert compare(timed).groups == compare().groups


def test_a_launch_that_only_starts_a_cell_up_is_neither_timing_nor_profile() -> None:
    extra = tuple(
        replace(launch(cell, None, 77.0, error=error), kind="startup")
        for cell in (FLOAT_CELL, INT8_CELL)
        for error in (None, "no cache")
    )
    assert compare(BOTH + extra) == compare()
    rows = build_overview((FLOAT_CELL, INT8_CELL), BOTH + extra, ())
    assert rows == build_overview((FLOAT_CELL, INT8_CELL), BOTH, ())


def test_a_planted_throughput_store_closes_to_the_time_per_item(tmp_path: Path) -> None:
    index = planted_store(tmp_path, drive=THROUGHPUT, startup_launches=1).index()
    a, b = (
        next(c for c in queries.cells(index) if c.cell_id == cell_id_of(arm=arm, drive=THROUGHPUT))
        for arm in ARMS[::2]
    )
    found = compare_cells(index, a, b)
    assert found.estimate.ratio == pytest.approx(0.55, rel=0.02)
    assert found.estimate.baseline_ms == pytest.approx(FLOAT_MS, rel=0.01)
    assert found.attribution is not None
    assert abs(found.attribution.unattributed_us) < 0.01 * 1000 * FLOAT_MS + UNATTRIBUTED_US / 10
    assert {c.caution_id for c in found.cautions} == {"synthetic_weights"}


def test_a_store_without_turns_compares_as_one_with_turns(tmp_path: Path) -> None:
    estimates = []
    for turns in (0, 20):
        index = planted_store(tmp_path / str(turns), turns=turns).index()
        a, b = (cell(index, "tiny", arm) for arm in ARMS[::2])
        estimates.append(compare_cells(index, a, b).estimate)
    assert estimates[0].ratio == pytest.approx(estimates[1].ratio, rel=1e-6)


def test_rows_of_the_overview_tell_scenarios_apart() -> None:
    other = [replace(c, cell_id=f"{c.cell_id}-4", requests=4) for c in (FLOAT_CELL, INT8_CELL)]
    launches = BOTH + blocks(other[0], 3.0, 3.0) + blocks(other[1], 1.0, 1.0)
    rows = build_overview((FLOAT_CELL, INT8_CELL, *other), launches, ())
    assert [row.requests for row in rows] == [None, 4]
    assert rows[1].scenario_title == "latency, batch 1, 4 requests"


def test_a_verdict_carries_what_lowers_trust_in_it() -> None:
    stored = [
        Caution("run", "precision_not_as_asked", "cell", "cell-q", "no layer"),
        Caution("run", "isa_cap_ignored", "cell", "cell-f", "jit_amx"),
        Caution("run", "stayed_dirty", "run", "run", "block 3"),
        Caution("run", "interference_load", "launch", "run-cell-q-1-0", "31 %"),
        # None of these: another launch, another run, nothing about the verdict.
        Caution("run", "throttled", "launch", "run-cell-q-9-0", "5 us"),
        Caution("before", "stayed_dirty", "cell", "cell-q", "block 1"),
        Caution("run", "hypervisor", "machine", "machine", "present"),
        Caution("run", "nothing_quantised", "cell", "cell-q", "net"),
    ]
    (row,) = build_overview((FLOAT_CELL, INT8_CELL), BOTH, stored)
    (verdict,) = row.verdicts
    assert [(c.caution_id, c.subject) for c in verdict.cautions] == [
        ("precision_not_as_asked", "int8-simplified@default"), ("isa_cap_ignored", "fp32@f32"),
        ("stayed_dirty", "run"), ("interference_load", "launch"),
    ]  # fmt: skip
    assert verdict.cautions[3].message.endswith("31 %, in 1 of 10 launches")


def test_a_block_that_was_clean_in_the_end_leaves_no_mark() -> None:
    again = (launch(FLOAT_CELL, 4, 2.0, attempt=1), launch(INT8_CELL, 4, 1.0, attempt=1))
    dirty = [Caution("run", "interference_steal", "launch", "run-cell-q-4-0", "9 %")]
    (row,) = build_overview((FLOAT_CELL, INT8_CELL), BOTH + again, dirty)
    assert row.verdicts[0].cautions == ()


def test_layers_are_withheld_where_they_explain_less_than_they_leave() -> None:
    tiny = side((node(1, "conv1", 1.0),))
    found = compare(sides=(tiny, side((node(1, "conv1", 1500.0),))))
    assert found.attribution is not None
    assert found.attribution.withheld
    assert "layers_withheld" in ids(found)
    assert "Of " not in found.sentence


def test_a_cell_without_a_good_launch_is_an_error_that_says_why() -> None:
    failed = (launch(INT8_CELL, 0, None, error="out of memory"),)
    with pytest.raises(MeasurementError, match="no good timing launch: out of memory"):
        compare(BOTH[:5] + failed)
    with pytest.raises(MeasurementError, match="never timed"):
        compare(BOTH[:5])


@pytest.fixture
def planted(tmp_path: Path) -> Index:
    """Two models, two runs, INT8 at 0.55 and 1.30 of float."""
    return planted_store(tmp_path, models=("one", "two"), runs=2).index()


def cell(index: Index, model: str, arm: str) -> CellView:
    """A planted cell."""
    wanted = cell_id_of(model, arm)
    return next(found for found in queries.cells(index) if found.cell_id == wanted)


def test_the_planted_store_is_found_as_planted(planted: Index) -> None:
    found = compare_cells(planted, cell(planted, "one", ARMS[0]), cell(planted, "one", ARMS[2]))
    assert found.estimate.verdict is Verdict.FASTER
    assert found.estimate.ratio == pytest.approx(0.55, rel=0.02)
    assert found.estimate.paired
    assert found.coverage is not None
    assert found.coverage.baseline == pytest.approx(1.0)
    assert found.coverage.candidate == pytest.approx(1.0)
    attribution = found.attribution
    assert attribution is not None
    told = sum(us for _, us in attribution.parts) + attribution.unattributed_us
    assert told == pytest.approx(attribution.wall_us)
    # Both sides were planted with the same rest, so it cancels but for the wobble.
    assert abs(attribution.unattributed_us) < 0.01 * 1000 * FLOAT_MS + UNATTRIBUTED_US / 10
    assert [x.layer.name for x in found.inserted] == ["fc_u8_f32_softmax"]
    assert "inserted_reorders" in {cause.cause_id for cause in found.causes}
    slower = compare_cells(planted, cell(planted, "two", ARMS[0]), cell(planted, "two", ARMS[2]))
    assert slower.estimate.verdict is Verdict.SLOWER


def test_the_latest_shared_run_is_taken_and_another_may_be_named(planted: Index) -> None:
    a, b = cell(planted, "one", ARMS[0]), cell(planted, "one", ARMS[2])
    newest, oldest = (run.run_id for run in queries.run_views(planted))
    assert compare_cells(planted, a, b).run_ids == (newest,)
    assert compare_cells(planted, a, b, oldest).run_ids == (oldest,)
    with pytest.raises(MeasurementError):
        compare_cells(planted, a, b, "no-such-run")


def test_a_cell_against_itself_is_refused(planted: Index) -> None:
    one = cell(planted, "one", ARMS[0])
    with pytest.raises(UsageError, match="the same cell"):
        compare_cells(planted, one, one)


def test_a_failed_cell_names_the_stored_reason(tmp_path: Path) -> None:
    index = planted_store(tmp_path, failed_cell=True).index()
    a, b = cell(index, "tiny", ARMS[0]), cell(index, "tiny", ARMS[2])
    with pytest.raises(MeasurementError, match="planted failure"):
        compare_cells(index, a, b)


def test_overview_of_the_planted_store(planted: Index) -> None:
    rows = {row.model: row for row in overview(planted)}
    assert rows["one"].best is not None
    assert rows["one"].best.arm == ARMS[2]
    assert [(v.baseline.arm, v.estimate.verdict) for v in rows["one"].verdicts] == [
        (ARMS[0], Verdict.FASTER), (ARMS[1], Verdict.FASTER),
    ]  # fmt: skip
    best = rows["two"].best
    assert best is not None
    tied = {best.arm, *(arm.arm for arm in rows["two"].ties)}
    assert tied == set(ARMS[:2]), "default runs as fast as f32 there"


def test_overview_of_failures_and_of_nothing() -> None:
    assert build_overview((), (), ()) == ()
    failed = launch(INT8_CELL, 0, None, error="boom")
    (row,) = build_overview((FLOAT_CELL, INT8_CELL), (*BOTH[:5], failed), ())
    assert [(arm.median_ms is None, arm.error) for arm in row.arms] == [
        (False, None), (True, "boom"),
    ]  # fmt: skip
    assert (row.verdicts, row.best) == ((), FLOAT_CELL)


def test_a_failed_launch_with_a_median_is_not_used() -> None:
    killed = (launch(INT8_CELL, 5, 99.0, error="killed"), launch(FLOAT_CELL, 5, 2.0))
    assert compare(BOTH + killed).estimate == compare().estimate


def test_an_unsteady_machine_and_a_profile_at_another_pace_are_told() -> None:
    drifting = tuple(
        launch(cell, block, at_ms * (1.0 if block < 3 else 1.4))
        for cell, at_ms in ((FLOAT_CELL, 2.0), (INT8_CELL, 1.0))
        for block in range(6)
    )
    found = compare(drifting)
    assert [x.caution_id for x in found.cautions].count("unsteady_machine") == 2
    assert "1 to 1.4 ms" in found.cautions[-1].message or "2 to 2.8 ms" in found.cautions[0].message
    slow = replace(launch(FLOAT_CELL, None, 3.0), kind="profile")
    usual = replace(launch(FLOAT_CELL, None, 2.1), kind="profile")
    assert "profile_differs" in ids(compare((*BOTH, slow)))
    assert "profile_differs" not in ids(compare((*BOTH, usual)))
