"""The commands ``runtimes add``, ``list`` and ``remove``, as a user sees them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command

from collector.runtimes.cli import runtimes_app
from collector.using import own
from results.command import new_app, run
from tests.unit.fake_uv import install_fake_uv

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Runs ``runtimes`` with a uv that only pretends: exit code, standard output and error."""
    install_fake_uv(tmp_path, monkeypatch)
    monkeypatch.delenv("INT8_LENS_RUNTIMES", raising=False)
    app = new_app("collector")
    app.add_typer(runtimes_app, name="runtimes")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(app, ["runtimes", *arguments, "--data", str(tmp_path / "data")])
        return code, *capsys.readouterr()

    return call


def test_add_tells_steps_on_standard_error_and_the_answer_on_standard_output(
    command: Command, tmp_path: Path
) -> None:
    code, out, errors = command("add", "2024.6")
    folder = tmp_path / "data" / "cache" / "runtimes" / "2024.6.1"
    assert code == 0
    assert out.startswith("OpenVINO 2024.6.1 added: Python 3.11.0, ")
    assert out.endswith(f" MiB, {folder}\n")
    assert [line.partition(" ")[0] for line in errors.splitlines()] == ["making", "checking"]
    code, out, errors = command("add", "2024.6")
    assert (code, errors) == (0, "")
    assert "is there and works" in out


def test_one_version_that_fails_does_not_keep_the_others_from_being_added(
    command: Command,
) -> None:
    code, out, errors = command("add", "2024.9", "2024.6", "2023.3", "--json")
    assert code == 2
    assert "no OpenVINO 2024.9" in errors
    body = json.loads(out)
    assert [(one["version"], one["made"]) for one in body] == [
        ("2024.6.1", True),
        ("2023.3.0", True),
    ]
    assert body[0]["build"] == "2024.6.1-1-abc"
    assert body[0]["size_bytes"] > 0


def test_an_environment_that_fails_is_exit_code_3(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_UV_FAULT", "disk")
    code, out, errors = command("add", "2024.6")
    assert (code, out) == (3, "")
    assert errors.splitlines()[-1].startswith("error: the disk is full")


def test_nothing_is_made_where_one_text_is_no_version(command: Command) -> None:
    code, out, errors = command("add", "2024.6", "new")
    assert (code, out) == (2, "")
    assert errors == (
        "error: 'new' is no OpenVINO version; give one such as 2024.6, 2021.4.2 or latest\n"
    )


def test_list_shows_the_own_version_first_and_what_is_broken(
    command: Command, tmp_path: Path
) -> None:
    command("add", "2024.6", "2023.3")
    folder = tmp_path / "data" / "cache" / "runtimes"
    (folder / "2023.3.0" / "build").write_text("crash")
    (folder / "2024.6.1" / "runtime.json").unlink()
    code, out, _ = command("list", "--json")
    body = json.loads(out)
    first, *rest = body["runtimes"]
    assert code == 0
    assert (first["version"], first["built_in"], first["problem"]) == (own().version, True, None)
    assert first["build"].startswith(own().version)
    assert [one["version"] for one in rest] == ["2024.6.1", "2023.3.0"]
    assert [one["built_in"] for one in rest] == [False, False]
    assert rest[0]["problem"] == "it has no manifest"
    assert "exit code 1" in rest[1]["problem"]
    assert body["total_bytes"] == rest[0]["size_bytes"] + rest[1]["size_bytes"] > 0
    _, out, _ = command("list")
    lines = out.splitlines()
    assert lines[1].startswith(own().version)
    assert "built in" in lines[1]
    assert lines[1].endswith("works")
    assert "broken: it has no manifest" in lines[2]
    assert lines[-1].startswith("2 environments, ")


def test_remove_tells_what_is_freed(command: Command) -> None:
    command("add", "2024.6")
    code, out, _ = command("remove", "2024.6")
    assert code == 0
    assert out.startswith("removed OpenVINO 2024.6.1: ")
    code, _, errors = command("remove", "2024.6")
    assert code == 2
    assert "there is none" in errors
    code, _, errors = command("remove", own().version)
    assert code == 2
    assert "the collector's own" in errors


def test_every_command_has_an_example() -> None:
    commands = getattr(get_command(runtimes_app), "commands", {})
    assert set(commands) == {"add", "list", "remove"}
    for name, one in commands.items():
        assert f"Example: python -m collector runtimes {name}" in one.help
