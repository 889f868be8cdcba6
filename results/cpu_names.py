"""Names of CPUs without what tells none from another.

What a CPU calls itself holds marks, its clock and the number of its cores; ``plain_cpu`` leaves
those out for a sentence, ``brief_cpu`` the maker and the tier too, where room is scarce.
"""

from __future__ import annotations

import re

_CLUTTER = re.compile(
    r"\((?:R|TM|tm|r)\)|\b\d+th Gen |\bCPU\b|\bProcessor\b|\b\d+-Core\b|@ [\d.]+GHz"
)
_MAKER = re.compile(r"^(?:Intel|AMD) (?=\S+ ?\S)|\b(?:Platinum|Gold|Silver|Bronze) (?=\d)")
_HOST = re.compile(r"^(?P<cpu>.*\S) \((?P<host>[^()]+)\)$")


def plain_cpu(title: str) -> str:
    """``Intel Xeon Platinum 8175M`` for ``Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz``.

    A cap and a host in the title stay.
    """
    return " ".join(_CLUTTER.sub(" ", title).split()).replace(" ,", ",") or title


def brief_cpu(title: str) -> str:
    """``Xeon 8175M``; what has no other name than its maker's keeps it."""
    return _MAKER.sub("", plain_cpu(title))


def apart(title: str) -> tuple[str, str]:
    """The title of a device and the host in brackets behind it, if there is one.

    ``AMD EPYC 9354 (rack01-node17)`` is ``AMD EPYC 9354`` on ``rack01-node17``.
    """
    found = _HOST.match(title)
    return (found["cpu"], found["host"]) if found else (title, "")
