"""The facts that are stored: one frozen dataclass per table.

This is the only place where columns, types, units and "lower is better" are
declared. ``results.schema`` derives the Arrow schemas from it, ``docs/schema.md``
is generated from it, and the collector fills it. What cannot be known is None
(NULL), never 0. Nothing here reads, writes or computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

Better = Literal["lower", "higher"]


@dataclass(frozen=True)
class Column:
    """What a column means, its unit, and which direction is better, if any."""

    doc: str
    unit: str = ""
    better: Better | None = None


@dataclass(frozen=True)
class Machine:
    """One host, with its CPU, its memory, its kernel."""

    machine_id: Annotated[str, Column("stable id: hash of the system's own machine id")]
    hostname: Annotated[str, Column("host name, or its hash where names are private")]
    cpu_model: Annotated[str, Column("CPU model as the system names it")]
    cpu_vendor: Annotated[str | None, Column("CPU vendor string")]
    cpu_family: Annotated[int | None, Column("CPU family number")]
    cpu_model_number: Annotated[int | None, Column("CPU model number")]
    cpu_stepping: Annotated[int | None, Column("CPU stepping")]
    microcode: Annotated[str | None, Column("microcode revision")]
    isa_flags: Annotated[tuple[str, ...], Column("instruction set flags that matter here")]
    sockets: Annotated[int | None, Column("CPU sockets")]
    numa_nodes: Annotated[int | None, Column("NUMA nodes")]
    physical_cores: Annotated[int | None, Column("physical cores")]
    logical_cpus: Annotated[int | None, Column("logical CPUs")]
    l1d_kib: Annotated[int | None, Column("level 1 data cache per core", "KiB")]
    l2_kib: Annotated[int | None, Column("level 2 cache per core", "KiB")]
    l3_kib: Annotated[int | None, Column("level 3 cache per instance", "KiB")]
    memory_mib: Annotated[int | None, Column("main memory", "MiB")]
    kernel: Annotated[str | None, Column("kernel release")]
    os_name: Annotated[str | None, Column("operating system")]
    hypervisor: Annotated[str | None, Column("hypervisor, where the CPU says it runs under one")]
    governor: Annotated[str | None, Column("frequency governor")]
    turbo: Annotated[bool | None, Column("whether turbo is enabled")]
    cgroup_cpus: Annotated[float | None, Column("CPU limit of the control group", "CPUs")]


@dataclass(frozen=True)
class Device:
    """What OpenVINO runs on: a machine, OpenVINO's device name, an optional ISA cap."""

    device_id: Annotated[str, Column("hash of machine, OpenVINO device and ISA cap")]
    machine_id: Annotated[str, Column("the machine")]
    ov_device: Annotated[str, Column("OpenVINO's device name, such as CPU")]
    isa_cap: Annotated[str | None, Column("limit on the instruction set")]
    full_name: Annotated[str | None, Column("the device's name as OpenVINO reports it")]
    title: Annotated[str, Column("name to show; a cap is always part of it")]
    capabilities: Annotated[tuple[str, ...], Column("optimisation capabilities it reports")]


@dataclass(frozen=True)
class Runtime:
    """An OpenVINO version with its build string."""

    runtime_id: Annotated[str, Column("the full build string")]
    version: Annotated[str, Column("OpenVINO version")]
    build: Annotated[str | None, Column("OpenVINO build string")]
    onednn_version: Annotated[str | None, Column("oneDNN version, where known")]
    python: Annotated[str | None, Column("Python that ran it")]


@dataclass(frozen=True)
class Model:
    """A source network, known by the content hash of what was read."""

    model_id: Annotated[str, Column("content hash of what was read; imported: of the name")]
    name: Annotated[str, Column("short name, used in selectors")]
    title: Annotated[str, Column("name to show")]
    source_format: Annotated[str | None, Column("builtin, or the format of the file, such as onnx")]
    source_bytes: Annotated[int | None, Column("size of what was read", "bytes")]
    parameters: Annotated[int | None, Column("number of floating-point weights", "count")]
    macs: Annotated[int | None, Column("multiply-accumulates per inference at batch 1", "count")]
    synthetic_weights: Annotated[bool | None, Column("true: random weights, speed only")]
    note: Annotated[str | None, Column("what everything that shows the model must say")]


