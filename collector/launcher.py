"""Starts ``collector/probe`` and speaks with it: requests in, answers out.

Processes live in ``collector.probe_process``, what they answer in ``collector.answers``.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from collector.answers import (
    DeviceAnswer,
    LaunchAnswer,
    ProbeFailure,
    ProfileAnswer,
    StartupAnswer,
    device_answer,
    launch_answer,
    profile_answer,
    startup_answer,
)
from collector.probe_process import ProbeProcess, UnstartedProbe

_PROBE = Path(__file__).parent / "probe" / "__main__.py"
# OpenVINO's own from 2026.1 on; oneDNN's from 2022.3 on; oneDNN's in 2022.1. None before.
_CAPS = ("OV_CPU_MAX_ISA", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")
_LIBRARY_PATH = "LD_LIBRARY_PATH"
# They tell where the modules and libraries of this Python are, which another would load too.
_OF_THIS_PYTHON = ("PYTHONPATH", "PYTHONHOME", _LIBRARY_PATH)

Action = Literal["describe", "timing", "profile", "startup"]


@dataclass(frozen=True)
class ProbeRequest:
    """What a probe is asked to do; times in seconds, counts in inferences.

    ``weights_path`` is empty where the weights lie beside the model under its name;
    ``isa_cap`` is what the launcher caps it to, and is set by it.

    ``watched_cpus`` are those whose other load counts, all where there are none;
    ``cpu_stat_files`` are those of the control groups that may throttle it.
    ``batch`` reshapes the model, ``items`` is what one inference counts for,
    ``requests`` None is the device's optimal number. Timing and profile launches measure
    slices as they are told to, none shorter than ``slice_min_iterations``.
    """

    action: Action
    device: str
    model_path: str = ""
    config: tuple[tuple[str, str], ...] = ()
    scenario: str = "latency"
    batch: int | None = None
    items: int = 1
    requests: int | None = None
    seed: int = 0
    cache_dir: str | None = None
    pinned_cpus: tuple[int, ...] = ()
    watched_cpus: tuple[int, ...] = ()
    cpu_stat_files: tuple[str, ...] = ()
    memory_limit_mib: int | None = None
    warmup_min_iterations: int = 5
    warmup_window_s: float = 0.08
    warmup_tolerance: float = 0.02
    warmup_max_s: float = 2.0
    rewarm_s: float = 0.005
    slice_s: float = 0.1
    slice_min_iterations: int = 3
    weights_path: str = ""
    isa_cap: str | None = None

    def to_json(self) -> str:
        """The request as the probe reads it, one line."""
        values = asdict(self)
        values["config"] = dict(self.config)
        values["parent"] = os.getpid()
        return json.dumps(values)


@dataclass(frozen=True)
class Launcher:
    """How to start a probe: which Python, which ISA cap, how long to wait for an answer (s).

    ``loader_paths`` are folders in which the system looks for libraries first. Another Python
    than this one gets no other such folders, and no folders of modules: what is meant for this
    one, such as OpenVINO's ``setupvars.sh``, would have it measure another OpenVINO.
    """

    python: str = sys.executable
    isa_cap: str | None = None
    timeout_s: float = 180.0
    loader_paths: tuple[str, ...] = ()

    def describe(self, device: str) -> DeviceAnswer | ProbeFailure:
        """Ask OpenVINO for its version and for the device's name."""
        answer = self._run(ProbeRequest(action="describe", device=device))
        return answer if isinstance(answer, ProbeFailure) else device_answer(answer)

    def timing(self, request: ProbeRequest, turns: int = 1) -> LaunchAnswer | ProbeFailure:
        """One timing launch alone, in so many turns; ``collector.sitting`` runs several."""
        answer = self._in_turns(replace(request, action="timing"), turns)
        return answer if isinstance(answer, ProbeFailure) else launch_answer(answer)

    def profile(self, request: ProbeRequest, turns: int = 1) -> ProfileAnswer | ProbeFailure:
        """One profile launch alone, counters on, in so many turns."""
        answer = self._in_turns(replace(request, action="profile"), turns)
        return answer if isinstance(answer, ProbeFailure) else profile_answer(answer)

    def startup(self, request: ProbeRequest) -> StartupAnswer | ProbeFailure:
        """One startup launch: compiled with the cache in ``request.cache_dir``."""
        answer = self._run(replace(request, action="startup"))
        return answer if isinstance(answer, ProbeFailure) else startup_answer(answer)

    def start(self, request: ProbeRequest) -> ProbeProcess:
        """A process that has its request; the caller speaks with it and closes it.

        Where the interpreter cannot be started, every answer is the failure that says why.
        """
        command = [self.python, str(_PROBE)]
        told = replace(request, isa_cap=self.isa_cap).to_json()
        try:
            return ProbeProcess(command, self._environment(), told, self.timeout_s)
        except OSError as error:
            return UnstartedProbe(_why_not_started(self.python, error))

    def _in_turns(self, request: ProbeRequest, turns: int) -> dict[str, Any] | ProbeFailure:
        slice_ = (f"slice {request.slice_s}", "slice")
        with self.start(request) as process:
            answer = process.expect("ready")
            for command, event in [("go", "warm"), *[slice_] * turns, ("end", "done")]:
                if isinstance(answer, ProbeFailure):
                    return answer
                process.send(command)
                answer = process.expect(event)
            return answer

    def _run(self, request: ProbeRequest) -> dict[str, Any] | ProbeFailure:
        with self.start(request) as process:
            return process.expect("done")

    def _environment(self) -> dict[str, str]:
        # A cap inherited from the shell would measure something else than what is recorded.
        left_out = _CAPS if self.python == sys.executable else (*_CAPS, *_OF_THIS_PYTHON)
        environment = {key: value for key, value in os.environ.items() if key not in left_out}
        if self.isa_cap is not None:
            environment.update(dict.fromkeys(_CAPS, self.isa_cap))
        if self.loader_paths:
            known = [path for path in [environment.get(_LIBRARY_PATH)] if path]
            environment[_LIBRARY_PATH] = os.pathsep.join([*self.loader_paths, *known])
        return environment | {"OPENBLAS_NUM_THREADS": "1"}  # numpy's own threads are not needed


def _why_not_started(python: str, error: OSError) -> str:
    path = Path(python)
    if path.is_symlink() and not path.exists():
        return f"{python} cannot be started: it leads to {path.readlink()}, which is not there"
    return f"{python} cannot be started: {error.strerror or error}"
