"""No value from outside is ever part of an SQL text: values are bound, texts are fixed.

Every text that goes to DuckDB is followed back in the source: it has to be made of what the
module itself says. What cannot be is named below with the reason, and tested by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from results import table_queries
from results.store import Store
from tests.planted import planted_store

ROOT = Path(__file__).parents[2]
ASKING = ("fetch", "sql", "execute", "query", "executemany", "extract_statements")
REASONS = {
    ("results/index.py", "fetch"): "the one place where texts meet DuckDB",
    ("results/index.py", "_forget"): "the names are those of the schema's own tables",
    ("results/index.py", "put"): "the names are those of the index's own tables",
    ("results/asked.py", "_check"): "the asker's own question, read only and locked",
    ("results/asked.py", "_answer"): "the asker's own question, read only and locked",
    ("results/table_queries.py", "rows_of"): "the name is a key of the index's own tables",
}


def _modules() -> list[Path]:
    return sorted((ROOT / "results").rglob("*.py"))


def _calls(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.expr]]:
    """The text of every call that asks DuckDB something, with the function that it stands in."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and _asks(node):
                    yield function, node.args[0]


def _asks(call: ast.Call) -> bool:
    asks = isinstance(call.func, ast.Attribute) and call.func.attr in ASKING
    return asks and bool(call.args)


class _Fixed:
    """Whether an expression is made of what its module says and of nothing else."""

    def __init__(self, tree: ast.Module, function: ast.FunctionDef) -> None:
        self._module = self._imported(tree) | {
            name for node in tree.body for name, _ in _assigned(node)
        }
        self._local: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            for name, value in _assigned(node):
                self._local.setdefault(name, []).append(value)

    @staticmethod
    def _imported(tree: ast.Module) -> set[str]:
        """Constants of other modules, told by their names."""
        found = (name for node in tree.body if isinstance(node, ast.ImportFrom)
                 for name in node.names)  # fmt: skip
        return {name.asname or name.name for name in found if name.name.isupper()}

    def holds(self, node: ast.expr, within: frozenset[str] = frozenset()) -> bool:
        """``within`` are the names whose own values are looked at: they add nothing new."""
        if isinstance(node, ast.Name):
            values = self._local.get(node.id)
            if values is None:
                return node.id in self._module
            inside = within | {node.id}
            return node.id in within or all(self.holds(value, inside) for value in values)
        parts = _PARTS[type(node)](node) if type(node) in _PARTS else None
        return parts is not None and all(self.holds(part, within) for part in parts)


def _called(node: ast.Call) -> list[ast.expr] | None:
    """What a text is joined or formatted of; None for every other call."""
    if not (isinstance(node.func, ast.Attribute) and node.func.attr in {"join", "format"}):
        return None
    return [node.func.value, *node.args, *(keyword.value for keyword in node.keywords)]


_PARTS: dict[type[ast.expr], Callable[[Any], list[ast.expr] | None]] = {
    ast.Constant: lambda _node: [],
    ast.BinOp: lambda node: [node.left, node.right],
    ast.JoinedStr: lambda node: list(node.values),
    ast.FormattedValue: lambda node: [node.value],
    ast.Subscript: lambda node: [node.value],
    ast.Tuple: lambda node: list(node.elts),
    ast.List: lambda node: list(node.elts),
    ast.IfExp: lambda node: [node.body, node.orelse],
    ast.Call: _called,
}
"""What an expression of each kind is made of; a key or a condition only chooses."""


def _assigned(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The names that a statement gives a value, with the value."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
    elif isinstance(node, ast.AugAssign | ast.AnnAssign | ast.For) and isinstance(
        node.target, ast.Name
    ):
        value = node.iter if isinstance(node, ast.For) else node.value
        if value is not None:
            yield node.target.id, value


def faults(path: str, source: str) -> list[str]:
    """The calls whose text is not fixed and for which there is no reason."""
    tree = ast.parse(source)
    return [
        f"{path}:{text.lineno} {ast.unparse(text)[:60]}"
        for function, text in _calls(tree)
        if (path, function.name) not in REASONS and not _Fixed(tree, function).holds(text)
    ]


@pytest.mark.parametrize("path", [str(path.relative_to(ROOT)) for path in _modules()])
def test_every_text_that_goes_to_duckdb_is_fixed(path: str) -> None:
    assert faults(path, (ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "body",
    [
        'return index.fetch(f"SELECT * FROM runs WHERE run_id = {run_id!r}")',
        'return index.fetch("SELECT * FROM runs WHERE run_id = " + run_id)',
        'return index.fetch("SELECT %s" % run_id)',
        'return index.fetch("SELECT {}".format(run_id))',
        'return index.fetch(" ".join(("SELECT", run_id)))',
        'sql = f"SELECT {run_id}"\n    return index.fetch(sql)',
        'sql = "SELECT 1"\n    sql = sql + run_id\n    return index.fetch(sql)',
        'sql = "SELECT "\n    sql += run_id\n    return index.fetch(sql)',
        "return index.fetch(made(run_id))",
        "return index.fetch(run_id)",
    ],
)
def test_a_text_with_a_value_from_outside_is_found(body: str) -> None:
    assert faults("results/new.py", f"def ask(index, run_id):\n    {body}\n")


@pytest.mark.parametrize(
    "body",
    [
        'return index.fetch("SELECT $id", {"id": run_id})',
        "return index.fetch(_SQL, {'id': run_id})",
        'sql = " ".join((_SQL, "ORDER BY 1"))\n    return index.fetch(sql)',
        'return index.fetch(f"{_SQL} ORDER BY 1")',
    ],
)
def test_a_text_with_bound_values_is_none(body: str) -> None:
    source = f'_SQL = "SELECT 1"\ndef ask(index, run_id):\n    {body}\n'
    assert faults("results/new.py", source) == []


def test_a_table_that_the_index_does_not_have_is_never_asked_for(tmp_path: Path) -> None:
    index = planted_store(tmp_path).index()
    for name in ("runs; DROP TABLE runs", "runs --", "sqlite_master", ""):
        with pytest.raises(KeyError):
            table_queries.rows_of(index, name)
    index.close()
    assert Store(tmp_path).index().fetch("SELECT count(*) AS n FROM runs")["n"].to_pylist() == [1]
