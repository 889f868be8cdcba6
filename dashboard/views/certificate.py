"""The page of a certificate's run: what A against A was called, comparison by comparison.

No page script of its own: Runs shows it for a run that is a certificate.
"""

from __future__ import annotations

import streamlit as st

from dashboard import charts, run_tables, text
from dashboard.views import frame, parts
from results import format as fmt
from results.certificate import (
    LEAST_COMPARISONS,
    MOST_FALSE_ALARMS,
    CertificateView,
    certified_sentence,
    newest,
)


def of_run(run_id: str) -> CertificateView | None:
    """The certificate that a run stored, if any."""
    found = frame.current().lens.certificates()
    return next((certificate for certificate in found if certificate.run_id == run_id), None)


def show(found: CertificateView) -> None:
    """What the certificate says, its comparisons as a chart and as a table, and the rule."""
    _standing(found)
    st.header("What two identical programs were called", anchor=False)
    trials = frame.current().lens.certificate_trials(found.run_id)
    if not trials:
        st.markdown("The comparisons of this certificate are not stored.")
        return
    parts.chart(
        lambda: charts.trials(trials),
        "trials",
        "Each mark is one comparison of a cell with itself, its line the 95 % interval; the truth "
        "is the dashed line at 1. A triangle is a false alarm: two identical programs that were "
        "called faster or slower.",
    )
    _rule(found)
    st.header("Every comparison", anchor=False)
    parts.table(run_tables.trials(trials), "comparisons", "Every comparison of A against A")


def _standing(found: CertificateView) -> None:
    icon = ":material/verified:" if found.certified else ":material/gpp_maybe:"
    st.markdown(f"{icon} {text.coded(certified_sentence(found))}")
    counts = newest(frame.current().lens.certificates())[found.device_id, found.runtime_id]
    if counts.run_id != found.run_id:
        parts.note(
            f"A newer certificate counts: run {text.md(counts.run_id)}, "
            f"{text.coded(certified_sentence(counts))}."
        )


def _rule(found: CertificateView) -> None:
    st.markdown(
        f"A is **{text.md(found.arm)}** of **{text.md(found.model)}**, scenario "
        f"{text.md(found.scenario)}, on {text.md(found.device)}, OpenVINO "
        f"{text.md(found.runtime)}; {text.md(found.effort)} effort, {found.blocks} blocks each. "
        f"Certified means at least {LEAST_COMPARISONS} comparisons and false alarms in at most "
        f"{fmt.percent(MOST_FALSE_ALARMS)} of them; 5 % is what a 95 % interval gives by chance."
    )
