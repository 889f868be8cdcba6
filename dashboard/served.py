"""The server of the pages: Streamlit's own, with a page of its own at every page's address.

A page that is opened by its address would first look for the server below that address, and
the browser's console would hold the answers, "not found". So the page that is sent says where
the server is; the first page, whose path is empty, looks in the right place by itself.
``streamlit run dashboard/app.py`` serves the same pages without that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit.starlette import App

from dashboard.link.owned import FIRST, OWN

_INDEX = Path(streamlit.__file__).with_name("static") / "index.html"
_HEAD = "<head>"
_WHERE = """<script>
      window.__streamlit = { BACKEND_BASE_URL: new URL(".", window.location.href).href }
    </script>"""
"""Relative to the page, so that it holds behind a proxy that cuts a path off, too."""

_NO_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>INT8 Lens</title>
<style>body {{ font-family: sans-serif; margin: 4rem; color-scheme: light dark; }}</style></head>
<body><h1>There is no page at this address</h1>
<p><a href="{back}">Go to {name}</a></p></body>
</html>
"""


def serve(options: Mapping[str, object], base_path: str) -> None:
    """Serve until a signal ends it; KeyboardInterrupt is raised after an orderly end by Ctrl-C.

    ``options`` are Streamlit's by their names, ``base_path`` is empty or begins with a slash.
    """
    names = [name for name in OWN if name != FIRST]
    pages = [Route(f"{base_path}/{name}", _page) for name in names]
    pages += [Route(f"{base_path}/{name}/{{below:path}}", _below(name)) for name in names]
    App(Path(__file__).with_name("app.py"), routes=pages).run(config=options)


async def _page(_request: Request) -> HTMLResponse:
    """Streamlit's page, which fetches everything else itself."""
    return HTMLResponse(_told(), headers={"Cache-Control": "no-cache"})


@cache
def _told() -> str:
    """It with where the server is; the file is Streamlit's own and stays as it is."""
    return _INDEX.read_text(encoding="utf-8").replace(_HEAD, f"{_HEAD}\n    {_WHERE}", 1)


def _below(name: str) -> Callable[[Request], Awaitable[Response]]:
    """What answers below a page, where there is none; Streamlit's own frame would stay blank."""

    async def answer(request: Request) -> Response:
        below = request.path_params["below"]
        query = f"?{request.url.query}" if request.url.query else ""
        return no_page(name, below) if below else RedirectResponse(f"../{name}{query}")

    return answer


def no_page(name: str, below: str) -> HTMLResponse:
    """That nothing is at ``below`` the page ``name``, with the way back; of it nothing is shown.

    The way is relative, as ``_WHERE`` is.
    """
    back = f"{'../' * (below.count('/') + 1)}{name}"
    return HTMLResponse(_NO_PAGE.format(back=back, name=name.capitalize()), status_code=404)
