"""The commands ``changes`` and ``series`` of ``python -m results``.

Options and what is printed live here. ``results.cli`` registers them; it hands over how a
store is opened, so that this module does not import it back.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from results import queries
from results.command import DEFAULT_DATA, DataOption, JsonOption, print_text
from results.comparison import CellView
from results.errors import UsageError
from results.render import to_text
from results.store import Index
from results.versions.cells import chosen, measured
from results.versions.changes import changes_between
from results.versions.export import changes_json, histories_json
from results.versions.order import find_version
from results.versions.render import changes_text, histories_text, triage_text
from results.versions.series import histories
from results.versions.shapes import Changes, Triage, Version
from results.versions.triage import all_versions, triage

ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Only this model.")
]
ArmOption = Annotated[
    str | None, typer.Option("--arm", metavar="ARM", help="Only this arm, such as fp32@f32.")
]
DeviceOption = Annotated[
    str | None, typer.Option("--device", metavar="NAME", help="Only this device.")
]
ScenarioOption = Annotated[
    str | None, typer.Option("--scenario", metavar="NAME", help="Only latency or throughput.")
]

OpenIndex = Callable[[Path], Index]


def register(app: typer.Typer, open_index: OpenIndex) -> None:
    """Add the two commands; ``open_index`` opens the store at a folder and warns."""

    @app.command()
    def changes(
        baseline: Annotated[str, typer.Argument(help="OpenVINO version, such as 2021.4.")],
        candidate: Annotated[str, typer.Argument(help="The version to compare with it.")],
        model: ModelOption = None,
        arm: ArmOption = None,
        device: DeviceOption = None,
        scenario: ScenarioOption = None,
        data: DataOption = DEFAULT_DATA,
        as_json: JsonOption = False,
    ) -> None:
        """Say what changed between two OpenVINO versions: kernels, fusions, conversions.

        One cell gives the details, several the triage: failed, slower, same, faster, fixed.
        A version is a prefix: 2021.4 means 2021.4.2 where the store has no other.

        Example: python -m results changes 2021.4.2 2026.4

        Example: python -m results changes 2023.3 2026.4 --model mobilenet_v2 --arm fp32@f32
        """
        with closing(open_index(data)) as index:
            versions = _versions(index, data)
            pair = find_version(baseline, versions), find_version(candidate, versions)
            cells = _chosen(index, pair, model, arm, device, scenario)
            found = triage(index, *pair, cells)
            details = _details(index, found)
        if as_json:
            print_text(changes_json(found, details))
        else:
            print_text(to_text(changes_text(details) if details else triage_text(found)))

    @app.command()
    def series(
        model: ModelOption = None,
        arm: ArmOption = None,
        device: DeviceOption = None,
        scenario: ScenarioOption = None,
        data: DataOption = DEFAULT_DATA,
        as_json: JsonOption = False,
    ) -> None:
        """Follow models over OpenVINO versions: times, change points, the best version.

        Example: python -m results series

        Example: python -m results series --model mobilenet_v2 --device CPU --json
        """
        with closing(open_index(data)) as index:
            _versions(index, data)
            cells = measured(queries.cells(index))
            picked = chosen(cells, model=model, arm=arm, device=device, scenario=scenario)
            found = histories(index, picked)
        print_text(histories_json(found) if as_json else to_text(histories_text(found)))


def _versions(index: Index, data: Path) -> tuple[Version, ...]:
    versions = all_versions(index)
    if not versions:
        raise UsageError(
            f"{data} holds no measured results",
            hint="run `python -m collector demo` or give another folder with --data",
        )
    return versions


def _chosen(
    index: Index,
    pair: tuple[Version, Version],
    model: str | None,
    arm: str | None,
    device: str | None,
    scenario: str | None,
) -> tuple[CellView, ...]:
    """The cells of both versions that were asked for."""
    if pair[0].runtime_id == pair[1].runtime_id:
        raise UsageError(f"both versions are {pair[0].label}", hint="name two different versions")
    wanted = {version.runtime_id for version in pair}
    cells = [cell for cell in measured(queries.cells(index)) if cell.runtime_id in wanted]
    return chosen(cells, model=model, arm=arm, device=device, scenario=scenario)


def _details(index: Index, found: Triage) -> Changes | None:
    """The details where the triage is about one cell that both versions ran."""
    row = found.rows[0] if len(found.rows) == 1 else None
    if row is None or row.estimate is None or row.baseline is None or row.candidate is None:
        return None
    return changes_between(index, row.baseline, row.candidate)
