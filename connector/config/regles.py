"""Rules out of tables: a kind's table has the fields that its dataclass declares, so a new kind needs nothing here."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, create_model, model_validator

from connector.config.carte import Carte
from connector.config.mots import Booleen, Cle, Entier, Jour, Nombre, Texte, Textes, choix, refuse
from connector.config.releve import Releve
from connector.config.sections import Section
from connector.core.constat import Source
from connector.core.correspondance import TypeLogique
from connector.core.regles import AVIS_D_UN_REFUS, KINDS, Condition, Reference, Regle
from connector.core.textes import enumerer, suggestion, typographier


class SourceDeclaree(Section):
    """A text that rules rest on."""

    texte: Texte
    opposable: Booleen

    def source(self, endroit: str) -> Source:
        """That text, at that place in it."""
        texte = f"{self.texte}, {endroit}" if endroit else self.texte
        return Source(texte=typographier(texte), opposable=self.opposable)


Sources = Mapping[str, SourceDeclaree | None]
"""The texts by name; None for one that is declared wrongly."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class RegleLue:
    """A rule and its path in the file; `regle` is None when it is wrong."""

    chemin: str
    cle: str
    regle: Regle | None = None


def read_regles(releve: Releve, brut: Any, chemin: str, sources: Sources) -> list[RegleLue]:
    """The rules in that list of tables, in order."""
    lues: list[RegleLue] = []
    for rang, table in enumerate(releve.tables(brut, chemin)):
        lue = _read_regle(releve, table, f"{chemin}[{rang}]", sources)
        if lue.cle and lue.cle in {autre.cle for autre in lues}:
            releve.add(f"{lue.chemin}.cle", f"une autre règle s'appelle déjà « {lue.cle} » : donnez-lui un autre nom")
        lues.append(lue)
    return lues


def _read_regle(releve: Releve, table: Any, chemin: str, sources: Sources) -> RegleLue:
    cle = table.get("cle") if isinstance(table, dict) else None
    perdue = RegleLue(chemin=chemin, cle=cle if isinstance(cle, str) else "")
    propre = releve.about(f"règle « {perdue.cle} »" if perdue.cle else "")
    kind = _kind(propre, table, chemin)
    declaree = propre.valid(model_of(kind), table, chemin) if kind else None
    if kind is None or declaree is None:
        return perdue
    regle = build(kind, declaree, tuple(_sources(propre, declaree, f"{chemin}.sources", sources)))
    for option, phrase in (*_avis_impossible(regle), *regle.incoherences()):
        propre.add(f"{chemin}.{option}", phrase)
    return dataclasses.replace(perdue, regle=regle)


def _avis_impossible(regle: Regle) -> Iterator[tuple[str, str]]:
    """A refusal that would lead to « Favorable », for instance."""
    if regle.avis not in AVIS_D_UN_REFUS:
        permis = enumerer((f"« {avis} »" for avis in sorted(AVIS_D_UN_REFUS)), lien="ou")
        yield "avis", f"une règle non respectée donne {permis}"


def _kind(releve: Releve, table: Any, chemin: str) -> type[Regle] | None:
    """The kind that the table's `type` names."""
    nom = table.get("type") if isinstance(table, dict) else None
    if isinstance(nom, str) and nom in KINDS:
        return KINDS[nom]
    connus = enumerer((f"« {k} »" for k in KINDS), lien="ou")
    releve.add(f"{chemin}.type", f"attendu : {connus}{suggestion(nom, KINDS) if isinstance(nom, str) else ''}")
    return None


_CITATION = re.compile(r"(\w*)[\s,]*(.*)", re.DOTALL)


def _sources(releve: Releve, declaree: BaseModel, chemin: str, sources: Sources) -> Iterator[Source]:
    """« cahier § 5 »: the text that [sources] calls `cahier`, and where in it."""
    for texte in declaree.model_dump(include={"sources"})["sources"]:
        source = cite(releve, texte, chemin, sources)
        if source is not None:
            yield source


