"""What became of the launches of a run, its pace, and the turns of a sitting."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.comparison import CellView
from results.drift import LaunchUse, launch_uses, pace, told_cautions, widest_sitting
from results.facts import Caution
from results.index import Index
from results.views import LaunchView
from tests.page.version_stores import versions_store
from tests.planted import planted_store


@pytest.fixture
def index(tmp_path: Path) -> Index:
    return planted_store(tmp_path, startup_launches=1).index()


@pytest.fixture
def launches(index: Index) -> tuple[LaunchView, ...]:
    return queries.launches(index)


def _cells(index: Index) -> dict[str, CellView]:
    return {cell.cell_id: cell for cell in queries.cells(index)}


def _dirty(launch: LaunchView) -> Caution:
    return Caution(launch.run_id, "interference_load", "launch", launch.launch_id, "37 %")


def test_a_disturbed_block_is_used_once_and_every_launch_is_told(
    launches: tuple[LaunchView, ...],
) -> None:
    first = [launch for launch in launches if launch.block == 0]
    again = [replace(x, launch_id=f"{x.launch_id}-again", attempt=1) for x in first]
    uses = launch_uses([*launches, *again], [_dirty(first[0])])
    assert uses[first[0].launch_id] is LaunchUse.AGAIN
    assert {uses[launch.launch_id] for launch in first[1:]} == {LaunchUse.ALONG}
    assert {uses[launch.launch_id] for launch in again} == {LaunchUse.USED}


def test_a_block_that_stayed_disturbed_is_used_all_the_same(
    launches: tuple[LaunchView, ...],
) -> None:
    uses = launch_uses(launches, [_dirty(launches[0])])
    assert uses[launches[0].launch_id] is LaunchUse.DISTURBED
    assert uses[launches[0].launch_id].is_disturbed


def test_other_kinds_and_failures_are_not_called_used(launches: tuple[LaunchView, ...]) -> None:
    failed = replace(launches[0], status="failed", launch_id="failed")
    uses = launch_uses([*launches, failed], [])
    kinds = {launch.kind: uses[launch.launch_id] for launch in launches}
    assert kinds == {
        "timing": LaunchUse.USED,
        "profile": LaunchUse.LAYERS,
        "startup": LaunchUse.START,
    }
    assert uses["failed"] is LaunchUse.FAILED


def test_an_unsteady_run_names_its_widest_cell(
    index: Index, launches: tuple[LaunchView, ...]
) -> None:
    assert pace(launches, [], _cells(index)).cautions == ()
    slow = [
        replace(x, headline_ms=(x.headline_ms or 0) * (2 + x.position)) if x.block == 0 else x
        for x in launches
    ]
    kept = pace(slow, [], _cells(index))
    assert (kept.unsteady, kept.cells) == (3, 3)
    (caution,) = kept.cautions
    assert caution.caution_id == "unsteady_machine"
    assert "int8-simplified@default of Tiny from 1.1 to 4.38 ms" in caution.message
    assert caution.message.endswith("and in 2 more cells")


def test_a_launch_that_is_not_used_does_not_make_a_run_unsteady(
    index: Index, launches: tuple[LaunchView, ...]
) -> None:
    slow = replace(launches[0], headline_ms=100.0)
    again = replace(launches[0], launch_id="again", attempt=1)
    assert pace([slow, again, *launches[1:]], [_dirty(slow)], _cells(index)).unsteady == 0


def test_what_several_launches_share_is_told_once(
    index: Index, launches: tuple[LaunchView, ...]
) -> None:
    stored = [_dirty(launch) for launch in launches[:4]]
    stored.append(replace(stored[0], detail="50 %"))
    cell_id = launches[0].cell_id
    stored.append(Caution(launches[0].run_id, "isa_cap_ignored", "cell", cell_id, "amx"))
    shared, own = told_cautions(stored, launches, _cells(index))
    assert "37 % and 1 more, in 4 of 27 launches" in shared.message
    assert own.subject == f"{_cells(index)[cell_id].arm} of Tiny"


def test_the_ratio_by_turns_is_steady_where_the_launches_are_not(
    index: Index, launches: tuple[LaunchView, ...]
) -> None:
    found = widest_sitting(launches, _cells(index))
    assert found is not None
    assert found.alone_spread > 0.1
    assert found.ratio_spread == pytest.approx(0.0, abs=1e-6)
    assert _cells(index)[found.candidate_id].arm.startswith("int8")
    assert {len(line.deviations) for line in found.lines} == {20}


def test_turns_of_different_models_are_not_put_together(tmp_path: Path) -> None:
    index = planted_store(tmp_path, models=("alpha", "beta")).index()
    cells = _cells(index)
    found = widest_sitting(queries.launches(index), cells)
    assert found is not None
    assert len({cells[line.cell_id].model for line in found.lines}) == 1
    assert len(found.lines) == 3


def test_launches_that_took_no_turns_have_no_sitting(tmp_path: Path) -> None:
    index = planted_store(tmp_path, turns=0).index()
    assert widest_sitting(queries.launches(index), _cells(index)) is None


def test_turns_of_different_versions_are_not_put_together(tmp_path: Path) -> None:
    index = versions_store(tmp_path).index()
    cells = _cells(index)
    found = widest_sitting(queries.launches(index), cells)
    assert found is not None
    assert len({cells[line.cell_id].runtime for line in found.lines}) == 1


def test_of_a_round_measured_again_the_last_launch_is_for_the_layers(
    launches: tuple[LaunchView, ...],
) -> None:
    profile = next(launch for launch in launches if launch.kind == "profile")
    first = [replace(profile, launch_id=f"first-{cell}", cell_id=cell, block=0) for cell in "ab"]
    again = [replace(x, launch_id=f"again-{x.cell_id}", attempt=1) for x in first]
    uses = launch_uses([*first, *again], [_dirty(first[0])])
    assert [uses[launch.launch_id] for launch in (*first, *again)] == [
        LaunchUse.AGAIN, LaunchUse.ALONG, LaunchUse.LAYERS, LaunchUse.LAYERS,
    ]  # fmt: skip
