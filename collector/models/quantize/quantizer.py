"""Makes an INT8 variant of a graph as a recipe says. Imports NNCF only when it is asked to.

What the options mean is in ``recipe``; how operations are put back to float until the accuracy
is right, in ``accuracy_control``.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from collector.models.quantize.accuracy_control import Validation, controlled
from collector.models.quantize.calibration import SETTING_RANGES, Calibration, Told
from collector.models.quantize.ignored import check_ignored
from collector.models.quantize.made import Quantised
from collector.models.quantize.nncf_call import arguments_of, calling_nncf
from collector.models.quantize.recipe import Recipe, checked
from collector.models.steps import Report, silent
from results.errors import UsageError

if TYPE_CHECKING:
    import openvino as ov


def nncf_version() -> str:
    """The installed NNCF's version, without importing it."""
    return version("nncf")


def quantize(
    graph: ov.Model,
    recipe: Recipe,
    calibration: Calibration,
    report: Report = silent,
    validation: Validation | None = None,
) -> Quantised:
    """A quantised copy of ``graph``, which stays as it is.

    The same recipe on the same graph and data gives the same copy. ``validation`` is what mode
    accuracy watches, and is not used in the others. Raises UsageError where recipe, data and
    graph do not go together, MeasurementError with NNCF's reason where it cannot quantise.
    """
    check_ignored(graph, checked(recipe))
    if recipe.mode != "accuracy":
        return _plain(graph, recipe, calibration, report)
    if validation is None:
        raise UsageError("mode accuracy needs data to judge on", hint="give --dataset")
    return controlled(graph, recipe, calibration, validation, report)


def _plain(graph: ov.Model, recipe: Recipe, calibration: Calibration, report: Report) -> Quantised:
    told = Told(calibration.samples(graph, recipe), report)
    with calling_nncf(graph.get_friendly_name()):
        import nncf

        made = nncf.quantize(graph.clone(), nncf.Dataset(told), **arguments_of(recipe, len(told)))
    report(SETTING_RANGES, 1, 1)
    return Quantised(made)
