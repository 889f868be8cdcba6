"""What a history answers in a sentence and four numbers, and what it picks for them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from results.store import Store
from results.versions.answers import failures_of, first_to_pay, headline, largest_step
from results.versions.series import histories
from results.versions.shapes import History
from tests import planted_versions
from tests.page.version_stores import CRASH, versions_store
from tests.planted import ARMS, planted_store


def _history(root: Path) -> History:
    with closing(Store(root).index()) as index:
        return histories(index)[0]


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Six versions, the oldest without INT8."""
    root = tmp_path_factory.mktemp("six")
    versions_store(root, models=("alpha",), failed={("2021.2", "alpha", ARMS[2]): CRASH})
    return _history(root)


def _figures(history: History) -> dict[str, str]:
    return {figure.label: figure.value for figure in headline(history).figures}


def test_a_single_version_answers_whether_int8_pays_and_not_since_when(tmp_path: Path) -> None:
    planted_store(tmp_path)
    history = _history(tmp_path)
    assert _figures(history)["INT8 pays"] == "yes"
    assert "INT8 pays since" not in _figures(history)
    assert "Largest step" not in _figures(history)
    assert "the only version measured" in headline(history).sentence


def test_where_int8_paid_and_then_did_not_the_figure_says_first_and_with_which_not(
    tmp_path: Path,
) -> None:
    slow = replace(planted_versions.PLANS[planted_versions.FUSED], reorder_us=300.0)
    later = planted_versions.INT8
    planted_versions.versions_store(tmp_path, plans={**planted_versions.PLANS, later: slow})
    head = headline(_history(tmp_path))
    assert f"but not with {later}" in head.sentence
    assert "INT8 pays since" not in {one.label for one in head.figures}
    (figure,) = [one for one in head.figures if one.label == "INT8 first pays with"]
    assert figure.note.startswith(f"not with {later}; ")


def test_a_single_version_where_int8_is_slower_says_never(tmp_path: Path) -> None:
    planted_store(tmp_path, int8_ratios={"tiny": 1.3})
    assert _figures(_history(tmp_path))["INT8 pays"] == "never"


def test_the_largest_step_is_a_change_point_though_another_is_larger(six: History) -> None:
    found = largest_step(six)
    assert found is not None
    assert (found[0].arm, found[1].version.label) == (ARMS[2], "2023.0.0")
    points = [
        point if point.step is None or point.version.label != "2023.0.0"
        else replace(point, step=replace(point.step, is_change_point=False))
        for point in found[0].points
    ]  # fmt: skip
    doubted = replace(six, series=(*six.series[:2], replace(found[0], points=tuple(points))))
    other = largest_step(doubted)
    assert other is not None
    assert other[1].step is not None
    assert other[1].step.is_change_point
    assert (other[0].arm, other[1].version.label) != (ARMS[2], "2023.0.0")


def test_the_arm_that_pays_first_is_told(six: History) -> None:
    first = first_to_pay(six)
    assert first is not None
    assert first.version is not None
    assert first.version.label == "2023.0.0"
    never = replace(first, arm="int8-full@default", version=None, unsettled=())
    assert first_to_pay(replace(six, pays=(never, first))) == first
    assert first_to_pay(replace(six, pays=(never,))) == never
    assert first_to_pay(replace(six, pays=())) is None


def test_versions_that_ran_only_one_of_both_do_not_date_since_when_int8_pays(
    tmp_path: Path,
) -> None:
    versions = ("2022.3.2", "2023.0.0", "2026.4.1")
    without = {("2022.3.2", "alpha", ARMS[2]): CRASH}
    versions_store(tmp_path, versions, models=("alpha",), failed=without)
    history = _history(tmp_path)
    head = headline(history)
    assert "INT8 pays in every version that ran both (from 2023.0.0)" in head.sentence
    assert _figures(history)["INT8 pays"] == "2 of 2"
    (figure,) = [one for one in head.figures if one.label == "INT8 pays"]
    assert figure.note.startswith("versions that ran both, from 2023.0.0; 1 did not")


def test_a_step_that_is_no_change_point_is_not_the_largest_step(six: History) -> None:
    series = tuple(
        replace(one, points=tuple(
            replace(point, step=replace(point.step, is_change_point=False)) if point.step else point
            for point in one.points
        ))
        for one in six.series
    )  # fmt: skip
    assert _figures(six)["Largest step"].startswith("▲ ")
    assert _figures(replace(six, series=series))["Largest step"] == "none settled"


def test_what_failed_is_told_once_for_each_version(six: History) -> None:
    assert failures_of(six) == (("2021.2", (ARMS[2],), CRASH),)
    assert headline(six).figures[-1].note == "1 with cells that failed"
