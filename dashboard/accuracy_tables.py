"""The tables of accuracy and of what was quantised as Arrow.

Picks and names columns, as ``dashboard.tables`` does for the other pages; words and
figures come from ``results``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa

from dashboard.tables import table
from results import format as fmt
from results.accuracy import AccuracyView
from results.accuracy_words import FLOAT, metric_lines
from results.comparison import WorstLayer
from results.facts import Dataset
from results.views import VariantView

METRICS = ("Metric", "Output", "fp32", "Variant", "Difference", "Samples")


def metrics(view: AccuracyView) -> pa.Table:
    """A row for each metric and output of a view; the variant's column has its kind's name.

    Where nothing is known of the float variant, there is no column for it.
    """
    lines = metric_lines(view)
    names = {"Variant": view.variant_kind if not view.is_reference else FLOAT}
    absent = {FLOAT} if all(line.reference == fmt.DASH for line in lines) else set()
    if all(line.difference == fmt.DASH for line in lines):
        absent.add("Difference")
    columns = [names.get(name, name) for name in METRICS if name not in absent]
    rows = (
        {
            "Metric": line.metric, "Output": line.output, FLOAT: line.reference,
            view.variant_kind: line.variant, "Difference": line.difference,
            "Samples": line.samples,
        }
        for line in lines
    )  # fmt: skip
    return table(rows, columns)


WORST = ("Layer", "Type", "SQNR (dB)", "Difference (µs)")


def worst_layers(found: Sequence[WorstLayer]) -> pa.Table:
    """A row for each layer, the lowest SQNR first; times where they mean something."""
    timed = any(layer.delta_us is not None for layer in found)
    rows = (
        {
            "Layer": layer.label, "Type": layer.op_type, "SQNR (dB)": layer.sqnr_db,
            "Difference (µs)": layer.delta_us,
        }
        for layer in found
    )  # fmt: skip
    return table(rows, WORST if timed else WORST[:-1])


def recipe(found: VariantView) -> pa.Table:
    """The options that a variant was made with, nested ones with a dot; text that is no JSON
    object stands by itself.
    """
    try:
        options = json.loads(found.recipe or "{}")
    except ValueError:
        options = {"recipe": found.recipe}
    rows = ({"Option": name, "Value": value} for name, value in _flat("", options))
    return table(rows, ("Option", "Value"))


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and (value or not name):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inner)
    else:
        yield name or "recipe", _word(value)


def _word(value: object) -> str:
    if value is None:
        return "not given"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_word(one) for one in value) or "none"
    return str(value) if value != {} else "none"


VARIANTS = ("Model", "Variant", "Made by", "Size (kB)", "Note", "Variant id")


def variants(found: Sequence[VariantView]) -> pa.Table:
    """A row for each variant."""
    rows = (
        {
            "Model": one.model_title, "Variant": one.kind,
            "Made by": " ".join(filter(None, (one.tool, one.tool_version))),
            "Size (kB)": None if one.file_bytes is None else one.file_bytes / 1e3,
            "Note": one.note or "", "Variant id": one.variant_id,
        }
        for one in found
    )  # fmt: skip
    return table(rows, VARIANTS)


DATASETS = ("Data", "Kind", "Samples", "Skipped", "Labels", "First skipped", "Data id")


def datasets(found: Sequence[Dataset]) -> pa.Table:
    """A row for each dataset, with the first samples that could not be read."""
    rows = (
        {
            "Data": one.name, "Kind": one.kind, "Samples": one.samples, "Skipped": one.skipped,
            "Labels": "yes" if one.labelled else "no",
            "First skipped": "; ".join(one.skipped_names) or fmt.DASH, "Data id": one.dataset_id,
        }
        for one in found
    )  # fmt: skip
    return table(rows, DATASETS)