def cite(releve: Releve, texte: str, chemin: str, sources: Sources) -> Source | None:
    """The source that a text cites; None, with a problem, when [sources] has no such name."""
    cle, endroit = _CITATION.findall(texte.strip())[0]
    if cle not in sources:
        releve.add(chemin, f"source « {cle} » inconnue{suggestion(cle, sources) or ' : à déclarer dans [sources]'}")
    source = sources.get(cle)
    return source.source(endroit) if source else None


def refuse_references(releve: Releve, lue: RegleLue, carte: Carte, connus: Mapping[str, TypeLogique]) -> None:
    """A problem for each field that the rule reads and that the mapping has not, or has with another type."""
    propre = releve.about(f"règle « {lue.cle} »")
    for reference in _references(lue.regle):
        type_ = connus.get(reference.champ)
        if carte.is_wrong(reference.champ) or type_ in reference.types:
            continue
        if type_ is None:
            message = f"la correspondance n'a pas de champ « {reference.champ} »{suggestion(reference.champ, connus)}"
        else:
            message = (
                f"« {reference.champ} » est de type « {type_} » ; ici : {enumerer(sorted(reference.types), lien='ou')}"
            )
        propre.add(f"{lue.chemin}.{reference.option}", message)


def _references(regle: Regle | None) -> Iterator[Reference]:
    """The fields that a rule reads: by its own options, and by its condition."""
    if regle is not None:
        yield from regle.references()
        for condition in regle.si:
            yield Reference(option=f"si.{condition.champ}", champ=condition.champ, types=condition.types)


class ConditionDeclaree(Section):
    """When a rule applies, by another field; a text, a list of texts or true/false stands for `parmi`."""

    parmi: Textes = ()
    sauf: Textes = ()
    moins_de: Nombre | None = None
    plus_de: Nombre | None = None
    renseigne: Booleen | None = None

    @model_validator(mode="before")
    @classmethod
    def _valeur_seule(cls, valeur: object) -> object:
        if isinstance(valeur, bool):
            return {"parmi": ["oui" if valeur else "non"]}
        return {"parmi": valeur} if isinstance(valeur, str | list) else valeur

    @model_validator(mode="after")
    def _dit_quelque_chose(self) -> Self:
        if self == ConditionDeclaree.model_construct():
            raise refuse("donnez une valeur, ou parmi, sauf, moins_de, plus_de, renseigne")
        return self

    def condition(self, champ: str) -> Condition:
        """The same for the core."""
        return Condition(champ=champ, **self.model_dump())


_TYPES: dict[Any, Any] = {str: str, bool: Booleen, int: Entier, Decimal: Nombre, date: Jour}

_COMMUNS: dict[str, Any] = {
    "cle": (Cle, ...),
    "libelle": (Texte, ...),
    "sources": (Annotated[Textes, Field(min_length=1)], ...),
    "si": (dict[str, ConditionDeclaree], {}),
}
"""Options that the file writes otherwise than the core holds them."""


@cache
def model_of(kind: type[Regle]) -> type[BaseModel]:
    """The model of a table that declares a rule of that kind."""
    hints = typing.get_type_hints(kind)
    champs: dict[str, Any] = {
        champ.name: _COMMUNS.get(champ.name) or (_declare(hints[champ.name]), _defaut(champ))
        for champ in dataclasses.fields(kind)
    }
    champs["type"] = (typing.Literal[kind.type], ...)
    return create_model(kind.__name__, __base__=Section, **champs)


def build(kind: type[Regle], table: BaseModel, sources: tuple[Any, ...]) -> Regle:
    """The rule that a valid table declares, resting on those sources."""
    options = {champ.name: getattr(table, champ.name) for champ in dataclasses.fields(kind)}
    conditions = tuple(declaree.condition(champ) for champ, declaree in options["si"].items())
    return kind(**(options | {"sources": sources, "si": conditions}))


def _defaut(champ: dataclasses.Field[Any]) -> Any:
    return ... if champ.default is dataclasses.MISSING else champ.default


def _declare(hint: Any) -> Any:
    """The type of an option as the file may write it."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Annotated[hint, choix(hint)]
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        return typing.Union[tuple(_declare(h) for h in typing.get_args(hint))]  # noqa: UP007 - made at run time
    if hint == tuple[str, ...]:
        return Textes
    if hint == tuple[int, ...]:
        return tuple[Entier, ...]
    return _TYPES.get(hint, hint)
