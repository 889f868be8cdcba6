"""One model on many devices: order, intervals, gains by instruction set, and the answer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import fmean, stdev

import pyarrow as pa
import pytest

from results import device_queries, queries
from results.comparison import Verdict
from results.device_words import basis_sentence, devices_headline
from results.devices import (
    CellTime,
    DevicePeaks,
    DeviceRow,
    Known,
    Lead,
    TimedArm,
    device_rows,
    fastest,
    share_of_peak,
)
from results.facts import Fact, Launch, Machine
from results.isa import Isa
from results.isa_gains import UNKNOWN_ISA, isa_gains
from results.overview import ArmTime, OverviewRow, overview
from results.published import PublishedSpeedup
from results.stats import t_quantile
from results.store import Index, Store
from results.versus import versus
from tests.page.stores import altered_store, disturbed
from tests.planted import ARMS, cell_id_of, planted_store
from tests.planted_fleet import CPUS, planted_fleet
from tests.planted_peaks import planted_peaks

DEVICES = 14


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    opened = planted_fleet(tmp_path_factory.mktemp("fleet"), DEVICES).index()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def rows(index: Index) -> tuple[DeviceRow, ...]:
    return _rows(index)


def _rows(index: Index, arm: str = "") -> tuple[DeviceRow, ...]:
    found = overview(index)
    return device_rows(found, ARMS[0], arm, _known(index, found))


def _known(index: Index, found: tuple[OverviewRow, ...]) -> Known:
    device_ids = [row.device_id for row in found]
    cell_ids = [cell.cell_id for row in found for cell in row.cells]
    return Known(
        facts=device_queries.facts_of(index, device_ids),
        times=device_queries.times_of(index, cell_ids),
        peaks=device_queries.peaks_of(index, device_ids),
        certified={},
        operations=device_queries.operations_of(index, found[0].model_id),
    )


def _arms(index: Index) -> list[ArmTime]:
    return [arm for row in overview(index) for arm in row.arms]


def test_the_lowest_int8_time_comes_first_and_a_device_without_one_last(
    rows: tuple[DeviceRow, ...],
) -> None:
    assert len(rows) == DEVICES
    times = [row.int8.time.time_ms for row in rows if row.int8]
    assert times == sorted(times)
    assert rows[-1].int8 is None
    assert rows[-1].has_failed
    assert rows[-1].reason == "planted failure"
    assert rows[-1] in fastest(rows), "its float arm has a time"


def test_every_time_is_that_of_the_overview(index: Index) -> None:
    arms = [arm for arm in _arms(index) if arm.median_ms is not None]
    found = device_queries.times_of(index, [arm.cell.cell_id for arm in arms])
    assert {arm.cell.cell_id: pytest.approx(arm.median_ms) for arm in arms} == {
        cell_id: time.time_ms for cell_id, time in found.items()
    }


@pytest.mark.parametrize("runs", [1, 3])
def test_of_a_block_that_was_measured_again_the_clean_attempt_of_the_newest_run_counts(
    tmp_path: Path, runs: int
) -> None:
    disturb = disturbed()

    def slow_when_dirty(fact: Fact) -> Iterator[Fact]:
        for one in disturb(fact):
            dirty = isinstance(one, Launch) and one.block == 1 and one.attempt == 0
            yield replace(one, p50_ms=99.0) if dirty and isinstance(one, Launch) else one

    plant = partial(planted_store, runs=runs)
    index = altered_store(tmp_path, slow_when_dirty, plant).index()
    arms = _arms(index)
    found = device_queries.times_of(index, [arm.cell.cell_id for arm in arms])
    for arm in arms:
        time = found[arm.cell.cell_id]
        assert (time.run_id, time.launches) == (arm.run_id, arm.launches)
        assert time.time_ms == pytest.approx(arm.median_ms)


def test_the_interval_of_a_time_is_that_of_the_logarithms_of_its_launches(tmp_path: Path) -> None:
    index = planted_store(tmp_path).index()
    cell_id = cell_id_of()
    logs = [
        math.log(launch.headline_ms)
        for launch in queries.launches(index, cell_ids=[cell_id])
        if launch.kind == "timing" and launch.headline_ms
    ]
    half = t_quantile(len(logs) - 1) * stdev(logs) / math.sqrt(len(logs))
    found = device_queries.times_of(index, [cell_id])[cell_id].bounds_ms
    assert found is not None
    assert found[0] == pytest.approx(math.exp(fmean(logs) - half))
    assert found[1] == pytest.approx(math.exp(fmean(logs) + half))


def test_one_launch_has_no_interval() -> None:
    assert CellTime("c", "r", 1, 0.0, None, None).bounds_ms is None


@pytest.mark.parametrize(
    ("hint", "precision"),
    [
        ("<Type: 'bfloat16'>", "bf16"), ("<Type: 'float32'>", "f32"), ("f32", "f32"),
        ("f16", "f16"), (None, None), ("undefined", None),
    ],
)  # fmt: skip
def test_what_a_cell_ran_in_is_read_from_what_it_reported(
    hint: str | None, precision: str | None
) -> None:
    assert CellTime("c", "r", 5, 0.0, 0.1, hint).precision == precision


def test_a_capped_device_says_so_and_stands_with_the_instruction_set_of_its_cap(
    rows: tuple[DeviceRow, ...],
) -> None:
    (capped,) = [row for row in rows if row.facts.isa_cap and row.facts.cpu == CPUS[3].title]
    assert capped.label == f"{CPUS[3].title}, capped to AVX2"
    assert capped.facts.isa is Isa.AVX2
    gains = {gain.isa: gain for gain in isa_gains(rows, {})}
    assert (gains[Isa.AVX2].devices, gains[Isa.AVX2].capped) == (5, 1)
    assert gains[Isa.AVX2_VNNI].capped == 0


def test_devices_of_one_title_are_told_apart_by_their_hosts(rows: tuple[DeviceRow, ...]) -> None:
    labels = [row.label for row in rows]
    assert len(set(labels)) == DEVICES
    assert f"{CPUS[0].title} (host-000-host)" in labels


def test_gains_are_counted_for_each_instruction_set_beside_its_ceiling(
    rows: tuple[DeviceRow, ...],
) -> None:
    gains = isa_gains(rows, {})
    assert [gain.isa for gain in gains] == list(Isa)
    (avx512,) = [gain for gain in gains if gain.isa is Isa.AVX512]
    assert avx512.middle == pytest.approx(1 / 0.95, rel=0.01)
    assert [one.words for one in avx512.ceilings] == ["1.33x over f32"]
    (avx2,) = [gain for gain in gains if gain.isa is Isa.AVX2]
    assert avx2.counted(Verdict.SLOWER) == 2
    assert avx2.counted(Verdict.EQUIVALENT) == 2
    assert avx2.speedups == tuple(sorted(avx2.speedups, reverse=True))


def test_an_instruction_set_that_only_others_published_for_is_there(
    rows: tuple[DeviceRow, ...],
) -> None:
    theirs = PublishedSpeedup(Isa.AMX, "fp32@f32", 3.0, 2.0, 4.0, 2, 0, ("2024.1",), ("a list",))
    plain = [row for row in rows if row.facts.isa is Isa.SSE42]
    gains = isa_gains(plain, {Isa.AMX: theirs})
    assert [(gain.isa, gain.devices, gain.published) for gain in gains] == [
        (Isa.SSE42, 2, None), (Isa.AMX, 0, theirs),
    ]  # fmt: skip
    assert gains[1].middle is None


def test_a_device_whose_flags_nobody_knows_has_no_ceiling(tmp_path: Path) -> None:
    def flagless(fact: Fact) -> Iterator[Fact]:
        yield replace(fact, isa_flags=()) if isinstance(fact, Machine) else fact

    found = _rows(altered_store(tmp_path, flagless).index())
    (gain,) = isa_gains(found, {})
    assert (gain.name, gain.ceilings, gain.devices) == (UNKNOWN_ISA, (), 1)


def test_the_answer_names_the_fastest_by_how_much_and_counts_gains(
    index: Index, rows: tuple[DeviceRow, ...]
) -> None:
    head = devices_headline("Alpha", rows, _lead(index, rows))
    first = "Alpha is fastest on Intel Xeon Platinum 8488C (host-000-host), "
    assert head.sentence.startswith(first)
    rest = "; INT8 gains on 9 of 13 devices, loses on 2, makes no difference on 2."
    assert head.sentence.endswith(rest)
    assert [figure.label for figure in head.figures] == [
        "Fastest", "Over the next", "INT8 gains", "INT8 loses",
    ]  # fmt: skip
    assert "unpaired, 5 launches" in head.figures[1].note
    assert head.figures[2].note == "13 of 14 devices judged"


def test_two_devices_that_are_not_told_apart_are_both_named_and_none_is_fastest(
    index: Index, rows: tuple[DeviceRow, ...]
) -> None:
    lead = _lead(index, rows)
    assert lead.estimate
    open_lead = replace(lead, estimate=replace(lead.estimate, verdict=Verdict.INCONCLUSIVE))
    said = devices_headline("Alpha", rows, open_lead).sentence
    assert said.startswith(
        "Alpha has its lowest times on Intel Xeon Platinum 8488C (host-000-host) and "
    )
    assert ", not told apart; " in said
    assert "is fastest" not in said


def _lead(index: Index, rows: tuple[DeviceRow, ...]) -> Lead:
    first, other = fastest(rows)[:2]
    assert first.best
    assert other.best
    return Lead(first, other, versus(index, other.best.cell, first.best.cell))


def test_one_device_is_the_only_one_and_no_device_is_no_answer(
    rows: tuple[DeviceRow, ...],
) -> None:
    assert "the only device that has a time; INT8 gains on it" in (
        devices_headline("Alpha", rows[:1], None).sentence
    )
    assert devices_headline("Alpha", (), None).figures == ()


def test_two_machines_are_unpaired_and_two_cells_of_one_block_are_paired(
    index: Index, rows: tuple[DeviceRow, ...]
) -> None:
    apart = _lead(index, rows)
    assert apart.estimate
    assert not apart.estimate.paired
    assert basis_sentence(apart).startswith("Unpaired: unlike machines never share a block")
    own = rows[0]
    assert own.int8
    assert own.floating
    together = versus(index, own.floating.cell, own.int8.cell)
    assert own.verdict
    assert together == own.verdict.estimate
    assert basis_sentence(Lead(own, own, together)).startswith("Paired")


def test_a_chosen_arm_that_was_not_measured_has_no_verdict_and_says_so(index: Index) -> None:
    (row, *_) = _rows(index, "int8-full@default")
    assert row.verdict is None
    assert row.int8 is None
    assert row.reason == "no pair of fp32@f32 and int8-full@default was measured"


def test_measured_peaks_stand_with_their_device_alone(tmp_path: Path) -> None:
    index = planted_store(tmp_path).index()
    device_id = overview(index)[0].device_id
    planted_store(tmp_path, name="other")
    store = planted_peaks(tmp_path, device_id)
    found = device_queries.peaks_of(store.index(), [device_id, "another"])
    assert list(found) == [device_id]
    peaks = found[device_id]
    assert (peaks.int8_gflops, peaks.f32_gflops, peaks.memory_gbs) == (400.0, 100.0, 10.0)
    assert peaks.whole_device


def test_the_newest_run_of_peaks_counts(tmp_path: Path) -> None:
    device_id = overview(planted_store(tmp_path).index())[0].device_id
    older = planted_peaks(tmp_path, device_id, day=20).runs[0].path.name
    store = planted_peaks(tmp_path, device_id, day=25)
    assert device_queries.peaks_of(store.index(), [device_id])[device_id].run_id > older


def test_the_share_of_the_peak_is_operations_over_time_over_peak(tmp_path: Path) -> None:
    (row,) = _rows(planted_store(tmp_path).index())
    assert row.int8
    peaks = DevicePeaks("d", "r", "2026", whole_device=True, int8_gflops=400.0, f32_gflops=None,
                        memory_gbs=None)  # fmt: skip
    arm = TimedArm(row.int8.cell, replace(row.int8.time, log_mean=math.log(2.0)))
    assert share_of_peak(arm, peaks, 8e6) == pytest.approx(8e6 / 2e-3 / 400e9)
    batched = replace(arm, cell=replace(arm.cell, batch=4))
    assert share_of_peak(batched, peaks, 8e6) == pytest.approx(4 * 8e6 / 2e-3 / 400e9)
    item = replace(batched, cell=replace(batched.cell, scenario="throughput"))
    assert share_of_peak(item, peaks, 8e6) == pytest.approx(8e6 / 2e-3 / 400e9)
    pinned = replace(arm, cell=replace(arm.cell, threads=1))
    for unknown in (
        share_of_peak(pinned, peaks, 8e6),
        share_of_peak(arm, replace(peaks, whole_device=False), 8e6),
        share_of_peak(arm, replace(peaks, int8_gflops=None), 8e6),
        share_of_peak(arm, None, 8e6),
        share_of_peak(arm, peaks, None),
    ):
        assert unknown is None


def test_as_many_queries_for_many_devices_as_for_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    fetch = Index.fetch

    def counting(index: Index, sql: str, params: Mapping[str, object] | None = None) -> pa.Table:
        asked.append(sql)
        return fetch(index, sql, params)

    few = planted_fleet(tmp_path / "few", 2).index()
    many = planted_fleet(tmp_path / "many", 6).index()
    found_few, found_many = overview(few), overview(many)
    monkeypatch.setattr(Index, "fetch", counting)
    _known(few, found_few)
    of_few = len(asked)
    _known(many, found_many)
    assert len(asked) == 2 * of_few


def test_an_empty_store_has_no_facts(tmp_path: Path) -> None:
    index = Store(tmp_path).index()
    assert device_queries.facts_of(index, ["a"]) == {}
    assert device_queries.times_of(index, []) == {}
    assert device_queries.peaks_of(index, ["a"]) == {}
    assert device_queries.operations_of(index, "a") is None
