"""Accuracy: intervals, whether a drop is real, the words, and where they are told."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from results import accuracy_queries, cli, queries
from results.accuracy import AccuracyView, Change
from results.accuracy_views import accuracy_views, layer_sqnr, of_variants, reverted_view
from results.accuracy_words import (
    brief,
    briefs,
    judged_lines,
    judged_sentence,
    reverted_sentence,
    sentences,
)
from results.compare import compare_cells
from results.comparison import Comparison
from results.facts import (
    ExecNode,
    ExecNodeSource,
    Fact,
    Launch,
    LayerAccuracy,
    RevertedOp,
)
from results.format import p_value
from results.headline import overview_headline, picks
from results.overview import overview
from results.render import comparison_text, to_text
from results.shares import mcnemar_exact
from results.store import Store
from results.verdicts import overview_json, verdicts_text
from results.views import AccuracyRow
from tests.page import stores
from tests.page.stores import SECOND_VARIANT, two_recipes
from tests.planted import ARMS, cell_id_of, planted_store, variant_id_of
from tests.planted_accuracy import METRIC, P_VALUE, SQNR_DB, Judged, planted_accuracy

FLOAT, INT8 = "v-f", "v-q"
SAID = (
    "Accuracy on digits (500 samples): fp32 98.0 % (96.4-98.9), int8-full 95.8 % (93.7-97.2): "
    "2.2 points lower, the drop is real (McNemar p = 0.013)"
)
NOTE = "the drop is 0.022, more than the 0.010 asked for; this is the best model that was found"
PAIR = (f"model=tiny,arm={ARMS[0]}", f"arm={ARMS[2]}")


def row(
    variant: str,
    metric: str,
    value: float,
    *,
    data: str = "digits",
    samples: int = 500,
    skipped: tuple[str, ...] = (),
    run: str = "1",
    newest: bool = True,
    output: str | None = "logits",
    against: str | None = None,
) -> AccuracyRow:
    """A stored metric of the float or the INT8 variant of one model."""
    kind = "fp32" if variant == FLOAT else "int8-full"
    return AccuracyRow(
        run_id=run, newest=newest, variant_id=variant, variant_kind=kind, model_id="m",
        dataset_id=f"id of {data}", dataset=data, skipped=len(skipped), skipped_names=skipped,
        metric=metric, output=output, reference_variant_id=against, value=value, samples=samples,
    )  # fmt: skip


def labelled(int8: int, b: int | None = None, c: int | None = None) -> AccuracyView:
    """fp32 is right on 490 of 500, INT8 on ``int8``; ``b`` and ``c`` as in McNemar's test."""
    rows = [row(FLOAT, "top1", 490 / 500), row(INT8, "top1", int8 / 500)]
    for metric, count in (("only_reference_right", b), ("only_variant_right", c)):
        if count is not None:
            rows.append(row(INT8, metric, count, against=FLOAT))
    (view,) = of_variants(accuracy_views(rows), [INT8])
    return view


@pytest.mark.parametrize(
    ("b", "c", "p"),
    [
        (14, 3, Fraction(2 * (1 + 17 + 136 + 680), 2**17)),
        (3, 14, Fraction(2 * (1 + 17 + 136 + 680), 2**17)),
        (5, 0, Fraction(2, 32)),
        (6, 0, Fraction(2, 64)),
        (4, 4, 1),
        (0, 0, 1),
        (1, 0, 1),
    ],
)
def test_mcnemars_exact_p_is_that_of_the_hand_computed_sum(b: int, c: int, p: Fraction) -> None:
    assert mcnemar_exact(b, c) == float(p)


@pytest.mark.parametrize(("b", "c"), [(14, 3), (40, 22), (700, 640), (6000, 5500), (9, 9)])
def test_mcnemars_p_is_the_binomial_tail_twice_also_for_many_pairs(b: int, c: int) -> None:
    """Against the sum of binomial coefficients, as the formula is written."""
    tail = sum(math.comb(b + c, i) for i in range(min(b, c) + 1))
    assert mcnemar_exact(b, c) == float(min(Fraction(2 * tail, 2 ** (b + c)), Fraction(1)))


