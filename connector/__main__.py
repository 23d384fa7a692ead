"""The program's entry: the only place that ends the process."""

from __future__ import annotations

import os
import sys

DEFAUT = 70
"""How the process ends on an error that nobody foresaw (sysexits.h: EX_SOFTWARE)."""


def main() -> None:
    """Run the command line and exit with the code that the README documents."""
    from connector.cli import TUBE, execute  # noqa: PLC0415 - an interrupted import must not leave a traceback

    try:
        code = execute(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        code = TUBE
    except Exception as error:  # noqa: BLE001 - a defect of ours: where it is, never what somebody typed
        from connector.logs import trace  # noqa: PLC0415 - not needed to show --help

        sys.stderr.write(
            "Erreur inattendue : c’est un défaut du connecteur. Signalez-le avec ces lignes, qui ne contiennent aucune "
            f"donnée :\n{trace(error)}\n"
        )
        code = DEFAUT
    if code == TUBE:
        _hush()
    sys.exit(code)


def _hush() -> None:
    """Say nothing more: what is left to write would meet the closed pipe again, and the interpreter tell of it."""
    nulle_part = os.open(os.devnull, os.O_WRONLY)
    for sortie in (1, 2):
        os.dup2(nulle_part, sortie)


if __name__ == "__main__":
    main()
