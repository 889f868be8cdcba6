"""What measuring costs: the share of time spent inferring, and the collector's own memory."""

from __future__ import annotations

from results import queries
from results.format import percent
from tests.benchmarks.commands import opened, run_collector
from tests.benchmarks.rows import Row
from tests.benchmarks.settings import Settings

_MODELS = ("mobilenet_v2", "mobilenet_v3_large", "resnet_50")
_LEAST_SHARE = 0.60
_MOST_MEMORY_MB = 250.0


def overhead(settings: Settings) -> tuple[Row, ...]:
    """One run of three built-in models into an empty store gives both rows."""
    data = settings.subfolder("overhead") / "store"
    names = _MODELS[:1] if settings.quick else _MODELS
    level = ("--effort", "quick", "--blocks", "2") if settings.quick else ("--effort", "default")
    models = [part for name in names for part in ("--model", name)]
    done = run_collector("run", *models, *level, "--seed", "1", data=data)
    run_id = done.answer["run_id"]
    with opened(data) as index:
        run = next(view for view in queries.run_views(index) if view.run_id == run_id)
        launches = queries.launches(index, run_id)
    inference_s = sum(launch.inference_s or 0.0 for launch in launches)
    run_s = (run.ended_at - run.started_at).total_seconds()
    share = inference_s / max(done.wall_s, run_s)
    again = sum(launch.attempt > 0 for launch in launches)
    how = f"{len(names)} built-in models, {run.cells} cells, {run.blocks_planned} blocks"
    return (
        Row(
            part="overhead",
            what="share of the wall time spent inferring",
            bar="at least 60 %",
            measured=percent(share),
            ok=share >= _LEAST_SHARE,
            how=f"{how}; of the whole command, models built and quantised anew",
            details=(
                f"{inference_s:.1f} s inferring",
                f"{run_s:.0f} s from the run's start to its end ({percent(inference_s / run_s)})",
                f"{done.wall_s:.1f} s the whole command ({percent(inference_s / done.wall_s)})",
                f"{len(launches)} launches, {again} of them in sittings measured again",
            ),
        ),
        Row(
            part="overhead",
            what="memory of the collector's own process",
            bar="at most 250 MB",
            measured=f"{done.peak_memory_mb:.0f} MB",
            ok=done.peak_memory_mb <= _MOST_MEMORY_MB,
            how=f"{how}; peak resident memory, children left out",
        ),
    )
