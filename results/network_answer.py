"""Why one network gains from INT8 and the other does not: a sentence made from facts.

Pure: networks, estimates and costs in, words out. A difference is only told where verdicts or
intervals tell the networks apart, and a reason only where the layers account for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from results import format as fmt
from results.activations import ActivationRun
from results.comparison import Estimate, Verdict
from results.cpu_names import plain_cpu
from results.headline import Figure, Headline
from results.network_costs import Cost, CostKind, Costs, TypeCost
from results.networks import Network, only_in
from results.overview_rows import ArmVerdict
from results.versions.words import evidence_words

_UNTOLD = "how much is not told apart"
LEAST_DIFFERENCE = 0.02
"""Share of INT8's layer time by which a cost must be larger in one network to be told."""
_MOST_TYPES = 6


@dataclass(frozen=True)
class Judged:
    """A network with its INT8 arm on a device; what is not known is None or empty.

    ``estimate`` is INT8 against the arm ``baseline``; ``missing`` says why there is none.
    ``ran`` is how the INT8 arm ran the activations, ``quicker`` an INT8 arm with a lower time
    against the same baseline.
    """

    network: Network
    arm: str | None = None
    baseline: str | None = None
    estimate: Estimate | None = None
    costs: Costs | None = None
    ran: tuple[ActivationRun, ...] = ()
    missing: str = ""
    quicker: ArmVerdict | None = None

    @property
    def title(self) -> str:
        """The network's name."""
        return self.network.title


@dataclass(frozen=True)
class Reason:
    """The cost that differs most between two networks, and the operation it differs most by."""

    worse: Cost
    other: Cost
    key: TypeCost | None
    key_in_other: int
    other_has_type: bool


def headline(runtime: str, one: Judged, other: Judged | None, device: str = "") -> Headline:
    """The answer of a pair of networks, or of one alone, with at most four numbers.

    ``runtime`` and ``device`` are empty where they need not be told, or differ.
    """
    place = _place_words(runtime, device)
    if other is None or one.estimate is None or other.estimate is None:
        return _apart(place, [one] if other is None else [one, other])
    worse, better = _ranked(one, one.estimate, other, other.estimate)
    found = reason_of(worse, better) if differ(one.estimate, other.estimate) else None
    told = f": {_reason_words(found, worse, better)}" if found else ""
    sentence = f"{place}{_outcome(worse, better)}{told}."
    costs = _cost_figures(one, other, found.worse.kind) if found else ()
    return Headline(sentence, (_speed_figure(one), _speed_figure(other), *costs))


def _place_words(runtime: str, device: str) -> str:
    """``On AMD EPYC (rack1) with OpenVINO 2026.4.1 ``, of that what is to be told."""
    told = [f"on {plain_cpu(device)}"] if device else []
    told += [f"with OpenVINO {runtime}"] if runtime else []
    words = " ".join(told)
    return f"{words[0].upper()}{words[1:]} " if words else ""


def differ(one: Estimate, other: Estimate) -> bool:
    """Whether INT8 does other things for two networks: by the verdicts or by the intervals."""
    return one.verdict is not other.verdict or are_apart(one, other)


def are_apart(one: Estimate, other: Estimate) -> bool:
    """Whether both have an interval, and the two do not overlap."""
    bounds = (one.ci_low, one.ci_high, other.ci_low, other.ci_high)
    if any(bound is None for bound in bounds):
        return False
    low, high, other_low, other_high = (bound or 0.0 for bound in bounds)
    return low > other_high or high < other_low


def reason_of(worse: Judged, better: Judged) -> Reason | None:
    """What takes more of INT8's layer time in the network that gains less.

    The cost whose share is larger by most, at least by ``LEAST_DIFFERENCE``. None where there
    is none, or where the layers of the network do not account for its difference.
    """
    if worse.costs is None or better.costs is None or worse.costs.withheld:
        return None
    pairs = [(cost, better.costs.of(cost.kind)) for cost in worse.costs.costs]
    cost, other = max(pairs, key=lambda pair: pair[0].share - pair[1].share)
    if cost.share - other.share < LEAST_DIFFERENCE:
        return None
    key = max(
        cost.by_type, key=lambda one: one.share - other.of_type(one.op_type).share, default=None
    )
    if key is None:
        return Reason(cost, other, None, 0, other_has_type=False)
    has = bool(better.network.count(key.op_type) or better.network.kinds.get(key.op_type))
    return Reason(cost, other, key, other.of_type(key.op_type).count, other_has_type=has)


def evidence(judged: Sequence[Judged]) -> tuple[str, ...]:
    """What the answer rests on: what one network has alone, how the activations ran."""
    found = [_quicker_words(one) for one in judged]
    if len(judged) == 2:
        one, other = judged
        found += [_only_words(a, b) for a, b in ((one, other), (other, one))]
        found += _withheld(one, other)
    found += [_activation_words(one) for one in judged if one.ran]
    return tuple(filter(None, found))


