"""Builders for comparisons in memory: cells, layers, links, source ops, launches.

Everything has a plain default, so that a test names only what it is about.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from results.align import Alignment, align
from results.comparison import CellView
from results.facts import ExecNode, ExecNodeSource, SourceOp
from results.nodes import Side
from results.views import LaunchView

AT = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)

FLOAT_CELL = CellView(
    cell_id="cell-f", device_id="d", runtime_id="r", model_id="m", variant_id="v-f",
    model="net", model_title="Net", model_note=None, arm="fp32@f32", variant_kind="fp32",
    precision="f32", device="A CPU", machine_id="machine", isa_cap=None,
    isa_flags=("avx2", "avx512f", "avx512_vnni"), runtime="2026.4.1", scenario="latency",
    batch=1, streams=1, threads=None, requests=None,
)  # fmt: skip
INT8_CELL = replace(
    FLOAT_CELL, cell_id="cell-q", variant_id="v-q", arm="int8-simplified@default",
    variant_kind="int8-simplified", precision="default",
)  # fmt: skip


def node(
    index: int,
    name: str,
    time_us: float | None = 100.0,
    *,
    kind: str = "Convolution",
    precision: str = "f32",
    to: str | None = None,
    layouts: tuple[str, str] = ("acdb", "acdb"),
    reads: Sequence[int] = (),
    names: Sequence[str] | None = None,
    constant: bool = False,
    launch: str = "p0",
) -> ExecNode:
    """An executed layer, or one that was not where ``time_us`` is None."""
    return ExecNode(
        run_id="run", launch_id=launch, cell_id="cell", node_index=index, name=name,
        node_type=kind, primitive=f"jit_avx512_{precision}", runtime_precision=precision,
        input_precisions=(precision,), input_layouts=(layouts[0],),
        output_precisions=(to or precision,), output_layouts=(layouts[1],),
        output_shapes=("[1,8,8,8]",), producers=tuple(reads), from_constant=constant,
        original_names=(name,) if names is None else tuple(names),
        status="not_executed" if time_us is None else "executed", time_us=time_us,
    )  # fmt: skip


def reorder(index: int, time_us: float = 10.0, *, reads: Sequence[int], name: str = "", **how: str
            ) -> ExecNode:  # fmt: skip
    """A Reorder without original names; ``to`` and ``precision`` say what it changes."""
    return node(index, name or f"reorder{index}", time_us, kind="Reorder", reads=reads, names=(),
                precision=how.get("precision", "u8"), to=how.get("to", "f32"))  # fmt: skip


def side(nodes: Sequence[ExecNode], *extra: tuple[int, str, str, float]) -> Side:
    """Nodes bridged by their original names, and ``extra`` links (index, op, method, conf.)."""
    links = [
        ExecNodeSource("run", row.launch_id, row.node_index, name, "name", 1.0)
        for row in nodes
        for name in row.original_names
    ]
    launches = dict.fromkeys(row.launch_id for row in nodes)
    links += [ExecNodeSource("run", launch, *link) for launch in launches for link in extra]
    return Side(tuple(nodes), tuple(links))


def ops(*chain: tuple[str, str], flops: int | None = None) -> tuple[SourceOp, ...]:
    """Source ops (name, type), each reading the one before."""
    return tuple(
        SourceOp(
            variant_id="v-f", op_name=name, op_type=op_type, position=at, input_shapes=(),
            output_shapes=(), producers=(chain[at - 1][0],) if at else (),
            flops=flops if "Conv" in op_type or "MatMul" in op_type else None,
            input_elements=1, weight_elements=0, output_elements=1, module_path="",
        )
        for at, (name, op_type) in enumerate(chain)
    )  # fmt: skip


def aligned(
    baseline: Sequence[ExecNode], candidate: Sequence[ExecNode], source_ops: Sequence[SourceOp]
) -> Alignment:
    """INT8 candidate against float baseline, bridged by names."""
    return align(side(baseline), side(candidate), source_ops, candidate_is_int8=True)


def launch(
    cell: CellView,
    block: int | None,
    p50_ms: float | None,
    *,
    attempt: int = 0,
    run: str = "run",
    error: str | None = None,
    slice_ms: Sequence[float] | None = None,
    sitting: int | None = None,
    headline_ms: float | None = None,
) -> LaunchView:
    """A timing launch; a failed one where there is no median, which is the headline too."""
    return LaunchView(
        run_id=run, launch_id=f"{run}-{cell.cell_id}-{block}-{attempt}", cell_id=cell.cell_id,
        kind="timing", block=block, attempt=attempt, sitting=sitting, position=0,
        started_at=AT + timedelta(seconds=block or 0), status="failed" if error else "ok",
        error=error, stderr_tail=None, read_ms=None, compile_ms=None, cached_compile_ms=None,
        first_inference_ms=None, warmup_iterations=None, warmup_settled=None, iterations=None,
        p50_ms=p50_ms, p90_ms=None, p99_ms=None, mean_ms=None, min_ms=None, max_ms=None,
        throughput_fps=None,
        slice_ms=None if slice_ms is None else tuple(slice_ms), inference_s=None, requests=None,
        pinned_to=None,
        properties=None, peak_memory_mib=None, steal_share=None, throttled_us=None,
        cpu_pressure_us=None, involuntary_switches=None, frequency_mhz=None,
        other_cpu_share=None, headline_ms=p50_ms if headline_ms is None else headline_ms,
    )  # fmt: skip
