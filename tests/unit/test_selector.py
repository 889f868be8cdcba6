"""A selector means one cell or says what there is."""

from __future__ import annotations

import dataclasses
from itertools import permutations

import pytest

from results.comparison import CellView
from results.errors import UsageError
from results.selector import parse, select, select_pair
from results.views import RunCell

ARMS = ("fp32@f32", "fp32@default", "int8-simplified@default")
XEON = "Intel(R) Xeon(R) Gold"
CAPPED = f"{XEON}, capped to AVX2"


def cell(model: str, arm: str, device: str, runtime: str) -> CellView:
    kind, precision = arm.split("@")
    return CellView(
        cell_id=f"{model}/{arm}/{device}/{runtime}", device_id=f"id of {device}",
        runtime_id=f"{runtime}-1234-build", model_id=f"id of {model}", variant_id="v",
        model=model, model_title=model.title(), model_note=None, arm=arm, variant_kind=kind,
        precision=precision, device=device, machine_id="m", isa_cap=None, isa_flags=(),
        runtime=runtime, scenario="latency", batch=1, streams=1, threads=None, requests=None,
    )  # fmt: skip


CELLS = tuple(
    cell(model, arm, device, runtime)
    for model in ("mobilenet-v2", "mobilenet-v3-large", "resnet50")
    for device in (XEON, CAPPED)
    for runtime in ("2023.0.1", "2026.4.1")
    for arm in ARMS
)
ONE = [c for c in CELLS if c.device == XEON and c.runtime == "2026.4.1"]
RUN_CELLS = (
    *(RunCell("20261101T120000Z-aaaaaa", c.cell_id) for c in CELLS[:12]),
    *(RunCell("20261102T120000Z-bbbbbb", c.cell_id) for c in CELLS),
)


def pick(text: str, cells: tuple[CellView, ...] = CELLS) -> CellView:
    return select(cells, parse(text), run_cells=RUN_CELLS)


def test_every_cell_is_found_by_its_parts_and_by_its_id() -> None:
    for wanted in CELLS:
        text = (
            f"model={wanted.model},arm={wanted.arm},device={wanted.device},"
            f"runtime={wanted.runtime},scenario=latency"
        )
        assert pick(text) is wanted
        assert pick(f"cell={wanted.cell_id}") is wanted


def test_of_two_variants_of_one_arm_the_newest_measured_is_taken_and_said() -> None:
    """Two recipes of one kind: nothing but the variant tells their cells apart."""
    old = dataclasses.replace(ONE[2], variant_id="aa11", cell_id="old")
    new = dataclasses.replace(ONE[2], variant_id="aa22", cell_id="new")
    runs = (RunCell("20261103T120000Z-cccccc", "old"), RunCell("20261102T120000Z-dddddd", "new"),
            RunCell("20261104T120000Z-aaaaaa", "new"))  # fmt: skip
    cells = (ONE[0], new, old)
    pair = select_pair(cells, f"arm={ARMS[0]}", f"arm={ARMS[2]}", run_cells=runs)
    assert pair.candidate is new
    (note,) = pair.notes
    assert "variant=aa22, the newest measured, is taken; the others are aa11" in note
    named = select_pair(cells, f"arm={ARMS[0]}", "variant=aa1", run_cells=runs)
    assert (named.candidate, named.notes) == (old, ())
    assert select(cells, parse(f"arm={ARMS[2]},variant=AA11"), run_cells=runs) is old
    with pytest.raises(UsageError, match="no cell has variant=a22"):
        select(cells, parse("variant=a22"), run_cells=runs)


def test_variants_on_two_devices_have_to_be_told_apart() -> None:
    cells = [
        dataclasses.replace(c, variant_id=f"v{number}", cell_id=f"c{number}")
        for number, c in enumerate(c for c in CELLS if c.arm == ARMS[2])
    ]
    with pytest.raises(UsageError, match="fits") as caught:
        select(cells, parse("model=resnet50"), run_cells=RUN_CELLS)
    assert "add variant or device or runtime" in caught.value.hint


