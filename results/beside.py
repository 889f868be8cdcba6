"""What others published beside a verdict that was measured here: which figure is alike.

Published figures are of CPUs, in throughput, against a float arm of a known precision: only a
verdict on a CPU has any beside it, and only against float that ran in that precision. What a
published figure is stands in ``results.published``.
"""

from __future__ import annotations

from dataclasses import dataclass

from results import queries
from results.comparison import CellView
from results.isa import best_isa
from results.kinds import is_half
from results.precision import executed_layers, precision_times
from results.published import FLOAT_ARM, PublishedSpeedup, published_for
from results.store import Index

_CPU = "CPU"
_BF16_ARM = "fp32@bf16"


@dataclass(frozen=True)
class Beside:
    """A published speed-up beside a verdict; ``ran_as`` is the arm as which its baseline ran.

    ``is_throughput`` says whether the verdict is of throughput, as every published figure is.
    """

    published: PublishedSpeedup
    ran_as: str
    is_throughput: bool

    @property
    def words(self) -> str:
        """The figure, what it is against, what it is unlike the verdict in, and its sources."""
        found = self.published
        unlike = [] if self.is_throughput else ["while this verdict is of latency"]
        if found.baseline != self.ran_as:
            unlike.append(f"while the baseline here ran as {self.ran_as}")
        told = ", ".join((found.sentence, f"throughput against {found.baseline}", *unlike))
        return "; ".join((told, *found.sources))


def published_beside(index: Index, baseline: CellView, candidate: CellView) -> Beside | None:
    """What was published for the model on CPUs like the verdict's; None on any other device.

    Where float ran in bf16, figures against bf16 are told if there are any, else those against
    f32 with what they are unlike in.
    """
    device = queries.device(index, candidate.device_id)
    isa = best_isa(candidate.isa_flags, candidate.isa_cap)
    if device is None or device.ov_device.partition(".")[0] != _CPU or isa is None:
        return None
    ran_as = _ran_as(index, baseline)
    found = published_for(index, candidate.model, isa, ran_as)
    return None if found is None else Beside(found, ran_as, candidate.is_throughput)


def _ran_as(index: Index, baseline: CellView) -> str:
    """``fp32@bf16`` where most of the time went into half precision; f32 where nothing is known."""
    run_id = queries.latest_run_of(index, baseline.cell_id)
    nodes = queries.exec_nodes(index, baseline.cell_id, run_id) if run_id else ()
    shares = precision_times(executed_layers(nodes))
    half = sum(share.share for share in shares if is_half(share.precision))
    return _BF16_ARM if half > 1.0 / 2.0 else FLOAT_ARM
