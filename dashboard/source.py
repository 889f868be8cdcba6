"""Which store the dashboard shows: the one asked for, one's own, or the committed sample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from results.store import Store

DATA_VARIABLE = "INT8_LENS_DATA"
ROOT = Path(__file__).resolve().parents[1]
OWN_DATA = ROOT / "data"
SAMPLE_DATA = OWN_DATA / "sample"


@dataclass(frozen=True)
class Source:
    """An open store, and whether it is the sample that comes with INT8 Lens."""

    store: Store
    is_sample: bool


def watched_root(environ: Mapping[str, str]) -> Path:
    """The folder in which new runs are awaited: the one asked for, else one's own.

    One's own even while the sample is shown in its place.
    """
    return Path(environ.get(DATA_VARIABLE) or OWN_DATA)


def open_source(environ: Mapping[str, str]) -> Source:
    """The store named by ``INT8_LENS_DATA``, else one's own, else the sample.

    Another store that was asked for is shown even if it is empty. Raises LensError
    where it cannot be read.
    """
    asked = watched_root(environ)
    if asked.resolve() != OWN_DATA.resolve():
        return Source(Store(asked), is_sample=asked.resolve() == SAMPLE_DATA.resolve())
    own = Store(OWN_DATA)
    if own.is_empty and not own.problems:
        sample = Store(SAMPLE_DATA)
        if not sample.is_empty:
            return Source(sample, is_sample=True)
    return Source(own, is_sample=False)
