"""Compare: cell A against cell B, from the verdict down to the exec nodes and the causes.

Only the order of the page stands here, with the answer on its top; each part has a module of
its own, ``compare_*``.
"""

from __future__ import annotations

import streamlit as st

from dashboard import tables, text
from dashboard.failures import CellFailure
from dashboard.views import (
    accuracy,
    compare_causes,
    compare_inserted,
    compare_layers,
    compare_many,
    compare_opened,
    compare_pair,
    compare_precision,
    compare_trust,
    compare_where,
    failed,
    frame,
    parts,
)
from results import format as fmt
from results.comparison import IMPORTED, PUBLISHED, CellView, Comparison
from results.errors import LensError
from results.headline import TOLD, comparison_figures, is_told
from results.layer_rows import layer_rows
from results.precision import precision_words
from results.short_sentence import in_two
from results.trust import BAR_MISSED, ON_LAUNCHES, VERDICT_CAUTIONS

_AXES = ("more_than_one_axis", "different_")
_ON_THE_VERDICT = VERDICT_CAUTIONS | ON_LAUNCHES | {BAR_MISSED, IMPORTED, PUBLISHED}
"""What lowers trust in the verdict itself stands beside it, not only at the end."""


def show() -> None:
    """The page."""
    top = st.container()
    compare_pair.selectors()
    here = frame.current()
    baseline, candidate = here.cell(here.link.baseline), here.cell(here.link.candidate)
    try:
        comparison = here.lens.compare(baseline, candidate)
    except LensError as error:
        with top:
            _refused(baseline, candidate, error)
        compare_many.show(baseline, candidate)
        return
    rows = layer_rows(comparison.groups, comparison.inserted)
    with top:
        _banner(comparison)
        opened = compare_opened.asked_for(rows)
    compare_where.show(comparison, rows)
    compare_causes.show(comparison, rows)
    compare_layers.show(comparison, rows)
    compare_inserted.show(comparison)
    compare_precision.show(comparison, rows)
    accuracy.show(comparison)
    compare_many.show(baseline, candidate)
    _figures(comparison)
    compare_trust.show(comparison)
    if opened is not None:
        compare_opened.show(comparison, opened)


def _refused(baseline: CellView, candidate: CellView, error: LensError) -> None:
    """Why there is no comparison: a side that failed, else what speaks against it."""
    found = [one for one in _failures(baseline, candidate) if not one.older_shown]
    if found:
        failed.instead_of_a_verdict(found)
    else:
        st.title("These two cannot be compared", anchor=False)
        st.warning(f"{text.md(error.message)}: {text.md(error.hint)}.")


def _failures(baseline: CellView, candidate: CellView) -> list[CellFailure]:
    lens = frame.current().lens
    cells = {cell.cell_id: cell for cell in (baseline, candidate)}.values()
    return [failure for cell in cells if (failure := lens.failure(cell)) is not None]


def _banner(comparison: Comparison) -> None:
    """The verdict: sign and word, a sentence, four numbers; then the rest, and what is unlike."""
    estimate = comparison.estimate
    if is_told(comparison):
        st.title(text.md(f"{TOLD}: {fmt.speedup(estimate.speedup)}"), anchor=False)
    else:
        st.title(parts.verdict(estimate.verdict, estimate.speedup), anchor=False)
    sentence, rest = in_two(comparison)
    st.header(text.md(sentence), anchor=False)
    parts.numbers(comparison_figures(comparison))
    if rest:
        st.markdown(text.md(rest))
    _ran_in(comparison)
    parts.standings(comparison.standings)
    failed.beside_a_verdict(_failures(comparison.baseline, comparison.candidate))
    for caution in comparison.cautions:
        if caution.caution_id.startswith(_AXES) or caution.caution_id in _ON_THE_VERDICT:
            st.warning(f"{text.md(caution.message)}: {text.coded(caution.action)}.")
    parts.model_notes([comparison.baseline, comparison.candidate])


def _ran_in(comparison: Comparison) -> None:
    """In which precisions each side really executed, beside what was asked for."""
    sides = (
        ("Baseline", comparison.baseline, comparison.baseline_precisions),
        ("Candidate", comparison.candidate, comparison.candidate_precisions),
    )
    told = []
    for side, cell, shares in sides:
        bare = "it was not profiled" if cell.is_measured else "no layers were told"
        ran_in = precision_words(shares) if shares else f"{fmt.UNKNOWN}, {bare}"
        told.append(f"- **{side}** {text.md(cell.arm)} ran in: **{text.md(ran_in)}**")
    st.markdown("\n".join(told))


def _figures(comparison: Comparison) -> None:
    """Both cells in figures, with what is measured apart from the headline."""
    st.header("Both sides in figures", anchor=False)
    summaries = frame.current().lens.summaries()
    found = tables.cells(summaries, (comparison.baseline, comparison.candidate))
    parts.table(found, "sides", "Latencies, throughput, compilation and memory of both sides")
    others = set(found["Run"].to_pylist()) - set(comparison.run_ids)
    if others:
        parts.note(
            "These are the figures of each cell's latest run; the verdict comes from "
            f"{text.md(', '.join(comparison.run_ids))}."
        )


show()
