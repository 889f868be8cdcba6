"""What a suite file holds: its tables, their fields and bounds, as pydantic models.

``docs/suite.md`` documents each field in the words of its description. Reading a file lives
in ``collector.suite``, telling its faults in ``collector.suite_faults``.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    model_validator,
)

from collector.builtin.catalogue import BuiltinModel, builtin_model
from collector.devices import ISA_CAPS
from collector.effort import Effort, level
from collector.job import KNOWN_ARMS, FileModel
from collector.models.data_options import DataOptions, judging_of
from collector.models.request import Judging, is_function
from collector.runtimes.versions import is_version_text
from collector.scenario import MOST, Scenario, first_fault, matrix
from collector.suite_faults import fault, told

MOST_SCENARIOS = 1000
"""Largest matrix of one scenarios table; more would be a slip of the pen, and run for weeks."""
NO_CAP = "none"
_WITH_DATASET = ("labels", "calibration", "central_fraction", "max_samples", "metric")
_OF_THE_LEVEL = frozenset({"measure_s", "slice_s", "profile_launches", "startup_launches"})

_Item = TypeVar("_Item", bound=Hashable)


def _each_once(items: tuple[_Item, ...]) -> tuple[_Item, ...]:
    for place, item in enumerate(items):
        if item in items[:place]:
            raise fault(f"{item!r} is there twice", "name it once")
    return items


def _cap(text: str) -> str:
    cap = NO_CAP if text.lower() == NO_CAP else text.upper()
    if cap not in (NO_CAP, *ISA_CAPS):
        raise fault(
            f"no ISA cap is called {text!r}", f"choose one of {NO_CAP}, {', '.join(ISA_CAPS)}"
        )
    return cap


def _arm(text: str) -> str:
    if text not in KNOWN_ARMS:
        raise fault(f"no arm is called {text!r}", f"choose one of {', '.join(KNOWN_ARMS)}")
    return text


def _version(text: str) -> str:
    if not is_version_text(text):
        raise fault(f"{text!r} is no OpenVINO version", 'give one such as "2024.6"')
    return text


def _as_list(given: object) -> object:
    return given if isinstance(given, list) else [given]


# tomllib gives a list where the format has a tuple: only the single values are strict.
_Text = Annotated[str, Strict(), StringConstraints(min_length=1, max_length=4096)]
_Path = Annotated[_Text, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]
_DeviceName = Annotated[
    str, Strict(), StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.:,()+-]{0,99}$")
]
_Several = Annotated[tuple[_Item, ...], Field(min_length=1), AfterValidator(_each_once)]
_Integer = Annotated[int, Strict()]
_Seconds = Annotated[float, Strict(), Field(allow_inf_nan=False)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunTable(_Table):
    """``[run]``: how much is measured; what is left out is the effort's own."""

    effort: Annotated[_Text, AfterValidator(told(lambda name: level(name).level))] = Field(
        default="default",
        description="level of effort; it sets the numbers below that are left out",
    )
    blocks: _Integer | None = Field(
        default=None,
        ge=1,
        le=200,
        description="timing blocks; not with `adaptive`, which computes their number",
    )
    seed: _Integer | None = Field(
        default=None, ge=0, le=2**63 - 1,
        description="seed of the order in the blocks and in the turns",
    )  # fmt: skip
    measure_s: _Seconds | None = Field(
        default=None, ge=0.05, le=600, description="time that a timing launch measures for"
    )
    slice_s: _Seconds | None = Field(
        default=None,
        ge=0.01,
        le=60,
        description="length of one turn of a timing launch, at most `measure_s`",
    )
    profile_launches: _Integer | None = Field(
        default=None, ge=0, le=50, description="profile launches per cell; they give the layers"
    )
    startup_launches: _Integer | None = Field(
        default=None,
        ge=0,
        le=50,
        description="launches per cell that compile from OpenVINO's model cache",
    )
    timeout_s: _Seconds | None = Field(
        default=None,
        ge=1,
        le=86_400,
        description="time to wait for each answer of a launch, after which it is ended and has "
        "failed; longer than `measure_s`",
    )
    memory_limit_mib: _Integer | None = Field(
        default=None,
        ge=64,
        le=2**24,
        description="memory above which a launch is ended and has failed; without it 80 % of "
        "what is free",
    )
    pin: Annotated[bool, Strict()] | None = Field(
        default=None,
        description="whether launches are pinned to one thread per physical core of one NUMA node",
    )

    def to_effort(self) -> Effort:
        """The level with the numbers of the table; own numbers of the level make it custom."""
        own = self.model_dump(exclude_none=True, exclude={"effort", "blocks", "seed"})
        effort = replace(level(self.effort), **own)
        if self.blocks is not None:
            return effort.with_blocks(self.blocks)
        if own.keys() & _OF_THE_LEVEL and not effort.is_adaptive:
            return replace(effort, level="custom")
        return effort

    @model_validator(mode="after")
    def _check(self) -> RunTable:
        if self.blocks is not None and level(self.effort).is_adaptive:
            raise fault(
                f"blocks is {self.blocks}, but an adaptive run computes its number",
                "leave blocks out, or choose another effort",
            )
        effort = self.to_effort()
        if effort.slice_s > effort.measure_s:
            raise fault(
                f"slice_s is {effort.slice_s:g}, longer than measure_s, {effort.measure_s:g}",
                "give a slice_s of at most measure_s",
            )
        if effort.timeout_s <= effort.measure_s:
            raise fault(
                f"timeout_s is {effort.timeout_s:g}, but a launch measures for measure_s, "
                f"{effort.measure_s:g}",
                "give a longer timeout_s",
            )
        return self


