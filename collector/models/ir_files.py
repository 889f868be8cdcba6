"""OpenVINO IR files on disk: there whole or not at all, and read only where they are whole.

OpenVINO's writer does not always complain about a disk that is full: what was written is
read back before it gets its name. Which file holds what is not known here.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from collector.models.convert.readers import silent_readers
from collector.models.graph import content_hash
from results.durable import TEMP_PREFIX, sync, write_failure, write_text
from results.errors import HostError

if TYPE_CHECKING:
    import openvino as ov

_ENDINGS = (".xml", ".bin")
_LOCK_WAIT_S = 600


def cached(path: Path, make: Callable[[], ov.Model]) -> ov.Model:
    """The graph at ``path``; made and written first where it is not there or damaged."""
    found = read_if_whole(path)
    if found is None:
        save_ir(make(), path)
        found = read_if_whole(path)
    if found is None:
        raise _incomplete(path)
    return found


def read_if_whole(path: Path) -> ov.Model | None:
    """The graph of an IR; None where it is not there, or was cut short."""
    import openvino as ov

    if not path.exists():
        return None
    with suppress(RuntimeError), silent_readers():
        return ov.Core().read_model(str(path))
    return None


def replace_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all; HostError where that fails."""
    with _alone(path, path.name) as folder:
        write_text(folder / path.name, text)
        (folder / path.name).replace(path)


def save_ir(graph: ov.Model, path: Path, *, half_weights: bool = False) -> None:
    """Write ``path`` (an .xml) and its .bin; HostError, with nothing changed, where that fails.

    ``half_weights`` stores weights as 16-bit floating-point numbers. An IR that is there and
    computes the same stays: another process may be about to read it.
    """
    import openvino as ov

    with _alone(path, path.stem) as folder:
        temporary = folder / path.name
        try:
            with silent_readers():
                ov.save_model(graph, str(temporary), compress_to_fp16=half_weights)
        except RuntimeError as error:
            raise _incomplete(path) from error
        written = read_if_whole(temporary)
        if written is None or not written.get_ops() or not temporary.with_suffix(".bin").exists():
            raise _incomplete(path)
        if not _computes(path, written):
            _replace(temporary, path)


def _computes(path: Path, graph: ov.Model) -> bool:
    """Whether the IR at ``path`` is whole and computes what ``graph`` does."""
    there = read_if_whole(path)
    with suppress(RuntimeError):
        return there is not None and content_hash(there) == content_hash(graph)
    return False


def _incomplete(path: Path) -> HostError:
    free = shutil.disk_usage(path.parent).free
    return HostError(
        f"{path} could not be written whole ({free // 2**20} MiB are free)",
        hint="free some space or choose another folder; nothing was written",
    )


def copy_ir(source: Path, path: Path) -> None:
    """Copy an IR; HostError, with nothing changed, where that fails. One that is equal stays."""
    with _alone(path, path.stem) as folder:
        temporary = folder / path.name
        for ending in _ENDINGS:
            shutil.copyfile(source.with_suffix(ending), temporary.with_suffix(ending))
        if ir_digest(temporary) != ir_digest(path):
            _replace(temporary, path)


@contextmanager
def _alone(path: Path, name: str) -> Iterator[Path]:
    """A new folder beside ``path`` for the one process that may write it; it goes at the end.

    The system drops the lock of a process that dies. So folders of that ``name`` that are there
    when the lock is had were left by killed processes. Their ids would not tell that: each
    container counts its own.
    """
    lock = path.with_name(f"{TEMP_PREFIX}{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=_LOCK_WAIT_S), _vanishing(lock):
            _sweep(path.parent, name)
            prefix = f"{TEMP_PREFIX}{name}-"
            with TemporaryDirectory(
                prefix=prefix, dir=path.parent, ignore_cleanup_errors=True
            ) as folder:
                yield Path(folder)
    except Timeout as error:
        raise HostError(
            f"another process has been writing {path} for {_LOCK_WAIT_S} s",
            hint="wait until it has ended or stop it; nothing was written",
        ) from error
    except OSError as error:
        raise _failure(path.parent, error) from error


@contextmanager
def _vanishing(lock: Path) -> Iterator[None]:
    """Remove a lock's file while the lock is held: who waits for it sees that and asks anew."""
    try:
        yield
    finally:
        with suppress(OSError):
            lock.unlink()


def _sweep(folder: Path, name: str) -> None:
    """Remove what killed processes left of the files of this name; only with their lock."""
    left = re.compile(re.escape(f"{TEMP_PREFIX}{name}-") + "[0-9a-z_]+")
    for found in folder.iterdir():
        if left.fullmatch(found.name):
            shutil.rmtree(found, ignore_errors=True)


def _replace(temporary: Path, path: Path) -> None:
    """Give a new IR its name; where that fails the older one comes back.

    The older .xml goes first and the new one comes last, so that, wherever this is killed, an
    .xml never stands beside another's .bin.
    """
    for ending in _ENDINGS:
        sync(temporary.with_suffix(ending))
    older = temporary.parent / "older" / path.name
    older.parent.mkdir()
    try:
        for ending in _ENDINGS:
            with suppress(FileNotFoundError):
                path.with_suffix(ending).replace(older.with_suffix(ending))
        for ending in reversed(_ENDINGS):
            temporary.with_suffix(ending).replace(path.with_suffix(ending))
    except BaseException:
        _put_back(older, temporary, path)
        raise
    sync(path.parent)


def _put_back(older: Path, temporary: Path, path: Path) -> None:
    """Undo a replacement that failed; HostError where the older IR cannot come back."""
    try:
        if not temporary.with_suffix(".bin").exists():
            path.with_suffix(".bin").unlink(missing_ok=True)
        for ending in reversed(_ENDINGS):
            with suppress(FileNotFoundError):
                older.with_suffix(ending).replace(path.with_suffix(ending))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise HostError(
            f"{path} could not be replaced, and the older one is lost ({reason})",
            hint="make it anew, in another folder",
        ) from error


def _failure(folder: Path, error: OSError) -> HostError:
    if error.errno == errno.EFBIG:  # a quota that is set per file
        error = OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
    return write_failure(folder, error, then=" or choose another folder; nothing was written")


def digest(*paths: Path) -> str:
    """SHA-256 over the sizes and bytes of files, in their order."""
    found = hashlib.sha256()
    for path in paths:
        found.update(f"{path.stat().st_size}\n".encode())
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def ir_digest(path: Path) -> str | None:
    """The digest of an IR's two files; None where one is not there or cannot be read."""
    with suppress(OSError):
        return digest(path, path.with_suffix(".bin"))
    return None
