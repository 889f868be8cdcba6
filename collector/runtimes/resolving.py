"""Which OpenVINO and which packages a request comes to, for a Python that is here.

Asks the package index, and where that says no, says what there is instead. Nothing is
installed here.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from collector.runtimes import interpreters
from collector.runtimes.interpreters import Interpreter
from collector.runtimes.registry import Source
from collector.runtimes.uv_tool import UnsatisfiableError, uv
from collector.runtimes.versions import (
    LATEST,
    in_words,
    newest,
    numbers,
    pythons_for,
    requirements,
)
from results.errors import HostError, UsageError

_PIN = re.compile(r"^([\w.-]+)==(\S+)", flags=re.MULTILINE)
_NOT_THERE = re.compile(r"Because (\S+) was not found in the provided package locations")
_NEAREST = 3


@dataclass(frozen=True)
class Resolved:
    """An OpenVINO version, the Python to run it, and pins of all its packages."""

    version: str
    interpreter: Interpreter
    pins: tuple[str, ...]


def resolve(asked: str, python: str | None, source: Source) -> Resolved:
    """What to install for ``2024.6``, with the Python given or the best one that is here.

    Raises UsageError for a version that does not exist, HostError where there is no Python or
    no index, or the folder lacks a wheel.
    """
    refused: list[tuple[Interpreter, str]] = []
    for interpreter in _interpreters(asked, python, source):
        try:
            return _resolved(asked, interpreter, source)
        except UnsatisfiableError as error:
            refused.append((interpreter, str(error)))
    raise _no_such(asked, refused, source)


def _interpreters(asked: str, python: str | None, source: Source) -> Iterator[Interpreter]:
    if python is not None:
        return iter([interpreters.given(python)])
    wanted = pythons_for(asked, interpreters.own_release())
    if not wanted:
        return iter(())
    found = interpreters.available(wanted, source)
    first = next(found, None)
    return chain([first or _fetched(asked, wanted, source)], found)


def _fetched(asked: str, wanted: tuple[str, ...], source: Source) -> Interpreter:
    """A Python that uv installs; HostError, which names those that would do, where it cannot."""
    needs = f"OpenVINO {asked} needs Python {in_words(wanted, 'or')}, none of them is here"
    hint = "install one or give --python PATH"
    if source.folder is not None:
        raise HostError(needs, hint=hint)
    try:
        found = interpreters.fetched(wanted[0], source)
    except HostError as error:
        raise HostError(
            f"{needs}, and uv could not fetch one: {error.message}", hint=hint
        ) from error
    if found is None:
        raise HostError(f"{needs}, and the one that uv fetched does not run", hint=hint)
    return found


def _resolved(asked: str, interpreter: Interpreter, source: Source) -> Resolved:
    pins = _compiled(requirements(asked), interpreter, source)
    version = dict(pins)["openvino"]
    return Resolved(version, interpreter, tuple("==".join(pin) for pin in pins))


def _compiled(
    wanted: tuple[str, ...], interpreter: Interpreter, source: Source, *options: str
) -> list[tuple[str, str]]:
    """Names and versions that meet some requirements."""
    arguments = ["pip", "compile", "-", "--no-header", "--no-annotate", "--no-build", "-q",
                 "--python", interpreter.path, *source.options, *options]  # fmt: skip
    return _PIN.findall(uv(arguments, source, text="\n".join(wanted)))


def _no_such(asked: str, refused: list[tuple[Interpreter, str]], source: Source) -> Exception:
    """The error to show where no Python has such a version."""
    if not refused:
        return UsageError(
            f"there is no OpenVINO {asked} that is known", hint="2021.2 and later can be had"
        )
    interpreter, reason = refused[0]
    if source.folder is not None:
        return _not_in_folder(asked, interpreter, reason, source)
    known = pythons_for(asked)
    if known and interpreter.release not in known:  # one that the user gave
        return UsageError(
            f"OpenVINO {asked} has no wheels for Python {interpreter.release}",
            hint=f"give a Python {in_words(known, 'or')}, or leave --python out",
        )
    there = _nearest(asked, interpreter, source)
    what = f"there is no OpenVINO {asked} for Python {interpreter.release}"
    if not there:
        return HostError(f"{what} ({reason})", hint="see which package index is configured")
    if asked in there:  # so a companion is what is missing
        return HostError(
            f"OpenVINO {asked} cannot be installed for Python {interpreter.release} ({reason})",
            hint="see which package index is configured",
        )
    noun = "the nearest is" if len(there) == 1 else "the nearest are"
    return UsageError(what, hint=f"{noun} {in_words(there, 'and')}")


def _not_in_folder(asked: str, interpreter: Interpreter, reason: str, source: Source) -> HostError:
    missing = _NOT_THERE.search(reason)
    name = missing.group(1) if missing else "openvino"
    wheel = f"openvino {asked}" if name == "openvino" and asked != LATEST else name
    there = _nearest(asked, interpreter, source) if name == "openvino" else []
    also = f"; of openvino it holds {in_words(there, 'and')}" if there else ""
    return HostError(
        f"{source.folder} holds no wheel of {wheel} for Python {interpreter.release}{also}",
        hint=f"fetch it where there is a network: pip download {shlex.join(requirements(asked))} "
        f"--only-binary :all: --python-version {interpreter.release} -d {source.folder}",
    )


def _nearest(asked: str, interpreter: Interpreter, source: Source) -> list[str]:
    """The versions that exist next to one: two below it, itself if it is there, one above it."""
    text = "9999" if asked == LATEST else asked
    below: list[str] = []
    for _ in range(_NEAREST - 1):
        below += _one(f"openvino<{below[-1] if below else text}", "highest", interpreter, source)
    above = _one(f"openvino>={text}", "lowest", interpreter, source)
    found = sorted({*below, *above}, key=numbers)
    return found if newest(found) else []


def _one(wanted: str, which: str, interpreter: Interpreter, source: Source) -> list[str]:
    options = ("--no-deps", "--resolution", which)
    try:
        pins = _compiled((wanted,), interpreter, source, *options)
    except UnsatisfiableError:
        return []
    return [version for _, version in pins]
