"""Every cell followed over the versions: times with intervals, steps and change points.

``results.versions.holm`` decides which steps hold, ``results.versions.best`` which version
is the best; here points are made and put in order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from results import queries, timing_queries, version_queries
from results.collection import held_back
from results.comparison import CellView
from results.index import Index
from results.kinds import is_int8_variant
from results.launch_book import LaunchBook
from results.pairing import Sample, headlines_ms
from results.stats import geometric_mean, t_quantile
from results.versions.anchor import anchor_run, launches_in, pair
from results.versions.best import best_of_history, best_of_series, pays_since
from results.versions.cells import CellKey, arm_of, measured, place_of
from results.versions.holm import holding
from results.versions.order import ordered
from results.versions.series_words import history_sentence, series_sentence
from results.versions.shapes import History, OtherVariant, Series, SeriesPoint, Step, Version


@held_back
def histories(
    index: Index,
    cells: Sequence[CellView] | None = None,
    *,
    versions: Sequence[Version] | None = None,
) -> tuple[History, ...]:
    """A history for each model, device and scenario, in the order of the cells.

    ``cells`` are those to follow, all of the store without; imported and published ones never
    count. Of several variants of one arm the one that the newest version ran is followed, of
    equals the newest measured; what ran another one is told with the series. ``versions`` are
    all of the store in their order, for those who have them.
    """
    known = measured(queries.cells(index) if cells is None else cells)
    launches = timing_queries.timings(index, [cell.cell_id for cell in known])
    run_ids = sorted({launch.run_id for launch in launches})
    book = LaunchBook(launches, queries.cautions(index, run_ids))
    told = ordered(version_queries.runtimes(index)) if versions is None else versions
    return build_histories(known, told, book)


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
    series = tuple(_series(members, told, book) for members in _arms(cells))
    first = cells[0]
    best = best_of_history(series, told, book)
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


def _arms(cells: Iterable[CellView]) -> list[list[CellView]]:
    """The cells of each arm, of all its variants."""
    arms: dict[CellKey, list[CellView]] = {}
    for cell in cells:
        arms.setdefault(arm_of(cell), []).append(cell)
    return sorted(arms.values(), key=lambda members: _arm_order(members[0]))


def _followed(cells: Sequence[CellView], versions: Sequence[Version], book: LaunchBook) -> str:
    """The variant that the newest version launched, the last launched if it launched several."""
    order = {version.runtime_id: at for at, version in enumerate(versions)}

    def rank(cell: CellView) -> tuple[int, str]:
        return order[cell.runtime_id], book.launched_last(cell) or ""

    return max(cells, key=rank).variant_id


def _arm_order(cell: CellView) -> tuple[bool, str, bool, str]:
    """Float first, f32 before default, as in ``queries.cells``."""
    return (
        is_int8_variant(cell.variant_kind), cell.variant_kind,
        cell.precision != "f32", cell.precision,
    )  # fmt: skip


def _series(cells: Sequence[CellView], versions: Sequence[Version], book: LaunchBook) -> Series:
    followed = _followed(cells, versions, book)
    by_runtime = {cell.runtime_id: cell for cell in cells if cell.variant_id == followed}
    others = _others(cells, followed, versions, book)
    anchor = anchor_run(list(by_runtime.values()), book)
    points = _with_steps(
        [
            _point(version, by_runtime[version.runtime_id], anchor, book)
            for version in versions
            if version.runtime_id in by_runtime
        ],
        book,
    )
    first = next(iter(by_runtime.values()))
    return Series(
        arm=first.arm,
        variant_id=first.variant_id,
        variant_kind=first.variant_kind,
        run_id=anchor,
        points=points,
        best=best_of_series(points, book),
        sentence=series_sentence(first.arm, points, others),
        others=others,
    )


def _others(
    cells: Iterable[CellView], followed: str, versions: Sequence[Version], book: LaunchBook
) -> tuple[OtherVariant, ...]:
    """The cells of variants that are not followed, in the order of the versions."""
    apart = [cell for cell in cells if cell.variant_id != followed]
    return tuple(
        OtherVariant(version, cell, book.failure(cell))
        for version in versions
        for cell in apart
        if cell.runtime_id == version.runtime_id
    )


def _point(version: Version, cell: CellView, anchor: str | None, book: LaunchBook) -> SeriesPoint:
    failure = book.failure(cell)
    used = launches_in(cell, anchor, book)
    if failure is not None or not used:
        run_id = book.launched_last(cell)
        apart = run_id != anchor
        return SeriesPoint(
            version, cell, run_id, None, None, None, 0, failure, of_another_run=apart
        )
    times_ms = headlines_ms(used)
    low_ms, high_ms = interval_ms(times_ms)
    middle_ms = geometric_mean(times_ms)
    run_id = used[0].run_id
    return SeriesPoint(
        version, cell, run_id, middle_ms, low_ms, high_ms, len(times_ms), None,
        of_another_run=run_id != anchor,
    )  # fmt: skip


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


@dataclass(frozen=True)
class _Found:
    """A step before it is known whether it holds; ``tested`` where it may be a change point.

    A paired step that passes over a version may be owed to that one, unless it is of another
    run and stands beside the series.
    """

    at: int
    step: Step
    tested: bool


def _with_steps(points: Sequence[SeriesPoint], book: LaunchBook) -> tuple[SeriesPoint, ...]:
    """The points with their steps; which of these hold is decided among all of a series."""
    good = [at for at, point in enumerate(points) if point.median_ms is not None]
    found = [
        one
        for number, at in enumerate(good)
        if (one := _step(at, points[at], [points[a] for a in good[:number]], book)) is not None
    ]
    tested = [one for one in found if one.tested]
    held = holding([one.step.estimate for one in tested])
    changes = {one.at for one, holds in zip(tested, held, strict=True) if holds}
    told = list(points)
    for one in found:
        step = replace(one.step, is_change_point=one.at in changes)
        told[one.at] = replace(told[one.at], step=step)
    return tuple(told)


def _step(
    at: int, point: SeriesPoint, before: Sequence[SeriesPoint], book: LaunchBook
) -> _Found | None:
    """The step to a point from one of the good ones before it; None for the first."""
    previous, used = _held_against(point, before, book)
    if previous is None or used is None:
        return None
    passed_over = before[before.index(previous) + 1 :]
    of_the_run = not point.of_another_run and not previous.of_another_run
    tested = used.paired and (of_the_run or not passed_over)
    return _Found(at, Step(previous.version, used.estimate(), is_change_point=False), tested)


def _held_against(
    point: SeriesPoint, before: Sequence[SeriesPoint], book: LaunchBook
) -> tuple[SeriesPoint | None, Sample | None]:
    """The point that this one is held against, and by which launches.

    Within the series' run the one before in that run. A version of another run against the
    last that it shared blocks with; the last of all, unpaired, where there is none.
    """
    together = [other for other in before if not other.of_another_run]
    if together and not point.of_another_run:
        return together[-1], pair(together[-1], point, book)
    for other in reversed(before):
        used = pair(other, point, book)
        if used is not None and used.paired:
            return other, used
    return (before[-1], pair(before[-1], point, book)) if before else (None, None)
