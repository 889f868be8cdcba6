"""How long a comparison takes: of two cells by their number of layers, and of a whole store.

A part of ``make bench``, and by itself ``python -m tests.benchmarks.compare_speed``. Times are
of the wall clock, the median of several. The facts come from ``compare_facts``.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Annotated

import typer

from results import queries
from results.command import new_app, print_text, run
from results.compare import ComparisonInputs, build_comparison, compare_cells
from results.comparison import CellView
from results.errors import EXIT_NO
from results.kinds import is_int8_variant
from results.launch_book import LaunchBook
from results.nodes import Side
from results.shelf import Shelf
from results.store import Index
from tests.benchmarks.compare_facts import inputs, store_of
from tests.benchmarks.rows import Row
from tests.benchmarks.settings import Settings

SMALL, MIDDLE, LARGE = 300, 1_200, 5_000
"""Executed layers of a float side."""
SMALL_MS, LARGE_MS, STORE_S = 50.0, 1_000.0, 10.0
_REPEATS = 7
_MODELS, _LAYERS = 67, 150
"""A store of 201 cells, three arms of each model, with layers as many as MobileNetV3 has."""
_SCATTER = 1.25
"""What a timer may scatter by on top of n log n."""

app = new_app("tests.benchmarks.compare_speed")


@dataclass(frozen=True)
class Timed:
    """How many layers a side had, and how long the comparison of two cells took, in ms."""

    layers: int
    took_ms: float

    @property
    def per_n_log_n(self) -> float:
        """Time over n log n: what must not grow."""
        return self.took_ms / (self.layers * math.log(self.layers))


def compare_speed(settings: Settings) -> tuple[Row, ...]:
    """Rows: two cells by their size, the growth with the size, and a store of 200 cells."""
    repeats = 1 if settings.quick else _REPEATS
    timed = [two_cells(layers, repeats) for layers in (SMALL, MIDDLE, LARGE)]
    models = 4 if settings.quick else _MODELS
    return *pair_rows(timed, repeats), *_store_rows(settings.subfolder("compare"), models)


def two_cells(layers: int, repeats: int) -> Timed:
    """The time of one comparison from facts in memory, nothing remembered from the last one."""
    facts = inputs(layers)
    build_comparison(_fresh(inputs(SMALL)))
    took_s = [_took_s(lambda: build_comparison(_fresh(facts))) for _ in range(repeats)]
    return Timed(layers, 1000.0 * median(took_s))


def pair_rows(timed: Sequence[Timed], repeats: int) -> tuple[Row, ...]:
    """A row for the smallest, one for the largest, one for how the time grows between."""
    small, large = timed[0], timed[-1]
    growth = max(one.per_n_log_n for one in timed[1:]) / small.per_n_log_n
    how = f"facts in memory, 5 launches a side, median of {repeats}"
    bars = ((small, SMALL_MS), (large, LARGE_MS))
    return (
        *(_row(f"two cells of {one.layers} layers compared", f"under {bar:g} ms",
               f"{one.took_ms:.0f} ms", one.took_ms < bar, how) for one, bar in bars),
        _row("time of a comparison over n log n, from smallest to largest",
             f"at most {_SCATTER:g} times", f"{growth:.2f} times", growth <= _SCATTER,
             ", ".join(f"{one.layers}: {one.took_ms:.0f} ms" for one in timed)),
    )  # fmt: skip


def _store_rows(folder: Path, models: int) -> tuple[Row, ...]:
    with closing(store_of(folder, models, _LAYERS).index()) as index:
        cells = queries.cells(index)
        pairs = comparable(cells)
        compare_cells(index, *pairs[0])
        shelf = Shelf(index, cells)
        layers_s = _took_s(lambda: [compare_cells(index, *pair, shelf=shelf) for pair in pairs])
        every_s = _took_s(lambda: _every_estimate(index, cells))
    bar, how = f"under {STORE_S:g} s", f"{len(cells)} cells of one run, index open and warm"
    return (
        _row("every INT8 cell of a store against its float cells, with layers", bar,
             f"{layers_s:.1f} s", layers_s < STORE_S, f"{len(pairs)} pairs, {how}"),
        _row("every cell of a store against every other, without layers", bar,
             f"{every_s:.1f} s", every_s < STORE_S,
             f"{math.comb(len(cells), 2)} pairs, {how}"),
    )  # fmt: skip


def comparable(cells: Sequence[CellView]) -> list[tuple[CellView, CellView]]:
    """Float and INT8 cells of one model that differ in nothing but the arm."""
    floats: dict[tuple[object, ...], list[CellView]] = {}
    for cell in cells:
        if not is_int8_variant(cell.variant_kind):
            floats.setdefault(_setting(cell), []).append(cell)
    return [
        (baseline, cell)
        for cell in cells
        if is_int8_variant(cell.variant_kind)
        for baseline in floats.get(_setting(cell), ())
    ]


def _setting(cell: CellView) -> tuple[object, ...]:
    return (cell.model_id, cell.device_id, cell.runtime_id, cell.scenario, cell.batch,
            cell.streams, cell.threads, cell.requests)  # fmt: skip


def _every_estimate(index: Index, cells: Sequence[CellView]) -> int:
    book = LaunchBook(
        queries.launches(index),
        queries.cautions(index, [one.run_id for one in queries.run_views(index)]),
    )
    samples = (book.sample(a, b) for a, b in combinations(cells, 2))
    return sum(one.estimate().blocks for one in samples if one is not None)


def _fresh(facts: ComparisonInputs) -> ComparisonInputs:
    sides = (facts.baseline_side, facts.candidate_side)
    baseline, candidate = (Side(one.nodes, one.sources) for one in sides)
    return replace(facts, baseline_side=baseline, candidate_side=candidate)


def _took_s(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _row(what: str, bar: str, measured: str, ok: bool, how: str) -> Row:
    return Row(part="compare", what=what, bar=bar, measured=measured, ok=ok, how=how)


@app.command()
def show(
    quick: Annotated[bool, typer.Option("--quick", help="Once, and a small store.")] = False,
) -> None:
    """Time comparisons; exit code 1 where a bar is missed.

    Example: python -m tests.benchmarks.compare_speed
    """
    with tempfile.TemporaryDirectory(prefix="int8-lens-compare-") as folder:
        plain = Settings.tiny(Path(folder)) if quick else Settings(Path(folder))
        rows = compare_speed(plain)
    for row in rows:
        print_text(f"{row.what}: {row.measured} ({row.bar}: {row.word}; {row.how})")
    if not all(row.ok for row in rows):
        raise typer.Exit(EXIT_NO)


if __name__ == "__main__":
    sys.exit(run(app))
