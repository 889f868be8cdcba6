"""What a page gives away: CSV that no spreadsheet obeys, Parquet as shown, names that are safe."""

from __future__ import annotations

import csv
import io
from datetime import date

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from dashboard.files import csv_bytes, csv_file, file_stem, parquet_bytes, parquet_file

TABLE = pa.table({
    "Layer": ["conv", "=cmd|' /C calc'!A0", None],
    "Time (\N{MICRO SIGN}s)": [1.5, -2.25, None],
    "Rows": pa.array([1, -2, 3], pa.int64()),
    "Fused": [["a", "b"], [], None],
})  # fmt: skip
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", " =1", "\uff1d1+1", "\uff0b1+1",
            "-", "--")  # fmt: skip
HARMLESS = ("-12.5", "+3", "12", "a=b", "1-2", "\N{EN DASH}", "")


def _rows(table: pa.Table) -> list[list[str]]:
    text = csv_bytes(table).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_obey_gets_an_apostrophe(text: str) -> None:
    (header, row) = _rows(pa.table({text: [text]}))
    assert header == row == [f"'{text}"]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_and_numbers_stay_as_they_are(text: str) -> None:
    assert _rows(pa.table({"a": [text], "b": [1]}))[1] == [text, "1"]


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\0=1", "a\n=1"])
def test_no_control_character_makes_a_line_or_a_formula_of_its_own(text: str) -> None:
    assert _rows(pa.table({"a": [text]})) == [["a"], [text[:-3] + "\N{REPLACEMENT CHARACTER}=1"]]


def test_numbers_stay_numbers_in_csv_with_the_unit_in_the_header() -> None:
    content = csv_bytes(TABLE)
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets know by it that it is UTF-8"
    read = pacsv.read_csv(io.BytesIO(content))
    assert read.column_names == TABLE.column_names
    assert read["Time (\N{MICRO SIGN}s)"].to_pylist() == [1.5, -2.25, None]
    assert read["Rows"].to_pylist() == [1, -2, 3]


def test_parquet_has_the_table_as_it_is_shown() -> None:
    assert pq.read_table(io.BytesIO(parquet_bytes(TABLE))).equals(TABLE)


SHOWN = pa.table({
    "Samples": ["\N{EN DASH}", "300", None, "1 \N{EN DASH} 2"],
    "= equivalent": [1, 2, 3, 4],
    "Verdict": ["= equivalent !", "= same", "= 1+1", "\N{BLACK UP-POINTING TRIANGLE} faster"],
    "Name": ["= samething", "a = same", "\N{MULTIPLICATION SIGN} failed", "?"],
})  # fmt: skip


def test_a_file_has_an_empty_cell_for_a_dash_and_the_word_of_a_verdict_alone() -> None:
    rows = list(csv.reader(io.StringIO(csv_file(SHOWN).decode("utf-8-sig"), newline="")))
    assert rows == [
        ["Samples", "equivalent", "Verdict", "Name"],
        ["", "1", "equivalent !", "'= samething"],
        ["300", "2", "same", "a = same"],
        ["", "3", "'= 1+1", "failed"],
        ["1 \N{EN DASH} 2", "4", "faster", "?"],
    ]
    read = pq.read_table(io.BytesIO(parquet_file(SHOWN)))
    assert read["Samples"].to_pylist() == [None, "300", None, "1 \N{EN DASH} 2"]
    assert read["Verdict"].to_pylist() == ["equivalent !", "same", "= 1+1", "faster"]
    assert read["equivalent"].type == pa.int64()


def test_a_table_without_dashes_and_signs_is_taken_as_it_is_shown() -> None:
    assert pq.read_table(io.BytesIO(parquet_file(TABLE))).equals(TABLE)


@pytest.mark.parametrize(
    ("parts", "stem"),
    [
        (("compare", "layers", "MobileNetV3-Large"), "compare_layers_mobilenetv3-large"),
        (("overview", "cells", ""), "overview_cells"),
        (("runs", "../../etc/passwd"), "runs_etc-passwd"),
        (("runs", "a\0b<img>\N{MICRO SIGN}"), "runs_a-b-img"),
        (("runs", "x" * 300), f"runs_{'x' * 40}"),
        (
            ("devices", "How long it takes on each device, and what INT8 gains"),
            "devices_how-long-it-takes-on-each-device-and",
        ),
    ],
)
def test_a_files_name_is_the_pages_own_and_safe(parts: tuple[str, ...], stem: str) -> None:
    assert file_stem(parts, date(2026, 11, 23)) == f"int8-lens_{stem}_2026-11-23"
