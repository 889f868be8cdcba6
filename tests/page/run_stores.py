"""Stores of two runs or two places that do not match: what is newest is not what was compared.

Made of a planted store whose second run is changed; ``SECOND`` is how that run's id begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from results.facts import ExecNode, Fact, Launch
from results.store import Store
from tests.page.stores import altered_store
from tests.planted import ARMS, cell_id_of, planted_store

SECOND = "20261102"
INT8 = cell_id_of(arm=ARMS[2])
ERROR = "it crashed"


def failed_since(root: Path) -> Store:
    """Two runs; in the second the INT8 arm failed, and the float arms took twice as long."""

    def alter(fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Launch) and fact.run_id.startswith(SECOND):
            is_int8 = fact.cell_id == INT8
            yield _failed(fact) if is_int8 else replace(fact, p50_ms=2 * (fact.p50_ms or 0.0))
        elif not (isinstance(fact, ExecNode) and _is_newest_int8(fact)):
            yield fact

    return altered_store(root, alter, partial(planted_store, runs=2))


def newest_alone(root: Path) -> Store:
    """Two runs; the second launched the INT8 arm alone, and its layers took three times as long."""

    def alter(fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Launch | ExecNode) and fact.run_id.startswith(SECOND):
            if isinstance(fact, ExecNode) and _is_newest_int8(fact):
                yield replace(fact, time_us=None if fact.time_us is None else 3 * fact.time_us)
            elif fact.cell_id == INT8:
                yield fact
        else:
            yield fact

    return altered_store(root, alter, partial(planted_store, runs=2))


def two_places(root: Path) -> Store:
    """Two models on two devices, each with a version of its own."""
    planted_store(root, models=("alpha", "beta"), name="one", runtime="2026.4.1")
    return planted_store(root, models=("alpha", "beta"), name="other", runtime="2025.1.0")


def _failed(launch: Launch) -> Launch:
    return replace(
        launch, status="failed", error=ERROR, p50_ms=None, throughput_fps=None, samples_ms=()
    )


def _is_newest_int8(node: ExecNode) -> bool:
    return node.cell_id == INT8 and node.run_id.startswith(SECOND)
