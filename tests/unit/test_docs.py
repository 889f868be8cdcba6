"""The README, the docs, the images and ``--help`` say what the code does."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from itertools import product
from pathlib import Path

import pytest
import typer
from typer.main import get_command

import collector.cli
import results.cli
from results.schema import schema_markdown

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
METHOD = (ROOT / "docs" / "method.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
APPS = {"collector": collector.cli.app, "results": results.cli.app}


def _commands(app: typer.Typer) -> dict[str, set[str]]:
    """Each command's options."""
    group = get_command(app)
    return {
        name: {
            option
            for one in (command, *getattr(command, "commands", {}).values())
            for parameter in one.params
            for option in parameter.opts
        }
        for name, command in getattr(group, "commands", {}).items()
    }


def _help(app: typer.Typer, name: str) -> str:
    commands = getattr(get_command(app), "commands", {})
    return str(commands[name].help)


def test_schema_page_is_generated_from_the_code() -> None:
    text = (ROOT / "docs" / "schema.md").read_text()
    assert text == schema_markdown(), "run `make docs`"


def _documented_lines() -> list[str]:
    texts = [README, METHOD, *(path.read_text() for path in (ROOT / "docs").glob("*.md"))]
    found = [
        line
        for text in texts
        for line in re.findall(
            r"python -m (?:collector|results) [^`\n#]*", text.replace("\\\n", " ")
        )
    ]
    assert len(found) > 5
    return sorted(set(found))


@pytest.mark.parametrize("line", _documented_lines())
def test_documented_commands_and_options_exist(line: str) -> None:
    _, _, package, *words = shlex.split(line.replace("...", ""))
    known = _commands(APPS[package])
    command = words[0]
    assert command in known
    for word in words[1:]:
        if word.startswith("--"):
            assert word.split("=")[0] in known[command] | {"--help"}


@pytest.mark.parametrize("package", APPS)
def test_every_command_is_in_the_readme_and_has_an_example(package: str) -> None:
    for name in _commands(APPS[package]):
        assert f"python -m {package} {name}" in README, name
        assert f"python -m {package} {name}" in _help(APPS[package], name), name


def test_make_targets_in_the_readme_exist() -> None:
    targets = set(re.findall(r"^(\w+):", MAKEFILE, flags=re.MULTILINE))
    mentioned = set(re.findall(r"make (\w+)", README))
    assert {"demo", "test"} <= mentioned <= targets


def test_glossary_has_every_word_of_the_code() -> None:
    words = (ROOT / "docs" / "glossary.md").read_text()
    for word in (
        "machine", "device", "ISA cap", "runtime", "model", "variant", "precision", "arm",
        "scenario", "cell", "launch", "block", "run", "exec node", "source op", "group",
        "inserted node", "comparison", "cause", "verdict", "caution", "dataset", "accuracy",
        "agreement", "SQNR", "calibration", "accuracy control", "McNemar's test",
    ):  # fmt: skip
        assert f"\n| {word} |" in words


def test_files_named_in_the_readme_exist() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def _entry(stage: str) -> list[str]:
    """The words of a stage's ENTRYPOINT and CMD."""
    body = DOCKERFILE.split(f"AS {stage}\n")[1].split("\nFROM ")[0]
    lists = re.findall(r"^(?:ENTRYPOINT|CMD) \[(.*)\]$", body, flags=re.MULTILINE)
    return [word.strip(' "') for words in lists for word in words.split(",")]


def test_image_commands_are_those_of_the_makefile() -> None:
    assert _entry("collector") == ["python", "-m", "collector", "demo", "--data", "data"]
    assert "$(PY) -m collector demo --data $(DATA)" in MAKEFILE
    assert _entry("dashboard")[:7] == [
        "python", "-m", "dashboard", "--data", "data", "--port", "8501",
    ]  # fmt: skip
    assert "$(PY) -m dashboard --data $(DATA) --port $(PORT)" in MAKEFILE
    assert "PORT ?= 8501" in MAKEFILE
    assert "DATA ?= data" in MAKEFILE


