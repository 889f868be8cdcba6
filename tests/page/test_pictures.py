"""What the files of charts are called: by a heading that people read, and by their model."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from dashboard.cache.lens import open_lens
from dashboard.cache.pictured import pictured
from dashboard.link import Link
from dashboard.views import pictures
from tests.page.conftest import Show
from tests.page.pages import APP, PAGES, open_page
from tests.planted import planted_store
from tests.planted_accuracy import planted_accuracy

SAMPLE = APP.parents[1] / "data" / "sample"

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


def test_the_files_of_a_run_that_only_quantised_are_called_by_its_model(
    tmp_path: Path, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted_store(tmp_path, models=("alpha", "beta"))
    planted_accuracy(tmp_path)
    show(tmp_path)
    saved: list[str] = []

    def note(_label: str, _made: object, name: str, *_: object, **__: object) -> None:
        saved.append(name)

    monkeypatch.setattr("streamlit.download_button", note)
    at = open_page("runs")
    assert "of Tiny was quantised" in at.title[0].value
    told = {name.split("_")[2]: name.split("_")[3:-1] for name in saved if name.endswith(".csv")}
    assert told["the-variants-of-the-run"] == ["tiny"]
    assert told.pop("all-runs-of-the-store") == [], "it has those of every model"
    assert set(map(tuple, told.values())) == {("tiny",)}


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


def test_a_picture_of_overview_names_the_arms_that_it_draws(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: dict[str, str] = {}
    monkeypatch.setattr(pictures, "_buttons", lambda key, data: told.update({key: data["about"]}))
    show(SAMPLE)
    open_page("overview", {"find": "handwritten"})
    assert told["arms-pictures"].split("; ")[1] == "4 arms"
    open_page("overview", {"find": "resnet"})
    arms = "fp32@f32, fp32@default and int8-simplified@default"
    assert told["arms-pictures"].split("; ")[1] == arms


def test_what_is_told_of_verdicts_names_their_baseline(show: Show) -> None:
    show(SAMPLE)
    shown = pictured(open_lens(), Link(against="fp32@f32", find="resnet"), "overview")
    assert shown.about.split("; ")[1] == "int8-simplified@default against fp32@f32"
