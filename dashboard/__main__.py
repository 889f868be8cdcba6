"""The command line ``python -m dashboard``: check the store, then serve the pages.

The server runs in this very process, so that Ctrl-C and signals reach it and nothing
is left behind. Exit codes: 0 fine, 2 wrong use, 3 the environment failed.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
from contextlib import redirect_stdout
from ipaddress import ip_address
from pathlib import Path
from runpy import run_module
from typing import Annotated

import typer

from dashboard.source import DATA_VARIABLE, ROOT, open_source
from results.command import JsonOption, new_app, note, print_text, run
from results.errors import HostError, UsageError

app = new_app("dashboard")


@app.command()
def serve(
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
    as_json: JsonOption = False,
) -> None:
    """Show results in a browser.

    Example: python -m dashboard

    Example: python -m dashboard --data /srv/results --port 8600 --address 0.0.0.0
    """  # fmt: skip
    if data is not None:
        os.environ[DATA_VARIABLE] = str(data.resolve())
    source = open_source(os.environ)
    if source.store.is_empty:
        note(f"{source.store.root} holds no results yet; the page says how to measure")
    _check_free(address, port)
    url = f"http://{_host(address)}:{port}"
    if as_json:
        print_text(json.dumps({"url": url, "data": str(source.store.root)}))
    else:
        print_text(f"INT8 Lens is at {url} (Ctrl-C ends it)")
    _serve(address, port)


def _host(address: str) -> str:
    """How this machine's browser reaches an address that is listened on."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.is_loopback or found.is_unspecified:
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


def _serve(address: str, port: int) -> None:
    """Run the server until it is stopped; its own greeting is not shown, its errors are."""
    options = {
        "server.address": address,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "logger.level": "warning",
    }
    os.chdir(ROOT)
    sys.argv = ["streamlit", "run", "dashboard/app.py"]
    for name, value in options.items():
        sys.argv += [f"--{name}", value]
    with Path(os.devnull).open("w", encoding="utf-8") as silent, redirect_stdout(silent):
        run_module("streamlit", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    sys.exit(run(app))
