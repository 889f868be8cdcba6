"""Entry point of ``python -m results``."""

from __future__ import annotations

import sys

from results.cli import main

if __name__ == "__main__":
    sys.exit(main())
