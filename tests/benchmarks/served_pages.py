"""A really started dashboard in a really started Chromium: first paint, many at once, memory.

What is called good stands in ``dashboard_speed``.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

from results.errors import HostError
from tests.benchmarks.commands import ROOT, end, own_memory_mb
from tests.browser.visitor import Visitor

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
_START_S = 300
_WAIT_MS = 120_000
_PAINT = """() => Math.max(...performance.getEntriesByType("paint").map(one => one.startTime))"""
_DRAWN = "h1"


@dataclass(frozen=True)
class Served:
    """What was seen: by page the first paint and the first heading in ms, faults, MB at most."""

    painted_ms: dict[str, float]
    headed_ms: dict[str, float]
    faults: tuple[str, ...]
    memory_mb: float


def visit(root: Path, paths: dict[str, str], sessions: int) -> Served:
    """Open each page by its path, then as many of them at once as there are sessions."""
    with _server(root) as (process, address), sync_playwright() as playwright:
        system = next(filter(None, map(shutil.which, _BROWSERS)), None)
        with closing(playwright.chromium.launch(executable_path=system, args=_ARGUMENTS)) as found:
            painted, headed, faults = _alone(found, address, paths)
            faults += _together(found, address, list(paths.values()), sessions)
        memory_mb = own_memory_mb(process.pid)
    return Served(painted, headed, tuple(faults), memory_mb)


def _alone(
    browser: Browser, address: str, paths: dict[str, str]
) -> tuple[dict[str, float], dict[str, float], list[str]]:
    painted, headed, faults = {}, {}, []
    for name, path in paths.items():
        with closing(Visitor(browser, address)) as visitor:
            started = time.perf_counter()
            visitor.page.goto(f"{address}/{path}")
            visitor.page.wait_for_selector(_DRAWN, timeout=_WAIT_MS)
            headed[name] = 1e3 * (time.perf_counter() - started)
            painted[name] = float(visitor.page.evaluate(_PAINT))
            faults += _faults(visitor)
    return painted, headed, faults


def _together(browser: Browser, address: str, paths: Sequence[str], sessions: int) -> list[str]:
    """All sessions are on their way before the first is waited for."""
    faults = []
    with ExitStack() as stack:
        visitors = [
            stack.enter_context(closing(Visitor(browser, address))) for _ in range(sessions)
        ]
        for number, visitor in enumerate(visitors):
            path = paths[number % len(paths)]
            visitor.page.goto(f"{address}/{path}", wait_until="commit")
        for visitor in visitors:
            visitor.page.wait_for_selector(_DRAWN, timeout=_WAIT_MS)
            faults += _faults(visitor)
    return faults


def _faults(visitor: Visitor) -> list[str]:
    """Errors of the console, and tracebacks on the page."""
    shown = visitor.page.get_by_test_id("stException").all_inner_texts()
    return [*visitor.errors, *shown]


@contextmanager
def _server(root: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A dashboard on this store, for as long as it is needed."""
    port = _free_port()
    command = [sys.executable, "-m", "dashboard", "--data", str(root), "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait(process, port)
        yield process, f"http://localhost:{port}"
    finally:
        end(process)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until and process.poll() is None:
        try:
            urlopen(f"http://localhost:{port}/_stcore/health", timeout=2).close()
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise HostError("the dashboard did not start", hint="start `python -m dashboard` by itself")
