"""What a picture that leaves its page says of itself: what it shows, and where that is from.

Words about cells and runs, for every page alike. What a comparison says stands in
``short_sentence``; how a picture looks is the dashboard's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC

from results import format as fmt
from results.comparison import CellView
from results.views import RunView

_MOST_NAMED = 3
"""More than so many of a kind are counted: the picture itself names them."""


def about(cells: Sequence[CellView], arms: Iterable[str] = (), against: str = "") -> str:
    """Model, arms, device, OpenVINO and scenario of these cells: ``2 models; fp32@default, ...``.

    ``arms`` are the ones that the picture is about where those are not all of the cells', each
    ``against`` one baseline where there is one.
    """
    named = _named(list(arms) or [cell.arm for cell in cells], "arm")
    told = (
        _named([cell.model_title for cell in cells], "model"),
        f"{named} against {against}" if against else named,
        _named([cell.device for cell in cells], "device"),
        _openvino([cell.runtime for cell in cells]),
        _named([driven(cell) for cell in cells], "scenario"),
    )
    return "; ".join(words for words in told if words)


def driven(cell: CellView) -> str:
    """How a cell is driven: ``latency, batch 1``."""
    return fmt.scenario(cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests)


def from_runs(runs: Sequence[RunView]) -> str:
    """Which run, or how many of them, and their days: ``run R, measured 2026-11-23``."""
    if not runs:
        return ""
    told = f"run {runs[0].run_id}" if len(runs) == 1 else fmt.counted(len(runs), "run")
    return f"{told}, measured {days(runs)}"


def days(runs: Sequence[RunView]) -> str:
    """When these runs began, in UTC: ``2026-11-23``, ``2026-11-20 to 2026-11-23``."""
    found = sorted({f"{run.started_at.astimezone(UTC):%Y-%m-%d}" for run in runs})
    return " to ".join(dict.fromkeys((found[0], found[-1]))) if found else ""


def models(cells: Iterable[CellView]) -> str:
    """The models by name, or their number, for the name of a file."""
    return named_models(cell.model_title for cell in cells)


def named_models(titles: Iterable[str]) -> str:
    """The same of models that nothing was measured of."""
    once = dict.fromkeys(titles)
    return " ".join(once) if len(once) < _MOST_NAMED else fmt.counted(len(once), "model")


def _named(names: Iterable[str], noun: str) -> str:
    once = dict.fromkeys(filter(None, names))
    if len(once) > _MOST_NAMED:
        return fmt.counted(len(once), noun)
    *first, last = once or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _openvino(versions: Iterable[str]) -> str:
    once = dict.fromkeys(versions)
    if len(once) > _MOST_NAMED:
        return f"{len(once)} versions of OpenVINO"
    return f"OpenVINO {', '.join(once)}" if once else ""
