"""A body as the JSON text that every command prints: one way to do it, whatever the body says.

Which keys a body has is decided by who makes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime


def json_text(body: Mapping[str, object]) -> str:
    """Indented, with times in ISO form; raises ValueError for a number that is none."""
    return json.dumps(body, indent=2, ensure_ascii=False, allow_nan=False, default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
