"""What the commands share: their options, how a day is typed, how words are said."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from connector.clic import parler_francais
from connector.core.textes import typographier
from connector.errors import OperatorError

if TYPE_CHECKING:
    from connector.config import Settings
    from connector.wiring import Arret, Atelier

parler_francais()


class _Numero(click.ParamType[int]):
    """A number of DS's: its API has no larger one than 32 bits hold."""

    name = "numéro"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; refused when DS can have none such."""
        return int(click.IntRange(1, 2**31 - 1).convert(value, param, ctx))


NUMERO = _Numero()
"""How the number of a dossier or of a démarche is typed."""

CONFIG = click.option(
    "--config",
    "chemin",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("config.toml"),
    show_default=True,
    metavar="FICHIER",
    help="La configuration à utiliser.",
)
DEMARCHE = click.option("--demarche", type=NUMERO, metavar="N", help="Le numéro de la démarche, s’il y en a plusieurs.")
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


@contextmanager
def ouvrir(settings: Settings, arret: Arret | None = None, *, exclusif: bool = True) -> Iterator[Atelier]:
    """The workshop of one command; what opening its database forgot again is said."""
    from connector import donnees, wiring  # noqa: PLC0415 - keeps --help instant

    with wiring.atelier(settings, arret, exclusif=exclusif) as atelier:
        if refaits := donnees.refaits(atelier.base):
            say(refaits)
        yield atelier


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
    return bool(ask(f"{question} [oui/non]", type=_OuiNon(), prompt_suffix=" "))


def ask(question: str, **options: Any) -> Any:
    """What is typed in answer to that question; OperatorError when nobody is there to type it."""
    try:
        return click.prompt(question, **options, err=True)
    except click.Abort as fin:
        if not isinstance(fin.__context__, EOFError) or (sys.stdin is not None and sys.stdin.isatty()):
            raise
        click.echo(err=True)
        raise OperatorError("personne ne peut répondre : il n’y a pas de terminal.", hint="Ajoutez --oui.") from None
