"""Variants that were made before are found again, with everything that is said of them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import openvino as ov
import pytest

from collector.models.kept import ask_for, find_kept, keep, newest_kept
from results.facts import RevertedOp, Variant
from tests.e2e.tiny import tiny_network

REVERTED = (RevertedOp("v1", "body/first", 0, "top1", 0.03, 0.01),)


def _variant(variant_id: str) -> Variant:
    return Variant(variant_id, "m", "int8-full", "f", "nncf", "3.4.0", '{"mode": "full"}', 0, None)


@pytest.fixture
def graph(tmp_path: Path) -> ov.Model:
    return ov.Core().read_model(str(tiny_network(tmp_path / "tiny.xml")))


def test_what_was_kept_is_found_with_its_note_and_what_was_reverted(
    graph: ov.Model, tmp_path: Path
) -> None:
    path = tmp_path / "kept" / "int8-full-v1.xml"
    kept = keep(path, graph, replace(_variant("v1"), note="missed the bar"), REVERTED)
    assert kept.variant.note == "missed the bar"
    assert kept.variant.file_bytes == path.stat().st_size + path.with_suffix(".bin").stat().st_size
    assert find_kept(path) == kept
    assert (kept.reverted, kept.asked) == (REVERTED, False)


@pytest.mark.parametrize("suffix", [".xml", ".bin", ".json"])
def test_what_is_damaged_is_not_found(graph: ov.Model, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "int8-full-v1.xml"
    keep(path, graph, _variant("v1"), ())
    damaged = path.with_suffix(suffix)
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert find_kept(path) is None, "one bit is another"
    damaged.write_bytes(whole[:40])
    assert find_kept(path) is None
    damaged.unlink()
    assert find_kept(path) is None
    assert newest_kept(tmp_path, "int8-full") is None


def test_the_newest_of_a_kind_is_taken_and_one_that_is_damaged_is_passed_over(
    graph: ov.Model, tmp_path: Path
) -> None:
    for place, name in enumerate(("v9", "v1", "v5")):
        path = tmp_path / f"int8-full-{name}.xml"
        ask_for(keep(path, graph, _variant(name), ()), path)
        os.utime(path.with_suffix(".json"), (1_000 + place, 1_000 + place))
    found = newest_kept(tmp_path, "int8-full")
    assert found is not None
    assert found.variant.variant_id == "v5"
    (tmp_path / "int8-full-v5.bin").unlink()
    found = newest_kept(tmp_path, "int8-full")
    assert found is not None
    assert found.variant.variant_id == "v1"
    assert newest_kept(tmp_path, "int8-accuracy") is None


def test_what_nobody_asked_for_is_not_measured_and_asking_again_makes_it_the_newest(
    graph: ov.Model, tmp_path: Path
) -> None:
    paths = {name: tmp_path / f"int8-full-{name}.xml" for name in ("v1", "v2", "v3")}
    kept = {name: keep(path, graph, _variant(name), ()) for name, path in paths.items()}
    assert newest_kept(tmp_path, "int8-full") is None
    for place, name in enumerate(("v1", "v2")):
        ask_for(kept[name], paths[name])
        os.utime(paths[name].with_suffix(".json"), (1_000 + place, 1_000 + place))
    found = newest_kept(tmp_path, "int8-full")
    assert found is not None
    assert found.variant.variant_id == "v2"
    ask_for(kept["v1"], paths["v1"])
    found = newest_kept(tmp_path, "int8-full")
    assert found is not None
    assert found.variant.variant_id == "v1"
