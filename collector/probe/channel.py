"""The conversation's lines, and the one kind of error that is told in it."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Callable


class ProbeError(Exception):
    """A step failed in a way that the collector should hear about in one line."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage = stage
        self.message = message


def attempt(stage: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Call ``function`` and turn OpenVINO's exceptions into a ProbeError of this stage.

    2021 raises ``Exception`` itself. What was found out already, and that memory is out, stays.
    """
    try:
        return function(*arguments)
    except (ProbeError, MemoryError):
        raise
    except Exception as error:
        raise ProbeError(stage, str(error).strip() or type(error).__name__) from error


class Channel:
    """The conversation with the launcher; what libraries print goes to standard error."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)

    def read(self) -> str:
        """The next line; a launcher that has gone ends this process."""
        line = sys.stdin.readline()
        if not line:
            os._exit(1)
        return line.strip()

    def say(self, event: str, answer: dict[str, Any]) -> None:
        """One answer, a line of JSON."""
        self._out.write(json.dumps(dict(answer, event=event)) + "\n")
        self._out.flush()