def test_bare_id_is_a_selector() -> None:
    plain = dataclasses.replace(CELLS[0], cell_id="081c835e18d90723")
    assert pick("081c835e18d90723", (plain, *CELLS)) is plain


def test_value_with_commas_is_one_value() -> None:
    assert parse(f"device={CAPPED},arm=fp32@f32").parts == (
        ("device", CAPPED), ("arm", "fp32@f32"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "MODEL=ResNet50,Arm=FP32@F32", "model=resnet,arm=fp32@f32", "model=net50,arm=fp32@f32",
        " model = resnet50 , arm = fp32@f32 ", "model=id of resnet50,arm=fp32@f32",
    ],
)  # fmt: skip
def test_case_prefix_and_middle_are_enough(text: str) -> None:
    found = select(ONE, parse(text))
    assert (found.model, found.arm) == ("resnet50", "fp32@f32")


def test_exact_name_goes_before_a_name_that_begins_with_it() -> None:
    assert pick(f"model=resnet50,arm=fp32@f32,runtime=2026,device={XEON}").device == XEON
    assert pick("model=resnet50,arm=fp32@f32,runtime=2023,device=capped").device == CAPPED


def test_arm_is_never_guessed_from_its_beginning() -> None:
    with pytest.raises(UsageError, match="no cell has arm=fp32") as caught:
        select(ONE, parse("model=resnet50,arm=fp32"))
    assert "fp32@f32" in caught.value.hint
    assert "int8-simplified@default" in caught.value.hint


def test_ambiguity_lists_at_most_eight_and_what_would_tell_them_apart() -> None:
    with pytest.raises(UsageError, match="fits 36 cells") as caught:
        select(CELLS, parse("scenario=latency"))
    assert caught.value.exit_code == 2
    assert caught.value.hint.count("cell=") == 8
    assert "28 more" in caught.value.hint
    assert "add model or arm or device or runtime" in caught.value.hint


def test_two_models_that_begin_alike_are_not_guessed() -> None:
    with pytest.raises(UsageError, match="fits 2 cells"):
        select(ONE, parse("model=mobilenet,arm=fp32@f32"))


def test_no_match_says_what_there_is() -> None:
    with pytest.raises(UsageError, match="no cell has model=vgg") as caught:
        select(ONE, parse("model=vgg"))
    assert caught.value.hint == "there is mobilenet-v2; mobilenet-v3-large; resnet50"


def test_nothing_measured_is_said_so() -> None:
    with pytest.raises(UsageError, match="no cell"):
        select((), parse("model=vgg"))


@pytest.mark.parametrize("text", ["", "  ", "model=", "=x", "model=a,model=b", "colour=red", ","])
def test_what_is_no_selector_is_wrong_use(text: str) -> None:
    with pytest.raises(UsageError):
        pick(text)


def test_text_of_a_query_is_only_text() -> None:
    with pytest.raises(UsageError, match="no cell has model="):
        pick("model=x' OR 1=1; DROP TABLE cells; --")


def test_run_narrows_to_its_cells_and_may_be_shortened() -> None:
    found = pick(f"run=20261101,arm=fp32@f32,device={XEON},runtime=2026.4.1")
    assert found.model == "mobilenet-v2"
    with pytest.raises(UsageError, match="not in the store"):
        pick("run=1999,arm=fp32@f32")
    with pytest.raises(UsageError, match="fits several runs"):
        pick("run=2026,arm=fp32@f32")


def test_candidate_takes_from_the_baseline_what_it_leaves_open() -> None:
    pair = select_pair(
        CELLS, "model=resnet50,arm=fp32@f32,device=capped,runtime=2023.0.1",
        "arm=int8-simplified@default",
    )  # fmt: skip
    assert pair.candidate == cell("resnet50", "int8-simplified@default", CAPPED, "2023.0.1")
    assert pair.run_id is None


def test_candidate_may_differ_in_what_it_names() -> None:
    baseline = f"model=resnet50,arm=fp32@f32,device={XEON},runtime=2023.0.1"
    pair = select_pair(CELLS, baseline, "runtime=2026.4.1,arm=fp32@f32")
    assert (pair.candidate.runtime, pair.candidate.model) == ("2026.4.1", "resnet50")