def test_a_share_has_wilsons_interval() -> None:
    """Bounds by the formula with z = 1.959964, k = 479, n = 500."""
    share = labelled(479, 14, 3).labels[0].top1
    z, p, n = 1.959963984540054, 479 / 500, 500
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = ((p + z * z / (2 * n) + side * half) / (1 + z * z / n) for side in (-1, 1))
    assert (share.interval.low, share.interval.high) == pytest.approx((low, high), abs=1e-12)
    assert (low, high) == pytest.approx((0.9366, 0.9724), abs=1e-4)


def test_a_drop_is_in_points_and_real_where_chance_would_hardly_give_it() -> None:
    (one,) = labelled(479, 14, 3).labels
    assert one.drop_points == pytest.approx(2.2)
    assert one.p_value == P_VALUE
    assert one.change is Change.LOST
    assert sentences(labelled(479, 14, 3)) == (SAID,)
    assert brief(labelled(479, 14, 3)) == (
        "top-1 95.8 % (93.7-97.2), fp32 98.0 % (96.4-98.9): 2.2 points lower, a real drop, "
        "p = 0.013; digits"
    )
    assert brief(labelled(490, 0, 0)) == (
        "top-1 98.0 % (96.4-98.9), fp32 98.0 % (96.4-98.9): as high, within chance, p = 1.000; "
        "digits"
    )


def test_a_simplified_variant_is_said_to_be_for_speed_once_wherever_it_is_told_in_short() -> None:
    view = replace(labelled(479, 14, 3), variant_kind="int8-simplified")
    assert briefs([view, view]) == (
        brief(view), brief(view), "int8-simplified is made for speed, not for accuracy",
    )  # fmt: skip
    assert briefs([labelled(479, 14, 3)]) == (brief(labelled(479, 14, 3)),)
    assert briefs([]) == ()


def test_a_drop_is_never_taken_across_two_runs() -> None:
    """fp32 was judged 0.90 beside int8-simplified, and 0.95 in a later run without it."""
    rows = [
        row(FLOAT, "top1", 0.90, newest=False), row(FLOAT, "mine", 0.90, newest=False),
        row(INT8, "top1", 0.89), row(INT8, "mine", 0.89),
        row(FLOAT, "top1", 0.95, run="2"), row(FLOAT, "mine", 0.95, run="2"),
    ]  # fmt: skip
    views = {view.variant_id: view for view in accuracy_views(rows)}
    assert views[INT8].labels[0].drop_points == pytest.approx(1.0)
    assert views[INT8].own[0].difference == pytest.approx(-0.01)
    assert views[FLOAT].labels[0].top1.value == 0.95
    alone = accuracy_views([rows[2], rows[4]])[0]
    assert alone.labels[0].drop_points is None


@pytest.mark.parametrize(
    ("int8", "b", "c", "change", "said"),
    [
        (485, 8, 3, Change.WITHIN_CHANCE, "1.0 points lower, within chance (McNemar p = 0.227)"),
        (498, 1, 9, Change.GAINED, "1.6 points higher, the gain is real (McNemar p = 0.021)"),
        (490, 4, 4, Change.WITHIN_CHANCE, "as high, within chance (McNemar p = 1.000)"),
        (490, 0, 0, Change.WITHIN_CHANCE, "as high, within chance (McNemar p = 1.000)"),
        (300, 195, 5, Change.LOST, "38.0 points lower, the drop is real (McNemar p < 0.001)"),
        (479, None, None, Change.UNTESTED, "2.2 points lower, not tested against chance"),
    ],
)
def test_whether_it_is_real_is_said_in_words(
    int8: int, b: int | None, c: int | None, change: Change, said: str
) -> None:
    view = labelled(int8, b, c)
    assert view.labels[0].change is change
    assert sentences(view)[0].endswith(f": {said}")


def test_a_p_is_never_rounded_onto_the_threshold() -> None:
    assert (p_value(0.0498), p_value(0.04996), p_value(0.0501)) == (
        "p = 0.049800", "p = 0.049960", "p = 0.050100",
    )  # fmt: skip
    assert (p_value(0.0127), p_value(0.0004), p_value(1.0)) == (
        "p = 0.013",
        "p < 0.001",
        "p = 1.000",
    )


