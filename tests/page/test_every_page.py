"""Every page on every kind of store: it never breaks, and its title says what is true of it.

The pages are those of ``dashboard/app.py``, so that a new one is tested by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup, Multiselect, Selectbox, Widget

from dashboard import source
from dashboard.link import Link, param_of
from results import format as fmt
from results.overview import overview
from results.store import Store
from tests.page import run_stores, stores
from tests.page.hostile_stores import HOSTILE, hostile_store
from tests.page.old_store import old_store
from tests.page.pages import APP, PAGES, assert_no_exception, open_page, words
from tests.page.version_stores import versions_store
from tests.planted import planted_store

ROOT = APP.parents[1]
NOTHING = re.compile(r"nothing|no |not |cannot|fail|without", re.IGNORECASE)
SPEEDUP = re.compile(r"\d+\.\d\dx")
CONTROLS = ("selectbox", "multiselect", "toggle", "checkbox", "radio", "text_input", "slider",
            "select_slider", "number_input", "button_group", "date_input",
            "pagination")  # fmt: skip
FILE = re.compile(r"int8-lens_[a-z]+_[a-z0-9.@_-]+_\d{4}-\d\d-\d\d")


Offered = Selectbox[object] | Multiselect[object] | ButtonGroup[object]


@dataclass(frozen=True)
class Kind:
    """A kind of store: how it is made, and whether anything could be measured in it."""

    make: Callable[[Path], object]
    has_results: bool = True
    is_sample: bool = False


def _nothing(root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)


def _failed(root: Path) -> None:
    stores.altered_store(root, stores.missing_device, partial(planted_store, name="gpu"))


KINDS = {
    "sample": Kind(partial(planted_store, models=("alpha", "beta")), is_sample=True),
    "empty": Kind(_nothing, has_results=False),
    "one run": Kind(planted_store),
    "failed cells": Kind(_failed, has_results=False),
    "failed in the newest run, older result there": Kind(run_stores.failed_since),
    "newest run without the pair": Kind(run_stores.newest_alone),
    "two versions on two devices": Kind(run_stores.two_places),
    "older schema": Kind(old_store),
    "hostile names": Kind(hostile_store),
}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a kind of store, made when it is asked for first."""
    roots: dict[str, Path] = {}

    def of(name: str) -> Path:
        if name not in roots:
            roots[name] = tmp_path_factory.mktemp(name.replace(" ", "-"))
            KINDS[name].make(roots[name])
        return roots[name]

    return of


@pytest.fixture(scope="session")
def speedups(made: Callable[[str], Path]) -> Callable[[str], frozenset[str]]:
    """Every ratio that a kind of store can tell, worked out once for all pages."""
    return cache(lambda name: _speedups(made(name)))


@pytest.fixture(scope="session")
def seen() -> dict[tuple[str, str], AppTest]:
    """The pages that were opened, by page and kind of store; to be looked at and left alone."""
    return {}


