"""What several comparisons of one open index have in common, read from it once.

Only reading that ``results.queries`` does, remembered: a bounded number of cells, so that a
large store does not fill the memory. What a comparison makes of it is ``results.compare``.
"""

from __future__ import annotations

from functools import lru_cache

from results import peak_queries, queries
from results.certificate import CertificateView
from results.facts import Caution, SourceOp
from results.nodes import Side
from results.roof import Peaks
from results.store import Index
from results.views import LaunchView

_SIDES = 16
"""Cells whose layers are remembered: the arms of a model come one after the other."""
_MODELS = 8
_RUNS = 64


class Shelf:
    """Facts of an index, each asked for once while it is among the last that were."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.side = lru_cache(_SIDES)(self._side)
        self.launches = lru_cache(_RUNS)(self._launches)
        self.float_ops = lru_cache(_MODELS)(self._float_ops)
        self.cautions = lru_cache(_RUNS)(self._cautions)
        self.peaks = lru_cache(_RUNS)(self._peaks)
        self.certificates = lru_cache(1)(self._certificates)

    def _side(self, cell_id: str, run_id: str) -> Side:
        """The layers of a cell in a run with their bridge."""
        nodes = queries.exec_nodes(self.index, cell_id, run_id)
        return Side(nodes, queries.exec_node_sources(self.index, cell_id, run_id))

    def _launches(self, cell_id: str, run_id: str) -> tuple[LaunchView, ...]:
        """All launches of a cell in a run."""
        return queries.launches(self.index, run_id, [cell_id])

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
