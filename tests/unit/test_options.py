"""Options of the command line become a job, or are refused with what to do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from collector.builtin.catalogue import builtin_model
from collector.job import FileModel
from collector.models.data_options import DataOptions
from collector.options import Options, job_of
from collector.scenario import Scenario
from results.errors import UsageError

DATA = Path("store")
ONE = Options(models=("resnet_50",))


def test_one_model_is_measured_as_the_seed_did_unless_told_otherwise() -> None:
    job = job_of(ONE, DATA, 7)
    assert job.models == (builtin_model("resnet_50"),)
    assert (job.devices, job.isa_caps, job.arms) == (("CPU",), (None,), None)
    assert job.scenarios == (Scenario(),)
    assert (job.effort.level, job.effort.blocks, job.effort.pin) == ("default", 10, True)
    assert (job.seed, job.data, job.comparisons) == (7, DATA, None)


def test_lists_make_a_matrix_and_what_is_given_twice_is_measured_once() -> None:
    options = replace(
        ONE, models=("resnet_50", "resnet_50"), devices=("CPU", "CPU", "NPU"),
        scenarios=("throughput",), batches=(1, 4), streams=(2,), requests=(3,),
    )  # fmt: skip
    job = job_of(options, DATA, 1)
    assert len(job.models) == 1
    assert job.devices == ("CPU", "NPU")
    assert job.scenarios == tuple(
        Scenario("throughput", batch=batch, streams=2, requests=3) for batch in (1, 4)
    )


def test_caps_are_taken_in_any_case_and_none_is_the_cpu_as_it_is() -> None:
    job = job_of(replace(ONE, isa_caps=("none", "avx2", "AVX2")), DATA, 1)
    assert job.isa_caps == (None, "AVX2")


def test_the_effort_is_a_level_or_blocks_of_ones_own() -> None:
    assert job_of(replace(ONE, effort="publish"), DATA, 1).effort.blocks == 20
    own = job_of(replace(ONE, effort="quick", blocks=7), DATA, 1).effort
    assert (own.level, own.blocks) == ("custom", 7)
    limits = replace(ONE, timeout_s=9.0, memory_limit_mib=300, unpinned=True)
    effort = job_of(limits, DATA, 1).effort
    assert (effort.timeout_s, effort.memory_limit_mib, effort.pin) == (9.0, 300, False)


def test_an_adaptive_run_stays_adaptive() -> None:
    adaptive = Options(models=("resnet_50",), effort="adaptive", measure_s=0.5)
    found = job_of(adaptive, Path("data"), 1).effort
    assert found.is_adaptive
    assert found.measure_s == 0.5
    with pytest.raises(UsageError, match="--blocks 30"):
        job_of(replace(adaptive, blocks=30), Path("data"), 1)


def test_a_cap_without_a_cpu_is_refused() -> None:
    with pytest.raises(UsageError, match="--isa-cap AVX2"):
        job_of(Options(models=("resnet_50",), devices=("GPU.0",), isa_caps=("AVX2",)), Path(), 1)


def test_a_path_is_a_file_and_a_name_is_a_builtin() -> None:
    options = replace(
        ONE, models=("nets/resnet_50.onnx",), native=Path("i8.onnx"), input_shape="[1, 3,8,8]"
    )
    (model,) = job_of(options, DATA, 1).models
    assert model == FileModel(Path("nets/resnet_50.onnx"), Path("i8.onnx"), (1, 3, 8, 8))


def test_a_built_in_model_with_data_takes_a_metric_and_fewer_samples_and_no_other_data() -> None:
    options = Options(models=("digits",), data=DataOptions(max_samples=50, metric="mine:f1"))
    (model,) = job_of(options, DATA, 1).models
    own = builtin_model("digits").judging
    assert own is not None
    assert model.judging == replace(own, data=replace(own.data, most=50), metric="mine:f1")
    (plain,) = job_of(Options(models=("digits",)), DATA, 1).models
    assert plain.judging == own


def test_without_a_seed_one_is_drawn() -> None:
    seeds = {job_of(ONE, DATA, None).seed for _ in range(5)}
    assert len(seeds) > 1
    assert all(seed >= 0 for seed in seeds)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(), "nothing to measure"),
        (replace(ONE, models=("a.onnx", "b.onnx"), native=Path("n.onnx")), "one --model, not 2"),
        (replace(ONE, input_shape="1,3"), "shape of its own"),
        (replace(ONE, native=Path("n.onnx")), "shape of its own"),
        (replace(ONE, models=("a.onnx",), input_shape="1,x"), "'1,x' is no shape"),
        (replace(ONE, models=("a.onnx",), input_shape="1,0"), "'1,0' is no shape"),
        (replace(ONE, models=("mobilnet",)), "mobilnet"),
        (replace(ONE, arms=("fp32@f64",)), "'fp32@f64'"),
        (replace(ONE, scenarios=("lateny",)), "'lateny'"),
        (replace(ONE, batches=(0,)), "batch is 0"),
        (replace(ONE, requests=(2,)), "requests is 2"),
        (replace(ONE, effort="heroic"), "'heroic'"),
        (replace(ONE, data=DataOptions(dataset="photos")), "resnet_50 has random weights"),
        (Options(models=("digits",), data=DataOptions(dataset="photos")), "data of its own"),
        (Options(models=("digits",), data=DataOptions(metric="f1")), "'f1'"),
    ],
)
def test_what_cannot_be_is_refused_with_the_value_seen(options: Options, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        job_of(options, DATA, 1)
    assert said in raised.value.message
    assert raised.value.hint


def test_only_what_was_given_describes() -> None:
    assert not Options().describes
    assert all(
        options.describes
        for options in (ONE, Options(effort="quick"), Options(unpinned=True), Options(blocks=1))
    )
