"""Compare: how far to trust the verdict, and how it was measured."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard import text
from dashboard.link import to_params
from dashboard.views import frame, parts
from results import format as fmt
from results.comparison import Comparison
from results.headline import TIME_OVER_LAUNCHES


def show(comparison: Comparison) -> None:
    """The cautions with what to do about each, then the runs."""
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
    fitted = "; beside a ratio the two are moved a little, so that they fit it"
    st.markdown(f"{TIME_OVER_LAUNCHES[0].upper()}{TIME_OVER_LAUNCHES[1:]}{fitted}.")
    link = frame.current().link
    st.page_link(
        "views/runs.py", label="This run", icon=":material/arrow_forward:",
        query_params=to_params(replace(link, run=comparison.run_ids[0], layer="")),
    )  # fmt: skip
