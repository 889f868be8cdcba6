"""``python -m results``: answers on stdout, the rest on stderr, documented exit codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from results import cli
from results.errors import HostError
from results.manifest import MANIFEST_NAME
from results.schema import schema_markdown
from results.store import Store
from tests.planted import ARMS, THROUGHPUT, planted_store
from tests.planted_accuracy import planted_accuracy
from tests.planted_peaks import planted_peaks

ROOT = Path(__file__).parents[2]
BASELINE, CANDIDATE = f"model=tiny,arm={ARMS[0]}", f"arm={ARMS[2]}"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    planted_store(tmp_path / "data", models=("tiny", "big"), runs=2)
    return tmp_path / "data"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def flip_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(bytes(content))


def test_list_shows_cells_medians_runs_and_notes_within_100_columns(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    code, out, err = run(capsys, "list", "--data", data)
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.splitlines()) <= 100
    assert "tiny (synthetic weights: speed only)" in out
    assert "Planted CPU tiny" in out
    row = next(line for line in out.splitlines() if "fp32@f32" in line)
    assert "2.00 ms" in row
    assert "2026-11-02" in row


def test_list_as_json_has_the_same_cells(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    code, out, _ = run(capsys, "list", "--data", data, "--json")
    body = json.loads(out)
    assert code == 0
    assert len(body["cells"]) == 6
    assert body["problems"] == []
    assert {"model", "arm", "p50_ms", "runs", "cell_id", "model_note"} <= set(body["cells"][0])


def test_list_names_a_failed_cell(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    planted_store(tmp_path, failed_cell=True)
    code, out, _ = run(capsys, "list", "--data", tmp_path)
    assert code == 0
    assert "failed" in next(line for line in out.splitlines() if ARMS[2] in line)
    assert f"{ARMS[2]} failed: planted failure" in out


def test_empty_store_says_what_to_type(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, out, err = run(capsys, "list", "--data", tmp_path / "none")
    assert (code, out) == (0, "")
    assert "python -m collector demo" in err
    code, out, err = run(capsys, "compare", BASELINE, CANDIDATE, "--data", tmp_path / "none")
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert not (tmp_path / "none").exists()


def test_default_data_without_runs_shows_the_sample_and_says_so(
    capsys: pytest.CaptureFixture[str], data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    shutil.copytree(data, work / "data" / "sample")
    monkeypatch.chdir(work)
    code, out, err = run(capsys, "list")
    assert code == 0
    assert "tiny" in out
    assert "sample" in err
    planted_store(work / "data", name="own")
    code, out, err = run(capsys, "list")
    assert "Planted CPU own" in out
    assert "sample" not in err


def test_compare_as_json_has_the_promised_keys(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    code, out, _ = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data, "--json")
    assert code == 0
    body = json.loads(out)
    assert set(body) >= {
        "verdict", "ratio", "ci_low", "ci_high", "paired", "blocks", "baseline_ms",
        "candidate_ms", "baseline", "candidate", "coverage", "attribution_us", "groups",
        "inserted", "causes", "cautions",
    }  # fmt: skip
    assert body["verdict"] == "faster"
    assert body["ratio"] == pytest.approx(0.55, rel=0.01)
    assert body["ci_low"] < body["ratio"] < body["ci_high"]
    assert (body["paired"], body["blocks"]) == (True, 5)
    assert (body["baseline"]["arm"], body["candidate"]["arm"]) == (ARMS[0], ARMS[2])
    assert "unattributed" in body["attribution_us"]
    total = sum(body["attribution_us"].values())
    assert total == pytest.approx(body["wall_us"], abs=1e-6)
    for cause in body["causes"]:
        assert set(cause) >= {
            "id", "recoverable_us", "evidence", "action", "confidence", "layers",
        }  # fmt: skip


def test_compare_as_text_answers_first(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    code, out, err = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data)
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.splitlines()) <= 100
    assert out.startswith("\N{BLACK UP-POINTING TRIANGLE} ")
    for said in (*ARMS[::2], "95 % interval", "5 paired blocks", "unattributed", "wall-clock"):
        assert said in out


def test_compare_says_in_what_each_side_ran(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    _, out, _ = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data)
    assert "\nbaseline ran in: f32 100 %\ncandidate ran in: u8 80 %, f32 20 %\n" in out
    _, out, _ = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data, "--json")
    ran_in = json.loads(out)["ran_in"]
    assert [share["precision"] for share in ran_in["candidate"]] == ["u8", "f32"]
    assert sum(share["share"] for share in ran_in["candidate"]) == pytest.approx(1.0)


def test_throughput_is_listed_and_compared_per_item(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    planted_store(data, drive=THROUGHPUT)
    _, out, _ = run(capsys, "list", "--data", data)
    lines = out.splitlines()
    at = next(at for at, line in enumerate(lines) if "throughput, batch 1" in line)
    assert "per item" in lines[at + 2]
    assert max(map(len, lines)) <= 100
    busy = f"{BASELINE},scenario=throughput"
    code, out, _ = run(capsys, "compare", busy, CANDIDATE, "--data", data)
    assert code == 0
    assert "500 /s" in next(line for line in out.splitlines() if line.startswith("baseline"))
    assert "Where the difference comes from, per item" in out
    _, out, _ = run(capsys, "compare", busy, CANDIDATE, "--data", data, "--json")
    body = json.loads(out)
    assert body["baseline_per_second"] == pytest.approx(1000.0 / body["baseline_ms"])
    _, out, _ = run(capsys, "compare", BASELINE + ",scenario=latency", CANDIDATE, "--data", data,
                    "--json")  # fmt: skip
    assert json.loads(out)["baseline_per_second"] is None


def test_a_scenario_that_is_not_named_is_asked_for(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    planted_store(data, drive=THROUGHPUT)
    code, _, err = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data)
    assert code == 2
    assert "add scenario or streams" in err


def test_compare_the_other_way_round_is_slower(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    baseline = f"model=tiny,arm={ARMS[2]}"
    code, out, _ = run(capsys, "compare", baseline, f"arm={ARMS[0]}", "--data", data, "--json")
    assert code == 0
    assert json.loads(out)["verdict"] == "slower"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("list", "--bogus"), "--bogus"),
        (("nonsense",), "nonsense"),
        ((), "command"),
        (("compare", BASELINE), "CANDIDATE"),
        (("compare", "model=vgg", CANDIDATE), "no cell has model=vgg"),
        (("compare", "colour=red", CANDIDATE), "colour"),
        (("compare", "arm=fp32@f32", CANDIDATE), "fits 2 cells"),
    ],
)
def test_wrong_use_is_one_line_and_code_2(
    capsys: pytest.CaptureFixture[str], data: Path, arguments: tuple[str, ...], said: str
) -> None:
    options = ("--data", data) if arguments and arguments[0] == "compare" else ()
    code, out, err = run(capsys, *arguments, *options)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert said.lower() in err.lower()


def test_data_that_is_a_file_is_wrong_use(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    code, out, err = run(capsys, "list", "--data", tmp_path / "file")
    assert (code, out) == (2, "")
    assert "is a file" in err


def test_failing_environment_is_one_line_and_code_3(
    capsys: pytest.CaptureFixture[str], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(store: Store, *, dry_run: bool) -> NoReturn:
        raise HostError("the disk is full", hint="free some space")

    monkeypatch.setattr(cli, "verify", fail)
    code, out, err = run(capsys, "verify", "--data", data)
    assert (code, out, err) == (3, "", "error: the disk is full; free some space\n")


def test_verify_of_a_sound_store_is_0(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    code, out, err = run(capsys, "verify", "--data", data)
    assert (code, err) == (0, "")
    assert out.startswith("2 runs with ")


def test_verify_that_finds_damage_is_1_and_the_rest_stays_readable(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    damaged = Store(data).runs[0].path
    flip_byte(damaged / "launches.parquet")
    code, out, err = run(capsys, "list", "--data", data)
    assert code == 0
    assert damaged.name in err
    assert "launches.parquet" in err
    code, out, _ = run(capsys, "verify", "--data", data, "--json")
    assert code == 1
    assert [found["run_id"] for found in json.loads(out)["damaged"]] == [damaged.name]
    assert (data / "quarantine" / damaged.name / "reason.txt").exists()
    code, out, err = run(capsys, "list", "--data", data)
    assert (code, err) == (0, "")
    assert "2026-11-01" in out


def test_newer_run_is_warned_of_and_the_rest_shown(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    manifest = Store(data).runs[0].path / MANIFEST_NAME
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"schema_version": 9}))
    code, out, err = run(capsys, "list", "--data", data, "--json")
    assert code == 0
    assert "schema version 9" in err
    assert "update INT8 Lens" in err
    assert len(json.loads(out)["cells"]) == 6
    code, _, err = run(capsys, "verify", "--data", data)
    assert code == 0
    assert "schema version 9" in err


def test_rebuild_makes_the_index_anew(capsys: pytest.CaptureFixture[str], data: Path) -> None:
    code, out, _ = run(capsys, "rebuild", "--data", data)
    (index,) = data.glob("index-*.duckdb")
    first = index.stat().st_ino, index.stat().st_mtime_ns
    assert (code, "2 runs" in out) == (0, True)
    code, out, _ = run(capsys, "rebuild", "--data", data, "--json")
    assert (code, json.loads(out)["runs"]) == (0, 2)
    assert (index.stat().st_ino, index.stat().st_mtime_ns) != first


def test_schema_is_the_generated_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "schema") == (0, schema_markdown(), "")


@pytest.mark.parametrize(
    "command", ["list", "compare", "export", "sql", "verify", "rebuild", "schema"]
)
def test_help_has_an_example(capsys: pytest.CaptureFixture[str], command: str) -> None:
    code, out, err = run(capsys, command, "--help")
    assert (code, err) == (0, "")
    assert f"Example: python -m results {command}" in out


def test_names_from_a_model_are_no_markup_and_no_terminal_codes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    planted_store(tmp_path, models=("[bold]x[/]\x1b[2J",))
    code, out, _ = run(capsys, "list", "--data", tmp_path)
    assert code == 0
    assert "[bold]x[/]" in out
    assert "\x1b" not in out


def start(*arguments: str, out: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "results", *arguments],
        stdout=out, stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def test_closed_pipe_gives_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with start("schema", out=writing) as process:
        os.close(writing)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_full_standard_output_is_one_line_and_code_3() -> None:
    with Path("/dev/full").open("w") as full, start("schema", out=full.fileno()) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert err.startswith("error: standard output cannot be written")
    assert err.count("\n") == 1


def test_compare_as_text_has_intervals_what_was_possible_and_the_operations_between(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    _, out, _ = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data)
    lines = out.splitlines()
    header = next(line for line in lines if line.startswith("layer") and "called" in line)
    assert re.split("  +", header) == [
        "layer",
        "95 % interval, µs",
        "called",
        "faster, of possible",
    ]
    row = re.compile(
        r"^stem +[+-]\d+ to [+-]\d+ +(faster|leans faster|not told apart) +"
        r"\d\.\d\dx(?: of|, over) \d\.\d\dx$"
    )
    assert any(row.search(line) for line in lines)
    assert any(line.startswith("ceiling: 1.82x of a possible") for line in lines)
    assert "fc and softmax" in out
    assert "roof" not in out


def test_compare_shows_the_share_of_the_roof_where_peaks_were_measured(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    _, out, _ = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data, "--json")
    planted_peaks(data, json.loads(out)["candidate"]["device_id"])
    _, out, _ = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data)
    assert max(map(len, out.splitlines())) <= 100
    header = next(line for line in out.splitlines() if "share of roof" in line)
    assert header.endswith("bound by")
    assert re.search(r"^stem .* \d.* % -> \d.* %  +(memory|computing)$", out, flags=re.MULTILINE)
    _, out, _ = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data, "--json")
    roofs = [group["roof"] for group in json.loads(out)["groups"] if group["roof"]]
    assert any(roof["candidate_share"] is not None for roof in roofs)


def test_compare_as_json_has_what_the_text_has(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    _, out, _ = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data, "--json")
    body = json.loads(out)
    assert set(body["ceiling"]) >= {"isa", "layer_low", "layer_high", "model", "heavy_share"}
    assert body["gates"] == []
    for group in body["groups"]:
        assert group["delta_low_us"] <= group["delta_us"] <= group["delta_high_us"]
        assert group["differs"] in {True, False}
    (reorder,) = (one for one in body["inserted"] if one["side"] == "candidate")
    assert (reorder["producer_op"], reorder["consumer_op"]) == ("fc", "softmax")
    assert body["causes"]
    assert all("speedup_without" in cause for cause in body["causes"])


GATES = (
    "--min-speedup", "1.5", "--fail-on", "slower", "--fail-on", "inconclusive",
    "--max-accuracy-drop", "5",
)  # fmt: skip


def test_gates_that_pass_are_told_and_the_code_is_0(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    planted_accuracy(data)
    code, out, err = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data, *GATES)
    assert (code, err) == (0, "")
    told = [line for line in out.splitlines() if line.startswith("gate ")]
    assert [line.split(":")[:2] for line in told] == [
        ["gate passed", " --min-speedup 1.5"], ["gate passed", " --fail-on slower"],
        ["gate passed", " --fail-on inconclusive"], ["gate passed", " --max-accuracy-drop 5"],
    ]  # fmt: skip


@pytest.mark.parametrize("form", [(), ("--json",), ("--markdown",)])
def test_a_gate_that_fails_is_code_1_and_everything_is_still_printed(
    capsys: pytest.CaptureFixture[str], data: Path, form: tuple[str, ...]
) -> None:
    code, out, err = run(capsys, "compare", BASELINE, CANDIDATE, "--data", data, *GATES, *form)
    assert (code, err) == (1, "")
    assert "the drop of int8-simplified is not known" in " ".join(out.split())
    assert "unattributed" in out
    if form == ("--json",):
        gates = json.loads(out)["gates"]
        assert [gate["passed"] for gate in gates] == [True, True, True, False]
        assert gates[0]["option"] == "--min-speedup 1.5"
        assert gates[0]["figure"] == pytest.approx(1 / 0.55, rel=0.01)
        assert (gates[3]["limit"], gates[3]["figure"]) == (5.0, None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--min-speedup", "0"), "--min-speedup is 0"),
        (("--min-speedup", "fast"), "--min-speedup"),
        (("--max-accuracy-drop", "-1"), "--max-accuracy-drop is -1"),
        (("--fail-on", "faster"), "faster"),
        (("--markdown", "--json"), "choose one"),
    ],
)
def test_gates_that_cannot_be_are_wrong_use_before_anything_is_compared(
    capsys: pytest.CaptureFixture[str], data: Path, options: tuple[str, ...], said: str
) -> None:
    code, out, err = run(capsys, "compare", BASELINE, "model=nobody", "--data", data, *options)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert "nobody" not in err
