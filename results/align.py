"""Ties the layers of two compiled graphs together, through the source ops of the model.

Union-find over (executed nodes of A, executed nodes of B, source ops) gives groups
n:m whose times are compared as sums. What has no source op is told apart in
``results.inserted``, names and classes of groups come from ``results.groups``.
Time n log n in nodes, links and ops; the same facts give the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from results.comparison import Coverage, Group, Inserted, LayerSide
from results.facts import SourceOp
from results.groups import Draft
from results.inserted import BASELINE, CANDIDATE, describe, is_explained, mark_shared
from results.kinds import is_heavy, is_quantise
from results.nodes import Link, Node, Side
from results.universe import INFERRED_METHODS, InferredLink, Universe

Member = int | str
"""An executed node by a number that no other node of either side has, an op by its name."""


@dataclass(frozen=True)
class Alignment:
    """The groups and the source-less nodes of a pair, and what share of time they hold."""

    groups: tuple[Group, ...]
    inserted: tuple[Inserted, ...]
    coverage: Coverage


def align(
    baseline: Side, candidate: Side, ops: Sequence[SourceOp], *, candidate_is_int8: bool
) -> Alignment:
    """Groups, inserted and removed nodes of two profiled cells of one model.

    ``ops`` are the source ops of the model's float variant. An executed node that
    the bridge ties to no operation is inserted (candidate) or removed (baseline),
    except a convolution or matrix product: that is a layer without a partner.
    Broken facts (unknown ops, cycles, empty names) lower the coverage, they never
    raise.
    """
    universe = Universe(ops)
    a, b = _Graph(BASELINE, baseline, universe), _Graph(CANDIDATE, candidate, universe)
    inferred = universe.inferred_links(a.claimed, b.claimed)
    forest = _forest(a, b)
    joins = [join for join in inferred if forest.union(join.op_name, join.target)]
    drafts = _drafts(a, b, joins, forest)
    groups = [draft.finish(universe, candidate_is_int8=candidate_is_int8) for draft in drafts]
    inserted = _inserted(a, b, forest)
    return Alignment(
        groups=tuple(sorted(groups, key=lambda group: _group_order(group, universe))),
        inserted=inserted,
        coverage=Coverage(_share(a, groups, inserted), _share(b, groups, inserted)),
    )


class _Graph:
    """One side: averaged nodes, and the links of its executed nodes to the universe."""

    def __init__(self, tag: str, side: Side, universe: Universe) -> None:
        self.tag = tag
        self.nodes = side.averaged
        carries = [node.executed and not _quantises(node) for node in self.nodes]
        links = [link for link in side.links if carries[link.position] and _known(link, universe)]
        links.sort(key=lambda link: (link.position, universe.order(link.op_name)))
        self.links: tuple[Link, ...] = tuple(links)
        self.claimed = frozenset(link.op_name for link in links)
        self._types: dict[int, dict[str, None]] = {}
        for link in links:
            self._types.setdefault(link.position, {})[universe.type_of(link.op_name)] = None
        self._is_layer = [node.executed and self._stands(at) for at, node in enumerate(self.nodes)]

    def _stands(self, position: int) -> bool:
        return position in self._types or is_heavy((self.nodes[position].layer.node_type,))

    def member(self, position: int) -> Member:
        """The node as a member of the forest."""
        return position if self.tag == BASELINE else -1 - position

    def is_layer(self, position: int) -> bool:
        """Whether the executed node here stands for an operation of the model."""
        return self._is_layer[position]

    def layers(self) -> Iterator[tuple[int, LayerSide]]:
        """Position and layer, with its operations' types, of every node that stands for one."""
        for at, node in enumerate(self.nodes):
            if self._is_layer[at]:
                types = tuple(name for name in self._types.get(at, ()) if name)
                yield at, node.layer.carrying(types) if types else node.layer

    def sourceless(self) -> tuple[int, ...]:
        """Positions of executed nodes that are there for no operation of the model."""
        return tuple(
            at for at, node in enumerate(self.nodes) if node.executed and not self._is_layer[at]
        )

    def executed_us(self) -> float:
        """Sum of the executed nodes' times per inference."""
        return sum(node.layer.time_us for node in self.nodes if node.executed)


