"""Who has an environment: one maker or remover alone, or any number of measurements.

The system drops a lock when its process dies, so that none has to be cleaned up by hand.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from filelock import FileLock, Timeout

from collector.runtimes.environment import RuntimeEnvironment, add_command, read
from results.command import note
from results.durable import write_failure
from results.errors import HostError, UsageError

_FOLDER = ".locks"
_WAIT_S = 1800.0
_AT_ONCE_S = 0.5


@contextmanager
def alone(folder: Path, version: str, tell: Callable[[str], None]) -> Iterator[None]:
    """Make or remove one version alone; waits, and says so, while another process does."""
    if _is_read_only(folder):
        yield
        return
    lock = _lock(folder, version)
    try:
        lock.acquire(timeout=_AT_ONCE_S)
    except Timeout:
        tell(f"another process is busy with OpenVINO {version}: waiting for it")
        _wait(lock, version)
    try:
        yield
    finally:
        lock.release()


@contextmanager
def held(environment: RuntimeEnvironment) -> Iterator[None]:
    """Keep an environment from being removed or made anew while it is measured with.

    Raises UsageError where it was removed in the meantime.
    """
    folder, version = environment.folder.parent, environment.version
    if _is_read_only(folder):
        yield
        return
    use = _lock(folder, f"{version}.use-{os.getpid()}-{uuid4().hex[:8]}")
    try:
        with alone(folder, version, note):
            if read(environment.folder) is None:
                raise UsageError(
                    f"OpenVINO {version} was removed",
                    hint=f"add it: {add_command(version, folder)}",
                )
            use.acquire()
        yield
    finally:
        use.release()
        with suppress(OSError):
            Path(use.lock_file).unlink()


def refuse_if_used(folder: Path, version: str) -> None:
    """Raise HostError where a live process measures with a version; call it ``alone``."""
    for path in (folder / _FOLDER).glob(f"{version}.use-*"):
        try:
            with FileLock(path, thread_local=False).acquire(blocking=False):
                pass
        except Timeout as error:
            raise HostError(
                f"OpenVINO {version} is being measured with", hint="wait until that has ended"
            ) from error
        with suppress(OSError):
            path.unlink()


def _wait(lock: FileLock, version: str) -> None:
    try:
        lock.acquire(timeout=_WAIT_S)
    except Timeout as error:
        raise HostError(
            f"another process has been busy with OpenVINO {version} for {_WAIT_S / 60:g} minutes",
            hint="stop it and try again",
        ) from error


def _is_read_only(folder: Path) -> bool:
    """Whether we cannot change a folder, such as one in an image: there is no need to lock."""
    return folder.exists() and not os.access(folder, os.W_OK)


def _lock(folder: Path, name: str) -> FileLock:
    try:
        (folder / _FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_failure(folder, error) from error
    return FileLock(folder / _FOLDER / name, thread_local=False)
