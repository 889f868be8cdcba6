"""Several OpenVINO versions in one run: how they are found, planned and told apart."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from collector.collect import exactly, find_devices
from collector.devices import (
    RUNTIME_BROKEN,
    FoundDevice,
    alike,
    find_device,
    runtime_fact,
)
from collector.machine import this_machine
from collector.options import Options, job_of
from collector.plan import cells, planned_block
from collector.runtimes import RuntimeEnvironment
from collector.runtimes.environment import RUNTIMES_VARIABLE
from collector.timetable import devices_of, expected_s
from collector.using import Using, chosen, own
from results.errors import HostError, UsageError
from results.facts import Device
from tests.unit.fake_probe import fake_python
from tests.unit.planned import CPU, LATENCY, a_model

PLENTY_MIB = 1e6
VERSIONS = ("2021.4.2", "2022.3.2", "2023.3.0", "2024.6.0", "2025.4.0", "2026.4.1")


def _installed(version: str, python: Path) -> Using:
    build = f"{version}-1-abc"
    kept = RuntimeEnvironment(version, build, python, "3.8", (), (), 1, Path("env"))
    return Using(version, str(python), kept)


def _found(version: str, cap: str | None = None) -> FoundDevice:
    device = replace(CPU.device, device_id=f"d-{cap}", isa_cap=cap)
    return FoundDevice(device, runtime_fact(f"{version}-1-abc", "3"), Using(version, "python"))


@pytest.mark.parametrize(
    ("build", "version"),
    [
        ("2026.4.1-22982-e213a147257-releases/2026/4", "2026.4.1"),
        ("2.1.2021.2.0-1877-176bdf51370-releases/2021/2", "2021.2.0"),
        ("custom_build", "custom_build"),
    ],
)
def test_the_version_is_read_from_the_build_string(build: str, version: str) -> None:
    fact = runtime_fact(build, "3.8")
    assert (fact.version, fact.runtime_id) == (version, build)


def test_without_a_version_it_is_the_collectors_own(tmp_path: Path) -> None:
    assert chosen((), tmp_path) == (own(),)
    short = own().version.rsplit(".", 1)[0]
    assert chosen((short, own().version), tmp_path) == (own(),)


def test_a_version_that_is_not_installed_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        chosen(("2021.3",), tmp_path)
    assert "2021.3" in error.value.message
    assert "runtimes add 2021.3" in error.value.hint


def test_what_to_do_names_the_store_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(RUNTIMES_VARIABLE, raising=False)
    with pytest.raises(UsageError) as error:
        chosen(("2021.3",), tmp_path / "my store")
    assert error.value.hint.endswith(f"runtimes add 2021.3 --data '{tmp_path / 'my store'}'")
    with pytest.raises(UsageError) as error:
        chosen(("2021.3",), Path("data"))
    assert error.value.hint.endswith("runtimes add 2021.3")


def test_an_environment_without_its_manifest_is_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(RUNTIMES_VARIABLE, str(tmp_path))
    (tmp_path / "2022.3.2").mkdir()
    with pytest.raises(UsageError) as error:
        chosen(("2022.3",), tmp_path)
    assert "OpenVINO 2022.3.2 is broken: it has no manifest" in error.value.message
    assert "runtimes add 2022.3.2" in error.value.hint


@pytest.mark.parametrize("text", ["latest", "2024", "2024.6; rm", "-r x", "1.2.3", ""])
def test_what_is_no_version_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no version"):
        job_of(Options(models=("resnet_50",), openvino=(text,)), tmp_path, 1)


def test_arms_of_six_versions_of_a_model_sit_together() -> None:
    planned = cells([a_model("a")], [_found(version) for version in VERSIONS], [LATENCY])
    assert len(planned) == 18
    block = planned_block(planned, 0, 1, PLENTY_MIB)
    assert [len(sitting) for sitting in block.sittings] == [18]


def test_too_many_for_a_sitting_are_told_apart_by_device_and_not_by_version() -> None:
    found = [_found(version, cap) for cap in (None, "AVX2", "SSE41") for version in VERSIONS]
    planned = cells([a_model("a")], found, [LATENCY])
    block = planned_block(planned, 0, 1, PLENTY_MIB)
    assert [len(sitting) for sitting in block.sittings] == [18, 18, 18]
    for sitting in block.sittings:
        assert len({cell.device.isa_cap for cell in sitting}) == 1


def test_a_label_names_a_version_that_is_not_the_collectors_own() -> None:
    other = replace(_found("2021.4.2"), using=_installed("2021.4.2", Path("python")))
    labels = [cell.label for cell in cells([a_model("a")], [other, CPU], [LATENCY])]
    assert labels[0] == "a fp32@f32 (OpenVINO 2021.4.2)"
    assert labels[3] == "a fp32@f32"


def test_an_openvino_that_does_not_work_is_an_obstacle_with_its_last_words(tmp_path: Path) -> None:
    python = fake_python(tmp_path, "sys.stderr.write('no libtbb'); sys.stderr.flush(); os.abort()")
    using = _installed("2021.4.2", Path(python))
    found = find_device(this_machine(), "CPU", None, using)
    assert found.obstacle is not None
    assert found.obstacle.kind == RUNTIME_BROKEN
    assert "OpenVINO 2021.4.2 does not work here" in found.obstacle.reason
    assert "SIGABRT" in found.obstacle.reason
    assert found.obstacle.stderr_tail == "no libtbb"
    assert (found.runtime.version, found.runtime.runtime_id) == ("2021.4.2", "2021.4.2-1-abc")


def test_where_no_openvino_works_the_run_is_refused(tmp_path: Path) -> None:
    broken = Using("2026.4.1", fake_python(tmp_path, "sys.exit(3)"))
    job = job_of(Options(models=("resnet_50",)), tmp_path, 1)
    with pytest.raises(HostError, match=r"does not work here: .* exit code 3"):
        find_devices(job, this_machine(), [broken])


def test_an_environment_that_now_holds_another_openvino_is_not_used() -> None:
    using = _installed("2021.4.2", Path(sys.executable))
    found = find_device(this_machine(), "CPU", None, using)
    assert found.obstacle is not None
    assert found.obstacle.kind == RUNTIME_BROKEN
    assert "made with build 2021.4.2-1-abc and now answers 20" in found.obstacle.reason


def test_the_collectors_own_openvino_is_believed_first() -> None:
    other = replace(_found("2021.4.2"), using=_installed("2021.4.2", Path("python")))
    other = replace(other, device=replace(CPU.device, full_name="another name"))
    assert {found.device for found in alike([CPU, other])} == {CPU.device}


def test_a_job_that_is_stored_names_the_versions_that_were_found(tmp_path: Path) -> None:
    job = job_of(Options(models=("resnet_50",), openvino=("2021.4", "2026.4")), tmp_path, 1)
    used = [_installed("2021.4.2", Path("python")), Using("2026.4.1", "python")]
    assert exactly(job, used).openvino == ("2021.4.2", "2026.4.1")
    assert exactly(replace(job, openvino=()), used).openvino == ()


def test_a_device_has_one_description_whatever_versions_say_of_it() -> None:
    silent = replace(CPU, device=Device("d", "m", "CPU", None, None, "CPU on m", ()))
    old = replace(CPU, device=replace(CPU.device, capabilities=("FP32",)))
    new = replace(CPU, device=replace(CPU.device, capabilities=("FP32", "INT8")))
    assert {found.device for found in alike([old, new, silent])} == {new.device}


def test_the_dry_run_counts_every_version(tmp_path: Path) -> None:
    one = job_of(Options(models=("resnet_50",), isa_caps=("none", "AVX2")), tmp_path, 1)
    two = replace(one, openvino=("2021.4.2", "2026.4"))
    assert devices_of(two) == (
        "CPU, OpenVINO 2021.4.2",
        "CPU, OpenVINO 2026.4",
        "CPU, capped to AVX2, OpenVINO 2021.4.2",
        "CPU, capped to AVX2, OpenVINO 2026.4",
    )
    assert expected_s(two) > 1.8 * expected_s(one)
