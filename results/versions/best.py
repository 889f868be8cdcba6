"""The best version for a device, and since when INT8 pays there.

A version that failed is never the best. Only paired estimates decide: neither single times,
which may be of different days, nor launches of one run against those of another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from results.comparison import Estimate, Verdict
from results.kinds import is_int8_variant
from results.launch_book import LaunchBook
from results.overview import DEFAULT_BASELINE
from results.versions.anchor import pair
from results.versions.holm import holding
from results.versions.series_words import best_sentence, pays_sentence
from results.versions.shapes import Best, PaysSince, Rival, Series, SeriesPoint, Version


@dataclass(frozen=True)
class _Race:
    """The fastest of some points: its rivals that it shared blocks with, and those that none did.

    ``uncompared`` are neither compared with it nor slower than one that it beats;
    ``beaten_versions`` are the ids of those that have a slower one.
    """

    best: SeriesPoint
    rivals: tuple[Rival, ...]
    uncompared: tuple[SeriesPoint, ...]
    beaten_versions: frozenset[str]


def best_of_series(points: Sequence[SeriesPoint], book: LaunchBook) -> Best | None:
    """The fastest version of one arm; None where all failed."""
    good = [point for point in points if point.median_ms is not None]
    return _told(good, _race(good, book), name_arm=False) if good else None


def best_of_history(
    series: Sequence[Series], versions: Sequence[Version], book: LaunchBook
) -> Best | None:
    """The fastest of all versions and arms, against the other versions.

    Another version stands there with the arm that comes nearest, so that a version is compared
    where any of its arms shared blocks with the fastest.
    """
    points = [
        point
        for version in versions
        for one in series
        for point in one.points
        if point.version == version and point.median_ms is not None
    ]
    return _told(points, _by_version(_race(points, book)), name_arm=True) if points else None


def _by_version(race: _Race) -> _Race:
    """The race with each version once, without other arms of the fastest one."""
    nearest: dict[str, Rival] = {}
    for rival in sorted(race.rivals, key=lambda rival: rival.estimate.ratio):
        nearest.setdefault(rival.point.version.runtime_id, rival)
    own = race.best.version.runtime_id
    rivals = tuple(rival for version, rival in nearest.items() if version != own)
    known = {own, *nearest, *race.beaten_versions}
    apart = {point.version.runtime_id: point for point in reversed(race.uncompared)}
    uncompared = tuple(point for version, point in apart.items() if version not in known)
    return replace(race, rivals=rivals, uncompared=uncompared[::-1])


def _race(points: Sequence[SeriesPoint], book: LaunchBook) -> _Race:
    """The lowest time of the run with most points, unless a pair says that another is faster.

    Times of different runs are not compared at all: another run's point is the best only
    where a pair says so. Each change of mind is to a point that was not the best yet, so that
    it ends.
    """
    best = _start(points)
    rivals = _rivals(best, points, book)
    passed: set[str] = set()
    beaten: set[str] = set()
    while True:
        passed.add(best.cell.cell_id)
        beaten |= {one.point.cell.cell_id for one in rivals if _is(one, Verdict.SLOWER)}
        quicker = [
            one
            for one in rivals
            if _is(one, Verdict.FASTER) and one.point.cell.cell_id not in passed
        ]
        if not quicker:
            break
        beaten.add(best.cell.cell_id)
        best = min(quicker, key=lambda rival: rival.estimate.ratio).point
        rivals = _rivals(best, points, book)
    compared = {best.cell.cell_id, *(one.point.cell.cell_id for one in rivals), *beaten}
    return _Race(
        best=best,
        rivals=rivals,
        uncompared=tuple(p for p in points if p.cell.cell_id not in compared),
        beaten_versions=frozenset(p.version.runtime_id for p in points if p.cell.cell_id in beaten),
    )


def _start(points: Sequence[SeriesPoint]) -> SeriesPoint:
    counts = Counter(point.run_id or "" for point in points)
    run_id = max(counts, key=lambda run: (counts[run], run))
    together = [point for point in points if (point.run_id or "") == run_id]
    return min(together, key=lambda point: point.median_ms or 0.0)


def _told(points: Sequence[SeriesPoint], race: _Race, *, name_arm: bool) -> Best:
    """``points`` are oldest first."""
    ties, unsettled = _of(race, Verdict.EQUIVALENT), _of(race, Verdict.INCONCLUSIVE)
    leading = {point.cell.cell_id for point in (race.best, *ties, *unsettled)}
    best = Best(
        point=race.best,
        runner_up=min(race.rivals, key=lambda rival: rival.estimate.ratio, default=None),
        ties=ties,
        unsettled=unsettled,
        fastest=tuple(point for point in points if point.cell.cell_id in leading),
        uncompared=race.uncompared,
        sentence="",
    )
    return replace(best, sentence=best_sentence(best, race.rivals, name_arm=name_arm))


def _rivals(
    best: SeriesPoint, points: Sequence[SeriesPoint], book: LaunchBook
) -> tuple[Rival, ...]:
    """Those that shared blocks with the best: a drift between runs is in any other estimate."""
    pairs = [(point, pair(best, point, book)) for point in points if point is not best]
    return tuple(
        Rival(point, used.estimate()) for point, used in pairs if used is not None and used.paired
    )


def _is(rival: Rival, verdict: Verdict) -> bool:
    return rival.estimate.verdict is verdict


def _of(race: _Race, verdict: Verdict) -> tuple[SeriesPoint, ...]:
    return tuple(rival.point for rival in race.rivals if _is(rival, verdict))


def pays_since(series: Sequence[Series], book: LaunchBook) -> tuple[PaysSince, ...]:
    """For each INT8 arm against float by default, since which version it is faster.

    The first is sought among all versions, so a verdict counts as faster there only where it
    is paired and holds among them (Holm). Without a float arm by default nothing is told.
    """
    floats = [one for one in series if one.arm == DEFAULT_BASELINE]
    return tuple(
        _pays(floats[0], one, book)
        for one in series
        if floats and is_int8_variant(one.variant_kind)
    )


def _pays(baseline: Series, candidate: Series, book: LaunchBook) -> PaysSince:
    verdicts = _verdicts(baseline, candidate, book)
    held = holding([estimate for _, estimate in verdicts])
    sure = [
        at
        for at, ((_, estimate), holds) in enumerate(zip(verdicts, held, strict=True))
        if holds and estimate.verdict is Verdict.FASTER
    ]
    first = sure[0] if sure else len(verdicts)
    found = PaysSince(
        arm=candidate.arm,
        baseline_arm=baseline.arm,
        version=verdicts[first][0] if sure else None,
        lapses=tuple(version for version, one in verdicts[first + 1 :] if _does_not_pay(one)),
        unsettled=tuple(
            version
            for at, (version, one) in enumerate(verdicts)
            if not _does_not_pay(one) and not (at >= first and _pays_by_itself(one))
        ),
        verdicts=verdicts,
        sentence="",
    )
    return replace(found, sentence=pays_sentence(found))


def _does_not_pay(estimate: Estimate) -> bool:
    return estimate.paired and estimate.verdict in {Verdict.SLOWER, Verdict.EQUIVALENT}


def _pays_by_itself(estimate: Estimate) -> bool:
    """What is enough behind the first version that pays: nothing is sought there any more."""
    return estimate.paired and estimate.verdict is Verdict.FASTER


def _verdicts(
    baseline: Series, candidate: Series, book: LaunchBook
) -> tuple[tuple[Version, Estimate], ...]:
    floats = {point.version.runtime_id: point for point in baseline.points if point.failure is None}
    found = []
    for point in candidate.points:
        other = floats.get(point.version.runtime_id)
        used = pair(other, point, book) if other and point.failure is None else None
        if used is not None:
            found.append((point.version, used.estimate()))
    return tuple(found)
