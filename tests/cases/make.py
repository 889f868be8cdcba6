"""``python -m tests.cases.make``: plants the planted pairs, or measures the measured ones.

``--planted`` takes seconds and gives the same files each time; the tests do it by themselves.
``--measured`` takes some ten minutes, needs a quiet machine and the old OpenVINO versions that
``measuring`` names (``python -m collector runtimes add``), and replaces ``store/runs``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from results.command import new_app, note, print_text, run
from results.errors import UsageError
from tests.cases.catalogue import MEASURED_STORE, PLANTED, plant
from tests.cases.measuring import Effort, measure

app = new_app("tests.cases.make")


@app.command()
def make(
    planted: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Plant the planted pairs into this store.")
    ] = None,
    measured: Annotated[
        bool, typer.Option("--measured", help="Measure the measured pairs here.")
    ] = False,
    target: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="Where the measured store goes.")
    ] = MEASURED_STORE,
    quick: Annotated[
        bool, typer.Option("--quick", help="As little as runs through: proves that it runs.")
    ] = False,
) -> None:
    """Make the stores of the labelled cases.

    Example: python -m tests.cases.make --planted cases

    Example: python -m tests.cases.make --measured
    """
    if planted is None and not measured:
        raise UsageError("nothing is asked for", hint="give --planted DIR, --measured or both")
    if quick and measured and target == MEASURED_STORE:
        raise UsageError(
            "--quick measures nothing that could be committed", hint="give --into a folder too"
        )
    if planted is not None:
        plant(planted, PLANTED)
        print_text(f"planted {len(PLANTED)} pairs in {planted}")
    if measured:
        _measure(target, Effort.smallest() if quick else Effort())


def _measure(target: Path, effort: Effort) -> None:
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="int8-lens-cases-") as folder:
        fresh = Path(folder) / "trimmed"
        measure(fresh, Path(folder), effort)
        shutil.rmtree(target / "runs", ignore_errors=True)
        target.mkdir(parents=True, exist_ok=True)
        shutil.move(fresh / "runs", target / "runs")
    runs = sorted((target / "runs").iterdir())
    for one in runs:
        size = sum(file.stat().st_size for file in one.iterdir())
        note(f"{one.name}: {size / 1024:.0f} KiB")
    print_text(
        f"measured {len(runs)} runs into {target} in {(time.monotonic() - started) / 60:.1f} min"
    )


if __name__ == "__main__":
    sys.exit(run(app))
