"""Starts the probe in whatever interpreter: ``PYTHON collector/probe/__main__.py``."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    # In place of this folder: the names of its files must not hide other modules'.
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    from collector.probe.conversation import main

    main()
