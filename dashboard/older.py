"""What is said of a result that is older than its arm's latest run, because that one failed.

One wording for cards, tables and notes; which arms it holds for is decided in ``results``.
"""

from __future__ import annotations

from dashboard import theme

OLDER = f"{theme.FAILED.sign} {theme.FAILED.word} in its latest run; older result shown"
"""In words of its own."""
MARK = f"({theme.FAILED.sign} older)"
"""Behind a verdict in a cell of a table; the reason stands in the same row."""


def why(reason: str) -> str:
    """That it is older, and why the latest run gave nothing."""
    return f"{OLDER}: {reason}"
