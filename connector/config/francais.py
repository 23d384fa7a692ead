"""What pydantic found wrong, as Problems: dotted paths, French sentences, and never the value itself."""

from __future__ import annotations

import typing
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from connector.config.mots import REFUS
from connector.core.textes import enumerer, suggestion
from connector.errors import Problem

_MESSAGES = {
    "string_type": "un texte entre guillemets est attendu",
    "string_too_short": "ne peut pas être vide : écrivez un texte, ou retirez la ligne",
    "int_type": "un nombre entier est attendu, sans guillemets",
    "bool_type": "true ou false est attendu, sans guillemets",
    "date_type": "une date est attendue, sans guillemets (2026-09-01)",
    "greater_than": "doit être plus de {gt}",
    "greater_than_equal": "doit être au moins {ge}",
    "less_than": "doit être moins de {lt}",
    "less_than_equal": "doit être au plus {le}",
    "tuple_type": "une liste entre crochets est attendue",
    "too_short": "au moins un élément est nécessaire",
    "dict_type": "une table est attendue",
    "model_type": "une table est attendue",
}
_CLES_MONTREES = 12


def problems_of(error: ValidationError, modele: type[BaseModel], chemin: str) -> Iterator[Problem]:
    """One problem for each thing wrong in the table at `chemin`, which should have been a `modele`."""
    for detail in error.errors(include_url=False, include_input=False):
        yield Problem(joined(chemin, *detail["loc"]), _sentence(detail, modele))


def joined(chemin: str, *suite: str | int) -> str:
    """The dotted path one or more steps further: `demarches[0].champs.cv`."""
    for pas in suite:
        chemin += f"[{pas}]" if isinstance(pas, int) else f".{pas}" if chemin else pas
    return chemin


def _sentence(detail: ErrorDetails, modele: type[BaseModel]) -> str:
    cle = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "extra_forbidden":
            return inconnue(cle, _permises(modele, detail["loc"][:-1]))
        case "missing":
            return f"obligatoire et absente : ajoutez « {cle} = … »"
        case type_ if type_ == REFUS:
            return detail["msg"]
        case type_:
            message = _MESSAGES.get(type_, "valeur incorrecte : comparez avec config.example.toml")
            return message.format_map(detail.get("ctx", {}))


def inconnue(cle: str, permises: Collection[str]) -> str:
    """The sentence on a key that is not one of those: the nearest one, else those there are."""
    if indice := suggestion(cle, permises):
        return f"clé inconnue{indice}"
    connues = enumerer((f"« {permise} »" for permise in permises), lien="ou")
    remede = f" ou choisissez {connues}" if 0 < len(permises) <= _CLES_MONTREES else ""
    return f"clé inconnue : retirez-la{remede}"


def _permises(modele: Any, loc: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys of the table found at `loc` inside a model; () when it has no fixed ones."""
    for pas in loc:
        modele = _dedans(modele, pas)
    return tuple(modele.model_fields) if isinstance(modele, type) and issubclass(modele, BaseModel) else ()


def _dedans(annotation: Any, pas: str | int) -> Any:
    """What an annotation says of the value one step inside."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation.model_fields[str(pas)].annotation
    arguments = typing.get_args(annotation)
    return arguments[-1] if arguments else None
