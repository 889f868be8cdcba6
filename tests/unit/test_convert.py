"""``convert`` writes an IR whole or not at all, says what it did, and does nothing twice."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import resource
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import openvino as ov
import pytest
import typer
from typer.main import get_command

from collector.models.convert import conversion as converting
from collector.models.convert.cli import register
from collector.models.convert.sources import read_file
from results.command import EXIT_INTERRUPTED
from tests.unit.converting import MODELS, command, converted, image_network, two_inputs

ROOT = Path(__file__).parents[2]
FROZEN = MODELS / "mobilenet_v3.pb"
FULL_AT_BYTES = 20_000


def _left(folder: Path) -> list[str]:
    """The files below a folder, by name."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _never(*_given: object) -> NoReturn:
    raise AssertionError("it was converted again")


def test_it_tells_what_was_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    options = ("--output", "MobilenetV3/Predictions/Softmax", "--mean-values", "input[1,2,3]")
    assert command(tmp_path, FROZEN, *options, "--scale-values", "4") == 0
    out, err = capfd.readouterr()
    assert out.splitlines() == [
        f"{FROZEN} (tensorflow-frozen) converted: {tmp_path / 'mobilenet_v3.xml'}",
        "  input   input:0 [1,64,64,3] f32",
        "  output  MobilenetV3/Predictions/Softmax:0 [1,10] f32",
        "  built in: input:0: mean 1, 2, 3 subtracted",
        "  built in: input:0: divided by 4",
    ]
    assert not err


def test_it_tells_the_same_as_json(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert command(tmp_path, FROZEN, "--reverse-input-channels", "--json") == 0
    assert json.loads(capfd.readouterr().out) == {
        "source": str(FROZEN),
        "ir_path": str(tmp_path / "mobilenet_v3.xml"),
        "from_cache": False,
        "source_format": "tensorflow-frozen",
        "inputs": [{"name": "input:0", "shape": [1, 64, 64, 3], "kind": "f32"}],
        "outputs": [
            {"name": "MobilenetV3/Predictions/Reshape_1:0", "shape": [1, 10], "kind": "f32"}
        ],
        "built_in": ["input:0: channels reversed"],
    }


def test_the_second_time_nothing_is_converted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    options = ("--mean-values", "input[1,2,3]")
    first = converted(tmp_path, FROZEN, *options).read_bytes()
    told = capfd.readouterr().out
    monkeypatch.setattr(converting, "make_graph", _never)
    moved = Path(shutil.copy(FROZEN, tmp_path / "renamed.pb"))
    same_values = ("--mean_values=[1.0, 2, 3]", "--input=input")
    assert converted(tmp_path, moved, *options).read_bytes() == first
    assert capfd.readouterr().out.splitlines()[1:] == told.splitlines()[1:]
    with pytest.raises(AssertionError, match="converted again"):
        command(tmp_path, FROZEN, *same_values, "--scale-values", "2")


@pytest.mark.parametrize(
    "options",
    [("--mean-values", "2"), ("--output", "MobilenetV3/Predictions/Softmax"), ("--layout", "nhwc"),
     ("--reverse-input-channels",), ("--input-shape", "2,64,64,3"), ("--compress-to-fp16",)],
)  # fmt: skip
def test_other_options_are_another_conversion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: Sequence[str]
) -> None:
    converted(tmp_path, FROZEN)
    monkeypatch.setattr(converting, "make_graph", _never)
    with pytest.raises(AssertionError, match="converted again"):
        command(tmp_path, FROZEN, *options)


def test_other_weights_beside_a_model_are_another_conversion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ir = converted(tmp_path, image_network(tmp_path))
    source = tmp_path / "source.xml"
    for ending in (".xml", ".bin"):
        shutil.copy(ir.with_suffix(ending), source.with_suffix(ending))
    converted(tmp_path, source)
    weights = bytearray(source.with_suffix(".bin").read_bytes())
    weights[0] ^= 1
    source.with_suffix(".bin").write_bytes(weights)
    monkeypatch.setattr(converting, "make_graph", _never)
    with pytest.raises(AssertionError, match="converted again"):
        converted(tmp_path, source)


