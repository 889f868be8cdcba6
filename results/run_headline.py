"""What the page of a run says first: a run that measured, quantised, or held A against A.

Shapes and the headlines of the other pages are in ``results.headline``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from results import format as fmt
from results.accuracy import AccuracyView, JudgedVariant, Share
from results.accuracy_words import brief_verdict, judged_sentence
from results.certificate import CertificateView
from results.comparison import IMPORTED, PUBLISHED
from results.headline import Figure, Headline
from results.kinds import is_int8_variant
from results.run_trust import STEADY_RULE, RunTrust
from results.views import RunView


def run_headline(run: RunView, trust: RunTrust) -> Headline:
    """How far a run can be trusted, and what went wrong in it."""
    if run.kind in {IMPORTED, PUBLISHED}:
        return _told_headline(run, trust)
    if run.kind == "peaks":
        return _peaks_headline(run, trust)
    sentence = trust.sentence
    if run.kind == "certificate":
        sentence = f"A against A on {run.machine_title or fmt.UNKNOWN}."
    failed = f"{fmt.count(run.failed_launches)} failed" if run.failed_launches else "none failed"
    figures = (
        _started_figure(run),
        Figure("Launches", fmt.count(run.launches),
               f"{fmt.counted(run.launches, 'launch').partition(' ')[2]} of "
               f"{fmt.counted(run.cells, 'cell')}, {failed}"),
        Figure("Steady cells", trust.steady_words, STEADY_RULE),
        _cautions_figure(trust),
    )  # fmt: skip
    return Headline(sentence, figures)


def _cautions_figure(trust: RunTrust) -> Figure:
    """As many as the page lists."""
    about = f", about {fmt.counted(trust.cautioned, 'cell')}" if trust.cautioned else ""
    return Figure("Cautions", fmt.count(len(trust.cautions)), f"told below{about}")


def _told_headline(run: RunView, trust: RunTrust) -> Headline:
    """What was imported: figures that somebody else has measured."""
    word = "Published" if run.kind == PUBLISHED else "Imported"
    figures = "figure" if run.launches == 1 else "figures"
    sentence = (
        f"{word}, not measured by INT8 Lens: {fmt.count(run.launches)} {figures} of "
        f"{fmt.counted(run.cells, 'cell')} on {run.machine_title or 'several machines'}."
    )
    return Headline(
        sentence,
        (
            Figure("Imported", fmt.when(run.started_at).partition(" ")[0], "nothing was measured"),
            Figure("Cells", fmt.count(run.cells), run.kind),
            _cautions_figure(trust),
        ),
    )


def _peaks_headline(run: RunView, trust: RunTrust) -> Headline:
    """A run of ``doctor --peaks``: it has no cells and no launches of any."""
    sentence = f"What {run.machine_title or fmt.UNKNOWN} can do at most was measured."
    return Headline(sentence, (_started_figure(run), _cautions_figure(trust)))


def _started_figure(run: RunView) -> Figure:
    day, _, clock = fmt.when(run.started_at).partition(" ")
    seconds = (run.ended_at - run.started_at).total_seconds()
    took = f"{seconds:.0f} s" if seconds < 120 else f"{fmt.number(seconds / 60.0)} min"
    effort = f", {run.effort} effort" if run.effort else ""
    return Figure("Started", day, f"{clock}, took {took}{effort}")


def quantized_headline(run: RunView, made: Sequence[JudgedVariant]) -> Headline:
    """What was quantised, and how good it is."""
    found = [one for one in made if is_int8_variant(one.variant.kind)]
    named = ", ".join(f"{one.variant.kind} of {one.variant.model_title}" for one in found)
    sentence = f"{named or 'Nothing'} was quantised on {run.machine_title or fmt.UNKNOWN}."
    views = [one.accuracy[0] for one in found if one.accuracy]
    accuracy = judged_sentence(views)
    figures = (_started_figure(run), *(_accuracy_figures(views[0]) if len(views) == 1 else ()))
    return Headline(f"{sentence} {accuracy}" if accuracy else sentence, figures)


def _accuracy_figures(view: AccuracyView) -> Iterator[Figure]:
    """Top-1 before and after, and the drop; without labels the agreement."""
    if view.top1 is None:
        agreed = [one.top1 for one in view.agreements if one.top1 is not None]
        if agreed:
            yield _share_figure("Agrees with fp32", agreed[0])
        return
    if view.top1.reference_top1 is not None:
        yield _share_figure("Top-1 of fp32", view.top1.reference_top1)
    yield _share_figure(f"Top-1 of {view.variant_kind}", view.top1.top1)
    if view.top1.drop_points is not None:
        word = "Gained" if view.top1.drop_points < 0 else "Lost"
        sure = brief_verdict(view.top1)
        yield Figure(word, fmt.points(view.top1.drop_points), sure)


def _share_figure(label: str, share: Share) -> Figure:
    low, high = fmt.percent(share.interval.low), fmt.percent(share.interval.high)
    return Figure(label, fmt.percent(share.value), f"95 %: {low} to {high}")


def certificate_headline(found: CertificateView) -> Headline:
    """Whether a machine is certified, and the counts that it rests on."""
    word = "Certified" if found.certified else "Not certified"
    alarms = "false alarm" if found.false_alarms == 1 else "false alarms"
    sentence = (
        f"{word}: {found.false_alarms} {alarms} in {found.comparisons} comparisons of A against A "
        f"on {found.device}."
    )
    of_all = f"of {fmt.count(found.comparisons)}"
    low, high = fmt.percent(found.interval.low), fmt.percent(found.interval.high)
    figures = (
        Figure("Share of false alarms", fmt.percent(found.share), f"95 %: {low} to {high}"),
        Figure("Called different", fmt.count(found.false_alarms), f"{of_all}, though both are A"),
        Figure("Called equivalent", fmt.count(found.equivalent), of_all),
        Figure("Disturbed", fmt.count(found.disturbed), f"{of_all}: a block stayed disturbed"),
    )
    return Headline(sentence, figures)
