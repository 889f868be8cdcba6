"""Whether an environment works: OpenVINO is really imported in it, as a measurement would."""

from __future__ import annotations

from pathlib import Path

from collector.answers import ProbeFailure
from collector.launcher import Launcher
from collector.runtimes.environment import RuntimeEnvironment
from results.errors import HostError

_DEVICE = "CPU"
_LIMIT_S = 120.0


def described(python: Path, loader_paths: tuple[Path, ...]) -> tuple[str, str]:
    """The build string of the OpenVINO there and the version of the Python.

    Raises HostError with the reason where it cannot be imported or has no CPU device.
    """
    paths = tuple(map(str, loader_paths))
    launcher = Launcher(python=str(python), timeout_s=_LIMIT_S, loader_paths=paths)
    answer = launcher.describe(_DEVICE)
    if isinstance(answer, ProbeFailure):
        raise _broken(answer.reason)
    if answer.missing:
        raise _broken(f"it has no device {_DEVICE} on this machine")
    return answer.version, answer.python


def problem_of(environment: RuntimeEnvironment) -> str | None:
    """Why an environment does not work; None where it does."""
    try:
        build, _ = described(environment.python, environment.loader_paths)
    except HostError as error:
        return error.message
    return other_build(environment.build, build)


def other_build(recorded: str | None, answered: str) -> str | None:
    """What is wrong where an environment answers another build than was recorded, else None.

    ``recorded`` None: nothing was, as for the collector's own OpenVINO.
    """
    if recorded in {None, answered}:
        return None
    return f"it was made with build {recorded} and now answers {answered}"


def _broken(reason: str) -> HostError:
    return HostError(reason, hint="see that OpenVINO runs on this machine")
