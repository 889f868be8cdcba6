"""Builds the preparation of the inputs into a graph: channel order, mean, scale, layout.

The order is that of the Model Optimizer: the user's input has its channels reversed, then the
mean is subtracted, then it is divided by the scale; then its axes are put into the order that
the model wants. So the mean and scale values go in the channel order of the original model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from collector.models.convert.options import ConvertOptions, LayoutChange, Values
from collector.models.convert.readers import port_name
from collector.probe_process import first_line
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov

_COLOURS = 3
_IMAGE_AXES = 4


class _ForInput(Protocol):
    @property
    def input_name(self) -> str | None: ...


_Given = TypeVar("_Given", bound=_ForInput)


@dataclass(frozen=True)
class _Steps:
    """What is done to one input; the layouts are None where nobody has to know them."""

    place: int
    name: str
    source: str | None
    target: str | None
    reverses: bool
    mean: tuple[float, ...]
    scale: tuple[float, ...]

    def told(self) -> tuple[str, ...]:
        """Each step in words, in order."""
        found = ["channels reversed"] if self.reverses else []
        found += [f"mean {_list(self.mean)} subtracted"] if self.mean else []
        found += [f"divided by {_list(self.scale)}"] if self.scale else []
        found += [f"{self.target} to {self.source}"] if self.target != self.source else []
        return tuple(f"{self.name}: {step}" for step in found)


def _list(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:g}" for number in numbers)


def input_places(graph: ov.Model, names: Sequence[str]) -> tuple[int, ...]:
    """The places among the graph's inputs that ``names`` mean; all of them without names."""
    if not names:
        return tuple(range(len(graph.inputs)))
    return tuple(_place(graph, name) for name in names)


def _place(graph: ov.Model, name: str) -> int:
    for place, port in enumerate(graph.inputs):
        known = {*port.get_names(), port.get_node().get_friendly_name()}
        if known & {name, f"{name}:0", name.removesuffix(":0")}:
            return place
    there = ", ".join(port_name(port) for port in graph.inputs)
    raise UsageError(f"the model has no input {name!r}", hint=f"its inputs are {there}")


def build_in(graph: ov.Model, options: ConvertOptions) -> tuple[ov.Model, tuple[str, ...]]:
    """The graph with the preparation of its inputs built in, and what that is in words.

    The shapes of the inputs are static. Raises UsageError where values do not fit an input.
    """
    steps = _plan(graph, options)
    told = tuple(text for step in steps for text in step.told())
    try:
        return (_built(graph, steps) if told else _with_layouts(graph, steps)), told
    except RuntimeError as error:
        raise UsageError(
            f"this cannot be built into the model: {first_line(str(error)).rstrip('.')}",
            hint="see that --layout fits the model's inputs",
        ) from error


def _built(graph: ov.Model, steps: Sequence[_Steps]) -> ov.Model:
    import openvino as ov
    from openvino.preprocess import PrePostProcessor

    builder = PrePostProcessor(graph)
    for step in steps:
        given = builder.input(step.place)
        if step.source is not None:
            given.model().set_layout(ov.Layout(step.source))
            given.tensor().set_layout(ov.Layout(step.target))
        if step.reverses:
            given.preprocess().reverse_channels()
        if step.mean:
            given.preprocess().mean(_argument(step.mean))
        if step.scale:
            given.preprocess().scale(_argument(step.scale))
    return builder.build()


def _argument(numbers: tuple[float, ...]) -> float | list[float]:
    return list(numbers) if len(numbers) > 1 else numbers[0]


def _with_layouts(graph: ov.Model, steps: Sequence[_Steps]) -> ov.Model:
    import openvino as ov

    for step in steps:
        if step.source is not None:
            graph.get_parameters()[step.place].set_layout(ov.Layout(step.source))
    return graph


def _plan(graph: ov.Model, options: ConvertOptions) -> tuple[_Steps, ...]:
    places = input_places(graph, options.inputs)
    means = _assigned(graph, places, "--mean-values", options.means)
    scales = _assigned(graph, places, "--scale-values", options.scales)
    layouts = _assigned(graph, places, "--layout", options.layouts)
    shapes = {place: list(graph.inputs[place].shape) for place in places}
    reversed_places = {place for place in places if _may_reverse(shapes[place], layouts.get(place))}
    if options.reverse_channels and not reversed_places:
        told = ", ".join(f"{port_name(graph.inputs[at])} {shape}" for at, shape in shapes.items())
        raise UsageError(
            f"--reverse-input-channels needs an input with 3 channels, and this is {told}",
            hint="leave it out, or say with --layout where the channels are",
        )
    return tuple(
        _steps(
            graph.inputs[place],
            place,
            reverses=options.reverse_channels and place in reversed_places,
            mean=means.get(place),
            scale=scales.get(place),
            layout=layouts.get(place),
        )
        for place in sorted({*means, *scales, *layouts, *places})
    )


