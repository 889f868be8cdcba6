"""What disturbed a launch: from its interference readings to cautions. Pure."""

from __future__ import annotations

from results.facts import Launch
from results.pairing import DIRTY_CAUTIONS

STEAL_SHARE = 0.02
"""Share of the CPU time that the hypervisor took, above which a launch is disturbed."""
OTHER_LOAD_SHARE = 0.10
"""Share of the CPU time that other processes used, above which a launch is disturbed."""
OTHER_LOAD_CPUS = 0.5
"""The same as a number of CPUs: one busy process disturbs however many CPUs there are."""


def launch_cautions(launch: Launch, cpus: int) -> tuple[tuple[str, str], ...]:
    """(caution id, value seen) for what disturbed a launch that watched so many CPUs."""
    found = []
    if launch.steal_share is not None and launch.steal_share > STEAL_SHARE:
        found.append(("interference_steal", f"{100 * launch.steal_share:.1f} % of the CPU time"))
    other = launch.other_cpu_share or 0.0
    if other > OTHER_LOAD_SHARE or other * cpus > OTHER_LOAD_CPUS:
        found.append(("interference_load", f"{100 * other:.0f} % of the CPU time"))
    if launch.throttled_us:
        found.append(("throttled", f"{launch.throttled_us} us"))
    if launch.warmup_settled is False:
        found.append(("warmup_unsettled", f"{launch.warmup_iterations} inferences"))
    return tuple(found)


def is_dirty(launch: Launch, cpus: int) -> bool:
    """Whether something from outside disturbed a launch, so that its block is measured again."""
    return any(caution_id in DIRTY_CAUTIONS for caution_id, _ in launch_cautions(launch, cpus))
