"""The machines and the networks of a generated store, and the sample they are made from.

Rows are made and kept here; ``generated_store`` puts them together into runs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from results.facts import Device, Machine, Runtime

ARMS = ("fp32@f32", "fp32@default", "int8-simplified@default")
START = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
_SAMPLE = Path(__file__).parents[2] / "data" / "sample" / "runs"
_SAMPLES_KEPT = 64
"""Latencies of single inferences that a launch keeps: enough for its curve, few on the disk."""

_AVX2 = ("sse4_1", "sse4_2", "avx", "f16c", "fma", "avx2")
_AVX512 = (*_AVX2, "avx512f", "avx512bw", "avx512dq", "avx512vl")
_VNNI = (*_AVX512, "avx512_vnni")
_BF16 = (*_VNNI, "avx512_bf16")
_AMX = (*_BF16, "amx_tile", "amx_int8", "amx_bf16")


@dataclass(frozen=True)
class Processor:
    """A CPU: its pace in float against the sample's, and that of INT8 against its own float."""

    name: str
    vendor: str
    flags: tuple[str, ...]
    pace: float
    int8_pace: float
    cores: int
    hypervisor: str | None = None

    @property
    def has_bf16(self) -> bool:
        """Whether its default execution is in bf16."""
        return "avx512_bf16" in self.flags


_PROCESSORS = (
    Processor("Intel(R) Core(TM) i5-7440HQ CPU @ 2.80GHz", "GenuineIntel", _AVX2, 1.9, 1.9, 4),
    Processor("Intel(R) Xeon(R) Platinum 8488C", "GenuineIntel", _AMX, 0.6, 0.8, 24, "KVM"),
    Processor("AMD EPYC 7763 64-Core Processor", "AuthenticAMD", _AVX2, 1.1, 1.7, 16, "KVM"),
    Processor("Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", "GenuineIntel", _VNNI, 1.0, 1.0, 20),
    Processor("AMD EPYC 9354 32-Core Processor", "AuthenticAMD", _BF16, 0.7, 1.0, 32),
    Processor("12th Gen Intel(R) Core(TM) i7-1255U", "GenuineIntel", (*_AVX2, "avx_vnni"), 1.3,
              1.1, 10),
    Processor("Intel(R) N100", "GenuineIntel", (*_AVX2, "avx_vnni"), 3.1, 1.2, 4),
    Processor("Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", "GenuineIntel", _AVX512, 1.2, 2.4,
              8, "KVM"),
    Processor("Intel(R) Xeon(R) 6980P", "GenuineIntel", _AMX, 0.4, 0.8, 128),
    Processor("AMD Ryzen 9 7950X 16-Core Processor", "AuthenticAMD", _BF16, 0.5, 1.0, 16),
)  # fmt: skip
_VERSIONS = (
    "2026.4.1", "2026.2.0", "2025.4.1", "2025.0.0", "2024.6.0", "2023.3.0", "2022.3.2",
)  # fmt: skip
"""The newest first."""
_SPELLINGS = ("", "_224", "_tuned", "_v1b")
"""A network of the sample stands for several: each under a name and with ids of its own."""


@dataclass(frozen=True)
class Host:
    """A machine with its device and what it measures with, the newest OpenVINO first."""

    number: int
    processor: Processor
    machine: Machine
    device: Device
    runtimes: tuple[Runtime, ...]

    def pace(self, arm: str) -> float:
        """Time against the sample's: machines of one processor differ by a few per cent."""
        own = self.processor.pace * (1.0 + 0.01 * (self.number % 7))
        return own if arm.startswith("fp32") else own * self.processor.int8_pace

    def template_arm(self, arm: str) -> str:
        """The arm of the sample that it executes like: without bf16 the default is f32."""
        return "fp32@f32" if arm == "fp32@default" and not self.processor.has_bf16 else arm


@dataclass(frozen=True)
class Net:
    """A network: the one of the sample that it is like, its ids and its rows."""

    model_id: str
    template: str
    pace: float
    variant_ids: dict[str, str]
    tables: dict[str, pa.Table]


@dataclass(frozen=True)
class Layers:
    """The layers of one profile launch of the sample and their bridge to source ops."""

    nodes: pa.Table
    sources: pa.Table


class Template:
    """The committed sample, ready to be taken from."""

    def __init__(self, tables: dict[str, pa.Table]) -> None:
        self.tables = tables
        self.launches = _shortened(tables["launches"])
        self._cells = {cell["cell_id"]: cell for cell in tables["cells"].to_pylist()}
        self._rows = self._launch_rows()
        self._layers: dict[str, Layers] = {}

    @property
    def models(self) -> tuple[str, ...]:
        """Ids of the networks that have all three arms."""
        found: dict[str, set[str]] = {}
        for cell in self._cells.values():
            found.setdefault(cell["model_id"], set()).add(cell["arm"])
        return tuple(model for model, arms in found.items() if arms.issuperset(ARMS))

    def launch_row(self, model: str, arm: str, kind: str, number: int) -> int:
        """The row of a launch of this kind; there are fewer of them than asked for."""
        rows = self._rows[model, arm, kind]
        return rows[number % len(rows)]

    def layers_of(self, model: str, arm: str, number: int) -> Layers:
        """What one of the profile launches of the sample says."""
        launch_id = self.launches["launch_id"][
            self.launch_row(model, arm, "profile", number)
        ].as_py()
        if launch_id not in self._layers:
            nodes, sources = (
                self.tables[name].filter(pc.equal(self.tables[name]["launch_id"], launch_id))
                for name in ("exec_nodes", "exec_node_sources")
            )
            self._layers[launch_id] = Layers(nodes, sources)
        return self._layers[launch_id]

    def _launch_rows(self) -> MappingProxyType[tuple[str, str, str], list[int]]:
        found: dict[tuple[str, str, str], list[int]] = {}
        pairs = zip(*(self.launches[c].to_pylist() for c in ("cell_id", "kind")), strict=True)
        for at, (cell_id, kind) in enumerate(pairs):
            cell = self._cells[cell_id]
            found.setdefault((cell["model_id"], cell["arm"], kind), []).append(at)
        return MappingProxyType(found)