class ModelTable(_Table):
    """One of ``[[models]]``: a built-in model by its name, or a file by its path."""

    name: Annotated[_Text, AfterValidator(told(lambda name: builtin_model(name).name))] | None = (
        Field(default=None, description="built-in model")
    )
    path: _Path | None = Field(
        default=None,
        description="model in any format that `convert` reads, seen from the suite file's folder",
    )
    native: _Path | None = Field(
        default=None, description="the same model as its framework quantised it; goes with `path`"
    )
    input_shape: (
        Annotated[
            tuple[Annotated[_Integer, Field(ge=1, le=10**9)], ...],
            Field(min_length=1, max_length=32),
        ]
        | None
    ) = Field(default=None, description="shape of the model's single input; goes with `path`")
    dataset: _Path | None = Field(
        default=None,
        description="data that the accuracy of its variants is judged on: image folder, `.npz`, "
        "`.npy` or `module:function`; goes with `path`",
    )
    labels: _Path | None = Field(
        default=None, description="CSV of image files and labels; goes with `dataset`"
    )
    calibration: _Path | None = Field(
        default=None, description="other data to calibrate with; goes with `dataset`"
    )
    central_fraction: _Seconds | None = Field(
        default=None,
        ge=0.01,
        le=1,
        description="share of an image's sides that is kept; goes with `dataset`",
    )
    max_samples: _Integer | None = Field(
        default=None,
        ge=1,
        le=10**9,
        description="judge on at most so many samples; goes with `dataset`",
    )
    metric: _Text | None = Field(
        default=None,
        description="a metric of your own as `module:function`; goes with `dataset`",
    )

    @model_validator(mode="after")
    def _check(self) -> ModelTable:
        if (self.name is None) == (self.path is None):
            given = "neither name nor path" if self.name is None else "both name and path"
            raise fault(
                f"it has {given}", "give name for a built-in model, or path for a model file"
            )
        if self.name is not None and (self.native or self.input_shape):
            raise fault(
                f"{self.name!r} is a built-in model with a shape of its own",
                "native and input_shape go with path",
            )
        if self.name is not None and self.dataset:
            raise fault(
                f"{self.name!r} is a built-in model with random weights or data of its own",
                "dataset goes with path",
            )
        self._check_data()
        return self

    def _check_data(self) -> None:
        for field in _WITH_DATASET:
            if self.dataset is None and getattr(self, field) is not None:
                raise fault("it speaks of a dataset, and none is given", "give dataset too",
                            field=field)  # fmt: skip
        if self.metric is not None and not is_function(self.metric):
            raise fault(f"{self.metric!r} is no module:function", 'give such as "my_metrics:f1"',
                        field="metric")  # fmt: skip

    def _judging(self) -> Judging | None:
        labels = None if self.labels is None else Path(self.labels)
        return judging_of(
            DataOptions(self.dataset, labels, self.calibration, self.central_fraction,
                        self.max_samples, self.metric)
        )  # fmt: skip

    def to_model(self, folder: Path) -> BuiltinModel | FileModel:
        """The model as the collector takes it; relative paths start at ``folder``."""
        if self.path is None:
            return builtin_model(self.name or "")
        native = None if self.native is None else Path(self.native)
        model = FileModel(Path(self.path), native, self.input_shape, self._judging())
        return model.below(folder)


