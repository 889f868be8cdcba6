"""Variants that were made before: what is said of them lies as JSON beside their IR.

The IR comes last, so that one that is there has its description.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from collector.models.ir_files import read_if_whole, replace_text, save_ir
from results.facts import RevertedOp, Variant

if TYPE_CHECKING:
    import openvino as ov


@dataclass(frozen=True)
class Kept:
    """A variant that was made, and what the accuracy control put back to float in it."""

    variant: Variant
    reverted: tuple[RevertedOp, ...]


def keep(
    path: Path, graph: ov.Model, variant: Variant, note: str | None, reverted: Sequence[RevertedOp]
) -> Kept:
    """Write a variant with its description; HostError where that cannot be."""
    described = Kept(replace(variant, note=note), tuple(reverted))
    replace_text(path.with_suffix(".json"), json.dumps(asdict(described), indent=1) + "\n")
    save_ir(graph, path)
    return _sized(described, path)


def find_kept(path: Path) -> Kept | None:
    """The variant at ``path``; None where it is not there, or damaged."""
    described = _described(path.with_suffix(".json"))
    if described is None or read_if_whole(path) is None:
        return None
    return _sized(described, path)


def newest_kept(folder: Path, kind: str) -> Kept | None:
    """The variant of a kind that was made last, of those that are whole."""
    described = sorted(folder.glob(f"{kind}-*.json"), key=lambda path: path.stat().st_mtime_ns)
    found = (find_kept(path.with_suffix(".xml")) for path in reversed(described))
    return next((kept for kept in found if kept is not None), None)


def _described(path: Path) -> Kept | None:
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        body = json.loads(path.read_text(encoding="utf-8"))
        reverted = tuple(RevertedOp(**op) for op in body["reverted"])
        return Kept(Variant(**body["variant"]), reverted)
    return None


def _sized(kept: Kept, path: Path) -> Kept:
    return Kept(replace(kept.variant, file_bytes=file_bytes(path)), kept.reverted)


def file_bytes(path: Path) -> int:
    """Size of an IR, weights included."""
    return path.stat().st_size + path.with_suffix(".bin").stat().st_size
