"""Text from a store, made safe for where it is shown.

Names of models, devices and layers are data: they must come out as they are, never
as Markdown, as a directive of Streamlit's or as the markup that Plotly knows.
"""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Iterable

from results.format import plain

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=^@/])")
_SHORT = 46
_TITLE = 44


def md(text: str) -> str:
    """Text as literal Markdown."""
    return _MARKDOWN.sub(r"\\\1", plain(text))


def coded(text: str) -> str:
    """Text as literal Markdown, but for what stands between backticks: that is code."""
    parts = text.split("`")
    return "".join(f"`{plain(part)}`" if i % 2 else md(part) for i, part in enumerate(parts))


def lines(text: str) -> str:
    """Text of several lines without any other control character, for a block of code."""
    return "\n".join(plain(line) for line in text.splitlines())


def chart(text: str) -> str:
    """Text as literal text of a chart, where a few HTML tags would be obeyed."""
    return html.escape(plain(text), quote=False)


def title(text: str) -> str:
    """Text as a bold title of a chart's panel, in lines that a narrow panel has room for."""
    return "<br>".join(f"<b>{chart(line)}</b>" for line in _title_lines(text))


def _title_lines(text: str) -> list[str]:
    """Broken after commas, and inside of what is too long by itself."""
    found = [""]
    for part in plain(text).split(", "):
        joined = f"{found[-1]}, {part}" if found[-1] else part
        if len(joined) <= _TITLE:
            found[-1] = joined
        else:
            found += textwrap.wrap(part, _TITLE)
    return [line for line in found if line] or [""]


def title_lines(texts: Iterable[str]) -> int:
    """The most lines that any of these titles takes."""
    return max((len(_title_lines(text)) for text in texts), default=1)


def short(text: str, length: int = _SHORT) -> str:
    """Text cut in its middle, so that both ends of a layer's name can be read."""
    if len(text) <= length:
        return text
    head = length // 3
    return f"{text[:head]}\N{HORIZONTAL ELLIPSIS}{text[head + 1 - length :]}"
