"""``convert`` alone as a command line of its own, for tests that need a process of their own."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from collector.models.convert.cli import register
from results.command import new_app, run


def main(words: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    app = new_app("collector")
    app.callback()(lambda: None)
    register(app)
    return run(app, words)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
