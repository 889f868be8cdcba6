"""The catalogue of cautions: an id, what it means with the value seen, and what to do.

Only words; ``results.cautions`` puts a value into them, and is what others import.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


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
    "imported": CautionText(
        "imported, not measured by INT8 Lens: {detail}: one launch, no interval; nobody knows how "
        "it was measured",
        "read it as what was told; measure both with `python -m collector run` for a verdict",
    ),
    "published": CautionText(
        "published, not measured by INT8 Lens: {detail}: one figure, no interval; nobody knows "
        "how it was measured",
        "read it as what was told; measure both with `python -m collector run` for a verdict",
    ),
    "imported_counters_on": CautionText(
        "the latency was taken with the layer counters on: {detail}",
        "import a report made without counters for the time; this one is good for the layers",
    ),
    "imported_source": CautionText(
        "where the imported figures are from is only told: {detail}",
        "look them up there before you rely on them",
    ),
    "imported_no_latency": CautionText(
        "the latency was told as 0, which is below what the tool prints: {detail}",
        "read the throughput; measure it with `python -m collector run` for its latency",
    ),
    "imported_not_driven": CautionText(
        "nobody told how it was driven: {detail}",
        "import the whole report, with the layers of the same run; with figures by hand give "
        "--streams",
    ),
    "imported_implausible": CautionText(
        "the imported figures are hardly what was measured: {detail}",
        "look them up where they are from: unit, batch, streams",
    ),
    "imported_running_averages": CautionText(
        "the layer times are running averages since the model was compiled, the warm-up "
        "included: {detail}",
        "read the shares of the layers; measure it with `python -m collector run` for steady times",
    ),
    "imported_layer_order": CautionText(
        "the layers stand in the order of their time, not of their execution: {detail}",
        "import the average or the detailed report, or give the execution graph too",
    ),
    "published_same_value": CautionText(
        "a published value equals another model's on the same platform: {detail}",
        "look it up at the source: one of the two may have been copied by mistake",
    ),
    "published_over_ceiling": CautionText(
        "a published INT8 figure is over what its instruction set can gain: {detail}",
        "look it up at the source; the figures or the class of the CPU may be wrong",
    ),
    "few_blocks": CautionText(
        "few blocks were measured: {detail}",
        "measure at least 5 blocks, 10 where the effect is small",
    ),
    "unpaired": CautionText(
        "baseline and candidate never shared a block: {detail}",
        "measure both in one run, so that a drift of the machine cancels",
    ),
    "unpaired_machines": CautionText(
        "baseline and candidate ran on different machines, which cannot share a block: {detail}",
        "compare on one machine where you can; else measure more blocks on each while it is quiet",
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
    "bar_missed": CautionText(
        "the variant is not what was asked for: {detail}",
        "look at its accuracy before its speed; quantise again with another recipe",
    ),
    "unsteady_machine": CautionText(
        "the machine changed its pace during the run: {detail}",
        "paired blocks cancel what all arms share; measure more blocks, or on a quieter machine",
    ),
    "profile_differs": CautionText(
        "the layers were timed at another pace than the headline and are brought to it: {detail}",
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
        "throughput is told per item; choose one batch to see the effect of the arm alone",
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
    "unpinned": CautionText(
        "launches are not pinned to cores: {detail}",
        "expect more spread; pin them on a system that shows its cores, such as Linux",
    ),
    "smt": CautionText(
        "threads share cores: {detail}",
        "pinned launches use one thread per core; unpinned, ask for as many threads as cores",
    ),
    "other_load_now": CautionText(
        "other processes use the CPU right now: {detail}",
        "stop them before you measure",
    ),
    "steal_now": CautionText(
        "the hypervisor takes CPU time away right now: {detail}",
        "wait for a quiet host or use dedicated CPUs",
    ),
    "fewer_cpus": CautionText(
        "the measurement may use only part of the CPUs: {detail}",
        "lift the CPU affinity or the container's CPU set, or compare with runs that had as many",
    ),
    "throttled_before": CautionText(
        "the control group has been throttled: {detail}",
        "raise the CPU limit, or ask for no more threads than it allows",
    ),
    "little_memory": CautionText(
        "little memory is free: {detail}",
        "close other programs, or measure fewer cells in one run",
    ),
    "swapping": CautionText(
        "part of the memory is swapped out: {detail}",
        "close other programs or add memory, then measure",
    ),
    "on_battery": CautionText(
        "the machine runs on battery: {detail}",
        "plug it in: on battery the CPU is slower and changes its frequency",
    ),
    "thermal_throttling": CautionText(
        "the CPU has slowed itself down because of heat: {detail}",
        "improve the cooling or let it cool down, and look for drift in the runs",
    ),
    "no_int8_isa": CautionText(
        "the CPU has no instruction for 8-bit dot products: {detail}",
        "expect INT8 to gain little; measure on a CPU with VNNI, AMX or the Arm dot product too",
    ),
    "stayed_dirty": CautionText(
        "a block stayed disturbed although it was measured again: {detail}",
        "measure again on a quieter machine",
    ),
    "profile_stayed_dirty": CautionText(
        "a round of profile launches stayed disturbed although it was measured again: {detail}",
        "read single layers with care, or measure again on a quieter machine",
    ),
    "continued_run": CautionText(
        "the run ended early and was continued: {detail}",
        "trust the ratios, they rest on whole blocks; the machine may have changed in between",
    ),
    "adaptive_limit": CautionText(
        "an interval of ±2 % needs more blocks than the limit: {detail}",
        "read the wider interval, or measure again on a quieter machine",
    ),
    "sitting_split": CautionText(
        "the launches did not fit into one sitting (36 of one model, and the memory) and were "
        "measured one sitting after the other: {detail}",
        "expect wider intervals; measure fewer cells in one run, or free some memory",
    ),
    "runtime_broken": CautionText(
        "an OpenVINO version does not work on this machine: {detail}",
        "see the end of its output on Runs; add it again with `python -m collector runtimes add`",
    ),
    "not_expressible": CautionText(
        "this OpenVINO version cannot read the model: {detail}",
        "compare a version that has the operation, or a model without it",
    ),
    "asked_otherwise": CautionText(
        "it was asked for something else than on other versions: {detail}",
        "read it as that; docs/method.md says why under ISA caps, docs/versions.md for 2021",
    ),
    "device_missing": CautionText(
        "a device that was asked for is not there: {detail}",
        "check its driver; `python -m collector doctor` lists the devices that OpenVINO finds",
    ),
    "cache_compile_failed": CautionText(
        "the compile time from the cache could not be measured: {detail}",
        "use the cold compile time; not every device can keep compiled models",
    ),
})  # fmt: skip
