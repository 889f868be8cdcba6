"""Stores for the page tests; the dashboard is pointed at one by the environment.

What Streamlit looks for in every installed package, for each page anew, is looked for once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner

from dashboard import source
from results.store import Store
from tests.planted import planted_store

Show = Callable[[Path], None]
Plant = Callable[[Path], Store]
ShowOnce = Callable[[Plant], Store]


@pytest.fixture(scope="session", autouse=True)
def installed_once() -> Iterator[None]:
    """The installed packages are read once: what is installed does not change while tests run.

    It is most of the work that opening a page in a test is.
    """
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Make a folder the store that the dashboard opens."""

    def point(root: Path) -> None:
        monkeypatch.setenv(source.DATA_VARIABLE, str(root))

    return point


@pytest.fixture(scope="session")
def planted_once(tmp_path_factory: pytest.TempPathFactory) -> ShowOnce:
    """The store that a function plants: planted when it is asked for first, then only read."""
    return cache(lambda plant: plant(tmp_path_factory.mktemp(plant.__name__)))


@pytest.fixture
def show_once(planted_once: ShowOnce, show: Show) -> ShowOnce:
    """Make what a function plants the store that the dashboard opens; no test writes into it."""

    def point(plant: Plant) -> Store:
        store = planted_once(plant)
        show(store.root)
        return store

    return point


@pytest.fixture(scope="session")
def rich_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three models (faster, slower, equivalent), a second machine with a failed cell."""
    root = tmp_path_factory.mktemp("rich")
    planted_store(
        root,
        models=("alpha", "beta", "gamma"),
        int8_ratios={"gamma": 1.0},
        default_ratio=0.9,
        cautions=True,
    )
    planted_store(root, models=("alpha",), name="other", isa_cap="AVX2", failed_cell=True)
    return root


@pytest.fixture
def rich(rich_root: Path, show: Show) -> Path:
    """The rich store, shown."""
    show(rich_root)
    return rich_root


@pytest.fixture
def one_run(tmp_path: Path, show: Show) -> Store:
    """One run of one model, shown."""
    store = planted_store(tmp_path / "one")
    show(store.root)
    return store


@pytest.fixture
def sample(rich_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No data of one's own, and the rich store in the place of the committed sample."""
    monkeypatch.delenv(source.DATA_VARIABLE, raising=False)
    monkeypatch.setattr(source, "OWN_DATA", tmp_path / "none")
    monkeypatch.setattr(source, "SAMPLE_DATA", rich_root)
