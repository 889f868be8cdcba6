"""What pages have in common: the answer on top, verdicts, charts, tables, cautions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa
import streamlit as st

from dashboard import text, theme
from dashboard.cache import figures
from dashboard.charts import Chart
from dashboard.views import address, columns, frame, pictures, take_away
from results import format as fmt
from results.comparison import CellView, ShownCaution, Standing, Verdict
from results.headline import Figure

ROW_PX = 35
MOST_ROWS = 14
_WORDS_AND_BUTTONS = (7, 1)
_NOTHING = fmt.DASH


def answer(sentence: str, figures: Sequence[Figure]) -> None:
    """What a page says first: a sentence and at most four numbers."""
    pictures.note_answer(sentence)
    st.title(text.md(sentence), anchor=False)
    numbers(figures)


def numbers(figures: Sequence[Figure]) -> None:
    """Numbers side by side, each with its name, its unit and what it rests on."""
    if not figures:
        return
    for place, figure in zip(st.columns(len(figures)), figures, strict=True):
        with place.container(border=True, height="stretch", gap="xxsmall"):
            st.metric(text.md(figure.label), figure.value)
            note(text.md(figure.note))


def note(words: str) -> None:
    """A line in small print; unlike a caption it has the contrast that small print needs."""
    st.markdown(f":small[:gray[{words}]]", width="auto")


def command(words: str) -> None:
    """A command to type, without the colours for code, which are too pale to read on white."""
    st.code(text.lines(words), language=None, wrap_lines=True)


def verdict(kind: Verdict, speedup: float) -> str:
    """A verdict in Markdown: sign, word, speed-up and colour."""
    look = theme.LOOKS[kind]
    words = f"{look.sign} {look.word}: {fmt.speedup(speedup)}"
    return f":{look.markdown}[{text.md(words)}]"


def standings(found: Sequence[Standing]) -> None:
    """Whether each device is certified: an icon, the word, and what it rests on.

    Device and versions are named where there are several; what holds for many is told once.
    """
    versions: dict[tuple[bool, str, str], list[str]] = {}
    for one in found:
        versions.setdefault((one.certified, one.sentence, one.device), []).append(one.runtime)
    for (certified, sentence, device), runtimes in versions.items():
        icon = ":material/verified:" if certified else ":material/gpp_maybe:"
        told = ", ".join(dict.fromkeys(runtimes))
        where = f"{device}, OpenVINO {told}: " if len(found) > 1 else ""
        note(f"{icon} {text.md(where)}{text.coded(sentence)}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else f'{noun}s'}"


def chart(draw: Callable[[], Chart], key: str, caption: str) -> None:
    """A chart with its text alternative, and a line that says how to read it."""
    shown = drawn(draw, key)
    st.plotly_chart(shown.figure, key=key, alt=shown.alt, config=take_away.chart_options(key))
    under_chart(key, caption)


def under_chart(key: str, caption: str) -> None:
    """How to read a chart, and beside it, however long that is, the buttons that save it."""
    words, saved = st.columns(_WORDS_AND_BUTTONS)
    with words:
        note(caption)
    with saved:
        take_away.chart(key)


def drawn(draw: Callable[[], Chart], key: str) -> Chart:
    """The chart of this page with this key, in the ink of the theme; drawn once for each state."""
    here, ink = frame.current(), theme.ink(st.context.theme.type)
    return figures.drawn(here.lens, here.link, (address.page_name(), key), ink, draw)


def table(
    rows: pa.Table, key: str, alt: str, widths: Mapping[str, columns.Width] | None = None
) -> None:
    """A table with units in its headers, as high as its rows need; ``widths`` goes first."""
    height = ROW_PX * (min(rows.num_rows, MOST_ROWS) + 1) + 3
    st.dataframe(
        rows,
        key=key,
        height=height,
        hide_index=True,
        column_config=columns.of(rows.column_names, widths or {}),
        placeholder=_NOTHING,
        alt=alt,
    )
    take_away.table(rows, key, alt)


def cautions(shown: Sequence[ShownCaution]) -> None:
    """What lowers trust, with what to do about it."""
    if not shown:
        st.markdown("No cautions.")
    for caution in shown:
        st.markdown(
            f"- **{text.md(caution.subject)}**: {text.md(caution.message)}. "
            f"*What to do:* {text.coded(caution.action)}."
        )


def model_notes(cells: Sequence[CellView]) -> None:
    """What everything that shows these models must say, such as that weights are synthetic."""
    titles: dict[str, list[str]] = {}
    for cell in cells:
        if cell.model_note:
            titles.setdefault(cell.model_note, []).append(cell.model_title)
    for must_say, names in titles.items():
        shown = ", ".join(dict.fromkeys(names))
        note(f":material/info: {text.md(shown)}: **{text.md(must_say)}**")
