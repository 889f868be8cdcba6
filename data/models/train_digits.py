"""Trains the built-in model ``digits`` and writes its weights, ``data/models/digits.npz``.

Run from the root of the checkout, with torch beside what requirements.txt names:

    python -m data.models.train_digits --validate   # choose settings: the held-out part is not read
    python -m data.models.train_digits              # train on all 1200, write, and judge once

The network's sizes and its samples come from ``collector.builtin``. What is written has its
batch norms folded into the convolutions, under the names of the graph's constants, so that the
graph needs neither torch nor this script. docs/models.md says what came out.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from collector.builtin import digits, digits_model
from collector.builtin.layers import make_divisible
from collector.builtin.mobilenet_v3 import V3Block

if TYPE_CHECKING:
    from torch import Tensor

OUTPUT = Path(__file__).with_name("digits.npz")
SEED = 20191
THREADS = 1  # another number adds in another order, which changes the last bits
EPOCHS = 60
BATCH = 48
PEAK_RATE = 4e-3
WARM_UP_SHARE = 0.05
WEIGHT_DECAY = 0.02
LABEL_SMOOTHING = 0.1
# Training samples from here on are what settings are chosen on.
VALIDATION_START = 960
# Limits of the random distortions, each drawn evenly: radians, shares, shares of half a side.
ROTATION, SCALING, SHEAR, SHIFT = 0.25, 0.15, 0.15, 0.15

_EPSILON = 1e-5
_MOMENTUM = 0.05


class Network:
    """The weights by their names in the graph, and the steps that use them."""

    def __init__(self) -> None:
        import torch

        self._random = torch.Generator().manual_seed(SEED)
        self.trained: dict[str, Tensor] = {}
        self._means: dict[str, Tensor] = {}
        self._variances: dict[str, Tensor] = {}
        self.is_training = True

    def conv(
        self, data: Tensor, channels: int, kernel: int, name: str, *, stride: int = 1,
        groups: int = 1,
    ) -> Tensor:  # fmt: skip
        """Convolution with batch norm."""
        import torch.nn.functional as fn

        weights = self._weights((channels, data.shape[1] // groups, kernel, kernel), name)
        data = fn.conv2d(data, weights, None, stride, kernel // 2, 1, groups)
        mean = self._kept(self._means, name, 0.0, channels)
        variance = self._kept(self._variances, name, 1.0, channels)
        return fn.batch_norm(
            data, mean, variance, self._vector(f"{name}/gamma", 1.0, channels),
            self._vector(f"{name}/beta", 0.0, channels), self.is_training, _MOMENTUM, _EPSILON,
        )  # fmt: skip

    def biased(self, data: Tensor, channels: int, name: str) -> Tensor:
        """1x1 convolution [n, c, 1, 1] or dense layer [n, c], with a bias and no batch norm."""
        import torch.nn.functional as fn

        shape = (channels, *data.shape[1:])
        weights = self._weights(shape, name)
        bias = self._vector(f"{name}/bias", 0.0, channels)
        return fn.conv2d(data, weights, bias) if data.ndim == 4 else fn.linear(data, weights, bias)

    def _weights(self, shape: Iterable[int], name: str) -> Tensor:
        import torch

        if f"{name}/weights" not in self.trained:
            sizes = tuple(shape)
            drawn = torch.randn(sizes, generator=self._random) * math.sqrt(2 / math.prod(sizes[1:]))
            self.trained[f"{name}/weights"] = drawn.requires_grad_()
        return self.trained[f"{name}/weights"]

    def _vector(self, name: str, value: float, size: int) -> Tensor:
        import torch

        if name not in self.trained:
            self.trained[name] = torch.full((size,), value).requires_grad_()
        return self.trained[name]

    @staticmethod
    def _kept(values: dict[str, Tensor], name: str, value: float, size: int) -> Tensor:
        import torch

        return values.setdefault(name, torch.full((size,), value))

    def folded(self) -> dict[str, NDArray[np.float32]]:
        """Every constant of the graph by its name, batch norms folded, in float32."""
        answer = {}
        names = [name.removesuffix("/weights") for name in self.trained if name.endswith("weights")]
        for name in names:
            weights = _array(self.trained[f"{name}/weights"])
            if name in self._means:
                spread = np.sqrt(_array(self._variances[name]) + _EPSILON)
                factor = _array(self.trained[f"{name}/gamma"]) / spread
                bias = _array(self.trained[f"{name}/beta"]) - _array(self._means[name]) * factor
                weights = weights * factor.reshape(-1, 1, 1, 1)
            else:
                bias = _array(self.trained[f"{name}/bias"])
            if name.endswith("depthwise"):
                weights = weights[:, np.newaxis]
            ranks = (1, -1, 1, 1) if weights.ndim > 2 else (1, -1)
            answer[f"{name}/weights"] = weights.astype(np.float32)
            answer[f"{name}/bias/values"] = bias.reshape(ranks).astype(np.float32)
        return answer


def _array(values: Tensor) -> NDArray[np.float64]:
    return np.asarray(values.detach().numpy(), dtype=np.float64)


def forward(net: Network, images: Tensor) -> Tensor:
    """Logits [n, 10] of images [n, 1, 32, 32]; the steps of ``digits_model.digits_graph``."""
    import torch.nn.functional as fn

    data = images * digits_model.INPUT_SCALE + digits_model.INPUT_SHIFT
    data = fn.hardswish(net.conv(data, digits_model.STEM_CHANNELS, 3, "stem/conv"))
    for index, block in enumerate(digits_model.BLOCKS, start=1):
        data = _block(net, data, block, f"block{index}")
    data = fn.hardswish(net.conv(data, digits_model.LAST_CHANNELS, 1, "head/last/conv"))
    data = data.mean((2, 3))
    data = fn.hardswish(net.biased(data, digits_model.FEATURES, "head/features/dense"))
    return net.biased(data, digits.CLASSES, "head/classifier")


def _block(net: Network, data: Tensor, block: V3Block, name: str) -> Tensor:
    import torch.nn.functional as fn

    activate = fn.hardswish if block.hswish else fn.relu
    inner = data
    if block.expanded != data.shape[1]:
        inner = activate(net.conv(inner, block.expanded, 1, f"{name}/expand"))
    inner = activate(
        net.conv(
            inner, block.expanded, block.kernel, f"{name}/depthwise", stride=block.stride,
            groups=block.expanded,
        )
    )  # fmt: skip
    if block.squeeze:
        gate = inner.mean((2, 3), keepdim=True)
        reduced = make_divisible(block.expanded / 4)
        gate = fn.relu(net.biased(gate, reduced, f"{name}/se/reduce"))
        inner = inner * fn.hardsigmoid(net.biased(gate, block.expanded, f"{name}/se/expand"))
    inner = net.conv(inner, block.channels, 1, f"{name}/project")
    return data + inner if data.shape == inner.shape else inner


def distorted(images: Tensor, random: np.random.Generator) -> Tensor:
    """Images turned, scaled, sheared and shifted a little, each in its own way."""
    import torch
    import torch.nn.functional as fn

    count = len(images)
    angle = random.uniform(-ROTATION, ROTATION, count)
    across, down = 1 + random.uniform(-SCALING, SCALING, (2, count))
    shear = random.uniform(-SHEAR, SHEAR, count)
    rows = np.empty((count, 2, 3), dtype=np.float32)
    rows[:, 0, 0], rows[:, 0, 1] = np.cos(angle) * across, -np.sin(angle) + shear
    rows[:, 1, 0], rows[:, 1, 1] = np.sin(angle), np.cos(angle) * down
    rows[:, :, 2] = random.uniform(-SHIFT, SHIFT, (count, 2))
    grid = fn.affine_grid(torch.from_numpy(rows), list(images.shape), align_corners=False)
    return fn.grid_sample(images, grid, align_corners=False)


def train(images: Tensor, labels: Tensor, epochs: int) -> Network:
    """A network trained on images [n, 1, 32, 32] with values 0 to 16."""
    import torch
    import torch.nn.functional as fn

    net, random = Network(), np.random.Generator(np.random.PCG64(SEED))
    forward(net, images[:2])  # draws the weights
    batches = len(images) // BATCH
    optimiser = torch.optim.AdamW(net.trained.values(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, PEAK_RATE, total_steps=epochs * batches, pct_start=WARM_UP_SHARE
    )
    for epoch in range(epochs):
        losses = []
        for chosen in np.array_split(random.permutation(len(images))[: batches * BATCH], batches):
            logits = forward(net, distorted(images[chosen], random))
            loss = fn.cross_entropy(logits, labels[chosen], label_smoothing=LABEL_SMOOTHING)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
        if epoch % 10 == 9:
            _say(f"epoch {epoch + 1} of {epochs}: loss {np.mean(losses):.4f}")
    net.is_training = False
    return net


def accuracy(net: Network, images: Tensor, labels: Tensor) -> float:
    """Share of images whose highest logit is at their label."""
    import torch

    with torch.no_grad():
        return float((forward(net, images).argmax(1) == labels).float().mean())


def tensors(examples: Iterable[digits.Example]) -> tuple[Tensor, Tensor]:
    """Images [n, 1, 32, 32] and labels [n]."""
    import torch

    images, labels = zip(*examples, strict=True)
    return torch.from_numpy(np.concatenate(images)), torch.tensor(labels)


def main() -> None:
    """Train, and either tell the accuracy on the validation part, or write and judge once."""
    import torch

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--validate", action="store_true", help="write nothing, judge settings")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--output", type=Path, default=OUTPUT)
    wanted = parser.parse_args()
    torch.set_num_threads(THREADS)
    torch.use_deterministic_algorithms(mode=True)
    images, labels = tensors(digits.training())
    if wanted.validate:
        start = VALIDATION_START
        net = train(images[:start], labels[:start], wanted.epochs)
        _say(f"validation: {accuracy(net, images[start:], labels[start:]):.4f}")
        return
    net = train(images, labels, wanted.epochs)
    arrays: dict[str, Any] = dict(net.folded())
    np.savez(wanted.output, **arrays)
    _say(f"wrote {wanted.output}, {wanted.output.stat().st_size} bytes")
    _say(f"held out: {accuracy(net, *tensors(digits.held_out())):.4f}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
