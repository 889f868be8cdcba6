"""Converts a model of any format into an OpenVINO IR, as ``convert`` is asked to.

What was converted is kept in ``DATA/cache/converted``; taking it from there needs no OpenVINO.
How it is kept and how a command line spells the options is not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collector.models.convert.formats import check_file, model_name, source_bytes, source_files
from collector.models.convert.kept_ir import description, keep, kept_path
from collector.models.convert.options import ConvertOptions
from collector.models.convert.preprocess import build_in, input_places
from collector.models.convert.readers import port_name, read_graph
from collector.models.convert.sources import finish, make_static
from collector.models.ir_files import copy_ir
from collector.probe import without_statistics
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

_BYTES_PER_S = 50e6
_START_S = 1.0
Step = Callable[[str, float], None]
"""Told what is being done, and how many seconds it is expected to take."""


@dataclass(frozen=True)
class Port:
    """An input or output of a converted model; ``kind`` is such as f32."""

    name: str
    shape: tuple[int, ...]
    kind: str


@dataclass(frozen=True)
class Conversion:
    """What was converted: the model's signature and what was built into it, step by step."""

    source_format: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    built_in: tuple[str, ...]


@dataclass(frozen=True)
class Converted:
    """A conversion, where its IR was written, and whether it was taken from the cache."""

    ir_path: Path
    conversion: Conversion
    from_cache: bool


def expected_s(path: Path) -> float:
    """Seconds that a conversion is expected to take; UsageError where ``path`` is no model."""
    return _START_S + 2 * source_bytes(path, check_file(path)) / _BYTES_PER_S


def convert(
    path: Path, options: ConvertOptions, *, folder: Path, name: str | None, data: Path, step: Step
) -> Converted:
    """Convert ``path`` and write ``folder/name.xml`` with its .bin.

    ``name`` None takes the source's. Raises UsageError where the source or the options cannot
    be, HostError where the disk refuses; nothing is half-written.
    """
    source_format = check_file(path)
    files = source_files(path, source_format)
    target = folder / f"{_checked_name(name or model_name(path))}.xml"
    _refuse_overwriting(target, files)
    step(f"reading {path.name}", expected_s(path) / 2)
    cached = kept_path(data / "cache" / "converted", path, source_format, options.to_json())
    found = _from_cache(cached)
    conversion = found or _make(path, source_format, options, cached, step)
    copy_ir(cached, target)
    return Converted(target, conversion, from_cache=found is not None)


def _checked_name(name: str) -> str:
    if not name.strip() or "/" in name or "\\" in name or name.startswith("."):
        raise UsageError(f"{name!r} is no name for a file", hint="give another --model-name")
    return name


def _refuse_overwriting(target: Path, files: tuple[Path, ...]) -> None:
    """Raise UsageError where a file of the source would be written over."""
    for written in (target, target.with_suffix(".bin")):
        if written.exists() and any(written.samefile(file) for file in files):
            raise UsageError(
                f"{written} is the source itself",
                hint="give another --output-dir or --model-name",
            )


def _from_cache(cached: Path) -> Conversion | None:
    """The conversion that is kept; None where there is none or its files are damaged."""
    with suppress(KeyError, TypeError):
        stored = description(cached)
        if stored is not None:
            return Conversion(
                stored["source_format"],
                _ports_from(stored["inputs"]),
                _ports_from(stored["outputs"]),
                tuple(stored["built_in"]),
            )
    return None


def _ports_from(stored: list[dict[str, Any]]) -> tuple[Port, ...]:
    return tuple(Port(port["name"], tuple(port["shape"]), port["kind"]) for port in stored)


def _make(
    path: Path, source_format: str, options: ConvertOptions, cached: Path, step: Step
) -> Conversion:
    """Convert and keep it."""
    without_statistics()
    graph, built_in = make_graph(path, source_format, options)
    step("writing", expected_s(path) / 2)
    found = Conversion(
        source_format,
        tuple(_port(port) for port in graph.inputs),
        tuple(_port(port) for port in graph.outputs),
        built_in,
    )
    keep(cached, graph, asdict(found), half_weights=options.half_weights)
    return found


def _port(port: ov.Output) -> Port:
    kind = str(port.get_element_type().get_type_name())
    return Port(port_name(port), tuple(int(size) for size in port.shape), kind)


def make_graph(
    path: Path, source_format: str, options: ConvertOptions
) -> tuple[ov.Model, tuple[str, ...]]:
    """The graph of a source with the options built in, and what was built in, in words."""
    graph = read_graph(path, source_format, options.outputs)
    places = input_places(graph, options.inputs)
    shapes = options.input_shapes
    if shapes and len(shapes) != len(places):
        raise UsageError(
            f"--input-shape gives {len(shapes)} shapes for {len(places)} inputs",
            hint="give one shape per input, and name the inputs with --input",
        )
    make_static(graph, path, dict(zip(places, shapes, strict=False)))
    _refuse_open_outputs(graph, path)
    graph, built_in = build_in(graph, options)
    finish(graph, source_format)
    return graph, built_in


def _refuse_open_outputs(graph: ov.Model, path: Path) -> None:
    for port in graph.outputs:
        if port.get_partial_shape().is_dynamic:
            raise UsageError(
                f"the shape of an output of {path} depends on the data: {port.get_partial_shape()}",
                hint="cut the model before that with --output",
            )
