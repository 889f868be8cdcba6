"""Variants that were made before: what is said of them lies as JSON beside their IR.

The description comes last and has the digest of the IR, so that one that is there is whole.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from collector.models.ir_files import ir_digest, replace_text, save_ir
from results.facts import RevertedOp, Variant

if TYPE_CHECKING:
    import openvino as ov


@dataclass(frozen=True)
class Kept:
    """A variant that was made, and what the accuracy control put back to float in it.

    ``digest`` is that of its files. ``asked`` says that ``quantize`` was asked for it, so that
    ``run`` measures it.
    """

    variant: Variant
    reverted: tuple[RevertedOp, ...]
    digest: str
    asked: bool


def keep(path: Path, graph: ov.Model, variant: Variant, reverted: Sequence[RevertedOp]) -> Kept:
    """Write a variant, then its description; HostError where that cannot be."""
    path.with_suffix(".json").unlink(missing_ok=True)
    save_ir(graph, path)
    sized = replace(variant, file_bytes=file_bytes(path))
    kept = Kept(sized, tuple(reverted), ir_digest(path) or "", asked=False)
    _describe(kept, path)
    return kept


def ask_for(kept: Kept, path: Path) -> Kept:
    """Note that ``quantize`` asked for the variant at ``path``, the last of all."""
    again = replace(kept, asked=True)
    _describe(again, path)
    return again


def _describe(kept: Kept, path: Path) -> None:
    replace_text(path.with_suffix(".json"), json.dumps(asdict(kept), indent=1) + "\n")


def find_kept(path: Path) -> Kept | None:
    """The variant at ``path``; None where it is not there, or damaged."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        body = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        reverted = tuple(RevertedOp(**op) for op in body["reverted"])
        kept = Kept(Variant(**body["variant"]), reverted, body["digest"], bool(body["asked"]))
        if kept.digest == ir_digest(path):
            return kept
    return None


def newest_kept(folder: Path, kind: str) -> Kept | None:
    """The variant of a kind that ``quantize`` was asked for last, of those that are whole."""
    described = sorted(folder.glob(f"{kind}-*.json"), key=lambda path: path.stat().st_mtime_ns)
    found = (find_kept(path.with_suffix(".xml")) for path in reversed(described))
    return next((kept for kept in found if kept is not None and kept.asked), None)


def file_bytes(path: Path) -> int:
    """Size of an IR, weights included."""
    return path.stat().st_size + path.with_suffix(".bin").stat().st_size
