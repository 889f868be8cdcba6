"""``python -m collector``."""

from __future__ import annotations

import sys
from importlib.abc import MetaPathFinder


class WithoutPandas(MetaPathFinder):
    """Arrow would import pandas where it is there: 50 MiB beside the measurement, for nothing."""

    def find_spec(self, fullname: str, *_: object) -> None:
        """Nothing to say of any module but pandas, which is said to be absent."""
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not used here", name=fullname)


if __name__ == "__main__":
    sys.meta_path.insert(0, WithoutPandas())
    try:
        from collector.cli import main

        code = main()
    except KeyboardInterrupt:  # while importing, before the command line could take over
        code = 130
    sys.exit(code)
