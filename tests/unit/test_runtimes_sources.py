"""Where an environment's Python and packages come from, and what is said where there are none."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from collector.runtimes import interpreters
from collector.runtimes.registry import pip_settings, source
from collector.runtimes.resolving import resolve
from collector.runtimes.versions import (
    checked,
    in_words,
    matches,
    numbers,
    pythons_for,
    requirements,
)
from results.errors import HostError, UsageError
from tests.unit.fake_uv import install_fake_uv


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no Python on it but the collector's own, and nothing configured."""
    home = tmp_path / "home"
    home.mkdir()
    for key in list(os.environ):
        if key.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(key)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    monkeypatch.setenv("PYENV_ROOT", str(home / "pyenv"))
    monkeypatch.setenv("PATH", str(home / "bin"))
    monkeypatch.setattr("collector.runtimes.registry._UV_OF_THE_SYSTEM", home / "uv.toml")
    monkeypatch.setattr(interpreters, "own_release", lambda: "3.11")
    return home


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return install_fake_uv(tmp_path, monkeypatch)


def _python(path: Path, answer: str, code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\nimport sys\nprint({answer!r})\nsys.exit({code})\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("asked", "own", "expected"),
    [
        ("2024.6", "3.11", ("3.11", "3.12", "3.10", "3.9")),
        ("2024.6", "3.13", ("3.12", "3.11", "3.10", "3.9")),
        ("2021.4.2", "3.11", ("3.9", "3.8", "3.7")),
        ("2021.3", "3.11", ("3.8", "3.7")),
        ("2021.2", "3.11", ("3.7",)),
        ("2022.3", "3.11", ("3.10", "3.9", "3.8", "3.7")),
        ("latest", "3.12", ("3.12", "3.13", "3.11", "3.10")),
        ("2027.1", "3.15", ("3.15", "3.13", "3.12", "3.11", "3.10")),
    ],
)
def test_the_collectors_python_comes_first_then_the_newest_that_has_wheels(
    asked: str, own: str, expected: tuple[str, ...]
) -> None:
    assert pythons_for(asked, own) == expected


def test_old_wheels_get_the_companions_that_they_need() -> None:
    assert requirements("2021.4.2") == ("openvino==2021.4.2", "numpy<2")
    assert requirements("2022.3") == ("openvino==2022.3.*", "numpy<2", "setuptools<81")
    assert requirements("2023.3") == ("openvino==2023.3.*", "numpy<2")
    assert requirements("2024.6") == ("openvino==2024.6.*",)
    assert requirements("latest") == ("openvino",)


def test_a_version_too_old_for_the_probe_is_told_the_oldest() -> None:
    assert checked("2021.2") == "2021.2"
    with pytest.raises(UsageError, match=r"2021\.2 is the oldest"):
        checked("2021.1")


def test_a_version_is_meant_by_its_beginning_number_by_number() -> None:
    assert matches("2024.6.0", "2024.6")
    assert matches("2021.2", "2021.2.0")
    assert not matches("2024.16.0", "2024.1")
    assert not matches("2024.6.1", "2024.6.0")
    assert not matches("2026.4.1", "2026")
    assert not matches("2026.4.1", "nothing")
    assert in_words(["3.9", "3.8", "3.7"], "or") == "3.9, 3.8 or 3.7"


def test_what_follows_the_numbers_of_a_version_does_not_count() -> None:
    nightly = "2026.5.0.dev20261101"
    assert numbers(nightly) == (2026, 5, 0)
    assert numbers("2021.2.0-1877-176") == numbers("2021.2") == (2021, 2, 0)
    assert numbers("custom_master") == (0, 0, 0)
    assert matches(nightly, "2026.5")
    assert not matches(nightly, "2024.6")
    assert matches(nightly, nightly), "a run that is resumed asks for what it was measured with"
    assert not matches("2026.5.0", nightly)


def test_a_shim_that_fails_and_one_that_lies_are_passed_over(home: Path, log: Path) -> None:
    _python(home / "bin" / "python3.9", "pyenv: python3.9: command not found", 127)
    _python(home / "pyenv" / "versions" / "3.9.9" / "bin" / "python", "PyPy 3.9.9")
    _python(home / "bin" / "python3.8", "CPython 3.10.1")
    good = _python(home / "pyenv" / "versions" / "3.8.18" / "bin" / "python", "CPython 3.8.18")
    found = list(interpreters.available(("3.9", "3.8", "3.7"), source()))
    assert [(one.path, one.version) for one in found] == [(str(good), "3.8.18")]


