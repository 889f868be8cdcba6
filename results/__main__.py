"""Entry point of ``python -m results``."""

import sys

if __name__ == "__main__":
    try:
        from results.cli import main

        code = main()
    except KeyboardInterrupt:  # while importing, before the command line could take over
        code = 130
    sys.exit(code)
