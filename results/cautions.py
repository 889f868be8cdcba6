"""The one place for the words of cautions: what lowers trust, and what to do about it.

A caution is stored by the collector (``facts.Caution``) or computed by a comparison;
both become a ``ShownCaution`` here and nowhere else. When one applies is decided by
who raises it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from results.comparison import ShownCaution
from results.facts import Caution


@dataclass(frozen=True)
class CautionText:
    """Message with ``{detail}``, the value seen, and what to do."""

    message: str
    action: str


CAUTIONS = MappingProxyType({
    "synthetic_weights": CautionText(
        "the weights are random: {detail}",
        "read the speed only; accuracy and sparsity say nothing here",
    ),
    "interference_steal": CautionText(
        "the hypervisor took CPU time away while it was measured: {detail}",
        "measure again on a quiet host or on dedicated CPUs",
    ),
    "interference_load": CautionText(
        "other processes used the CPU while it was measured: {detail}",
        "stop them and measure again",
    ),
    "throttled": CautionText(
        "the control group was throttled while it was measured: {detail}",
        "raise the CPU limit or ask for fewer threads, then measure again",
    ),
    "warmup_unsettled": CautionText(
        "the warm-up never reached a steady state: {detail}",
        "allow a longer warm-up, or look for a CPU that changes its frequency",
    ),
    "few_blocks": CautionText(
        "few blocks were measured: {detail}",
        "measure at least 5 blocks, 10 where the effect is small",
    ),
    "unpaired": CautionText(
        "baseline and candidate never shared a block: {detail}",
        "measure both in one run, so that a drift of the machine cancels",
    ),
    "capped_device": CautionText(
        "the instruction set was limited: {detail}",
        "read it as this CPU with fewer instructions, not as another CPU",
    ),
    "low_coverage": CautionText(
        "part of the executed time could not be tied to the model's operations: {detail}",
        "trust the verdict, read the layers with care",
    ),
    "layers_withheld": CautionText(
        "the layers do not explain the difference: {detail}",
        "trust the verdict only; a larger model or more profile launches may help",
    ),
    "nothing_quantised": CautionText(
        "quantising found nothing to quantise in {detail}: its INT8 arm is the float model",
        "compare the float arms only; INT8 has nothing to offer this model",
    ),
    "unsteady_machine": CautionText(
        "the machine changed its pace during the run: {detail}",
        "paired blocks cancel what all arms share; measure more blocks, or on a quieter machine",
    ),
    "profile_differs": CautionText(
        "the layers were timed at another pace than the headline: {detail}",
        "trust the verdict; measure again on a quieter machine for the layers",
    ),
    "failed_launches": CautionText(
        "launches failed and were left out: {detail}",
        "look at the run's page for the reason",
    ),
    "different_device": CautionText(
        "baseline and candidate ran on different devices: {detail}",
        "compare on one device to see the effect of the arm alone",
    ),
    "different_runtime": CautionText(
        "baseline and candidate ran on different OpenVINO versions: {detail}",
        "compare on one version to see the effect of the arm alone",
    ),
    "different_model": CautionText(
        "baseline and candidate are different models: {detail}",
        "read the times; there is no layer story across models",
    ),
    "different_batch": CautionText(
        "baseline and candidate have different batch sizes: {detail}",
        "divide by the batch before comparing time per item",
    ),
    "more_than_one_axis": CautionText(
        "baseline and candidate differ in more than one respect: {detail}",
        "compare cells that differ in one of them to know which one matters",
    ),
    "precision_not_as_asked": CautionText(
        "what executed is not the precision that was asked for: {detail}",
        "look at the layers; name the precision that really ran",
    ),
    "hypervisor": CautionText(
        "measured in a virtual machine: {detail}",
        "expect more spread than on bare metal; watch the steal time",
    ),
    "governor": CautionText(
        "the frequency governor is not performance: {detail}",
        "set it to performance where you may, or expect more spread",
    ),
    "turbo": CautionText(
        "the CPU may change its frequency by itself: turbo is {detail}",
        "expect more spread, or switch turbo off where you may",
    ),
    "cgroup_limit": CautionText(
        "the control group limits the CPU time: {detail}",
        "ask for no more threads than that",
    ),
    "isa_cap_ignored": CautionText(
        "kernels used wider instructions than the cap allows: {detail}",
        "do not read this as a CPU without those instructions",
    ),
    "newer_schema": CautionText(
        "part of the store was written by a newer INT8 Lens: {detail}",
        "update INT8 Lens to see it",
    ),
    "damaged_run": CautionText(
        "a stored run is damaged and was left out: {detail}",
        "run `python -m results verify`, then measure it again",
    ),
    "no_profile": CautionText(
        "there are no layer times: {detail}",
        "measure it with at least one profile launch",
    ),
})  # fmt: skip


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
