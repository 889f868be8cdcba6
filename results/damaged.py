"""What is broken in the facts of a side's layers, told as cautions.

What is broken is left out or cut off where it is read (``results.nodes``), so that no number is
wrong; here it is only said. Cautions about what was measured well are in ``results.trust``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from results.comparison import CellView, ShownCaution
from results.facts import ExecNode
from results.format import plain
from results.nodes import EXECUTED, Side, is_time

_NAMED = 3
_LONGEST_NAME = 60
_AGAIN = "measure the cell again; compare the layers of the others only"


def damage(cells: Sequence[CellView], sides: Sequence[Side]) -> tuple[ShownCaution, ...]:
    """Cautions about each side whose layers lack a usable time, or whose edges lead nowhere."""
    return tuple(
        caution
        for cell, side in zip(cells, sides, strict=True)
        for caution in (*_without_time(cell.arm, side.nodes), *_cut_edges(cell.arm, side.drawn))
    )


def untimed(rows: Sequence[ExecNode]) -> tuple[str, ...]:
    """Names of executed layers that no launch timed, or that one gives a time that is none."""
    executed = [row for row in rows if row.status == EXECUTED]
    odd = [row for row in executed if not is_time(row.time_us)]
    if not odd:
        return ()
    timed = {(row.node_index, row.name) for row in executed if is_time(row.time_us)}
    return _names(
        row for row in odd if row.time_us is not None or (row.node_index, row.name) not in timed
    )


def _without_time(arm: str, rows: Sequence[ExecNode]) -> Iterator[ShownCaution]:
    names = untimed(rows)
    if names:
        yield ShownCaution(
            "layers_without_time",
            arm,
            f"{_count(names)} of {arm} executed without a time that can be used (none at all,"
            f" negative, or no number), and is not counted there: {_told(names)}",
            _AGAIN,
        )


def _cut_edges(arm: str, rows: Sequence[ExecNode]) -> Iterator[ShownCaution]:
    """Layers that read from a layer that is not there, or from what is made of themselves."""
    reads = {row.node_index: row.producers for row in rows}
    looping = _looping(reads)
    names = _names(
        row
        for row in rows
        if row.node_index in looping or any(at not in reads for at in row.producers)
    )
    if names:
        yield ShownCaution(
            "damaged_graph",
            arm,
            f"{_count(names)} of {arm} reads from a layer that is not there, or in a circle:"
            f" {_told(names)}",
            "measure the cell again; do not trust between what its Reorders stand",
        )


def _looping(reads: Mapping[int, Sequence[int]]) -> frozenset[int]:
    """The layers on a cycle or between two; a layer that reads a later one is no sign of it.

    OpenVINO numbers some layers after those that read them. Only where one does, what reads
    nothing that is left is taken away, then what nothing that is left reads, until nothing
    changes (A. B. Kahn, "Topological sorting of large networks", CACM 5, 1962).
    """
    if all(at < own for own, found in reads.items() for at in found):
        return frozenset()
    edges = [(at, own) for own, found in reads.items() for at in set(found) if at in reads]
    forwards = _left(reads, edges)
    return _left(forwards, [(reader, read) for read, reader in edges])


def _left(places: Iterable[int], edges: Sequence[tuple[int, int]]) -> frozenset[int]:
    """What is left when what has no edge coming in is taken away, over and over."""
    left = set(places)
    inside = [(tail, head) for tail, head in edges if tail in left and head in left]
    coming = Counter(head for _, head in inside)
    following: dict[int, list[int]] = {}
    for tail, head in inside:
        following.setdefault(tail, []).append(head)
    free = [place for place in left if not coming[place]]
    while free:
        gone = free.pop()
        left.discard(gone)
        for head in following.get(gone, ()):
            coming[head] -= 1
            if not coming[head]:
                free.append(head)
    return frozenset(left)


def _names(rows: Iterable[ExecNode]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.name for row in rows))


def _count(names: Sequence[str]) -> str:
    return "1 layer" if len(names) == 1 else f"each of {len(names)} layers"


def _told(names: Sequence[str]) -> str:
    shown = ", ".join(_short(name) for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def _short(name: str) -> str:
    clean = plain(name) or "(no name)"
    return clean if len(clean) <= _LONGEST_NAME else f"{clean[:_LONGEST_NAME]}..."