def _quantises(node: Node) -> bool:
    return is_quantise(node.layer.node_type, node.layer.original_names)


def _known(link: Link, universe: Universe) -> bool:
    """Whether a link ties a layer to an operation by what is known of it.

    What the bridge inferred from one side alone is inferred again here from both: a
    ReLU that one side names in its convolution must not tie it to the next layer.
    """
    return universe.holds(link.op_name) and link.method not in INFERRED_METHODS


class _Forest:
    """Union-find by size with path halving; members are made on first use.

    R. E. Tarjan, J. van Leeuwen, "Worst-case analysis of set union algorithms",
    Journal of the ACM 31 (1984).
    """

    def __init__(self) -> None:
        self._parent: dict[Member, Member] = {}
        self._size: dict[Member, int] = {}

    def find(self, member: Member) -> Member:
        """The representative of the member's set."""
        parent = self._parent
        above = parent.setdefault(member, member)
        while above != member:
            parent[member] = parent[above]
            member = parent[above]
            above = parent[member]
        return member

    def union(self, one: Member, other: Member) -> bool:
        """Make one set of two, the smaller below the larger; False where they were one."""
        root, below = self.find(one), self.find(other)
        if root == below:
            return False
        if self._size.get(root, 1) < self._size.get(below, 1):
            root, below = below, root
        self._parent[below] = root
        self._size[root] = self._size.get(root, 1) + self._size.get(below, 1)
        return True


def _forest(a: _Graph, b: _Graph) -> _Forest:
    forest = _Forest()
    for graph in (a, b):
        for link in graph.links:
            forest.union(graph.member(link.position), link.op_name)
    return forest


def _drafts(
    a: _Graph, b: _Graph, joins: Sequence[InferredLink], forest: _Forest
) -> tuple[Draft, ...]:
    """The groups' contents; ``joins`` are the inferred links that brought something new."""
    drafts: dict[Member, Draft] = {}
    for graph in (a, b):
        for at, layer in graph.layers():
            draft = drafts.setdefault(forest.find(graph.member(at)), Draft())
            (draft.baseline if graph is a else draft.candidate).append(layer)
        for link in graph.links:
            draft = drafts[forest.find(link.op_name)]
            draft.ops.add(link.op_name)
            draft.note(link.confidence, link.method)
    for join in joins:
        draft = drafts[forest.find(join.op_name)]
        draft.ops.add(join.op_name)
        draft.note(join.confidence, join.method)
    return tuple(drafts.values())


def _group_order(group: Group, universe: Universe) -> tuple[bool, tuple[int, str], int, str]:
    layer = (*group.candidate, *group.baseline)[0]
    first = group.source_ops[0] if group.source_ops else ""
    return not group.source_ops, universe.order(first), layer.node_index, layer.name


def _inserted(a: _Graph, b: _Graph, forest: _Forest) -> tuple[Inserted, ...]:
    placed_a, placed_b = (
        describe(graph.tag, graph.nodes, graph.sourceless(), _anchors(graph, forest))
        for graph in (a, b)
    )
    return mark_shared(placed_b, placed_a) + mark_shared(placed_a, placed_b)


def _anchors(graph: _Graph, forest: _Forest) -> tuple[str | None, ...]:
    """Per position the group it belongs to, named alike on both sides."""
    return tuple(
        repr(forest.find(graph.member(at))) if graph.is_layer(at) else None
        for at in range(len(graph.nodes))
    )


def _share(graph: _Graph, groups: Sequence[Group], inserted: Sequence[Inserted]) -> float:
    """Share of executed time in two-sided groups and in nodes that are known to be inserted.

    0 where nothing was executed.
    """
    total = graph.executed_us()
    if total <= 0:
        return 0.0
    on_baseline = graph.tag == BASELINE
    matched = sum(
        group.baseline_us if on_baseline else group.candidate_us
        for group in groups
        if group.baseline and group.candidate
    )
    explained = sum(
        node.layer.time_us for node in inserted if node.side == graph.tag and is_explained(node)
    )
    return min(1.0, (matched + explained) / total)
