"""Environments that are there: where they lie, what is written about each, which is meant.

An environment without its manifest does not exist. Making and removing lives in
``collector.runtimes.making``, whether one still works in ``collector.runtimes.checking``.
"""

from __future__ import annotations

import json
import os
import shlex
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collector.runtimes.versions import checked, in_words, is_version_text, matches, numbers
from results.command import DEFAULT_DATA
from results.durable import write_text
from results.errors import UsageError

RUNTIMES_VARIABLE = "INT8_LENS_RUNTIMES"
_MANIFEST = "runtime.json"


@dataclass(frozen=True)
class RuntimeEnvironment:
    """An isolated environment with one OpenVINO in it.

    ``build`` is what that OpenVINO says of itself, ``packages`` are pins such as
    ``numpy==1.19.5``; ``loader_paths`` must be on the loader's path for it to be imported.
    ``size_bytes`` counts every file, also those that are hard links into uv's cache.
    """

    version: str
    build: str
    python: Path
    python_version: str
    loader_paths: tuple[Path, ...]
    packages: tuple[str, ...]
    size_bytes: int
    folder: Path
    made_at: datetime | None = None


def runtimes_folder(data: Path) -> Path:
    """Where environments are kept: INT8_LENS_RUNTIMES, or in the store's cache. Absolute."""
    named = os.environ.get(RUNTIMES_VARIABLE, "").strip()
    return (Path(named) if named else data / "cache" / "runtimes").absolute()


def installed(folder: Path) -> tuple[RuntimeEnvironment, ...]:
    """The environments that have a manifest, newest version first; never raises."""
    found = (read(path) for path in folders(folder))
    return tuple(environment for environment in found if environment is not None)


def folders(folder: Path) -> tuple[Path, ...]:
    """The folders that are named like versions, whole or not, newest version first."""
    found: list[Path] = []
    with suppress(OSError):
        found = [path for path in folder.iterdir() if is_version_text(path.name) and path.is_dir()]
    return tuple(sorted(found, key=lambda path: numbers(path.name), reverse=True))


def find(text: str, folder: Path) -> RuntimeEnvironment:
    """The newest environment that a text such as ``2023.3`` means; UsageError without one."""
    asked = checked(text)
    for environment in installed(folder):
        if matches(environment.version, asked):
            return environment
    broken = [path.name for path in folders(folder) if matches(path.name, asked)]
    if broken:
        raise UsageError(
            f"the environment of OpenVINO {broken[0]} is broken: it has no manifest",
            hint=f"make it anew: {add_command(broken[0], folder)}",
        )
    raise UsageError(
        f"OpenVINO {text} is not installed ({there_are(folder)})",
        hint=f"add it: {add_command(text, folder)}",
    )


def add_command(version: str, folder: Path) -> str:
    """How to add a version where ``folder`` is where environments are kept."""
    command = f"python -m collector runtimes add {version}"
    if folder == runtimes_folder(DEFAULT_DATA):
        return command
    if folder.parts[-2:] == ("cache", "runtimes") and RUNTIMES_VARIABLE not in os.environ:
        return f"{command} --data {shlex.quote(str(folder.parent.parent))}"
    return command


def there_are(folder: Path) -> str:
    """What is installed, for a message: ``there are 2024.6.0 and 2021.4.2``."""
    versions = [path.name for path in folders(folder)]
    if not versions:
        return f"there is none in {folder}"
    return f"there {'is' if len(versions) == 1 else 'are'} {in_words(versions, 'and')}"


def python_of(folder: Path) -> Path:
    """The interpreter of an environment."""
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def loader_paths(folder: Path) -> tuple[Path, ...]:
    """Folders that the loader must be told: those of a wheel that put its libraries elsewhere.

    The wheel of 2021.2 does: OpenVINO's libraries lie under a folder of data beside its
    package, TBB in the ``lib`` of the environment. Later wheels find their own.
    """
    found = sorted(path.parent for path in folder.rglob("libinference_engine.so"))
    if not any(path.parent.name == "data" for path in found):
        return ()
    threads = sorted({path.parent for path in folder.rglob("libtbb.so*")} - set(found))
    return (*found, *threads)


def size_of(folder: Path) -> int:
    """Bytes of all files under a folder; links to elsewhere do not count."""
    found = (Path(top) / name for top, _, names in os.walk(folder) for name in names)
    return sum(path.lstat().st_size for path in found if not path.is_symlink())


def write(environment: RuntimeEnvironment) -> None:
    """Write the manifest; OSError where the disk refuses. Paths in it are relative."""
    inside = [path.relative_to(environment.folder) for path in environment.loader_paths]
    body = {
        "version": environment.version,
        "build": environment.build,
        "python_version": environment.python_version,
        "library_paths": [path.as_posix() for path in inside],
        "packages": environment.packages,
        "size_bytes": environment.size_bytes,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_text(environment.folder / _MANIFEST, json.dumps(body, indent=1) + "\n")


def read(folder: Path) -> RuntimeEnvironment | None:
    """The environment in a folder; None where its manifest is not there or is damaged."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        body = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        if body["version"] != folder.name:
            return None
        return RuntimeEnvironment(
            version=str(body["version"]),
            build=str(body["build"]),
            python=python_of(folder),
            python_version=str(body["python_version"]),
            loader_paths=tuple(folder / str(path) for path in body["library_paths"]),
            packages=tuple(map(str, body["packages"])),
            size_bytes=int(body["size_bytes"]),
            folder=folder,
            made_at=datetime.fromisoformat(body["made_at"]),
        )
    return None
