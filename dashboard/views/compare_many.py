"""Compare: the one baseline against many candidates, in one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from dashboard import compare_tables, text
from dashboard.cache import compare as cache
from dashboard.link import Link
from dashboard.views import controls, frame, names, parts, picking
from results import format as fmt
from results.candidates import MOST, Candidate, field_of
from results.comparison import CellView, Verdict

_MOST_CAUSES = 6
"""Candidates that were chosen by name whose top cause is looked for, beside the shown one."""


def show(baseline: CellView, candidate: CellView) -> None:
    """The chosen candidates, else the nearest ones of the same model."""
    lens = frame.current().lens
    cells, chosen = lens.cells(), frame.current().link.others
    st.header("The same baseline against others", anchor=False)
    field = field_of(cells, baseline, candidate, chosen)
    if not field.cells:
        st.markdown("There is no other cell to compare it with.")
        return
    found = cache.against(lens, baseline, field.cells)
    st.markdown(f"Baseline: **{text.md(_named(baseline))}**. {_counts(found)}")
    _choice(cells, baseline, candidate)
    causes = _causes(baseline, candidate, field.cells if chosen else ())
    picking.table(
        compare_tables.candidates(found, causes), "many", "One baseline against many candidates",
        [one.cell.cell_id for one in found], _opens, name="Candidate",
    )  # fmt: skip
    _read(found, field.left_out, bool(chosen))


def _named(cell: CellView) -> str:
    return f"{cell.model_title}, {cell.arm}, {cell.device}, OpenVINO {cell.runtime}"


def _counts(found: Sequence[Candidate]) -> str:
    """How many of them are faster, slower, ..."""
    judged = [one.estimate.verdict for one in found if one.estimate and not one.is_told]
    told = [f"{kind.sign} {judged.count(kind)} {kind.value}" for kind in Verdict if kind in judged]
    failed = sum(one.estimate is None for one in found)
    told += [f"{failed} without a result"] if failed else []
    return text.md(f"Of {fmt.counted(len(found), 'candidate')}: {', '.join(told)}." if told else "")


def _choice(cells: Sequence[CellView], baseline: CellView, candidate: CellView) -> None:
    """Cells of the same model, and whatever was chosen before."""
    chosen = frame.current().link.others
    named = names.of_store(frame.current().lens)
    taken = {baseline.cell_id, candidate.cell_id}
    options = [
        cell.cell_id
        for cell in cells
        if (cell.model_id == baseline.model_id or cell.cell_id in chosen)
        and cell.cell_id not in taken
    ]
    controls.choose(
        "Candidates beside the one above; none chosen: the nearest of this model",
        "others", options, named.__getitem__, placeholder="the nearest of this model",
    )  # fmt: skip


def _causes(baseline: CellView, candidate: CellView, chosen: Sequence[CellView]) -> dict[str, str]:
    """By id of the cell its top cause: of the shown pair, and of a few that were chosen."""
    lens = frame.current().lens
    asked = {cell.cell_id: cell for cell in (candidate, *chosen[: _MOST_CAUSES + 1])}
    return {
        cell_id: cache.top_cause(lens, baseline, cell)
        for cell_id, cell in asked.items()
        if cell_id != baseline.cell_id
    }


def _opens(cell_id: str) -> None:
    """Make another candidate the one that the page is about; chosen ones stay in the table."""
    frame.change(lambda link: _about(link, cell_id))


def _about(link: Link, cell_id: str) -> Link:
    others = tuple(other for other in link.others if other != cell_id)
    if others != link.others and link.candidate not in {cell_id, link.baseline}:
        others = (*others, link.candidate)
    return replace(link, candidate=cell_id, others=others, cell="", layer="")


def _read(found: Sequence[Candidate], left_out: int, chosen: bool) -> None:
    shown = f"At most {MOST} are compared" if chosen else f"The nearest {len(found)} are shown"
    more = f" {shown}, {fmt.count(left_out)} more are not." if left_out else ""
    whose = f"the first {_MOST_CAUSES} that you chose" if chosen else "those that you choose above"
    parts.note(
        "Speed-up is over the baseline, with its 95 % interval. Devices share no blocks, so "
        "across devices a comparison is unpaired. Tick a row, or click its name, to make it the "
        f"candidate of this page. Top causes are named for it and for {whose}.{more}"
    )
