"""How right the named causes are: precision and recall per cause, and every wrong case. Pure.

A cause that must be named and is counts as a hit, one that is not as missed; one that is named
and need not be, and may not be, is a false alarm. What may be named counts neither way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.cases.labels import CAUSES, Label

LEAST = 0.9
"""The bar: precision and recall over all causes are at least this."""


@dataclass(frozen=True)
class Judged:
    """A case with the ids of the causes that were found."""

    name: str
    label: Label
    found: frozenset[str]

    @property
    def hits(self) -> frozenset[str]:
        """Causes that had to be found and were."""
        return self.label.must & self.found

    @property
    def missed(self) -> frozenset[str]:
        """Causes that had to be found and were not."""
        return self.label.must - self.found

    @property
    def false_alarms(self) -> frozenset[str]:
        """Causes that were found and are not true."""
        return self.found - self.label.must - self.label.may.keys()

    @property
    def is_wrong(self) -> bool:
        """Whether anything was missed or falsely named."""
        return bool(self.missed or self.false_alarms)

    def words(self) -> str:
        """``name: expected a, b; found b, c (truth)``."""
        expected = ", ".join(sorted(self.label.must)) or "nothing"
        found = ", ".join(sorted(self.found)) or "nothing"
        return f"{self.name}: expected {expected}; found {found} ({self.label.truth})"


@dataclass(frozen=True)
class Rates:
    """Hits, what was missed, false alarms, and what they make."""

    hits: int
    missed: int
    false_alarms: int

    @property
    def precision(self) -> float | None:
        """Share of what was found that is true; None where nothing was found."""
        found = self.hits + self.false_alarms
        return self.hits / found if found else None

    @property
    def recall(self) -> float | None:
        """Share of what is true that was found; None where nothing is true."""
        true = self.hits + self.missed
        return self.hits / true if true else None

    @property
    def ok(self) -> bool:
        """Whether both reach the bar; what has no cases does not."""
        return (self.precision or 0.0) >= LEAST and (self.recall or 0.0) >= LEAST

    def words(self) -> str:
        """``precision 0.95, recall 0.91 (20 right, 2 missed, 1 false)``."""
        counts = f"{self.hits} right, {self.missed} missed, {self.false_alarms} false"
        return f"precision {_rate(self.precision)}, recall {_rate(self.recall)} ({counts})"


@dataclass(frozen=True)
class Score:
    """All judged cases of a half."""

    cases: tuple[Judged, ...]

    @property
    def overall(self) -> Rates:
        """Over all causes."""
        return _rates(self.cases, CAUSES)

    @property
    def without_cause(self) -> tuple[Judged, ...]:
        """Pairs with nothing to explain: of the same program, or INT8 that lost nothing."""
        return tuple(case for case in self.cases if not case.label.has_cause)

    @property
    def alarms_without_cause(self) -> tuple[Judged, ...]:
        """Pairs with nothing to explain for which a cause was named."""
        return tuple(case for case in self.without_cause if case.found)

    @property
    def wrong(self) -> tuple[Judged, ...]:
        """Every case that is not all right, by name."""
        return tuple(sorted((case for case in self.cases if case.is_wrong), key=_name))

    @property
    def ok(self) -> bool:
        """Whether the bar is reached, with nothing named for the pairs without a cause."""
        return self.overall.ok and not self.alarms_without_cause

    def by_cause(self) -> tuple[tuple[str, Rates], ...]:
        """Each cause with its rates; ids that no label can name stand at the end."""
        named = {cause for case in self.cases for cause in case.found}
        every = (*CAUSES, *sorted(named - set(CAUSES)))
        return tuple((cause, _rates(self.cases, [cause])) for cause in every)


def score(cases: Iterable[Judged]) -> Score:
    """The score of judged cases."""
    return Score(tuple(cases))


def _rates(cases: Sequence[Judged], causes: Sequence[str]) -> Rates:
    """Over some causes; over ``CAUSES`` a false alarm of an unknown id counts too."""
    chosen = set(causes)
    every = chosen == set(CAUSES)
    return Rates(
        sum(len(case.hits & chosen) for case in cases),
        sum(len(case.missed & chosen) for case in cases),
        sum(len(case.false_alarms if every else case.false_alarms & chosen) for case in cases),
    )


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _name(case: Judged) -> str:
    return case.name
