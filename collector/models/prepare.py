"""Builds and quantises models in a process of its own, so that their memory goes with it.

OpenVINO and NNCF take hundreds of MiB that the collector, which waits beside the
measurements, must not hold.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias, TypeVar

from collector.builtin.catalogue import BuiltinModel
from collector.job import FileModel
from collector.models.convert.readers import said
from collector.models.convert.sources import Source
from collector.models.model_cache import ModelCache
from collector.models.order import FP32, NATIVE, Wanted
from collector.models.prepared import PreparedModel
from collector.models.steps import Report, silent
from collector.probe import die_with_parent, without_statistics
from results.errors import HostError, LensError, MeasurementError

_Answer = TypeVar("_Answer", "ModelOutline", PreparedModel)
_Work: TypeAlias = Callable[[Wanted, Path, Report], _Answer]
_STEPS_EVERY_S = 0.2


@dataclass(frozen=True)
class ModelOutline:
    """What can be said of a model before it is quantised: its name, batch and variants."""

    name: str
    batch: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class _Step:
    """How far the work on a model is, on its way between processes."""

    activity: str
    done: int
    total: int


@dataclass(frozen=True)
class _Refusal:
    """A LensError on its way between processes."""

    kind: type[LensError]
    message: str
    hint: str


def models_folder(data: Path) -> Path:
    """Where the models of a store are cached."""
    return data / "cache" / "models"


def prepare(
    models: Sequence[Wanted],
    folder: Path,
    started: Callable[[str], None],
    report: Report = silent,
) -> tuple[PreparedModel, ...]:
    """Every model with its variants, cached below ``folder``; each network once.

    ``started`` is told the name of each model as its turn comes, ``report`` how far the work
    on it is. Raises LensError where a model cannot be read, quantised or judged.
    """
    prepared = list(_answers(_prepare_one, models, folder, started, report))
    return tuple({model.model.model_id: model for model in prepared}.values())


def outline(models: Sequence[Wanted], folder: Path) -> tuple[ModelOutline, ...]:
    """What would be measured of every model; nothing is quantised or written."""
    return tuple(_answers(_outline_one, models, folder, lambda _: None, silent))


def _answers(
    work: _Work[_Answer],
    models: Sequence[Wanted],
    folder: Path,
    started: Callable[[str], None],
    report: Report,
) -> Iterator[_Answer]:
    with _worker(work, models, folder) as receiver:
        for wanted in models:
            started(wanted.name)
            try:
                told: _Answer | _Refusal | _Step = receiver.recv()
                while isinstance(told, _Step):
                    report(told.activity, told.done, told.total)
                    told = receiver.recv()
            except EOFError:
                raise HostError(
                    f"the process that prepares {wanted.name} ended without an answer",
                    hint="see that there is enough memory, or prepare a smaller model",
                ) from None
            if isinstance(told, _Refusal):
                raise told.kind(told.message, hint=told.hint)
            yield told


@contextmanager
def _worker(work: _Work[_Answer], models: Sequence[Wanted], folder: Path) -> Iterator[Connection]:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(
        target=_work, args=(work, tuple(models), folder, sender, os.getpid()), daemon=True
    )
    process.start()
    sender.close()
    try:
        yield receiver
    finally:
        process.kill()
        process.join()
        receiver.close()


def _work(
    work: _Work[_Answer],
    models: Sequence[Wanted],
    folder: Path,
    sender: Connection,
    parent: int,
) -> None:
    die_with_parent(parent)
    without_statistics()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the collector ends this process itself
    for wanted in models:
        try:
            sender.send(work(wanted, folder, _sending(sender)))
        except LensError as error:
            sender.send(_Refusal(type(error), error.message, error.hint))
            return
        except Exception as error:  # OpenVINO, NNCF and PyTorch raise all kinds
            told = f"{wanted.name} cannot be prepared: {said(error)}"
            sender.send(_Refusal(MeasurementError, told, "leave it out, or simplify it"))
            return


def _sending(sender: Connection) -> Report:
    """A report that goes through the pipe, a few times a second at most."""
    last = _Step("", 0, 0)
    sent_at = 0.0

    def report(activity: str, done: int, total: int) -> None:
        nonlocal last, sent_at
        now = time.monotonic()
        if activity != last.activity or done == total or now - sent_at > _STEPS_EVERY_S:
            last, sent_at = _Step(activity, done, total), now
            sender.send(last)

    return report


def _prepare_one(wanted: Wanted, folder: Path, report: Report) -> PreparedModel:
    source, native = _sources(wanted.model, folder.parent / "converted")
    return ModelCache(folder).prepare(source, native, wanted.order, report)


def _sources(model: BuiltinModel | FileModel, cache: Path | None) -> tuple[Source, Source | None]:
    from collector.models.convert.sources import read_builtin, read_file

    if isinstance(model, BuiltinModel):
        return read_builtin(model), None
    native = read_file(model.native, model.input_shape, cache) if model.native else None
    return read_file(model.path, model.input_shape, cache), native


def _outline_one(wanted: Wanted, folder: Path, _report: Report) -> ModelOutline:
    from collector.models import graph

    source, native = _sources(wanted.model, None)
    batch = graph.batch_size(source.graph)
    if graph.is_quantised(source.graph):
        return ModelOutline(source.name, batch, (NATIVE,))
    made = ModelCache(folder).kinds(source, wanted.order)
    return ModelOutline(source.name, batch, (FP32, *made, *((NATIVE,) if native else ())))