def test_without_labels_the_agreement_with_fp32_is_told() -> None:
    rows = [
        row(INT8, "top1_agreement", 0.964, against=FLOAT),
        row(INT8, "cosine", 0.99123, against=FLOAT),
        row(INT8, "sqnr_db", 21.44, against=FLOAT),
    ]
    (view,) = accuracy_views(rows)
    (said,) = sentences(view)
    assert said == (
        "Accuracy on digits (500 samples): int8-full agrees with fp32 on 96.4 % (94.4-97.7) of "
        "the samples, cosine 0.9912, SQNR 21.4 dB"
    )
    assert brief(view) == "agrees with fp32 on 96.4 % (94.4-97.7); digits"
    (view,) = accuracy_views(rows[1:])
    assert "int8-full against fp32: cosine 0.9912, SQNR 21.4 dB" in sentences(view)[0]
    assert brief(view) == "SQNR 21.4 dB against fp32; digits"


def test_several_outputs_are_told_apart_and_one_is_not_named() -> None:
    rows = [row(INT8, "cosine", value, output=name) for name, value in (("a", 0.9), ("b", 0.8))]
    (view,) = accuracy_views(rows)
    assert [one.output for one in view.agreements] == ["a", "b"]
    assert "0.9000 at output a" in sentences(view)[0]
    assert "0.8000 at output b" in sentences(view)[1]
    (alone,) = accuracy_views(rows[:1])
    assert "output" not in sentences(alone)[0]


def test_a_metric_of_ones_own_stands_beside_fp32s() -> None:
    rows = [row(FLOAT, "mine:f1", 0.97, output=None), row(INT8, "mine:f1", 0.948, output=None)]
    view = next(view for view in accuracy_views(rows) if view.variant_id == INT8)
    assert view.own[0].difference == pytest.approx(-0.022)
    assert sentences(view)[0].endswith("mine:f1: int8-full 0.948, fp32 0.97 (-0.022)")
    (alone,) = accuracy_views(rows[1:])
    assert alone.own[0].difference is None
    assert brief(alone) == "mine:f1 0.948; digits"


def test_each_dataset_has_a_view_and_the_one_that_says_most_comes_first() -> None:
    rows = [
        row(INT8, "cosine", 0.9, data="big", samples=9000),
        row(INT8, "top1", 0.9, data="few", samples=50),
        row(INT8, "top1", 0.8),
    ]
    assert [view.dataset for view in accuracy_views(rows)] == ["digits", "few", "big"]


def test_a_float_variant_is_told_only_where_no_int8_one_stands_beside_it() -> None:
    views = accuracy_views([row(FLOAT, "top1", 0.98), row(INT8, "top1", 0.95)])
    assert [view.variant_id for view in of_variants(views, [FLOAT, INT8])] == [INT8]
    (own,) = of_variants(views, [FLOAT])
    assert own.labels[0].drop_points is None
    assert sentences(own) == ("Accuracy on digits (500 samples): fp32 98.0 % (96.4-98.9)",)
    assert of_variants(views, []) == ()


def test_skipped_samples_are_told_beside_those_that_counted() -> None:
    (view,) = accuracy_views([row(INT8, "top1", 0.95, skipped=("a.png: no image", "b: no"))])
    assert sentences(view)[0].startswith("Accuracy on digits (500 samples, 2 skipped): int8-full")
    assert sentences(view)[1:] == (
        "2 samples could not be read and were left out, the first: a.png: no image",
    )
    (one,) = accuracy_views([row(INT8, "top1", 0.95, skipped=("b: no",))])
    assert sentences(one)[-1] == "1 sample could not be read and was left out, the first: b: no"


def test_what_the_accuracy_control_kept_in_float_is_told_with_its_drop() -> None:
    steps = [
        RevertedOp(INT8, name, step, "top1", before, after)
        for name, step, before, after in (
            ("b", 1, 0.02, -0.004), ("a", 0, 0.05, 0.02), ("c", 1, 0.02, -0.004),
        )
    ]  # fmt: skip
    view = reverted_view("int8-accuracy", steps)
    assert view is not None
    assert reverted_sentence(view) == (
        "int8-accuracy: kept in float by the accuracy control: a, b, c; top-1 accuracy went from "
        "5.0 points lower to 0.4 points higher, against fp32"
    )
    many = replace(view, ops=tuple("abcdefg"), metric="mine:f1")
    assert "a, b, c, d, e and 2 more; mine:f1 went from 0.05 lower to 0.004 higher" in (
        reverted_sentence(many)
    )
    level = replace(view, drop_before=-0.01, drop_after=0.0)
    assert "went from 1.0 points higher to as high, against fp32" in reverted_sentence(level)
    lost = replace(view, drop_after=0.01)
    assert reverted_sentence(lost).endswith(
        "the drop of top-1 accuracy went from 5.0 points to 1.0 points"
    )
    assert reverted_view("int8-accuracy", []) is None


