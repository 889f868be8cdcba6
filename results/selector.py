"""Selectors: how a person names a cell, such as ``model=resnet,arm=fp32@f32``.

A selector is data and never reaches a query: cells are read first and matched here.
Any part may be left out that is not needed to tell cells apart; the id of a cell
alone is a selector too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from results.comparison import MEASURED, CellView
from results.errors import UsageError
from results.kinds import normalised
from results.views import RunCell

KEYS = ("model", "arm", "variant", "device", "runtime", "scenario", "batch", "streams", "threads",
        "requests", "origin", "cell", "run")  # fmt: skip
EXAMPLE = "model=mobilenet_v2,arm=fp32@f32"
OPEN, UNTOLD = "auto", "unknown"
"""The value of streams, threads and requests where the number was left to the device, and where
nobody told it: a cell that was not measured here does not say which of the two it was."""
_ALIASES = {"openvino": "runtime"}
_SHOWN = 8
_NEXT_PART = re.compile(r",(?=\s*\w+\s*=)")

_NAMES: dict[str, Callable[[CellView], tuple[str, ...]]] = {
    "model": lambda cell: (cell.model, cell.model_title, cell.model_id),
    "arm": lambda cell: (cell.arm,),
    "variant": lambda cell: (cell.variant_id,),
    "device": lambda cell: (cell.device, cell.device_id),
    "runtime": lambda cell: (cell.runtime, cell.runtime_id),
    "scenario": lambda cell: (cell.scenario,),
    "batch": lambda cell: (str(cell.batch),),
    "streams": lambda cell: (_number(cell, cell.streams),),
    "threads": lambda cell: (_number(cell, cell.threads),),
    "requests": lambda cell: (_number(cell, cell.requests),),
    "origin": lambda cell: (cell.origin,),
    "cell": lambda cell: (cell.cell_id,),
}
_FOLDED: dict[str, Callable[[str], str]] = {
    "model": lambda name: normalised(name) or name.casefold(),
}
"""How a key's names are compared, where not by case alone."""
_IN_PART = frozenset({"model", "device", "runtime"})
_AT_START = _IN_PART | {"variant"}
_SETTLING = tuple(key for key in KEYS if key not in {"cell", "run"})
"""The keys that tell cells apart in words."""
_LAST = ("device", "runtime")
"""Looked at last: the name that fits best is sought among the cells that fit all else, so that
the order in which a person writes the parts means nothing."""
_IN_TURN = ("cell", "origin", *(key for key in _SETTLING if key not in {"origin", *_LAST}), *_LAST)
_INHERITED = ("origin", "model", "device", "runtime", "scenario", "batch", "streams", "threads",
              "requests", "arm", "variant")  # fmt: skip


def _number(cell: CellView, value: int | None) -> str:
    if value is None:
        return OPEN if cell.is_measured else UNTOLD
    return str(value)


@dataclass(frozen=True)
class Selector:
    """The parts of a selector, each a key of ``KEYS`` and the value wanted."""

    text: str
    parts: tuple[tuple[str, str], ...]

    def value(self, key: str) -> str | None:
        """The value wanted for a key, if the selector has it."""
        return dict(self.parts).get(key)


@dataclass(frozen=True)
class Pair:
    """The two cells of a comparison, and the run to take them from where one was named.

    ``notes`` say which of two variants of one arm was taken where none was named.
    """

    baseline: CellView
    candidate: CellView
    run_id: str | None
    notes: tuple[str, ...] = ()


def parse(text: str) -> Selector:
    """The selector in a text; UsageError where it is none."""
    if text.strip() and "=" not in text:
        return Selector(text, (("cell", text.strip()),))
    parts = [_part(piece) for piece in _NEXT_PART.split(text)] if text.strip() else []
    if not parts or len({key for key, _ in parts}) < len(parts):
        fault = "is empty" if not parts else "names a part twice"
        raise UsageError(f"selector {text!r} {fault}", hint=f"write it like {EXAMPLE}")
    return Selector(text, tuple(parts))


