"""What the server answers at addresses that no page has."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.testclient import TestClient

from dashboard import served


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """Somebody who asks for the addresses that are the dashboard's own, below a base path."""
    found: list[BaseRoute] = []

    class Recorded:
        def __init__(self, _script: object, routes: list[BaseRoute]) -> None:
            found.extend(routes)

        def run(self, config: object) -> None:
            """Serve nothing."""

    monkeypatch.setattr(served, "App", Recorded)
    served.serve({}, "/lens")
    return TestClient(Starlette(routes=found), follow_redirects=False)


def test_below_a_page_there_is_no_page_and_a_way_back(client: TestClient) -> None:
    answer = client.get("/lens/compare/foo/%3Cb%3Ebar")
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.text
    assert '<a href="../../compare">Go to Compare</a>' in answer.text
    assert "bar" not in answer.text, "nothing of the address is shown"
    assert '"../layers"' in client.get("/lens/layers/x").text


def test_a_slash_too_many_leads_to_the_page(client: TestClient) -> None:
    answer = client.get("/lens/compare/?baseline=x")
    assert answer.is_redirect
    assert answer.headers["location"] == "../compare?baseline=x"
    assert client.get("/lens/compare").status_code == 200
