"""The pure parts of ``make bench``: what it reads, what it concludes, what it prints."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import pytest

from results.comparison import Estimate, Verdict
from results.errors import MeasurementError, UsageError
from results.facts import CertificateTrial
from tests.benchmarks.__main__ import PARTS, chosen
from tests.benchmarks.bench_alarms import counted
from tests.benchmarks.bench_planted import truth
from tests.benchmarks.benchmark_app import parsed
from tests.benchmarks.ratios import Ratio, Round, geometric_mean, ratio_of
from tests.benchmarks.rows import Report, Row, read_report, to_json, to_markdown, to_text

_OUTPUT = """\
[ INFO ] Count:            7459 iterations
[ INFO ] Duration:         2000.00 ms
[ INFO ] Latency:
[ INFO ]    Median:        76.08 us
[ INFO ]    Average:       108.34 us
[ INFO ] Throughput:   3729.50 FPS
"""
_AT = datetime(2026, 11, 23, 4, 50, tzinfo=UTC)


def row(what: str = "memory", part: str = "overhead", *, ok: bool = True) -> Row:
    return Row(part, what, "at most 250 MB", "200 MB", ok, "one run", ("a detail",))


def trial(number: int, verdict: Verdict, dirty_blocks: int = 0) -> CertificateTrial:
    return CertificateTrial("run", number, verdict.value, 1.0, 0.99, 1.01, 5, dirty_blocks)


def test_a_median_in_microseconds_and_one_in_milliseconds_are_read() -> None:
    assert parsed(_OUTPUT).median_ms == pytest.approx(0.07608)
    assert parsed(_OUTPUT.replace("76.08 us", "17.06 ms")).median_ms == pytest.approx(17.06)


def test_the_time_in_which_it_was_paused_is_taken_off_its_duration() -> None:
    answer = parsed(_OUTPUT)
    assert answer.per_second(0.0) == pytest.approx(3729.5)
    assert answer.per_second(1.0) == pytest.approx(7459.0)


def test_output_without_a_result_is_told_and_not_guessed() -> None:
    with pytest.raises(MeasurementError, match="printed no result"):
        parsed("[ ERROR ] no such file")


def test_the_ratio_of_a_model_is_the_median_over_its_rounds() -> None:
    found = ratio_of([Round(0.98, 1.0), Round(1.0, 1.0), Round(5.0, 1.0)])
    assert found.value == pytest.approx(1.0)
    assert ratio_of([Round(0.98, 1.0)]).error is None


def test_models_have_the_same_weight_whatever_their_size() -> None:
    found = geometric_mean([Ratio(0.5, 0.03), Ratio(2.0, 0.04)])
    assert found.value == pytest.approx(1.0)
    assert found.error == pytest.approx(0.025)


def test_a_false_alarm_with_a_caution_counts_all_the_same() -> None:
    quiet = [trial(number, Verdict.EQUIVALENT) for number in range(91)]
    alarms = [trial(91 + number, Verdict.SLOWER, dirty_blocks=1) for number in range(9)]
    found = counted([*quiet, *alarms])
    assert (found.clean_alarms, found.disturbed_alarms, found.disturbed) == (0, 9, 9)
    assert not found.ok
    assert counted([*quiet, *alarms[1:], trial(99, Verdict.INCONCLUSIVE, 2)]).ok


def test_all_trials_together_tell_the_planted_ratio() -> None:
    def estimate(ratio: float) -> Estimate:
        return Estimate(Verdict.SLOWER, ratio, 1.0, 1.1, True, 10, None, 5.0, 5.0 * ratio)

    text = truth([estimate(1.02), estimate(1.04), estimate(1.03)])
    assert f"ratio {math.pow(1.02 * 1.04 * 1.03, 1 / 3):.4f}" in text


def test_a_report_is_completed_part_by_part(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    first = Report("a CPU", quick=False).with_rows([row("one"), row("two")], _AT)
    file.write_text(to_json(first), encoding="utf-8")
    again = read_report(file, "a CPU", quick=False).with_rows([row("two", ok=False)], _AT)
    assert [(found.what, found.ok) for found in again.rows] == [("one", True), ("two", False)]
    assert again.missed(["overhead"]) == (again.rows[1],)
    assert again.missed(["latency"]) == ()


@pytest.mark.parametrize(("machine", "quick"), [("another CPU", False), ("a CPU", True)])
def test_rows_that_do_not_belong_together_are_not_mixed(
    tmp_path: Path, machine: str, quick: bool
) -> None:
    file = tmp_path / "bench.json"
    file.write_text(to_json(Report("a CPU", quick=False)), encoding="utf-8")
    with pytest.raises(UsageError, match="a CPU"):
        read_report(file, machine, quick=quick)


def test_a_file_that_is_no_report_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(UsageError, match="no report"):
        read_report(file, "a CPU", quick=False)


def test_every_row_shows_bar_figure_and_answer_with_the_machine_and_the_date() -> None:
    report = Report("a CPU", quick=False).with_rows([row(), row("share", ok=False)], _AT)
    for text in (to_text(report), to_markdown(report)):
        assert "at most 250 MB" in text
        assert "200 MB" in text
        assert "ok" in text
        assert "missed" in text
        assert "Measured on a CPU; 2026-11-23 04:50 UTC." in text
        assert "Quick" not in text
    assert "a detail" in to_text(report)


def test_a_quick_report_says_that_it_measures_nothing() -> None:
    report = Report("a CPU", quick=True).with_rows([row()], _AT)
    assert "no measurements" in to_text(report)
    assert "no measurements" in to_markdown(report)


def test_parts_are_chosen_by_name_and_in_their_own_order() -> None:
    assert chosen([]) == tuple(PARTS)
    assert chosen(["throughput", "idle"]) == ("idle", "throughput")
    assert chosen(["share", "memory"]) == ("overhead",)
    with pytest.raises(UsageError, match="no part is called 'speed'"):
        chosen(["speed"])
