"""A planted slow-down: a chain of equal layers against its copy with one layer more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev

from results import queries
from results.compare import compare_cells
from results.comparison import Estimate, Verdict
from results.selector import select_pair
from results.stats import t_quantile
from tests.benchmarks import networks
from tests.benchmarks.commands import opened, run_collector
from tests.benchmarks.rows import Row
from tests.benchmarks.settings import Settings

_LEAST_SHARE = 0.9
_SUITE = """\
arms = ["fp32@f32"]

[run]
effort = "default"
profile_launches = 0
startup_launches = 0
{more}
[[models]]
path = "base.xml"

[[models]]
path = "plus.xml"
"""


def planted(settings: Settings) -> tuple[Row, ...]:
    """One run per trial, with a seed of its own."""
    folder = settings.subfolder("planted")
    layers = networks.PLANTED_LAYERS
    networks.chain(folder / "base.xml", layers)
    networks.chain(folder / "plus.xml", layers + 1)
    suite = folder / "suite.toml"
    suite.write_text(_SUITE.format(more="blocks = 2\nmeasure_s = 0.3" if settings.quick else ""))
    estimates = [_trial(folder, suite, seed) for seed in range(1, settings.trials + 1)]
    slower = sum(found.verdict is Verdict.SLOWER for found in estimates)
    return (
        Row(
            part="planted",
            what="planted slow-down of 3 % called slower",
            bar="at least 9 of 10",
            measured=f"{slower} of {len(estimates)}",
            ok=slower >= _LEAST_SHARE * len(estimates),
            how=f"{layers + 1} against {layers} equal convolutions "
            f"({estimates[0].baseline_ms:.2f} ms), {estimates[0].blocks} blocks a trial; "
            f"{truth(estimates)}",
            details=tuple(
                _detail(seed, found) for seed, found in enumerate(estimates, start=1)
            ),
        ),
    )  # fmt: skip


def _trial(folder: Path, suite: Path, seed: int) -> Estimate:
    data = folder / "store"
    done = run_collector("run", str(suite), "--seed", str(seed), data=data)
    with opened(data) as index:
        pair = select_pair(queries.cells(index), "model=base", "model=plus")
        found = compare_cells(index, pair.baseline, pair.candidate, done.answer["run_id"])
    return found.estimate


def truth(estimates: Sequence[Estimate]) -> str:
    """What all trials together say of the ratio, with a t interval over the trials."""
    logs = [math.log(found.ratio) for found in estimates]
    mean = fmean(logs)
    if len(logs) < 2:
        return f"all trials together: ratio {math.exp(mean):.4f}"
    half = t_quantile(len(logs) - 1) * stdev(logs) / math.sqrt(len(logs))
    low, high = math.exp(mean - half), math.exp(mean + half)
    return f"all trials together: ratio {math.exp(mean):.4f} ({low:.4f} to {high:.4f})"


def _detail(seed: int, found: Estimate) -> str:
    low, high = found.ci_low or math.nan, found.ci_high or math.nan
    return f"seed {seed}: {found.verdict}, ratio {found.ratio:.4f}, 95 % {low:.4f} to {high:.4f}"
