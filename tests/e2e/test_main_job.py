"""The main job on a tiny real model: measured by the collector, found in the dashboard."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import openvino as ov
import psutil
import pytest

from collector.builtin.layers import Layers

ROOT = Path(__file__).parents[2]
BLOCKS = 2


def tiny_network(path: Path) -> Path:
    """Three convolutions and a classifier, small enough to measure in a moment."""
    net = Layers(seed=3)
    image = net.input_image(32)
    with net.scope("body"):
        data = net.relu(net.conv(image, 16, 3, name="first"))
        data = net.relu(net.conv(data, 32, 3, 2, name="second"), "second/relu")
        data = net.relu6(net.depthwise(data, 3, 1))
    data = net.dense(net.global_pool(data, keep_dims=False), 10, name="classifier")
    ov.save_model(net.model(data, "tiny", image), str(path), compress_to_fp16=False)
    return path


def collector(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the collector as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "collector", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def results(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the results command line as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "results", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one really measured run of the tiny network."""
    folder = tmp_path_factory.mktemp("main-job")
    model = tiny_network(folder / "tiny.xml")
    done = collector(
        "run", "--model", str(model), "--data", str(folder / "store"), "--blocks", str(BLOCKS),
        "--seed", "5", "--json",
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


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("after_s", [1.0, 6.0])
def test_an_interrupted_run_leaves_nothing_behind(
    tmp_path: Path, number: signal.Signals, after_s: float
) -> None:
    model = tiny_network(tmp_path / "tiny.xml")
    process = subprocess.Popen(
        [sys.executable, "-m", "collector", "run", "--model", str(model), "--data",
         str(tmp_path / "store"), "--blocks", "50"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(after_s)
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    # A shell shows 130 for both: Python ends by the signal itself where Ctrl-C met an exec().
    assert process.returncode in {130, -signal.SIGINT}, stderr
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
    assert not list((tmp_path / "store").glob("runs/*"))
    assert not [path for path in (tmp_path / "store").rglob(".*") if path.is_dir()]


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
    shown = body["cautions"] or [{"message": "nothing seen that would hurt a measurement"}]
    assert all(caution["message"] in plain for caution in shown)


def test_probe_and_runtime_agree_with_a_plain_inference(tmp_path: Path) -> None:
    """The median is that of real inferences: within a factor of two of a plain loop."""
    from collector.launcher import LaunchAnswer, Launcher, ProbeRequest

    path = tiny_network(tmp_path / "tiny.xml")
    answer = Launcher().timing(
        ProbeRequest("timing", "CPU", str(path), (("NUM_STREAMS", "1"),), measure_s=0.3)
    )
    assert isinstance(answer, LaunchAnswer)
    compiled = ov.Core().compile_model(str(path), "CPU", {"NUM_STREAMS": "1"})
    request = compiled.create_infer_request()
    request.set_input_tensor(ov.Tensor(np.zeros((1, 3, 32, 32), np.float32)))
    plain = []
    for _ in range(400):
        started = time.perf_counter()
        request.start_async()
        request.wait()
        plain.append((time.perf_counter() - started) * 1e3)
    ratio = float(np.median(answer.samples_ms) / np.median(plain[100:]))
    assert 0.5 < ratio < 2.0
