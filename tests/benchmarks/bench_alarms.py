"""False alarms, A against A: on the machine as it is, and beside a process that comes and goes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from results import queries
from results.comparison import Verdict
from results.facts import CertificateTrial
from results.format import number
from results.shares import wilson_interval
from tests.benchmarks import networks
from tests.benchmarks.commands import end, opened, run_collector
from tests.benchmarks.rows import Row
from tests.benchmarks.settings import Settings

_MOST_SHARE = 0.08
# Shorter than the level's, so that a hundred comparisons take minutes; the blocks are its own.
_MEASURE_S = 0.25
_ON_S = 5
_BUSY = (
    "import time\n"
    "while True:\n"
    f"    stop = time.monotonic() + {_ON_S}\n"
    "    while time.monotonic() < stop:\n"
    "        pass\n"
    f"    time.sleep({_ON_S})\n"
)


@dataclass(frozen=True)
class Alarms:
    """The trials of a certificate, counted; a disturbed one has a block that stayed dirty."""

    comparisons: int
    clean_alarms: int
    disturbed_alarms: int
    equivalent: int
    inconclusive: int
    disturbed: int

    @property
    def all(self) -> int:
        """False alarms, with a caution or without."""
        return self.clean_alarms + self.disturbed_alarms

    @property
    def ok(self) -> bool:
        """At most 8 of 100; a false alarm with a caution is one all the same."""
        return self.all <= _MOST_SHARE * self.comparisons

    @property
    def text(self) -> str:
        """``3 of 100 (95 %: 1.0 to 8.5 %); 90 equivalent, 7 inconclusive; 12 disturbed``."""
        interval = wilson_interval(self.all, self.comparisons)
        return (
            f"{self.all} of {self.comparisons} (95 %: {100 * interval.low:.1f} to "
            f"{100 * interval.high:.1f} %); {self.equivalent} equivalent, "
            f"{self.inconclusive} inconclusive; {self.disturbed} disturbed, of them "
            f"{self.disturbed_alarms} false alarms"
        )


def counted(trials: Sequence[CertificateTrial]) -> Alarms:
    """The trials by verdict."""
    alarms = [trial for trial in trials if is_alarm(trial)]
    dirty = sum(trial.dirty_blocks > 0 for trial in alarms)
    verdicts = [trial.verdict for trial in trials]
    return Alarms(
        comparisons=len(trials),
        clean_alarms=len(alarms) - dirty,
        disturbed_alarms=dirty,
        equivalent=verdicts.count(Verdict.EQUIVALENT),
        inconclusive=verdicts.count(Verdict.INCONCLUSIVE),
        disturbed=sum(trial.dirty_blocks > 0 for trial in trials),
    )


def is_alarm(trial: CertificateTrial) -> bool:
    """Whether two equal cells were called different."""
    return trial.verdict in {Verdict.FASTER, Verdict.SLOWER}


def idle(settings: Settings) -> tuple[Row, ...]:
    """The machine as it is: see that it is idle."""
    return (_measured(settings, "idle", "false alarms, A against A, idle", loaded=False),)


def load(settings: Settings) -> tuple[Row, ...]:
    """Beside one busy process, on and off."""
    what = f"false alarms, A against A, a busy process {_ON_S} s on, {_ON_S} s off"
    return (_measured(settings, "load", what, loaded=True),)


def _measured(settings: Settings, part: str, what: str, *, loaded: bool) -> Row:
    folder = settings.subfolder(part)
    model = networks.small(folder / "small.xml")
    blocks = ("--blocks", "2") if settings.quick else ()
    with busy_process() if loaded else nullcontext():
        done = run_collector(
            "certify", "--model", str(model), "--arm", "fp32@f32", "--effort", "quick",
            "--measure", str(_MEASURE_S), "--comparisons", str(settings.comparisons), *blocks,
            data=folder / "store",
        )  # fmt: skip
    with opened(folder / "store") as index:
        trials = queries.certificate_trials(index, done.answer["run_id"])
    found = counted(trials)
    return Row(
        part=part,
        what=what,
        bar="at most 8 of 100" + (", or inconclusive with a caution" if loaded else ""),
        measured=found.text,
        ok=found.ok,
        how=f"certify --effort quick --measure {_MEASURE_S}, {done.answer['blocks']} blocks per "
        f"comparison, {done.wall_s / 60:.0f} min",
        details=tuple(_detail(trial) for trial in trials if is_alarm(trial)),
    )


def _detail(trial: CertificateTrial) -> str:
    ends = [number(bound) if bound else "?" for bound in (trial.ci_low, trial.ci_high)]
    return (
        f"trial {trial.trial}: {trial.verdict}, ratio {trial.ratio:.4f}, 95 % "
        f"{' to '.join(ends)}, {trial.dirty_blocks} of {trial.blocks} blocks dirty"
    )


@contextmanager
def busy_process() -> Iterator[int]:
    """One process that computes for some seconds and sleeps as long, and again; its id."""
    process = subprocess.Popen([sys.executable, "-c", _BUSY])
    try:
        yield process.pid
    finally:
        end(process)
