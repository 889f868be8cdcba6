"""Which verdicts of a store the overview shows, and how all of them are counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from results import verdict_grid
from results.comparison import ShownCaution, Verdict
from results.headline import Pick, picks
from results.index import Index
from results.overview import overview
from results.overview_cautions import cautioned, told_cautions
from results.overview_matrix import card_titles, matrix, place_title
from results.overview_search import Only, holding, only
from results.overview_tallies import by_cpu, by_model, losses_sentence
from tests.planted import ARMS, planted_store
from tests.planted_fleet import CPUS, planted_fleet

DEVICES, MODELS = 9, ("alpha", "beta")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    opened = planted_fleet(tmp_path_factory.mktemp("fleet"), DEVICES, MODELS).index()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def picked(index: Index) -> tuple[Pick, ...]:
    return picks(overview(index), ARMS[0])


def test_few_verdicts_are_all_shown(picked: tuple[Pick, ...]) -> None:
    found = matrix(picked)
    assert found.shown == found.every == DEVICES * len(MODELS)
    assert {id(pick) for pick in found.picks} == {id(pick) for pick in picked}


def test_more_places_than_models_stand_under_their_models_in_one_order(
    picked: tuple[Pick, ...],
) -> None:
    found = matrix(picked)
    assert [section.title for section in found.sections] == ["Alpha", "Beta"]
    assert all(section.by_model for section in found.sections)
    alpha, beta = ([place_title(pick.row) for pick in one.picks] for one in found.sections)
    assert alpha == beta


def test_more_models_than_places_stand_under_their_place(tmp_path: Path) -> None:
    index = planted_store(tmp_path, models=("alpha", "beta", "gamma")).index()
    (section,) = matrix(picks(overview(index), ARMS[0])).sections
    assert not section.by_model
    assert section.title == "Planted CPU tiny, OpenVINO 2026.4.1, latency, batch 1"
    assert [pick.row.model_title for pick in section.picks] == ["Alpha", "Beta", "Gamma"]


def test_of_many_verdicts_the_worst_are_shown_first(picked: tuple[Pick, ...]) -> None:
    found = matrix(picked, most=12)
    assert (found.shown, found.every) == (12, 18)
    (section,) = found.sections
    assert section.is_mixed
    kinds = [pick.verdict.estimate.verdict for pick in section.picks if pick.verdict]
    slower = kinds.count(Verdict.SLOWER)
    assert 0 < slower < 12
    assert set(kinds[:slower]) == {Verdict.SLOWER}, "every slow-down before all else"
    ratios = [pick.verdict.estimate.speedup for pick in section.picks[:slower] if pick.verdict]
    assert ratios == sorted(ratios)
    assert kinds[-1] is Verdict.FASTER
    left = [pick for pick in picked if id(pick) not in set(map(id, section.picks))]
    assert all(
        pick.verdict is None or pick.verdict.estimate.verdict is Verdict.FASTER for pick in left
    )


def test_machines_of_one_cpu_are_told_by_their_hosts(picked: tuple[Pick, ...]) -> None:
    devices = {pick.row.device for pick in picked}
    assert len(devices) == DEVICES
    assert {f"{CPUS[0].title} (host-000-host)", f"{CPUS[0].title} (host-007-host)"} <= devices
    assert CPUS[2].title in devices, "one that has no twin goes by its name alone"


def test_the_grid_has_the_worst_in_its_first_corner_and_counts_what_has_no_room(
    picked: tuple[Pick, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = verdict_grid.grid(picked)
    assert (len(found.models), len(found.places)) == (2, DEVICES)
    assert (found.models_left, found.places_left) == (0, 0)
    assert len(found.cells) == len(picked)
    first = next(cell for cell in found.cells if (cell.column, cell.line) == (0, 0))
    assert first.verdict is Verdict.SLOWER
    for cell in found.cells:
        assert found.models[cell.column] == cell.pick.row.model_title
        assert found.places[cell.line] == cell.pick.row.device
    failed = [cell for cell in found.cells if cell.has_failed]
    assert len(failed) == 1
    assert failed[0].verdict is None
    monkeypatch.setattr(verdict_grid, "MOST_MODELS", 1)
    monkeypatch.setattr(verdict_grid, "MOST_PLACES", 4)
    few = verdict_grid.grid(picked)
    assert (len(few.models), len(few.places), len(few.cells)) == (1, 4, 4)
    assert (few.models_left, few.places_left) == (1, DEVICES - 4)


def test_every_verdict_is_counted_by_model(picked: tuple[Pick, ...]) -> None:
    found = {tally.title: tally for tally in by_model(picked)}
    slower = [tally.of(Verdict.SLOWER) for tally in found.values()]
    assert slower == sorted(slower, reverse=True), "most slow-downs first"
    assert slower[0] > slower[1] > 0
    assert dict(found["Alpha"].counts) == {
        Verdict.FASTER: 6, Verdict.SLOWER: 1, Verdict.EQUIVALENT: 1, Verdict.INCONCLUSIVE: 0,
    }  # fmt: skip
    assert (found["Alpha"].judged, found["Alpha"].without) == (8, 1)
    assert (found["Beta"].judged, found["Beta"].without) == (9, 0)


def test_a_search_finds_models_and_devices_by_all_of_its_words(picked: tuple[Pick, ...]) -> None:
    found = holding(picked, "EPYC alpha")
    names = {(pick.row.model_title, pick.row.device.partition(" (host")[0]) for pick in found}
    assert names == {("Alpha", CPUS[1].title)}
    assert holding(picked, "nothing of that name") == ()
    assert holding(picked, "") == picked


def test_what_all_cards_share_is_told_once(tmp_path: Path, picked: tuple[Pick, ...]) -> None:
    shared, titles = card_titles(picked)
    assert shared == "OpenVINO 2026.4.1, latency, batch 1"
    assert titles == tuple(pick.row.device for pick in picked)
    planted_store(tmp_path, runtime="2025.1.0")
    index = planted_store(tmp_path, runtime="2026.4.1").index()
    shared, titles = card_titles(picks(overview(index), ARMS[0]))
    assert shared == "latency, batch 1"
    assert titles == ("Planted CPU tiny, OpenVINO 2025.1.0", "Planted CPU tiny, OpenVINO 2026.4.1")


def test_each_kind_of_caution_is_told_once_with_its_models(picked: tuple[Pick, ...]) -> None:
    first, second = (pick for pick in picked[:2])
    found = told_cautions([
        _cautioned(first, "stayed_dirty", "5 %"),
        _cautioned(second, "stayed_dirty", "7 %"),
        _cautioned(second, "isa_cap_ignored", "a kernel"),
    ])  # fmt: skip
    assert [(one.message, one.verdicts, one.alike) for one in found] == [
        ("5 %", 2, 1), ("a kernel", 1, 0),
    ]  # fmt: skip
    assert {(one.models, one.devices) for one in found[1:]} == {(1, 1)}
    assert told_cautions(picked) == ()


def test_cautions_are_listed_with_their_own_figures_by_device(picked: tuple[Pick, ...]) -> None:
    judged = [pick for pick in picked if pick.verdict]
    by_name = sorted(judged, key=lambda pick: pick.row.device, reverse=True)
    first, last = by_name[0], by_name[-1]
    found = cautioned([
        _cautioned(first, "stayed_dirty", "5 %"), _cautioned(last, "stayed_dirty", "7 %"), *picked,
    ])  # fmt: skip
    assert [(pick.row.device, caution.message) for pick, caution in found] == [
        (last.row.device, "7 %"), (first.row.device, "5 %"),
    ]  # fmt: skip


def _titles(picked: tuple[Pick, ...]) -> dict[str, str]:
    """By device the name of its CPU, as machines of one kind share it."""
    return {p.row.device_id: p.row.device.partition(" (host")[0] for p in picked}


def test_every_verdict_is_counted_by_cpu_the_losing_one_first(picked: tuple[Pick, ...]) -> None:
    found = by_cpu(picked, _titles(picked))
    assert sum(one.judged + one.without for one in found) == len(picked)
    slower = [one.of(Verdict.SLOWER) for one in found]
    assert slower == sorted(slower, reverse=True)
    assert found[0].title == CPUS[4].title
    assert found[0].worst.verdict
    assert found[0].worst.verdict.estimate.verdict is Verdict.SLOWER
    twins = next(one for one in found if one.title == CPUS[0].title)
    assert (twins.devices, twins.losing) == (2, 0)


def _slower(pick: Pick) -> Pick:
    assert pick.verdict
    estimate = replace(pick.verdict.estimate, verdict=Verdict.SLOWER, ratio=1.2)
    return replace(pick, verdict=replace(pick.verdict, estimate=estimate))


def test_the_machines_that_lose_are_named_in_a_sentence(picked: tuple[Pick, ...]) -> None:
    titles = _titles(picked)
    sound = [p for p in picked if p.verdict and p.verdict.estimate.verdict is Verdict.FASTER]
    said = losses_sentence(by_cpu(sound, titles))
    devices = len({pick.row.device_id for pick in sound})
    assert said == f"INT8 is slower on none of {devices} devices."
    twins = [p for p in sound if titles[p.row.device_id] == CPUS[0].title]
    others = [p for p in sound if p not in twins]
    assert len({p.row.device_id for p in twins}) == 2
    both = [_slower(p) for p in twins]
    name = "Intel Xeon Platinum 8488C"
    assert losses_sentence(by_cpu([*both, *others], titles)) == (
        f"All {len(both)} slower verdicts are on {name} (all 2 machines)."
    )
    one = [_slower(twins[0]), *twins[1:], *others]
    assert losses_sentence(by_cpu(one, titles)) == (
        f"The one slower verdict is on {name} (1 of 2 machines)."
    )
    several = losses_sentence(by_cpu([_slower(p) for p in sound], titles))
    assert several
    assert several.startswith(f"The {len(sound)} slower verdicts: ")
    assert " CPUs more." in several or " CPU more." in several
    assert losses_sentence(by_cpu(twins[:1], titles)) is None, "one device is named above"


def test_a_search_finds_verdicts_by_their_word_and_by_their_cautions(
    picked: tuple[Pick, ...],
) -> None:
    slower = {id(p) for p in picked if p.verdict and p.verdict.estimate.verdict is Verdict.SLOWER}
    assert {id(pick) for pick in holding(picked, "SLOWER")} == slower
    marked = _cautioned(picked[0], "stayed_dirty", "steal of 5 %")
    rest = picked[1:]
    for wanted in ("caution", "cautions steal"):
        assert holding([marked, *rest], wanted) == (marked,)
    assert {pick.verdict for pick in holding(picked, "failed")} == {None}


def test_one_kind_of_verdict_can_be_listed_alone(picked: tuple[Pick, ...]) -> None:
    marked = _cautioned(picked[0], "stayed_dirty", "5 %")
    every = (marked, *picked[1:])
    assert only(every, "") == every
    assert only(every, Only.CAUTIONED) == (marked,)
    counts = [len(only(every, kind)) for kind in Only if kind is not Only.CAUTIONED]
    assert sum(counts) == len(every)
    assert all(p.verdict is None for p in only(every, Only.WITHOUT))
    assert {p.verdict.estimate.verdict for p in only(every, Only.SLOWER) if p.verdict} == {
        Verdict.SLOWER
    }


def _cautioned(pick: Pick, kind: str, message: str) -> Pick:
    assert pick.verdict
    said = ShownCaution(kind, "int8", message, "look")
    return Pick(pick.row, replace(pick.verdict, cautions=(said,)), None)
