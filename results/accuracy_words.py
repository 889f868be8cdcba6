"""Accuracy in words: the one place for its sentences, in the terminal and on the pages.

Figures come from ``results.accuracy``, their formats from ``results.format``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from results import format as fmt
from results.accuracy import (
    SHARES,
    AccuracyView,
    Agreement,
    Change,
    JudgedVariant,
    Labelled,
    OwnMetric,
    RevertedView,
    Share,
)

FLOAT = "fp32"
SIMPLIFIED = "int8-simplified"
_AS_HIGH = "as high"
_MOST_OPS = 5
_NAMES = {
    "top1": "top-1 accuracy",
    "top5": "top-5 accuracy",
    "top1_agreement": "top-1 agreement with fp32",
    "cosine": "cosine similarity",
    "sqnr_db": "SQNR",
}
_VERDICTS = {
    Change.LOST: "the drop is real",
    Change.GAINED: "the gain is real",
    Change.WITHIN_CHANCE: "within chance",
    Change.UNTESTED: "not tested against chance",
}
_BRIEF_VERDICTS = {
    Change.LOST: "a real drop",
    Change.GAINED: "a real gain",
    Change.WITHIN_CHANCE: "within chance",
    Change.UNTESTED: "not tested",
}


@dataclass(frozen=True)
class MetricLine:
    """One metric of a view, every figure in words; a dash where there is none."""

    metric: str
    output: str
    reference: str
    variant: str
    difference: str
    samples: int


def metric_name(metric: str) -> str:
    """What a stored metric is called; one of the user's own keeps its name."""
    return _NAMES.get(metric, metric)


def title(view: AccuracyView) -> str:
    """``Accuracy on digits, held out (597 samples)``."""
    skipped = f", {fmt.count(view.skipped)} skipped" if view.skipped else ""
    return f"Accuracy on {view.dataset} ({_samples(view.samples)}{skipped})"


def sentences(view: AccuracyView) -> tuple[str, ...]:
    """Everything that is known of a view, the labels first; the first line has the title."""
    found = [_labelled(view, one) for one in view.labels]
    found += [line for one in view.labels if (line := _top5(view, one))]
    found += [f"{view.variant_kind} {_agreement(view, one)}" for one in view.agreements]
    found += [_own(view, one) for one in view.own]
    if not found:
        return ()
    rest = (*skipped_lines(view), *purpose(view.variant_kind))
    return (f"{title(view)}: {found[0]}", *found[1:], *rest)


def skipped_lines(view: AccuracyView) -> tuple[str, ...]:
    """``1 sample could not be read and was left out, the first: a.png: ...``; nothing of none."""
    if not view.skipped:
        return ()
    were = "was" if view.skipped == 1 else "were"
    first = f", the first: {view.skipped_names[0]}" if view.skipped_names else ""
    return (f"{_samples(view.skipped)} could not be read and {were} left out{first}",)


def purpose(kind: str) -> tuple[str, ...]:
    """What a kind of variant is not for; nothing of most."""
    return (f"{kind} is made for speed, not for accuracy",) if kind == SIMPLIFIED else ()


def briefs(views: Sequence[AccuracyView]) -> tuple[str, ...]:
    """A short line for each view, then what their kinds of variant are not for."""
    kinds = dict.fromkeys(view.variant_kind for view in views)
    told = tuple(line for kind in kinds for line in purpose(kind))
    return (*(brief(view) for view in views), *told)


def brief(view: AccuracyView) -> str:
    """A view in one short line, with accuracy before and after where there are labels.

    ``top-1 95.8 % (93.7-97.2), fp32 98.0 % (96.4-98.9): 2.2 points lower, a real drop, p = 0.013;
    digits``. The data's name comes last: it may be long.
    """
    return f"{_brief(view)}; {view.dataset}"


def _brief(view: AccuracyView) -> str:
    if view.top1 is not None:
        return f"top-1 {_share(view.top1.top1)}{_brief_change(view.top1)}"
    if view.agreements:
        return _brief_agreement(view.agreements[0])
    if view.own:
        return f"{view.own[0].name} {_own_value(view.own[0])}"
    return "judged"


