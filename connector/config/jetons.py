"""A token typed in the file itself, wherever it is: refused with its line and its section, and never repeated."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

from pydantic import ValidationError

from connector.config.francais import joined
from connector.config.mots import Lieu
from connector.config.sections import Jeton
from connector.config.syntaxe import titre
from connector.core import jetons
from connector.errors import ConfigError, Problem

DIT = (
    "un jeton est écrit ici en clair : ôtez-le, rangez-le ailleurs (la ligne jeton, sous [instance], dit où), et "
    "demandez-en un autre si quelqu'un a pu lire ce fichier"
)


def connus(fichier: Mapping[str, Any], lieu: Lieu) -> tuple[str, ...]:
    """The tokens in use that can be read now: where that file says that one is, and where one is by default."""
    instance, jeton = fichier.get("instance"), None
    with suppress(ValidationError):  # told where it is read
        jeton = Jeton.model_validate(instance.get("jeton") if isinstance(instance, dict) else None, context=lieu)
    return en_usage(jeton, lieu.environ)


def en_usage(jeton: Jeton | None, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The token kept there, and the one where one is by default: those that can be read now."""
    trouves = [environ.get(jetons.VARIABLE, "").strip()]
    with suppress(ConfigError):  # told where it is read
        trouves += [jeton.texte(environ)] if jeton else []
    return tuple(filter(None, trouves))


def ecrits(texte: str, fichier: Mapping[str, Any], connus: Collection[str] = ()) -> tuple[Problem, ...]:
    """A problem for each place of the file where a token shows: comments too, and what escapes would have hidden."""
    return tuple(_dans_le_texte(texte, connus)) or tuple(_dans_les_valeurs(fichier, connus))


def _dans_le_texte(texte: str, connus: Collection[str]) -> Iterator[Problem]:
    section = ""
    for rang, ligne in enumerate(texte.split("\n"), 1):
        ici = titre(ligne)
        if jetons.montre(ligne, connus):
            yield Problem("" if ici else section, DIT, rang)
        else:
            section = ici or section


def _dans_les_valeurs(fichier: Mapping[str, Any], connus: Collection[str]) -> Iterator[Problem]:
    """What was written with escapes, or over several lines; told by its path, as far as that can be said."""
    attente: list[tuple[str, Any]] = [("", fichier)]
    while attente:
        chemin, ici = attente.pop()
        match ici:
            case str() if jetons.montre(ici, connus):
                yield Problem(chemin, DIT)
            case dict():
                for cle, valeur in ici.items():
                    dit = not jetons.montre(cle, connus)
                    attente.append((joined(chemin, cle) if dit else chemin, valeur if dit else cle))
            case list():
                attente.extend((joined(chemin, rang), valeur) for rang, valeur in enumerate(ici))
            case _:
                pass
