"""Stores as large as one likes for the dashboard's benchmarks: a fleet, grown from the sample.

Every layer, operation and launch is one of the committed sample, with other ids and other
times: names, kernels, edges and counts are those of real networks. Nothing here was measured.
What the machines and the networks of the fleet are stands in ``generated_fleet``; what is
timed with it in ``dashboard_speed``. Alone: ``python -m tests.benchmarks.generated_store DIR``.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import typer

from results.command import new_app, print_text, run
from results.facts import Block, Caution, Cell, Fact, Run
from results.manifest import MANIFEST_NAME, FileEntry, Manifest, manifest_json
from results.schema import SCHEMA_VERSION, TABLES, arrow_schema, table_of, to_arrow
from results.writer import RUNS_FOLDER, new_run_id
from tests.benchmarks.generated_fleet import (
    ARMS,
    START,
    Host,
    Net,
    Template,
    fleet,
    nets_of,
    read_template,
)

_TOOL_VERSION = "0.1.0"
_WOBBLE = 0.01
"""Standard deviation of what launches scatter by, on the log scale."""
_FAILED_EVERY = 97
"""One launch out of so many fails."""
_DISTURBED_EVERY = 61
_SCALED = (
    "read_ms", "compile_ms", "cached_compile_ms", "first_inference_ms", "p50_ms", "p90_ms",
    "p99_ms", "mean_ms", "min_ms", "max_ms",
)  # fmt: skip
_MEASURED = (*_SCALED, "throughput_fps", "iterations", "peak_memory_mib", "inference_s")
_LISTS = ("samples_ms", "slice_ms")

app = new_app("tests.benchmarks.generated_store")


@dataclass(frozen=True)
class Size:
    """How large a fleet is; ``labs`` are those machines that measured every OpenVINO version.

    A machine has ``networks`` of its own in three arms each, measured in ``runs`` runs with
    ``profiles`` profile launches and ``blocks`` timing launches of every cell.
    """

    machines: int
    labs: int
    versions: int = 7
    networks: int = 3
    runs: int = 8
    profiles: int = 5
    blocks: int = 5

    @property
    def cells(self) -> int:
        """Cells of the store."""
        return (self.machines + self.labs * (self.versions - 1)) * self.networks * len(ARMS)


LARGE = Size(machines=200, labs=4)
"""Ten million exec nodes, 2,000 cells."""
TENTH = Size(machines=20, labs=1, versions=4)
SMALL = Size(machines=40, labs=2, versions=3, runs=1, profiles=2)
TINY = Size(machines=4, labs=1, versions=2, runs=1, profiles=2)


@dataclass(frozen=True)
class _Place:
    """A cell of a run: what is measured, and how long it takes against the template."""

    cell: Cell
    net: Net
    template_arm: str
    pace: float


@dataclass(frozen=True)
class _Job:
    """One run to write."""

    host: Host
    size: Size
    number: int


def write_store(folder: Path, size: Size, processes: int = 2) -> Path:
    """A store of this size under ``folder``, which must not exist yet; its path."""
    jobs = [
        _Job(host, size, number)
        for number in range(size.runs)
        for host in fleet(size.machines, size.labs, size.versions)
    ]
    (folder / RUNS_FOLDER).mkdir(parents=True)
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(partial(_write_run, folder), jobs, chunksize=8))
    return folder


def _write_run(folder: Path, job: _Job) -> None:
    template = _template()
    seed = job.number * 10_000 + job.host.number
    chance = np.random.default_rng(seed)
    started_at = START + timedelta(days=7 * job.number, minutes=11 * job.host.number)
    run_id = new_run_id(started_at, hashlib.sha256(str(seed).encode()).hexdigest()[:6])
    places = _places(job.host, job.size)
    launches = _launches(template, places, job.size, run_id, started_at, chance)
    nets = list({place.net.model_id: place.net for place in places}.values())
    facts: list[Fact] = [
        job.host.machine,
        job.host.device,
        *job.host.runtimes,
        *(place.cell for place in places),
        _run(run_id, started_at, job),
        *_blocks(run_id, started_at, job.size, places),
        *_cautions(run_id, job.host, launches),
    ]
    tables = {
        **_fact_tables(facts),
        **{
            name: pa.concat_tables([net.tables[name] for net in nets])
            for name in ("models", "variants", "source_ops")
        },
        "launches": launches,
        **_layers(template, places, launches, chance),
    }
    _commit(folder / RUNS_FOLDER / run_id, run_id, started_at, tables)


_TEMPLATES: list[Template] = []


def _template() -> Template:
    """The sample, read once in each process."""
    if not _TEMPLATES:
        _TEMPLATES.append(read_template())
    return _TEMPLATES[0]


def _places(host: Host, size: Size) -> list[_Place]:
    nets = nets_of(host, size.networks, _template())
    return [
        _place(host, net, arm, runtime.runtime_id, age)
        for age, runtime in enumerate(host.runtimes)
        for net, arm in product(nets, ARMS)
    ]


def _place(host: Host, net: Net, arm: str, runtime_id: str, age: int) -> _Place:
    kind, _, precision = arm.partition("@")
    parts = (host.device.device_id, runtime_id, net.model_id, arm)
    cell = Cell(
        cell_id=hashlib.sha256("/".join(parts).encode()).hexdigest()[:12],
        device_id=host.device.device_id,
        runtime_id=runtime_id,
        model_id=net.model_id,
        variant_id=net.variant_ids[kind],
        precision=precision,
        arm=arm,
        scenario="latency",
        batch=1,
        streams=1,
        threads=None,
        requests=None,
    )
    older = 1.0 + 0.04 * age * (2.0 if kind != "fp32" else 1.0)
    return _Place(cell, net, host.template_arm(arm), host.pace(arm) * net.pace * older)


def _run(run_id: str, started_at: datetime, job: _Job) -> Run:
    return Run(
        run_id=run_id,
        kind="measured",
        machine_id=job.host.machine.machine_id,
        started_at=started_at,
        ended_at=started_at + timedelta(minutes=9),
        tool_version=_TOOL_VERSION,
        command="python -m collector run --model FILE",
        seed=job.number,
        blocks_planned=job.size.blocks,
        profile_launches=job.size.profiles,
        effort="default",
        continued=0,
    )


def _blocks(run_id: str, started_at: datetime, size: Size, places: Sequence[_Place]) -> list[Block]:
    order = tuple(place.cell.cell_id for place in places)
    return [
        Block(run_id, number, started_at + timedelta(seconds=40 * number), order)
        for number in range(size.blocks)
    ]


def _cautions(run_id: str, host: Host, launches: pa.Table) -> list[Caution]:
    found = []
    if host.machine.hypervisor:
        machine_id = host.machine.machine_id
        found.append(Caution(run_id, "hypervisor", "machine", machine_id, host.machine.hypervisor))
    disturbed = launches["launch_id"].to_pylist()[host.number % 7 :: _DISTURBED_EVERY]
    return found + [Caution(run_id, "interference_steal", "launch", i, "6 %") for i in disturbed]


def _launches(
    template: Template, places: Sequence[_Place], size: Size, run_id: str, started_at: datetime,
    chance: np.random.Generator,
) -> pa.Table:  # fmt: skip
    """Launches of every cell, each a launch of the sample with its times at the cell's pace."""
    order = [("timing", n) for n in range(size.blocks)]
    order += [("profile", n) for n in range(size.profiles)] + [("startup", 0)]
    made = [(kind, n, at, place) for kind, n in order for at, place in enumerate(places)]
    rows = template.launches.take(
        pa.array([
            template.launch_row(place.net.template, place.template_arm, kind, n)
            for kind, n, _, place in made
        ])
    )  # fmt: skip
    pace = np.array([place.pace for *_, place in made])
    pace *= np.exp(chance.normal(0.0, _WOBBLE, len(made)))
    prefix = hashlib.sha256(run_id.encode()).hexdigest()[:8]
    columns: dict[str, Any] = {
        "run_id": [run_id] * len(made),
        "launch_id": [f"{prefix}{number:04x}" for number in range(len(made))],
        "cell_id": [place.cell.cell_id for *_, place in made],
        "block": [None if kind == "startup" else n for kind, n, *_ in made],
        "attempt": [0] * len(made),
        "sitting": [None if kind == "startup" else n for kind, n, *_ in made],
        "position": [at for _, _, at, _ in made],
        "started_at": [started_at + timedelta(milliseconds=800 * n) for n in range(len(made))],
        "throughput_fps": _values(rows, "throughput_fps") / pace,
        **{name: _values(rows, name) * pace for name in _SCALED},
    }
    rows = _with(rows, columns)
    for name in _LISTS:
        rows = _with(rows, {name: _scaled_lists(rows[name], pace)})
    failed = (np.arange(len(made)) + int(chance.integers(_FAILED_EVERY))) % _FAILED_EVERY == 0
    timing = np.array([kind == "timing" for kind, *_ in made])
    return _failed(rows, failed & timing)


