"""What can be asked for besides a model's file: the data it is judged on, and with what metric.

Plain values that a job can store; nothing is opened or imported here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

_FUNCTION = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


def is_function(source: str) -> bool:
    """Whether this is ``module:function`` rather than a path."""
    return _FUNCTION.fullmatch(source) is not None and not Path(source).exists()


@dataclass(frozen=True)
class DataRequest:
    """Samples for a model: a folder of images, an .npz or .npy file, or ``module:function``.

    ``labels`` is a CSV file of file names and labels for a folder of images without
    sub-folders per class. ``central_fraction`` is the share of an image's sides, around its
    middle, that is kept before it is resized. ``most`` samples are taken, evenly spread over
    all that there are; None takes all. ``title`` is its name for people, None that of the source.
    """

    source: str
    labels: Path | None = None
    central_fraction: float | None = None
    most: int | None = None
    title: str | None = None

    def below(self, folder: Path) -> DataRequest:
        """The same with relative paths seen from ``folder``."""
        source = self.source if is_function(self.source) else str(folder / self.source)
        return replace(self, source=source, labels=self.labels and folder / self.labels)


@dataclass(frozen=True)
class Judging:
    """What a model's variants are judged on, and calibrated with.

    ``calibration`` None takes the calibration samples from ``data``. ``metric`` is a metric of
    the user's own as ``module:function``, beside the usual ones.
    """

    data: DataRequest
    calibration: DataRequest | None = None
    metric: str | None = None

    def below(self, folder: Path) -> Judging:
        """The same with relative paths seen from ``folder``."""
        calibration = self.calibration and self.calibration.below(folder)
        return replace(self, data=self.data.below(folder), calibration=calibration)
