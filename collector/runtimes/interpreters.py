"""Pythons on this machine: where they may be, and which one each really is.

A candidate is asked for its version before it is trusted: a shim may be there that fails.
Which Pythons an OpenVINO has wheels for is in ``collector.runtimes.versions``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.runtimes.registry import Source
from collector.runtimes.uv_tool import uv
from collector.runtimes.versions import OLDEST_PYTHON, python_numbers
from results.errors import HostError, UsageError

_ASK = "import platform, sys; print(platform.python_implementation(), sys.version.split()[0])"
_ASK_LIMIT_S = 20.0


@dataclass(frozen=True)
class Interpreter:
    """A Python that runs; ``version`` is its full one, such as ``3.8.18``."""

    path: str
    version: str

    @property
    def release(self) -> str:
        """Such as ``3.8``."""
        return ".".join(self.version.split(".")[:2])


def own_release() -> str:
    """The release of the Python that runs the collector, such as ``3.11``."""
    return ".".join(map(str, sys.version_info[:2]))


def given(text: str) -> Interpreter:
    """The Python that the user named by path or name; UsageError where it does not run."""
    path = shutil.which(text)
    found = None if path is None else ask(path)
    if found is None:
        raise UsageError(
            f"--python {text} is no Python that runs", hint="give an interpreter's path"
        )
    if python_numbers(found.version) < python_numbers(OLDEST_PYTHON):
        raise UsageError(
            f"--python {text} is Python {found.version}",
            hint=f"{OLDEST_PYTHON} is the oldest that can measure",
        )
    return found


def available(releases: Sequence[str], source: Source) -> Iterator[Interpreter]:
    """One interpreter of each release that is here, in that order."""
    for release in releases:
        found = (ask(path) for path in _candidates(release, source))
        yield from _first(one for one in found if one is not None and one.release == release)


def fetched(release: str, source: Source) -> Interpreter | None:
    """An interpreter that uv installs; HostError where it cannot, None where it does not run."""
    uv(["python", "install", release, "--no-bin"], source)  # nothing into the user's path
    return next(available([release], source), None)


def ask(path: str) -> Interpreter | None:
    """Which CPython a file is; None where it is none, or does not run."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_ASK_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = done.stdout.split()
    if done.returncode or len(words) != 2 or words[0] != "CPython":
        return None
    return Interpreter(path, words[1])


def _candidates(release: str, source: Source) -> Iterator[str]:
    """Files that may be a Python of this release, those that are the quickest to find first."""
    if release == own_release():
        yield sys.executable
    for folder in os.get_exec_path():
        yield from _files(Path(folder) / f"python{release}")
    for root in dict.fromkeys((os.environ.get("PYENV_ROOT"), str(Path.home() / ".pyenv"))):
        for version in sorted((Path(root or ".") / "versions").glob(f"{release}.*"), reverse=True):
            yield from _files(version / "bin" / "python")
    yield from _kept_by_uv(release, source)


def _files(path: Path) -> Iterator[str]:
    if path.is_file():
        yield str(path)


def _kept_by_uv(release: str, source: Source) -> Iterator[str]:
    """A Python that uv installed before."""
    try:
        found = uv(["python", "find", "--managed-python", "--no-python-downloads", release], source)
    except HostError:  # there is none: uv calls that an error
        return
    yield found.strip()


def _first(found: Iterator[Interpreter]) -> Iterator[Interpreter]:
    for one in found:
        yield one
        return