def read_template() -> Template:
    """The newest run of the sample."""
    folder = max(_SAMPLE.iterdir())
    return Template({path.stem: pq.read_table(path) for path in folder.glob("*.parquet")})


def _shortened(launches: pa.Table) -> pa.Table:
    at = launches.schema.get_field_index("samples_ms")
    kept = pc.list_slice(launches["samples_ms"], 0, _SAMPLES_KEPT)
    return launches.set_column(at, launches.schema.field(at), kept)


def fleet(machines: int, labs: int, versions: int) -> list[Host]:
    """The machines; the first ``labs`` of them measured with every version."""
    return [_host(number, versions if number < labs else 1) for number in range(machines)]


def _host(number: int, versions: int) -> Host:
    processor = _PROCESSORS[number % len(_PROCESSORS)]
    machine_id, device_id = _id("machine", number), _id("device", number)
    machine = Machine(
        machine_id=machine_id, hostname=f"rack{number // 20:02d}-node{number % 20:02d}",
        cpu_model=processor.name, cpu_vendor=processor.vendor, cpu_family=6, cpu_model_number=143,
        cpu_stepping=8, microcode="0x2b000603", isa_flags=processor.flags, sockets=1,
        numa_nodes=1, physical_cores=processor.cores, logical_cpus=2 * processor.cores,
        l1d_kib=32, l2_kib=1024, l3_kib=32768, memory_mib=65536, kernel="6.12.0-lts",
        os_name="Debian GNU/Linux 12 (bookworm)", hypervisor=processor.hypervisor,
        governor="performance", turbo=True, cgroup_cpus=None,
    )  # fmt: skip
    device = Device(
        device_id=device_id, machine_id=machine_id, ov_device="CPU", isa_cap=None,
        full_name=processor.name, title=processor.name, capabilities=("FP32", "INT8"),
    )  # fmt: skip
    return Host(number, processor, machine, device, tuple(map(_runtime, _VERSIONS[:versions])))


def _runtime(version: str) -> Runtime:
    build = f"{version}-{20000 + int(version[:4]) % 100}-releases/{version[:4]}/{version[5]}"
    return Runtime(build, version, build, None, "3.11.7")


def nets_of(host: Host, networks: int, template: Template) -> list[Net]:
    """The networks that a machine measures; neighbours measure others."""
    known = [(spelling, model) for spelling in _SPELLINGS for model in template.models]
    start = host.number * networks
    return [_net(*known[(start + at) % len(known)], template) for at in range(networks)]


def _net(spelling: str, template_id: str, template: Template) -> Net:
    """A network under a name of its own, with the operations of the one it is like."""
    tables = {name: template.tables[name] for name in ("models", "variants", "source_ops")}
    variants = tables["variants"].filter(pc.equal(tables["variants"]["model_id"], template_id))
    kinds = dict(zip(variants["kind"].to_pylist(), variants["variant_id"].to_pylist(), strict=True))
    kinds = {kind: i for kind, i in kinds.items() if any(a.startswith(f"{kind}@") for a in ARMS)}
    ids = {i: _id(i, spelling) for i in kinds.values()}
    model = tables["models"].filter(pc.equal(tables["models"]["model_id"], template_id))
    model_id = _id(template_id, spelling)
    row = model.to_pylist()[0]
    kept = variants.filter(pc.is_in(variants["variant_id"], pa.array(list(ids))))
    ops = tables["source_ops"]
    ops = ops.filter(pc.is_in(ops["variant_id"], pa.array(list(ids))))
    parents = [ids.get(i) for i in kept["parent_variant_id"].to_pylist()]
    made = {
        "models": _replaced(model, model_id=[model_id], name=[row["name"] + spelling],
                            title=[row["title"] + spelling.replace("_", " ")]),
        "variants": _replaced(kept, model_id=[model_id] * len(kept), parent_variant_id=parents,
                              variant_id=[ids[i] for i in kept["variant_id"].to_pylist()]),
        "source_ops": _replaced(ops, variant_id=[ids[i] for i in ops["variant_id"].to_pylist()]),
    }  # fmt: skip
    pace = 1.0 + 0.15 * _SPELLINGS.index(spelling)
    return Net(model_id, template_id, pace, {kind: ids[i] for kind, i in kinds.items()}, made)


def _replaced(rows: pa.Table, **columns: list[Any]) -> pa.Table:
    for name, values in columns.items():
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, rows.schema.field(at), pa.array(values, pa.string()))
    return rows


def _id(*parts: object) -> str:
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:12]
