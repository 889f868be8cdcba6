"""The tables of the overview that count and that warn, as Arrow, with units in the headers.

Picks and names columns; figures come from ``results.overview_tallies`` and
``results.overview_cautions``. The table of all verdicts is in ``dashboard.tables``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from dashboard import theme
from dashboard.tables import table, verdict_words
from results.comparison import ShownCaution, Verdict
from results.cpu_names import apart
from results.headline import Pick
from results.overview_tallies import Tally

_KINDS = {
    kind: f"{theme.LOOKS[kind].sign} {theme.LOOKS[kind].word}"
    for kind in (Verdict.SLOWER, Verdict.EQUIVALENT, Verdict.INCONCLUSIVE, Verdict.FASTER)
}
CPUS = ("CPU", "Machines", "Of them losing", *_KINDS.values(), "Without a verdict",
        "With cautions", "Smallest speed-up (x)", "Of model", "Host")  # fmt: skip
CAUTIONS = ("Device", "Host", "Model", "Verdict", "Speed-up (x)", "Caution", "What to do",
            "OpenVINO", "Scenario")  # fmt: skip


def cpus(found: Sequence[Tally]) -> pa.Table:
    """A row for each kind of CPU with its verdicts counted; what does worst is named."""
    return table((_cpu_row(tally) for tally in found), CPUS)


def _cpu_row(tally: Tally) -> dict[str, object]:
    worst = tally.worst
    return {
        "CPU": tally.title, "Machines": tally.devices, "Of them losing": tally.losing,
        **{name: tally.of(kind) for kind, name in _KINDS.items()},
        "Without a verdict": tally.without, "With cautions": tally.cautioned,
        "Smallest speed-up (x)": worst.verdict.estimate.speedup if worst.verdict else None,
        "Of model": worst.row.model_title, "Host": apart(worst.row.device)[1] or None,
    }  # fmt: skip


def cautions(found: Sequence[tuple[Pick, ShownCaution]]) -> pa.Table:
    """A row for each caution of each verdict, with the figures that it rests on."""
    return table((_caution_row(pick, caution) for pick, caution in found), CAUTIONS)


def _caution_row(pick: Pick, caution: ShownCaution) -> dict[str, object]:
    cpu, host = apart(pick.row.device)
    return {
        "Device": cpu, "Host": host or None, "Model": pick.row.model_title,
        "Verdict": verdict_words(pick),
        "Speed-up (x)": pick.verdict.estimate.speedup if pick.verdict else None,
        "Caution": caution.message, "What to do": caution.action.replace("`", ""),
        "OpenVINO": pick.row.runtime, "Scenario": pick.row.scenario_title,
    }  # fmt: skip
