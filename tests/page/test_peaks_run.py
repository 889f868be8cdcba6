"""A run of measured peaks on Runs: it has no cells, and is never what the page opens with."""

from __future__ import annotations

from pathlib import Path

from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page, words
from tests.planted import planted_store
from tests.planted_peaks import planted_peaks


def test_peaks_say_what_they_are_and_nothing_of_blocks_or_models(
    tmp_path: Path, show: Show
) -> None:
    planted_peaks(tmp_path)
    show(tmp_path)
    at = open_page("runs")
    assert_no_exception(at)
    told = words(at)
    assert "can do at most was measured" in told
    assert "Effort" not in told
    assert "seed of the order" not in told
    assert "Models:" not in told


def test_runs_opens_with_what_measured_cells(tmp_path: Path, show: Show) -> None:
    planted_store(tmp_path)
    planted_peaks(tmp_path)
    show(tmp_path)
    assert "launches of 3 cells" in words(open_page("runs"))
