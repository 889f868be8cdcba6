"""Probes that only pretend: scripts that speak the probe's lines, run in place of it."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import psutil

# What every script begins with; ``turns_done`` is the answer of a probe that measured.
_PRELUDE = """
import json, os, sys, time
request = json.loads(sys.stdin.readline())
def say(event, **answer):
    sys.stdout.write(json.dumps(dict(answer, event=event)) + "\\n")
    sys.stdout.flush()
def hear():
    line = sys.stdin.readline()
    if not line:
        os._exit(1)
    return line.strip()
def note(*words):
    with open(os.path.dirname(__file__) + "/log", "a") as log:
        log.write(" ".join(map(str, words)) + "\\n")
def turns_done(slices, adjustments=(), **more):
    reading = dict.fromkeys(["steal_share", "other_cpu_share", "throttled_us",
                             "cpu_pressure_us", "involuntary_switches", "frequency_mhz"])
    say("done", read_ms=1.0, compile_ms=2.0, first_inference_ms=3.0, warmup_iterations=10,
        warmup_settled=True, samples_ms=slices, slice_ms=slices, items=len(slices), wall_s=0.1,
        inference_s=0.2, requests=1, properties={}, peak_memory_mib=50.0, interference=reading,
        adjustments=adjustments, **more)
"""

# A guest called ``name:expected_ms:fault``; it sleeps for each slice and logs when it did.
# As a profile it answers with one node of 7 us.
GUEST = """
name, expected_ms, fault = request["model_path"].split(":")
say("ready"); hear()
began = time.monotonic()
if fault == "segv": os.kill(os.getpid(), 11)
time.sleep(0.01)
ended = time.monotonic()  # before the answer: what comes after it may be beside another guest
say("warm", expected_ms=float(expected_ms), requests=1)
note("warm", name, began, ended, 0)
slices = []
for command in iter(hear, "end"):
    seconds = float(command.split()[1])
    began = time.monotonic()
    time.sleep(seconds)
    note("slice", name, began, time.monotonic(), seconds)
    slices.append(float(expected_ms))
    if len(slices) == 2:
        if fault == "exit": sys.stderr.write("no luck"); sys.exit(7)
        if fault == "garbage": sys.stdout.write("3 apples\\n"); sys.stdout.flush()
        if fault == "wrong": say("warm", expected_ms=1.0, requests=1)
        if fault == "hang": time.sleep(600)
    say("slice")
node = dict(order=1, name="node", type="Relu", primitive="jit", precision="f32", layouts="a",
            precisions="f32", original_names="node", shapes=["[1]"], inputs=[])
count = 10 + len(slices)
layers = dict(nodes=[node], at_compile=[], at_first=["1"], counters=[[10, {"1": 7}],
              [count, {"1": 7}]])
turns_done(slices, **layers if request["action"] == "profile" else {})
"""


def fake_python(folder: Path, body: str) -> str:
    """An interpreter that runs ``body`` instead of the probe it is given."""
    script = folder / "fake.py"
    script.write_text(_PRELUDE + textwrap.dedent(body))
    runner = folder / "python"
    runner.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{script}"\n')
    runner.chmod(0o755)
    return str(runner)


def running_probes() -> list[int]:
    """Ids of the processes that this one started and that are still there.

    Without that of Python's own which watches over shared resources, and without the pages'
    server and the browser of other tests: those live as long as this process does.
    """
    children = psutil.Process().children(recursive=True)
    return [child.pid for child in children if not _lives_on(child)]


def _lives_on(child: psutil.Process) -> bool:
    """Whether a process belongs to the test session and to no probe; one that has gone does."""
    try:
        command = " ".join(child.cmdline()).lower()
    except psutil.NoSuchProcess:
        return True
    others = ("resource_tracker", "dashboard", "streamlit", "chrom", "playwright", "node")
    return any(word in command for word in others)


def open_files() -> int:
    """How many files, pipes and sockets this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))
