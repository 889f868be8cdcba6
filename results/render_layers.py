"""The layers of a comparison as text for a terminal: waterfall, groups, roofs, inserted nodes.

Only layout lives here; words come from ``results.comparison_words``, figures from
``results.format``. ``results.render`` puts the whole comparison together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from results import format as fmt
from results.accuracy_words import worst_note, worst_title
from results.class_words import UNATTRIBUTED, WALL, class_words
from results.comparison import Attribution, Comparison, Group, GroupClass
from results.comparison_words import (
    WITHHELD,
    bound_words,
    call_words,
    calls_rule,
    delta_bounds,
    got_words,
    neighbours,
    shares_words,
    told_calls,
)
from results.groups import telling
from results.headline import no_layers
from results.inserted import BASELINE, CANDIDATE
from results.matched import coverage_words, matching_notes
from results.roof import GroupRoof
from results.terminal import add_row, heading, new_table, text_line

_TOP_GROUPS = 8
_TOP_GONE = 3


def attribution_text(attribution: Attribution, per: str) -> Iterator[RenderableType]:
    """The waterfall as a table; ``per`` is what the times are of."""
    yield heading(f"Where the difference comes from, per {per}")
    if attribution.withheld:
        yield text_line(WITHHELD)
    table = new_table("", ">candidate - baseline")
    for name, value_us in waterfall(attribution):
        add_row(table, name, fmt.delta_us(value_us))
    yield table


def waterfall(attribution: Attribution) -> tuple[tuple[str, float], ...]:
    """The bars with their µs, the last is the sum; no layers where they are withheld."""
    parts: Sequence[tuple[GroupClass, float]] = () if attribution.withheld else attribution.parts
    return (
        *((class_words(group_class), value_us) for group_class, value_us in parts),
        (UNATTRIBUTED, attribution.unattributed_us),
        (WALL, attribution.wall_us),
    )


def layer_story(comparison: Comparison) -> Iterator[RenderableType]:
    """The layers that differ, unless their times explain nothing."""
    measured = comparison.baseline.is_measured and comparison.candidate.is_measured
    if comparison.attribution is None and not measured:
        yield text_line(f"No layer story: {no_layers(comparison)}.")
    if comparison.attribution is None or not comparison.attribution.withheld:
        shown = telling(comparison.groups, _TOP_GROUPS)
        if shown:
            yield from _groups(comparison, shown)
            yield from _how_sure(comparison, shown)
        yield from _inserted(comparison, CANDIDATE, "Inserted in the candidate", _TOP_GROUPS)
        yield from _inserted(comparison, BASELINE, "Only in the baseline", _TOP_GONE)


def _groups(comparison: Comparison, shown: Sequence[Group]) -> Iterator[RenderableType]:
    coverage = comparison.coverage
    matched = f", {coverage_words(coverage)}" if coverage else ""
    yield heading(f"Layers that differ most{matched}")
    for line in matching_notes(comparison):
        yield text_line(line)
    judged = any(group.sqnr_db is not None for group in comparison.groups)
    extra = (">SQNR",) if judged else ()
    table = new_table("layer", "type", "class", ">baseline", ">candidate", ">difference", *extra)
    for group in shown:
        sqnr = (fmt.DASH if group.sqnr_db is None else fmt.db(group.sqnr_db),) if judged else ()
        add_row(table, group.label, group.op_type, class_words(group.group_class),
                fmt.us(group.baseline_us), fmt.us(group.candidate_us),
                fmt.delta_us(group.delta_us), *sqnr)  # fmt: skip
    yield table


def _how_sure(comparison: Comparison, shown: Sequence[Group]) -> Iterator[RenderableType]:
    """The same layers: intervals, what was possible, and with measured peaks their roofs."""
    bounded = any(group.delta_low_us is not None for group in shown)
    possible = any(group.roof is not None and group.roof.possible is not None for group in shown)
    roofed = any(group.roof is not None and _has_shares(group.roof) for group in shown)
    if not (bounded or possible or roofed):
        return
    yield heading("The same layers: how sure that is, and what the device could do")
    table = new_table(
        "layer",
        *((">95 % interval, µs", "called") if bounded else ()),
        *((">faster, of possible",) if possible else ()),
        *((">share of roof", "bound by") if roofed else ()),
    )
    for group in shown:
        add_row(
            table,
            group.label,
            *((delta_bounds(group), call_words(group)) if bounded else ()),
            *((got_words(group),) if possible else ()),
            *((shares_words(group.roof), bound_words(group.roof)) if roofed else ()),
        )
    yield table
    if bounded:
        yield text_line(f"{told_calls(comparison)}.")
        yield text_line(calls_rule(comparison), "dim")


def _has_shares(roof: GroupRoof) -> bool:
    return roof.baseline_share is not None or roof.candidate_share is not None


def worst_layers_text(comparison: Comparison) -> Iterator[RenderableType]:
    """Which layers suffer most, also where nothing is told of their times."""
    found = comparison.worst_layers
    if not found:
        return
    yield heading(worst_title(comparison.candidate.variant_kind, comparison.sqnr_dataset))
    timed = any(layer.delta_us is not None for layer in found)
    table = new_table("layer", "type", ">SQNR", *((">difference",) if timed else ()))
    for layer in found:
        times = (fmt.delta_us(layer.delta_us),) if timed else ()
        add_row(table, layer.label, layer.op_type, fmt.db(layer.sqnr_db), *times)
    yield table
    yield text_line(f"{worst_note(comparison.candidate.variant_kind)}.", "dim")


def _inserted(comparison: Comparison, side: str, title: str, most: int) -> Iterator[RenderableType]:
    found = sorted(
        (node for node in comparison.inserted if node.side == side and not node.shared),
        key=lambda node: -node.layer.time_us,
    )
    if not found:
        return
    total = fmt.us(sum(node.layer.time_us for node in found))
    yield heading(f"{title}: {fmt.counted(len(found), 'layer')}, {total}")
    table = new_table("layer", "why", "between", ">time")
    for node in found[:most]:
        add_row(
            table, node.layer.name, node.kind.value, neighbours(node), fmt.us(node.layer.time_us)
        )
    yield table
