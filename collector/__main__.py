"""``python -m collector``."""

import sys
from typing import Any

if __name__ == "__main__":
    # Arrow would import pandas if it is there, for 50 MiB beside the measurement and no use.
    hidden: dict[str, Any] = {"pandas": None}
    sys.modules.update(hidden)
    try:
        from collector.cli import main

        code = main()
    except KeyboardInterrupt:  # while importing, before the command line could take over
        code = 130
    sys.exit(code)
