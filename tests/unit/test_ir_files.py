"""Files of models are there whole or not at all, whatever the disk does."""

from __future__ import annotations

import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openvino as ov
import pytest

from collector.models.graph import content_hash
from collector.models.ir_files import cached, read_if_whole, replace_text, save_ir
from results.durable import TEMP_PREFIX
from results.errors import HostError
from tests.e2e.tiny import tiny_network


@pytest.fixture
def graph(tmp_path: Path) -> ov.Model:
    return ov.Core().read_model(str(tiny_network(tmp_path / "tiny.xml")))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a disk that is full after so many bytes."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_what_is_saved_is_what_is_read(graph: ov.Model, tmp_path: Path) -> None:
    save_ir(graph, tmp_path / "there" / "a.xml")
    found = read_if_whole(tmp_path / "there" / "a.xml")
    assert found is not None
    assert content_hash(found) == content_hash(graph)
    assert sorted(path.name for path in (tmp_path / "there").iterdir()) == ["a.bin", "a.xml"]


@pytest.mark.parametrize("size", [1_000, 20_000])
def test_a_full_disk_is_told_and_leaves_nothing(graph: ov.Model, tmp_path: Path, size: int) -> None:
    folder = tmp_path / "full"
    with (
        files_of_at_most(size),
        pytest.raises(
            HostError, match=r"a\.xml could not be written whole|disk that holds"
        ) as raised,
    ):
        save_ir(graph, folder / "a.xml")
    assert "space" in raised.value.hint
    assert list(folder.iterdir()) == []


def test_a_full_disk_keeps_what_was_there(graph: ov.Model, tmp_path: Path) -> None:
    save_ir(graph, tmp_path / "a.xml")
    other = ov.Core().read_model(str(tiny_network(tmp_path / "other.xml", seed=4)))
    with files_of_at_most(1_000), pytest.raises(HostError):
        save_ir(other, tmp_path / "a.xml")
    found = read_if_whole(tmp_path / "a.xml")
    assert found is not None
    assert content_hash(found) == content_hash(graph)
    with files_of_at_most(10), pytest.raises(HostError, match="full"):
        replace_text(tmp_path / "note.json", "x" * 100)
    assert not (tmp_path / "note.json").exists()


def test_a_folder_that_is_none_is_told(graph: ov.Model, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HostError, match="cannot be written"):
        save_ir(graph, tmp_path / "file" / "a.xml")


def test_what_is_there_is_not_made_again_but_where_it_is_damaged(
    graph: ov.Model, tmp_path: Path
) -> None:
    made = []

    def make() -> ov.Model:
        made.append(1)
        return graph

    path = tmp_path / "a.xml"
    cached(path, make)
    cached(path, make)
    assert len(made) == 1
    path.write_bytes(path.read_bytes()[:200])
    cached(path, make)
    assert len(made) == 2


def test_what_a_killed_process_left_is_swept(graph: ov.Model, tmp_path: Path) -> None:
    left = tmp_path / f"{TEMP_PREFIX}a-999999999"  # above the highest process id there can be
    left.mkdir()
    save_ir(graph, tmp_path / "a.xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.bin", "a.xml", "tiny.bin", "tiny.xml",
    ]  # fmt: skip