def test_run_of_a_pair_is_named_once_and_in_full() -> None:
    common = f"model=mobilenet-v2,device={XEON},runtime=2026.4.1"
    pair = select_pair(
        CELLS, f"{common},arm=fp32@f32,run=20261101", "arm=fp32@default", run_cells=RUN_CELLS
    )
    assert pair.run_id == "20261101T120000Z-aaaaaa"
    with pytest.raises(UsageError, match="two runs"):
        select_pair(
            CELLS, f"{common},arm=fp32@f32,run=20261101", "arm=fp32@default,run=20261102",
            run_cells=RUN_CELLS,
        )  # fmt: skip


MATRIX = tuple(
    dataclasses.replace(
        cell("net", arm, XEON, "2026.4.1"), cell_id=f"{arm}-{name}-{batch}-{streams}",
        scenario=name, batch=batch, streams=streams, requests=requests,
    )
    for arm in ARMS
    for name, batch, streams, requests in (
        ("latency", 1, 1, None), ("throughput", 1, None, None), ("throughput", 8, None, None),
        ("throughput", 8, 4, 16),
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "cell_id"),
    [
        ("scenario=latency", "fp32@f32-latency-1-1"),
        ("scenario=throughput,batch=1", "fp32@f32-throughput-1-None"),
        ("batch=8,streams=auto", "fp32@f32-throughput-8-None"),
        ("Streams=4", "fp32@f32-throughput-8-4"),
        ("requests=16,threads=auto", "fp32@f32-throughput-8-4"),
    ],
)
def test_scenarios_of_a_matrix_are_told_apart(text: str, cell_id: str) -> None:
    assert select(MATRIX, parse(f"arm=fp32@f32,{text}")).cell_id == cell_id


def test_what_differs_between_scenarios_is_named() -> None:
    with pytest.raises(UsageError, match="fits 2 cells") as caught:
        select(MATRIX, parse("arm=fp32@f32,batch=8"))
    assert "add streams or requests; there is" in caught.value.hint
    assert "streams=auto requests=auto" in caught.value.hint
    with pytest.raises(UsageError, match="no cell has batch=2") as caught:
        select(MATRIX, parse("batch=2"))
    assert caught.value.hint == "there is 1; 8"


def test_candidate_takes_the_scenario_with_its_numbers_from_the_baseline() -> None:
    for wanted in MATRIX[:4]:
        pair = select_pair(MATRIX, f"cell={wanted.cell_id}", f"arm={ARMS[2]}")
        assert pair.candidate.cell_id == wanted.cell_id.replace(ARMS[0], ARMS[2])


def test_the_order_of_the_parts_means_nothing() -> None:
    """A version that another model has by this very name hides none that begins with it."""
    cells = (
        cell("a", ARMS[0], XEON, "2024.6.0"), cell("a", ARMS[1], XEON, "2024.6.0"),
        cell("b", ARMS[0], XEON, "2024.6"), cell("b", ARMS[0], CAPPED, "2024.6.0"),
    )  # fmt: skip
    parts = (f"arm={ARMS[0]}", "runtime=2024.6", "model=a", "device=Xeon")
    found = {pick(",".join(order), cells) for order in permutations(parts)}
    assert found == {cells[0]}


def test_openvino_is_another_word_for_runtime() -> None:
    found = pick(f"model=resnet50,arm=fp32@f32,OpenVINO=2023,device={XEON}")
    assert found.runtime == "2023.0.1"
    assert parse("openvino=2023").parts == (("runtime", "2023"),)
    with pytest.raises(UsageError, match="names a part twice"):
        parse("openvino=2023,runtime=2024")


def test_a_model_is_found_however_it_is_spelled() -> None:
    cells = (cell("resnet_50", ARMS[0], XEON, "1"), cell("resnet_500", ARMS[0], XEON, "1"))
    for text in ("model=ResNet-50", "model=resnet 50", "model=resnet_50"):
        assert pick(text, cells) is cells[0]
