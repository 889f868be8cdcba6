"""Markdown for a pull request: everything that decides, and no markup out of a name."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from results import queries
from results.compare import compare_cells
from results.comparison import PUBLISHED, Comparison, Estimate, FoundCause, Verdict
from results.comparison_words import no_causes_words
from results.gates import FailOn, Limits, judge_gates
from results.inserted import CANDIDATE
from results.layer_calls import Call
from results.markdown import comparison_markdown, escaped
from results.render import comparison_text, to_text
from results.store import Store
from tests.planted import ARMS, THROUGHPUT, planted_store
from tests.planted_peaks import planted_peaks

CAUSES = tuple(
    FoundCause(f"cause{at}", f"Title {at}", 50.0 - at, "seen", "do it", "high", (), 1.9 - at / 10)
    for at in range(5)
)
EVIL = "a|b`c`<script>alert(1)</script>**d**[e](http://f)\n# g @someone & &lt; _h_ i_j $k$"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """INT8 against f32, in latency."""
    return compared(planted_store(tmp_path_factory.mktemp("store")))


def compared(store: Store) -> Comparison:
    with closing(store.index()) as index:
        cells = {cell.arm: cell for cell in queries.cells(index)}
        return compare_cells(index, cells[ARMS[0]], cells[ARMS[2]])


def rows(text: str, first: str) -> list[list[str]]:
    """The cells of the rows that start with ``first``."""
    return [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.splitlines()
        if line.startswith(f"| {first}")
    ]


def test_it_has_the_verdict_the_times_the_ratio_and_names_the_baseline(found: Comparison) -> None:
    text = comparison_markdown(found)
    assert text.startswith(
        "### \N{BLACK UP-POINTING TRIANGLE} faster: 1.82x, int8-simplified@default against fp32@f32"
    )
    (baseline,), (candidate,) = rows(text, "baseline"), rows(text, "candidate |")
    assert (baseline[1], baseline[-1]) == ("fp32@f32", "2.00 ms")
    assert (candidate[1], candidate[-1]) == ("int8-simplified@default", "1.10 ms")
    (ratio,), (speedup,) = rows(text, "ratio"), rows(text, "speed-up")
    assert re.fullmatch(r"0\.55\d \(0\.5\d\d to 0\.5\d\d\)", ratio[-1])
    assert re.fullmatch(r"1\.82x \(1\.\d+x to 1\.\d+x\)", speedup[-1])
    assert "5 paired blocks" in text


def test_the_waterfall_is_a_table_that_ends_with_the_sum(found: Comparison) -> None:
    text = comparison_markdown(found)
    assert found.attribution is not None
    assert "| where the time goes, per inference | candidate - baseline |" in text
    assert rows(text, "unattributed")
    assert rows(text, "wall-clock difference")[0][1].endswith("µs")
    for group_class, _ in found.attribution.parts:
        assert group_class.value.split("_")[-1] in text


def test_gates_stand_with_their_figures(found: Comparison) -> None:
    gates = judge_gates(found, Limits(min_speedup=3.0, fail_on=(FailOn.SLOWER,)))
    text = comparison_markdown(found, gates)
    assert "**Gates: 1 of 2 failed**" in text
    (speedup,), (verdict,) = rows(text, "--min-speedup"), rows(text, "--fail-on")
    assert speedup[:2] == ["--min-speedup 3", "failed"]
    assert speedup[2].startswith("1.82x is below 3.00x")
    assert verdict[:2] == ["--fail-on slower", "passed"]
    assert "Gates" not in comparison_markdown(found)
    assert "**Gates: all 1 passed**" in comparison_markdown(found, gates[1:])


def test_the_top_causes_come_with_what_they_would_give_and_what_to_do(found: Comparison) -> None:
    text = comparison_markdown(replace(found, causes=CAUSES))
    assert (
        "- **Title 0** (cause0): up to 50.0 µs to win back, 1.90x without it, confidence high."
        " seen."
        " What to do: do it\n" in text
    )
    assert text.index("cause0") < text.index("cause2")
    assert "cause3" not in text
    assert "2 more causes" in text


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("run me --ignore-name a_b*", "`run me --ignore-name a_b*`"),
        ("run 'a`b``c'", "``` run 'a`b``c' ```"),
        ("run " + "a" * 3000, "too long for a comment; `python -m results compare` has it"),
    ],
)
def test_a_cause_comes_with_its_command_as_it_is_typed(
    found: Comparison, command: str, told: str
) -> None:
    first, *others = CAUSES[:2]
    text = comparison_markdown(replace(found, causes=(replace(first, command=command), *others)))
    assert f"What to do: do it  \n  Command: {told}\n- **Title 1**" in text
    assert text.count("Command:") == 1, "a cause without a command has no line for it"


def test_where_no_cause_is_told_it_says_why(found: Comparison) -> None:
    assert "No cause of the catalogue was found in this pair." in comparison_markdown(
        replace(found, causes=())
    )
    turned = replace(found, causes=(), baseline=found.candidate, candidate=found.baseline)
    text = comparison_markdown(turned)
    assert "Causes were not looked for: they are told of INT8 against float only." in text
    assert no_causes_words(turned) in " ".join(to_text(comparison_text(turned)).split())


def test_layers_have_their_interval_what_was_possible_and_the_roof(tmp_path: Path) -> None:
    device_id = compared(planted_store(tmp_path)).candidate.device_id
    text = comparison_markdown(compared(planted_peaks(tmp_path, device_id)))
    (stem,) = rows(text, "stem")
    assert re.fullmatch(r"[+-][\d.]+ to [+-][\d.]+", stem[6])
    assert stem[7] in set(Call)
    assert re.fullmatch(r"\d\.\d\dx(?: of|, over) \d\.\d\dx", stem[8])
    assert re.fullmatch(r"\d[\d.]* % -> \d[\d.]* %", stem[9])
    assert stem[10] in {"memory", "computing"}
    assert "faster and slower: beyond chance" in text


@pytest.mark.parametrize(
    ("producer_op", "consumer_op", "shown"),
    [("fc", "the output", "fc and the output"), (None, None, "exec_a and \N{EN DASH}")],
)
def test_what_is_inserted_stands_between_operations_of_the_model_where_they_are_known(
    found: Comparison, producer_op: str | None, consumer_op: str | None, shown: str
) -> None:
    (node,) = (one for one in found.inserted if one.side == CANDIDATE)
    node = replace(
        node, producer="exec_a", consumer=None, producer_op=producer_op, consumer_op=consumer_op
    )
    text = comparison_markdown(replace(found, inserted=(node,)))
    (reorder,) = [row for row in rows(text, node.layer.name) if len(row) == 4]
    assert reorder[2] == shown


def test_withheld_layers_are_not_shown(found: Comparison) -> None:
    assert found.attribution is not None
    text = comparison_markdown(
        replace(found, attribution=replace(found.attribution, withheld=True))
    )
    assert "Withheld: what the layers do not explain" in text
    assert "Layers that differ most" not in text
    assert rows(text, "unattributed")
    assert not rows(text, "layers")


def test_the_ceiling_is_told_and_never_as_possible_where_it_is_passed(found: Comparison) -> None:
    told = replace(found, sentence="A sentence.")
    ceiling = told.ceiling
    assert ceiling is not None
    below, above = replace(ceiling, model=4.0), replace(ceiling, model=1.5)
    assert "1.82x of a possible 4.00x" in comparison_markdown(replace(told, ceiling=below))
    passed = comparison_markdown(replace(told, ceiling=above))
    assert "1.82x, more than the 1.50x that convolutions and matrix products alone" in passed
    assert "of a possible" not in passed


def test_throughput_is_told_per_item(tmp_path: Path) -> None:
    text = comparison_markdown(compared(planted_store(tmp_path, drive=THROUGHPUT)))
    assert rows(text, "baseline")[0][-1] == "2.00 ms per item, 500 /s"
    assert "per item | candidate - baseline" in text


def test_figures_that_were_told_get_no_verdict(found: Comparison) -> None:
    told = replace(
        found,
        baseline=replace(found.baseline, origin=PUBLISHED),
        estimate=Estimate(Verdict.INCONCLUSIVE, 0.5, None, None, False, 1, None, 2.0, 1.0),
    )
    text = comparison_markdown(told)
    assert text.startswith("### told, not measured: 2.00x")


def test_cautions_are_folded_away(found: Comparison) -> None:
    text = comparison_markdown(found)
    folded = text[text.rindex("<details><summary>") :]
    assert re.match(r"<details><summary>\d+ cautions?</summary>\n\n- ", folded)
    assert folded.endswith("\n\n</details>")
    assert all(escaped(caution.action) in folded for caution in found.cautions)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("mobilenet_v3_large", "mobilenet_v3_large"),
        ("fp32@f32", "fp32@f32"),
        ("a|b", r"a\|b"),
        ("`rm`", r"\`rm\`"),
        ("<b>", "&lt;b>"),
        ("&lt;", "&amp;lt;"),
        ("**x**", r"\*\*x\*\*"),
        ("_x_", r"\_x\_"),
        ("[x](y)", r"\[x\](y)"),
        ("\\|", r"\\\|"),
        ("@someone", "@\N{WORD JOINER}someone"),
        ("- x", r"\- x"),
        ("1. x", r"1\. x"),
        ("1.94x", "1.94x"),
        ("    code", "code"),
        ("a\nb\x1b[2J", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}\\[2J"),
    ],
)
def test_a_name_reads_as_itself(name: str, shown: str) -> None:
    assert escaped(name) == shown


def test_no_name_becomes_markup(found: Comparison) -> None:
    """The same lines, tables and details as with a harmless name."""

    def named(name: str) -> str:
        groups = tuple(replace(group, label=name, op_type=name) for group in found.groups)
        inserted = tuple(
            replace(node, layer=replace(node.layer, name=name), producer_op=name, consumer_op=name)
            for node in found.inserted
        )
        causes = (replace(CAUSES[0], title=name, evidence=name, action=name),)
        cautions = tuple(replace(one, message=name, action=name) for one in found.cautions)
        cell = replace(found.candidate, model=name, device=name, arm=name, runtime=name)
        return comparison_markdown(
            replace(found, groups=groups, inserted=inserted, causes=causes, cautions=cautions,
                    candidate=cell, sentence=name)
        )  # fmt: skip

    evil, harmless = named(EVIL), named("name")
    assert len(evil.splitlines()) == len(harmless.splitlines())
    assert re.findall(r"<[^>]*>", evil) == re.findall(r"<[^>]*>", harmless)
    for line, plain in zip(evil.splitlines(), harmless.splitlines(), strict=True):
        assert len(re.findall(r"(?<!\\)\|", line)) == len(re.findall(r"(?<!\\)\|", plain))
        assert not re.findall(r"(?<!\\)[`\[]", line.replace("`python -m results compare`", ""))
        assert "@someone" not in line


def test_a_name_of_any_length_leaves_a_comment_that_is_accepted(found: Comparison) -> None:
    groups = tuple(replace(group, label="|" * 50_000) for group in found.groups)
    cell = replace(found.candidate, model="m" * 50_000)
    text = comparison_markdown(replace(found, groups=groups, candidate=cell, sentence="s" * 90_000))
    assert len(text) < 65_536
