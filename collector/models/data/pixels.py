"""Turns one image file into the array of a model's input: decode, turn, crop, resize, lay out.

Which files there are and what their labels are is in images.py. Mean, scale and the order of
channels belong into the model (``collector convert --mean-values``).
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from collector.models.data.dataset import InputSpec
from collector.models.data.fitting import fit, shape_text
from collector.probe_process import first_line
from results.errors import UsageError

_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
# Formats that Pillow reads by itself: others start programs (EPS) or read other files.
_FORMATS = ("AVIF", "BMP", "GIF", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")
_WIDE_GREY = ("I;16", "I;16B", "I;16L", "I;16N")
_UNKNOWN_RANGE = ("I", "F")
_TO_8_BITS = 257  # 65535 / 255


@dataclass(frozen=True)
class Frame:
    """Where an image goes: its size in pixels, its channels, and a letter per axis of the input.

    ``axes`` has ``H`` and ``W``, mostly ``C`` and ``N``, such as ``NHWC``.
    """

    spec: InputSpec
    axes: str

    def size(self, axis: str) -> int:
        """Size along an axis; 1 where the input has no such axis."""
        return self.spec.shape[self.axes.index(axis)] if axis in self.axes else 1


def frame_of(inputs: Sequence[InputSpec]) -> Frame:
    """Where images go in a model with these inputs; UsageError where that cannot be told."""
    if len(inputs) != 1:
        raise UsageError(
            f"the model has {len(inputs)} inputs; a folder of images serves one",
            hint="give an .npz file with an array for each input, see docs/data.md",
        )
    spec = inputs[0]
    frame = Frame(spec, _axes(spec))
    if frame.size("C") not in _MODES:
        raise UsageError(
            f"input {spec.name!r} takes {frame.size('C')} channels; images have 1, 3 or 4",
            hint="give the samples as .npz or .npy",
        )
    if spec.kind == "bool":
        raise UsageError(
            f"input {spec.name!r} takes truth values, not pixels",
            hint="give the samples as .npz or .npy",
        )
    return frame


def _axes(spec: InputSpec) -> str:
    given = spec.layout or "?" * len(spec.shape)
    if set("HW") <= set(given) <= set("NCHW"):
        return given
    if len(given) != 4:
        raise UsageError(
            f"input {spec.name!r} takes {shape_text(spec.shape)}, which is not the shape of an "
            "image: batch, channels, height and width",
            hint="give the samples as .npz or .npy, or the layout at conversion: "
            "collector convert --layout",
        )
    return {1: "NCHW", 3: "NHWC"}[_channel_axis(spec, given)]


def _channel_axis(spec: InputSpec, given: str) -> int:
    if "C" in given[1::2]:
        return given.index("C")
    found = [axis for axis in (1, 3) if given[axis] == "?" and spec.shape[axis] in _MODES]
    if len(found) == 1:
        return found[0]
    said = "both ends of it can be" if found else "no axis of 1, 3 or 4 can be"
    raise UsageError(
        f"input {spec.name!r} takes {shape_text(spec.shape)}: {said} the channels",
        hint="give the layout at conversion: collector convert --layout, such as nchw or nhwc",
    )


def decode(path: Path, frame: Frame, central_fraction: float | None, sample: str) -> NDArray[Any]:
    """The image as the input wants it, with values from 0 to 255 (-128 to 127 for int8).

    Raises whatever Pillow raises for a file that it cannot read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damaged metadata; damaged pixels raise
        if not path.is_file():
            path.stat()
            raise OSError("not a file")
        if not path.stat().st_size:
            raise OSError("the file is empty")
        with Image.open(path, formats=_FORMATS) as opened:
            image = ImageOps.exif_transpose(opened)
            image = _eight_bits(image).convert(_MODES[frame.size("C")])
    image = _cropped(image, central_fraction)
    image = image.resize((frame.size("W"), frame.size("H")), Image.Resampling.BILINEAR)
    return _laid_out(np.asarray(image), frame, sample)


def reason(error: Exception) -> str:
    """Why a file could not be read, in a few words without its path."""
    if isinstance(error, UnidentifiedImageError):
        return "not an image that Pillow knows"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return first_line(str(error) or type(error).__name__)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Pillow would cut 16-bit greys off at 255: they are divided by 257 instead."""
    if image.mode in _UNKNOWN_RANGE:
        raise ValueError("its pixels have no known range; give it as .npy")
    if image.mode in _WIDE_GREY:
        values = np.asarray(image).astype(np.float64) / _TO_8_BITS
        return Image.fromarray(values.round().astype(np.uint8))
    return image


def _cropped(image: Image.Image, central_fraction: float | None) -> Image.Image:
    """The middle of an image, with the rounding of TensorFlow's ``tf.image.central_crop``."""
    if central_fraction is None:
        return image
    left, top = (int((side - side * central_fraction) / 2) for side in image.size)
    return image.crop((left, top, image.width - left, image.height - top))


def _laid_out(pixels: NDArray[np.uint8], frame: Frame, sample: str) -> NDArray[Any]:
    """Pixels of the axes HW or HWC in the order of the input's axes."""
    values: NDArray[Any] = pixels.reshape(*pixels.shape[:2], -1)
    if frame.spec.kind == "int8":
        values = values.astype(np.int16) - 128
    if "C" not in frame.axes:
        values = values[..., 0]
    order = ["HWC".index(axis) for axis in frame.axes if axis != "N"]
    return fit(values.transpose(order).reshape(frame.spec.shape), frame.spec, sample)
