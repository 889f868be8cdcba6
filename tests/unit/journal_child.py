"""What the tests of the journal run in processes of their own, to be killed or weighed."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pyarrow as pa

from results.facts import Block, Caution, ExecNode, Fact, Launch, Model, Run
from results.journal import Journal, unfinished
from results.schema import from_arrow, to_arrow

AT = datetime(2026, 11, 23, 1, 15, tzinfo=UTC)
PARTS = ("pilot", "block-1", "block-2", "block-3")
MIB = 2**20


def a_run(run_id: str) -> Run:
    return Run(run_id, "measured", "m", AT, AT, "0.1.0", "run", 1, 5, 3, "quick", 1)


def a_model(title: str = "Tiny") -> Model:
    return Model("id", "tiny", title, "builtin", None, 1, 1, synthetic_weights=True, note=None)


def a_launch(run_id: str, launch_id: str, *, status: str = "ok") -> Launch:
    known = {
        "run_id": run_id, "launch_id": launch_id, "cell_id": "cell", "kind": "timing",
        "block": 1, "attempt": 0, "sitting": 2, "position": 0, "started_at": AT,
        "status": status, "p50_ms": 1.25, "samples_ms": (1.0, 1.5), "slice_ms": (1.25, 0.5),
    }  # fmt: skip
    (launch,) = from_arrow(Launch, pa.Table.from_pylist([known]))
    return launch


def a_node(run_id: str, launch_id: str, index: int) -> ExecNode:
    name = f"/features/{index % 500}/block/conv/Convolution"
    return ExecNode(
        run_id=run_id, launch_id=launch_id, cell_id="cell", node_index=index, name=name,
        node_type="Convolution", primitive="brgconv_avx512_amx_I8", runtime_precision="u8",
        input_precisions=("u8", "i8"), input_layouts=("acdb", "any"), output_precisions=("u8",),
        output_layouts=("acdb",), output_shapes=("[1,64,56,56]",), producers=(index - 1,),
        from_constant=False, original_names=(name, f"{name}/fq"), status="executed",
        time_us=0.25 * index,
    )  # fmt: skip


def part_facts(run_id: str, number: int) -> Iterator[Fact]:
    """A part whose rows show which of several writings of it was kept."""
    yield Block(run_id, number, AT, (uuid4().hex,))
    yield a_launch(run_id, f"launch-{number}")
    yield a_model()
    yield Caution(run_id, "interference_steal", "run", run_id, "the same in every part")


def work(root: Path) -> None:
    """Measure without end: continue what is unfinished, else begin; to be killed.

    Writes a line to ``root/log`` for each part that was finished.
    """
    while True:
        finish_one(root)


def finish_one(root: Path) -> None:
    """One run: the newest unfinished one, else a new one."""
    left = unfinished(root)
    if left:
        journal = Journal.open(root, left[0].run_id)
    else:
        journal = Journal.create(root, uuid4().hex, '{"plan": 1}')
    with journal, (root / "log").open("a") as log:
        for number, name in enumerate(PARTS):
            if name not in journal.finished:
                journal.add(name, part_facts(journal.run_id, number))
                log.write(f"{journal.run_id} {name}\n")
                log.flush()
        journal.commit(a_run(journal.run_id), tool_version="0.1.0")


def hold(root: Path, run_id: str) -> None:
    """Open a run, say so, and keep it until killed."""
    with Journal.open(root, run_id):
        say("held")
        sys.stdin.read()


def nursery(root: Path) -> None:
    """Say how many seconds a run takes; then, for each line of seconds, work and be killed."""
    to_arrow(Model, [a_model()])  # imports what the first of them would have to
    start = time.monotonic()
    if not (pid := os.fork()):
        finish_one(root)
        os._exit(0)
    os.waitpid(pid, 0)
    say(str(time.monotonic() - start))
    for line in sys.stdin:
        if not (pid := os.fork()):
            work(root)
        time.sleep(float(line))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        say("killed" if os.WIFSIGNALED(status) else "it ended by itself")


def say(line: str) -> None:
    """Answer the test."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def plant_large(root: Path, run_id: str, nodes: int) -> None:
    """A run with one part of many exec nodes."""
    with Journal.create(root, run_id, "{}") as journal:
        journal.add("large", (a_node(run_id, "launch", index) for index in range(nodes)))


def weigh_commit(root: Path, run_id: str) -> None:
    """Print by how many MiB the peak of resident memory rose through a commit."""
    to_arrow(Model, [a_model()])
    with Journal.open(root, run_id) as journal:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        journal.commit(a_run(run_id), tool_version="0.1.0")
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    say(str((after - before) * 1024 / MIB))


if __name__ == "__main__":
    task, root, *rest = sys.argv[1:]
    if task == "nursery":
        nursery(Path(root))
    elif task == "hold":
        hold(Path(root), rest[0])
    elif task == "plant":
        plant_large(Path(root), rest[0], int(rest[1]))
    elif task == "weigh":
        weigh_commit(Path(root), rest[0])
