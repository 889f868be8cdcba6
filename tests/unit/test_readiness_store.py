"""``results readiness``: what it makes of a store, and what it prints."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.main import get_command

import collector.cli
from results import cli, queries
from results.comparison import (
    Comparison,
    Estimate,
    Inserted,
    InsertedKind,
    LayerSide,
    Pace,
    Verdict,
)
from results.errors import UsageError
from results.facts import Device, Model
from results.readiness.at_hand import AtHand
from results.readiness.checklist import checklists
from results.readiness.layer_facts import conversions_of, heavy_of_baseline, heavy_time
from results.readiness.read import Wanted, expected_cells
from results.readiness.reference import reference_of
from results.readiness.render import checklists_text
from results.readiness.shapes import Answer, Checklist, LineId, Status
from results.store import Store
from results.terminal import to_text
from results.versions.shapes import Version
from results.views import RunView
from tests.planted import ARMS, UNATTRIBUTED_US, planted_store
from tests.planted_accuracy import Judged, planted_accuracy
from tests.planted_versions import FUSED, INT8, NEWEST, OLD, versions_store
from tests.unit.pairs import FLOAT_CELL, INT8_CELL, aligned, node, ops

AT = datetime(2026, 11, 1, tzinfo=UTC)


def heavy_share(inference_us: float) -> float:
    """Planted: 0.9 of the layers' time in convolutions, 2 % more per inference with counters on."""
    return 0.9 * (inference_us - UNATTRIBUTED_US) / (1.02 * inference_us)


HEAVY_SHARE = heavy_share(2000.0)
RUN = RunView(
    run_id="run", kind="measured", machine_id="m", started_at=AT, ended_at=AT, tool_version="1",
    command="", seed=None, blocks_planned=5, profile_launches=3, effort=None, continued=None,
    hostname="h", machine_title="CPU", cells=1, launches=1, failed_launches=0, cautions=0,
    model_titles=(),
)  # fmt: skip
MODEL = Model("m", "mobilenet_v3", "V3", "onnx", None, None, None, synthetic_weights=None,
              note=None)  # fmt: skip
CPU = Device("d", "machine", "CPU", None, None, "A CPU", ())


