"""Reads a suite file: models x arms x devices x ISA caps x scenarios, and the effort, as TOML.

What a suite holds is in ``collector.suite_format``, how a fault of the file is told in
``collector.suite_faults``. Whether a model file or a device is there is not looked at here.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from collector.builtin.catalogue import BuiltinModel
from collector.job import FileModel, Job
from collector.suite_faults import in_one_line
from collector.suite_format import Suite
from results.errors import UsageError

_HINT = "give the path of a suite file; docs/suite.md describes it"


def read_suite(path: Path, *, data: Path, command: str, seed: int) -> Job:
    """The job that a suite file describes, stored in ``data``.

    ``seed`` holds where the file names none. Raises UsageError, in one line, for a file that
    cannot be read or describes nothing that can be measured.
    """
    document = _parse(path)
    try:
        suite = Suite.model_validate(document)
    except ValidationError as error:
        raise in_one_line(error, path, document, Suite) from error
    scenarios = tuple(found for table in suite.scenarios for found in table.to_scenarios())
    return Job(
        data=data,
        models=_models(path, suite),
        devices=suite.devices,
        isa_caps=suite.caps(),
        scenarios=tuple(dict.fromkeys(scenarios)),
        effort=suite.run.to_effort(),
        seed=seed if suite.run.seed is None else suite.run.seed,
        command=command,
        arms=suite.arms,
        openvino=suite.openvino or (),
    )


def _parse(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            wrong = "not a file" if path.exists() else "no such file"
            raise UsageError(f"{wrong}: {path}", hint=_HINT)
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=_HINT) from error
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8 text: byte {error.object[error.start]:#04x} at {error.start}",
            hint="save it as UTF-8",
        ) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} is not TOML: {error}", hint="correct it; docs/suite.md has an example"
        ) from error


def _models(path: Path, suite: Suite) -> tuple[BuiltinModel | FileModel, ...]:
    models = tuple(table.to_model(path.absolute().parent) for table in suite.models)
    identities = [_identity(model) for model in models]
    for place, identity in enumerate(identities):
        if identity in identities[:place]:
            table = suite.models[place]
            raise UsageError(
                f"{path}: models[{place}] is {table.name or table.path!r}, the same as "
                f"models[{identities.index(identity)}]",
                hint="name it once",
            )
    return models


def _identity(model: BuiltinModel | FileModel) -> Hashable:
    """What tells two models apart: a file measured in two shapes is two models."""
    if isinstance(model, BuiltinModel):
        return model.name
    return os.path.realpath(model.path), model.input_shape
