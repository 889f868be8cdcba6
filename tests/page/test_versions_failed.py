"""Failed cells are facts: Compare and Runs say why, and show what was written last."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard import theme
from dashboard.failures import failure_of
from results import queries
from results.store import Store
from tests.page.conftest import Show
from tests.page.pages import assert_no_exception, open_page, words
from tests.page.version_stores import CRASH, REFUSED, STDERR, versions_store
from tests.planted import ARMS, cell_id_of
from tests.unit.test_launch_book import SECOND, two_runs

FAILED = f"{theme.FAILED.sign} failed"
CRASHED = cell_id_of("alpha", ARMS[2], runtime="2021.2")
FINE = cell_id_of("alpha", ARMS[1], runtime="2021.2")
REFUSING = cell_id_of("beta", ARMS[1], runtime="2021.2")


@pytest.fixture(scope="module")
def two_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions, of which the older fails four cells."""
    root = tmp_path_factory.mktemp("two")
    versions_store(root, ("2021.2", "2021.4.2"))
    return root


@pytest.fixture
def two(two_root: Path, show: Show) -> Path:
    """That store, shown."""
    show(two_root)
    return two_root


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("sides", [(FINE, CRASHED), (CRASHED, FINE)])
def test_a_failed_side_of_compare_says_why(sides: tuple[str, str]) -> None:
    at = open_page("compare", {"baseline": sides[0], "candidate": sides[1]})
    assert_no_exception(at)
    assert at.title[0].value == f":gray[{FAILED}: nothing to compare]"
    (told,) = [warning.value.replace("\\", "") for warning in at.warning]
    assert told == (f"**{ARMS[2]} of Alpha failed on Planted CPU tiny, OpenVINO 2021.2**: {CRASH}")
    (wrote,) = [code.value for code in at.expander[0].code]
    assert wrote == STDERR


@pytest.mark.usefixtures("two")
def test_two_failed_sides_say_why_each() -> None:
    at = open_page("compare", {"baseline": REFUSING, "candidate": CRASHED})
    assert_no_exception(at)
    told = "\n".join(warning.value for warning in at.warning).replace("\\", "")
    assert CRASH in told
    assert REFUSED in told


@pytest.mark.usefixtures("two")
def test_a_cell_with_itself_is_no_failure() -> None:
    at = open_page("compare", {"baseline": FINE, "candidate": FINE})
    assert_no_exception(at)
    assert at.title[0].value == "These two cannot be compared"
    assert "are the same cell" in words(at)


@pytest.mark.usefixtures("two")
def test_runs_tells_which_cells_failed_and_shows_the_end_of_standard_error() -> None:
    at = open_page("runs")
    assert_no_exception(at)
    assert at.header[0].value == "What failed"
    told = [warning.value.replace("\\", "") for warning in at.warning]
    crash = next(one for one in told if CRASH in one)
    assert crash.startswith(f"**{theme.FAILED.sign} 1 launch failed: {CRASH}**")
    assert f"- 1 of {ARMS[2]} of Alpha, OpenVINO 2021.2" in crash
    refused = next(one for one in told if REFUSED in one)
    assert refused.startswith(f"**{theme.FAILED.sign} 3 launches failed: ")
    assert [f"1 of {arm} of Beta, OpenVINO 2021.2" in refused for arm in ARMS] == [True] * 3
    assert {code.value for one in at.expander for code in one.code} == {STDERR}


def test_a_cell_failed_where_no_timing_launch_was_good(two_root: Path) -> None:
    index = Store(two_root).index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    failed = failure_of(cells[CRASHED], queries.launches(index, cell_ids=[CRASHED]))
    assert failed is not None
    assert (failed.reason, failed.stderr_tail) == (CRASH, STDERR)
    both = queries.launches(index, cell_ids=[CRASHED, FINE])
    assert failure_of(cells[FINE], both) is None, "one good launch is a result"
    assert failure_of(cells[FINE], ()) is None


@pytest.fixture
def older(tmp_path: Path, show: Show) -> Path:
    """Two runs of one cell, of which the later failed."""
    two_runs(tmp_path, SECOND)
    show(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("older")
def test_overview_marks_a_result_that_is_older_than_a_failure() -> None:
    at = open_page()
    assert_no_exception(at)
    said = words(at)
    assert "▲ faster: 1.82x" in said
    mark = f"**{FAILED} in its latest run; older result shown"
    assert f"{mark}**: {ARMS[2]}: {CRASH}" in said
    assert f"{mark}: Planted CPU tiny, OpenVINO 2026.4.1**: {CRASH}" in said


@pytest.mark.usefixtures("older")
def test_compare_shows_the_older_verdict_and_says_that_the_latest_run_failed() -> None:
    at = open_page("compare")
    assert_no_exception(at)
    assert "faster" in at.title[0].value
    told = [one.value.replace("\\", "") for one in at.warning]
    assert f"**{FAILED} in its latest run; older result shown: {ARMS[2]}**: {CRASH}" in told
    (link,) = [one for one in at.get("page_link") if one.proto.label == "The run that tried it"]
    assert f"run={SECOND}" in link.proto.query_string
