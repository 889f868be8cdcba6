"""What the colours of a layer graph say: time, precision, or the ratio to another side.

Of each, the colour of a node, the words that say the same, and its entries in a legend. Blue
and orange stay with faster and slower.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import plotly.graph_objects as go

from dashboard import text, theme
from dashboard.link import Colouring
from results import format as fmt
from results.graph import GraphNode
from results.layer_calls import Call
from results.layer_words import twin_words
from results.neighbourhood import Segment
from results.twin_layers import Twin, joined

COLD, HOT = "#AEB6C1", "#A3195B"
"""From little to much time; no precision, no arm and no verdict has these colours."""
_MARK_PX = 12
_OF_CALLS = MappingProxyType({
    Call.FASTER: theme.BLUE,
    Call.LEANS_FASTER: theme.PALE_BLUE,
    Call.LEANS_SLOWER: theme.PALE_ORANGE,
    Call.SLOWER: theme.ORANGE,
})  # fmt: skip


@dataclass(frozen=True)
class Painter:
    """Colours and words of the nodes of one graph.

    ``twins`` are by place, ``other`` names their side; both count for the ratio alone.
    """

    colouring: Colouring
    twins: Mapping[int, Twin]
    other: str

    def colour(self, node: GraphNode, longest_us: float) -> str:
        """The colour of a node; the hottest is that of ``longest_us``."""
        if self.colouring is Colouring.PRECISION:
            return theme.precision_colour(node.layer.runtime_precision)
        if self.colouring is Colouring.RATIO:
            return _ratio_colour(self.twins.get(node.place))
        return heat(node.layer.time_us, longest_us)

    def words(self, node: GraphNode) -> str:
        """What the colour of an executed node says, in words."""
        time = fmt.us(node.layer.time_us)
        if self.colouring is Colouring.PRECISION:
            return f"{node.layer.runtime_precision}, {time}"
        if self.colouring is Colouring.RATIO:
            twin = self.twins.get(node.place)
            return f"{twin_words(twin) if twin else 'no twin'}, {time}"
        return f"{time}, {fmt.percent(node.share)}"

    def segment_colour(self, segment: Segment, longest_us: float) -> str:
        """The colour of a stretch of layers: of most of its time, or of its layers together."""
        if self.colouring is Colouring.PRECISION:
            return theme.precision_colour(segment.precision)
        if self.colouring is Colouring.RATIO:
            return _ratio_colour(self._joined(segment))
        return heat(segment.time_us, longest_us)

    def segment_words(self, segment: Segment) -> str:
        """What the colour of a stretch says, in words."""
        if self.colouring is Colouring.PRECISION:
            return f"mostly in {segment.precision}"
        if self.colouring is Colouring.RATIO:
            twin = self._joined(segment)
            return f"{twin_words(twin)} against {self.other}" if twin else "no twin"
        return f"{fmt.percent(segment.share)} of the time"

    def entries(self, nodes: Iterable[GraphNode]) -> list[go.Scatter]:
        """What each colour means, as traces of which only the legend shows anything."""
        return [
            go.Scatter(
                name=text.chart(name), x=[None], y=[None], mode="markers",
                marker={"size": _MARK_PX, "symbol": "square", "color": colour},
            )
            for name, colour in self._entries(nodes)
        ]  # fmt: skip

    def _entries(self, nodes: Iterable[GraphNode]) -> list[tuple[str, str]]:
        if self.colouring is Colouring.PRECISION:
            found = dict.fromkeys(node.layer.runtime_precision for node in nodes)
            return [(name, theme.precision_colour(name)) for name in found]
        if self.colouring is Colouring.RATIO:
            return [
                (f"\N{BLACK UP-POINTING TRIANGLE} faster than {self.other}", theme.BLUE),
                ("\N{WHITE UP-POINTING TRIANGLE} leans faster", theme.PALE_BLUE),
                ("? not told apart, or no twin", theme.GREY),
                ("\N{WHITE DOWN-POINTING TRIANGLE} leans slower", theme.PALE_ORANGE),
                ("\N{BLACK DOWN-POINTING TRIANGLE} slower", theme.ORANGE),
            ]
        return [("little time", COLD), ("most time", HOT)]

    def _joined(self, segment: Segment) -> Twin | None:
        return joined(self.twins[place] for place in segment.places if place in self.twins)


def heat(time_us: float, longest_us: float) -> str:
    """From cold to hot, as the time's part of the longest grows."""
    part = min(max(time_us / longest_us, 0.0), 1.0) if longest_us > 0 else 0.0
    mixed = (
        round(cold + (hot - cold) * part)
        for cold, hot in zip(_channels(COLD), _channels(HOT), strict=True)
    )
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _ratio_colour(twin: Twin | None) -> str:
    return _OF_CALLS.get(twin.call, theme.GREY) if twin else theme.GREY
