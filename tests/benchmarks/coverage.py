"""How much of the executed time is aligned: every built-in model, INT8 against both float arms.

A part of ``make bench``, and by itself ``python -m tests.benchmarks.coverage --data STORE`` for
a store that is there already. One block and one profile launch a cell: which layers there are
does not scatter, how long they take is not asked here.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Annotated

import typer

from collector.builtin.catalogue import BUILTIN_MODELS
from results import queries
from results.command import new_app, note, print_text, run
from results.compare import compare_cells
from results.comparison import CellView, Comparison, Coverage
from results.errors import EXIT_NO, MeasurementError
from results.format import percent
from results.store import Index
from tests.benchmarks.commands import ROOT, opened, run_collector
from tests.benchmarks.compare_speed import comparable
from tests.benchmarks.rows import Row
from tests.benchmarks.settings import Settings

NEWEST_SHARE, OLD_SHARE = 0.99, 0.95
OLD_VERSIONS = ("2021.4.2", "2022.3.2")
_CAPS = ("none", "AVX2")
_ARMS = ("fp32@f32", "fp32@default", "int8-simplified@default")
_QUICK_MODELS = ("digits",)
_EFFORT = "blocks = 1\nmeasure_s = 0.05\nslice_s = 0.05\nprofile_launches = 1\nstartup_launches = 0"
_PAIR = tuple(ROOT.parent / "shared" / "models" / f"resnet8_cifar10_{kind}.tflite"
              for kind in ("float32", "int8"))  # fmt: skip
"""The same network in float and quantised by its framework: names do not meet."""

app = new_app("tests.benchmarks.coverage")


@dataclass(frozen=True)
class Covered:
    """A pair of cells with the share of executed time that is aligned on both sides."""

    baseline: CellView
    candidate: CellView
    coverage: Coverage
    unmatched: tuple[str, ...]

    @property
    def least(self) -> float:
        """The share of the side that is aligned less."""
        return min(self.coverage.baseline, self.coverage.candidate)

    def words(self) -> str:
        """A line: what was compared, both shares, what is not matched."""
        cell = self.candidate
        cap = f", capped to {cell.isa_cap}" if cell.isa_cap else ""
        lost = f"; unmatched: {', '.join(self.unmatched)}" if self.unmatched else ""
        return (
            f"{cell.model} on OpenVINO {cell.runtime}{cap}, {cell.arm} against"
            f" {self.baseline.arm}: {percent(self.coverage.baseline)} and"
            f" {percent(self.coverage.candidate)}{lost}"
        )


@dataclass(frozen=True)
class Found:
    """The pairs that were compared, and why others were not."""

    pairs: tuple[Covered, ...]
    missing: tuple[str, ...] = ()


def coverage(settings: Settings) -> tuple[Row, ...]:
    """Rows: the newest OpenVINO natively and capped, the old ones, the pair without names."""
    names = _QUICK_MODELS if settings.quick else tuple(model.name for model in BUILTIN_MODELS)
    folder = settings.subfolder("coverage")
    newest = _newest(folder, names)
    old = _old(folder, names)
    return (
        row(f"OpenVINO {installed_version('openvino')}, native and AVX2", newest, NEWEST_SHARE),
        row(f"OpenVINO {' and '.join(OLD_VERSIONS)}", old, OLD_SHARE),
        row("a network that its framework quantised (TFLite)", _tflite(folder), OLD_SHARE),
    )


def _newest(folder: Path, names: Sequence[str]) -> Found:
    data = folder / "newest"
    _measure(folder, data, names, f"isa_caps = {json.dumps(_CAPS)}")
    return found_in(data)


def _old(folder: Path, names: Sequence[str]) -> Found:
    """One run for each version; one that cannot be had is missing."""
    data, missing = folder / "old", []
    for version in OLD_VERSIONS:
        try:
            _measure(folder, data, names, f"openvino = {json.dumps([version])}")
        except MeasurementError:
            note(f"OpenVINO {version} is left out")
            missing.append(f"OpenVINO {version} (python -m collector runtimes add {version})")
    pairs = found_in(data) if data.exists() else Found(())
    return Found(pairs.pairs, (*pairs.missing, *missing))


def _tflite(folder: Path) -> Found:
    if not all(file.is_file() for file in _PAIR):
        return Found((), ("the TFLite pair of ../shared/models",))
    data = folder / "tflite"
    first, second = (str(file) for file in _PAIR)
    run_collector("run", "--model", first, "--native", second, "--blocks", "1", "--measure", "0.05",
                  data=data)  # fmt: skip
    return found_in(data)


def _measure(folder: Path, data: Path, names: Sequence[str], where: str) -> None:
    suite = folder / "coverage.toml"
    models = "\n".join(f'[[models]]\nname = "{name}"' for name in names)
    text = f"{where}\narms = {json.dumps(_ARMS)}\n[run]\n{_EFFORT}\nseed = 1\n{models}\n"
    suite.write_text(text, encoding="utf-8")
    run_collector("run", str(suite), data=data)


def found_in(data: Path) -> Found:
    """Every INT8 cell of a store against the float cells that differ in nothing but the arm."""
    with opened(data) as index:
        return _compared(index)


def _compared(index: Index) -> Found:
    pairs, missing = [], []
    for baseline, candidate in comparable(queries.cells(index)):
        try:
            found = compare_cells(index, baseline, candidate)
        except MeasurementError as error:
            missing.append(error.message)
            continue
        if found.coverage is None:
            missing.append(f"no layers of {candidate.arm} of {candidate.model}")
        else:
            pairs.append(Covered(baseline, candidate, found.coverage, _unmatched(found)))
    return Found(tuple(pairs), tuple(dict.fromkeys(missing)))


def _unmatched(found: Comparison) -> tuple[str, ...]:
    """The groups of one side that took time."""
    return tuple(
        group.label
        for group in found.groups
        if not (group.baseline and group.candidate) and group.baseline_us + group.candidate_us > 0
    )


def row(where: str, found: Found, bar: float) -> Row:
    """A row: the least covered of all pairs; missed where one is below, or nothing is there."""
    least = min((pair.least for pair in found.pairs), default=0.0)
    missing = f"; missing: {', '.join(found.missing)}" if found.missing else ""
    return Row(
        part="coverage",
        what=f"executed time that is aligned, {where}",
        bar=f"at least {percent(bar)} on both sides",
        measured=(f"{percent(least)} at least" if found.pairs else "nothing compared") + missing,
        ok=bool(found.pairs) and least >= bar and not found.missing,
        how=f"{len(found.pairs)} pairs, INT8 against {_ARMS[0]} and {_ARMS[1]}",
        details=tuple(_lines(found.pairs)),
    )


def _lines(pairs: Iterable[Covered]) -> Iterable[str]:
    """The pairs, the least covered first."""
    return [pair.words() for pair in sorted(pairs, key=lambda pair: pair.least)]


@app.command()
def show(
    data: Annotated[Path, typer.Option(metavar="DIR", help="A store that was measured.")],
    least: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Share of the time to reach.")
    ] = NEWEST_SHARE,
) -> None:
    """Judge the coverage of a store; exit code 1 where it is missed.

    Example: python -m tests.benchmarks.coverage --data data
    """
    found = row(str(data), found_in(data), least)
    print_text("\n".join((f"{found.what}: {found.word}, {found.measured}", *found.details)))
    if not found.ok:
        raise typer.Exit(EXIT_NO)


if __name__ == "__main__":
    sys.exit(run(app))
