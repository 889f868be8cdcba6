"""What is wanted of a model: which variants, made how, judged on what. Nothing is done here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from collector.builtin.catalogue import BuiltinModel
from collector.job import FileModel
from collector.models.quantize.recipe import Recipe
from collector.models.request import Judging
from results.kinds import is_int8_variant

FP32 = "fp32"
NATIVE = "int8-native"
SIMPLIFIED = "int8-simplified"
FULL = "int8-full"
ACCURACY = "int8-accuracy"
MODES = {SIMPLIFIED: "simplified", FULL: "full", ACCURACY: "accuracy"}
"""The kinds of variants that NNCF makes, with the recipe's mode."""


@dataclass(frozen=True)
class Order:
    """The variants to prepare of a model; the one that was read is always among them.

    ``kinds`` None is what is measured unless told otherwise: the quick INT8 variant, what
    ``quantize`` made of the model before, and with ``own_data`` the full recipe too.
    ``recipe`` asks for the one variant that it makes. ``judging`` is the data that all are
    judged on, ``model_type`` what a recipe needs to know of the network. ``fixed`` are ids of
    variants: where a run is continued, those that it began with are taken and no others.
    """

    kinds: tuple[str, ...] | None = None
    recipe: Recipe | None = None
    judging: Judging | None = None
    model_type: str | None = None
    own_data: bool = False
    fixed: tuple[str, ...] = ()

    def wants(self, kind: str) -> bool:
        """Whether a variant of this kind is to be prepared where it can be."""
        if self.recipe is not None:
            return kind == self.recipe.kind
        return self.kinds is None or kind in self.kinds

    def recipe_of(self, kind: str) -> Recipe | None:
        """How to make a variant of a kind that was not made before; None where it is not to be.

        But for the quick variant that takes data to judge on.
        """
        if self.recipe is not None:
            return self.recipe
        usual = kind == SIMPLIFIED or (kind == FULL and self.own_data)
        if not (usual if self.kinds is None else kind in self.kinds):
            return None
        if kind != SIMPLIFIED and self.judging is None:
            return None
        return Recipe(mode=MODES[kind], model_type=self.model_type)


@dataclass(frozen=True)
class Wanted:
    """A model with what is wanted of it."""

    model: BuiltinModel | FileModel
    order: Order

    @property
    def name(self) -> str:
        """The model's name for people, before it is read."""
        model = self.model
        return model.name if isinstance(model, BuiltinModel) else model.path.name


def wanted(
    model: BuiltinModel | FileModel,
    arms: Sequence[str] | None = None,
    *,
    recipe: Recipe | None = None,
    fixed: Sequence[str] = (),
) -> Wanted:
    """What measuring these arms of a model needs, None being all that there are; or one recipe."""
    kinds = None
    if arms is not None:
        named = dict.fromkeys(arm.partition("@")[0] for arm in arms)
        kinds = tuple(kind for kind in named if is_int8_variant(kind))
    is_builtin = isinstance(model, BuiltinModel)
    model_type = model.model_type if isinstance(model, BuiltinModel) else None
    if recipe is not None and recipe.model_type is None:
        recipe = replace(recipe, model_type=model_type)
    own_data = is_builtin and model.judging is not None
    order = Order(kinds, recipe, model.judging, model_type, own_data, tuple(fixed))
    return Wanted(model, order)
