"""Which verdicts of the overview are looked at: those that words fit, and one kind alone.

Pure: picks from what ``results.headline`` picked.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from results.comparison import Verdict
from results.headline import Pick
from results.overview import OverviewRow
from results.overview_matrix import place_title

_CAUTIONED = "caution cautions"
_WITHOUT = "failed no verdict"
_MORE_WORDS = {Verdict.INCONCLUSIVE: "undecided not decided", Verdict.EQUIVALENT: "no difference"}


class Only(StrEnum):
    """One kind of verdict."""

    CAUTIONED = "caution"
    SLOWER = "slower"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"
    FASTER = "faster"
    WITHOUT = "without"


def only(picked: Sequence[Pick], kind: str) -> tuple[Pick, ...]:
    """Those of one kind, as ``Only`` names it; all for an empty one."""
    return tuple(pick for pick in picked if not kind or is_of(pick, Only(kind)))


def is_of(pick: Pick, kind: Only) -> bool:
    """Whether a verdict is of this kind; one that is not there is ``WITHOUT``."""
    if pick.verdict is None:
        return kind is Only.WITHOUT
    if kind is Only.CAUTIONED:
        return bool(pick.verdict.cautions)
    return kind.value == pick.verdict.estimate.verdict.value


def holding(picked: Sequence[Pick], wanted: str) -> tuple[Pick, ...]:
    """Those whose model, device, version, verdict or cautions have all of these words."""
    words = wanted.casefold().split()
    if not words:
        return tuple(picked)
    return tuple(pick for pick in picked if all(word in _told(pick) for word in words))


def _told(pick: Pick) -> str:
    return f"{_of_row(pick.row)} {_of_verdict(pick)}".casefold()


def _of_verdict(pick: Pick) -> str:
    if pick.verdict is None:
        return _WITHOUT
    kind, cautions = pick.verdict.estimate.verdict, pick.verdict.cautions
    words = [kind.value, _MORE_WORDS.get(kind, "")]
    words += [_CAUTIONED, *(caution.message for caution in cautions)] if cautions else []
    return " ".join(words)


def _of_row(row: OverviewRow) -> str:
    return f"{row.model_title} {row.model} {place_title(row)}"


def fits(row: OverviewRow, wanted: str) -> bool:
    """Whether its model, device or version has all of these words."""
    told = _of_row(row).casefold()
    return all(word in told for word in wanted.casefold().split())


def is_of_devices(picked: Sequence[Pick], wanted: str) -> bool:
    """Whether the names of devices alone have all of these words."""
    words = wanted.casefold().split()
    return any(all(word in pick.row.device.casefold() for word in words) for pick in picked)
