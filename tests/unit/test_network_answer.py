"""Why one network gains and the other does not: what may be said of which facts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from results.activations import Activation, ActivationRun
from results.comparison import Estimate, Verdict
from results.network_answer import Judged, evidence, headline, reason_of
from results.network_costs import Cost, CostKind, Costs, TypeCost
from results.network_place import Pair, Wanted, models_of, pair_of, place_of
from results.networks import Network, TypeCount
from results.overview import OverviewRow, overview
from results.store import Store
from tests.planted import ARMS, model_id_of, planted_store

_RELU6 = Activation("ReLU6", ("r",), ("Clamp",))


def _estimate(verdict: Verdict, ratio: float, spread: float = 0.05) -> Estimate:
    return Estimate(verdict, ratio, ratio - spread, ratio + spread, True, 5, None, 2.0, 2.0 * ratio)


def _costs(kind: CostKind, *parts: TypeCost, count: int = 0, withheld: bool = False) -> Costs:
    """All costs; that of this kind has these parts and is as large as the largest of them."""
    share = max((part.share for part in parts), default=0.0)
    costs = tuple(
        Cost(one, count, 1000 * share, share, parts) if one is kind else Cost(one, 0, 0.0, 0.0, ())
        for one in CostKind
    )
    return Costs("fp32@default", "int8", 1000.0, withheld, costs)


def _judged(title: str, estimate: Estimate | None, costs: Costs | None, *types: str) -> Judged:
    counts = tuple(TypeCount(kind, 8, None, 0) for kind in ("Convolution", *types))
    network = Network(title, title, 3_000_000, 1_000_000, counts, (_RELU6,))
    return Judged(network, "int8@default", "fp32@default", estimate, costs, missing="never run")


_APART = (
    "Gated in INT8: of 21 HSwish, 2 Relu, 5 HSwish ran apart from any convolution or matrix "
    "product."
)
_FEW = _costs(CostKind.CONVERSIONS, TypeCost("Convolution", 4, 100, 0.10), count=4)
_MANY = _costs(
    CostKind.CONVERSIONS,
    TypeCost("Convolution", 20, 300, 0.30),
    TypeCost("Multiply", 16, 260, 0.26),
    count=41,
)
_PLAIN = _judged("Plain", _estimate(Verdict.FASTER, 0.6), _FEW)
_GATED = _judged("Gated", _estimate(Verdict.SLOWER, 1.4), _MANY, "Multiply")


def test_the_answer_names_what_only_the_slower_network_has_and_what_it_costs() -> None:
    told = headline("2021.4.2", _PLAIN, _GATED)
    assert told.sentence == (
        "With OpenVINO 2021.4.2 INT8 makes Gated slower, but Plain faster: in Gated 41 conversions "
        "take 30.0 % of INT8's layer time (10.0 % in Plain); 16 of the 41 are next to Multiply, "
        "which Plain has not."
    )
    assert [(one.label, one.value) for one in told.figures] == [
        ("Plain: INT8 speed-up", "▲ 1.67x"),
        ("Gated: INT8 speed-up", "▼ 0.71x"),
        ("Plain: conversions", "10.0 %"),
        ("Gated: conversions", "30.0 %"),
    ]
    assert "1.54x to 1.82x as fast as fp32@default, 5 paired blocks" in told.figures[0].note


def test_the_answer_is_the_same_whichever_stands_left() -> None:
    assert headline("", _GATED, _PLAIN).sentence == headline("", _PLAIN, _GATED).sentence
    assert headline("", _GATED, _PLAIN).figures[0].label.startswith("Gated")


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        ((Verdict.SLOWER, 1.4), (Verdict.EQUIVALENT, 1.0), "makes Gated slower, but not Plain"),
        ((Verdict.SLOWER, 1.4), (Verdict.INCONCLUSIVE, 1.0), "which is not shown for Plain"),
        ((Verdict.INCONCLUSIVE, 1.6), (Verdict.SLOWER, 1.1), "makes Plain slower, which is not"),
        ((Verdict.INCONCLUSIVE, 0.9), (Verdict.FASTER, 0.6), "Plain faster, which is not shown"),
        ((Verdict.EQUIVALENT, 1.0), (Verdict.FASTER, 0.6), "makes Plain faster, but not Gated"),
        ((Verdict.SLOWER, 2.0), (Verdict.SLOWER, 1.2), "both slower, Gated more than Plain"),
        ((Verdict.FASTER, 0.8), (Verdict.FASTER, 0.5), "both faster, Plain more than Gated"),
        ((Verdict.FASTER, 0.6), (Verdict.FASTER, 0.58), "both faster, how much is not told apart"),
        ((Verdict.EQUIVALENT, 1.0), (Verdict.EQUIVALENT, 0.99), "no difference to Plain or Gated"),
        ((Verdict.INCONCLUSIVE, 1.1), (Verdict.INCONCLUSIVE, 1.0), "not shown to make Plain or"),
        ((Verdict.INCONCLUSIVE, 1.1), (Verdict.EQUIVALENT, 1.0), "no difference to Plain; INT8 is"),
    ],
)
def test_what_is_said_follows_the_verdicts(
    low: tuple[Verdict, float], high: tuple[Verdict, float], told: str
) -> None:
    gated = replace(_GATED, estimate=_estimate(*low))
    plain = replace(_PLAIN, estimate=_estimate(*high))
    assert told in headline("", plain, gated).sentence


def test_no_reason_is_told_where_the_two_are_not_told_apart() -> None:
    alike = replace(_GATED, estimate=_estimate(Verdict.FASTER, 0.62))
    told = headline("", _PLAIN, alike)
    assert ":" not in told.sentence
    assert len(told.figures) == 2


def test_no_reason_is_told_where_the_layers_do_not_account_for_it() -> None:
    withheld = replace(_GATED, costs=replace(_MANY, withheld=True))
    assert reason_of(withheld, _PLAIN) is None
    assert ":" not in headline("", _PLAIN, withheld).sentence
    assert any("do not account for" in line for line in evidence([_PLAIN, withheld]))
    assert any("No layers" in line for line in evidence([_PLAIN, replace(_GATED, costs=None)]))


def test_every_network_whose_layers_are_missing_is_named() -> None:
    bare = [replace(one, costs=None) for one in (_PLAIN, _GATED)]
    for judged, names in ((bare, "Plain or Gated"), ([bare[0], _GATED], "Plain")):
        told = f"No layers of {names} are stored for both arms, so no reason is told."
        assert told in evidence(judged)


def test_a_cost_that_is_hardly_larger_is_no_reason() -> None:
    same = replace(_GATED, costs=_FEW)
    assert reason_of(same, _PLAIN) is None


def test_layers_left_in_float_are_told_with_what_they_are() -> None:
    none = _costs(CostKind.LEFT_IN_FLOAT)
    some = _costs(CostKind.LEFT_IN_FLOAT, TypeCost("Convolution", 16, 105, 0.105), count=16)
    told = headline("", replace(_PLAIN, costs=none), replace(_GATED, costs=some)).sentence
    assert told.endswith(
        "in Gated 16 layers that stayed in float take 10.5 % of INT8's layer time (none in Plain); "
        "all 16 are of type Convolution."
    )


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (3, ("3 layers take longer in INT8 than in float, by 17.5 % of INT8's layer time in all "
            "(none in Plain); 1 of the 3 is of type GroupConvolution, which Plain has not.")),
        (1, ("1 layer takes longer in INT8 than in float, by 17.5 % of INT8's layer time "
            "(none in Plain); it is of type GroupConvolution, which Plain has not.")),
    ],
)  # fmt: skip
def test_layers_that_are_slower_are_counted_before_their_type_is_told(
    count: int, told: str
) -> None:
    none = _costs(CostKind.SLOWER)
    some = _costs(CostKind.SLOWER, TypeCost("GroupConvolution", 1, 175, 0.175), count=count)
    said = headline("", replace(_PLAIN, costs=none), replace(_GATED, costs=some)).sentence
    assert said.endswith(f": in Gated {told}")


def test_the_evidence_says_what_each_has_alone_and_how_activations_ran() -> None:
    ran = (ActivationRun("HSwish", 21, 0, 16, 5), ActivationRun("Relu", 2, 0, 2, 0))
    fused = (ActivationRun("ReLU6", 35, 0, 35, 0),)
    lines = evidence([replace(_PLAIN, ran=fused), replace(_GATED, ran=ran)])
    assert lines == (
        "Only Gated has Multiply (8).",
        "Plain in INT8: of 35 ReLU6, all ran inside the layer of a convolution or matrix product.",
        _APART,
    )


def test_activations_that_no_layer_names_are_not_said_to_be_fused() -> None:
    some = (ActivationRun("ReLU6", 35, 0, 22, 0),)
    none = (ActivationRun("ReLU6", 35, 0, 0, 0), ActivationRun("Relu", 2, 0, 0, 0))
    lines = evidence([replace(_PLAIN, ran=some)]) + evidence([replace(_PLAIN, ran=none)])
    assert lines == (
        (
            "Plain in INT8: of 35 ReLU6, 22 ran inside the layer of a convolution or matrix "
            "product; 13 are named by no layer."
        ),
        (
            "Plain in INT8: of 35 ReLU6, 2 Relu, none is named by a layer, so how they ran is "
            "not known."
        ),
    )


def test_one_network_alone_is_told_with_its_size() -> None:
    told = headline("2026.4.1", _GATED, None)
    assert told.sentence == "With OpenVINO 2026.4.1 INT8 makes Gated slower."
    assert [one.value for one in told.figures] == ["▼ 0.71x", "3.00 M", "2.00 MFLOP", "30.0 %"]


def test_where_there_are_several_devices_the_answer_names_its_own() -> None:
    told = headline("2026.4.1", _PLAIN, _GATED, "Intel(R) Core(TM) i5-7440HQ CPU @ 2.80GHz (host4)")
    assert told.sentence.startswith(
        "On Intel Core i5-7440HQ (host4) with OpenVINO 2026.4.1 INT8 makes Gated slower"
    )
    assert headline("", _GATED, None, "AMD EPYC").sentence == "On AMD EPYC INT8 makes Gated slower."


def test_what_was_not_measured_is_said_with_its_reason() -> None:
    told = headline("", _PLAIN, replace(_GATED, estimate=None))
    assert "nothing is known of INT8 for Gated (never run)" in told.sentence
    assert len(told.figures) == 1


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> tuple[OverviewRow, ...]:
    """Two versions; the MobileNets are in the older one alone."""
    root = tmp_path_factory.mktemp("place")
    planted_store(root, models=("mobilenet_v2", "mobilenet-v3-large", "other"), runtime="2025.4.0")
    planted_store(root, models=("other", "last"), runtime="2026.4.1")
    return overview(Store(root).index())


def _names(pair: Pair | None) -> list[str]:
    assert pair is not None
    return [stand.row.model for stand in pair.stands]


def _wanted(**told: str) -> Wanted:
    return Wanted(against=ARMS[1], **told)


def test_the_two_mobilenets_stand_side_by_side_where_nothing_is_chosen(
    rows: tuple[OverviewRow, ...],
) -> None:
    pair = pair_of(rows, _wanted())
    assert _names(pair) == ["mobilenet_v2", "mobilenet-v3-large"]
    assert pair is not None
    assert pair.is_shared
    assert pair.left.verdict is not None


def test_both_stand_in_the_newest_place_that_they_share(rows: tuple[OverviewRow, ...]) -> None:
    pair = pair_of(rows, _wanted(left=model_id_of("other")))
    assert pair is not None
    assert pair.left.row.runtime == "2025.4.0", "the newer one has no MobileNet"
    both = pair_of(rows, _wanted(left=model_id_of("other"), right=model_id_of("last")))
    assert both is not None
    assert both.left.row.runtime == "2026.4.1"
    assert place_of(both.left.row) == place_of(both.stands[1].row)


def test_a_shared_place_without_any_verdict_goes_before_a_newer_one_of_one_alone(
    rows: tuple[OverviewRow, ...],
) -> None:
    failed = [replace(row, verdicts=()) for row in rows]
    wanted = _wanted(left=model_id_of("other"), right=model_id_of("mobilenet_v2"))
    pair = pair_of(failed, wanted)
    assert pair is not None
    assert pair.is_shared


def test_two_that_never_ran_in_one_place_say_so(rows: tuple[OverviewRow, ...]) -> None:
    wanted = _wanted(left=model_id_of("mobilenet_v2"), right=model_id_of("last"))
    pair = pair_of(rows, wanted)
    assert pair is not None
    assert not pair.is_shared


def test_without_the_mobilenets_the_two_that_differ_most(rows: tuple[OverviewRow, ...]) -> None:
    others = [row for row in rows if row.runtime == "2026.4.1"]
    assert _names(pair_of(others, _wanted())) == ["other", "last"]
    assert _names(pair_of(others[:1], _wanted())) == [others[0].model]
    assert pair_of((), _wanted()) is None


def _pinned(rows: tuple[OverviewRow, ...], model: str, runtime: str) -> Wanted:
    """With the judged cell in this model's row, and nothing else chosen."""
    row = next(row for row in rows if (row.model, row.runtime) == (model, runtime))
    return _wanted(candidate=row.verdicts[0].candidate.cell_id)


