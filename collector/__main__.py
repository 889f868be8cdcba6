"""``python -m collector``."""

import sys

if __name__ == "__main__":
    try:
        from collector.cli import main

        code = main()
    except KeyboardInterrupt:  # while importing, before the command line could take over
        code = 130
    sys.exit(code)
