"""What one invocation of the collector was asked for, as plain data that can be stored.

A job is written beside an unfinished run, so that ``run --resume`` asks for the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from collector.builtin.catalogue import BuiltinModel
from collector.effort import Effort
from collector.models.request import Judging
from collector.scenario import Scenario

ARMS = ("fp32@f32", "fp32@default", "int8-simplified@default")
"""The arms that are measured unless told otherwise, and those that ``quantize`` made of a model.

A model quantised already has its own.
"""

ARM_KINDS = ("fp32", "int8-simplified", "int8-full", "int8-accuracy", "int8-native")
ARM_PRECISIONS = ("f32", "default", "bf16", "f16")
KNOWN_ARMS = tuple(f"{kind}@{asked}" for kind in ARM_KINDS for asked in ARM_PRECISIONS)
"""Every arm that can be asked for."""


@dataclass(frozen=True)
class FileModel:
    """A model file to measure, with the same network as its framework quantised it.

    ``judging`` says on what data the accuracy of its variants is judged; None: it is not.
    """

    path: Path
    native: Path | None = None
    input_shape: tuple[int, ...] | None = None
    judging: Judging | None = None

    def below(self, folder: Path) -> FileModel:
        """The same with relative paths seen from ``folder``."""
        return FileModel(
            folder / self.path,
            self.native and folder / self.native,
            self.input_shape,
            self.judging and self.judging.below(folder),
        )


@dataclass(frozen=True)
class Job:
    """Models x arms x devices x caps x versions x scenarios, and how much effort each cell gets.

    ``isa_caps`` holds None for a CPU without a cap. Caps are for the CPU only: other
    devices are measured once. ``arms`` None means all that the models have. With
    ``comparisons`` the one cell is measured against itself so many times, for a certificate.
    ``openvino`` holds versions; without any it is the collector's own.
    """

    data: Path
    models: tuple[BuiltinModel | FileModel, ...]
    devices: tuple[str, ...]
    isa_caps: tuple[str | None, ...]
    scenarios: tuple[Scenario, ...]
    effort: Effort
    seed: int
    command: str
    arms: tuple[str, ...] | None = None
    comparisons: int | None = None
    openvino: tuple[str, ...] = ()
