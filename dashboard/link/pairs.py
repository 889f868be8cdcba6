"""Which two cells the state names: the pair to open with, and what follows another choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard.link.state import Link
from results import format as fmt
from results.candidates import clearest
from results.comparison import CellView
from results.kinds import is_int8_variant
from results.overview import DEFAULT_BASELINE, OverviewRow


def default_pair(
    cells: Sequence[CellView], rows: Sequence[OverviewRow] = ()
) -> tuple[CellView, CellView | None]:
    """What to open with; without a verdict a float cell, and None for its candidate.

    The clearest verdict of these rows, of devices that are not capped where there is any. What
    was measured here goes before what was imported.
    """
    found = clearest([row for row in rows if row.arms[0].cell.isa_cap is None]) or clearest(rows)
    if found is not None:
        return found.baseline, found.candidate
    return min(cells, key=_opens_after), None


def _opens_after(cell: CellView) -> tuple[bool, bool, bool]:
    return not cell.is_measured, cell.isa_cap is not None, cell.arm != DEFAULT_BASELINE


def default_baseline(cells: Sequence[CellView], rows: Sequence[OverviewRow] = ()) -> CellView:
    """The baseline of the pair to open with."""
    return default_pair(cells, rows)[0]


def partner(cells: Sequence[CellView], baseline: CellView) -> CellView:
    """What to compare a baseline with: an INT8 arm of the same setting, else the nearest.

    A cell of the baseline's own origin goes before every other.
    """
    others = (cell for cell in cells if cell.cell_id != baseline.cell_id)
    setting = _setting(baseline)
    return min(
        others,
        key=lambda cell: (
            cell.origin != baseline.origin,
            cell.model_id != baseline.model_id,
            _setting(cell) != setting,
            not is_int8_variant(cell.variant_kind),
        ),
        default=baseline,
    )


def with_baseline(link: Link, baseline: str, cells: Sequence[CellView]) -> Link:
    """Another baseline; a candidate of another model follows to the same arm of its model."""
    by_id = {cell.cell_id: cell for cell in cells}
    new, old = by_id[baseline], by_id[link.candidate]
    if new.model_id != old.model_id or new.cell_id == old.cell_id:
        twins = [
            c
            for c in cells
            if c.model_id == new.model_id
            and _setting(c) == _setting(new)
            and c.arm == old.arm
            and c.cell_id != new.cell_id
        ]
        old = twins[0] if twins else partner(cells, new)
    return replace(about(link, baseline, old.cell_id), find=link.find)


def about(link: Link, baseline: str, candidate: str) -> Link:
    """About another pair of cells, to be opened from elsewhere; Versions then follows it anew.

    What was looked for on the page that leads there is no layer to look for.
    """
    return replace(
        link, baseline=baseline, candidate=candidate, cell="", layer="",
        model="", device="", driven="", arm="", old="", new="", find="",
    )  # fmt: skip


def scenario_of(cell: CellView) -> str:
    """How a cell is driven, in words."""
    return fmt.scenario(cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests)


def _setting(cell: CellView) -> tuple[object, ...]:
    driven = cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests
    return cell.device_id, cell.runtime_id, *driven
