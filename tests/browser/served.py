"""A really started dashboard, with the options that a test asks for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_START_SECONDS = 40


@contextmanager
def served(
    root: Path, *options: str, port: int = 0, path: str = "", environ: Mapping[str, str] = {}
) -> Iterator[str]:
    """The address of a dashboard on this store, for as long as it is needed.

    ``path`` is where it answers below its address, as ``--base-path`` among ``options`` says.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "dashboard", "--data", str(root), "--port", str(port)]
    with subprocess.Popen(
        [*command, *options], cwd=ROOT, env=os.environ | dict(environ),
        stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        try:
            wait_until_it_answers(server, port, path)
            yield f"http://localhost:{port}{path}"
        finally:
            server.terminate()
            server.wait(timeout=20)


def free_port() -> int:
    """A port that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_it_answers(server: subprocess.Popen[str], port: int, path: str = "") -> None:
    """Wait for a started dashboard; the test fails where it ends or is too slow."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        asked = HTTPConnection("127.0.0.1", port, timeout=2)
        with suppress(OSError, HTTPException), closing(asked):
            asked.request("GET", f"{path}/_stcore/health")
            if asked.getresponse().status == 200:
                return
        time.sleep(0.2)
    pytest.fail(f"the dashboard did not start within {_START_SECONDS} s")
