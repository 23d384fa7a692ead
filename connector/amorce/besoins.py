"""What a configuration needs of a form, and what a démarche offers, in the words of the matcher."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from connector.amorce.appariement import Offert, Voulu
from connector.core.correspondance import (
    LISIBLES,
    NOMS,
    NON_SAISIS,
    OPTIONS_VOULUES,
    Correspondance,
    Entree,
    TypeLogique,
    inscriptibles,
    nature_of,
)
from connector.core.model import ChampDescriptor, Demarche

T = TypeLogique

PROPRES: Mapping[TypeLogique, frozenset[str]] = {
    T.TEXTE: frozenset({"Text", "Formatted"}),
    T.TEXTE_LONG: frozenset({"Textarea", "Text"}),
    T.CHOIX: frozenset({"DropDownList"}),
    T.CHOIX_MULTIPLE: frozenset({"MultipleDropDownList"}),
    T.ENTIER: frozenset({"IntegerNumber", "DecimalNumber", "Number"}),
    T.DECIMAL: frozenset({"IntegerNumber", "DecimalNumber", "Number"}),
    T.DATE: frozenset({"Date", "Datetime"}),
    T.BOOLEEN: frozenset({"Checkbox", "YesNo"}),
    T.COURRIEL: frozenset({"Email"}),
    T.ADRESSE: frozenset({"Address"}),
    T.COMMUNE: frozenset({"Commune"}),
    T.REGION: frozenset({"Region"}),
    T.SIRET: frozenset({"Siret"}),
    T.PIECE: frozenset({"PieceJustificative"}),
    T.LIEN: frozenset({"DossierLink"}),
    T.REPETITION: frozenset({"Repetition"}),
}
"""The kinds of champ that somebody who wants that type would choose; others can be read too, and convince less."""

_MONTANTS = frozenset({"pet_montant", "cout"})
"""Amounts are best created as text: DS cannot empty a number (domaine, decision 7)."""

_PREFERES = ("DropDownList", "Date", "IntegerNumber", "DecimalNumber", "Text", "Textarea")
_LONGUES = frozenset({"points_a_verifier", "message_propose", "motivation_proposee"})


def a_creer_en(cle: str) -> str:
    """The kind of champ as which an administrator had best create that annotation of ours."""
    if cle in _LONGUES:
        return "Textarea"
    possibles = inscriptibles(cle) - ({"DecimalNumber", "IntegerNumber"} if cle in _MONTANTS else set())
    return next(nature for nature in _PREFERES if nature in possibles)


OPTIONS: Mapping[str, tuple[str, ...]] = {
    **OPTIONS_VOULUES,
    "decision": ("Retenu", "Liste d'attente", "Non retenu", "Sans suite", "Réorientation"),
    "evenement": ("Désistement", "Report accordé", "Report refusé", "Prise de fonction constatée", "Fin anticipée"),
    "devenir": (
        "Installation en ville",
        "Praticien hospitalier",
        "Exercice mixte",
        "Départ de la région",
        "Autre",
        "Non connu",
    ),
}
"""What the lists of the private annotations are expected to offer (the reference form)."""

VOCABULAIRES: Mapping[str, str] = {
    "type_demande": "demandes",
    "categorie": "categories",
    "duree": "durees",
    "derogation_pet": "derogations",
}
"""The fields whose options the configuration translates, and the table of [vocabulaire] that does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Besoins:
    """What a configuration needs, apart by where the form has it; each `Voulu` is known by its dotted path."""

    champs: tuple[Voulu, ...]
    annotations: tuple[Voulu, ...]
    labels: tuple[Voulu, ...]


def besoins(correspondance: Correspondance, fichier: Mapping[str, Any]) -> Besoins:
    """What that mapping needs; `fichier` holds the tables of the file, for the options it already translates."""
    options = {**OPTIONS, **dict(_traduites(fichier))}
    return Besoins(
        champs=tuple(_voulu(e, options, "pieces" if e.type is T.PIECE else "champs") for e in correspondance.champs),
        annotations=(
            *(
                Voulu(
                    cle=f"annotations.{a.cle}",
                    libelle=a.libelle or a.cle,
                    id=a.id,
                    facultatif=a.facultatif,
                    natures=inscriptibles(a.cle),
                    propres=frozenset({a_creer_en(a.cle)}) | (inscriptibles(a.cle) & {"DecimalNumber", "Text"}),
                    options=OPTIONS_VOULUES.get(a.cle, ()),
                    exigees=True,
                )
                for a in correspondance.annotations
            ),
            *(_voulu(e, options, "saisies") for e in correspondance.saisies),
        ),
        labels=tuple(
            Voulu(cle=f"labels.{label.cle}", libelle=label.libelle, facultatif=label.facultatif)
            for label in correspondance.labels
        ),
    )


def _voulu(entree: Entree, options: Mapping[str, tuple[str, ...]], table: str) -> Voulu:
    chemin = f"{table}.{entree.cle}"
    return Voulu(
        cle=chemin,
        libelle=entree.libelle or entree.cle,
        id=entree.id,
        facultatif=entree.facultatif,
        natures=LISIBLES[entree.type],
        propres=PROPRES[entree.type],
        options=options.get(entree.cle, ()),
        dedans=tuple(_voulu(e, options, f"{chemin}.champs") for e in entree.champs),
    )


def _traduites(fichier: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The options that [vocabulaire] translates, and those that rules name."""
    for regle in fichier.get("regles", []):
        if regle.get("type") == "type_structure":
            yield "type_structure", tuple(regle.get("connus", ()))
    for cle, table in VOCABULAIRES.items():
        if mots := fichier.get("vocabulaire", {}).get(table):
            yield cle, tuple(mots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offre:
    """What a démarche has: the champs of its active form, its private annotations, its labels."""

    champs: tuple[Offert, ...]
    annotations: tuple[Offert, ...]
    labels: tuple[Offert, ...]


def offre(demarche: Demarche) -> Offre:
    """What that démarche has."""
    return Offre(
        champs=tuple(_offerts(demarche.active.champs)),
        annotations=tuple(_offerts(demarche.active.annotations)),
        labels=tuple(Offert(id=label.id, libelle=label.name) for label in demarche.labels),
    )


def _offerts(descripteurs: Iterable[ChampDescriptor]) -> Iterator[Offert]:
    section = ""
    for descripteur in descripteurs:
        nature = nature_of(descripteur)
        if nature == "HeaderSection":
            section = descripteur.label
        if nature not in NON_SAISIS:
            yield Offert(
                id=descripteur.id,
                libelle=" ".join(descripteur.label.split()),
                nature=nature if nature in NOMS else "Text",
                options=() if descripteur.other_option else descripteur.options,
                section=section,
                dedans=tuple(replace(o, section=descripteur.label) for o in _offerts(descripteur.champs)),
            )
