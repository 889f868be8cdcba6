"""What is read once for several answers says what each says that is read by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from results import accuracy_queries, network_queries, queries, version_queries
from results.compare import compare_cells
from results.facts import ExecNode
from results.index import Index
from results.nodes import Side
from results.overview import overview
from results.readiness.at_hand import AtHand
from results.readiness.checklist import checklists
from results.readiness.read import Wanted, expected_cells
from results.schema import arrow_schema
from results.shelf import Shelf
from results.side_queries import sides
from results.store import Store
from results.version_queries import median_nodes_of
from results.versions.changes import changes_between
from results.versions.order import ordered
from results.versions.series import histories
from tests.planted import ARMS
from tests.planted_versions import INT8, OLD, version_cell_id, versions_store

ASKED = ("run", "cell")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return versions_store(tmp_path_factory.mktemp("versions") / "data").root


@pytest.fixture
def index(root: Path) -> Iterator[Index]:
    with closing(Store(root).index()) as opened:
        yield opened


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The questions that are put to an index, as they come."""
    heard: list[str] = []
    fetch = Index.fetch

    def listen(self: Index, sql: str, params: Mapping[str, object] | None = None) -> pa.Table:
        heard.append(sql)
        return fetch(self, sql, params)

    monkeypatch.setattr(Index, "fetch", listen)
    return heard


def test_an_overview_of_given_cells_is_the_same_and_asks_for_none(
    index: Index, asked: list[str]
) -> None:
    alone = overview(index)
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    before = len(asked)
    assert overview(index, cells=cells) == alone
    assert alone
    assert not any("FROM cell_views" in sql for sql in asked[before:])


def test_changes_from_a_shelf_are_the_same_in_fewer_questions(
    index: Index, asked: list[str]
) -> None:
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    older, newer = (cells[version_cell_id(version, arm=ARMS[2])] for version in (OLD, INT8))
    alone = changes_between(index, older, newer)
    of_one = len(asked)
    shelf = Shelf(index, tuple(cells.values()))
    changes_between(index, older, newer, shelf=shelf)
    before = len(asked)
    assert changes_between(index, older, newer, shelf=shelf) == alone
    assert len(asked) - before < of_one / 2


def test_two_pairs_from_one_shelf_are_the_same_in_hardly_more_questions_than_one(
    index: Index, asked: list[str]
) -> None:
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    old, new = (
        [cells[version_cell_id(version, arm=arm)] for arm in (ARMS[1], ARMS[2])]
        for version in (OLD, INT8)
    )
    pairs = [(old[0], old[1]), (new[0], new[1])]
    before = len(asked)
    alone = [compare_cells(index, *pair) for pair in pairs]
    of_both = len(asked) - before
    shelf = Shelf(index, tuple(cells.values()), pairs=pairs)
    before = len(asked)
    assert [compare_cells(index, *pair, shelf=shelf) for pair in pairs] == alone
    heard = asked[before:]
    assert len(heard) <= of_both / 2 + 1
    for told in ("FROM exec_nodes n", "FROM exec_node_sources s", "FROM launch_views"):
        assert sum(told in sql for sql in heard) == 1, "once for both pairs"


def test_changes_of_what_is_at_hand_are_the_same_and_ask_for_none_of_it(
    index: Index, asked: list[str]
) -> None:
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    pair = cells[version_cell_id(OLD, arm=ARMS[2])], cells[version_cell_id(INT8, arm=ARMS[2])]
    alone = changes_between(index, *pair)
    versions = ordered(version_queries.runtimes(index))
    judged, certified = accuracy_queries.accuracy(index), queries.certificates(index)
    shelf = Shelf(
        index, tuple(cells.values()), pairs=[pair],
        accuracy=lambda: judged, certificates=lambda: certified,
    )  # fmt: skip
    before = len(asked)
    assert changes_between(index, *pair, shelf=shelf, versions=versions) == alone
    for told in ("FROM runtimes", "FROM accuracy", "FROM certificates"):
        assert not any(told in sql for sql in asked[before:]), told


def test_histories_of_known_versions_are_the_same_and_ask_for_none(
    index: Index, asked: list[str]
) -> None:
    alone = histories(index)
    versions = ordered(version_queries.runtimes(index))
    before = len(asked)
    assert histories(index, versions=versions) == alone
    assert not any("FROM runtimes" in sql for sql in asked[before:])