def _values(rows: pa.Table, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(rows[name].to_numpy(), dtype=np.float64)


def _with(rows: pa.Table, columns: dict[str, Any]) -> pa.Table:
    """The rows with these columns in the place of those of the same names; NaN is NULL."""
    for name, values in columns.items():
        at = rows.schema.get_field_index(name)
        kind = rows.schema.field(at)
        made = (
            values
            if isinstance(values, pa.Array | pa.ChunkedArray)
            else pa.array(values, type=kind.type, from_pandas=True)
        )
        rows = rows.set_column(at, kind, made)
    return rows


def _scaled_lists(column: pa.ChunkedArray[Any], pace: npt.NDArray[np.float64]) -> pa.Array[Any]:
    """Lists of times, each at the pace of its launch; NULL stays."""
    lists = column.combine_chunks()
    lengths = lists.value_lengths().fill_null(0).to_numpy()
    flat = lists.flatten().to_numpy() * np.repeat(pace, lengths)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    mask = lists.is_null()
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.array(flat.astype(np.float32)), mask=mask, type=lists.type
    )


def _failed(rows: pa.Table, failed: npt.NDArray[np.bool_]) -> pa.Table:
    """The launches with those that failed: they have a reason and no figure."""
    kept = pa.array(~failed)
    columns: dict[str, Any] = {
        name: pc.if_else(kept, rows[name], pa.scalar(None, rows[name].type))
        for name in (*_MEASURED, "slice_ms")
    }
    columns["status"] = np.where(failed, "failed", "ok")
    reason = "the process was killed (signal 9)"
    columns["error"] = [reason if one else None for one in failed]
    return _with(rows, columns)


