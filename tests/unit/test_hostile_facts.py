"""Facts that are broken or make no sense: a caution or a refusal, never a wrong number.

Each is put through the comparator in memory; what a store can hold goes through the command
line too.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from results import cli
from results.compare import ComparisonInputs, build_comparison
from results.comparison import CellView, Comparison, GroupClass
from results.errors import MeasurementError
from results.facts import ExecNode, ExecNodeSource, Fact, SourceOp
from results.manifest import read_manifest
from results.nodes import Side
from results.schema import TABLES, from_arrow
from results.writer import RunWriter
from tests.planted import ARMS, planted_store
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, launch, node, ops, reorder, side

SOURCE = ops(
    ("conv1", "Convolution"), ("conv2", "Convolution"), ("conv3", "Convolution"), flops=1000
)
FLOAT = (
    node(0, "conv1", 400.0),
    node(1, "conv2", 500.0, reads=(0,)),
    node(2, "conv3", 600.0, reads=(1,)),
)
INT8 = (
    node(0, "conv1", 200.0, precision="u8"),
    node(1, "conv2", 250.0, precision="u8", reads=(0,)),
    reorder(2, 30.0, reads=(1,)),
    node(3, "conv3", 300.0, precision="u8", reads=(2,)),
)
_MARKUP = '[bold red]x[/] <script>alert(1)</script> | `a` "quoted" \x1b[31m\x07\r\n\u202e'
_LONG = "block/" + "x" * 10_000
_INT8_US = 780.0


def compared(
    baseline: Sequence[ExecNode] = FLOAT,
    candidate: Sequence[ExecNode] = INT8,
    source: Sequence[SourceOp] = SOURCE,
    cells: tuple[CellView, CellView] = (FLOAT_CELL, INT8_CELL),
) -> Comparison:
    """1.6 ms against 0.8 ms in five blocks, with these layers."""
    launches = [
        launch(cell, block, headline_ms * (1.0 + block / 1000))
        for cell, headline_ms in zip(cells, (1.6, 0.8), strict=True)
        for block in range(5)
    ]
    return build_comparison(
        ComparisonInputs(
            *cells,
            "run",
            "run",
            tuple(launches),
            side(baseline),
            side(candidate),
            tuple(source),
            (),
        )
    )


def ids(found: Comparison) -> set[str]:
    return {caution.caution_id for caution in found.cautions}


def _is_sound(found: Comparison) -> None:
    """Closes to the wall clock, covers a share, has no number that is none, counts µs once."""
    assert found.coverage is not None
    assert 0.0 <= found.coverage.baseline <= 1.0
    assert 0.0 <= found.coverage.candidate <= 1.0
    attribution = found.attribution
    assert attribution is not None
    told = math.fsum(us for _, us in attribution.parts) + attribution.unattributed_us
    assert told == attribution.wall_us
    wall_us = 1000.0 * (found.estimate.candidate_ms - found.estimate.baseline_ms)
    assert attribution.wall_us == pytest.approx(wall_us, abs=1e-6)
    times = [
        layer.time_us for group in found.groups for layer in (*group.baseline, *group.candidate)
    ]
    times += [one.layer.time_us for one in found.inserted]
    assert all(math.isfinite(time) and time >= 0.0 for time in times)
    assert all(0.0 <= one.recoverable_us <= max(1.0, math.fsum(times)) for one in found.causes)
    for group in found.groups:
        assert group.baseline_us == math.fsum(layer.time_us for layer in group.baseline)
        assert group.candidate_us == math.fsum(layer.time_us for layer in group.candidate)


def _candidate_us(found: Comparison) -> float:
    told = [layer.time_us for group in found.groups for layer in group.candidate]
    told += [one.layer.time_us for one in found.inserted if one.side == "candidate"]
    return math.fsum(told)


Damage = Callable[[tuple[ExecNode, ...]], tuple[ExecNode, ...]]


def _second(damaged: Callable[[ExecNode], ExecNode]) -> Damage:
    """The second layer damaged, the others as they were."""
    return lambda rows: (rows[0], damaged(rows[1]), *rows[2:])


def _every(damaged: Callable[[ExecNode], ExecNode]) -> Damage:
    return lambda rows: tuple(damaged(row) for row in rows)


NO_TIMES = {
    "NULL": None,
    "negative": -250.0,
    "no number": math.nan,
    "infinite": math.inf,
    "minus infinite": -math.inf,
    "beyond all measure": 1e300,
}


@pytest.mark.parametrize("time_us", NO_TIMES.values(), ids=NO_TIMES)
def test_a_time_that_is_none_is_left_out_and_told(time_us: float | None) -> None:
    broken = _second(lambda row: replace(row, time_us=time_us, status="executed"))(INT8)
    found = compared(candidate=broken)
    _is_sound(found)
    assert _candidate_us(found) == _INT8_US - 250.0
    told = [one for one in found.cautions if one.caution_id == "layers_without_time"]
    assert [one.subject for one in told] == [INT8_CELL.arm]
    assert "1 layer" in told[0].message
    assert "conv2" in told[0].message
    assert found.coverage is not None
    assert found.coverage.baseline == pytest.approx(1000.0 / 1500.0)


@pytest.mark.parametrize("time_us", NO_TIMES.values(), ids=NO_TIMES)
def test_no_ceiling_is_told_where_the_baseline_lacks_a_time(time_us: float | None) -> None:
    broken = _second(lambda row: replace(row, time_us=time_us, status="executed"))(FLOAT)
    found = compared(broken, INT8)
    _is_sound(found)
    assert found.ceiling is None
    assert compared(FLOAT, broken).ceiling is not None


def test_a_launch_that_timed_the_layer_well_is_believed() -> None:
    broken = [
        replace(row, launch_id=name, time_us=math.nan if name == "p1" else row.time_us)
        for row in INT8
        for name in ("p0", "p1", "p2")
    ]
    found = compared(candidate=broken)
    _is_sound(found)
    assert _candidate_us(found) == _INT8_US
    assert "layers_without_time" in ids(found)


def test_layers_in_order_get_no_caution() -> None:
    assert ids(compared()) == set()
    assert compared().ceiling is not None


def _reading(*indices: int) -> Damage:
    return _second(lambda row: replace(row, producers=indices))


GRAPHS: dict[str, Damage] = {
    "a layer that reads itself": _reading(1),
    "a producer that is not there": _reading(99, -1, 2**40),
    "a cycle": lambda rows: (replace(rows[0], producers=(2,)), *rows[1:]),
    "a cycle of Reorders": lambda rows: (
        *rows, reorder(10, reads=(11,)), reorder(11, reads=(10,)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GRAPHS)
def test_an_edge_that_leads_nowhere_is_cut_and_told(name: str) -> None:
    broken = GRAPHS[name](INT8)
    found = compared(candidate=broken)
    _is_sound(found)
    assert _candidate_us(found) == math.fsum(row.time_us or 0.0 for row in broken)
    assert "damaged_graph" in ids(found)


def test_a_layer_that_is_numbered_after_what_reads_it_is_no_damage() -> None:
    """OpenVINO 2026.4 does so with the mask that a BERT's layers share."""
    late = (replace(INT8[0], producers=(9,)), *INT8[1:], reorder(9, reads=()))
    found = compared(candidate=late)
    _is_sound(found)
    assert "damaged_graph" not in ids(found)