def _brief_agreement(one: Agreement) -> str:
    if one.top1 is not None:
        return f"agrees with {FLOAT} on {_share(one.top1)}"
    if one.sqnr_db is not None:
        return f"SQNR {fmt.db(one.sqnr_db)} against {FLOAT}"
    return f"cosine {one.cosine:.4f} against {FLOAT}"


def _brief_change(one: Labelled) -> str:
    if one.reference_top1 is None or one.drop_points is None:
        return ""
    before = f"{FLOAT} {_share(one.reference_top1)}"
    return f", {before}: {_how_far(one.drop_points)}, {brief_verdict(one)}"


def _how_far(drop_points: float) -> str:
    if drop_points == 0:
        return _AS_HIGH
    return f"{fmt.points(drop_points)} {'lower' if drop_points > 0 else 'higher'}"


def brief_verdict(one: Labelled) -> str:
    """Whether the difference is more than chance, with its p: ``a real drop, p = 0.013``."""
    sure = f", {fmt.p_value(one.p_value)}" if one.p_value is not None else ""
    return f"{_BRIEF_VERDICTS[one.change]}{sure}"


def metric_lines(view: AccuracyView) -> tuple[MetricLine, ...]:
    """A line for each metric and output, for a table."""
    return tuple(_metric_lines(view))


def counts(labelled: Labelled) -> str | None:
    """What McNemar's test rests on; None where it was not counted."""
    b, c = labelled.only_reference_right, labelled.only_variant_right
    if b is None or c is None:
        return None
    return f"{_samples(b)} only {FLOAT} got right, {_samples(c)} only INT8"


def reverted_sentence(view: RevertedView) -> str:
    """``... kept in float by the accuracy control: a, b; the drop of ... went from ... to ...``."""
    named = ", ".join(view.ops[:_MOST_OPS])
    more = len(view.ops) - _MOST_OPS
    if more > 0:
        named = f"{named} and {more} more"
    return f"{view.variant_kind}: kept in float by the accuracy control: {named}; {_went(view)}"


def _went(view: RevertedView) -> str:
    """What the control did to the drop; where one is a gain, both have a direction."""
    drops, metric = (view.drop_before, view.drop_after), metric_name(view.metric)
    before, after = (drop_words(view.metric, abs(drop)) for drop in drops)
    if min(drops) >= 0:
        return f"the drop of {metric} went from {before} to {after}"
    ways = ["lower" if drop > 0 else "higher" for drop in drops]
    told = [
        f"{size} {way}" if drop else _AS_HIGH
        for size, way, drop in zip((before, after), ways, drops, strict=True)
    ]
    return f"{metric} went from {told[0]} to {told[1]}, against {FLOAT}"


def worst_title(kind: str, dataset: str | None) -> str:
    """``Layers whose output suffers most in int8-full, on digits``."""
    return f"Layers whose output suffers most in {kind}, on {dataset or fmt.UNKNOWN}"


def worst_note(kind: str) -> str:
    """Whose SQNR it is, and that it is no layer's own."""
    return (
        f"SQNR is that of {kind} against {FLOAT} where the layer ends, lower is worse; errors of "
        "earlier layers are in it: where it falls from one layer to the next, something is lost"
    )


def judged_lines(judged: JudgedVariant) -> tuple[str, ...]:
    """All that is known of how good a variant is: by dataset, then what was kept in float."""
    lines = [line for view in judged.accuracy for line in sentences(view)]
    lines += [reverted_sentence(judged.reverted)] if judged.reverted else []
    return tuple(lines) or purpose(judged.variant.kind)


def drop_words(metric: str, drop: float) -> str:
    """A drop of a metric: points for shares, else the bare number; a gain has its minus."""
    if metric in SHARES:
        return f"{'-' if drop < 0 else ''}{fmt.points(100.0 * drop)}"
    return f"{drop:.4g}"


def judged_sentence(views: Sequence[AccuracyView], scope: str = "") -> str | None:
    """What became of the accuracy of all variants with labels; None where there are none.

    ``scope`` says of what they are where that is not all that a page is about.
    """
    told = [view.top1 for view in views if view.top1 and view.top1.drop_points is not None]
    if not told:
        return None
    if len(told) == 1:
        change = _change(told[0]).replace(_AS_HIGH, f"{_AS_HIGH} as {FLOAT}'s", 1)
        return f"On labelled data{scope} the top-1 accuracy of INT8 is {change}."
    lost = sum(one.change is Change.LOST for one in told)
    return f"On labelled data{scope} {lost or 'none'} of {len(told)} lost accuracy beyond chance."