def test_where_nothing_is_chosen_the_judged_cell_says_where_and_which(
    rows: tuple[OverviewRow, ...],
) -> None:
    for model, runtime, shown in (
        ("other", "2026.4.1", ["other", "last"]),
        ("last", "2026.4.1", ["other", "last"]),
        ("mobilenet_v2", "2025.4.0", ["mobilenet_v2", "mobilenet-v3-large"]),
    ):
        pair = pair_of(rows, _pinned(rows, model, runtime))
        assert _names(pair) == shown
        assert pair is not None
        assert {stand.row.runtime for stand in pair.stands} == {runtime}


def test_beside_the_judged_model_stands_the_one_that_gains_most_unlike_it(
    rows: tuple[OverviewRow, ...],
) -> None:
    ratios = {"mobilenet_v2": 0.5, "mobilenet-v3-large": 0.9, "other": 0.3}
    there = tuple(
        replace(
            row,
            verdicts=tuple(
                replace(one, estimate=replace(one.estimate, ratio=ratios[row.model]))
                for one in row.verdicts
            ),
        )
        for row in rows
        if row.runtime == "2025.4.0"
    )
    assert _names(pair_of(there, _pinned(there, "other", "2025.4.0"))) == [
        "other", "mobilenet-v3-large",
    ]  # fmt: skip
    unsure = [_undecided(row) if row.model == "mobilenet-v3-large" else row for row in there]
    assert _names(pair_of(unsure, _pinned(there, "other", "2025.4.0"))) == [
        "other", "mobilenet_v2",
    ]  # fmt: skip


