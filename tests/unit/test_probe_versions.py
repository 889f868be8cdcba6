"""Every old OpenVINO that is there really measures a tiny network, all kinds of launches.

The folder that INT8_LENS_TEST_RUNTIMES names has an environment per version, each with its
``bin/python``; without it the tests are skipped.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from collector.answers import DeviceAnswer, LaunchAnswer, ProbeFailure, ProfileAnswer, StartupAnswer
from collector.devices import ignored_cap, runtime_fact
from collector.launcher import Launcher, ProbeRequest
from collector.models.ir_v10 import ir_v10
from collector.records import LaunchKey, exec_nodes
from collector.sitting import LEAST_TURNS, Seat, sit
from tests.e2e.tiny import tiny_network

_FOLDER = os.environ.get("INT8_LENS_TEST_RUNTIMES")
_VERSIONS = (
    sorted(path.parents[1] for path in Path(_FOLDER).glob("*/bin/python")) if _FOLDER else []
)
_NONE = Path("none")
_ONE_STREAM = (("NUM_STREAMS", "1"), ("INFERENCE_PRECISION_HINT", "f32"))


@pytest.fixture(scope="module", params=_VERSIONS or [_NONE], ids=lambda path: path.name)
def environment(request: pytest.FixtureRequest) -> Path:
    if request.param == _NONE:
        pytest.skip("INT8_LENS_TEST_RUNTIMES names no folder with environments of old OpenVINO")
    found: Path = request.param
    return found


@pytest.fixture(scope="module")
def launcher(environment: Path) -> Launcher:
    return Launcher(
        python=str(environment / "bin" / "python"),
        timeout_s=60.0,
        loader_paths=_loader_paths(environment),
    )


def _loader_paths(environment: Path) -> tuple[str, ...]:
    """2021.2 unpacks its libraries where nobody looks."""
    apart = list(environment.glob("lib/python*/site-packages/*.data/data/lib"))
    return tuple(map(str, [*apart, environment / "lib"])) if apart else ()


@pytest.fixture(scope="module")
def described(launcher: Launcher) -> DeviceAnswer:
    answer = launcher.describe("CPU")
    assert isinstance(answer, DeviceAnswer), answer
    return answer


@pytest.fixture(scope="module")
def asked(described: DeviceAnswer, tmp_path_factory: pytest.TempPathFactory) -> ProbeRequest:
    """What to measure: IR version 10 where that is all that it reads."""
    folder = tmp_path_factory.mktemp("tiny")
    xml, weights = tiny_network(folder / "tiny.xml"), ""
    if described.newest_opset is not None:
        old = ir_v10(xml, described.newest_opset, folder)
        xml, weights = old.xml_path, str(old.weights_path)
    return ProbeRequest(
        "timing", "CPU", str(xml), _ONE_STREAM, weights_path=weights,
        warmup_max_s=0.2, slice_s=0.05,
    )  # fmt: skip


def test_it_tells_its_version_and_the_cpu(environment: Path, described: DeviceAnswer) -> None:
    assert runtime_fact(described.version, described.python).version.startswith(environment.name)
    assert described.full_name
    assert "FP32" in described.capabilities
    assert (described.newest_opset is not None) == environment.name.startswith("2021")


def test_two_profile_launches_take_turns(launcher: Launcher, asked: ProbeRequest) -> None:
    request = replace(asked, action="profile", slice_s=0.02)
    answers = sit([Seat(launcher, request)] * 2, 0.08, np.random.default_rng(1))
    for answer in answers:
        assert isinstance(answer, ProfileAnswer), answer
        assert len(answer.launch.slice_ms) == LEAST_TURNS
        assert answer.nodes


@pytest.mark.parametrize("scenario", ["latency", "throughput"])
def test_it_measures(launcher: Launcher, asked: ProbeRequest, scenario: str) -> None:
    answer = launcher.timing(replace(asked, scenario=scenario), turns=2)
    assert isinstance(answer, LaunchAnswer), answer
    assert len(answer.slice_ms) == 2
    assert min(answer.samples_ms) > 0
    assert median(answer.samples_ms) < 100
    assert answer.items == len(answer.samples_ms)
    assert answer.compile_ms > 0
    assert answer.peak_memory_mib is not None
    assert "NUM_STREAMS" in answer.properties or "CPU_THROUGHPUT_STREAMS" in answer.properties


def test_its_layers_run_in_order_and_take_less_than_the_inference(
    launcher: Launcher, asked: ProbeRequest
) -> None:
    answer = launcher.profile(replace(asked, batch=8, items=8), turns=4)
    assert isinstance(answer, ProfileAnswer), answer
    assert len(answer.launch.slice_ms) == 4
    inferences = answer.second_count - answer.first_count
    assert inferences >= len(answer.launch.samples_ms) + 4, "each turn warms up again"
    key = LaunchKey("run", "launch", "cell", "profile", 0, datetime.now(UTC))
    nodes = [node for node in exec_nodes(key, answer) if node.time_us is not None]
    convolutions = [node for node in nodes if node.node_type == "Convolution"]
    assert convolutions[0].output_shapes[0].startswith("[8,16,")
    assert {"body/first", "body/second"} <= {name for node in nodes for name in node.original_names}
    assert {node.runtime_precision.lower() for node in convolutions} <= {"f32", "fp32"}
    assert all(node.producers for node in convolutions)
    mean_us = 1e3 * sum(answer.launch.samples_ms) / len(answer.launch.samples_ms)
    assert 0 < sum(node.time_us or 0 for node in nodes) < 1.1 * mean_us


def test_a_startup_is_from_the_cache_or_it_does_not_tell(
    launcher: Launcher, asked: ProbeRequest, tmp_path: Path
) -> None:
    request = replace(asked, cache_dir=str(tmp_path / "cache"))
    answers = [launcher.startup(request) for _ in range(2)]
    assert all(isinstance(answer, StartupAnswer) for answer in answers), answers
    found = [answer.from_cache for answer in answers if isinstance(answer, StartupAnswer)]
    assert found in ([False, True], [None, None])


def test_a_cap_reaches_the_kernels_or_the_launch_fails_and_says_so(
    launcher: Launcher, asked: ProbeRequest, described: DeviceAnswer
) -> None:
    answer = replace(launcher, isa_cap="AVX2").profile(replace(asked, config=_ONE_STREAM[:1]))
    if described.newest_opset is not None:
        assert isinstance(answer, ProbeFailure)
        assert "cannot be capped to AVX2" in answer.reason
        return
    assert isinstance(answer, ProfileAnswer), answer
    primitives = [node.primitive for node in answer.nodes]
    assert any("avx2" in primitive for primitive in primitives)
    assert not ignored_cap("AVX2", primitives)


def test_a_model_that_is_not_there_fails_in_one_line(
    launcher: Launcher, asked: ProbeRequest
) -> None:
    answer = launcher.timing(replace(asked, model_path="absent.xml", weights_path=""))
    assert isinstance(answer, ProbeFailure)
    assert answer.reason.startswith("read: ")
    assert "absent.xml" in answer.reason
    assert "\n" not in answer.reason
