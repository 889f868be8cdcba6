"""Reads a model file of any format into an OpenVINO graph, as its reader gives it.

Nothing is renamed and no shape is fixed here. An error of OpenVINO becomes one line that
names what has to be done.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from collector.models.convert.formats import EXPORTED, FROZEN, IR, ONNX, PADDLE, SAVED_MODEL, TFLITE
from collector.probe_process import first_line
from results.errors import HostError, LensError, UsageError

if TYPE_CHECKING:
    import openvino as ov
    from openvino.frontend import InputModel

_FRONTENDS = {FROZEN: "tf", SAVED_MODEL: "tf", ONNX: "onnx", TFLITE: "tflite", PADDLE: "paddle"}
_UNKNOWN_OPS = re.compile(r"No conversion rule found for operations: (.+)")
_VARIABLE = re.compile(r"Variable or resource `(.+?)` is not initialized")
_VARIABLE_OPS = ("Variable", "VarHandleOp", "ReadVariableOp")
_NAMES_SHOWN = 5


def read_graph(path: Path, source_format: str, outputs: Sequence[str] = ()) -> ov.Model:
    """The graph of a model, cut at ``outputs`` (names of operations or tensors) if there are any.

    Raises UsageError where OpenVINO cannot read the file or has no such output, HostError
    where PyTorch is needed and not installed.
    """
    if source_format == EXPORTED:
        graph = _read_exported(path)
    elif source_format == IR:
        graph = _read_ir(path)
    else:
        graph, is_cut = _read_by_frontend(path, source_format, outputs)
        outputs = () if is_cut else outputs
    if not graph.outputs:
        raise UsageError(f"{path} holds no network", hint="check that the file is complete")
    return cut_at(graph, path, outputs) if outputs else graph


def _read_ir(path: Path) -> ov.Model:
    import openvino as ov

    with _refusals(path), silent_readers():
        return ov.Core().read_model(str(path))


def _read_by_frontend(
    path: Path, source_format: str, outputs: Sequence[str]
) -> tuple[ov.Model, bool]:
    """The graph, and whether it is cut already.

    A frozen TensorFlow graph is cut before it is converted, so that OpenVINO need not know
    what lies behind the cut. The readers of the other formats cannot do that.
    """
    from openvino.frontend import FrontEndManager

    with _refusals(path), silent_readers():
        frontend = FrontEndManager().load_by_model(str(path))
        if frontend is None or frontend.get_name() != _FRONTENDS[source_format]:
            raise UsageError(
                f"OpenVINO cannot read {path} as a model: it is no complete {source_format} model",
                hint="check that the file is complete and of the format its ending says",
            )
        model = frontend.load(str(path))
        is_cut = source_format == FROZEN and bool(outputs) and _cut_before(model, outputs)
        return frontend.convert(model), is_cut


def _cut_before(model: InputModel, outputs: Sequence[str]) -> bool:
    """Cut a model that is not converted yet; false, and nothing is cut, where a name is unknown."""
    places = [model.get_place_by_tensor_name(name) for name in outputs]
    if any(place is None for place in places):
        return False
    model.override_all_outputs(places)
    return True


def _read_exported(path: Path) -> ov.Model:
    """The graph of a program that PyTorch has exported; PyTorch reads it."""
    if importlib.util.find_spec("torch") is None:
        raise HostError(
            f"reading {path} needs PyTorch, which is not installed here",
            hint="install torch into this environment, or export the model to ONNX",
        )
    with _refusals(path), silent_readers():
        from openvino.frontend import FrontEndManager

        torch = importlib.import_module("torch")
        decoders = importlib.import_module("openvino.frontend.pytorch.fx_decoder")
        program = torch.export.load(str(path))
        # Without this every size becomes dynamic, those that PyTorch has fixed too.
        decoder = decoders.TorchFXPythonDecoder.from_exported_program(program, dynamic_shapes=False)
        frontend = FrontEndManager().load_by_framework("pytorch")
        return frontend.convert(frontend.load(decoder))


@contextlib.contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turn what OpenVINO and PyTorch complain about into one line."""
    try:
        yield
    except LensError:
        raise
    except MemoryError as error:
        raise HostError(
            f"there is not enough memory to read {path}",
            hint="free some, or convert it on a machine with more",
        ) from error
    except Exception as error:  # PyTorch's decoders raise all kinds
        raise _refusal(path, error) from error


