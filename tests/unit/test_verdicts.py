"""The verdict table names the model, the baseline, a word and a sign, and the interval."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from results.facts import Caution
from results.overview import OverviewRow, build_overview, overview
from results.render import to_text
from results.store import Index, Store
from results.verdicts import overview_json, verdicts_text
from tests.planted import THROUGHPUT, planted_store
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, launch


def test_each_model_is_judged_against_both_baselines(tmp_path: Path) -> None:
    store = planted_store(tmp_path, models=("tiny", "other"))
    with closing(store.index()) as index:
        text = to_text(verdicts_text(overview(index)))
    lines = text.splitlines()
    line = lines[lines.index("tiny") + 1]
    assert "fp32@f32" in line
    assert "▲ faster" in line
    assert "x to " in line
    assert "from 5 blocks" in text
    assert "fp32@default" in lines[lines.index("tiny") + 2]
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_failed_arm_is_a_line_of_its_own(tmp_path: Path) -> None:
    store = planted_store(tmp_path, failed_cell=True)
    with closing(store.index()) as index:
        text = to_text(verdicts_text(overview(index)))
    assert "failed" in text


def test_json_has_the_ratio_and_its_interval(tmp_path: Path) -> None:
    store = planted_store(tmp_path)
    with closing(store.index()) as index:
        body = json.loads(overview_json("some-run", overview(index)))
    assert body["run_id"] == "some-run"
    verdict = body["verdicts"][0]
    assert verdict["ci_low"] < verdict["ratio"] < verdict["ci_high"]
    assert verdict["baseline"] == "fp32@f32"


def test_an_empty_store_has_no_verdicts(tmp_path: Path) -> None:
    with closing(Store(tmp_path).index()) as index:
        assert overview(index) == ()
        assert to_text(verdicts_text(())) == ""


def shown(index: Index) -> str:
    """The table of everything in a store."""
    with closing(index):
        return to_text(verdicts_text(overview(index)))


def test_throughput_is_told_in_inferences_per_second_too(tmp_path: Path) -> None:
    lines = shown(planted_store(tmp_path, drive=THROUGHPUT).index()).splitlines()
    assert lines[0].endswith("throughput, batch 1")
    at = next(at for at, line in enumerate(lines) if "fp32@f32" in line)
    assert lines[at].split()[1:5] == ["500", "/s", "908", "/s"]
    assert lines[at + 1].split() == ["2.00", "ms", "1.10", "ms"]
    assert "below them the time per item" in lines[-2]
    assert all(len(line) <= 80 for line in lines[:-1])


def test_json_of_throughput_has_the_rate_and_how_it_was_driven(tmp_path: Path) -> None:
    planted_store(tmp_path)
    with closing(planted_store(tmp_path, drive=THROUGHPUT).index()) as index:
        body = json.loads(overview_json("run", overview(index)))
    arms = {(arm["scenario"], arm["arm"]): arm for arm in body["arms"]}
    assert arms["latency", "fp32@f32"]["per_second"] is None
    busy = arms["throughput", "fp32@f32"]
    assert busy["per_second"] == 1000.0 / busy["median_ms"]
    assert {verdict["scenario"] for verdict in body["verdicts"]} == {"latency", "throughput"}


def marked(*cautions: Caution) -> tuple[OverviewRow, ...]:
    """One model with these stored cautions."""
    launches = [
        launch(cell, block, ms)
        for cell, ms in ((FLOAT_CELL, 2.0), (INT8_CELL, 1.0))
        for block in range(5)
    ]
    return build_overview((FLOAT_CELL, INT8_CELL), launches, cautions)


def test_a_verdict_of_little_trust_is_marked_and_told_below() -> None:
    rows = marked(Caution("run", "precision_not_as_asked", "cell", "cell-q", "no layer in INT8"))
    lines = to_text(verdicts_text(rows)).splitlines()
    assert next(line for line in lines if "fp32@f32" in line).startswith("! fp32@f32")
    assert lines[-2].startswith("! net: what executed is not the precision that was asked for: no")
    (verdict,) = json.loads(overview_json("run", rows))["verdicts"]
    assert [caution["caution_id"] for caution in verdict["cautions"]] == ["precision_not_as_asked"]


def test_a_verdict_without_a_caution_has_no_mark() -> None:
    rows = marked(Caution("run", "hypervisor", "machine", "machine", "present"))
    assert "!" not in to_text(verdicts_text(rows))
    assert json.loads(overview_json("run", rows))["verdicts"][0]["cautions"] == []


def test_a_float_arm_that_failed_says_why() -> None:
    failed = launch(FLOAT_CELL, 0, None, error="device NPU is not there")
    rows = build_overview((FLOAT_CELL, INT8_CELL), (failed, launch(INT8_CELL, 0, 1.0)), ())
    assert "fp32@f32 failed: device NPU is not there" in to_text(verdicts_text(rows))
    only = build_overview((FLOAT_CELL,), (failed,), ())
    assert "fp32@f32 failed: device NPU is not there" in to_text(verdicts_text(only))


def test_scenarios_of_a_matrix_are_apart(tmp_path: Path) -> None:
    for requests in (2, 4):
        planted_store(tmp_path, drive=replace(THROUGHPUT, requests=requests))
    text = shown(Store(tmp_path).index())
    assert "throughput, batch 1, 2 requests" in text
    assert "throughput, batch 1, 4 requests" in text


def test_of_two_variants_of_one_arm_the_newest_measured_is_judged() -> None:
    """Two recipes, each measured in a run of its own: INT8 at 1.0 ms, then at 1.5 ms."""
    newer = replace(INT8_CELL, cell_id="cell-a", variant_id="v-a")
    timed = (
        (FLOAT_CELL, 2.0, "1"),
        (INT8_CELL, 1.0, "1"),
        (FLOAT_CELL, 2.0, "2"),
        (newer, 1.5, "2"),
    )
    launches = [
        launch(cell, block, ms + 0.001 * block, run=run)
        for cell, ms, run in timed
        for block in (0, 1)
    ]
    for cells in ((FLOAT_CELL, INT8_CELL, newer), (FLOAT_CELL, newer, INT8_CELL)):
        (row,) = build_overview(cells, launches, ())
        assert [arm.cell.cell_id for arm in row.arms] == ["cell-f", "cell-a"]
        assert [verdict.candidate.cell_id for verdict in row.verdicts] == ["cell-a"]
        assert row.best == newer
        assert row.older == (INT8_CELL,)
        assert row.cells == (FLOAT_CELL, newer, INT8_CELL)


def test_a_variant_that_could_not_be_measured_does_not_hide_one_that_was() -> None:
    failing = replace(INT8_CELL, cell_id="cell-a", variant_id="v-a")
    launches = [
        launch(FLOAT_CELL, 0, 2.0, run="1"), launch(INT8_CELL, 0, 1.0, run="1"),
        launch(failing, 0, None, run="2", error="no such operation"),
    ]  # fmt: skip
    (row,) = build_overview((FLOAT_CELL, failing, INT8_CELL), launches, ())
    assert [verdict.candidate for verdict in row.verdicts] == [INT8_CELL]
