"""Calls functions of the user's own, named as ``module:function``.

What goes wrong in them is told in one line with the place in the user's file. What they
compute is not known here: data is in function_data.py, metrics are in accuracy.py.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from collector.models.request import FUNCTION
from results.errors import LensError, UsageError

_PROJECT = Path(__file__).parents[1]


def load_function(spec: str, what: str, folder: Path | None = None) -> Callable[..., object]:
    """The function that ``module:function`` names; ``what`` is it for, such as ``metric``.

    The module is imported from ``folder`` first, then from the current folder and the Python
    path. Raises UsageError where the module or the function is not there or cannot be
    imported.
    """
    found = FUNCTION.fullmatch(spec)
    if found is None:
        raise UsageError(
            f"{what} {spec!r} is not of the form module:function",
            hint="give for example my_code:my_function for my_function in my_code.py",
        )
    module = _import(found[1], what, folder)
    function: object = getattr(module, found[2], None)
    if function is None:
        raise UsageError(
            f"{what} {spec!r}: the module {found[1]} has no {found[2]}",
            hint=_those_there(module, found[2]),
        )
    if not callable(function):
        raise UsageError(
            f"{what} {spec!r} is a {type(function).__name__}, which cannot be called",
            hint="give the name of a function",
        )
    return function


def source_of(spec: str, what: str, folder: Path | None = None) -> str:
    """The text of the module that ``module:function`` is in; empty where it has none."""
    module = sys.modules.get(load_function(spec, what, folder).__module__)
    file = getattr(module, "__file__", None)
    return Path(file).read_text(encoding="utf-8", errors="replace") if file else ""


@contextlib.contextmanager
def calling(what: str) -> Iterator[None]:
    """Around calls of the user's code: an exception of it becomes a UsageError of one line.

    The line has the exception's type and message and the place in the user's file. What the
    code prints goes to standard error: standard output belongs to answers.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except LensError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"{what} raised {_said(error)}{_place(error)}", hint="correct it there"
        ) from error


def _import(name: str, what: str, folder: Path | None) -> ModuleType:
    here = str(Path.cwd())
    if "" not in sys.path and here not in sys.path:
        sys.path.insert(0, here)
    if folder is not None and sys.path[0] != str(folder.absolute()):
        sys.path.insert(0, str(folder.absolute()))
    importlib.invalidate_caches()
    try:
        with calling(f"{what}: the import of {name}"):
            return importlib.import_module(name)
    except UsageError as error:
        cause = error.__cause__
        if isinstance(cause, ModuleNotFoundError) and _is_part(cause.name, name):
            raise UsageError(
                f"{what}: there is no module {name}",
                hint=f"put {name.partition('.')[0]} into {folder or 'the current folder'}, or "
                "add the folder it lies in to PYTHONPATH",
            ) from cause
        raise


def _is_part(missing: str | None, name: str) -> bool:
    """Whether the module that was not found is the asked one or a package around it."""
    return missing is not None and f"{name}.".startswith(f"{missing}.")


def _those_there(module: ModuleType, wanted: str) -> str:
    names = [n for n, value in vars(module).items() if callable(value) and not n.startswith("_")]
    if not names:
        return "it has no functions at all"
    near = difflib.get_close_matches(wanted, names, n=1)
    if near:
        return f"is {near[0]} meant?"
    shown = ", ".join(sorted(names)[:8])
    return f"it has {shown}" + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _said(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if isinstance(error, SyntaxError):
        lines = [error.msg]
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _place(error: BaseException) -> str:
    """Where in the user's code it happened, as `` at file:line``; empty where that is unknown."""
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f" at {_shown(error.filename)}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_the_users(frame.filename)]
    return f" at {_shown(own[-1].filename)}:{own[-1].lineno}" if own else ""


def _is_the_users(filename: str) -> bool:
    if filename.startswith("<"):
        return False
    path = Path(filename).resolve()
    foreign = [Path(sysconfig.get_path(key)) for key in ("stdlib", "purelib", "platlib")]
    return not any(path.is_relative_to(folder) for folder in (*foreign, _PROJECT))


def _shown(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
