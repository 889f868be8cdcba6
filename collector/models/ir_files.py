"""OpenVINO IR files on disk: there whole or not at all, and read only where they are whole.

OpenVINO's writer does not always complain about a disk that is full: what was written is
read back before it gets its name. Which file holds what is not known here.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from collector.models.convert.readers import silent_readers
from results.durable import TEMP_PREFIX, sync, temp_of, write_failure, write_text
from results.errors import HostError

if TYPE_CHECKING:
    import openvino as ov


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
    temporary = path.with_name(f"{TEMP_PREFIX}{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(temporary, text)
        temporary.replace(path)
    except OSError as error:
        raise _failure(path.parent, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def save_ir(graph: ov.Model, path: Path, *, half_weights: bool = False) -> None:
    """Write ``path`` (an .xml) and its .bin; HostError, with nothing left, where that fails.

    ``half_weights`` stores weights as 16-bit floating-point numbers.
    """
    import openvino as ov

    with _appearing(path) as temporary:
        try:
            with silent_readers():
                ov.save_model(graph, str(temporary), compress_to_fp16=half_weights)
        except RuntimeError as error:
            raise _incomplete(path) from error
        written = read_if_whole(temporary)
        if written is None or not written.get_ops() or not temporary.with_suffix(".bin").exists():
            raise _incomplete(path)


def _incomplete(path: Path) -> HostError:
    free = shutil.disk_usage(path.parent).free
    return HostError(
        f"{path} could not be written whole ({free // 2**20} MiB are free)",
        hint="free some space or choose another folder; nothing was written",
    )


def copy_ir(source: Path, path: Path) -> None:
    """Copy an IR; HostError, with nothing left, where that fails."""
    with _appearing(path) as temporary:
        for ending in (".xml", ".bin"):
            shutil.copyfile(source.with_suffix(ending), temporary.with_suffix(ending))


@contextmanager
def _appearing(path: Path) -> Iterator[Path]:
    """An .xml to write, with its .bin; both get their names where the block ends well.

    An older IR of the name goes first, so that an .xml never stands beside another's .bin.
    """
    temporary = temp_of(path.with_suffix(""))
    _sweep(path)
    try:
        temporary.mkdir(parents=True)
        yield temporary / path.name
        for ending in (".xml", ".bin"):
            sync((temporary / path.name).with_suffix(ending))
        path.unlink(missing_ok=True)
        for ending in (".bin", ".xml"):
            (temporary / path.name).with_suffix(ending).replace(path.with_suffix(ending))
        sync(path.parent)
    except OSError as error:
        raise _failure(path.parent, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _failure(folder: Path, error: OSError) -> HostError:
    if error.errno == errno.EFBIG:  # a quota that is set per file
        error = OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
    return write_failure(folder, error, then=" or choose another folder; nothing was written")


def _sweep(path: Path) -> None:
    """Remove what a killed process left of this IR."""
    for left in path.parent.glob(f"{TEMP_PREFIX}{path.stem}-*"):
        pid = left.name.rpartition("-")[2]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


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