def test_sqnr_per_op_is_that_of_the_dataset_that_is_shown_first() -> None:
    def layer(op: str, sqnr_db: float | None, data: str) -> LayerAccuracy:
        return LayerAccuracy(INT8, f"id of {data}", op, "name", 1.0, 0.1, sqnr_db, 16)

    layers = [layer("a", 10.0, "a-few"), layer("a", 20.0, "many"), layer("b", None, "many"),
              layer("c", 30.0, "a-few")]  # fmt: skip
    views = accuracy_views(
        [row(INT8, "top1", 0.9, data="a-few", samples=50), row(INT8, "top1", 0.9, data="many"),
         row(INT8, "cosine", 0.9, data="without-layers", samples=9000)]
    )  # fmt: skip
    found = layer_sqnr(layers, views)
    assert found is not None
    assert (found.dataset, found.sqnr_db) == ("many", {"a": 20.0})
    unnamed = layer_sqnr(layers, [])
    assert unnamed is not None
    assert unnamed.sqnr_db == {"a": 10.0, "c": 30.0}
    assert layer_sqnr([], views) is None


def test_what_is_lost_is_counted_over_all_that_were_judged() -> None:
    lost, kept = labelled(479, 14, 3), labelled(485, 8, 3)
    assert judged_sentence([lost, kept]) == "On labelled data 1 of 2 lost accuracy beyond chance."
    assert (
        judged_sentence([kept, kept]) == "On labelled data none of 2 lost accuracy beyond chance."
    )
    assert judged_sentence([lost]) == (
        "On labelled data the top-1 accuracy of INT8 is 2.2 points lower, the drop is real "
        "(McNemar p = 0.013)."
    )
    assert judged_sentence([labelled(490, 0, 0)]) == (
        "On labelled data the top-1 accuracy of INT8 is as high as fp32's, within chance "
        "(McNemar p = 1.000)."
    )
    (unlabelled,) = accuracy_views([row(INT8, "cosine", 0.9)])
    assert judged_sentence([unlabelled]) is None


@pytest.fixture
def judged(tmp_path: Path) -> Path:
    """A measured model, its INT8 variant judged, reverted in part, a bar missed."""
    planted_store(tmp_path)
    planted_accuracy(tmp_path, Judged(note=NOTE, reverted=("block/dw", "fc"), skipped=("a: no",)))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = cli.main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return code, " ".join(out.split()), err


def test_compare_says_accuracy_sqnr_and_what_was_kept_in_float(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "compare", *PAIR, "--data", judged)
    assert (code, err) == (0, "")
    said = SAID.replace("int8-full", "int8-simplified")
    assert said.replace("digits (500 samples)", "digits, held out (500 samples, 1 skipped)") in out
    assert "top-5: fp32 99.6 % (98.6-99.9), int8-simplified 97.4 % (95.6-98.5)" in out
    assert f"{METRIC}: int8-simplified 0.948, fp32 0.97 (-0.022)" in out
    assert "kept in float by the accuracy control: block/dw, fc; the drop of top-1" in out
    assert "from 3.1 points to 1.1 points" in out
    assert "difference SQNR stem Convolution less time in INT8 576 µs 208 µs -368 µs 38.5 dB" in out
    assert f"Caution: the variant is not what was asked for: {NOTE};" in out


