"""How long the dashboard's script runs for a page, cold and warm, and what it asks of the store.

``python -m tests.benchmarks.page_times STORE``: a process of its own, whose memory is that of a
server with one session. Pages are run by Streamlit's AppTest, and what is timed is the run of
the script: what a server does before the browser can draw. What is called good stands in
``dashboard_speed``.

Before that AppTest looks for components in every installed package, once for each AppTest; a
server does so once, when it starts (``Runtime``). No time here has it in it: the clock runs
inside ``ScriptRunner._run_script`` alone, and an AppTest is run before its first timed run.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated
from unittest.mock import patch

import pyarrow as pa
import typer
from streamlit.runtime.caching.cache_utils import CachedFunc
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

from dashboard.cache import open_lens
from dashboard.source import DATA_VARIABLE, ROOT
from results.command import new_app, print_text, run
from results.comparison import CellView
from results.index import Index
from tests.benchmarks.compare_speed import comparable

APP = ROOT / "dashboard" / "app.py"
_PAGE = re.compile(r'st\.Page\(\s*"views/(\w+)\.py"')
_KEPT_OPEN = frozenset({"_index", "_source"})
"""What a server that is up has open, whatever page was shown."""
_DASHBOARD = "dashboard."
_TIMEOUT_S = 300
_RUN_SCRIPT = "_run_script"
"""The one method of Streamlit that runs a page's script, whoever asked for it."""

app = new_app("tests.benchmarks.page_times")


@dataclass(frozen=True)
class Run:
    """One run of a page's script: time on the wall and of its own thread, in ms; its SQL's."""

    wall_ms: float
    cpu_ms: float
    queries: int
    asked_ms: float
    bare_ms: float
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class PageTimes:
    """What was timed of one page; ``cold`` with nothing kept, ``warm`` shown before."""

    page: str
    cold: tuple[Run, ...]
    warm: tuple[Run, ...]


@dataclass(frozen=True)
class Timed:
    """All pages of a store; memory in MB (10^6 bytes), opening the index in seconds."""

    pages: tuple[PageTimes, ...]
    open_s: float
    memory_mb: float


class _Watch:
    """What the script ran for and what it asked, since the last ``start``."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Forget what was."""
        self.wall_s = self.cpu_s = self.asked_s = 0.0
        self.asked: list[tuple[Index, str, Mapping[str, object] | None]] = []


def pages() -> tuple[str, ...]:
    """The pages that the navigation has, by the names of their scripts."""
    return tuple(_PAGE.findall(APP.read_text(encoding="utf-8")))


def timed(root: Path, cold: int, warm: int) -> Timed:
    """Every page ``cold`` times over different cells, each followed by ``warm`` reruns."""
    os.environ[DATA_VARIABLE] = str(root)
    started = time.perf_counter()
    lens = open_lens()
    open_s = time.perf_counter() - started
    pairs = comparable([cell for cell in lens.cells() if cell.is_measured])
    runs = [one.run_id for one in lens.runs()]
    params = [
        _params(*pairs[at * len(pairs) // cold], runs[at * len(runs) // cold]) for at in range(cold)
    ]
    with _watched() as watch:
        found = tuple(_page(name, params, warm, watch) for name in pages())
    return Timed(found, open_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6)


def _params(baseline: CellView, candidate: CellView, run_id: str) -> dict[str, str]:
    return {"baseline": baseline.cell_id, "candidate": candidate.cell_id, "run": run_id}


def _page(name: str, params: Sequence[dict[str, str]], warm: int, watch: _Watch) -> PageTimes:
    first, again = [], []
    for one in params:
        at = AppTest.from_file(str(APP), default_timeout=_TIMEOUT_S)
        at.query_params = dict(one)
        at.run()
        if f"views/{name}.py" != "views/overview.py":
            at.switch_page(f"views/{name}.py")
            at.query_params = dict(one)
        _forget()
        first.append(_run(at, watch))
        again += [_run(at, watch) for _ in range(warm)]
    return PageTimes(name, tuple(first), tuple(again))


def _run(at: AppTest, watch: _Watch) -> Run:
    watch.start()
    at.run()
    faults = tuple(str(element.value) for element in at.exception)
    bare_s = sum(_bare_s(*asked) for asked in list(watch.asked))
    return Run(
        1e3 * watch.wall_s, 1e3 * watch.cpu_s, len(watch.asked), 1e3 * watch.asked_s,
        1e3 * bare_s, faults,
    )  # fmt: skip


def _bare_s(index: Index, sql: str, params: Mapping[str, object] | None) -> float:
    """The same question put to DuckDB itself."""
    with index.cursor() as cursor:
        started = time.perf_counter()
        cursor.sql(sql, params=dict(params) if params else None).to_arrow_table()
        return time.perf_counter() - started


def _forget() -> None:
    """Drop every answer that a page may have had kept, of every module of the dashboard."""
    for name, module in list(sys.modules.items()):
        if name.startswith(_DASHBOARD):
            for attribute, value in vars(module).items():
                if isinstance(value, CachedFunc) and attribute not in _KEPT_OPEN:
                    value.clear()


@contextmanager
def _watched() -> Iterator[_Watch]:
    """Time every run of a script and every question to an index."""
    watch = _Watch()
    run_script, fetch = getattr(ScriptRunner, _RUN_SCRIPT), Index.fetch

    def timed_script(self: ScriptRunner, *arguments: object) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            run_script(self, *arguments)
        finally:
            watch.wall_s += time.perf_counter() - wall
            watch.cpu_s += time.thread_time() - cpu

    def timed_fetch(self: Index, sql: str, params: Mapping[str, object] | None = None) -> pa.Table:
        started = time.perf_counter()
        try:
            return fetch(self, sql, params)
        finally:
            watch.asked_s += time.perf_counter() - started
            watch.asked.append((self, sql, params))

    with (
        patch.object(ScriptRunner, _RUN_SCRIPT, timed_script),
        patch.object(Index, "fetch", timed_fetch),
    ):
        yield watch


@app.command()
def show(
    root: Annotated[Path, typer.Argument(help="The store.")],
    cold: Annotated[int, typer.Option(min=1, help="Cold runs of each page.")] = 8,
    warm: Annotated[int, typer.Option(min=1, help="Reruns after each.")] = 3,
) -> None:
    """Time the pages over a store and print JSON.

    Example: python -m tests.benchmarks.page_times /tmp/fleet
    """
    print_text(json.dumps(asdict(timed(root, cold, warm))))


if __name__ == "__main__":
    sys.exit(run(app))
