"""A stored job asks for the same again, from any folder; anything else is refused with words."""

from __future__ import annotations

import json
from dataclasses import astuple, fields, replace
from pathlib import Path

import pytest

from collector.builtin.catalogue import BUILTIN_MODELS, builtin_model
from collector.effort import LEVELS, Effort
from collector.job import FileModel, Job
from collector.jobfile import VERSION, StoredJob, job_from_json, job_to_json
from collector.models.request import DataRequest, Judging
from collector.scenario import Scenario
from results.errors import StoreError, UsageError

JOB = Job(
    data=Path("/store"),
    models=(
        BUILTIN_MODELS[1],
        FileModel(Path("/m/ä.onnx")),
        FileModel(
            Path("/m/b.tflite"), Path("/m/b_int8.tflite"), (1, 224, 224, 3),
            Judging(
                DataRequest("/photos", Path("/l.csv"), 0.875, 9, "mine"),
                DataRequest("mine:calibration", folder=Path("/suite")), "mine:f1", Path("/suite"),
            ),
        ),
    ),
    devices=("CPU", "AUTO:GPU,CPU"),
    isa_caps=(None, "AVX2"),
    scenarios=(Scenario(), Scenario("throughput", 8, 4, 2, 6)),
    effort=Effort(
        level="custom", blocks=7, profile_launches=1, startup_launches=0, measure_s=0.1 + 0.2,
        slice_s=0.05, profile_s=1 / 3, timeout_s=77.5, memory_limit_mib=4096, pin=False,
    ),
    seed=2**63 - 1,
    command="python -m collector run 'a suite.toml'",
    arms=("fp32@f32",),
)  # fmt: skip


def test_a_job_comes_back_as_it_was() -> None:
    assert job_from_json(job_to_json(JOB)) == JOB


@pytest.mark.parametrize("name", LEVELS)
def test_what_is_left_open_stays_open(name: str) -> None:
    job = replace(JOB, effort=LEVELS[name], arms=None, isa_caps=(None,), scenarios=(Scenario(),))
    assert job_from_json(job_to_json(job)) == job


def test_every_field_of_a_job_is_stored() -> None:
    assert set(StoredJob.model_fields) == {field.name for field in fields(Job)}
    stored = json.loads(job_to_json(JOB))["job"]
    assert set(stored["effort"]) == {field.name for field in fields(Effort)}
    assert set(stored["scenarios"][0]) == {field.name for field in fields(Scenario)}
    assert set(stored["models"][1]) == {field.name for field in fields(FileModel)}


def test_a_run_can_be_continued_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    judging = Judging(DataRequest("mine:samples"), DataRequest("photos"), "mine:f1")
    model = FileModel(Path("m.onnx"), Path("int8/m.onnx"), judging=judging)
    text = job_to_json(replace(JOB, data=Path("data"), models=(model,)))
    monkeypatch.chdir("/")
    back = job_from_json(text)
    assert back.data == tmp_path / "data"
    found = Judging(
        DataRequest("mine:samples", folder=tmp_path), DataRequest(str(tmp_path / "photos")),
        "mine:f1", tmp_path,
    )  # fmt: skip
    assert back.models == (
        FileModel(tmp_path / "m.onnx", tmp_path / "int8" / "m.onnx", judging=found),
    )


def test_a_job_from_before_accuracy_can_be_continued() -> None:
    body = json.loads(job_to_json(JOB))
    body["version"] = 1
    for model in body["job"]["models"]:
        model.pop("judging", None)
    back = job_from_json(json.dumps(body))
    assert back.models[1:] == (JOB.models[1], FileModel(*astuple(JOB.models[2])[:3]))


def test_a_builtin_model_is_stored_by_its_name() -> None:
    stored = json.loads(job_to_json(JOB))["job"]["models"][0]
    assert stored == {"builtin": BUILTIN_MODELS[1].name, "judging": None}


def test_a_builtin_model_judged_as_asked_comes_back_so() -> None:
    digits = builtin_model("digits")
    assert digits.judging is not None
    asked = replace(digits, judging=replace(digits.judging, metric="mine:f1"))
    assert job_from_json(job_to_json(replace(JOB, models=(asked, digits)))).models == (
        asked,
        digits,
    )


def _changed(old: str, new: str) -> str:
    text = job_to_json(JOB)
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not JSON"),
        (job_to_json(JOB)[:200], "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "not one of INT8 Lens"),
        ('{"format": "int8-lens-run", "version": 1}', "not one of INT8 Lens"),
        (_changed(f'"version": {VERSION}', '"version": true'), "has version True"),
        (_changed(f'"version": {VERSION}', '"version": 0'), "has version 0"),
        (_changed('"blocks": 7', '"blocks": "7"'), r"broken at job\.effort\.blocks"),
        (_changed('"slice_s"', '"slices"'), r"broken at job\.effort"),
        (_changed('"command"', '"commands"'), r"broken at job\.command"),
        (_changed('"mobilenet_v3_large"', '"gone"'), "another INT8 Lens: no built-in .* 'gone'"),
    ],
)
def test_a_text_that_is_no_job_is_a_store_error(text: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as caught:
        job_from_json(text)
    assert caught.value.hint == "the run cannot be continued; start it again"
    assert "\n" not in str(caught.value)


def test_a_job_of_a_newer_version_asks_for_an_update() -> None:
    newer = json.dumps({"format": "int8-lens-job", "version": VERSION + 1, "tasks": []})
    with pytest.raises(StoreError, match=f"version {VERSION + 1}, newer than.*; update INT8 Lens"):
        job_from_json(newer)


@pytest.mark.parametrize(
    "job",
    [
        replace(JOB, data=Path("/\udcff")),
        replace(JOB, models=(FileModel(Path("/\udcff.onnx")),)),
        replace(JOB, command="run \udcff"),
    ],
)
def test_a_path_that_is_not_utf_8_is_refused_before_anything_is_measured(job: Job) -> None:
    with pytest.raises(UsageError, match=r"not UTF-8.*; rename"):
        job_to_json(job)
