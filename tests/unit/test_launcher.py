"""A probe that misbehaves becomes a failure with its reason; none is left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest

from collector.answers import DeviceAnswer, LaunchAnswer, ProbeFailure
from collector.launcher import Launcher, ProbeRequest
from collector.sitting import Seat, sit
from tests.unit.fake_probe import GUEST, fake_python, open_files, running_probes

ROOT = Path(__file__).parents[2]
READY = 'say("ready"); hear(); '
REQUEST = ProbeRequest("timing", "CPU")


def _failure(folder: Path, body: str, request: ProbeRequest = REQUEST) -> ProbeFailure:
    answer = Launcher(python=fake_python(folder, body), timeout_s=20.0).timing(request)
    assert isinstance(answer, ProbeFailure)
    return answer


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("os.kill(os.getpid(), 11)", "killed by SIGSEGV"),
        (f"{READY}os.kill(os.getpid(), 9)", "SIGKILL, as the system does when memory runs out"),
        (f"{READY}sys.exit(7)", "exit code 7"),
        ("pass", "without an answer"),
        ("os.close(1); os.close(2); time.sleep(60)", "closed its output without an answer"),
        ("print('garbage', flush=True); time.sleep(60)", "not JSON: garbage"),
        ("print('[]', flush=True); time.sleep(60)", "not one of a probe: []"),
        (f"{READY}say('ready'); time.sleep(60)", 'not one of a probe: {"event": "ready"}'),
        (
            "say('failed', stage='compile', error='Exception from x\\nno such kernel')",
            "compile: no such kernel",
        ),
        ("os.write(1, b'\\xff\\xfe\\n'); time.sleep(60)", "not JSON"),
    ],
)
def test_bad_probes_become_failures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, reason: str
) -> None:
    monkeypatch.setattr("collector.probe_process._EXIT_WAIT_S", 1.0)
    before = open_files()
    assert reason in _failure(tmp_path, body).reason
    assert not running_probes()
    assert open_files() == before


def test_a_probe_that_hangs_is_ended(tmp_path: Path) -> None:
    launcher = Launcher(python=fake_python(tmp_path, f"{READY}time.sleep(60)"), timeout_s=2.0)
    answer = launcher.timing(REQUEST)
    assert isinstance(answer, ProbeFailure)
    assert answer.reason == "no answer within 2 s"
    assert not running_probes()


def test_the_end_of_standard_error_is_kept(tmp_path: Path) -> None:
    words = _failure(tmp_path, "sys.stderr.write('x' * 9000 + 'the last words'); sys.exit(1)")
    assert words.stderr_tail is not None
    assert words.stderr_tail.endswith("the last words")
    assert len(words.stderr_tail) <= 2000


def test_a_line_without_an_end_does_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.probe_process._LONGEST_LINE", 1000)
    assert "not JSON: xxxx" in _failure(tmp_path, "while True: sys.stdout.write('x' * 9000)").reason
    assert not running_probes()


def test_a_probe_that_eats_memory_meets_its_limit(tmp_path: Path) -> None:
    body = """
        import resource
        size = request["memory_limit_mib"] * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (size, size))
        eaten = bytearray(2**31)
    """
    request = ProbeRequest("timing", "CPU", memory_limit_mib=128)
    failure = _failure(tmp_path, body, request)
    assert failure.reason == "the process ended with exit code 1"
    assert "MemoryError" in (failure.stderr_tail or "")


def test_a_limit_too_small_for_openvino_is_a_failed_launch() -> None:
    _only_on_linux("Linux bounds memory")
    answer = Launcher(timeout_s=60.0).timing(
        ProbeRequest("timing", "CPU", "absent.xml", memory_limit_mib=64)
    )
    assert isinstance(answer, ProbeFailure)
    assert answer.reason
    assert not running_probes()


def test_what_a_probe_started_ends_with_it_and_does_not_hold_the_collector(tmp_path: Path) -> None:
    body = """
        child = os.fork()
        if child == 0:
            time.sleep(600)
        note(child)
        say("ready"); hear(); say("warm", expected_ms=1.0, requests=1); hear(); say("slice"); hear()
        turns_done([1.0])
    """
    started = time.monotonic()
    answer = Launcher(python=fake_python(tmp_path, body), timeout_s=20.0).timing(REQUEST)
    assert isinstance(answer, LaunchAnswer)
    assert time.monotonic() - started < 9.0
    assert not _alive(int((tmp_path / "log").read_text()))


def _dangling(path: Path) -> str:
    path.symlink_to("/gone/bin/python3")
    return "it leads to /gone/bin/python3, which is not there"


def _forbidden(path: Path) -> str:
    path.write_text("#!/bin/sh\n")
    return "Permission denied"


def _without_its_interpreter(path: Path) -> str:
    path.write_text("#!/gone/bin/python3\n")
    path.chmod(0o755)
    return "No such file or directory"


@pytest.mark.parametrize("damage", [_dangling, _forbidden, _without_its_interpreter])
def test_an_interpreter_that_cannot_be_started_is_a_failure_that_names_it(
    tmp_path: Path, damage: Callable[[Path], str]
) -> None:
    python = tmp_path / "python"
    reason = f"{python} cannot be started: {damage(python)}"
    launcher, before = Launcher(python=str(python)), open_files()
    answers = [
        launcher.describe("CPU"), launcher.timing(REQUEST),
        launcher.profile(REQUEST), launcher.startup(REQUEST),
    ]  # fmt: skip
    assert answers == [ProbeFailure(reason, None)] * 4
    assert open_files() == before


def test_beside_one_that_cannot_be_started_the_others_measure(tmp_path: Path) -> None:
    here = Launcher(python=fake_python(tmp_path, GUEST), timeout_s=20.0)
    gone = Launcher(python=str(tmp_path / "gone"))
    seats = [Seat(one, replace(REQUEST, model_path="net:1.0:")) for one in (gone, here)]
    failed, measured = sit(seats, 0.04, np.random.default_rng(1))
    assert isinstance(failed, ProbeFailure)
    assert "gone cannot be started: No such file or directory" in failed.reason
    assert isinstance(measured, LaunchAnswer)


def test_a_device_that_is_not_there_is_told_with_those_that_are() -> None:
    answer = Launcher().describe("NPU")
    assert isinstance(answer, DeviceAnswer)
    assert answer.missing
    assert "CPU" in answer.devices


def test_describe_tells_the_version_and_the_cpu() -> None:
    answer = Launcher().describe("CPU")
    assert isinstance(answer, DeviceAnswer)
    assert not answer.missing
    assert answer.version.startswith("2026.4")
    assert answer.full_name


def test_auto_is_there_where_its_devices_are() -> None:
    found = Launcher().describe("AUTO:CPU"), Launcher().describe("AUTO:NPU,CPU")
    assert [isinstance(answer, DeviceAnswer) and answer.missing for answer in found] == [
        False,
        True,
    ]


def test_a_probe_dies_with_its_parent() -> None:
    _only_on_linux("Linux tells of a parent's death")
    parent = subprocess.Popen([sys.executable, "-c", _PARENT], cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    children = [int(word) for word in parent.stdout.readline().split()]
    assert len(children) == 1
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while any(map(_alive, children)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_alive, children))


def _only_on_linux(what: str) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip(f"only {what}")


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


# Starts a real probe, which then waits to be told to go on.
_PARENT = """
import psutil, time
from collector.launcher import Launcher, ProbeRequest
process = Launcher().start(ProbeRequest("timing", "CPU"))
process.expect("ready")
print(*[child.pid for child in psutil.Process().children(recursive=True)], flush=True)
time.sleep(600)
"""


def test_inherited_caps_do_not_reach_a_probe_and_its_own_does_for_every_version(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body = """
        names = "ONEDNN_MAX_CPU_ISA", "OV_CPU_MAX_ISA", "DNNL_MAX_CPU_ISA"
        caps = [os.environ.get(name) for name in names]
        say("failed", stage="seen", error=str([*caps, request["isa_cap"]]))
    """
    monkeypatch.setitem(os.environ, "ONEDNN_MAX_CPU_ISA", "SSE41")
    monkeypatch.setitem(os.environ, "DNNL_MAX_CPU_ISA", "SSE41")
    python = fake_python(tmp_path, body)
    free = Launcher(python=python).timing(REQUEST)
    capped = Launcher(python=python, isa_cap="AVX2").timing(REQUEST)
    assert isinstance(free, ProbeFailure)
    assert free.reason == "seen: [None, None, None, None]"
    assert isinstance(capped, ProbeFailure)
    assert capped.reason == "seen: ['AVX2', 'AVX2', 'AVX2', 'AVX2']"


_PLACES = """
    names = "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH"
    say("failed", stage="seen", error=str([os.environ.get(name) for name in names]))
