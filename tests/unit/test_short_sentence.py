"""A comparison in few words: nothing of its sentence is lost, and the sides are told apart."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.compare import compare_cells
from results.comparison import Comparison
from results.short_sentence import in_two, picture_source, picture_title, side_names
from tests.planted import planted_store


@pytest.fixture
def comparison(tmp_path: Path) -> Comparison:
    with closing(planted_store(tmp_path, default_ratio=0.9).index()) as index:
        cells = {cell.arm: cell for cell in queries.cells(index)}
        return compare_cells(index, cells["fp32@f32"], cells["int8-simplified@default"])


def test_both_parts_together_are_the_whole_sentence(comparison: Comparison) -> None:
    first, rest = in_two(comparison)
    assert f"{first} {rest}" == comparison.sentence
    assert re.search(r"\(.*ms\), of a possible \d\.\d\dx\.$", first)
    assert rest


def test_the_sides_are_named_by_their_arms(comparison: Comparison) -> None:
    assert side_names(comparison) == ("fp32@f32", "int8-simplified@default")


def test_equal_arms_are_told_apart_by_what_differs(comparison: Comparison) -> None:
    older = replace(comparison.candidate, runtime_id="old", runtime="2021.4.2", batch=8)
    found = side_names(replace(comparison, baseline=older))
    assert found == (
        "int8-simplified@default, 2021.4.2, latency, batch 8",
        "int8-simplified@default, 2026.4.1, latency, batch 1",
    )
    same = side_names(replace(comparison, baseline=comparison.candidate))
    assert same == ("int8-simplified@default", "int8-simplified@default")


def test_a_picture_says_what_it_is_about_and_what_it_rests_on(comparison: Comparison) -> None:
    title, source = picture_title(comparison), picture_source(comparison)
    for told in (comparison.candidate.model_title, "int8-simplified@default against fp32@f32",
                 comparison.candidate.device, "OpenVINO 2026.4.1",
                 "speed-up 1.82x (1.8"):  # fmt: skip
        assert told in title, told
    assert source == f"run {comparison.run_ids[0]}, 5 paired blocks, 95 % interval"
