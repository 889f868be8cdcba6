"""The command line ``python -m dashboard``: check the store, then serve the pages.

The server runs in this very process, so that Ctrl-C and signals reach it and nothing
is left behind. Exit codes: 0 fine, 2 wrong use, 3 the environment failed.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer

from dashboard.access import read_access
from dashboard.source import DATA_VARIABLE, ROOT, open_source
from results.command import JsonOption, new_app, note, print_text, run
from results.errors import HostError, UsageError

app = new_app("dashboard")

_SECRETS = (ROOT / ".streamlit/secrets.toml", Path.home() / ".streamlit/secrets.toml")
_OWN_NAMES = ("localhost", "127.0.0.1", "::1")
_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9_.~-]*")
_FIXED: Mapping[str, object] = MappingProxyType({
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.enableAgentApi": False,
    "server.enableXsrfProtection": True,
    "server.enableCORS": True,
    "browser.gatherUsageStats": False,
    "logger.level": "warning",
})  # fmt: skip


@app.command()
def serve(
    *,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="DIR",
            help="Folder of the store; default: data, and "
            "the sample that comes with INT8 Lens while that is empty.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    base_path: Annotated[
        str,
        typer.Option(
            "--base-path",
            metavar="PATH",
            envvar="INT8_LENS_BASE_PATH",
            help="Serve below this path, such as /lens, as a reverse proxy shows it.",
        ),
    ] = "",
    allowed_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            help="Open pages only for browsers that ask for this name; may be repeated. "
            "Default: this machine's own names on a loopback address, any name elsewhere.",
        ),
    ] = None,
    secrets: Annotated[
        Path | None,
        typer.Option(
            "--secrets",
            metavar="FILE",
            help="Secrets with the OIDC login ([auth]); default: .streamlit/secrets.toml.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show results in a browser.

    Example: python -m dashboard

    Example: python -m dashboard --data /srv/results --port 8600 --address 0.0.0.0

    Example: python -m dashboard --base-path /lens --allow-host lens.example.org
    """  # fmt: skip
    if data is not None:
        _check_there(data)
        os.environ[DATA_VARIABLE] = str(data.resolve())
    source = open_source(os.environ)
    if source.store.is_empty:
        note(f"{source.store.root} holds no results yet; the page says how to measure")
    path = _path(base_path)
    _check_secrets(secrets)
    read_access(os.environ, [secrets] if secrets else _SECRETS)
    _check_free(address, port)
    url = f"http://{_host(address)}:{port}{path}"
    if as_json:
        print_text(json.dumps({"url": url, "data": str(source.store.root)}))
    else:
        print_text(f"INT8 Lens is at {url} (Ctrl-C ends it)")
    options: dict[str, object] = {
        "server.address": address,
        "server.port": port,
        "server.baseUrlPath": path,
        "server.allowedHosts": list(_allowed_hosts(address, allowed_host or [])),
    }
    if secrets:
        options["secrets.files"] = [str(secrets.resolve())]
    _serve(options, path)


def _check_there(data: Path) -> None:
    """Raise UsageError where there is no such folder: it would look like an empty store."""
    if not data.exists():
        raise UsageError(
            f"{data} does not exist",
            hint="give the folder of a store with --data, or make it: an empty one is fine",
        )


def _path(base_path: str) -> str:
    """A base path with one slash in front and none behind; UsageError where it is none."""
    parts = [part for part in base_path.split("/") if part]
    if not all(_SEGMENT.fullmatch(part) for part in parts):
        raise UsageError(
            f"--base-path {base_path} is no path", hint="give one such as /lens or /team/lens"
        )
    return "".join(f"/{part}" for part in parts)


def _check_secrets(secrets: Path | None) -> None:
    """Raise UsageError where a file of secrets was named that is not there."""
    if secrets is not None and not secrets.is_file():
        raise UsageError(f"{secrets} is no file", hint="give the secrets with --secrets FILE")


def _allowed_hosts(address: str, named: Sequence[str]) -> tuple[str, ...]:
    """The names under which a page opens: those of this machine, the address itself; empty: any.

    On a loopback address, however it is spelled, a page of another site must not reach the
    server by a name of its own that it points here (DNS rebinding).
    """
    reached = tuple(str(one) for one in _resolved(address) if one.is_loopback)
    if not named and not reached:
        return ()
    return tuple(dict.fromkeys((*_OWN_NAMES, *reached, address, *named)))


def _resolved(address: str) -> tuple[IPv4Address | IPv6Address, ...]:
    """What an address or a name is for the server, which asks the system too.

    Raises UsageError where nothing has the name.
    """
    try:
        found = socket.getaddrinfo(address, None, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise UsageError(f"address {address} is not known", hint="try 127.0.0.1") from error
    plain = (ip_address(str(sockaddr[0])) for *_, sockaddr in found)
    return tuple(getattr(one, "ipv4_mapped", None) or one for one in plain)


def _host(address: str) -> str:
    """How this machine's browser reaches an address that is listened on."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if str(found) in _OWN_NAMES or found.is_unspecified:
        return "localhost"
    return f"[{address}]" if found.version == 6 else address


def _check_free(address: str, port: int) -> None:
    """Raise LensError where nothing can listen there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port))
    except socket.gaierror as error:
        raise UsageError(f"address {address} is not known", hint="try 127.0.0.1") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise HostError(
                f"port {port} is already in use", hint="give another one with --port"
            ) from error
        raise HostError(
            f"{address}:{port} cannot be listened on ({error.strerror})",
            hint="give another one with --address or --port",
        ) from error


def _serve(options: Mapping[str, object], path: str) -> None:
    """Run the server until it is stopped; its own greeting is not shown, its errors are."""
    from dashboard.served import serve as serve_pages  # Streamlit takes a second to import

    os.chdir(ROOT)
    devnull = Path(os.devnull)
    with suppress(KeyboardInterrupt), devnull.open("w") as silent, redirect_stdout(silent):
        serve_pages({**_FIXED, **options}, path)


if __name__ == "__main__":
    sys.exit(run(app))
