"""What can be asked for besides a model's file: the data it is judged on, and with what metric.

Plain values that a job can store; nothing is opened or imported here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

FUNCTION = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*)")
"""``module:function``, both as groups."""


def is_function(source: str, folder: Path | None = None) -> bool:
    """Whether this is ``module:function`` rather than a path, seen from ``folder``."""
    return FUNCTION.fullmatch(source) is not None and not ((folder or Path()) / source).exists()


@dataclass(frozen=True)
class DataRequest:
    """Samples for a model: a folder of images, an .npz or .npy file, or ``module:function``.

    ``labels`` is a CSV file of file names and labels for a folder of images without
    sub-folders per class. ``central_fraction`` is the share of an image's sides, around its
    middle, that is kept before it is resized. ``most`` samples are taken, evenly spread over
    all that there are; None takes all. ``title`` is its name for people, None that of the source.
    ``folder`` is where the module of a function is looked for first, None the current folder.
    """

    source: str
    labels: Path | None = None
    central_fraction: float | None = None
    most: int | None = None
    title: str | None = None
    folder: Path | None = None

    def below(self, folder: Path) -> DataRequest:
        """The same with relative paths, and the module of a function, seen from ``folder``."""
        seen = replace(self, labels=self.labels and folder / self.labels)
        start = folder / (self.folder or "")
        if is_function(self.source, start):
            return replace(seen, folder=start)
        return replace(seen, source=str(folder / self.source))


@dataclass(frozen=True)
class Judging:
    """What a model's variants are judged on, and calibrated with.

    ``calibration`` None takes the calibration samples from ``data``. ``metric`` is a metric of
    the user's own as ``module:function``, beside the usual ones; ``folder`` is where its module
    is looked for first, None the current folder.
    """

    data: DataRequest
    calibration: DataRequest | None = None
    metric: str | None = None
    folder: Path | None = None

    def below(self, folder: Path) -> Judging:
        """The same with relative paths, and the modules of functions, seen from ``folder``."""
        return Judging(
            self.data.below(folder),
            self.calibration and self.calibration.below(folder),
            self.metric,
            self.folder if self.metric is None else folder / (self.folder or ""),
        )
