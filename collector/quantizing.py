"""One ``quantize``: make a variant of a model, judge it, store the facts as a run of their own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from collector.builtin.catalogue import BuiltinModel
from collector.job import FileModel
from collector.machine import this_machine
from collector.models.given import check_given
from collector.models.ir_files import copy_ir
from collector.models.order import wanted
from collector.models.prepare import models_folder, prepare
from collector.models.prepared import PreparedModel, PreparedVariant
from collector.models.quantize.recipe import Recipe
from collector.progress import working
from results.errors import UsageError
from results.facts import Run
from results.version import __version__
from results.writer import RunWriter, check_writable, new_run_id

QUANTIZED = "quantized"


@dataclass(frozen=True)
class Quantized:
    """The committed run, the model with its variants, and where the new one lies.

    ``path`` is the IR for people: the copy where one was asked for, else that of the cache.
    """

    run_id: str
    run_path: Path
    model: PreparedModel
    path: Path

    @property
    def made(self) -> PreparedVariant:
        """The variant that was asked for."""
        return self.model.variants[-1]


def quantize(
    model: BuiltinModel | FileModel, recipe: Recipe, data: Path, command: str, copy_to: Path | None
) -> Quantized:
    """Make the variant that ``recipe`` gives of ``model``, or take it from the cache.

    ``copy_to`` is a folder that gets the IR too. Raises LensError; then nothing is stored.
    """
    check_writable(data)
    check_given((model,))
    order = wanted(model, recipe=recipe)
    _check_copy(copy_to)
    started = datetime.now(UTC)
    with working() as progress:
        (prepared,) = prepare([order], models_folder(data), progress.started, progress.told)
    path = _copied(prepared, copy_to)
    run_id = new_run_id(started, secrets.token_hex(3))
    machine = this_machine()
    run = Run(
        run_id=run_id,
        kind=QUANTIZED,
        machine_id=machine.machine_id,
        started_at=started,
        ended_at=datetime.now(UTC),
        tool_version=__version__,
        command=command,
        seed=recipe.seed,
        blocks_planned=0,
        profile_launches=0,
        effort=None,
        continued=0,
    )
    with RunWriter(data, run_id) as writer:
        writer.add(machine, *prepared.facts, run)
        run_path = writer.commit(tool_version=__version__, kind=QUANTIZED)
    return Quantized(run_id, run_path, prepared, path)


def _check_copy(folder: Path | None) -> None:
    if folder is not None and folder.exists() and not folder.is_dir():
        raise UsageError(f"--output-dir {folder} is not a folder", hint="give a folder")


def _copied(model: PreparedModel, folder: Path | None) -> Path:
    """Where people find the IR: its copy below ``folder``, whole or not at all."""
    made = model.variants[-1]
    if folder is None:
        return made.ir_path
    target = folder / f"{model.model.name}-{made.variant.kind}.xml"
    copy_ir(made.ir_path, target)
    return target
