"""What the page Models shows by its link: two networks with all that is told of them.

Puts answers of the cache together; nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dashboard.link import EVERY_VERSION, Link
from results.activations import ActivationRun
from results.comparison import CellView
from results.network_answer import Judged
from results.network_place import Pair, Stand, Wanted
from results.operator_times import OperatorTime


@dataclass(frozen=True)
class ShownArm:
    """An arm of a network as it ran: what its layers took, how its activations ran."""

    cell: CellView
    times: tuple[OperatorTime, ...]
    ran: tuple[ActivationRun, ...]


@dataclass(frozen=True)
class ShownNetwork:
    """One side of the page; ``name`` tells it from the other side."""

    name: str
    stand: Stand
    judged: Judged
    arms: tuple[ShownArm, ...]

    @property
    def model_id(self) -> str:
        """The model."""
        return self.stand.row.model_id

    @property
    def profiled(self) -> tuple[ShownArm, ...]:
        """The arms whose layers are stored."""
        return tuple(arm for arm in self.arms if arm.times)


def wanted_of(link: Link, *, names_pair: bool = True) -> Wanted:
    """What a link asks for; a pair that nobody named says nothing of where to stand."""
    return Wanted(
        left=link.left,
        right=link.right,
        device=link.device,
        runtime="" if link.runtime == EVERY_VERSION else link.runtime,
        driven=link.driven,
        arm=link.arm,
        against=link.against,
        candidate=link.candidate if names_pair else "",
    )


def pinned(link: Link, pair: Pair) -> Link:
    """The link with all that is shown chosen, so that new runs change nothing of what it shows."""
    row, verdict = pair.left.row, pair.left.verdict
    return replace(
        link,
        left=row.model_id,
        right=pair.right.row.model_id if pair.right else "",
        device=row.device_id,
        driven=row.scenario_title,
        runtime=row.runtime_id,
        arm=verdict.candidate.arm if verdict else link.arm,
    )


def place_told(pair: Pair) -> tuple[str, str]:
    """The version of both, and their device where these models ran on several; else empty."""
    if not pair.is_shared:
        return "", ""
    row = pair.left.row
    return row.runtime, row.device if len({one.device_id for one in pair.rows}) > 1 else ""


def short_names(pair: Pair, titles: Mapping[str, str]) -> tuple[str, ...]:
    """What the sides are called: their titles, told apart where they are equal."""
    return tuple(titles[stand.row.model_id] for stand in pair.stands)
