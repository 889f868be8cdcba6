"""The command ``readiness`` of ``python -m results``.

Options and what is printed live here. ``results.cli`` registers it, as it does the commands
of ``results.versions.cli``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from results.command import DEFAULT_DATA, DataOption, JsonOption, print_text
from results.readiness.checklist import checklists
from results.readiness.export import checklists_json
from results.readiness.read import Wanted
from results.readiness.render import checklists_text
from results.store import Index
from results.terminal import to_text

OpenIndex = Callable[[Path], Index]


def register(app: typer.Typer, open_index: OpenIndex) -> None:
    """Add the command; ``open_index`` opens the store at a folder and warns."""

    @app.command()
    def readiness(
        model: Annotated[str, typer.Argument(help="Model, as in a selector.")],
        device: Annotated[
            str | None, typer.Option("--device", metavar="NAME", help="Only this device.")
        ] = None,
        openvino: Annotated[
            str | None,
            typer.Option("--openvino", metavar="VERSION", help="This version, not the newest."),
        ] = None,
        arm: Annotated[
            str | None,
            typer.Option("--arm", metavar="ARM", help="This INT8 arm, not the best calibrated."),
        ] = None,
        data: DataOption = DEFAULT_DATA,
        as_json: JsonOption = False,
    ) -> None:
        """Go through the checklist: is INT8 worth it for a model, and what to do next?

        Eight lines, each passed, failed or unknown with its figure, then the answer: worth
        it, not worth it, or not known yet; see docs/readiness.md. The exit code does not
        depend on it.

        Example: python -m results readiness mobilenet_v2

        Example: python -m results readiness digits --data data/sample --json
        """
        told = () if data == DEFAULT_DATA else ("--data", str(data))
        with closing(open_index(data)) as index:
            found = checklists(index, model, Wanted(device, openvino, arm, told))
        print_text(checklists_json(found) if as_json else to_text(checklists_text(found)))
