"""What the parts of a waterfall are called, on pages, in the terminal and in sentences.

A part is a sum of times that were measured, and its name says no more: whether a single layer
in it became faster is ``results.layer_calls``' to say. The keys in JSON are those of
``GroupClass``, and stay.
"""

from __future__ import annotations

from types import MappingProxyType

from results.comparison import GroupClass

CLASS_WORDS = MappingProxyType({
    GroupClass.INT8_FASTER: "less time in INT8",
    GroupClass.INT8_SLOWER: "more time in INT8",
    GroupClass.LEFT_IN_FLOAT: "stayed in float",
    GroupClass.FUSION_CHANGED: "fused differently",
    GroupClass.PRECISION_CHANGED: "another precision",
    GroupClass.SAME_PRECISION: "same precision",
    GroupClass.CONVERTED_ON_BOTH: "converted on both",
    GroupClass.INSERTED: "inserted",
    GroupClass.REMOVED: "removed",
    GroupClass.UNMATCHED: "unmatched",
})  # fmt: skip
UNATTRIBUTED = "unattributed"
WALL = "wall-clock difference"

IN_SENTENCES = MappingProxyType({
    GroupClass.INT8_FASTER: "layers that take less time in INT8",
    GroupClass.INT8_SLOWER: "layers that take more time in INT8",
    GroupClass.LEFT_IN_FLOAT: "layers that stayed in float",
    GroupClass.FUSION_CHANGED: "layers that are fused differently",
    GroupClass.PRECISION_CHANGED: "layers that run in another precision",
    GroupClass.SAME_PRECISION: "layers that run in the same precision",
    GroupClass.UNMATCHED: "layers without a partner",
    GroupClass.CONVERTED_ON_BOTH: "conversions that both have",
})  # fmt: skip
"""What is inserted or removed is told by its types instead (``results.sentence_where``)."""

HOW_UNCHANGED = (
    "Layers that stayed in float can take another time too: what comes in may have another "
    "layout, the caches other contents, the clock another rate"
)


def class_words(group_class: GroupClass) -> str:
    """What a part of the waterfall is called."""
    return CLASS_WORDS[group_class]
