"""A suite file is what its page says; what is wrong with one is told in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.builtin.catalogue import builtin_model
from collector.devices import ISA_CAPS
from collector.effort import LEVELS, Effort
from collector.job import KNOWN_ARMS, FileModel, Job
from collector.models.request import DataRequest, Judging
from collector.scenario import Scenario
from collector.suite import read_suite
from results.errors import UsageError

RESNET = '[[models]]\nname = "resnet_50"\n'


def _read(folder: Path, text: str | bytes, seed: int = 5) -> Job:
    path = folder / "suite.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_suite(path, data=Path("data"), command="run", seed=seed)


def _told(folder: Path, text: str | bytes) -> str:
    with pytest.raises(UsageError) as caught:
        _read(folder, text)
    message = str(caught.value)
    assert message.startswith(str(folder / "suite.toml"))
    assert message.isprintable(), "an error is one line"
    assert caught.value.hint
    return message.removeprefix(str(folder / "suite.toml"))


# What a suite describes


def test_the_smallest_suite_measures_one_model_in_the_seeds_setting(tmp_path: Path) -> None:
    assert _read(tmp_path, RESNET) == Job(
        data=Path("data"), models=(builtin_model("resnet_50"),), devices=("CPU",),
        isa_caps=(None,), scenarios=(Scenario("latency"),), effort=Effort(), seed=5,
        command="run", arms=None,
    )  # fmt: skip


def test_paths_start_at_the_suite_file_and_are_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "s.toml").write_text('[[models]]\npath = "../m.onnx"\nnative = "/x/n.onnx"')
    monkeypatch.chdir(tmp_path)
    job = read_suite(Path("a/s.toml"), data=Path("data"), command="", seed=1)
    assert job.models == (FileModel(tmp_path / "a" / ".." / "m.onnx", Path("/x/n.onnx")),)


def test_data_to_judge_on_is_found_from_the_suite_file(tmp_path: Path) -> None:
    job = _read(
        tmp_path,
        '[[models]]\npath = "m.onnx"\ndataset = "photos"\nlabels = "l.csv"\n'
        'calibration = "mine:more"\ncentral_fraction = 0.875\nmax_samples = 50\n'
        'metric = "mine:f1"\n',
    )
    (model,) = job.models
    assert model.judging == Judging(
        DataRequest(str(tmp_path / "photos"), tmp_path / "l.csv", 0.875, 50),
        DataRequest("mine:more", None, 0.875, folder=tmp_path),
        "mine:f1",
        tmp_path,
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('path = "m.onnx"\nlabels = "l.csv"', "models[0].labels: it speaks of a dataset"),
        ('path = "m.onnx"\nmax_samples = 3', "models[0].max_samples: it speaks of a dataset"),
        ('path = "m.onnx"\ndataset = "d"\nmetric = "f1"', "models[0].metric: 'f1'"),
        ('path = "m.onnx"\ndataset = "d"\ncentral_fraction = 2.0', "central_fraction is 2.0"),
        ('path = "m.onnx"\ndataset = "d\\u0007"', "models[0].dataset is"),
        ('name = "resnet_50"\ndataset = "d"', "models[0]: 'resnet_50' is a built-in model"),
    ],
)
def test_data_that_cannot_be_is_told(tmp_path: Path, lines: str, said: str) -> None:
    assert said in _told(tmp_path, f"[[models]]\n{lines}\n")


def test_devices_caps_and_arms_stand_as_given(tmp_path: Path) -> None:
    job = _read(
        tmp_path,
        'devices = ["CPU", "AUTO:GPU.0,CPU"]\nisa_caps = ["avx2", "none"]\n'
        f'arms = ["int8-native@f16"]\n{RESNET}',
    )
    assert job.devices == ("CPU", "AUTO:GPU.0,CPU")
    assert job.isa_caps == ("AVX2", None)
    assert job.arms == ("int8-native@f16",)
    every = ", ".join(f'"{arm}"' for arm in KNOWN_ARMS)
    assert _read(tmp_path, f"arms = [{every}]\n{RESNET}").arms == KNOWN_ARMS
    caps = ", ".join(f'"{cap}"' for cap in ISA_CAPS)
    assert _read(tmp_path, f"isa_caps = [{caps}]\n{RESNET}").isa_caps == ISA_CAPS


def test_a_scenario_that_two_tables_make_is_measured_once(tmp_path: Path) -> None:
    tables = '[[scenarios]]\nname = "throughput"\nbatch = 1\n' * 2
    tables += '[[scenarios]]\nname = "throughput"\nbatch = [8, 1]\nthreads = 3\nrequests = 2\n'
    assert _read(tmp_path, RESNET + tables).scenarios == (
        Scenario("throughput", 1),
        Scenario("throughput", 8, threads=3, requests=2),
        Scenario("throughput", 1, threads=3, requests=2),
    )


def test_a_file_in_two_shapes_is_two_models(tmp_path: Path) -> None:
    table = '[[models]]\npath = "m.onnx"\n'
    assert len(_read(tmp_path, f"{table}{table}input_shape = [1, 8]").models) == 2


@pytest.mark.parametrize("name", LEVELS)
def test_a_level_alone_is_the_level(tmp_path: Path, name: str) -> None:
    assert _read(tmp_path, f'{RESNET}[run]\neffort = "{name}"').effort == LEVELS[name]


def test_own_blocks_make_the_effort_custom(tmp_path: Path) -> None:
    effort = _read(tmp_path, f'{RESNET}[run]\neffort = "quick"\nblocks = 7').effort
    assert effort == LEVELS["quick"].with_blocks(7)


@pytest.mark.parametrize(
    "line", ["measure_s = 1", "slice_s = 0.2", "profile_launches = 0", "startup_launches = 0"]
)
def test_a_run_called_publish_always_is_one(tmp_path: Path, line: str) -> None:
    field, _, value = line.split()
    effort = _read(tmp_path, f'{RESNET}[run]\neffort = "publish"\n{line}').effort
    assert effort.level == "custom"
    assert getattr(effort, field) == float(value)
    assert _read(tmp_path, f'{RESNET}[run]\neffort = "adaptive"\n{line}').effort.is_adaptive


def test_limits_and_pinning_leave_the_level_its_name(tmp_path: Path) -> None:
    lines = "timeout_s = 60\nmemory_limit_mib = 2048\npin = false"
    effort = _read(tmp_path, f'{RESNET}[run]\neffort = "quick"\n{lines}').effort
    assert (effort.level, effort.blocks) == ("quick", 5)
    assert (effort.timeout_s, effort.memory_limit_mib, effort.pin) == (60, 2048, False)


def test_the_seed_of_the_file_goes_first(tmp_path: Path) -> None:
    assert _read(tmp_path, f"{RESNET}[run]\nseed = 0", seed=5).seed == 0


# What is wrong with a suite


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\xff", " is not UTF-8 text: byte 0xff at 0; save it"),
        ("devices = [\n1", " is not TOML: Unclosed array (at end of document); correct it"),
        ("a = 1\nb 2", " is not TOML: Expected '=' after a key in a key/value pair (at line 2,"),
        ("a = " + "[" * 5000, " is not TOML: "),
        ("a = " + "9" * 5000, " is not TOML: "),
        ("", ": models is missing; add [[models]] with a name or a path"),
        ("models = []", ": models is an empty list; add [[models]]"),
    ],
)
def test_a_file_that_is_no_suite(tmp_path: Path, text: str | bytes, told: str) -> None:
    assert _told(tmp_path, text).startswith(told)


def test_a_byte_order_mark_is_read_over(tmp_path: Path) -> None:
    assert _read(tmp_path, b"\xef\xbb\xbf" + RESNET.encode()).models


@pytest.mark.parametrize(
    ("name", "told"),
    [(".", "not a file"), ("gone.toml", "no such file"), ("n" * 300, "cannot be read")],
)
def test_a_file_that_is_not_there(tmp_path: Path, name: str, told: str) -> None:
    with pytest.raises(UsageError, match=f"{told}.*docs/suite.md"):
        read_suite(tmp_path / name, data=Path("data"), command="", seed=1)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('devcies = ["CPU"]', "devcies is no known key; did you mean devices?"),
        ("batch = 1", "batch is no known key; write it under [[scenarios]]"),
        ("[run]\nblock = 1", "run.block is no known key; did you mean blocks?"),
        ("[run]\narms = []", "run.arms is no known key; write it at the top, above the first"),
        ("[run]\nzzz = 1", "run.zzz is no known key; the keys here are effort, blocks, seed"),
        ('"a\\nb" = 1', r"'a\nb' is no known key; the keys here are devices, isa_caps"),
        ("[[scenarios]]\nnames = 1", "scenarios[0].names is no known key; did you mean name?"),
        ("[[models]]\nfile = 1", "models[0].file is no known key; the keys here are name, path"),
    ],
)
def test_an_unknown_key_is_told_with_the_nearest(tmp_path: Path, text: str, told: str) -> None:
    assert _told(tmp_path, f"{text}\n{RESNET}").startswith(f": {told}")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("devices = []", "devices is an empty list; give at least one, or leave it out"),
        ("devices = [3]", "devices[0] is 3; give a text in quotes"),
        ('devices = ["CPU", ""]', "devices[1] is ''; give an OpenVINO device such as"),
        ('devices = ["G P U"]', "devices[0] is 'G P U'; give an OpenVINO device such as"),
        ('devices = "CPU"', "devices is 'CPU'; give a list"),
        ('devices = ["CPU", "NPU", "CPU"]', "devices: 'CPU' is there twice; name it once"),
        ('isa_caps = ["AVX3"]', "isa_caps[0]: no ISA cap is called 'AVX3'; choose one of none,"),
        ('isa_caps = ["AVX2", "avx2"]', "isa_caps: 'AVX2' is there twice; name it once"),
        ("isa_caps = [2020-01-01]", "isa_caps[0] is 2020-01-01; give a text in quotes"),
        (
            'devices = ["GPU"]\nisa_caps = ["AVX2"]',
            "isa_caps is AVX2, but CPU is not among the devices; add CPU to devices, or",
        ),
        ('arms = ["int8"]', "arms[0]: no arm is called 'int8'; choose one of fp32@f32,"),
        ("arms = []", "arms is an empty list; give at least one, or leave it out"),
        ("run = 3", "run is 3; write its keys under [run]"),
        (f'scenarios = ["{"x" * 99}"]', f"scenarios[0] is '{'x' * 59}...; write its keys under [["),
    ],
)
def test_a_wrong_value_at_the_top(tmp_path: Path, text: str, told: str) -> None:
    assert _told(tmp_path, f"{text}\n{RESNET}").startswith(f": {told}")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('effort = "fast"', "run.effort: no effort is called 'fast'; choose one of quick,"),
        ("blocks = 0", "run.blocks is 0; give 1 or more"),
        ("blocks = 201", "run.blocks is 201; give 200 or less"),
        ("blocks = true", "run.blocks is true; give an integer"),
        ("blocks = 5.0", "run.blocks is 5.0; give an integer"),
        ("seed = -1", "run.seed is -1; give 0 or more"),
        ("seed = 9223372036854775808", "run.seed is 9223372036854775808; give 922"),
        ('measure_s = "2"', "run.measure_s is '2'; give a number"),
        ("measure_s = inf", "run.measure_s is inf; give a finite number"),
        ("measure_s = nan", "run.measure_s is nan; give a finite number"),
        ("measure_s = 601", "run.measure_s is 601; give 600.0 or less"),
        ("pin = 1", "run.pin is 1; give true or false"),
        ("memory_limit_mib = 1", "run.memory_limit_mib is 1; give 64 or more"),
        (
            'effort = "adaptive"\nblocks = 9',
            "run: blocks is 9, but an adaptive run computes its number; leave blocks out",
        ),
        ("slice_s = 3", "run: slice_s is 3, longer than measure_s, 2; give a slice_s of at most"),
        ("timeout_s = 2", "run: timeout_s is 2, but a launch measures for measure_s, 2; give a l"),
    ],
)
def test_a_wrong_value_under_run(tmp_path: Path, lines: str, told: str) -> None:
    assert _told(tmp_path, f"{RESNET}[run]\n{lines}").startswith(f": {told}")


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "models[1]: it has neither name nor path; give name for a built-in model, or path"),
        ('name = "resnet_50"\npath = "m"', "models[1]: it has both name and path; give"),
        ('name = "resnet"', "models[1].name: no built-in model is called 'resnet'; choose one of:"),
        ('name = "resnet_50"', "models[1] is 'resnet_50', the same as models[0]; name it once"),
        ('name = "resnet_50"\nnative = "m"', "models[1]: 'resnet_50' is a built-in model with a"),
        ('path = ""', "models[1].path is ''; give a text that is not empty"),
        ('path = "a\\u0000"', "models[1].path is 'a\\x00'; give a path without control characters"),
        ('path = "m"\ninput_shape = "1,3"', "models[1].input_shape is '1,3'; give a list"),
        ('path = "m"\ninput_shape = [1, 0]', "models[1].input_shape[1] is 0; give 1 or more"),
        (
            'path = "m"\n[[models]]\npath = "x/../m"\nnative = "n"',
            "models[2] is 'x/../m', the same as models[1]; name it once",
        ),
    ],
)
def test_a_wrong_model(tmp_path: Path, lines: str, told: str) -> None:
    assert _told(tmp_path, f"{RESNET}[[models]]\n{lines}").startswith(f": {told}")


def test_models_without_their_brackets(tmp_path: Path) -> None:
    told = ": models is a table; write [[models]] above each"
    assert _told(tmp_path, RESNET.replace("[[models]]", "[models]")) == told


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", '.name is missing; give name = "latency" or name = "throughput"'),
        ('name = "sync"', ".name: no scenario is called 'sync'; choose one of latency, throughput"),
        ('name = "throughput"\nbatch = [1, 0]', ".batch: batch is 0; give 1 to 4096"),
        ('name = "throughput"\nbatch = [1, "x"]', ".batch[1] is 'x'; give an integer"),
        ('name = "throughput"\nbatch = "x"', ".batch is 'x'; give an integer"),
        ('name = "throughput"\nstreams = []', ".streams is an empty list; give at least one, or"),
        ('name = "throughput"\nstreams = [2, 2]', ".streams: 2 is there twice; name it once"),
        (
            'name = "latency"\nrequests = [1, 2]',
            ".requests: requests is 2, but latency runs one request at a time",
        ),
    ],
)
def test_a_wrong_scenario(tmp_path: Path, lines: str, told: str) -> None:
    first = '[[scenarios]]\nname = "latency"\n'
    text = f"{RESNET}{first}[[scenarios]]\n{lines}"
    assert _told(tmp_path, text).startswith(f": scenarios[1]{told}")


def test_a_matrix_too_large_to_measure_is_refused(tmp_path: Path) -> None:
    lists = f"batch = {list(range(1, 51))}\nstreams = {list(range(1, 22))}"
    told = _told(tmp_path, f'{RESNET}[[scenarios]]\nname = "throughput"\n{lists}')
    assert told.startswith(": scenarios[0]: its lists make 1050 combinations; shorten them to at")
