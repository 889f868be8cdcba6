"""The one family of errors, and the exit codes that go with it.

An error says what is wrong with the value seen (``message``) and what to do
(``hint``). The command lines print it as one line and exit with its code.
"""

from __future__ import annotations

from typing import ClassVar

EXIT_OK = 0
EXIT_NO = 1
EXIT_USAGE = 2
EXIT_ENVIRONMENT = 3


class LensError(Exception):
    """Base of every error that INT8 Lens raises on purpose."""

    exit_code: ClassVar[int] = EXIT_ENVIRONMENT

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}"


class UsageError(LensError):
    """The user asked for something that cannot be: exit code 2."""

    exit_code = EXIT_USAGE


class HostError(LensError):
    """The machine, the disk or a dependency failed: exit code 3."""


class MeasurementError(LensError):
    """A measurement could not be made: exit code 3."""


class StoreError(LensError):
    """The store of results cannot be read or written: exit code 3."""
