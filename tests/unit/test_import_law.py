"""``collector -> results <- dashboard``: by contract, and by looking at what gets loaded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def _loaded_by(statement: str) -> set[str]:
    return {name.split(".")[0] for name in _modules_loaded_by(statement)}


def _modules_loaded_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "forbidden"),
    [
        (
            "import results.cli, results.compare, results.overview",
            {"openvino", "nncf", "streamlit", "plotly", "collector", "dashboard"},
        ),
        ("import collector.cli", {"openvino", "nncf", "streamlit", "plotly", "dashboard"}),
        ("import dashboard.__main__, dashboard.charts", {"openvino", "nncf", "collector"}),
    ],
)
def test_what_an_import_loads(statement: str, forbidden: set[str]) -> None:
    assert not _loaded_by(statement) & forbidden


def test_the_probe_needs_nothing_of_this_project() -> None:
    modules = "conversation, collector.probe.openvino_api, collector.probe.inference_engine_api"
    statement = f"import collector.probe.{modules}"
    assert not _loaded_by(statement) & {"results", "dashboard", "openvino", "pyarrow"}
    own = {name for name in _modules_loaded_by(statement) if name.startswith("collector.")}
    assert all(name.startswith("collector.probe") for name in own)


def test_the_contracts_are_kept() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(tool), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_sql_and_charts_stay_in_their_modules() -> None:
    def importers(module: str) -> set[str]:
        return {
            str(path.relative_to(ROOT))
            for package in ("collector", "results", "dashboard")
            for path in (ROOT / package).rglob("*.py")
            if any(
                line.strip().startswith((f"import {module}", f"from {module}"))
                for line in path.read_text().splitlines()
            )
        }

    assert {p.split("/")[1] for p in importers("plotly")} <= {"charts", "charts.py"}
    assert all(
        p.startswith(("dashboard/views/", "dashboard/cache/"))
        or p in {"dashboard/app.py", "dashboard/served.py"}
        for p in importers("streamlit")
    )
    assert importers("duckdb") <= {
        "results/store.py", "results/index.py", "results/queries.py", "results/asked.py",
    }  # fmt: skip
