"""What a store holds and does not show, in words: damaged and newer runs, half copied ones.

Finding them is ``results.store``'s and ``results.verify``'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from results.format import count, counted
from results.index import Problem, ProblemKind

_MOST_NAMED = 20


def left_out_words(problems: Sequence[Problem], half_copied: Sequence[str]) -> str:
    """How many runs are left out, and why; empty where none is."""
    return "; ".join((*_runs(problems), *_folders(half_copied)))


def half_copied_words(names: Sequence[str]) -> str:
    """The folders without a manifest by name; at most 20 of them."""
    more = len(names) - _MOST_NAMED
    told = ", ".join(names[:_MOST_NAMED]) + (f" and {count(more)} more" if more > 0 else "")
    return f"{next(_folders(names))}: {told}"


def _runs(problems: Sequence[Problem]) -> Iterator[str]:
    if not problems:
        return
    newer = sum(problem.kind is ProblemKind.NEWER for problem in problems)
    why = [
        f"{count(number)} {words}"
        for number, words in ((len(problems) - newer, "damaged"), (newer, "of a newer INT8 Lens"))
        if number
    ]
    verb = "is" if len(problems) == 1 else "are"
    yield f"{counted(len(problems), 'run')} {verb} left out ({', '.join(why)})"


def _folders(names: Sequence[str]) -> Iterator[str]:
    if names:
        verb = "holds" if len(names) == 1 else "hold"
        yield f"{counted(len(names), 'folder')} {verb} no manifest (unfinished or half copied)"
