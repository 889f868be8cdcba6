"""When two failures are the same one: their reasons without names of layers and versions.

A reason names what was in the way: ``Einsum-7 (layer enc/3/scores) is not in opset5 ...``. The
next layer and the next version say it in other words. Only texts are known here.
"""

from __future__ import annotations

import re

_ANY_CASE = re.IGNORECASE
_PASSING = (
    (re.compile(r"\(layer .*?\)(?=\W|$)"), "(layer)"),
    (re.compile(r"\b(layer|node|name|named)\b([ :=]+)(?:'[^']*'|\"[^\"]*\")", _ANY_CASE), r"\1"),
    (re.compile(r"\b(with name|name:|named)\s+[^\s'\"]+", _ANY_CASE), r"\1"),
    (re.compile(r"\b20\d\d\.\d+(?:[.-]\w+)*"), "VERSION"),
    (re.compile(r"\bopset\d+\b", _ANY_CASE), "opset"),
    (re.compile(r"\b0x[0-9a-f]+\b", _ANY_CASE), "ADDRESS"),
    (re.compile(r"(\.[ch](?:pp)?):\d+"), r"\1"),
)
"""What belongs to one layer, version or process, and what stands for it."""


def reason_key(reason: str) -> str:
    """The reason without what differs from layer to layer, and from version to version.

    The operation stays, so that an Einsum and a Gelu that a version lacks are two reasons;
    so do signals and exit codes.
    """
    for pattern, word in _PASSING:
        reason = pattern.sub(word, reason)
    return " ".join(reason.split())
