"""Reads labels of images from a CSV file: a file name and a label per row."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from results.errors import UsageError

_FILE_TITLES = ("file", "filename", "file_name", "image", "path", "name")
_LABEL_TITLES = ("label", "class", "category", "target")
_INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True)
class _Row:
    line: int
    file: str
    label: str


def read_labels(path: Path, images: Collection[str], folder: Path) -> dict[str, int]:
    """The label of each file that the CSV file names, by its path below ``folder``.

    Labels that are all integers are taken as they are; names of classes are numbered from 0 in
    sorted order. ``images`` are those known to be in the folder; others may be named too where
    the file is there. Raises UsageError for files that are not there, rows without a label,
    negative labels and two labels for one file.
    """
    rows = list(_rows(path))
    if not rows:
        raise UsageError(f"{path} names no files", hint="give a file and a label per row")
    _check_files(path, rows, images, folder)
    integers = all(_INTEGER.fullmatch(row.label) for row in rows)
    places = {name: place for place, name in enumerate(sorted({row.label for row in rows}))}
    found: dict[str, int] = {}
    for row in rows:
        label = int(row.label) if integers else places[row.label]
        if label < 0:
            raise UsageError(
                f"{path}, line {row.line}: the label is {label}", hint="give labels from 0 on"
            )
        if found.setdefault(row.file, label) != label:
            raise UsageError(
                f"{path}, line {row.line}: {row.file} has another label further up",
                hint="give each file one label",
            )
    return found


def _check_files(path: Path, rows: Sequence[_Row], images: Collection[str], folder: Path) -> None:
    absent = [r.file for r in rows if r.file not in images and not (folder / r.file).is_file()]
    if absent:
        raise UsageError(
            f"{len(absent)} of the {len(rows)} files that {path} names are not in {folder}, "
            f"the first is {absent[0]}",
            hint="give paths as seen from that folder",
        )


def _rows(path: Path) -> Iterator[_Row]:
    lines = _lines(path)
    delimiter = next((mark for mark in ",;\t" if lines and mark in lines[0]), ",")
    try:
        cells = [(n, row) for n, row in enumerate(csv.reader(lines, delimiter=delimiter), 1) if row]
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV file: {error}", hint="see docs/data.md") from error
    file_at, label_at, has_header = _columns(cells[0][1] if cells else ())
    for line, row in cells[has_header:]:
        if len(row) <= max(file_at, label_at) or not row[label_at].strip():
            raise UsageError(
                f"{path}, line {line}: there is no label", hint="give a file and a label per row"
            )
        yield _Row(line, str(PurePosixPath(row[file_at].strip())), row[label_at].strip())


def _columns(titles: Sequence[str]) -> tuple[int, int, bool]:
    """Which columns have the file and the label, and whether the first row is a header."""
    files = [at for at, title in enumerate(titles) if title.strip().lower() in _FILE_TITLES]
    labels = [at for at, title in enumerate(titles) if title.strip().lower() in _LABEL_TITLES]
    return (files[0], labels[0], True) if files and labels else (0, 1, False)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text", hint="save it as UTF-8") from error
    except OSError as error:
        raise UsageError(
            f"cannot read the labels in {path}: {error.strerror}", hint="give a CSV file"
        ) from error
