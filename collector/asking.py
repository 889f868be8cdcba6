"""What a probe is asked for a cell: the request, the launcher, the CPUs it is pinned to."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import cached_property

from collector.cgroup import cpu_stat_files, free_memory_mib
from collector.effort import Effort
from collector.launcher import Action, Launcher, ProbeRequest
from collector.plan import PlannedCell, compile_config
from collector.scenario import LATENCY
from collector.sitting import LEAST_TURNS, Seat
from collector.system import HERE
from collector.topology import pinned_cpus, with_siblings

# A turn of throughput is longer: its requests have to fill up and to drain every time.
_THROUGHPUT_SLICES = 3
_WARMUP_WINDOW_S = 0.08
# A turn has at least so many inferences: a profile 20 in all, as its counters are whole µs.
_LEAST_INFERENCES = 3
_LEAST_PROFILED = math.ceil(20 / LEAST_TURNS)
# What a single launch may take of the free memory where the user sets no limit.
_MEMORY_SHARE = 0.8


@dataclass(frozen=True)
class Asker:
    """Makes the requests of one run."""

    effort: Effort
    seed: int

    def seat(self, planned: PlannedCell, action: Action = "timing") -> Seat:
        """A timing or profile launch of a sitting."""
        return Seat(self.launcher(planned), self.request(planned, action), planned.neighbours)

    def launcher(self, planned: PlannedCell) -> Launcher:
        """Starts probes for a cell's device."""
        return planned.using.launcher(planned.device.isa_cap, self.effort.timeout_s)

    def request(self, planned: PlannedCell, action: Action) -> ProbeRequest:
        """What a launch of this kind is asked."""
        cell = planned.cell
        profiled = action == "profile"
        slice_s = self.effort.profile_slice_s if profiled else self.effort.slice_s
        longer = 1 if cell.scenario == LATENCY else _THROUGHPUT_SLICES
        return ProbeRequest(
            action=action,
            device=planned.device.ov_device,
            isa_cap=planned.device.isa_cap,
            model_path=str(planned.xml_path),
            weights_path=str(planned.weights_path or ""),
            config=compile_config(cell),
            scenario=cell.scenario,
            batch=cell.batch if cell.batch != planned.model.batch else None,
            items=cell.batch,
            requests=cell.requests,
            seed=self.seed % 2**32,
            pinned_cpus=self._pinned(planned),
            watched_cpus=self._watched(planned),
            cpu_stat_files=self._cpu_stat_files,
            memory_limit_mib=self.effort.memory_limit_mib or self._free_memory_mib,
            slice_s=slice_s * longer,
            warmup_window_s=_WARMUP_WINDOW_S * longer,
            slice_min_iterations=_LEAST_PROFILED if profiled else _LEAST_INFERENCES,
        )

    def _pinned(self, planned: PlannedCell) -> tuple[int, ...]:
        """One NUMA node's cores for latency on a CPU; throughput is about the whole device."""
        is_cpu = planned.device.ov_device == "CPU"
        if not self.effort.pin or not is_cpu or planned.cell.scenario != LATENCY:
            return ()
        cpus = self._cpus
        return cpus if (planned.cell.threads or 1) <= len(cpus) else ()

    def watched(self, planned: PlannedCell) -> int:
        """How many CPUs a launch watches for other load."""
        return len(self._watched(planned)) or os.cpu_count() or 1

    def _watched(self, planned: PlannedCell) -> tuple[int, ...]:
        """The CPUs it is pinned to and their siblings; none where it is not pinned."""
        return self._siblings if self._pinned(planned) else ()

    @cached_property
    def _siblings(self) -> tuple[int, ...]:
        return with_siblings(self._cpus)

    @cached_property
    def _free_memory_mib(self) -> int:
        return int(_MEMORY_SHARE * free_memory_mib(HERE))

    @cached_property
    def _cpu_stat_files(self) -> tuple[str, ...]:
        return cpu_stat_files(HERE)

    @cached_property
    def _cpus(self) -> tuple[int, ...]:
        return pinned_cpus() or ()
