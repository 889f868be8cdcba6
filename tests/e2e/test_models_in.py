"""A model comes in: quantised three ways, judged, measured; done once and kept by content."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import openvino as ov
import pytest

from results.facts import Accuracy, Cell, Dataset, Launch, LayerAccuracy, Run, SourceOp, Variant
from results.schema import F
from tests.e2e.tiny import collector, results, runs_of, stored, tiny_network

SAMPLES = 24
QUICK = ("--effort", "quick", "--blocks", "1", "--measure", "0.05")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network, and samples whose labels are what its float form answers, but for two."""
    home = tmp_path_factory.mktemp("models-in")
    model = tiny_network(home / "tiny.xml")
    samples = np.random.default_rng(1).normal(size=(SAMPLES, 3, 32, 32)).astype(np.float32)
    compiled = ov.Core().compile_model(str(model), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    labels = np.array([int(compiled(one[None])[0].argmax()) for one in samples])
    labels[:2] = (labels[:2] + 1) % 10
    np.savez(home / "samples.npz", x=samples, labels=labels)
    return home


@pytest.fixture(scope="module")
def quantized(folder: Path) -> Path:
    """The store after ``quantize --mode full``."""
    done = collector(
        "quantize", folder / "tiny.xml", "--mode", "full", "--dataset", folder / "samples.npz",
        "--subset-size", "8", "--data", folder / "store", "--output-dir", folder / "out",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "top-1" in done.stdout or "%" in done.stdout
    return folder / "store"


def _facts(row: type[F], store: Path) -> list[F]:
    return [fact for run in runs_of(store) for fact in stored(row, run)]


def test_what_was_quantised_is_stored_with_its_recipe_and_its_accuracy(
    folder: Path, quantized: Path
) -> None:
    (run,) = _facts(Run, quantized)
    assert run.kind == "quantized"
    variants = {variant.kind: variant for variant in _facts(Variant, quantized)}
    assert set(variants) == {"fp32", "int8-full"}
    made = variants["int8-full"]
    recipe = json.loads(made.recipe)
    assert (recipe["mode"], recipe["samples"]) == ("full", 8)
    (dataset,) = _facts(Dataset, quantized)
    assert recipe["calibration"] == dataset.dataset_id
    assert (dataset.samples, dataset.skipped, dataset.labelled) == (SAMPLES, 0, True)
    top1 = {
        row.variant_id: row.value for row in _facts(Accuracy, quantized) if row.metric == "top1"
    }
    assert top1[variants["fp32"].variant_id] == pytest.approx((SAMPLES - 2) / SAMPLES)
    assert made.variant_id in top1
    copy = ov.Core().read_model(str(folder / "out" / "tiny-int8-full.xml"))
    assert "FakeQuantize" in {op.get_type_name() for op in copy.get_ops()}


def test_every_layer_has_its_error(quantized: Path) -> None:
    ops = {op.op_name for op in _facts(SourceOp, quantized) if "Convolution" in op.op_type}
    layers = {row.op_name: row for row in _facts(LayerAccuracy, quantized)}
    assert {"body/first", "body/second", "body/depthwise"} <= ops & set(layers)
    assert all(10 < (layers[name].sqnr_db or 0) < 90 for name in ("body/first", "body/second"))


def _made(store: Path) -> dict[Path, int]:
    """What was made and judged, and when; a description says when it was asked for last."""
    files = [path for path in (store / "cache").rglob("*.*") if path.suffix in {".xml", ".bin"}]
    files += (store / "cache").rglob("judged-*.json")
    return {path: path.stat().st_mtime_ns for path in files}


def test_the_same_recipe_again_quantises_and_judges_nothing(folder: Path, quantized: Path) -> None:
    kept = _made(quantized)
    assert len(kept) >= 6
    done = collector(
        "quantize", folder / "tiny.xml", "--mode", "full", "--dataset", folder / "samples.npz",
        "--subset-size", "8", "--data", quantized, "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert _made(quantized) == kept
    assert "nothing was quantised again" in done.stderr
    body = json.loads(done.stdout)
    assert body["kind"] == "int8-full"
    assert [variant.variant_id for variant in _facts(Variant, quantized)].count(
        body["variant_id"]
    ) == 2


def test_run_measures_what_was_quantised_and_compare_tells_its_accuracy(
    folder: Path, quantized: Path
) -> None:
    done = collector(
        "run", "--model", folder / "tiny.xml", "--dataset", folder / "samples.npz",
        "--data", quantized, *QUICK,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    arms = {cell.arm for cell in _facts(Cell, quantized)}
    assert arms == {"fp32@f32", "fp32@default", "int8-simplified@default", "int8-full@default"}
    assert all(launch.status == "ok" for launch in _facts(Launch, quantized))
    told = results(
        "compare", "arm=fp32@f32", "arm=int8-full@default", "--data", quantized, "--json"
    )
    assert told.returncode == 0, told.stderr
    body = json.loads(told.stdout)
    assert body["accuracy"]
    assert any(group["sqnr_db"] for group in body["groups"])


def test_arms_that_lack_data_are_told(folder: Path, tmp_path: Path) -> None:
    done = collector(
        "run", "--model", folder / "tiny.xml", "--arm", "int8-full@default",
        "--arm", "fp32@f32", "--data", tmp_path / "store", *QUICK,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "there is no tiny int8-full" in done.stderr
    alone = collector(
        "run", "--model", folder / "tiny.xml", "--arm", "int8-full@default",
        "--data", tmp_path / "store", *QUICK,
    )  # fmt: skip
    assert alone.returncode == 2
    assert "quantize" in alone.stderr


def test_a_bar_that_cannot_be_met_keeps_the_best_and_says_no(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = ov.Core().compile_model(
        str(folder / "tiny.xml"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    samples = np.load(folder / "samples.npz")["x"]
    np.save(tmp_path / "float.npy", np.concatenate([compiled(one[None])[0] for one in samples]))
    (tmp_path / "picky.py").write_text(
        "import pathlib\nimport numpy as np\n"
        "def closeness(outputs, labels):\n"
        "    wanted = np.load(pathlib.Path(__file__).with_name('float.npy'))\n"
        "    found = next(iter(outputs.values()))\n"
        "    return -float(np.abs(found - wanted[: len(found)]).max())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = collector(
        "quantize", folder / "tiny.xml", "--mode", "accuracy", "--max-drop", "0",
        "--metric", "picky:closeness", "--dataset", folder / "samples.npz",
        "--subset-size", "8", "--data", tmp_path / "store",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "the best" in done.stderr
    (made,) = [one for one in _facts(Variant, tmp_path / "store") if one.kind == "int8-accuracy"]
    assert made.note is not None
    assert made.note in done.stderr
    assert "FakeQuantize" in {
        op.op_type.rpartition("::")[2]
        for op in _facts(SourceOp, tmp_path / "store")
        if op.variant_id == made.variant_id
    }, "the best is an INT8 model"
    values = [row for row in _facts(Accuracy, tmp_path / "store")
              if row.metric == "picky:closeness"]  # fmt: skip
    assert {row.variant_id for row in values if row.value < 0} == {made.variant_id}


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--mode", "full"), 2, "needs data"),
        (("--mode", "best"), 2, "'best'"),
        (("--mode", "full", "--dataset", "{home}/none"), 2, "none"),
        (("--mode", "full", "--dataset", "{home}/empty"), 2, "empty"),
        (("--mode", "full", "--dataset", "{home}/small.npy"), 2, "shape"),
        (("--ignore-name", "body/frist"), 2, "body/first"),
        (("--max-drop", "0.1"), 2, "--max-drop"),
    ],
)
def test_bad_input_is_one_line_and_leaves_nothing(
    folder: Path, tmp_path: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    (folder / "empty").mkdir(exist_ok=True)
    np.save(folder / "small.npy", np.zeros((3, 3, 8, 8), np.float32))
    filled = [option.format(home=folder) for option in options]
    done = collector("quantize", folder / "tiny.xml", *filled, "--data", tmp_path / "store")
    assert done.returncode == code, done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert said in errors[0]
    assert "Traceback" not in done.stderr
    assert runs_of(tmp_path / "store") == []
