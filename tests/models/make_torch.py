"""Makes the PyTorch files of this folder; see README.md. Needs PyTorch 2.13.

The weights are drawn from a seed and recognise nothing.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np

HERE = Path(__file__).parent
Tensor: TypeAlias = Any
"""A tensor, layer or module of PyTorch, whose types are not there where this is checked."""


def network(torch: ModuleType) -> Tensor:
    """Convolution, hard swish, mean, dense, softmax on a 3x16x16 image."""
    torch.manual_seed(8)
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding=1),
        nn.Hardswish(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 4),
        nn.Softmax(1),
    ).eval()


def main() -> None:
    """Write every file anew."""
    torch = importlib.import_module("torch")

    model = network(torch)
    raw = np.random.default_rng(16).integers(0, 256, (1, 3, 16, 16), np.uint8)
    given = torch.from_numpy((raw.astype(np.float32) - np.float32(127.5)) / np.float32(127.5))
    exported = torch.export.export(model, (given,))
    for node in exported.graph.nodes:
        node.meta.pop("stack_trace", None)  # names folders of the machine
    torch.export.save(exported, str(HERE / "small.pt2"))
    with torch.no_grad():
        np.savez_compressed(HERE / "torch.npz", image=raw, scores=model(given).numpy())
    sys.stdout.write(f"made with PyTorch {torch.__version__}\n")


if __name__ == "__main__":
    main()
