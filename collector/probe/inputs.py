"""Seeded data to infer on, of any element type."""

from __future__ import annotations

from typing import Any

import numpy as np

from collector.probe.channel import ProbeError

_ELEMENT_TYPES = {
    "f32": np.float32, "f16": np.float16, "f64": np.float64, "i8": np.int8, "u8": np.uint8,
    "i16": np.int16, "u16": np.uint16, "i32": np.int32, "u32": np.uint32, "i64": np.int64,
    "u64": np.uint64, "boolean": np.bool_,
}  # fmt: skip


def random_input(element_type: str, shape: list[int], seed: int) -> Any:
    """Seeded data: normal for floats, the whole range for 8-bit integers, else small."""
    generator = np.random.RandomState(seed)
    kind = _ELEMENT_TYPES.get(element_type)
    if kind is None:
        raise ProbeError("input", "cannot make data of type {}".format(element_type))
    if np.issubdtype(kind, np.floating):
        return generator.standard_normal(shape).astype(kind)
    if kind in (np.int8, np.uint8):
        low, high = np.iinfo(kind).min, np.iinfo(kind).max + 1
        return generator.randint(low, high, size=shape).astype(kind)
    return generator.randint(0, 2, size=shape).astype(kind)
