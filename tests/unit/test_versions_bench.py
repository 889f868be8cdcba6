"""The benchmark of versions: each required version is there, native and capped apart, or missed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from results.store import Store
from tests.benchmarks.rows import Row
from tests.benchmarks.versions import Asked, is_of, rows
from tests.planted import ARMS
from tests.planted_versions import AGAIN, FUSED, INT8, NEWEST, OLD, PLANS, versions_store

MODELS = ("mobilenet_v3_large", "mobilenet_v2")
NEAR = "2025.4.0"
EVERY = (OLD, FUSED, INT8, AGAIN, NEAR, NEWEST)
ASKED = Asked(
    MODELS, ("2021.4.2", "2022.3", "2023.3", "2024.6", "2025.4"), ("2021.2",), NEWEST,
    ("none", "AVX2"),
)  # fmt: skip
CANNOT = "OpenVINO 2021.4.2 cannot be capped to AVX2: nothing tells it to"


def measured(tmp_path: Path, versions: tuple[str, ...] = EVERY) -> Store:
    """All of them natively, all but 2021 capped to AVX2, as the collector leaves it."""
    plans = {**PLANS, NEAR: PLANS[AGAIN]}
    versions_store(tmp_path, versions, models=MODELS, plans=plans, blocks=3)
    capped = tuple(version for version in versions if version != OLD)
    versions_store(tmp_path, capped, models=MODELS, plans=plans, blocks=3, caps=("AVX2",), day=1)
    failed = {(OLD, model, arm): CANNOT for model in MODELS for arm in ARMS}
    return versions_store(
        tmp_path, (OLD,), models=MODELS, caps=("AVX2",), failed=failed, profiles=0, day=2
    )


def told(store: Store, asked: Asked = ASKED) -> tuple[Row, ...]:
    return rows(store.index(), asked)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Row, ...]:
    return told(measured(tmp_path_factory.mktemp("bench")))


def test_native_and_capped_are_judged_apart_and_2021_is_never_asked_to_be_capped(
    whole: tuple[Row, ...],
) -> None:
    native, capped, _ = whole
    assert (native.ok, native.measured) == (True, "6 of 6")
    assert native.bar == f"2021.4.2, 2022.3, 2023.3, 2024.6, 2025.4, {NEWEST}"
    assert (capped.ok, capped.measured) == (True, "5 of 5")
    assert "2021" not in capped.bar


def test_the_table_has_times_speed_ups_reorders_depthwise_and_coverage(
    whole: tuple[Row, ...],
) -> None:
    lines = [line.strip("| ").split(" | ") for line in whole[0].details if line.startswith("|")]
    head, old = lines[0], lines[2]
    assert len(lines) == 2 + 2 * (len(EVERY) + len(EVERY))
    found = dict(zip(head, old, strict=True))
    assert found["OpenVINO"] == OLD
    assert found["Reorders (f32, default, INT8)"] == "0, 0, 2"
    assert found["depthwise in float"] == "1 of 1"
    assert found["INT8 over fp32@default"].startswith("1.2")
    assert " to " in found["INT8 over fp32@default"]
    assert found["layers matched"].endswith("%")
    assert any(CANNOT in line for line in whole[0].details)


def test_a_required_version_that_could_not_be_had_is_a_miss_with_its_reason(
    tmp_path: Path,
) -> None:
    store = measured(tmp_path, tuple(version for version in EVERY if version != OLD))
    asked = replace(ASKED, refused={"2021.4.2": "not added: no Python 3.8 is here"})
    native, capped, _ = told(store, asked)
    assert (native.ok, native.measured) == (False, "5 of 6, without 2021.4.2")
    assert "missed: 2021.4.2: not added: no Python 3.8 is here" in native.details
    assert capped.ok, "2021 is not missed where it cannot be capped"


def test_a_version_that_failed_an_arm_is_a_miss_with_the_reason(tmp_path: Path) -> None:
    failed = {(FUSED, MODELS[1], ARMS[2]): "timing: could not create a primitive"}
    plans = {**PLANS, NEAR: PLANS[AGAIN]}
    store = versions_store(tmp_path, EVERY, models=MODELS, plans=plans, blocks=3, failed=failed)
    native, _ = told(store, replace(ASKED, caps=("none",)))
    assert (native.ok, native.measured) == (False, "5 of 6, without 2022.3")
    (missed,) = [line for line in native.details if line.startswith("missed")]
    assert "could not create a primitive" in missed
    assert MODELS[1] in missed


def test_a_version_is_meant_by_whole_numbers() -> None:
    assert is_of("2022.3.2", "2022.3")
    assert is_of("2021.4.2", "2021.4.2")
    assert not is_of("2022.30", "2022.3")
