"""Files of models are there whole or not at all, whatever the disk does."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openvino as ov
import pytest

from collector.models import ir_files
from collector.models.graph import content_hash
from collector.models.ir_files import (
    cached,
    copy_ir,
    ir_digest,
    read_if_whole,
    replace_text,
    save_ir,
)
from results.durable import TEMP_PREFIX
from results.errors import HostError
from tests.e2e.tiny import ROOT, tiny_network


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
    for name in ("999999999", str(os.getpid()), "k2_x9abc"):
        (tmp_path / f"{TEMP_PREFIX}a-{name}").mkdir()
    (tmp_path / f"{TEMP_PREFIX}a.xml.lock").write_text("")
    save_ir(graph, tmp_path / "a.xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.bin", "a.xml", "tiny.bin", "tiny.xml",
    ]  # fmt: skip


@pytest.fixture
def other(tmp_path: Path) -> ov.Model:
    """Another network than ``graph``."""
    return ov.Core().read_model(str(tiny_network(tmp_path / "other.xml", seed=4)))


def test_what_another_process_fills_is_not_swept(graph: ov.Model, tmp_path: Path) -> None:
    with ir_files._alone(tmp_path / "a-b.xml", "a-b") as filled:
        save_ir(graph, tmp_path / "a.xml")
        assert filled.is_dir()
    assert not filled.exists()


def test_who_writes_the_same_ir_waits_for_the_one_before(graph: ov.Model, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    with ir_files._alone(path, path.stem) as filled:
        second = threading.Thread(target=save_ir, args=(graph, path))
        second.start()
        second.join(0.4)
        assert second.is_alive()
        assert filled.is_dir()
        assert not path.exists()
    second.join()
    assert read_if_whole(path) is not None


def test_waiting_for_ever_is_told(
    graph: ov.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ir_files, "_LOCK_WAIT_S", 0.1)
    path = tmp_path / "a.xml"
    with (
        ir_files._alone(path, path.stem),
        pytest.raises(HostError, match=r"another process has been writing .*a\.xml for"),
    ):
        save_ir(graph, path)


def test_an_equal_ir_stays_where_it_is_for_those_who_read_it(
    graph: ov.Model, other: ov.Model, tmp_path: Path
) -> None:
    path = tmp_path / "a.xml"
    save_ir(graph, path)
    first = path.stat().st_ino
    graph.get_ops()[0].set_friendly_name("numbered_by_another_process")
    save_ir(graph, path)
    copy_ir(path, tmp_path / "copy.xml")
    copied = (tmp_path / "copy.xml").stat().st_ino
    copy_ir(path, tmp_path / "copy.xml")
    assert path.stat().st_ino == first
    assert (tmp_path / "copy.xml").stat().st_ino == copied
    save_ir(other, path)
    copy_ir(path, tmp_path / "copy.xml")
    for changed in (path, tmp_path / "copy.xml"):
        assert content_hash(ov.Core().read_model(str(changed))) == content_hash(other)


@pytest.mark.parametrize("failing", range(4))
def test_a_renaming_that_fails_leaves_the_older_ir(
    graph: ov.Model, other: ov.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    path = tmp_path / "there" / "a.xml"
    save_ir(graph, path)
    before = ir_digest(path)
    _fail_from(monkeypatch, failing, failing)
    with pytest.raises(HostError, match="cannot be written") as raised:
        save_ir(other, path)
    assert "nothing was written" in raised.value.hint
    assert ir_digest(path) == before
    assert sorted(found.name for found in path.parent.iterdir()) == ["a.bin", "a.xml"]


def test_a_renaming_that_fails_leaves_nothing_where_nothing_was(
    graph: ov.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fail_from(monkeypatch, 3, 3)
    with pytest.raises(HostError, match="cannot be written"):
        save_ir(graph, tmp_path / "there" / "a.xml")
    assert list((tmp_path / "there").iterdir()) == []


def test_an_older_ir_that_cannot_come_back_is_told(
    graph: ov.Model, other: ov.Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "there" / "a.xml"
    save_ir(graph, path)
    _fail_from(monkeypatch, 3, 99)
    with pytest.raises(HostError, match=r"a\.xml could not be replaced, and the older one is lost"):
        save_ir(other, path)
    assert not path.exists()


def _fail_from(monkeypatch: pytest.MonkeyPatch, first: int, last: int) -> None:
    """Renamings from the first to the last of these fail, counted from 0."""
    replace, seen = Path.replace, iter(range(1000))

    def failing(path: Path, target: Path) -> Path:
        if first <= next(seen) <= last:
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", failing)


_KILLED = """
import os, sys
from pathlib import Path
import openvino as ov
from collector.models.ir_files import save_ir
replace, seen = Path.replace, iter(range(1000))
def dying(path, target):
    if next(seen) == int(sys.argv[3]):
        os._exit(9)
    return replace(path, target)
graph = ov.Core().read_model(sys.argv[1])
Path.replace = dying
save_ir(graph, Path(sys.argv[2]))
"""


def test_a_process_killed_at_any_moment_leaves_no_mixture_and_nothing_that_piles_up(
    graph: ov.Model, tmp_path: Path
) -> None:
    tiny_network(tmp_path / "other.xml", seed=4)
    path = tmp_path / "there" / "a.xml"
    codes = []
    for moment in range(5):
        save_ir(graph, path)
        assert sorted(found.name for found in path.parent.iterdir()) == ["a.bin", "a.xml"]
        before = ir_digest(path)
        words = [sys.executable, "-c", _KILLED, str(tmp_path / "other.xml"), str(path), str(moment)]
        codes.append(subprocess.run(words, cwd=ROOT, check=False).returncode)
        if moment == 0:
            assert ir_digest(path) == before
        elif moment < 4:
            assert not path.exists()
    assert codes == [9, 9, 9, 9, 0]
    assert ir_digest(path) != before
