"""docs/suite.md says what a suite file is: its example is read, its tables are the code's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from collector.builtin.catalogue import builtin_model
from collector.devices import ISA_CAPS
from collector.effort import LEVELS, Effort
from collector.job import ARMS, KNOWN_ARMS, FileModel, Job
from collector.scenario import MOST, SCENARIOS, Scenario
from collector.suite import read_suite
from collector.suite_format import MOST_SCENARIOS, ModelTable, RunTable, ScenarioTable, Suite

PAGE = (Path(__file__).parents[2] / "docs" / "suite.md").read_text()
TABLES: dict[str, type[BaseModel]] = {
    "Top level": Suite,
    "`[run]`": RunTable,
    "`[[models]]`": ModelTable,
    "`[[scenarios]]`": ScenarioTable,
}
UNITS = {"_s": "s", "_mib": "MiB", "_launches": "count", "blocks": "count"}


def test_the_example_of_the_page_is_read(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    path = tmp_path / "suite.toml"
    path.write_text(example)
    job = read_suite(path, data=Path("data"), command="run", seed=5)
    assert job == Job(
        data=Path("data"),
        models=(
            builtin_model("mobilenet_v3_large"),
            builtin_model("resnet_50"),
            FileModel(
                tmp_path / "models" / "mobilenet_v1.tflite",
                tmp_path / "models" / "mobilenet_v1_int8.tflite",
                (1, 224, 224, 3),
            ),
        ),
        devices=("CPU",),
        isa_caps=(None, "AVX2"),
        scenarios=(
            Scenario("latency"),
            Scenario("throughput", 1, 2), Scenario("throughput", 1, 4),
            Scenario("throughput", 8, 2), Scenario("throughput", 8, 4),
        ),
        effort=Effort("publish", 20, 8, 3, memory_limit_mib=16384),
        seed=20191,
        command="run",
        arms=(*ARMS, "int8-native@default"),
    )  # fmt: skip


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def _rows(title: str) -> dict[str, list[str]]:
    """Type, default, meaning and unit of each field that the page has under a title."""
    section = PAGE.split(f"\n### {title}\n")[1].split("\n### ")[0]
    first = re.search(r"(?:^\|.*\n)+", section, flags=re.MULTILINE)
    assert first is not None
    header, _, *lines = first[0].splitlines()
    assert _cells(header) == ["field", "type", "default", "meaning", "unit"]
    rows = [_cells(line) for line in lines]
    assert len({row[0] for row in rows}) == len(rows)
    return {row[0].strip("`"): row[1:] for row in rows}


def test_the_page_has_a_table_for_every_table_of_a_suite() -> None:
    assert re.findall(r"^### (.*)$", PAGE, flags=re.MULTILINE) == list(TABLES)


@pytest.mark.parametrize("title", TABLES)
def test_the_page_documents_every_field_and_no_other(title: str) -> None:
    described = {name: field.description for name, field in TABLES[title].model_fields.items()}
    assert {name: row[2] for name, row in _rows(title).items()} == described


@pytest.mark.parametrize("title", TABLES)
def test_the_documented_defaults_are_those_of_the_code(title: str) -> None:
    for name, field in TABLES[title].model_fields.items():
        told = _rows(title)[name][1]
        if field.is_required():
            assert told == "required", name
        elif field.default is None:
            assert told not in {"", "required"}, name
            assert "`" not in told, name
        else:
            given: dict[str, Any] = tomllib.loads(f"{name} = {told.strip('`')}")
            needed = {"models": [{"name": "resnet_50"}]} if title == "Top level" else {}
            table = TABLES[title]
            assert table.model_validate(needed | given) == table.model_validate(needed), name


@pytest.mark.parametrize("title", TABLES)
def test_the_documented_bounds_are_those_of_the_code(title: str) -> None:
    schemas = TABLES[title].model_json_schema()["properties"]
    for name, row in _rows(title).items():
        bounds = {
            key: value for key, value in _flat(schemas[name]) if key in {"minimum", "maximum"}
        }
        if title == "`[[scenarios]]`" and name in MOST:
            bounds = {"minimum": 1, "maximum": MOST[name]}
        told = re.findall(r"([\d.]+) to ([\d.]+)", row[0])
        wanted = [(f"{bounds['minimum']}", f"{bounds['maximum']}")] if bounds else []
        assert [tuple(map(float, pair)) for pair in told] == [
            tuple(map(float, pair)) for pair in wanted
        ], name
        if bounds:
            assert row[0].startswith(("integer", "number", "list of integers")), name


def _flat(schema: object) -> list[tuple[str, Any]]:
    """Every key and value inside a JSON schema."""
    if isinstance(schema, list):
        return [pair for part in schema for pair in _flat(part)]
    if not isinstance(schema, dict):
        return []
    return [*schema.items(), *(pair for part in schema.values() for pair in _flat(part))]


@pytest.mark.parametrize("title", TABLES)
def test_the_documented_units_are_those_of_the_names(title: str) -> None:
    for name, row in _rows(title).items():
        ending = [unit for end, unit in UNITS.items() if name.endswith(end)]
        if title == "`[[scenarios]]`" and name in MOST:
            ending = ["count"]
        assert row[3] == "".join(ending), name


def test_the_documented_choices_are_those_of_the_code() -> None:
    quoted = {
        (title, name): re.findall(r"`([\w-]+)`", row[0])
        for title in TABLES
        for name, row in _rows(title).items()
    }
    assert quoted["Top level", "isa_caps"] == ["none", *ISA_CAPS]
    assert quoted["`[run]`", "effort"] == list(LEVELS)
    assert quoted["`[[scenarios]]`", "name"] == list(SCENARIOS)
    assert f"at most {MOST_SCENARIOS}\ncombinations" in PAGE
    arms = PAGE.split("An arm is a kind and a precision.")[1].split("Without `arms`")[0]
    kinds, precisions = arms.split(";")
    assert [
        f"{kind}@{precision}"
        for kind in re.findall(r"`([\w-]+)`", kinds)
        for precision in re.findall(r"`([\w-]+)`", precisions)
    ] == list(KNOWN_ARMS)


def test_the_documented_levels_are_those_of_the_code() -> None:
    lines = PAGE.split("The levels of effort:\n\n")[1].split("\n\n")[0].splitlines()
    _, *names = [cell.strip("`") for cell in _cells(lines[0])]
    told = {name.strip("`"): row for name, *row in map(_cells, lines[2:])}
    assert list(told) == list(LEVELS)
    for name, effort in LEVELS.items():
        numbers = [re.split(r"[ ,]", cell)[0] for cell in told[name]]
        assert numbers == [f"{getattr(effort, field):g}" for field in names]
        assert (effort.pin, effort.memory_limit_mib) == (True, None)
