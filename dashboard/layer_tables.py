"""The tables of the page Layers as Arrow: every exec node of a cell, and its precision steps.

Filters in Arrow, because a network may have thousands of nodes; picks and names columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from dashboard import filters, tables
from dashboard.link import Link
from results.graph import ExecGraph, GraphNode
from results.precision_steps import PrecisionStep
from results.roof import GroupRoof
from results.twin_layers import Twin

_MOST_OPS = 12
_EXECUTED = "executed"

LAYERS = ("#", "Layer", "Type", "Time (µs)", "Share (%)", "Speed-up (x)", "Of its roof (%)",
          "Precision", "Kernel", "Why it is there", "Executed", "Inputs", "Outputs",
          "Output shape", "Source ops", "Original names")  # fmt: skip
_SPEEDUP, _ROOF = "Speed-up (x)", "Of its roof (%)"
STEPS = ("From", "To", "Ways", "Over inserted layers", "Inserted layers", "Time (µs)", "Share (%)")


@dataclass(frozen=True)
class Known:
    """What is known of the layers beside their rows: the graph, and by place roofs and twins."""

    graph: ExecGraph
    roofs: Mapping[int, GroupRoof]
    twins: Mapping[int, Twin]

    def by_index(self) -> Mapping[tuple[int, str], GraphNode]:
        """The nodes by index and name."""
        return {(node.layer.node_index, node.layer.name): node for node in self.graph.nodes}


def fitting(found: pa.Table, link: Link) -> pa.Table:
    """Rows of ``queries.layers_table``; executed ones unless idle ones are asked for too.

    A type or a precision that no row has is as if it was not chosen.
    """
    keep = pc.equal(found["status"], _EXECUTED)
    if link.idle:
        keep = pc.or_(keep, pc.invert(keep))
    for column, wanted in (("node_type", link.types), ("runtime_precision", link.precisions)):
        there, _ = filters.known(wanted, pc.unique(found[column]).to_pylist())
        if there:
            keep = pc.and_(keep, pc.is_in(found[column], pa.array(there, pa.string())))
    if link.find:
        names = pc.binary_join(found["original_names"], "\n")
        held = [
            pc.match_substring(column, link.find, ignore_case=True)
            for column in (found["name"], found["primitive"], names)
        ]
        keep = pc.and_(keep, pc.or_(held[0], pc.or_(held[1], held[2])))
    return found.filter(keep)


def layers(found: pa.Table, known: Known) -> pa.Table:
    """These rows named for people; columns of what nothing here tells are left out."""
    nodes = known.by_index()
    rows = [
        _row(row, nodes.get((row["node_index"], row["name"])), known)
        for row in found.to_pylist()
    ]  # fmt: skip
    absent = set() if known.twins else {_SPEEDUP}
    if not any(roof.candidate_share is not None for roof in known.roofs.values()):
        absent.add(_ROOF)
    return tables.table(rows, [name for name in LAYERS if name not in absent])


def _row(row: Mapping[str, object], node: GraphNode | None, known: Known) -> dict[str, object]:
    share = row["time_share"]
    twin = known.twins.get(node.place) if node else None
    roof = known.roofs.get(node.place) if node else None
    near = roof.candidate_share if roof else None
    return {
        "#": row["node_index"], "Layer": row["name"], "Type": row["node_type"],
        "Why it is there": node.words if node else "constant, or fused into another",
        "Precision": row["runtime_precision"], "Kernel": row["primitive"],
        "Time (µs)": row["time_us"],
        "Share (%)": 100.0 * share if isinstance(share, float) else None,
        _SPEEDUP: twin.speedup if twin else None,
        _ROOF: None if near is None else 100.0 * near,
        "Executed": row["status"] == _EXECUTED,
        "Inputs": paired(row["input_precisions"], row["input_layouts"]),
        "Outputs": paired(row["output_precisions"], row["output_layouts"]),
        "Output shape": _listed(row["output_shapes"]),
        "Source ops": ops_words(node) if node else "",
        "Original names": _listed(row["original_names"]),
    }  # fmt: skip


def steps(found: Sequence[PrecisionStep]) -> pa.Table:
    """A row for each pair of precisions that data goes between."""
    rows = [
        {
            "From": step.before, "To": step.after, "Ways": step.ways,
            "Over inserted layers": step.converted, "Inserted layers": step.inserted,
            "Time (µs)": step.time_us, "Share (%)": 100.0 * step.share,
        }
        for step in found
    ]  # fmt: skip
    return tables.table(rows, STEPS)


def ops_words(node: GraphNode) -> str:
    """The source ops of a node, with how each was tied where that is no name."""
    told = [
        link.op_name if link.method == "name" else f"{link.op_name} (by {link.method})"
        for link in node.links[:_MOST_OPS]
    ]
    rest = len(node.links) - len(told)
    return ", ".join(told) + (f" and {rest} more" if rest > 0 else "")


def paired(precisions: object, layouts: object) -> str:
    """Precision and layout of each port: ``u8 acdb, f32 a``."""
    if not isinstance(precisions, Sequence) or not isinstance(layouts, Sequence):
        return ""
    return ", ".join(f"{a} {b}" for a, b in zip(precisions, layouts, strict=False))


def _listed(values: object) -> str:
    return ", ".join(values) if isinstance(values, list) else ""
