"""What a profile launch tells of the layers, as facts.

The nodes, their bridge to the source ops, and what the executed kernels say against what was
asked for. How a launch becomes a fact of its own lives in ``collector.records``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from collector.answers import ProfileAnswer
from collector.devices import ignored_cap
from collector.models.order import NATIVE
from collector.plan import PlannedCell
from collector.records import LaunchKey, bridge_facts, exec_nodes
from results.facts import Caution, ExecNode, ExecNodeSource, Fact
from results.precision import precision_caution


@dataclass(frozen=True)
class Layers:
    """Makes the facts of a run's layers; ``judged`` are the cells that were judged already."""

    run_id: str
    judged: set[str] = field(default_factory=set)

    def facts(self, planned: PlannedCell, key: LaunchKey, answer: ProfileAnswer) -> list[Fact]:
        """The layers of one launch; a cell's first also say what did not go as asked."""
        nodes = exec_nodes(key, answer)
        facts: list[Fact] = [*nodes, *_bridge(key, planned, nodes)]
        if planned.cell.cell_id not in self.judged:
            self.judged.add(planned.cell.cell_id)
            facts += self._cautions(planned, nodes)
        return facts

    def _cautions(self, planned: PlannedCell, nodes: Sequence[ExecNode]) -> list[Caution]:
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


def _bridge(
    key: LaunchKey, planned: PlannedCell, nodes: tuple[ExecNode, ...]
) -> tuple[ExecNodeSource, ...]:
    first = planned.model.variants[0]
    has_twin = planned.cell.variant_id != first.variant.variant_id
    is_native = planned.variant.variant.kind == NATIVE and has_twin
    native = planned.variant.source_ops if is_native else None
    return bridge_facts(key, nodes, first.source_ops, native)
