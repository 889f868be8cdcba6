"""Looks at what was given of models before any work is done: are the files and the data there?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from collector.builtin.catalogue import BuiltinModel
from collector.job import FileModel
from collector.models.convert.formats import check_file
from collector.models.request import DataRequest, is_function
from results.errors import UsageError


def check_given(models: Sequence[BuiltinModel | FileModel]) -> None:
    """Raise UsageError where a model file or its data is not there, or is none by its name."""
    for model in models:
        if isinstance(model, BuiltinModel):
            continue
        check_file(model.path)
        if model.native is not None:
            check_file(model.native)
        if model.judging is not None:
            for data in (model.judging.data, model.judging.calibration):
                _check_data(data)


def _check_data(data: DataRequest | None) -> None:
    if data is None:
        return
    source = None if is_function(data.source) else Path(data.source)
    for path in (source, data.labels):
        if path is not None and not path.exists():
            raise UsageError(
                f"no such data: {path}",
                hint="give a folder of images, an .npz or .npy file, or module:function",
            )
