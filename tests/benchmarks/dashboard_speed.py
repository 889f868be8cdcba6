"""How fast the dashboard is on a large store: the rows of ``make bench``, part ``dashboard``.

A fleet is generated (``generated_store``), its index built, its pages run by themselves
(``page_times``) and shown in a browser (``served_pages``). Here stand the bars.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from results import queries
from results.errors import MeasurementError
from results.store import Store
from tests.benchmarks.commands import ROOT
from tests.benchmarks.compare_speed import comparable
from tests.benchmarks.generated_store import LARGE, SMALL, TENTH, TINY, Size, write_store
from tests.benchmarks.page_times import PageTimes, Run, Timed, pages
from tests.benchmarks.rows import Row
from tests.benchmarks.served_pages import Served, visit
from tests.benchmarks.settings import Settings

COLD_MS, WARM_MS, PAINT_MS = 600.0, 200.0, 2_500.0
OVER_BARE, GROWTH, MEMORY_MB, SESSIONS = 1.5, 3.0, 1_000.0, 10
KEEP_VARIABLE = "INT8_LENS_BENCH_STORES"
"""Names a folder that keeps the generated stores from one run to the next."""
_COLD, _WARM = 8, 3
_SHARE = 0.95


@dataclass(frozen=True)
class Built:
    """What a store took to be written and indexed; bytes in MB (10^6)."""

    rows: int
    cells: int
    machines: int
    write_s: float
    store_mb: float
    index_s: float
    index_mb: float


def dashboard_speed(settings: Settings) -> tuple[Row, ...]:
    """Rows: pages cold and warm, their questions, growth, first paint, sessions, memory."""
    small, large = (TINY, SMALL) if settings.quick else (TENTH, LARGE)
    kept = os.environ.get(KEEP_VARIABLE)
    folder = Path(kept) if kept else settings.subfolder("dashboard")
    built = {size: _built(folder / f"cells-{size.cells}", size) for size in (small, large)}
    cold, warm = (1, 1) if settings.quick else (_COLD, _WARM)
    tenth, full = (_timed(folder / f"cells-{size.cells}", cold, warm) for size in (small, large))
    root = folder / f"cells-{large.cells}"
    served = visit(root, _paths(root), SESSIONS)
    return (
        *page_rows(full, built[large]),
        bare_row(full),
        growth_row(tenth, full),
        *served_rows(served),
        index_row(built[large]),
    )


_BUILD = """
import sys
from pathlib import Path
from results.store import Store
Store(Path(sys.argv[1])).index(beside=False).close()
"""
"""Builds the index where the dashboard looks for it: it never opens one that a store brings."""


def _built(root: Path, size: Size) -> Built:
    started = time.perf_counter()
    if not root.exists():
        unfinished = root.with_name(f".{root.name}-{os.getpid()}")
        write_store(unfinished, size).rename(root)
    written = time.perf_counter()
    _in_a_process("-c", _BUILD, str(root))
    done = time.perf_counter()
    with closing(Store(root).index(beside=False)) as index:
        (place,) = index.fetch("SELECT path FROM duckdb_databases() WHERE NOT internal").to_pylist()
        (counted,) = index.fetch(
            "SELECT (SELECT count(*) FROM exec_nodes) AS n_rows, count(*) AS cells, "
            "count(DISTINCT machine_id) AS machines FROM cell_views"
        ).to_pylist()
    return Built(
        rows=counted["n_rows"], cells=counted["cells"], machines=counted["machines"],
        write_s=written - started, store_mb=_megabytes(root.rglob("*.parquet")),
        index_s=done - written, index_mb=_megabytes([Path(place["path"])]),
    )  # fmt: skip


def _megabytes(paths: Iterable[Path]) -> float:
    return sum(path.stat().st_size for path in paths) / 1e6


def _timed(root: Path, cold: int, warm: int) -> Timed:
    """In a process of its own, so that its memory is its own."""
    printed = _in_a_process(
        "-m", "tests.benchmarks.page_times", str(root), "--cold", str(cold), "--warm", str(warm)
    )
    body: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return Timed(tuple(map(_page, body["pages"])), body["open_s"], body["memory_mb"])


def _page(body: dict[str, Any]) -> PageTimes:
    cold, warm = (tuple(Run(**one) for one in body[kind]) for kind in ("cold", "warm"))
    return PageTimes(body["page"], cold, warm)


def _in_a_process(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise MeasurementError(
            f"{' '.join(arguments)} ended with exit code {done.returncode}", hint=done.stderr[-500:]
        )
    return done.stdout


def _paths(root: Path) -> dict[str, str]:
    """The pages as a copied link names them, about the first pair of the store."""
    with closing(Store(root).index()) as index:
        baseline, candidate = comparable(queries.cells(index))[0]
    asked = urlencode({"baseline": baseline.cell_id, "candidate": candidate.cell_id})
    return {name: f"{'' if name == 'overview' else name}?{asked}" for name in pages()}


def page_rows(timed: Timed, built: Built) -> tuple[Row, ...]:
    """Cold and warm, each with all pages; the slowest page is told."""
    how = (f"{built.rows:,} exec nodes, {built.cells:,} cells, {built.machines} machines; p95 of "
           "the script's run in AppTest, the slowest page")  # fmt: skip
    faults = [fault for page in timed.pages for run in page.cold for fault in run.faults]
    rows = []
    for kind, bar in (("cold", COLD_MS), ("warm", WARM_MS)):
        found = {page.page: getattr(page, kind) for page in timed.pages}
        worst = {name: p95([run.wall_ms for run in runs]) for name, runs in found.items()}
        slowest = max(worst, key=worst.__getitem__)
        rows.append(
            _row(
                f"a page's server time, {kind}", f"at most {bar:g} ms",
                f"{worst[slowest]:.0f} ms ({slowest})",
                how, tuple(_detail(name, worst[name], runs) for name, runs in found.items()),
                ok=worst[slowest] <= bar and not faults,
            )
        )  # fmt: skip
    return tuple(rows)


def _detail(name: str, worst_ms: float, runs: Sequence[Run]) -> str:
    cpu_ms = p95([run.cpu_ms for run in runs])
    asked_ms = max(run.asked_ms for run in runs)
    most = max(run.queries for run in runs)
    faults = sum(bool(run.faults) for run in runs)
    return (
        f"{name}: {worst_ms:.0f} ms, of it CPU {cpu_ms:.0f} ms; {most} questions in "
        f"{asked_ms:.0f} ms at most; {len(runs)} runs, {faults} with an error"
    )


def bare_row(timed: Timed) -> Row:
    """What pages wait for answers, against DuckDB asked the same with nothing around it."""
    asked = {
        page.page: sum(run.asked_ms for run in page.cold)
        / max(sum(run.bare_ms for run in page.cold), 1e-9)
        for page in timed.pages
        if any(run.queries for run in page.cold)
    }
    worst = max(asked, key=asked.__getitem__)
    details = tuple(f"{name}: {over:.2f} times" for name, over in asked.items())
    return _row(
        "what a page waits for answers over the same SQL bare", f"at most {OVER_BARE:g} times",
        f"{asked[worst]:.2f} times ({worst})", "all questions of the cold runs", details,
        ok=asked[worst] <= OVER_BARE,
    )  # fmt: skip


def growth_row(tenth: Timed, full: Timed) -> Row:
    """The cold time of each page over that at a tenth of the cells."""
    before = {page.page: p95([run.wall_ms for run in page.cold]) for page in tenth.pages}
    grown = {
        page.page: p95([run.wall_ms for run in page.cold]) / before[page.page]
        for page in full.pages
    }
    worst = max(grown, key=grown.__getitem__)
    details = tuple(f"{name}: {times:.2f} times" for name, times in grown.items())
    return _row(
        "page time at ten times the cells", f"at most {GROWTH:g} times",
        f"{grown[worst]:.2f} times ({worst})", "p95 of cold runs", details,
        ok=grown[worst] <= GROWTH,
    )  # fmt: skip


def served_rows(served: Served) -> tuple[Row, ...]:
    """First paint, sessions at once, and the server's memory after all of it."""
    slowest = max(served.painted_ms, key=served.painted_ms.__getitem__)
    details = tuple(
        f"{name}: painted after {paint:.0f} ms, its heading there after "
        f"{served.headed_ms[name]:.0f} ms"
        for name, paint in served.painted_ms.items()
    )
    return (
        _row(
            "first paint in Chromium", f"under {PAINT_MS / 1e3:g} s",
            f"{served.painted_ms[slowest] / 1e3:.1f} s ({slowest})", "first contentful paint",
            details, ok=served.painted_ms[slowest] < PAINT_MS,
        ),
        _row(
            f"{SESSIONS} sessions at once", "no error", f"{len(served.faults)} errors",
            "each in a browser context of its own", served.faults, ok=not served.faults,
        ),
        _row(
            "the server's memory after that", f"at most {MEMORY_MB / 1e3:g} GB",
            f"{served.memory_mb:.0f} MB", "peak resident memory of the server's process",
            ok=served.memory_mb <= MEMORY_MB,
        ),
    )  # fmt: skip


def index_row(built: Built) -> Row:
    """What the index costs; it has no bar of its own."""
    return _row(
        "building the index from nothing", "none", f"{built.index_s:.0f} s",
        f"store {built.store_mb:.0f} MB written in {built.write_s:.0f} s, index "
        f"{built.index_mb:.0f} MB", ok=True,
    )  # fmt: skip


def p95(values: Sequence[float]) -> float:
    """The 95th percentile by nearest rank: of few values the largest."""
    ordered = sorted(values)
    return ordered[math.ceil(_SHARE * len(ordered)) - 1]


def _row(
    what: str, bar: str, measured: str, how: str, details: tuple[str, ...] = (), *, ok: bool
) -> Row:
    return Row("dashboard", what, bar, measured, ok, how, details)
