"""Text for a terminal: plain tables, headings and lines, and how wide they become.

Names come from models and devices, so they are shown as plain text and never read as
markup. What is shown is decided in ``results.render`` and its neighbours.
"""

from __future__ import annotations

import io

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from results import format as fmt

_PIPE_WIDTH = 100


def new_table(*headings: str) -> Table:
    """A plain table; a heading that starts with ``>`` is that of a column of figures."""
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in headings:
        right = name.startswith(">")
        shown.add_column(
            Text(name.removeprefix(">")), justify="right" if right else "left", no_wrap=right
        )
    return shown


def add_row(shown: Table, *cells: str) -> None:
    """A row of plain text."""
    shown.add_row(*(Text(fmt.plain(cell)) for cell in cells))


def heading(text: str) -> Text:
    """An empty line and a bold one."""
    return Text(f"\n{fmt.plain(text)}", style="bold")


def text_line(text: str, style: str = "") -> Text:
    """A line of plain text."""
    return Text(fmt.plain(text), style=style)


def width() -> int:
    """Columns of the terminal, or 100 without one."""
    seen = Console()
    return seen.width if seen.is_terminal else _PIPE_WIDTH


def to_text(renderable: RenderableType) -> str:
    """What to write to standard output: as wide as the terminal, or 100 columns without one."""
    colours = Console().is_terminal
    text = io.StringIO()
    console = Console(file=text, width=width(), force_terminal=colours, highlight=False)
    console.print(renderable)
    return "\n".join(found.rstrip() for found in text.getvalue().strip("\n").split("\n"))
