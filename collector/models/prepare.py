"""Builds and quantises models in a process of its own, so that their memory goes with it.

OpenVINO and NNCF take hundreds of MiB that the collector, which waits beside the
measurements, must not hold.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from collector.builtin.catalogue import BuiltinModel
from collector.job import FileModel
from collector.models.model_cache import FP32, NATIVE, ModelCache, PreparedModel
from collector.models.quantize import SIMPLIFIED
from collector.probe import die_with_parent, without_statistics
from collector.probe_process import first_line
from results.errors import HostError, LensError, MeasurementError

Wanted = BuiltinModel | FileModel
_Answer = TypeVar("_Answer", "ModelOutline", PreparedModel)


@dataclass(frozen=True)
class ModelOutline:
    """What can be said of a model before it is quantised: its name, batch and variants."""

    name: str
    batch: int
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class _Refusal:
    """A LensError on its way between processes."""

    kind: type[LensError]
    message: str
    hint: str


def prepare(
    models: Sequence[Wanted], folder: Path, report: Callable[[str], None]
) -> tuple[PreparedModel, ...]:
    """Every model with its variants, cached below ``folder``; each network once.

    ``report`` is told the name of each model as its turn comes. Raises LensError where a
    model cannot be read or quantised.
    """
    prepared = list(_answers(_prepare_one, models, folder, report))
    return tuple({model.model.model_id: model for model in prepared}.values())


def outline(models: Sequence[Wanted]) -> tuple[ModelOutline, ...]:
    """What would be measured of every model; nothing is quantised or written."""
    return tuple(_answers(_outline_one, models, Path(), lambda _: None))


def name_of(wanted: Wanted) -> str:
    """The model's name for people, before it is read."""
    return wanted.name if isinstance(wanted, BuiltinModel) else wanted.path.name


def _answers(
    work: Callable[[Wanted, Path], _Answer],
    models: Sequence[Wanted],
    folder: Path,
    report: Callable[[str], None],
) -> Iterator[_Answer]:
    with _worker(work, models, folder) as receiver:
        for wanted in models:
            report(name_of(wanted))
            try:
                answer: _Answer | _Refusal = receiver.recv()
            except EOFError:
                raise HostError(
                    f"the process that prepares {name_of(wanted)} ended without an answer",
                    hint="see that there is enough memory, or prepare a smaller model",
                ) from None
            if isinstance(answer, _Refusal):
                raise answer.kind(answer.message, hint=answer.hint)
            yield answer


@contextmanager
def _worker(
    work: Callable[[Wanted, Path], _Answer], models: Sequence[Wanted], folder: Path
) -> Iterator[Connection]:
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
    work: Callable[[Wanted, Path], _Answer],
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
            sender.send(work(wanted, folder))
        except LensError as error:
            sender.send(_Refusal(type(error), error.message, error.hint))
            return
        except (RuntimeError, ValueError, TypeError, LookupError, OSError, MemoryError) as error:
            reason = first_line(str(error) or type(error).__name__)
            told = f"{name_of(wanted)} cannot be prepared: {reason}"
            sender.send(_Refusal(MeasurementError, told, "leave it out, or simplify it"))
            return


def _prepare_one(wanted: Wanted, folder: Path) -> PreparedModel:
    from collector.models.sources import read_builtin, read_file

    cache = ModelCache(folder)
    if isinstance(wanted, BuiltinModel):
        return cache.prepare(read_builtin(wanted))
    native = read_file(wanted.native, wanted.input_shape) if wanted.native else None
    return cache.prepare(read_file(wanted.path, wanted.input_shape), native)


def _outline_one(wanted: Wanted, _folder: Path) -> ModelOutline:
    from collector.models import graph
    from collector.models.sources import read_file

    if isinstance(wanted, BuiltinModel):
        return ModelOutline(wanted.name, 1, (FP32, SIMPLIFIED))
    source = read_file(wanted.path, wanted.input_shape)
    batch = graph.batch_size(source.graph)
    if graph.is_quantised(source.graph):
        return ModelOutline(source.name, batch, (NATIVE,))
    kinds = (FP32, SIMPLIFIED, NATIVE) if wanted.native else (FP32, SIMPLIFIED)
    return ModelOutline(source.name, batch, kinds)
