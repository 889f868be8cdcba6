"""The built-in model with true accuracy: its samples, its weights, and what it gets right."""

from __future__ import annotations

import hashlib
import importlib
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from PIL import Image

from collector.builtin import trained
from collector.builtin.catalogue import builtin_model
from collector.builtin.digits import enlarged, held_out, training
from collector.builtin.digits_model import digits_graph
from collector.models import graph
from results.errors import HostError

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "data" / "models" / "digits.npz"
PAGE = (ROOT / "docs" / "models.md").read_text()


@cache
def _model() -> ov.Model:
    return builtin_model("digits").build()


def _small(image: NDArray[Any]) -> NDArray[Any]:
    """The 8x8 image that was enlarged: enlarging is linear, so it can be undone."""
    found: NDArray[Any] = np.rint(_shrinking() @ image @ _shrinking().T)
    return found


@cache
def _shrinking() -> NDArray[Any]:
    """[8, 32]: undoes what enlarging does to one axis."""
    ones = np.ones(8, dtype=np.float32)
    columns = [enlarged(np.outer(row, ones).astype(np.float32))[:, 0] for row in np.eye(8)]
    return np.linalg.pinv(np.stack(columns, axis=1))


def test_training_and_held_out_are_all_digits_in_their_order_and_none_twice() -> None:
    known = importlib.import_module("sklearn.datasets").load_digits()
    first, last = list(training()), list(held_out())
    assert (len(first), len(last)) == (1200, 597)
    assert [label for _, label in first + last] == known.target.tolist()
    images = np.stack([_small(image[0, 0]) for image, _ in first + last])
    assert (images == known.images).all()
    assert not {i.tobytes() for i, _ in first} & {i.tobytes() for i, _ in last}


def test_samples_are_raw_and_fit_the_model() -> None:
    image, label = next(held_out())
    assert image.shape == (1, 1, 32, 32)
    assert image.dtype == np.float32
    assert isinstance(label, int)
    assert 0 <= image.min() < image.max() <= 16
    (port,) = _model().inputs
    assert tuple(port.shape) == image.shape


def test_images_are_enlarged_as_pillow_does() -> None:
    random = np.random.default_rng(0)
    small = random.integers(0, 17, (8, 8)).astype(np.float32)
    other = np.asarray(Image.fromarray(small).resize((32, 32), Image.Resampling.BILINEAR))
    assert np.abs(enlarged(small) - other).max() < 1e-5


def test_images_are_enlarged_without_rounding() -> None:
    small = np.random.default_rng(1).integers(0, 17, (8, 8))
    sixty_fourths = enlarged(small.astype(np.float32)) * 64
    assert (sixty_fourths == np.rint(sixty_fourths)).all()


def test_reading_the_samples_loads_neither_pandas_nor_openvino() -> None:
    code = (
        "import sys\nfrom collector.builtin.digits import held_out\nnext(held_out())\n"
        "print({'pandas', 'openvino', 'sklearn', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def test_at_least_98_percent_of_the_held_out_digits_are_right() -> None:
    compiled = ov.Core().compile_model(_model(), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    right = sum(int(compiled(image)[0].argmax()) == label for image, label in held_out())
    assert right >= 0.98 * 597
    assert f"{right} of 597" in PAGE


def test_the_catalogue_names_the_samples() -> None:
    judging = builtin_model("digits").judging
    assert judging is not None
    assert judging.calibration is not None
    assert judging.data.source == "collector.builtin.digits:held_out"
    assert judging.calibration.source == "collector.builtin.digits:training"
    for request in (judging.data, judging.calibration):
        module, _, name = request.source.partition(":")
        assert next(getattr(importlib.import_module(module), name)())[0].shape == (1, 1, 32, 32)


def test_the_weights_are_small_and_the_ones_that_the_docs_describe() -> None:
    stored = WEIGHTS.read_bytes()
    assert len(stored) <= 1_000_000
    assert hashlib.sha256(stored).hexdigest() in PAGE
    assert "python -m data.models.train_digits" in PAGE


def test_every_stored_weight_is_in_the_graph_as_it_was_stored() -> None:
    stored = trained.read_weights("digits")
    constants = {
        op.get_friendly_name(): op.get_data()
        for op in _model().get_ordered_ops()
        if op.get_type_name() == "Constant" and op.get_friendly_name() in stored
    }
    assert constants.keys() == stored.keys()
    assert all((constants[name] == values).all() for name, values in stored.items())
    assert all(values.dtype == np.float32 for values in stored.values())
    assert graph.parameter_count(_model()) == sum(values.size for values in stored.values())


def test_it_is_built_like_a_mobilenet_v3_and_large_enough_to_measure() -> None:
    kinds = [op.get_type_name() for op in _model().get_ordered_ops()]
    for kind in ("GroupConvolution", "HSwish", "HSigmoid", "Add"):
        assert kinds.count(kind) >= 3
    assert 2e6 < graph.total_macs(_model()) < 10e6


def test_lost_or_damaged_weights_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trained, "FOLDER", tmp_path)
    for content in (None, b"", b"no weights", WEIGHTS.read_bytes()[:-100]):
        if content is not None:
            (tmp_path / "digits.npz").write_bytes(content)
        with pytest.raises(HostError, match=r"weights of digits cannot be read from .*digits\.npz"):
            builtin_model("digits").build()


def test_weights_of_another_shape_are_refused() -> None:
    weights = trained.read_weights("digits")
    weights["stem/conv/weights"] = weights["stem/conv/weights"][:8]
    with pytest.raises(ValueError, match=r"stem/conv/weights has the shape \(8, 1, 3, 3\)"):
        digits_graph(weights)


@pytest.fixture
def script() -> ModuleType:
    if find_spec("torch") is None:
        pytest.skip("needs torch, which only training needs")
    return importlib.import_module("data.models.train_digits")


def test_what_is_trained_is_what_the_graph_computes(script: ModuleType) -> None:
    torch = importlib.import_module("torch")
    images, labels = script.tensors(list(training())[:96])
    net = script.train(images, labels, epochs=2)
    compiled = ov.Core().compile_model(
        digits_graph(net.folded()), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    for image in images[:8].numpy():
        wanted = torch.softmax(script.forward(net, torch.from_numpy(image[np.newaxis])), 1)
        assert np.abs(compiled(image[np.newaxis])[0] - wanted.detach().numpy()).max() < 1e-4