def _part(piece: str) -> tuple[str, str]:
    key, equals, value = (text.strip() for text in piece.partition("="))
    if not equals or not value:
        raise UsageError(f"{piece.strip()!r} has no value", hint=f"write it like {EXAMPLE}")
    named = _ALIASES.get(key.lower(), key.lower())
    if named not in KEYS:
        raise UsageError(f"{key!r} is no part of a selector", hint=f"use {', '.join(KEYS)}")
    return named, value


def select(
    cells: Sequence[CellView],
    selector: Selector,
    *,
    run_cells: Iterable[RunCell] = (),
    like: CellView | None = None,
) -> CellView:
    """The one cell that a selector means.

    ``like`` settles what the selector leaves open: of several cells, those of its
    origin, model, device, runtime, scenario and its numbers are preferred; without it measured
    cells are preferred to imported and published ones. Of cells that only their variant tells
    apart the newest measured in ``run_cells`` is meant. Raises UsageError where no cell or
    more than one is left; it lists at most eight of what there is.
    """
    return _select(cells, selector, tuple(run_cells), like)[0]


def _select(
    cells: Sequence[CellView],
    selector: Selector,
    run_cells: tuple[RunCell, ...],
    like: CellView | None,
) -> tuple[CellView, tuple[str, ...]]:
    """As ``select``, with a note where a variant was chosen."""
    left = list(cells)
    run_id = selector.value("run")
    if run_id is not None:
        wanted = _find_run(run_id, run_cells)
        in_run = {row.cell_id for row in run_cells if row.run_id == wanted}
        left = [cell for cell in left if cell.cell_id in in_run]
    left = _fitting(left, selector, like)
    if like is not None:
        left = _prefer(left, like, [key for key in _INHERITED if selector.value(key) is None])
    if not left:
        raise UsageError("there are no cells to select from", hint="measure something first")
    if len(left) > 1 and {key for key in _SETTLING if _differ(left, key)} == {"variant"}:
        return _newest(left, run_cells)
    if len(left) > 1:
        raise UsageError(
            f"selector {selector.text!r} fits {len(left)} cells",
            hint=f"add {_telling(left)}; there is {_listed(_described(left))}",
        )
    return left[0], ()


def matching(cells: Sequence[CellView], selector: Selector) -> tuple[CellView, ...]:
    """All cells that fit a selector without ``run``; UsageError where a part fits none."""
    return tuple(_narrowed(cells, selector))


def _fitting(cells: list[CellView], selector: Selector, like: CellView | None) -> list[CellView]:
    """The cells that fit the selector, of one origin where it names none.

    That is the other cell's, else measured: an import may not change what a selector means,
    so all cells are looked at together only where none of those fits.
    """
    origins = [like.origin] if like is not None else []
    for origin in (*origins, MEASURED) if selector.value("origin") is None else ():
        with suppress(UsageError):
            if found := _narrowed([cell for cell in cells if cell.origin == origin], selector):
                return found
    return _narrowed(cells, selector)


def _narrowed(cells: Sequence[CellView], selector: Selector) -> list[CellView]:
    """The cells that fit every part but ``run``; UsageError where a part fits none."""
    left = list(cells)
    wanted = dict(selector.parts)
    for key in (key for key in _IN_TURN if key in wanted):
        left = _narrow(left, key, wanted[key], selector)
    return left


def _newest(
    left: Sequence[CellView], run_cells: tuple[RunCell, ...]
) -> tuple[CellView, tuple[str, ...]]:
    """The cell of the latest run; ids of runs begin with the time."""
    latest = {row.cell_id: row.run_id for row in sorted(run_cells, key=lambda row: row.run_id)}
    ranked = sorted(left, key=lambda cell: (latest.get(cell.cell_id, ""), cell.cell_id))
    taken, others = ranked[-1], ", ".join(cell.variant_id for cell in reversed(ranked[:-1]))
    note = (
        f"{len(left)} variants are {taken.arm} of {taken.model}: variant={taken.variant_id}, the"
        f" newest measured, is taken; the others are {others}"
    )
    return taken, (note,)


