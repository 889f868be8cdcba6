"""Measured peaks for people: each as it was measured, then what they come to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from collector.peaks import MeasuredPeaks
from results import format as fmt
from results.cautions import show
from results.facts import Peak
from results.isa import best_isa, ceiling
from results.kinds import is_int8
from results.roof import Peaks
from results.roofline import BANDWIDTH, FLOPS, peak_flops, ridge

_COLUMNS = ("operation", "asked for", "ran in", "kernel", "reads and writes", "peak")
_SUMMARY = ("precision", "GFLOP/s", "over f32", "instruction set", "ridge (FLOP/byte)")
_UNITS = {FLOPS: "GFLOP/s", BANDWIDTH: "GB/s"}


def as_peaks(found: MeasuredPeaks) -> Peaks:
    """What was measured, as a store would give it back."""
    cores = found.machine.physical_cores
    threads = [row.threads for row in found.rows if row.threads is not None]
    whole = cores is not None and bool(threads) and min(threads) >= cores
    device_id = found.device.device_id
    return Peaks(device_id, found.run_id, found.runtime.version, found.rows, whole)


def peaks_text(found: MeasuredPeaks) -> str:
    """All peaks, the ratios to f32 beside the instruction set's, and what went wrong."""
    lines = [
        _title(found),
        "",
        *_table([_COLUMNS, *map(_row, found.rows)]),
        "",
        *_table([_SUMMARY, *_summary(found)]),
        *_wrong(found),
    ]
    return "\n".join(map(fmt.plain, lines))


def peaks_json(found: MeasuredPeaks) -> str:
    """The same for machines; the ridges are in FLOP per byte from memory."""
    peaks = as_peaks(found)
    body = {
        "run_id": found.run_id,
        "device": asdict(found.device),
        "runtime": asdict(found.runtime),
        "peaks": [asdict(row) for row in found.rows],
        "ridge": {precision: ridge(peaks, told) for precision, told in _ran_in(found).items()},
        "unmeasured": [asdict(one) for one in found.unmeasured],
        "cautions": [asdict(caution) for caution in found.cautions],
    }
    return json.dumps(body, indent=1, default=str)


def _ran_in(found: MeasuredPeaks) -> dict[str, str]:
    """The precisions that something ran in, each with one of its names in OpenVINO."""
    ran = [row.executed_precision for row in found.rows if row.kind == FLOPS]
    return {"int8" if is_int8(name) else name: name for name in ran}


def _title(found: MeasuredPeaks) -> str:
    first = found.rows[0]
    threads = "threads unknown" if first.threads is None else fmt.counted(first.threads, "thread")
    where = f"on CPUs {first.pinned_to}" if first.pinned_to != "unpinned" else "unpinned"
    runtime = f"OpenVINO {found.runtime.version}"
    return f"Peaks of {found.device.title}, {runtime}, {threads}, {where}"


def _row(row: Peak) -> tuple[str, ...]:
    size = fmt.file_size(row.working_set_bytes)
    rate = f"{fmt.number(row.value)} {_UNITS[row.kind]}"
    return row.operation, row.precision, row.executed_precision, row.primitive, size, rate


def _summary(found: MeasuredPeaks) -> Iterator[tuple[str, ...]]:
    """A row for each precision that something ran in."""
    peaks = as_peaks(found)
    f32 = peak_flops(peaks, "f32")
    for precision, told in _ran_in(found).items():
        flops, edge = peak_flops(peaks, told), ridge(peaks, told)
        rate = fmt.UNKNOWN if flops is None else fmt.number(flops / 1e9)
        ratio = fmt.speedup(flops / f32) if flops and f32 else fmt.UNKNOWN
        limit = fmt.UNKNOWN if edge is None else fmt.number(edge)
        yield precision, rate, ratio, _theory(found, precision), limit


def _theory(found: MeasuredPeaks, precision: str) -> str:
    """What the instruction set allows INT8 over f32; nothing is claimed of other precisions."""
    if precision != "int8" or found.device.ov_device != "CPU":
        return ""
    flags, cap = found.machine.isa_flags, found.device.isa_cap
    isa, top = best_isa(flags, cap), ceiling(flags, cap, "f32")
    if isa is None or top is None:
        return fmt.UNKNOWN
    most = f"{top.low:g}x" if top.low == top.high else f"{top.low:g}x to {top.high:g}x"
    return f"at most {most} ({isa})"


def _wrong(found: MeasuredPeaks) -> Iterator[str]:
    """What gave no peak, what ran in another precision, and what disturbed it."""
    lines = [
        *(f"{one.what} gave no peak: {one.reason}" for one in found.unmeasured),
        *(
            f"{row.operation} was asked for in {row.precision}, but ran in"
            f" {row.executed_precision}: it says nothing about {row.precision}"
            for row in found.rows
            if row.kind == FLOPS and not _as_asked(row)
        ),
        *(show(caution).message for caution in found.cautions),
    ]
    if lines:
        yield ""
        yield "What to know of these figures"
        yield from (f"  - {line}" for line in lines)


def _as_asked(row: Peak) -> bool:
    if row.precision == "int8":
        return is_int8(row.executed_precision)
    return row.executed_precision == row.precision


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(cells)}".rstrip()
