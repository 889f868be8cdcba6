"""A table of published throughputs: one row for each model and platform.

Columns: ``model, platform, isa_class_inferred, fps_int8, fps_fp32, fps_bf16``, in inferences
per second, empty where nothing was published. Published data holds mistakes: ``doubts``
finds those that can be seen. Facts are made of it in ``importing``.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collector.importing.described import ISA_CLASSES, isa_flags
from collector.importing.source_file import SourceFile
from results import isa
from results.kinds import normalised

COLUMNS = ("model", "platform", "isa_class_inferred", "fps_int8", "fps_fp32", "fps_bf16")
ARMS = {"fps_int8": "int8@default", "fps_fp32": "fp32@f32", "fps_bf16": "fp32@bf16"}
"""The arm of each column; nobody says how the INT8 models were quantised."""
OVER_CEILING = 1.2
"""A ratio this much over what the instruction set can gain is doubted; small excess is noise."""
SAME_VALUE, OVER = "published_same_value", "published_over_ceiling"


@dataclass(frozen=True)
class PublishedRow:
    """What was published for a model on a platform: inferences per second by arm."""

    model: str
    platform: str
    isa_class: str
    fps: tuple[tuple[str, float], ...]
    line: int


@dataclass(frozen=True)
class Doubt:
    """A published figure that may be a mistake; ``caution_id`` says why."""

    caution_id: str
    row: PublishedRow
    arm: str
    detail: str


def read_published(source: SourceFile) -> tuple[PublishedRow, ...]:
    """The rows of the table; UsageError with the line at fault where it is not whole."""
    source.check_end()
    reader = csv.reader(io.StringIO(source.text), strict=True)
    rows: list[PublishedRow] = []
    try:
        header = [name.strip() for name in next(reader)]
        if sorted(header) != sorted(COLUMNS):
            raise source.fault(1, f"the columns are not {', '.join(COLUMNS)}")
        rows.extend(_row(source, header, values, reader.line_num) for values in reader if values)
    except csv.Error as error:
        raise source.fault(reader.line_num, f"this is no CSV ({error})") from error
    _check(source, rows)
    return tuple(rows)


def _row(
    source: SourceFile, header: Sequence[str], values: Sequence[str], line: int
) -> PublishedRow:
    if len(values) != len(header):
        raise source.fault(line, f"{len(values)} values in place of {len(header)}")
    told = {name: value.strip() for name, value in zip(header, values, strict=True)}
    if not told["model"] or not told["platform"]:
        raise source.fault(line, "the model or the platform is empty")
    if told["isa_class_inferred"] not in ISA_CLASSES:
        raise source.fault(
            line, f"no ISA class {told['isa_class_inferred']!r}",
            hint=f"choose one of {', '.join(ISA_CLASSES)}",
        )  # fmt: skip
    fps = tuple(
        (arm, _fps(source, told[column], line, column))
        for column, arm in ARMS.items()
        if told[column]
    )
    return PublishedRow(told["model"], told["platform"], told["isa_class_inferred"], fps, line)


def _fps(source: SourceFile, text: str, line: int, column: str) -> float:
    value = source.number(text, line, column)
    if value == 0:
        raise source.fault(line, f"{column} is 0", hint="leave it empty where nothing is known")
    return value


def _check(source: SourceFile, rows: Sequence[PublishedRow]) -> None:
    """A pair stands once, a platform has one class, and something is there."""
    if not any(row.fps for row in rows):
        raise source.fault(source.last_line, "no figure stands in the table")
    seen: dict[tuple[str, str], int] = {}
    classes: dict[str, str] = {}
    for row in rows:
        key = normalised(row.model), row.platform
        if key in seen:
            raise source.fault(
                row.line, f"{row.model} on {row.platform} stands in line {seen[key]} already",
                hint="keep one of the two",
            )  # fmt: skip
        seen[key] = row.line
        known = classes.setdefault(row.platform, row.isa_class)
        if known != row.isa_class:
            raise source.fault(
                row.line, f"{row.platform} is {row.isa_class} here and {known} above",
                hint="give one class for each platform",
            )  # fmt: skip


def doubts(rows: Sequence[PublishedRow]) -> tuple[Doubt, ...]:
    """What may be a mistake: values that two models share, ratios over the ceiling."""
    return (*_same_values(rows), *_over_ceiling(rows))


def _same_values(rows: Sequence[PublishedRow]) -> Iterator[Doubt]:
    """Both are doubted: nobody can see which of the two is the copy."""
    seen: dict[tuple[str, float], tuple[PublishedRow, str]] = {}
    for row in rows:
        for arm, fps in row.fps:
            other, other_arm = seen.setdefault((row.platform, fps), (row, arm))
            if other is not row:
                detail = (
                    f"{row.model} {arm} and {other.model} {other_arm} are both {fps:g}"
                    f" inferences/s on {row.platform} (lines {other.line} and {row.line})"
                )
                yield Doubt(SAME_VALUE, other, other_arm, detail)
                yield Doubt(SAME_VALUE, row, arm, detail)


def _over_ceiling(rows: Sequence[PublishedRow]) -> Iterator[Doubt]:
    """INT8's figure is doubted; the float one where INT8 fits the row's other float figure."""
    for row in rows:
        ratios = dict(_ratios(row))
        fits = {arm: ratio <= OVER_CEILING * most.high for arm, (ratio, most) in ratios.items()}
        for floating, (ratio, most) in ratios.items():
            if not fits[floating]:
                yield Doubt(
                    OVER, row, floating if any(fits.values()) else ARMS["fps_int8"],
                    f"{row.model} on {row.platform}: INT8 {ratio:.1f}x as fast as {floating},"
                    f" {most.isa.value} can gain {most.high:g}x (line {row.line})",
                )  # fmt: skip


def _ratios(row: PublishedRow) -> Iterator[tuple[str, tuple[float, isa.Ceiling]]]:
    """By float arm how many times as fast INT8 is, and what it can be at most."""
    fps = dict(row.fps)
    int8 = fps.get(ARMS["fps_int8"])
    for floating, precision in (("fp32@f32", "f32"), ("fp32@bf16", "bf16")):
        most = isa.ceiling(isa_flags(row.isa_class), None, precision)
        if int8 is not None and floating in fps and most is not None:
            yield floating, (int8 / fps[floating], most)
