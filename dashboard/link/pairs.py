"""Which two cells the state names: the pair to open with, and what follows another choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard.link.state import Link
from results import format as fmt
from results.candidates import clearest
from results.comparison import CellView
from results.kinds import is_int8_variant
from results.overview import BASELINE_ARMS, DEFAULT_BASELINE, ArmVerdict, OverviewRow


def default_pair(
    cells: Sequence[CellView], rows: Sequence[OverviewRow] = (), against: str = DEFAULT_BASELINE
) -> tuple[CellView, CellView | None]:
    """What to open with; without a verdict a float cell, and None for its candidate.

    The clearest verdict of these rows, of devices that are not capped where there is any. An
    arm ``against`` that is not the usual one goes first, where it has verdicts. What was
    measured here goes before what was imported.
    """
    asked = () if against == DEFAULT_BASELINE else [_only(row, against) for row in rows]
    found = _clearest(asked) or _clearest(rows)
    if found is not None:
        return found.baseline, found.candidate
    return min(cells, key=lambda cell: _opens_after(cell, against)), None


def _clearest(rows: Sequence[OverviewRow]) -> ArmVerdict | None:
    return clearest([row for row in rows if row.arms[0].cell.isa_cap is None]) or clearest(rows)


def _only(row: OverviewRow, against: str) -> OverviewRow:
    """The row with the verdicts against one arm alone."""
    kept = tuple(verdict for verdict in row.verdicts if verdict.baseline.arm == against)
    return replace(row, verdicts=kept)


def _opens_after(cell: CellView, against: str) -> tuple[bool, bool, bool]:
    return not cell.is_measured, cell.isa_cap is not None, cell.arm != against


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


def baseline_for(cells: Sequence[CellView], candidate: CellView, against: str) -> CellView:
    """What to hold a candidate against: the arm ``against`` of its model in its setting.

    Else another float arm there, else the nearest.
    """
    others = (cell for cell in cells if cell.cell_id != candidate.cell_id)
    return min(
        others,
        key=lambda cell: (
            cell.origin != candidate.origin,
            cell.model_id != candidate.model_id,
            _setting(cell) != _setting(candidate),
            cell.arm != against,
            cell.arm not in BASELINE_ARMS,
        ),
        default=candidate,
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


def with_arm(link: Link, arm: str, cells: Sequence[CellView]) -> Link:
    """Verdicts against another baseline arm; the pair's baseline becomes that of its INT8 side.

    The baseline is of the same model and setting; where there is none, the pair stays as it is.
    """
    by_id = {cell.cell_id: cell for cell in cells}
    sides = [by_id[cell_id] for cell_id in (link.candidate, link.baseline) if cell_id in by_id]
    int8 = next((cell for cell in sides if cell.arm not in BASELINE_ARMS), None)
    found = [cell for cell in cells if int8 and cell.arm == arm and _is_beside(cell, int8)]
    if int8 is None or not found:
        return replace(link, against=arm)
    return replace(link, against=arm, baseline=found[0].cell_id, candidate=int8.cell_id)


def _is_beside(cell: CellView, other: CellView) -> bool:
    same = (cell.model_id, cell.origin) == (other.model_id, other.origin)
    return same and _setting(cell) == _setting(other)


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
