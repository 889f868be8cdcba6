"""What can be taken away from a page: its tables and charts as files, and its address.

What is in a table's files is decided in ``dashboard.files``, what a chart's picture says in
``pictures``. The small script here only completes and copies the address, and goes to the one
that was opened before a login; what it gets of a store is the state as it stands in one.
"""

from __future__ import annotations

from functools import partial

import pyarrow as pa
import streamlit as st

from dashboard import files
from dashboard.views import address, pictures

_CSV = "text/csv"
_PARQUET = "application/vnd.apache.parquet"
_DOWN = "\N{DOWNWARDS ARROW}"
_LINK_CSS = """
.int8-lens-link { display: flex; justify-content: flex-end; }
.int8-lens-link button {
  all: unset; box-sizing: border-box; cursor: pointer; white-space: nowrap;
  padding: 0.25rem 0.5rem; border-radius: var(--st-base-radius);
  color: var(--st-text-color); font-family: var(--st-font); font-size: 0.875rem; line-height: 1.6;
}
.int8-lens-link button:hover { color: var(--st-link-color); text-decoration: underline; }
.int8-lens-link button:focus-visible { outline: 2px solid var(--st-primary-color); }
"""
_LINK_JS = """
function openedBeforeLogin(name) {
  try {
    const kept = window.sessionStorage.getItem(name)
    window.sessionStorage.removeItem(name)
    return kept
  } catch { return null }
}
export default function ({ parentElement, data }) {
  const { origin, pathname, search, hash } = window.location
  const last = pathname.split("/").pop()
  const page = data.pages.includes(last) ? last : ""
  const opened = openedBeforeLogin(data.opened)
  // A login comes back to the first page and says nothing; who came by a link wants that.
  if (opened && page === "" && !search && opened !== pathname) {
    window.location.replace(origin + opened)
    return
  }
  if (page === data.page && search.slice(1) === data.from && data.from !== data.to) {
    const query = data.to ? `?${data.to}` : ""
    window.history.replaceState(window.history.state, "", pathname + query + hash)
  }
  const button = parentElement.querySelector("button")
  const words = (button.dataset.words ??= button.textContent)
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
_copy = st.components.v2.component(
    "int8_lens_copy_link",
    html='<div class="int8-lens-link"><button aria-live="polite">Copy link to this page</button>'
    "</div>",
    css=_LINK_CSS,
    js=_LINK_JS,
    # In a shadow root the element that has the focus would be one without a name.
    isolate_styles=False,
)


def chart_options(key: str) -> dict[str, object]:
    """The options of Plotly by which a chart can be saved; its own button saves an SVG."""
    saved = {"format": "svg", "filename": pictures.name_of(pictures.title_of(key))}
    return {
        "displayModeBar": "hover",
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": saved,
        "responsive": True,
    }


def chart(key: str) -> None:
    """Buttons that save the chart with this key."""
    pictures.buttons(key)


def table(rows: pa.Table, key: str, title: str = "") -> None:
    """Buttons that save the table; a file is made only when it is asked for.

    ``title`` says in the name of the file what the table is.
    """
    name = pictures.name_of(title or pictures.title_of(key), key)
    made = (
        ("CSV", _CSV, "csv", partial(files.csv_file, rows)),
        ("Parquet", _PARQUET, "parquet", partial(files.parquet_file, rows)),
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
    """A button that copies the address, which is the whole state of the page, and completes it.

    A window above the page needs one of its own: it covers that of the page.
    """
    _copy(key=key, data=address.told())
