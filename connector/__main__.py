"""The program's entry: the only place that ends the process."""

from __future__ import annotations

import sys

DEFAUT = 70
"""How the process ends on an error that nobody foresaw (sysexits.h: EX_SOFTWARE)."""


def main() -> None:
    """Run the command line and exit with the code that the README documents."""
    from connector.cli import execute  # noqa: PLC0415 - an interrupted import must not leave a traceback

    try:
        code = execute(sys.argv[1:])
    except Exception as error:  # noqa: BLE001 - a defect of ours: where it is, never what somebody typed
        from connector.logs import trace  # noqa: PLC0415 - not needed to show --help

        sys.stderr.write(
            "Erreur inattendue : c’est un défaut du connecteur. Signalez-le avec ces lignes, qui ne contiennent aucune "
            f"donnée :\n{trace(error)}\n"
        )
        code = DEFAUT
    sys.exit(code)


if __name__ == "__main__":
    main()
