"""How cells are named in lists: what tells them apart comes first, what all share is left out."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from dashboard.views.names import of_cells
from results import queries
from results.store import Store
from tests.page.conftest import Show
from tests.page.pages import open_page
from tests.page.version_stores import versions_store
from tests.planted import ARMS, cell_id_of, planted_store


def _named(root: Path) -> dict[str, str]:
    with closing(Store(root).index()) as index:
        return of_cells(queries.cells(index))


def test_the_version_comes_right_after_the_arm(tmp_path: Path) -> None:
    versions_store(tmp_path, ("2021.4.2", "2026.4.1"), failed={})
    named = _named(tmp_path)
    assert named[cell_id_of("alpha", ARMS[2])] == f"{ARMS[2]}, 2026.4.1, Alpha"
    assert len(set(named.values())) == len(named)


def test_a_name_has_no_version_where_all_have_one(tmp_path: Path) -> None:
    planted_store(tmp_path, models=("alpha", "beta"))
    assert _named(tmp_path)[cell_id_of("beta", ARMS[0])] == f"{ARMS[0]}, Beta"


def test_devices_lose_the_words_that_all_begin_with(tmp_path: Path) -> None:
    planted_store(tmp_path)
    planted_store(tmp_path, isa_cap="AVX2")
    named = _named(tmp_path)
    assert named[cell_id_of()] == f"{ARMS[0]}, Tiny"
    assert named[cell_id_of(isa_cap="AVX2")] == f"{ARMS[0]}, Tiny, capped to AVX2"


@pytest.mark.parametrize("page", ["runs", "overview"])
def test_what_holds_for_every_version_is_told_once(page: str, tmp_path: Path, show: Show) -> None:
    versions_store(tmp_path, ("2021.4.2", "2022.3.2", "2026.4.1"), failed={})
    show(tmp_path)
    said = [one.value.replace("\\", "") for one in open_page(page).markdown]
    (line,) = [one for one in said if "not certified" in one]
    told = "Planted CPU tiny, OpenVINO 2021.4.2, 2022.3.2, 2026.4.1: not certified" in line
    assert told == (page == "runs")