def _undecided(row: OverviewRow) -> OverviewRow:
    return replace(
        row,
        verdicts=tuple(
            replace(one, estimate=replace(one.estimate, verdict=Verdict.INCONCLUSIVE))
            for one in row.verdicts
        ),
    )


def test_what_is_chosen_goes_before_the_judged_cell(rows: tuple[OverviewRow, ...]) -> None:
    newer = _pinned(rows, "other", "2026.4.1")
    asked = replace(newer, left=model_id_of("mobilenet_v2"), right=model_id_of("other"))
    assert _names(pair_of(rows, asked)) == ["mobilenet_v2", "other"]
    older = pair_of(rows, replace(newer, left=model_id_of("other"), runtime="2025.4.0"))
    assert older is not None
    assert older.left.row.runtime == "2025.4.0"


def _arms_of(row: OverviewRow, **latency_ms: float) -> OverviewRow:
    """The row with INT8 arms of these kinds and times alone; ``_`` stands for ``-``."""
    verdict = next(one for one in row.verdicts if one.baseline.arm == ARMS[1])
    return replace(
        row,
        verdicts=tuple(
            replace(
                verdict,
                candidate=replace(
                    verdict.candidate,
                    cell_id=f"{row.model}-{kind}",
                    arm=f"{kind}@default",
                    variant_kind=kind,
                ),
                estimate=replace(verdict.estimate, candidate_ms=ms),
            )
            for told, ms in latency_ms.items()
            for kind in (told.replace("_", "-"),)
        ),
    )


