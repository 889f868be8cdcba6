"""What the collector prints when it has finished, or before it begins."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from collector.collect import Outcome
from collector.job import Job
from collector.timetable import DryCell, dry_s, duration
from results import queries
from results.certificate import certified_sentence
from results.command import DEFAULT_DATA, note, print_text
from results.errors import EXIT_ENVIRONMENT, EXIT_NO, EXIT_OK
from results.overview import overview
from results.render import to_text
from results.store import Index, Store
from results.unfinished import unfinished
from results.verdicts import overview_json, verdicts_text


def outcome(data: Path, found: Outcome, *, as_json: bool) -> int:
    """Tell what was measured; returns the exit code."""
    with closing(Store(data).index()) as index:
        if found.kind == "certificate":
            return _certificate(index, found, as_json=as_json)
        _notes(index, found)
        rows = overview(index, run_id=found.run_id)
    if as_json:
        print_text(overview_json(found.run_id, rows))
    else:
        print_text(to_text(verdicts_text(rows)))
    return EXIT_ENVIRONMENT if found.failed_cells == found.cells else EXIT_OK


def _notes(index: Index, found: Outcome) -> None:
    note(f"run {found.run_id}: {found.cells} cells, stored in {found.path}")
    if found.failed_cells:
        failed = f"{found.failed_cells} of {found.cells} cells could not be measured"
        note(f"warning: {failed}: {found.last_failure}; see the Runs page")
    for name in found.not_quantised:
        note(f"warning: nothing in {name} could be quantised; its INT8 arm is the float model")
    for variant in found.lacking:
        note(
            f"warning: there is no {variant}; give --dataset, or make it with "
            "`python -m collector quantize`"
        )
    for variant in found.reused:
        note(f"{variant} is what `python -m collector quantize` made last")
    cautions = queries.cautions(index, [found.run_id])
    if cautions:
        kinds = ", ".join(dict.fromkeys(caution.caution_id for caution in cautions))
        note(f"cautions: {kinds}; `python -m results compare` tells them in words")


def _certificate(index: Index, found: Outcome, *, as_json: bool) -> int:
    certificate = next(view for view in queries.certificates(index) if view.run_id == found.run_id)
    note(f"run {found.run_id}: certificate stored in {found.path}")
    if as_json:
        body = asdict(certificate) | {"certified": certificate.certified}
        print_text(json.dumps(body, indent=2, default=str))
    else:
        print_text(certified_sentence(certificate))
    return EXIT_OK if certificate.certified else EXIT_NO


def dry_run(job: Job, cells: Sequence[DryCell], *, as_json: bool) -> None:
    """Print the cells that would be measured, and how long that would take."""
    expected_s = dry_s(job, cells)
    if as_json:
        body = {"cells": [asdict(cell) for cell in cells], "expected_s": round(expected_s)}
        print_text(json.dumps(body, indent=2))
        return
    columns = [("model", "arm", "device", "scenario")]
    columns += [(cell.model, cell.arm, cell.device, cell.scenario) for cell in cells]
    widths = [max(len(row[place]) for row in columns) for place in range(4)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
             for row in columns]  # fmt: skip
    effort = job.effort
    blocks = f"{effort.blocks} {'pilot ' if effort.is_adaptive else ''}blocks"
    more = ", more after the pilot" if effort.is_adaptive else ""
    about = f"about {duration(expected_s)}{more}"
    lines.append(f"\n{len(cells)} cells, effort {effort.level} ({blocks}): {about}")
    print_text("\n".join(lines))


def waiting(data: Path) -> bool:
    """Say where a run that ended early can be continued; returns whether one can."""
    left = [run for run in unfinished(data) if not run.in_use and run.problem is None]
    where = "" if data == DEFAULT_DATA else f" --data {shlex.quote(str(data))}"
    for view in left[:1]:
        note(
            f"run {view.run_id} ended early; continue it with "
            f"`python -m collector run --resume{where}`, or delete {view.path}"
        )
    return bool(left)


@contextmanager
def interruptions(data: Path) -> Iterator[None]:
    """Where measuring is interrupted, say how it can be continued."""
    try:
        yield
    except KeyboardInterrupt:
        if not waiting(data):
            note("no block was finished, so nothing of this run is kept")
        raise
