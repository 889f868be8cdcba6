"""Which rows a page shows: the filters of a link, applied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from dashboard.link import Link, Mismatch
from results.layer_rows import LayerRow, other_fusion, other_kernel, other_precision

_UNLIKE = MappingProxyType({
    Mismatch.PRECISION: other_precision,
    Mismatch.KERNEL: other_kernel,
    Mismatch.FUSION: other_fusion,
})  # fmt: skip


def rows(found: Sequence[LayerRow], link: Link) -> tuple[LayerRow, ...]:
    """Layers of the chosen classes and types whose names hold the text looked for.

    A class or a type that no layer has is as if it was not chosen, as ``known`` tells. Of several
    mismatches each has to be there: what was chosen narrows the list.
    """
    unlike = [_UNLIKE[Mismatch(name)] for name in link.mismatch]
    classes, _ = known(link.classes, [row.layer_class.value for row in found])
    ops, _ = known(link.ops, [row.op_type for row in found])
    return tuple(
        row
        for row in found
        if (not classes or row.layer_class.value in classes)
        and (not ops or row.op_type in ops)
        and all(is_unlike(row) for is_unlike in unlike)
        and _holds(link.find, row.names)
    )


def known(wanted: Sequence[str], there: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values of a filter that occur here, and those that do not."""
    found = tuple(value for value in wanted if value in there)
    return found, tuple(value for value in wanted if value not in there)


def _holds(wanted: str, words: Sequence[str]) -> bool:
    return not wanted or any(wanted.casefold() in word.casefold() for word in words)


def told_apart(words: Mapping[str, str]) -> dict[str, str]:
    """The words of each option; equal ones, such as of machines of one kind, with the option."""
    times = Counter(words.values())
    return {
        option: told if times[told] == 1 else f"{told} ({option})" for option, told in words.items()
    }
