"""Verdicts counted: by model, and by CPU, which answers which machines lose.

Pure: counts what ``results.headline`` picked; which verdicts are shown one by one is in
``results.overview_matrix``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from results import format as fmt
from results.comparison import Verdict
from results.cpu_names import plain_cpu
from results.headline import Pick
from results.overview_matrix import badness

_MOST_NAMED = 3


@dataclass(frozen=True)
class Tally:
    """The verdicts of one model or of one CPU, by ``key``; ``title`` is its name.

    ``without`` counts what has no verdict, ``cautioned`` the verdicts with cautions.
    ``devices`` is how many devices it is about, ``losing`` on how many of them INT8 is slower
    at least once. ``worst`` is the pick that does worst.
    """

    key: str
    title: str
    counts: tuple[tuple[Verdict, int], ...]
    without: int
    cautioned: int
    devices: int
    losing: int
    worst: Pick

    @property
    def judged(self) -> int:
        """How many verdicts there are."""
        return sum(number for _, number in self.counts)

    def of(self, kind: Verdict) -> int:
        """How many verdicts are of this kind."""
        return dict(self.counts)[kind]


def by_model(picked: Sequence[Pick]) -> tuple[Tally, ...]:
    """Each model's verdicts; that with most slow-downs first."""
    return _tallies([(pick.row.model_id, pick.row.model_title, pick) for pick in picked])


def by_cpu(picked: Sequence[Pick], titles: Mapping[str, str]) -> tuple[Tally, ...]:
    """The verdicts of each kind of CPU; that with most slow-downs first.

    ``titles`` has by device the name of its CPU, the cap in it and the host not.
    """
    named = [(titles.get(pick.row.device_id, pick.row.device), pick) for pick in picked]
    return _tallies([(title, title, pick) for title, pick in named])


def _tallies(found: Sequence[tuple[str, str, Pick]]) -> tuple[Tally, ...]:
    own: dict[str, list[Pick]] = {}
    for key, _, pick in found:
        own.setdefault(key, []).append(pick)
    titles = {key: title for key, title, _ in found}
    tallies = [_tally(key, titles[key], picked) for key, picked in own.items()]
    return tuple(sorted(tallies, key=_worst_first))


def _tally(key: str, title: str, own: Sequence[Pick]) -> Tally:
    judged = [(pick, pick.verdict) for pick in own if pick.verdict]
    counts = Counter(verdict.estimate.verdict for _, verdict in judged)
    slower = {p.row.device_id for p, v in judged if v.estimate.verdict is Verdict.SLOWER}
    return Tally(
        key=key,
        title=title,
        counts=tuple((kind, counts[kind]) for kind in Verdict),
        without=len(own) - counts.total(),
        cautioned=sum(bool(verdict.cautions) for _, verdict in judged),
        devices=len({pick.row.device_id for pick in own}),
        losing=len(slower),
        worst=min(own, key=badness),
    )


def _worst_first(tally: Tally) -> tuple[int, int, int, int, str]:
    order = (Verdict.SLOWER, Verdict.EQUIVALENT, Verdict.INCONCLUSIVE)
    slower, equal, undecided = (-tally.of(kind) for kind in order)
    return slower, equal, undecided, -tally.without, tally.title


def losses_sentence(cpus: Sequence[Tally]) -> str | None:
    """On which CPUs INT8 is slower; None where all verdicts are of one device.

    ``All 5 slower verdicts are on Intel Xeon Platinum 8175M (all 4 machines).``
    """
    if sum(cpu.devices for cpu in cpus) < 2 or not any(cpu.judged for cpu in cpus):
        return None
    losing = [cpu for cpu in cpus if cpu.losing]
    slower = sum(cpu.of(Verdict.SLOWER) for cpu in losing)
    if not losing:
        return f"INT8 is slower on none of {sum(cpu.devices for cpu in cpus)} devices."
    if len(losing) == 1:
        are = f"All {slower} slower verdicts are" if slower > 1 else "The one slower verdict is"
        return f"{are} on {_where(losing[0])}."
    named = [f"{cpu.of(Verdict.SLOWER)} on {_where(cpu)}" for cpu in losing[:_MOST_NAMED]]
    more = len(losing) - len(named)
    rest = f", and on {fmt.counted(more, 'CPU')} more" if more else ""
    return f"The {slower} slower verdicts: {', '.join(named)}{rest}."


def _where(cpu: Tally) -> str:
    """``Intel Xeon Platinum 8175M (3 of 4 machines)``; one that stands alone by its name."""
    name = plain_cpu(cpu.title)
    if cpu.devices == 1:
        return name
    of = "all" if cpu.losing == cpu.devices else f"{cpu.losing} of"
    return f"{name} ({of} {cpu.devices} machines)"
