"""Accuracy where a page shows it: what a variant's answers are worth, and what each layer costs.

No page script of its own: Compare, Overview and Runs show parts of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import accuracy_tables, charts, text
from dashboard.views import parts
from results import format as fmt
from results.accuracy import AccuracyView, JudgedVariant, RevertedView
from results.accuracy_words import (
    briefs,
    counts,
    purpose,
    reverted_sentence,
    sentences,
    skipped_lines,
    worst_note,
    worst_title,
)
from results.comparison import Comparison
from results.headline import layer_time_name


def show(comparison: Comparison) -> None:
    """The accuracy of a comparison; nothing where neither side was judged."""
    if not comparison.accuracy and not comparison.reverted and not comparison.worst_layers:
        return
    st.header("What it costs in accuracy", anchor=False)
    views(comparison.accuracy)
    for found in comparison.reverted:
        reverted(found)
    _layers(comparison)


def _layers(comparison: Comparison) -> None:
    """What each layer gains against how far it is off, and the worst of them."""
    known = [group for group in comparison.groups if group.sqnr_db is not None]
    if known:
        parts.chart(
            lambda: charts.gain_and_cost(
                known, layer_time_name((comparison.baseline, comparison.candidate))
            ),
            "gain-and-cost",
            "Each mark is a layer: the farther right, the more time it saves; the lower, the "
            "farther its values are from those of fp32. SQNR is the error so far, with that of "
            "earlier layers in it: what costs accuracy is where it falls from one layer to the "
            "next, not every layer far down. Full marks are called faster or slower among all "
            "layers, hollow ones only lean, grey ones are not told apart. "
            f"It was taken on {text.md(comparison.sqnr_dataset or fmt.UNKNOWN)}.",
        )
    if comparison.worst_layers:
        kind = comparison.candidate.variant_kind
        heading = worst_title(kind, comparison.sqnr_dataset)
        st.markdown(f"**{text.md(heading)}**")
        parts.table(accuracy_tables.worst_layers(comparison.worst_layers), "worst-layers", heading)
        parts.note(f"{text.md(worst_note(kind))}.")


def views(found: Sequence[AccuracyView]) -> None:
    """A block for each variant and dataset: its first sentence, and every metric as a table."""
    for view in found:
        told = sentences(view)
        if not told:
            continue
        st.markdown(f":material/target: **{text.md(told[0])}**")
        for line in (*skipped_lines(view), *purpose(view.variant_kind)):
            parts.note(text.md(line))
        key = f"accuracy-{view.variant_id}-{view.dataset_id}"
        parts.table(accuracy_tables.metrics(view), key, f"Every metric on {view.dataset}")
        pairs = counts(view.top1) if view.top1 else None
        if pairs:
            parts.note(
                f"{text.md(pairs)}: McNemar's exact test asks whether that is more lopsided than "
                "chance; below p = 0.05 a difference is called real. Intervals are 95 % (Wilson)."
            )


def reverted(found: RevertedView) -> None:
    """What the accuracy control kept in float."""
    st.markdown(f":material/undo: {text.md(reverted_sentence(found))}")
    with st.expander(f"Layers kept in float: {len(found.ops)}"):
        st.markdown("\n".join(f"- {text.md(name)}" for name in found.ops))


def unmeasured(found: Sequence[JudgedVariant]) -> None:
    """Variants that were made and never measured; nothing without any."""
    if not found:
        return
    st.header("Quantised, not measured yet", anchor=False)
    for one in found:
        told = [text.md(line) for line in briefs(one.accuracy)]
        told += [f"**!** {text.md(one.variant.note)}"] if one.variant.note else []
        said = f": {'; '.join(told)}" if told else ""
        name = f"{one.variant.kind} of {one.variant.model_title}"
        st.markdown(f"- **{text.md(name)}**{said}")
    parts.note("`python -m collector run --model` with their model measures them.")
