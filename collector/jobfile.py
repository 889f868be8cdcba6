"""Stores a job as JSON and reads it back, so that ``run --resume`` asks for the same.

A built-in model is stored by its name; paths are stored absolute, so that a run can be
continued from another folder. Where the text lies is not decided here.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import PydanticSerializationError

from collector.builtin.catalogue import BuiltinModel, builtin_model
from collector.effort import Effort
from collector.job import FileModel, Job
from collector.models.request import Judging
from collector.scenario import Scenario
from results.errors import StoreError, UsageError

FORMAT = "int8-lens-job"
VERSION = 3
"""Raised with every change of ``Job`` that an older INT8 Lens would misread."""
_HINT = "the run cannot be continued; start it again"


class _Stored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Builtin(_Stored):
    """A built-in model, and what it is judged on where that is not the catalogue's own."""

    builtin: str
    judging: Judging | None = None


class StoredJob(_Stored):
    """The fields of ``Job`` in a form that JSON can carry."""

    data: Path
    models: tuple[_Builtin | FileModel, ...]
    devices: tuple[str, ...]
    isa_caps: tuple[str | None, ...]
    scenarios: tuple[Scenario, ...]
    effort: Effort
    seed: int
    command: str
    arms: tuple[str, ...] | None
    comparisons: int | None
    openvino: tuple[str, ...] = ()


class _JobFile(_Stored):
    format: str
    version: int
    job: StoredJob


def job_to_json(job: Job) -> str:
    """The text of a job; ``job_from_json`` gives the same job back, with absolute paths.

    Raises UsageError for a job that UTF-8 cannot carry, such as a path in another encoding.
    """
    try:
        stored = StoredJob(
            data=job.data.absolute(),
            models=tuple(_stored_model(model) for model in job.models),
            devices=job.devices,
            isa_caps=job.isa_caps,
            scenarios=job.scenarios,
            effort=job.effort,
            seed=job.seed,
            command=job.command,
            arms=job.arms,
            comparisons=job.comparisons,
            openvino=job.openvino,
        )
        return _JobFile(format=FORMAT, version=VERSION, job=stored).model_dump_json(indent=1) + "\n"
    except (PydanticSerializationError, UnicodeError, ValidationError) as error:
        raise UsageError(
            "a path or an option of this run is not UTF-8, so the run could not be continued",
            hint="rename the file or folder",
        ) from error


def job_from_json(text: str) -> Job:
    """The job in a text.

    Raises StoreError for a text that is no job, is from a newer INT8 Lens, or names a
    built-in model that is not there any more.
    """
    _check_header(text)
    try:
        stored = _JobFile.model_validate_json(text).job
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise StoreError(
            f"the stored job is broken at {place}: {first['msg']}", hint=_HINT
        ) from error
    return Job(
        data=stored.data,
        models=tuple(_model(model) for model in stored.models),
        devices=stored.devices,
        isa_caps=stored.isa_caps,
        scenarios=stored.scenarios,
        effort=stored.effort,
        seed=stored.seed,
        command=stored.command,
        arms=stored.arms,
        comparisons=stored.comparisons,
        openvino=stored.openvino,
    )


def _check_header(text: str) -> None:
    """The format and the version, before fields that only another version knows."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"the stored job is not JSON ({error})", hint=_HINT) from error
    if not isinstance(body, dict) or body.get("format") != FORMAT:
        raise StoreError("the stored job is not one of INT8 Lens", hint=_HINT)
    version = body.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise StoreError(f"the stored job has version {version!r}", hint=_HINT)
    if version > VERSION:
        raise StoreError(
            f"the stored job has version {version}, newer than {VERSION}, the newest known here",
            hint="update INT8 Lens",
        )


def _stored_model(model: BuiltinModel | FileModel) -> _Builtin | FileModel:
    if isinstance(model, BuiltinModel):
        own = model.judging == builtin_model(model.name).judging
        return _Builtin(builtin=model.name, judging=None if own else model.judging)
    return model.below(Path.cwd())


def _model(stored: _Builtin | FileModel) -> BuiltinModel | FileModel:
    if isinstance(stored, FileModel):
        return stored
    try:
        model = builtin_model(stored.builtin)
        return model if stored.judging is None else replace(model, judging=stored.judging)
    except UsageError as error:
        raise StoreError(
            f"the stored job is of another INT8 Lens: {error.message}", hint=_HINT
        ) from error
