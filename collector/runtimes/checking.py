"""Whether an environment works: OpenVINO is really imported in it, as a measurement would."""

from __future__ import annotations

from pathlib import Path

from collector.answers import ProbeFailure
from collector.launcher import Launcher
from collector.runtimes.environment import RuntimeEnvironment
from results.errors import HostError

_DEVICE = "CPU"
_LIMIT_S = 120.0


def described(python: Path, library_paths: tuple[Path, ...]) -> tuple[str, str]:
    """The build string of the OpenVINO there and the version of the Python.

    Raises HostError with the reason where it cannot be imported or has no CPU device.
    """
    paths = tuple(map(str, library_paths))
    try:
        launcher = Launcher(python=str(python), timeout_s=_LIMIT_S, library_paths=paths)
        answer = launcher.describe(_DEVICE)
    except OSError as error:
        raise _broken(f"{python}: {error.strerror or error}") from error
    if isinstance(answer, ProbeFailure):
        raise _broken(answer.reason)
    if answer.missing:
        raise _broken(f"it has no device {_DEVICE} on this machine")
    return answer.version, answer.python


def check(environment: RuntimeEnvironment) -> None:
    """Raise HostError, which says what to do, where an environment does not work any more."""
    problem = problem_of(environment)
    if problem is not None:
        raise HostError(
            f"the environment of OpenVINO {environment.version} is broken ({problem})",
            hint=f"make it anew: python -m collector runtimes add {environment.version}",
        )


def problem_of(environment: RuntimeEnvironment) -> str | None:
    """Why an environment does not work; None where it does."""
    try:
        build, _ = described(environment.python, environment.library_paths)
    except HostError as error:
        return error.message
    if build != environment.build:
        return f"it was made with build {environment.build} and now answers {build}"
    return None


def _broken(reason: str) -> HostError:
    return HostError(reason, hint="see that OpenVINO runs on this machine")
