"""From the options of the command line to a job. Nothing is measured or read here."""

from __future__ import annotations

import re
import secrets
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from collector.builtin.catalogue import BUILTIN_MODELS, BuiltinModel, builtin_model
from collector.effort import Effort, level
from collector.job import KNOWN_ARMS, FileModel, Job
from collector.models.data_options import DataOptions, judging_of, judging_over
from collector.runtimes.versions import is_version_text
from collector.scenario import LATENCY, Scenario, checked, matrix
from results.errors import UsageError

NO_CAP = "NONE"
DEFAULT_EFFORT = "default"


@dataclass(frozen=True)
class Options:
    """What ``run`` was given on the command line; empty where nothing was."""

    models: tuple[str, ...] = ()
    native: Path | None = None
    input_shape: str | None = None
    devices: tuple[str, ...] = ()
    isa_caps: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    scenarios: tuple[str, ...] = ()
    batches: tuple[int, ...] = ()
    streams: tuple[int, ...] = ()
    threads: tuple[int, ...] = ()
    requests: tuple[int, ...] = ()
    effort: str | None = None
    blocks: int | None = None
    measure_s: float | None = None
    timeout_s: float | None = None
    memory_limit_mib: int | None = None
    unpinned: bool = False
    openvino: tuple[str, ...] = ()
    data: DataOptions = field(default_factory=DataOptions)

    @property
    def describes(self) -> bool:
        """Whether it says anything of what to measure."""
        return self != Options()


def job_of(options: Options, data: Path, seed: int | None) -> Job:
    """The job that the options describe; UsageError where they cannot be."""
    if not options.models:
        raise UsageError("nothing to measure", hint="give a suite file, or --model FILE|NAME")
    if options.native is not None and len(options.models) != 1:
        raise UsageError(
            f"--native goes with one --model, not {len(options.models)}", hint="give one"
        )
    names = dict.fromkeys(options.models)
    return Job(
        data=data,
        models=tuple(model_of(name, options) for name in names),
        devices=tuple(dict.fromkeys(options.devices)) or ("CPU",),
        isa_caps=_caps(options.isa_caps, options.devices),
        scenarios=tuple(checked(scenario) for scenario in _matrix(options)),
        effort=_effort(options),
        seed=chosen_seed(seed),
        command=command_line(),
        arms=_arms(options.arms),
        openvino=_versions(options.openvino),
    )


def chosen_seed(seed: int | None) -> int:
    """The seed that was asked for, or a new one."""
    return secrets.randbits(31) if seed is None else seed


def command_line() -> str:
    """What was asked for, as a person would type it."""
    return shlex.join(["python", "-m", "collector", *sys.argv[1:]])


def _matrix(options: Options) -> Sequence[Scenario]:
    return matrix(
        options.scenarios or (LATENCY,),
        options.batches,
        options.streams,
        options.threads,
        options.requests,
    )


def _effort(options: Options) -> Effort:
    effort = level(options.effort or DEFAULT_EFFORT)
    if options.blocks is not None:
        if effort.is_adaptive:
            raise UsageError(
                f"--blocks {options.blocks} fixes what --effort adaptive computes",
                hint="give one of them",
            )
        effort = effort.with_blocks(options.blocks)
    if options.measure_s is not None:
        slice_s = min(effort.slice_s, options.measure_s)
        level_name = effort.level if effort.is_adaptive else "custom"
        effort = replace(effort, level=level_name, measure_s=options.measure_s, slice_s=slice_s)
    if options.timeout_s is not None:
        effort = replace(effort, timeout_s=options.timeout_s)
    return replace(effort, memory_limit_mib=options.memory_limit_mib, pin=not options.unpinned)


def _caps(asked: Sequence[str], devices: Sequence[str]) -> tuple[str | None, ...]:
    if asked and devices and "CPU" not in devices:
        raise UsageError(
            f"--isa-cap {asked[0]} limits a CPU, not {', '.join(devices)}",
            hint="leave it out, or add --device CPU",
        )
    caps = dict.fromkeys(cap.upper() for cap in asked or [NO_CAP])
    return tuple(None if cap == NO_CAP else cap for cap in caps)


def _versions(asked: Sequence[str]) -> tuple[str, ...]:
    for text in asked:
        if not is_version_text(text):
            raise UsageError(
                f"--openvino {text!r} is no version", hint="give one such as --openvino 2024.6"
            )
    return tuple(dict.fromkeys(asked))


def _arms(asked: Sequence[str]) -> tuple[str, ...] | None:
    for arm in asked:
        if arm not in KNOWN_ARMS:
            raise UsageError(f"no arm is called {arm!r}", hint="give one such as fp32@default")
    return tuple(dict.fromkeys(asked)) or None


def model_of(text: str, options: Options) -> BuiltinModel | FileModel:
    """The built-in model or the file that is meant; UsageError where options do not go with it."""
    shape = _shape(options.input_shape)
    known = any(model.name == text for model in BUILTIN_MODELS)
    if not known and (Path(text).suffix or Path(text).exists()):
        return FileModel(Path(text), options.native, shape, judging_of(options.data))
    model = builtin_model(text)
    if options.native is not None or shape is not None:
        raise UsageError(
            f"{text} is a built-in model with a shape of its own",
            hint="--native and --input-shape go with model files",
        )
    return replace(model, judging=judging_over(options.data, model.judging, text))


def _shape(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = text.strip("[]() ").split(",")
    if not all(re.fullmatch(r" *[1-9][0-9]{0,8} *", part) for part in parts):
        raise UsageError(
            f"--input-shape {text!r} is no shape", hint="give sizes as in --input-shape 1,3,224,224"
        )
    return tuple(int(part) for part in parts)
