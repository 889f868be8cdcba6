"""Graphs with an If in them, whose two branches are made by the tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import openvino as ov
from openvino import opset1, opset8

Step = Callable[[ov.Node], ov.Node]


def branching(then: Step, otherwise: Step, width: int = 4) -> ov.Model:
    """``x`` of [1, width] through one of two steps, as ``c`` says."""
    data = opset1.parameter([1, width], np.float32, name="x")
    condition = opset1.parameter([], bool, name="c")
    first, second = (opset1.parameter([1, width], np.float32) for _ in range(2))
    branches = [
        ov.Model([opset1.result(step(inner))], [inner], "branch")
        for step, inner in ((then, first), (otherwise, second))
    ]
    choice = opset8.if_op(condition.output(0))
    choice.set_then_body(branches[0])
    choice.set_else_body(branches[1])
    choice.set_input(data.output(0), first, second)
    answer = choice.set_output(branches[0].get_results()[0], branches[1].get_results()[0])
    return ov.Model([answer], [data, condition], "branching")