_Numbers = Annotated[_Several[_Integer], Field(max_length=64), BeforeValidator(_as_list)]


class ScenarioTable(_Table):
    """One of ``[[scenarios]]``: a way of driving the models, or a matrix of them."""

    name: _Text = Field(description="the scenario")
    batch: _Numbers | None = Field(
        default=None,
        description="batch size; left out it is that of the model file, 1 for a dynamic one",
    )
    streams: _Numbers | None = Field(
        default=None, description="streams; left out it is 1 for `latency`, else the device decides"
    )
    threads: _Numbers | None = Field(
        default=None, description="threads; left out the runtime decides"
    )  # fmt: skip
    requests: _Numbers | None = Field(
        default=None,
        description="requests in flight; left out it is 1 for `latency`, else the device's optimum",
    )

    def to_scenarios(self) -> tuple[Scenario, ...]:
        """Every combination of the table's numbers."""
        return matrix(
            (self.name,), self.batch or (), self.streams or (), self.threads or (),
            self.requests or (),
        )  # fmt: skip

    @model_validator(mode="after")
    def _check(self) -> ScenarioTable:
        combinations = math.prod(len(getattr(self, field) or (None,)) for field in MOST)
        if combinations > MOST_SCENARIOS:
            raise fault(
                f"its lists make {combinations} combinations",
                f"shorten them to at most {MOST_SCENARIOS}",
            )
        for scenario in self.to_scenarios():
            found = first_fault(scenario)
            if found is not None:
                raise fault(found.message, found.hint, field=found.field)
        return self


class Suite(_Table):
    """A suite file."""

    devices: _Several[_DeviceName] = Field(
        default=("CPU",),
        description="OpenVINO devices, such as `CPU`, `GPU.0`, `NPU` or `AUTO:GPU,CPU`",
    )
    isa_caps: _Several[Annotated[_Text, AfterValidator(_cap)]] = Field(
        default=(NO_CAP,),
        description="ISA caps of the CPU, `none` for the CPU as it is; other devices are measured "
        "once, without a cap",
    )
    arms: _Several[Annotated[_Text, AfterValidator(_arm)]] | None = Field(
        default=None,
        description="arms to measure; an arm that a model does not have is left out for it",
    )
    openvino: _Several[Annotated[_Text, AfterValidator(_version)]] | None = Field(
        default=None,
        description="OpenVINO versions, such as `2024.6`, measured in the same blocks; each is "
        "the collector's own or was added with `runtimes add`",
    )
    run: RunTable = Field(default=RunTable(), description="how much is measured")
    models: Annotated[tuple[ModelTable, ...], Field(min_length=1)] = Field(
        description="the models, each a table of its own"
    )
    scenarios: Annotated[tuple[ScenarioTable, ...], Field(min_length=1)] = Field(
        default=(ScenarioTable(name="latency"),),
        description="how the cells are driven, each a table of its own",
    )

    @model_validator(mode="after")
    def _check(self) -> Suite:
        if "CPU" not in self.devices and self.isa_caps != (NO_CAP,):
            raise fault(
                f"isa_caps is {', '.join(self.isa_caps)}, but CPU is not among the devices",
                "add CPU to devices, or take isa_caps away",
            )
        return self

    def caps(self) -> tuple[str | None, ...]:
        """The ISA caps, None for the CPU as it is."""
        return tuple(None if cap == NO_CAP else cap for cap in self.isa_caps)
