"""What can be taken away from a page: its tables and charts as files, and its address.

What is in a table's files is decided in ``dashboard.files``. A chart's picture is made in the
browser, by Plotly itself; the two small scripts here only press its button, or copy the
address. What they get of a store is the title of a picture, escaped for Plotly.
"""

from __future__ import annotations

import re
import textwrap
from datetime import UTC, datetime
from functools import partial

import pyarrow as pa
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard import files, text, theme
from results.errors import LensError
from results.short_sentence import picture_source, picture_title, place

_OVERVIEW = "overview"
_OF_CELLS = ("compare", "layers")
_CLASS = re.compile(r"[^a-zA-Z0-9_-]")
_CSV = "text/csv"
_PARQUET = "application/vnd.apache.parquet"
_PICTURES_PX = 150
_TITLE_WIDTH = 105
"""Characters of a title's line that a picture of 1,000 pixels, the narrowest, has room for."""
_WHAT = {
    "arms": "Time of each arm",
    "devices": "INT8 on each device",
    "drift": "How steady the run was",
    "grid": "INT8, model by model",
    "isas": "INT8 by instruction set",
    "series": "Time by OpenVINO version",
    "tallies": "INT8, counted by model",
    "trials": "Trials of the certificate",
    "turns": "The sitting whose pace changed most",
    "waterfall": "Where the difference comes from",
    "pairs": "Layers side by side",
    "transitions": "From which precision into which",
    "reach": "What was possible",
}
"""Titles of pictures that their key does not tell by itself."""
_DOWN = "\N{DOWNWARDS ARROW}"
_BUTTONS_CSS = """
div { display: flex; gap: 0.25rem; justify-content: flex-end; }
button {
  all: unset; box-sizing: border-box; cursor: pointer; white-space: nowrap;
  padding: 0.25rem 0.5rem; border-radius: var(--st-base-radius);
  color: var(--st-text-color); font-family: var(--st-font); font-size: 0.875rem; line-height: 1.6;
}
button:hover { color: var(--st-link-color); text-decoration: underline; }
button:focus-visible { outline: 2px solid var(--st-primary-color); }
"""
_PICTURES_JS = """
export default function ({ parentElement, data }) {
  const line = (text, size, place) => ({
    text, showarrow: false, align: "left", font: { size, color: data.light },
    xref: "paper", yref: "paper", x: 0, xanchor: "left", ...place,
  })
  const painted = (layout, size) => {
    const told = JSON.parse(JSON.stringify(layout).replaceAll(data.dark, data.light))
    const [left, top, bottom] = [size.l + 24, size.t + head, size.b + 40]
    const lines = [
      line(data.title, 16, { y: 1, yanchor: "top", xshift: 12 - left, yshift: top - 8 }),
      line(data.source, 13, { y: 0, yanchor: "bottom", xshift: 12 - left, yshift: 8 - bottom }),
    ]
    return {
      ...told,
      paper_bgcolor: "#FFFFFF", plot_bgcolor: "#FFFFFF",
      font: { ...told.font, family: "Arial, Helvetica, sans-serif" },
      margin: { ...told.margin, l: left, r: size.r + 24, t: top, b: bottom },
      annotations: [...(told.annotations ?? []), ...lines],
    }
  }
  const head = 16 + 21 * data.title.split("<br>").length
  const save = (format) => {
    const plot = document.querySelector(`.${data.chart} .js-plotly-plot`)
    const camera = plot?.querySelector(".modebar-btn[data-title^='Download']")
    if (!camera) return
    const scale = format === "png" ? 2 : 1
    const { width, height, _size } = plot._fullLayout
    const grown = { width: Math.max(width + 48, 1000), height: height + head + 40 }
    plot._context.toImageButtonOptions = { filename: data.name, format, scale, ...grown }
    const shown = plot.layout
    plot.layout = painted(shown, _size)
    try { camera.click() } finally { plot.layout = shown }
  }
  for (const button of parentElement.querySelectorAll("button")) {
    button.setAttribute("aria-label", `${button.textContent}: save this chart as a picture`)
    button.onclick = () => save(button.dataset.format)
  }
}
"""
_LINK_JS = """
export default function ({ parentElement }) {
  const button = parentElement.querySelector("button")
  const words = button.textContent
  const copied = async (text) => {
    try { await navigator.clipboard.writeText(text); return true } catch { return false }
  }
  button.onclick = async () => {
    const done = await copied(window.location.href)
    button.textContent = done ? "Link copied" : "Copy the address of this page by hand"
    setTimeout(() => { button.textContent = words }, 3000)
  }
}
"""
_pictures = st.components.v2.component(
    "int8_lens_pictures",
    html=f'<div><button data-format="svg">{_DOWN} SVG</button>'
    f'<button data-format="png">{_DOWN} PNG</button></div>',
    css=_BUTTONS_CSS,
    js=_PICTURES_JS,
)
_copy = st.components.v2.component(
    "int8_lens_copy_link",
    html='<div><button aria-live="polite">Copy link to this page</button></div>',
    css=_BUTTONS_CSS,
    js=_LINK_JS,
)


