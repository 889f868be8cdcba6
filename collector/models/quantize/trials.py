"""The models that accuracy control tried: what each lost, which is best, how it came about.

Nothing is judged or quantised here, and neither NNCF nor OpenVINO is imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from collector.models.quantize.made import Reverted
from collector.models.quantize.recipe import Recipe

if TYPE_CHECKING:
    import openvino as ov

ROUNDING = 1e-9
"""0.98 - 0.97 is a little more than 0.01 in floating point, and should not be."""


@dataclass(frozen=True)
class Trial:
    """A model that was judged: its metric, its quantise steps, what computes on quantised data."""

    metric: float
    steps: frozenset[str]
    quantised: frozenset[str]


@dataclass
class Trials:
    """Every quantised model that was judged, in order, and the best of their graphs.

    The first is quantised as a whole. ``float_metric`` is what the float model reached.
    """

    recipe: Recipe
    metric: str
    float_metric: float
    tried: list[Trial]
    graph: ov.Model
    best: int = field(default=0, init=False)

    def add(self, trial: Trial, graph: ov.Model) -> None:
        """Note one more; the best is the first that is good enough, else what loses least.

        A model without any quantise step is the float model, and no candidate.
        """
        self.tried.append(trial)
        is_better = not self.is_met and trial.metric > self.tried[self.best].metric
        if trial.steps and is_better:
            self.best, self.graph = len(self.tried) - 1, graph

    @property
    def is_met(self) -> bool:
        """Whether the best model loses no more than the recipe allows."""
        return self.drop <= self.recipe.drop_allowed + ROUNDING

    @property
    def drop(self) -> float:
        """What the best model lost, as the recipe counts it; below 0 where it is better.

        Relative drops as NNCF counts them: \\|1 - metric / float's metric\\|.
        """
        metric = self.tried[self.best].metric
        if self.recipe.drop_type == "absolute":
            return self.float_metric - metric
        if self.float_metric == metric:
            return 0.0
        share = abs(1 - metric / self.float_metric)
        return share if metric < self.float_metric else -share

    def reverted(self) -> Iterator[Reverted]:
        """What was put back to float on the way to the best model."""
        for step, (before, after) in enumerate(pairwise(self._path())):
            losses = self.float_metric - before.metric, self.float_metric - after.metric
            for name in sorted(before.quantised - after.quantised):
                yield Reverted(name, step, self.metric, *losses)

    def _path(self) -> list[Trial]:
        """The models that led to the best one, each made from the one before it.

        NNCF goes back a model where a group made things worse, so that the one before in time
        need not be it; the one it was made from has all its quantise steps and more.
        """
        path = [self.tried[self.best]]
        for trial in reversed(self.tried[: self.best]):
            if trial.steps > path[-1].steps:
                path.append(trial)
        return path[::-1]

    def note(self) -> str | None:
        """What has to be said where no model was good enough."""
        if self.is_met:
            return None
        allowed = self.recipe.drop_allowed
        of_what = " of float's" if self.recipe.drop_type == "relative" else ""
        return (
            f"the drop in {self.metric} is {_figures(self.drop, allowed)}{of_what}, more than the "
            f"{allowed:.3f} asked for; this is the best model that was found"
        )


def _figures(drop: float, allowed: float) -> str:
    """Three decimals, or as many more as it takes to differ from what is allowed."""
    texts = (f"{drop:.{places}f}" for places in range(3, 10))
    return next((text for text in texts if float(text) > allowed), f"{drop:.10f}")
