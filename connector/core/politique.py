"""What the operator allows: the mode, the opt-ins, the brakes. Data only; `config` reads it, `decide` obeys it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from connector.core.calendrier import Territoire


class Mode(StrEnum):
    """Three degrees of confidence (domaine, decision 10)."""

    OBSERVER = "observer"
    ANNOTER = "annoter"
    AGIR = "agir"


class Chiffrement(StrEnum):
    """How the mail server of the bulletin is spoken to."""

    STARTTLS = "starttls"
    TLS = "tls"
    AUCUN = "aucun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relances:
    """When a request left without an answer is recalled; every delay is in working days of `territoire`.

    `premiere` after the request, `seconde` after the first reminder, `sans_suite` from the second one to the proposal
    of closing the dossier. Nothing is recalled less than `apres_agent` after an agent's message, nor asked less than
    `apres_annonce` after the applicant wrote that something will follow. `fermetures`: the ARS's own closing days.
    """

    actives: bool = False
    premiere: int = 10
    seconde: int = 10
    sans_suite: int = 10
    apres_agent: int = 5
    apres_annonce: int = 10
    territoire: Territoire = Territoire.METROPOLE
    fermetures: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Politique:
    """What may be written to DS, and how much of it.

    `mise_en_service`: dossiers filed before that day are annotated, never written to. `instructeur`: e-mail of the
    agent in whose name we write; the id is found in each dossier's own group. Ceilings are counts: per cycle, and per
    dossier over 24 hours; `annotations_par_dossier_par_jour` is how many times we may write in it.
    `delai_reponse_perdue`: how long a write left without an answer may still land. `accuse` and `complet`: whether
    those messages exist at all; `reorientation` and `evenements`: whether
    the message about another agency, and those that tell what became of an accepted dossier, may leave by themselves.
    """

    mode: Mode = Mode.OBSERVER
    corrections: bool = False
    passage_en_instruction: bool = False
    accuse: bool = False
    complet: bool = True
    reorientation: bool = False
    relances: Relances = field(default_factory=Relances)
    evenements: bool = False
    labels: bool = True
    mise_en_service: date | None = None
    instructeur: str = ""
    notifier: bool = True
    messages_par_cycle: int = 20
    transitions_par_cycle: int = 20
    par_dossier_par_jour: int = 3
    annotations_par_dossier_par_jour: int = 20
    delai_reponse_perdue: timedelta = timedelta(seconds=30)
