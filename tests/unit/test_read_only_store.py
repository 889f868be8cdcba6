"""A server that only reads leaves no trace in a store, and works where it may not write."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from results import queries
from results.store import Store
from tests.planted import planted_store


def tree_of(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything below a folder: what it is, when it was changed, what is in it."""
    return {
        str(path.relative_to(root)): (
            path.lstat().st_mode,
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in (root, *root.rglob("*"))
    }


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    return planted_store(tmp_path / "store").root


@pytest.fixture
def locked(root: Path) -> Iterator[Path]:
    folders = [root, *(path for path in root.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield root
    for folder in folders:
        folder.chmod(0o755)


def test_an_index_that_is_not_beside_leaves_the_store_as_it_was(root: Path) -> None:
    before = tree_of(root)
    with_index = Store(root).index(beside=False)
    assert queries.cells(with_index)
    with_index.close()
    assert tree_of(root) == before
    assert list((root.parent / "temporary").rglob("index-*.duckdb"))


def test_an_index_that_stands_beside_is_left_alone(root: Path) -> None:
    Store(root).index().close()
    before = tree_of(root)
    found = Store(root).index(beside=False)
    assert queries.cells(found)
    found.close()
    assert tree_of(root) == before
    assert list((root.parent / "temporary").rglob("index-*.duckdb"))


def test_a_broken_index_beside_is_passed_over_and_left(root: Path) -> None:
    store = Store(root)
    broken = root / f"index-{store.digest}.duckdb"
    broken.write_bytes(b"no index")
    found = store.index(beside=False)
    assert queries.cells(found)
    found.close()
    assert broken.read_bytes() == b"no index"


def test_a_folder_that_nobody_may_write_is_read(locked: Path) -> None:
    before = tree_of(locked)
    found = Store(locked).index(beside=False)
    assert queries.cells(found)
    found.close()
    assert tree_of(locked) == before


def test_where_nothing_can_be_written_the_index_is_in_memory(
    locked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(locked / "none"))
    before = tree_of(locked)
    found = Store(locked).index(beside=False)
    assert queries.cells(found)
    found.close()
    assert tree_of(locked) == before
