"""Changes, triage and series as text for a terminal.

Only layout lives here; sentences come from ``words`` and ``series_words``, figures from
``results.format``. Names come from models and devices and are never read as markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from results import format as fmt
from results.comparison import Estimate
from results.render import VERDICT_STYLES
from results.versions.change_shapes import ChangeKind, GroupChange, InsertedChange, LoneLayer
from results.versions.series_words import others_words, time_words
from results.versions.shapes import (
    Bucket,
    Changes,
    History,
    SeriesPoint,
    SharedCause,
    Step,
    Triage,
    TriageRow,
    Version,
)
from results.versions.words import (
    BESIDE,
    OTHER_RUN,
    TIMES_AND_RATIOS,
    WITHHELD,
    marked_words,
    shared_words,
)

TOP_ROWS = 12
_BUCKET_STYLES = {
    Bucket.FAILED: "yellow", Bucket.NEW_FAILED: "yellow",
    Bucket.MUCH_SLOWER: "yellow", Bucket.SLOWER: "yellow",
    Bucket.FASTER: "blue", Bucket.MUCH_FASTER: "blue", Bucket.FIXED: "blue",
    Bucket.INCONCLUSIVE: "dim",
}  # fmt: skip
_PARTS = (
    ("Kernels that changed", (ChangeKind.KERNEL,)),
    ("Layers in another precision", (ChangeKind.PRECISION,)),
    ("Fusions gained", (ChangeKind.FUSION_GAINED,)),
    ("Fusions lost", (ChangeKind.FUSION_LOST,)),
    ("Without a partner", (ChangeKind.UNMATCHED,)),
)


def changes_text(changes: Changes) -> RenderableType:
    """What changed for one cell: the answer first, then the sums, then every change."""
    return Group(*_changes(changes))


def _changes(changes: Changes) -> Iterator[RenderableType]:
    verdict = changes.estimate.verdict
    yield _line(f"{verdict.sign} {changes.sentence}", f"bold {VERDICT_STYLES[verdict]}")
    cell = changes.comparison.candidate
    numbers = (cell.batch, cell.streams, cell.threads, cell.requests)
    driven = fmt.scenario(cell.scenario, *numbers)
    yield _line(f"{cell.model}, {cell.arm}, {cell.device}, {driven}")
    if changes.profiled:
        yield from _sums(changes)
    for title, kinds in _PARTS:
        yield from _groups(title, changes.of_kind(*kinds), times=not changes.withheld)
    yield from _conversions("Conversions gone", changes.gone, times=not changes.withheld)
    yield from _conversions("Conversions come", changes.come, times=not changes.withheld)
    for version, is_candidate in ((changes.baseline, False), (changes.candidate, True)):
        found = [layer for layer in changes.lone if layer.is_candidate is is_candidate]
        title = f"Layers that only {version.label} has"
        yield from _lone(title, found, times=not changes.withheld)
    for caution in changes.comparison.cautions:
        yield _line(f"Caution: {caution.message}; {caution.action}", "yellow")


def _sums(changes: Changes) -> Iterator[RenderableType]:
    per = "item" if changes.comparison.candidate.is_throughput else "inference"
    yield _heading(f"Where the difference comes from, per {per}")
    if changes.withheld:
        yield _line(f"Withheld: {WITHHELD}.")
    table = _table("", ">number", ">after - before")
    for found in changes.sums:
        time = fmt.DASH if changes.withheld else fmt.delta_us(found.delta_us)
        _row(table, found.kind.value, fmt.count(found.count), time)
    _row(table, "unattributed", "", fmt.delta_us(changes.unattributed_us))
    _row(table, "wall-clock difference", "", fmt.delta_us(changes.wall_us))
    yield table


def _groups(title: str, groups: Sequence[GroupChange], *, times: bool) -> Iterator[RenderableType]:
    if not groups:
        return
    yield _heading(f"{title}: {len(groups)}")
    table = _table("layer", "type", "from", "to", *((">before", ">after") if times else ()))
    for change in groups[:TOP_ROWS]:
        spent = (fmt.us(change.before_us), fmt.us(change.after_us)) if times else ()
        kind = f"{change.op_type}{' (depthwise)' if change.is_depthwise else ''}"
        kernels = (change.from_kernel or fmt.DASH, change.to_kernel or fmt.DASH)
        _row(table, change.label, kind, *kernels, *spent)
    yield table
    yield from _more(len(groups))


def _conversions(
    title: str, found: Sequence[InsertedChange], *, times: bool
) -> Iterator[RenderableType]:
    if not found:
        return
    yield _heading(f"{title}: {len(found)}")
    table = _table("layer", "type", "why", "between", *((">time",) if times else ()))
    for node in found[:TOP_ROWS]:
        between = f"{node.producer or fmt.DASH} and {node.consumer or fmt.DASH}"
        spent = (fmt.us(node.time_us),) if times else ()
        _row(table, node.name, node.node_type, node.why.value, between, *spent)
    yield table
    yield from _more(len(found))


def _lone(title: str, layers: Sequence[LoneLayer], *, times: bool) -> Iterator[RenderableType]:
    if not layers:
        return
    yield _heading(f"{title}: {len(layers)}")
    table = _table("layer", "operations", "kernel", "because", *((">time",) if times else ()))
    for layer in layers[:TOP_ROWS]:
        spent = (fmt.us(layer.time_us),) if times else ()
        carried = ", ".join(layer.operations)
        _row(table, layer.name, carried, layer.kernel or fmt.DASH, layer.kind.value, *spent)
    yield table
    yield from _more(len(layers))


def triage_text(triage: Triage) -> RenderableType:
    """All cells of two versions by bucket, with what changed told once."""
    parts: list[RenderableType] = [_line(triage.sentence, "bold")]
    for bucket, count in triage.counts:
        parts.append(_heading(f"{bucket.sign} {bucket.value}: {fmt.counted(count, 'cell')}"))
        parts += _bucket(triage.in_bucket(bucket))
    parts += _shared("What changed, the same cause told once", triage.causes)
    parts += _shared("Why it failed, the same reason told once", triage.failures)
    return Group(*parts)


def _bucket(rows: Sequence[TriageRow]) -> Iterator[RenderableType]:
    style = _BUCKET_STYLES.get(rows[0].bucket, "")
    timed = any(row.estimate for row in rows)
    table = _table("model", "arm", "device", *((">before", ">after", "is") if timed else ()))
    for row in rows[:TOP_ROWS]:
        told = _estimate(row.estimate) if row.estimate else ()
        device = f"{row.cell.device}{', throughput' if row.cell.is_throughput else ''}"
        _row(table, row.cell.model, row.cell.arm, device, *told, style=style)
    yield table
    yield from _more(len(rows))
    for row in rows:
        if len(row.reasons) > 1:
            yield _line(f"  {row.cell.model} {row.cell.arm}, {row.reason}", style)


def _estimate(estimate: Estimate) -> tuple[str, str, str]:
    return fmt.ms(estimate.baseline_ms), fmt.ms(estimate.candidate_ms), marked_words(estimate)


def _shared(title: str, causes: Sequence[SharedCause]) -> Iterator[RenderableType]:
    if not causes:
        return
    yield _heading(title)
    for cause in causes[:TOP_ROWS]:
        buckets = ", ".join(bucket.value for bucket in cause.buckets)
        yield _line(f"- {shared_words(cause)} ({buckets})")
    yield from _more(len(causes))


def _more(number: int) -> Iterator[RenderableType]:
    if number > TOP_ROWS:
        yield _line(f"and {number - TOP_ROWS} more; --json has all", "dim")


def histories_text(histories: Sequence[History]) -> RenderableType:
    """Each model on each device over the versions: the answer, then a table for each arm."""
    parts: list[RenderableType] = []
    for history in histories:
        dot = " \N{MIDDLE DOT} "
        parts.append(_heading(dot.join((history.model, history.device, history.scenario_title))))
        parts.append(_line(history.sentence))
        for series in history.series:
            run = f", run {series.run_id}" if series.run_id else ""
            parts.append(_line(f"\n{series.arm}{run}", "italic"))
            parts.append(_points(series.points))
            parts += [
                _line(f"  {point.version.label} failed: {point.failure}", "yellow")
                for point in series.points
                if point.failure is not None
            ]
            if series.others:
                parts.append(_line(f"  {others_words(series.others)}", "yellow"))
    parts.append(_line(_LEGEND, "dim"))
    return Group(*parts)


_LEGEND = (
    "\ntimes with their 95 % interval over blocks, all of the run named above them; a version "
    f"{OTHER_RUN} is marked so and {BESIDE}; * marks a change point: the step to this "
    "version is sure among all paired steps of its series (Holm, 5 %); an unpaired step, "
    "between versions of different runs, is never one: a drift of the machine is not seen in it; "
    f"{TIMES_AND_RATIOS}"
)


def _points(points: Sequence[SeriesPoint]) -> Table:
    table = _table("  OpenVINO", ">time", "95 % interval", "", "against the version before")
    above: Version | None = None
    for point in points:
        label = f"  {point.version.label}{f', {OTHER_RUN}' if point.of_another_run else ''}"
        if point.median_ms is None:
            _row(table, label, "failed", "", "", "")
            continue
        step = point.step
        style = VERDICT_STYLES[step.estimate.verdict] if step else ""
        mark = "" if step is None else step.estimate.verdict.sign
        sure = "*" if step and step.is_change_point else ""
        _row(table, label, time_words(point), _interval(point),
             f"{mark}{sure}", _step_words(step, above), style=style)  # fmt: skip
        above = point.version
    return table


def _step_words(step: Step | None, above: Version | None) -> str:
    """The step; since which version where that is not the one with a time above it."""
    if step is None:
        return ""
    since = "" if step.previous == above else f", since {step.previous.label}"
    return f"{marked_words(step.estimate)}{since}"


def _interval(point: SeriesPoint) -> str:
    if point.low_ms is None or point.high_ms is None:
        return fmt.UNKNOWN
    return f"{fmt.number(point.low_ms)} to {fmt.number(point.high_ms)} ms"


def _table(*headings: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        right = heading.startswith(">")
        table.add_column(
            Text(heading.removeprefix(">")), justify="right" if right else "left", no_wrap=right
        )
    return table


def _row(table: Table, *cells: str, style: str = "") -> None:
    table.add_row(*(Text(fmt.plain(cell)) for cell in cells), style=style)


def _heading(text: str) -> Text:
    return Text(f"\n{fmt.plain(text)}", style="bold")


def _line(text: str, style: str = "") -> Text:
    before = "\n" if text.startswith("\n") else ""
    return Text(f"{before}{fmt.plain(text.removeprefix(before))}", style=style)
