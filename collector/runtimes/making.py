"""Makes and removes environments: whole or not at all, one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from collector.runtimes import environment as kept
from collector.runtimes.checking import described, problem_of
from collector.runtimes.environment import RuntimeEnvironment
from collector.runtimes.locks import alone, refuse_if_used
from collector.runtimes.registry import Source, keeping_pythons
from collector.runtimes.resolving import Resolved, resolve
from collector.runtimes.uv_tool import UnreachableError, UnsatisfiableError, uv
from collector.runtimes.versions import LATEST, checked, in_words, is_exact, matches, numbers
from collector.using import own
from results.durable import appearing, sweep_own, vanish, write_failure
from results.errors import HostError, UsageError

Tell = Callable[[str], None]

_PYTHONS = "pythons"


@dataclass(frozen=True)
class Added:
    """What a version that was asked for came to.

    ``environment`` None: it is the collector's own OpenVINO. ``made``: it was not there before.
    """

    version: str
    environment: RuntimeEnvironment | None
    made: bool


@dataclass(frozen=True)
class Removed:
    """A version whose environment is gone, and the bytes that it had."""

    version: str
    size_bytes: int


def add(asked: str, folder: Path, source: Source, python: str | None, tell: Tell) -> Added:
    """Make the environment of a version under ``folder``, unless a sound one is there.

    ``python`` is an interpreter's path, None for the best that is found; ``tell`` gets each
    step. Raises UsageError and HostError; leaves nothing half-made.
    """
    there = _there(checked(asked), folder)
    if there is not None and is_exact(asked) and _is_kept(there, folder, tell):
        return Added(there.version, there, made=False)
    source = keeping_pythons(source, folder / _PYTHONS)
    try:
        found = resolve(asked, python, source)
    except UnreachableError:
        if there is None or asked == LATEST or not _is_kept(there, folder, tell):
            raise
        return Added(there.version, there, made=False)
    here = own()
    if found.version == here.version:
        return Added(here.version, None, made=False)
    return _added(found, folder, source, tell)


def _there(asked: str, folder: Path) -> RuntimeEnvironment | None:
    return next((one for one in kept.installed(folder) if matches(one.version, asked)), None)


def _is_kept(there: RuntimeEnvironment, folder: Path, tell: Tell) -> bool:
    with alone(folder, there.version, tell):
        return problem_of(there) is None


def _added(found: Resolved, folder: Path, source: Source, tell: Tell) -> Added:
    final = folder / found.version
    with alone(folder, found.version, tell):
        there = kept.read(final)
        problem = "it has no manifest" if there is None else problem_of(there)
        if there is not None and problem is None:
            return Added(found.version, there, made=False)
        sweep_own(folder, f"{found.version}-")
        if final.exists():
            refuse_if_used(folder, found.version)
            tell(
                f"the environment of OpenVINO {found.version} is broken ({problem}): making it anew"
            )
            vanish(final)
        return Added(found.version, _made(found, final, source, tell), made=True)


def _made(found: Resolved, final: Path, source: Source, tell: Tell) -> RuntimeEnvironment:
    with _disk_named(final.parent), appearing(final) as temp:
        made = _filled(found, temp, source, tell)
        kept.write(made)
    result = kept.read(final)
    if result is None:
        raise HostError(f"{final} vanished while it was made", hint="try again")
    return result


def _filled(found: Resolved, temp: Path, source: Source, tell: Tell) -> RuntimeEnvironment:
    """An environment with its packages, checked; still under its temporary name."""
    interpreter = found.interpreter
    tell(f"making the environment of OpenVINO {found.version} with Python {interpreter.release}")
    uv(["venv", "-q", "--relocatable", "--no-project", "--python", interpreter.path, str(temp)],
       source)  # fmt: skip
    python = kept.python_of(temp)
    install = ["pip", "install", "-q", "--no-build", "--no-deps", "--python", str(python)]
    try:
        uv([*install, *source.options, *found.pins], source)
    except UnsatisfiableError as error:
        raise HostError(
            f"the packages of OpenVINO {found.version} are not there any more ({error})",
            hint="try again",
        ) from error
    tell("checking it")
    paths = kept.loader_paths(temp)
    build, python_version = _described(found.version, python, paths)
    return RuntimeEnvironment(
        version=found.version,
        build=build,
        python=python,
        python_version=python_version,
        loader_paths=paths,
        packages=found.pins,
        size_bytes=kept.size_of(temp),
        folder=temp,
    )


def _described(version: str, python: Path, paths: tuple[Path, ...]) -> tuple[str, str]:
    try:
        build, python_version = described(python, paths)
    except HostError as error:
        raise HostError(
            f"OpenVINO {version} was installed and does not work ({error.message})",
            hint="try another --python, or another version; nothing was kept",
        ) from error
    if numbers(build) != numbers(version):
        raise HostError(
            f"OpenVINO {version} was installed and what is imported is build {build}",
            hint="see where the packages come from; nothing was kept",
        )
    return build, python_version


def remove(asked: str, folder: Path, tell: Tell) -> Removed:
    """Remove the environment of a version.

    Raises UsageError where it is not there, HostError while it is measured with.
    """
    version = _one_there(checked(asked), folder)
    with alone(folder, version, tell):
        refuse_if_used(folder, version)
        final = folder / version
        freed = kept.size_of(final)
        sweep_own(folder, f"{version}-")
        vanish(final)
        if final.exists():
            raise HostError(f"{final} cannot be removed", hint="change its permissions")
    return Removed(version, freed)


def _one_there(asked: str, folder: Path) -> str:
    found = [path.name for path in kept.folders(folder) if matches(path.name, asked)]
    if not found:
        here = own().version
        if matches(here, asked):
            raise UsageError(
                f"OpenVINO {here} is the collector's own", hint="pip manages it, not this command"
            )
        raise UsageError(f"OpenVINO {asked} is not installed", hint=kept.there_are(folder))
    if len(found) > 1:
        raise UsageError(f"{asked} can be {in_words(found, 'or')}", hint="give the whole version")
    return found[0]


@contextmanager
def _disk_named(folder: Path) -> Iterator[None]:
    """Turn what a disk refuses into a HostError that names the folder."""
    try:
        yield
    except OSError as error:
        raise write_failure(folder, error) from error
