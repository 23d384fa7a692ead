"""The words of the file: what a text, a number, a path, a choice may be, each refused in French."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, Strict, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from connector.core import jetons
from connector.core.textes import enumerer, normaliser, suggestion

PAS_UNE_CLE = "une clé s'écrit en minuscules sans accent, avec des chiffres et des « _ »"
REFUS = "configuration"
"""The type of pydantic errors whose message is already ours."""


def refuse(message: str) -> PydanticCustomError:
    """The error that shows that French message as it is."""
    return PydanticCustomError(REFUS, "{message}", {"message": message})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lieu:
    """Where the file lives: relative paths start at `dossier`, variables in paths come from `environ`.

    `jetons`: the tokens in use, which no path may hold.
    """

    dossier: Path
    environ: Mapping[str, str]
    jetons: tuple[str, ...] = ()


def _decimal(valeur: object) -> Decimal:
    if isinstance(valeur, bool) or not isinstance(valeur, int | float) or not Decimal(str(valeur)).is_finite():
        raise refuse("un nombre est attendu, sans guillemets")
    return Decimal(str(valeur))


def _chemin(chemin: object, info: ValidationInfo) -> Path:
    if not isinstance(chemin, str) or not chemin.strip():
        raise refuse("un chemin entre guillemets est attendu")
    lieu = cast("Lieu", info.context)
    try:
        nomme = string.Template(chemin.strip()).substitute(lieu.environ)
    except KeyError as error:
        raise refuse(
            f"la variable d'environnement {error.args[0]} n'est pas définie : définissez-la ou écrivez le chemin"
        ) from None
    except ValueError:
        raise refuse("« $ » doit être suivi du nom d'une variable d'environnement, ou doublé") from None
    if jetons.montre(nomme, lieu.jetons):
        raise refuse("un chemin ne peut pas contenir un jeton")
    if nomme.startswith("~/"):
        nomme = lieu.environ.get("HOME", "~") + nomme[1:]
    return lieu.dossier / nomme


def _fichier(chemin: Path) -> Path:
    if not chemin.is_file():
        raise refuse(f"{chemin} n'existe pas : corrigez ce chemin, ou retirez la ligne")
    return chemin


def _repertoire(chemin: Path) -> Path:
    if not chemin.is_dir():
        raise refuse(f"le dossier {chemin} n'existe pas : créez-le, corrigez ce chemin, ou retirez la ligne")
    return chemin


CHEMIN_API = "/api/v2/graphql"
"""Where the API stands on every instance."""

_CETTE_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


def _url(texte: str) -> str:
    try:
        adresse = urlsplit(texte)
        hote = adresse.hostname
    except ValueError:
        raise refuse("cette adresse n'en est pas une") from None
    if adresse.username or adresse.password:
        raise refuse("pas d'identifiant ni de mot de passe dans l'adresse")
    if adresse.query or adresse.fragment:
        raise refuse("rien n'est attendu après l'adresse : ni « ? » ni « # »")
    if not hote or (adresse.scheme != "https" and not (adresse.scheme == "http" and hote in _CETTE_MACHINE)):
        raise refuse("une adresse en https est attendue (http seulement vers cette machine)")
    if not adresse.path.endswith(CHEMIN_API):
        raise refuse(f"l'adresse doit se terminer par {CHEMIN_API}")
    return texte


def _courriel(texte: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", texte):
        raise refuse("une adresse électronique est attendue")
    return texte


def is_key(texte: str) -> bool:
    """Whether a text can be the key of a field or a rule: dotted paths are made of them."""
    return re.fullmatch(r"[a-z][a-z0-9_]*", texte) is not None


def _cle(texte: str) -> str:
    if not is_key(texte):
        raise refuse(PAS_UNE_CLE)
    return texte


def _membre(enum: type[StrEnum], valeur: object) -> StrEnum:
    """The member of that text, accents and case apart."""
    membres = {normaliser(membre.value): membre for membre in enum}
    trouve = membres.get(normaliser(valeur)) if isinstance(valeur, str) else None
    if trouve is None:
        permis = enumerer((f"« {membre.value} »" for membre in enum), lien="ou")
        indice = suggestion(valeur, [membre.value for membre in enum]) if isinstance(valeur, str) else ""
        raise refuse(f"valeur attendue : {permis}{indice}")
    return trouve


def choix(enum: type[StrEnum]) -> BeforeValidator:
    """How a text names a member of that enumeration."""
    return BeforeValidator(partial(_membre, enum))


def en_liste(valeur: object) -> object:
    """A text alone as a list of one."""
    return [valeur] if isinstance(valeur, str) else valeur


Texte = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Cle = Annotated[str, AfterValidator(_cle)]
Booleen = Annotated[bool, Strict()]
Entier = Annotated[int, Strict()]
Compte = Annotated[int, Strict(), Field(ge=0)]
Duree = Annotated[int, Strict(), Field(ge=1)]
Jour = Annotated[date, Strict()]
Nombre = Annotated[Decimal, BeforeValidator(_decimal)]
Attente = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0)]
Textes = Annotated[tuple[str, ...], BeforeValidator(en_liste)]
Courriel = Annotated[Texte, AfterValidator(_courriel)]
Url = Annotated[Texte, AfterValidator(_url)]
Chemin = Annotated[Path, BeforeValidator(_chemin)]
Fichier = Annotated[Chemin, AfterValidator(_fichier)]
Repertoire = Annotated[Chemin, AfterValidator(_repertoire)]
