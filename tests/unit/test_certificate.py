"""Certificates: the interval, the rule, the words, and where they are shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from results import cli, queries
from results.certificate import (
    CertificateView,
    certified_sentence,
    newest,
    standings,
)
from results.compare import compare_cells
from results.overview import overview
from results.shares import wilson_interval
from tests.planted import ARMS, cell_id_of, planted_certificate, planted_store
from tests.unit.pairs import FLOAT_CELL, INT8_CELL

FOUND = CertificateView(
    run_id="run", started_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC), device_id="d",
    device="A CPU", machine_title="A CPU", runtime_id="r", runtime="2026.4.1", model="net",
    arm="fp32@default", scenario="latency", effort="quick", blocks=5, comparisons=100,
    false_alarms=3, equivalent=90, disturbed=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [
        (0, 10, 0.0, 0.27753279986288926),
        (3, 100, 0.010254524024038925, 0.08451936429052762),
        (8, 100, 0.04109346148438061, 0.14998107700948735),
        (10, 10, 0.7224672001371109, 1.0),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_interval(successes: int, trials: int, low: float, high: float) -> None:
    """scipy.stats.binomtest(k, n).proportion_ci(method="wilson")."""
    found = wilson_interval(successes, trials)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


def test_the_interval_is_where_the_score_test_just_rejects() -> None:
    """The definition: |k/n - p| = z·√(p(1-p)/n) at both ends."""
    found = wilson_interval(7, 60)
    for end in (found.low, found.high):
        assert abs(7 / 60 - end) == pytest.approx(1.959964 * (end * (1 - end) / 60) ** 0.5)


@pytest.mark.parametrize(
    ("comparisons", "false_alarms", "certified"),
    [(100, 8, True), (100, 9, False), (50, 4, True), (49, 0, False), (0, 0, False), (50, 5, False)],
)
def test_certified_is_enough_comparisons_with_few_alarms(
    comparisons: int, false_alarms: int, certified: bool
) -> None:
    found = replace(FOUND, comparisons=comparisons, false_alarms=false_alarms)
    assert found.certified is certified
    assert certified_sentence(found).startswith("certified: " if certified else "not certified: ")


def test_the_sentence_has_counts_interval_blocks_and_day() -> None:
    assert FOUND.sentence == (
        "3 false alarms in 100 comparisons of A against A (1.0-8.5 %), 5 blocks each, 2026-11-23"
    )
    assert "more than 8 %; quiet the machine" in certified_sentence(replace(FOUND, false_alarms=20))
    one = replace(FOUND, comparisons=1, false_alarms=1, blocks=1)
    assert one.sentence.startswith("1 false alarm in 1 comparison of A against A")
    assert certified_sentence(one).endswith("with 50 or more")


def test_a_short_trial_does_not_take_a_long_certificate_away() -> None:
    later = replace(FOUND, run_id="short", started_at=datetime(2027, 1, 1, tzinfo=UTC),
                    comparisons=2, false_alarms=0)  # fmt: skip
    assert newest([FOUND, later]) == {("d", "r"): FOUND}
    assert newest([later]) == {("d", "r"): later}


def test_the_newest_certificate_of_a_device_and_runtime_counts() -> None:
    later = replace(FOUND, run_id="later", started_at=FOUND.started_at.replace(month=12))
    other = replace(FOUND, runtime_id="r2")
    assert newest([later, FOUND, other]) == {("d", "r"): later, ("d", "r2"): other}
    elsewhere = replace(INT8_CELL, device_id="d2", device="B")
    here, there = standings((FLOAT_CELL, elsewhere), [FOUND])
    assert (here.certified, there.certified) == (True, False)
    assert there.sentence == "not certified: run `python -m collector certify`"
    assert standings((FLOAT_CELL, INT8_CELL), [FOUND]) == (here,)


def test_a_certificate_comes_back_from_the_store_with_its_names(tmp_path: Path) -> None:
    index = planted_certificate(tmp_path, false_alarms=4, comparisons=60).index()
    (found,) = queries.certificates(index)
    assert (found.device, found.machine_title, found.runtime, found.model) == (
        "Planted CPU tiny", "Planted CPU tiny", "2026.4.1", "tiny",
    )  # fmt: skip
    assert (found.comparisons, found.false_alarms, found.certified) == (60, 4, True)
    assert found.started_at.utcoffset() is not None
    trials = queries.certificate_trials(index, found.run_id)
    assert [trial.trial for trial in trials] == list(range(60))
    assert sum(trial.verdict == "slower" for trial in trials) == 4


def test_a_certificate_does_not_disturb_cells_overview_and_comparisons(tmp_path: Path) -> None:
    before = planted_store(tmp_path).index()
    rows, cells = overview(before), queries.cells(before)
    summaries = queries.cell_summaries(before)
    after = planted_certificate(tmp_path).index()
    assert (overview(after), queries.cells(after)) == (rows, cells)
    assert queries.cell_summaries(after).equals(summaries)
    a, b = (next(c for c in cells if c.cell_id == cell_id_of(arm=arm)) for arm in ARMS[::2])
    old, new = compare_cells(before, a, b), compare_cells(after, a, b)
    assert [old.standings[0].certified, new.standings[0].certified] == [False, True]
    assert replace(new, standings=old.standings) == old
    assert queries.run_views(after)[0].kind == "certificate"


def test_list_has_a_line_for_each_certificate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted_certificate(tmp_path)
    planted_certificate(tmp_path, false_alarms=30, day=31)
    assert cli.main(["list", "--data", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "2026.4.1: certified: 3 false alarms in 100 comparisons" in " ".join(out.split())
    assert "not certified: 30 false alarms" in " ".join(out.split())
    assert cli.main(["list", "--data", str(tmp_path), "--json"]) == 0
    newest_first = json.loads(capsys.readouterr().out)["certificates"]
    assert [found["certified"] for found in newest_first] == [False, True]
    assert newest_first[1]["share_low"] < newest_first[1]["share"] < newest_first[1]["share_high"]


def test_compare_says_whether_the_device_is_certified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compare", f"arm={ARMS[0]}", f"arm={ARMS[2]}", "--data", str(tmp_path)]
    planted_store(tmp_path)
    assert cli.main(command) == 0
    assert "not certified: run `python -m collector certify`" in capsys.readouterr().out
    assert cli.main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["certified"] is False
    planted_certificate(tmp_path)
    assert cli.main(command) == 0
    assert "Planted CPU tiny, OpenVINO 2026.4.1: certified: 3" in capsys.readouterr().out
    assert cli.main([*command, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["certified"] is True
    assert [found["device"] for found in body["certificates"]] == ["Planted CPU tiny"]
