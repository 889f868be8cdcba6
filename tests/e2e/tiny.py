"""A network that is measured in a moment, and the command lines as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import openvino as ov
import pyarrow.parquet as pq

from collector.builtin.layers import Layers
from results.schema import F, from_arrow, table_of

ROOT = Path(__file__).parents[2]
ARMS = ("fp32@f32", "fp32@default", "int8-simplified@default")
# A run of a few seconds: little is measured, all kinds of launches are made.
SHORT = """
[run]
blocks = {blocks}
measure_s = 0.05
slice_s = 0.01
profile_launches = 1
startup_launches = 1
seed = 3
timeout_s = 60
"""


def tiny_network(path: Path, seed: int = 3) -> Path:
    """Three convolutions and a classifier."""
    net = Layers(seed=seed)
    image = net.input_image(32)
    with net.scope("body"):
        data = net.relu(net.conv(image, 16, 3, name="first"))
        data = net.relu(net.conv(data, 32, 3, 2, name="second"), "second/relu")
        data = net.relu6(net.depthwise(data, 3, 1))
    data = net.dense(net.global_pool(data, keep_dims=False), 10, name="classifier")
    ov.save_model(net.model(data, "tiny", image), str(path), compress_to_fp16=False)
    return path


def short_suite(folder: Path, blocks: int, top: str = "", scenarios: str = "") -> Path:
    """A suite file of the tiny network in ``folder``; ``top`` goes above its tables."""
    tiny_network(folder / "tiny.xml")
    path = folder / "suite.toml"
    path.write_text(
        f'{top}\n{SHORT.format(blocks=blocks)}\n[[models]]\npath = "tiny.xml"\n{scenarios}'
    )
    return path


def collector(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the collector as a user would."""
    return _run("collector", *map(str, arguments))


def results(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the results command line as a user would."""
    return _run("results", *map(str, arguments))


def _run(package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", package, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


# As on a machine where nobody else computes: a block that others disturb is measured three
# times, which would make the length of these tests a matter of luck.
_ALONE = """
import sys
import collector.disturbance as disturbance
assert disturbance.DIRTY_CAUTIONS
disturbance.DIRTY_CAUTIONS = frozenset()
from collector.cli import main
sys.exit(main())
"""


def start(*arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
    """Start the collector as if it were alone, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", _ALONE, *map(str, arguments)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, env=os.environ | environment,
    )  # fmt: skip


def alone(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the collector as if it were alone."""
    process = start(*arguments)
    stdout, stderr = process.communicate()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def runs_of(data: Path) -> list[Path]:
    """The folders of the runs that are stored."""
    return sorted((data / "runs").glob("[!.]*"))


def stored(row: type[F], run: Path) -> tuple[F, ...]:
    """The facts of one kind in a stored run."""
    files = sorted(run.glob(f"{table_of(row).name}*.parquet"))
    return tuple(fact for file in files for fact in from_arrow(row, pq.read_table(file)))
