"""Which operation of a network quantised elsewhere is which of the float one, by structure. Pure.

Names do not meet, and quantisation put operations in between. So the two graphs are tied
together where an operation is unlike every other (an anchor), then from there along their
edges, and what is still alike is aligned in order, between what is tied already. Nothing is
measured here; what exec nodes make of it is ``collector.bridge``'s matter.

Time n log n in operations and edges, but for stretches in which all operations are alike: those
are aligned inside a band. Each operation has one twin at most, and one that has none is left
without.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from results.facts import SourceOp
from results.kinds import base_type

ANCHOR_CONFIDENCE = 0.75
"""Nothing else in either network has this type, these shapes and so many weights."""
NEIGHBOUR_CONFIDENCE = 0.7
"""Alike, and reading what its twin reads, or read by what reads its twin; no surer than that."""
ORDER_CONFIDENCE = 0.5
"""Alike, and in the same place of the order between two that are tied."""

_MOST_ALIKE = 16
"""Neighbours that are alike beyond this number are told apart by their order alone."""
_BAND = 32
"""How far a stretch of like operations may shift, beside its difference in length."""
_MOST_SHIFT = 256
"""More than this of the difference in length does not widen the band."""

Signature = tuple[str, tuple[str, ...], int]


@dataclass(frozen=True)
class Twin:
    """The float model's operation, and how sure it is that it is this one."""

    op_name: str
    confidence: float


class Twins(Mapping[str, str]):
    """Names in a network quantised elsewhere -> names in the float model, one to one."""

    def __init__(self, found: Mapping[str, Twin]) -> None:
        self._found = dict(found)

    def __getitem__(self, name: str) -> str:
        """The float model's name of an operation."""
        return self._found[name].op_name

    def __iter__(self) -> Iterator[str]:
        """The names in the other network that have a twin."""
        return iter(self._found)

    def __len__(self) -> int:
        """How many have a twin."""
        return len(self._found)

    def confidence(self, name: str) -> float:
        """How sure it is that an operation's twin is the right one."""
        return self._found[name].confidence


def twins(native: Sequence[SourceOp], universe: Sequence[SourceOp]) -> Twins:
    """The float model's operation (``universe``) of each of ``native`` that has one there.

    Both are in topological order. Operations of a type that only one side has, as a
    FakeQuantize, are what quantisation added: they are left out and their readers read
    through them. The others are tied where type, output shapes and number of weights agree:

    1. those that are the only ones of their kind on both sides (after B. Cohen's patience
       diff). One without weights must also keep the order of the others, since it may be
       chance; one with weights may not, since parallel branches come in any order;
    2. from there along the edges: the one reader, or the one thing read, that is alike;
    3. between those, in order: what is alone in its stretch, else the alignment of the
       stretch that ties most of it (longest common subsequence, in a band), where what both
       read does not speak against it.

    Steps 2 and 3 are repeated until nothing more is tied. An edge into nowhere, or one that
    makes a cycle, is left out.
    """
    kept = {base_type(op.op_type) for op in native} & {base_type(op.op_type) for op in universe}
    pairing = _Pairing(_Graph(native, kept), _Graph(universe, kept))
    pairing.tie_anchors()
    pairing.tie_neighbours()
    while pairing.tie_in_order():
        pairing.tie_neighbours()
    return Twins(pairing.twins())


class _Graph:
    """The operations of the types that both sides have, by their place in the order."""

    def __init__(self, ops: Sequence[SourceOp], kept_types: set[str]) -> None:
        self.ops: list[SourceOp] = []
        self.reads: list[tuple[int, ...]] = []
        through: dict[str, tuple[int, ...]] = {}
        for op in ops:
            reads = _distinct(at for name in op.producers for at in through.get(name, ()))
            if op.op_name in through:
                continue
            if base_type(op.op_type) in kept_types:
                through[op.op_name] = (len(self.ops),)
                self.ops.append(op)
                self.reads.append(reads)
            else:
                through[op.op_name] = reads[:1]
        self.read_by: list[list[int]] = [[] for _ in self.ops]
        for at, reads in enumerate(self.reads):
            for producer in reads:
                self.read_by[producer].append(at)
        self.signatures: list[Signature] = [
            (base_type(op.op_type), op.output_shapes, op.weight_elements) for op in self.ops
        ]
        self._alike: dict[tuple[int, bool], Mapping[Signature, tuple[int, ...]]] = {}

    def alike(self, at: int, signature: Signature, *, upwards: bool) -> tuple[int, ...]:
        """What this operation reads, or else is read by, that has the signature."""
        key = at, upwards
        if key not in self._alike:
            found = self.reads[at] if upwards else self.read_by[at]
            self._alike[key] = _places(self.signatures, found)
        return self._alike[key].get(signature, ())


