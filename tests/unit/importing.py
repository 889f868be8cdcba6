"""Runs the command ``import`` in this process, on the reports in ``tests/reports``."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collector.importing.cli import register
from results import queries
from results.command import new_app, run
from results.comparison import CellView
from results.facts import ExecNode
from results.store import Store
from results.views import LaunchView

REPORTS = Path(__file__).parent.parent / "reports"


@dataclass(frozen=True)
class Said:
    """What the command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def body(self) -> dict[str, Any]:
        """The JSON on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


class Importing:
    """A store, and the command that fills it."""

    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = data
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Said:
        app = new_app("collector")
        app.callback()(_about)
        register(app)
        code = run(app, ["import", *map(str, arguments), "--data", str(self.data)])
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)

    def runs(self) -> list[str]:
        """Names of all that lies in the folder of runs, but the lock."""
        folder = self.data / "runs"
        found = folder.iterdir() if folder.exists() else ()
        return sorted(path.name for path in found if path.name != ".import.lock")

    def cells(self) -> tuple[CellView, ...]:
        with closing(Store(self.data).index()) as index:
            return queries.cells(index)

    def launches(self, kind: str = "timing") -> list[LaunchView]:
        with closing(Store(self.data).index()) as index:
            return [one for one in queries.launches(index) if one.kind == kind]

    def nodes(self) -> tuple[ExecNode, ...]:
        with closing(Store(self.data).index()) as index:
            launch = next(one for one in queries.launches(index) if one.kind == "profile")
            return queries.exec_nodes(index, launch.cell_id, launch.run_id)

    def caution_ids(self) -> list[str]:
        with closing(Store(self.data).index()) as index:
            runs = [run.run_id for run in queries.run_views(index)]
            return [caution.caution_id for caution in queries.cautions(index, runs)]


def _about() -> None:
    """Import."""
