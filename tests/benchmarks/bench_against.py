"""Our figures against those of OpenVINO's ``benchmark_app``: latency and throughput.

In a round both start anew and then take turns until ``benchmark_app`` has measured its
time: what the machine does over seconds meets both alike. Nothing of ours runs in its turns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from collector.answers import LaunchAnswer, ProbeFailure, launch_answer
from collector.asking import Asker
from collector.builtin.catalogue import builtin_model
from collector.devices import find_device
from collector.effort import Effort
from collector.job import FileModel
from collector.launcher import ProbeRequest
from collector.machine import this_machine
from collector.models.order import wanted as wanted_model
from collector.models.prepare import prepare
from collector.plan import PlannedCell, cells
from collector.probe_process import ProbeProcess
from collector.records import launch_fact
from collector.rounds import launch_key
from collector.scenario import LATENCY, THROUGHPUT, Scenario
from collector.using import own
from results.command import note
from results.errors import MeasurementError
from results.facts import Launch
from results.format import number
from tests.benchmarks import networks
from tests.benchmarks.benchmark_app import Answer, BenchmarkApp, command
from tests.benchmarks.ratios import Ratio, Round, geometric_mean, ratio_of
from tests.benchmarks.rows import Row
from tests.benchmarks.settings import Settings

_LATENCY_CELLS = (
    ("tiny", "fp32@f32"), ("small", "fp32@f32"), ("mobilenet_v2", "fp32@default"),
    ("mobilenet_v3_large", "fp32@default"), ("resnet_50", "int8-simplified@default"),
    ("resnet_50", "fp32@f32"),
)  # fmt: skip
_THROUGHPUT_CELLS = (
    ("small", "fp32@f32"), ("mobilenet_v2", "fp32@default"),
    ("resnet_50", "int8-simplified@default"), ("resnet_50", "fp32@f32"),
)  # fmt: skip
_QUICK_CELLS = (("tiny", "fp32@f32"), ("mobilenet_v2", "fp32@default"))
_LATENCY_BAR = (0.97, 1.01)
_THROUGHPUT_BAR = 0.99
_TURN_S = 0.4
_LEAST_TURNS = 4
_TURN_INFERENCES = 30
"""A pause spoils one inference of ``benchmark_app``: few of those in its turn."""


@dataclass(frozen=True)
class _Sides:
    """What both sides measured in one round; ``per_second`` of theirs without the pauses."""

    ours: Launch
    theirs: Answer
    theirs_per_second: float


def latency(settings: Settings) -> tuple[Row, ...]:
    """Median latency, ours over theirs: one figure over all models."""
    wanted = _QUICK_CELLS if settings.quick else _LATENCY_CELLS
    found = _contests(settings, LATENCY, wanted, lambda sides: Round(
        sides.ours.p50_ms or math.nan, sides.theirs.median_ms))  # fmt: skip
    mean = geometric_mean([ratio_of(rounds) for _, rounds in found])
    low, high = _LATENCY_BAR
    return (
        Row(
            part="latency",
            what="median latency against benchmark_app, ours/theirs",
            bar=f"geometric mean {low} to {high}",
            measured=mean.text,
            ok=low <= mean.value <= high,
            how=_how(settings, len(found), "-hint none -api sync -nstreams 1 -nireq 1"),
            details=tuple(_detail(label, rounds, "ms") for label, rounds in found),
        ),
    )


def throughput(settings: Settings) -> tuple[Row, ...]:
    """Inferences per second, ours over theirs: one figure over all models."""
    wanted = _QUICK_CELLS if settings.quick else _THROUGHPUT_CELLS
    found = _contests(settings, THROUGHPUT, wanted, lambda sides: Round(
        sides.ours.throughput_fps or math.nan, sides.theirs_per_second))  # fmt: skip
    mean: Ratio = geometric_mean([ratio_of(rounds) for _, rounds in found])
    return (
        Row(
            part="throughput",
            what="throughput against benchmark_app, ours/theirs",
            bar=f"geometric mean at least {_THROUGHPUT_BAR}",
            measured=mean.text,
            ok=mean.value >= _THROUGHPUT_BAR,
            how=_how(settings, len(found), "-hint throughput"),
            details=tuple(_detail(label, rounds, "/s") for label, rounds in found),
        ),
    )


def _how(settings: Settings, models: int, options: str) -> str:
    return (
        f"{options}; {models} cells, median of {settings.rounds} rounds each, "
        f"{settings.against_s:g} s a side in turns; ± is the standard error"
    )


def _detail(label: str, rounds: Sequence[Round], unit: str) -> str:
    ours, theirs = median(r.ours for r in rounds), median(r.theirs for r in rounds)
    each = " ".join(f"{math.exp(found.log_ratio):.3f}" for found in rounds)
    return (
        f"{label}: {ratio_of(rounds).text}; ours {number(ours)} {unit}, theirs "
        f"{number(theirs)} {unit}; rounds {each}"
    )


def _contests(
    settings: Settings,
    scenario: str,
    wanted: Sequence[tuple[str, str]],
    judge: Callable[[_Sides], Round],
) -> list[tuple[str, list[Round]]]:
    """The rounds of each cell; the cells take their rounds in turn."""
    asker = Asker(Effort(), seed=1)
    contests = _planned(settings, scenario, wanted)
    found: list[tuple[str, list[Round]]] = [(cell.label, []) for cell in contests]
    for number_ in range(settings.rounds):
        for cell, (label, rounds) in zip(contests, found, strict=True):
            rounds.append(judge(_round(asker, cell, settings.against_s)))
            ratio = math.exp(rounds[-1].log_ratio)
            note(f"{label}, round {number_ + 1}: ours/theirs {ratio:.3f}")
    return found


def _planned(
    settings: Settings, scenario: str, wanted: Sequence[tuple[str, str]]
) -> list[PlannedCell]:
    """The cells as a run would plan them, models prepared as a run would."""
    folder = settings.subfolder("against")
    files = {
        "tiny": FileModel(networks.tiny(folder / "tiny.xml")),
        "small": FileModel(networks.small(folder / "small.xml")),
    }
    names = dict.fromkeys(name for name, _ in wanted)
    models = prepare(
        [wanted_model(files.get(name) or builtin_model(name)) for name in names],
        folder / "cache",
        lambda name: note(f"preparing {name}"),
    )
    device = find_device(this_machine(), "CPU", None, own())
    known = {
        (cell.model.model.name, cell.cell.arm): cell
        for cell in cells(models, [device], [Scenario(scenario)])
    }
    return [known[pair] for pair in wanted]


def _round(asker: Asker, cell: PlannedCell, against_s: float) -> _Sides:
    request = asker.request(cell, "timing")
    seconds = math.ceil(2 * against_s)
    is_throughput = cell.cell.scenario == THROUGHPUT
    arguments = command(
        cell.variant.ir_path, cell.cell.precision, seconds, throughput=is_throughput
    )
    with asker.launcher(cell).start(request) as ours:
        _told(ours, None, "ready")
        expected_ms = _told(ours, "go", "warm")["expected_ms"]
        turn_s = min(max(_TURN_S, _TURN_INFERENCES * expected_ms / 1e3), against_s / _LEAST_TURNS)
        with BenchmarkApp(arguments) as theirs:
            theirs.wait_until_measuring()
            while not theirs.has_ended_within(turn_s):
                paused_at = theirs.pause()
                _told(ours, f"slice {turn_s:.6f}", "slice")
                theirs.resume(paused_at)
            answer = theirs.answer()
            per_second = answer.per_second(theirs.paused_s)
        launch = _launch(cell, request, launch_answer(_told(ours, "end", "done")))
    return _Sides(launch, answer, per_second)


def _told(process: ProbeProcess, line: str | None, event: str) -> dict[str, Any]:
    if line is not None:
        process.send(line)
    answer = process.expect(event)
    if isinstance(answer, ProbeFailure):
        raise MeasurementError(
            f"a launch failed: {answer.reason}", hint="run the collector on the model by hand"
        )
    return answer


def _launch(cell: PlannedCell, request: ProbeRequest, answer: LaunchAnswer) -> Launch:
    """The launch as a run would store it; MeasurementError where it had no turn."""
    if not answer.samples_ms:
        raise MeasurementError(
            "benchmark_app ended before our first turn", hint="measure on a quieter machine"
        )
    return launch_fact(launch_key("benchmark", cell, "timing", 0, request), answer)
