"""Every cell followed over the versions: times with intervals, steps and change points.

``results.versions.holm`` decides which steps hold, ``results.versions.best`` which version
is the best; here points are made and put in order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean, stdev

from results import queries, version_queries
from results.comparison import CellView
from results.kinds import is_int8_variant
from results.launch_book import LaunchBook
from results.pairing import headlines_ms
from results.stats import geometric_mean, t_quantile
from results.store import Index
from results.versions.best import best_of_history, best_of_series, pays_since
from results.versions.cells import CellKey, arm_of, measured, place_of
from results.versions.holm import holding
from results.versions.order import ordered
from results.versions.series_words import history_sentence, series_sentence
from results.versions.shapes import History, Series, SeriesPoint, Step, Version


def histories(index: Index, cells: Sequence[CellView] | None = None) -> tuple[History, ...]:
    """A history for each model, device and scenario, in the order of the cells.

    ``cells`` are those to follow, all of the store without; imported and published ones never
    count. Of two variants of one arm the one that most versions ran is followed, of equals
    the newest measured.
    """
    known = measured(queries.cells(index) if cells is None else cells)
    launches = queries.launches(index, cell_ids=[cell.cell_id for cell in known])
    run_ids = sorted({launch.run_id for launch in launches})
    book = LaunchBook(launches, queries.cautions(index, run_ids))
    return build_histories(known, ordered(version_queries.runtimes(index)), book)


def build_histories(
    cells: Sequence[CellView], versions: Sequence[Version], book: LaunchBook
) -> tuple[History, ...]:
    """The histories from facts in memory; ``versions`` are in their order."""
    places: dict[CellKey, list[CellView]] = {}
    for cell in cells:
        places.setdefault(place_of(cell), []).append(cell)
    return tuple(_history(members, versions, book) for members in places.values())


def _history(cells: Sequence[CellView], versions: Sequence[Version], book: LaunchBook) -> History:
    used = {cell.runtime_id for cell in cells}
    told = tuple(version for version in versions if version.runtime_id in used)
    series = tuple(_series(members, told, book) for members in _arms(cells, book))
    first = cells[0]
    best = best_of_history(series, book)
    pays = pays_since(series, book)
    return History(
        model_id=first.model_id,
        model=first.model,
        model_title=first.model_title,
        model_note=first.model_note,
        device_id=first.device_id,
        device=first.device,
        scenario=first.scenario,
        batch=first.batch,
        streams=first.streams,
        threads=first.threads,
        requests=first.requests,
        versions=told,
        series=series,
        best=best,
        pays=pays,
        sentence=history_sentence(first, told, best, pays),
    )


def _arms(cells: Iterable[CellView], book: LaunchBook) -> list[list[CellView]]:
    """The cells of each arm, of one variant each."""
    arms: dict[CellKey, dict[str, list[CellView]]] = {}
    for cell in cells:
        arms.setdefault(arm_of(cell), {}).setdefault(cell.variant_id, []).append(cell)

    def rank(members: Sequence[CellView]) -> tuple[int, str]:
        return len(members), max(book.launched_last(cell) or "" for cell in members)

    found = [max(variants.values(), key=rank) for variants in arms.values()]
    return sorted(found, key=lambda members: _arm_order(members[0]))


def _arm_order(cell: CellView) -> tuple[bool, str, bool, str]:
    """Float first, f32 before default, as in ``queries.cells``."""
    return (
        is_int8_variant(cell.variant_kind), cell.variant_kind,
        cell.precision != "f32", cell.precision,
    )  # fmt: skip


def _series(cells: Sequence[CellView], versions: Sequence[Version], book: LaunchBook) -> Series:
    by_runtime = {cell.runtime_id: cell for cell in cells}
    points = _with_steps(
        [
            _point(version, by_runtime[version.runtime_id], book)
            for version in versions
            if version.runtime_id in by_runtime
        ],
        book,
    )
    first = cells[0]
    return Series(
        arm=first.arm,
        variant_id=first.variant_id,
        variant_kind=first.variant_kind,
        points=points,
        best=best_of_series(points, book),
        sentence=series_sentence(first.arm, points),
    )


def _point(version: Version, cell: CellView, book: LaunchBook) -> SeriesPoint:
    failure = book.failure(cell)
    used = book.latest(cell)
    if failure is not None or not used:
        run_id = book.launched_last(cell)
        return SeriesPoint(version, cell, run_id, None, None, None, 0, failure)
    times_ms = headlines_ms(used)
    low_ms, high_ms = interval_ms(times_ms)
    middle_ms = geometric_mean(times_ms)
    return SeriesPoint(
        version, cell, used[0].run_id, middle_ms, low_ms, high_ms, len(times_ms), None
    )


def interval_ms(times_ms: Sequence[float]) -> tuple[float | None, float | None]:
    """95 % interval of the geometric mean over blocks: exp(mean ± t·s/√n) of their logarithms.

    Valid where the launches of different blocks are independent; it holds what the machine's
    pace did between blocks, so that two versions may differ for sure where theirs overlap.
    None with fewer than two.
    """
    if len(times_ms) < 2:
        return None, None
    logs = [math.log(time_ms) for time_ms in times_ms]
    half = t_quantile(len(logs) - 1) * stdev(logs) / math.sqrt(len(logs))
    return math.exp(fmean(logs) - half), math.exp(fmean(logs) + half)


def _with_steps(points: Sequence[SeriesPoint], book: LaunchBook) -> tuple[SeriesPoint, ...]:
    """The points, each against the last one before that did not fail."""
    good = [at for at, point in enumerate(points) if point.median_ms is not None]
    pairs = list(pairwise(good))
    found = [book.sample(points[a].cell, points[b].cell) for a, b in pairs]
    estimated = [(a, b, used.estimate()) for (a, b), used in zip(pairs, found, strict=True) if used]
    held = holding([estimate for _, _, estimate in estimated])
    told = list(points)
    for (a, b, estimate), holds in zip(estimated, held, strict=True):
        step = Step(points[a].version, estimate, is_change_point=holds)
        told[b] = replace(told[b], step=step)
    return tuple(told)
