"""The command line of the dashboard: bad input is one clear line and the right exit code."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from dashboard import source
from dashboard.__main__ import app
from results.command import run
from results.errors import EXIT_ENVIRONMENT, EXIT_OK, EXIT_USAGE
from tests.planted import planted_store


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source.DATA_VARIABLE, "")


def test_a_store_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "file"
    path.touch()
    assert run(app, ["--data", str(path)]) == EXIT_USAGE
    assert capsys.readouterr().err.count("\n") == 1


def test_a_port_in_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planted_store(tmp_path)
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        assert run(app, ["--data", str(tmp_path), "--port", str(port)]) == EXIT_ENVIRONMENT
    said = capsys.readouterr().err
    assert said == f"error: port {port} is already in use; give another one with --port\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--port", "0"], EXIT_USAGE),
        (["--port", "many"], EXIT_USAGE),
        (["--nosuch"], EXIT_USAGE),
        (["--help"], EXIT_OK),
    ],
)
def test_wrong_use(arguments: list[str], code: int) -> None:
    assert run(app, arguments) == code


def test_which_store_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, sample, other = tmp_path / "own", tmp_path / "own" / "sample", tmp_path / "other"
    monkeypatch.setattr(source, "OWN_DATA", own)
    monkeypatch.setattr(source, "SAMPLE_DATA", sample)

    def opened(asked: str) -> tuple[Path, bool]:
        found = source.open_source({source.DATA_VARIABLE: asked} if asked else {})
        return found.store.root, found.is_sample

    assert opened("") == (own, False)
    planted_store(sample)
    assert opened("") == (sample, True)
    assert opened(str(own)) == (sample, True)
    assert opened(str(sample)) == (sample, True)
    assert opened(str(other)) == (other, False)
    planted_store(own)
    assert opened("") == (own, False)
