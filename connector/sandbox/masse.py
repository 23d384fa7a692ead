"""Thousands of dossiers that cost almost nothing: their content is made from their number each time it is read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connector.sandbox import formulaire as form
from connector.sandbox.jetons import donne_les_jetons
from connector.sandbox.lieux import (
    CENTRE_VAL_DE_LOIRE,
    CHU_TOURS,
    GIEN,
    HOPITAUX,
    ISSOUDUN,
    LOCHES,
    PITHIVIERS,
    ROMORANTIN,
    SAINT_AMAND,
    VENDOME,
    VIERZON,
    avec_cle,
)
from connector.sandbox.recit import NOMS, NOMS_DE_FICHIER, PRENOMS, groupe_de
from connector.sandbox.world import (
    Cle,
    Contenu,
    DossierMonde,
    Fichier,
    Revision,
    Traitement,
    Usager,
    Valeur,
    World,
)

PREMIER = 200_001
PAR_INSTANT = 3
"""How many dossiers share a date of last modification: pages must tell them apart by their number."""

SANS_CONVENTION = 5
"""One dossier out of this many lacks its agreement."""

ACCUEILS = (VIERZON, ROMORANTIN, SAINT_AMAND, GIEN, PITHIVIERS, ISSOUDUN, VENDOME, LOCHES)


def monde_de_masse(n: int, now: Callable[[], datetime]) -> World:
    """Give a world of n filed dossiers of some forty champs and twenty annotations, numbered from `PREMIER`.

    They were filed one by one up to an hour ago, a minute for three. Their files have a size and a checksum and
    cannot be downloaded. About one kilobyte of memory each, and nothing more is kept when they are read.
    """
    present = now()
    world = World(now)
    demarche = world.add_demarche(form.demarche(present - timedelta(days=400)))
    donne_les_jetons(world)
    gabarit = Gabarit(demarche.revision_active, present - timedelta(days=300))
    comptes = [(Usager(number=7_000 + h.rang, email=h.courriel), h.personne_morale, groupe_de(h)) for h in HOPITAUX]
    depuis = present - timedelta(hours=1, minutes=n // PAR_INSTANT + 1)
    instants = [depuis + timedelta(minutes=k) for k in range(n // PAR_INSTANT + 1)]
    for rang in range(n):
        usager, demandeur, groupe = comptes[rang % len(comptes)]
        instant = instants[rang // PAR_INSTANT]
        depot = Traitement(
            number=rang + 1, event="depose", date=instant, revision=demarche.active, state="en_construction"
        )
        world.add_dossier(
            DossierMonde(
                number=PREMIER + rang,
                demarche=demarche.number,
                revision=demarche.active,
                state="en_construction",
                usager=usager,
                demandeur=demandeur,
                groupe=groupe,
                created_at=instant,
                depose_at=instant,
                updated_at=instant,
                en_construction_at=instant,
                champs_at=instant,
                annotations_at=instant,
                traitements=[depot],
                genere=gabarit.contenu,
            )
        )
    world.at_least("dossier", PREMIER + n)
    world.at_least("traitement", n)
    return world


class Gabarit:
    """Makes the content of a dossier from its number: the same at each reading, and different for each dossier."""

    def __init__(self, revision: Revision, at: datetime) -> None:
        self._at = at
        self._ids = {d.label: d.stable_id for d in revision.par_id.values()}
        self._repetition = revision.nomme("Lieux d'exercice hors site principal")
        self._communes = {self._ids[k]: Valeur(valeur=v, updated_at=at) for k, v in _communes_a_tous().items()}
        self._recruteurs = [self._valeurs(_recruteur(rang)) for rang in range(len(HOPITAUX))]
        self._sites = [self._valeurs(s.ligne("5")) for s in ACCUEILS]

    def contenu(self, numero: int) -> Contenu:
        """Give the values and rows of this dossier."""
        rang = f"{numero:026d}"
        valeurs: dict[Cle, Valeur] = {(s, ""): v for s, v in self._communes.items()}
        valeurs |= {(s, ""): v for s, v in self._recruteurs[(numero - PREMIER) % len(HOPITAUX)].items()}
        valeurs |= {(s, ""): v for s, v in self._valeurs(_propres(numero, self._at)).items()}
        valeurs |= {(s, rang): v for s, v in self._sites[numero % len(ACCUEILS)].items()}
        return valeurs, {self._repetition.stable_id: [rang]}

    def _valeurs(self, par_label: dict[Any, Any]) -> dict[int, Valeur]:
        return {self._ids[label]: Valeur(valeur=valeur, updated_at=self._at) for label, valeur in par_label.items()}


def _communes_a_tous() -> dict[str, Any]:
    return {
        "Type de demande": form.NOUVELLE,
        "Catégorie de poste": form.AMBULATOIRE,
        "Promotion": form.PROMOTIONS[0],
        "Région de dépôt": CENTRE_VAL_DE_LOIRE,
        "CHU partenaire": CHU_TOURS.nom,
        "Quotité hospitalière (%)": 50,
        "Quotité ambulatoire (%)": 50,
        "Date de prise de fonction": date(2023, 11, 1),
        "Durée du poste": form.DUREES[1],
        "Dérogation à la condition de 20 km demandée": False,
        "Dérogation PET": "Aucune",
        "Distance routière retenue (km)": Decimal("42.5"),
    }


def _recruteur(rang: int) -> dict[str, Any]:
    hopital = HOPITAUX[rang]
    return {
        "SIRET de l'établissement": hopital.personne_morale,
        "N° FINESS": hopital.finess,
        "Adresse de l'établissement": hopital.adresse,
    }


def _propres(numero: int, at: datetime) -> dict[str, Any]:
    """What is this dossier's own: who, in which speciality, and the files."""
    sans = {form.CONVENTION} if numero % SANS_CONVENTION == 0 else set()
    return {
        "Nom du candidat": NOMS[numero % len(NOMS)],
        "Prénom du candidat": PRENOMS[numero % len(PRENOMS)],
        "N° RPPS": avec_cle(f"9990{numero:06d}"),
        "Courriel du candidat": f"candidat.{numero}@exemple.fr",
        "Spécialité": form.SPECIALITES[numero % len(form.SPECIALITES)],
        **{label: [_fichier(numero, rang, label, at)] for rang, label in enumerate(form.PIECES) if label not in sans},
    }


def _fichier(numero: int, rang: int, label: str, at: datetime) -> Fichier:
    return Fichier(
        filename=NOMS_DE_FICHIER[label],
        taille=40_000 + numero % 1_000,
        checksum=f"{numero:012d}{rang:08d}ab==",
        created_at=at,
        cle=f"m{numero}-{rang}",
    )
