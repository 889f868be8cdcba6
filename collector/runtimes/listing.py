"""What can be measured with, each tried: the collector's own OpenVINO and the environments."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from collector.runtimes.checking import described, problem_of
from collector.runtimes.environment import folders, read, size_of
from collector.using import own
from results.errors import HostError

_NO_MANIFEST = "it has no manifest"


@dataclass(frozen=True)
class Listed:
    """One OpenVINO; ``problem`` None: it works. None elsewhere: cannot be known."""

    version: str
    build: str | None
    python: str | None
    python_version: str | None
    size_bytes: int | None
    built_in: bool
    problem: str | None


def listed(folder: Path) -> tuple[Listed, ...]:
    """The collector's own OpenVINO, then every environment, newest first. Starts each."""
    return (_own(), *(_kept(path) for path in folders(folder)))


def _own() -> Listed:
    here = own()
    build = python_version = problem = None
    try:
        build, python_version = described(Path(here.python), ())
    except HostError as error:
        problem = error.message
    return Listed(here.version, build, here.python, python_version, None, True, problem)


def _kept(path: Path) -> Listed:
    there = read(path)
    if there is None:
        return Listed(path.name, None, None, None, size_of(path), False, _NO_MANIFEST)
    return Listed(
        version=there.version,
        build=there.build,
        python=str(there.python),
        python_version=there.python_version,
        size_bytes=there.size_bytes,
        built_in=False,
        problem=problem_of(there),
    )
