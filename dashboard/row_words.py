"""Words for a layer of a comparison that its row, its bar and its window share."""

from __future__ import annotations

from results.class_words import CLASS_WORDS
from results.layer_rows import LayerRow

_LEVEL = "same time in INT8"


def class_words(row: LayerRow) -> str:
    """The class of a layer; neutral where its difference would read 0.0."""
    return _LEVEL if row.is_level else CLASS_WORDS[row.layer_class]