@dataclass(frozen=True)
class Variant:
    """One representation of a model."""

    variant_id: Annotated[str, Column("hash of model and recipe")]
    model_id: Annotated[str, Column("the model")]
    kind: Annotated[str, Column("fp32, int8-simplified and the like; int8: nobody says how")]
    parent_variant_id: Annotated[str | None, Column("the variant it was made from")]
    tool: Annotated[str | None, Column("tool that made it")]
    tool_version: Annotated[str | None, Column("version of that tool")]
    recipe: Annotated[str, Column("options and calibration data, as JSON with sorted keys")]
    file_bytes: Annotated[int | None, Column("size of the IR, weights included", "bytes")]
    note: Annotated[str | None, Column("what has to be said of it, such as a bar it missed")]


@dataclass(frozen=True)
class SourceOp:
    """An operation of a variant as it was read; constants and results are left out."""

    variant_id: Annotated[str, Column("the variant")]
    op_name: Annotated[str, Column("friendly name, unique in the variant")]
    op_type: Annotated[str, Column("operation type with its opset's name")]
    position: Annotated[int, Column("place in topological order")]
    input_shapes: Annotated[tuple[str, ...], Column("shapes of the non-constant inputs")]
    output_shapes: Annotated[tuple[str, ...], Column("shapes of the outputs")]
    producers: Annotated[tuple[str, ...], Column("names of the source ops it reads from")]
    flops: Annotated[int | None, Column("operations; NULL where not counted", "FLOP")]
    input_elements: Annotated[int, Column("elements read from non-constant inputs", "count")]
    weight_elements: Annotated[int, Column("elements read from constants", "count")]
    output_elements: Annotated[int, Column("elements written", "count")]
    module_path: Annotated[str, Column("the name's path without its last part")]


@dataclass(frozen=True)
class Cell:
    """Device x runtime x model x arm x scenario: the thing that gets measured."""

    cell_id: Annotated[str, Column("hash of everything below")]
    device_id: Annotated[str, Column("the device")]
    runtime_id: Annotated[str, Column("the runtime")]
    model_id: Annotated[str, Column("the model")]
    variant_id: Annotated[str, Column("the variant")]
    precision: Annotated[str, Column("execution precision asked for: f32, default, bf16, f16")]
    arm: Annotated[str, Column("variant kind @ precision")]
    scenario: Annotated[str, Column("latency or throughput; unknown: imported, not told")]
    batch: Annotated[int, Column("batch size", "count")]
    streams: Annotated[
        int | None, Column("streams asked for; NULL: the device decides, or not told", "count")
    ]
    threads: Annotated[int | None, Column("threads asked for; NULL: the runtime decides", "count")]
    requests: Annotated[
        int | None, Column("requests in flight asked for; NULL: the scenario's own", "count")
    ]


@dataclass(frozen=True)
class Run:
    """One invocation of the collector: blocks over a set of cells."""

    run_id: Annotated[str, Column("start time and a random part")]
    kind: Annotated[str, Column("measured, certificate, quantized, peaks, imported or published")]
    machine_id: Annotated[str | None, Column("the machine; NULL: several, where published")]
    started_at: Annotated[datetime, Column("start; of imported figures, of the import", "UTC")]
    ended_at: Annotated[datetime, Column("end", "UTC")]
    tool_version: Annotated[str, Column("version of INT8 Lens")]
    command: Annotated[str, Column("what was asked for")]
    seed: Annotated[int | None, Column("seed of the order inside the blocks")]
    blocks_planned: Annotated[int | None, Column("blocks asked for", "count")]
    profile_launches: Annotated[int | None, Column("profile launches per cell", "count")]
    effort: Annotated[
        str | None, Column("level of effort: quick, default, publish, adaptive or custom")
    ]
    continued: Annotated[
        int | None, Column("times that the run was continued after it had ended early", "count")
    ]
    source: Annotated[
        str | None, Column("where imported or published figures are from, as the user tells it")
    ] = None


@dataclass(frozen=True)
class Block:
    """One timing launch of each compared cell, in a recorded random order."""

    run_id: Annotated[str, Column("the run")]
    block: Annotated[int, Column("number of the block, from 0")]
    started_at: Annotated[datetime, Column("start", "UTC")]
    cell_order: Annotated[tuple[str, ...], Column("cells in the order in which they were launched")]


