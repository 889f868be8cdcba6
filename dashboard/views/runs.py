"""Runs: where the numbers come from, and how far to trust them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from dashboard import charts, run_tables, text
from dashboard.cache.runs import PEAKS, TOLD, by_trust, shown_run
from dashboard.views import (
    certificate,
    controls,
    failed,
    frame,
    launches,
    names,
    parts,
    picking,
    quantized,
    told,
)
from results import format as fmt
from results.certificate import CertificateView
from results.comparison import CellView
from results.drift import Pace, drift, launch_uses, widest_sitting
from results.facts import Caution
from results.headline import Headline
from results.run_headline import certificate_headline, quantized_headline, run_headline
from results.run_trust import STEADY_RULE, RunTrust, run_trust
from results.trust import UNSTEADY
from results.views import LaunchView, RunView


def show() -> None:
    """The page."""
    here = frame.current()
    runs = {run.run_id: run for run in here.lens.runs()}
    run = shown_run(here.lens, here.link, of_pair=here.names_pair)
    if run is None:
        return  # without a run there is no page
    frame.pin(replace(here.link, run=run.run_id))
    certified = certificate.of_run(run.run_id)
    quantised = run.kind == quantized.KIND
    made = here.lens.launches(run.run_id)
    stored = here.lens.cautions(run.run_id)
    trust = run_trust(made, stored, here.lens.cells_by_id())
    head = _headline(run, certified, trust)
    parts.answer(head.sentence, head.figures)
    _selector(runs, run)
    _every(runs)
    if run.kind in TOLD:
        told.show(run, made)
        return
    if certified:
        certificate.show(certified)
    if quantised:
        quantized.show(run.run_id)
    if made or not (certified or quantised or run.kind == PEAKS):
        _measured(run, made, stored, trust)
    else:
        _cautions(trust)
    _machine(run)
    if made:
        _properties(made, here.lens.cells_by_id())
    _provenance(run)


def _headline(run: RunView, certified: CertificateView | None, trust: RunTrust) -> Headline:
    if certified:
        return certificate_headline(certified)
    if run.kind == quantized.KIND:
        return quantized_headline(run, frame.current().lens.variants_of_run(run.run_id))
    return run_headline(run, trust)


def _measured(
    run: RunView,
    made: tuple[LaunchView, ...],
    stored: tuple[Caution, ...],
    trust: RunTrust,
) -> None:
    """What a run that measured cells shows."""
    lens = frame.current().lens
    cells = lens.cells_by_id()
    launched = {launch.cell_id for launch in made}
    own = [cell for cell in cells.values() if cell.cell_id in launched]
    parts.standings(lens.standings(own))
    parts.model_notes(own)
    failed.in_run(made, cells)
    _cautions(trust)
    quantized.of_measured(run.run_id)
    _drift(made, stored, cells, trust.kept)
    _turns(made, cells)
    launches.show(made, launch_uses(made, stored), cells)


def _selector(runs: dict[str, RunView], run: RunView) -> None:
    if len(runs) > 1:
        controls.pick(
            "Run", "run", list(runs), value=run.run_id, show=lambda i: _run_name(runs[i]),
        )  # fmt: skip


def _run_name(run: RunView) -> str:
    kind = "" if run.kind == "measured" else f"{run.kind}, "
    machine = run.machine_title or ("several machines" if run.kind in TOLD else fmt.UNKNOWN)
    host = f"{run.hostname}, " if run.hostname else ""
    return f"{host}{fmt.when(run.started_at)}, {kind}{machine}, {run.run_id}"


def _every(runs: Mapping[str, RunView]) -> None:
    """All runs with their machines, those that can be trusted least on top."""
    if len(runs) < 2:
        return
    with st.expander(
        f":material/list: All {fmt.counted(len(runs), 'run')} with their machines, "
        "the least trustworthy first"
    ):
        found = by_trust(frame.current().lens)
        picking.table(
            run_tables.runs(found), "runs", "All runs, the least trustworthy first",
            found["run_id"].to_pylist(), _open, name="Machine",
        )  # fmt: skip
        parts.note(
            "Worst is the largest share of failed launches, then of unsteady cells "
            f"(not with {STEADY_RULE}), then the most kinds of stored cautions; {picking.HOW}."
        )


def _open(run_id: str) -> None:
    frame.change(lambda link: replace(link, run=run_id))


def _drift(
    made: tuple[LaunchView, ...],
    stored: tuple[Caution, ...],
    cells: Mapping[str, CellView],
    kept: Pace,
) -> None:
    st.header("Did the machine keep its pace?", anchor=False)
    points = drift(made)
    if not points:
        st.markdown("No timing launch of this run succeeded.")
        return
    if kept.unsteady:
        st.markdown(
            f":gray-badge[:material/warning: **!** not steadily] The launches of {kept.unsteady} "
            f"of {fmt.counted(kept.cells, 'cell')} lie more than "
            f"{fmt.percent(UNSTEADY - 1.0)} apart; see the cautions above."
        )
    drawn = {point.cell_id for point in points}
    panels = names.places([cell for cell in cells.values() if cell.cell_id in drawn])
    parts.chart(
        lambda: charts.drift(points, cells, panels, launch_uses(made, stored)),
        "drift",
        "Each mark is one launch, as its distance from the median of its cell's launches. A "
        "machine that keeps its pace gives a flat band; lines that move together are a drift, "
        "which paired blocks cancel.",
    )


def _turns(made: tuple[LaunchView, ...], cells: Mapping[str, CellView]) -> None:
    """One sitting, turn by turn: what pairing by turns takes out."""
    found = widest_sitting(made, cells)
    if found is None:
        return
    why = "Why the ratio holds" if found.is_steadier else "Whether the ratio holds"
    st.header(f"{why} while the pace changes", anchor=False)
    titles = names.places([cells[line.cell_id] for line in found.lines])
    where = titles[found.baseline_id]
    st.markdown(
        f"Block {found.block} of {text.md(where)}: from turn to turn a launch alone varies by "
        f"**{fmt.percent(found.alone_spread)}**, the ratio of two by "
        f"**{fmt.percent(found.ratio_spread)}** (standard deviations over "
        f"{len(found.ratio)} turns)."
    )
    parts.chart(
        lambda: charts.turns(found, cells),
        "turns",
        "The sitting in which the pace changed most. Its launches took turns of about 0.1 s; "
        ""
        "what changes the machine's pace for long meets all of them; here the dotted ratio "
        f"{found.how_steady} from turn to turn.",
    )


def _cautions(trust: RunTrust) -> None:
    st.header("Cautions", anchor=False)
    parts.cautions(trust.cautions)


def _machine(run: RunView) -> None:
    st.header("The machine", anchor=False)
    found = frame.current().lens.machine(run.machine_id) if run.machine_id else None
    if found is None:
        st.markdown("The store knows nothing about it.")
        return
    parts.table(run_tables.machine(found), "machine", "Facts of the machine")


def _properties(made: tuple[LaunchView, ...], cells: Mapping[str, CellView]) -> None:
    st.header("What the compiled models reported", anchor=False)
    found = run_tables.properties(made, cells)
    if not found.num_rows:
        st.markdown("No launch reported any property.")
        return
    parts.table(found, "properties", "Effective properties of the compiled models")


def _provenance(run: RunView) -> None:
    in_blocks = run.kind not in {quantized.KIND, PEAKS}
    st.header(
        "How it was measured" if run.kind != quantized.KIND else "How it was made", anchor=False
    )
    host, title = run.hostname or fmt.UNKNOWN, run.machine_title or fmt.UNKNOWN
    effort = (
        f"- Effort: {text.md(run.effort or fmt.UNKNOWN)}; {_continued(run.continued)}; "
        f"{fmt.count(run.blocks_planned)} blocks and {fmt.count(run.profile_launches)} profile "
        "launches per cell\n"
    )
    seed = f", seed of the order in the blocks {run.seed}"
    models = f"- Models: {text.md(', '.join(run.model_titles) or fmt.UNKNOWN)}"
    st.markdown(
        f"- Run {text.md(run.run_id)} ({text.md(run.kind)}), {fmt.when(run.started_at)} to "
        f"{fmt.when(run.ended_at)}\n"
        f"{effort if in_blocks else ''}"
        f"- On {text.md(host)}, {text.md(title)}\n"
        f"- INT8 Lens {text.md(run.tool_version)}{seed if in_blocks else ''}\n"
        f"{models if run.kind != PEAKS else ''}"
    )
    parts.command(run.command)


def _continued(times: int | None) -> str:
    if times is None:
        return f"whether it was continued after an early end: {fmt.UNKNOWN}"
    if times == 0:
        return "measured in one go"
    return f"continued {times} {'time' if times == 1 else 'times'} after it had ended early"


show()
