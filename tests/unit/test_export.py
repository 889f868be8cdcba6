"""``results export`` and ``results sql``: the tables for a notebook, and questions to the index."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from results import asked, cli
from results.asked import ask
from results.compare import compare_cells
from results.errors import LensError, UsageError
from results.export import EXPORTED, ExportFormat, export
from results.facts import Launch
from results.overview import overview
from results.schema import TABLES, arrow_schema, table_of
from results.store import Store
from tests.planted import ARMS, planted_store
from tests.planted_accuracy import planted_accuracy

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that no test changes."""
    root = tmp_path_factory.mktemp("store") / "data"
    planted_store(root, models=("tiny", "big"))
    planted_accuracy(root)
    Store(root).index().close()
    return root


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_every_table_and_the_comparisons_are_written_as_parquet(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "made" / "tables"
    code, out, err = run(capsys, "export", folder, "--data", data)
    assert (code, err) == (0, "")
    expected = {*(table.name for table in TABLES), "cell_views", "comparisons"}
    assert {path.name for path in folder.iterdir()} == {f"{name}.parquet" for name in expected}
    launches = pq.read_table(folder / "launches.parquet")
    with closing(Store(data).index()) as index:
        (counted,) = index.fetch("SELECT count(*) AS n FROM launches")["n"].to_pylist()
    assert launches.num_rows == counted
    assert launches.column_names == arrow_schema(table_of(Launch).row).names
    assert f"launches.parquet: {counted} rows" in out


def test_a_row_of_comparisons_is_what_compare_says(data: Path, tmp_path: Path) -> None:
    with closing(Store(data).index()) as index:
        export(index, tmp_path / "t", ExportFormat.PARQUET, ["comparisons"])
        pairs = [pair for row in overview(index) for pair in row.verdicts]
        found = [compare_cells(index, pair.baseline, pair.candidate) for pair in pairs]
    rows = pq.read_table(tmp_path / "t" / "comparisons.parquet").to_pylist()
    assert len(rows) == len(found) == 4
    for row, one in zip(rows, found, strict=True):
        assert one.attribution is not None
        assert (row["model"], row["verdict"]) == (one.candidate.model, one.estimate.verdict.value)
        assert (row["baseline_arm"], row["candidate_arm"]) == (one.baseline.arm, ARMS[2])
        assert (row["ratio"], row["ci_low"]) == (one.estimate.ratio, one.estimate.ci_low)
        assert row["causes"] == [cause.cause_id for cause in one.causes]
        parts = {group_class.value: value for group_class, value in one.attribution.parts}
        assert {name: row[f"{name}_us"] for name in parts} == parts
        told = row["unattributed_us"] + sum(parts.values())
        assert told == pytest.approx(row["wall_us"], abs=1e-6)


def test_csv_and_json_hold_the_same_rows(data: Path, tmp_path: Path) -> None:
    names = ["cells", "launches", "comparisons"]
    with closing(Store(data).index()) as index:
        for file_format in ExportFormat:
            export(index, tmp_path, file_format, names)
    for name in names:
        rows = pq.read_table(tmp_path / f"{name}.parquet").to_pylist()
        as_json = json.loads((tmp_path / f"{name}.json").read_text())
        with (tmp_path / f"{name}.csv").open(newline="") as file:
            as_csv = list(csv.DictReader(file))
        assert len(rows) == len(as_json) == len(as_csv) > 0
        for row, one, text in zip(rows, as_json, as_csv, strict=True):
            assert list(row) == list(one) == list(text)
            for column, value in row.items():
                if value is None:
                    assert (one[column], text[column]) == (None, "")
                elif isinstance(value, list):
                    assert one[column] == json.loads(text[column]) == value
                elif isinstance(value, float):
                    assert one[column] == float(text[column]) == value


def test_only_the_named_tables_and_only_the_named_model(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "t"
    names = ("cells", "exec_node_sources", "accuracy", "machines", "comparisons", "runs")
    tables = [word for name in names for word in ("--table", name)]
    code, out, _ = run(
        capsys, "export", folder, *tables, "--model", "tiny", "--data", data, "--json"
    )
    body = json.loads(out)
    rows = {one["table"]: one["rows"] for one in body["tables"]}
    assert code == 0
    assert (tuple(rows), body["format"]) == (names, "parquet")
    assert {path.stem for path in folder.iterdir()} == set(names)
    assert (rows["cells"], rows["comparisons"], rows["machines"], rows["runs"]) == (3, 2, 1, 2)
    assert rows["accuracy"] > 0
    cells = set(pq.read_table(folder / "cells.parquet")["cell_id"].to_pylist())
    with closing(Store(data).index()) as index:
        both = index.fetch(
            "SELECT l.cell_id FROM exec_node_sources s JOIN launches l USING (run_id, launch_id)"
        )["cell_id"].to_pylist()
    assert rows["exec_node_sources"] == sum(cell in cells for cell in both) < len(both)


@pytest.mark.parametrize("table", EXPORTED)
def test_each_table_can_be_had_of_one_model(table: str, data: Path, tmp_path: Path) -> None:
    with closing(Store(data).index()) as index:
        (of_none,) = export(index, tmp_path / "none", ExportFormat.CSV, [table], model="none")
        (whole,) = export(index, tmp_path / "all", ExportFormat.CSV, [table])
    shared = {"machines", "devices", "runtimes", "peaks"}
    assert of_none.rows == (whole.rows if table in shared else 0)


def test_nothing_is_replaced_without_force(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "t"
    folder.mkdir()
    kept = folder / "cells.parquet"
    kept.write_text("mine")
    code, out, err = run(capsys, "export", folder, "--data", data)
    assert (code, out) == (2, "")
    assert err.startswith("error: cells.parquet is in ")
    assert "--force" in err
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [(kept.name, "mine")]
    code, _, _ = run(capsys, "export", folder, "--data", data, "--force", "--table", "cells")
    assert code == 0
    assert pq.read_table(kept).num_rows == 6


def test_an_export_that_fails_leaves_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, text: str) -> None:
        if path.name == "models.csv":
            raise OSError(28, "No space left on device")
        path.write_text(text)

    monkeypatch.setattr("results.export.write_text", full)
    with closing(Store(data).index()) as index, pytest.raises(LensError, match="is full") as seen:
        export(index, tmp_path / "t", ExportFormat.CSV)
    assert seen.value.exit_code == 3
    assert not (tmp_path / "t").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--table", "nonsense"), "there is no table nonsense; choose of machines"),
        (("--model", "vgg"), "no model is called vgg; there are big, tiny"),
        (("--format", "xlsx"), "xlsx"),
    ],
)
def test_wrong_use_of_export_is_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path,
    arguments: tuple[str, ...], said: str,
) -> None:  # fmt: skip
    code, out, err = run(capsys, "export", tmp_path / "t", *arguments, "--data", data)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not (tmp_path / "t").exists()