@dataclass(frozen=True)
class Launch:
    """One fresh process that measures one cell once."""

    run_id: Annotated[str, Column("the run")]
    launch_id: Annotated[str, Column("unique in the store")]
    cell_id: Annotated[str, Column("the cell")]
    kind: Annotated[
        str,
        Column("timing (no counters), profile (counters on) or startup (compiled from the cache)"),
    ]
    block: Annotated[
        int | None,
        Column(
            "the block, of a profile launch its round; NULL for startups and in older stores for "
            "profiles; blocks and rounds are counted apart"
        ),
    ]
    attempt: Annotated[
        int, Column("0, or which repetition of a dirty block; the last has the layers", "count")
    ]
    sitting: Annotated[
        int | None,
        Column(
            "launches of one kind, block and attempt that share it were alive together and "
            "measured in turns"
        ),
    ]
    position: Annotated[int, Column("place in the block, from 0")]
    started_at: Annotated[datetime, Column("start", "UTC")]
    status: Annotated[str, Column("ok or failed")]
    error: Annotated[str | None, Column("why it failed")]
    stderr_tail: Annotated[str | None, Column("the end of its standard error, where it failed")]
    read_ms: Annotated[float | None, Column("reading the model", "ms", "lower")]
    compile_ms: Annotated[float | None, Column("compiling the model, no cache", "ms", "lower")]
    cached_compile_ms: Annotated[
        float | None, Column("compiling from OpenVINO's model cache", "ms", "lower")
    ]
    first_inference_ms: Annotated[float | None, Column("first inference", "ms", "lower")]
    warmup_iterations: Annotated[int | None, Column("inferences before measuring", "count")]
    warmup_settled: Annotated[bool | None, Column("whether the warm-up reached a steady state")]
    iterations: Annotated[int | None, Column("measured inferences", "count")]
    p50_ms: Annotated[float | None, Column("median latency: the headline", "ms", "lower")]
    p90_ms: Annotated[float | None, Column("90th percentile of the latency", "ms", "lower")]
    p99_ms: Annotated[float | None, Column("99th percentile of the latency", "ms", "lower")]
    mean_ms: Annotated[float | None, Column("mean latency", "ms", "lower")]
    min_ms: Annotated[float | None, Column("shortest latency", "ms", "lower")]
    max_ms: Annotated[float | None, Column("longest latency", "ms", "lower")]
    throughput_fps: Annotated[
        float | None, Column("inferences times batch per second", "1/s", "higher")
    ]
    samples_ms: Annotated[tuple[float, ...], Column("latency of each measured inference", "ms")]
    slice_ms: Annotated[
        tuple[float, ...] | None,
        Column("the headline of each turn: median latency, or in throughput time per item", "ms"),
    ]
    inference_s: Annotated[
        float | None, Column("time spent inferring, warm-up included, compilation not", "s")
    ]
    requests: Annotated[int | None, Column("requests in flight", "count")]
    pinned_to: Annotated[
        str | None, Column("CPUs the process was pinned to, such as 0-3, or unpinned")
    ]
    properties: Annotated[str | None, Column("effective properties of the compiled model, JSON")]
    peak_memory_mib: Annotated[float | None, Column("peak resident memory", "MiB", "lower")]
    steal_share: Annotated[
        float | None, Column("share of CPU time that the hypervisor took away", "1", "lower")
    ]
    throttled_us: Annotated[
        int | None, Column("time the control group was throttled", "us", "lower")
    ]
    cpu_pressure_us: Annotated[
        int | None, Column("time some task waited for a CPU (PSI)", "us", "lower")
    ]
    involuntary_switches: Annotated[
        int | None, Column("involuntary context switches of the process", "count", "lower")
    ]
    frequency_mhz: Annotated[float | None, Column("mean CPU frequency at the end", "MHz")]
    other_cpu_share: Annotated[
        float | None, Column("CPU time used by other processes, of all CPUs", "1", "lower")
    ]


