"""The files of one import, read and told apart: at most one report and one graph.

What they mean together is decided in ``telling``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.importing.counters import Counters, merged, read_counters
from collector.importing.exec_graph import Graph, read_graph
from collector.importing.report import Report, read_report
from collector.importing.source_file import FileKind, SourceFile, kind_of, read_source
from results.errors import UsageError

_EACH = "import what belongs to one run together, and each run in a command of its own"


@dataclass(frozen=True)
class GivenFiles:
    """What the files of one run tell."""

    sources: tuple[SourceFile, ...]
    report: Report | None
    counters: Counters | None
    graph: Graph | None


def read_files(paths: Sequence[Path]) -> tuple[SourceFile, ...]:
    """The files, each content once."""
    sources = {source.sha256: source for source in map(read_source, paths)}
    return tuple(sources.values())


def is_published(sources: Sequence[SourceFile]) -> bool:
    """Whether it is a table of published figures; UsageError for one among other files."""
    published = [source for source in sources if kind_of(source) is FileKind.PUBLISHED]
    if published and len(sources) > 1:
        raise UsageError(
            f"{published[0].path} holds published figures and is no part of a run", hint=_EACH
        )
    return bool(published)


def given_files(
    sources: Sequence[SourceFile], *, as_counters: Iterable[Path], as_graph: Path | None
) -> GivenFiles:
    """The files read by what is in them; UsageError for two reports or two graphs.

    A file that was given as counters or as graph has to be that.
    """
    kinds = {source: kind_of(source) for source in sources}
    wanted = dict.fromkeys(as_counters, FileKind.COUNTERS)
    wanted |= {as_graph: FileKind.GRAPH} if as_graph else {}
    for source, kind in kinds.items():
        if wanted.get(source.path, kind) is not kind:
            raise source.fault(
                1, f"this is a {kind.value}, not {wanted[source.path].value}", hint=_EACH
            )
    return GivenFiles(
        tuple(sources),
        _only([read_report(one) for one, kind in kinds.items() if kind is FileKind.REPORT]),
        merged([read_counters(one) for one, kind in kinds.items() if kind is FileKind.COUNTERS]),
        _only_graph([read_graph(one) for one, kind in kinds.items() if kind is FileKind.GRAPH]),
    )


def _only(reports: Sequence[Report]) -> Report | None:
    if len(reports) > 1:
        raise _two("reports", [report.source for report in reports])
    return reports[0] if reports else None


def _only_graph(graphs: Sequence[Graph]) -> Graph | None:
    if len(graphs) > 1:
        raise _two("execution graphs", [graph.source for graph in graphs])
    return graphs[0] if graphs else None


def _two(what: str, sources: Sequence[SourceFile]) -> UsageError:
    names = " and ".join(str(source.path) for source in sources)
    return UsageError(f"{len(sources)} {what} were given, {names}", hint=_EACH)
