"""A planted pair: its two sides, and what is stored of them beside launches and layers.

Machines, models, variants and cells are the same whatever noise there is; launches with their
noise are made in ``planting``.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from results.facts import Cell, Device, Fact, Machine, Model, Runtime, SourceOp, Variant
from tests.cases.plan import Kit, Layers, Net, Op, total_us

_PER_INFERENCE_US = 9.0
_PER_LAYER_US = 0.3
"""What an inference takes beside its layers: a fixed part, and one for each layer that runs."""
_APART = 4
"""One pair of so many has profile launches that took no turns, as those of older stores."""


@dataclass(frozen=True)
class Arm:
    """One side of a pair: an arm, its layers, where it runs.

    ``step`` and ``first`` number its nodes; ``method`` and ``confidence`` say how the bridge
    knew the operations. ``threads`` tells two cells of the same arm apart.
    """

    arm: str
    layers: Layers
    kit: Kit
    runtime: str = "2026.4.1"
    threads: int | None = None
    first: int = 0
    step: int = 3
    method: str = "name"
    confidence: float = 1.0

    @property
    def wall_us(self) -> float:
        """What an inference truly takes, in µs."""
        running = sum(layer.runs for layer in self.layers)
        return total_us(self.layers) + _PER_INFERENCE_US + _PER_LAYER_US * running


@dataclass(frozen=True)
class Pair:
    """Two sides of one network; not ``paired``: each in a run of its own, days apart."""

    name: str
    net: Net
    baseline: Arm
    candidate: Arm
    paired: bool = True

    @property
    def cell_ids(self) -> tuple[str, str]:
        """Baseline and candidate."""
        return cell_id_of(self, self.baseline, "a"), cell_id_of(self, self.candidate, "b")

    @property
    def in_turns(self) -> bool:
        """Whether its profile launches took turns; by its name, so that no other pair moves it."""
        return int(hashed("turns", self.name), 16) % _APART != 0


def place_facts(arm: Arm) -> Iterator[Fact]:
    """The machine, the device and the runtime that a side ran on."""
    kit = arm.kit
    machine_id = machine_id_of(kit)
    yield Machine(
        machine_id=machine_id, hostname=kit.name, cpu_model=kit.name, cpu_vendor=None,
        cpu_family=None, cpu_model_number=None, cpu_stepping=None, microcode=None,
        isa_flags=kit.flags, sockets=1, numa_nodes=1, physical_cores=4, logical_cpus=4,
        l1d_kib=32, l2_kib=1024, l3_kib=24576, memory_mib=32768, kernel=None, os_name=None,
        hypervisor=None, governor=None, turbo=None, cgroup_cpus=None,
    )  # fmt: skip
    title = f"{kit.name}, capped to {kit.cap}" if kit.cap else kit.name
    yield Device(device_id_of(kit), machine_id, "CPU", kit.cap, kit.name, title, ("FP32", "INT8"))
    yield Runtime(arm.runtime, arm.runtime, arm.runtime, None, "3.11")


def model_facts(pair: Pair) -> Iterator[Fact]:
    """The model, its float variant and the operations of that."""
    model_id = hashed("model", pair.name)
    yield Model(model_id, pair.name, pair.name.replace("_", " "), "builtin", None, None, None,
                synthetic_weights=True, note=None)  # fmt: skip
    float_id = variant_id_of(pair, "fp32")
    yield Variant(float_id, model_id, "fp32", None, "openvino", None, "{}", None, None)
    for position, op in enumerate(pair.net.ops):
        yield _source_op(float_id, position, op, pair.net.ops)


def variant_facts(pair: Pair, arm: Arm) -> Iterator[Variant]:
    """The variant of a side, unless it is the float one."""
    kind, _ = arm.arm.split("@")
    if kind != "fp32":
        parent = None if kind == "int8-native" else variant_id_of(pair, "fp32")
        yield Variant(variant_id_of(pair, kind), hashed("model", pair.name), kind, parent,
                      None, None, "{}", None, None)  # fmt: skip


def _source_op(variant_id: str, position: int, op: Op, ops: Iterable[Op]) -> SourceOp:
    shapes = {one.name: one.shape for one in ops}
    return SourceOp(
        variant_id=variant_id, op_name=op.name, op_type=op.op_type, position=position,
        input_shapes=tuple(text_of(shapes[name]) for name in op.producers),
        output_shapes=(text_of(op.shape),), producers=op.producers, flops=op.flops,
        input_elements=op.input_elements, weight_elements=op.weight_elements,
        output_elements=math.prod(op.shape), module_path=op.name.rpartition("/")[0],
    )  # fmt: skip


def cell_fact(pair: Pair, arm: Arm, side: str) -> Cell:
    """The cell of a side."""
    kind, precision = arm.arm.split("@")
    return Cell(cell_id_of(pair, arm, side), device_id_of(arm.kit), arm.runtime,
                hashed("model", pair.name), variant_id_of(pair, kind), precision, arm.arm,
                "latency", 1, 1, arm.threads, None)  # fmt: skip


def text_of(shape: Sequence[int]) -> str:
    """A shape as it is stored: ``[1,16,8,8]``."""
    return f"[{','.join(map(str, shape))}]"


def cell_id_of(pair: Pair, arm: Arm, side: str) -> str:
    """The id of a side's cell; ``side`` is ``a`` or ``b``."""
    return hashed("cell", pair.name, arm.arm, side)[:12]


def variant_id_of(pair: Pair, kind: str) -> str:
    """The id of a variant of the pair's model."""
    return hashed("variant", pair.name, kind)


def machine_id_of(kit: Kit) -> str:
    """The id of the machine that a kit is."""
    return hashed("machine", kit.name)[:12]


def device_id_of(kit: Kit) -> str:
    """The id of a kit's device, capped or not."""
    return hashed("device", kit.name, kit.cap or "")[:12]


def hashed(*parts: str) -> str:
    """16 digits that the parts decide."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