def test_the_dashboard_image_is_the_default_and_has_no_openvino() -> None:
    assert re.findall(r"^FROM .* AS (\w+)$", DOCKERFILE, flags=re.MULTILINE)[-1] == "dashboard"
    pins = (ROOT / "requirements-dashboard.txt").read_text()
    assert "openvino" not in pins.replace("without OpenVINO", "").lower()
    assert "nncf" not in pins.split("\n", 1)[1].lower()
    dashboard = DOCKERFILE.split("AS dashboard\n")[1]
    assert "collector" not in dashboard
    assert "USER lens" in dashboard
    assert "/_stcore/health" in dashboard


def test_every_requirement_is_an_exact_pin() -> None:
    for path in ROOT.glob("requirements*.txt"):
        for line in path.read_text().splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[a-z0-9._-]+==[0-9][\w.]*", line), f"{path.name}: {line}"


def test_ci_runs_the_make_targets() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert "\nmake lint\n" in script
    assert "\nREQUIRE_BROWSER=1 make test\n" in script


def test_the_readme_shows_what_the_sample_holds() -> None:
    from contextlib import closing

    from results.overview import overview
    from results.render import to_text
    from results.store import Store
    from results.verdicts import verdicts_text

    assert "@@" not in README
    with closing(Store(ROOT / "data" / "sample").index()) as index:
        of_the_demo = [row for row in overview(index) if row.device == "AMD EPYC"]
        shown = to_text(verdicts_text(of_the_demo))
    assert shown in README, "run `make sample` and put its table into the README"
    command = re.search(r"^python -m results compare (.*)$", README, flags=re.MULTILINE)
    assert command is not None
    done = subprocess.run(
        [sys.executable, "-m", "results", "compare", *shlex.split(command[1]),
         "--data", "data/sample"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() in README, "put what it prints into the README"


def test_the_sample_is_small_and_really_measured_on_machines_caps_and_versions() -> None:
    from contextlib import closing

    from collector.builtin.catalogue import BUILTIN_MODELS
    from collector.job import ARMS
    from results import queries
    from results.accuracy_queries import accuracy
    from results.store import Store

    store = Store(ROOT / "data" / "sample")
    files = [path for path in (ROOT / "data" / "sample" / "runs").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 3_000_000
    with closing(store.index()) as index:
        runs = queries.run_views(index)
        cells = queries.cells(index)
        judged = accuracy(index)
        models = {model.model_id: model for model in queries.models(index)}
    assert {run.kind for run in runs} == {"measured", "peaks"}
    assert len({cell.machine_id for cell in cells}) == 2
    assert {cell.isa_cap for cell in cells} == {None, "AVX512_CORE", "AVX2"}
    demo = {model.name: model for model in BUILTIN_MODELS if model.in_demo}
    assert {cell.model for cell in cells} == set(demo) == {one.name for one in models.values()}
    assert {cell.model for cell in cells if cell.model_note is None} == {"digits"}
    for place in {(cell.device_id, cell.runtime_id, cell.model) for cell in cells}:
        arms = {
            cell.arm for cell in cells if (cell.device_id, cell.runtime_id, cell.model) == place
        }
        assert arms - {"int8-full@default"} == set(ARMS)
    followed = {cell.runtime for cell in cells if cell.model == "mobilenet_v3_large"}
    assert len(followed) == 5
    assert {view.variant_kind for view in judged} == {"fp32", "int8-simplified", "int8-full"}


def test_the_suites_of_the_sample_say_what_was_measured() -> None:
    from contextlib import closing

    from results import queries
    from results.store import Store

    folder = ROOT / "data" / "sample"
    versions, caps = (
        tomllib.loads((folder / f"{name}.toml").read_text()) for name in ("versions", "caps")
    )
    with closing(Store(folder).index()) as index:
        cells = [cell for cell in queries.cells(index) if cell.device != "AMD EPYC"]
    newest = [cell for cell in cells if cell.runtime == versions["openvino"][-1]]
    followed = {(cell.model, cell.runtime) for cell in cells if cell.isa_cap is None}
    capped = {(cell.model, cell.isa_cap or "none") for cell in newest}
    of_versions = set(product((one["name"] for one in versions["models"]), versions["openvino"]))
    of_caps = set(product((one["name"] for one in caps["models"]), caps["isa_caps"]))
    assert of_versions <= followed
    assert of_caps <= capped
    assert {model for model, _ in followed} == {model for model, _ in of_versions | of_caps}
