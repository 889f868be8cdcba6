"""What the files of charts are called: by a heading that people read, and by their model."""

from __future__ import annotations

import json
import re

import pytest

from dashboard.views import pictures
from tests.page.pages import PAGES, open_page

_SLUGS = {
    re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") for title in pictures.TITLES.values()
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("rich")
def test_each_charts_file_is_called_by_a_heading_and_its_models(page: str) -> None:
    charts = open_page(page).get("plotly_chart")
    names = [_file_name(chart.proto.config) for chart in charts]
    assert len(set(names)) == len(names)
    for name in names:
        _, told, title, models, _ = name.split("_")
        assert told == page
        assert any(heading.startswith(title) for heading in _SLUGS), title
        assert models


@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("strip-53-time", "Where along the network the time goes"),
        ("graph-6-8-ratio", "The layers around the opened one"),
        ("gain-and-cost", "What it costs in accuracy"),
        ("network-precisions", "In which precision the time is spent"),
    ],
)
def test_no_key_of_a_chart_becomes_its_title(key: str, title: str) -> None:
    assert pictures.title_of(key) == title


def _file_name(config: str) -> str:
    return str(json.loads(config)["toImageButtonOptions"]["filename"])
