"""Which rows a page shows: the filters of a link, applied."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from dashboard.link import Link
from results.comparison import Group


def groups(found: Sequence[Group], link: Link) -> tuple[Group, ...]:
    """Groups of the chosen classes and types whose names hold the text looked for."""
    return tuple(
        group
        for group in found
        if (not link.classes or group.group_class.value in link.classes)
        and (not link.ops or group.op_type in link.ops)
        and _holds(link.find, (group.label, *group.source_ops, *_layer_words(group)))
    )


def costliest(found: Sequence[Group]) -> tuple[Group, ...]:
    """Groups by the size of their difference, the largest first."""
    return tuple(sorted(found, key=lambda group: -abs(group.delta_us)))


def layers(found: pa.Table, link: Link) -> pa.Table:
    """Rows of ``queries.layers_table``: executed ones unless idle ones are asked for too."""
    keep = [
        (link.idle or row["status"] == "executed")
        and (not link.types or row["node_type"] in link.types)
        and (not link.precisions or row["runtime_precision"] in link.precisions)
        and _holds(link.find, (row["name"], row["primitive"], *row["original_names"]))
        for row in found.to_pylist()
    ]
    return found.filter(pa.array(keep, type=pa.bool_()))


def known(wanted: Sequence[str], there: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values of a filter that occur here, and those that do not."""
    found = tuple(value for value in wanted if value in there)
    return found, tuple(value for value in wanted if value not in there)


def _layer_words(group: Group) -> tuple[str, ...]:
    sides = (*group.baseline, *group.candidate)
    return tuple(word for layer in sides for word in (layer.name, layer.primitive))


def _holds(wanted: str, words: Sequence[str]) -> bool:
    return not wanted or any(wanted.casefold() in word.casefold() for word in words)
