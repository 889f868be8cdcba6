"""What a store or an address says is text: never markup, a directive, a script or SQL."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.page.hostile_stores import HOSTILE, hostile_store
from tests.page.pages import PAGES, assert_no_exception, open_page, words

_CODE = re.compile(r"`[^`]*`")
_LIVE = re.compile(
    r"(?<!\\)<(?:img|script)|(?<!\\)\*\*b\*\*|(?<!\\):red(?<!\\)\[x|\](?<!\\)\(javascript|"
    r"(?<!\\)\$y(?<!\\)\$"
)
_MARKDOWN_FIELDS = ("body", "label", "help", "caption")
_FENCED = ("code", "text", "exception")
_ADDRESSES = ("'; DROP TABLE runs; --", "x' OR '1'='1", HOSTILE, "../../etc/passwd", "\x00", "%")
_PARAMETERS = (
    "baseline", "candidate", "cell", "run", "against", "runtime", "scenario", "find", "model",
    "device", "driven", "arm", "from", "to", "layer", "left", "right", "colour", "node", "hops",
    "class", "op", "type", "precision", "bucket", "with", "mismatch", "rate", "idle",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return hostile_store(tmp_path_factory.mktemp("hostile")).root


@pytest.fixture(scope="module")
def said_at_first() -> dict[str, str]:
    """What each page said when it was opened first, before any address asked for anything."""
    return {}


@pytest.fixture
def hostile(hostile_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INT8_LENS_DATA", str(hostile_root))
    return hostile_root


def _leaves(node: object) -> Iterator[object]:
    children = getattr(node, "children", None)
    if not isinstance(children, dict):
        yield node
        return
    for child in children.values():
        yield from _leaves(child)
    yield node


def _markdown_of(at: AppTest) -> Iterator[str]:
    """Every text of a page that the browser reads as Markdown, but for what stands in code."""
    for node in _leaves(at._tree):
        proto = getattr(node, "proto", None)
        if proto is None or getattr(node, "type", "") in _FENCED:
            continue
        for name in _MARKDOWN_FIELDS:
            text = getattr(proto, name, "")
            if isinstance(text, str) and text:
                yield _CODE.sub("", text)
        for option in getattr(proto, "options", ()):
            content = getattr(option, "content", "")
            if content:
                yield content


def _figures(at: AppTest) -> list[str]:
    return [
        spec
        for node in _leaves(at._tree)
        if (spec := getattr(getattr(node, "proto", None), "spec", "")) and isinstance(spec, str)
    ]


def _strings(value: object) -> Iterator[str]:
    """Every text of a figure that is shown; what a click only brings back is not."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        templates = f"{value.get('hovertemplate')} {value.get('texttemplate')}"
        for name, one in value.items():
            if name != "customdata" or "customdata" in templates:
                yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _columns(at: AppTest) -> str:
    """What the tables of a page say of their columns."""
    tables = (node for node in _leaves(at._tree) if getattr(node, "type", "") == "arrow_data_frame")
    return "\n".join(str(getattr(getattr(node, "proto", None), "columns", "")) for node in tables)


@pytest.mark.parametrize("page", PAGES)
def test_no_word_of_a_store_is_markup_on_any_page(hostile: Path, page: str) -> None:
    at = open_page(page)
    assert_no_exception(at)
    assert "<img src=x" in words(at), "the store's words are shown as they are"
    live = [text for text in _markdown_of(at) if _LIVE.search(text)]
    assert live == []
    assert "link" not in re.findall(r'"type": "(\w+)"', _columns(at))


@pytest.mark.parametrize("page", PAGES)
def test_no_word_of_a_store_is_markup_in_a_chart(hostile: Path, page: str) -> None:
    at = open_page(page)
    for spec in _figures(at):
        shown = [text for text in _strings(json.loads(spec)) if "<img" in text or "<a " in text]
        assert shown == [], html.escape(str(shown))


@pytest.mark.parametrize("value", _ADDRESSES)
@pytest.mark.parametrize("page", PAGES)
def test_no_word_of_an_address_is_more_than_a_word(
    hostile: Path, said_at_first: dict[str, str], page: str, value: str
) -> None:
    if page not in said_at_first:
        said_at_first[page] = words(open_page(page))
    at = open_page(page, dict.fromkeys(_PARAMETERS, value))
    assert_no_exception(at)
    assert [text for text in _markdown_of(at) if _LIVE.search(text)] == []
    assert words(open_page(page)) == said_at_first[page], (
        "what the address said has changed what is stored"
    )


def test_a_selector_of_an_address_with_sql_selects_nothing(hostile: Path) -> None:
    for selector in ("model=' OR 1=1 --", "model=x,arm='; DELETE FROM cells; --"):
        at = open_page("compare", {"baseline": selector})
        assert_no_exception(at)
        assert "which names no cell of this store" in words(at)
