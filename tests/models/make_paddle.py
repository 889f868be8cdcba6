"""Makes the Paddle files of this folder; see README.md. Needs PaddlePaddle 3.3.

small.pdmodel with small.pdiparams is the format that OpenVINO reads; pir.json is the newer one,
which it does not read yet. The weights are drawn from a seed and recognise nothing.
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
"""A tensor, layer or module of Paddle, whose types are not there where this is checked."""


def network(paddle: ModuleType) -> tuple[Tensor, Tensor]:
    """Convolution, hard swish, mean, dense, softmax on a 3x16x16 image: its input and output."""
    weights = np.random.default_rng(7)

    def drawn(*shape: int) -> Tensor:
        values = weights.normal(0, 0.3, shape).astype(np.float32)
        return paddle.ParamAttr(initializer=paddle.nn.initializer.Assign(values))

    image = paddle.static.data("image", [None, 3, 16, 16], "float32")
    convolution = paddle.nn.Conv2D(
        3, 8, 3, stride=2, padding=1, weight_attr=drawn(8, 3, 3, 3), bias_attr=drawn(8)
    )
    found = paddle.nn.functional.hardswish(convolution(image))
    found = paddle.mean(found, axis=[2, 3])
    dense = paddle.nn.Linear(8, 4, weight_attr=drawn(8, 4), bias_attr=drawn(4))
    return image, paddle.nn.functional.softmax(dense(found))


def old_format(paddle: ModuleType) -> None:
    """small.pdmodel, small.pdiparams, and what Paddle answers in paddle.npz."""
    with paddle.pir_utils.OldIrGuard():
        program, start = paddle.static.Program(), paddle.static.Program()
        with paddle.static.program_guard(program, start):
            image, scores = network(paddle)
            runner = paddle.static.Executor(paddle.CPUPlace())
            runner.run(start)
            paddle.static.save_inference_model(str(HERE / "small"), [image], [scores], runner)
            raw = np.random.default_rng(16).integers(0, 256, (1, 3, 16, 16), np.uint8)
            given = (raw.astype(np.float32) - np.float32(127.5)) / np.float32(127.5)
            (answer,) = runner.run(program, feed={"image": given}, fetch_list=[scores])
            np.savez_compressed(HERE / "paddle.npz", image=raw, scores=answer)
        forget_paths(paddle, HERE / "small.pdmodel")


def forget_paths(paddle: ModuleType, path: Path) -> None:
    """Take the call stacks, which name folders of the machine, out of a program's file."""
    program = paddle.static.Program.parse_from_string(path.read_bytes())
    for block in program.blocks:
        for op in block.ops:
            op._remove_attr("op_callstack")
    path.write_bytes(program.desc.serialize_to_string())


def new_format(paddle: ModuleType) -> None:
    """pir.json with pir.pdiparams, as Paddle writes by default since 3.0."""
    program, start = paddle.static.Program(), paddle.static.Program()
    with paddle.static.program_guard(program, start):
        image, scores = network(paddle)
        runner = paddle.static.Executor(paddle.CPUPlace())
        runner.run(start)
        paddle.static.save_inference_model(
            str(HERE / "pir"), [image], [scores], runner, program=program
        )


def main() -> None:
    """Write every file anew."""
    paddle = importlib.import_module("paddle")

    paddle.enable_static()
    old_format(paddle)
    new_format(paddle)
    sys.stdout.write(f"made with PaddlePaddle {paddle.__version__}\n")


if __name__ == "__main__":
    main()
