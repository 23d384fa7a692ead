"""The program's entry: the only place that ends the process."""

from __future__ import annotations

import gc
import sys

ALLOCATIONS = 50_000
"""How many objects more before looking for cycles among them: what is read and stored are trees, freed as they go."""


def main() -> None:
    """Run the command line and exit with the code that the README documents."""
    gc.set_threshold(ALLOCATIONS)
    from connector.cli import execute  # noqa: PLC0415 - an interrupted import must not leave a traceback

    sys.exit(execute(sys.argv[1:]))


if __name__ == "__main__":
    main()