def found_in(store: Store, model: str = "tiny", wanted: Wanted | None = None
             ) -> tuple[Checklist, ...]:  # fmt: skip
    with closing(store.index()) as index:
        return checklists(index, model, wanted)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Two machines; what is planted of the model is in ``tests.planted``."""
    folder = tmp_path_factory.mktemp("readiness") / "data"
    planted_store(folder, default_ratio=0.8)
    planted_store(folder, name="other", int8_ratios={"tiny": 0.2})
    return planted_accuracy(folder, Judged(kind="int8-full"))


def test_what_is_at_hand_tells_the_same_of_two_machines(store: Store) -> None:
    with closing(store.index()) as index:
        cells = queries.cells(index)
        (cell, *_) = (one for one in cells if one.arm == ARMS[2])
        wanted = Wanted(device=cell.device_id, openvino=cell.runtime_id, arm=cell.arm)
        expected = expected_cells(cells, cell.model_id, wanted)
        hand = replace(AtHand.of(index), expected=lambda: expected)
        (alone,) = checklists(index, cell.model_id, wanted)
        assert checklists(index, cell.model_id, wanted, hand=hand) == (alone,)
    assert alone.line(LineId.DEVICES).status is not Status.UNKNOWN, "the other one is looked at"
    told = {one.cell_id: one for one in cells if one.cell_id in expected}
    assert {one.device_id for one in told.values()} == {one.device_id for one in cells}
    assert {one.arm for one in told.values() if one.device_id != cell.device_id} == {cell.arm}


def test_the_share_of_convolutions_without_int8_is_of_an_inference_too(tmp_path: Path) -> None:
    (found,) = found_in(planted_store(tmp_path, failed_cell=True))
    assert found.candidate is None
    (share,) = (one.value for one in found.line(LineId.HEAVY_SHARE).values)
    assert share == pytest.approx(HEAVY_SHARE, abs=0.002)


def test_what_no_layer_accounts_for_is_part_of_the_inference() -> None:
    """Of a network of 60 us with 40 us in its layers, convolutions are half."""
    conv = LayerSide(1, "c", "Convolution", "brgconv_avx512_f32", "f32", (), (), 30.0, ("c",))
    pool = replace(conv, name="p", node_type="Pooling", time_us=10.0)
    found = heavy_time("fp32@f32", (conv, pool), 60.0)
    assert found is not None
    assert found.share == 0.5
    side_by_side = heavy_time("fp32@f32", (conv, pool), 30.0)
    assert side_by_side is not None
    assert side_by_side.share == 0.75
    assert heavy_time("fp32@f32", (), 60.0) is None


def test_the_inference_is_at_the_pace_that_the_layers_were_brought_to() -> None:
    """Layers of 120 us in an inference of 240 us, both divided by 1.2: half at any pace."""
    found = aligned(
        (node(1, "conv", 100.0),), (node(1, "conv", 50.0, precision="u8"),), ops(("conv", "Conv"))
    )
    comparison = Comparison(
        FLOAT_CELL, INT8_CELL, ("run",),
        Estimate(Verdict.FASTER, 0.5, 0.4, 0.6, True, 5, None, 0.160, 0.080),
        None, found.coverage, found.groups, found.inserted, (), (), "A sentence.",
        pace=Pace(1.5, 0.96, 1.2, 1.2),
    )  # fmt: skip
    heavy = heavy_of_baseline(comparison)
    assert heavy is not None
    assert heavy.heavy_us == 100.0
    assert heavy.total_us == pytest.approx(200.0)


def test_the_figures_are_those_that_were_planted(store: Store) -> None:
    (found,) = found_in(store, wanted=Wanted(device="Planted CPU tiny"))
    assert found.candidate == ARMS[2]
    heavy = {one.name: one.value for one in found.line(LineId.HEAVY_SHARE).values}
    assert heavy["share"] == pytest.approx(heavy_share(0.8 * 2000.0), abs=0.002)
    assert "of an inference of fp32@default" in found.line(LineId.HEAVY_SHARE).figure
    assert "that fp32@default has not" in found.line(LineId.CONVERSIONS).figure
    assert found.line(LineId.QUICK_INT8).figure == "int8-simplified, int8-full"
    moved = {one.name: one.value for one in found.line(LineId.CONVERSIONS).values}
    assert moved["count"] == 1
    assert moved["share"] == pytest.approx(0.10, abs=0.005)
    ratio = {one.name: one.value for one in found.line(LineId.SYNC_RATIO).values}
    assert ratio["speedup over fp32@f32"] == pytest.approx(1 / 0.55, rel=0.02)
    assert ratio["speedup over fp32@default"] == pytest.approx(0.8 / 0.55, rel=0.02)


def test_every_device_has_its_checklist_and_sees_the_others(store: Store) -> None:
    slow, fast = sorted(found_in(store), key=lambda one: one.device or "", reverse=True)
    assert (slow.device, fast.device) == ("Planted CPU tiny", "Planted CPU other")
    assert slow.line(LineId.DEVICES).status is Status.FAILED
    assert "Planted CPU other: 2.75x as fast as here" in slow.line(LineId.DEVICES).figure
    assert fast.line(LineId.DEVICES).status is Status.PASSED


def test_a_cap_is_no_other_device(tmp_path: Path) -> None:
    planted_store(tmp_path)
    found = found_in(planted_store(tmp_path, isa_cap="AVX2", int8_ratios={"tiny": 0.3}))
    assert len(found) == 2
    assert {one.line(LineId.DEVICES).status for one in found} == {Status.UNKNOWN}
    capped = next(one for one in found if "AVX2" in (one.device or ""))
    step = capped.line(LineId.NATIVE).next_step
    assert step is not None
    assert "--isa-cap AVX2" in (step.command or "")


def test_a_version_is_judged_against_the_fastest(tmp_path: Path) -> None:
    store = versions_store(tmp_path)
    (newest,) = found_in(store)
    assert newest.runtime == NEWEST
    assert newest.line(LineId.VERSIONS).status is Status.PASSED
    (old,) = found_in(store, wanted=Wanted(openvino=FUSED))
    assert old.runtime == FUSED
    assert old.line(LineId.VERSIONS).status is Status.FAILED
    step = old.line(LineId.VERSIONS).next_step
    assert step is not None
    leading = {INT8, "2024.6.0", NEWEST}
    assert any(f"--openvino {version}" in (step.command or "") for version in leading)


def test_the_newest_version_with_a_measured_int8_arm_counts(tmp_path: Path) -> None:
    store = versions_store(
        tmp_path, versions=(INT8, NEWEST), failed={(NEWEST, "tiny", ARMS[2]): "signal 11"}
    )
    (found,) = found_in(store)
    assert found.runtime == INT8
    (asked,) = found_in(store, wanted=Wanted(openvino=NEWEST))
    assert asked.line(LineId.QUICK_INT8).status is Status.FAILED
    assert "signal 11" in asked.line(LineId.QUICK_INT8).figure
    assert asked.line(LineId.HEAVY_SHARE).status is not Status.UNKNOWN
    assert asked.answer is Answer.NOT_KNOWN


def test_a_model_that_was_only_quantised_has_one_checklist(tmp_path: Path) -> None:
    (found,) = found_in(planted_accuracy(tmp_path, Judged(kind="int8-full")))
    assert (found.device, found.runtime, found.candidate) == (None, None, None)
    assert found.line(LineId.QUICK_INT8).status is Status.PASSED
    assert found.line(LineId.SYNC_RATIO).status is Status.UNKNOWN


def test_an_arm_can_be_asked_for(store: Store) -> None:
    (found,) = found_in(
        store, wanted=Wanted(device="Planted CPU tiny", arm="int8-simplified@default")
    )
    assert found.candidate == "int8-simplified@default"
    with pytest.raises(UsageError, match="no cell has arm=int8-full"):
        found_in(store, wanted=Wanted(arm="int8-full@default"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("tony",), "there is no model 'tony' in the store; there is tiny"),
        (("",), "there is no model '' in the store; there is tiny"),
        (("tiny", "--device", "GPU"), "no cell has device=GPU"),
        (("tiny", "--openvino", "2019"), "no OpenVINO 2019 was measured here"),
    ],
)
def test_what_the_store_has_not_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], store: Store, arguments: tuple[str, ...], told: str
) -> None:
    code, out, err = run(capsys, "readiness", *arguments, "--data", store.root)
    assert (code, out) == (2, "")
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_name_that_fits_several_models_names_them(tmp_path: Path) -> None:
    store = planted_store(tmp_path, models=("tiny_a", "tiny_b"))
    with pytest.raises(UsageError, match="'tiny' fits several models; name one of tiny_a, tiny_b"):
        found_in(store, "tiny")
    assert [one.model for one in found_in(store, "Tiny-B")] == ["tiny_b"]


def test_text_and_json_tell_the_same_and_the_exit_code_is_0(
    capsys: pytest.CaptureFixture[str], store: Store
) -> None:
    code, out, err = run(capsys, "readiness", "tiny", "--data", store.root, "--json")
    assert (code, err) == (0, "")
    body = json.loads(out)
    assert len(body["checklists"]) == 2
    code, out, _ = run(capsys, "readiness", "tiny", "--data", store.root)
    assert code == 0
    text = " ".join(out.split())
    for one in body["checklists"]:
        assert [line["id"] for line in one["lines"]] == [str(line) for line in LineId]
        for line in one["lines"]:
            assert line["title"] in text
            assert line["figure"] in text
            assert line["rule"] in text
            assert line["status"] in {"pass", "fail", "unknown"}
        assert one["sentence"] in text
        assert one["answer"] == "not known yet"
        assert one["next"]["command"].startswith("python -m collector run --model FILE")


def _commands(found: tuple[Checklist, ...]) -> Iterator[list[str]]:
    for line in (line for one in found for line in one.lines):
        if line.next_step and line.next_step.command:
            yield shlex.split(line.next_step.command)


def test_every_command_that_is_advised_exists_with_its_options(
    store: Store, tmp_path: Path
) -> None:
    apps = {"collector": collector.cli.app, "results": cli.app}
    found = [*_commands(found_in(store))]
    versions = versions_store(tmp_path / "versions")
    found += _commands(found_in(versions, wanted=Wanted(openvino=OLD, data=("--data", "a b"))))
    found += _commands(found_in(planted_accuracy(tmp_path / "judged", Judged())))
    assert len(found) > 10
    for python, dash_m, package, name, *words in found:
        assert (python, dash_m) == ("python", "-m")
        known = getattr(get_command(apps[package]), "commands", {})[name]
        options = {option for parameter in known.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options


def test_a_long_command_can_be_copied_from_the_text(store: Store) -> None:
    found = found_in(store, wanted=Wanted(data=("--data", "/a/very long path/" + "x" * 60)))
    lines = to_text(checklists_text(found)).replace("\\\n", " ").splitlines()
    told = [shlex.split(line) for line in lines if line.strip().startswith("python -m")]
    for command in _commands(found):
        assert command in told


def test_a_built_in_model_has_its_name_and_a_file_the_path_it_was_given() -> None:
    named = replace(RUN, command="python -m collector run --model 'my models/MobileNet-V3.onnx'")
    other = replace(RUN, command="python -m collector run --model other.onnx")
    broken = replace(RUN, command="python -m collector run --model 'open")
    assert reference_of(replace(MODEL, source_format="builtin"), CPU, None, (), ()).model == (
        "mobilenet_v3"
    )
    runs = (broken, other, named)
    assert reference_of(MODEL, CPU, None, runs, ()).model == "my models/MobileNet-V3.onnx"
    assert reference_of(MODEL, CPU, None, (broken, other), ()).model == "FILE"


def test_the_runs_of_a_store_are_not_read_for_a_built_in_model() -> None:
    runs = iter([RUN])
    assert reference_of(replace(MODEL, source_format="builtin"), CPU, None, runs, ()).model == (
        "mobilenet_v3"
    )
    assert next(runs) is RUN


def test_the_place_is_told_where_it_is_not_the_usual_one() -> None:
    gpu, version = replace(CPU, ov_device="GPU.0"), Version("r", "2022.3.0", "b", "2022.3.0")
    assert reference_of(MODEL, CPU, None, (), ()).place == ()
    assert reference_of(MODEL, gpu, version, (), ()).place == (
        "--device", "GPU.0", "--openvino", "2022.3.0",
    )  # fmt: skip
    capped = replace(CPU, isa_cap="AVX2")
    assert reference_of(MODEL, capped, None, (), ()).place == ("--isa-cap", "AVX2")


def test_what_both_have_and_what_a_constant_needs_is_no_conversion() -> None:
    def extra(kind: InsertedKind, node_type: str = "Reorder", side: str = "candidate",
              *, shared: bool = False) -> Inserted:  # fmt: skip
        layer = LayerSide(1, "r", node_type, "jit", "u8", (), (), 10.0, ())
        return Inserted(side, layer, kind, None, None, shared)

    pair = aligned([node(0, "conv")], [node(0, "conv", precision="u8")], ops(("conv", "Conv")))
    found = Comparison(
        FLOAT_CELL, INT8_CELL, ("run",),
        Estimate(Verdict.FASTER, 0.5, 0.4, 0.6, True, 5, None, 2.0, 1.0), None, None, pair.groups,
        (
            extra(InsertedKind.PRECISION), extra(InsertedKind.LAYOUT, "Convert"),
            extra(InsertedKind.QUANTIZE, "Subgraph"), extra(InsertedKind.BOUNDARY),
            extra(InsertedKind.CONSTANT), extra(InsertedKind.OTHER, "Subgraph"),
            extra(InsertedKind.BOTH, shared=True), extra(InsertedKind.BOTH, side="baseline"),
        ), (), (), "",
    )  # fmt: skip
    moved = conversions_of(found)
    assert moved is not None
    assert (moved.count, moved.time_us, moved.total_us) == (4, 40.0, 170.0)
    assert conversions_of(replace(found, groups=())) is None