def _samples(number: int) -> str:
    return f"{fmt.count(number)} {'sample' if number == 1 else 'samples'}"


def _share(share: Share) -> str:
    return fmt.share(share.value, share.interval.low, share.interval.high)


def _at(view: AccuracyView, output: str | None) -> str:
    return f" at output {output}" if output and view.several_outputs else ""


def _labelled(view: AccuracyView, one: Labelled) -> str:
    own = f"{view.variant_kind} {_share(one.top1)}"
    if one.reference_top1 is None:
        return f"{own}{_at(view, one.output)}"
    change = _change(one)
    return f"{FLOAT} {_share(one.reference_top1)}, {own}{_at(view, one.output)}: {change}"


def _change(one: Labelled) -> str:
    """The drop and whether it is real; empty without a reference."""
    drop = one.drop_points
    if drop is None:
        return ""
    sure = f" (McNemar {fmt.p_value(one.p_value)})" if one.p_value is not None else ""
    return f"{_how_far(drop)}, {_VERDICTS[one.change]}{sure}"


def _top5(view: AccuracyView, one: Labelled) -> str:
    if one.top5 is None:
        return ""
    reference = f"{FLOAT} {_share(one.reference_top5)}, " if one.reference_top5 else ""
    return f"top-5{_at(view, one.output)}: {reference}{view.variant_kind} {_share(one.top5)}"


def _agreement(view: AccuracyView, one: Agreement) -> str:
    parts = [f"cosine {one.cosine:.4f}"] if one.cosine is not None else []
    parts += [f"SQNR {fmt.db(one.sqnr_db)}"] if one.sqnr_db is not None else []
    if one.top1 is not None:
        parts.insert(0, f"agrees with {FLOAT} on {_share(one.top1)} of the samples")
    elif parts:
        parts[0] = f"against {FLOAT}: {parts[0]}"
    return f"{', '.join(parts)}{_at(view, one.output)}"


def _own(view: AccuracyView, one: OwnMetric) -> str:
    return f"{one.name}{_at(view, one.output)}: {view.variant_kind} {_own_value(one)}"


def _own_value(one: OwnMetric) -> str:
    if one.reference_value is None:
        return f"{one.value:.4g}"
    return f"{one.value:.4g}, {FLOAT} {one.reference_value:.4g} ({one.difference:+.2g})"


def _metric_lines(view: AccuracyView) -> Iterator[MetricLine]:
    for one in view.labels:
        yield _share_line("top1", one.output, one.top1, one.reference_top1, _change(one))
        if one.top5 is not None:
            yield _share_line("top5", one.output, one.top5, one.reference_top5, "")
    for found in view.agreements:
        if found.top1 is not None:
            yield _share_line("top1_agreement", found.output, found.top1, None, "")
        if found.cosine is not None:
            yield _line("cosine", found.output, f"{found.cosine:.4f}", view.samples)
        if found.sqnr_db is not None:
            yield _line("sqnr_db", found.output, fmt.db(found.sqnr_db), view.samples)
    for own in view.own:
        known = own.reference_value is not None
        yield MetricLine(
            own.name,
            own.output or fmt.DASH,
            f"{own.reference_value:.4g}" if known else fmt.DASH,
            f"{own.value:.4g}",
            f"{own.difference:+.2g}" if known else fmt.DASH,
            own.samples,
        )


def _line(metric: str, output: str | None, value: str, samples: int) -> MetricLine:
    return MetricLine(metric_name(metric), output or fmt.DASH, fmt.DASH, value, fmt.DASH, samples)


def _share_line(
    metric: str, output: str | None, own: Share, reference: Share | None, change: str
) -> MetricLine:
    if not change and reference is not None:
        change = _how_far(100.0 * (reference.value - own.value))
    told = _share(reference) if reference else fmt.DASH
    return MetricLine(
        metric_name(metric), output or fmt.DASH, told, _share(own), change or fmt.DASH, own.samples
    )
