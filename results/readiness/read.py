"""What the store knows for a checklist: one set of facts for each device that ran the model.

Nothing is judged here. Only what INT8 Lens measured itself counts, in latency, in the setting
with the smallest batch; imported figures do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from results import queries
from results.accuracy import AccuracyView
from results.comparison import CellView
from results.errors import UsageError
from results.facts import Device, Model
from results.kinds import is_int8_variant, normalised
from results.launch_book import LaunchBook
from results.nodes import Side
from results.overview import BASELINE_ARMS, DEFAULT_BASELINE
from results.pace import Profiled
from results.readiness.at_hand import AtHand
from results.readiness.checks import NATIVE, deployed_rank
from results.readiness.layer_facts import conversions_of, heavy_of_baseline, heavy_time
from results.readiness.reference import reference_of
from results.readiness.shapes import Against, ArmFailure, HeavyTime, ReadinessFacts
from results.versions.cells import chosen, measured
from results.versions.order import find_version
from results.versions.series import build_histories
from results.versions.shapes import Best, Version
from results.views import RunView

_LATENCY = "latency"


@dataclass(frozen=True)
class Wanted:
    """What a checklist is asked about, named as in a selector; None leaves a part open.

    ``data`` are the options that name the store in a command.
    """

    device: str | None = None
    openvino: str | None = None
    arm: str | None = None
    data: tuple[str, ...] = ()


def read_facts(hand: AtHand, name: str, wanted: Wanted) -> tuple[ReadinessFacts, ...]:
    """The facts of every model of that name on every device; UsageError as ``checklists``."""
    found: list[ReadinessFacts] = []
    for model in find_models(hand.models(), name):
        own = _latency_of(hand.cells(), model.model_id)
        book = hand.book([cell.cell_id for cell in _there(own, wanted)])
        found += _facts_of(_Shelf(hand, model, own, book, wanted))
    return tuple(found)


def expected_cells(cells: Sequence[CellView], model_id: str, wanted: Wanted) -> tuple[str, ...]:
    """The cells whose launches a checklist looks at, told without looking at any.

    ``wanted`` names a device and a runtime by their ids and an arm as it is called; where it
    leaves one of them open, the cells on other devices are not among them.
    """
    own = _latency_of(cells, model_id)
    there = _there(own, wanted)
    drives = [_drive(cell) for cell in there if cell.runtime_id == wanted.openvino]
    alike = [cell for cell in own if drives and cell.arm == wanted.arm]
    alike = [cell for cell in alike if _drive(cell) == min(drives)]
    return tuple(dict.fromkeys(cell.cell_id for cell in (*there, *alike)))


def find_models(known: Sequence[Model], name: str) -> tuple[Model, ...]:
    """The models of this name, title or id; else those of the only name that contains it."""
    folded = normalised(name)
    tests = (
        lambda model: name.casefold() in {model.name.casefold(), model.title.casefold()},
        lambda model: model.model_id == name,
        lambda model: bool(folded) and normalised(model.name) == folded,
        lambda model: bool(folded) and folded in normalised(model.name),
    )
    found = next((hits for test in tests if (hits := [m for m in known if test(m)])), [])
    if len({model.name for model in found}) == 1:
        return tuple(found)
    there = ", ".join(dict.fromkeys(model.name for model in found or known))
    if found:
        raise UsageError(f"{name!r} fits several models", hint=f"name one of {there}")
    hint = f"there is {there}" if there else "measure one with `python -m collector run --model`"
    raise UsageError(f"there is no model {name!r} in the store", hint=hint)


def _there(own: Sequence[CellView], wanted: Wanted) -> list[CellView]:
    """The cells of the one device that is asked about by its id, else those of all devices."""
    return [cell for cell in own if cell.device_id == wanted.device] or list(own)


def _latency_of(cells: Sequence[CellView], model_id: str) -> tuple[CellView, ...]:
    """What was measured of a model in latency."""
    own = [cell for cell in cells if cell.model_id == model_id and cell.scenario == _LATENCY]
    return tuple(measured(own))


def _facts_of(shelf: _Shelf) -> Iterator[ReadinessFacts]:
    if not shelf.cells:
        yield shelf.unmeasured()
        return
    device = shelf.wanted.device
    fitting = shelf.cells if device is None else chosen(shelf.cells, device=device)
    for device_id in dict.fromkeys(cell.device_id for cell in fitting):
        yield _on_device(shelf, [cell for cell in shelf.cells if cell.device_id == device_id])


@dataclass(frozen=True)
class _Shelf:
    """A model's latency cells, and what was asked about it.

    ``book`` has the launches of ``_there``: where one device is asked about, of that one alone.
    """

    hand: AtHand
    model: Model
    cells: tuple[CellView, ...]
    book: LaunchBook
    wanted: Wanted

    @cached_property
    def versions(self) -> tuple[Version, ...]:
        """The versions that ran the model, oldest first."""
        used = {cell.runtime_id for cell in self.cells}
        return tuple(version for version in self.hand.versions if version.runtime_id in used)

    def unmeasured(self, cell: CellView | None = None) -> ReadinessFacts:
        """What is known of the model without looking at times; ``cell`` says the place."""
        version = next((v for v in self.versions if cell and v.runtime_id == cell.runtime_id), None)
        device = self.hand.devices.get(cell.device_id) if cell else None
        told = version if len(self.versions) > 1 else None
        return ReadinessFacts(
            model_id=self.model.model_id,
            model=self.model.name,
            model_title=self.model.title,
            model_note=self.model.note,
            synthetic=bool(self.model.synthetic_weights),
            reference=reference_of(self.model, device, told, self._newest_runs(), self.wanted.data),
            cell=cell,
            made=self._made(),
            accuracy=self._accuracy(),
            version=version,
        )

    def _newest_runs(self) -> Iterator[RunView]:
        """The runs, read only where somebody looks at one."""
        yield from self.hand.runs()

    def _accuracy(self) -> tuple[AccuracyView, ...]:
        """That of the model's variants."""
        every = self.hand.accuracy()
        return tuple(view for view in every if view.model_id == self.model.model_id)

    def _made(self) -> tuple[str, ...]:
        """Kinds of the INT8 variants, measured or not."""
        kinds = [cell.variant_kind for cell in self.cells]
        own = [
            one.variant
            for one in self.hand.unmeasured()
            if one.variant.model_id == self.model.model_id
        ]
        kinds += [variant.kind for variant in own]
        return tuple(dict.fromkeys(kind for kind in kinds if is_int8_variant(kind)))

    def is_good(self, cell: CellView) -> bool:
        """Whether a launch of the cell measured it."""
        return bool(self.book.runs(cell))

    def int8(self, cells: Sequence[CellView]) -> list[CellView]:
        """The INT8 cells of these, the one that the lines are about first."""
        found = [cell for cell in cells if is_int8_variant(cell.variant_kind)]
        if self.wanted.arm is not None and found:
            found = list(chosen(found, arm=self.wanted.arm))
        return self.preferred(found)

    def preferred(self, cells: Sequence[CellView]) -> list[CellView]:
        """INT8 cells in the order in which they are asked about, measured ones first."""
        newest_first = sorted(cells, key=self.book.measured_last, reverse=True)
        return sorted(
            newest_first,
            key=lambda cell: (not self.is_good(cell), *deployed_rank(cell.variant_kind)),
        )

    def against(self, baseline: CellView, candidate: CellView) -> Against | None:
        """The two in their latest shared run, else unpaired; None without good launches."""
        used = self.book.sample(baseline, candidate)
        return Against(baseline, candidate, used.estimate()) if used else None


