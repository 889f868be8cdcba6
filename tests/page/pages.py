"""Opening a page of the dashboard in a test, and reading what it says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[2] / "dashboard" / "app.py"
PAGES = tuple(re.findall(r'st\.Page\(\s*"views/(\w+)\.py"', APP.read_text("utf-8")))
"""Every page of the navigation: a new one is in every test over the pages by itself."""
PATHS = {name: "" if name == "overview" else name for name in PAGES}
"""The path of each page in the address."""


def open_page(name: str = "overview", params: Mapping[str, str] | None = None) -> AppTest:
    """The page after its first run, opened with these parameters in its address.

    As somebody does who got the address: no other page was seen before. It holds because
    every page's file is named as its address is.
    """
    at = AppTest.from_file(str(APP), default_timeout=60)
    if name != "overview":
        at.switch_page(f"views/{name}.py")
    at.query_params = dict(params or {})
    return at.run()


def words(at: AppTest) -> str:
    """Everything that a page says in words."""
    kinds = (at.title, at.header, at.subheader, at.markdown, at.warning, at.info, at.error)
    shown = [element.value for kind in kinds for element in kind]
    metrics = [f"{metric.label} {metric.value}" for metric in at.metric]
    code = [element.value for element in at.code]
    return "\n".join([*shown, *metrics, *code]).replace("\\", "")


def assert_no_exception(at: AppTest) -> None:
    """No traceback on the page."""
    assert not at.exception, [element.value for element in at.exception]
