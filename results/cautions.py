"""The one place for the words of cautions: what lowers trust, and what to do about it.

A caution is stored by the collector (``facts.Caution``) or computed by a comparison;
both become a ``ShownCaution`` here and nowhere else. When one applies is decided by
who raises it; the catalogue of the words is ``results.caution_texts``.
"""

from __future__ import annotations

from results.caution_texts import CAUTIONS
from results.comparison import ShownCaution
from results.facts import Caution


def show(caution: Caution) -> ShownCaution:
    """A stored caution in words; an unknown id, from a newer collector, is shown as it is."""
    return of(caution.caution_id, caution.subject, caution.detail)


def of(caution_id: str, subject: str, detail: str) -> ShownCaution:
    """A caution about ``subject`` with the value seen, in words."""
    text = CAUTIONS.get(caution_id)
    if text is None:
        return ShownCaution(
            caution_id,
            subject,
            f"{caution_id.replace('_', ' ')}: {detail}",
            "update INT8 Lens to learn what it means",
        )
    return ShownCaution(caution_id, subject, text.message.format(detail=detail), text.action)


def few_blocks(blocks: int) -> ShownCaution:
    """Fewer blocks than an interval is worth reading with."""
    return of("few_blocks", "comparison", _count(blocks, "block"))


def unpaired(baseline_run: str, candidate_run: str) -> ShownCaution:
    """The launches come from different runs, or from different blocks of one."""
    runs = (
        f"both in run {baseline_run}, in different blocks"
        if baseline_run == candidate_run
        else f"runs {baseline_run} and {candidate_run}"
    )
    return of("unpaired", "comparison", runs)


def unpaired_machines(baseline: str, candidate: str) -> ShownCaution:
    """The launches come from two machines, which never share a block."""
    return of("unpaired_machines", "comparison", f"{baseline} and {candidate}")


def low_coverage(side: str, share: float) -> ShownCaution:
    """Less executed time than wanted stands in groups; ``share`` is 0..1."""
    return of("low_coverage", side, f"{100 * share:.1f} % of the {side}'s is")


def layers_withheld(unattributed_us: float, wall_us: float) -> ShownCaution:
    """The unattributed part is larger than the effect."""
    return of(
        "layers_withheld",
        "comparison",
        f"{unattributed_us:+.0f} µs are not attributed, the whole difference is {wall_us:+.0f} µs",
    )


def unsteady_machine(arm: str, low_ms: float, high_ms: float) -> ShownCaution:
    """The launch medians of an arm lie far apart."""
    return of(
        "unsteady_machine", arm, f"launch medians of {arm} from {low_ms:.3g} to {high_ms:.3g} ms"
    )


def profile_differs(arm: str, profile_ms: float, timing_ms: float) -> ShownCaution:
    """The layers were timed while the machine ran at another pace."""
    return of(
        "profile_differs",
        arm,
        f"{profile_ms:.3g} ms with counters, {timing_ms:.3g} ms without, for {arm}",
    )


def failed_launches(arm: str, failed: int, total: int, error: str | None) -> ShownCaution:
    """Some launches of an arm failed."""
    reason = f", {error}" if error else ""
    return of("failed_launches", arm, f"{failed} of {_count(total, 'launch')} of {arm}{reason}")


def no_profile(arm: str) -> ShownCaution:
    """No profile launch of an arm in the run that is shown."""
    return of("no_profile", arm, f"no profile launch of {arm} in this run")


def different(axis: str, baseline: object, candidate: object) -> ShownCaution:
    """``axis`` is device, runtime, model or batch."""
    return of(f"different_{axis}", "comparison", f"{baseline} and {candidate}")


def more_than_one_axis(axes: tuple[str, ...]) -> ShownCaution:
    """Names of the axes in which the two cells differ."""
    return of("more_than_one_axis", "comparison", ", ".join(axes))


def _count(number: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("ch") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"