def _kinds(rows: tuple[OverviewRow, ...], **wanted: str) -> list[str]:
    pair = pair_of(rows, _wanted(**wanted))
    assert pair is not None
    return [stand.verdict.candidate.variant_kind for stand in pair.stands if stand.verdict]


def test_the_arm_is_the_quickest_as_on_the_other_pages(rows: tuple[OverviewRow, ...]) -> None:
    row = _arms_of(rows[0], int8_native=0.1, int8_simplified=0.2, int8_full=0.3)
    assert _kinds((row,)) == ["int8-native"]


def test_the_arm_that_is_asked_for_goes_first_then_that_of_the_judged_cell(
    rows: tuple[OverviewRow, ...],
) -> None:
    row = _arms_of(rows[0], int8_native=0.1, int8_simplified=0.2, int8_full=0.3)
    judged = {"candidate": f"{row.model}-int8-full"}
    assert _kinds((row,), **judged) == ["int8-full"]
    assert _kinds((row,), arm="int8-simplified@default", **judged) == ["int8-simplified"]
    assert _kinds((row,), candidate="a cell of another model") == ["int8-native"]


def test_both_networks_stand_in_one_arm_where_both_have_it(rows: tuple[OverviewRow, ...]) -> None:
    """So that they differ by the network; the arm that the left one is quickest in."""
    both = {row.model: row for row in rows if row.runtime == "2025.4.0"}
    left = _arms_of(both["mobilenet_v2"], int8_native=0.1, int8_full=0.2)
    right = _arms_of(both["mobilenet-v3-large"], int8_native=0.2, int8_full=0.1)
    assert _kinds((left, right)) == ["int8-native", "int8-native"]
    alone = _arms_of(both["mobilenet-v3-large"], int8_full=0.1)
    assert _kinds((left, alone)) == ["int8-native", "int8-full"]


