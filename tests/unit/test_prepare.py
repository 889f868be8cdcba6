"""Models are prepared in a process of their own; its refusals and its death are told."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path

import pytest

from collector.builtin.catalogue import builtin_model
from collector.job import FileModel
from collector.models.order import Wanted, wanted
from collector.models.prepare import ModelOutline, _answers, outline, prepare
from collector.models.steps import Report, silent
from results.durable import TEMP_PREFIX
from results.errors import HostError, MeasurementError, UsageError
from tests.e2e.tiny import ROOT, tiny_network
from tests.unit.converting import two_inputs
from tests.unit.dying import dies, sleeps
from tests.unit.fake_probe import open_files, running_probes


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_network(tmp_path_factory.mktemp("prepare") / "tiny.xml")


def test_a_model_comes_with_its_variants_and_the_same_file_once(tiny: Path, tmp_path: Path) -> None:
    told: list[str] = []
    before = open_files()
    again = tiny_network(tmp_path / "again.xml")
    models = [wanted(FileModel(tiny)), wanted(FileModel(again))]
    found = prepare(models, tmp_path / "cache", told.append)
    assert told == ["tiny.xml", "again.xml"]
    (model,) = found
    assert [one.variant.kind for one in model.variants] == ["fp32", "int8-simplified"]
    assert all(one.ir_path.exists() for one in model.variants)
    assert model.is_quantised
    assert not running_probes()
    assert open_files() <= before + 1  # the pipe of the process that watches


def test_an_outline_writes_nothing(tiny: Path, tmp_path: Path) -> None:
    before = sorted(tiny.parent.rglob("*"))
    found = outline([wanted(FileModel(tiny)), wanted(builtin_model("resnet_50"))], tmp_path)
    kinds = ("fp32", "int8-simplified")
    assert found == (ModelOutline("tiny", 1, kinds), ModelOutline("resnet_50", 1, kinds))
    assert sorted(tiny.parent.rglob("*")) == before
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_model_is_refused_as_it_would_be_here(tmp_path: Path) -> None:
    (tmp_path / "noise.onnx").write_bytes(b"no model")
    with pytest.raises(UsageError, match="cannot read") as raised:
        prepare([wanted(FileModel(tmp_path / "noise.onnx"))], tmp_path / "cache", lambda _: None)
    assert raised.value.hint
    assert not running_probes()


def test_a_process_that_dies_is_told(tiny: Path) -> None:
    with pytest.raises(HostError, match=r"prepares tiny\.xml ended without an answer"):
        list(_answers(dies, [wanted(FileModel(tiny))], Path(), lambda _: None, silent))
    assert not running_probes()


def test_an_interruption_ends_the_process(tiny: Path) -> None:
    def interrupt(_name: str) -> None:
        assert len(running_probes()) == 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(_answers(sleeps, [wanted(FileModel(tiny))], Path(), interrupt, silent))
    assert not running_probes()


def test_the_collector_itself_loads_no_openvino_and_sends_no_statistics(
    tiny: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path; from collector.job import FileModel\n"
        "from collector.models.order import wanted\n"
        "from collector.models.prepare import prepare, _work\n"
        "if __name__ == '__main__':\n"
        f"    model = wanted(FileModel(Path({str(tiny)!r})))\n"
        f"    prepare([model], Path({str(tmp_path)!r}), lambda _: None)\n"
        "    print([name for name in ('openvino', 'nncf', 'torch') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_killed_process_leaves_nothing_that_piles_up(tiny: Path, tmp_path: Path) -> None:
    (first,) = prepare([wanted(FileModel(tiny))], tmp_path, lambda _: None)
    path = first.variants[0].ir_path
    stale = path.parent / f"{TEMP_PREFIX}{path.stem}-999999999"
    stale.mkdir()
    path.unlink()
    prepare([wanted(FileModel(tiny))], tmp_path, lambda _: None)
    assert not stale.exists()
    assert path.exists()


def fails(wanted: Wanted, _folder: Path, _report: Report) -> ModelOutline:
    """Raise what a model's name says, as libraries do."""
    raise getattr(builtins, Path(wanted.name).stem)("first line\nsecond line")


@pytest.mark.parametrize(
    "name", ["AttributeError", "ImportError", "AssertionError", "SyntaxError", "ValueError"]
)
def test_whatever_goes_wrong_in_the_process_is_one_line(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    told = rf"{name}\.xml cannot be prepared: {name}: "
    with pytest.raises(MeasurementError, match=told) as raised:
        list(
            _answers(
                fails, [wanted(FileModel(Path(f"{name}.xml")))], Path(), lambda _: None, silent
            )
        )
    assert "\n" not in str(raised.value)
    printed = capfd.readouterr().err
    assert "Traceback" not in printed
    assert name not in printed


def test_sources_are_kept_beside_the_models_and_an_outline_keeps_none(tmp_path: Path) -> None:
    model = wanted(FileModel(two_inputs(tmp_path)))
    folder = tmp_path / "cache" / "models"
    outline([model], folder)
    assert not (tmp_path / "cache").exists()
    (first,) = prepare([model], folder, lambda _: None)
    kept = sorted((tmp_path / "cache" / "converted").iterdir())
    assert [path.suffix for path in kept] == [".bin", ".json", ".xml"]
    times = [path.stat().st_mtime_ns for path in kept]
    (again,) = prepare([model], folder, lambda _: None)
    assert again.model == first.model
    assert [path.stat().st_mtime_ns for path in kept] == times
