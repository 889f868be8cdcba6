"""What changed between two versions in lines that add up; failures of other histories."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.comparison import Attribution, GroupClass
from results.overview import overview
from results.versions.change_shapes import ChangeCause, ChangeKind, KindSum
from results.versions.changes import changes_between
from results.versions.closing import closing_lines, is_cut_otherwise, total_words
from results.versions.elsewhere import failed_elsewhere
from results.versions.series import histories
from results.versions.shapes import Bucket, Changes, TriageRow
from results.versions.triage import build_triage, shared_causes
from tests.planted import ARMS
from tests.planted_versions import INT8, OLD, version_cell_id, versions_store

_CRASH = "timing: the probe was ended by signal 11 (SIGSEGV)"


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Changes:
    index = versions_store(tmp_path_factory.mktemp("closing"), (OLD, INT8)).index()
    cells = {cell.cell_id: cell for cell in queries.cells(index)}
    return changes_between(index, *(cells[version_cell_id(v, arm=ARMS[2])] for v in (OLD, INT8)))


def _changes(
    planted: Changes, unattributed_us: float, *causes: tuple[str, float], wall_us: float = -2880.0
) -> Changes:
    """Changes of these causes, in a difference of which so much has no layer."""
    part = (GroupClass.FUSION_CHANGED, wall_us - unattributed_us)
    estimate = replace(planted.estimate, baseline_ms=5.0, candidate_ms=5.0 + wall_us / 1000.0)
    comparison = replace(
        planted.comparison,
        estimate=estimate,
        attribution=Attribution(wall_us, (part,), unattributed_us, withheld=False),
    )
    told = tuple(ChangeCause(text, 3, us) for text, us in causes)
    return replace(planted, comparison=comparison, causes=told, sums=(), withheld=False)


def _sum_us(lines: Sequence[str]) -> float:
    found = [re.search(r"\(([+-]?[\d,.]+) µs\)$", line) for line in lines]
    assert all(found), lines
    return sum(float(one[1].replace(",", "")) for one in found if one)


_CAUSES = (("Reorders gone", -2188.0), ("Converts gone", -900.0), ("Subgraphs come", 20.0),
           ("Reorders come", -12.0))  # fmt: skip


def test_what_no_layer_accounts_for_stands_among_the_causes_by_its_size(planted: Changes) -> None:
    lines = closing_lines(_changes(planted, 1230.9, *_CAUSES), 2)
    assert [line.partition(" (")[0] for line in lines] == [
        "3 Reorders gone", "what no layer accounts for", "3 Converts gone",
        "all that is not told here, together",
    ]  # fmt: skip


@pytest.mark.parametrize("most", [1, 2, 3, 8])
def test_the_lines_add_up_to_the_wall_clock_however_few_are_told(
    planted: Changes, most: int
) -> None:
    found = _changes(planted, 1230.9, *_CAUSES)
    assert _sum_us(closing_lines(found, most)) == pytest.approx(-2880.0, rel=0.002)
    assert total_words(found) == "Together -2,880 µs, by the wall clock."


def test_the_lines_of_a_real_pair_add_up_too(planted: Changes) -> None:
    assert _sum_us(closing_lines(planted, 8)) == pytest.approx(planted.wall_us, rel=0.01)


def test_what_both_versions_have_is_told_where_it_moved_as_much_as_a_cause(
    planted: Changes,
) -> None:
    """As no cause, but by its size: left out, the rest would be larger than what is told."""
    same = (
        KindSum(ChangeKind.CONVERTED_IN_BOTH, 9, -299.1),
        KindSum(ChangeKind.SAME, 13, -228.2),
        KindSum(ChangeKind.KERNEL, 1, -2200.0),
    )
    found = replace(_changes(planted, -140.0, ("Reorders gone", -2200.0)), sums=same)
    lines = closing_lines(found, 8)
    assert lines[1:3] == (
        "9 conversions that both have (-299 µs)", "13 groups with the same kernels (-228 µs)",
    )  # fmt: skip
    assert _sum_us(lines) == pytest.approx(-2880.0, rel=0.002)
    told = ChangeCause("the same kernels take less time", 13, -228.2)
    as_cause = closing_lines(replace(found, causes=(*found.causes, told)), 8)
    assert sum("same kernels" in line for line in as_cause) == 1, "once"


def test_nothing_is_told_as_zero(planted: Changes) -> None:
    exact = _changes(planted, 0.0, ("Reorders gone", -2880.0))
    assert closing_lines(exact, 8) == ("3 Reorders gone (-2,880 µs)",)


def test_without_times_the_causes_stand_alone(planted: Changes) -> None:
    found = _changes(planted, 9000.0, ("Reorders gone", -2880.0))
    withheld = replace(found, withheld=True, causes=(ChangeCause("Reorders gone", 3, None),))
    assert closing_lines(withheld, 8) == ("3 Reorders gone",)
    assert total_words(withheld) == ""
    assert closing_lines(replace(found, causes=()), 8) == ()


def test_that_compare_counts_layers_left_in_float_by_themselves_is_known(planted: Changes) -> None:
    found = _changes(planted, 0.0)
    assert not is_cut_otherwise(found)
    left = Attribution(1.0, ((GroupClass.LEFT_IN_FLOAT, 1.0),), 0.0, withheld=False)
    assert is_cut_otherwise(replace(found, comparison=replace(found.comparison, attribution=left)))


def test_shared_causes_are_told_by_size_and_what_moved_nothing_is_none(planted: Changes) -> None:
    cell = planted.comparison.candidate

    def row(*causes: ChangeCause) -> TriageRow:
        return TriageRow(Bucket.FASTER, cell, cell, planted.estimate, causes=causes)

    few, large = ChangeCause("Outputs gone", 2, 0.0), ChangeCause("Reorders gone", 9, -2188.0)
    often, untold = ChangeCause("Subgraphs come", 1, 5.0), ChangeCause("Converts gone", 1, None)
    rows = [row(few, often, untold), row(few, often, large)]
    assert [one.text for one in shared_causes(rows)] == [
        "Reorders gone", "Subgraphs come", "Converts gone",
    ]  # fmt: skip
    found = build_triage(planted.baseline, planted.candidate, rows)
    assert "Most often: 2 Subgraphs come (+10.0 µs in all): 2 cells" in found.sentence


def test_failures_of_other_models_are_told_with_their_versions(tmp_path: Path) -> None:
    failed = {(version, "b", ARMS[2]): _CRASH for version in (OLD, INT8)}
    failed |= {(OLD, "a", ARMS[2]): _CRASH}
    store = versions_store(tmp_path, (OLD, INT8), models=("a", "b", "c"), failed=failed)
    index = store.index()
    rows, of = overview(index), {one.model: one for one in histories(index)}
    told = {
        model: [(one.model_title, one.versions) for one in failed_elsewhere(rows, of[model])]
        for model in ("a", "b", "c")
    }
    a, b = (of["a"].model_title, (OLD,)), (of["b"].model_title, (OLD, INT8))
    assert told == {"a": [b], "b": [a], "c": [b, a]}
    (one,) = failed_elsewhere(rows, of["a"])
    assert (one.model_id, one.device_id) == (of["b"].model_id, of["b"].device_id)
    assert one.scenario_title == of["b"].scenario_title
    imported = [
        replace(
            row,
            arms=tuple(replace(arm, cell=replace(arm.cell, origin="imported")) for arm in row.arms),
        )
        for row in rows
    ]
    assert failed_elsewhere(imported, of["c"]) == (), "only what was measured has versions"