def _quicker_words(one: Judged) -> str:
    """That another INT8 arm takes less time than the one which is shown; empty where none does."""
    if one.quicker is None:
        return ""
    cell, estimate = one.quicker.candidate, one.quicker.estimate
    told = f"{estimate.verdict.sign} {estimate.verdict.value}: {fmt.speedup(estimate.speedup)}"
    return (
        f"{one.title} is shown as {one.arm}; its lowest time in INT8 is that of {cell.arm} "
        f"({told} against {one.baseline})."
    )


def _apart(place: str, judged: Sequence[Judged]) -> Headline:
    """Each network for itself, where there is nothing to hold against it."""
    told = "; ".join(_alone(one) for one in judged)
    figures = [_speed_figure(one) for one in judged if one.estimate is not None]
    if len(judged) == 1:
        figures += _size_figures(judged[0])
    return Headline(f"{place}{told}.", tuple(figures))


def _alone(one: Judged) -> str:
    if one.estimate is None:
        return f"nothing is known of INT8 for {one.title} ({one.missing or 'not measured'})"
    match one.estimate.verdict:
        case Verdict.FASTER:
            return f"INT8 makes {one.title} faster"
        case Verdict.SLOWER:
            return f"INT8 makes {one.title} slower"
        case Verdict.EQUIVALENT:
            return f"INT8 makes no difference to {one.title}"
        case Verdict.INCONCLUSIVE:
            return f"INT8 is not shown to make {one.title} faster or slower"


def _ranked(
    one: Judged, estimate: Estimate, other: Judged, against: Estimate
) -> tuple[Judged, Judged]:
    """The one that gains less first: by the verdict, of equal ones by the ratio."""
    mine, others = (_GAINS[found.verdict] for found in (estimate, against))
    if mine != others:
        return (one, other) if mine < others else (other, one)
    return (one, other) if estimate.ratio >= against.ratio else (other, one)


_GAINS = {
    Verdict.SLOWER: 0, Verdict.INCONCLUSIVE: 1, Verdict.EQUIVALENT: 1, Verdict.FASTER: 2,
}  # fmt: skip


def _outcome(worse: Judged, better: Judged) -> str:
    """What INT8 does for both, the one that gains less being told as such."""
    if worse.estimate is None or better.estimate is None:
        return ""
    low, high = worse.estimate.verdict, better.estimate.verdict
    if low is high:
        return _alike(worse, better, low, apart=are_apart(worse.estimate, better.estimate))
    if low is Verdict.SLOWER:
        return f"INT8 makes {worse.title} slower, {_NOT_SLOWER[high].format(better.title)}"
    if high is Verdict.FASTER:
        return f"INT8 makes {better.title} faster, {_NOT_FASTER[low].format(worse.title)}"
    return f"{_alone(better)}; {_alone(worse)}"


_NOT_SLOWER = {
    Verdict.FASTER: "but {} faster",
    Verdict.EQUIVALENT: "but not {}",
    Verdict.INCONCLUSIVE: "which is not shown for {}",
}
_NOT_FASTER = {
    Verdict.EQUIVALENT: "but not {}",
    Verdict.INCONCLUSIVE: "which is not shown for {}",
}


def _alike(worse: Judged, better: Judged, verdict: Verdict, *, apart: bool) -> str:
    match verdict:
        case Verdict.FASTER:
            more = f"{better.title} more than {worse.title}" if apart else _UNTOLD
            return f"INT8 makes both faster, {more}"
        case Verdict.SLOWER:
            more = f"{worse.title} more than {better.title}" if apart else _UNTOLD
            return f"INT8 makes both slower, {more}"
        case Verdict.EQUIVALENT:
            return f"INT8 makes no difference to {better.title} or {worse.title}"
        case Verdict.INCONCLUSIVE:
            both = f"{better.title} or {worse.title}"
            return f"INT8 is not shown to make {both} faster or slower"


_SUBJECTS = {
    CostKind.CONVERSIONS: ("conversion", "conversions"),
    CostKind.LEFT_IN_FLOAT: ("layer that stayed in float", "layers that stayed in float"),
    CostKind.LONE_ACTIVATIONS: ("activation on its own", "activations on their own"),
    CostKind.SLOWER: ("layer", "layers"),
}


def _reason_words(reason: Reason, worse: Judged, better: Judged) -> str:
    """``in A 41 conversions take 29 % of INT8's layer time (13 % in B); 16 of the 41 are ...``."""
    other = reason.other
    beside = f"{fmt.percent(other.share) if other.count else 'none'} in {better.title}"
    told = f"in {worse.title} {_cost_words(reason.worse)} ({beside})"
    return f"{told}; {_key_words(reason, reason.key, better)}" if reason.key else told


def _cost_words(cost: Cost) -> str:
    """How many layers, and what they take of the time; of slower ones what they take longer."""
    one, several = _SUBJECTS[cost.kind]
    who = f"{cost.count} {one if cost.count == 1 else several}"
    take = "takes" if cost.count == 1 else "take"
    share = f"{fmt.percent(cost.share)} of INT8's layer time"
    if cost.kind is not CostKind.SLOWER:
        return f"{who} {take} {share}"
    together = "" if cost.count == 1 else " in all"
    return f"{who} {take} longer in INT8 than in float, by {share}{together}"


