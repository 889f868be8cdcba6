"""Several OpenVINO versions in one run, as the command line does it: paired, or failed cells."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from collector.runtimes import RuntimeEnvironment, find, interpreters
from collector.runtimes.environment import RUNTIMES_VARIABLE, write
from collector.runtimes.making import add
from collector.runtimes.registry import source
from collector.runtimes.uv_tool import UnreachableError
from collector.runtimes.versions import pythons_for
from collector.using import own
from results.facts import Block, Caution, Cell, Device, Launch, Runtime
from tests.e2e.tiny import collector, results, runs_of, short_suite, start, stored, tiny_network
from tests.unit.fake_probe import fake_python

OWN = own().version
RECENT, OLD = "2024.6", "2021.4.2"
BUILD = "2023.3.0-1-fake"
DESCRIBES = f"""
if request["action"] == "describe":
    say("done", version="{BUILD}", python="3.11", full_name=None, capabilities=[],
        devices=["CPU"], missing=False, newest_opset=NEWEST)
    sys.exit()
"""


def _run(folder: Path, *arguments: str | Path) -> tuple[int, str]:
    process = start("run", *arguments, "--data", folder / "store",
                    **{RUNTIMES_VARIABLE: str(folder / "runtimes")})  # fmt: skip
    _, stderr = process.communicate()
    return process.returncode, stderr


def _pretend(folder: Path, body: str, newest_opset: int | None = None) -> None:
    """An installed version whose Python runs ``body`` in place of the probe."""
    home = folder / "runtimes" / "2023.3.0"
    (home / "bin").mkdir(parents=True)
    describes = DESCRIBES.replace("NEWEST", str(newest_opset))
    python = Path(fake_python(home / "bin", describes + body))
    write(RuntimeEnvironment("2023.3.0", BUILD, python, "3.11", (), (), 1, home))


def _by_version(run: Path) -> dict[str, list[Launch]]:
    version = {runtime.runtime_id: runtime.version for runtime in stored(Runtime, run)}
    of_cell = {cell.cell_id: version[cell.runtime_id] for cell in stored(Cell, run)}
    found: dict[str, list[Launch]] = defaultdict(list)
    for launch in stored(Launch, run):
        found[of_cell[launch.cell_id]].append(launch)
    return found


@pytest.mark.slow
def test_versions_are_measured_in_the_same_blocks(tmp_path: Path) -> None:
    folder = tmp_path / "runtimes"
    asked = [RECENT]
    if next(interpreters.available(pythons_for(OLD), source()), None) is not None:
        asked.append(OLD)
    try:
        for version in asked:
            add(version, folder, source(), None, lambda _: None)
    except UnreachableError as error:
        pytest.skip(f"no package index: {error.message}")
    top = f"openvino = {json.dumps([*asked, OWN])}\narms = ['fp32@f32', 'int8-simplified@default']"
    code, stderr = _run(tmp_path, short_suite(tmp_path, 2, top))
    assert code == 0, stderr
    (run,) = runs_of(tmp_path / "store")
    found = _by_version(run)
    assert set(found) == {find(version, folder).version for version in asked} | {OWN}
    for version, launches in found.items():
        assert [launch.error for launch in launches if launch.error] == [], version
        assert {launch.kind for launch in launches} >= {"timing", "profile"}
    for block in stored(Block, run):
        assert len(block.cell_order) == 2 * len(found), "a version is missing from a block"
        sitting = {
            launch.sitting
            for launches in found.values()
            for launch in launches
            if launch.kind == "timing" and launch.block == block.block
        }
        assert sitting == {0}, "versions did not measure in turns"
    assert len({device.device_id for device in stored(Device, run)}) == 1
    compared = results(
        "compare", "--data", tmp_path / "store", "--json",
        f"arm=fp32@f32,runtime={RECENT}", f"runtime={OWN}",
    )  # fmt: skip
    assert compared.returncode == 0, compared.stderr
    body = json.loads(compared.stdout)
    assert body["paired"]
    assert body["blocks"] == 2
    assert min(body["coverage"].values()) > 0.95


@pytest.mark.slow
def test_a_version_that_segfaults_is_failed_cells_and_the_run_goes_on(tmp_path: Path) -> None:
    _pretend(tmp_path, 'sys.stderr.write("bad primitive"); sys.stderr.flush(); os.kill(0, 11)')
    network = tiny_network(tmp_path / "tiny.xml")
    code, stderr = _run(
        tmp_path, "--model", network, "--openvino", "2023.3", "--openvino", OWN,
        "--arm", "fp32@f32", "--effort", "quick", "--blocks", "2", "--measure", "0.05",
    )  # fmt: skip
    assert code == 0, stderr
    assert "1 of 2 cells could not be measured" in stderr
    (run,) = runs_of(tmp_path / "store")
    found = _by_version(run)
    (failed,) = found["2023.3.0"]
    assert failed.status == "failed"
    assert "SIGSEGV" in (failed.error or "")
    assert failed.stderr_tail == "bad primitive"
    assert all(launch.status == "ok" for launch in found[OWN])


@pytest.mark.slow
def test_an_operation_that_a_version_lacks_is_a_failed_cell_that_names_it(tmp_path: Path) -> None:
    _pretend(tmp_path, "sys.exit(9)", newest_opset=1)
    network = Path(__file__).parents[1] / "models" / "mobilenet_v3.pb"
    code, stderr = _run(
        tmp_path, "--model", network, "--openvino", "2023.3", "--openvino", OWN,
        "--arm", "fp32@f32", "--effort", "quick", "--blocks", "2", "--measure", "0.05",
    )  # fmt: skip
    assert code == 0, stderr
    (run,) = runs_of(tmp_path / "store")
    (failed,) = _by_version(run)["2023.3.0"]
    assert "OpenVINO 2023.3.0 cannot read it: " in (failed.error or "")
    assert "is not in opset1" in (failed.error or "")
    (caution,) = [one for one in stored(Caution, run) if one.caution_id == "not_expressible"]
    assert caution.subject_id == failed.cell_id


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_a_version_that_is_not_installed_is_refused_before_anything_is_done(
    more: tuple[str, ...], tmp_path: Path
) -> None:
    data = tmp_path / "store"
    asked = ("--model", "mobilenet_v2", "--openvino", "2023.2", "--data", data)
    done = collector("run", *asked, *more)
    assert done.returncode == 2
    assert "runtimes add 2023.2" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not runs_of(data)
