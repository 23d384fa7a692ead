"""What the rules in force are made of, in French: their options, their conditions, and the region's parameters.

An administration owes these to whoever a decision concerns when an algorithm had a part in it (domaine §8).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from connector.core.campagne import Campagne
from connector.core.chiffrage import Parametres
from connector.core.constat import Source
from connector.core.cout import FinApresReport, ParametresCout
from connector.core.montants import euros, jour, kilometres, nombre
from connector.core.pet import ParametresPet
from connector.core.quota import Nature, Quota, StatutQuota
from connector.core.regles import Condition, Regle, SiVide
from connector.core.textes import enumerer, typographier

_COMMUNES = frozenset(champ.name for champ in dataclasses.fields(Regle))


_FINS = {
    FinApresReport.DECALEE: "toute la durée est financée",
    FinApresReport.MAINTENUE: "la fin ne bouge pas",
}
_STATUTS = {StatutQuota.PROVISOIRE: "provisoire", StatutQuota.DEFINITIF: "définitif"}
_SI_VIDE: dict[str, str] = {SiVide.A_VERIFIER: "à vérifier", SiVide.SANS_OBJET: "sans objet"}
_SANS_CHARGES = "Charges patronales : aucun taux saisi, montants bruts."


def options(regle: Regle) -> tuple[str, ...]:
    """A rule's own options, then its condition: « mois_maximum = 3 », « s'applique si … »."""
    propres = (champ.name for champ in dataclasses.fields(regle) if champ.name not in _COMMUNES)
    valeurs = ((nom, en_clair(getattr(regle, nom))) for nom in propres)
    lues = ", ".join(f"{nom} = {valeur}" for nom, valeur in valeurs if valeur)
    si = " ; ".join(map(_condition, regle.si))
    dites = (f"Réglages : {lues}" if lues else "", f"S'applique si {si}" if si else "")
    return tuple(map(typographier, filter(None, dites)))


def en_clair(valeur: object) -> str:
    """The value of an option as a reader says it; "" for one that says nothing."""
    match valeur:
        case bool():
            return "oui" if valeur else "non"
        case int() | Decimal():
            return nombre(valeur)
        case date():
            return jour(valeur)
        case tuple():
            return enumerer(map(en_clair, valeur))
        case str() if valeur:
            return _SI_VIDE.get(valeur, f"« {valeur} »")
        case _:
            return ""


def _condition(condition: Condition) -> str:
    criteres = (
        f"est {enumerer(map(en_clair, condition.parmi), lien='ou')}" if condition.parmi else "",
        f"n'est pas {enumerer(map(en_clair, condition.sauf), lien='ou')}" if condition.sauf else "",
        f"est inférieur à {nombre(condition.moins_de)}" if condition.moins_de is not None else "",
        f"est supérieur à {nombre(condition.plus_de)}" if condition.plus_de is not None else "",
        {True: "est renseigné", False: "n'est pas renseigné", None: ""}[condition.renseigne],
    )
    return f"« {condition.champ} » {' et '.join(filter(None, criteres))}"


def parametres(campagne: Campagne | None, valeurs: Parametres) -> tuple[str, ...]:
    """The region's dates, scales and quotas, each with its source."""
    lignes = (
        *_campagne(campagne),
        *(_pet(valeurs.pet) if valeurs.pet else ("Prime d'exercice territorial : non calculée.",)),
        *(_cout(valeurs.cout) if valeurs.cout else ("Coût pour l'ARS : non calculé.",)),
        *_quotas(valeurs),
    )
    return tuple(map(typographier, lignes))


def _campagne(campagne: Campagne | None) -> Iterator[str]:
    if campagne is None:
        yield "Campagne : aucune date saisie."
        return
    noms = {"ouverture": "ouverture", "cloture": "clôture", "commission": "commission", "notification_le": "réponse"}
    dates = {nom: getattr(campagne, cle) for cle, nom in noms.items()}
    yield f"Campagne : {', '.join(f'{nom} le {jour(le)}' for nom, le in dates.items() if le is not None)}."


def _pet(pet: ParametresPet) -> Iterator[str]:
    categories = enumerer(sorted(pet.categories))
    seuil = kilometres(pet.seuil_km)
    yield f"Prime d'exercice territorial : catégories {categories}, à partir de {seuil} par la route."
    for bareme in pet.baremes:
        paliers = " ; ".join(f"{p.libelle}, {euros(p.montant)}" for p in bareme.paliers)
        yield f"Barème de la prime au {jour(bareme.date_effet)} : {paliers}. {_source(bareme.source)}"


def _cout(cout: ParametresCout) -> Iterator[str]:
    yield f"Coût pour l'ARS : lecture {cout.lecture}, après un report, {_FINS[cout.fin_apres_report]}."
    for nom, taux in (
        ("Part de l'ARS sur le salaire", cout.part_salaire),
        ("Part de l'ARS sur la prime", cout.part_pet),
    ):
        yield f"{nom} : {taux.texte()}. {_source(taux.source)}"
    charges = cout.charges
    yield f"Charges patronales : {charges.texte()}. {_source(charges.source)}" if charges else _SANS_CHARGES
    for bareme in cout.baremes:
        periode = f"du {jour(bareme.date_effet)} au {jour(bareme.valable_jusqu_au)}"
        yield f"Salaire mensuel brut {periode} : {euros(bareme.mensuel)}. {_source(bareme.source)}"


def _quotas(valeurs: Parametres) -> Iterator[str]:
    if valeurs.quota is not None:
        yield f"Quotas : mode « {valeurs.quota.mode} », un poste d'un an pèse {nombre(valeurs.quota.poids_un_an)}."
    nationales = sorted({q.source.texte for q in valeurs.quotas if q.nature is Nature.NATIONAL})
    yield from (f"Quotas nationaux : {texte}." for texte in nationales)
    yield from _regionaux(q for q in valeurs.quotas if q.nature is Nature.REGIONAL)


def _regionaux(quotas: Iterable[Quota]) -> Iterator[str]:
    for quota in quotas:
        places = "sans objet" if quota.valeur is None else nombre(quota.valeur)
        cle = f"promotion {quota.cle.promotion}, région {quota.cle.region}, catégorie {quota.cle.categorie}"
        commentaire = f" {quota.commentaire}" if quota.commentaire else ""
        yield f"Quota régional ({cle}) : {places}, {_STATUTS[quota.statut]}. {_source(quota.source)}{commentaire}"


def _source(source: Source) -> str:
    return f"Source : {source.texte} ({'opposable' if source.opposable else 'non opposable'})."
