"""The report of ``benchmark_app`` (``benchmark_report.csv`` or ``.json``), as it was told.

Both dialects are read: that of the Python tool and that of the C++ sample (a ``;`` at the
end of every line, numbers in JSON, other names). Layers are read in ``counters``; what the
report means for a cell is decided in ``telling``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collector.importing.source_file import Places, SourceFile

_OPTIONS, _SETUP, _RESULTS = "options", "setup", "results"
_SECTIONS = {
    "Command line parameters": _OPTIONS,
    "Configuration setup": _SETUP,
    "Execution results": _RESULTS,
    "Group Latencies": "groups",
}
_JSON_SECTIONS = {
    "cmd_options": _OPTIONS,
    "configuration_setup": _SETUP,
    "execution_results": _RESULTS,
}
_LONG_OPTIONS = {
    "path_to_model": "m", "model": "m", "target_device": "d", "perf_hint": "hint",
    "api_type": "api", "number_streams": "nstreams", "num_streams": "nstreams",
    "number_threads": "nthreads", "num_threads": "nthreads", "perf_counts": "pc",
    "number_infer_requests": "nireq", "num_infer_requests": "nireq",
}  # fmt: skip
_PERCENTILE = re.compile(r"latency \((\d+) percentile\)")
_UNIT = re.compile(r"\(ms\)")
_OFF = {"0", "false", "no", "off"}


@dataclass(frozen=True)
class Report:
    """What a report tells; None where it does not. Times are in ms.

    A time of 0 is below what the tool prints, and None too.

    ``percentile`` is which one ``latency_ms`` is, 50 for the median. ``options`` are those of
    its command line, by their short names. ``error`` is why the tool gave up, if it did.
    """

    source: SourceFile
    options: Mapping[str, str]
    topology: str | None
    device: str | None
    api: str | None
    batch: int | None
    requests: int | None
    read_ms: float | None
    compile_ms: float | None
    first_inference_ms: float | None
    iterations: int | None
    latency_ms: float | None
    percentile: int
    mean_ms: float | None
    min_ms: float | None
    max_ms: float | None
    throughput_fps: float | None
    error: str | None

    @property
    def counters_on(self) -> bool:
        """Whether the layers were timed while the latency was taken."""
        if "pc" in self.options:
            return self.options["pc"].lower() not in _OFF
        counted = self.options.get("report_type", "") not in {"", "no_counters"}
        # no_sort too: it says how the layers are printed, and the tool has timed them then
        return counted or any(self.options.get(name) for name in ("exec_graph_path", "pcsort"))


@dataclass(frozen=True)
class _Row:
    """A name with its value, and where it stands."""

    name: str
    value: object
    line: int


_Rows = dict[str, list[_Row]]


def read_report(source: SourceFile) -> Report:
    """The report in a file; UsageError with the line at fault where it is none or not whole."""
    is_json = source.text.lstrip().startswith("{")
    rows = _json_rows(source) if is_json else _csv_rows(source)
    setup, results = _Told(source, rows[_SETUP]), _Told(source, rows[_RESULTS])
    report = _report(source, _options(rows[_OPTIONS]), setup, results)
    if report.throughput_fps is None and report.error is None:
        told = results.row("throughput")
        if told is not None:
            raise source.fault(told.line, "the throughput is 0: nothing was measured")
        raise source.fault(source.last_line, "the report ends before its throughput")
    if not is_json and report.error is None:
        source.check_end()
    return report


def _report(source: SourceFile, options: Mapping[str, str], setup: _Told, results: _Told) -> Report:
    latency_ms, percentile = _latency(results)
    return Report(
        source=source,
        options=options,
        topology=setup.text("topology"),
        device=setup.text("target device") or options.get("d"),
        api=setup.text("api") or options.get("api"),
        batch=setup.whole("batch size") or _whole(options.get("b")),
        requests=setup.whole("number of parallel infer requests", "nireq"),
        read_ms=results.number("read model time", "read network time"),
        compile_ms=results.number(
            "compile model time", "load model time", "load network time", "compile time"
        ),
        first_inference_ms=results.number("first inference time"),
        iterations=results.whole("total number of iterations", "iterations num"),
        latency_ms=latency_ms,
        percentile=percentile,
        mean_ms=results.number("avg latency", "average latency", "latency avg"),
        min_ms=results.number("min latency", "latency min"),
        max_ms=results.number("max latency", "latency max"),
        throughput_fps=results.number("throughput"),
        error=results.text("error"),
    )


class _Told:
    """The values of a section, by their names without units and in one spelling."""

    def __init__(self, source: SourceFile, rows: Sequence[_Row]) -> None:
        self._source = source
        self._rows: dict[str, _Row] = {}
        for row in rows:
            self._rows.setdefault(_plain(row.name), row)

    def row(self, *names: str) -> _Row | None:
        """The first of these that is told."""
        return next((self._rows[name] for name in names if name in self._rows), None)

    def text(self, *names: str) -> str | None:
        """A text; None where it is not told or empty."""
        row = self.row(*names)
        return str(row.value).strip() or None if row else None

    def number(self, *names: str) -> float | None:
        """A number above 0, None for 0; the fault of its line where it is none."""
        row = self.row(*names)
        return self._source.above_zero(row.value, row.line, row.name) if row else None

    def whole(self, *names: str) -> int | None:
        """A whole number above 0; the fault of its line where it is none."""
        row = self.row(*names)
        return self._source.whole(row.value, row.line, row.name) if row else None

    def percentile(self) -> tuple[_Row, int] | None:
        """A latency that is named after its percentile, and which one."""
        for name, row in self._rows.items():
            if match := _PERCENTILE.fullmatch(name):
                return row, int(match[1])
        return None


def _plain(name: str) -> str:
    """``Median latency (ms)`` and ``latency_median`` without unit, case and underscores."""
    return _UNIT.sub("", name).replace("_", " ").strip().lower()


def _latency(results: _Told) -> tuple[float | None, int]:
    named = results.percentile()
    if named is not None:
        row, rank = named
        return results.number(_plain(row.name)), rank
    return (
        results.number("latency", "median latency", "latency median"),
        results.whole("percentile boundary") or 50,
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and int(text) > 0 else None


def _options(rows: Sequence[_Row]) -> dict[str, str]:
    named = {row.name.lstrip("-"): str(row.value).strip() for row in rows}
    return {_LONG_OPTIONS.get(name, name): value for name, value in named.items()}


def _csv_rows(source: SourceFile) -> _Rows:
    found: _Rows = {name: [] for name in _SECTIONS.values()}
    section = ""
    for number, line in enumerate(source.lines, start=1):
        bare = line.strip().rstrip(";")
        if bare in _SECTIONS:
            section = _SECTIONS[bare]
        elif not section:
            raise source.fault(number, f"{bare[:60]!r} stands in no section of a report")
        elif _in_error(found):  # its text may go over several lines
            found[_RESULTS][-1] = _longer(found[_RESULTS][-1], line)
        elif bare and section != "groups":
            found[section].append(_csv_row(source, line, number))
    return found


def _csv_row(source: SourceFile, line: str, number: int) -> _Row:
    name, separator, value = line.partition(";")
    if not separator:
        raise source.fault(number, f"{line[:60]!r} is no name and value with ';' between them")
    return _Row(name.strip(), value.strip().removesuffix(";"), number)


def _in_error(found: _Rows) -> bool:
    return bool(found[_RESULTS]) and found[_RESULTS][-1].name == "error"


def _longer(row: _Row, line: str) -> _Row:
    return _Row(row.name, f"{row.value} {line.strip().rstrip(';')}".strip(), row.line)


def read_json(source: SourceFile) -> dict[str, Any]:
    """The JSON object in a file; UsageError with the line at fault."""
    try:
        body = json.loads(source.text)
    except ValueError as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        what = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        raise source.fault(line, f"this is no whole JSON ({what})") from error
    except RecursionError as error:
        raise source.fault(1, "this JSON is nested too deeply") from error
    if not isinstance(body, dict):
        raise source.fault(1, "this JSON is no object")
    return body


def _json_rows(source: SourceFile) -> _Rows:
    body = read_json(source)
    if not body.keys() & _JSON_SECTIONS.keys():
        raise source.fault(1, f"this JSON is no report: it has no {' or '.join(_JSON_SECTIONS)}")
    return {
        section: list(_json_section(source, body.get(name, {}), name))
        for name, section in _JSON_SECTIONS.items()
    }


def _json_section(source: SourceFile, values: object, name: str) -> Iterator[_Row]:
    """The rows of a section; a name may stand in an earlier section too."""
    if values is None:  # a C++ report writes null for an empty section
        return
    places = Places(source)
    line = places.line_of(f'"{name}"')
    if not isinstance(values, dict):
        raise source.fault(line, f"{name} is no object")
    for key, value in values.items():
        line = places.line_of(f'"{key}"')
        if not isinstance(value, list | dict):
            yield _Row(key, value, line)
