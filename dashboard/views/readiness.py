"""The readiness checklist of the models on a page: each line with its sign, word and figure.

No page script of its own: Models shows it. What a line says comes from ``results.readiness``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from dashboard import text
from dashboard.cache import Lens
from dashboard.cache import models as cached
from dashboard.views import parts
from results.errors import LensError
from results.network_place import Stand
from results.readiness.read import Wanted
from results.readiness.shapes import Checklist, Line, Step

_LATENCY = "latency"


def beside(lens: Lens, stands: Sequence[Stand], titles: Mapping[str, str]) -> None:
    """The checklists of models where they stand, side by side; ``titles`` tell them apart."""
    st.header("Is INT8 worth it? The checklist", anchor=False)
    for place, stand in zip(st.columns(len(stands)), stands, strict=True):
        with place:
            _of(lens, stand, titles[stand.row.model_id])


def _of(lens: Lens, stand: Stand, title: str) -> None:
    row = stand.row
    arm = stand.verdict.candidate.arm if stand.verdict and row.scenario == _LATENCY else None
    wanted = Wanted(device=row.device_id, openvino=row.runtime_id, arm=arm)
    try:
        found = cached.readiness(lens, row.model_id, wanted)
    except LensError as error:
        st.markdown(f"**{text.md(title)}**: no checklist here. {text.md(error.message)}.")
        return
    for one in found:
        show(replace(one, model_title=title))


def show(found: Checklist) -> None:
    """The answer, then every line; each opens to how it was found and what to do next."""
    st.markdown(f"**{text.md(found.model_title)}**: {text.md(found.sentence)}")
    about = [found.candidate or "", found.device or ""]
    about += [f"OpenVINO {found.runtime}"] if found.runtime else []
    parts.note(text.md(", ".join(filter(None, about))))
    if found.next_step is not None and found.next_step.command:
        parts.command(found.next_step.command)
    for line in found.lines:
        _line(line)


def _line(line: Line) -> None:
    status = f"**{line.status.sign} {line.status.value}**"
    with st.expander(f"{status}: {text.md(line.title)}  \n{text.md(line.figure)}"):
        st.markdown(f"Passes with: {text.md(line.rule)}.")
        if line.next_step is None:
            parts.note("Nothing is left to do.")
        else:
            _step(line.next_step)


def _step(step: Step) -> None:
    st.markdown(f"*Next:* {text.coded(step.words)}.")
    if step.command:
        parts.command(step.command)
