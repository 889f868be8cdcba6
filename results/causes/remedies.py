"""The command that follows a cause's advice, ready to be copied, where there is one.

Only leaving layers in float is a command of its own; what else a cause advises is for a person
to decide. The collector's options are named here and held to its help by a test.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from results.comparison import CellView, Group
from results.format import plain

_IN_FLOAT = frozenset({"slower_kernel", "fallback_kernel"})
"""Causes that advise to leave their layers in float."""
_MODES = {
    "int8-simplified": "",
    "int8-full": " --mode full --dataset DATA",
    "int8-accuracy": " --mode accuracy --dataset DATA",
}
"""How the collector makes a variant; one that its framework quantised is not made anew."""


def command_of(
    cause_id: str, candidate: CellView, groups: Sequence[Group], layers: Sequence[str]
) -> str:
    """Quantises the model again with the layers of a cause left in float; empty of other advice.

    ``layers`` are the candidate's exec nodes; what is named is the operation of the model that
    each of them carries. ``MODEL`` and ``DATA`` stand for what the store does not know.
    """
    mode = _MODES.get(candidate.variant_kind)
    if cause_id not in _IN_FLOAT or mode is None:
        return ""
    named = frozenset(layers)
    found = [
        group.label
        for group in groups
        if group.source_ops and any(layer.name in named for layer in group.candidate)
    ]
    if not found or any(plain(name) != name for name in found):
        return ""
    ignored = " ".join(f"--ignore-name {shlex.quote(name)}" for name in dict.fromkeys(found))
    return f"python -m collector quantize {shlex.quote(candidate.model)}{mode} {ignored}"
