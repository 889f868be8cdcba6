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
    asked = [(stand.row.model_id, _wanted(stand)) for stand in stands]
    hand = cached.at_hand(lens, asked)
    for place, (model_id, wanted) in zip(st.columns(len(stands)), asked, strict=True):
        with place:
            try:
                found = cached.readiness(lens, model_id, wanted, hand)
            except LensError as error:
                title = text.md(titles[model_id])
                st.markdown(f"**{title}**: no checklist here. {text.md(error.message)}.")
                continue
            for one in found:
                show(replace(one, model_title=titles[model_id]))


def _wanted(stand: Stand) -> Wanted:
    row = stand.row
    arm = stand.verdict.candidate.arm if stand.verdict and row.scenario == _LATENCY else None
    return Wanted(device=row.device_id, openvino=row.runtime_id, arm=arm)


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
