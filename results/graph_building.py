"""Makes the executed graph of a cell of what is stored: layers, their bridge, the model's ops.

Nodes come as the page's table of layers has them, so that both tell one time. What was
inserted is told from layers as ``results.align`` does. Time is linear in nodes and edges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from results.comparison import InsertedKind, LayerSide
from results.facts import SourceOp
from results.graph import EdgeSource, ExecGraph, GraphNode, Role, SourceLink
from results.inserted import BASELINE, describe
from results.kinds import (
    CONVERSION_TYPES,
    INPUT_TYPES,
    OUTPUT_TYPES,
    canonical_precision,
    is_heavy,
    is_quantise,
)
from results.nodes import EXECUTED, Node
from results.universe import INFERRED_METHODS, Universe

_ENDS = INPUT_TYPES | OUTPUT_TYPES
_MOST_STEPS = 8
"""How many source ops in a row that no layer carries are walked through."""

Known = Mapping[int, tuple[str, ...]]
"""By node index the source ops that a node is known to carry."""


@dataclass(frozen=True)
class ExecRow:
    """A row of ``queries.layers_table``."""

    node_index: int
    name: str
    node_type: str
    primitive: str
    runtime_precision: str
    input_precisions: tuple[str, ...]
    input_layouts: tuple[str, ...]
    output_precisions: tuple[str, ...]
    output_layouts: tuple[str, ...]
    output_shapes: tuple[str, ...]
    producers: tuple[int, ...]
    from_constant: bool
    original_names: tuple[str, ...]
    status: str
    time_us: float | None
    time_share: float | None

    @property
    def ran(self) -> bool:
        """Whether it was executed at inference."""
        return self.status == EXECUTED


@dataclass(frozen=True)
class NodeLink:
    """A row of the bridge: the node with this index carries this source op."""

    node_index: int
    op_name: str
    method: str
    confidence: float


def build_graph(
    rows: Iterable[ExecRow], links: Sequence[NodeLink], ops: Sequence[SourceOp] = ()
) -> ExecGraph:
    """The graph of a cell; ``ops`` are those of the model's float variant, where known.

    Without stored edges they are taken from the ops that the layers carry, without those
    from the order of execution. Broken facts, such as an edge into nowhere, never raise.
    """
    ordered = sorted(rows, key=lambda row: (row.node_index, row.name))
    known = _known(links, Universe(ops))
    kept = _on_the_way(ordered)
    producers, edges = _edges(kept, known, ops)
    nodes = _nodes(kept, producers)
    roles = [_role(row, known) for row in kept]
    kinds = _kinds(nodes, roles, known)
    told = _told(links)
    return ExecGraph(
        nodes=tuple(
            _graph_node(
                place,
                row,
                nodes[place],
                role=roles[place],
                kind=kinds.get(place),
                links=told.get(row.node_index, ()),
            )
            for place, row in enumerate(kept)
        ),
        edges=edges,
        left_out=len(ordered) - len(kept),
        bridged=bool(known),
    )  # fmt: skip


def _graph_node(
    place: int,
    row: ExecRow,
    node: Node,
    *,
    role: Role,
    kind: InsertedKind | None,
    links: tuple[SourceLink, ...],
) -> GraphNode:
    return GraphNode(
        place=place,
        layer=node.layer,
        role=role,
        executed=row.ran,
        kind=kind,
        share=row.time_share or 0.0,
        input_precisions=node.input_precisions,
        input_layouts=node.input_layouts,
        output_precisions=node.output_precisions,
        links=links,
        producers=node.producers,
        consumers=node.consumers,
    )


def _on_the_way(rows: Sequence[ExecRow]) -> tuple[ExecRow, ...]:
    """What ran, and what stands between: neither constants nor what was fused away."""
    read = {index for row in rows if row.ran for index in row.producers}
    return tuple(
        row
        for row in rows
        if row.ran or (not row.from_constant and (row.producers or row.node_index in read))
    )


def _known(links: Sequence[NodeLink], universe: Universe) -> Known:
    """What each node is known to carry; what was inferred from its neighbours does not count."""
    found: dict[int, list[str]] = {}
    for link in links:
        if universe.holds(link.op_name) and link.method not in INFERRED_METHODS:
            found.setdefault(link.node_index, []).append(link.op_name)
    return {index: tuple(names) for index, names in found.items()}


def _told(links: Sequence[NodeLink]) -> dict[int, tuple[SourceLink, ...]]:
    found: dict[int, list[SourceLink]] = {}
    for link in links:
        told = SourceLink(link.op_name, link.method, link.confidence)
        found.setdefault(link.node_index, []).append(told)
    return {index: tuple(told) for index, told in found.items()}


def _edges(
    rows: Sequence[ExecRow], known: Known, ops: Sequence[SourceOp]
) -> tuple[list[tuple[int, ...]], EdgeSource]:
    """The places that each row reads from, and what tells it."""
    place_of: dict[int, int] = {}
    for place, row in enumerate(rows):
        place_of.setdefault(row.node_index, place)
    stored = [
        _places((place_of.get(index) for index in row.producers), own)
        for own, row in enumerate(rows)
    ]
    if any(stored):
        return stored, EdgeSource.EXECUTED
    by_ops = _by_ops(rows, known, ops)
    if any(by_ops):
        return by_ops, EdgeSource.SOURCE_OPS
    return [(at - 1,) if at else () for at in range(len(rows))], EdgeSource.ORDER


def _by_ops(
    rows: Sequence[ExecRow], known: Known, ops: Sequence[SourceOp]
) -> list[tuple[int, ...]]:
    """The model's edges, between the layers that carry its ops; inserted nodes get none."""
    carrier: dict[str, int] = {}
    for place, row in enumerate(rows):
        for name in known.get(row.node_index, ()):
            carrier.setdefault(name, place)
    reads = {op.op_name: op.producers for op in ops}
    return [
        _places(
            (
                place
                for name in known.get(row.node_index, ())
                for place in _carriers(name, reads, carrier)
            ),
            own,
        )
        for own, row in enumerate(rows)
    ]


