"""Which verdicts of the overview carry cautions, and what each caution says.

Pure: lists and counts what the picked verdicts carry; when a caution is raised is decided in
``results.trust``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from results.comparison import ShownCaution
from results.headline import Pick


@dataclass(frozen=True)
class ToldCaution:
    """A kind of caution, told once; ``alike`` counts others of its kind with other values.

    ``verdicts``, ``models`` and ``devices`` say how many it is about.
    """

    message: str
    action: str
    verdicts: int
    models: int
    devices: int
    alike: int


def cautioned(picked: Sequence[Pick]) -> tuple[tuple[Pick, ShownCaution], ...]:
    """Each caution of each verdict with its own figures, by device and model."""
    found = [
        (pick, caution) for pick in picked if pick.verdict for caution in pick.verdict.cautions
    ]
    return tuple(sorted(found, key=lambda one: (one[0].row.device, one[0].row.model_title)))


def told_cautions(picked: Sequence[Pick]) -> tuple[ToldCaution, ...]:
    """What lowers trust in these verdicts: each kind once, that of most verdicts first."""
    found: dict[str, list[tuple[Pick, ShownCaution]]] = {}
    for pick in picked:
        for caution in pick.verdict.cautions if pick.verdict else ():
            found.setdefault(caution.caution_id, []).append((pick, caution))
    told = [_told(same) for same in found.values()]
    return tuple(sorted(told, key=lambda one: -one.verdicts))


def _told(same: Sequence[tuple[Pick, ShownCaution]]) -> ToldCaution:
    first = same[0][1]
    return ToldCaution(
        message=first.message,
        action=first.action,
        verdicts=len({id(pick) for pick, _ in same}),
        models=len({pick.row.model_id for pick, _ in same}),
        devices=len({pick.row.device_id for pick, _ in same}),
        alike=len({caution.message for _, caution in same}) - 1,
    )
