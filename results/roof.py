"""What the device could do at most, as shapes: peaks, the roof of a group, a model's ceiling.

Only shapes live here. ``results.isa`` knows the factors of instruction sets,
``results.roofline`` fills these, ``results.peak_queries`` reads the peaks.
"""

from __future__ import annotations

from dataclasses import dataclass

from results.facts import Peak


@dataclass(frozen=True)
class Peaks:
    """The measured peaks of a device, of the newest run that measured it.

    ``whole_device`` says that they were measured on every physical core of the machine;
    else a cell that is not pinned may run on more of them.
    """

    device_id: str
    run_id: str
    runtime: str
    rows: tuple[Peak, ...]
    whole_device: bool


@dataclass(frozen=True)
class GroupRoof:
    """What a group does per inference, and how near both sides come to what the device can.

    ``gflop`` are 10^9 operations; the bytes are at the precision that each side ran in.
    The shares are achieved over attainable speed (1 is the roof; the roof of S. Williams, A.
    Waterman, D. Patterson, "Roofline", CACM 52, 2009), None without measured peaks.
    ``possible`` is how many times as fast the candidate could be at most as the baseline
    was here, by the instruction set's ceiling; ``memory_bound`` says whether the candidate's
    arithmetic intensity is below the device's ridge, None without measured peaks.
    """

    gflop: float
    baseline_bytes: float
    candidate_bytes: float
    baseline_share: float | None
    candidate_share: float | None
    possible: float | None
    memory_bound: bool | None


@dataclass(frozen=True)
class ModelCeiling:
    """How many times as fast the candidate could be as the baseline, the whole model.

    ``isa`` names the instruction set, ``layer`` its ceiling for one convolution over what the
    baseline ran in, ``model`` the same for the whole model, by Amdahl's law: only the time of
    convolutions and matrix products shrinks. ``heavy_share`` is their share of the
    baseline's time.
    """

    isa: str
    layer_low: float
    layer_high: float
    model: float
    heavy_share: float
