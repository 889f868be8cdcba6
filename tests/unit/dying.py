"""Work for the process that prepares models, which ends in the middle of it."""

from __future__ import annotations

import os
import time
from pathlib import Path

from collector.models.order import Wanted
from collector.models.prepare import ModelOutline
from collector.models.steps import Report


def dies(_wanted: Wanted, _folder: Path, _report: Report) -> ModelOutline:
    """End this process as the system does when memory runs out."""
    os.kill(os.getpid(), 9)
    raise AssertionError


def sleeps(_wanted: Wanted, _folder: Path, _report: Report) -> ModelOutline:
    """Take longer than anybody waits."""
    time.sleep(600)
    raise AssertionError
