"""The program's entry: the only place that ends the process."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line and exit with the code that the README documents."""
    from connector.cli import execute  # noqa: PLC0415 - an interrupted import must not leave a traceback

    sys.exit(execute(sys.argv[1:]))


if __name__ == "__main__":
    main()
