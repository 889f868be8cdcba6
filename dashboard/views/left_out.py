"""What the store holds and no page shows: one line on top, folded, with every name in it."""

from __future__ import annotations

import streamlit as st

from dashboard import text
from dashboard.cache import Lens
from dashboard.views import parts
from results.index import Problem, ProblemKind
from results.left_out import half_copied_words, left_out_words
from results.quarantine import verify_command

_MOST = 200


def show(lens: Lens) -> None:
    """Nothing where all of the store can be read."""
    words = left_out_words(lens.problems, lens.half_copied)
    if not words:
        return
    with st.expander(f":material/report: {text.md(words)}", expanded=False):
        if lens.problems:
            st.markdown("\n".join(map(_line, lens.problems[:_MOST])))
        if len(lens.problems) > _MOST:
            parts.note(f"{len(lens.problems) - _MOST} more are named by the command below.")
        if lens.half_copied:
            st.markdown(
                f"{text.md(half_copied_words(lens.half_copied))}. Copy again what is missing; a "
                "run's manifest comes last."
            )
        if any(problem.kind is ProblemKind.DAMAGED for problem in lens.problems):
            command = verify_command(lens.root)
            parts.command(f"{command} --dry-run")
            parts.note("Names what is damaged and changes nothing.")
            parts.command(command)
            parts.note("Moves it aside, into the store's folder `quarantine`; nothing is deleted.")


def _line(problem: Problem) -> str:
    newer = problem.kind is ProblemKind.NEWER
    remedy = f"; {problem.hint}" if newer else ""
    return f"- Run {text.md(problem.run_id)}: {text.md(problem.message + remedy)}"