def _key_words(reason: Reason, key: TypeCost, better: Judged) -> str:
    of = "next to" if reason.worse.kind is CostKind.CONVERSIONS else "of type"
    told = f"{_how_many(key.count, reason.worse.count)} {of} {key.op_type}"
    if not reason.other_has_type:
        return f"{told}, which {better.title} has not"
    if not reason.other.count:
        return told
    return f"{told} ({reason.key_in_other or 'none'} in {better.title})"


def _how_many(part: int, whole: int) -> str:
    """``it is``, ``all 3 are``, ``1 of the 3 is``."""
    if whole == 1:
        return "it is"
    if part == whole:
        return f"all {whole} are"
    return f"{part} of the {whole} {'is' if part == 1 else 'are'}"


def _speed_figure(one: Judged) -> Figure:
    """The speed-up with its sign, interval and baseline."""
    estimate = one.estimate
    if estimate is None:
        return Figure(one.title, fmt.UNKNOWN, one.missing)
    value = f"{estimate.verdict.sign} {fmt.speedup(estimate.speedup)}"
    note = (
        f"{estimate.verdict.value}: {one.arm} is {fmt.interval(*estimate.speedup_bounds)} as fast "
        f"as {one.baseline}, {evidence_words(estimate)}"
    )
    return Figure(f"{one.title}: INT8 speed-up", value, note)


def _cost_figures(one: Judged, other: Judged, kind: CostKind) -> tuple[Figure, ...]:
    """The cost that differs most, of both networks, in their order."""
    return tuple(
        Figure(
            f"{judged.title}: {kind.value}",
            fmt.percent(cost.share),
            _cost_note(cost),
        )
        for judged in (one, other)
        if judged.costs is not None
        for cost in (judged.costs.of(kind),)
    )


def _size_figures(one: Judged) -> Iterator[Figure]:
    network = one.network
    if network.parameters is not None:
        yield Figure("Parameters", millions(network.parameters, "M"), "weights in float")
    if network.flops is not None:
        yield Figure(
            "Work", millions(network.flops, "MFLOP"), "per inference: two per multiply-accumulate"
        )
    if one.costs is not None:
        cost = one.costs.of(CostKind.CONVERSIONS)
        yield Figure("Conversions", fmt.percent(cost.share), _cost_note(cost))


def _cost_note(cost: Cost) -> str:
    if not cost.count:
        return f"of INT8's layer time in {cost.kind.value}: there are none"
    told = f"{fmt.counted(cost.count, 'layer')}, {fmt.us(cost.time_us)}"
    return f"of INT8's layer time in {cost.kind.value}: {told}"


def millions(value: float | None, unit: str) -> str:
    """A count in millions: ``3.49 M``, ``602 MFLOP``."""
    return fmt.UNKNOWN if value is None else f"{fmt.number(value / 1e6)} {unit}"


def _only_words(one: Judged, other: Judged) -> str:
    """``Only A has HSwish (21), Multiply (8).``; empty where it has nothing of its own."""
    found = only_in(one.network, other.network)
    if not found or not other.network.operators:
        return ""
    told = [f"{kind} ({count})" for kind, count in list(found.items())[:_MOST_TYPES]]
    more = f", and {len(found) - _MOST_TYPES} more types" if len(found) > _MOST_TYPES else ""
    return f"Only {one.title} has {', '.join(told)}{more}."


def _withheld(one: Judged, other: Judged) -> Iterator[str]:
    """Whose layers are missing or do not account for what INT8 does to it, where that matters."""
    if one.estimate is None or other.estimate is None or not differ(one.estimate, other.estimate):
        return
    worse, _ = _ranked(one, one.estimate, other, other.estimate)
    lacking = [judged.title for judged in (one, other) if judged.costs is None]
    if lacking:
        named = " or ".join(lacking)
        yield f"No layers of {named} are stored for both arms, so no reason is told."
    elif worse.costs and worse.costs.withheld:
        yield (
            f"The layers of {worse.title} do not account for what INT8 does to it: more is "
            "unattributed than the difference, so no reason is told."
        )


def _activation_words(one: Judged) -> str:
    """Whether the activations of an INT8 arm ran inside other layers."""
    counted = ", ".join(f"{run.count} {run.kind}" for run in one.ran)
    alone = [f"{run.alone} {run.kind}" for run in one.ran if run.alone]
    fused = sum(run.fused for run in one.ran)
    untold = sum(run.untold for run in one.ran)
    start = f"{one.title} in INT8: of {counted}"
    if all(run.untold == run.count for run in one.ran):
        return f"{start}, none is named by a layer, so how they ran is not known."
    told = (
        f"{', '.join(alone)} ran apart from any" if alone else f"{fused} ran inside the layer of a"
    )
    told = f"{told} convolution or matrix product"
    if not alone and not untold:
        return f"{start}, all ran inside the layer of a convolution or matrix product."
    return f"{start}, {told}{f'; {untold} are named by no layer' if untold else ''}."
