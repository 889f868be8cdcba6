"""Cells that could not be measured: a sign, a word, the reason, what they wrote last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from dashboard import text, theme
from dashboard.failures import CellFailure
from dashboard.link import to_params
from dashboard.older import OLDER
from dashboard.views import frame, names, parts
from results import format as fmt
from results.comparison import CellView
from results.headline import Failure, Pick
from results.views import LaunchView

WORD = f"{theme.FAILED.sign} {theme.FAILED.word}"
_MOST_REASONS = 10


def on_card(pick: Pick) -> None:
    """The arms of a model that failed, each reason once, where another arm has a verdict."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for arm in pick.row.arms:
        if arm.error is not None:
            word = OLDER if arm.is_older else WORD
            reasons.setdefault((word, arm.error), []).append(arm.cell.arm)
    for (word, reason), arms in reasons.items():
        parts.note(f"**{word}**: {text.md(', '.join(arms))}: {text.md(reason)}")


def listed(found: Sequence[Failure]) -> None:
    """What could not be measured, told once for each reason, device and version."""
    if not found:
        return
    st.header("What could not be measured", anchor=False)
    for failure in found[:_MOST_REASONS]:
        word = OLDER if failure.older_shown else WORD
        st.warning(
            f"**{word}: {text.md(failure.device)}, OpenVINO {text.md(failure.runtime)}**: "
            f"{text.md(failure.reason)}  \n{text.md(', '.join(failure.arms))} of "
            f"{text.md(', '.join(failure.models))}",
            icon=":material/error:",
        )
    if len(found) > _MOST_REASONS:
        parts.note(f"{len(found) - _MOST_REASONS} more are told on the page of their run.")


def beside_a_verdict(found: Sequence[CellFailure]) -> None:
    """That a side failed in its latest run, where the verdict is made of an older one."""
    for failure in found:
        st.warning(
            f"**{OLDER}: {text.md(failure.cell.arm)}**: {text.md(failure.reason)}",
            icon=":material/error:",
        )
        _to_run(failure)


def instead_of_a_verdict(found: Sequence[CellFailure]) -> None:
    """Why there is nothing to compare: each side that failed, with what it wrote last."""
    st.title(f":{theme.FAILED.markdown}[{WORD}: nothing to compare]", anchor=False)
    for failure in found:
        cell = failure.cell
        st.warning(
            f"**{text.md(cell.arm)} of {text.md(cell.model_title)} failed on "
            f"{text.md(cell.device)}, OpenVINO {text.md(cell.runtime)}**: "
            f"{text.md(failure.reason)}",
            icon=":material/error:",
        )
        _wrote(failure.stderr_tail)
        _to_run(failure)


def _to_run(failure: CellFailure) -> None:
    link = replace(frame.current().link, run=failure.run_id)
    st.page_link("views/runs.py", label="The run that tried it",
                 icon=":material/arrow_forward:", query_params=to_params(link))  # fmt: skip


def in_run(made: Sequence[LaunchView], cells: Mapping[str, CellView]) -> None:
    """The cells of a run that failed: each reason once, with the launches it ended."""
    reasons: dict[tuple[str, str], list[LaunchView]] = {}
    for launch in made:
        if not launch.ok:
            key = launch.error or fmt.UNKNOWN, launch.stderr_tail or ""
            reasons.setdefault(key, []).append(launch)
    if not reasons:
        return
    st.header("What failed", anchor=False)
    own = dict.fromkeys(launch.cell_id for launch in made)
    places = names.places([cells[cell_id] for cell_id in own])
    named = {cell_id: f"{cells[cell_id].arm} of {place}" for cell_id, place in places.items()}
    for (reason, tail), same in list(reasons.items())[:_MOST_REASONS]:
        _reason(reason, tail, Counter(named[launch.cell_id] for launch in same))
    if len(reasons) > _MOST_REASONS:
        parts.note(f"{len(reasons) - _MOST_REASONS} more reasons are in the table of launches.")


def _reason(reason: str, tail: str, counted: Counter[str]) -> None:
    launches = fmt.counted(counted.total(), "launch")
    told = "\n".join(f"- {count} of {text.md(name)}" for name, count in counted.items())
    st.warning(
        f"**{theme.FAILED.sign} {launches} {theme.FAILED.word}: {text.md(reason)}**\n\n{told}",
        icon=":material/error:",
    )
    _wrote(tail)


def _wrote(tail: str | None) -> None:
    if tail:
        with st.expander("The end of what it wrote to standard error"):
            st.code(text.lines(tail), language=None, wrap_lines=True)
