"""Launches that are made one after the other, in rounds: profiles, and startups from the cache.

In a round every cell has one launch, in random order, so that a drift of the machine
meets all of them alike.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from collector.answers import ProbeFailure, StartupAnswer
from collector.asking import Asker
from collector.devices import ignored_cap
from collector.disturbance import launch_cautions
from collector.launcher import Action, ProbeRequest
from collector.models.order import NATIVE
from collector.plan import PlannedCell
from collector.records import LaunchKey, bridge_facts, exec_nodes, launch_fact
from collector.topology import cpus_text
from results.facts import Caution, ExecNode, ExecNodeSource, Fact, Launch
from results.precision import precision_caution


@dataclass(frozen=True)
class Rounds:
    """Makes the launches of a run that are not timed in blocks."""

    run_id: str
    asker: Asker
    cache: Path
    judged: set[str] = field(default_factory=set)

    def profile(self, planned: PlannedCell, position: int) -> list[Fact]:
        """One profile launch, with its layers; the first also says what did not go as asked."""
        request = self.asker.request(planned, "profile")
        key = self._key(planned, "profile", position, request)
        answer = self.asker.launcher(planned).profile(request)
        if isinstance(answer, ProbeFailure):
            return [launch_fact(key, answer)]
        nodes = exec_nodes(key, answer)
        launch = launch_fact(key, answer.launch)
        cautions = [
            self._caution(launch, found)
            for found in launch_cautions(launch, self.asker.watched(planned))
        ]
        if planned.cell.cell_id not in self.judged:
            self.judged.add(planned.cell.cell_id)
            cautions += self._cell_cautions(planned, nodes)
        return [launch, *nodes, *self._bridge(key, planned, nodes), *cautions]

    def startup(self, planned: PlannedCell, position: int) -> list[Fact]:
        """Fill the cache where that was not done, then compile from it in a fresh process."""
        folder = self.cache / planned.cell.cell_id
        request = replace(self.asker.request(planned, "startup"), cache_dir=str(folder))
        launcher = self.asker.launcher(planned)
        filled = folder / "filled"
        if not filled.exists():
            shutil.rmtree(folder, ignore_errors=True)
            launcher.startup(request)
            folder.mkdir(parents=True, exist_ok=True)
            filled.touch()
        key = self._key(planned, "startup", position, request)
        answer = launcher.startup(request)
        launch = launch_fact(key, answer)
        if isinstance(answer, StartupAnswer) and answer.from_cache is False:
            detail = f"{planned.label} was compiled anew"
            return [launch, self._caution(launch, ("cache_compile_failed", detail))]
        return [launch]

    def clear(self) -> None:
        """Remove what the startups left."""
        shutil.rmtree(self.cache, ignore_errors=True)

    def _bridge(
        self, key: LaunchKey, planned: PlannedCell, nodes: tuple[ExecNode, ...]
    ) -> tuple[ExecNodeSource, ...]:
        first = planned.model.variants[0]
        has_twin = planned.cell.variant_id != first.variant.variant_id
        is_native = planned.variant.variant.kind == NATIVE and has_twin
        native = planned.variant.source_ops if is_native else None
        return bridge_facts(key, nodes, first.source_ops, native)

    def _cell_cautions(self, planned: PlannedCell, nodes: Sequence[ExecNode]) -> list[Caution]:
        """What the executed kernels say against what was asked for: the cap, the precision."""
        found = []
        executed = [node.primitive for node in nodes if node.time_us is not None]
        kernels = ignored_cap(planned.device.isa_cap, executed) if planned.device.isa_cap else ()
        if kernels:
            found.append(("isa_cap_ignored", ", ".join(kernels)))
        cell = planned.cell
        precision = precision_caution(cell.arm, cell.precision, planned.variant.variant.kind, nodes)
        if precision:
            found.append(precision)
        return [
            Caution(self.run_id, caution_id, "cell", cell.cell_id, detail)
            for caution_id, detail in found
        ]

    def _caution(self, launch: Launch, found: tuple[str, str]) -> Caution:
        return Caution(self.run_id, found[0], "launch", launch.launch_id, found[1])

    def _key(
        self, planned: PlannedCell, kind: Action, position: int, request: ProbeRequest
    ) -> LaunchKey:
        return launch_key(self.run_id, planned, kind, position, request)


def launch_key(
    run_id: str, planned: PlannedCell, kind: Action, position: int, request: ProbeRequest
) -> LaunchKey:
    """The key of a launch that starts now."""
    return LaunchKey(
        run_id, token_hex(6), planned.cell.cell_id, kind, position, datetime.now(UTC),
        pinned_to=cpus_text(request.pinned_cpus or None),
    )  # fmt: skip