def _on_device(shelf: _Shelf, cells: Sequence[CellView]) -> ReadinessFacts:
    """The facts on one device, whose cells these are, with the version that was asked for."""
    runtime_id = _runtime_of(shelf, cells)
    here = [cell for cell in cells if cell.runtime_id == runtime_id]
    smallest = min(_drive(cell) for cell in here)
    here = [cell for cell in here if _drive(cell) == smallest]
    arms = shelf.int8(here)
    floats = [cell for arm in BASELINE_ARMS for cell in here if cell.arm == arm]
    floats = [cell for cell in floats if shelf.is_good(cell)]
    deciding_first = sorted(floats, key=lambda cell: cell.arm != DEFAULT_BASELINE)
    facts = shelf.unmeasured(here[0])
    if not arms or not shelf.is_good(arms[0]):
        return replace(
            facts, heavy=_float_alone(shelf, deciding_first), failure=_failure(shelf, arms)
        )
    candidate = arms[0]
    return replace(
        _with_layers(shelf, facts, deciding_first, candidate),
        candidate=candidate,
        against=tuple(
            one for cell in floats if (one := shelf.against(cell, candidate)) is not None
        ),
        native=_native(shelf, here, candidate),
        best_version=_best_version(shelf, cells, candidate),
        elsewhere=tuple(_elsewhere(shelf, candidate)),
    )


