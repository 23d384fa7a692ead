"""What the commands share: their options, how a day is typed, how words are said."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TextIO

import click

from connector.clic import parler_francais
from connector.core.textes import typographier

parler_francais()

CONFIG = click.option(
    "--config",
    "chemin",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("config.toml"),
    show_default=True,
    metavar="FICHIER",
    help="La configuration à utiliser.",
)
DEMARCHE = click.option("--demarche", type=int, metavar="N", help="Le numéro de la démarche, s’il y en a plusieurs.")
FORME_DU_JOUR = "JJ/MM/AAAA ou AAAA-MM-JJ"
"""How a day is typed, for the help."""
JSON = click.option("--json", "en_json", is_flag=True, help="Le résultat en JSON, pour un programme.")


class Jour(click.ParamType[date]):
    """A day, as the INSEE or as a French agent writes it."""

    name = "jour"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The day; refused with what was expected."""
        for forme in ("%Y-%m-%d", "%d/%m/%Y"):
            with suppress(ValueError):
                return datetime.strptime(str(value), forme).date()  # noqa: DTZ007 - a day has no time zone
        return self.fail(
            f"« {value} » n’est pas une date (attendu : {FORME_DU_JOUR}, par exemple 01/06/2025).", param, ctx
        )


def say(text: str) -> None:
    """Tell the user something that is no result: on stderr, as French print has it."""
    click.echo(_a_l_ecran(text, sys.stderr), err=True)


def show(text: str) -> None:
    """Give the user a result to read: on stdout, as French print has it."""
    click.echo(_a_l_ecran(text, sys.stdout))


def _a_l_ecran(text: str, stream: TextIO) -> str:
    """The text as French print has it; in a terminal, no word is cut at the end of a line."""
    composed = typographier(text)
    if not stream.isatty():
        return composed
    from connector.presentation import folded  # noqa: PLC0415 - keeps --help instant

    return folded(composed)


class _OuiNon(click.ParamType[bool]):
    """A yes or a no, as a French agent types it."""

    name = "oui ou non"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """True for a yes; refused when it is neither."""
        dit = {"o": True, "oui": True, "n": False, "non": False}.get(str(value).strip().lower())
        if dit is None:
            self.fail("répondez oui ou non.", param, ctx)
        return dit


def confirm(question: str) -> bool:
    """Ask that question at the keyboard, and give back the answer, yes or no in French."""
    return bool(click.prompt(f"{question} [oui/non]", type=_OuiNon(), prompt_suffix=" ", err=True))
