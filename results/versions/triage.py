"""All cells of two versions in buckets, with the same cause told once.

``much`` is a factor of 1.25: above a small step of a kernel, below what one lost fusion of a
large layer costs. It is a name for the size of a verdict that is already sure: a cell whose
verdict is neither faster nor slower is never in one of those buckets.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from results import queries, timing_queries, version_queries
from results.collection import held_back
from results.comparison import CellView, Estimate, Verdict
from results.launch_book import LaunchBook
from results.store import Index
from results.versions.cells import CellKey, arm_of, key_of, measured
from results.versions.change_shapes import LEAST_TOLD_US, ChangeCause
from results.versions.layers import PairLayers, TimedPair
from results.versions.order import ordered
from results.versions.reasons import reason_key
from results.versions.shapes import Bucket, SharedCause, Triage, TriageRow, Version
from results.versions.words import example_words, triage_sentence

MUCH = 1.25
"""A cell is much faster or much slower where its time changed by this factor or more."""
_TOLD_APART = frozenset({Bucket.MUCH_SLOWER, Bucket.SLOWER, Bucket.FASTER, Bucket.MUCH_FASTER})


def bucket_of(estimate: Estimate) -> Bucket:
    """The bucket of a cell that both versions ran."""
    much = max(estimate.ratio, estimate.speedup) >= MUCH
    match estimate.verdict:
        case Verdict.FASTER:
            return Bucket.MUCH_FASTER if much else Bucket.FASTER
        case Verdict.SLOWER:
            return Bucket.MUCH_SLOWER if much else Bucket.SLOWER
        case Verdict.EQUIVALENT:
            return Bucket.SAME
        case Verdict.INCONCLUSIVE:
            return Bucket.INCONCLUSIVE


@held_back
def triage(
    index: Index,
    baseline: Version,
    candidate: Version,
    cells: Sequence[CellView] | None = None,
    *,
    most_explained: int | None = None,
) -> Triage:
    """Every cell that one of the two versions launched, in its bucket.

    ``cells`` are those to look at, all of the store without; imported and published ones
    never count. A cell failed where its latest run has no good launch of it. Causes are
    looked for in the ``most_explained`` cells that changed most, in all without.
    """
    known = measured(queries.cells(index) if cells is None else cells)
    sides = [_of_version(known, version) for version in (baseline, candidate)]
    pairs = _pairs(*sides)
    book, sound = _book(index, pairs)
    rows = [_row(side_a, side_b, book, sound) for side_a, side_b in pairs]
    explained, left = _with_causes(index, rows, book, most_explained)
    return replace(build_triage(baseline, candidate, explained), unexplained=left)


def all_versions(index: Index) -> tuple[Version, ...]:
    """The versions that cells were measured with, oldest first."""
    used = {cell.runtime_id for cell in measured(queries.cells(index))}
    return tuple(
        version
        for version in ordered(version_queries.runtimes(index))
        if version.runtime_id in used
    )


def build_triage(baseline: Version, candidate: Version, rows: Iterable[TriageRow]) -> Triage:
    """The triage from its rows: sorted, counted, with causes and failures told once."""
    order = {bucket: at for at, bucket in enumerate(Bucket)}
    told = sorted(rows, key=lambda row: (order[row.bucket], -_effect(row), *_name(row)))
    numbers = Counter(row.bucket for row in told)
    counts = tuple((bucket, numbers[bucket]) for bucket in Bucket if numbers[bucket])
    causes, failures = shared_causes(told), shared_failures(told)
    found = Triage(baseline, candidate, tuple(told), counts, causes, failures, sentence="")
    sentence = triage_sentence(
        baseline, candidate, counts, _commonest(causes), failures, unpaired=found.unpaired
    )
    return replace(found, sentence=sentence)


def _commonest(causes: Sequence[SharedCause]) -> tuple[SharedCause, ...]:
    """The cause that most cells have, of equals the largest; none where there is none."""
    return tuple(sorted(causes, key=lambda cause: -cause.cells)[:1])


def shared_causes(rows: Sequence[TriageRow]) -> tuple[SharedCause, ...]:
    """Each cause once, with the cells that have it; what moved most comes first.

    Its time is the sum over the cells where times are told, None where no cell tells it; such
    causes come last, what most cells have first. What moved nothing is no cause.
    """
    holders: dict[str, list[tuple[TriageRow, ChangeCause]]] = {}
    for row in rows:
        for cause in row.causes:
            holders.setdefault(cause.text, []).append((row, cause))
    found = []
    for text, held in holders.items():
        times_us = [cause.delta_us for _, cause in held if cause.delta_us is not None]
        found.append(
            _shared(
                text,
                [row for row, _ in held],
                layers=sum(cause.count for _, cause in held),
                delta_us=math.fsum(times_us) if times_us else None,
            )
        )
    moved = [one for one in found if one.delta_us is None or abs(one.delta_us) >= LEAST_TOLD_US]
    return tuple(
        sorted(moved, key=lambda cause: (-abs(cause.delta_us or 0.0), -cause.cells, cause.text))
    )


def shared_failures(rows: Sequence[TriageRow]) -> tuple[SharedCause, ...]:
    """Each reason of a failure once, with the cells that failed for it.

    Reasons that differ in the layer or the version only are one, told by its first example.
    """
    holders: dict[str, list[tuple[TriageRow, str]]] = {}
    for row in rows:
        for reason in row.reasons:
            holders.setdefault(reason_key(reason), []).append((row, reason))
    found = [
        _shared(example_words([reason for _, reason in held]), [row for row, _ in held])
        for held in holders.values()
    ]
    return tuple(sorted(found, key=lambda cause: (-cause.cells, cause.text)))


def _shared(
    text: str, rows: Sequence[TriageRow], layers: int = 0, delta_us: float | None = None
) -> SharedCause:
    return SharedCause(
        text=text,
        cells=len(rows),
        models=tuple(dict.fromkeys(row.cell.model for row in rows)),
        buckets=tuple(bucket for bucket in Bucket if any(row.bucket is bucket for row in rows)),
        layers=layers,
        delta_us=delta_us,
    )


def _of_version(cells: Iterable[CellView], version: Version) -> dict[CellKey, CellView]:
    return {key_of(cell): cell for cell in cells if cell.runtime_id == version.runtime_id}


def _pairs(
    before: dict[CellKey, CellView], after: dict[CellKey, CellView]
) -> list[tuple[CellView | None, CellView | None]]:
    """Both sides of each cell, in order.

    Of an arm whose variant both versions ran, another variant that only one of them ran (made
    by an older recipe) is no news.
    """
    both = {arm_of(before[key]) for key in before.keys() & after}
    found = [(before.get(key), after.get(key)) for key in dict.fromkeys((*before, *after))]
    return [
        (a, b)
        for a, b in found
        if (a is not None and b is not None)
        or not any(side is not None and arm_of(side) in both for side in (a, b))
    ]


def _book(
    index: Index, pairs: Sequence[tuple[CellView | None, CellView | None]]
) -> tuple[LaunchBook, frozenset[str]]:
    """The launches that tell what became of these cells, and the cells that need none.

    One that a single version has needs none where its latest run measured it: a fleet has
    thousands of them, with hundreds of thousands of launches.
    """
    lone = [cell.cell_id for a, b in pairs for cell in (a or b,) if cell and not (a and b)]
    sound = queries.measured_last(index, lone) if lone else frozenset()
    wanted = [cell.cell_id for pair in pairs for cell in pair if cell and cell.cell_id not in sound]
    launches = timing_queries.timings(index, wanted) if wanted else ()
    run_ids = sorted({launch.run_id for launch in launches})
    return LaunchBook(launches, queries.cautions(index, run_ids)), sound


def _row(
    before: CellView | None, after: CellView | None, book: LaunchBook, sound: frozenset[str]
) -> TriageRow:
    failed_a, failed_b = (
        book.failure(cell) if cell and cell.cell_id not in sound else None
        for cell in (before, after)
    )
    if before is None or after is None or failed_a or failed_b:
        bucket = _untimed(before, after, failed_a, failed_b)
        return TriageRow(bucket, before, after, None, failed_a, failed_b)
    used = book.sample(before, after)
    estimate = used.estimate() if used else None
    bucket = bucket_of(estimate) if estimate else Bucket.INCONCLUSIVE
    return TriageRow(bucket, before, after, estimate)


def _untimed(
    before: CellView | None, after: CellView | None, failed_a: str | None, failed_b: str | None
) -> Bucket:
    """The bucket of a cell that one of the versions failed, or never launched."""
    if before is None:
        return Bucket.NEW_FAILED if failed_b else Bucket.NEW
    if after is None:
        return Bucket.VANISHED
    if failed_a and failed_b:
        return Bucket.FAILED_IN_BOTH
    return Bucket.FAILED if failed_b else Bucket.FIXED


def _with_causes(
    index: Index, rows: Sequence[TriageRow], book: LaunchBook, most: int | None
) -> tuple[tuple[TriageRow, ...], int]:
    """The rows, with causes where the versions are told apart; and how many were left out."""
    told = {at: pair for at, row in enumerate(rows) if (pair := _timed(row, book)) is not None}
    pairs = dict(sorted(told.items(), key=lambda one: -_effect(rows[one[0]]))[:most])
    layers = PairLayers(index, list(pairs.values()))
    explained = tuple(
        _explained(row, pairs[at], layers) if at in pairs else row for at, row in enumerate(rows)
    )
    return explained, len(told) - len(pairs)


def _timed(row: TriageRow, book: LaunchBook) -> TimedPair | None:
    a, b = row.baseline, row.candidate
    if row.bucket not in _TOLD_APART or a is None or b is None or row.estimate is None:
        return None
    used = book.sample(a, b)
    return TimedPair(a, b, row.estimate, used.baseline, used.candidate) if used else None


def _explained(row: TriageRow, pair: TimedPair, layers: PairLayers) -> TriageRow:
    found = layers.differences(pair)
    if found is None:
        return row
    return replace(row, causes=found.causes, withheld=found.withheld)


def _effect(row: TriageRow) -> float:
    return abs(math.log(row.estimate.ratio)) if row.estimate else 0.0


def _name(row: TriageRow) -> tuple[str, str, str, str]:
    return row.cell.model, row.cell.device, row.cell.arm, row.cell.cell_id
