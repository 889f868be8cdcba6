"""What the page Layers says first of a cell, and of the layer that it opens.

Words and picked numbers; what they rest on is counted elsewhere. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pyarrow as pa

from results import format as fmt
from results.graph import ExecGraph, GraphNode
from results.headline import Figure, Headline
from results.kinds import is_int8
from results.layer_calls import Call
from results.precision_steps import PrecisionStep
from results.roof import GroupRoof
from results.stats import mean_of, t_quantile, variance_of
from results.twin_layers import Twin

NO_LAYERS = "No layer of this cell was profiled."
_FEWEST = 2
_CALL_SIGNS = MappingProxyType({
    Call.FASTER: "\N{BLACK UP-POINTING TRIANGLE}",
    Call.LEANS_FASTER: "\N{WHITE UP-POINTING TRIANGLE}",
    Call.LEANS_SLOWER: "\N{WHITE DOWN-POINTING TRIANGLE}",
    Call.SLOWER: "\N{BLACK DOWN-POINTING TRIANGLE}",
})  # fmt: skip


def cell_headline(
    kernels: pa.Table,
    graph: ExecGraph,
    roofs: Mapping[int, GroupRoof] | None = None,
    *,
    pace: float = 1.0,
) -> Headline:
    """Where a cell's executed time goes: the kernel that takes most, and four numbers.

    ``kernels`` is ``queries.kernel_rollup``; its times and those of the graph are divided by
    ``pace`` (``results.pace``) already. The last number is the share of the roof where the
    device's peaks were measured, else the costliest layer.
    """
    rows = kernels.to_pylist()
    if not rows:
        return Headline(NO_LAYERS, ())
    top = rows[0]
    total_us = math.fsum(row["time_us"] or 0.0 for row in rows)
    noun = _noun(top["node_types"], top["layers"])
    sentence = (
        f"{fmt.percent(top['time_share'])} of the {fmt.ms(total_us / 1000.0)} that the layers "
        f"take is in {noun} that {_run(top['layers'])} as {top['primitive']}."
    )
    return Headline(sentence, _figures(rows, total_us, graph, roofs or {}, pace))


def pace_words(pace: float) -> str:
    """At whose pace the times of layers are told."""
    return "counters on" if pace == 1.0 else "at the headline's pace"


def method_words(pace: float) -> str:
    """Where the times of layers come from, and what they were divided by."""
    slower = (
        "Those launches took"
        f" {fmt.number(pace)} times as long as the headline's, which are others and without"
        " counters: every time is divided by that."
    )
    as_read = "Headline times come from other launches, without counters."
    return (
        "Times are those of one inference, in throughput of one stream's; they come from profile "
        "launches with counters on, the median of the launches; their sum is not the latency. "
        f"{as_read if pace == 1.0 else slower}"
    )


def _noun(types: Sequence[str], layers: float) -> str:
    """``12 Convolution layers``; several types are told as layers of that many types."""
    if len(types) == 1:
        return fmt.counted(layers, f"{types[0]} layer")
    return f"{fmt.counted(layers, 'layer')} of {len(types)} types"


def _run(layers: float) -> str:
    return "runs" if layers == 1 else "run"


def _figures(
    rows: Sequence[Mapping[str, float]],
    total_us: float,
    graph: ExecGraph,
    roofs: Mapping[int, GroupRoof],
    pace: float,
) -> tuple[Figure, ...]:
    layers = sum(row["layers"] for row in rows)
    in_int8 = [row for row in rows if is_int8(str(row["runtime_precision"]))]
    int8_us = math.fsum(row["time_us"] or 0.0 for row in in_int8)
    int8_layers = sum(row["layers"] for row in in_int8)
    return (
        Figure("Sum of the layers", fmt.us(total_us),
               f"{fmt.counted(layers, 'layer')}, {pace_words(pace)}"),
        Figure("In INT8", fmt.percent(int8_us / total_us if total_us else None),
               f"of the time, {fmt.counted(int8_layers, 'layer')}"),
        _inserted_figure(graph),
        _roof_figure(graph, roofs) or _costliest_figure(graph),
    )  # fmt: skip


def _inserted_figure(graph: ExecGraph) -> Figure:
    spent_us = math.fsum(node.layer.time_us for node in graph.inserted)
    share = math.fsum(node.share for node in graph.inserted)
    return Figure(
        "Inserted layers", fmt.count(len(graph.inserted)),
        f"{fmt.us(spent_us)}, {fmt.percent(share)} of the time",
    )  # fmt: skip


def _costliest_figure(graph: ExecGraph) -> Figure:
    node = max(graph.executed, key=lambda one: one.layer.time_us)
    return Figure("Costliest layer", fmt.us(node.layer.time_us),
                  f"{node.layer.name}, {fmt.percent(node.share)} of the time")  # fmt: skip


def _roof_figure(graph: ExecGraph, roofs: Mapping[int, GroupRoof]) -> Figure | None:
    """The mean share of the roof, each layer by its time; None where no peak tells it."""
    told = [
        (graph.nodes[place], roof.candidate_share)
        for place, roof in roofs.items()
        if roof.candidate_share is not None
    ]
    weight_us = math.fsum(node.layer.time_us for node, _ in told)
    if not weight_us:
        return None
    mean = math.fsum(node.layer.time_us * share for node, share in told) / weight_us
    covered = math.fsum(node.share for node, _ in told)
    note = f"mean of {fmt.counted(len(told), 'layer')}, {fmt.percent(covered)} of the time"
    return Figure("Share of the roof", fmt.percent(mean), note)


def order_words(graph: ExecGraph, node: GraphNode) -> str:
    """Where a layer stands among those that run, and its number in the compiled graph."""
    listed = f"# {fmt.count(node.layer.node_index)} of the compiled graph"
    if not node.executed:
        return listed
    place = sum(one.place <= node.place for one in graph.executed)
    every = fmt.counted(len(graph.executed), "layer")
    return f"number {fmt.count(place)} of {every} in the order of execution, {listed}"


def time_interval(times_us: Sequence[float], shown_us: float) -> tuple[float, float] | None:
    """The 95 % interval of a layer's time over its profile launches, in µs.

    Mean ± t·s/√n with n-1 degrees of freedom, not below 0, widened to hold the median that is
    shown; None with fewer than two launches. The launch is the unit, as in
    ``results.layer_stats``.
    """
    count = len(times_us)
    if count < _FEWEST:
        return None
    half_us = t_quantile(count - 1) * math.sqrt(variance_of(times_us) / count)
    mean_us = mean_of(times_us)
    return max(0.0, min(mean_us - half_us, shown_us)), max(mean_us + half_us, shown_us)


def node_figures(
    node: GraphNode,
    times_us: Sequence[float],
    twin: Twin | None,
    other_arm: str,
    roof: GroupRoof | None,
    *,
    measured: bool = True,
) -> tuple[Figure, ...]:
    """The numbers of an opened layer: time, share, against the other side, share of the roof.

    ``measured`` is False for what others told: nobody knows of how many launches.
    """
    found = [
        Figure("Time", fmt.us(node.layer.time_us) if node.executed else str(node.role),
               _interval_words(node, times_us, measured=measured)),
        Figure("Share", fmt.percent(node.share), "of the sum of the layers"),
    ]  # fmt: skip
    if twin is not None:
        found.append(Figure(f"Against {other_arm}", twin_words(twin), _twin_note(twin)))
    if roof is not None and roof.candidate_share is not None:
        limit = "limited by memory" if roof.memory_bound else "limited by computing"
        found.append(Figure("Share of its roof", fmt.percent(roof.candidate_share), limit))
    return tuple(found)


def _interval_words(node: GraphNode, times_us: Sequence[float], *, measured: bool) -> str:
    if not node.executed:
        return "no time of its own"
    if not measured:
        return "per inference, as the source tells it"
    launches = fmt.counted(len(times_us), "profile launch")
    found = time_interval(times_us, node.layer.time_us)
    if found is None:
        return f"per inference, {launches}"
    return f"95 %: {fmt.number(found[0])} to {fmt.us(found[1])}, {launches}"


def twin_words(twin: Twin) -> str:
    """A layer's speed-up with the sign of its call: ``▲ 1.80x``, ``? 1.01x`` if not told apart."""
    return f"{_CALL_SIGNS.get(twin.call, '?')} {fmt.speedup(twin.speedup)}"


def _twin_note(twin: Twin) -> str:
    grouped = "" if len(twin.own) == 1 else f", with {fmt.counted(len(twin.own) - 1, 'layer')} more"
    times = f"{fmt.us(twin.own_us)} against {fmt.us(twin.other_us)} at the headline's pace"
    return f"{twin.call}: {times}{grouped}"


def steps_sentence(steps: Sequence[PrecisionStep]) -> str:
    """How often the precision changes on the way, and what that takes."""
    changing = [step for step in steps if step.changes]
    if not changing:
        return "Data stays in one precision from layer to layer."
    ways, everywhere = sum(step.ways for step in changing), sum(step.ways for step in steps)
    inserted = sum(step.inserted for step in changing)
    spent_us = math.fsum(step.time_us for step in changing)
    share = math.fsum(step.share for step in changing)
    return (
        f"The precision changes on {fmt.count(ways)} of {fmt.counted(everywhere, 'way')} from "
        f"layer to layer; {fmt.counted(inserted, 'inserted layer')} on them "
        f"{'takes' if inserted == 1 else 'take'} {fmt.us(spent_us)}, {fmt.percent(share)} of "
        "the time."
    )