class _Pairing:
    """Two graphs while they are tied together."""

    def __init__(self, native: _Graph, floats: _Graph) -> None:
        self._native, self._float = native, floats
        self._to: dict[int, int] = {}
        self._taken: set[int] = set()
        self._confidence: dict[int, float] = {}
        self._open: list[int] = []

    def twins(self) -> dict[str, Twin]:
        """The float operation of each native one that is tied."""
        return {
            self._native.ops[a].op_name: Twin(self._float.ops[b].op_name, self._confidence[a])
            for a, b in sorted(self._to.items())
        }

    def tie_anchors(self) -> None:
        """Tie what is unlike everything else on its own side, and has its like on the other."""
        alone_a, alone_b = (_alone(graph.signatures) for graph in (self._native, self._float))
        pairs = [(at, alone_b[kind]) for kind, at in alone_a.items() if kind in alone_b]
        rising = set(_rising(sorted(pairs)))
        for a, b in sorted(pairs):
            if (a, b) in rising or self._native.ops[a].weight_elements:
                self._tie(a, b, ANCHOR_CONFIDENCE)

    def tie_neighbours(self) -> None:
        """Tie along the edges, from all that is newly tied, as far as it goes."""
        while self._open:
            at = self._open.pop()
            for upwards in (False, True):
                for near in self._next_to(at, upwards=upwards):
                    twin = self._only_like(near, at, upwards=upwards)
                    if twin is not None:
                        self._tie(near, twin, min(NEIGHBOUR_CONFIDENCE, self._confidence[at]))

    def tie_in_order(self) -> bool:
        """Tie what stands alike between two that are tied; whether any was."""
        before = len(self._to)
        backbone = _rising(sorted(self._to.items()))
        ends = [(-1, -1), *backbone, (len(self._native.ops), len(self._float.ops))]
        for (a_from, b_from), (a_to, b_to) in pairwise(ends):
            a = [at for at in range(a_from + 1, a_to) if at not in self._to]
            b = [at for at in range(b_from + 1, b_to) if at not in self._taken]
            for one, other in _in_order(a, b, self._native.signatures, self._float.signatures):
                if self._fits(one, other):
                    self._tie(one, other, ORDER_CONFIDENCE)
        return len(self._to) > before

    def _tie(self, a: int, b: int, confidence: float) -> None:
        self._to[a] = b
        self._taken.add(b)
        self._confidence[a] = confidence
        self._open.append(a)

    def _next_to(self, at: int, *, upwards: bool) -> list[int]:
        near = self._native.reads[at] if upwards else self._native.read_by[at]
        return [one for one in near if one not in self._to]

    def _only_like(self, near: int, at: int, *, upwards: bool) -> int | None:
        """The twin of an untied neighbour of the tied ``at``; None where it is not clear.

        Of several that are alike, the one of the same name; and it is not clear either where
        the other side has fewer or more of them.
        """
        kind = self._native.signatures[near]
        mine = self._native.alike(at, kind, upwards=upwards)
        theirs = self._float.alike(self._to[at], kind, upwards=upwards)
        if max(len(mine), len(theirs)) > _MOST_ALIKE:
            return None
        mine = tuple(one for one in mine if one not in self._to and self._agree(one, near))
        free = [one for one in theirs if one not in self._taken and self._fits(near, one)]
        if len(mine) == len(free) == 1:
            return free[0]
        name = self._native.ops[near].op_name
        return next((one for one in free if self._float.ops[one].op_name == name), None)

    def _agree(self, one: int, other: int) -> bool:
        """Whether nothing tells two native operations apart: they read twins of the same."""
        return one == other or self._tied_reads(one) == self._tied_reads(other)

    def _tied_reads(self, at: int) -> frozenset[int]:
        return frozenset(self._to[one] for one in self._native.reads[at] if one in self._to)

    def _fits(self, near: int, twin: int) -> bool:
        """Whether a float operation reads, of what is tied, just the twins of what ``near`` does.

        What one side reads through something untied may be missing on the other.
        """
        theirs = {one for one in self._float.reads[twin] if one in self._taken}
        mine = self._tied_reads(near)
        return mine <= theirs or theirs <= mine


