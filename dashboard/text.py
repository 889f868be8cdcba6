"""Text from a store, made safe for where it is shown.

Names of models, devices and layers are data: they must come out as they are, never
as Markdown, as a directive of Streamlit's or as the markup that Plotly knows.
"""

from __future__ import annotations

import html
import re

from results.format import plain

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=^@/])")
_SHORT = 46


def md(text: str) -> str:
    """Text as literal Markdown."""
    return _MARKDOWN.sub(r"\\\1", plain(text))


def chart(text: str) -> str:
    """Text as literal text of a chart, where a few HTML tags would be obeyed."""
    return html.escape(plain(text), quote=False)


def short(text: str, length: int = _SHORT) -> str:
    """Text cut in its middle, so that both ends of a layer's name can be read."""
    if len(text) <= length:
        return text
    head = length // 3
    return f"{text[:head]}\N{HORIZONTAL ELLIPSIS}{text[head + 1 - length :]}"