"""


def test_another_python_is_not_told_where_this_ones_modules_and_libraries_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(name, "/opt/intel")
    python = fake_python(tmp_path, _PLACES)
    assert _seen(Launcher(python=python)) == "seen: [None, None, None]"
    old = Launcher(python=python, loader_paths=("/one", "/two"))
    assert _seen(old) == "seen: [None, None, '/one:/two']"


def test_this_python_keeps_its_modules_and_libraries(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = fake_python(tmp_path, _PLACES)
    monkeypatch.setattr(sys, "executable", python)
    monkeypatch.setenv("PYTHONPATH", "/modules")
    monkeypatch.delenv("PYTHONHOME", raising=False)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/usual")
    assert _seen(Launcher(python=python)) == "seen: ['/modules', None, '/usual']"
    more = Launcher(python=python, loader_paths=("/one",))
    assert _seen(more) == "seen: ['/modules', None, '/one:/usual']"


def _seen(launcher: Launcher) -> str:
    answer = launcher.timing(REQUEST)
    assert isinstance(answer, ProbeFailure)
    return answer.reason


def test_what_openvino_was_asked_otherwise_is_told(tmp_path: Path) -> None:
    body = """
        say("ready"); hear(); say("warm", expected_ms=1.0, requests=1); hear(); say("slice"); hear()
        turns_done([1.0], adjustments=["f32 in place of bf16"])
    """
    answer = Launcher(python=fake_python(tmp_path, body), timeout_s=20.0).timing(REQUEST)
    assert isinstance(answer, LaunchAnswer)
    assert answer.adjustments == ("f32 in place of bf16",)
