"""The table that ``make bench`` prints: rows, the machine, JSON and Markdown. Pure.

Nothing is measured here; the parts are in the ``bench_*`` modules.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from results.errors import UsageError
from results.facts import Machine

_COLUMNS = ("what", "bar", "measured", "", "how")
_MOST_WIDTH = 60


@dataclass(frozen=True)
class Row:
    """One number to reach: the bar, what was measured, whether it was reached, and how.

    ``details`` are lines for a reader who doubts the figure: one per model or trial.
    """

    part: str
    what: str
    bar: str
    measured: str
    ok: bool
    how: str
    details: tuple[str, ...] = ()
    measured_at: str = ""

    @property
    def word(self) -> str:
        """``ok`` or ``missed``."""
        return "ok" if self.ok else "missed"


@dataclass(frozen=True)
class Report:
    """The rows measured on one machine; ``quick`` ones prove only that it all runs."""

    machine: str
    quick: bool
    rows: tuple[Row, ...] = ()

    def with_rows(self, rows: Sequence[Row], at: datetime) -> Report:
        """The same with these rows, dated; older rows with the same ``what`` are replaced."""
        dated = [replace(row, measured_at=f"{at:%Y-%m-%d %H:%M} UTC") for row in rows]
        known = {row.what: row for row in (*self.rows, *dated)}
        return replace(self, rows=tuple(known.values()))

    def missed(self, parts: Sequence[str]) -> tuple[Row, ...]:
        """The rows of these parts whose bar was not reached."""
        return tuple(row for row in self.rows if row.part in parts and not row.ok)


def machine_text(machine: Machine, openvino_version: str) -> str:
    """One line about the machine: ``CPU, 2 cores, 2 CPUs, 8 GiB, Debian, OpenVINO 2026.4``."""
    memory = None if machine.memory_mib is None else f"{machine.memory_mib / 1024:.0f} GiB"
    parts = (
        machine.cpu_model,
        None if machine.physical_cores is None else f"{machine.physical_cores} cores",
        None if machine.logical_cpus is None else f"{machine.logical_cpus} CPUs",
        memory,
        machine.hypervisor and f"hypervisor {machine.hypervisor}",
        machine.os_name,
        f"OpenVINO {openvino_version}",
    )
    return ", ".join(part for part in parts if part)


def read_report(path: Path | None, machine: str, *, quick: bool) -> Report:
    """The report in a file, to be completed; an empty one where there is none yet.

    Raises UsageError where the file is of another machine, or quick and this run is not.
    """
    fresh = Report(machine, quick)
    if path is None or not path.exists():
        return fresh
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        rows = tuple(Row(**{**row, "details": tuple(row["details"])}) for row in body["rows"])
        found = Report(body["machine"], body["quick"], rows)
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path} is no report ({error})", hint="give another file") from error
    if (found.machine, found.quick) != (machine, quick):
        raise UsageError(
            f"{path} is of {found.machine}{', quick' if found.quick else ''}",
            hint="give another file: the rows of a report belong together",
        )
    return found


def to_json(report: Report) -> str:
    """The report as JSON, as ``read_report`` reads it."""
    return json.dumps(asdict(report), indent=2, ensure_ascii=False) + "\n"


def to_text(report: Report) -> str:
    """The table for a terminal, the details under it, the machine at the end."""
    cells = [_COLUMNS, *(_cells(row) for row in report.rows)]
    widths = [min(_MOST_WIDTH, max(len(row[place]) for row in cells)) for place in range(5)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]
    for row in (row for row in report.rows if row.details):
        lines += ["", f"{row.what}:", *(f"  {detail}" for detail in row.details)]
    return "\n".join([*lines, "", _signature(report)])


def to_markdown(report: Report) -> str:
    """The table for ``docs/method.md``, with the machine under it."""
    lines = ["| what | bar | measured | | how |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {' | '.join(_escaped(cell) for cell in _cells(row))} |" for row in report.rows]
    return "\n".join([*lines, "", _signature(report)])


def _cells(row: Row) -> tuple[str, ...]:
    return row.what, row.bar, row.measured, row.word, row.how


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def _signature(report: Report) -> str:
    dates = sorted(row.measured_at for row in report.rows)
    when = " to ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else "nothing measured"
    warning = "Quick: tiny parameters, these are no measurements. " if report.quick else ""
    return f"{warning}Measured on {report.machine}; {when}."
