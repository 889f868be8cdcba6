"""Measures the measured pairs with the collector, and trims what it stored.

Three runs on one machine, which should be quiet: the small networks, one of them capped to
AVX2, and MobileNetV3-Large on OpenVINO of 2021, of 2022 and of today. A trimmed run keeps what
a comparison reads: latency samples, startup launches and accuracies are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version as installed_version
from pathlib import Path

import pyarrow.parquet as pq

from results.command import note
from results.errors import MeasurementError
from results.facts import ExecNode, Fact, Launch, SourceOp, Variant
from results.manifest import read_manifest
from results.schema import TABLES, from_arrow, table_of
from results.store import Store
from results.writer import RunWriter
from tests.benchmarks.commands import run_collector
from tests.cases.measured import DEFAULT, F32, INT8

OLD_VERSIONS = ("2021.4.2", "2022.3.2")
IGNORED = "partly_quantised"
_LEFT_IN_FLOAT = tuple(f"conv{number}/conv" for number in range(1, 8))
_NETS = ("dense_convolutions", IGNORED, "spelled_gates", "selu_layers", "tiny_layers",
         "wide_products")  # fmt: skip
_LEFT_OUT = frozenset({
    "datasets", "accuracy", "layer_accuracy", "reverted_ops", "certificates",
    "certificate_trials",
})  # fmt: skip
_SEED_MODEL = "mobilenet_v3_large"


@dataclass(frozen=True)
class Effort:
    """How much is measured; times in seconds."""

    blocks: int = 6
    measure_s: float = 0.5
    slice_s: float = 0.1
    profile_launches: int = 5

    @classmethod
    def smallest(cls) -> Effort:
        """As little as runs through: the figures mean nothing."""
        return cls(blocks=1, measure_s=0.05, slice_s=0.01, profile_launches=1)


@dataclass(frozen=True)
class _Suite:
    """One run: which models on which version, with which caps."""

    name: str
    models: tuple[str, ...]
    versions: tuple[str, ...] = ()
    caps: tuple[str, ...] = ("none",)

    def text(self, effort: Effort) -> str:
        """The suite file; networks of ours lie beside it."""
        models = [
            f'[[models]]\nname = "{model}"' if model == _SEED_MODEL
            else f'[[models]]\npath = "{model}.xml"'
            for model in self.models
        ]  # fmt: skip
        versions = f"openvino = {json.dumps(self.versions)}\n" if self.versions else ""
        return (
            f"{versions}isa_caps = {json.dumps(self.caps)}\n"
            f"arms = {json.dumps((F32, DEFAULT, INT8))}\n"
            f"[run]\nblocks = {effort.blocks}\nmeasure_s = {effort.measure_s}\n"
            f"slice_s = {effort.slice_s}\nprofile_launches = {effort.profile_launches}\n"
            f"startup_launches = 0\nseed = 1\n" + "\n".join(models) + "\n"
        )


_SUITES = (
    _Suite("nets", _NETS),
    _Suite("capped", ("dense_convolutions",), caps=("AVX2",)),
    _Suite("seed", (_SEED_MODEL,), versions=(*OLD_VERSIONS, installed_version("openvino"))),
)


def measure(target: Path, work: Path, effort: Effort) -> None:
    """Measure all into ``work``, then put the trimmed runs into ``target``.

    Raises MeasurementError where the collector fails, such as for a version that is not
    installed; ``target`` is then as it was.
    """
    _save_nets(work)
    raw = work / "store"
    note(f"quantising {IGNORED} with {len(_LEFT_IN_FLOAT)} convolutions left in float")
    ignored = [word for name in _LEFT_IN_FLOAT for word in ("--ignore-name", name)]
    run_collector("quantize", str(work / f"{IGNORED}.xml"), *ignored, data=raw)
    for suite in _SUITES:
        note(f"measuring {suite.name}: {', '.join(suite.models)}")
        path = work / f"{suite.name}.toml"
        path.write_text(suite.text(effort), encoding="utf-8")
        done = run_collector("run", str(path), data=raw)
        note(f"{suite.name} took {done.wall_s:.0f} s")
    for stored in Store(raw).runs:
        if stored.manifest.kind == "measured":
            trim(stored.path, target)


def trim(run: Path, target: Path) -> Path:
    """Store a run anew in ``target`` with what a comparison reads, and return its folder."""
    manifest = read_manifest(run)
    rows = {
        table.name: [
            fact
            for file in sorted(run.glob(f"{table.name}*.parquet"))
            if file.name.removeprefix(table.name)[:1] in {".", "-"}
            for fact in from_arrow(table.row, pq.read_table(file))
        ]
        for table in TABLES
        if table.name not in _LEFT_OUT
    }
    with RunWriter(target, manifest.run_id) as writer:
        for facts in rows.values():
            writer.add(*_kept(facts, rows[table_of(Variant).name]))
        return writer.commit(tool_version=manifest.tool_version, kind=manifest.kind)


def _kept(facts: Sequence[Fact], variants: Sequence[Fact]) -> Iterator[Fact]:
    floats = {one.variant_id for one in variants if isinstance(one, Variant) and one.kind == "fp32"}
    for fact in facts:
        if isinstance(fact, SourceOp) and fact.variant_id not in floats:
            continue
        if isinstance(fact, Launch):
            yield replace(fact, samples_ms=(), properties=None)
        elif isinstance(fact, ExecNode) and fact.time_us is not None:
            yield replace(fact, time_us=round(fact.time_us, 2))
        else:
            yield fact


def _save_nets(folder: Path) -> None:
    try:
        import openvino as ov

        from tests.cases.measured_nets import NETS
    except ImportError as error:
        raise MeasurementError(
            f"OpenVINO cannot be imported ({error})", hint="install requirements.txt"
        ) from error
    for name in _NETS:
        ov.save_model(NETS[name](), str(folder / f"{name}.xml"), compress_to_fp16=False)