def test_an_empty_store_a_file_and_the_runs_themselves_are_refused(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path
) -> None:
    code, _, err = run(capsys, "export", tmp_path / "t", "--data", tmp_path / "none")
    assert (code, "holds no results to export" in err) == (2, True)
    (tmp_path / "file").write_text("x")
    code, _, err = run(capsys, "export", tmp_path / "file", "--data", data)
    assert (code, "is a file" in err) == (2, True)
    stored = next((data / "runs").iterdir())
    before = sorted((path.name, path.stat().st_mtime_ns) for path in stored.iterdir())
    code, _, err = run(capsys, "export", stored, "--data", data, "--force")
    assert (code, "among the runs of the store" in err) == (2, True)
    assert sorted((path.name, path.stat().st_mtime_ns) for path in stored.iterdir()) == before


def test_sql_answers_as_text_json_and_csv(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    question = "SELECT model, batch, streams, threads FROM cell_views ORDER BY model, arm LIMIT 2"
    code, out, err = run(capsys, "sql", question, "--data", data)
    assert (code, err) == (0, "")
    assert [line.split() for line in out.splitlines()] == [
        ["model", "batch", "streams", "threads"], ["big", "1", "1"], ["big", "1", "1"],
    ]  # fmt: skip
    _, out, _ = run(capsys, "sql", question, "--data", data, "--json")
    assert json.loads(out)[0] == {"model": "big", "batch": 1, "streams": 1, "threads": None}
    _, out, _ = run(capsys, "sql", question, "--data", data, "--csv")
    assert out == "model,batch,streams,threads\nbig,1,1,\nbig,1,1,\n"


def test_sql_names_the_tables_and_describes_them(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    _, out, _ = run(capsys, "sql", "SHOW TABLES", "--data", data, "--csv")
    assert {table.name for table in TABLES} | {"cell_views", "launch_views"} <= set(out.split())
    code, out, _ = run(capsys, "sql", "DESCRIBE cells", "--data", data)
    assert (code, "cell_id" in out) == (0, True)


def test_sql_shows_a_hundred_rows_and_says_that_there_are_more(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    question = "SELECT range AS n FROM range(5000)"
    code, out, err = run(capsys, "sql", question, "--data", data)
    assert (code, len(out.splitlines())) == (0, 101)
    assert err == "the first 100 rows of more; --limit 0 gives all\n"
    _, out, err = run(capsys, "sql", question, "--data", data, "--limit", 0)
    assert (len(out.splitlines()), err) == (5001, "")
    _, out, err = run(capsys, "sql", question, "--data", data, "--json")
    assert ([row["n"] for row in json.loads(out)], err) == (list(range(5000)), "")
    _, out, err = run(capsys, "sql", question, "--data", data, "--csv", "--limit", 5000)
    assert (len(out.splitlines()), err) == (5001, "")
    _, out, err = run(capsys, "sql", question, "--data", data, "--json", "--limit", 4999)
    assert (len(json.loads(out)), "first 4,999 rows" in err) == (4999, True)


def test_an_endless_answer_is_ended_by_its_limit(data: Path) -> None:
    with closing(Store(data).index()) as index:
        found = ask(index, "SELECT * FROM range(1000000000000)", 10)
    assert (found.rows.num_rows, found.more) == (10, True)


def test_a_row_that_is_too_wide_is_shown_as_a_list(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    code, out, _ = run(capsys, "sql", "SELECT * FROM launches", "--data", data, "--limit", 2)
    lines = out.splitlines()
    assert (code, max(map(len, lines)) <= 100) == (0, True)
    assert [line for line in lines if line.startswith("row ")] == ["row 1", "row 2"]
    assert sum(line.startswith("launch_id ") for line in lines) == 2


def test_values_of_every_kind_have_a_json_form(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    question = (
        "SELECT sum(1) AS huge, 1.5::DECIMAL(5,2) AS price, 'nan'::DOUBLE AS nan,"
        " [1, NULL] AS list, {'a': 1} AS struct, '\\xAA'::BLOB AS blob, DATE '2026-11-23' AS day,"
        " TIMESTAMPTZ '2026-11-23 12:00:00+01' AS at, INTERVAL 1 DAY AS span, NULL AS nothing"
    )
    _, out, _ = run(capsys, "sql", question, "--data", data, "--json")
    (row,) = json.loads(out)
    assert "span" in row
    assert {name: value for name, value in row.items() if name != "span"} == {
        "huge": 1, "price": 1.5, "nan": None, "list": [1, None], "struct": {"a": 1},
        "blob": "aa", "day": "2026-11-23", "at": "2026-11-23T11:00:00+00:00", "nothing": None,
    }  # fmt: skip


def test_columns_of_one_name_are_told_apart_in_json(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    code, out, err = run(capsys, "sql", "SELECT 1 AS a, 2 AS a", "--data", data, "--json")
    assert (code, out) == (2, "")
    assert "several columns are called a" in err


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT nonsense FROM cells", 'Referenced column "nonsense" not found'),
        ("SELECT * FROM cellz", "Did you mean"),
        ("SELECT CAST('x' AS INT)", "Could not convert"),
        ("SELECT error('a\nb')", "a; b"),
        ("SELECT $x", "Values were not provided"),
        ("", "the question has no statement"),
        ("SELECT 1; SELECT 2", "the question has 2 statements"),
    ],
)
def test_bad_sql_is_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str], data: Path, question: str, said: str
) -> None:
    code, out, err = run(capsys, "sql", question, "--data", data)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert "LINE 1" not in err


WRITES = (
    "INSERT INTO models SELECT * FROM models",
    "WITH gone AS (DELETE FROM cells RETURNING *) SELECT * FROM gone",
    "WITH more AS (INSERT INTO cells SELECT * FROM cells RETURNING *) SELECT * FROM more",
    "DELETE FROM cells",
    "DROP TABLE cells",
    "CREATE TABLE mine (a INT)",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "PRAGMA enable_profiling",
    "CALL enable_logging()",
    "CHECKPOINT",
    "COPY cells TO '{folder}/out.csv'",
    "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/out.duckdb'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "EXPLAIN ANALYZE DELETE FROM cells",
)
READS = (
    "SELECT * FROM read_csv('{folder}/secret.csv')",
    "SELECT * FROM read_text('{folder}/secret.csv')",
    "SELECT * FROM read_blob('{folder}/secret.csv')",
    "SELECT * FROM '{folder}/secret.csv'",
    "FROM '{folder}/secret.csv'",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM sniff_csv('{folder}/secret.csv')",
    "SELECT * FROM read_json('{folder}/secret.csv')",
    "SELECT * FROM read_parquet('{folder}/secret.csv')",
    "SELECT * FROM query('SELECT * FROM read_text(''{folder}/secret.csv'')')",
    "SELECT * FROM read_parquet('http://localhost:1/x')",
    "SELECT * FROM duckdb_extensions()",
    "SELECT getenv('HOME')",
)


@pytest.mark.parametrize("question", [*WRITES, *READS])
@pytest.mark.parametrize("in_memory", [False, True], ids=["in a file", "in memory"])
def test_nothing_is_written_and_nothing_outside_is_read(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, question: str, in_memory: bool
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.csv").write_text("a,b\nsecret,2\n")
    if in_memory:
        monkeypatch.setattr(Store, "_in_folder", _refuse)
    before = _contents(data)
    with closing(Store(data).index()) as index:
        with pytest.raises(LensError) as seen:
            ask(index, question.replace("{folder}", str(outside)))
        assert isinstance(seen.value, UsageError)
        assert "secret,2" not in str(seen.value)
    assert [path.name for path in outside.iterdir()] == ["secret.csv"]
    assert _contents(data) == before


def _refuse(_: Store, folder: Path, *, lock: bool) -> None:
    assert not lock
    raise OSError(f"{folder} cannot be written")


def _contents(data: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in data.glob("index-*.duckdb")}


def test_python_variables_are_no_tables(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = pq.read_table(next((data / "runs").glob("*/cells.parquet")))
    monkeypatch.setattr(asked, "secret", rows, raising=False)
    with closing(Store(data).index()) as index, pytest.raises(UsageError, match="secret"):
        ask(index, "SELECT * FROM secret")


@pytest.mark.parametrize(
    ("options", "said"), [(("--csv", "--json"), "choose one"), (("--limit", "-1"), "--limit is -1")]
)
def test_wrong_use_of_sql_is_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str], data: Path, options: tuple[str, ...], said: str
) -> None:
    code, out, err = run(capsys, "sql", "SELECT 1", *options, "--data", data)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_sql_that_is_cut_short_by_its_reader_gives_no_traceback(data: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with subprocess.Popen(
        [sys.executable, "-m", "results", "sql", "FROM range(9000)", "--csv", "--data", str(data)],
        stdout=writing, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    ) as process:  # fmt: skip
        os.close(writing)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
