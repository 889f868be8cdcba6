"""The command line of the dashboard: bad input is one clear line and the right exit code."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from dashboard import __main__ as command
from dashboard import served as server
from dashboard import source
from dashboard.__main__ import app
from dashboard.access import ALLOW_VARIABLE
from results.command import run
from results.errors import EXIT_ENVIRONMENT, EXIT_OK, EXIT_USAGE
from tests.browser.served import ROOT, free_port, wait_until_it_answers
from tests.planted import planted_store


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source.DATA_VARIABLE, "")


def test_a_store_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "file"
    path.touch()
    assert run(app, ["--data", str(path)]) == EXIT_USAGE
    assert capsys.readouterr().err.count("\n") == 1


def test_a_folder_that_is_not_there_is_refused_and_an_empty_one_is_served(
    served: dict[str, object], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(app, ["--data", str(tmp_path / "mistyped"), "--port", "8699"]) == EXIT_USAGE
    said = capsys.readouterr().err
    assert "mistyped does not exist" in said
    assert said.count("\n") == 1
    assert served == {}
    (tmp_path / "empty").mkdir()
    assert run(app, ["--data", str(tmp_path / "empty"), "--port", "8699"]) == EXIT_OK
    assert served


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


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, object]:
    """What Streamlit would be started with; nothing is started."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "_SECRETS", ())
    given: dict[str, object] = {}
    monkeypatch.setattr(
        server, "serve", lambda options, path: given.update(options, **{"pages below": path})
    )
    planted_store(tmp_path / "store")
    return given


@pytest.mark.parametrize(
    ("given", "path"),
    [("/lens", "/lens"), ("lens/", "/lens"), ("/team/lens", "/team/lens"), ("/", ""), ("", "")],
)
def test_a_base_path_is_served_and_told(
    served: dict[str, object], capsys: pytest.CaptureFixture[str], given: str, path: str
) -> None:
    assert run(app, ["--data", "store", "--port", "8699", "--base-path", given]) == EXIT_OK
    assert served["server.baseUrlPath"] == path
    assert served["pages below"] == path
    assert f"http://localhost:8699{path} (" in capsys.readouterr().out


@pytest.mark.parametrize("given", ["/a b", "/<x>", "/../x", "/a?b", "/a%2f"])
def test_a_base_path_that_is_none_is_refused(served: dict[str, object], given: str) -> None:
    assert run(app, ["--data", "store", "--base-path", given]) == EXIT_USAGE
    assert served == {}


def test_only_this_machines_names_are_answered_on_a_loopback_address(
    served: dict[str, object],
) -> None:
    assert run(app, ["--data", "store", "--port", "8699"]) == EXIT_OK
    assert served["server.allowedHosts"] == ["localhost", "127.0.0.1", "::1"]
    assert served["server.address"] == "127.0.0.1"


def test_a_name_that_is_allowed_is_answered_too(served: dict[str, object]) -> None:
    assert run(app, ["--data", "store", "--port", "8699", "--allow-host", "lens.test"]) == EXIT_OK
    assert served["server.allowedHosts"] == ["localhost", "127.0.0.1", "::1", "lens.test"]


def test_elsewhere_every_name_is_answered_unless_some_are_given() -> None:
    assert command._allowed_hosts("192.0.2.1", []) == ()
    assert "lens.test" in command._allowed_hosts("192.0.2.1", ["lens.test"])
    assert command._allowed_hosts("::1", [])
    assert command._allowed_hosts("localhost", [])


@pytest.mark.parametrize(
    "address", ["127.1", "127.0.0.1", "127.8.9.10", "0x7f.1", "LOCALHOST", "::ffff:127.0.0.1"]
)
def test_a_loopback_address_is_guarded_however_it_is_spelled(address: str) -> None:
    found = command._allowed_hosts(address, [])
    assert {"localhost", "127.0.0.1", "::1", address} <= set(found)


def test_a_name_that_leads_to_this_machine_alone_is_guarded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def looked_up(name: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        where = {"own.test": "127.0.1.1", "six.test": "::1", "far.test": "192.0.2.7"}[name]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    assert {"own.test", "127.0.1.1", "localhost"} <= set(command._allowed_hosts("own.test", []))
    assert command._allowed_hosts("six.test", [])
    assert command._allowed_hosts("far.test", []) == ()


def test_an_address_that_nothing_has_starts_no_server(
    served: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(app, ["--data", "store", "--address", "no such.invalid"]) == EXIT_USAGE
    assert served == {}
    assert capsys.readouterr().err.count("\n") == 1


def test_a_program_cannot_drive_the_pages(served: dict[str, object]) -> None:
    assert run(app, ["--data", "store", "--port", "8699"]) == EXIT_OK
    assert served["server.enableAgentApi"] is False
    assert served["server.enableXsrfProtection"] is True
    assert served["server.enableCORS"] is True


def test_ctrl_c_ends_a_real_server_without_a_word(tmp_path: Path) -> None:
    planted_store(tmp_path)
    port = free_port()
    command_line = [sys.executable, "-m", "dashboard", "--data", str(tmp_path), "--port", str(port)]
    with subprocess.Popen(
        command_line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as started:
        wait_until_it_answers(started, port)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=20)
    assert started.returncode == EXIT_OK
    assert out == f"INT8 Lens is at http://localhost:{port} (Ctrl-C ends it)\n"
    assert err == ""


@pytest.mark.parametrize("text", ["[auth", "[auth]\nx = 1", "[int8_lens]\nallow = ['a.test']"])
def test_secrets_that_cannot_be_right_start_no_server(
    served: dict[str, object], tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secrets.toml").write_text(text)
    assert run(app, ["--data", "store", "--secrets", "secrets.toml"]) == EXIT_USAGE
    assert served == {}
    assert capsys.readouterr().err.count("\n") == 1


def test_secrets_that_are_not_there_start_no_server(served: dict[str, object]) -> None:
    assert run(app, ["--data", "store", "--secrets", "none.toml"]) == EXIT_USAGE
    assert served == {}


def test_a_list_of_who_may_see_without_a_login_starts_no_server(
    served: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALLOW_VARIABLE, "example.org")
    assert run(app, ["--data", "store"]) == EXIT_USAGE
    assert served == {}
