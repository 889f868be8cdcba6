"""Which OpenVINO measures: the collector's own, or one that ``runtimes add`` has installed.

How environments are made and kept lives in ``collector.runtimes``; what an OpenVINO says of
itself and of a device is asked in ``collector.devices``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path

from collector.launcher import Launcher
from collector.runtimes import RuntimeEnvironment, find, held, runtimes_folder
from collector.runtimes.versions import matches
from results.errors import HostError

_TIMEOUT_S = 180.0


@dataclass(frozen=True)
class Using:
    """An OpenVINO to measure with: its version, its Python, and the environment it lies in.

    ``environment`` is None for the OpenVINO that is installed with the collector.
    """

    version: str
    python: str
    environment: RuntimeEnvironment | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is the OpenVINO that the collector itself converts and quantises with."""
        return self.environment is None

    @property
    def build(self) -> str | None:
        """The build that its environment recorded; None for the collector's own."""
        return self.environment.build if self.environment else None

    def launcher(self, isa_cap: str | None, timeout_s: float = _TIMEOUT_S) -> Launcher:
        """Starts probes of this OpenVINO."""
        paths = self.environment.loader_paths if self.environment else ()
        return Launcher(self.python, isa_cap, timeout_s, tuple(map(str, paths)))


def own() -> Using:
    """The OpenVINO that is installed with the collector; HostError where there is none."""
    try:
        return Using(installed_version("openvino"), sys.executable)
    except PackageNotFoundError as error:
        raise HostError(
            "the collector's own OpenVINO is not installed as a package",
            hint="install what requirements.txt lists",
        ) from error


def chosen(asked: Sequence[str], data: Path) -> tuple[Using, ...]:
    """The OpenVINO versions that were asked for, each once, in that order; none: the own one.

    ``2024.6`` is the own one where that is a 2024.6, else the newest 2024.6 that is
    installed. Raises UsageError for a version that is not installed.
    """
    here = own()
    found = [
        here if matches(here.version, text) else _of(find(text, runtimes_folder(data)))
        for text in asked
    ]
    return tuple({using.version: using for using in found or [here]}.values())


@contextmanager
def all_held(used: Sequence[Using]) -> Iterator[None]:
    """Keep the environments from being removed while they are measured with."""
    with ExitStack() as stack:
        for using in used:
            if using.environment:
                stack.enter_context(held(using.environment))
        yield


def _of(environment: RuntimeEnvironment) -> Using:
    return Using(environment.version, str(environment.python), environment)
