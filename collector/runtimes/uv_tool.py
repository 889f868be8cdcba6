"""Starts uv, and makes of its pages of text one line that tells.

The only place that starts uv. Which package index it asks is in ``collector.runtimes.registry``.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence

from collector.runtimes.registry import Source
from results.errors import HostError

_LIMIT_S = 1800.0
_DISK_FULL = ("os error 28", "os error 122", "No space left")
_NO_NETWORK = (
    "Failed to fetch", "error sending request", "dns error", "network was disabled",
    "Request failed", "Failed to download", "operation timed out", "Connection refused",
)  # fmt: skip
_UNSATISFIABLE = "No solution found"
_SECRET = re.compile(r"//[^/@\s]+@")


class UnsatisfiableError(Exception):
    """No set of packages does; the text is uv's reason."""


class UnreachableError(HostError):
    """What uv wanted to fetch could not be fetched."""


def uv(arguments: Sequence[str], source: Source, text: str = "") -> str:
    """Run uv and return what it printed; ``text`` goes to its standard input.

    Raises UnsatisfiableError, UnreachableError, and HostError for all else that can go wrong.
    """
    try:
        done = subprocess.run(
            [_uv_path(), *arguments, "--no-progress", "--color", "never"],
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            env=dict(source.environment),
            timeout=_LIMIT_S,
            check=False,
        )
    except OSError as error:
        raise _missing(error.strerror or str(error)) from error
    except subprocess.TimeoutExpired as error:
        raise HostError(
            f"uv did not finish within {_LIMIT_S / 60:g} minutes",
            hint="see to the network and try again; nothing was kept",
        ) from error
    if done.returncode:
        raise _failure(done.stderr, done.returncode)
    return done.stdout


def _uv_path() -> str:
    try:
        import uv as package

        return package.find_uv_bin()
    except (ImportError, FileNotFoundError) as error:
        raise _missing("it is not installed") from error


def _missing(reason: str) -> HostError:
    return HostError(
        f"uv cannot be started ({reason})", hint="install it: pip install -r requirements.txt"
    )


def _failure(stderr: str, code: int) -> Exception:
    causes = _causes(stderr)
    if any(sign in stderr for sign in _DISK_FULL):
        return HostError(
            f"the disk is full (uv: {causes[0]})",
            hint="free some space and try again; nothing was kept",
        )
    if _UNSATISFIABLE in stderr:
        return UnsatisfiableError(causes[-1])
    if any(sign in stderr for sign in _NO_NETWORK):
        detail = causes[0] if causes[0] == causes[-1] else f"{causes[0]}: {causes[-1]}"
        return UnreachableError(
            f"uv cannot fetch what it needs ({detail})",
            hint="see to the network, or give --find-links DIR with the wheels",
        )
    reason = causes[0] if causes else f"exit code {code}"
    return HostError(f"uv failed: {reason}", hint="nothing was kept")


def _causes(stderr: str) -> list[str]:
    """The causes that uv gives, outermost first, each as one line; else its error."""
    stderr = _SECRET.sub("//", stderr).partition("\nhint:")[0]
    blocks = re.split(r"^\s*(error|cause|warning):\s*", stderr, flags=re.MULTILINE)
    told = [
        (kind, " ".join(body.split()))
        for kind, body in zip(blocks[1::2], blocks[2::2], strict=True)
    ]
    causes = [body for kind, body in told if kind == "cause"]
    errors = [body for kind, body in told if kind == "error"]
    plain = [" ".join(stderr.split())[:300] or "no reason given"]
    return [cause[:300] for cause in causes or errors or plain]