def _layers(
    template: Template, places: Sequence[_Place], launches: pa.Table, chance: np.random.Generator
) -> dict[str, pa.Table]:
    """Exec nodes and their bridge of every profile launch."""
    by_cell = {place.cell.cell_id: place for place in places}
    profiles = launches.filter(pc.equal(launches["kind"], "profile"))
    keys = zip(*(profiles[c].to_pylist() for c in ("launch_id", "cell_id", "block")), strict=True)
    nodes, sources = [], []
    for launch_id, cell_id, number in keys:
        place = by_cell[cell_id]
        layers = template.layers_of(place.net.template, place.template_arm, number)
        pace = place.pace * np.exp(chance.normal(0.0, _WOBBLE, layers.nodes.num_rows))
        ids = {"launch_id": _same(launch_id, layers.nodes.num_rows),
               "cell_id": _same(cell_id, layers.nodes.num_rows)}  # fmt: skip
        nodes.append(
            _with(layers.nodes, {**ids, "time_us": _values(layers.nodes, "time_us") * pace})
        )
        sources.append(
            _with(layers.sources, {"launch_id": _same(launch_id, layers.sources.num_rows)})
        )
    run_id = launches["run_id"][0].as_py()
    return {
        name: _with(pa.concat_tables(found), {"run_id": _same(run_id, sum(map(len, found)))})
        for name, found in (("exec_nodes", nodes), ("exec_node_sources", sources))
    }


def _same(text: str, rows: int) -> pa.Array[Any]:
    return pa.repeat(text, rows)


def _fact_tables(facts: Sequence[Fact]) -> dict[str, pa.Table]:
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(table_of(type(fact)).name, []).append(fact)
    return {name: to_arrow(type(rows[0]), rows) for name, rows in found.items()}


def _commit(folder: Path, run_id: str, started_at: datetime, tables: dict[str, pa.Table]) -> None:
    """The files and the manifest; unlike ``results.durable`` nothing is forced to the disk."""
    folder.mkdir()
    entries = []
    for table in TABLES:
        if table.name not in tables:
            continue
        rows = tables[table.name].cast(arrow_schema(table.row))
        sink = pa.BufferOutputStream()
        pq.write_table(rows, sink, compression="zstd")
        content = sink.getvalue().to_pybytes()
        (folder / f"{table.name}.parquet").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        entries.append(FileEntry(f"{table.name}.parquet", digest, rows.num_rows, len(content)))
    manifest = Manifest(
        run_id, SCHEMA_VERSION, _TOOL_VERSION, "measured", started_at, tuple(entries)
    )
    (folder / MANIFEST_NAME).write_text(manifest_json(manifest), encoding="utf-8")


@app.command()
def make(
    folder: Annotated[Path, typer.Argument(help="Folder of the new store.")],
    size: Annotated[str, typer.Option(help="large, tenth, small or tiny.")] = "small",
) -> None:
    """Write a generated store.

    Example: python -m tests.benchmarks.generated_store /tmp/fleet --size tenth
    """
    sizes = {"large": LARGE, "tenth": TENTH, "small": SMALL, "tiny": TINY}
    write_store(folder, sizes[size])
    print_text(f"{sizes[size].cells} cells in {folder}")


if __name__ == "__main__":
    sys.exit(run(app))
