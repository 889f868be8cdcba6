"""A file to import: its text, where a fault stands in it, and what kind of file it is.

Files are told apart by what stands in them, never by their names. What the kinds mean is
known to ``report``, ``counters``, ``exec_graph`` and ``published_csv``.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from results.errors import HostError, UsageError

MOST_BYTES = 256 * 2**20
"""Larger files are refused: the counters of a thousand requests are a tenth of it."""
_WHOLE_HINT = "import the whole file as the tool wrote it"


class FileKind(StrEnum):
    """What an imported file can be."""

    REPORT = "report"
    COUNTERS = "counters"
    GRAPH = "execution graph"
    PUBLISHED = "published figures"


@dataclass(frozen=True)
class SourceFile:
    """A file as it was read; ``sha256`` is that of its bytes."""

    path: Path
    text: str
    sha256: str

    @property
    def lines(self) -> list[str]:
        """Its lines without their ends."""
        return self.text.split("\n")

    @property
    def last_line(self) -> int:
        """Number of the last line that holds anything, from 1."""
        return max(1, len(self.text.rstrip("\n").split("\n")))

    def line_of(self, fragment: str) -> int:
        """Number of the first line that holds the fragment, from 1; 1 where none does."""
        return Places(self).line_of(fragment)

    def fault(self, line: int, what: str, *, hint: str = _WHOLE_HINT) -> UsageError:
        """The error that names this file and the line at fault."""
        return UsageError(f"{self.path}, line {line}: {what}", hint=hint)

    def check_end(self) -> None:
        """The fault of a last line without its end: the file may be cut off inside it."""
        if not self.text.endswith("\n"):
            raise self.fault(
                self.last_line,
                "the last line has no end: it may be cut off",
                hint="import the whole file; if it is whole, end it with a line break",
            )

    def number(self, text: object, line: int, name: str) -> float:
        """A finite number of at least 0; else the fault of its line."""
        try:
            value = float(str(text).strip().removesuffix("%"))
        except ValueError:
            value = math.nan
        if isinstance(text, bool) or not math.isfinite(value) or value < 0:
            raise self.fault(line, f"{name} is {str(text)[:60]!r}, not a number of at least 0")
        return value

    def whole(self, text: object, line: int, name: str) -> int:
        """A whole number of at least 1; else the fault of its line."""
        value = self.number(text, line, name)
        if value < 1 or value != int(value):
            raise self.fault(line, f"{name} is {str(text)[:60]!r}, not a whole number above 0")
        return int(value)

    def above_zero(self, text: object, line: int, name: str) -> float | None:
        """A number above 0; None for the 0 that is printed for less than the last digit."""
        return self.number(text, line, name) or None


class Places:
    """Lines of fragments that are asked for in the order in which they stand in a file."""

    def __init__(self, source: SourceFile) -> None:
        self._text = source.text
        self._line, self._at = 1, 0

    def line_of(self, fragment: str) -> int:
        """Number of the next line that holds it; that of the one before where none does."""
        place = self._text.find(fragment, self._at)
        if place >= 0:
            self._line += self._text.count("\n", self._at, place)
            self._at = place + len(fragment)
        return self._line


def read_source(path: Path) -> SourceFile:
    """The file's text with line ends of one kind; UsageError or HostError where there is none."""
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise UsageError(
                f"{path} has more than {MOST_BYTES // 2**20} MiB",
                hint="import the average counters in place of the detailed ones",
            )
        content = path.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UsageError(f"{path} is no file", hint="give the files that were written") from error
    except OSError as error:
        raise HostError(
            f"{path} cannot be read ({error.strerror})", hint="change its permissions"
        ) from error
    return source_of(path, content)


def source_of(path: Path, content: bytes) -> SourceFile:
    """The file with these bytes; UsageError with the line at fault where they are no text."""
    digest = hashlib.sha256(content).hexdigest()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceFile(path, "", digest).fault(line, "this is no UTF-8 text") from error
    source = SourceFile(path, text.replace("\r\n", "\n"), digest)
    if "\0" in text:
        raise source.fault(source.line_of("\0"), "this is no text: it holds a zero byte")
    if not text.strip():
        raise source.fault(1, "the file is empty")
    return source


def kind_of(source: SourceFile) -> FileKind:
    """What the file is, by its beginning; UsageError where it is nothing known."""
    first = source.text.lstrip().split("\n", 1)[0].strip()
    if first.startswith("<"):
        return FileKind.GRAPH
    if first.startswith("{"):
        body = '"avg_performance"', '"detailed_performance"'
        return FileKind.COUNTERS if any(key in source.text for key in body) else FileKind.REPORT
    if first.rstrip(";") in {"Command line parameters", "Configuration setup", "Execution results"}:
        return FileKind.REPORT
    if first.startswith(("layerName;", "layerName,")):
        return FileKind.COUNTERS
    columns = {name.strip() for name in first.split(",")}
    if {"model", "platform"} <= columns:
        return FileKind.PUBLISHED
    raise source.fault(
        1,
        f"{first[:60]!r} begins no report, counters or execution graph of benchmark_app, and no"
        " table of published figures",
        hint="see docs/import.md for what can be imported",
    )
