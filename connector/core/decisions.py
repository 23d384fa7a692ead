"""What people decided of a dossier, and the words they say it with; the program never decides.

A decision is a line of the commission's validated list, or what an agent chose in an annotation; the API does not say
who typed it, so its date and its place are kept. What becomes of it is for `portage`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from connector.core import empreintes
from connector.core.candidature import Candidature
from connector.core.chiffrage import Chiffrage
from connector.core.constat import Source
from connector.core.correspondance import Resolution
from connector.core.evaluation import Historique, Proposition
from connector.core.model import Champ, Dossier
from connector.core.plan import Transition
from connector.core.politique import Politique
from connector.core.projet import Projet
from connector.core.situation import Situation
from connector.core.textes import normaliser


class SourceDecisions(StrEnum):
    """Where the decisions come from; `AUCUNE`: agents decide in DS, by hand."""

    AUCUNE = "aucune"
    FICHIER = "fichier"
    ANNOTATION = "annotation"


class Sens(StrEnum):
    """What the commission decides; the value is the option of the reference form."""

    RETENU = "Retenu"
    LISTE_D_ATTENTE = "Liste d'attente"
    NON_RETENU = "Non retenu"
    SANS_SUITE = "Sans suite"
    REORIENTATION = "Réorientation"


_AUTREMENT_DIT = {
    Sens.RETENU: ("retenue", "accepté", "acceptée", "accepter", "accord", "admis", "admise", "favorable"),
    Sens.LISTE_D_ATTENTE: ("attente", "sur liste d'attente", "en attente", "liste complémentaire"),
    Sens.NON_RETENU: ("non retenue", "refusé", "refusée", "refuser", "refus", "rejeté", "rejetée", "défavorable"),
    Sens.SANS_SUITE: ("classé sans suite", "classée sans suite", "classer sans suite", "classement sans suite"),
    Sens.REORIENTATION: ("réorienté", "réorientée", "réorienter", "à réorienter"),
}


_SENS = {normaliser(mot): sens for sens in Sens for mot in (sens.value, *_AUTREMENT_DIT[sens])}


TRANSITIONS: Mapping[Sens, Transition] = {
    Sens.RETENU: Transition.ACCEPTER,
    Sens.NON_RETENU: Transition.REFUSER,
    Sens.SANS_SUITE: Transition.CLASSER_SANS_SUITE,
}
"""The state change of each decision that has one: DS knows no waiting list, and a dossier is handed on by people."""


FINS: Mapping[str, str] = {"accepte": "accepté", "refuse": "refusé", "classe_sans_suite": "classé sans suite"}
"""The events of a dossier's history that end it, and how a sentence says so."""


_REPRISES = frozenset({*FINS, "repasse_en_instruction"})
"""The events by which an agent takes a decision into their own hands."""


LABEL_ATTENTE = "liste_attente"


def sens_de(texte: str) -> Sens | None:
    """The decision that these words mean, accents, case and gender apart; None for words that we do not know."""
    return _SENS.get(normaliser(texte).rstrip("."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What people decided of one dossier: `le` is when it was recorded, or typed; `origine` tells where, in French.

    `confirmee_le`: when somebody said « yes, all the same », None if nobody did.
    """

    dossier: int
    sens: Sens
    source: SourceDecisions
    le: datetime
    motivation: str = ""
    rang: int | None = None
    confirmee_le: datetime | None = None
    origine: str = ""

    @property
    def empreinte(self) -> str:
        """What makes it that very decision: taken anew, even in the same words, it is another one."""
        return empreintes.of(self.dossier, self.sens, self.source, self.le)

    @property
    def dit(self) -> tuple[object, ...]:
        """What it says, whenever it was said: the same line in a newer list is no news."""
        return self.sens, self.motivation, self.rang, self.confirmee_le is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadre:
    """How an ARS wants decisions carried out, and what every one of them must tell.

    `notifier`: DS tells the applicant. `saisie`: how long an annotation must have been left alone before it is obeyed.
    `prevenir_attente`: those on the waiting list are written to; `validite` is until when that list holds.
    """

    source: SourceDecisions = SourceDecisions.AUCUNE
    notifier: bool = True
    signataire: str = ""
    voies_recours: str = ""
    mention: str = ""
    saisie: timedelta = timedelta(hours=1)
    prevenir_attente: bool = True
    validite: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cas:
    """One dossier as judged, and all that bears on its decision.

    `enregistree` is its line of the list, None when it has none; `sources` are the texts of each rule, by its key;
    `lacunes` says which referentials are missing, as French clauses.
    """

    dossier: Dossier
    candidature: Candidature
    projet: Projet
    situation: Situation
    proposition: Proposition
    chiffrage: Chiffrage
    resolution: Resolution
    historique: Historique
    politique: Politique
    cadre: Cadre
    enregistree: Decision | None
    now: datetime
    aujourd_hui: date
    en_pause: bool = False
    lacunes: tuple[str, ...] = ()
    notification_le: date | None = None
    sources: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)


def lue(dossier: Dossier, candidature: Candidature, resolution: Resolution) -> Decision | None:
    """The decision that agents chose in the annotations of a dossier; None when they chose none that we know."""
    place = saisie(dossier, resolution, "decision")
    sens = sens_de(candidature.connu("decision", str) or "")
    if place is None or sens is None:
        return None
    return Decision(
        dossier=dossier.number,
        sens=sens,
        source=SourceDecisions.ANNOTATION,
        le=place.updated_at or dossier.date_derniere_modification_annotations,
        motivation=candidature.connu("motivation", str) or "",
        rang=candidature.connu("rang", int),
        origine=f"l’annotation « {place.label} »",
    )


def saisie(dossier: Dossier, resolution: Resolution, cle: str) -> Champ | None:
    """The annotation that agents fill under that key, None where the form has none."""
    ids = next((cible.ids for cible in resolution.saisies if cible.cle == cle), ())
    return next((a for i in ids for a in dossier.annotations if a.descriptor_id == i), None)


def en_vigueur(cas: Cas) -> Decision | None:
    """The decision in force, by the source that the ARS chose; by hand, either tells what the words should say."""
    if cas.cadre.source is SourceDecisions.FICHIER:
        return cas.enregistree
    annotee = lue(cas.dossier, cas.candidature, cas.resolution)
    return annotee if cas.cadre.source is SourceDecisions.ANNOTATION else annotee or cas.enregistree


def reprise(dossier: Dossier, decision: Decision) -> datetime | None:
    """The last time that somebody decided of the dossier, or reopened it, after that decision."""
    return max((t.date for t in dossier.traitements if t.event in _REPRISES and t.date > decision.le), default=None)
