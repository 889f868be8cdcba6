"""Samples from a function of the user's own, and how what goes wrong in it is told."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

from collector.job import FileModel
from collector.models.data import reading
from collector.models.data.dataset import Dataset, InputSpec
from collector.models.data.function_data import FunctionData
from collector.models.data.opening import open_dataset
from collector.models.data.user_code import calling, load_function, source_of
from collector.models.request import FUNCTION, DataRequest, is_function
from collector.suite import read_suite
from results.errors import UsageError

X = InputSpec("x", (1, 2), "float32", None)
Z = InputSpec("z", (1, 1), "float32", None)
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


def _module(code: str) -> str:
    """The name of a new module with this code in the current folder."""
    name = f"users_own_{next(_numbers)}"
    Path(f"{name}.py").write_text(f"import numpy as np\n{code}\n")
    return name


def _open(code: str, *specs: InputSpec, most: int | None = None) -> Dataset:
    return open_dataset(DataRequest(f"{_module(code)}:data", most=most), specs or [X])


@pytest.mark.parametrize(
    "code",
    [
        "def data():\n    yield [1, 2], 7\n    yield np.array([[3, 4]]), np.int64(8)",
        "def data(): return [([1, 2], 7), ({'x': [3, 4]}, np.array([8]))]",
        "class data:\n    def __iter__(self): return iter([([1, 2], 7), ([3, 4], 8)])",
    ],
)
def test_samples_are_yielded_or_returned_with_labels(code: str) -> None:
    found = list(data := _open(code))
    assert [sample.inputs["x"].tolist() for sample in found] == [[[1, 2]], [[3, 4]]]
    assert [sample.label for sample in found] == [7, 8]
    assert data.fact.labelled
    assert data.fact.kind == "function"
    assert data.fact.name.endswith(":data")


def test_samples_without_labels_and_with_several_inputs() -> None:
    data = _open("def data():\n    yield {'z': [9], 'x': [1, 2], 'more': 0}", X, Z)
    (sample,) = data
    assert {name: array.tolist() for name, array in sample.inputs.items()} == {
        "x": [[1, 2]], "z": [[9]],
    }  # fmt: skip
    assert (sample.label, data.fact.labelled) == (None, False)


def test_a_buffer_that_is_used_again_does_not_spoil_earlier_samples() -> None:
    code = "def data():\n    b = np.zeros(2, np.float32)\n    for n in range(3):\n"
    data = _open(f"{code}        b[:] = n\n        yield b")
    assert [sample.inputs["x"][0, 0] for sample in data] == [0, 1, 2]


def test_the_function_is_called_again_for_what_is_not_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "KEPT_BYTES", 16)
    data = _open("def data(): return ([n, n] for n in range(9))", most=4)
    assert data.fact.samples == len(data) == 4
    first, again = ([s.inputs["x"][0, 0] for s in data] for _ in range(2))
    assert first == again == sorted(first)
    assert [s.name[-2] for s in data] == [f"{value:.0f}" for value in first]


def test_no_more_is_asked_of_the_function_than_the_last_sample_that_is_wanted() -> None:
    name = _module("def data():\n    yield [1, 2]\n    yield [3, 4]\n    raise ValueError")
    origin = FunctionData(f"{name}:data", [X])
    assert [place for place, _ in origin.read([1])] == [1]


def test_samples_that_change_from_call_to_call_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "KEPT_BYTES", 0)
    random = _open("R = np.random.default_rng(1)\ndef data(): return R.uniform(size=(3, 2))")
    with pytest.raises(UsageError, match=r"data\[0\] of .* is no longer what it was a moment ago"):
        list(random)
    fewer = _open("L = [3, 1]\ndef data(): return np.zeros((L.pop(0), 2))")
    with pytest.raises(UsageError, match=r"sample 1 of .* is no longer what it was a moment ago"):
        list(fewer)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def data(): yield [1, 2]; yield [1, 2, 3]", "sample 1 of .* has the shape 3 for input"),
        ("def data(): yield [1, float('nan')]", "sample 0 of .* NaN or infinite"),
        ("def data(): yield [[1, 2], [3]]", "sample 0 of .* is no array"),
        ("def data(): yield None", "sample 0 of .* holds object values, not numbers"),
        ("def data(): yield {'w': [1, 2]}", "sample 0 of .* nothing for input 'x', but for w"),
        ("def data(): yield [1, 2], 1, 2", "sample 0 of .* is a tuple of 3"),
        ("def data(): yield [1, 2], 'cat'", "sample 0 of .* has the label 'cat'"),
        ("def data(): yield [1, 2], 0.5", "sample 0 of .* has the label '0.5'"),
        ("def data(): yield [1, 2], -1", "sample 0 of .* has the label -1"),
        ("def data(): return {'x': [1]}", "data returned a dict, not a row of samples"),
        ("def data(): return 3", "data returned a int, not a row of samples"),
        ("def data(): return []", "data has no samples"),
        ("def data(): yield [1, 2], 0; yield [1, 2]", "1 of the 2 samples .* have no label"),
    ],
)
def test_samples_that_do_not_fit_are_refused_by_their_number(code: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as error:
        _open(code)
    assert "\n" not in str(error.value)


def test_a_single_array_for_two_inputs_is_refused() -> None:
    with pytest.raises(UsageError, match=r"is a single array, the model has 2 inputs; .*x, z"):
        _open("def data(): yield [1, 2]", X, Z)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def data():\n    raise ValueError('odd\\nmore')", r"ValueError: odd at users_\w+\.py:3;"),
        ("def data():\n    yield [1, 2]\n    [].pop()", r"IndexError: .* at users_\w+\.py:4;"),
        ("def data():\n    np.zeros(2).reshape(3)", r"ValueError: cannot .* at users_\w+\.py:3;"),
        (
            "import json\ndef data():\n    json.loads('{')",
            r"JSONDecodeError: .* at users_\w+\.py:4;",
        ),
        ("def data():\n    raise SystemExit(3)", r"SystemExit: 3 at users_\w+\.py:3;"),
        ("def data(path): pass", "TypeError: .* missing 1 required positional argument"),
        ("import nothing_like_this", r"raised ModuleNotFoundError: .* at users_\w+\.py:2;"),
        ("x = 1 / 0", r"the import of users_\w+ raised ZeroDivisionError: .*\.py:2;"),
        ("def data(:\n", r"SyntaxError: .* at users_\w+\.py:2;"),
    ],
)
def test_an_error_of_the_users_code_is_one_line_with_its_place(code: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as error:
        _open(code)
    assert "\n" not in str(error.value)


def test_a_module_or_function_that_is_not_there_is_told() -> None:
    name = _module("def samples(): return []\nVALUE = 3\n_hidden = len")
    with pytest.raises(UsageError, match=r"data: there is no module nowhere\.sub; .*PYTHONPATH"):
        load_function("nowhere.sub:f", "data")
    with pytest.raises(UsageError, match=r"has no sample; is samples meant\?"):
        load_function(f"{name}:sample", "data")
    with pytest.raises(UsageError, match=r"has no other; it has samples$"):
        load_function(f"{name}:other", "data")
    with pytest.raises(UsageError, match="is a int, which cannot be called"):
        load_function(f"{name}:VALUE", "metric")
    for spec in ("nowhere", "a:b:c", ":f", "m:", "m:f()", "../m:f"):
        with pytest.raises(UsageError, match=r"metric .* is not of the form module:function"):
            load_function(spec, "metric")


def test_what_the_users_code_prints_stays_off_standard_output(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = "print('importing')\ndef data():\n    print('yielding')\n    yield [1, 2]"
    assert len(_open(code)) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.split() == ["importing", "yielding"]


def test_errors_that_are_ours_pass_through() -> None:
    ours = UsageError("this is wrong", hint="do that")
    with pytest.raises(UsageError) as error, calling("metric"):
        raise ours
    assert error.value is ours


def test_an_interrupt_is_not_an_error_of_the_users_code() -> None:
    with pytest.raises(KeyboardInterrupt), calling("metric"):
        raise KeyboardInterrupt


def test_a_module_is_looked_for_in_the_folder_that_is_given_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"users_own_{next(_numbers)}"
    for folder in ("here", "suite"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{name}.py").write_text(f"def where(): return {folder!r}\n")
    monkeypatch.chdir(tmp_path / "here")
    assert load_function(f"{name}:where", "metric", tmp_path / "suite")() == "suite"
    assert "'suite'" in source_of(f"{name}:where", "metric", tmp_path / "suite")
    with pytest.raises(UsageError, match=r"no module nowhere; put nowhere into .*suite, or"):
        load_function("nowhere:f", "metric", tmp_path / "suite")


def test_a_suites_functions_are_found_beside_the_suite_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "suite").mkdir()
    monkeypatch.chdir(tmp_path / "suite")
    name = _module("def data(): yield [1, 2]\ndef f1(outputs, labels): return 3")
    (tmp_path / "suite" / "s.toml").write_text(
        f'[[models]]\npath = "m.onnx"\ndataset = "{name}:data"\nmetric = "{name}:f1"\n'
    )
    monkeypatch.chdir(tmp_path)
    job = read_suite(tmp_path / "suite" / "s.toml", data=tmp_path, command="run", seed=1)
    (model,) = job.models
    assert isinstance(model, FileModel)
    judging = model.below(Path("/elsewhere")).judging  # as a job is stored
    assert judging is not None
    assert judging.folder == tmp_path / "suite"
    origin = FunctionData(judging.data.source, [X], judging.data.folder)
    assert [place for place, _ in origin.read(None)] == [0]
    assert load_function(judging.metric or "", "metric", judging.folder)(None, None) == 3


def test_a_file_of_that_name_is_no_function(tmp_path: Path) -> None:
    assert is_function("größe:maß")
    assert FUNCTION.fullmatch("größe:maß")
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "a:b").mkdir()
    assert is_function("a:b")
    found = DataRequest("a:b").below(tmp_path / "suite")
    assert found == DataRequest(str(tmp_path / "suite" / "a:b"))
