"""OpenVINO versions: how they are asked for, which Pythons have wheels, what goes with them.

Pure. Which versions a registry really has is asked in ``collector.runtimes.resolving``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from results.errors import UsageError

LATEST = "latest"
OLDEST_PYTHON = "3.7"  # that the probe runs with
_OLDEST = (2021, 2, 0)
_NUMPY_2_KNOWN_FROM = (2024, 1)  # from here on the wheels themselves say which numpy they take
_PKG_RESOURCES_YEAR = 2022  # its wheels import pkg_resources, which setuptools 81 dropped

Release = tuple[int, int]


@dataclass(frozen=True)
class _Wheels:
    """The releases that have wheels for a Python; ``last`` None: there are more to come."""

    python: str
    first: Release
    last: Release | None

    def cover(self, release: Release) -> bool:
        return self.first <= release and (self.last is None or release <= self.last)


# What the package index has for x86-64 Linux, newest Python first. The probe needs Python 3.7.
_WHEELS = (
    _Wheels("3.13", (2025, 0), None),
    _Wheels("3.12", (2024, 1), None),
    _Wheels("3.11", (2023, 0), None),
    _Wheels("3.10", (2022, 3), None),
    _Wheels("3.9", (2021, 4), (2025, 3)),
    _Wheels("3.8", (2021, 3), (2024, 4)),
    _Wheels("3.7", (2021, 2), (2023, 1)),
)


def is_version_text(text: str) -> bool:
    """Whether a text can be a version: ``2024.6``, ``2021.4.2``."""
    return re.fullmatch(r"20\d\d\.\d{1,2}(\.\d{1,3})?", text) is not None


def checked(text: str) -> str:
    """A version as it is asked for: ``2024.6``, ``2021.4.2`` or ``latest``; else UsageError."""
    if text == LATEST:
        return text
    if not is_version_text(text):
        raise UsageError(
            f"{text!r} is no OpenVINO version", hint="give one such as 2024.6, 2021.4.2 or latest"
        )
    if numbers(text) < _OLDEST:
        raise UsageError(
            f"OpenVINO {text} cannot be measured", hint="2021.2 is the oldest that can"
        )
    return text


def numbers(version: str) -> tuple[int, int, int]:
    """``2021.2`` as (2021, 2, 0), which it is the same as.

    What follows the numbers, as in ``2026.5.0.dev20261101`` or in a build, does not count;
    what begins with none is (0, 0, 0).
    """
    found = re.match(r"\d+(?:\.\d+)*", version)
    year, minor, patch = [*map(int, found.group().split(".") if found else ()), 0, 0, 0][:3]
    return year, minor, patch


def matches(version: str, asked: str) -> bool:
    """Whether ``2024.6.0`` is what ``2024.6``, ``2024.6.0`` or ``latest`` asks for.

    What is no version, such as ``2026.5.0.dev20261101``, asks for nothing but itself.
    """
    if asked in {LATEST, version}:
        return True
    if not is_version_text(asked):
        return False
    length = len(asked.split("."))
    return numbers(version)[:length] == numbers(asked)[:length]


def newest(versions: Iterable[str]) -> str | None:
    """The newest of some versions; None of none."""
    return max(versions, key=numbers, default=None)


def is_exact(asked: str) -> bool:
    """Whether a text names one version, so that no registry need be asked which it is."""
    return asked.count(".") == 2


def pythons_for(asked: str, own: str | None = None) -> tuple[str, ...]:
    """Pythons such as ``3.11`` that have wheels, best first.

    ``own``, the collector's, comes first where it has some. It is tried too where it is newer
    than all that are known here and so is the version.
    """
    release = None if asked == LATEST else numbers(asked)[:2]
    known = [w.python for w in _WHEELS if (w.last is None if release is None else w.cover(release))]
    if own is None:
        return tuple(known)
    newer = python_numbers(own) > python_numbers(_WHEELS[0].python)
    if own in known or (newer and _WHEELS[0].python in known):
        return (own, *(python for python in known if python != own))
    return tuple(known)


def requirements(asked: str) -> tuple[str, ...]:
    """What to ask a package index for: OpenVINO, and what its own metadata leaves open."""
    if asked == LATEST:
        return ("openvino",)
    year, minor, _ = numbers(asked)
    wanted = [f"openvino=={asked}" if is_exact(asked) else f"openvino=={asked}.*"]
    if (year, minor) < _NUMPY_2_KNOWN_FROM:
        wanted.append("numpy<2")
    if year == _PKG_RESOURCES_YEAR:
        wanted.append("setuptools<81")
    return tuple(wanted)


def in_words(items: Sequence[str], last: str) -> str:
    """``3.9, 3.8 or 3.7``."""
    *most, end = items
    return f"{', '.join(most)} {last} {end}" if most else end


def python_numbers(python: str) -> tuple[int, ...]:
    return tuple(map(int, python.split(".")[:2]))
