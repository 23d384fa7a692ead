"""The rules: one file a kind, each a frozen dataclass whose fields are its options.

Here: kinds, what they share (`base`), and what their findings add up to (`proposition`). Not here: where a rule's
options come from, nor what is done about what it finds. A new kind is one file, and its name in `KINDS`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping

from connector.core.candidature import Candidature, PasLu
from connector.core.constat import Constat, Statut
from connector.core.referentiels import Referentiel
from connector.core.regles.base import (
    AVIS_D_UN_REFUS,
    Condition,
    Contexte,
    Exemple,
    Reference,
    Regle,
    RegleDeChamp,
    SiVide,
    Verdict,
)
from connector.core.regles.champ_requis import ChampRequis
from connector.core.regles.chu_partenaire import ChuPartenaire
from connector.core.regles.convention import Convention
from connector.core.regles.date_entre import DateEntre
from connector.core.regles.date_prise_fonction import DatePriseFonction
from connector.core.regles.depot_dans_le_delai import DepotDansLeDelai
from connector.core.regles.depot_territoire import DepotTerritoire
from connector.core.regles.doublon import Doublon
from connector.core.regles.duree import Duree
from connector.core.regles.etablissements_distincts import EtablissementsDistincts
from connector.core.regles.nombre_entre import NombreEntre
from connector.core.regles.options import impossible_conditions, unknown_answers
from connector.core.regles.piece_obligatoire import PieceObligatoire
from connector.core.regles.proposition import complet, est_piece, favorable, opinion, proposer, resume_pieces
from connector.core.regles.quotite import Quotite
from connector.core.regles.remplacement import Remplacement
from connector.core.regles.report import Report
from connector.core.regles.specialite_exclue import SpecialiteExclue
from connector.core.regles.type_structure import TypeStructure
from connector.core.regles.valeur_parmi import ValeurParmi
from connector.core.regles.zone_sous_dense import ZoneSousDense
from connector.core.situation import Situation

__all__ = [
    "AVIS_D_UN_REFUS",
    "KINDS",
    "ChampRequis",
    "ChuPartenaire",
    "Condition",
    "Contexte",
    "Convention",
    "DateEntre",
    "DatePriseFonction",
    "DepotDansLeDelai",
    "DepotTerritoire",
    "Doublon",
    "Duree",
    "EtablissementsDistincts",
    "Exemple",
    "NombreEntre",
    "PieceObligatoire",
    "Quotite",
    "Reference",
    "Regle",
    "RegleDeChamp",
    "Remplacement",
    "Report",
    "SiVide",
    "SpecialiteExclue",
    "TypeStructure",
    "ValeurParmi",
    "Verdict",
    "ZoneSousDense",
    "complet",
    "est_piece",
    "evaluer",
    "favorable",
    "impossible_conditions",
    "opinion",
    "proposer",
    "referentiels_manquants",
    "resume_pieces",
    "trouver",
    "unknown_answers",
]

log = logging.getLogger(__name__)

_TOUS: tuple[type[Regle], ...] = (
    PieceObligatoire,
    ChampRequis,
    ValeurParmi,
    NombreEntre,
    DateEntre,
    DepotTerritoire,
    DepotDansLeDelai,
    SpecialiteExclue,
    TypeStructure,
    ZoneSousDense,
    Quotite,
    Duree,
    DatePriseFonction,
    Convention,
    ChuPartenaire,
    Doublon,
    Remplacement,
    Report,
    EtablissementsDistincts,
)
KINDS: Mapping[str, type[Regle]] = {kind.type: kind for kind in _TOUS}
"""Every kind of rule, by the name that the configuration gives it."""


def evaluer(regles: Iterable[Regle], candidature: Candidature, contexte: Contexte) -> tuple[Constat, ...]:
    """What each rule finds, in the declared order."""
    return tuple(trouver(regles, candidature, contexte))


def trouver(regles: Iterable[Regle], candidature: Candidature, contexte: Contexte) -> Iterator[Constat]:
    """The same, one at a time: whoever has heard enough asks no further."""
    return (_constat(regle, candidature, contexte) for regle in regles)


def referentiels_manquants(regles: Iterable[Regle], situation: Situation) -> tuple[Referentiel, ...]:
    """The referentials that a rule needs in that situation and of which no version is in force."""
    requis = {referentiel for regle in regles for referentiel in regle.referentiels(situation)}
    en_vigueur = {version.referentiel for version in situation.versions}
    return tuple(sorted(requis - en_vigueur))


def _constat(regle: Regle, candidature: Candidature, contexte: Contexte) -> Constat:
    """One finding. A rule that breaks is a finding too: a human is told, and the other rules are heard."""
    try:
        return regle.check(candidature, contexte)
    except PasLu:
        raise
    except Exception as error:  # noqa: BLE001 - a new kind's mistake must not cost the whole dossier
        log.error(  # noqa: TRY400 - a traceback would carry values of champs
            "rule.broken", extra={"rule": regle.cle, "dossier": candidature.numero, "error": type(error).__name__}
        )
        phrase = f"La règle « {regle.libelle} » n'a pas pu être appliquée ({type(error).__name__})."
        remede = "Examiner ce point à la main et signaler l'incident."
        return regle.constat(Verdict(statut=Statut.A_VERIFIER, phrase=phrase, remede=remede))
