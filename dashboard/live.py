"""The words for what the collector is doing while people read: how far, how long, what went wrong.

The facts come from ``results.under_way``; where they are shown is ``dashboard.views.live``.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from results import format as fmt
from results.under_way import UnderWay

_STAGES = {
    "block": "block",
    "profile": "profile round",
    "startup": "startup round",
    "comparison": "comparison",
}
_MINUTE_S = 60
# Less than this is left of the time: the estimate has run out.
_LAST_S = 2.5
# From this share on a run whose estimate has run out is called almost done.
_NEARLY = 0.95


def running_words(one: UnderWay) -> str:
    """What runs, how far it is and how long it will take: one line, not yet Markdown."""
    doing = one.doing
    parts = [doing.activity]
    if doing.run_id:
        parts += [f"{100 * doing.done:.0f} % done", _left_words(one)]
    if doing.disturbed_repeats:
        parts.append(f"{fmt.counted(doing.disturbed_repeats, 'repeat')} after a disturbance")
    if doing.failed_launches:
        parts.append(fmt.counted(doing.failed_launches, "failed launch"))
    if one.is_late:
        parts.append(f"nothing heard for {duration(one.silent_s)}")
    return " · ".join(filter(None, parts))


def stopped_words(one: UnderWay) -> str:
    """Where and when a collector stopped, and what can be done: one line, not yet Markdown."""
    ago = f"{duration(one.silent_s)} ago"
    if not one.doing.run_id:
        at = f", at: {one.doing.activity}" if one.doing.activity else ""
        return f"{ago}{at}. No measurement of it is kept; start it again."
    at = _where(one)
    where = f" at {at}" if at else ""
    return f"run {one.doing.run_id}{where}, last heard of {ago}. What is finished is kept; go on:"


def resume_command(root: Path, run_id: str) -> str:
    """What continues a run that stopped."""
    where = shlex.quote(str(root))
    return f"python -m collector run --resume --run {shlex.quote(run_id)} --data {where}"


def arrived_words(number: int) -> str:
    """That runs have landed since the page was drawn."""
    if number == 1:
        return "A new run has arrived."
    return f"{number} new runs have arrived."


def duration(seconds: float) -> str:
    """For people, and coarse, as an estimate is: ``40 s``, ``12 min``, ``2 h 5 min``."""
    if seconds < 1.5 * _MINUTE_S:
        return f"{max(0, round(seconds / 5) * 5)} s"
    hours, minutes = divmod(round(seconds / _MINUTE_S), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _left_words(one: UnderWay) -> str:
    """The time that is left; where the estimate ran out, never in contradiction to the share."""
    if one.left_s > _LAST_S:
        return f"about {duration(one.left_s)} left"
    return "almost done" if one.doing.done >= _NEARLY else "longer than expected"


def _where(one: UnderWay) -> str:
    """``block 2 of 5``; empty where nothing is counted."""
    doing = one.doing
    stage = _STAGES.get(doing.stage, "")
    return f"{stage} {doing.number} of {doing.total}" if stage and doing.total else ""
