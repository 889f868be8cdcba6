"""A folder of images: which files there are, and the label of each.

Sub-folders are classes, or a CSV file has the labels (labels_csv.py), or there are none.
A single image is decoded in pixels.py.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.models.data.dataset import InputSpec, Sample
from collector.models.data.labels_csv import read_labels
from collector.models.data.pixels import Frame, decode, frame_of, reason
from collector.models.data.reading import Unreadable
from results.errors import HostError, UsageError

LABELS_FILE = "labels.csv"
ENDINGS = frozenset(
    {".avif", ".bmp", ".gif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png",
     ".pnm", ".ppm", ".tif", ".tiff", ".webp"}
)  # fmt: skip
_NUMBER = re.compile(r"-?[0-9]+")


@dataclass(frozen=True)
class Picture:
    """An image file by its path below the folder, with its label where it has one."""

    name: str
    label: int | None


class ImageFolder:
    """Images below a folder, decoded as they are asked for."""

    kind = "images"

    def __init__(
        self,
        folder: Path,
        pictures: Sequence[Picture],
        left_out: Sequence[Unreadable],
        frame: Frame,
        central_fraction: float | None,
    ) -> None:
        self.name = folder.resolve().name
        self.left_out = left_out
        self._folder = folder
        self._pictures = pictures
        self._frame = frame
        self._central_fraction = central_fraction

    def count(self) -> int | None:
        """How many images there are."""
        return len(self._pictures)

    def read(self, places: Sequence[int] | None) -> Iterator[tuple[int, Sample | Unreadable]]:
        """The images at these places; all of them for None."""
        for place in range(len(self._pictures)) if places is None else places:
            yield place, self._one(self._pictures[place])

    def _one(self, picture: Picture) -> Sample | Unreadable:
        path = self._folder / picture.name
        try:
            array = decode(path, self._frame, self._central_fraction, picture.name)
        except MemoryError:
            raise HostError(
                f"there is not enough memory to decode {picture.name}", hint="leave it out"
            ) from None
        except Exception as error:  # Pillow's readers raise errors of any kind on damaged files
            return Unreadable(picture.name, reason(error))
        return Sample(picture.name, {self._frame.spec.name: array}, picture.label)


def open_images(
    folder: Path,
    labels: Path | None,
    central_fraction: float | None,
    inputs: Sequence[InputSpec],
) -> ImageFolder:
    """The images below a folder for a model's only input; nothing is decoded yet.

    Labels are taken from the CSV file ``labels``, else from ``labels.csv`` in the folder, else
    from its sub-folders, else there are none. Raises UsageError for a folder without images
    and for labels that do not go with it.
    """
    frame = frame_of(inputs)
    if central_fraction is not None and not 0 < central_fraction <= 1:
        raise UsageError(
            f"the central fraction is {central_fraction:g}", hint="give a share from 0.01 to 1"
        )
    if labels is None and (folder / LABELS_FILE).is_file():
        labels = folder / LABELS_FILE
    if labels is not None:
        pictures, left_out = _listed(folder, labels)
    else:
        pictures, left_out = _classed(folder), []
    if not pictures:
        raise UsageError(
            f"there are no images in {folder}", hint=f"give a folder with {_known_endings()}"
        )
    return ImageFolder(folder, pictures, left_out, frame, central_fraction)


def _known_endings() -> str:
    return f"files that end in {', '.join(sorted(ENDINGS))}"


def _listed(folder: Path, labels: Path) -> tuple[list[Picture], list[Unreadable]]:
    """Images with the labels of a CSV file, and those that it does not name."""
    seen = {_mark(folder)}
    found = set(_directly_in(folder))
    for path in _folders_in(folder):
        found.update(_images_below(path, folder, seen))
    label_of = read_labels(labels, found, folder)
    left_out = [Unreadable(name, f"no label in {labels.name}") for name in found - label_of.keys()]
    pictures = [Picture(name, label) for name, label in sorted(label_of.items())]
    return pictures, sorted(left_out, key=lambda one: one.name)


def _classed(folder: Path) -> list[Picture]:
    """Images with their sub-folder's label; without labels where there are no sub-folders."""
    directly, classes = _directly_in(folder), _folders_in(folder)
    label_of = _class_labels([path.name for path in classes])
    pictures = [
        Picture(name, label_of[path.name])
        for path in classes
        for name in sorted(_images_below(path, folder, {_mark(folder)}))
    ]
    if pictures and directly:
        raise UsageError(
            f"{folder} has {len(directly)} images beside its class folders, the first is "
            f"{directly[0]}",
            hint=f"move them into their class folders, or give all labels in {LABELS_FILE}",
        )
    return pictures or [Picture(name, None) for name in directly]


def _class_labels(names: Sequence[str]) -> dict[str, int]:
    """The label of each class folder: its number where all are numbers, else its place."""
    if all(_NUMBER.fullmatch(name) for name in names):
        negative = [name for name in names if int(name) < 0]
        if negative:
            raise UsageError(
                f"the class folder {negative[0]} stands for a negative label",
                hint="name class folders by labels from 0 on, or by words",
            )
        return {name: int(name) for name in names}
    return {name: place for place, name in enumerate(sorted(names, key=_by_number))}


def _by_number(name: str) -> tuple[bool, int, str]:
    return (False, int(name), name) if _NUMBER.fullmatch(name) else (True, 0, name)


def _directly_in(folder: Path) -> list[str]:
    return [path.name for path in _entries(folder) if _looks_like_image(path)]


def _folders_in(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_dir()]


def _images_below(folder: Path, top: Path, seen: set[tuple[int, int]]) -> Iterator[str]:
    """Paths of images in a folder and its sub-folders, as seen from ``top``.

    Links to folders are followed, but each real folder is read once (``seen``, which is added
    to), so that a link back to where it comes from ends.
    """
    mark = _mark(folder)
    if mark in seen:
        return
    seen.add(mark)
    prefix = folder.relative_to(top)
    yield from ((prefix / name).as_posix() for name in _directly_in(folder))
    for path in _folders_in(folder):
        yield from _images_below(path, top, seen)


def _mark(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, sorted by name, without what is hidden."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise UsageError(
            f"cannot look into {folder}: {error.strerror or os.strerror(error.errno or 0)}",
            hint="make the folder readable, or leave it out",
        ) from error


def _looks_like_image(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and not path.is_dir()
