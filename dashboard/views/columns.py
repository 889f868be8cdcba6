"""How the columns of the tables are drawn: formats by the unit in a column's name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig, ColumnWidth

Width = ColumnWidth

_FORMATS = {
    "(ms)": "%,.3f",
    "(µs)": "%,.1f",
    "(x)": "%.2fx",
    "(%)": "%.1f",
    "(1/s)": "%.4g",
    "(MiB)": "%.0f",
    "(MHz)": "%.0f",
    "(kB)": "%.1f",
    "(dB)": "%.1f",
    "(points)": "%.1f",
    "(M)": "%.2f",
    "(MFLOP)": "%.1f",
    "(GFLOP/s)": "%.0f",
    "(GB/s)": "%.1f",
    "Ratio": "%.4f",
    "low": "%.4f",
    "high": "%.4f",
}
_WIDTHS: dict[str, ColumnWidth] = {
    "Layer": "medium", "Source ops": "medium", "Original names": "medium", "Note": "medium",
    "Verdict": 130, "Baseline": 120, "Model": 260, "Reason": "large", "Cells": "large", "Fact": 340,
    "Value": "large", "Cautions": "large", "Use": "medium", "Scenario": 270, "Device": 250,
    "Metric": 230, "Difference": "large", "Accuracy": "large", "Option": 340,
}  # fmt: skip
_JUDGED = ("fp32", "int8-")
"""Columns named after a variant hold its metrics with their intervals."""
_JUDGED_PX = 175


def of(names: Sequence[str], widths: Mapping[str, Width]) -> dict[str, ColumnConfig]:
    """The configuration of columns with these names; ``widths`` are this table's own."""
    return {name: _column(name, widths.get(name)) for name in names}


def width(name: str) -> Width | None:
    """How wide a column with this name is; None for as wide as its words."""
    return _WIDTHS.get(name)


def _column(name: str, width: Width | None) -> ColumnConfig:
    unit = name.rpartition(" ")[2]
    if unit in _FORMATS:
        return st.column_config.NumberColumn(name, format=_FORMATS[unit], width=width)
    width = width or (_JUDGED_PX if name.startswith(_JUDGED) else _WIDTHS.get(name))
    return st.column_config.Column(name, width=width)