def test_without_a_python_uv_is_asked_for_one_and_its_no_is_one_line(home: Path, log: Path) -> None:
    with pytest.raises(HostError) as caught:
        resolve("2021.4.2", None, source())
    text = str(caught.value)
    assert "python install 3.9 --no-bin" in log.read_text()
    assert text.startswith(
        "OpenVINO 2021.4.2 needs Python 3.9, 3.8 or 3.7, none of them is here, "
        "and uv could not fetch one: "
    )
    assert text.endswith("; install one or give --python PATH")
    assert "\n" not in text


def test_without_a_network_no_python_is_asked_for(home: Path, log: Path, tmp_path: Path) -> None:
    with pytest.raises(HostError, match="none of them is here; install one"):
        resolve("2021.4.2", None, source(tmp_path))
    assert "python install" not in log.read_text()


def test_a_python_that_is_given_is_taken_or_refused(home: Path, log: Path) -> None:
    mine = _python(home / "mine", "CPython 3.12.4")
    assert resolve("2024.6", str(mine), source()).interpreter.path == str(mine)
    with pytest.raises(UsageError, match=r"no wheels for Python 3\.12; .*3\.9, 3\.8 or 3\.7"):
        resolve("2021.4.2", str(mine), source())
    with pytest.raises(UsageError, match="no Python that runs"):
        resolve("2024.6", str(home / "nowhere"), source())
    old = _python(home / "old", "CPython 3.6.15")
    with pytest.raises(UsageError, match=r"3\.7 is the oldest"):
        resolve("2024.6", str(old), source())


def _told_to_uv() -> Mapping[str, str]:
    return {key: value for key, value in source().environment if key.startswith(("UV_", "SSL_"))}


def test_what_pip_is_told_of_packages_uv_is_told_too(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels, index = home / "wheels", home / "index"
    wheels.mkdir()
    index.mkdir()
    config = home / ".config" / "pip" / "pip.conf"
    config.parent.mkdir(parents=True)
    config.write_text(
        "[global]\nindex-url = https://first.test/simple\ncert = /a/cert.pem\n"
        f"find-links = {wheels} {home / 'not-there'}\n"
        "[install]\nindex_url = https://second.test/simple\n"
        f"extra-index-url =\n  {index.as_uri()}\n  {(home / 'not-there').as_uri()}\n"
    )
    monkeypatch.delenv("PIP_CONFIG_FILE")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "77")
    told = _told_to_uv()
    assert told["UV_DEFAULT_INDEX"] == "https://second.test/simple"
    assert told["UV_INDEX"] == index.as_uri()
    assert told["UV_INDEX_STRATEGY"] == "unsafe-best-match"
    assert told["UV_FIND_LINKS"] == str(wheels)
    assert told["SSL_CERT_FILE"] == "/a/cert.pem"
    assert told["UV_HTTP_TIMEOUT"] == "77"
    monkeypatch.setenv("PIP_INDEX_URL", "https://third.test/simple")
    assert _told_to_uv()["UV_DEFAULT_INDEX"] == "https://third.test/simple"


def test_what_uv_itself_is_told_counts_more(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.test/simple")
    monkeypatch.setenv("UV_INDEX", "https://uv.test/simple")
    assert "UV_DEFAULT_INDEX" not in _told_to_uv()
    monkeypatch.delenv("UV_INDEX")
    assert _told_to_uv()["UV_DEFAULT_INDEX"] == "https://pip.test/simple"
    (home / ".config" / "uv").mkdir(parents=True)
    (home / ".config" / "uv" / "uv.toml").write_text("")
    assert "UV_DEFAULT_INDEX" not in _told_to_uv()


def test_a_file_that_pip_could_not_read_either_is_passed_over(home: Path, tmp_path: Path) -> None:
    broken = tmp_path / "pip.conf"
    broken.write_text("no section here")
    environ = {"PIP_CONFIG_FILE": str(broken), "PIP_INDEX_URL": "https://pip.test/simple"}
    assert pip_settings(environ, home)["index-url"] == "https://pip.test/simple"
