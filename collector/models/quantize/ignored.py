"""What a recipe leaves in float: refuses names, patterns and types that the model does not have.

NNCF would refuse them too, without saying what there is instead.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from collector.models.bodies import BRANCH, all_graphs
from collector.models.quantize.recipe import Recipe
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

_NOT_OPS = {"Constant", "Parameter", "Result"}


def check_ignored(graph: ov.Model, recipe: Recipe) -> None:
    """Raise UsageError, with what comes closest, where an ignored scope matches nothing."""
    # NNCF looks into the branches of If, and not into loops
    every = (op for body in all_graphs(graph, {BRANCH}) for op in body.get_ordered_ops())
    ops = [op for op in every if op.get_type_name() not in _NOT_OPS]
    names = [op.get_friendly_name() for op in ops]
    types = sorted({op.get_type_name() for op in ops})
    for name in recipe.ignored_names:
        if name not in names:
            raise _no_match(f"no operation is called {name!r}", _closest(name, names))
    for pattern in recipe.ignored_patterns:
        if not any(re.match(pattern, name) for name in names):
            raise _no_match(
                f"no operation's name begins with a match of {pattern!r}", _closest(pattern, names)
            )
    for kind in recipe.ignored_types:
        if kind not in types:
            raise _no_match(f"no operation is of the type {kind!r}", _closest(kind, types))


def _closest(text: str, known: Sequence[str]) -> list[str]:
    """At most three that look alike; names that hold the text come before those that do not."""
    lowered = text.lower()
    holding = [name for name in known if lowered in name.lower()]
    alike = difflib.get_close_matches(text, known, n=3, cutoff=0.4)
    return list(dict.fromkeys([*holding, *alike]))[:3]


def _no_match(told: str, closest: Sequence[str]) -> UsageError:
    return UsageError(
        f"cannot leave in float what is not there: {told}",
        hint=f"closest: {', '.join(closest)}" if closest else "see the names in the model's .xml",
    )
