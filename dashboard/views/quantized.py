"""What a run quantised or judged: the variants, their recipes, their accuracy, the data.

No page script of its own: Runs shows it for a run of the kind ``quantized``, and the
accuracy of any run that judged.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import accuracy_tables, text
from dashboard.views import accuracy, frame, parts
from results.accuracy import JudgedVariant
from results.facts import Dataset
from results.kinds import is_int8_variant

KIND = "quantized"


def show(run_id: str) -> None:
    """Everything that ``quantize`` stored."""
    lens = frame.current().lens
    made = lens.variants_of_run(run_id)
    st.header("What was quantised", anchor=False)
    found = [one.variant for one in made]
    parts.table(accuracy_tables.variants(found), "variants", "The variants of the run")
    for one in _int8(made):
        if one.variant.note:
            st.warning(f"{text.md(one.variant.kind)}: {text.md(one.variant.note)}")
    judged(made)
    _recipes(_int8(made))
    _data(lens.datasets_of_run(run_id))


def of_measured(run_id: str) -> None:
    """What a run that measured also judged; nothing where it brought no data."""
    lens = frame.current().lens
    found = lens.datasets_of_run(run_id)
    if found:
        judged(lens.variants_of_run(run_id))
        _data(found)


def judged(made: Sequence[JudgedVariant]) -> None:
    """How good the INT8 variants are, beside fp32, and what was put back to float."""
    st.header("Accuracy before and after", anchor=False)
    found = _int8(made)
    if not any(one.accuracy for one in found):
        st.markdown("It was not judged on any data.")
    for one in found:
        accuracy.views(one.accuracy)
        if one.reverted is not None:
            accuracy.reverted(one.reverted)


def _int8(made: Sequence[JudgedVariant]) -> list[JudgedVariant]:
    return [one for one in made if is_int8_variant(one.variant.kind)]


def _recipes(made: Sequence[JudgedVariant]) -> None:
    st.header("The recipe", anchor=False)
    for one in made:
        if len(made) > 1:
            st.markdown(f"**{text.md(one.variant.kind)} of {text.md(one.variant.model_title)}**")
        parts.table(
            accuracy_tables.recipe(one.variant),
            f"recipe-{one.variant.variant_id}",
            f"The options that {one.variant.kind} was made with",
        )


def _data(found: Sequence[Dataset]) -> None:
    st.header("The data", anchor=False)
    if not found:
        st.markdown("No data of one's own was used.")
        return
    parts.table(accuracy_tables.datasets(found), "datasets", "The data of the run")
    for one in found:
        if one.skipped:
            names = "".join(f"\n- {text.md(name)}" for name in one.skipped_names)
            st.warning(
                f"{one.skipped} of {one.samples + one.skipped} samples of {text.md(one.name)} "
                f"could not be read and were left out, the first of them:{names}"
            )