def select_pair(
    cells: Sequence[CellView], baseline: str, candidate: str, *, run_cells: Iterable[RunCell] = ()
) -> Pair:
    """The two cells of a comparison; what ``candidate`` leaves open is as in ``baseline``.

    Raises UsageError as ``select`` does, and where the two name different runs.
    """
    rows = tuple(run_cells)
    first, second = parse(baseline), parse(candidate)
    runs = {
        _find_run(run, rows) for run in (first.value("run"), second.value("run")) if run is not None
    }
    if len(runs) > 1:
        raise UsageError(
            f"the selectors name two runs, {' and '.join(sorted(runs))}",
            hint="name one run, or leave it out",
        )
    cell, notes = _select(cells, first, rows, None)
    other, more = _select(cells, second, rows, cell)
    return Pair(cell, other, next(iter(runs), None), tuple(dict.fromkeys((*notes, *more))))


def _narrow(left: list[CellView], key: str, value: str, selector: Selector) -> list[CellView]:
    """Cells whose name is the value; else, for some keys, begins with or contains it."""
    names, folded = _NAMES[key], _FOLDED.get(key, str.casefold)
    exact = [cell for cell in left if value.casefold() in map(str.casefold, names(cell))]
    if exact:
        return exact
    wanted = folded(value)
    tests: list[Callable[[str], bool]] = [lambda name: name == wanted]
    if key in _AT_START:
        tests.append(lambda name: name.startswith(wanted))
    if key in _IN_PART:
        tests.append(lambda name: wanted in name)
    for test in tests:
        found = [cell for cell in left if any(test(folded(name)) for name in names(cell))]
        if found:
            return found
    known = dict.fromkeys(names(cell)[0] for cell in left)
    raise UsageError(
        f"no cell has {key}={value} (selector {selector.text!r})",
        hint=f"there is {_listed(known)}" if known else "there are no cells to select from",
    )


def _prefer(left: list[CellView], like: CellView, keys: Sequence[str]) -> list[CellView]:
    for key in keys:
        same = [cell for cell in left if _NAMES[key](cell) == _NAMES[key](like)]
        if key == "model" and not same:  # an imported model is known by its name alone
            name = normalised(like.model)
            same = [cell for cell in left if normalised(cell.model) == name]
        left = same or left
    return left


def _find_run(run_id: str, run_cells: Sequence[RunCell]) -> str:
    known = list(dict.fromkeys(row.run_id for row in run_cells))
    found = [run for run in known if run.casefold().startswith(run_id.casefold())]
    exact = [run for run in found if len(run) == len(run_id)]
    if len(exact or found) != 1:
        fault = "fits several runs" if found else "is not in the store"
        raise UsageError(f"run {run_id} {fault}", hint=f"there is {_listed(found or known)}")
    return (exact or found)[0]


def _differ(left: Sequence[CellView], key: str) -> bool:
    return len({_NAMES[key](cell) for cell in left}) > 1


def _telling(left: Sequence[CellView]) -> str:
    """The keys that would tell the cells apart, or the id where none does."""
    keys = [key for key in _SETTLING if _differ(left, key)]
    return f"{' or '.join(keys)}" if keys else "cell=ID"


def _described(left: Sequence[CellView]) -> list[str]:
    """Each cell in the words that differ between them, with its id."""
    keys = [key for key in _SETTLING if _differ(left, key)]
    return [
        " ".join([f"cell={c.cell_id}", *(f"{key}={_NAMES[key](c)[0]}" for key in keys)])
        for c in left
    ]


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    more = len(known) - _SHOWN
    return "; ".join(known[:_SHOWN]) + (f"; and {more} more" if more > 0 else "") or "nothing"