NAMES: dict[str, Damage] = {
    "one name for all": _every(lambda row: replace(row, name="same", original_names=("same",))),
    "one name, tied well": _every(lambda row: replace(row, name="same")),
    "no name": _every(lambda row: replace(row, name="")),
    "empty original names": _every(lambda row: replace(row, original_names=("", ""))),
    "no original names": _every(lambda row: replace(row, original_names=())),
    "markup and control characters": _every(lambda row: replace(row, name=row.name + _MARKUP)),
    "10 kB": _every(lambda row: replace(row, name=_LONG + row.name)),
    "numbers alone": _every(lambda row: replace(row, name=f"_{row.node_index}")),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_kind_count_every_microsecond_once(name: str) -> None:
    for baseline, candidate in ((FLOAT, NAMES[name](INT8)), (NAMES[name](FLOAT), INT8)):
        found = compared(baseline, candidate)
        _is_sound(found)
        assert _candidate_us(found) == _INT8_US


@pytest.mark.parametrize("lost", ["one name for all", "empty original names"])
def test_layers_whose_names_are_lost_are_shown_as_unmatched(lost: str) -> None:
    found = compared(candidate=NAMES[lost](INT8))
    assert found.coverage is not None
    assert found.coverage.baseline == 0.0
    assert "low_coverage" in ids(found)
    assert [one.group_class for one in found.groups].count(GroupClass.UNMATCHED) >= 3


def test_layers_of_one_name_are_told_apart_by_their_place() -> None:
    found = compared(NAMES["one name, tied well"](FLOAT), NAMES["one name, tied well"](INT8))
    assert [group.delta_us for group in found.groups] == [-200.0, -250.0, -300.0]
    assert ids(found) == set()


def test_a_layer_of_a_second_closes_too_and_withholds_the_story() -> None:
    huge = _second(lambda row: replace(row, time_us=1_000_000.0))(INT8)
    found = compared(candidate=huge)
    _is_sound(found)
    assert found.attribution is not None
    assert found.attribution.withheld
    assert "layers_withheld" in ids(found)
    assert not any(cause.recoverable_us for cause in found.causes)


def test_no_layer_executed_covers_nothing() -> None:
    idle = _every(lambda row: replace(row, status="not_executed", time_us=None))
    for baseline, candidate in (
        (FLOAT, idle(INT8)),
        (idle(FLOAT), INT8),
        (idle(FLOAT), idle(INT8)),
    ):
        found = compared(baseline, candidate)
        _is_sound(found)
        assert found.coverage is not None
        assert 0.0 in {found.coverage.baseline, found.coverage.candidate}
        assert "low_coverage" in ids(found)
        assert found.causes == ()


def test_no_layers_tell_no_story() -> None:
    for baseline, candidate in ((FLOAT, ()), ((), INT8), ((), ())):
        found = compared(baseline, candidate)
        assert (found.groups, found.attribution, found.coverage) == ((), None, None)
        assert "no_profile" in ids(found)


def test_no_operations_tell_no_story() -> None:
    found = compared(source=())
    assert (found.groups, found.attribution, found.causes) == ((), None, ())


SOURCES: dict[str, tuple[SourceOp, ...]] = {
    "a cycle": tuple(replace(op, producers=("conv3",)) for op in SOURCE),
    "producers outside": tuple(replace(op, producers=("nowhere", "")) for op in SOURCE),
    "each twice": SOURCE + SOURCE,
    "no names": tuple(replace(op, op_name="") for op in SOURCE),
    "all in one place": tuple(replace(op, position=0) for op in SOURCE),
    "shapes of nothing": tuple(
        replace(op, input_shapes=("", "[?,-1]"), output_shapes=("[99999999999999999999]",))
        for op in SOURCE
    ),
    "less than nothing counted": tuple(
        replace(op, flops=-5, weight_elements=-1, output_elements=0) for op in SOURCE
    ),
}


@pytest.mark.parametrize("name", SOURCES)
def test_damaged_operations_never_bend_the_times(name: str) -> None:
    found = compared(source=SOURCES[name])
    _is_sound(found)
    assert _candidate_us(found) == _INT8_US


def test_different_models_are_cautioned_and_their_layers_never_tied() -> None:
    other = replace(INT8_CELL, model_id="m2", model="other")
    found = compared(cells=(FLOAT_CELL, other))
    assert "different_model" in ids(found)
    assert (found.groups, found.attribution, found.causes) == ((), None, ())


def test_different_batches_are_cautioned() -> None:
    found = compared(cells=(FLOAT_CELL, replace(INT8_CELL, batch=8)))
    _is_sound(found)
    assert "different_batch" in ids(found)


@pytest.mark.parametrize("headline_ms", [0.0, -1.0, math.nan, math.inf])
def test_a_headline_that_is_no_time_is_refused(headline_ms: float) -> None:
    launches = [
        launch(cell, block, headline_ms if cell is INT8_CELL else 1.6)
        for cell in (FLOAT_CELL, INT8_CELL)
        for block in range(5)
    ]
    facts = ComparisonInputs(
        FLOAT_CELL, INT8_CELL, "run", "run", tuple(launches), side(FLOAT), side(INT8), SOURCE, ()
    )
    with pytest.raises(MeasurementError) as refused:
        build_comparison(facts)
    assert refused.value.hint
    assert "\n" not in refused.value.message


def test_a_bridge_to_nowhere_ties_nothing() -> None:
    loose = ExecNodeSource("run", "p0", 77, "conv1", "name", 1.0)
    strange = ExecNodeSource("run", "other launch", 0, "conv1", "name", math.nan)
    baseline = side(FLOAT)
    bent = Side(baseline.nodes, (*baseline.sources, loose, strange))
    assert bent.links == baseline.links


def _rewritten(folder: Path, changed: Callable[[Fact], Fact]) -> Path:
    """A planted store with its facts changed."""
    run = planted_store(folder / "plain").runs[0]
    with RunWriter(folder / "bent", run.manifest.run_id) as writer:
        writer.add(*map(changed, _facts(run.path)))
        manifest = read_manifest(run.path)
        writer.commit(tool_version=manifest.tool_version, kind=manifest.kind)
    return folder / "bent"


def _facts(run: Path) -> Iterator[Fact]:
    for table in TABLES:
        for file in sorted(run.glob(f"{table.name}*.parquet")):
            if file.name.removeprefix(table.name)[:1] in {".", "-"}:
                yield from from_arrow(table.row, pq.read_table(file))


def _bent(fact: Fact, damaged: Callable[[ExecNode], ExecNode]) -> Fact:
    """With one layer of every profile launch damaged, and every Reorder."""
    if isinstance(fact, ExecNode) and (fact.node_index == 1 or fact.node_type == "Reorder"):
        return damaged(fact)
    return fact


STORED: dict[str, Callable[[ExecNode], ExecNode]] = {
    "no time": lambda row: replace(row, time_us=None, status="executed"),
    "negative time": lambda row: replace(row, time_us=-1e6),
    "no number": lambda row: replace(row, time_us=math.nan),
    "infinite": lambda row: replace(row, time_us=math.inf),
    "a second": lambda row: replace(row, time_us=1e6),
    "reads itself": lambda row: replace(row, producers=(1, 77)),
    "markup": lambda row: replace(row, name=_MARKUP, original_names=(_MARKUP,), primitive=_MARKUP),
    "10 kB": lambda row: replace(row, name=_LONG, original_names=(_LONG,), primitive=_LONG),
    "empty": lambda row: replace(row, name="", original_names=("",), primitive="", node_type=""),
}


@pytest.mark.parametrize("name", STORED)
def test_the_command_line_tells_a_damaged_store_in_clean_text(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _rewritten(tmp_path, lambda fact: _bent(fact, STORED[name]))
    pair = [f"arm={ARMS[0]}", f"arm={ARMS[2]}", "--data", str(data)]
    assert cli.main(["compare", *pair]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert not any(char in out for char in "\x1b\x07\r\u202e")
    assert all(len(line) <= 200 for line in out.splitlines())
    assert len(out) < 20_000
    assert cli.main(["compare", *pair, "--json"]) == 0
    body = json.loads(capsys.readouterr().out, parse_constant=_refuse)
    assert all(0.0 <= share <= 1.0 for share in body["coverage"].values())
    assert math.fsum(body["attribution_us"].values()) == body["wall_us"]


@pytest.mark.parametrize("name", [_MARKUP, _LONG, " ", "a,b;c"])
def test_the_command_line_tells_operations_of_any_name(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = _rewritten(tmp_path, lambda fact: _renamed(fact, name))
    pair = [f"arm={ARMS[0]}", f"arm={ARMS[2]}", "--data", str(data)]
    assert cli.main(["compare", *pair]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert not any(char in out for char in "\x1b\x07\r\u202e")
    assert len(out) < 20_000
    assert cli.main(["compare", *pair, "--json"]) == 0
    body = json.loads(capsys.readouterr().out, parse_constant=_refuse)
    assert body["coverage"] == {"baseline": 1.0, "candidate": 1.0}
    assert name in {group["label"] for group in body["groups"]}


def _renamed(fact: Fact, name: str) -> Fact:
    """With the first operation of the planted network called otherwise, wherever it is told."""
    if isinstance(fact, SourceOp):
        producers = tuple(name if one == "stem" else one for one in fact.producers)
        own = name if fact.op_name == "stem" else fact.op_name
        return replace(fact, op_name=own, producers=producers)
    if isinstance(fact, ExecNodeSource) and fact.op_name == "stem":
        return replace(fact, op_name=name)
    return fact


def _refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is no JSON")
