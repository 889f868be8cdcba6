"""A layer of a comparison opened: the exec nodes of both sides with all that is stored of them.

Joins a row of ``results.layer_rows`` with the rows of ``queries.layers_table``. Times are those
of the comparison; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from results.comparison import LayerSide
from results.layer_rows import LayerRow

Stored = Mapping[str, object]


@dataclass(frozen=True)
class OpenedNode:
    """An exec node of one side; ``time_us`` is per inference, or per item in throughput.

    Inputs and outputs are told as ``f32 abcd [1,3,224,224]``, as far as each is known. No shape
    of an input is stored: ``reads`` tells what the nodes before it write, constants left out.
    ``members`` are the operations that were fused into the node, by their original names.
    """

    side: str
    node_index: int
    name: str
    node_type: str
    kernel: str
    precision: str
    inputs: tuple[str, ...]
    reads: tuple[str, ...]
    outputs: tuple[str, ...]
    members: tuple[str, ...]
    time_us: float


def opened_nodes(row: LayerRow, baseline: pa.Table, candidate: pa.Table) -> tuple[OpenedNode, ...]:
    """The exec nodes of the baseline, then of the candidate; tables as ``layers_table`` gives."""
    return (
        *_side("baseline", row.baseline, baseline),
        *_side("candidate", row.candidate, candidate),
    )


def _side(side: str, layers: Sequence[LayerSide], table: pa.Table) -> list[OpenedNode]:
    if not layers:
        return []
    stored = table.to_pylist()
    by_name = {(row["node_index"], row["name"]): row for row in stored}
    by_index = {row["node_index"]: row for row in reversed(stored)}
    return [
        _node(side, layer, by_name.get((layer.node_index, layer.name), {}), by_index)
        for layer in layers
    ]


def _node(side: str, layer: LayerSide, row: Stored, by_index: Mapping[int, Stored]) -> OpenedNode:
    precisions, layouts = _texts(row, "output_precisions"), layer.output_layouts
    return OpenedNode(
        side=side,
        node_index=layer.node_index,
        name=layer.name,
        node_type=layer.node_type,
        kernel=layer.primitive,
        precision=layer.runtime_precision,
        inputs=_told(_texts(row, "input_precisions"), _texts(row, "input_layouts"), ()),
        reads=_reads(row, by_index),
        outputs=_told(precisions, layouts, layer.output_shapes),
        members=layer.original_names,
        time_us=layer.time_us,
    )


def _reads(row: Stored, by_index: Mapping[int, Stored]) -> tuple[str, ...]:
    """``[1,672,14,14] from NAME`` for each producer; all shapes of one that writes several."""
    producers = row.get("producers")
    found = [by_index[i] for i in producers if i in by_index] if isinstance(producers, list) else []
    return tuple(f"{' '.join(_texts(one, 'output_shapes'))} from {one['name']}" for one in found)


def _texts(row: Stored, column: str) -> tuple[str, ...]:
    values = row.get(column)
    return tuple(str(value) for value in values) if isinstance(values, list) else ()


def _told(
    precisions: Sequence[str], layouts: Sequence[str], shapes: Sequence[str]
) -> tuple[str, ...]:
    """Precision, layout and shape of each tensor, as far as each is known."""
    count = max(len(precisions), len(layouts), len(shapes))
    columns = [[*values, *[""] * (count - len(values))] for values in (precisions, layouts, shapes)]
    return tuple(" ".join(filter(None, words)) for words in zip(*columns, strict=True))