@pytest.fixture
def opened(
    made: Callable[[str], Path],
    seen: dict[tuple[str, str], AppTest],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Callable[[str, str], AppTest]:
    """A page on a kind of store, opened when it is asked for first."""

    def on(page: str, name: str) -> AppTest:
        if (page, name) not in seen:
            seen[page, name] = fresh(page, name)
        return seen[page, name]

    def fresh(page: str, name: str) -> AppTest:
        if KINDS[name].is_sample:
            monkeypatch.delenv(source.DATA_VARIABLE, raising=False)
            monkeypatch.setattr(source, "OWN_DATA", tmp_path / "none")
            monkeypatch.setattr(source, "SAMPLE_DATA", made(name))
        else:
            monkeypatch.setenv(source.DATA_VARIABLE, str(made(name)))
        return open_page(page)

    return on


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_stands_and_its_title_is_true(
    page: str,
    name: str,
    opened: Callable[[str, str], AppTest],
    speedups: Callable[[str], frozenset[str]],
) -> None:
    at = opened(page, name)
    assert_no_exception(at)
    (title,) = [one.value.replace("\\", "") for one in at.title]
    told = set(SPEEDUP.findall(title))
    assert told <= speedups(name), "a title tells no ratio that was not measured"
    if not KINDS[name].has_results:
        assert NOTHING.search(title) or page == "runs"
        assert "faster" not in title
    elif name != "hostile names":
        assert not title.startswith("Nothing has been measured")
    assert ("Sample data" in words(at)) == KINDS[name].is_sample


@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_name_is_text_on_every_page(
    page: str, opened: Callable[[str, str], AppTest]
) -> None:
    at = opened(page, "hostile names")
    assert HOSTILE[:20] in words(at)
    for element in (*at.markdown, *at.title, *at.header, *at.subheader, *at.warning, *at.info):
        assert not getattr(element.proto, "allow_html", False)
        assert ":red[x]" not in element.value
        assert "](javascript" not in element.value


@pytest.mark.parametrize("page", PAGES)
def test_an_empty_store_says_how_to_measure(
    page: str, opened: Callable[[str, str], AppTest]
) -> None:
    assert "make demo" in words(opened(page, "empty"))


@pytest.fixture(scope="session")
def versioned_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models in two versions: every page has something to choose from."""
    root = tmp_path_factory.mktemp("chosen")
    versions_store(root, ("2023.0.0", "2026.4.1"), failed={})
    return root


@pytest.mark.parametrize("page", PAGES)
def test_every_control_is_in_the_address_and_comes_back_from_it(
    page: str, versioned_root: Path, by_label: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(source.DATA_VARIABLE, str(versioned_root))
    names = {field.name for field in fields(Link)}
    at = open_page(page)
    keys = list(_controls(at))
    assert [key for key in keys if key.removeprefix("control-") not in names] == []
    for key in keys:
        at = open_page(page)
        before = _controls(at)[key]
        if not _changed(at, key):
            continue
        assert_no_exception(at)
        field = key.removeprefix("control-")
        assert _controls(at)[key] != before
        assert param_of(field) in at.query_params, f"{field} is not in the address"
        again = open_page(page, {name: at.query_params[name] for name in at.query_params})
        assert words(again) == words(at), f"the address of another {field} shows something else"
        assert _controls(again)[key] == _controls(at)[key]


@pytest.mark.parametrize("page", PAGES)
def test_every_table_and_every_chart_can_be_taken_away(
    page: str, opened: Callable[[str, str], AppTest]
) -> None:
    at = opened(page, "one run")
    saved = sorted(str(button.key) for button in at.get("download_button"))
    tables = [str(frame.key or "") for frame in at.dataframe]
    assert len(saved) == 2 * len(tables)
    assert [key.rpartition("-")[2] for key in saved].count("parquet") == len(tables)
    charts = {chart.key: json.loads(chart.proto.config) for chart in at.get("plotly_chart")}
    buttons = {one.key for one in at.get("bidi_component")}
    assert buttons == {f"{key}-pictures" for key in charts} | {"copy-link"}
    for options in charts.values():
        name = options["toImageButtonOptions"]["filename"]
        assert FILE.fullmatch(name)
        assert name.split("_")[1] == page
    assert tables or charts


def test_nothing_is_ever_shown_as_html() -> None:
    folders = ("dashboard", "results", "collector")
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 50
    unsafe = re.compile(r"unsafe_allow_|st\.html\(|components\.v1|st\.iframe")
    assert [file.name for file in files if unsafe.search(file.read_text("utf-8"))] == []


def _speedups(root: Path) -> frozenset[str]:
    """Every ratio that the store can tell, either way round, of all its verdicts."""
    with closing(Store(root).index()) as index:
        ratios = [verdict.estimate.speedup for row in overview(index) for verdict in row.verdicts]
    return frozenset(fmt.speedup(ratio) for one in ratios for ratio in (one, 1 / one))


def _widgets(at: AppTest) -> Iterator[Widget]:
    """What can be chosen; buttons and downloads choose nothing."""
    for kind in CONTROLS:
        for widget in at.get(kind):
            assert isinstance(widget, Widget)
            yield widget


def _controls(at: AppTest) -> dict[str, object]:
    """The values of what can be chosen, by key."""
    return {str(widget.key): widget.value for widget in _widgets(at)}


def _changed(at: AppTest, key: str) -> bool:
    """Choose something else in a control and run; False where there is nothing else."""
    (widget,) = [one for one in _widgets(at) if one.key == key]
    now = widget.value
    if isinstance(widget, Selectbox | Multiselect | ButtonGroup):
        chosen = {widget.format_func(one) for one in (now if isinstance(now, list) else [now])}
        others = [one for one in widget.options if one not in chosen]
        if not others:
            return False
        if isinstance(widget, Multiselect):
            widget.set_value(others[-1:]).run()
        else:
            widget.set_value(others[-1]).run()
    else:
        widget.set_value(not now if isinstance(now, bool) else "conv").run()
    return True


@pytest.fixture
def by_label(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values may be set by what is read in a list, as in a browser, and not by the id behind it."""
    for kind in (Selectbox, Multiselect, ButtonGroup):
        monkeypatch.setattr(kind, "format_func", _ByLabel(vars(kind)["format_func"]))


@dataclass(frozen=True)
class _ByLabel:
    """A ``format_func`` that leaves what is an option's label already as it is."""

    original: property

    def __get__(self, widget: Offered, owner: type[Offered]) -> Callable[[object], object]:
        shown: Callable[[object], object] = self.original.__get__(widget, owner)
        return lambda value: value if value in widget.options else shown(value)
