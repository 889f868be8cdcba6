"""The main job on a tiny real model: measured by the collector, found in the dashboard."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import numpy as np
import openvino as ov
import psutil
import pytest

from tests.e2e.tiny import ROOT, collector, results, tiny_network

BLOCKS = 2


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one really measured run of the tiny network."""
    folder = tmp_path_factory.mktemp("main-job")
    model = tiny_network(folder / "tiny.xml")
    done = collector(
        "run", "--model", str(model), "--data", str(folder / "store"), "--blocks", str(BLOCKS),
        "--effort", "quick", "--seed", "5", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert {arm["arm"] for arm in body["arms"]} == {
        "fp32@f32",
        "fp32@default",
        "int8-simplified@default",
    }
    assert " left)" in done.stderr
    return folder / "store"


@pytest.mark.slow
def test_three_arms_share_every_block(measured: Path) -> None:
    listed = json.loads(results("list", "--data", str(measured), "--json").stdout)
    assert [cell["blocks"] for cell in listed["cells"]] == [BLOCKS] * 3
    assert all(cell["p50_ms"] > 0 for cell in listed["cells"])


@pytest.mark.slow
def test_the_comparison_is_paired_covered_and_closes_to_the_wall(measured: Path) -> None:
    done = results(
        "compare", "arm=fp32@f32", "arm=int8-simplified@default", "--data", str(measured), "--json"
    )
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert body["paired"]
    assert body["blocks"] == BLOCKS
    assert body["coverage"]["baseline"] >= 0.99
    assert body["coverage"]["candidate"] >= 0.99
    wall_us = (body["candidate_ms"] - body["baseline_ms"]) * 1e3
    assert sum(body["attribution_us"].values()) == pytest.approx(wall_us, abs=0.01)
    layers = {name for group in body["groups"] for name in group["source_ops"]}
    assert {"body/first", "body/second", "body/depthwise", "classifier"} <= layers
    executed = {
        layer["runtime_precision"] for group in body["groups"] for layer in group["candidate"]
    }
    assert executed & {"u8", "i8"}, "the INT8 arm executed nothing in INT8"


@pytest.mark.slow
def test_the_store_is_sound_and_its_index_can_be_rebuilt(measured: Path) -> None:
    assert results("verify", "--data", str(measured)).returncode == 0
    assert results("rebuild", "--data", str(measured)).returncode == 0
    assert not list((measured / "runs").glob(".tmp-*"))


@pytest.mark.slow
def test_the_pages_show_the_measured_model(measured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.testing.v1 import AppTest

    monkeypatch.setitem(os.environ, "INT8_LENS_DATA", str(measured))
    page = AppTest.from_file(str(ROOT / "dashboard" / "app.py"), default_timeout=60).run()
    assert not page.exception
    shown = " ".join(str(element.value) for element in page.markdown)
    assert "tiny" in shown


def test_bad_input_gets_one_line_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "noise.onnx").write_bytes(b"no model")
    cases = (
        (["run", "--model", str(tmp_path / "absent.onnx")], "no such file"),
        (["run", "--model", str(tmp_path / "noise.onnx")], "cannot read"),
        (["run", "--model", "mobilnet"], "mobilenet_v2"),
        (["run", "--model", "resnet_50", "--device", "NPU"], "NPU"),
        (["run", "--model", "resnet_50", "--isa-cap", "AVX9"], "AVX9"),
        (["run", "--model", "resnet_50", "--input-shape", "one"], "one"),
        (["run"], "--model"),
        (["sing"], "sing"),
    )
    for arguments, said in cases:
        done = collector(
            *arguments, *(["--data", str(tmp_path / "s")] if len(arguments) > 1 else [])
        )
        assert done.returncode == 2, (arguments, done.stderr)
        assert said in done.stderr
        lines = [line for line in done.stderr.splitlines() if " left)" not in line]
        assert len(lines) == 1, done.stderr
        assert lines[0].startswith("error: ")


def test_a_data_folder_that_cannot_be_written_is_exit_code_3(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = collector("run", "--model", "resnet_50", "--data", str(tmp_path / "file" / "store"))
    assert done.returncode == 3
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.strip().splitlines()) == 1


def test_doctor_describes_this_machine() -> None:
    done = collector("doctor", "--json")
    assert done.returncode == 0, done.stderr
    body = json.loads(done.stdout)
    assert body["machine"]["logical_cpus"] == psutil.cpu_count()
    assert body["openvino"]["version"].startswith(ov.get_version().split("-")[0])
    assert "CPU" in body["openvino"]["devices"]
    plain = collector("doctor").stdout
    assert body["machine"]["cpu_model"] in plain
    lasting = [caution for caution in body["cautions"] if caution["subject"] == "machine"]
    assert all(caution["message"] in plain for caution in lasting)


def test_probe_and_runtime_agree_with_a_plain_inference(tmp_path: Path) -> None:
    """The median is that of real inferences: within a factor of two of a plain loop."""
    from collector.answers import LaunchAnswer
    from collector.launcher import Launcher, ProbeRequest

    path = tiny_network(tmp_path / "tiny.xml")
    answer = Launcher().timing(
        ProbeRequest("timing", "CPU", str(path), (("NUM_STREAMS", "1"),)), turns=3
    )
    assert isinstance(answer, LaunchAnswer)
    compiled = ov.Core().compile_model(str(path), "CPU", {"NUM_STREAMS": "1"})
    request = compiled.create_infer_request()
    request.set_input_tensor(ov.Tensor(np.zeros((1, 3, 32, 32), np.float32)))
    plain = []
    for _ in range(400):
        started = time.perf_counter()
        request.infer(share_outputs=True)
        plain.append((time.perf_counter() - started) * 1e3)
    ratio = float(np.median(answer.samples_ms) / np.median(plain[100:]))
    assert 0.5 < ratio < 2.0
