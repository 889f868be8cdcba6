"""What changed for one cell between two versions of OpenVINO.

The comparison is that of ``results.compare``; here what it found is named as changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from results import version_queries
from results.compare import compare_cells
from results.comparison import CellView, Comparison
from results.errors import UsageError
from results.facts import SourceOp
from results.shelf import Shelf
from results.store import Index
from results.versions.cells import key_of
from results.versions.differences import Differences, depthwise_ops, differences
from results.versions.order import ordered
from results.versions.shapes import Changes, Version
from results.versions.words import changes_sentence


def changes_between(
    index: Index,
    baseline: CellView,
    candidate: CellView,
    *,
    shelf: Shelf | None = None,
    versions: Sequence[Version] | None = None,
) -> Changes:
    """What changed from the baseline's version to the candidate's, for one cell.

    Paired where the two share blocks of a run. Raises UsageError where the cells differ in
    more than the version, or not in that; MeasurementError where one has no good launch. Who
    asks about many cells of an index gives all of them one ``shelf`` of it, and who has its
    ``versions`` those.
    """
    if key_of(baseline) != key_of(candidate):
        raise UsageError(
            f"{baseline.cell_id} and {candidate.cell_id} differ in more than the OpenVINO version",
            hint="use `python -m results compare` for them",
        )
    shelf = shelf or Shelf(index)
    found = compare_cells(index, baseline, candidate, shelf=shelf)
    told = ordered(version_queries.runtimes(index)) if versions is None else versions
    known = {version.runtime_id: version for version in told}
    ops = shelf.float_ops(baseline.model_id)
    return build_changes(known[baseline.runtime_id], known[candidate.runtime_id], found, ops)


def build_changes(
    baseline: Version, candidate: Version, found: Comparison, ops: tuple[SourceOp, ...]
) -> Changes:
    """The changes that a comparison shows; ``ops`` are those of the model's float variant."""
    seen = None
    if found.attribution is not None:
        seen = differences(found.groups, found.inserted, found.attribution, depthwise_ops(ops))
    told = seen or Differences((), (), (), (), (), (), withheld=False)
    return Changes(
        baseline=baseline,
        candidate=candidate,
        comparison=found,
        groups=told.groups,
        gone=told.gone,
        come=told.come,
        lone=told.lone,
        sums=told.sums,
        causes=told.causes,
        profiled=seen is not None,
        withheld=told.withheld,
        sentence=changes_sentence(
            found.baseline,
            found.candidate,
            found.estimate,
            told.causes if seen else None,
            withheld=told.withheld,
        ),
    )
