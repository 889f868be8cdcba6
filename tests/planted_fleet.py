"""A store of many devices with a known truth: CPUs of every instruction set, some of them alike.

Each device is a machine of its own that ``planted_store`` made, with another CPU, another pace
and another gain of INT8. Device 3 of every ten is capped to AVX2; device 7 failed in INT8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from results.facts import Device, Fact, Launch, Machine
from results.store import Store
from tests.page.stores import altered_store
from tests.planted import planted_store

_AVX2 = ("sse4_1", "sse4_2", "avx", "avx2")
_AVX512 = (*_AVX2, "avx512f", "avx512bw")
_VNNI = (*_AVX512, "avx512_vnni")


@dataclass(frozen=True)
class PlantedCpu:
    """A CPU of the fleet: times are those of ``planted_store`` by ``pace``.

    ``int8_ratio`` is INT8's time over that of ``fp32@f32``.
    """

    title: str
    flags: tuple[str, ...]
    cores: int
    pace: float
    int8_ratio: float


CPUS = (
    PlantedCpu(
        "Intel(R) Xeon(R) Platinum 8488C", (*_VNNI, "avx512_bf16", "amx_int8"), 48, 0.4, 0.3
    ),
    PlantedCpu("AMD EPYC 9354 32-Core Processor", _VNNI, 32, 0.6, 0.45),
    PlantedCpu("Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", _AVX512, 24, 1.1, 0.95),
    PlantedCpu("12th Gen Intel(R) Core(TM) i7-1255U", (*_AVX2, "avx_vnni"), 10, 1.6, 0.5),
    PlantedCpu("Intel(R) Core(TM) i5-7440HQ CPU @ 2.80GHz", _AVX2, 4, 3.0, 1.3),
    PlantedCpu("AMD Ryzen 5 3600 6-Core Processor", _AVX2, 6, 1.9, 1.0),
    PlantedCpu("Intel(R) Atom(TM) Processor X6425E", _AVX2[:2], 4, 9.0, 0.8),
)
_CAPPED, _FAILED, _EVERY = 3, 7, 10


def planted_fleet(root: Path, devices: int = 14, models: tuple[str, ...] = ("alpha",)) -> Store:
    """Write a run of each device under ``root``; device n has CPU n modulo their number."""
    for number in range(devices):
        cpu = CPUS[number % len(CPUS)]
        plant = partial(
            planted_store,
            name=f"host-{number:03d}",
            models=models,
            int8_ratios={model: cpu.int8_ratio + 0.1 * n for n, model in enumerate(models)},
            isa_cap="AVX2" if number % _EVERY == _CAPPED else None,
            failed_cell=number % _EVERY == _FAILED,
            profile_launches=0,
            turns=0,
        )
        altered_store(root, _as(cpu, cpu.pace * (1 + 0.01 * (number // len(CPUS)))), plant)
    return Store(root)


def _as(cpu: PlantedCpu, pace: float) -> Callable[[Fact], Iterator[Fact]]:
    """Every fact as that of this CPU, at this pace."""

    def alter(fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Machine):
            fact = replace(fact, cpu_model=cpu.title, isa_flags=cpu.flags, physical_cores=cpu.cores,
                           logical_cpus=2 * cpu.cores)  # fmt: skip
        elif isinstance(fact, Device):
            capped = f", capped to {fact.isa_cap}" if fact.isa_cap else ""
            fact = replace(fact, full_name=cpu.title, title=f"{cpu.title}{capped}")
        elif isinstance(fact, Launch) and fact.p50_ms is not None and fact.throughput_fps:
            fact = replace(fact, p50_ms=fact.p50_ms * pace,
                           throughput_fps=fact.throughput_fps / pace)  # fmt: skip
        yield fact

    return alter
