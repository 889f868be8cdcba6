"""The tables of the page Devices as Arrow, with the unit in each column's name.

Picks and names columns; figures come from ``results.devices`` and ``results.isa_gains``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from dashboard import older, theme
from dashboard.tables import filled, table
from results import format as fmt
from results.comparison import Verdict
from results.cpu_names import plain_cpu
from results.devices import DeviceRow, TimedArm
from results.isa_gains import UNKNOWN_ISA, IsaGain

DEVICES = (
    "Device", "Host", "Verdict", "Speed-up (x)", "95 % low (x)", "95 % high (x)", "INT8 (ms)",
    "INT8 95 % low (ms)", "INT8 95 % high (ms)", "Float (ms)", "Float 95 % low (ms)",
    "Float 95 % high (ms)", "INT8 (1/s)", "Float (1/s)", "Instruction set", "Capped to",
    "Ceiling (x)", "Float ran in", "CPU", "Cores", "Logical CPUs", "Memory (MiB)", "Governor",
    "Hypervisor", "OpenVINO", "INT8 arm", "Float arm", "INT8 peak (GFLOP/s)",
    "f32 peak (GFLOP/s)", "Memory bandwidth (GB/s)", "Of the INT8 peak (%)", "Certified",
    "Cautions", "Blocks", "Reason",
)  # fmt: skip
_PERHAPS = frozenset({
    "INT8 (1/s)", "Float (1/s)", "Capped to", "Hypervisor", "INT8 peak (GFLOP/s)",
    "f32 peak (GFLOP/s)", "Memory bandwidth (GB/s)", "Of the INT8 peak (%)", "Reason",
})  # fmt: skip
"""Columns that are left out where no row has anything in them."""
_PEAK_DIGITS = 1


def devices(rows: Sequence[DeviceRow]) -> pa.Table:
    """A row for each device, in their order; what is not known stays empty."""
    found = table((_device_row(row) for row in rows), DEVICES)
    telling = set(filled(found).column_names)
    return found.select([x for x in DEVICES if x in telling or x not in _PERHAPS])


def _device_row(row: DeviceRow) -> dict[str, object]:
    estimate = row.verdict.estimate if row.verdict else None
    low, high = estimate.speedup_bounds if estimate else (None, None)
    facts, peaks = row.facts, row.peaks
    return {
        "Device": plain_cpu(row.facts.title), "Verdict": verdict_words(row),
        "Speed-up (x)": estimate.speedup if estimate else None,
        "95 % low (x)": low, "95 % high (x)": high,
        **_arm_columns("INT8", row.int8), **_arm_columns("Float", row.floating),
        "Instruction set": facts.isa.value if facts.isa else UNKNOWN_ISA,
        "Capped to": facts.isa_cap,
        "Ceiling (x)": row.ceiling.high if row.ceiling else None,
        "Float ran in": row.float_precision or fmt.UNKNOWN,
        "CPU": facts.cpu, "Cores": facts.physical_cores, "Logical CPUs": facts.logical_cpus,
        "Memory (MiB)": facts.memory_mib, "Governor": facts.governor or fmt.UNKNOWN,
        "Hypervisor": facts.hypervisor, "Host": facts.hostname, "OpenVINO": row.row.runtime,
        "INT8 arm": row.int8.cell.arm if row.int8 else None,
        "Float arm": row.floating.cell.arm if row.floating else None,
        "INT8 peak (GFLOP/s)": _rounded(peaks.int8_gflops if peaks else None),
        "f32 peak (GFLOP/s)": _rounded(peaks.f32_gflops if peaks else None),
        "Memory bandwidth (GB/s)": _rounded(peaks.memory_gbs if peaks else None),
        "Of the INT8 peak (%)": None if row.share_of_peak is None else 100.0 * row.share_of_peak,
        "Certified": certified_words(row),
        "Cautions": len(row.verdict.cautions) if row.verdict else None,
        "Blocks": estimate.blocks if estimate else None,
        "Reason": _reason(row),
    }  # fmt: skip


def _reason(row: DeviceRow) -> str | None:
    """Why there is no verdict, or why it is an older one."""
    if row.verdict is None:
        return row.reason
    told = [
        f"{arm.cell.arm}: {older.why(arm.error or fmt.UNKNOWN) if arm.is_older else arm.error}"
        for arm in row.failed
    ]
    return "; ".join(told) or None


def _arm_columns(name: str, arm: TimedArm | None) -> dict[str, object]:
    time_ms = arm.time.time_ms if arm else None
    low, high = (arm.time.bounds_ms if arm else None) or (None, None)
    driven = arm is not None and arm.cell.is_throughput
    return {
        f"{name} (ms)": time_ms,
        f"{name} 95 % low (ms)": low,
        f"{name} 95 % high (ms)": high,
        f"{name} (1/s)": fmt.per_second(time_ms) if driven else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _PEAK_DIGITS)


def verdict_words(row: DeviceRow) -> str:
    """Sign and word of a verdict, ``!`` with cautions, marked if it is older than a failure.

    Without a verdict that it failed or is not there.
    """
    if row.verdict is None:
        failed = f"{theme.FAILED.sign} {theme.FAILED.word}"
        return failed if row.has_failed else "no verdict"
    look = theme.LOOKS[row.verdict.estimate.verdict]
    mark = f" {older.MARK}" if row.is_older else ""
    return f"{look.sign} {look.word}{' !' if row.verdict.cautions else ''}{mark}"


def certified_words(row: DeviceRow) -> str:
    """Whether the verdicts of the device are certified, in a sign and a word."""
    if row.certified is None:
        return fmt.UNKNOWN
    return "\N{CHECK MARK} yes" if row.certified else "no"


_GAIN, _LOSE, _SAME, _OPEN = (
    f"{verdict.sign} {word}"
    for verdict, word in (
        (Verdict.FASTER, "Gain"), (Verdict.SLOWER, "Lose"),
        (Verdict.EQUIVALENT, "No difference"), (Verdict.INCONCLUSIVE, "Not decided"),
    )
)  # fmt: skip
KINDS = _GAIN, _LOSE, _SAME, _OPEN
"""What is counted of an instruction set, each with the sign of its verdict."""
ISAS = ("Instruction set", "Devices", "Of them capped", "Median speed-up (x)", "Lowest (x)",
        "Highest (x)", *KINDS, "Ceiling of one layer", "Published (x)",
        "Published against", "Published for", "Source")  # fmt: skip
_PUBLISHED = frozenset({"Published (x)", "Published against", "Published for", "Source"})


def isas(gains: Sequence[IsaGain]) -> pa.Table:
    """A row for each instruction set; what was published where anything was."""
    told = any(gain.published for gain in gains)
    columns = [name for name in ISAS if told or name not in _PUBLISHED]
    return table((_isa_row(gain) for gain in gains), columns)


def _isa_row(gain: IsaGain) -> dict[str, object]:
    published = gain.published
    return {
        "Instruction set": gain.name, "Devices": gain.devices, "Of them capped": gain.capped,
        "Median speed-up (x)": gain.middle,
        "Lowest (x)": gain.speedups[-1] if gain.judged else None,
        "Highest (x)": gain.speedups[0] if gain.judged else None,
        _GAIN: gain.counted(Verdict.FASTER), _LOSE: gain.counted(Verdict.SLOWER),
        _SAME: gain.counted(Verdict.EQUIVALENT), _OPEN: gain.counted(Verdict.INCONCLUSIVE),
        "Ceiling of one layer": ", ".join(one.words for one in gain.ceilings) or fmt.DASH,
        "Published (x)": published.speedup if published else None,
        "Published against": published.baseline if published else None,
        "Published for": published.sentence if published else None,
        "Source": "; ".join(published.sources) if published else None,
    }  # fmt: skip
