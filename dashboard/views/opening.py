"""What stands above every page: what went wrong with the store or the address, whose data it is.

``prepare`` runs once per rerun, before the page, which then asks ``frame`` for its state.
"""

from __future__ import annotations

import shlex

import streamlit as st

from dashboard import text
from dashboard.cache import Lens, open_lens
from dashboard.source import OWN_DATA
from dashboard.views import accuracy, frame, left_out, parts
from results.certificate import certified_sentence
from results.certificate import newest as newest_certificates
from results.errors import LensError
from results.picture_words import days


def prepare(page: str, *, needs_cells: bool = True) -> bool:
    """Open the store, read the address, say what must be said; False: there is no page.

    A page that needs no cells is shown wherever there are runs.
    """
    try:
        lens = open_lens()
    except LensError as error:
        st.error(f"**{text.md(error.message)}**: {text.md(error.hint)}")
        return False
    left_out.show(lens)
    if lens.is_unmeasured and (needs_cells or not lens.runs()):
        _empty(lens)
        return False
    for note in frame.enter(page, lens):
        st.warning(text.md(note), icon=":material/link_off:")
    if lens.is_sample:
        _sample_line(lens)
    return True


def _sample_line(lens: Lens) -> None:
    """Where the sample is from: each machine once, with the days."""
    runs = lens.runs()
    machines = dict.fromkeys(run.machine_title for run in runs)
    measured = "; ".join(
        f"on {machine}, {days([run for run in runs if run.machine_title == machine])}"
        for machine in machines
    )
    st.info(f"**Sample data**, measured {text.md(measured)}", icon=":material/science:")


def _empty(lens: Lens) -> None:
    st.title("Nothing has been measured yet")
    what = "nothing that was measured" if lens.runs() else "no results"
    st.markdown(f"The store in {text.md(str(lens.root))} holds {what}. To measure:")
    where = shlex.quote(str(lens.root))
    usual = lens.root.resolve() == OWN_DATA.resolve()
    parts.command("make demo" if usual else f"make demo DATA={where}")
    parts.note("Builds five networks, quantises them and measures them here, in a few minutes.")
    into = "" if usual else f" --data {where}"
    parts.command(f"python -m collector run --model FILE{into}")
    parts.note(
        "Measures a model of yours: OpenVINO IR, ONNX, TFLite, TensorFlow, Paddle or a PyTorch "
        "export. New results show here."
    )
    for found in newest_certificates(lens.certificates()).values():
        where = text.md(f"{found.device}, OpenVINO {found.runtime}")
        parts.note(f"{where}: {text.coded(certified_sentence(found))}")
    accuracy.unmeasured(lens.unmeasured_variants())
    if lens.runs():
        st.page_link("views/runs.py", label="What there is so far", icon=":material/arrow_forward:")
