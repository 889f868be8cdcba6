"""Compare: the causes as cards: what, how much, evidence, what to do, and its layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import text
from dashboard.views import compare_pair, frame, parts
from results import format as fmt
from results.comparison import Comparison, FoundCause
from results.comparison_words import (
    delta_bounds,
    is_turned_round,
    no_causes_words,
    together_words,
    won_back_words,
)
from results.layer_rows import LayerRow, is_lost_time, rows_of_cause

_MOST_LAYERS = 5
_AFTER = (
    "It names every layer of this cause. Of a model of your own put the file in place of the name, "
    "for DATA your data. `python -m collector run` with the same model then measures what was made."
)


def show(comparison: Comparison, rows: Sequence[LayerRow]) -> None:
    """A card for each cause, two in a row, the one that most could be won back of first."""
    st.header("Causes", anchor=False)
    if not comparison.causes:
        _none(comparison)
    for start in range(0, len(comparison.causes), 2):
        pair = comparison.causes[start : start + 2]
        for place, cause in zip(st.columns(2), pair, strict=False):
            with place.container(border=True, height="stretch"):
                _card(comparison, cause, rows_of_cause(cause, rows))


def _none(comparison: Comparison) -> None:
    """That no cause was found; or that none is sought, and how to see them."""
    if not is_turned_round(comparison):
        st.markdown(f"{text.md(no_causes_words(comparison))}.")
        return
    st.markdown(
        "INT8 is the baseline here. Causes are told with INT8 as the candidate: swap the two "
        "sides to see them."
    )
    st.button(
        "Swap baseline and candidate", on_click=frame.change, args=(compare_pair.swapped,),
        icon=":material/swap_horiz:", key="swap-for-causes",
    )  # fmt: skip


def _card(comparison: Comparison, cause: FoundCause, rows: Sequence[LayerRow]) -> None:
    st.subheader(text.md(cause.title), anchor=False)
    st.markdown(_badges(cause))
    st.markdown(f"**Evidence:** {text.md(cause.evidence)}.")
    st.markdown(f"**What to do:** {text.md(cause.action)}.")
    if cause.command:
        parts.command(cause.command)
        parts.note(_AFTER)
    together = together_words(comparison, cause, [row.group for row in rows if row.group])
    if together:
        parts.note(f"{text.md(together)}.")
    if rows:
        _layers(cause, rows)


def _badges(cause: FoundCause) -> str:
    """What it costs, what the whole model would gain without it, and how sure that is."""
    told = []
    if cause.recoverable_us:
        told.append(f":orange-badge[{text.md(won_back_words(cause))}]")
    if cause.speedup_without is not None:
        without = fmt.speedup(cause.speedup_without)
        told.append(f":gray-badge[whole model {without} without it]")
    told.append(f":gray-badge[confidence {text.md(cause.confidence)}]")
    return " ".join(told)


def _layers(cause: FoundCause, rows: Sequence[LayerRow]) -> None:
    """The worst layers as buttons that open them, in the order that ``rows`` have."""
    ranked = rows[:_MOST_LAYERS]
    more = len(rows) - len(ranked)
    with st.expander(f"Its layers: {len(rows)}"):
        for row in ranked:
            st.button(
                text.md(f"{text.short(row.label)}, {_cost(cause, row)}"),
                key=f"cause-{cause.cause_id}-{row.key}",
                icon=":material/open_in_full:",
                type="tertiary",
                on_click=frame.change,
                args=(lambda link, key=row.key: replace(link, layer=key),),
            )
        if more:
            st.markdown(f"and {more} more, in the table of the layers below.")


def _cost(cause: FoundCause, row: LayerRow) -> str:
    """What a layer lost, with its interval; what it takes where the cause is told by that."""
    if not is_lost_time(cause):
        return fmt.us(row.candidate_us)
    known = row.group is not None and row.delta_low_us is not None
    bounds = f" (95 %: {delta_bounds(row.group)})" if known and row.group else ""
    return f"{fmt.delta_us(row.delta_us)}{bounds}, now {fmt.us(row.candidate_us)}"
