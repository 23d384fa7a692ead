"""Dossiers, posts and reports to count, made in one line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from connector.bilan.matiere import Matiere
from connector.bilan.releve import ClasseZone, Cle, Dit, Vu
from connector.core.annexe_dgos import QUOTAS
from connector.core.constat import AvisPropose, Constat, Effet, Source, Statut
from connector.core.decisions import Sens
from connector.core.model import DossierState
from connector.core.poste import Attribution, Categorie, Poste, Quotites, ouvre
from connector.core.quota import TypeDemande

JOUR = date(2026, 11, 22)
CVL_II = Cle(promotion="2023-2025", region="24", categorie="II")
TEXTE = Source(texte="Cahier des charges", opposable=True)
REGLES = {"zone": "zone", "quotite": "quotité ambulatoire", "piece_cv": "CV"}


def constat(regle="zone", statut=Statut.KO, effet=Effet.BLOQUANT, avis=AvisPropose.DEFAVORABLE):
    return Constat(regle=regle, statut=statut, effet=effet, phrase="La zone ne convient pas.", source=TEXTE, avis=avis)


def dit(avis=AvisPropose.FAVORABLE, *constats):
    return Dit(avis=avis, constats=constats)


def vu(dossier=1, **changes):
    defauts = {
        "demarche": 9,
        "etat": DossierState.EN_INSTRUCTION,
        "cle": CVL_II,
        "demande": TypeDemande.NOUVELLE,
        "depose_le": date(2026, 3, 2),
        "specialite": "Cardiologie",
        "chu": "CHU de Tours",
        "structures": ("Centre de santé",),
        "zone": ClasseZone.ZIP,
        "quotite_hospitaliere": Decimal(50),
        "quotite_ambulatoire": Decimal(50),
        "dit": dit(),
    }
    return Vu(dossier=dossier, **defauts | changes)


def decide(dossier, decision, *, dit_avant=None, **changes):
    """A dossier that people decided on 1 April, and what we said then."""
    etats = {
        Sens.RETENU: DossierState.ACCEPTE,
        Sens.NON_RETENU: DossierState.REFUSE,
        Sens.SANS_SUITE: DossierState.SANS_SUITE,
    }
    defauts = {
        "etat": etats[decision],
        "decision": decision,
        "traite_le": date(2026, 4, 1),
        "dit_avant": dit_avant or dit(),
    }
    return vu(dossier, **defauts | changes)


def attribution(dossier, **changes):
    defauts = {
        "accepte_le": date(2026, 4, 1),
        "promotion": "2023-2025",
        "categorie": Categorie.II,
        "region": "24",
        "etablissement": "26370010600010",
        "quotites": Quotites(hospitaliere=Decimal(50), ambulatoire=Decimal(50)),
        "debut": date(2026, 11, 1),
        "duree_mois": 24,
        "cout": Decimal("45265.92"),
    }
    return Attribution(dossier=dossier, **defauts | changes)


def poste(dossier=1, *, tranches=(), **changes) -> Poste:
    return replace(ouvre(attribution(dossier, **changes)), tranches=tranches)


def matiere(*vus, postes=(), **changes):
    defauts = {"jour": JOUR, "quotas": QUOTAS, "regles": REGLES}
    return Matiere(vus=tuple(vus), postes=tuple(postes), **defauts | changes)


def valeurs(tableau, libelle):
    """The cells of one row."""
    (ligne,) = [li for li in (*tableau.lignes, *filter(None, (tableau.total,))) if li.libelle == libelle]
    return ligne.valeurs


def tableau(section, cle):
    """The table of that key in a section."""
    (trouve,) = [t for t in section.tableaux if t.cle == cle]
    return trouve
