"""The morning's bulletin of a group: what became complete, what waits for its instructors, what falls due.

DS tells no instructor that an annotation changed. Pure: dossiers and their past in, a text of numbers and links out; no
name, no address, no answer of a form is ever in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from connector.core.calendrier import ajoute_jours_ouvres, est_ouvre
from connector.core.campagne import Campagne
from connector.core.constat import AvisPropose
from connector.core.conversation import RELANCES, SANS_SUITE, echange
from connector.core.correspondance import Resolution
from connector.core.courrier import Auteur, auteur
from connector.core.decide import TEXTE, is_blank
from connector.core.envoi_valide import CASE
from connector.core.evaluation import Historique, Proposition
from connector.core.model import Dossier, DossierState
from connector.core.montants import jour, pluriel
from connector.core.plan import EtatIntention
from connector.core.politique import Relances
from connector.core.regles import complet
from connector.core.typographie import composer

MONTRES = 30
"""How many dossiers a section names; the others are counted."""


class Rubrique(StrEnum):
    """The sections, in their order; the value is the title."""

    REMIS = "Remis entre vos mains"
    ECHEANCE = "Arrivent à échéance"
    ATTEND = "Attendent quelque chose de vous"
    COMPLET = "Devenus complets"


_COMPTES = {
    Rubrique.REMIS: ("remis entre vos mains", "remis entre vos mains"),
    Rubrique.ECHEANCE: ("échéance", "échéances"),
    Rubrique.ATTEND: ("en attente de vous", "en attente de vous"),
    Rubrique.COMPLET: ("devenu complet", "devenus complets"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reperes:
    """From when to when the bulletin speaks, and by which delays; `delai_jours` is the applicant's, calendar days."""

    depuis: datetime
    aujourd_hui: date
    delai_jours: int
    relances: Relances

    @property
    def demain(self) -> date:
        """The next working day: the next bulletin's."""
        return ajoute_jours_ouvres(self.aujourd_hui, 1, self.relances.territoire, self.relances.fermetures)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vu:
    """One dossier, its past, and what we said of it when the last bulletin left; `avant` None: nothing yet."""

    dossier: Dossier
    historique: Historique
    avant: Proposition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entree:
    """One dossier in one section; `raison` "" where the title says it all."""

    rubrique: Rubrique
    dossier: int
    raison: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """What one group is told of one démarche. `decisions` counts its dossiers in instruction; `dates` are sentences."""

    demarche: int
    groupe: str
    entrees: tuple[Entree, ...] = ()
    decisions: int = 0
    dates: tuple[str, ...] = ()

    @property
    def vide(self) -> bool:
        """Whether there is nothing worth a message: a count that everybody knows is not."""
        return not (self.entrees or self.dates)

    def objet(self) -> str:
        """The subject: how many of each."""
        comptes = {r: sum(e.rubrique is r for e in self.entrees) for r in Rubrique}
        dits = [pluriel(n, *_COMPTES[rubrique]) for rubrique, n in comptes.items() if n]
        return composer(f"Démarche {self.demarche} : {', '.join(dits) or 'dates de la campagne'}")

    def texte(self, site: str) -> str:
        """The message; `site` is the address of the instance, without a final slash."""
        lien = f"{site}/procedures/{self.demarche}"
        lines = ["Bonjour,", "", f"Groupe « {self.groupe} », démarche n° {self.demarche} : {lien}"]
        for rubrique in Rubrique:
            entrees = [e for e in self.entrees if e.rubrique is rubrique]
            lines += _section(rubrique, entrees, lien) if entrees else []
        if self.dates:
            lines += ["", "Dates de la campagne", *(f"  - {phrase}" for phrase in self.dates)]
        if self.decisions:
            attend = pluriel(
                self.decisions,
                "dossier du groupe est en instruction et attend",
                "dossiers du groupe sont en instruction et attendent",
            )
            lines += ["", f"{attend} une décision."]
        return composer("\n".join([*lines, "", *PIED]))


PIED = (
    "Le détail est dans les annotations privées de chaque dossier.",
    "Ce message part au plus une fois par jour ouvré, quand il y a quelque chose à dire.",
    "Il ne contient que des numéros et des liens.",
)


def _section(rubrique: Rubrique, entrees: list[Entree], lien: str) -> Iterator[str]:
    yield from ("", f"{rubrique.value} ({len(entrees)})")
    for entree in entrees[:MONTRES]:
        raison = f" : {entree.raison}" if entree.raison else ""
        yield f"  - n° {entree.dossier}{raison}\n    {lien}/dossiers/{entree.dossier}"
    if len(entrees) > MONTRES:
        yield f"  et {pluriel(len(entrees) - MONTRES, 'autre')}."


def composer_bulletin(
    demarche: int,
    groupe: str,
    vus: Iterable[Vu],
    *,
    resolution: Resolution,
    reperes: Reperes,
    campagne: Campagne | None,
) -> Bulletin:
    """The bulletin of that group; `vus` are its dossiers, in the order they will be shown."""
    entrees: list[Entree] = []
    decisions = 0
    for vu in vus:
        decisions += vu.dossier.state is DossierState.EN_INSTRUCTION and not vu.dossier.archived
        entrees += _entrees(vu, resolution, reperes)
    return Bulletin(
        demarche=demarche,
        groupe=groupe,
        entrees=tuple(entrees),
        decisions=decisions,
        dates=tuple(_dates(campagne, reperes)) if campagne else (),
    )


