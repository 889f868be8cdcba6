"""The tables of the page Models as Arrow, with the unit in each column's name.

Picks and names columns, as ``dashboard.tables`` does for the other pages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa

from dashboard.chosen_models import ShownArm, ShownNetwork
from dashboard.tables import table
from results import format as fmt
from results.accuracy import AccuracyView
from results.accuracy_views import of_variants
from results.accuracy_words import briefs
from results.activations import ActivationRun
from results.network_costs import Cost
from results.networks import only_in, type_names
from results.operator_times import OperatorTime, inserted_times
from results.views import VariantView

_NOTHING = fmt.DASH
_MEGA = 1e6

NETWORKS = ("Model", "Parameters (M)", "Work (MFLOP)", "Multiply-accumulates (M)", "Operations",
            "Activations", "Only here")  # fmt: skip


def networks(shown: Sequence[ShownNetwork]) -> pa.Table:
    """A row for each network: its size, its work, what it alone has."""
    return table((_network_row(one, shown) for one in shown), NETWORKS)


def _network_row(one: ShownNetwork, shown: Sequence[ShownNetwork]) -> dict[str, object]:
    network = one.judged.network
    alone: dict[str, int] = {}
    for other in shown:
        if other is not one:
            alone = only_in(network, other.judged.network)
    return {
        "Model": one.name,
        "Parameters (M)": _millions(network.parameters),
        "Work (MFLOP)": _millions(network.flops),
        "Multiply-accumulates (M)": _millions(network.macs),
        "Operations": network.operations,
        "Activations": _counted(network.kinds),
        "Only here": _counted(alone),
    }


def _millions(value: int | None) -> float | None:
    return None if value is None else value / _MEGA


def _counted(found: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in found.items()) or _NOTHING


def operators(shown: Sequence[ShownNetwork]) -> pa.Table:
    """A row for each operation type, with a count and the counted work of each network."""
    types = dict.fromkeys(found.op_type for one in shown for found in one.judged.network.operators)
    counts = {one.name: f"{one.name}: count" for one in shown}
    works = {one.name: f"{one.name}: work (MFLOP)" for one in shown}
    named = type_names(one.judged.network for one in shown)
    rows = []
    for op_type in types:
        row: dict[str, object] = {"Operation": named.get(op_type, op_type)}
        for one in shown:
            same = [x for x in one.judged.network.operators if x.op_type == op_type]
            row[counts[one.name]] = same[0].count if same else 0
            row[works[one.name]] = _millions(same[0].flops) if same else None
        rows.append(row)
    return table(rows, ("Operation", *counts.values(), *works.values()))


ACTIVATIONS = ("Model", "Activation", "Count", "Spelled out")


def activations(shown: Sequence[ShownNetwork]) -> pa.Table:
    """A row for each kind of activation of a network, a column for each arm: how it ran there."""
    arms = dict.fromkeys(arm.cell.arm for _, arm in _arms(shown))
    rows = []
    for one in shown:
        by_arm = {arm.cell.arm: {run.kind: run for run in arm.ran} for arm in one.profiled}
        kinds = {run.kind: run for arm in one.profiled for run in arm.ran}
        rows += [
            {
                "Model": one.name, "Activation": kind, "Count": run.count,
                "Spelled out": run.spelled,
                **{arm: ran_words(by_arm.get(arm, {}).get(kind)) for arm in arms},
            }
            for kind, run in kinds.items()
        ]  # fmt: skip
    return table(rows, (*ACTIVATIONS, *arms))


def ran_words(run: ActivationRun | None) -> str:
    """``19 fused, 2 on their own``."""
    if run is None:
        return _NOTHING
    told = ((run.fused, "fused"), (run.alone, "on their own"), (run.untold, "in no layer's name"))
    return ", ".join(f"{count} {words}" for count, words in told if count)


TIMES = ("Model", "Arm", "Operation", "Precision", "Layers", "Time (µs)", "Share (%)")


def times(shown: Sequence[ShownNetwork]) -> pa.Table:
    """A row for each arm, operation and precision: what its layers took."""
    rows = (_time_row(one, arm, time) for one, arm in _arms(shown) for time in arm.times)
    return table(rows, TIMES)


INSERTED = ("Model", "Arm", "Layer type", "Precision", "Layers", "Time (µs)", "Share (%)")


def inserted(shown: Sequence[ShownNetwork]) -> pa.Table:
    """A row for each arm and type of layer that no operation of the model asked for."""
    rows = (
        {**_time_row(one, arm, time), "Layer type": time.operator.partition(",")[0]}
        for one, arm in _arms(shown)
        for time in inserted_times(arm.times)
    )
    return table(rows, INSERTED)


def _time_row(one: ShownNetwork, arm: ShownArm, time: OperatorTime) -> dict[str, object]:
    return {
        "Model": one.name, "Arm": arm.cell.arm, "Operation": time.operator,
        "Precision": time.precision, "Layers": time.layers, "Time (µs)": time.time_us,
        "Share (%)": 100.0 * time.share,
    }  # fmt: skip


COSTS = ("Model", "INT8 arm", "Against", "What INT8 costs", "Layers", "Time (µs)", "Share (%)",
         "By operation")  # fmt: skip


def costs(shown: Sequence[ShownNetwork]) -> pa.Table:
    """A row for each network and cost of INT8, with the operations that it has to do with.

    What costs none of the networks anything is left out.
    """
    known = [one.judged.costs.costs for one in shown if one.judged.costs is not None]
    told = {cost.kind for found in known for cost in found if cost.count}
    rows = (
        {
            "Model": one.name, "INT8 arm": found.candidate_arm, "Against": found.baseline_arm,
            "What INT8 costs": cost.kind.value, "Layers": cost.count, "Time (µs)": cost.time_us,
            "Share (%)": 100.0 * cost.share, "By operation": _by_type(cost),
        }
        for one in shown
        if (found := one.judged.costs) is not None
        for cost in found.costs
        if cost.kind in told
    )  # fmt: skip
    return table(rows, COSTS)


def _by_type(cost: Cost) -> str:
    told = (f"{one.count} {one.op_type}: {fmt.us(one.time_us)}" for one in cost.by_type)
    return "; ".join(told) or _NOTHING


VARIANTS = ("Model", "Variant", "Size (kB)", "Accuracy", "Made by", "Mode", "Samples",
            "Note", "Variant id")  # fmt: skip


def variants(found: Sequence[VariantView], judged: Sequence[AccuracyView]) -> pa.Table:
    """A row for each variant: how it was made, its size, how good its answers are."""
    return table((_variant_row(one, judged) for one in found), VARIANTS)


def _variant_row(one: VariantView, judged: Sequence[AccuracyView]) -> dict[str, object]:
    options = _options(one.recipe)
    return {
        "Model": one.model_title, "Variant": one.kind,
        "Size (kB)": None if one.file_bytes is None else one.file_bytes / 1e3,
        "Accuracy": "; ".join(briefs(of_variants(judged, [one.variant_id]))) or "not judged",
        "Made by": " ".join(filter(None, (one.tool, one.tool_version))) or _NOTHING,
        "Mode": str(options.get("mode") or _NOTHING),
        "Samples": _NOTHING if options.get("samples") is None else str(options["samples"]),
        "Note": one.note or "", "Variant id": one.variant_id,
    }  # fmt: skip


def _options(recipe: str) -> dict[str, object]:
    """The options of a recipe; none where it is no JSON object."""
    try:
        found = json.loads(recipe or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _arms(shown: Sequence[ShownNetwork]) -> Iterator[tuple[ShownNetwork, ShownArm]]:
    return ((one, arm) for one in shown for arm in one.profiled)