def name_of(key: str) -> str:
    """The name of a file without its ending: the page, what it is, what it is about, the day."""
    page = page_name()
    return files.file_stem([page, key, *_subject(page)], datetime.now(UTC).date())


def chart_options(key: str) -> dict[str, object]:
    """The options of Plotly by which a chart can be saved; its own button saves an SVG."""
    saved = {"format": "svg", "filename": name_of(key)}
    return {
        "displayModeBar": "hover",
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
        "responsive": True,
    }


def chart(key: str) -> None:
    """Buttons that save the chart with this key: on white and in dark words in both themes."""
    title, source = _lines(key)
    data = {
        "chart": f"st-key-{_CLASS.sub('-', key)}", "name": name_of(key), **theme.INKS,
        "title": title, "source": source,
    }  # fmt: skip
    _pictures(key=f"{key}-pictures", data=data, width=_PICTURES_PX)


def _lines(key: str) -> tuple[str, str]:
    """The title of a picture, in lines, and where it is from: both escaped for a chart."""
    from dashboard.views import frame  # which shows parts, and parts this

    here, page = frame.current(), page_name()
    what = _WHAT.get(key, key.replace("-", " ").capitalize())
    about, source = ", ".join(_subject(page)), f"page {page.capitalize()}"
    if page == "layers" and here.link.shown_cell:
        about = f"{about}, {place(here.cell(here.link.shown_cell))}"
    if page == "compare":
        about, rests = _pair(about)
        source = f"{source}, {rests}" if rests else source
    told = [f"<b>{text.chart(what)}</b>", *map(text.chart, textwrap.wrap(about, _TITLE_WIDTH))]
    return "<br>".join(told), text.chart(f"INT8 Lens, {source}, saved {datetime.now(UTC).date()}")


def _pair(about: str) -> tuple[str, str]:
    """What the compared pair says in a picture; the model alone where it cannot be compared."""
    from dashboard.views import frame  # which shows parts, and parts this

    here = frame.current()
    sides = here.cell(here.link.baseline), here.cell(here.link.candidate)
    try:
        comparison = here.lens.compare(*sides)
    except LensError:
        return about, ""
    return picture_title(comparison), picture_source(comparison)


def table(rows: pa.Table, key: str) -> None:
    """Buttons that save the table; a file is made only when it is asked for."""
    name = name_of(key)
    made = (
        ("CSV", _CSV, "csv", partial(files.csv_bytes, rows)),
        ("Parquet", _PARQUET, "parquet", partial(files.parquet_bytes, rows)),
    )
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for label, mime, ending, make in made:
            st.download_button(
                f"{_DOWN} {label}",
                make,
                f"{name}.{ending}",
                mime,
                key=f"{key}-{ending}",
                on_click="ignore",
                type="tertiary",
            )


def link(key: str = "copy-link") -> None:
    """A button that copies the address, which is the whole state of the page.

    A window above the page needs one of its own: it covers that of the page.
    """
    _copy(key=key)


def page_name() -> str:
    """The page's name in the address."""
    context = get_script_run_ctx()
    if context is None:
        return ""
    known = context.pages_manager.get_pages().get(context.page_script_hash)
    return str(known["url_pathname"] or _OVERVIEW) if known else _OVERVIEW


def _subject(page: str) -> tuple[str, ...]:
    """The model that a page of cells is about, or the run."""
    from dashboard.views import frame  # which shows parts, and parts this

    here = frame.current()
    if page == "runs":
        return (here.link.run,)
    if page not in _OF_CELLS or not here.link.shown_cell:
        return ()
    cell = here.cell(here.link.shown_cell)
    return (cell.model_title, cell.arm) if page == "layers" else (cell.model_title,)
