"""The verdict table names the model, the baseline, a word and a sign, and the interval."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from results.overview import overview
from results.render import to_text
from results.verdicts import overview_json, verdicts_text
from tests.planted import planted_store


def test_each_model_is_judged_against_both_baselines(tmp_path: Path) -> None:
    store = planted_store(tmp_path, models=("tiny", "other"))
    with closing(store.index()) as index:
        text = to_text(verdicts_text(overview(index)))
    lines = text.splitlines()
    line = lines[lines.index("tiny") + 1]
    assert "fp32@f32" in line
    assert "▲ faster" in line
    assert "x to " in line
    assert "from 5 blocks" in text
    assert "fp32@default" in lines[lines.index("tiny") + 2]
    assert all(len(line) <= 80 for line in text.splitlines())


def test_a_failed_arm_is_a_line_of_its_own(tmp_path: Path) -> None:
    store = planted_store(tmp_path, failed_cell=True)
    with closing(store.index()) as index:
        text = to_text(verdicts_text(overview(index)))
    assert "failed" in text


def test_json_has_the_ratio_and_its_interval(tmp_path: Path) -> None:
    store = planted_store(tmp_path)
    with closing(store.index()) as index:
        body = json.loads(overview_json("some-run", overview(index)))
    assert body["run_id"] == "some-run"
    verdict = body["verdicts"][0]
    assert verdict["ci_low"] < verdict["ratio"] < verdict["ci_high"]
    assert verdict["baseline"] == "fp32@f32"


def test_an_empty_store_has_no_verdicts(tmp_path: Path) -> None:
    from results.store import Store

    with closing(Store(tmp_path).index()) as index:
        assert overview(index) == ()
        assert to_text(verdicts_text(())) == ""
