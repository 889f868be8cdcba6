"""Runs networks of IR version 10 in the old OpenVINO versions that a test machine may have.

``INT8_LENS_TEST_RUNTIMES`` names a folder with an environment of each version in it.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from collector.runtimes.environment import loader_paths, python_of

_FOLDER = "INT8_LENS_TEST_RUNTIMES"
# Python 3.7 runs it. A network that it refuses has its reason printed.
_CHILD = """
import json, sys
import numpy as np
from openvino.inference_engine import IECore

core = IECore()
for xml, weights, given, found in json.load(sys.stdin):
    try:
        network = core.read_network(model=xml, weights=weights)
        compiled = core.load_network(network, "CPU", {"ENFORCE_BF16": "NO"})
        feeds = dict(zip(network.input_info, [np.load(given)]))
        np.save(found, next(iter(compiled.infer(feeds).values())))
    except Exception as error:
        print(json.dumps([found, str(error).strip().splitlines()[-1]]))
"""


@dataclass(frozen=True)
class Sum:
    """A network, what it is given, and where its first output is to be written."""

    xml_path: Path
    weights_path: Path
    data: NDArray[Any]
    found: Path


def old_environment(version: str) -> Path:
    """The folder of a version's environment; skips the test where there is none."""
    folder = os.environ.get(_FOLDER)
    if not folder:
        pytest.skip(f"{_FOLDER} names no folder with environments of old OpenVINO versions")
    found = Path(folder) / version
    if not python_of(found).exists():
        pytest.skip(f"{folder} has no environment of OpenVINO {version}")
    return found


def compute(environment: Path, sums: Sequence[Sum]) -> dict[str, NDArray[Any] | str]:
    """By the name of the file found: the first output, or why there is none."""
    asked = []
    for one in sums:
        given = one.found.with_suffix(".in.npy")
        np.save(given, one.data)
        asked.append([str(one.xml_path), str(one.weights_path), str(given), str(one.found)])
    paths = os.pathsep.join(map(str, loader_paths(environment)))
    finished = subprocess.run(
        [str(python_of(environment)), "-c", _CHILD],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "LD_LIBRARY_PATH": paths},
    )
    lines = [line for line in finished.stdout.splitlines() if line.startswith("[")]
    said = {Path(name).name: reason for name, reason in map(json.loads, lines)}
    assert finished.returncode == 0, finished.stderr[-500:]
    return {
        one.found.name: np.load(one.found) if one.found.exists() else said[one.found.name]
        for one in sums
    }
