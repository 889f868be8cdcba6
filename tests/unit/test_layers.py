"""What a profile launch becomes: its layers, and once for each cell what went otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from collector.answers import ProbeNode, ProfileAnswer
from collector.layers import Layers
from collector.records import LaunchKey
from results.facts import Caution, ExecNode
from tests.unit.planned import an_answer, plan

(CELL, *_) = plan("a")
CAPPED = replace(CELL, device=replace(CELL.device, isa_cap="AVX2"))


def _key(launch_id: str) -> LaunchKey:
    cell_id = CELL.cell.cell_id
    return LaunchKey("run", launch_id, cell_id, "profile", 0, datetime(2026, 1, 1, tzinfo=UTC))


def _answer(primitive: str) -> ProfileAnswer:
    node = ProbeNode(1, "n", "Relu", primitive, "f32", ("a",), ("f32",), ("[1]",), ("n",), ())
    counters = {1: 7}
    return ProfileAnswer(an_answer(), (node,), frozenset(), frozenset(), 10, counters, 20, counters)


def test_a_cap_that_a_kernel_ignored_is_told_once_for_a_cell() -> None:
    layers, answer = Layers("run"), _answer("jit_avx512_f32")
    first = layers.facts(CAPPED, _key("one"), answer)
    second = layers.facts(CAPPED, _key("two"), answer)
    (caution,) = [fact for fact in first if isinstance(fact, Caution)]
    assert (caution.caution_id, caution.subject, caution.subject_id) == (
        "isa_cap_ignored", "cell", CELL.cell.cell_id,
    )  # fmt: skip
    assert not [fact for fact in second if isinstance(fact, Caution)]
    nodes = [fact for fact in (*first, *second) if isinstance(fact, ExecNode)]
    assert [(node.launch_id, node.time_us) for node in nodes] == [("one", 7.0), ("two", 7.0)]


def test_a_cell_that_ran_as_asked_has_layers_and_nothing_to_be_said() -> None:
    facts = Layers("run").facts(CELL, _key("one"), _answer("jit_avx512_f32"))
    assert [type(fact) for fact in facts] == [ExecNode]
