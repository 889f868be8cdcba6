"""What several comparisons of one open index have in common, read from it once.

Only reading that the query modules do, remembered: a bounded number of cells, so that a
large store does not fill the memory. What a comparison makes of it is ``results.compare``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from typing import TypeVar

from results import (
    accuracy_queries,
    baseline_queries,
    peak_queries,
    queries,
    side_queries,
    version_queries,
)
from results.accuracy import AccuracyView, LayerSqnr, RevertedView
from results.accuracy_views import of_variants
from results.certificate import CertificateView
from results.comparison import CellView, PrecisionShare
from results.facts import Caution, LayerAccuracy, SourceOp
from results.nodes import Side
from results.remembered import Remembered
from results.roof import Peaks
from results.side_queries import CellRun
from results.store import Index
from results.views import LaunchView

_SIDES = 16
"""Cells whose layers are remembered: the arms of a model come one after the other."""
_MODELS = 8
_RUNS = 64

KeyT = TypeVar("KeyT")
_Kin = tuple[str, ...]
"""The ids of cells that are asked for together."""
CellPair = tuple[CellView, CellView]
"""A baseline and a candidate."""


class Shelf:
    """Facts of an index, each asked for once while it is among the last that were.

    Who compares many pairs gives all ``cells`` of the index: what those of one model on one
    device have in common is then asked for in one go, which takes hardly longer than for one.
    Who is about to compare a few ``pairs`` names them: what all of them need is asked for with
    the first. ``accuracy`` gives that of all variants and ``certificates`` all of those, for
    those who have them at hand.
    """

    def __init__(
        self,
        index: Index,
        cells: Sequence[CellView] = (),
        *,
        pairs: Sequence[CellPair] = (),
        accuracy: Callable[[], Sequence[AccuracyView]] | None = None,
        certificates: Callable[[], tuple[CertificateView, ...]] | None = None,
    ) -> None:
        self.index = index
        self._cells = tuple(cells)
        self._pairs = tuple(pairs)
        self._accuracy = accuracy
        self._sides = Remembered(_SIDES, lambda asked: side_queries.sides(index, asked))
        self._float_ops = Remembered(_MODELS, self._read_float_ops)
        self.cautions = lru_cache(_RUNS)(self._cautions)
        self.peaks = lru_cache(_RUNS)(self._peaks)
        self.certificates = certificates or lru_cache(1)(self._certificates)
        self.place = lru_cache(_MODELS)(self._place)
        self._launches_of = lru_cache(_RUNS)(self._read_launches)
        self._shared_among = lru_cache(_RUNS)(self._read_shared)
        self._precisions_of = lru_cache(_RUNS)(self._read_precisions)
        self._accuracy_of = lru_cache(_MODELS)(self._read_accuracy)
        self._reverted_of = lru_cache(_MODELS)(self._read_reverted)
        self._layer_accuracy = Remembered(_MODELS, self._read_layer_accuracy)

    @cached_property
    def _kin(self) -> dict[str, _Kin]:
        """By cell the ids of those that are asked for with it; those of all pairs are as one.

        A pair needs no more than its own place: that is where the baseline's twin is.
        """
        if not self._pairs:
            return _kin_of(self._cells)
        ours = [cell for pair in self._pairs for cell in pair]
        places = set(map(_place_of, ours))
        kin = (cell for cell in self._cells if _place_of(cell) in places)
        as_one = tuple(sorted({cell.cell_id for cell in (*ours, *kin)}))
        return dict.fromkeys(as_one, as_one)

    @cached_property
    def _expected(self) -> tuple[CellRun, ...]:
        """The cells of all pairs, each with the run that it shares with the other one."""
        found = []
        for pair in self._pairs:
            run_id = self.latest_shared_run(*(cell.cell_id for cell in pair))
            found += [(cell.cell_id, run_id) for cell in pair] if run_id else []
        return tuple(found)

    def sides(self, *asked: CellRun) -> tuple[Side, ...]:
        """The layers of these cells in these runs with their bridge."""
        return self._sides.of(asked, _beside(asked, self._expected))

    def float_ops(self, model_id: str) -> tuple[SourceOp, ...]:
        """The source ops of a model's float variant; none where it is not stored."""
        ours = [cell.model_id for pair in self._pairs for cell in pair]
        return self._float_ops.of([model_id], _beside([model_id], ours))[0]

    def launches(self, cell_id: str, run_id: str) -> tuple[LaunchView, ...]:
        """All launches of a cell in a run."""
        found = self._launches_of(self._together(cell_id), run_id)
        return tuple(launch for launch in found if launch.cell_id == cell_id)

    def latest_shared_run(self, cell_a: str, cell_b: str) -> str | None:
        """The newest run in which both have good timing launches in a common block."""
        kin = self._together(cell_a)
        asked = kin if cell_b in kin else tuple(sorted((cell_a, cell_b)))
        return self._shared_among(asked).get((cell_a, cell_b))

    def mean_precisions(self, cell_id: str, run_id: str) -> tuple[PrecisionShare, ...]:
        """In what a cell ran, as ``baseline_queries.mean_precisions``; empty without a profile."""
        return self._precisions_of(self._together(cell_id), run_id).get(cell_id, ())

    def accuracy(
        self, model_ids: tuple[str, ...], variant_ids: Sequence[str]
    ) -> tuple[AccuracyView, ...]:
        """The views of these variants of these models, as ``accuracy.of_variants`` picks them."""
        return of_variants(self._accuracy_of(model_ids), variant_ids)

    def reverted(self, kinds: dict[str, str]) -> tuple[RevertedView, ...]:
        """What the accuracy control kept in float; the kinds of the variants by their ids."""
        ours = {cell.variant_id: cell.variant_kind for pair in self._pairs for cell in pair}
        asked = ours if kinds.items() <= ours.items() else kinds
        found = {view.variant_id: view for view in self._reverted_of(tuple(asked.items()))}
        return tuple(found[variant_id] for variant_id in kinds if variant_id in found)

    def sqnr(self, variant_id: str, views: Sequence[AccuracyView]) -> LayerSqnr | None:
        """How far a variant's layers are off, on the data that ``views`` show of it first."""
        ours = [candidate.variant_id for _, candidate in self._pairs]
        (rows,) = self._layer_accuracy.of([variant_id], _beside([variant_id], ours))
        return accuracy_queries.sqnr_of_layers(rows, variant_id, views)

    def _together(self, cell_id: str) -> _Kin:
        return self._kin.get(cell_id, (cell_id,))

    def _read_float_ops(self, model_ids: Sequence[str]) -> dict[str, tuple[SourceOp, ...]]:
        found = version_queries.float_ops(self.index, model_ids)
        return {model_id: found.get(model_id, ()) for model_id in model_ids}

    def _cautions(self, run_ids: tuple[str, ...]) -> tuple[Caution, ...]:
        """The cautions of these runs."""
        return queries.cautions(self.index, run_ids)

    def _peaks(self, device_id: str) -> Peaks | None:
        """What a device was measured to do at most."""
        return peak_queries.peaks_of(self.index, device_id)

    def _certificates(self) -> tuple[CertificateView, ...]:
        return queries.certificates(self.index)

    def _place(self, model_id: str, device_id: str, runtime_id: str) -> tuple[CellView, ...]:
        """The cells of a model on a device with a runtime, by their ids."""
        if self._cells:
            asked = model_id, device_id, runtime_id
            found = (cell for cell in self._cells if _place_of(cell) == asked)
            return tuple(sorted(found, key=lambda cell: cell.cell_id))
        return baseline_queries.in_place(self.index, model_id, device_id, runtime_id)

    def _read_launches(self, kin: _Kin, run_id: str) -> tuple[LaunchView, ...]:
        return queries.launches(self.index, run_id, kin)

    def _read_shared(self, kin: _Kin) -> dict[tuple[str, str], str]:
        return queries.latest_shared_runs(self.index, kin)

    def _read_precisions(self, kin: _Kin, run_id: str) -> dict[str, tuple[PrecisionShare, ...]]:
        return baseline_queries.mean_precisions(self.index, kin, run_id)

    def _read_accuracy(self, model_ids: tuple[str, ...]) -> tuple[AccuracyView, ...]:
        if self._accuracy is None:
            return accuracy_queries.accuracy(self.index, model_ids)
        return tuple(view for view in self._accuracy() if view.model_id in model_ids)

    def _read_reverted(self, kinds: tuple[tuple[str, str], ...]) -> tuple[RevertedView, ...]:
        return accuracy_queries.reverted(self.index, dict(kinds))

    def _read_layer_accuracy(
        self, variant_ids: Sequence[str]
    ) -> dict[str, tuple[LayerAccuracy, ...]]:
        return accuracy_queries.layer_accuracy(self.index, variant_ids)


def _beside(asked: Sequence[KeyT], expected: Sequence[KeyT]) -> Sequence[KeyT]:
    """What is expected to be asked for next, where any of it is asked for now."""
    return expected if any(one in expected for one in asked) else ()


def _place_of(cell: CellView) -> tuple[str, str, str]:
    return cell.model_id, cell.device_id, cell.runtime_id


def _kin_of(cells: Sequence[CellView]) -> dict[str, _Kin]:
    """By cell the ids of all that share its model and its device."""
    found: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        found.setdefault((cell.model_id, cell.device_id), []).append(cell.cell_id)
    return {cell_id: tuple(sorted(ids)) for ids in found.values() for cell_id in ids}