def _drive(cell: CellView) -> tuple[int, int, int, int]:
    """Batch 1 with one stream and nothing else asked for comes first."""
    return cell.batch, cell.streams or 0, cell.threads or 0, cell.requests or 0


def _runtime_of(shelf: _Shelf, cells: Sequence[CellView]) -> str:
    """The version asked for, else the newest with a measured INT8 arm, else the newest."""
    used = {cell.runtime_id for cell in cells}
    known = [version for version in shelf.versions if version.runtime_id in used]
    if shelf.wanted.openvino is not None:
        return find_version(shelf.wanted.openvino, known).runtime_id
    int8 = {cell.runtime_id for cell in shelf.int8(cells) if shelf.is_good(cell)}
    return [*known, *(version for version in known if version.runtime_id in int8)][-1].runtime_id


def _failure(shelf: _Shelf, arms: Sequence[CellView]) -> ArmFailure | None:
    reason = shelf.book.failure(arms[0]) if arms else None
    return ArmFailure(arms[0].arm, reason) if reason else None


def _float_alone(shelf: _Shelf, floats: Sequence[CellView]) -> HeavyTime | None:
    """From the layers of a float cell that nothing is compared with."""
    for cell in floats:
        run_id = shelf.book.measured_last(cell)
        side = Side(queries.exec_nodes(shelf.hand.index, cell.cell_id, run_id), ())
        launches = queries.launches(shelf.hand.index, run_id, [cell.cell_id])
        wall_ms = Profiled(cell, side, launches).wall_ms or 0.0
        found = heavy_time(cell.arm, side.executed_layers, wall_ms * 1000.0)
        if found is not None:
            return found
    return None


def _with_layers(
    shelf: _Shelf, facts: ReadinessFacts, floats: Sequence[CellView], candidate: CellView
) -> ReadinessFacts:
    """With what the layers of the arm and of the first float arm say."""
    if not floats:
        return facts
    comparison = shelf.hand.compare(floats[0], candidate)
    heavy = heavy_of_baseline(comparison) or _float_alone(shelf, floats)
    return replace(facts, heavy=heavy, conversions=conversions_of(comparison))


def _native(shelf: _Shelf, here: Sequence[CellView], candidate: CellView) -> Against | None:
    """What was quantised here against the framework's own file; one of the two is the arm."""
    is_native = candidate.variant_kind == NATIVE
    others = [
        cell
        for cell in shelf.preferred([one for one in here if is_int8_variant(one.variant_kind)])
        if (cell.variant_kind == NATIVE) is not is_native and shelf.is_good(cell)
    ]
    if not others:
        return None
    native, made = (candidate, others[0]) if is_native else (others[0], candidate)
    return shelf.against(native, made)


def _best_version(shelf: _Shelf, cells: Sequence[CellView], candidate: CellView) -> Best | None:
    """The fastest version for the INT8 arm on this device."""
    alike = [cell for cell in cells if _drive(cell) == _drive(candidate)]
    series = (
        one
        for history in build_histories(alike, shelf.versions, shelf.book)
        for one in history.series
    )
    return next((one.best for one in series if one.arm == candidate.arm), None)


def _elsewhere(shelf: _Shelf, candidate: CellView) -> Iterator[Against]:
    """The same arm, at its newest version, on every other device; a cap makes no other one."""
    order = {version.runtime_id: at for at, version in enumerate(shelf.versions)}
    alike = [cell for cell in _on_other_hardware(shelf, candidate)
             if cell.arm == candidate.arm and _drive(cell) == _drive(candidate)]  # fmt: skip
    if not alike:
        return
    book = shelf.hand.book([cell.cell_id for cell in (candidate, *alike)])
    newest: dict[str, CellView] = {}
    for cell in sorted(alike, key=lambda cell: order[cell.runtime_id]):
        if book.runs(cell):
            newest[cell.device_id] = cell
    for cell in newest.values():
        used = book.sample(candidate, cell)
        if used is not None:
            yield Against(candidate, cell, used.estimate())


def _on_other_hardware(shelf: _Shelf, candidate: CellView) -> Iterator[CellView]:
    own = shelf.hand.devices.get(candidate.device_id)
    for cell in shelf.cells:
        other = shelf.hand.devices.get(cell.device_id)
        if own and other and not _is_same_hardware(own, other):
            yield cell


def _is_same_hardware(a: Device, b: Device) -> bool:
    return (a.machine_id, a.ov_device) == (b.machine_id, b.ov_device)
