"""How cells are named in lists: only by what tells them apart."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

import streamlit as st

from dashboard.cache import Lens
from results import format as fmt
from results.comparison import CellView

_PLACE: tuple[Callable[[CellView], str], ...] = (
    lambda cell: cell.device,
    lambda cell: f"OpenVINO {cell.runtime}",
)

_WORDS = re.compile(r"[ ,]*[^ ,]+")


def of_store(lens: Lens) -> Mapping[str, str]:
    """``of_cells`` of every cell of the store."""
    return _of_store(lens.digest, lens)


@st.cache_resource(max_entries=4, show_spinner=False)
def _of_store(digest: str, _lens: Lens) -> Mapping[str, str]:
    del digest
    return MappingProxyType(of_cells(_lens.cells()))


def of_cells(cells: Sequence[CellView]) -> dict[str, str]:
    """By id: arm, version and model, and of the rest what differs; equal names get their id.

    What tells cells apart comes first, because lists cut at the end: versions without the word
    OpenVINO, devices without the words that all of them begin with. What was measured here
    stands before what was not.
    """
    versions = _if_several({cell.cell_id: _short_version(cell) for cell in cells})
    driven, devices = _if_several(scenarios(cells)), _if_several(_short_devices(cells))
    names = {}
    for cell in sorted(cells, key=lambda cell: not cell.is_measured):
        place = [cell.model_title, driven[cell.cell_id], devices[cell.cell_id]]
        marked = _marked(cell, _joined(place), by_device=bool(devices[cell.cell_id]))
        names[cell.cell_id] = _joined([cell.arm, versions[cell.cell_id], marked])
    taken = Counter(names.values())
    return {i: name if taken[name] == 1 else f"{name} ({i})" for i, name in names.items()}


def _if_several(found: dict[str, str]) -> dict[str, str]:
    """The same, or empty words where all are equal."""
    return found if len(set(found.values())) > 1 else dict.fromkeys(found, "")


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(filter(None, parts))


def _short_version(cell: CellView) -> str:
    """``2026.4.1``; words such as ``unknown`` need theirs."""
    return cell.runtime if cell.runtime[:1].isdigit() else f"OpenVINO {cell.runtime}"


def _short_devices(cells: Sequence[CellView]) -> dict[str, str]:
    """By id the device, less the words that all devices begin with; empty for no more than those.

    ``AMD EPYC`` and ``AMD EPYC, capped to AVX2`` become nothing and ``capped to AVX2``.
    """
    split = [_WORDS.findall(device) for device in {cell.device for cell in cells}]
    alike = itertools.takewhile(lambda words: len(set(words)) == 1, zip(*split, strict=False))
    shared = len(list(alike))
    return {
        cell.cell_id: "".join(_WORDS.findall(cell.device)[shared:]).lstrip(" ,") for cell in cells
    }


def places(cells: Sequence[CellView]) -> dict[str, str]:
    """By id: the model, how it is driven and where it ran, of the latter what differs."""
    driven = scenarios(cells)
    told = [part for part in _PLACE if len({part(cell) for cell in cells}) > 1]
    by_device = _PLACE[0] in told
    several = len(set(driven.values())) > 1
    return {
        cell.cell_id: _marked(
            cell,
            ", ".join(
                [cell.model_title]
                + ([driven[cell.cell_id]] if several else [])
                + [part(cell) for part in told]
            ),
            by_device=by_device,
        )
        for cell in cells
    }


def _marked(cell: CellView, name: str, *, by_device: bool) -> str:
    """What was not measured here says so in front, if its device is not told and does already."""
    if cell.is_measured or (by_device and cell.device.endswith(f"({cell.origin})")):
        return name
    return f"{cell.origin}, {name}"


def scenarios(cells: Sequence[CellView]) -> dict[str, str]:
    """By id, how a cell is driven; in one word where that tells it apart from the others."""
    ways = {_driven(cell) for cell in cells}
    names = [name for name, *_ in ways]
    return {
        cell.cell_id: cell.scenario
        if names.count(cell.scenario) == 1
        else fmt.scenario(*_driven(cell))
        for cell in cells
    }


def _driven(cell: CellView) -> tuple[str, int, int | None, int | None, int | None]:
    return cell.scenario, cell.batch, cell.streams, cell.threads, cell.requests
