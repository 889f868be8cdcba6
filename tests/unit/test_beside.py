"""Which published figures stand beside a verdict, and in what they are said to be unlike it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from results import queries
from results.beside import Beside, published_beside
from results.facts import Cell, Device, ExecNode, Fact, Run
from results.store import Store
from tests.page.stores import Alter, altered_store
from tests.planted import ARMS, THROUGHPUT, Drive, cell_id_of, planted_store

LATENCY = Drive()
DEFAULT = cell_id_of("al_pha", ARMS[1])


def _published(*arms: str) -> Alter:
    """The planted figures as a published table, ``fp32@default`` under each of these arms."""

    def alter(fact: Fact) -> Iterator[Fact]:
        if isinstance(fact, Run):
            fact = replace(fact, kind="published", source="a list")
        if isinstance(fact, Cell) and fact.arm == ARMS[1]:
            fact = replace(fact, arm=arms[0], precision=arms[0].partition("@")[2])
        yield fact

    return alter


def _in_bf16(fact: Fact) -> Iterator[Fact]:
    """The default of this CPU runs in bf16."""
    own = isinstance(fact, ExecNode) and fact.cell_id == DEFAULT
    yield replace(fact, runtime_precision="bf16") if own and isinstance(fact, ExecNode) else fact


def _on_a_gpu(fact: Fact) -> Iterator[Fact]:
    yield replace(fact, ov_device="GPU.0") if isinstance(fact, Device) else fact


def _same(fact: Fact) -> Iterator[Fact]:
    yield fact


def _beside(
    root: Path,
    measured: Alter = _same,
    published: Alter = _same,
    drive: Drive = LATENCY,
    baseline: str = ARMS[1],
) -> Beside | None:
    """What stands beside the verdict on the planted machine."""
    altered_store(root, measured, lambda to: planted_store(to, models=("al_pha",), drive=drive))
    altered_store(
        root,
        published,
        lambda to: planted_store(
            to, models=("al-pha",), name="theirs", drive=THROUGHPUT, default_ratio=0.8
        ),
    )
    with closing(Store(root).index()) as index:
        cells = {cell.cell_id: cell for cell in queries.cells(index)}
        sides = [cells[cell_id_of("al_pha", arm, drive=drive)] for arm in (baseline, ARMS[2])]
        return published_beside(index, sides[0], sides[1])


def test_a_verdict_on_a_cpu_has_what_was_published_for_its_instruction_set(tmp_path: Path) -> None:
    found = _beside(tmp_path, published=_published("fp32@bf16"))
    assert found is not None
    assert found.words == (
        "published for AVX-512 VNNI CPUs: 1.82x (1.82 to 1.82, 1 CPU), OpenVINO 2026.4.1, "
        "throughput against fp32@f32, while this verdict is of latency; a list"
    )


def test_a_verdict_of_throughput_is_not_said_to_be_unlike(tmp_path: Path) -> None:
    found = _beside(tmp_path, published=_published("fp32@bf16"), drive=THROUGHPUT)
    assert found is not None
    assert "latency" not in found.words


def test_a_gpu_has_nothing_published_for_cpus_beside_it(tmp_path: Path) -> None:
    assert _beside(tmp_path, _on_a_gpu, _published("fp32@bf16")) is None


def test_against_a_default_that_ran_in_bf16_figures_against_bf16_are_told(tmp_path: Path) -> None:
    found = _beside(tmp_path, _in_bf16, _published("fp32@bf16"))
    assert found is not None
    assert found.published.baseline == "fp32@bf16"
    assert round(found.published.speedup, 2) == 1.45
    assert "ran as" not in found.words


def test_without_figures_against_bf16_it_is_said_what_the_baseline_ran_as(tmp_path: Path) -> None:
    found = _beside(tmp_path, _in_bf16, _published("fp32@f16"))
    assert found is not None
    assert found.published.baseline == "fp32@f32"
    assert "while the baseline here ran as fp32@bf16" in found.words


def test_against_forced_f32_figures_against_bf16_do_not_count(tmp_path: Path) -> None:
    found = _beside(tmp_path, _in_bf16, _published("fp32@bf16"), baseline=ARMS[0])
    assert found is not None
    assert found.published.baseline == "fp32@f32"
