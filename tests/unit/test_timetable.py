"""How long it will take, and what a dry run lists."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collector.effort import level
from collector.job import Job
from collector.models.prepare import ModelOutline
from collector.options import Options, job_of
from collector.timetable import (
    LAUNCH_S,
    PREPARE_S,
    cell_s,
    certificate_s,
    devices_of,
    dry_cells,
    dry_s,
    duration,
    expected_s,
    kept_s,
    seated_s,
)

BOTH = ("fp32", "int8-simplified")


def _job(**options: tuple[str, ...]) -> Job:
    known: dict[str, Any] = {"models": ("resnet_50",), **options}
    return job_of(Options(**known), Path("store"), 1)


def test_a_dry_run_lists_every_cell_that_would_be_measured() -> None:
    job = _job(scenarios=("latency", "throughput"), isa_caps=("none", "AVX2"))
    found = dry_cells(job, [ModelOutline("resnet_50", 1, BOTH)])
    assert len(found) == 2 * 2 * 3 == len(set(found))
    assert {cell.arm for cell in found} == {
        "fp32@f32", "fp32@default", "int8-simplified@default",
    }  # fmt: skip
    assert {cell.device for cell in found} == {"CPU", "CPU, capped to AVX2"}


def test_an_arm_that_a_model_does_not_have_is_left_out() -> None:
    job = _job(arms=("fp32@f32", "int8-native@default"))
    quantised, plain = ModelOutline("q", 1, ("int8-native",)), ModelOutline("p", 1, BOTH)
    found = dry_cells(job, [quantised, plain])
    assert [(cell.model, cell.arm) for cell in found] == [
        ("q", "int8-native@default"),
        ("p", "fp32@f32"),
    ]


def test_caps_are_for_cpus_alone() -> None:
    job = _job(devices=("CPU", "NPU"), isa_caps=("none", "AVX2"))
    assert devices_of(job) == ("CPU", "CPU, capped to AVX2", "NPU")


def test_more_work_takes_longer() -> None:
    assert cell_s(level("quick")) < cell_s(level("default")) < cell_s(level("publish"))
    one, two = _job(), _job(isa_caps=("none", "AVX2"))
    assert expected_s(two) - PREPARE_S == pytest.approx(2 * (expected_s(one) - PREPARE_S))
    assert expected_s(_job(arms=("fp32@f32",))) < expected_s(one)
    cells = dry_cells(one, [ModelOutline("resnet_50", 1, BOTH)])
    assert dry_s(one, cells) == pytest.approx(expected_s(one))


def test_profile_launches_cost_their_start_and_four_turns_at_least() -> None:
    default = level("default")
    without = replace(default, profile_launches=0)
    assert cell_s(default) - cell_s(without) == pytest.approx(5 * (LAUNCH_S + 4 * default.slice_s))
    longer = replace(default, profile_s=2.0)
    assert seated_s(longer, "profile") == LAUNCH_S + 2.0
    assert seated_s(replace(default, slice_s=1.5), "profile") == pytest.approx(LAUNCH_S + 4 * 0.3)
    assert seated_s(default, "timing") == LAUNCH_S + default.measure_s


def test_what_is_kept_of_a_run_that_is_whole_is_all_of_it() -> None:
    quick = level("quick")
    parts = [f"{kind}-{n:04}" for kind, count in
             (("block", quick.blocks), ("profile", quick.profile_launches),
              ("startup", quick.startup_launches)) for n in range(count)]  # fmt: skip
    assert kept_s(quick, ["setup", "continued-0000", *parts], 3) == pytest.approx(3 * cell_s(quick))
    assert kept_s(quick, ["setup", "block-0000"], 3) == pytest.approx(3 * seated_s(quick, "timing"))


def test_a_certificate_takes_two_launches_for_every_block_of_a_comparison() -> None:
    quick = level("quick")
    assert certificate_s(quick, 100) == pytest.approx(50 * certificate_s(quick, 2))
    assert certificate_s(quick, 100) == pytest.approx(200 * 5 * (LAUNCH_S + quick.measure_s))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (89.0, "89 s"), (90.0, "2 min"), (3600.0, "1 h 0 min"), (7500.0, "2 h 5 min")],
)
def test_durations_are_for_people(seconds: float, said: str) -> None:
    assert duration(seconds) == said
