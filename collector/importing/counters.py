"""Counters reports of ``benchmark_app``: what each layer took, as it was told.

Read are the average, detailed and sorted reports, CSV and JSON, of the Python tool and of
the C++ sample. Times are told in ms (the header says so) and kept in µs. How layers become
facts is decided in ``layers``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from collector.importing.report import read_json
from collector.importing.source_file import Places, SourceFile

_COLUMNS = ("layerName", "execStatus", "layerType", "execType")
_REAL_TIME = re.compile(r"realTime \((ms|us|mcs|µs)\)")
_SORTED_COLUMN = re.compile(r"\s*(proportion \(%\)|%)\s*")
_STATUSES = frozenset({"EXECUTED", "NOT_RUN", "OPTIMIZED_OUT"})
_US_PER_MS = 1000.0
_ROUNDING_US = 1.0
"""Times are told to the µs: a sum of n layers may be off by n of these."""
_TOTAL_ROUNDING_US = 5.0
"""The total of a sorted report is told to a hundredth of a ms."""
_SHARE_OFF = 0.02


class Order(StrEnum):
    """In which order a report gives the layers."""

    EXECUTION = "execution"
    TIME = "time"


@dataclass(frozen=True)
class Counter:
    """A layer with its time per inference in µs; None where it did not run."""

    name: str
    node_type: str
    primitive: str
    time_us: float | None
    line: int


@dataclass(frozen=True)
class Counters:
    """The layers of a report: means over its requests."""

    source: SourceFile
    layers: tuple[Counter, ...]
    order: Order
    requests: int


def read_counters(source: SourceFile) -> Counters:
    """The counters in a file; UsageError with the line at fault where it is not whole."""
    text = source.text.lstrip()
    if text.startswith("{"):
        blocks, order = _json_blocks(source)
    elif text.startswith("layerName,"):
        blocks, order = [_comma_block(source)], Order.TIME
    else:
        blocks, order = _semicolon_blocks(source)
    if not text.startswith("{"):
        source.check_end()
    return Counters(source, _means(source, blocks), order, len(blocks))


def merged(found: Sequence[Counters]) -> Counters | None:
    """One of several counters reports of one run: that which tells most; None for none.

    Detailed reports of single requests become means over all of them. UsageError where two
    are not about the same layers.
    """
    if not found:
        return None
    names = {layer.name for layer in found[0].layers}
    for other in found[1:]:
        for layer in other.layers:
            if layer.time_us is not None and layer.name not in names:
                raise other.source.fault(
                    layer.line,
                    f"layer {layer.name!r} is not in {found[0].source.path.name}",
                    hint="import the files of one run together, and others by themselves",
                )
    in_order = [one for one in found if one.order is Order.EXECUTION] or list(found)
    most = max(one.requests for one in in_order)
    best = [one for one in in_order if one.requests == most]
    layers = _means(best[0].source, [one.layers for one in best])
    return replace(best[0], layers=layers, requests=sum(one.requests for one in best))


def _means(source: SourceFile, blocks: Sequence[Sequence[Counter]]) -> tuple[Counter, ...]:
    """Each layer once, with its mean over the blocks; None where it ran in none of them.

    The tool calls a layer NOT_RUN too that took under 1 µs: where it ran in another block
    that is a time of 0.
    """
    times: dict[str, list[float]] = {}
    ran: set[str] = set()
    first: dict[str, Counter] = {}
    for number, block in enumerate(blocks):
        for layer in block:
            if number and layer.name not in first and layer.time_us is not None:
                raise source.fault(
                    layer.line, f"layer {layer.name!r} is not in the first request of the report"
                )
            first.setdefault(layer.name, layer)
            times.setdefault(layer.name, []).append(layer.time_us or 0.0)
            if layer.time_us is not None:
                ran.add(layer.name)
    if not ran:
        raise source.fault(source.last_line, "no layer was executed")
    return tuple(
        replace(layer, time_us=sum(times[name]) / len(times[name]) if name in ran else None)
        for name, layer in first.items()
    )


def _semicolon_blocks(source: SourceFile) -> tuple[list[list[Counter]], Order]:
    """Blocks of header, layers and Total; layers are told apart from names with a ``;``."""
    blocks: list[list[Counter]] = []
    table: _Table | None = None
    open_block: list[Counter] | None = None
    for number, line in enumerate(source.lines, start=1):
        if line.startswith("layerName;"):
            table, open_block = _header(source, _cut(line), number), []
        elif line.strip() and (table is None or open_block is None):
            raise source.fault(number, f"{line[:60]!r} stands outside a table of layers")
        elif line.strip() and table is not None and open_block is not None:
            values = table.values(_cut(line), number)
            if values[0] == "Total" and not values[1]:
                _check_total(source, open_block, table.time_us(values, number), number)
                blocks.append(open_block)
                open_block = None
            else:
                open_block.append(table.layer(values, number))
    if table is None or open_block is not None:
        raise source.fault(source.last_line, "the report ends before its Total")
    return blocks, Order.TIME if table.is_sorted else Order.EXECUTION


def _cut(line: str) -> list[str]:
    """The values of a line; a C++ report ends each line with a ``;``."""
    return line.removesuffix(";").split(";")


@dataclass(frozen=True)
class _Table:
    """The columns of a table: how many there are, and the unit of their times."""

    source: SourceFile
    columns: int
    us_per_unit: float
    is_sorted: bool

    def values(self, values: list[str], line: int) -> list[str]:
        """One value for each column; what is too many belongs to the layer's name."""
        if len(values) < self.columns:
            raise self.source.fault(line, f"{len(values)} values in place of {self.columns}")
        extra = len(values) - self.columns
        return [";".join(values[: extra + 1]), *values[extra + 1 :]]

    def time_us(self, values: Sequence[str], line: int) -> float:
        """The real time of a layer or of all."""
        return self.source.number(values[4], line, "realTime") * self.us_per_unit

    def layer(self, values: Sequence[str], line: int) -> Counter:
        """The layer of a line."""
        time_us = self.time_us(values, line)
        ran = _ran(self.source, values[1], line)
        return Counter(values[0], values[2], values[3], time_us if ran else None, line)