def test_a_pair_reads_its_own_place_and_no_other_version(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    float_arm, int8 = (cells[version_cell_id(OLD, arm=arm)] for arm in (ARMS[1], ARMS[2]))
    alone = compare_cells(index, float_arm, int8)
    heard: list[str] = []
    fetch = Index.fetch

    def listen(self: Index, sql: str, params: Mapping[str, object] | None = None) -> pa.Table:
        told = (params or {}).get("cell_ids")
        heard.extend(told if isinstance(told, list) else ())
        return fetch(self, sql, params)

    monkeypatch.setattr(Index, "fetch", listen)
    shelf = Shelf(index, tuple(cells.values()), pairs=[(float_arm, int8)])
    assert compare_cells(index, float_arm, int8, shelf=shelf) == alone
    assert cells[version_cell_id(OLD, arm=ARMS[0])].cell_id in heard, "the baseline's twin"
    assert {cells[one].runtime_id for one in heard} == {int8.runtime_id}


def test_a_text_that_was_parsed_answers_every_value_in_every_thread(index: Index) -> None:
    ids = sorted(cell.cell_id for cell in queries.cells(index))
    sql = "SELECT cell_id FROM cell_views WHERE cell_id IN (SELECT unnest($ids)) ORDER BY cell_id"

    def told(count: int) -> list[str]:
        answer: list[str] = index.fetch(sql, {"ids": ids[:count]})["cell_id"].to_pylist()
        return answer

    counts = [1 + at % len(ids) for at in range(64)]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(told, counts)) == [ids[:count] for count in counts]


def test_both_sides_of_a_pair_are_read_in_one_question_as_each_is_alone(
    index: Index, asked: list[str]
) -> None:
    cell_ids = [version_cell_id(OLD, arm=arm) for arm in ARMS[:2]]
    wanted = [(cell_id, queries.latest_run_of(index, cell_id) or "") for cell_id in cell_ids]
    before = len(asked)
    found = sides(index, [*wanted, ("no such cell", "no such run")])
    assert len(asked) - before == 2, "the layers, and their bridge"
    assert all(found[one].nodes == queries.exec_nodes(index, *one) for one in wanted)
    assert all(found[one].sources == queries.exec_node_sources(index, *one) for one in wanted)
    assert all(found[one].nodes and found[one].sources for one in wanted)
    assert found[("no such cell", "no such run")] == Side((), ())


def test_a_checklist_of_what_is_at_hand_is_the_same_and_reads_launches_once(
    index: Index, asked: list[str]
) -> None:
    cells = queries.cells(index)
    cell = next(one for one in cells if one.arm == ARMS[2])
    wanted = Wanted(device=cell.device_id, openvino=cell.runtime_id, arm=cell.arm)
    alone = checklists(index, cell.model_id, wanted)
    hand = replace(AtHand.of(index), expected=lambda: expected_cells(cells, cell.model_id, wanted))
    before = len(asked)
    for _ in range(2):
        assert checklists(index, cell.model_id, wanted, hand=hand) == alone
    of_launches = [sql for sql in asked[before:] if "l.kind = 'timing' AND l.cell_id IN" in sql]
    assert len(of_launches) == 1


def test_layers_and_carriers_come_from_one_question(index: Index, asked: list[str]) -> None:
    cells = queries.cells(index)
    (network,) = network_queries.networks(index, [cells[0].model_id])
    ops = [name for one in network.activations for name in one.ops]
    cell_ids = [cell.cell_id for cell in cells]
    before = len(asked)
    executed, carried = network_queries.ran(index, cell_ids, ops)
    assert len(asked) - before == 2, "which runs, and what ran in them"
    assert executed
    assert carried
    assert executed == network_queries.executed(index, cell_ids)
    assert carried == network_queries.carriers(index, cell_ids, ops)


def _node(launch: str, at: int, name: str, time_us: float | None) -> dict[str, object]:
    status = "not_executed" if time_us is None else "executed"
    told = {field.name: None for field in fields(ExecNode)}
    return told | {
        "run_id": "run", "cell_id": "cell", "launch_id": launch, "node_index": at, "name": name,
        "node_type": f"type of {name} in {launch}", "status": status, "time_us": time_us,
    }  # fmt: skip


def test_each_layer_is_told_as_its_first_launch_has_it_with_the_median_of_all() -> None:
    rows = [
        _node("b", 0, "conv_12", 4.0), _node("a", 0, "conv", 2.0), _node("c", 0, "conv_3", 9.0),
        _node("c", 1, "late", 6.0), _node("b", 1, "late", 8.0), _node("a", 2, "never", None),
    ]  # fmt: skip
    connection = duckdb.connect()
    connection.from_arrow(pa.Table.from_pylist(rows, schema=arrow_schema(ExecNode))).create(
        "exec_nodes"
    )
    names = ("run_id", "kind", "message", "hint", "path")
    problems = pa.table({name: pa.array([], pa.string()) for name in names})
    connection.from_arrow(problems).create("store_problems")
    with closing(Index(connection, "planted")) as index:
        found = median_nodes_of(index, [ASKED])[ASKED]
    told = [(one.name, one.node_type, one.launch_id, one.status, one.time_us) for one in found]
    assert told == [
        ("conv", "type of conv in a", "a", "executed", 4.0),
        ("late", "type of late in b", "a", "executed", 6.0),
        ("never", "type of never in a", "a", "not_executed", None),
    ]
