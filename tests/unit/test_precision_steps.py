"""From precision to precision inside of a cell: ways, what was inserted on them, its time."""

from __future__ import annotations

from dataclasses import replace

from results.graph_building import build_graph
from results.layer_words import steps_sentence
from results.precision_steps import precision_steps
from tests.exec_graphs import chain, named, reorder, row


def test_a_conversion_belongs_to_the_step_between_the_layers_around_it() -> None:
    rows = [
        row(0, "a"), reorder(1, (0,), 4.0), reorder(2, (1,), 3.0),
        row(3, "b", reads=(2,), precision="u8"), row(4, "c", reads=(3,), precision="i8"),
    ]  # fmt: skip
    change, same = precision_steps(build_graph(rows, named(rows)))
    assert (change.before, change.after) == ("f32", "int8")
    assert (change.ways, change.converted, change.inserted) == (1, 1, 2)
    assert change.time_us == 7.0
    assert (same.before, same.after, same.ways) == ("int8", "int8", 1)
    assert not same.changes, "signed and unsigned bytes are one precision"


def test_a_conversion_that_several_read_counts_once() -> None:
    rows = [
        row(0, "a"), reorder(1, (0,), 4.0),
        row(2, "b", reads=(1,), precision="f32"), row(3, "c", reads=(1,), precision="u8"),
    ]  # fmt: skip
    steps = precision_steps(build_graph(rows, named(rows)))
    assert sum(step.inserted for step in steps) == 1
    assert steps[0].changes
    assert steps[0].inserted == 1, "it counts where the precision changes"


def test_what_is_not_executed_hands_data_on_and_takes_nothing() -> None:
    rows = [
        row(0, "a"), row(1, "view", reads=(0,), node_type="Reshape", time_us=None),
        row(2, "b", reads=(1,), precision="bf16"),
    ]  # fmt: skip
    (step,) = precision_steps(build_graph(rows, named(rows)))
    assert (step.before, step.after, step.inserted) == ("f32", "bf16", 0)


def test_a_cycle_of_handing_on_ends() -> None:
    rows = [reorder(0, (1,)), reorder(1, (0,)), row(2, "b", reads=(1,))]
    assert precision_steps(build_graph(rows, named(rows))) == ()


def test_the_sentence_counts_the_changes_and_their_cost() -> None:
    rows = [
        row(0, "a"), reorder(1, (0,), 4.0), row(2, "b", reads=(1,), precision="u8"),
        replace(row(3, "c", reads=(2,), precision="u8"), time_us=82.0),
    ]  # fmt: skip
    told = steps_sentence(precision_steps(build_graph(rows, named(rows))))
    assert told == (
        "The precision changes on 1 of 2 ways from layer to layer; 1 inserted layer on them "
        "takes 4.00 µs, 0.4 % of the time."
    )
    assert "stays in one precision" in steps_sentence(precision_steps(chain(3)))
