"""Are the named causes right: precision and recall over the labelled cases of ``tests.cases``.

A part of ``make bench``, and by itself ``python -m tests.benchmarks.causes --half a`` while
rules are tuned: half b is then neither shown nor compared.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from results.command import new_app, print_text, run
from results.comparison import Comparison
from results.errors import EXIT_NO
from tests.benchmarks.rows import Row
from tests.benchmarks.settings import Settings
from tests.cases.catalogue import PLANTED, Case, measured_comparisons, planted_comparisons
from tests.cases.labels import Half
from tests.cases.measured import MEASURED
from tests.cases.score import LEAST, Judged, Score, score

_HALVES: tuple[Half, ...] = ("a", "b")
_WORDS: dict[Half, str] = {"a": "tuned on", "b": "kept aside"}
_WIDEST = 22

app = new_app("tests.benchmarks.causes")


class _Choice(StrEnum):
    A = "a"
    B = "b"
    BOTH = "both"


def causes(settings: Settings) -> tuple[Row, ...]:
    """A row for each half; quick or not, all cases are compared."""
    return tuple(_row(half, scored(half, settings.subfolder(f"cases-{half}")))
                 for half in _HALVES)  # fmt: skip


def scored(half: Half, folder: Path) -> Score:
    """The score of a half; its planted pairs are written under ``folder``."""
    planted = [case for case in PLANTED if case.half == half]
    measured = [case for case in MEASURED if case.half == half]
    return score((
        *_judged(planted_comparisons(folder, planted)), *_judged(measured_comparisons(measured)),
    ))  # fmt: skip


def _judged(compared: Iterable[tuple[Case, Comparison]]) -> Iterable[Judged]:
    for case, comparison in compared:
        found = frozenset(cause.cause_id for cause in comparison.causes)
        yield Judged(case.name, case.label, found)


def table(found: Score) -> tuple[str, ...]:
    """Lines: each cause with its rates, and all together."""
    every = (*found.by_cause(), ("all causes", found.overall))
    return tuple(f"{cause.ljust(_WIDEST)} {rates.words()}" for cause, rates in every)


def wrong_cases(found: Score) -> tuple[str, ...]:
    """Lines: each wrong case with what was expected and what was found."""
    return tuple(f"wrong: {case.words()}" for case in found.wrong)


def _row(half: Half, found: Score) -> Row:
    without = found.without_cause
    overall = found.overall
    return Row(
        part="causes",
        what=f"causes of labelled pairs, half {half} ({_WORDS[half]})",
        bar=f"precision and recall {LEAST:g}, nothing named where there is no cause",
        measured=f"{overall.words()}; {len(found.alarms_without_cause)} of {len(without)} named "
        "where there is none",
        ok=found.ok,
        how=f"{len(found.cases)} pairs of tests/cases, {_measured(found)} of them measured",
        details=(*table(found), *wrong_cases(found)),
    )


def _measured(found: Score) -> int:
    names = {case.name for case in MEASURED}
    return sum(case.name in names for case in found.cases)


@app.command()
def show(
    half: Annotated[_Choice, typer.Option(help="Half to judge.")] = _Choice.A,
    figures: Annotated[
        bool, typer.Option("--figures", help="Precision and recall alone, no case.")
    ] = False,
) -> None:
    """Judge the labelled cases; exit code 1 where the bar is missed.

    Example: python -m tests.benchmarks.causes --half a

    Example: python -m tests.benchmarks.causes --half b --figures
    """
    chosen = [one for one in _HALVES if half.value in {one, _Choice.BOTH}]
    missed = False
    with tempfile.TemporaryDirectory(prefix="int8-lens-causes-") as folder:
        for one in chosen:
            found = scored(one, Path(folder) / one)
            row = _row(one, found)
            lines = table(found) if figures else row.details
            print_text("\n".join((f"{row.what}: {row.word}, {row.measured}", *lines, "")))
            missed = missed or not found.ok
    if missed:
        raise typer.Exit(EXIT_NO)


if __name__ == "__main__":
    sys.exit(run(app))
