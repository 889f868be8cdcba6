"""What several comparisons of one open index have in common, read from it once.

Only reading that the query modules do, remembered: a bounded number of cells, so that a
large store does not fill the memory. What a comparison makes of it is ``results.compare``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from results import accuracy_queries, baseline_queries, peak_queries, queries
from results.accuracy import AccuracyView, LayerSqnr, RevertedView
from results.accuracy_views import of_variants
from results.certificate import CertificateView
from results.comparison import CellView, PrecisionShare
from results.facts import Caution, LayerAccuracy, SourceOp
from results.nodes import Side
from results.roof import Peaks
from results.store import Index
from results.views import LaunchView

_SIDES = 16
"""Cells whose layers are remembered: the arms of a model come one after the other."""
_MODELS = 8
_RUNS = 64

_Kin = tuple[str, ...]
"""The ids of cells that are asked for together."""


class Shelf:
    """Facts of an index, each asked for once while it is among the last that were.

    Who compares many pairs gives all ``cells`` of the index: what those of one model on one
    device have in common is then asked for in one go, which takes hardly longer than for one.
    """

    def __init__(self, index: Index, cells: Sequence[CellView] = ()) -> None:
        self.index = index
        self._cells = tuple(cells)
        self._kin = _kin_of(cells)
        self.side = lru_cache(_SIDES)(self._side)
        self.float_ops = lru_cache(_MODELS)(self._float_ops)
        self.cautions = lru_cache(_RUNS)(self._cautions)
        self.peaks = lru_cache(_RUNS)(self._peaks)
        self.certificates = lru_cache(1)(self._certificates)
        self.place = lru_cache(_MODELS)(self._place)
        self._launches_of = lru_cache(_RUNS)(self._read_launches)
        self._shared_among = lru_cache(_RUNS)(self._read_shared)
        self._precisions_of = lru_cache(_RUNS)(self._read_precisions)
        self._accuracy_of = lru_cache(_MODELS)(self._read_accuracy)
        self._reverted_of = lru_cache(_MODELS)(self._read_reverted)
        self._layer_accuracy = lru_cache(_MODELS)(self._read_layer_accuracy)

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
        return self._reverted_of(tuple(kinds.items()))

    def sqnr(self, variant_id: str, views: Sequence[AccuracyView]) -> LayerSqnr | None:
        """How far a variant's layers are off, on the data that ``views`` show of it first."""
        rows = self._layer_accuracy(variant_id)
        return accuracy_queries.sqnr_of_layers(rows, variant_id, views)

    def _together(self, cell_id: str) -> _Kin:
        return self._kin.get(cell_id, (cell_id,))

    def _side(self, cell_id: str, run_id: str) -> Side:
        """The layers of a cell in a run with their bridge."""
        nodes = queries.exec_nodes(self.index, cell_id, run_id)
        return Side(nodes, queries.exec_node_sources(self.index, cell_id, run_id))

    def _float_ops(self, model_id: str) -> tuple[SourceOp, ...]:
        """The source ops of a model's float variant; none where it is not stored."""
        variant = queries.fp32_variant(self.index, model_id)
        return queries.source_ops(self.index, variant.variant_id) if variant else ()

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
        return accuracy_queries.accuracy(self.index, model_ids)

    def _read_reverted(self, kinds: tuple[tuple[str, str], ...]) -> tuple[RevertedView, ...]:
        return accuracy_queries.reverted(self.index, dict(kinds))

    def _read_layer_accuracy(self, variant_id: str) -> tuple[LayerAccuracy, ...]:
        return accuracy_queries.layer_accuracy(self.index, variant_id)


def _place_of(cell: CellView) -> tuple[str, str, str]:
    return cell.model_id, cell.device_id, cell.runtime_id


def _kin_of(cells: Sequence[CellView]) -> dict[str, _Kin]:
    """By cell the ids of all that share its model and its device."""
    found: dict[tuple[str, str], list[str]] = {}
    for cell in cells:
        found.setdefault((cell.model_id, cell.device_id), []).append(cell.cell_id)
    return {cell_id: tuple(sorted(ids)) for ids in found.values() for cell_id in ids}
