"""Profile launches that sat in rounds, with a round measured again, change no estimate.

Their rounds are numbered like blocks; whatever reads blocks must not take the one for the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries, version_queries
from results.compare import compare_cells
from results.drift import drift, pace, widest_sitting
from results.facts import Caution, Fact, Launch
from results.index import Index
from results.launch_book import LaunchBook
from tests.page.stores import altered_store
from tests.planted import ARMS, cell_id_of, planted_store

FLOAT, INT8 = cell_id_of(arm=ARMS[0]), cell_id_of(arm=ARMS[2])


def _seated(fact: Fact) -> Iterator[Fact]:
    """Round i sits as block i does; each was disturbed first, and ran at a fifth of the pace."""
    if not (isinstance(fact, Launch) and fact.kind == "profile"):
        yield fact
        return
    assert fact.p50_ms is not None
    turns, slow = (fact.p50_ms,) * 4, 5 * fact.p50_ms
    here = replace(fact, block=fact.position, sitting=fact.position, slice_ms=turns)
    again = replace(here, launch_id=f"{fact.launch_id}-before", p50_ms=slow, slice_ms=(slow,) * 4)
    yield replace(here, attempt=1)
    yield again
    yield Caution(fact.run_id, "interference_steal", "launch", again.launch_id, "9 %")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return planted_store(tmp_path_factory.mktemp("plain")).index()


@pytest.fixture(scope="module")
def seated(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return altered_store(tmp_path_factory.mktemp("seated"), _seated).index()


def _run_id(index: Index) -> str:
    found = queries.latest_shared_run(index, FLOAT, INT8)
    assert found is not None
    return found


def _sample(index: Index) -> object:
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    run = queries.cautions(index, [_run_id(index)])
    book = LaunchBook(queries.launches(index), run)
    return book.sample(cells[FLOAT], cells[INT8]), book.latest(cells[FLOAT])


def _pace(index: Index) -> object:
    run_id = _run_id(index)
    launches, cautions = queries.launches(index, run_id), queries.cautions(index, [run_id])
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    return drift(launches), pace(launches, cautions, cells), widest_sitting(launches, cells)


def _layers(index: Index) -> object:
    run_id = _run_id(index)
    tables = queries.layers_table(index, INT8, run_id), queries.kernel_rollup(index, INT8, run_id)
    asked = [(run_id, FLOAT), (run_id, INT8)]
    nodes = version_queries.median_nodes_of(index, asked)
    sources = version_queries.sources_of(index, nodes)
    return [table.to_pylist() for table in tables], nodes, sources


def _comparison(index: Index) -> object:
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    found = compare_cells(index, cells[FLOAT], cells[INT8])
    assert found.attribution is not None
    classes = [kind for kind, _ in found.attribution.parts]
    return found.estimate, found.attribution.wall_us, classes, found.cautions


@pytest.mark.parametrize(
    "answer",
    [
        _run_id,
        lambda index: queries.cell_summaries(index).to_pylist(),
        _sample,
        _pace,
        _layers,
        _comparison,
    ],
    ids=["shared run", "summaries", "launch book", "drift", "layers", "comparison"],
)
def test_what_is_told_is_the_same(
    plain: Index, seated: Index, answer: Callable[[Index], object]
) -> None:
    rounds = [launch for launch in queries.launches(seated) if launch.kind == "profile"]
    assert {launch.block for launch in rounds} == {0, 1, 2}, "they do not sit in rounds"
    assert answer(seated) == answer(plain)


def test_cells_that_share_rounds_of_profiles_alone_do_not_share_a_run(tmp_path: Path) -> None:
    def apart(fact: Fact) -> Iterator[Fact]:
        is_timing = isinstance(fact, Launch) and fact.kind == "timing"
        if isinstance(fact, Launch) and is_timing and fact.cell_id == INT8:
            fact = replace(fact, block=(fact.block or 0) + 100)
        yield from _seated(fact)

    index = altered_store(tmp_path, apart).index()
    assert queries.latest_shared_run(index, FLOAT, INT8) is None
