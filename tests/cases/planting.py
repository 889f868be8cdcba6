"""Plans as stored facts: launches with the noise of a machine, profiles, a run per pair.

The noise is seeded by the pair's name: every timing launch has a pace of its own (1 to 3 %),
profile launches run at another pace than the timing (``_Paces``), every layer scatters by 3 to
8 % from one of them to the next, and a time is cut to whole µs as OpenVINO's counters are. What
is planted lives in ``plan`` and ``edits``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from results.facts import Block, ExecNode, ExecNodeSource, Fact, Launch, Run
from tests.cases.pair import (
    Arm,
    Pair,
    cell_fact,
    cell_id_of,
    hashed,
    machine_id_of,
    model_facts,
    place_facts,
    text_of,
    variant_facts,
)
from tests.cases.plan import Layer

BLOCKS = 8
PROFILE_LAUNCHES = 5
_TURNS = 8
_START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
_LAUNCH_NOISE = 0.015
_DRIFT = 0.03
_COUNTERS = 0.02
"""How much longer an inference takes with the counters on, about."""
_TURN_NOISE = 0.02
LAYER_SCATTER = (0.03, 0.08)
"""By how much a layer's time scatters between profile launches, as a standard deviation of logs."""
PROFILE_PACE = (0.8, 1.35)
"""How long profile launches take, of what the timing launches took: the machine's other minutes."""
_PACE_DRIFT = 0.05
"""How much the pace of profile launches moves from one to the next."""
TOOL_VERSION = "0.1.0"


_Part = tuple[Pair, tuple[tuple[Arm, str], ...]]
"""What a run measures of a pair: both sides, or one of a pair that is not paired."""


def runs_of(pairs: Iterable[Pair]) -> Iterator[tuple[str, tuple[Fact, ...]]]:
    """The runs of pairs with their facts, each to be written by a ``RunWriter``.

    A machine has one run, and a second one for what was not measured in the same blocks.
    What is planted of a pair does not hang on the other pairs.
    """
    parts: dict[tuple[str, int], list[_Part]] = {}
    for pair in pairs:
        sides = ((pair.baseline, "a"), (pair.candidate, "b"))
        for number, part in enumerate((sides,) if pair.paired else ((sides[0],), (sides[1],))):
            parts.setdefault((pair.baseline.kit.name, number), []).append((pair, part))
    for (machine, number), chosen in parts.items():
        started_at = _START + timedelta(days=3 * number)
        run_id = f"{started_at:%Y%m%dT%H%M%SZ}-{hashed(machine, str(number))[:6]}"
        yield run_id, tuple(_run_facts(chosen, run_id, started_at))


def _run_facts(parts: Sequence[_Part], run_id: str, started_at: datetime) -> Iterator[Fact]:
    machine_id = machine_id_of(parts[0][0].baseline.kit)
    yield Run(run_id=run_id, kind="measured", machine_id=machine_id, started_at=started_at,
              ended_at=started_at + timedelta(minutes=2), tool_version=TOOL_VERSION,
              command="python -m tests.cases.make", seed=1, blocks_planned=BLOCKS,
              profile_launches=PROFILE_LAUNCHES, effort="default", continued=0)  # fmt: skip
    cells = [cell_id_of(pair, arm, side) for pair, sides in parts for arm, side in sides]
    for block in range(BLOCKS):
        yield Block(run_id, block, _at(started_at, "timing", block), tuple(cells))
    for pair, sides in parts:
        yield from _pair_facts(pair, sides, run_id, started_at)


def _pair_facts(
    pair: Pair, sides: Sequence[tuple[Arm, str]], run_id: str, started_at: datetime
) -> Iterator[Fact]:
    random = np.random.default_rng(int(hashed(run_id, pair.name)[:12], 16))
    yield from model_facts(pair)
    drift = 1.0 + _DRIFT * random.standard_normal((BLOCKS, _TURNS))
    paces = _Paces.drawn(random)
    for arm, side in sides:
        yield from place_facts(arm)
        yield from variant_facts(pair, arm)
        yield cell_fact(pair, arm, side)
        maker = _Maker(run_id, cell_id_of(pair, arm, side), arm, started_at, random)
        yield from maker.timings(drift)
        yield from maker.profiles(paces, in_turns=pair.in_turns)
        paces = paces if pair.in_turns else _Paces.drawn(random)


@dataclass(frozen=True)
class _Paces:
    """How long each profile launch takes, of what the timing launches took.

    What took turns has one pace in a round, common to both sides; what did not has another one
    on each side.
    """

    by_round: tuple[float, ...]

    @classmethod
    def drawn(cls, random: np.random.Generator) -> _Paces:
        """A pace for the whole of it, moving a little from round to round."""
        lowest, highest = PROFILE_PACE
        middle = math.log(lowest) + random.random() * math.log(highest / lowest)
        moved = np.exp(middle + _PACE_DRIFT * random.standard_normal(PROFILE_LAUNCHES))
        return cls(tuple(map(float, np.clip(moved, lowest, highest))))