def test_an_arm_that_is_not_the_quickest_is_shown_with_the_one_that_is(
    rows: tuple[OverviewRow, ...],
) -> None:
    row = _arms_of(rows[0], int8_native=0.1, int8_full=0.3)
    slow, quick = (
        pair_of((row,), _wanted(arm=f"{kind}@default")) for kind in ("int8-full", "int8-native")
    )
    assert slow is not None
    assert quick is not None
    assert quick.left.quicker is None
    assert slow.left.quicker == row.verdicts[0]
    (told,) = evidence([replace(_PLAIN, arm="int8-full@default", quicker=slow.left.quicker)])
    assert told.startswith(
        "Plain is shown as int8-full@default; its lowest time in INT8 is that of "
        "int8-native@default ("
    )


def test_one_network_asked_for_on_both_sides_counts_for_the_left(
    rows: tuple[OverviewRow, ...],
) -> None:
    same = model_id_of("last")
    twice = _wanted(left=same, right=same)
    assert twice.is_twice
    assert _names(pair_of(rows, twice)) == _names(pair_of(rows, _wanted(left=same)))
    assert _names(pair_of(rows, twice)) == ["last", "mobilenet_v2"]
    alone = [row for row in rows if row.model == "last"]
    assert _names(pair_of(alone, twice)) == ["last"]


def test_models_of_one_title_are_told_apart(rows: tuple[OverviewRow, ...]) -> None:
    twin = replace(rows[0], model_id="twin")
    titles = models_of([*rows, twin])
    assert titles["twin"] == f"{rows[0].model_title} (twin)"
    assert len(set(titles.values())) == len(titles)
