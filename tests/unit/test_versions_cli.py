"""``results changes`` and ``results series``: answers on stdout, one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from results import cli
from tests.planted import ARMS
from tests.planted_versions import AGAIN, FUSED, INT8, NEWEST, OLD, VERSIONS, versions_store

CRASH = "timing: the probe was ended by signal 11 (SIGSEGV)"


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    failed = {(OLD, "a", ARMS[0]): CRASH}
    folder = tmp_path_factory.mktemp("cli") / "data"
    return versions_store(folder, models=("a", "b"), failed=failed).root


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_changes_of_one_cell_are_the_details(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    code, out, err = run(
        capsys, "changes", "2022", "2023.3", "--model", "b", "--arm", ARMS[2], "--data", data
    )
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.splitlines()) <= 100
    text = " ".join(out.split())
    assert "2 Reorders gone (-110 µs)" in text
    assert "Conversions gone: 2" in text
    assert "jit_avx512_dw_f32 brgconv_avx512_dw_I8 200 µs 100 µs" in text


def test_changes_of_many_cells_are_the_triage(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    code, out, _ = run(capsys, "changes", "2021.4", "2023.3", "--data", data)
    assert code == 0
    assert max(len(line) for line in out.splitlines()) <= 100
    text = " ".join(out.split())
    assert f"From {OLD} to {INT8}, of 6 cells: 3 faster, 2 much faster, 1 fixed." in text
    assert "4 Reorders gone (-220 µs in all): 2 cells of 2 models (much faster)" in text
    assert f"{CRASH}: 1 cell of a (fixed)" in text


def test_changes_as_json_have_the_same_answer(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    _, out, _ = run(capsys, "changes", OLD, INT8, "--data", data, "--json")
    body = json.loads(out)
    assert body["counts"] == {"faster": 3, "much faster": 2, "fixed": 1}
    assert len(body["rows"]) == 6
    assert body["changes"] is None
    one = ("--model", "b", "--arm", ARMS[2])
    _, out, _ = run(capsys, "changes", OLD, INT8, *one, "--data", data, "--json")
    found = json.loads(out)["changes"]
    assert [node["time_us"] for node in found["gone"]] == [60.0, 50.0]
    assert found["estimate"]["paired"] is True
    assert found["estimate"]["ci_low"] < found["estimate"]["ratio"] < found["estimate"]["ci_high"]


def test_one_cell_that_failed_is_told_with_its_reason(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    one = ("--model", "a", "--arm", ARMS[0])
    code, out, _ = run(capsys, "changes", INT8, OLD, *one, "--data", data)
    assert code == 0
    assert "1 failed" in out
    assert CRASH in " ".join(out.split())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("2019.3", INT8), f"no OpenVINO 2019.3 was measured here; there is {', '.join(VERSIONS)}"),
        ((INT8, "2023"), f"both versions are {INT8}"),
        ((OLD, INT8, "--model", "resnet"), "no cell has model=resnet"),
        ((OLD, INT8, "--device", "GPU"), "no cell has device=GPU"),
    ],
)
def test_what_the_store_has_not_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], data: Path, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = run(capsys, "changes", *arguments, "--data", data)
    assert (code, out) == (2, "")
    assert told in err
    assert len(err.splitlines()) == 1


def test_an_empty_store_has_no_series_and_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = run(capsys, "series", "--data", tmp_path)
    assert code == 2
    assert "holds no measured results" in err


def test_series_tell_the_best_version_the_steps_and_the_failures(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    code, out, err = run(capsys, "series", "--model", "a", "--data", data)
    assert (code, err) == (0, "")
    assert max(len(line) for line in out.splitlines()) <= 100
    text = " ".join(out.split())
    best = text.partition("Best version: ")[2].partition(";")[0]
    assert best.endswith(f" with {ARMS[2]}, not told apart and within 2 %")
    assert all(f"{version} (0.5" in best for version in (INT8, AGAIN, NEWEST))
    assert f"{OLD} failed: {CRASH}" in text
    rows = [line for line in out.splitlines() if line.startswith(f"  {INT8}")]
    assert any("▲*  1.40x as fast" in row for row in rows)


def test_series_as_json_have_points_in_order_with_their_steps(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    _, out, _ = run(capsys, "series", "--model", "b", "--arm", ARMS[2], "--data", data, "--json")
    (history,) = json.loads(out)["histories"]
    (series,) = history["series"]
    assert [point["version"] for point in series["points"]] == list(VERSIONS)
    changed = [p["version"] for p in series["points"] if p["step"] and p["step"]["is_change_point"]]
    assert changed == [FUSED, INT8]


def test_compare_takes_two_versions_of_one_cell_and_keeps_the_arm(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    first = f"model=b,arm={ARMS[2]},runtime=2021.4"
    code, out, _ = run(capsys, "compare", first, "runtime=2023.3", "--data", data, "--json")
    body = json.loads(out)
    assert code == 0
    assert (body["baseline"]["runtime"], body["candidate"]["runtime"]) == (OLD, INT8)
    assert body["candidate"]["arm"] == ARMS[2]
    assert body["paired"] is True


def test_layers_of_old_versions_are_told_in_one_spelling(
    capsys: pytest.CaptureFixture[str], data: Path
) -> None:
    first = f"model=b,arm={ARMS[1]},runtime=2021.4"
    _, out, _ = run(capsys, "compare", first, "runtime=2023.3", "--data", data)
    assert "baseline ran in: f32 100 %" in out


def test_versions_of_different_runs_are_marked_unpaired_in_text_and_json(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    versions_store(tmp_path, (FUSED,))
    versions_store(tmp_path, (INT8,), day=1)
    _, out, _ = run(capsys, "series", "--arm", ARMS[2], "--data", tmp_path)
    (row,) = [line for line in out.splitlines() if line.startswith(f"  {INT8}")]
    assert "▲ " in row, "no star"
    assert "unpaired" in " ".join(out.split()).partition(f" {INT8} ")[2]
    _, out, _ = run(capsys, "changes", FUSED, INT8, "--data", tmp_path)
    assert out.count("unpaired") == 1 + 3, "the sentence, and each of three rows"
    _, out, _ = run(capsys, "changes", FUSED, INT8, "--data", tmp_path, "--json")
    assert [row["unpaired"] for row in json.loads(out)["rows"]] == [True] * 3
