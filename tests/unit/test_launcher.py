"""A probe that misbehaves becomes a failure with its reason; none is left running."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from collector.launcher import DeviceAnswer, Launcher, ProbeFailure, ProbeRequest

PROBE = Path(__file__).parents[2] / "collector" / "probe.py"


def _fake_python(folder: Path, body: str) -> str:
    """An interpreter that runs ``body`` instead of the probe."""
    script = folder / "fake.py"
    script.write_text(textwrap.dedent(body))
    runner = folder / "python"
    runner.write_text(f'#!/bin/sh\nshift\nexec "{sys.executable}" "{script}" "$@"\n')
    runner.chmod(0o755)
    return str(runner)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("import os; os.kill(os.getpid(), 11)", "killed by SIGSEGV"),
        ("import sys; sys.stderr.write('no luck'); sys.exit(7)", "exit code 7"),
        ("pass", "without an answer"),
        ("import sys; open(sys.argv[2], 'w').write('garbage')", "not JSON"),
        ("import sys; open(sys.argv[2], 'w').write('[]')", "not one of a probe"),
        ("import time; time.sleep(60)", "no answer within 1 s"),
    ],
)
def test_bad_probes_become_failures(tmp_path: Path, body: str, reason: str) -> None:
    launcher = Launcher(python=_fake_python(tmp_path, body), timeout_s=1.0)
    answer = launcher.timing(ProbeRequest("timing", "CPU"))
    assert isinstance(answer, ProbeFailure)
    assert reason in answer.reason


def test_the_end_of_standard_error_is_kept(tmp_path: Path) -> None:
    body = "import sys; sys.stderr.write('x' * 9000 + 'the last words'); sys.exit(1)"
    answer = Launcher(python=_fake_python(tmp_path, body)).timing(ProbeRequest("timing", "CPU"))
    assert isinstance(answer, ProbeFailure)
    assert answer.stderr_tail is not None
    assert answer.stderr_tail.endswith("the last words")
    assert len(answer.stderr_tail) <= 2000


def test_a_device_that_is_not_there_is_named_with_those_that_are() -> None:
    answer = Launcher().describe("NPU")
    assert isinstance(answer, ProbeFailure)
    assert "NPU" in answer.reason
    assert "CPU" in answer.reason


def test_describe_tells_the_version_and_the_cpu() -> None:
    answer = Launcher().describe("CPU")
    assert isinstance(answer, DeviceAnswer)
    assert answer.version.startswith("2026.4")
    assert answer.full_name


def test_a_probe_dies_with_its_parent(tmp_path: Path) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("parent-death signals are Linux's")
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(PROBE)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while _alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


# Imports the probe, takes its precaution, then sleeps in the child: what a long launch does.
_PARENT = """
import subprocess, sys, time
code = ("import sys, time, importlib.util as u;"
        "s = u.spec_from_file_location('probe', sys.argv[1]);"
        "m = u.module_from_spec(s); s.loader.exec_module(m); m.die_with_parent();"
        "print('ready', flush=True); time.sleep(600)")
child = subprocess.Popen([sys.executable, "-c", code, sys.argv[1]], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""


def test_the_probe_keeps_to_the_syntax_of_python_3_7() -> None:
    ast.parse(PROBE.read_text(), feature_version=(3, 7))
    assert "from __future__ import annotations" in PROBE.read_text()


def test_inherited_caps_do_not_reach_a_probe(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    body = """
        import json, os, sys
        answer = {"ok": False, "stage": "seen", "error": str(os.environ.get("ONEDNN_MAX_CPU_ISA"))}
        json.dump(answer, open(sys.argv[2], "w"))
    """
    monkeypatch.setitem(os.environ, "ONEDNN_MAX_CPU_ISA", "SSE41")
    python = _fake_python(tmp_path, body)
    free = Launcher(python=python).timing(ProbeRequest("timing", "CPU"))
    capped = Launcher(python=python, isa_cap="AVX2").timing(ProbeRequest("timing", "CPU"))
    assert isinstance(free, ProbeFailure)
    assert free.reason == "seen: None"
    assert isinstance(capped, ProbeFailure)
    assert capped.reason == "seen: AVX2"
