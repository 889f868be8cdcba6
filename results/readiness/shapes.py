"""The readiness checklist as data: its lines, its answer, and the facts they are made from.

Only shapes live here. ``read`` gathers the facts, ``checks`` and ``other_checks`` judge them,
``words`` has the sentences and commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from results.accuracy import AccuracyView
from results.comparison import CellView, Estimate
from results.versions.shapes import Best, Version


class Status(StrEnum):
    """What became of a line."""

    PASSED = "pass"
    FAILED = "fail"
    UNKNOWN = "unknown"

    @property
    def sign(self) -> str:
        """The sign that goes with the word wherever a status is shown."""
        return _SIGNS[self]


_SIGNS = {
    Status.PASSED: "\N{CHECK MARK}",
    Status.FAILED: "\N{MULTIPLICATION SIGN}",
    Status.UNKNOWN: "?",
}


class LineId(StrEnum):
    """The lines, in the order of the procedure."""

    HEAVY_SHARE = "heavy_share"
    QUICK_INT8 = "quick_int8"
    CONVERSIONS = "conversions"
    SYNC_RATIO = "sync_ratio"
    ACCURACY = "accuracy"
    NATIVE = "native"
    VERSIONS = "versions"
    DEVICES = "devices"


class Answer(StrEnum):
    """The end of the checklist."""

    WORTH_IT = "worth it"
    NOT_WORTH_IT = "not worth it"
    NOT_KNOWN = "not known yet"


@dataclass(frozen=True)
class Step:
    """What to do next, in words, and the command that does it where one command does.

    In a command, words in capitals stand for what only the reader knows, such as ``FILE``.
    """

    words: str
    command: str | None = None


@dataclass(frozen=True)
class Value:
    """A figure of a line for a program: its name with the unit, such as ``time_ms``."""

    name: str
    value: float | None


@dataclass(frozen=True)
class Line:
    """One line of the checklist.

    ``figure`` is what was seen, in words; ``rule`` when the line passes, with its threshold;
    ``next_step`` is None where nothing is left to do.
    """

    line_id: LineId
    title: str
    status: Status
    figure: str
    rule: str
    values: tuple[Value, ...] = ()
    next_step: Step | None = None


@dataclass(frozen=True)
class Checklist:
    """The checklist of a model on a device with a runtime.

    ``device`` and ``runtime`` are None where no cell of the model was measured. ``candidate``
    is the INT8 arm that the lines are about, None where none was measured. ``sentence`` is
    the answer for a person, ``next_step`` the one thing to do next, None where nothing is.
    """

    model_id: str
    model: str
    model_title: str
    model_note: str | None
    device_id: str | None
    device: str | None
    runtime_id: str | None
    runtime: str | None
    candidate: str | None
    answer: Answer
    sentence: str
    lines: tuple[Line, ...]
    next_step: Step | None

    def line(self, line_id: LineId) -> Line:
        """The line with this id."""
        return next(line for line in self.lines if line.line_id is line_id)


@dataclass(frozen=True)
class HeavyTime:
    """What a float baseline spends in convolutions and matrix products, in µs of an inference.

    ``total_us`` is the inference with what no layer accounts for, at the pace of ``heavy_us``.
    """

    arm: str
    heavy_us: float
    total_us: float

    @property
    def share(self) -> float | None:
        """Their share; None where no time is known."""
        return self.heavy_us / self.total_us if self.total_us > 0 else None


@dataclass(frozen=True)
class Conversions:
    """What the INT8 arm converts and its float baseline does not, in µs of all its layers."""

    baseline_arm: str
    count: int
    time_us: float
    total_us: float

    @property
    def share(self) -> float | None:
        """Their share of the INT8 arm's layers; None where no layer took a microsecond."""
        return self.time_us / self.total_us if self.total_us > 0 else None


@dataclass(frozen=True)
class Against:
    """The INT8 arm against another cell: ``estimate`` has ``baseline`` as its baseline."""

    baseline: CellView
    candidate: CellView
    estimate: Estimate


@dataclass(frozen=True)
class ArmFailure:
    """An INT8 arm that could not be measured, and why."""

    arm: str
    reason: str


@dataclass(frozen=True)
class Reference:
    """How a command names the model, the place and the store.

    ``model`` is a built-in name or a file as it was given; ``place`` are the options of
    ``collector run`` for the device and the version, ``data`` those of the store.
    """

    model: str
    place: tuple[str, ...] = ()
    data: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadinessFacts:
    """Everything that a checklist is made of; what is not known is None or empty.

    ``made`` are the kinds of the model's INT8 variants, measured or not. ``against`` holds
    the INT8 arm against both float baselines in latency, ``native`` what was
    quantised here against the framework's INT8 file, one of them being the INT8 arm.
    ``version`` is the runtime as the versions name it, ``best_version`` the fastest of the
    INT8 arm's. ``elsewhere`` holds other devices against this one.
    """

    model_id: str
    model: str
    model_title: str
    model_note: str | None
    synthetic: bool
    reference: Reference
    cell: CellView | None = None
    candidate: CellView | None = None
    made: Sequence[str] = ()
    failure: ArmFailure | None = None
    heavy: HeavyTime | None = None
    conversions: Conversions | None = None
    against: Sequence[Against] = ()
    accuracy: Sequence[AccuracyView] = ()
    native: Against | None = None
    version: Version | None = None
    best_version: Best | None = None
    elsewhere: Sequence[Against] = ()
