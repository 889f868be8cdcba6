"""Golden sentences: every wording once, every number from the data, at most three sentences.

The situations that people meet come first, whole; the wordings of single parts follow.
"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from results.comparison import (
    Attribution,
    CellView,
    Estimate,
    FoundCause,
    Group,
    GroupClass,
    Inserted,
    InsertedKind,
    LayerSide,
    PrecisionShare,
    Verdict,
)
from results.roof import ModelCeiling
from results.sentence import NOTHING_ELSE, Context, OtherBaseline, verdict_sentence
from tests.unit.pairs import FLOAT_CELL, INT8_CELL

FASTER = Estimate(Verdict.FASTER, 0.516, 1 / 1.98, 1 / 1.90, True, 5, None, 3.74, 1.93)
SLOWER = Estimate(Verdict.SLOWER, 2.553, 2.51, 2.60, True, 10, None, 6.37, 16.26)
HEAD = (
    "INT8 (int8-simplified@default) is 1.94x as fast as fp32@f32 on Net"
    " (1.90-1.98, 5 paired blocks; 3.74 ms -> 1.93 ms)."
)


def story(
    wall_us: float, unattributed_us: float, *parts: tuple[GroupClass, float], withheld: bool = False
) -> Attribution:
    """An attribution."""
    return Attribution(wall_us, parts, unattributed_us, withheld)


def extra(count: int, side: str = "candidate", node_type: str = "Reorder") -> list[Inserted]:
    """Source-less nodes."""
    layer = LayerSide(1, "r", node_type, "jit", "u8", (), (), 1.0, ())
    return [Inserted(side, layer, InsertedKind.LAYOUT, None, None) for _ in range(count)]


def say(
    estimate: Estimate,
    attribution: Attribution | None = None,
    inserted: list[Inserted] | None = None,
    a: CellView = FLOAT_CELL,
    b: CellView = INT8_CELL,
    context: Context = NOTHING_ELSE,
) -> str:
    """The sentence; never more than three."""
    told = verdict_sentence(a, b, estimate, attribution, inserted or [], context=context)
    assert 1 <= len(re.findall(r"[.](?= |$)", told)) <= 3
    return told


DEFAULT_CELL = replace(FLOAT_CELL, cell_id="cell-d", arm="fp32@default", precision="default")
IN_BF16 = (PrecisionShare("bf16", 30, 980.0, 0.98), PrecisionShare("f32", 4, 20.0, 0.02))
EQUIVALENT = Estimate(Verdict.EQUIVALENT, 1.003, 0.995, 1.011, True, 10, None, 2.0, 2.006)
UNSETTLED = Estimate(Verdict.INCONCLUSIVE, 0.95, 0.88, 1.03, True, 5, 12, 2.0, 1.9)


def cause(title: str, recoverable_us: float) -> FoundCause:
    """A cause."""
    return FoundCause(title, title, recoverable_us, "seen", "do", "high", ())


def ceiling(model: float) -> ModelCeiling:
    """What the whole model could gain."""
    return ModelCeiling("AVX-512 VNNI", 4.0, 4.0, model, 0.9)


def heavy_group(node_type: str, time_us: float) -> Group:
    """A group with one layer of this type on both sides."""
    layer = LayerSide(1, "l", node_type, "jit", "f32", (), (), time_us, ())
    return Group("l", node_type, ("l",), GroupClass.INT8_FASTER, (layer,), (layer,), time_us,
                 time_us, "name", 1.0, None)  # fmt: skip


def test_faster_than_f32_and_not_than_what_the_file_runs_at_by_default() -> None:
    default = replace(EQUIVALENT, ratio=1.005, ci_low=0.99, ci_high=1.018)
    context = Context(
        other=OtherBaseline(DEFAULT_CELL, default, IN_BF16),
        ceiling=ceiling(3.12),
        causes=(cause("Data is converted between layers", 90.0),
                cause("The INT8 kernel is slower than its float twin", 58.0)),
    )  # fmt: skip
    attribution = story(
        -1810.0, -258.0, (GroupClass.INT8_FASTER, -1600.0), (GroupClass.INSERTED, 48.0)
    )
    assert say(FASTER, attribution, extra(19), context=context) == (
        "INT8 (int8-simplified@default) is 1.94x as fast as fp32@f32 on Net (1.90-1.98, 5 paired"
        " blocks; 3.74 ms -> 1.93 ms), of a possible 3.12x."
        " But against fp32@default, what the FP32 file runs at by default (in bf16), it is as"
        " fast, within 2 % (1.00x, 0.98-1.01, 10 paired blocks)."
        " Of 1.81 ms saved, 1.60 ms is in layers that take less time in INT8; 0.05 ms is lost in 19"
        " inserted Reorders; 0.26 ms is unattributed; 61 % of the 0.148 ms that could at best"
        " be won back has one cause: data is converted between layers."
    )


def test_slower_than_f32_with_the_cause() -> None:
    attribution = story(
        9890.0, 100.0, (GroupClass.INT8_SLOWER, 6000.0), (GroupClass.LEFT_IN_FLOAT, -210.0),
        (GroupClass.INSERTED, 4200.0), (GroupClass.REMOVED, -200.0),
    )  # fmt: skip
    context = Context(
        ceiling=ceiling(1.91), causes=(cause("Data is converted between layers", 4200.0),)
    )
    assert say(SLOWER, attribution, extra(68) + extra(2, "baseline"), context=context) == (
        "INT8 (int8-simplified@default) takes 2.55x as long as fp32@f32 on Net (2.51-2.60, 10"
        " paired blocks; 6.37 ms -> 16.3 ms), where up to 1.91x as fast was possible."
        " Of 9.89 ms lost, 6.00 ms is in layers that take more time in INT8;"
        " 4.00 ms is in 68 inserted Reorders, less 2 Reorders gone; 0.21 ms is won back in"
        " layers that stayed in float; 0.10 ms is unattributed;"
        " all of the 4.20 ms that could at best be won back has one cause: data is converted"
        " between layers."
    )


def test_as_fast_tells_what_could_be_won_back_and_no_difference() -> None:
    attribution = story(6.0, 0.0, (GroupClass.SAME_PRECISION, 6.0))
    context = Context(ceiling=ceiling(1.3), causes=(cause("Quantisation runs alone", 40.0),))
    assert say(EQUIVALENT, attribution, context=context) == (
        "INT8 (int8-simplified@default) is as fast as fp32@f32 on Net, within 2 % (1.00x,"
        " 0.99-1.01, 10 paired blocks; 2.00 ms -> 2.01 ms), where up to 1.30x as fast was possible."
        " All of the 0.0400 ms that could at best be won back has one cause: quantisation runs"
        " alone."
    )


def test_inconclusive_tells_neither_ceiling_nor_causes() -> None:
    attribution = story(-100.0, 0.0, (GroupClass.INT8_FASTER, -100.0))
    context = Context(ceiling=ceiling(3.0), causes=(cause("Quantisation runs alone", 40.0),))
    assert say(UNSETTLED, attribution, context=context) == (
        "It is not settled whether INT8 (int8-simplified@default) differs from"
        " fp32@f32 on Net by more than 2 % (1.05x, 0.97-1.14, 5 paired blocks; 2.00 ms -> 1.90 ms);"
        " about 12 blocks would settle it."
    )


def test_a_baseline_in_bf16_says_so_and_what_f32_would_say() -> None:
    default = Estimate(Verdict.SLOWER, 1.15, 1.12, 1.18, True, 5, None, 2.0, 2.3)
    context = Context(other=OtherBaseline(FLOAT_CELL, FASTER), baseline_precisions=IN_BF16)
    assert say(default, a=DEFAULT_CELL, context=context) == (
        "INT8 (int8-simplified@default) takes 1.15x as long as fp32@default on Net"
        " (1.12-1.18, 5 paired blocks; 2.00 ms -> 2.30 ms)."
        " fp32@default ran in bf16 (98 % of its layers' time);"
        " against fp32@f32 it is 1.94x as fast (1.90-1.98, 5 paired blocks)."
    )
    alone = Context(baseline_precisions=IN_BF16)
    assert say(default, a=DEFAULT_CELL, context=alone).endswith(
        " fp32@default ran in bf16 (98 % of its layers' time)."
    )


def test_a_default_that_is_f32_needs_no_second_baseline() -> None:
    in_f32 = (PrecisionShare("f32", 34, 1000.0, 1.0),)
    context = Context(other=OtherBaseline(FLOAT_CELL, FASTER), baseline_precisions=in_f32)
    assert "fp32@f32" not in say(FASTER, a=DEFAULT_CELL, context=context)


def test_a_capped_device_against_the_whole_one_names_both() -> None:
    capped = replace(INT8_CELL, device="A CPU, capped to AVX2", device_id="d2", isa_cap="AVX2")
    assert say(SLOWER, a=INT8_CELL, b=capped) == (
        "INT8 (int8-simplified@default) on A CPU, capped to AVX2 takes 2.55x as long as"
        " INT8 (int8-simplified@default) on A CPU on Net"
        " (2.51-2.60, 10 paired blocks; 6.37 ms -> 16.3 ms)."
    )


def test_faster_than_its_ceiling_is_told_without_a_possible() -> None:
    passed, reached = Context(ceiling=ceiling(1.88)), Context(ceiling=ceiling(1.938))
    assert say(FASTER, context=passed) == (
        "INT8 (int8-simplified@default) is 1.94x as fast as fp32@f32 on Net (1.90-1.98, 5 paired"
        " blocks; 3.74 ms -> 1.93 ms), more than its convolutions alone could give."
    )
    assert "), as much as its convolutions alone could give." in say(FASTER, context=reached)
    assert "possible" not in say(FASTER, context=passed) + say(FASTER, context=reached)
    assert "possible" not in say(SLOWER, context=Context(ceiling=ceiling(0.3)))
    matrix = replace(passed, groups=(heavy_group("MatMul", 9.0), heavy_group("Convolution", 4.0)))
    assert "more than its matrix products alone could give" in say(FASTER, context=matrix)


def test_a_withheld_story_says_that_it_is_withheld() -> None:
    attribution = story(-100.0, 500.0, (GroupClass.INT8_FASTER, -600.0), withheld=True)
    assert say(FASTER, attribution) == (
        f"{HEAD} Where the time went is not told: what the layers leave open is more than the two"
        " differ by."
    )
    assert say(UNSETTLED, attribution) == say(UNSETTLED)


def test_version_against_version() -> None:
    older = replace(INT8_CELL, runtime_id="r1", runtime="2022.3.0")
    assert say(FASTER, a=older, b=INT8_CELL) == (
        "INT8 (int8-simplified@default) with OpenVINO 2026.4.1 is 1.94x as fast as"
        " INT8 (int8-simplified@default) with OpenVINO 2022.3.0 on Net"
        " (1.90-1.98, 5 paired blocks; 3.74 ms -> 1.93 ms)."
    )


def test_device_against_device() -> None:
    gpu = replace(INT8_CELL, device="A GPU", device_id="d-gpu")
    unpaired = replace(FASTER, paired=False, blocks=4)
    assert say(unpaired, a=INT8_CELL, b=gpu) == (
        "INT8 (int8-simplified@default) on A GPU is 1.94x as fast as"
        " INT8 (int8-simplified@default) on A CPU on Net"
        " (1.90-1.98, 4 launches or more on each side, unpaired; 3.74 ms -> 1.93 ms)."
    )


def test_imported_figures_have_no_verdict() -> None:
    a, b = (replace(cell, origin="imported") for cell in (FLOAT_CELL, INT8_CELL))
    told = Estimate(Verdict.INCONCLUSIVE, 2.553, None, None, False, 1, None, 6.37, 16.26)
    assert say(told, a=a, b=b, context=Context(ceiling=ceiling(3.0))) == (
        "imported INT8 (int8-simplified@default) takes 2.55x as long as imported fp32@f32 on Net"
        " (1 launch or more on each side, unpaired; 6.37 ms -> 16.3 ms); there is no interval."
    )


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (SLOWER, "But against {}, it takes 2.55x as long (2.51-2.60, 10 paired blocks)."),
        (UNSETTLED, "But against {}, that is not settled (1.05x, 0.97-1.14, 5 paired blocks)."),
        (FASTER, "Against {}, it is 1.94x as fast (1.90-1.98, 5 paired blocks)."),
    ],
)
def test_the_other_baseline_has_its_own_verdict(estimate: Estimate, words: str) -> None:
    context = Context(other=OtherBaseline(DEFAULT_CELL, estimate))
    default = "fp32@default, what the FP32 file runs at by default"
    assert say(FASTER, context=context) == f"{HEAD} {words.format(default)}"


def test_next_to_nothing_to_win_back_is_not_told() -> None:
    attribution = story(-1810.0, 0.0, (GroupClass.INT8_FASTER, -1810.0))
    little = Context(causes=(cause("Quantisation runs alone", 19.0),))
    enough = Context(causes=(cause("Quantisation runs alone", 20.0),))
    assert "won back" not in say(FASTER, attribution, context=little)
    assert "all of the 0.0200 ms that could at best be won back" in say(
        FASTER, attribution, context=enough
    )


def test_causes_without_time_are_no_part_of_a_share() -> None:
    attribution = story(-1810.0, 0.0, (GroupClass.INT8_FASTER, -1810.0))
    found = (cause("The float baseline ran in 16 bits", 0.0),)
    assert "won back" not in say(FASTER, attribution, context=Context(causes=found))
    both = (*found, cause("Quantisation runs alone", 40.0))
    assert "all of the 0.0400 ms" in say(FASTER, attribution, context=Context(causes=both))


def test_faster_and_where_it_comes_from() -> None:
    attribution = story(
        -1810.0, -258.0, (GroupClass.INT8_FASTER, -1600.0), (GroupClass.INSERTED, 48.0)
    )
    assert say(FASTER, attribution, extra(19)) == (
        f"{HEAD} Of 1.81 ms saved, 1.60 ms is in layers that take less time in INT8;"
        " 0.05 ms is lost in 19 inserted Reorders; 0.26 ms is unattributed."
    )


def test_slower_says_how_much_longer_and_what_was_lost() -> None:
    attribution = story(
        9890.0, 100.0, (GroupClass.INT8_SLOWER, 6000.0), (GroupClass.LEFT_IN_FLOAT, -210.0),
        (GroupClass.INSERTED, 4200.0), (GroupClass.REMOVED, -200.0),
    )  # fmt: skip
    assert say(SLOWER, attribution, extra(68) + extra(2, "baseline")) == (
        "INT8 (int8-simplified@default) takes 2.55x as long as fp32@f32 on Net"
        " (2.51-2.60, 10 paired blocks; 6.37 ms -> 16.3 ms)."
        " Of 9.89 ms lost, 6.00 ms is in layers that take more time in INT8;"
        " 4.00 ms is in 68 inserted Reorders, less 2 Reorders gone; 0.21 ms is won back in"
        " layers that stayed in float; 0.10 ms is unattributed."
    )


def test_every_part_that_matters_is_told_the_largest_first() -> None:
    attribution = story(
        800.0, 20.0, (GroupClass.SAME_PRECISION, 165.0), (GroupClass.INT8_SLOWER, 440.0),
        (GroupClass.LEFT_IN_FLOAT, 250.0), (GroupClass.PRECISION_CHANGED, -59.0),
        (GroupClass.FUSION_CHANGED, -16.0),
    )  # fmt: skip
    assert say(SLOWER, attribution).endswith(
        "Of 0.80 ms lost, 0.44 ms is in layers that take more time in INT8;"
        " 0.25 ms is in layers that stayed in float;"
        " 0.17 ms is in layers that run in the same precision;"
        " 0.06 ms is won back in layers that run in another precision; 0.02 ms is unattributed."
    )


@pytest.mark.parametrize("rest_us", [4.0, 12.0, 36.0, 120.0, -36.0])
def test_nothing_is_left_out_that_is_larger_than_what_is_told(rest_us: float) -> None:
    parts = {
        "more time in INT8": (GroupClass.INT8_SLOWER, 440.0),
        "stayed in float": (GroupClass.LEFT_IN_FLOAT, 250.0),
        "same precision": (GroupClass.SAME_PRECISION, 39.0),
        "another precision": (GroupClass.PRECISION_CHANGED, 30.0),
        "fused differently": (GroupClass.FUSION_CHANGED, 14.0),
    }
    sizes = {words: us for words, (_, us) in parts.items()} | {
        "is unattributed": rest_us, "add up to": rest_us
    }  # fmt: skip
    said = say(SLOWER, story(773.0 + rest_us, rest_us, *parts.values()))
    told = {words: abs(us) for words, us in sizes.items() if words in said}
    left = [abs(us) for words, us in sizes.items() if words not in said and abs(us) != abs(rest_us)]
    assert max(left, default=0.0) <= min(told.values())
    assert max(left, default=0.0) < 0.05 * (773.0 + rest_us)


def test_parts_that_cancel_are_judged_by_the_largest_of_them() -> None:
    attribution = story(
        100.0, 0.0, (GroupClass.INT8_FASTER, -2000.0), (GroupClass.LEFT_IN_FLOAT, 1900.0),
        (GroupClass.INT8_SLOWER, 150.0), (GroupClass.SAME_PRECISION, -50.0),
    )  # fmt: skip
    assert say(SLOWER, attribution).endswith(
        "Of 0.10 ms lost, 2.00 ms is won back in layers that take less time in INT8;"
        " 1.90 ms is in layers that stayed in float;"
        " 0.15 ms is in layers that take more time in INT8."
    )


def test_layers_that_add_up_to_more_than_the_wall() -> None:
    attribution = story(-1000.0, 200.0, (GroupClass.INT8_FASTER, -1200.0))
    assert say(FASTER, attribution).endswith(
        "Of 1.00 ms saved, 1.20 ms is in layers that take less time in INT8;"
        " the layers add up to 0.20 ms more than that."
    )


@pytest.mark.parametrize(
    ("inserted", "words"),
    [
        (extra(1), "1 inserted Reorder;"),
        (extra(1) + extra(1, node_type="Subgraph"), "2 inserted layers (1 Reorder, 1 Subgraph);"),
        (extra(3) + extra(1, "baseline"), "3 inserted Reorders, less 1 Reorder gone;"),
        (extra(1, "baseline"), "1 Reorder gone;"),
    ],
)
def test_singular_and_plural(inserted: list[Inserted], words: str) -> None:
    part = (GroupClass.INSERTED, 500.0)
    assert words in say(FASTER, story(-1000.0, -1500.0, part), inserted)


def test_a_missing_story_is_not_told() -> None:
    assert say(FASTER) == HEAD


def test_what_is_won_back_elsewhere_is_told_as_such() -> None:
    parts = (GroupClass.INT8_SLOWER, 6000.0), (GroupClass.LEFT_IN_FLOAT, -210.0)
    assert say(SLOWER, story(5790.0, 0.0, *parts)).endswith(
        "6.00 ms is in layers that take more time in INT8; "
        "0.21 ms is won back in layers that stayed in float."
    )


def test_small_differences_keep_their_digits() -> None:
    attribution = story(-40.0, 0.0, (GroupClass.INT8_FASTER, -40.0))
    assert say(FASTER, attribution).endswith(
        "Of 0.040 ms saved, 0.040 ms is in layers that take less time in INT8."
    )


def test_equivalent() -> None:
    estimate = Estimate(Verdict.EQUIVALENT, 1.003, 0.995, 1.011, True, 10, None, 2.0, 2.006)
    attribution = story(6.0, 0.0, (GroupClass.SAME_PRECISION, 6.0))
    assert say(estimate, attribution) == (
        "INT8 (int8-simplified@default) is as fast as fp32@f32 on Net, within 2 %"
        " (1.00x, 0.99-1.01, 10 paired blocks; 2.00 ms -> 2.01 ms)."
    )


def test_inconclusive_says_what_would_settle_it() -> None:
    estimate = Estimate(Verdict.INCONCLUSIVE, 0.95, 0.88, 1.03, True, 5, 12, 2.0, 1.9)
    assert say(estimate) == (
        "It is not settled whether INT8 (int8-simplified@default) differs from"
        " fp32@f32 on Net by more than 2 % (1.05x, 0.97-1.14, 5 paired blocks; 2.00 ms -> 1.90 ms);"
        " about 12 blocks would settle it."
    )
    assert say(replace(estimate, blocks_needed=None)).endswith(
        "; no reasonable number of blocks would settle it."
    )


def test_one_block() -> None:
    estimate = Estimate(Verdict.INCONCLUSIVE, 0.5, None, None, True, 1, 5, 2.0, 1.0)
    assert say(estimate) == (
        "It is not settled whether INT8 (int8-simplified@default) differs from"
        " fp32@f32 on Net by more than 2 % (2.00x, 1 paired block; 2.00 ms -> 1.00 ms);"
        " one is too few, measure 5 blocks."
    )


def test_unpaired() -> None:
    assert "4 launches or more on each side, unpaired;" in say(
        replace(FASTER, paired=False, blocks=4)
    )
    assert "1 launch or more" in say(replace(FASTER, paired=False, blocks=1))


def test_throughput_tells_inferences_per_second_and_the_time_per_item() -> None:
    a, b = (replace(cell, scenario="throughput") for cell in (FLOAT_CELL, INT8_CELL))
    estimate = replace(FASTER, baseline_ms=8.333, candidate_ms=4.386, ratio=0.526)
    assert say(estimate, a=a, b=b) == (
        "INT8 (int8-simplified@default) is 1.90x as fast as fp32@f32 on Net (1.90-1.98,"
        " 5 paired blocks; 120 /s -> 228 /s, 8.33 ms -> 4.39 ms per item)."
    )
    assert "8.33 ms per item -> 4.39 ms)" in say(estimate, a=a)
    assert "8.33 ms -> 4.39 ms per item)" in say(estimate, b=b)


def test_numbers_of_a_scenario_that_differ_are_named() -> None:
    a = replace(INT8_CELL, streams=None, requests=1)
    b = replace(INT8_CELL, streams=4, threads=2, requests=8)
    assert say(FASTER, a=a, b=b).startswith(
        "INT8 (int8-simplified@default) with 4 streams and 2 threads and 8 requests is 1.94x as"
        " fast as INT8 (int8-simplified@default) with as many streams as the device chooses and"
        " as many threads as the device chooses and 1 request on Net ("
    )


def test_what_else_differs_is_named() -> None:
    other = replace(
        INT8_CELL, device_id="d2", device="B CPU", runtime_id="r2", runtime="2022.3.0",
        scenario="throughput", batch=8,
    )  # fmt: skip
    assert say(FASTER, a=INT8_CELL, b=other).startswith(
        "INT8 (int8-simplified@default) on B CPU with OpenVINO 2022.3.0 for throughput at batch 8"
        " is 1.94x as fast as INT8 (int8-simplified@default) on A CPU with OpenVINO 2026.4.1"
        " for latency at batch 1 on Net ("
    )
    model = replace(INT8_CELL, model_id="m2", model="other", model_title="Other")
    assert say(FASTER, b=model).startswith(
        "INT8 (int8-simplified@default) of Other is 1.94x as fast as fp32@f32 of Net ("
    )


def test_an_interval_that_says_nothing_is_not_told_in_figures() -> None:
    wide = Estimate(Verdict.INCONCLUSIVE, 0.95, 8e-5, 3e3, True, 2, 12, 2.0, 1.9)
    assert "(1.05x, an interval too wide to tell, 2 paired blocks;" in say(wide)


def test_a_bound_of_a_slower_candidate_is_not_rounded_onto_no_difference() -> None:
    slower = Estimate(Verdict.SLOWER, 1.15, 1.0021, 1.32, True, 5, None, 2.0, 2.3)
    assert "takes 1.15x as long as fp32@f32 on Net (1.002-1.32, 5 paired blocks" in say(slower)
