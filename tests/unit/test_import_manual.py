"""``import --manual`` and what is shown of what was imported: never mixed up with the measured."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import closing
from pathlib import Path

import pytest

from results import queries
from results.cli import app as results_app
from results.command import run
from results.compare import compare_cells
from results.errors import UsageError
from results.overview import overview
from results.selector import parse, select, select_pair
from results.store import Store
from tests.planted import planted_store
from tests.unit.importing import REPORTS, Importing

DOC = Path(__file__).parent.parent.parent / "docs" / "import.md"
ONE = ("--manual", "--model", "tiny", "--cpu", "other", "--arm", "fp32@default", "--latency-ms", 9)


@pytest.fixture
def importing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Importing:
    return Importing(tmp_path / "store", capsys)


def _doc_commands() -> list[list[str]]:
    """The commands of the page's first block, split as a shell does."""
    block = re.search(r"```sh\n(.*?)```", DOC.read_text(), re.DOTALL)
    assert block
    return [shlex.split(line) for line in block[1].replace("\\\n", " ").splitlines() if line]


def test_the_commands_of_the_page_say_that_int8_is_slower(
    importing: Importing, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = _doc_commands()
    for words in commands[:-1]:
        assert words[:4] == ["python", "-m", "collector", "import"]
        assert importing(*words[4:]).code == 0
    assert commands[-1][:3] == ["python", "-m", "results"]
    arguments = [*commands[-1][3:], "--data", str(importing.data)]
    assert run(results_app, arguments) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "takes 2.55x as long as imported fp32@f32" in text
    assert text.startswith("told, not measured: 0.39x.")
    assert "there is no interval" in text
    assert "inconclusive" not in text
    assert run(results_app, [*arguments, "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["ratio"] == pytest.approx(16.26 / 6.37)
    assert (body["ci_low"], body["ci_high"]) == (None, None)
    assert [caution["caution_id"] for caution in body["cautions"]][:2] == ["imported", "imported"]
    assert body["certified"] is False
    assert "no certificate covers" in body["certificates"][0]["sentence"]


def test_both_figures_of_an_arm_are_kept(importing: Importing) -> None:
    importing("--manual", "--model", "m", "--arm", "fp32@f32", "--latency-ms", 6.37,
              "--throughput-fps", 131.34)  # fmt: skip
    (launch,) = importing.launches()
    assert (launch.p50_ms, launch.throughput_fps, launch.iterations) == (6.37, 131.34, None)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--manual", "--arm", "fp32@f32", "--latency-ms", 1), "--model"),
        (("--manual", "--model", "m", "--latency-ms", 1), "--arm"),
        (("--manual", "--model", "m", "--arm", "fp32@f32"), "--latency-ms"),
        (("--manual", "--model", "m", "--arm", "fp32", "--latency-ms", 1), "KIND@PRECISION"),
        (("--manual", "--model", "m", "--arm", "fp32@f32", "--latency-ms", 0), "above 0"),
        (("--manual", "--model", "m", "--arm", "fp32@f32", "--latency-ms", "nan"), "above 0"),
        (("--manual", "--model", "m", "--arm", "fp32@f32", "--latency-ms", "inf"), "above 0"),
        (("--manual", "--model", "m", "--arm", "fp32@f32", "--latency-ms", -2), "above 0"),
        (("--manual", "--model", "m", "--arm", "fp32@f32", "--latency-ms", "1e300"), "1e+300"),
        (("--manual", "--model", "m", "--arm", "fp32@f32", "--throughput-fps", "1e-300",
          "--latency-ms", 1), "--throughput-fps 1e-300 cannot be"),
        (("--manual", "--model", "m", "--arm", "fp32@f32", "--arm", "int8@default",
          "--latency-ms", 1), "2 --arm and 1 --latency-ms"),
        (("--manual", "--model", "m", "--arm", "fp32@f32", "--throughput-fps", 9, "--scenario",
          "fast"), "'fast'"),
        (("--model", "m", "--latency-ms", 1), "--manual"),
        ((), "nothing to import"),
        (("--cpu", " ", "--manual"), "--cpu is empty"),
        (("--isa-class", "mmx", "--manual"), "'mmx'"),
    ],
)  # fmt: skip
def test_figures_that_cannot_be_are_refused_in_one_line(
    importing: Importing, arguments: tuple[object, ...], words: str
) -> None:
    said = importing(*arguments)
    assert (said.code, importing.runs()) == (2, [])
    assert words in said.err
    assert said.err.count("\n") == 1


def test_an_overview_row_never_holds_measured_and_imported_arms(importing: Importing) -> None:
    planted_store(importing.data)
    importing(*ONE)
    with closing(Store(importing.data).index()) as index:
        rows = overview(index)
    origins = [{cell.origin for cell in row.cells} for row in rows]
    assert origins.count({"imported"}) == 1
    assert all(len(found) == 1 for found in origins)
    assert not [row for row in rows if row.origin == "imported" and row.verdicts]


def test_a_selector_that_says_nothing_of_it_means_what_was_measured(importing: Importing) -> None:
    planted_store(importing.data)
    importing(*ONE)
    cells = importing.cells()
    pair = select_pair(cells, "model=tiny,arm=fp32@f32", "arm=int8-simplified@default")
    assert {pair.baseline.origin, pair.candidate.origin} == {"measured"}
    other = select_pair(cells, "arm=fp32@default", "origin=imported")
    assert (other.baseline.origin, other.candidate.origin) == ("measured", "imported")


def test_a_measured_cell_against_an_imported_one_is_cautioned(importing: Importing) -> None:
    planted_store(importing.data)
    importing(*ONE)
    with closing(Store(importing.data).index()) as index:
        pair = select_pair(queries.cells(index), "arm=fp32@default", "origin=imported")
        found = compare_cells(index, pair.baseline, pair.candidate)
    ids = [caution.caution_id for caution in found.cautions]
    assert ids[0] == "imported"
    assert "different_model" not in ids
    assert (found.attribution, found.groups) == (None, ())
    assert "imported fp32@default" in found.sentence
    assert [standing.certified for standing in found.standings][-1] is False


def test_imported_facts_never_stand_in_for_measured_ones(importing: Importing) -> None:
    planted_store(importing.data)
    before = {cell.cell_id: cell for cell in importing.cells()}
    importing(*ONE)
    after = {cell.cell_id: cell for cell in importing.cells()}
    assert {key: after[key] for key in before} == before
    assert {cell.origin for cell in before.values()} == {"measured"}


def test_imports_of_one_model_with_layers_have_no_layer_story(importing: Importing) -> None:
    for name, arm in (("average_counters-csv", "fp32@default"), ("sort-csv", "fp32@bf16")):
        importing(*(REPORTS / "python-2026.4" / name).iterdir(), "--arm", arm, "--cpu", "one")
    with closing(Store(importing.data).index()) as index:
        pair = select_pair(queries.cells(index), "arm=fp32@default", "arm=fp32@bf16")
        found = compare_cells(index, pair.baseline, pair.candidate)
    assert pair.baseline.model_id == pair.candidate.model_id
    assert (found.attribution, found.groups, found.inserted, found.causes) == (None, (), (), ())


@pytest.mark.parametrize(
    ("figures", "is_odd"),
    [
        (("--latency-ms", 6.37, "--throughput-fps", 131.34, "--streams", 1), False),
        (("--latency-ms", 16.26, "--throughput-fps", 58.80, "--streams", 1), False),
        (("--latency-ms", 30.1, "--throughput-fps", 131.34, "--streams", 4), False),
        (("--latency-ms", 30.1, "--throughput-fps", 1051, "--streams", 4, "--batch", 8), False),
        (("--latency-ms", 30.1, "--throughput-fps", 1051, "--streams", 4), True),
        (("--latency-ms", 6.37, "--throughput-fps", 1313.4, "--streams", 1), True),
        (("--latency-ms", 0.003, "--throughput-fps", 1, "--streams", 1), True),
        (("--latency-ms", 0.003, "--streams", 1), False),
        (("--latency-ms", 1e10, "--streams", 1), True),
        (("--throughput-fps", 1e9, "--streams", 1, "--scenario", "throughput"), True),
        (("--latency-ms", 30, "--throughput-fps", 4000, "--scenario", "throughput"), False),
        (("--latency-ms", 1, "--throughput-fps", 4, "--scenario", "throughput"), True),
    ],
)
def test_figures_that_can_hardly_belong_together_are_cautioned(
    importing: Importing, figures: tuple[object, ...], is_odd: bool
) -> None:
    said = importing("--manual", "--model", "m", "--arm", "fp32@f32", *figures)
    assert said.code == 0
    assert ("imported_implausible" in importing.caution_ids()) is is_odd, said.err
    assert ("hardly what was measured" in said.err) is is_odd


def test_streams_that_nobody_told_are_unknown_and_no_fact(
    importing: Importing, capsys: pytest.CaptureFixture[str]
) -> None:
    importing(*ONE)
    (cell,) = importing.cells()
    assert cell.streams is None
    assert importing.caution_ids() == ["imported_not_driven"]
    assert run(results_app, ["list", "--data", str(importing.data)]) == 0
    assert "latency, batch 1, streams unknown" in capsys.readouterr().out
    assert select([cell], parse("streams=unknown")) is cell
    with pytest.raises(UsageError, match="no cell has streams=auto"):
        select([cell], parse("streams=auto"))
    importing(*ONE[:-1], 8, "--streams", 2)
    assert importing.caution_ids() == ["imported_not_driven"]


def test_the_list_says_what_was_imported(
    importing: Importing, capsys: pytest.CaptureFixture[str]
) -> None:
    planted_store(importing.data)
    importing(*ONE)
    run(results_app, ["list", "--data", str(importing.data)])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 100
    named = [line for line in lines if line.startswith("tiny (")]
    assert sorted(named) == [
        "tiny (imported, not measured here)",
        "tiny (synthetic weights: speed only)",
    ]


def test_an_imported_version_never_changes_what_a_selector_means(importing: Importing) -> None:
    planted_store(importing.data, runtime="2024.6.0")
    text = "model=tiny,runtime=2024.6,arm=fp32@default"
    before = select(importing.cells(), parse(text))
    importing(*ONE, "--openvino", "2024.6")
    assert select(importing.cells(), parse(text)) == before
    assert before.runtime == "2024.6.0"
    told = select(importing.cells(), parse("runtime=2024.6,arm=fp32@default,origin=imported"))
    assert told.runtime == "2024.6"


def test_an_imported_candidate_is_of_the_baselines_model_however_it_is_spelled(
    importing: Importing,
) -> None:
    planted_store(importing.data, models=("resnet_50", "vgg_16"))
    for name in ("ResNet-50", "vgg-16"):
        importing("--manual", "--model", name, "--arm", "fp32@f32", "--latency-ms", 9)
    cells = importing.cells()
    pair = select_pair(cells, "model=resnet-50,arm=fp32@f32", "arm=fp32@f32,origin=imported")
    assert (pair.baseline.model, pair.candidate.model) == ("resnet_50", "ResNet-50")
    pair = select_pair(cells, "model=vgg_16,arm=fp32@f32,origin=imported", "origin=measured")
    assert (pair.baseline.model, pair.candidate.model) == ("vgg-16", "vgg_16")