def _carriers(
    name: str, reads: Mapping[str, Sequence[str]], carrier: Mapping[str, int]
) -> list[int]:
    """The places that feed an op, through ops that no layer carries."""
    found: list[int] = []
    front = sorted(set(reads.get(name, ())))
    for _ in range(_MOST_STEPS):
        found += [carrier[one] for one in front if one in carrier]
        bare = [one for one in front if one not in carrier]
        front = sorted({up for one in bare for up in reads.get(one, ())})
    return found


def _places(found: Iterable[int | None], own: int) -> tuple[int, ...]:
    """Places without repetition, without nowhere, and without the node itself."""
    return tuple(dict.fromkeys(at for at in found if at is not None and at != own))


def _nodes(rows: Sequence[ExecRow], producers: Sequence[tuple[int, ...]]) -> tuple[Node, ...]:
    consumers: list[list[int]] = [[] for _ in rows]
    for place, sources in enumerate(producers):
        for source in sources:
            consumers[source].append(place)
    return tuple(
        Node(
            layer=_layer(row),
            executed=row.ran,
            from_constant=row.from_constant,
            input_precisions=row.input_precisions,
            input_layouts=row.input_layouts,
            output_precisions=row.output_precisions,
            producers=producers[place],
            consumers=tuple(consumers[place]),
        )
        for place, row in enumerate(rows)
    )


def _layer(row: ExecRow) -> LayerSide:
    return LayerSide(
        node_index=row.node_index,
        name=row.name,
        node_type=row.node_type,
        primitive=row.primitive,
        runtime_precision=canonical_precision(row.runtime_precision),
        output_layouts=row.output_layouts,
        output_shapes=row.output_shapes,
        time_us=row.time_us or 0.0,
        original_names=tuple(filter(None, row.original_names)),
    )


def _role(row: ExecRow, known: Known) -> Role:
    """As ``results.align`` tells layers from what was inserted; by type without any bridge."""
    if row.node_type in _ENDS:
        return Role.END
    if not row.ran:
        return Role.IDLE
    if is_heavy((row.node_type,)):
        return Role.LAYER
    if is_quantise(row.node_type, row.original_names):
        return Role.INSERTED
    of_model = row.node_index in known if known else row.node_type not in CONVERSION_TYPES
    return Role.LAYER if of_model else Role.INSERTED


def _kinds(nodes: Sequence[Node], roles: Sequence[Role], known: Known) -> dict[int, InsertedKind]:
    """What each inserted node is there for, by its place."""
    sourceless = [place for place, role in enumerate(roles) if role is Role.INSERTED]
    anchors = [
        known.get(node.layer.node_index, (node.layer.name,))[0] if role is Role.LAYER else None
        for node, role in zip(nodes, roles, strict=True)
    ]
    told = describe(BASELINE, nodes, sourceless, anchors)
    return {place: one.kind for place, (one, _) in zip(sourceless, told, strict=True)}