def _header(source: SourceFile, names: Sequence[str], line: int) -> _Table:
    unit = _REAL_TIME.fullmatch(names[4].strip()) if len(names) > 5 else None
    if tuple(names[:4]) != _COLUMNS or unit is None:
        wanted = ", ".join((*_COLUMNS, "realTime (ms)", "cpuTime (ms)"))
        raise source.fault(line, f"the columns are not {wanted}")
    is_sorted = len(names) > 6 and _SORTED_COLUMN.fullmatch(names[6]) is not None
    return _Table(source, len(names), _US_PER_MS if unit[1] == "ms" else 1.0, is_sorted)


def _ran(source: SourceFile, status: str, line: int) -> bool:
    """Whether a layer ran: ``EXECUTED`` in C++, ``Status.EXECUTED`` in Python."""
    word = status.strip().removeprefix("Status.")
    if word not in _STATUSES:
        raise source.fault(line, f"execStatus is {status[:60]!r}, not {', '.join(_STATUSES)}")
    return word == "EXECUTED"


def _check_total(
    source: SourceFile,
    layers: Sequence[Counter],
    total_us: float,
    line: int,
    *,
    rounding_us: float = 0.0,
) -> None:
    """A file from whose middle lines are missing does not add up."""
    added_us = sum(layer.time_us or 0.0 for layer in layers)
    allowed_us = rounding_us + _ROUNDING_US * len(layers) + _SHARE_OFF * max(total_us, added_us)
    if abs(added_us - total_us) > allowed_us:
        raise source.fault(
            line,
            f"the Total is {total_us / _US_PER_MS:.3f} ms, the layers add up to"
            f" {added_us / _US_PER_MS:.3f} ms",
        )


def _comma_block(source: SourceFile) -> list[Counter]:
    """The sorted report of the Python tool: the last name in its header holds a line break."""
    reader = csv.reader(io.StringIO(source.text), strict=True)
    layers: list[Counter] = []
    table: _Table | None = None
    totals: dict[str, float] = {}
    try:
        for values in reader:
            line = reader.line_num
            if table is None:
                table = _header(source, values, line)
            elif len(values) == 1 and values[0].startswith("Total"):
                name, _, amount = values[0].partition(":")
                totals[name] = source.number(amount.split("millis")[0], line, name) * _US_PER_MS
            elif values:
                layers.append(table.layer(table.values(values, line), line))
    except csv.Error as error:
        raise source.fault(reader.line_num, f"this is no CSV ({error})") from error
    if "Total CPU time" not in totals or "Total time" not in totals:
        raise source.fault(source.last_line, "the report ends before its Total")
    line = source.line_of("Total time")
    _check_total(source, layers, totals["Total time"], line, rounding_us=_TOTAL_ROUNDING_US)
    return layers


def _json_blocks(source: SourceFile) -> tuple[list[list[Counter]], Order]:
    body = read_json(source)
    if "avg_performance" in body:
        bodies = [body["avg_performance"]]
    else:
        bodies = body["detailed_performance"]
    if not isinstance(bodies, list) or not bodies:
        raise source.fault(source.line_of("_performance"), "there is no list of requests")
    names, totals = Places(source), Places(source)
    blocks = [list(_json_layers(source, one, names, totals)) for one in bodies]
    if body.get("report_type") == "average" and len(blocks[0]) == 1:
        raise source.fault(
            source.line_of('"name"'),
            "only the first layer is here: the Python benchmark_app writes no more with"
            " -json_stats and average_counters",
            hint="import its CSV, or the detailed report",
        )
    is_sorted = body.get("report_type") == "sorted" or '"%"' in source.text
    return blocks, Order.TIME if is_sorted else Order.EXECUTION


def _json_layers(
    source: SourceFile, body: object, names: Places, totals: Places
) -> Iterator[Counter]:
    """The layers of one request; JSON tells ms, as numbers or as texts.

    ``names`` and ``totals`` stand behind the request before: names come again in each.
    """
    line = names.line_of('"nodes"')
    if not isinstance(body, dict) or not isinstance(body.get("nodes"), list):
        raise source.fault(line, "a request has no list of nodes")
    layers = []
    for node in body["nodes"]:
        if not isinstance(node, dict) or not isinstance(node.get("name"), str):
            raise source.fault(line, f"{str(node)[:60]} is no layer")
        line = names.line_of('"name"')
        missing = [key for key in ("status", "node_type", "exec_type", "real_time")
                   if key not in node]  # fmt: skip
        if missing:
            raise source.fault(line, f"layer {node['name']!r} has no {missing[0]}")
        time_us = source.number(node["real_time"], line, "real_time") * _US_PER_MS
        ran = _ran(source, str(node["status"]), line)
        kernel = str(node["node_type"]), str(node["exec_type"])
        layers.append(Counter(node["name"], *kernel, time_us if ran else None, line))
    if "total_real_time" in body:
        line = totals.line_of('"total_real_time"')
        total_us = source.number(body["total_real_time"], line, "total_real_time") * _US_PER_MS
        _check_total(source, layers, total_us, line)
    yield from layers
