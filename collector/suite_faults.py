"""Tells a fault of a suite file in one line: the file, the place, the value seen, what to do.

Knows pydantic's errors; what a suite holds is in ``collector.suite_format``.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from results.errors import UsageError

_OWN = "lens"
_HEADERS = {"run": "[run]", "models": "[[models]]", "scenarios": "[[scenarios]]"}
_PLAIN_KEY = re.compile(r"[A-Za-z0-9_-]{1,60}")
_SHOWN = 60
_WANTED = {
    "int_type": "give an integer",
    "float_type": "give a number",
    "finite_number": "give a finite number",
    "bool_type": "give true or false",
    "string_type": "give a text in quotes",
    "string_too_short": "give a text that is not empty",
    "string_too_long": "give at most {max_length} characters",
    "greater_than_equal": "give {ge} or more",
    "less_than_equal": "give {le} or less",
    "too_short": "give at least one, or leave it out",
    "too_long": "give at most {max_length}",
    "tuple_type": "give a list",
}
"""What to do about each of pydantic's errors, by its type."""
_WANTED_AT = {
    ("too_short", "models"): "add [[models]] with a name or a path",
    ("missing", "models"): "add [[models]] with a name or a path",
    **{("tuple_type", name): f"write {header} above each" for name, header in _HEADERS.items()},
    **{("model_type", name): f"write its keys under {head}" for name, head in _HEADERS.items()},
    ("missing", "scenarios.name"): "give name = \"latency\" or name = \"throughput\"",
    ("string_pattern_mismatch", "devices"): 'give an OpenVINO device such as "CPU" or "GPU.0"',
    **{("string_pattern_mismatch", f"models.{name}"): "give a path without control characters"
       for name in ("path", "native", "dataset", "labels", "calibration")},
}  # fmt: skip
"""The same where the place tells more, by the type and the field."""

_Place = Sequence[int | str]


def fault(message: str, hint: str, *, field: str = "") -> PydanticCustomError:
    """An error of a suite's own rules; ``field`` is one of the table that was validated."""
    told_as = {"message": message, "hint": hint, "field": field}
    return PydanticCustomError(_OWN, "{message}; {hint}", told_as)


def told(check: Callable[[str], str]) -> Callable[[str], str]:
    """``check`` with its UsageError turned into one that pydantic gives a place."""

    def checked(text: str) -> str:
        try:
            return check(text)
        except UsageError as error:
            raise fault(error.message, error.hint) from error

    return checked


def in_one_line(
    error: ValidationError, path: Path, document: dict[str, Any], suite: type[BaseModel]
) -> UsageError:
    """The first fault of a file; an unknown key before all, as it explains a missing one."""
    errors = error.errors(include_url=False)
    first = min(errors, key=lambda one: one["type"] != "extra_forbidden")
    place = _place(first["loc"], document)
    context = first.get("ctx", {})
    if first["type"] == _OWN:
        spot = ".".join(part for part in (place, context["field"]) if part)
        return UsageError(_joined(path, spot, context["message"]), hint=context["hint"])
    if first["type"] == "extra_forbidden":
        return UsageError(f"{path}: {place} is no known key", hint=_known(first["loc"], suite))
    if first["type"] == "missing":
        return UsageError(f"{path}: {place} is missing", hint=_wanted(first))
    return UsageError(f"{path}: {place} is {shown(first['input'])}", hint=_wanted(first))


def shown(value: object) -> str:
    """A value of a TOML file as it would be written there, on one line and not too long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _joined(path: Path, spot: str, message: str) -> str:
    return f"{path}: {spot}: {message}" if spot else f"{path}: {message}"


def _place(location: _Place, document: dict[str, Any]) -> str:
    """``scenarios[1].batch[0]``; a number that was written without its list has no index."""
    place, here = "", None if not location else document.get(str(location[0]))
    for depth, part in enumerate(location):
        if isinstance(part, str):
            key = part if _PLAIN_KEY.fullmatch(part) else shown(part)
            place = f"{place}.{key}" if place else key
        elif isinstance(here, list):
            place += f"[{part}]"
        if depth:
            here = _inside(here, part)
    return place


def _inside(container: object, part: int | str) -> object:
    if isinstance(container, list) and isinstance(part, int) and part < len(container):
        return container[part]
    return container.get(part) if isinstance(container, dict) else None


def _wanted(error: ErrorDetails) -> str:
    field = ".".join(part for part in error["loc"] if isinstance(part, str))
    found = _WANTED_AT.get((error["type"], field)) or _WANTED.get(error["type"])
    if found is None:
        return f"see docs/suite.md ({error['msg']})"
    return found.format(**error.get("ctx", {}))


def _known(location: _Place, suite: type[BaseModel]) -> str:
    """What to write instead of an unknown key: a key like it, its right place, or all keys."""
    *table, key = (part for part in location if isinstance(part, str))
    tables = _tables(suite)
    here = ".".join(table)
    like = difflib.get_close_matches(key, tables[here], n=1)
    if like:
        return f"did you mean {like[0]}?"
    homes = [name for name, keys in tables.items() if key in keys]
    if homes:
        where = f"under {_HEADERS[homes[0]]}" if homes[0] else "at the top, above the first table"
        return f"write it {where}"
    return f"the keys here are {', '.join(tables[here])}"


def _tables(suite: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """The keys of each table of a suite, the top level under ''."""
    found = {"": tuple(suite.model_fields)}
    for name, field in suite.model_fields.items():
        for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                found[name] = tuple(kind.model_fields)
    return found