def test_a_saved_model_can_be_converted_into_its_own_folder_again_and_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = Path(shutil.copytree(MODELS / "saved_model", tmp_path / "saved_model"))
    first = converted(source, source).read_bytes()
    assert " converted: " in capfd.readouterr().out
    assert converted(source, source).read_bytes() == first
    assert "taken from the store" in capfd.readouterr().out


@pytest.mark.parametrize("ending", [".xml", ".bin", ".json"])
def test_a_damaged_file_of_the_store_is_made_anew(tmp_path: Path, ending: str) -> None:
    path = converted(tmp_path, FROZEN)
    whole = path.read_bytes(), path.with_suffix(".bin").read_bytes()
    (kept,) = (tmp_path / "store" / "cache" / "converted").glob(f"*{ending}")
    kept.write_bytes(kept.read_bytes()[:-10])
    path = converted(tmp_path, FROZEN)
    assert (path.read_bytes(), path.with_suffix(".bin").read_bytes()) == whole


def test_taking_it_from_the_store_does_not_load_openvino(tmp_path: Path) -> None:
    converted(tmp_path, FROZEN)
    code = (
        "import sys; from tests.unit.converting_child import main; "
        "code = main(sys.argv[1:]); print('openvino' in sys.modules); sys.exit(code)"
    )
    words = ["convert", str(FROZEN), "--output-dir", str(tmp_path / "again")]
    done = subprocess.run(
        [sys.executable, "-c", code, *words, "--data", str(tmp_path / "store")],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == "False"
    assert "taken from the store" in done.stdout


def test_an_ir_of_the_name_is_written_over(tmp_path: Path) -> None:
    first = converted(tmp_path, FROZEN).read_bytes()
    path = converted(tmp_path, two_inputs(tmp_path))
    assert path.read_bytes() != first
    assert len(ov.Core().read_model(str(path)).inputs) == 2


def test_an_xml_never_stands_beside_the_weights_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    converted(tmp_path, FROZEN)
    replace = Path.replace

    def killed_at_the_end(path: Path, target: Path) -> Path:
        if target == tmp_path / "made.xml":
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", killed_at_the_end)
    source = two_inputs(tmp_path)
    assert command(tmp_path, source, "--model-name", "made") == EXIT_INTERRUPTED
    assert not (tmp_path / "made.xml").exists()


def test_the_source_itself_is_never_written_over(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = converted(tmp_path, FROZEN)
    before = path.read_bytes()
    assert command(tmp_path, path, "--mean-values", "1") == 2
    assert "is the source itself; give another" in capfd.readouterr().err
    assert path.read_bytes() == before


def test_operations_have_the_same_tidy_names_every_time(tmp_path: Path) -> None:
    names = []
    for place in ("first", "second"):
        path = converted(tmp_path / place, MODELS / "small.tflite", "--mean-values", "1,2,3")
        ops = ov.Core().read_model(str(path)).get_ordered_ops()
        names.append([op.get_friendly_name() for op in ops if op.get_type_name() != "Result"])
    assert names[0] == names[1]
    assert len(set(names[0])) == len(names[0])
    assert not any("," in name for name in names[0])


def test_names_with_commas_lose_them(tmp_path: Path) -> None:
    ops = ov.Core().read_model(str(converted(tmp_path, image_network(tmp_path)))).get_ops()
    names = {op.get_friendly_name() for op in ops}
    assert "rectified;linear" in names
    assert not any("," in name for name in names)


def test_weights_are_16_bit_only_when_asked(tmp_path: Path) -> None:
    sizes = [
        converted(tmp_path / str(len(options)), FROZEN, *options).with_suffix(".bin").stat().st_size
        for options in ((), ("--compress-to-fp16",))
    ]
    assert sizes[1] < 0.6 * sizes[0]


def _with_a_full_disk(folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process whose files cannot grow beyond a few bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_AT_BYTES, FULL_AT_BYTES))

    return subprocess.run(
        [sys.executable, "-m", "tests.unit.converting_child", "convert", str(FROZEN),
         "--output-dir", str(folder), "--data", str(data)],
        cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=limit,
    )  # fmt: skip


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    done = _with_a_full_disk(tmp_path / "out", tmp_path / "store")
    assert (done.returncode, done.stdout) == (3, "")
    (line,) = done.stderr.splitlines()
    assert "could not be written whole" in line
    assert "free some space" in line
    assert _left(tmp_path) == []


def test_a_full_disk_behind_the_store_leaves_the_older_ir(tmp_path: Path) -> None:
    converted(tmp_path / "first", FROZEN)
    (tmp_path / "out").mkdir()
    for ending in ("xml", "bin"):
        (tmp_path / "out" / f"mobilenet_v3.{ending}").write_text("older")
    done = _with_a_full_disk(tmp_path / "out", tmp_path / "first" / "store")
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert f"the disk that holds {tmp_path / 'out'} is full" in line
    assert _left(tmp_path / "out") == ["mobilenet_v3.bin", "mobilenet_v3.xml"]
    assert (tmp_path / "out" / "mobilenet_v3.xml").read_text() == "older"


def test_a_folder_that_is_a_file_is_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    assert command(tmp_path / "taken", FROZEN) == 3
    (line,) = capfd.readouterr().err.splitlines()
    assert "cannot be written" in line


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    dead = tmp_path / ".tmp-made-999999999"
    dead.mkdir()
    converted(tmp_path, FROZEN)
    assert not dead.exists()


def test_every_option_is_in_the_docs() -> None:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    commands = getattr(get_command(app), "commands", {})
    page = (ROOT / "docs" / "convert.md").read_text()
    options = {option for given in commands["convert"].params for option in given.opts}
    dashed = {option for option in options if option.startswith("--")}
    assert len(dashed) > 10
    for option in dashed:
        assert option in page or option.replace("_", "-") in page, option
    for option in ("--input-shape", "--mean-values", "--scale-values", "--reverse-input-channels"):
        assert {option, "--" + option[2:].replace("-", "_")} <= dashed


_SLOW = """
import os, sys, time
from collector.models.convert import cli, readers
from tests.unit.converting_child import main
read = readers._cut_before
def slow(*given):
    os.write(2, b"noise of a reader")
    time.sleep(1.6)
    return read(*given)
readers._cut_before = slow
cli._WORTH_TELLING_S = 0.0
sys.exit(main(sys.argv[1:]))
"""


def test_the_bar_goes_on_while_a_reader_is_silenced(tmp_path: Path) -> None:
    terminal, end = pty.openpty()
    words = ["convert", str(FROZEN), "--output", "MobilenetV3/Predictions/Softmax"]
    where = ["--output-dir", str(tmp_path), "--data", str(tmp_path / "store")]
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW, *words, *where], cwd=ROOT, stdout=subprocess.DEVNULL,
        stderr=end, env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},
    ) as process:  # fmt: skip
        os.close(end)
        shown = b"".join(_chunks(terminal))
    os.close(terminal)
    assert process.returncode == 0, shown
    assert shown.count(b"reading mobilenet_v3.pb") >= 2
    assert b"noise" not in shown


def _chunks(terminal: int) -> Iterator[bytes]:
    """What a terminal shows until nobody writes to it any more."""
    with contextlib.suppress(OSError):  # Linux's way to say so
        while chunk := os.read(terminal, 65536):
            yield chunk


@pytest.mark.parametrize(
    "name", ["mobilenet_v3.pb", "saved_model", "small.tflite", "small.pdmodel"]
)
def test_a_model_is_folded_as_openvino_itself_converts_it(name: str) -> None:
    ours, theirs = read_file(MODELS / name).graph, ov.convert_model(str(MODELS / name))
    theirs.reshape(list(ours.inputs[0].shape))
    kinds = [Counter(op.get_type_name() for op in graph.get_ops()) for graph in (ours, theirs)]
    assert kinds[0] == kinds[1]
    if name == "mobilenet_v3.pb":  # its h-swish is spelled out, its batch norms stand alone
        assert kinds[0]["HSwish"] > 0
        assert kinds[0]["Divide"] == kinds[0]["Subtract"] == 0
