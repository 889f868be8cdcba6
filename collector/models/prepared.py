"""What preparing a model gives: its variants, where their files lie, how good they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from collector.models.graph import QUANTISED_OPS
from collector.models.order import MODES
from results.facts import Fact, Model, RevertedOp, SourceOp, Variant


@dataclass(frozen=True)
class PreparedVariant:
    """A variant, the IR file to measure, its source ops, and what was put back to float."""

    variant: Variant
    ir_path: Path
    source_ops: tuple[SourceOp, ...]
    reverted: tuple[RevertedOp, ...] = ()

    @property
    def is_float_still(self) -> bool:
        """Whether it is an INT8 variant in which nothing is quantised."""
        made = self.variant.kind in MODES
        return made and not any(op.op_type in QUANTISED_OPS for op in self.source_ops)


@dataclass(frozen=True)
class PreparedModel:
    """A model with the variants to measure; the first is what it was read as.

    ``judged`` are the facts of its accuracy: datasets, metrics, layers. ``lacking`` are kinds
    of variants that were asked for and could not be made without data, ``reused`` those that
    ``quantize`` made before.
    """

    model: Model
    variants: tuple[PreparedVariant, ...]
    batch: int
    judged: tuple[Fact, ...] = ()
    lacking: tuple[str, ...] = ()
    reused: tuple[str, ...] = ()

    @property
    def is_quantised(self) -> bool:
        """Whether quantising found anything to quantise; true where nothing was tried."""
        return not any(variant.is_float_still for variant in self.variants)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """Everything to store of it."""
        found: list[Fact] = [self.model]
        for variant in self.variants:
            found += [variant.variant, *variant.source_ops, *variant.reverted]
        return (*found, *self.judged)
