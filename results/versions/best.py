"""The best version for a device, and since when INT8 pays there.

A version that failed is never the best. Estimates are those of pairs of cells, paired where
they share blocks; the times of single points decide nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from results.comparison import Estimate, Verdict
from results.kinds import is_int8_variant
from results.launch_book import LaunchBook
from results.overview import DEFAULT_BASELINE
from results.versions.holm import holding
from results.versions.series_words import best_sentence, pays_sentence
from results.versions.shapes import Best, PaysSince, Rival, Series, SeriesPoint, Version


def best_of_series(points: Sequence[SeriesPoint], book: LaunchBook) -> Best | None:
    """The fastest version of one arm; None where all failed."""
    return _best([point for point in points if point.median_ms is not None], book, name_arm=False)


def best_of_history(series: Sequence[Series], book: LaunchBook) -> Best | None:
    """The fastest version with its fastest arm, against the other versions with theirs."""
    fastest: dict[str, SeriesPoint] = {}
    for point in (point for one in series for point in one.points):
        other = fastest.get(point.version.runtime_id)
        if point.median_ms is not None and (
            other is None or point.median_ms < (other.median_ms or 0.0)
        ):
            fastest[point.version.runtime_id] = point
    return _best(list(fastest.values()), book, name_arm=True)


def _best(points: Sequence[SeriesPoint], book: LaunchBook, *, name_arm: bool) -> Best | None:
    """The lowest time, unless a pair says that another one is faster for sure.

    Times of different runs can disagree with a pair of one run; the pair counts. Each
    change of mind is to a point that was not the best yet, so that it ends.
    """
    if not points:
        return None
    best = min(points, key=lambda point: point.median_ms or 0.0)
    rivals = _rivals(best, points, book)
    beaten: set[str] = set()
    while True:
        beaten.add(best.cell.cell_id)
        quicker = [
            rival
            for rival in rivals
            if rival.estimate.verdict is Verdict.FASTER and rival.point.cell.cell_id not in beaten
        ]
        if not quicker:
            break
        best = min(quicker, key=lambda rival: rival.estimate.ratio).point
        rivals = _rivals(best, points, book)
    return _told(best, rivals, name_arm=name_arm)


def _told(best: SeriesPoint, rivals: Sequence[Rival], *, name_arm: bool) -> Best:
    runner_up = min(rivals, key=lambda rival: rival.estimate.ratio, default=None)
    ties = _of(rivals, Verdict.EQUIVALENT)
    unsettled = _of(rivals, Verdict.INCONCLUSIVE)
    sentence = best_sentence(best, rivals, name_arm=name_arm)
    return Best(best, runner_up, ties, unsettled, sentence)


def _rivals(
    best: SeriesPoint, points: Sequence[SeriesPoint], book: LaunchBook
) -> tuple[Rival, ...]:
    found = []
    for point in points:
        if point is not best:
            used = book.sample(best.cell, point.cell)
            if used is not None:
                found.append(Rival(point, used.estimate()))
    return tuple(found)


def _of(rivals: Sequence[Rival], verdict: Verdict) -> tuple[SeriesPoint, ...]:
    return tuple(rival.point for rival in rivals if rival.estimate.verdict is verdict)


def pays_since(series: Sequence[Series], book: LaunchBook) -> tuple[PaysSince, ...]:
    """For each INT8 arm against float by default, since which version it is faster.

    The first is sought among all versions, so a verdict counts as faster there only where it
    holds among them (Holm). Without a float arm by default nothing is told.
    """
    floats = [one for one in series if one.arm == DEFAULT_BASELINE]
    return tuple(
        _pays(floats[0], one, book)
        for one in series
        if floats and is_int8_variant(one.variant_kind)
    )


def _pays(baseline: Series, candidate: Series, book: LaunchBook) -> PaysSince:
    verdicts = _by_version(baseline, candidate, book)
    held = holding([estimate for _, estimate in verdicts])
    first = next(
        (
            at
            for at, ((_, estimate), holds) in enumerate(zip(verdicts, held, strict=True))
            if holds and estimate.verdict is Verdict.FASTER
        ),
        None,
    )
    version = None if first is None else verdicts[first][0]
    later = [] if first is None else verdicts[first + 1 :]
    lapses = tuple(found for found, estimate in later if estimate.verdict is not Verdict.FASTER)
    return PaysSince(
        arm=candidate.arm,
        baseline_arm=baseline.arm,
        version=version,
        lapses=lapses,
        verdicts=verdicts,
        sentence=pays_sentence(candidate.arm, baseline.arm, version, lapses, verdicts),
    )


def _by_version(
    baseline: Series, candidate: Series, book: LaunchBook
) -> tuple[tuple[Version, Estimate], ...]:
    floats = {point.version.runtime_id: point for point in baseline.points if point.failure is None}
    found = []
    for point in candidate.points:
        other = floats.get(point.version.runtime_id)
        used = book.sample(other.cell, point.cell) if other and point.failure is None else None
        if used is not None:
            found.append((point.version, used.estimate()))
    return tuple(found)