@dataclass(frozen=True)
class ExecNode:
    """A layer as the compiled graph executed it, per profile launch; constants are left out."""

    run_id: Annotated[str, Column("the run")]
    launch_id: Annotated[str, Column("the profile launch")]
    cell_id: Annotated[str, Column("the cell")]
    node_index: Annotated[int, Column("execution order in the compiled graph")]
    name: Annotated[str, Column("name in the compiled graph")]
    node_type: Annotated[str, Column("layer type in the compiled graph")]
    primitive: Annotated[str, Column("kernel that ran it")]
    runtime_precision: Annotated[str, Column("precision it ran in")]
    input_precisions: Annotated[tuple[str, ...], Column("precision of each input")]
    input_layouts: Annotated[tuple[str, ...], Column("memory layout of each input")]
    output_precisions: Annotated[tuple[str, ...], Column("precision of each output")]
    output_layouts: Annotated[tuple[str, ...], Column("memory layout of each output")]
    output_shapes: Annotated[tuple[str, ...], Column("shape of each output")]
    producers: Annotated[tuple[int, ...], Column("node_index of what it reads; constants left out")]
    from_constant: Annotated[bool, Column("true where it reads constants only")]
    original_names: Annotated[tuple[str, ...], Column("names of the operations it was made from")]
    status: Annotated[str, Column("executed or not_executed")]
    time_us: Annotated[float | None, Column("steady-state mean time per inference", "us", "lower")]


@dataclass(frozen=True)
class ExecNodeSource:
    """The bridge: an exec node carries a source op of the float variant."""

    run_id: Annotated[str, Column("the run")]
    launch_id: Annotated[str, Column("the profile launch")]
    node_index: Annotated[int, Column("the exec node")]
    op_name: Annotated[str, Column("the source op of the float variant")]
    method: Annotated[str, Column("name, consumer, producer or structure")]
    confidence: Annotated[float, Column("1 for a name, lower for what was inferred", "1")]


@dataclass(frozen=True)
class Dataset:
    """Samples that a model was judged on or calibrated with."""

    dataset_id: Annotated[
        str, Column("hash of the samples as the model got them, and their labels")
    ]
    name: Annotated[str, Column("name to show")]
    kind: Annotated[str, Column("images, arrays or function")]
    samples: Annotated[int, Column("samples used", "count")]
    skipped: Annotated[int, Column("samples that could not be read and were left out", "count")]
    skipped_names: Annotated[tuple[str, ...], Column("the first of them, each with its reason")]
    labelled: Annotated[bool, Column("whether the samples have labels")]


@dataclass(frozen=True)
class Accuracy:
    """How good a variant's answers are, by one metric on one dataset."""

    variant_id: Annotated[str, Column("the variant")]
    dataset_id: Annotated[str, Column("the data it was judged on")]
    metric: Annotated[str, Column("name of the metric, see docs/accuracy.md")]
    output: Annotated[str | None, Column("the output it was judged at; NULL: all together")]
    reference_variant_id: Annotated[
        str | None, Column("the variant it was judged against; NULL: against the labels")
    ]
    value: Annotated[float, Column("value of the metric; shares from 0 to 1, SQNR in dB")]
    samples: Annotated[int, Column("number of samples", "count")]


@dataclass(frozen=True)
class LayerAccuracy:
    """How far a source op's output in a variant is from that of the float variant.

    SQNR is 10 log10(signal power / noise power), in dB, over all elements of all samples.
    """

    variant_id: Annotated[str, Column("the variant")]
    dataset_id: Annotated[str, Column("the data that went through both")]
    op_name: Annotated[str, Column("the source op of the float variant")]
    method: Annotated[str, Column("how it was found in the variant: name or structure")]
    signal_power: Annotated[float, Column("mean square of the float variant's values")]
    noise_power: Annotated[float, Column("mean square of the difference", "", "lower")]
    sqnr_db: Annotated[
        float | None, Column("SQNR; NULL where there is no signal or no noise", "dB", "higher")
    ]
    samples: Annotated[int, Column("number of samples", "count")]


@dataclass(frozen=True)
class RevertedOp:
    """An operation that the accuracy control put back to float, and what that gave."""

    variant_id: Annotated[str, Column("the variant")]
    op_name: Annotated[str, Column("the source op of the float variant")]
    step: Annotated[int, Column("operations of one step were put back together, from 0")]
    metric: Annotated[str, Column("the metric that was watched")]
    drop_before: Annotated[float, Column("loss of the metric against float before the step")]
    drop_after: Annotated[float, Column("loss of the metric against float after the step")]


