"""Environments of other OpenVINO versions are made whole or not at all, and checked before use."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from filelock import FileLock

from collector.runtimes import find, held, installed
from collector.runtimes.checking import other_build, problem_of
from collector.runtimes.environment import loader_paths, python_of, write
from collector.runtimes.making import Added, add, remove
from collector.runtimes.registry import source
from collector.using import own
from results.errors import HostError, LensError, UsageError
from tests.unit.fake_uv import install_fake_uv

ROOT = Path(__file__).parents[2]


@dataclass
class Bench:
    """A folder of environments and a uv that only pretends; ``told`` are the steps told."""

    folder: Path
    log: Path
    told: list[str] = field(default_factory=list)

    def add(self, asked: str, find_links: Path | None = None, python: str | None = None) -> Added:
        return add(asked, self.folder, source(find_links), python, self.told.append)

    def left(self) -> list[str]:
        """Names of what lies in the folder, without the locks."""
        return sorted(path.name for path in self.folder.glob("*") if path.name != ".locks")


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path / "runtimes", install_fake_uv(tmp_path, monkeypatch))


def _refusal(do: Callable[[], object], kind: type[LensError]) -> str:
    with pytest.raises(kind) as caught:
        do()
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_version_is_made_found_and_works(bench: Bench) -> None:
    added = bench.add("2024.6")
    assert added.made
    there = find("2024.6", bench.folder)
    assert added.environment == there
    assert (there.version, there.build) == ("2024.6.1", "2024.6.1-1-abc")
    assert there.packages == ("openvino==2024.6.1", "numpy==1.26.4")
    assert there.python_version == "3.11.0"
    assert there.size_bytes > 0
    assert there.python == bench.folder / "2024.6.1" / "bin" / "python"
    assert problem_of(there) is None
    assert bench.left() == ["2024.6.1"]
    making, checking = bench.told
    assert making.startswith("making the environment of OpenVINO 2024.6.1 with Python 3.")
    assert checking == "checking it"


def test_what_is_there_is_left_as_it_is_and_an_exact_version_needs_no_index(bench: Bench) -> None:
    bench.add("2024.6")
    made_at = find("2024.6.1", bench.folder).made_at
    assert not bench.add("2024.6").made
    before = bench.log.read_text()
    again = bench.add("2024.6.1")
    assert bench.log.read_text() == before
    assert not again.made
    assert find("2024.6", bench.folder).made_at == made_at
    assert before.count("pip install") == 1


def test_the_collectors_own_version_is_not_made_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = type(own())("2025.0.0", sys.executable)
    monkeypatch.setattr("collector.runtimes.making.own", lambda: here)
    assert bench.add("latest") == Added("2025.0.0", None, made=False)
    assert bench.left() == []


@pytest.mark.parametrize("damage", ["interpreter", "manifest", "build", "import"])
def test_a_damaged_environment_is_refused_and_made_anew(bench: Bench, damage: str) -> None:
    there = bench.add("2024.6").environment
    assert there is not None
    if damage == "interpreter":
        there.python.unlink()
    elif damage == "manifest":
        (there.folder / "runtime.json").write_text("{")
        assert installed(bench.folder) == ()
    else:
        (there.folder / "build").write_text("crash" if damage == "import" else "another-build")
    if damage != "manifest":
        assert problem_of(there)
    bench.told.clear()
    assert bench.add("2024.6.1").made
    assert "broken" in bench.told[0]
    assert "anew" in bench.told[0]
    assert problem_of(find("2024.6", bench.folder)) is None


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("disk", ["disk is full", "nothing was kept"]),
        ("network", ["index.test", "Connection refused", "--find-links"]),
        ("import", ["does not work", "nothing was kept"]),
        ("other", ["OpenVINO 2024.6.1", "build 2023.0.0-1-abc", "nothing was kept"]),
    ],
)
def test_what_fails_is_one_line_and_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, fault: str, words: list[str]
) -> None:
    monkeypatch.setenv("FAKE_UV_FAULT", fault)
    text = _refusal(lambda: bench.add("2024.6"), HostError)
    assert all(word in text for word in words), text
    assert "secret" not in text
    assert "nobody wants" not in text
    assert bench.left() == []


def test_without_a_network_what_is_there_still_counts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.add("2024.6")
    monkeypatch.setenv("FAKE_UV_FAULT", "network")
    assert bench.add("2024.6").version == "2024.6.1"
    _refusal(lambda: bench.add("latest"), HostError)  # nobody knows which that is


def test_a_folder_that_refuses_is_named(bench: Bench) -> None:
    bench.folder.write_text("a file")
    assert str(bench.folder) in _refusal(lambda: bench.add("2024.6"), HostError)


def test_a_disk_that_refuses_is_named(bench: Bench) -> None:
    bench.folder.mkdir()
    (bench.folder / f".tmp-2024.6.1-{os.getpid()}").write_text("in the way")
    assert str(bench.folder) in _refusal(lambda: bench.add("2024.6"), HostError)


def test_a_version_that_does_not_exist_names_the_nearest_that_do(bench: Bench) -> None:
    text = _refusal(lambda: bench.add("2024.9"), UsageError)
    assert "no OpenVINO 2024.9" in text
    assert "2024.6.0, 2024.6.1 and 2025.0.0" in text


@pytest.mark.parametrize("text", ["2024", "newest", "2024.6.0.1", "2020.4", "", "../2024.6"])
def test_what_is_no_version_is_refused(bench: Bench, text: str) -> None:
    _refusal(lambda: bench.add(text), UsageError)
    assert bench.log.read_text() == ""


def test_a_missing_uv_is_one_line(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("uv.find_uv_bin", lambda: "/nowhere/uv")
    assert "requirements.txt" in _refusal(lambda: bench.add("2024.6"), HostError)


def test_with_a_folder_of_wheels_no_index_is_asked(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_INDEX", "https://index.test/simple")
    bench.add("2024.6", find_links=tmp_path)
    log = bench.log.read_text()
    asked = [line for line in log.splitlines() if line.startswith("pip ")]
    assert len(asked) == 2
    assert all(f"--offline --no-index --find-links {tmp_path}" in line for line in asked)
    assert "index.test" not in log


def test_a_folder_that_lacks_a_wheel_is_told_which(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = _refusal(lambda: bench.add("2024.9", find_links=tmp_path), HostError)
    assert f"{tmp_path} holds no wheel of openvino 2024.9" in text
    assert "2024.6.1" in text
    monkeypatch.setenv("FAKE_UV_FAULT", "missing")
    text = _refusal(lambda: bench.add("2024.6", find_links=tmp_path), HostError)
    assert f"{tmp_path} holds no wheel of numpy" in text
    assert "pip download" in text
    _refusal(lambda: bench.add("2024.6", find_links=tmp_path / "nowhere"), UsageError)


def test_find_takes_the_newest_that_is_meant_and_says_how_to_add_another(bench: Bench) -> None:
    bench.add("2024.6.0")
    bench.add("2024.6.1")
    bench.add("2023.3")
    assert [one.version for one in installed(bench.folder)] == ["2024.6.1", "2024.6.0", "2023.3.0"]
    assert find("2024.6", bench.folder).version == "2024.6.1"
    assert find("2024.6.0", bench.folder).version == "2024.6.0"
    text = _refusal(lambda: find("2025.4", bench.folder), UsageError)
    assert "2024.6.1, 2024.6.0 and 2023.3.0" in text
    assert "python -m collector runtimes add 2025.4" in text


def test_remove_frees_it_and_one_that_is_not_there_is_told_what_is(bench: Bench) -> None:
    bench.add("2023.3")
    size = bench.add("2024.6").environment
    assert size is not None
    freed = remove("2024.6", bench.folder, bench.told.append)
    assert freed.version == "2024.6.1"
    assert freed.size_bytes >= size.size_bytes
    assert bench.left() == ["2023.3.0"]
    text = _refusal(lambda: remove("2024.6", bench.folder, bench.told.append), UsageError)
    assert "2023.3.0" in text


def test_remove_wants_a_whole_version_where_two_are_meant(bench: Bench) -> None:
    bench.add("2024.6.0")
    bench.add("2024.6.1")
    text = _refusal(lambda: remove("2024.6", bench.folder, bench.told.append), UsageError)
    assert "2024.6.1 or 2024.6.0" in text
    assert bench.left() == ["2024.6.0", "2024.6.1"]


def test_one_that_is_measured_with_is_neither_removed_nor_made_anew(bench: Bench) -> None:
    there = bench.add("2024.6").environment
    assert there is not None
    with held(there), held(there):
        text = _refusal(lambda: remove("2024.6", bench.folder, bench.told.append), HostError)
        assert "measured with" in text
        (there.folder / "build").write_text("crash")
        _refusal(lambda: bench.add("2024.6"), HostError)
    assert bench.left() == ["2024.6.1"]
    remove("2024.6", bench.folder, bench.told.append)
    with pytest.raises(UsageError, match="removed"), held(there):
        pass


def test_environments_in_a_folder_that_cannot_be_written_are_measured_with_all_the_same(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.add("2024.6")
    shutil.rmtree(bench.folder / ".locks")
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    with held(find("2024.6", bench.folder)):
        assert not bench.add("2024.6.1").made
    assert not (bench.folder / ".locks").exists()


def test_an_environment_can_be_moved(bench: Bench, tmp_path: Path) -> None:
    made = bench.add("2024.6").environment
    assert made is not None
    write(replace(made, loader_paths=(made.folder / "lib",)))
    shutil.move(bench.folder, tmp_path / "elsewhere")
    there = find("2024.6", tmp_path / "elsewhere")
    assert there.loader_paths == (tmp_path / "elsewhere" / "2024.6.1" / "lib",)
    assert there.python == python_of(tmp_path / "elsewhere" / "2024.6.1")
    assert problem_of(there) is None


def test_an_interpreter_that_is_gone_is_told_in_a_line(bench: Bench) -> None:
    there = bench.add("2024.6").environment
    assert there is not None
    there.python.unlink()
    there.python.symlink_to("/gone/python3")
    problem = f"{there.python} cannot be started: it leads to /gone/python3, which is not there"
    assert problem_of(there) == problem


def test_another_build_than_was_recorded_is_told_and_the_own_openvino_has_none() -> None:
    assert other_build("2024.6.0-1-a", "2024.6.0-1-a") is None
    assert other_build(None, "2026.4.1-1-a") is None
    told = "it was made with build 2024.6.0-1-a and now answers 2025.0.0-1-a"
    assert other_build("2024.6.0-1-a", "2025.0.0-1-a") == told


def test_pythons_that_uv_fetches_are_kept_beside_the_environments_unless_it_is_told_where(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_PYTHON_INSTALL_DIR", raising=False)
    bench.add("2024.6")
    kept = f"UV_PYTHON_INSTALL_DIR={bench.folder / 'pythons'}\n"
    commands = bench.log.read_text().count("--no-progress")
    assert bench.log.read_text().count(kept) == commands > 2
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", "/mine")
    bench.add("2023.3")
    assert bench.log.read_text().count(kept) == commands
    assert "UV_PYTHON_INSTALL_DIR=/mine\n" in bench.log.read_text()


def test_libraries_that_lie_outside_of_the_package_are_put_on_the_loaders_path(
    tmp_path: Path,
) -> None:
    packages = tmp_path / "lib" / "python3.7" / "site-packages"
    outside = packages / "openvino-2021.2-170.data" / "data" / "lib"
    inside = packages / "openvino" / "libs"
    for file in (outside / "libinference_engine.so", tmp_path / "lib" / "libtbb.so.2"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert loader_paths(tmp_path) == (outside, tmp_path / "lib")
    shutil.rmtree(outside)
    inside.mkdir(parents=True)
    (inside / "libinference_engine.so").touch()
    assert loader_paths(tmp_path) == ()


_CHILD = """
import signal, sys, uv
signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run in the background
from pathlib import Path
uv.find_uv_bin = lambda: sys.argv[1]
from collector.runtimes.cli import runtimes_app
from results.command import new_app, run
app = new_app("collector")
app.add_typer(runtimes_app, name="runtimes")
sys.exit(run(app, ["runtimes", *sys.argv[2:]]))
"""


def _child(bench: Bench, fault: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _CHILD, str(bench.log.with_name("uv")), "add", "2024.6"]
    environment = os.environ | {"FAKE_UV_FAULT": fault, "INT8_LENS_RUNTIMES": str(bench.folder)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def _wait_until_busy(bench: Bench) -> None:
    end = time.monotonic() + 30
    while not Path(f"{bench.log}.busy").exists():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_ctrl_c_leaves_nothing_half_made(bench: Bench) -> None:
    child = _child(bench, "hang")
    _wait_until_busy(bench)
    assert bench.left() != []
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)
    assert child.returncode == 130
    assert errors.endswith("interrupted\n")
    assert bench.left() == []


def test_what_a_killed_process_left_is_swept_and_its_lock_is_free(bench: Bench) -> None:
    child = _child(bench, "hang")
    _wait_until_busy(bench)
    child.kill()
    child.communicate(timeout=30)
    assert bench.left() != []
    assert installed(bench.folder) == ()
    assert bench.add("2024.6").made
    assert bench.left() == ["2024.6.1"]


def test_two_adds_of_one_version_do_not_collide(bench: Bench) -> None:
    first = _child(bench, "slow")
    _wait_until_busy(bench)
    second = bench.add("2024.6")
    out, errors = first.communicate(timeout=30)
    assert first.returncode == 0, errors
    assert "2024.6.1 added" in out
    assert not second.made
    assert any("waiting" in line for line in bench.told)
    assert bench.log.read_text().count("pip install") == 1


def test_a_stale_use_is_no_obstacle(bench: Bench) -> None:
    bench.add("2024.6")
    stale = bench.folder / ".locks" / "2024.6.1.use-1-abc"
    FileLock(stale).acquire().lock.release()
    remove("2024.6", bench.folder, bench.told.append)
    assert bench.left() == []
