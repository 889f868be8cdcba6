"""Words for a layer of a comparison that its row, its bar and its window share."""

from __future__ import annotations

from dashboard import theme
from results.layer_rows import LayerRow

_LEVEL = "as fast in INT8"


def class_words(row: LayerRow) -> str:
    """The class of a layer; neutral where its difference would read 0.0."""
    return _LEVEL if row.is_level else theme.CLASS_WORDS[row.layer_class]
