"""Compare: cell A against cell B, from the verdict down to the layers and the causes."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import charts, filters, tables, text, theme
from dashboard.failures import CellFailure
from dashboard.link import Link, to_params, with_baseline
from dashboard.views import accuracy, controls, failed, frame, names, parts
from results import format as fmt
from results.comparison import (
    IMPORTED,
    PUBLISHED,
    CellView,
    Comparison,
    FoundCause,
    GroupClass,
)
from results.errors import LensError
from results.groups import telling
from results.headline import TOLD, comparison_figures, is_told, layer_time_name, no_layers
from results.precision import precision_words
from results.trust import BAR_MISSED, ON_LAUNCHES, VERDICT_CAUTIONS

_TOP_GROUPS = 10
_SELECT_PX = 500
"""Room for the name of a cell as far as it tells cells apart; below it there is one in a row."""
_AXES = ("more_than_one_axis", "different_")
_ON_THE_VERDICT = VERDICT_CAUTIONS | ON_LAUNCHES | {BAR_MISSED, IMPORTED, PUBLISHED}
"""What lowers trust in the verdict itself stands beside it, not only at the end."""


def show() -> None:
    """The page."""
    top = st.container()
    _selectors()
    here = frame.current()
    baseline, candidate = here.cell(here.link.baseline), here.cell(here.link.candidate)
    try:
        comparison = here.lens.compare(baseline, candidate)
    except LensError as error:
        with top:
            _refused(baseline, candidate, error)
        return
    with top:
        _banner(comparison)
    _where(comparison)
    _causes(comparison)
    accuracy.show(comparison)
    _layers(comparison)
    _inserted(comparison)
    _figures(comparison)
    _trust(comparison)


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
    """The verdict: its sign and word, its sentence, four numbers, and what is unlike."""
    estimate = comparison.estimate
    if is_told(comparison):
        st.title(text.md(f"{TOLD}: {fmt.speedup(estimate.speedup)}"), anchor=False)
    else:
        st.title(parts.verdict(estimate.verdict, estimate.speedup), anchor=False)
    st.header(text.md(comparison.sentence), anchor=False)
    parts.numbers(comparison_figures(comparison))
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
    for side, cell, shares in sides:
        bare = "it was not profiled" if cell.is_measured else "no layers were told"
        ran_in = precision_words(shares) if shares else f"{fmt.UNKNOWN}, {bare}"
        st.markdown(f"**{side}** {text.md(cell.arm)} ran in: **{text.md(ran_in)}**")


def _selectors() -> None:
    cells = frame.current().lens.cells()
    named = names.of_cells(cells)
    link = frame.current().link
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        left, right = st.container(width=_SELECT_PX), st.container(width=_SELECT_PX)
        with left:
            controls.pick(
                "Baseline (A)", "baseline", list(named), value=link.baseline,
                show=named.__getitem__,
                alter=lambda link, value: with_baseline(link, value, cells),
            )  # fmt: skip
            _where_it_ran(link.baseline)
        with right:
            controls.pick(
                "Candidate (B)", "candidate", list(named), value=link.candidate,
                show=named.__getitem__,
                alter=lambda link, value: replace(link, candidate=value, cell=""),
            )  # fmt: skip
            _where_it_ran(link.candidate)
        st.button("Swap", on_click=frame.change, args=(_swapped,), icon=":material/swap_horiz:")


def _where_it_ran(cell_id: str) -> None:
    """What a list that cuts its entries may not show."""
    cell = frame.current().cell(cell_id)
    driven = fmt.scenario(cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests)
    parts.note(text.md(f"{cell.device}, OpenVINO {cell.runtime}, {driven}"))


def _swapped(link: Link) -> Link:
    return replace(link, baseline=link.candidate, candidate=link.baseline, cell="")


def _where(comparison: Comparison) -> None:
    """The waterfall, or why there is none."""
    st.header("Where the difference comes from", anchor=False)
    attribution = comparison.attribution
    if attribution is None:
        st.info(f"There is no layer story: {no_layers(comparison)}.")
    elif attribution.withheld:
        st.info(
            "The layer story is withheld: what the layers do not explain "
            f"({fmt.delta_us(attribution.unattributed_us)}) is larger than the difference "
            f"({fmt.delta_us(attribution.wall_us)})."
        )
    else:
        parts.chart(
            charts.waterfall(comparison, attribution),
            "waterfall",
            "From the baseline's time on the wall clock to the candidate's. Blue bars are time "
            "saved, orange bars time lost. Unattributed is what the layers' counters do not see.",
        )


def _causes(comparison: Comparison) -> None:
    st.header("Causes", anchor=False)
    if not comparison.causes:
        st.markdown("No cause of the catalogue was found in this pair.")
    for start in range(0, len(comparison.causes), 2):
        pair = comparison.causes[start : start + 2]
        for place, cause in zip(st.columns(2), pair, strict=False):
            with place.container(border=True, height="stretch"):
                _cause(cause)


def _cause(cause: FoundCause) -> None:
    st.markdown(f"**{text.md(cause.title)}**")
    gain = f":orange-badge[up to {fmt.us(cause.recoverable_us)} to win back] "
    st.markdown(
        f"{gain if cause.recoverable_us else ''}:gray-badge[confidence {text.md(cause.confidence)}]"
    )
    st.markdown(f"{text.md(cause.evidence)}.")
    st.markdown(f"**What to do:** {text.md(cause.action)}.")
    if cause.layers:
        with st.expander(f"Layers: {len(cause.layers)}"):
            st.markdown("\n".join(f"- {text.md(layer)}" for layer in cause.layers))


def _layers(comparison: Comparison) -> None:
    """The aligned layers: those that differ most as bars, all of them as a table."""
    st.header("Layers side by side", anchor=False)
    if not comparison.groups:
        st.markdown("There are no layers to compare.")
        return
    if comparison.attribution is not None and comparison.attribution.withheld:
        st.warning(
            "Read these with care: the layers do not add up to the difference on the wall clock."
        )
    _filters(comparison)
    found = filters.costliest(filters.groups(comparison.groups, frame.current().link))
    if not found:
        st.markdown("No layer fits these filters.")
        return
    shown = telling(found, _TOP_GROUPS)
    time_name = layer_time_name((comparison.baseline, comparison.candidate))
    parts.chart(
        charts.paired_layers(shown, time_name),
        "pairs",
        f"{len(shown)} of the {len(found)} layers that fit the filters: those that differ most, "
        "with three places kept for those that lost most; the number is candidate minus baseline.",
    )
    parts.table(tables.groups(found), "groups", "Baseline and candidate time of each layer")
    if any(group.sqnr_db is not None for group in found):
        parts.note(
            f"SQNR on {text.md(comparison.sqnr_dataset or fmt.UNKNOWN)} says how far the "
            "candidate's values are from fp32's where the layer ends, 10 log10 of signal over "
            "noise power: lower is worse. Errors of earlier layers are in it too."
        )
    _covered(comparison)
    _to_layers()


def _filters(comparison: Comparison) -> None:
    groups = comparison.groups
    kinds = {kind.value: kind for kind in GroupClass}
    left, middle, right = st.columns(3)
    with left:
        there = list(dict.fromkeys(group.group_class.value for group in groups))
        controls.choose("Class", "classes", there, lambda name: theme.CLASS_WORDS[kinds[name]])
    with middle:
        controls.choose("Type", "ops", sorted({group.op_type for group in groups}))
    with right:
        controls.find("Search", "part of a layer's or a kernel's name")


def _covered(comparison: Comparison) -> None:
    if comparison.coverage is not None:
        parts.note(
            f"{fmt.percent(comparison.coverage.baseline)} of the baseline's and "
            f"{fmt.percent(comparison.coverage.candidate)} of the candidate's executed time stand "
            "in rows of this table, before any filter, or among the inserted layers."
        )


def _to_layers() -> None:
    link = frame.current().link
    with st.container(horizontal=True):
        for label, cell_id in (("baseline", link.baseline), ("candidate", link.candidate)):
            st.page_link(
                "views/layers.py",
                label=f"Every layer of the {label}",
                icon=":material/arrow_forward:",
                query_params=to_params(replace(link, cell=cell_id, find="")),
            )


def _inserted(comparison: Comparison) -> None:
    """Layers that no operation of the model asked for, by where they stand."""
    st.header("Layers that no operation of the model asked for", anchor=False)
    if not comparison.inserted:
        st.markdown("There are none on either side.")
        return
    parts.table(tables.inserted(comparison.inserted), "inserted", "Inserted and removed layers")
    parts.note("Side says where the layer is: in the candidate it was inserted, in the baseline "
               "it is gone. A layer that is also in the other side stands in both.")  # fmt: skip


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


def _trust(comparison: Comparison) -> None:
    st.header("How far to trust it", anchor=False)
    parts.cautions(comparison.cautions)
    st.header("How it was measured", anchor=False)
    estimate = comparison.estimate
    shared = fmt.counted(estimate.blocks, "block")
    alone = f"{fmt.counted(estimate.blocks, 'launch')}, unpaired"
    blocks = f"{shared} that both share" if estimate.paired else alone
    runs = {run.run_id: run for run in frame.current().lens.runs()}
    for run_id in comparison.run_ids:
        run = runs[run_id]
        level = f", {text.md(run.effort)} effort" if run.effort else ""
        st.markdown(
            f"- Run {text.md(run_id)}, {fmt.when(run.started_at)}, on "
            f"{text.md(run.machine_title or fmt.UNKNOWN)}: {blocks}{level}"
        )
    link = frame.current().link
    st.page_link(
        "views/runs.py", label="This run", icon=":material/arrow_forward:",
        query_params=to_params(replace(link, run=comparison.run_ids[0])),
    )  # fmt: skip


show()
