"""Runs the blocks: timing launches first, then profile launches, never mixed.

Every launch is a fresh process. A launch that fails becomes a fact with its
reason, its cell is not launched again in this run, and the run goes on.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from collector.devices import ignored_cap
from collector.launcher import Action, LaunchAnswer, Launcher, ProbeFailure, ProbeRequest
from collector.model_cache import NATIVE
from collector.plan import PlannedCell, block_orders, compile_config
from collector.records import LaunchKey, bridge_facts, exec_nodes, launch_fact
from results.facts import Block, Caution, ExecNode, ExecNodeSource, Launch
from results.writer import RunWriter

# Shares of the measured window above which a launch gets its caution.
_STEAL_SHARE_LIMIT = 0.02
_OTHER_LOAD_LIMIT = 0.10
# Seconds that a launch took besides measuring on a 2-core server: only a first guess.
_LAUNCH_OVERHEAD_S = 1.2


@dataclass(frozen=True)
class Effort:
    """How much is measured; times in seconds."""

    blocks: int = 6
    profile_launches: int = 3
    measure_s: float = 0.5
    profile_s: float = 0.3
    min_iterations: int = 30
    timeout_s: float = 180.0

    @property
    def timing_s(self) -> float:
        """Expected length of a timing launch, start and warm-up included."""
        return _LAUNCH_OVERHEAD_S + self.measure_s

    @property
    def profiling_s(self) -> float:
        """Expected length of a profile launch, start and warm-up included."""
        return _LAUNCH_OVERHEAD_S + self.profile_s


@dataclass
class Measurement:
    """One run's measuring: what it needs, and where its facts go."""

    run_id: str
    seed: int
    effort: Effort
    writer: RunWriter
    report: Callable[[str, float], None]
    failed: set[str] = field(default_factory=set)
    last_failure: str = ""

    def blocks(self, planned: Sequence[PlannedCell]) -> None:
        """All timing launches, block by block."""
        orders = block_orders(planned, self.effort.blocks, self.seed)
        for number, order in enumerate(orders):
            self.writer.add(
                Block(self.run_id, number, _now(), tuple(cell.cell.cell_id for cell in order))
            )
            for position, cell in enumerate(order):
                activity = f"{cell.label}, block {number + 1} of {len(orders)}"
                self.report(activity, self.effort.timing_s)
                self._timing(cell, number, position)

    def profiles(self, planned: Sequence[PlannedCell]) -> None:
        """All profile launches, in rounds over the cells, so that a drift meets all alike."""
        orders = block_orders(planned, self.effort.profile_launches, self.seed + 1)
        for number, order in enumerate(orders):
            for cell in order:
                activity = f"{cell.label}, layers {number + 1} of {len(orders)}"
                self.report(activity, self.effort.profiling_s)
                self._profile(cell, number)

    def _timing(self, planned: PlannedCell, block: int, position: int) -> None:
        if planned.cell.cell_id in self.failed:
            return
        key = self._key(planned, "timing", block, position)
        answer = self._launcher(planned).timing(self._request(planned, "timing"))
        self._keep(planned, launch_fact(key, answer, planned.cell.batch), answer)

    def _profile(self, planned: PlannedCell, number: int) -> None:
        if planned.cell.cell_id in self.failed:
            return
        key = self._key(planned, "profile", None, number)
        answer = self._launcher(planned).profile(self._request(planned, "profile"))
        if isinstance(answer, ProbeFailure):
            self._keep(planned, launch_fact(key, answer, planned.cell.batch), answer)
            return
        nodes = exec_nodes(key, answer)
        self._keep(planned, launch_fact(key, answer.launch, planned.cell.batch), answer.launch)
        self.writer.add(*nodes, *self._bridge(key, planned, nodes))
        if number == 0 and planned.device.isa_cap:
            self._check_cap(planned, planned.device.isa_cap, nodes)

    def _bridge(
        self, key: LaunchKey, planned: PlannedCell, nodes: tuple[ExecNode, ...]
    ) -> tuple[ExecNodeSource, ...]:
        first = planned.model.variants[0]
        has_twin = planned.cell.variant_id != first.variant.variant_id
        is_native = planned.variant.variant.kind == NATIVE and has_twin
        native = planned.variant.source_ops if is_native else None
        return bridge_facts(key, nodes, first.source_ops, native)

    def _check_cap(self, planned: PlannedCell, cap: str, nodes: Sequence[ExecNode]) -> None:
        executed = [node.primitive for node in nodes if node.time_us is not None]
        kernels = ignored_cap(cap, executed)
        if kernels:
            self._caution("isa_cap_ignored", planned.cell.cell_id, ", ".join(kernels), "cell")

    def _keep(
        self, planned: PlannedCell, launch: Launch, answer: LaunchAnswer | ProbeFailure
    ) -> None:
        self.writer.add(launch)
        if isinstance(answer, ProbeFailure):
            self.failed.add(planned.cell.cell_id)
            self.last_failure = f"{planned.label}: {answer.reason}"
            return
        for caution_id, detail in launch_cautions(launch):
            self._caution(caution_id, launch.launch_id, detail, "launch")

    def _caution(self, caution_id: str, subject_id: str, detail: str, subject: str) -> None:
        self.writer.add(Caution(self.run_id, caution_id, subject, subject_id, detail))

    def _key(
        self, planned: PlannedCell, kind: Action, block: int | None, position: int
    ) -> LaunchKey:
        launch_id = secrets.token_hex(6)
        return LaunchKey(
            self.run_id, launch_id, planned.cell.cell_id, kind, block, position, _now()
        )

    def _launcher(self, planned: PlannedCell) -> Launcher:
        return Launcher(isa_cap=planned.device.isa_cap, timeout_s=self.effort.timeout_s)

    def _request(self, planned: PlannedCell, action: Action) -> ProbeRequest:
        effort = self.effort
        return ProbeRequest(
            action=action,
            device=planned.device.ov_device,
            model_path=str(planned.variant.ir_path),
            config=compile_config(planned.cell),
            seed=self.seed % 2**32,
            measure_s=effort.measure_s if action == "timing" else effort.profile_s,
            min_iterations=effort.min_iterations,
        )


def launch_cautions(launch: Launch) -> tuple[tuple[str, str], ...]:
    """(caution id, value seen) for what disturbed a launch."""
    found = []
    if launch.steal_share is not None and launch.steal_share > _STEAL_SHARE_LIMIT:
        found.append(("interference_steal", f"{100 * launch.steal_share:.1f} % of the CPU time"))
    if launch.other_cpu_share is not None and launch.other_cpu_share > _OTHER_LOAD_LIMIT:
        found.append(("interference_load", f"{100 * launch.other_cpu_share:.0f} % of the CPU time"))
    if launch.throttled_us:
        found.append(("throttled", f"{launch.throttled_us} us"))
    if launch.warmup_settled is False:
        found.append(("warmup_unsettled", f"{launch.warmup_iterations} inferences"))
    return tuple(found)


def _now() -> datetime:
    return datetime.now(UTC)
