"""How good a variant's answers are, beside those of the float variant of its model.

Only shapes live here, with what follows from their own figures: intervals, and whether a
drop is real. ``accuracy_views`` makes them of stored metrics, ``accuracy_words`` has the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from results.kinds import is_int8_variant
from results.shares import SIGNIFICANCE, Interval, mcnemar_exact, wilson_interval
from results.views import VariantView

TOP1, TOP5 = "top1", "top5"
ONLY_REFERENCE_RIGHT, ONLY_VARIANT_RIGHT = "only_reference_right", "only_variant_right"
TOP1_AGREEMENT, COSINE, SQNR_DB = "top1_agreement", "cosine", "sqnr_db"
SHARES = frozenset({TOP1, TOP5, TOP1_AGREEMENT})
"""Metrics that are shares of the samples: differences are told in percentage points."""


class Change(StrEnum):
    """What became of the right answers: against chance, by McNemar's test."""

    LOST = "lost"
    GAINED = "gained"
    WITHIN_CHANCE = "within chance"
    UNTESTED = "untested"


@dataclass(frozen=True)
class Share:
    """A share of the samples."""

    value: float
    samples: int

    @property
    def interval(self) -> Interval:
        """Its 95 % interval, for independent samples (Wilson)."""
        return wilson_interval(round(self.value * self.samples), self.samples)


@dataclass(frozen=True)
class Labelled:
    """Against the labels, at one output (None: the only one).

    ``reference_top1`` and ``reference_top5`` are those of the float variant; None where it
    was not judged, or is the variant itself. ``only_reference_right`` and
    ``only_variant_right`` count the samples that one of both alone got right.
    """

    output: str | None
    top1: Share
    top5: Share | None
    reference_top1: Share | None
    reference_top5: Share | None
    only_reference_right: int | None
    only_variant_right: int | None

    @property
    def drop_points(self) -> float | None:
        """Float's top-1 less the variant's, in percentage points; negative is a gain."""
        if self.reference_top1 is None:
            return None
        return 100.0 * (self.reference_top1.value - self.top1.value)

    @property
    def p_value(self) -> float | None:
        """McNemar's exact two-sided p; None where the pairs were not counted."""
        if self.only_reference_right is None or self.only_variant_right is None:
            return None
        return mcnemar_exact(self.only_reference_right, self.only_variant_right)

    @property
    def change(self) -> Change:
        """Whether the difference is more than chance gives, and its direction."""
        b, c, p = self.only_reference_right, self.only_variant_right, self.p_value
        if b is None or c is None or p is None:
            return Change.UNTESTED
        if p >= SIGNIFICANCE:
            return Change.WITHIN_CHANCE
        return Change.LOST if b > c else Change.GAINED


@dataclass(frozen=True)
class Agreement:
    """Against the float variant's answers, at one output; no labels are needed.

    ``sqnr_db`` is 10 log10(signal power / noise power).
    """

    output: str | None
    top1: Share | None
    cosine: float | None
    sqnr_db: float | None


@dataclass(frozen=True)
class OwnMetric:
    """A metric of the user's own; which direction is better is not known."""

    name: str
    output: str | None
    value: float
    reference_value: float | None
    samples: int

    @property
    def difference(self) -> float | None:
        """The variant's value less the float variant's."""
        return None if self.reference_value is None else self.value - self.reference_value


@dataclass(frozen=True)
class AccuracyView:
    """A variant on one dataset, by all metrics that are known.

    ``samples`` is the most that any of them rests on; ``skipped`` could not be read, and
    ``skipped_names`` has the first of them, each with its reason.
    """

    variant_id: str
    variant_kind: str
    model_id: str
    dataset_id: str
    dataset: str
    samples: int
    skipped: int
    labels: tuple[Labelled, ...]
    agreements: tuple[Agreement, ...]
    own: tuple[OwnMetric, ...]
    skipped_names: tuple[str, ...] = ()

    @property
    def is_reference(self) -> bool:
        """Whether it is a float variant, which others are judged against."""
        return not is_int8_variant(self.variant_kind)

    @property
    def several_outputs(self) -> bool:
        """Whether outputs have to be named to tell the figures apart."""
        found = {one.output for one in self.labels} | {one.output for one in self.agreements}
        return len((found | {one.output for one in self.own}) - {None}) > 1

    @property
    def top1(self) -> Labelled | None:
        """Against the labels, at the first output, which is the one that is told in short."""
        return self.labels[0] if self.labels else None


@dataclass(frozen=True)
class LayerSqnr:
    """By source op of the float variant, the SQNR of its output in a variant, on one dataset."""

    dataset: str
    sqnr_db: Mapping[str, float]


@dataclass(frozen=True)
class RevertedView:
    """What the accuracy control kept in float, and the loss of its metric before and after."""

    variant_id: str
    variant_kind: str
    metric: str
    ops: tuple[str, ...]
    drop_before: float
    drop_after: float


@dataclass(frozen=True)
class JudgedVariant:
    """A variant with how good its answers are."""

    variant: VariantView
    accuracy: tuple[AccuracyView, ...]
    reverted: RevertedView | None = None
