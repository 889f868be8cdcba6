"""What the outputs of a graph are: which may hold scores, and which hold real numbers.

Judging and accuracy control both ask here, so that they look at the same outputs. Which of the
outputs that may hold scores classifies is decided in metrics.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openvino as ov

_BYTES = frozenset({"i8", "u8"})


def score_shapes(graph: ov.Model) -> list[tuple[int, ...] | None]:
    """Per output its shape; None where it is not known or the output cannot hold scores.

    Scores are real numbers, or bytes that stand for some; wider integers are classes or counts.
    """
    return [_score_shape(port) for port in graph.outputs]


def _score_shape(port: ov.Output) -> tuple[int, ...] | None:
    kind, shape = port.get_element_type(), port.get_partial_shape()
    may_score = kind.is_real() or kind.get_type_name() in _BYTES
    return tuple(shape.to_shape()) if may_score and shape.is_static else None


def real_places(graph: ov.Model) -> tuple[int, ...]:
    """The places of the outputs that are real numbers."""
    return tuple(i for i, port in enumerate(graph.outputs) if port.get_element_type().is_real())
