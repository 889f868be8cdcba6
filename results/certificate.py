"""Certificates: A against A on one device, and whether its verdicts may be trusted.

A certificate counts how often two identical cells were called different. The rule and
the words stand here; measuring is the collector's matter, reading ``results.queries``'s.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from results.comparison import MEASURED, CellView, Standing
from results.shares import Interval, wilson_interval

LEAST_COMPARISONS = 50
"""Fewer comparisons say too little: 0 of 50 still allows 7 % false alarms."""
MOST_FALSE_ALARMS = 0.08
"""Share of false alarms: 5 % are expected, 8 of 100 is what chance still gives."""
COMMAND = "python -m collector certify"


@dataclass(frozen=True)
class CertificateView:
    """A certificate with the names of what it is about; ``started_at`` is in UTC."""

    run_id: str
    started_at: datetime
    device_id: str
    device: str
    machine_title: str
    runtime_id: str
    runtime: str
    model: str
    arm: str
    scenario: str
    effort: str
    blocks: int
    comparisons: int
    false_alarms: int
    equivalent: int
    disturbed: int

    @property
    def share(self) -> float | None:
        """Share of false alarms; None without any comparison."""
        return self.false_alarms / self.comparisons if self.comparisons else None

    @property
    def interval(self) -> Interval:
        """The 95 % interval of that share."""
        return wilson_interval(self.false_alarms, self.comparisons)

    @property
    def certified(self) -> bool:
        """Whether the verdicts of this device may be trusted: enough comparisons, few alarms."""
        enough = self.comparisons >= LEAST_COMPARISONS
        return enough and self.false_alarms <= MOST_FALSE_ALARMS * self.comparisons

    @property
    def sentence(self) -> str:
        """What was found: ``3 false alarms in 100 comparisons of A against A (1.0-8.5 %), ...``."""
        low, high = 100 * self.interval.low, 100 * self.interval.high
        return (
            f"{_count(self.false_alarms, 'false alarm')} in"
            f" {_count(self.comparisons, 'comparison')} of A against A ({low:.1f}-{high:.1f} %),"
            f" {_count(self.blocks, 'block')} each, {self.started_at:%Y-%m-%d}"
        )


def certified_sentence(certificate: CertificateView) -> str:
    """A certificate in words, with the rule that it breaks where it does not hold."""
    found = certificate.sentence
    if certificate.certified:
        return f"certified: {found}"
    if certificate.comparisons < LEAST_COMPARISONS:
        return f"not certified: {found}; run `{COMMAND}` with {LEAST_COMPARISONS} or more"
    most = f"{100 * MOST_FALSE_ALARMS:.0f} %"
    return f"not certified: {found}, more than {most}; quiet the machine, then run `{COMMAND}`"


def newest(certificates: Iterable[CertificateView]) -> dict[tuple[str, str], CertificateView]:
    """The newest certificate by device id and runtime id.

    One with too few comparisons counts only where there is no other: a short trial does
    not take away what a long one has shown.
    """
    ordered = sorted(
        certificates,
        key=lambda found: (
            found.comparisons >= LEAST_COMPARISONS, found.started_at, found.run_id,
        ),
    )  # fmt: skip
    return {(found.device_id, found.runtime_id): found for found in ordered}


def standings(
    cells: Iterable[CellView], certificates: Iterable[CertificateView]
) -> tuple[Standing, ...]:
    """Where each device and runtime of these cells stands, each once, in their order."""
    known = newest(certificates)
    settings = {(c.device_id, c.device, c.runtime_id, c.runtime): c.origin for c in cells}
    return tuple(
        _standing(setting, origin, known.get((setting[0], setting[2])))
        for setting, origin in settings.items()
    )


def _standing(
    setting: tuple[str, str, str, str], origin: str, certificate: CertificateView | None
) -> Standing:
    if origin != MEASURED:
        return Standing(
            *setting, certified=False, sentence=f"{origin}: no certificate covers what it says"
        )
    if certificate is None:
        return Standing(*setting, certified=False, sentence=f"not certified: run `{COMMAND}`")
    return Standing(
        *setting, certified=certificate.certified, sentence=certified_sentence(certificate)
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else f'{noun}s'}"
