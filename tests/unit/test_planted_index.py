"""An index that somebody else put into a store: nothing in it runs, whoever asks."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from results import queries
from results.index import Index
from results.store import Store
from tests.planted import planted_store

HIDDEN = "what only the server may read"
OTHER = "index-0000000000000000.duckdb"
IN_ITS_PLACE = """
CREATE VIEW models AS SELECT * REPLACE ((SELECT content FROM read_text('{hidden}')) AS title)
FROM real_models
"""
STATEMENTS = {
    "a view in the place of a table": (
        "ALTER TABLE models RENAME TO real_models",
        IN_ITS_PLACE,
    ),
    "a view of its own": ("CREATE VIEW mine AS SELECT 1 AS a",),
    "other words for our view": (
        "CREATE OR REPLACE VIEW launch_views AS SELECT *, 1.0 AS headline_ms FROM launches",
    ),
    "a macro": ("CREATE MACRO coalesce(a, b) AS 'mine'",),
    "a column that is worked out": (
        "CREATE TABLE mine (a INT, b INT GENERATED ALWAYS AS (a + 1))",
    ),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "temporary").mkdir()
    (tmp_path / "hidden.txt").write_text(HIDDEN)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return planted_store(tmp_path / "store", models=("alpha",), runs=2).root


def plant(root: Path, statements: tuple[str, ...], name: str = "") -> Path:
    """The index in the store with something added, under another name where one is given."""
    Store(root).index().close()
    (path,) = root.glob("index-*.duckdb")
    with duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement.replace("{hidden}", str(root.parent / "hidden.txt")))
    return path.rename(root / name) if name else path


def titles(index: Index) -> set[str | None]:
    return {model.title for model in queries.models(index)}


@pytest.mark.parametrize("name", ["", OTHER], ids=["of these runs", "to be extended"])
def test_a_server_neither_opens_nor_extends_an_index_in_the_store(root: Path, name: str) -> None:
    planted = plant(root, ("UPDATE models SET title = 'Planted'",), name)
    before = planted.read_bytes()
    with closing(Store(root).index(beside=False)) as index:
        assert titles(index) == {"Alpha"}
    assert planted.read_bytes() == before


@pytest.mark.parametrize("name", ["", OTHER], ids=["of these runs", "to be extended"])
@pytest.mark.parametrize("what", STATEMENTS)
def test_a_command_makes_an_index_anew_where_one_has_what_runs(
    root: Path, what: str, name: str
) -> None:
    plant(root, STATEMENTS[what], name)
    with closing(Store(root).index()) as index:
        assert titles(index) == {"Alpha"}
        found = index.fetch(
            "SELECT (SELECT count(*) FROM duckdb_views() WHERE NOT internal) AS views, "
            "(SELECT count(*) FROM duckdb_functions() WHERE NOT internal) AS macros, "
            "(SELECT count(*) FROM launch_views WHERE headline_ms = 1.0) AS ours, "
            "(SELECT count(*) FROM duckdb_tables() WHERE table_name = 'mine') AS tables"
        ).to_pylist()
    assert found == [{"views": 1, "macros": 0, "ours": 0, "tables": 0}]


@pytest.mark.parametrize("name", ["", OTHER], ids=["of these runs", "to be extended"])
def test_an_index_that_is_ours_is_kept(root: Path, name: str) -> None:
    plant(root, ("UPDATE models SET title = 'Kept'",), name)
    with closing(Store(root).index()) as index:
        assert titles(index) == {"Kept"}


@pytest.mark.parametrize("beside", [True, False])
def test_no_question_reaches_a_file(root: Path, beside: bool) -> None:
    with (
        closing(Store(root).index(beside=beside)) as index,
        pytest.raises(duckdb.PermissionException),
    ):
        index.fetch("SELECT * FROM read_text($path)", {"path": str(root.parent / "hidden.txt")})


@pytest.mark.parametrize("in_memory", [False, True])
def test_nobody_can_give_a_servers_index_files_again(
    root: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    if in_memory:
        monkeypatch.setattr(tempfile, "tempdir", str(root / "none"))
    with (
        closing(Store(root).index(beside=False)) as index,
        index.cursor() as cursor,
        pytest.raises(duckdb.InvalidInputException, match="locked"),
    ):
        cursor.execute("SET memory_limit = '1GB'")


def test_a_log_that_was_put_beside_an_index_changes_nothing(root: Path, tmp_path: Path) -> None:
    path = plant(root, ())
    connection = duckdb.connect(path, config={"checkpoint_threshold": "1GB"})
    connection.execute("PRAGMA disable_checkpoint_on_shutdown")
    connection.execute("CREATE VIEW mine AS SELECT 1 AS a")
    connection.close()
    assert path.with_name(f"{path.name}.wal").exists()
    with closing(Store(root).index()) as index:
        assert index.fetch("SELECT * FROM duckdb_views() WHERE view_name = 'mine'").num_rows == 0
    assert not path.with_name(f"{path.name}.wal").exists()


def test_two_in_one_process_have_the_same_file_open(root: Path) -> None:
    with closing(Store(root).index(beside=False)):
        (path,) = (root.parent / "temporary").rglob("index-*.duckdb")
        before = path.stat().st_ino
        with closing(Store(root).index(beside=False)) as again:
            assert titles(again) == {"Alpha"}
        assert path.stat().st_ino == before, "it was made anew"