def said(error: Exception) -> str:
    """An exception in one line; its type is told where OpenVINO is not the one that raised it."""
    kind = type(error)
    named = kind is RuntimeError or kind.__module__.startswith("openvino.")
    told = first_line(str(error)) if str(error).strip() else ""
    if named and told:
        return told
    return f"{kind.__name__}: {told}" if told else kind.__name__


def _refusal(path: Path, error: Exception) -> UsageError:
    text = str(error)
    unknown = _UNKNOWN_OPS.search(text)
    variable = _VARIABLE.search(text)
    if variable or (unknown and unknown[1].startswith(_VARIABLE_OPS)):
        named = f" {variable[1]}" if variable else ""
        return UsageError(
            f"{path} is no frozen graph: its variable{named} has no value",
            hint="freeze it (tf.compat.v1.graph_util.convert_variables_to_constants), or give "
            "the folder of a SavedModel",
        )
    if unknown:
        return UsageError(
            f"OpenVINO {version('openvino')} has no conversion for operations that {path} uses: "
            f"{unknown[1].strip()}",
            hint="replace them in the framework, or cut a frozen graph before them with --output",
        )
    return UsageError(
        f"OpenVINO cannot read {path} as a model: {said(error)}",
        hint="check that the file is complete and of the format its ending says",
    )


@contextlib.contextmanager
def silent_readers() -> Iterator[None]:
    """OpenVINO's readers write to the process's standard error; their errors are raised too."""
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        with Path(os.devnull).open("wb") as null:
            os.dup2(null.fileno(), 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def cut_at(graph: ov.Model, path: Path, outputs: Sequence[str]) -> ov.Model:
    """The part of a graph that the ``outputs`` need, with them as its results, in their order."""
    import openvino as ov

    ports = _ports(graph)
    missing = [name for name in outputs if _key(name, ports) is None]
    if missing:
        shown = ", ".join(_closest(missing[0], graph, ports))
        raise UsageError(
            f"{path} has nothing named {missing[0]!r} to end at", hint=f"there are {shown}, ..."
        )
    wanted = [ports[str(_key(name, ports))] for name in outputs]
    needed = _behind(wanted)
    inputs = [op for op in graph.get_parameters() if op.get_friendly_name() in needed]
    return ov.Model(wanted, inputs, graph.get_friendly_name())


def _ports(graph: ov.Model) -> dict[str, ov.Output]:
    """Every output of an operation by the names of its tensor, and by the operation's name."""
    found: dict[str, ov.Output] = {}
    for op in graph.get_ordered_ops():
        if op.get_type_name() == "Result":
            port = op.input_value(0)
            found.setdefault(op.get_friendly_name(), port)
        for port in op.outputs() if op.get_type_name() != "Result" else ():
            for name in (*port.get_names(), op.get_friendly_name()):
                found.setdefault(name, port)
    return found


def _key(name: str, known: dict[str, ov.Output]) -> str | None:
    """The name as it is known: TensorFlow's tensors have a ``:0`` that may be left out."""
    return next((key for key in (name, f"{name}:0", name.removesuffix(":0")) if key in known), None)


def _closest(name: str, graph: ov.Model, known: dict[str, ov.Output]) -> list[str]:
    """Names to offer instead of one that is not there: those alike, then the outputs."""
    outputs = [port_name(port) for port in graph.outputs]
    alike = [key for key in known if name and name.lower() in key.lower()]
    alike += difflib.get_close_matches(name, known, n=_NAMES_SHOWN, cutoff=0.6)
    return list(dict.fromkeys([*outputs[:1], *alike, *outputs]))[:_NAMES_SHOWN]


def port_name(port: ov.Output) -> str:
    """A name for an input or output: that of its tensor, else that of its operation."""
    names = sorted(port.get_names())
    return str(names[0] if names else port.get_node().get_friendly_name())


def _behind(ports: Sequence[ov.Output]) -> set[str]:
    """Friendly names of all operations that these ports are computed from."""
    seen: set[str] = set()
    left = [port.get_node() for port in ports]
    while left:
        op = left.pop()
        if op.get_friendly_name() not in seen:
            seen.add(op.get_friendly_name())
            left.extend(given.get_source_output().get_node() for given in op.inputs())
    return seen
