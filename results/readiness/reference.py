"""How a command of the checklist names the model and the place, so that it can be run as it is.

Pure. A built-in model has its name; the file of another one is taken from the commands of the
runs in the store, and is ``FILE`` where none of them tells it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from results.facts import Device, Model
from results.kinds import normalised
from results.readiness.shapes import Reference
from results.versions.shapes import Version
from results.views import RunView

UNKNOWN_FILE = "FILE"
_BUILTIN = "builtin"
_CPU = "CPU"


def reference_of(
    model: Model,
    device: Device | None,
    version: Version | None,
    runs: Iterable[RunView],
    data: tuple[str, ...],
) -> Reference:
    """The model, the device (None: the usual one) and the version (None: the usual one).

    ``runs`` are looked at, the newest first, where the model is none of the built-in ones.
    """
    name = model.name if model.source_format == _BUILTIN else _file_of(model, runs)
    return Reference(name, (*_device_options(device), *_version_options(version)), data)


def _device_options(device: Device | None) -> tuple[str, ...]:
    if device is None:
        return ()
    named = () if device.ov_device == _CPU else ("--device", device.ov_device)
    return (*named, *(("--isa-cap", device.isa_cap) if device.isa_cap else ()))


def _version_options(version: Version | None) -> tuple[str, ...]:
    return ("--openvino", version.version) if version else ()


def _file_of(model: Model, runs: Iterable[RunView]) -> str:
    """The file that the newest run with one of that name was given."""
    wanted = normalised(model.name)
    commands = dict.fromkeys(run.command for run in runs)
    named = (path for command in commands for path in _paths(command))
    return next((path for path in named if normalised(PurePath(path).stem) == wanted), UNKNOWN_FILE)


def _paths(command: str) -> Iterator[str]:
    """The words of a stored command that may be files; none of a text that is no command."""
    try:
        words = shlex.split(command)
    except ValueError:
        return
    yield from (word.removeprefix("--model=") for word in words if PurePath(word).suffix)
