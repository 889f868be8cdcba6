"""What is chosen on the pages, as one value, and the parameters of a URL that say it.

Everything that a page lets people choose is a field of ``Link``, so that a copied
address shows the same thing. Reading an address back is ``reading``'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from results.overview import DEFAULT_BASELINE

_NAMES = {"classes": "class", "ops": "op", "types": "type", "precisions": "precision",
          "old": "from", "new": "to", "buckets": "bucket", "others": "with"}  # fmt: skip
TEXTS = ("baseline", "candidate", "cell", "run", "against", "runtime", "scenario", "find",
         "model", "device", "driven", "arm", "old", "new", "layer", "left", "right", "colour",
         "node", "hops", "only")  # fmt: skip
LISTS = ("classes", "ops", "types", "precisions", "buckets", "others", "mismatch")
FLAGS = ("idle", "rate")
_PINNED = ("baseline", "candidate")
EVERY_VERSION = "all"
"""What the overview's ``runtime`` says where no version is to be left out."""


class Mismatch(StrEnum):
    """In what the two sides of a layer are unlike."""

    PRECISION = "precision"
    KERNEL = "kernel"
    FUSION = "fusion"


class Colouring(StrEnum):
    """What the colours of a layer graph say."""

    TIME = "time"
    PRECISION = "precision"
    RATIO = "ratio"


HOPS = ("1", "2", "3", "5")
"""How far from a node the neighbourhood that a layer graph shows may reach."""


@dataclass(frozen=True)
class Link:
    """What is chosen: ids of cells and of a run, the overview's baseline arm, filters.

    Empty means not chosen: ``cell`` is then the candidate, ``run`` the newest one,
    ``runtime`` the newest version of everything, and a filter lets everything through.
    ``model``, ``device``, ``driven`` and ``arm`` say what the page Versions follows, ``old``
    and ``new`` are ids of the runtimes that it compares, ``rate`` asks for items per second.
    ``layer`` is the pair of layers that Compare has opened, ``mismatch`` what its layers must
    be unlike in, ``others`` the candidates beside the first. ``left`` and ``right`` are the
    models that stand side by side. ``node``, ``hops`` and ``colour`` say what a layer graph
    stands around, how far it reaches, and what its colours mean. ``only`` is the one kind of
    verdict that the overview lists.
    """

    baseline: str = ""
    candidate: str = ""
    cell: str = ""
    run: str = ""
    against: str = DEFAULT_BASELINE
    runtime: str = ""
    scenario: str = ""
    find: str = ""
    classes: tuple[str, ...] = ()
    ops: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    precisions: tuple[str, ...] = ()
    idle: bool = False
    model: str = ""
    device: str = ""
    driven: str = ""
    arm: str = ""
    old: str = ""
    new: str = ""
    buckets: tuple[str, ...] = ()
    rate: bool = False
    layer: str = ""
    mismatch: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    left: str = ""
    right: str = ""
    colour: str = ""
    node: str = ""
    hops: str = ""
    only: str = ""

    @property
    def shown_cell(self) -> str:
        """The cell whose layers are shown."""
        return self.cell or self.candidate


def param_of(field: str) -> str:
    """The name that a field has in a URL."""
    return _NAMES.get(field, field)


def to_params(link: Link) -> dict[str, str]:
    """The parameters of a link's URL; baseline and candidate always, the rest where chosen."""
    default = Link()
    params = {
        param_of(name): getattr(link, name)
        for name in TEXTS
        if name in _PINNED or getattr(link, name) != getattr(default, name)
    }
    params |= {param_of(name): ",".join(getattr(link, name)) for name in LISTS}
    params |= {name: "1" if getattr(link, name) else "" for name in FLAGS}
    return {name: value for name, value in params.items() if value}


def has_state(params: Mapping[str, str]) -> bool:
    """Whether a URL says anything about the state; else the session's last state holds."""
    known = {*(param_of(name) for name in (*TEXTS, *LISTS)), *FLAGS}
    return not known.isdisjoint(params)
