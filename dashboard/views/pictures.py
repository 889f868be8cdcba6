"""The picture of a chart that can be taken away: what it is called, and what it says of itself.

The picture is made in the browser, by ``picture.js``: a slide of the same shape from every
window, on white. What it gets of a store is plain text that the script never reads as markup.
What tables and addresses give to take away stands in ``take_away``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from dashboard import files, theme
from dashboard.cache.pictured import Pictured, pictured
from dashboard.views import address, frame
from results import format as fmt

_ANSWER = "answer-of-page"
_CLASS = re.compile(r"[^a-zA-Z0-9_-]")
_DOWN = "\N{DOWNWARDS ARROW}"
TITLES = {
    "arms": "How long it takes",
    "cpus": "Verdicts of INT8, device by device",
    "devices": "How long it takes on each device, and what INT8 gains",
    "drift": "Did the machine keep its pace?",
    "gain-and-cost": "What it costs in accuracy",
    "graph": "The layers around the opened one",
    "grid": "Every model on every device",
    "groups": "Every layer",
    "isas": "What INT8 gains on each instruction set",
    "kernels": "Which kernels take the time",
    "layers": "Every layer",
    "many": "One baseline against many candidates",
    "network-precisions": "In which precision the time is spent",
    "operator-shares": "Which operations take the time",
    "pairs": "Layers side by side",
    "precisions": "In which precision the time is spent",
    "reach": "How much faster layers became, of what is possible",
    "runs": "All runs of the store",
    "series": "Time over the OpenVINO versions",
    "strip": "Where along the network the time goes",
    "tallies": "Verdicts of INT8, model by model",
    "transitions": "From which precision into which",
    "trials": "Identical programs, compared",
    "turns": "The sitting whose pace changed most",
    "waterfall": "Where the difference comes from",
}
"""The headings of the pages, by what the keys of charts begin with."""
OF_STORE = frozenset({"runs"})
"""The keys of tables that are about all of the store, whatever their page is about."""
_BUTTONS_CSS = """
.int8-lens-pictures {
  display: flex; flex-wrap: wrap; gap: 0.25rem; justify-content: flex-end;
}
.int8-lens-pictures button {
  all: unset; box-sizing: border-box; cursor: pointer; white-space: nowrap;
  padding: 0.25rem 0.5rem; border-radius: var(--st-base-radius);
  color: var(--st-text-color); font-family: var(--st-font); font-size: 0.875rem; line-height: 1.6;
}
.int8-lens-pictures button:hover { color: var(--st-link-color); text-decoration: underline; }
.int8-lens-pictures button:focus-visible { outline: 2px solid var(--st-primary-color); }
"""
_buttons = st.components.v2.component(
    "int8_lens_pictures",
    html=f'<div class="int8-lens-pictures"><button data-format="svg">{_DOWN} SVG</button>'
    f'<button data-format="png">{_DOWN} PNG</button></div>',
    css=_BUTTONS_CSS,
    js=Path(__file__).with_name("picture.js").read_text(encoding="utf-8"),
    # In a shadow root the element that has the focus would be one without a name.
    isolate_styles=False,
)


def buttons(key: str) -> None:
    """Buttons that save the chart with this key: on white and in dark words in both themes."""
    shown = of_page()
    data = {
        "chart": f"st-key-{_CLASS.sub('-', key)}",
        "name": name_of(title_of(key)),
        "title": title_of(key),
        "answer": "" if shown.has_answer else fmt.plain(_answer()),
        "about": fmt.plain(shown.about_chart(key)),
        "source": fmt.plain(_source(shown)),
        "ink": theme.PICTURE_INK,
        **theme.INKS,
    }
    _buttons(key=f"{key}-pictures", data=data)


def note_answer(sentence: str) -> None:
    """What the page says first, for its pictures."""
    st.session_state[_ANSWER] = address.page_name(), sentence


def title_of(key: str) -> str:
    """What a chart or table is called on its page; a key may end with what it stands around."""
    words = key.split("-")
    starts = ("-".join(words[:end]) for end in range(len(words), 0, -1))
    known = next((start for start in starts if start in TITLES), "")
    return TITLES.get(known) or fmt.plain(" ".join(words).capitalize())


def name_of(title: str, key: str = "") -> str:
    """The name of a file without its ending: the page, what it is, its models, the day.

    Without models where what has this ``key`` is about all of the store.
    """
    models = "" if key in OF_STORE else of_page().models
    return files.file_stem([address.page_name(), title, models], datetime.now(UTC).date())


def of_page() -> Pictured:
    """What this page is about."""
    here = frame.current()
    return pictured(here.lens, here.link, address.page_name())


def _answer() -> str:
    page, sentence = st.session_state.get(_ANSWER, ("", ""))
    return str(sentence) if page == address.page_name() else ""


def _source(shown: Pictured) -> str:
    page = f"page {address.page_name().capitalize()}"
    told = ("INT8 Lens", page, shown.source, f"saved {datetime.now(UTC).date()}")
    return ", ".join(filter(None, told))
