"""Goes through data of any form: chooses samples, counts what cannot be read, keeps a few.

What a sample comes from is known to an ``Origin``. Memory is bounded: the first samples are
kept up to ``KEPT_BYTES``, the others are read again on each pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from collector.models.data.dataset import Sample, hash_of_samples, sample_digest, spread
from collector.models.steps import Report
from results import facts
from results.errors import UsageError

KEPT_BYTES = 64 * 2**20
NAMED_SKIPPED = 10
_ACTIVITY = "reading samples"


@dataclass(frozen=True)
class Unreadable:
    """A sample that is left out, and why."""

    name: str
    reason: str


class Origin(Protocol):
    """Where samples come from, seen as a row of places."""

    @property
    def name(self) -> str:
        """Name to show."""
        ...

    @property
    def kind(self) -> str:
        """Images, arrays or function."""
        ...

    @property
    def left_out(self) -> Sequence[Unreadable]:
        """What is known to be of no use before anything is read; it has no place."""
        ...

    def count(self) -> int | None:
        """How many places there are; None where only reading tells."""
        ...

    def read(self, places: Sequence[int] | None) -> Iterator[tuple[int, Sample | Unreadable]]:
        """What lies at these places, which ascend, in their order; None reads all.

        Raises UsageError where a sample does not fit the model.
        """
        ...


@dataclass
class _Reading:
    """What the first pass finds."""

    digests: dict[int, bytes] = field(default_factory=dict)
    kept: dict[int, Sample] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    labels: list[int | None] = field(default_factory=list)
    room_bytes: int = field(default_factory=lambda: KEPT_BYTES)

    def add(self, place: int, found: Sample | Unreadable) -> None:
        """Take one sample in."""
        if isinstance(found, Unreadable):
            self.unreadable.append(found)
            return
        self.digests[place] = sample_digest(found)
        self.names.append(found.name)
        self.labels.append(found.label)
        size_bytes = sum(array.nbytes for array in found.inputs.values())
        if size_bytes <= self.room_bytes:
            self.room_bytes -= size_bytes
            self.kept[place] = found

    @property
    def unlabelled(self) -> list[str]:
        """Names of the samples without a label."""
        known = zip(self.names, self.labels, strict=True)
        return [name for name, label in known if label is None]


class ReadDataset:
    """Data that was read once from its origin."""

    def __init__(self, origin: Origin, reading: _Reading, fact: facts.Dataset) -> None:
        self._origin = origin
        self._digests = reading.digests
        self._kept = reading.kept
        self.fact = fact
        self.names: Sequence[str] = reading.names
        self.labels: Sequence[int | None] = reading.labels

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self._digests)

    def __iter__(self) -> Iterator[Sample]:
        """The samples in the order of their origin, those that are not kept read again."""
        return self._samples(list(self._digests))

    def some(self, most: int) -> Sequence[Sample]:
        """At most so many samples, evenly spread over all."""
        places = list(self._digests)
        return list(self._samples([places[at] for at in spread(len(places), most)]))

    def _samples(self, places: Sequence[int]) -> Iterator[Sample]:
        missing = [place for place in places if place not in self._kept]
        again = self._origin.read(missing) if missing else iter(())
        for place in places:
            yield self._kept[place] if place in self._kept else self._same(place, again)

    def _same(self, place: int, again: Iterator[tuple[int, Sample | Unreadable]]) -> Sample:
        """The next sample read again; UsageError where it is not what it was before."""
        found = next(again, (place, Unreadable(f"sample {place}", "it is no longer there")))[1]
        if isinstance(found, Unreadable) or sample_digest(found) != self._digests[place]:
            raise UsageError(
                f"{found.name} of {self._origin.name} is no longer what it was a moment ago",
                hint="give data that stays the same while it is read several times",
            )
        return found


def read_through(
    origin: Origin, most: int | None, report: Report, title: str | None = None
) -> ReadDataset:
    """Read the chosen samples once; UsageError where none is left or only some have labels.

    ``title`` is what the data is called where it is not called after its source.
    """
    if most is not None and most < 1:
        raise UsageError(f"{most} samples are asked for", hint="ask for at least 1")
    count = origin.count()
    if count is None and most is not None:
        count = _counted(origin, report)
    places = None if count is None else spread(count, most)
    reading = _Reading()
    for done, (place, found) in enumerate(origin.read(places), 1):
        reading.add(place, found)
        report(_ACTIVITY, done, done if places is None else len(places))
    _check(origin, reading)
    return ReadDataset(origin, reading, _fact(origin, reading, title or origin.name))


def _counted(origin: Origin, report: Report) -> int:
    done = 0
    for done, _ in enumerate(origin.read(None), 1):
        report("counting samples", done, done)
    return done


def _check(origin: Origin, reading: _Reading) -> None:
    if not reading.digests and reading.unreadable:
        first = reading.unreadable[0]
        raise UsageError(
            f"none of the {len(reading.unreadable)} samples of {origin.name} can be read, "
            f"the first is {first.name}: {first.reason}",
            hint="give data that can be read, see docs/data.md",
        )
    if not reading.digests:
        raise UsageError(f"{origin.name} has no samples", hint="give at least one")
    unlabelled = reading.unlabelled
    if unlabelled and len(unlabelled) < len(reading.digests):
        raise UsageError(
            f"{len(unlabelled)} of the {len(reading.digests)} samples of {origin.name} "
            f"have no label, the first is {unlabelled[0]}",
            hint="give all of them a label, or none",
        )


def _fact(origin: Origin, reading: _Reading, name: str) -> facts.Dataset:
    skipped = [*origin.left_out, *reading.unreadable]
    return facts.Dataset(
        dataset_id=hash_of_samples(reading.digests.values()),
        name=name,
        kind=origin.kind,
        samples=len(reading.digests),
        skipped=len(skipped),
        skipped_names=tuple(f"{s.name}: {s.reason}" for s in islice(skipped, NAMED_SKIPPED)),
        labelled=not reading.unlabelled,
    )