def _assigned(
    graph: ov.Model, places: Sequence[int], option: str, given: Sequence[_Given]
) -> dict[int, _Given]:
    """What an option gives, by the input's place; without names they go in the inputs' order."""
    unnamed = [found for found in given if found.input_name is None]
    if unnamed and (len(unnamed) != len(given) or len(given) != len(places)):
        there = ", ".join(port_name(graph.inputs[place]) for place in places)
        raise UsageError(
            f"{option} has {len(given)} values without names for the {len(places)} inputs {there}",
            hint=f"write the input's name before its values, such as "
            f"{port_name(graph.inputs[0])}[...]",
        )
    found = {
        places[at] if value.input_name is None else _place(graph, value.input_name): value
        for at, value in enumerate(given)
    }
    if len(found) < len(given):
        raise UsageError(f"{option} names one input twice", hint="name each input once")
    return found


def _may_reverse(shape: Sequence[int], layout: LayoutChange | None) -> bool:
    """Whether an input has three channels, somewhere."""
    if layout is not None:
        axis = layout.source.find("C")
        return 0 <= axis < len(shape) and shape[axis] == _COLOURS
    return bool(_channel_axes(shape, _COLOURS))


def _steps(
    port: ov.Output,
    place: int,
    *,
    reverses: bool,
    mean: Values | None,
    scale: Values | None,
    layout: LayoutChange | None,
) -> _Steps:
    name, shape = port_name(port), list(port.shape)
    means, scales = (given.numbers if given else () for given in (mean, scale))
    if (means or scales) and not port.get_element_type().is_real():
        kind = port.get_element_type().get_type_name()
        raise UsageError(
            f"mean and scale values are for inputs of floating-point numbers, and {name} is {kind}",
            hint="leave them out for this input",
        )
    counts = [len(numbers) for numbers in (means, scales) if len(numbers) > 1]
    counts += [_COLOURS] if reverses else []
    if layout is not None:
        _check_layout(name, shape, layout, counts)
        return _Steps(place, name, layout.source, layout.target, reverses, means, scales)
    known = _guessed_layout(name, shape, counts) if counts else None
    return _Steps(place, name, known, known, reverses, means, scales)


def _check_layout(
    name: str, shape: Sequence[int], layout: LayoutChange, counts: Sequence[int]
) -> None:
    for side in (layout.source, layout.target):
        if "..." not in side and len(side) != len(shape):
            raise UsageError(
                f"--layout {side} has {len(side)} axes, and input {name} {list(shape)} has "
                f"{len(shape)}",
                hint="give a letter per axis",
            )
    if sorted(layout.source) != sorted(layout.target):
        raise UsageError(
            f"--layout {layout.source}->{layout.target} names other axes on its two sides",
            hint="give the same letters in another order",
        )
    axis = layout.source.find("C")
    if counts and (axis < 0 or "..." in layout.source):
        raise UsageError(
            f"--layout {layout.source} does not say where the channels of {name} are",
            hint="mark them with C, such as NHWC",
        )
    for count in counts:
        if shape[axis] != count:
            raise _no_fit(name, shape, count)


def _guessed_layout(name: str, shape: Sequence[int], counts: Sequence[int]) -> str:
    """The layout with the channels where their number fits; UsageError unless that is clear."""
    axes = _channel_axes(shape, counts[0])
    for count in counts:
        axes = [axis for axis in axes if shape[axis] == count]
        if not axes:
            raise _no_fit(name, shape, count)
    if len(axes) > 1:
        raise UsageError(
            f"the channels of input {name} {list(shape)} may be axis {axes[0]} or {axes[1]}",
            hint=f"say which with --layout, such as {name}(nchw) or {name}(nhwc)",
        )
    if len(shape) == _IMAGE_AXES:
        return "NCHW" if axes[0] == 1 else "NHWC"
    return "".join("C" if axis == axes[0] else "?" for axis in range(len(shape)))


def _no_fit(name: str, shape: Sequence[int], count: int) -> UsageError:
    return UsageError(
        f"values for {count} channels do not fit input {name} {list(shape)}",
        hint="give one number, or as many as there are channels; say with --layout where they are",
    )


def _channel_axes(shape: Sequence[int], count: int) -> list[int]:
    """The axes that may be the channels, if there are so many: the second, or the last.

    An image without a batch (three axes) may have them first.
    """
    first = 0 if len(shape) == _IMAGE_AXES - 1 else 1
    tried = dict.fromkeys((first, len(shape) - 1)) if len(shape) > 1 else {}
    return [axis for axis in tried if axis < len(shape) and shape[axis] == count]
