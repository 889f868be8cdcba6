"""What the three command lines share: the store's options, errors in one line, exit codes.

Answers go to standard output, everything else to standard error. Exit codes: 0 fine,
1 the answer is no, 2 wrong use, 3 the environment or a measurement failed, 130 Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from results.errors import (
    EXIT_ENVIRONMENT,
    EXIT_OK,
    EXIT_USAGE,
    HostError,
    LensError,
    UsageError,
)
from results.format import plain

DEFAULT_DATA = Path("data")
SAMPLE = Path("data/sample")
EXIT_INTERRUPTED = 130


def _folder(text: str | Path) -> Path:
    """A folder's path; an empty one, as from an unset variable, is not the current folder."""
    if not str(text).strip():
        raise UsageError("--data is empty", hint="give the folder of the store")
    return Path(text)


DataOption = Annotated[
    Path,
    typer.Option(
        "--data", metavar="DIR", help="Folder of the store.", show_default=True, parser=_folder
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def new_app(name: str) -> typer.Typer:
    """An empty command line that leaves errors to ``run``."""
    return typer.Typer(
        name=f"python -m {name}",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        no_args_is_help=False,
    )


def note(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"{plain(text)}\n")


def print_text(text: str) -> None:
    """Text on standard output; a reader that has left, as in ``| head``, is no error."""
    if sys.stdout is None:
        raise HostError("standard output is closed", hint="open it or send it to a file")
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()
    except OSError as error:
        _silence_stdout()
        raise HostError(
            f"standard output cannot be written ({error.strerror})", hint="free some space"
        ) from error


def run(app: typer.Typer, arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; no bad input gives a traceback."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except LensError as error:
        note(f"error: {error}")
        return error.exit_code
    except typer.TyperException as error:
        note(f"error: {error.format_message().rstrip('.')}; see {app.info.name} --help")
        return EXIT_USAGE
    except OSError as error:
        _silence_stdout()
        note(f"error: {error.strerror or error}; see that files and standard output can be written")
        return EXIT_ENVIRONMENT
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    if code == EXIT_INTERRUPTED:  # typer turns Ctrl-C inside a command into this code
        note("interrupted")
    return code if isinstance(code, int) else EXIT_OK


def _silence_stdout() -> None:
    """Nobody reads any more: what is still buffered must not raise at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
