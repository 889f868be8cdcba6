"""One run with several OpenVINO versions in the same blocks, and with cells that failed.

Planted stores of one version each, made slower or faster and put into one run; some of
their cells are made to fail. The truth is in ``PACES`` and ``INT8``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from results.facts import Block, Cell, ExecNode, ExecNodeSource, Fact, Launch, Run
from results.store import Store
from results.writer import RunWriter
from tests.page.stores import facts_of, unknown
from tests.planted import ARMS, TOOL_VERSION, cell_id_of, planted_store

PACES = {"2021.2": 1.5, "2021.4.2": 1.4, "2022.3.2": 1.3, "2023.0.0": 1.0, "2024.6.0": 1.0,
         "2026.4.1": 0.98}  # fmt: skip
"""How long fp32 takes on each version, compared with the planted time."""
INT8 = {"2021.2": 1.2, "2021.4.2": 1.2, "2022.3.2": 1.15, "2023.0.0": 0.6, "2024.6.0": 0.6,
        "2026.4.1": 0.55}  # fmt: skip
"""How long INT8 takes on each version, compared with fp32 forced to f32 there."""
OLD_KERNELS = frozenset({"2021.2", "2021.4.2", "2022.3.2"})
"""Versions that run the depthwise convolution of the INT8 arm in f32."""
MODELS = ("alpha", "beta")
CRASH = "timing: the probe was ended by signal 11 (SIGSEGV)"
REFUSED = "timing: Einsum-7 (layer stem) is not in opset5 of OpenVINO 2021.2"
STDERR = "libinference_engine.so(+0x1f)\nSegmentation fault <b>(core dumped)</b>"
FAILED = {
    ("2021.2", "alpha", ARMS[2]): CRASH,
    ("2021.2", "beta", ARMS[0]): REFUSED,
    ("2021.2", "beta", ARMS[1]): REFUSED,
    ("2021.2", "beta", ARMS[2]): REFUSED,
}


def versions_store(
    root: Path,
    versions: tuple[str, ...] = tuple(PACES),
    *,
    failed: Mapping[tuple[str, str, str], str] = FAILED,
    isa_cap: str | None = None,
    models: tuple[str, ...] = MODELS,
    blocks: int = 5,
) -> Store:
    """Write one run of these versions under ``root``; ``failed`` has a reason by cell."""
    with TemporaryDirectory() as folder:
        planted = [
            list(_of_version(Path(folder) / version, version, failed, isa_cap, models, blocks))
            for version in versions
        ]
    run = next(fact for fact in planted[0] if isinstance(fact, Run))
    found = dict.fromkeys(_in_run(fact, run.run_id) for facts in planted for fact in facts)
    runs = [fact for fact in found if isinstance(fact, Run)]
    every = [fact for fact in found if not isinstance(fact, Run | Block)]
    with RunWriter(root, run.run_id) as writer:
        writer.add(runs[0], *every, *_blocks([fact for fact in found if isinstance(fact, Block)]))
        writer.commit(tool_version=TOOL_VERSION)
    return Store(root)


def _of_version(
    root: Path,
    version: str,
    failed: Mapping[tuple[str, str, str], str],
    isa_cap: str | None,
    models: tuple[str, ...],
    blocks: int,
) -> Iterator[Fact]:
    """The facts of one version, at its pace."""
    ratios = dict.fromkeys(models, INT8[version])
    store = planted_store(
        root, models=models, int8_ratios=ratios, runtime=version, isa_cap=isa_cap, blocks=blocks
    )
    reasons = {
        cell_id_of(model, arm, runtime=version, isa_cap=isa_cap): why
        for (runtime, model, arm), why in failed.items()
        if runtime == version
    }
    facts = list(itertools.chain.from_iterable(facts_of(run.path) for run in store.runs))
    arms = {fact.cell_id: fact.arm for fact in facts if isinstance(fact, Cell)}
    for fact in facts:
        if isinstance(fact, Launch | ExecNode) and fact.cell_id in reasons:
            if isinstance(fact, Launch) and fact.block in {0, None} and fact.kind == "timing":
                yield _failed(fact, reasons[fact.cell_id])
        elif isinstance(fact, ExecNodeSource) and _cell_of(fact) in reasons:
            continue
        elif isinstance(fact, Launch):
            yield _paced(fact, PACES[version] * _wobble(version, fact.block or 0))
        elif isinstance(fact, ExecNode):
            yield _kernel(fact, version, arms[fact.cell_id])
        else:
            yield fact


def _wobble(version: str, block: int) -> float:
    """What makes the ratio of two versions differ a little from block to block."""
    return 1.0 + 0.002 * ((block * (3 + list(PACES).index(version))) % 5 - 2)


def _cell_of(fact: ExecNodeSource) -> str:
    """The planted id of a launch ends with its cell's and its own name."""
    return fact.launch_id.removeprefix(f"{fact.run_id}-").split("-")[0]


def _kernel(fact: ExecNode, version: str, arm: str) -> ExecNode:
    """At the version's pace, on the kernel that it chooses."""
    time_us = None if fact.time_us is None else fact.time_us * PACES[version]
    fact = replace(fact, time_us=time_us)
    if version in OLD_KERNELS and fact.name == "block/dw" and arm.startswith("int8"):
        return replace(fact, primitive="jit_avx512_dw_FP32", runtime_precision="f32")
    return fact


def _paced(fact: Launch, pace: float) -> Launch:
    def times(value: float | None) -> float | None:
        return None if value is None else value * pace

    return replace(
        fact, p50_ms=times(fact.p50_ms), p90_ms=times(fact.p90_ms), p99_ms=times(fact.p99_ms),
        mean_ms=times(fact.mean_ms), min_ms=times(fact.min_ms), max_ms=times(fact.max_ms),
        throughput_fps=None if fact.throughput_fps is None else fact.throughput_fps / pace,
        samples_ms=tuple(value * pace for value in fact.samples_ms or ()),
        slice_ms=None if fact.slice_ms is None else tuple(v * pace for v in fact.slice_ms),
    )  # fmt: skip


def _failed(fact: Launch, reason: str) -> Launch:
    """A launch that measured nothing."""
    return replace(
        unknown(fact), block=fact.block, status="failed", error=reason, stderr_tail=STDERR,
        samples_ms=(),
    )  # fmt: skip


def _in_run(fact: Fact, run_id: str) -> Fact:
    """The fact in this run; what no run owns stays as it is."""
    if isinstance(fact, Run | Block | Launch | ExecNode | ExecNodeSource):
        return replace(fact, run_id=run_id)
    return fact


def _blocks(found: list[Block]) -> Iterator[Block]:
    """Each block with the cells of all versions."""
    by_number: dict[int, list[Block]] = {}
    for block in found:
        by_number.setdefault(block.block, []).append(block)
    for same in by_number.values():
        order = tuple(itertools.chain.from_iterable(block.cell_order for block in same))
        yield replace(same[0], cell_order=order)
