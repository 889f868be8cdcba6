"""Which choices are a page's own, and what of the last page another one is opened with.

A search for devices is not one for layers, and a version that one page stands in is not a
filter of another: what a page owns never reaches a second one through the navigation. When
the page is opened again it stands as it was left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from types import MappingProxyType

from dashboard.link.state import Link, param_of

SHARED = ("baseline", "candidate", "against", "scenario")
"""What every page keeps: the pair, and what a verdict is against."""
OWN: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "overview": ("runtime", "find", "only"),
    "compare": ("classes", "ops", "mismatch", "find", "layer", "others"),
    "devices": ("model", "driven", "arm", "runtime", "device", "find"),
    "versions": ("model", "device", "driven", "arm", "old", "new", "buckets", "rate"),
    "models": ("left", "right", "device", "driven", "arm", "runtime"),
    "layers": ("cell", "run", "node", "hops", "colour", "types", "precisions", "idle", "find"),
    "runs": ("run",),
})  # fmt: skip
"""By page its own fields of ``Link``."""
FIRST = "overview"
"""The page whose path in the address is empty."""
_OF_THE_PAIR = ("cell", "run", "node", "layer", "model", "device", "driven", "arm", "old", "new")
"""What says something of the pair, and nothing of another one."""
_PLACES = MappingProxyType({"models": ("runtime",)})
"""By page what says where the pair ran; on other pages it is a filter, which stays."""
_SIDES = ("left", "right")
"""Two models side by side: they stay where one of them is the pair's."""


def of_page(link: Link, page: str) -> Link:
    """The link without what other pages own."""
    default, kept = Link(), {*SHARED, *OWN[page]}
    others = {f.name: getattr(default, f.name) for f in fields(Link) if f.name not in kept}
    return replace(link, **others)


def arriving(
    page: str, last: Mapping[str, str], seen: Mapping[str, str], model: str = ""
) -> dict[str, str]:
    """The parameters of a page that the navigation opens, which gives none.

    What pages share is as on the ``last`` one, the page's own as it was ``seen`` last; that
    of the pair only where the pair is still the same. ``model`` is the pair's on the last one.
    """
    shared = {param_of(name): last[param_of(name)] for name in SHARED if param_of(name) in last}
    is_same = all(seen.get(name) == last.get(name) for name in ("baseline", "candidate"))
    own = OWN[page] if is_same else _of_any_pair(page, seen, model)
    return shared | {param_of(name): seen[param_of(name)] for name in own if param_of(name) in seen}


def _of_any_pair(page: str, seen: Mapping[str, str], model: str) -> list[str]:
    """The page's own fields that say as much of a pair of this model as of the one it had."""
    has_model = model in {seen.get(param_of(name)) for name in _SIDES}
    gone = {*_OF_THE_PAIR, *_PLACES.get(page, ()), *(() if has_model else _SIDES)}
    return [name for name in OWN[page] if name not in gone]
