"""What can be asked for besides a model's file: the data it is judged on, and with what metric.

Plain values that a job can store; nothing is opened or imported here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataRequest:
    """Samples for a model: a folder of images, an .npz or .npy file, or ``module:function``.

    ``labels`` is a CSV file of file names and labels for a folder of images without
    sub-folders per class. ``central_fraction`` is the share of an image's sides, around its
    middle, that is kept before it is resized. ``most`` samples are taken, evenly spread over
    all that there are; None takes all.
    """

    source: str
    labels: Path | None = None
    central_fraction: float | None = None
    most: int | None = None


@dataclass(frozen=True)
class Judging:
    """What a model's variants are judged on, and calibrated with.

    ``calibration`` None takes the calibration samples from ``data``. ``metric`` is a metric of
    the user's own as ``module:function``, beside the usual ones.
    """

    data: DataRequest
    calibration: DataRequest | None = None
    metric: str | None = None
