"""Other OpenVINO versions are really installed, and what they say of themselves is theirs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from collector.answers import DeviceAnswer
from collector.launcher import Launcher
from collector.runtimes import RuntimeEnvironment, find, interpreters
from collector.runtimes.checking import problem_of
from collector.runtimes.making import Added, add, remove
from collector.runtimes.registry import source
from collector.runtimes.uv_tool import UnreachableError
from collector.runtimes.versions import pythons_for
from results.errors import HostError, UsageError

_VERSION = "2024.6"
_OLD_VERSION = "2021.4.2"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runtimes")


def _added(version: str, folder: Path) -> Added:
    try:
        return add(version, folder, source(), None, lambda _: None)
    except UnreachableError as error:
        pytest.skip(f"no package index: {error.message}")


@pytest.fixture(scope="session")
def recent(folder: Path) -> RuntimeEnvironment:
    """A version that runs with the collector's own Python."""
    environment = _added(_VERSION, folder).environment
    assert environment is not None
    return environment


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory, recent: RuntimeEnvironment) -> Path:
    """A folder with the wheels of that version, as pip fetches them."""
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
    done = subprocess.run(
        [*command, "-d", str(folder), *recent.packages], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"pip could not fetch the wheels: {done.stderr.strip().splitlines()[-1:]}")
    return folder


def _described(environment: RuntimeEnvironment) -> DeviceAnswer:
    paths = tuple(map(str, environment.loader_paths))
    answer = Launcher(python=str(environment.python), loader_paths=paths).describe("CPU")
    assert isinstance(answer, DeviceAnswer), answer
    return answer


def test_a_recent_version_is_added_and_answers_as_itself(
    recent: RuntimeEnvironment, folder: Path
) -> None:
    answer = _described(recent)
    assert answer.version == recent.build
    assert recent.build.startswith("2024.6.")
    assert recent.version.startswith("2024.6.")
    assert "CPU" in answer.devices
    assert f"openvino=={recent.version}" in recent.packages
    assert recent.size_bytes > 50e6
    assert not add(_VERSION, folder, source(), None, lambda _: None).made
    assert find(_VERSION, folder) == recent


def test_a_version_of_2021_is_added_with_an_older_python(folder: Path) -> None:
    if next(interpreters.available(pythons_for(_OLD_VERSION), source()), None) is None:
        pytest.skip(f"no Python for OpenVINO {_OLD_VERSION} on this machine")
    environment = _added(_OLD_VERSION, folder).environment
    assert environment is not None
    assert environment.build.startswith("2021.4.2")
    assert environment.python_version.rpartition(".")[0] in pythons_for(_OLD_VERSION)
    assert _described(environment).version == environment.build


def test_a_version_that_does_not_exist_is_refused_with_those_that_do(
    recent: RuntimeEnvironment, folder: Path
) -> None:
    with pytest.raises(UsageError, match=r"the nearest are .*2024\.6\.0.*2025\.0\.0"):
        add("2024.9", folder, source(), None, lambda _: None)


def test_without_a_network_the_wheels_in_a_folder_do(
    wheels: Path, recent: RuntimeEnvironment, tmp_path: Path
) -> None:
    again = add(_VERSION, tmp_path, source(wheels), None, lambda _: None).environment
    assert again is not None
    assert (again.build, again.packages) == (recent.build, recent.packages)
    assert problem_of(again) is None
    numpy = next(wheels.glob("numpy-*"))
    numpy.rename(numpy.with_suffix(".gone"))
    remove(_VERSION, tmp_path, lambda _: None)
    with pytest.raises(HostError, match="holds no wheel of numpy"):
        add(_VERSION, tmp_path, source(wheels), None, lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == [".locks"]


def test_what_was_broken_since_is_found_out(recent: RuntimeEnvironment, tmp_path: Path) -> None:
    shutil.copytree(recent.folder, tmp_path / recent.version, symlinks=True)
    copy = find(_VERSION, tmp_path)
    assert problem_of(copy) is None
    shutil.rmtree(next(copy.folder.rglob("openvino/libs")))
    assert problem_of(copy)
