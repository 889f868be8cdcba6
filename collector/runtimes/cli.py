"""The commands ``runtimes add``, ``list`` and ``remove``: their options, what they print."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from collector.runtimes.environment import runtimes_folder
from collector.runtimes.listing import Listed, listed
from collector.runtimes.making import Added, add, remove
from collector.runtimes.registry import source
from collector.runtimes.versions import checked
from results import format as fmt
from results.command import DEFAULT_DATA, DataOption, JsonOption, note, print_text
from results.errors import EXIT_OK, LensError

_T = TypeVar("_T")

runtimes_app = typer.Typer(
    help="Install, list and remove other OpenVINO versions to measure with.\n\n"
    "Example: python -m collector runtimes add 2024.6",
    no_args_is_help=False,
    rich_markup_mode=None,
)

VersionsArgument = Annotated[
    list[str], typer.Argument(metavar="VERSION", help="Such as 2024.6, 2021.4.2 or latest.")
]


@runtimes_app.command("add")
def add_versions(
    versions: VersionsArgument,
    find_links: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Take wheels from this folder alone; no network is needed."
        ),
    ] = None,
    python: Annotated[
        str | None, typer.Option(metavar="PATH", help="Python to use, instead of the best found.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Make an isolated environment for each OpenVINO version, with a Python that it supports.

    2024.6 is the newest 2024.6, latest the newest of all. What is there and works is left as
    it is. `run --openvino` measures with them.

    Example: python -m collector runtimes add 2024.6 2021.4.2

    Example: python -m collector runtimes add 2024.6 --find-links wheels/
    """
    where, folder = source(find_links), runtimes_folder(data)
    found, code = _each(versions, lambda text: add(text, folder, where, python, note))
    lines = [_added_text(one) for one in found]
    _end(lines, [_added_body(one) for one in found], code, as_json=as_json)


@runtimes_app.command("list")
def list_versions(data: DataOption = DEFAULT_DATA, as_json: JsonOption = False) -> None:
    """Show the OpenVINO versions that can be measured with, and whether each still works.

    Example: python -m collector runtimes list
    """
    found = listed(runtimes_folder(data))
    print_text(_list_json(found) if as_json else _list_text(found))


@runtimes_app.command("remove")
def remove_versions(
    versions: VersionsArgument, data: DataOption = DEFAULT_DATA, as_json: JsonOption = False
) -> None:
    """Remove the environments of OpenVINO versions.

    Example: python -m collector runtimes remove 2021.4.2
    """
    folder = runtimes_folder(data)
    found, code = _each(versions, lambda text: remove(text, folder, note))
    lines = [f"removed OpenVINO {one.version}: {_mib(one.size_bytes)} freed" for one in found]
    _end(lines, [asdict(one) for one in found], code, as_json=as_json)


def _each(versions: Sequence[str], do: Callable[[str], _T]) -> tuple[list[_T], int]:
    """Do it for each version and go on after one that fails: what was done, the exit code."""
    for text in versions:
        checked(text)
    done: list[_T] = []
    code = EXIT_OK
    for text in dict.fromkeys(versions):
        try:
            done.append(do(text))
        except LensError as error:
            note(f"error: {error}")
            code = max(code, error.exit_code)
    return done, code


def _end(
    lines: Sequence[str], body: Sequence[Mapping[str, object]], code: int, *, as_json: bool
) -> None:
    if as_json:
        print_text(json.dumps(body, indent=1))
    elif lines:
        print_text("\n".join(lines))
    if code:
        raise typer.Exit(code)


def _added_body(added: Added) -> dict[str, object]:
    there = added.environment
    body: dict[str, object] = {
        "version": added.version,
        "built_in": there is None,
        "made": added.made,
    }
    if there is not None:
        body |= {
            "build": there.build,
            "python": str(there.python),
            "python_version": there.python_version,
            "packages": there.packages,
            "size_bytes": there.size_bytes,
            "folder": str(there.folder),
        }
    return body


def _added_text(added: Added) -> str:
    there = added.environment
    if there is None:
        return f"OpenVINO {added.version} is the collector's own: nothing to add"
    how = "added" if added.made else "is there and works"
    return (
        f"OpenVINO {added.version} {how}: Python {there.python_version}, "
        f"{_mib(there.size_bytes)}, {there.folder}"
    )


def _list_json(found: Sequence[Listed]) -> str:
    total = sum(one.size_bytes or 0 for one in found)
    return json.dumps({"runtimes": [asdict(one) for one in found], "total_bytes": total}, indent=1)


def _list_text(found: Sequence[Listed]) -> str:
    rows = [("OpenVINO", "Python", "size", "build", "")]
    rows += [
        (one.version, one.python_version or fmt.UNKNOWN, _size(one), one.build or fmt.UNKNOWN,
         _state(one))
        for one in found
    ]  # fmt: skip
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    made = [one for one in found if not one.built_in]
    total = _mib(sum(one.size_bytes or 0 for one in made))
    return "\n".join([*lines, f"{fmt.counted(len(made), 'environment')}, {total} in all"])


def _size(one: Listed) -> str:
    return "built in" if one.built_in else _mib(one.size_bytes or 0)


def _state(one: Listed) -> str:
    return "works" if one.problem is None else f"broken: {one.problem}"


def _mib(size_bytes: float) -> str:
    return fmt.mib(size_bytes / 2**20)