def _in_order(
    a: Sequence[int], b: Sequence[int], kinds_a: Sequence[Signature], kinds_b: Sequence[Signature]
) -> Iterable[tuple[int, int]]:
    """Pairs of a stretch: what is alone in it and keeps the order, else its best alignment."""
    mine, theirs = [kinds_a[at] for at in a], [kinds_b[at] for at in b]
    alone_a, alone_b = _alone(mine), _alone(theirs)
    pairs = sorted((alone_a[kind], alone_b[kind]) for kind in alone_a if kind in alone_b)
    found = _rising(pairs) or _longest_common(mine, theirs)
    return [(a[one], b[other]) for one, other in found]


def _longest_common(mine: Sequence[Hashable], theirs: Sequence[Hashable]) -> list[tuple[int, int]]:
    """A longest common subsequence, of those that lie in the band, as pairs of places.

    R. A. Wagner, M. J. Fischer, "The string-to-string correction problem", Journal of the ACM
    21 (1974), in a band around the diagonal (E. Ukkonen 1985). What only one side has is left
    out first, so that it does not widen the band.
    """
    both = set(mine) & set(theirs)
    a = [at for at, kind in enumerate(mine) if kind in both]
    b = [at for at, kind in enumerate(theirs) if kind in both]
    if not a or not b:
        return []
    rows = _lengths([mine[at] for at in a], [theirs[at] for at in b])
    pairs, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if mine[a[i]] == theirs[b[j]] and _at(rows, i, j) == 1 + _at(rows, i + 1, j + 1):
            pairs.append((a[i], b[j]))
            i, j = i + 1, j + 1
        elif _at(rows, i + 1, j) >= _at(rows, i, j + 1):
            i += 1
        else:
            j += 1
    return pairs


_Row = tuple[int, list[int]]
"""Where a row of the band begins, and its lengths."""


def _lengths(mine: Sequence[Hashable], theirs: Sequence[Hashable]) -> list[_Row]:
    """Lengths of the longest common subsequences of what begins at each place of the band."""
    width = _BAND + min(_MOST_SHIFT, abs(len(mine) - len(theirs)))
    rows: list[_Row] = [(0, [])] * (len(mine) + 1)
    rows[-1] = (len(theirs), [0])
    for i in range(len(mine) - 1, -1, -1):
        first, last = max(0, i - width), min(len(theirs), i + width + 1)
        row = [0] * (last - first + 1)
        rows[i] = first, row
        for j in range(last - 1, first - 1, -1):
            if mine[i] == theirs[j]:
                row[j - first] = 1 + _at(rows, i + 1, j + 1)
            else:
                row[j - first] = max(_at(rows, i + 1, j), row[j + 1 - first])
    return rows


def _at(rows: Sequence[_Row], i: int, j: int) -> int:
    first, row = rows[i]
    return row[j - first] if first <= j < first + len(row) else 0


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that rise on both sides; ``pairs`` rise in the first.

    C. Schensted, "Longest increasing and decreasing subsequences" (1961), n log n.
    """
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, (_, b) in enumerate(pairs):
        place = bisect_left(ends, b)
        before.append(last[place - 1] if place else -1)
        ends[place : place + 1] = [b]
        last[place : place + 1] = [at]
    found = []
    at = last[-1] if last else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]


def _alone(kinds: Sequence[Hashable]) -> dict[Hashable, int]:
    """The place of each kind that is there once."""
    counts = Counter(kinds)
    return {kind: at for at, kind in enumerate(kinds) if counts[kind] == 1}


def _places(
    signatures: Sequence[Signature], among: Iterable[int]
) -> Mapping[Signature, tuple[int, ...]]:
    found: dict[Signature, list[int]] = defaultdict(list)
    for at in among:
        found[signatures[at]].append(at)
    return {kind: tuple(places) for kind, places in found.items()}


def _distinct(places: Iterable[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(places))