def test_compare_as_json_has_every_figure(judged: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["compare", *PAIR, "--data", str(judged), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    (view,) = body["accuracy"]
    assert (view["variant"], view["dataset"], view["samples"], view["skipped"]) == (
        "int8-simplified", "digits, held out", 500, 1,
    )  # fmt: skip
    (labels,) = view["labels"]
    assert labels["mcnemar_p"] == P_VALUE
    assert (labels["only_reference_right"], labels["only_variant_right"]) == (14, 3)
    assert labels["change"] == "lost"
    assert labels["top1_low"] < labels["top1"] == 0.958 < labels["top1_high"]
    assert labels["reference_top1"] == 0.98
    assert labels["drop_points"] == pytest.approx(2.2)
    (agreement,) = view["agreement"]
    assert (agreement["cosine"], agreement["sqnr_db"]) == (0.9912, 21.4)
    assert [own["name"] for own in view["own"]] == [METRIC]
    assert view["skipped_names"] == ["a: no"]
    assert body["sqnr_dataset"] == "digits, held out"
    assert body["reverted"][0]["ops"] == ["block/dw", "fc"]
    by_label = {group["label"]: group["sqnr_db"] for group in body["groups"]}
    assert by_label["stem"] == SQNR_DB["stem/hswish"]
    assert by_label["block/dw"] == SQNR_DB["block/dw"]
    assert by_label["softmax"] is None


def test_a_layer_has_the_sqnr_of_its_last_source_op_that_has_one(judged: Path) -> None:
    with closing(Store(judged).index()) as index:
        cells = {cell.cell_id: cell for cell in queries.cells(index)}
        a, b = cells[cell_id_of()], cells[cell_id_of(arm=ARMS[2])]
        found = compare_cells(index, a, b)
        swapped = compare_cells(index, b, a)
    stem = next(group for group in found.groups if group.label == "stem")
    dw = next(group for group in found.groups if group.label == "block/dw")
    assert (stem.source_ops, stem.sqnr_db) == (("stem", "stem/hswish"), 38.5)
    assert (dw.source_ops, dw.sqnr_db) == (("block/dw", "block/dw/relu"), 12.5)
    assert {group.sqnr_db for group in swapped.groups} == {None}
    assert [view.variant_kind for view in swapped.accuracy] == ["int8-simplified"]
    assert "bar_missed" in {caution.caution_id for caution in swapped.cautions}


WORST = [("block/dw", 12.5), ("block/pw", 24.0), ("fc", 27.5), ("stem", 38.5)]
HEADING = "Layers whose output suffers most in int8-simplified, on digits, held out"


def test_compare_lists_the_layers_whose_output_suffers_most(
    judged: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, "compare", *PAIR, "--data", judged)
    _, _, section = out.partition(HEADING)
    assert section.startswith(" layer type SQNR difference block/dw ")
    assert "12.5 dB" in section.partition("block/pw")[0]
    assert "SQNR is that of int8-simplified against fp32 where the layer ends" in section
    assert cli.main(["compare", *PAIR, "--data", str(judged), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert [(one["label"], one["sqnr_db"]) for one in body["worst_layers"]] == WORST
    deltas = {group["label"]: group["delta_us"] for group in body["groups"]}
    assert [one["delta_us"] for one in body["worst_layers"]] == [deltas[name] for name, _ in WORST]


def _compared(root: Path, alter: stores.Alter) -> Comparison:
    """fp32@f32 against INT8 of the judged store, altered."""
    stores.altered_store(root, alter)
    with closing(planted_accuracy(root).index()) as index:
        cells = {cell.cell_id: cell for cell in queries.cells(index)}
        return compare_cells(index, cells[cell_id_of()], cells[cell_id_of(arm=ARMS[2])])


def test_the_worst_layers_are_told_without_times_where_their_story_is_withheld(
    tmp_path: Path,
) -> None:
    def equal(fact: Fact) -> Iterator[Fact]:
        yield (
            replace(fact, p50_ms=2.0 + 0.001 * (fact.block or 0), slice_ms=None)
            if isinstance(fact, Launch) and fact.kind == "timing"
            else fact
        )

    found = _compared(tmp_path, equal)
    assert found.attribution is not None
    assert found.attribution.withheld
    text = to_text(comparison_text(found))
    _, _, section = text.partition(HEADING)
    assert section.split()[:3] == ["layer", "type", "SQNR"]
    assert [(one.label, one.sqnr_db, one.delta_us) for one in found.worst_layers] == [
        (*pair, None) for pair in WORST
    ]
    assert "Layers that differ most" not in text


def test_without_a_profile_the_worst_layers_are_source_ops(tmp_path: Path) -> None:
    def unprofiled(fact: Fact) -> Iterator[Fact]:
        if not isinstance(fact, ExecNode | ExecNodeSource):
            yield fact

    found = _compared(tmp_path, unprofiled)
    assert found.groups == ()
    assert [one.label for one in found.worst_layers] == [
        "block/dw", "block/pw", "fc", "stem/hswish", "stem",
    ]  # fmt: skip
    assert found.sqnr_dataset == "digits, held out"
    assert HEADING in to_text(comparison_text(found))


def test_data_that_no_int8_side_was_judged_on_is_no_part_of_a_comparison(tmp_path: Path) -> None:
    """On ``photos`` another INT8 variant and fp32 were judged."""
    planted_store(tmp_path)
    planted_accuracy(tmp_path)
    planted_accuracy(tmp_path, Judged(kind="int8-full", dataset="photos"), day=11)
    with closing(Store(tmp_path).index()) as index:
        cells = {cell.cell_id: cell for cell in queries.cells(index)}
        a, b, int8 = (cells[cell_id_of(arm=arm)] for arm in ARMS)
        data = [
            [(view.variant_kind, view.dataset) for view in compare_cells(index, *pair).accuracy]
            for pair in ((a, int8), (int8, a), (a, b))
        ]
    assert data[0] == data[1] == [("int8-simplified", "digits, held out")]
    assert data[2] == [("fp32", "digits, held out"), ("fp32", "photos")]


def test_a_comparison_without_accuracy_says_nothing_of_it(tmp_path: Path) -> None:
    with closing(planted_store(tmp_path).index()) as index:
        cells = {cell.cell_id: cell for cell in queries.cells(index)}
        found = compare_cells(index, cells[cell_id_of()], cells[cell_id_of(arm=ARMS[2])])
        text = to_text(comparison_text(found))
    assert (found.accuracy, found.reverted, found.sqnr_dataset) == ((), (), None)
    assert not [word for word in ("SQNR", "Accuracy", "McNemar") if word in text]


def test_the_verdict_table_has_a_line_with_the_accuracy_of_the_arm(judged: Path) -> None:
    with closing(Store(judged).index()) as index:
        rows = overview(index)
        text = to_text(verdicts_text(rows))
        body = json.loads(overview_json("run", rows))
        head = overview_headline(picks(rows, "fp32@f32"), "fp32@f32")
    lines = text.splitlines()
    at = lines.index("tiny")
    assert lines[at + 1].startswith(
        "  top-1 95.8 % (93.7-97.2), fp32 98.0 % (96.4-98.9): 2.2 points lower, a real drop, "
    )
    assert "  int8-simplified is made for speed, not for accuracy" in lines[at + 2 : at + 4]
    assert any(line.startswith("! fp32@f32") for line in lines[at + 3 : at + 5])
    assert "not what was asked for" in text
    arms = {arm["arm"]: arm["accuracy"] for arm in body["arms"]}
    assert arms[ARMS[2]][0]["labels"][0]["mcnemar_p"] == P_VALUE
    assert arms[ARMS[0]][0]["labels"][0]["top1"] == 0.98
    assert head.sentence.endswith("2.2 points lower, the drop is real (McNemar p = 0.013).")


def test_the_headline_counts_a_variant_on_two_devices_once(tmp_path: Path) -> None:
    planted_store(tmp_path, models=("tiny", "other"))
    planted_store(tmp_path, models=("tiny", "other"), name="second")
    planted_accuracy(tmp_path)
    planted_accuracy(tmp_path, Judged(model="other", only_fp32=8), day=11)
    with closing(Store(tmp_path).index()) as index:
        head = overview_headline(picks(overview(index), "fp32@f32"), "fp32@f32")
    assert head.sentence.endswith("On labelled data 1 of 2 lost accuracy beyond chance.")


def test_a_store_of_one_quantized_run_is_listed_verified_and_rebuilt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted_accuracy(tmp_path, Judged(kind="int8-full", note=NOTE))
    code, out, err = run(capsys, "list", "--data", tmp_path)
    assert (code, err) == (0, "")
    assert out.startswith("Quantised, not measured yet tiny: int8-full top-1 95.8 % (93.7-97.2)")
    assert NOTE in out
    assert cli.main(["list", "--data", str(tmp_path), "--json"]) == 0
    body = json.loads(capsys.readouterr().out)
    assert body["cells"] == []
    assert body["unmeasured"][0]["accuracy"][0]["labels"][0]["mcnemar_p"] == P_VALUE
    assert run(capsys, "verify", "--data", tmp_path)[0] == 0
    assert run(capsys, "rebuild", "--data", tmp_path)[0] == 0
    code, out, err = run(capsys, "compare", *PAIR, "--data", tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "none that was measured" in err


def test_a_measured_variant_is_not_listed_as_unmeasured(judged: Path) -> None:
    with closing(Store(judged).index()) as index:
        assert accuracy_queries.unmeasured_variants(index) == ()
        (run_id,) = [run.run_id for run in queries.run_views(index) if run.kind == "quantized"]
        made = accuracy_queries.variants_of_run(index, run_id)
        (data,) = accuracy_queries.datasets_of_run(index, run_id)
        titles = queries.run_views(index)[0].model_titles
    assert [one.variant.kind for one in made] == ["fp32", "int8-simplified"]
    assert (data.name, data.skipped_names, titles) == ("digits, held out", ("a: no",), ("Tiny",))
    lines = judged_lines(made[1])
    assert lines[0].startswith("Accuracy on digits, held out")
    assert "kept in float" in lines[-1]


def test_the_newest_judgement_of_a_variant_on_a_dataset_counts(tmp_path: Path) -> None:
    planted_accuracy(tmp_path, Judged(only_fp32=14), day=12)
    planted_accuracy(tmp_path, Judged(only_fp32=8), day=11)
    with closing(Store(tmp_path).index()) as index:
        views = accuracy_queries.accuracy(index)
    view = next(v for v in views if v.variant_id == variant_id_of("tiny", "int8-simplified"))
    assert view.labels[0].only_reference_right == 14


def test_a_later_run_without_a_variant_leaves_its_drop_and_its_skipped_samples_alone(
    tmp_path: Path,
) -> None:
    """The second run judged fp32 otherwise, with another variant, and could read every sample."""
    simplified, full = Judged(skipped=("a: no",)), Judged(kind="int8-full", fp32_top1=0.95)
    planted_accuracy(tmp_path, simplified, day=11)
    planted_accuracy(tmp_path, full, day=12)
    with closing(Store(tmp_path).index()) as index:
        views = {view.variant_id: view for view in accuracy_queries.accuracy(index)}
        runs = [run.run_id for run in queries.run_views(index)]
        data = [accuracy_queries.datasets_of_run(index, run)[0].skipped_names for run in runs]
    old, new = views[simplified.variant_id], views[full.variant_id]
    assert old.labels[0].drop_points == pytest.approx(2.2)
    assert old.own[0].difference == pytest.approx(-0.022)
    assert (old.skipped, old.skipped_names) == (1, ("a: no",))
    assert new.labels[0].drop_points == pytest.approx(-0.8)
    assert (new.skipped, new.skipped_names) == (0, ())
    assert views[simplified.float_id].labels[0].top1.value == 0.95
    assert data == [(), ("a: no",)]


def test_a_newer_judgement_replaces_an_older_one_with_all_its_rows(tmp_path: Path) -> None:
    planted_accuracy(tmp_path, Judged(), day=11)
    planted_accuracy(tmp_path, Judged(labelled=False), day=12)
    with closing(Store(tmp_path).index()) as index:
        views = accuracy_queries.accuracy(index, None)
    view = next(view for view in views if view.variant_id == Judged().variant_id)
    assert (view.labels, view.own) == ((), ())
    assert view.agreements


def test_compare_takes_the_newest_of_two_recipes_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_recipes(tmp_path)
    first = variant_id_of("tiny", "int8-simplified")
    assert cli.main(["compare", *PAIR, "--data", str(tmp_path), "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["candidate"]["variant_id"] == SECOND_VARIANT
    assert f"variant={SECOND_VARIANT}, the newest measured, is taken; the others are {first}" in err
    code, out, err = run(
        capsys, "compare", PAIR[0], f"variant={first[:6]}", "--data", tmp_path, "--json"
    )
    assert (code, err) == (0, "")
    assert json.loads(out)["candidate"]["variant_id"] == first
