"""Launches that are made one after the other, in rounds: startups from the cache.

In a round every cell has one launch, in random order, so that a drift of the machine
meets all of them alike. Launches that measure sit together instead: ``collector.measure``.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from collector.answers import StartupAnswer
from collector.asking import Asker
from collector.launcher import Action, ProbeRequest
from collector.plan import PlannedCell
from collector.records import LaunchKey, launch_fact
from collector.topology import cpus_text
from results.facts import Caution, Fact


@dataclass(frozen=True)
class Rounds:
    """Makes the launches of a run that are not measured in turns."""

    run_id: str
    asker: Asker
    cache: Path

    def startup(self, planned: PlannedCell, position: int) -> list[Fact]:
        """Fill the cache where that was not done, then compile from it in a fresh process."""
        folder = self.cache / planned.cell.cell_id
        request = replace(self.asker.request(planned, "startup"), cache_dir=str(folder))
        launcher = self.asker.launcher(planned)
        filled = folder / "filled"
        if not filled.exists():
            shutil.rmtree(folder, ignore_errors=True)
            launcher.startup(request)
            folder.mkdir(parents=True, exist_ok=True)
            filled.touch()
        key = launch_key(self.run_id, planned, "startup", position, request)
        answer = launcher.startup(request)
        launch = launch_fact(key, answer)
        if isinstance(answer, StartupAnswer) and answer.from_cache is False:
            detail = f"{planned.label} was compiled anew"
            caution_id = "cache_compile_failed"
            return [launch, Caution(self.run_id, caution_id, "launch", launch.launch_id, detail)]
        return [launch]

    def clear(self) -> None:
        """Remove what the startups left."""
        shutil.rmtree(self.cache, ignore_errors=True)


def launch_key(
    run_id: str, planned: PlannedCell, kind: Action, position: int, request: ProbeRequest
) -> LaunchKey:
    """The key of a launch that starts now."""
    return LaunchKey(
        run_id, token_hex(6), planned.cell.cell_id, kind, position, datetime.now(UTC),
        pinned_to=cpus_text(request.pinned_cpus or None),
    )  # fmt: skip
