"""Versions in their order, told apart and found by what a person writes.

``2021.4`` is before ``2021.4.2``, ``2025.10`` after ``2025.9``; two builds of one version
are two versions. Which cells they measured is not known here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from results.errors import UsageError
from results.facts import Runtime
from results.versions.shapes import Version

_RELEASE = re.compile(r"(\d+(?:\.\d+)*)(.*)", re.DOTALL)
_DIGITS = re.compile(r"\d+")
_WHOLE = re.compile(r"\d+(?:\.\d+)*")

SortKey = tuple[bool, tuple[int, ...], bool, tuple[int, ...], str]


def ordered(runtimes: Iterable[Runtime]) -> tuple[Version, ...]:
    """All runtimes as versions, oldest first; the label names the build where one is not enough."""
    known = list({runtime.runtime_id: runtime for runtime in runtimes}.values())
    count = Counter(runtime.version for runtime in known)
    versions = [
        Version(
            runtime_id=runtime.runtime_id,
            version=runtime.version,
            build=runtime.build or "",
            label=runtime.version
            if count[runtime.version] == 1
            else f"{runtime.version} (build {runtime.build or runtime.runtime_id})",
        )
        for runtime in known
    ]
    return tuple(sorted(versions, key=sort_key))


def sort_key(version: Version) -> SortKey:
    """By the numbers of the version, what comes before a release first, then by build.

    ``2022.1`` is as new as ``2022.1.0``; a text that is no version comes before all.
    """
    found = _RELEASE.match(version.version)
    numbers, rest = (found[1], found[2]) if found else ("", version.version)
    early = bool(rest)  # 2026.5.0.dev20261101, 2024.0.0rc1
    return bool(found), _numbers(numbers), not early, _build_numbers(version), version.runtime_id


def _numbers(text: str) -> tuple[int, ...]:
    """``2022.1.0`` as (2022, 1): trailing zeros say nothing."""
    found = [int(digits) for digits in _DIGITS.findall(text)]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)


def _build_numbers(version: Version) -> tuple[int, ...]:
    """The counter of a build, ``22186`` in ``2026.4.1-22186-6952cddd8af-releases/2026/4``."""
    counter = version.build.partition("-")[2].partition("-")[0]
    return (int(counter),) if counter.isdecimal() else ()


def find_version(text: str, versions: Sequence[Version]) -> Version:
    """The version that a text means: itself, a build, or the only one that begins with it.

    ``2021.4`` is 2021.4.2 where the store has no other 2021.4. Raises UsageError where there
    is none or more than one; it names those that there are.
    """
    wanted = text.strip()
    for test in (_is_build, _is_same, _begins):
        found = [version for version in versions if test(version, wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            builds = ", ".join(version.build for version in found)
            raise UsageError(
                f"{wanted} is more than one version here",
                hint=f"name one of {_labels(found)} (builds {builds})",
            )
    raise UsageError(
        f"no OpenVINO {wanted or 'without a number'} was measured here",
        hint=f"there is {_labels(versions)}" if versions else "measure something first",
    )


def _is_build(version: Version, wanted: str) -> bool:
    return bool(wanted) and wanted in {version.build, version.runtime_id, version.label}


def _is_same(version: Version, wanted: str) -> bool:
    """The same text, or all three numbers: 2022.1.0 is 2022.1."""
    full = wanted.count(".") > 1 and all(_WHOLE.fullmatch(v) for v in (wanted, version.version))
    return version.version == wanted or (full and _numbers(version.version) == _numbers(wanted))


def _begins(version: Version, wanted: str) -> bool:
    """By whole numbers, so that 2021.4 does not mean 2021.41; or the beginning of a build."""
    if not wanted:
        return False
    told = version.version.split(".")
    parts = wanted.rstrip(".").split(".")
    return told[: len(parts)] == parts or (
        wanted.startswith(version.version) and version.build.startswith(wanted)
    )


def _labels(versions: Iterable[Version]) -> str:
    return ", ".join(version.label for version in versions)
