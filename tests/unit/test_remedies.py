"""What a cause advises can be copied: the command names every layer, and the collector takes it."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from collector.cli import app
from results.causes.remedies import command_of
from results.comparison import CellView, Group
from tests.unit.pairs import FLOAT_CELL, aligned, node, ops

SOURCE = ops(("block 1/dw", "GroupConvolution"), ("dw2", "GroupConvolution"), ("fc", "MatMul"))
INT8 = replace(
    FLOAT_CELL, cell_id="q", arm="int8-simplified@default", variant_kind="int8-simplified"
)


@pytest.fixture
def groups() -> tuple[Group, ...]:
    floats = tuple(node(i, one.op_name, 10.0) for i, one in enumerate(SOURCE))
    quantised = tuple(node(i, one.op_name, 20.0, precision="u8") for i, one in enumerate(SOURCE))
    return aligned(floats, quantised, SOURCE).groups


def command(groups: tuple[Group, ...], cell: CellView = INT8, cause: str = "slower_kernel") -> str:
    return command_of(cause, cell, groups, ["block 1/dw", "dw2"])


def test_the_command_leaves_every_layer_of_the_cause_in_float(groups: tuple[Group, ...]) -> None:
    told = shlex.split(command(groups))
    assert told == [
        "python", "-m", "collector", "quantize", INT8.model,
        "--ignore-name", "block 1/dw", "--ignore-name", "dw2",
    ]  # fmt: skip


def test_the_collector_has_the_options_that_the_command_names(groups: tuple[Group, ...]) -> None:
    full = replace(INT8, variant_kind="int8-full")
    options = {word for word in shlex.split(command(groups, full)) if word.startswith("--")}
    shown = CliRunner().invoke(app, ["quantize", "--help"]).output
    assert options == {"--mode", "--dataset", "--ignore-name"}
    assert all(option in shown for option in options)


def test_no_command_where_nothing_is_made_or_the_advice_is_another(
    groups: tuple[Group, ...],
) -> None:
    assert command(groups, replace(INT8, variant_kind="int8-native")) == ""
    assert command(groups, cause="left_in_float") == ""
    assert command_of("slower_kernel", INT8, groups, []) == ""


def test_a_name_that_would_break_the_line_gives_no_command(groups: tuple[Group, ...]) -> None:
    hostile = tuple(replace(group, label="dw\nrm -rf x") for group in groups)
    assert command(hostile) == ""
    quoted = tuple(replace(group, label="$(reboot)") for group in groups)
    assert "'$(reboot)'" in command(quoted)
