"""A layer opened: what is told of its exec nodes on both sides."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from results import queries
from results.compare import compare_cells
from results.layer_rows import layer_rows
from results.opened_layer import OpenedNode, opened_nodes
from tests.planted import planted_store


def opened(root: Path, key: str) -> tuple[OpenedNode, ...]:
    with closing(planted_store(root).index()) as index:
        cells = {cell.arm: cell for cell in queries.cells(index)}
        a, b = cells["fp32@f32"], cells["int8-simplified@default"]
        found = compare_cells(index, a, b)
        row = next(r for r in layer_rows(found.groups, found.inserted) if r.key.endswith(key))
        tables = [queries.layers_table(index, cell.cell_id, found.run_ids[0]) for cell in (a, b)]
        return opened_nodes(row, *tables)


def test_both_sides_tell_kernel_precision_shapes_and_fused_members(tmp_path: Path) -> None:
    baseline, candidate = opened(tmp_path, "stem")
    assert (baseline.side, candidate.side) == ("baseline", "candidate")
    assert baseline.kernel == "brgconv_avx512_f32"
    assert candidate.kernel == "brgconv_avx512_I8"
    assert (baseline.precision, candidate.precision) == ("f32", "u8")
    assert "stem/hswish" in baseline.members
    assert baseline.time_us > candidate.time_us > 0
    assert any(word.startswith("f32 ") for word in baseline.outputs)


def test_an_inserted_layer_has_one_side_and_says_what_it_reads(tmp_path: Path) -> None:
    (node,) = opened(tmp_path, "> softmax")
    assert node.side == "candidate"
    assert node.node_type == "Reorder"
    assert node.reads
    assert all(" from " in word for word in node.reads)