def _entrees(vu: Vu, resolution: Resolution, reperes: Reperes) -> Iterator[Entree]:
    """The sections where that dossier belongs, each once."""
    numero, evaluation = vu.dossier.number, vu.historique.evaluation
    if _remis(vu.historique, reperes.depuis):
        yield Entree(rubrique=Rubrique.REMIS, dossier=numero)
    if evaluation is None or vu.dossier.archived or vu.dossier.state.termine:
        return
    proposition = evaluation.proposition
    echeance = _echeance(vu, proposition, reperes)
    if echeance is not None and reperes.aujourd_hui < echeance <= reperes.demain:
        raison = f"réponse de l’établissement attendue pour le {jour(echeance)}"
        yield Entree(rubrique=Rubrique.ECHEANCE, dossier=numero, raison=raison)
    raisons = tuple(_attentes(vu, proposition, resolution))
    if raisons:
        yield Entree(rubrique=Rubrique.ATTEND, dossier=numero, raison=", ".join(raisons))
    if _devenu_complet(vu, proposition, reperes.depuis):
        yield Entree(rubrique=Rubrique.COMPLET, dossier=numero)


def _remis(historique: Historique, depuis: datetime) -> bool:
    """Whether an effect was given up to a human since."""
    return any(
        i.state is EtatIntention.HANDED_TO_HUMAN and i.closed_at is not None and i.closed_at > depuis
        for i in historique.intentions
    )


def _devenu_complet(vu: Vu, proposition: Proposition, depuis: datetime) -> bool:
    """Whether all is there now and was not: filed since, or completed since."""
    if not complet(proposition.constats):
        return False
    if vu.avant is None:
        return vu.dossier.date_depot > depuis
    return not complet(vu.avant.constats)


def _echeance(vu: Vu, proposition: Proposition, reperes: Reperes) -> date | None:
    """The day by which the applicant was last asked to answer; None when nothing is waited for."""
    dossier = vu.dossier
    if dossier.state is not DossierState.EN_CONSTRUCTION or proposition.avis is not AvisPropose.A_COMPLETER:
        return None
    vus = echange(dossier, vu.historique, reperes.aujourd_hui)
    if vus.demande is None:
        return None
    if not vus.relances:
        return vus.demande.le.date() + timedelta(days=reperes.delai_jours)
    relances = reperes.relances
    delai = relances.seconde if len(vus.relances) < len(RELANCES) else relances.sans_suite
    return ajoute_jours_ouvres(vus.relances[-1].le.date(), delai, relances.territoire, relances.fermetures)


def _attentes(vu: Vu, proposition: Proposition, resolution: Resolution) -> Iterator[str]:
    """What only an instructor can do next, as French clauses; a decision in instruction is counted, not listed."""
    dossier = vu.dossier
    if _unanswered(dossier):
        yield "un message de l’établissement attend une réponse"
    if _proposed(dossier, resolution):
        yield "un message proposé attend « Envoi validé »"
    if any(SANS_SUITE in point for point in proposition.points):
        yield "sans réponse après deux relances"
    a_prendre = dossier.state is DossierState.EN_CONSTRUCTION and proposition.avis is not AvisPropose.A_COMPLETER
    if a_prendre and not _just_passed(vu):
        yield f"avis proposé « {proposition.avis.value} », à examiner"


def _just_passed(vu: Vu) -> bool:
    """Whether we passed it to instruction since it was last read: the next pass will see it there."""
    return any(
        i.kind == "etat" and i.state is EtatIntention.DONE and i.sent_at is not None and i.sent_at >= vu.dossier.tour
        for i in vu.historique.intentions
    )


def _unanswered(dossier: Dossier) -> bool:
    """Whether the applicant wrote last."""
    gens = [auteur(m, dossier) for m in dossier.messages if m.discarded_at is None]
    dits = [qui for qui in gens if qui in {Auteur.USAGER, Auteur.AGENT}]
    return bool(dits) and dits[-1] is Auteur.USAGER


def _proposed(dossier: Dossier, resolution: Resolution) -> bool:
    """Whether a text waits in « Message proposé », its box not ticked yet."""
    target = resolution.annotations.get(TEXTE)
    cases = {i for saisie in resolution.saisies if saisie.cle == CASE for i in saisie.ids}
    if target is None or any(a.descriptor_id in cases and a.value is True for a in dossier.annotations):
        return False
    return any(a.descriptor_id == target.id and not is_blank(a) for a in dossier.annotations)


def _dates(campagne: Campagne, reperes: Reperes) -> Iterator[str]:
    """The dates of the campaign that come before the next bulletin."""
    for quand, quoi in (
        (campagne.cloture, "clôture des dépôts"),
        (campagne.commission, "commission"),
        (campagne.notification_le, "notification des décisions"),
    ):
        if quand is not None and reperes.aujourd_hui < quand <= reperes.demain:
            yield f"{quoi} le {jour(quand)}"


def est_du(maintenant: datetime, heure: time, dernier_essai: date | None, relances: Relances) -> bool:
    """Whether the day's bulletin should leave: a working day, past the hour, and not tried yet today.

    `maintenant` is the instant at the ARS.
    """
    aujourd_hui = maintenant.date()
    ouvre = est_ouvre(aujourd_hui, relances.territoire, relances.fermetures)
    return ouvre and maintenant.time() >= heure and dernier_essai != aujourd_hui
