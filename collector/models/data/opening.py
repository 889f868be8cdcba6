"""Opens the data that a user names, whatever its form.

The forms themselves are elsewhere: images.py, arrays.py and function_data.py; what a sample is
stands in dataset.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from collector.models.data.arrays import open_arrays
from collector.models.data.dataset import Dataset, InputSpec
from collector.models.data.function_data import FunctionData
from collector.models.data.reading import Origin, read_through
from collector.models.request import DataRequest, is_function
from collector.models.steps import Report, silent
from results.errors import UsageError


def open_dataset(
    request: DataRequest, inputs: Sequence[InputSpec], report: Report = silent
) -> Dataset:
    """The data that was asked for, laid out for these inputs; each used sample is read once.

    ``report`` is told ``reading samples``; where only reading tells how many there are, the
    total grows with it. Samples that cannot be read are left out and named in the fact.
    Raises UsageError for data that is missing, empty, of a wrong shape or type, or not finite,
    and for inputs whose batch is not 1.
    """
    _check_batch(inputs)
    return read_through(_origin(request, inputs), request.most, report, request.title)


def _origin(request: DataRequest, inputs: Sequence[InputSpec]) -> Origin:
    path = Path(request.source)
    if path.is_dir():
        from collector.models.data.images import open_images  # with Pillow

        return open_images(path, request.labels, request.central_fraction, inputs)
    if request.labels is not None:
        raise UsageError(
            f"labels are given in {request.labels}, but {request.source} is no folder of images",
            hint="put the labels into the data, see docs/data.md",
        )
    if is_function(request.source, request.folder):
        return FunctionData(request.source, inputs, request.folder)
    if path.suffix.lower() in {".npz", ".npy"}:
        return open_arrays(path, inputs)
    known = "a folder of images, an .npz or .npy file, or module:function"
    if path.exists():
        raise UsageError(f"{request.source} is no data set", hint=f"give {known}")
    raise UsageError(f"there is no data at {request.source}", hint=f"give {known}")


def _check_batch(inputs: Sequence[InputSpec]) -> None:
    for spec in inputs:
        batch = _batch_of(spec)
        if batch != 1:
            raise UsageError(
                f"input {spec.name!r} takes {batch} samples at a time; data is judged one by one",
                hint="prepare the model with a batch of 1, with --input-shape",
            )


def _batch_of(spec: InputSpec) -> int:
    """Size of the batch axis; 1 where the input has none."""
    if spec.layout is not None and "N" in spec.layout:
        return spec.shape[spec.layout.index("N")]
    says_it_has_none = spec.layout is not None and "?" not in spec.layout
    return 1 if says_it_has_none or len(spec.shape) < 2 else spec.shape[0]