@dataclass(frozen=True)
class _Maker:
    run_id: str
    cell_id: str
    arm: Arm
    started_at: datetime
    random: np.random.Generator

    def timings(self, drift: NDArray[np.float64]) -> Iterator[Launch]:
        for block in range(len(drift)):
            own = 1.0 + _LAUNCH_NOISE * self.random.standard_normal()
            turns = drift[block] * (1.0 + _TURN_NOISE * self.random.standard_normal(_TURNS))
            slices_ms = self.arm.wall_us / 1000.0 * own * turns
            yield self._launch(f"t{block}", "timing", block, slices_ms)

    def profiles(self, paces: _Paces, *, in_turns: bool) -> Iterator[Fact]:
        scatter = self.random.uniform(*LAYER_SCATTER, len(self.arm.layers))
        for number, common in enumerate(paces.by_round):
            pace = common * (1.0 + abs(_COUNTERS * self.random.standard_normal()))
            yield self._launch(f"p{number}", "profile", number if in_turns else None,
                               np.full(_TURNS, self.arm.wall_us / 1000.0 * pace))  # fmt: skip
            yield from self._nodes(f"{self.run_id}-{self.cell_id}-p{number}", pace, scatter)

    def _nodes(self, launch_id: str, pace: float, scatter: NDArray[np.float64]) -> Iterator[Fact]:
        arm = self.arm
        indices = {layer.name: arm.first + arm.step * at for at, layer in enumerate(arm.layers)}
        by_name = {layer.name: layer for layer in arm.layers}
        drawn = np.exp(scatter * self.random.standard_normal(len(arm.layers)))
        for layer, own in zip(arm.layers, drawn, strict=True):
            noise = pace * float(own)
            time_us = None if layer.time_us is None else float(math.floor(layer.time_us * noise))
            reads = [by_name[name] for name in layer.reads]
            yield self._node(launch_id, layer, indices, reads, time_us)
            for op in layer.ops:
                yield ExecNodeSource(self.run_id, launch_id, indices[layer.name], op,
                                     arm.method, arm.confidence)  # fmt: skip

    def _node(
        self, launch_id: str, layer: Layer, indices: dict[str, int], reads: Sequence[Layer],
        time_us: float | None,
    ) -> ExecNode:  # fmt: skip
        given = layer.input_precision or layer.precision
        return ExecNode(
            run_id=self.run_id, launch_id=launch_id, cell_id=self.cell_id,
            node_index=indices[layer.name], name=layer.name, node_type=layer.node_type,
            primitive=layer.primitive, runtime_precision=layer.precision,
            input_precisions=tuple(given for _ in reads),
            input_layouts=tuple(layer.input_layout for _ in reads),
            output_precisions=(layer.output_precision or layer.precision,),
            output_layouts=(layer.output_layout,), output_shapes=(text_of(layer.shape),),
            producers=tuple(indices[one.name] for one in reads), from_constant=False,
            original_names=(*layer.ops, *layer.aliases),
            status="executed" if layer.runs else "not_executed", time_us=time_us,
        )  # fmt: skip

    def _launch(
        self, name: str, kind: str, block: int | None, slices_ms: NDArray[np.float64]
    ) -> Launch:
        p50_ms = float(np.median(slices_ms))
        timing = kind == "timing"
        return Launch(
            run_id=self.run_id, launch_id=f"{self.run_id}-{self.cell_id}-{name}",
            cell_id=self.cell_id, kind=kind, block=block, attempt=0,
            sitting=None if block is None else 0, position=0,
            started_at=_at(self.started_at, kind, block),
            status="ok", error=None, stderr_tail=None, read_ms=5.0, compile_ms=60.0,
            cached_compile_ms=None, first_inference_ms=2.0 * p50_ms, warmup_iterations=50,
            warmup_settled=True, iterations=400, p50_ms=p50_ms, p90_ms=1.05 * p50_ms,
            p99_ms=1.2 * p50_ms, mean_ms=1.01 * p50_ms, min_ms=0.95 * p50_ms,
            max_ms=1.4 * p50_ms, throughput_fps=1000.0 / p50_ms, samples_ms=(),
            slice_ms=tuple(map(float, slices_ms)) if timing else None, inference_s=1.0,
            requests=1, pinned_to="0-3", properties=None, peak_memory_mib=120.0,
            steal_share=0.0, throttled_us=0, cpu_pressure_us=100, involuntary_switches=2,
            frequency_mhz=None, other_cpu_share=0.005,
        )  # fmt: skip


def _at(started_at: datetime, kind: str, number: int | None) -> datetime:
    """When a block or a round began: all rounds after all blocks."""
    before = 0 if kind == "timing" else BLOCKS
    return started_at + timedelta(seconds=10 * (before + (number or 0)))
