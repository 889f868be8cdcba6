"""What a picture says of itself when it has left its page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from results import picture_words
from results.views import RunView
from tests.unit.pairs import FLOAT_CELL, INT8_CELL


def _run(run_id: str, day: int) -> RunView:
    at = datetime(2026, 11, day, 23, 30, tzinfo=UTC)
    return RunView(
        run_id=run_id, kind="measured", machine_id=None, started_at=at, ended_at=at,
        tool_version="1", command="run", seed=None, blocks_planned=None, profile_launches=None,
        effort=None, continued=None, hostname="h", machine_title="m", cells=1, launches=1,
        failed_launches=0, cautions=0, model_titles=(),
    )  # fmt: skip


def test_a_picture_names_model_arms_device_version_and_scenario() -> None:
    assert picture_words.about([FLOAT_CELL, INT8_CELL]) == (
        "Net; fp32@f32 and int8-simplified@default; A CPU; OpenVINO 2026.4.1; latency, batch 1"
    )


def test_three_of_a_kind_are_a_list() -> None:
    cells = [replace(FLOAT_CELL, arm=arm) for arm in ("a", "b", "c")]
    assert picture_words.about(cells).split("; ")[1] == "a, b and c"


def test_what_is_too_many_to_name_is_counted() -> None:
    cells = [
        replace(FLOAT_CELL, model_title=f"Net {n}", device=f"CPU {n}", runtime=f"2026.{n}",
                arm=f"fp32@{n}", batch=n)
        for n in range(1, 6)
    ]  # fmt: skip
    assert picture_words.about(cells) == (
        "5 models; 5 arms; 5 devices; 5 versions of OpenVINO; 5 scenarios"
    )
    assert picture_words.models(cells) == "5 models"


def test_the_arms_that_a_picture_is_about_stand_for_those_of_the_cells() -> None:
    told = picture_words.about([FLOAT_CELL], ["int8@default"], "fp32@f32")
    assert told.split("; ")[1] == "int8@default against fp32@f32"
    two = picture_words.about([FLOAT_CELL], ["int8@default", "int8-full@default"], "fp32@f32")
    assert two.split("; ")[1] == "int8@default and int8-full@default against fp32@f32"
    assert picture_words.about([FLOAT_CELL]).split("; ")[1] == "fp32@f32"


def test_a_picture_of_nothing_says_nothing() -> None:
    assert picture_words.about([]) == ""
    assert picture_words.from_runs([]) == ""
    assert picture_words.models([]) == ""
    assert picture_words.named_models([]) == ""


def test_one_run_is_named_and_several_are_counted_with_their_days() -> None:
    assert picture_words.from_runs([_run("R", 3)]) == "run R, measured 2026-11-03"
    assert picture_words.from_runs([_run("R", 3), _run("S", 3)]) == "2 runs, measured 2026-11-03"
    three = [_run("R", 9), _run("S", 3), _run("T", 5)]
    assert picture_words.from_runs(three) == "3 runs, measured 2026-11-03 to 2026-11-09"


def test_a_file_of_few_models_has_their_names() -> None:
    other = replace(FLOAT_CELL, model_title="Other")
    assert picture_words.models([FLOAT_CELL, INT8_CELL]) == "Net"
    assert picture_words.models([FLOAT_CELL, other]) == "Net Other"
