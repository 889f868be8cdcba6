"""Every caution says what was seen and what to do, in words of one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from results.caution_texts import CAUTIONS
from results.cautions import of, show
from results.facts import Caution

ROOT = Path(__file__).parents[2]
# What the issues and the method promise to tell; a word may change, an id is stored.
PROMISED = frozenset({
    "unpinned", "smt", "other_load_now", "steal_now", "fewer_cpus", "throttled_before",
    "little_memory", "swapping", "on_battery", "thermal_throttling", "no_int8_isa",
    "stayed_dirty", "profile_stayed_dirty", "continued_run", "adaptive_limit", "sitting_split",
    "device_missing",
    "cache_compile_failed", "hypervisor", "governor", "turbo", "cgroup_limit",
    "interference_steal", "interference_load", "throttled", "warmup_unsettled",
})  # fmt: skip


@pytest.mark.parametrize("caution_id", sorted(CAUTIONS))
def test_a_caution_shows_the_value_seen_and_one_thing_to_do(caution_id: str) -> None:
    text = CAUTIONS[caution_id]
    assert text.message.count("{detail}") == 1
    assert "{" not in text.action
    assert text.action
    for words in text.message, text.action:
        assert not words.endswith(".")
        assert words[0].islower() or words.startswith("INT8")


@pytest.mark.parametrize("caution_id", sorted(PROMISED))
def test_what_is_promised_has_words_of_its_own(caution_id: str) -> None:
    shown = of(caution_id, "machine", "the value")
    assert "the value" in shown.message
    assert "update INT8 Lens" not in shown.action
    assert (shown.caution_id, shown.subject) == (caution_id, "machine")


def test_no_two_cautions_say_the_same() -> None:
    assert len({text.message for text in CAUTIONS.values()}) == len(CAUTIONS)


def test_a_detail_is_shown_as_it_is() -> None:
    assert of("stayed_dirty", "block", "block 3, 3 attempts").message.endswith(
        ": block 3, 3 attempts"
    )
    assert "{0} {detail}" in of("hypervisor", "machine", "{0} {detail}").message


def test_an_unknown_id_of_a_newer_collector_is_shown() -> None:
    shown = show(Caution("run", "bad_moon", "machine", "m", "rising"))
    assert shown.message == "bad moon: rising"
    assert "update INT8 Lens" in shown.action


def test_every_id_that_the_code_names_is_in_the_catalogue() -> None:
    """Where one is made: ``Caution(run_id, "id"`` and ``of("id"``."""
    made = re.compile(r'\b(?:Caution\([\w.]+, |of\(\s*)"([a-z0-9_]+)"')
    named = {
        found
        for package in ("collector", "results")
        for path in (ROOT / package).rglob("*.py")
        for found in made.findall(path.read_text())
    }
    assert len(named) > 8
    assert not named - CAUTIONS.keys()
