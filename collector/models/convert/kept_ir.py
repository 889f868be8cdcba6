"""Converted models that are kept, so that none is converted twice.

Each lies as an IR under the hash of the source's bytes, of what was asked for and of OpenVINO's
version. Its description comes last, and holds the digest of the IR. How a source is converted is
not known here; OpenVINO is loaded only to write.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.models.convert.formats import source_files
from collector.models.ir_files import digest, ir_digest, replace_text, save_ir
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

_RECIPE_VERSION = 2
"""Goes up whenever the same source and wish give another model."""


def kept_path(cache: Path, path: Path, source_format: str, wish: str) -> Path:
    """Where in the folder ``cache`` the IR is kept that ``wish`` makes of the model at ``path``.

    Raises UsageError where the model's files cannot be read.
    """
    try:
        content = digest(*source_files(path, source_format))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}", hint="change its permissions"
        ) from error
    parts = (str(_RECIPE_VERSION), version("openvino"), source_format, wish, content)
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    return cache / f"{key}.xml"


def description(kept: Path) -> dict[str, Any] | None:
    """What is said of a kept IR; None where there is none or its files are damaged."""
    with suppress(OSError, ValueError, KeyError, AttributeError):
        stored = json.loads(kept.with_suffix(".json").read_text(encoding="utf-8"))
        if stored.pop("digest") == ir_digest(kept):
            return dict(stored)
    return None


def keep(
    kept: Path, graph: ov.Model, described: Mapping[str, Any], *, half_weights: bool = False
) -> None:
    """Keep a converted model; HostError where the disk refuses."""
    save_ir(graph, kept, half_weights=half_weights)
    text = json.dumps({**described, "digest": ir_digest(kept)}, indent=1)
    replace_text(kept.with_suffix(".json"), text)