@dataclass(frozen=True)
class Certificate:
    """A against A on one device: how often two identical cells were called different."""

    run_id: Annotated[str, Column("the run that measured it")]
    device_id: Annotated[str, Column("the device")]
    runtime_id: Annotated[str, Column("the runtime")]
    model_id: Annotated[str, Column("the model that was measured against itself")]
    arm: Annotated[str, Column("the arm that was measured against itself")]
    scenario: Annotated[str, Column("latency or throughput")]
    effort: Annotated[str, Column("level of effort of each comparison")]
    blocks: Annotated[int, Column("blocks per comparison", "count")]
    comparisons: Annotated[int, Column("comparisons made", "count")]
    false_alarms: Annotated[int, Column("comparisons called faster or slower", "count", "lower")]
    equivalent: Annotated[int, Column("comparisons called equivalent", "count", "higher")]
    disturbed: Annotated[int, Column("comparisons with a block that stayed dirty", "count")]


@dataclass(frozen=True)
class CertificateTrial:
    """One comparison of a certificate."""

    run_id: Annotated[str, Column("the run that measured it")]
    trial: Annotated[int, Column("number of the comparison, from 0")]
    verdict: Annotated[str, Column("faster, slower, equivalent or inconclusive")]
    ratio: Annotated[float, Column("time of the second over time of the first; truly 1", "1")]
    ci_low: Annotated[float | None, Column("lower end of its 95 % interval", "1")]
    ci_high: Annotated[float | None, Column("upper end of its 95 % interval", "1")]
    blocks: Annotated[int, Column("blocks it rests on", "count")]
    dirty_blocks: Annotated[int, Column("blocks that stayed dirty", "count")]


@dataclass(frozen=True)
class Peak:
    """The most that a device did with one operation, measured through OpenVINO itself.

    See docs/ceiling.md. The time is that of the layer's counter, as the layers of models are
    timed, so that the two can be held against each other.
    """

    run_id: Annotated[str, Column("the run that measured it")]
    device_id: Annotated[str, Column("the device")]
    runtime_id: Annotated[str, Column("the runtime")]
    kind: Annotated[str, Column("flops: operations per second; bandwidth: bytes per second")]
    operation: Annotated[str, Column("what ran: MatMul, Convolution or Add")]
    precision: Annotated[str, Column("precision asked for: f32, bf16, f16 or int8")]
    working_set_bytes: Annotated[int, Column("what is read and written once", "bytes")]
    value: Annotated[float, Column("GFLOP/s, or of a bandwidth GB/s", "10^9/s", "higher")]
    executed_precision: Annotated[str, Column("precision that it ran in, as OpenVINO reports it")]
    primitive: Annotated[str, Column("kernel that ran it")]
    threads: Annotated[int | None, Column("threads that the compiled model reports", "count")]
    pinned_to: Annotated[
        str | None, Column("CPUs the process was pinned to, such as 0-3, or unpinned")
    ]
    measured_at: Annotated[datetime, Column("start of its launch", "UTC")]
    iterations: Annotated[int, Column("measured inferences", "count")]
    steal_share: Annotated[
        float | None, Column("share of CPU time that the hypervisor took away", "1", "lower")
    ]
    other_cpu_share: Annotated[
        float | None, Column("CPU time used by other processes, of all CPUs", "1", "lower")
    ]
    throttled_us: Annotated[
        int | None, Column("time the control group was throttled", "us", "lower")
    ]


@dataclass(frozen=True)
class Caution:
    """Something that lowers trust in a measurement; its words are in ``results.cautions``."""

    run_id: Annotated[str, Column("the run")]
    caution_id: Annotated[str, Column("which caution, see results.cautions")]
    subject: Annotated[str, Column("machine, cell, launch or run")]
    subject_id: Annotated[str, Column("id of what it is about")]
    detail: Annotated[str, Column("the value seen")]


Fact = (
    Machine | Device | Runtime | Model | Variant | SourceOp | Cell | Run | Block | Launch
    | ExecNode | ExecNodeSource | Dataset | Accuracy | LayerAccuracy | RevertedOp | Certificate
    | CertificateTrial | Peak | Caution
)  # fmt: skip
