"""A dataset of samples that are in memory already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.models.data.dataset import Sample, hash_of_samples, sample_digest, spread
from results import facts


class ListedDataset:
    """Samples that are in memory already."""

    def __init__(
        self, samples: Sequence[Sample], name: str = "samples", kind: str = "arrays"
    ) -> None:
        self._samples = tuple(samples)
        self.fact = facts.Dataset(
            dataset_id=hash_of_samples(sample_digest(sample) for sample in self._samples),
            name=name,
            kind=kind,
            samples=len(self._samples),
            skipped=0,
            skipped_names=(),
            labelled=bool(samples) and all(sample.label is not None for sample in samples),
        )

        self.names = [sample.name for sample in self._samples]
        self.labels = [sample.label for sample in self._samples]

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self._samples)

    def __iter__(self) -> Iterator[Sample]:
        """The samples, in the order they were given."""
        return iter(self._samples)

    def some(self, most: int) -> Sequence[Sample]:
        """At most so many samples, evenly spread over all."""
        return [self._samples[place] for place in spread(len(self._samples), most)]
