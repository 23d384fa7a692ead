"""Where we stand with an applicant: what was asked, what was answered, and the one message that is due now, if any.

Everything is told from the dossier's own messages and history; the ledger only adds what each message of ours spoke
of. A database lost on the way asks less, never twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from connector.core import empreintes
from connector.core.calendrier import ajoute_jours_ouvres, est_ouvre
from connector.core.constat import AvisPropose, Constat, Statut
from connector.core.courrier import Auteur, Brouillon, Faits, auteur
from connector.core.evaluation import Historique, Proposition
from connector.core.model import Dossier, DossierState, Message
from connector.core.montants import jour
from connector.core.plan import EtatIntention, Intention
from connector.core.politique import Mode, Politique, Relances
from connector.core.reconcile import CORRECTION, MODELE, REGLE, TOUR
from connector.core.regles import complet, est_piece
from connector.core.typographie import composer

DEMANDES = frozenset({"pieces", "precisions", "correction", "correction_suite"})
"""The templates that ask for something."""

RELANCES = ("relance_1", "relance_2")
"""The reminders, in their order."""

ACCUSE_AU_PLUS = timedelta(days=2)
"""How long after a deposit an acknowledgement still makes sense."""

_PARTIS = frozenset({EtatIntention.DONE, EtatIntention.HANDED_TO_HUMAN})
"""What the ledger says of a message that is over; one without an answer yet stays wanted until it is settled."""

_SANS_SUITE_UTILE = frozenset({AvisPropose.DEFAVORABLE, AvisPropose.REORIENTATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Envoi:
    """One message of ours. `modele` is "" and `constats` None when nobody remembers what it said."""

    reference: str
    le: datetime
    tour: datetime | None
    modele: str = ""
    constats: frozenset[str] | None = None
    correction: bool = False

    @property
    def demande(self) -> bool:
        """Whether it asked for something."""
        return self.modele in DEMANDES or (not self.modele and self.correction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suivi:
    """The message due now, None when there is none; what an agent must know; the day to look again, None for never."""

    brouillon: Brouillon | None = None
    points: tuple[str, ...] = ()
    revoir: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attente:
    """What is waited for before speaking again: `jusqu_au` None until somebody answers; `point` says so.

    `annonce`: the applicant said that something will follow, so nothing is asked again either.
    """

    point: str
    jusqu_au: date | None = None
    annonce: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Echange:
    """One conversation: the dossier, what we sent in it, and the day it is."""

    dossier: Dossier
    envois: tuple[Envoi, ...] = ()
    jour: date = field(default=date.max)

    @property
    def du_tour(self) -> tuple[Envoi, ...]:
        """What we sent since the last deposit."""
        return tuple(e for e in self.envois if e.tour == self.dossier.tour or _depuis(e, self.dossier.tour))

    @property
    def demande(self) -> Envoi | None:
        """The last request of this round."""
        return next((e for e in reversed(self.du_tour) if e.demande), None)

    @property
    def precedente(self) -> Envoi | None:
        """The last request of an earlier round."""
        du_tour = self.du_tour
        return next((e for e in reversed(self.envois) if e.demande and e not in du_tour), None)

    @property
    def relances(self) -> tuple[Envoi, ...]:
        """The reminders of this round; a message of ours that nobody remembers is taken for one."""
        return tuple(e for e in self.du_tour if e.modele in RELANCES or (not e.modele and not e.correction))

    @property
    def demandes(self) -> frozenset[str] | None:
        """The findings already told in this round; None when one of its requests is forgotten."""
        told: frozenset[str] = frozenset()
        for envoi in self.du_tour:
            if envoi.demande and envoi.constats is None:
                return None
            told |= envoi.constats or frozenset() if envoi.demande else frozenset()
        return told

    @property
    def deja_ecrit(self) -> bool:
        """Whether a message of ours went out today already."""
        return any(e.le.date() == self.jour for e in self.envois)


def _depuis(envoi: Envoi, tour: datetime) -> bool:
    return envoi.tour is None and envoi.le >= tour


def echange(dossier: Dossier, historique: Historique, jour: date) -> Echange:
    """The conversation, from what DS shows and what the ledger remembers, oldest message first."""
    shown = {m.reference: m for m in dossier.messages if m.reference and auteur(m, dossier) is Auteur.CONNECTEUR}
    known = {i.cible[0]: i for i in historique.intentions if i.kind == "message" and i.state in _PARTIS}
    envois = [
        *(_su(i, shown.get(reference), dossier) for reference, i in known.items()),
        *(_vu(m, reference) for reference, m in shown.items() if reference not in known and reference),
    ]
    return Echange(dossier=dossier, envois=tuple(sorted(envois, key=lambda e: e.le)), jour=jour)


def _su(intention: Intention, message: Message | None, dossier: Dossier) -> Envoi:
    """A message that the ledger remembers; DS's date of it, where it still shows it."""
    sent = (intention.sent_at or dossier.date_depot).astimezone(dossier.date_depot.tzinfo)
    modele = next(_suites(intention, MODELE), "")
    tour = next(_suites(intention, TOUR), "")
    return Envoi(
        reference=intention.cible[0],
        le=message.created_at if message else sent,
        tour=datetime.fromisoformat(tour) if tour else None,
        modele=modele,
        constats=frozenset(_suites(intention, REGLE)) if modele else None,
        correction=CORRECTION in intention.cible[2:],
    )


def _suites(intention: Intention, debut: str) -> Iterator[str]:
    return (part.removeprefix(debut) for part in intention.cible[2:] if part.startswith(debut))


def _vu(message: Message, reference: str) -> Envoi:
    """A message that only DS remembers."""
    return Envoi(reference=reference, le=message.created_at, tour=None, correction=message.correction is not None)


def a_demander(proposition: Proposition) -> tuple[Constat, ...]:
    """The constats that a correction request speaks of: what the applicant can supply."""
    return tuple(c for c in proposition.constats if c.statut is Statut.KO and c.avis is AvisPropose.A_COMPLETER)


def demander(vu: Echange, proposition: Proposition) -> Brouillon | None:
    """The request this dossier deserves, None when nothing is missing, was told already, or can be edited no longer.

    Its fingerprint is the same for the same findings in the same deposit round, whatever happens in between. A first
    one lists what is missing; a following one also says how much of the last one was answered.
    """
    dossier, told = vu.dossier, vu.demandes
    if dossier.state is not DossierState.EN_CONSTRUCTION or proposition.avis is not AvisPropose.A_COMPLETER:
        return None
    constats = tuple(c for c in a_demander(proposition) if told is not None and c.regle not in told)
    if not constats:
        return None
    avant = vu.demande or vu.precedente
    return _brouillon(
        dossier,
        _modele(constats) if avant is None else "correction_suite",
        ("correction", sorted({c.regle for c in constats}), dossier.tour),
        constats=constats,
        correction="incomplete",
        nouveaux=_nouveaux(constats, avant),
        faits=_suite(proposition, avant),
    )


def _modele(constats: Iterable[Constat]) -> str:
    """Which words a first request needs: pieces, details, or both."""
    pieces = {est_piece(c) for c in constats}
    return "correction" if len(pieces) > 1 else "pieces" if pieces == {True} else "precisions"


def _nouveaux(constats: Iterable[Constat], avant: Envoi | None) -> frozenset[str]:
    """The findings that the last request did not speak of; none where that is not known."""
    if avant is None or avant.constats is None:
        return frozenset()
    return frozenset(c.regle for c in constats) - avant.constats


def _suite(proposition: Proposition, avant: Envoi | None) -> Faits:
    """How much of the last request was answered, and when it was sent."""
    if avant is None:
        return Faits()
    restent = {c.regle for c in a_demander(proposition)}
    return Faits(envoye_le=avant.le.date(), leves=len((avant.constats or frozenset()) - restent))


def _brouillon(
    dossier: Dossier,
    template: str,
    quoi: tuple[object, ...],
    *,
    constats: tuple[Constat, ...] = (),
    correction: str | None = None,
    nouveaux: frozenset[str] = frozenset(),
    faits: Faits | None = None,
    echeance: date | None = None,
) -> Brouillon:
    fingerprint = empreintes.of(dossier.number, *quoi)
    return Brouillon(
        template=template,
        constats=constats,
        correction=correction,
        fingerprint=fingerprint,
        reference=empreintes.reference(dossier.number, fingerprint),
        faits=faits or Faits(),
        nouveaux=nouveaux,
        echeance=echeance,
    )


def suivre(
    dossier: Dossier, proposition: Proposition, historique: Historique, politique: Politique, aujourd_hui: date
) -> Suivi:
    """The one message due now, what an agent must know of the exchange, and when to look at it again.

    Never two messages the same day; nothing while a correction is pending but its reminders, and these wait for
    whoever wrote last to be answered.
    """
    if dossier.archived or dossier.compte_supprime or dossier.state.termine or dossier.state is DossierState.INCONNU:
        return Suivi()
    vu = echange(dossier, historique, aujourd_hui)
    attente = _attente(vu, politique.relances)
    voulu = _a_dire(vu, proposition, politique)
    if voulu is None:
        return _rappel(vu, proposition, politique, attente)
    if vu.deja_ecrit:
        return Suivi(revoir=aujourd_hui + timedelta(days=1))
    if attente is not None and attente.annonce and voulu.correction:
        return Suivi(points=(composer(attente.point),), revoir=attente.jusqu_au)
    return Suivi(brouillon=voulu)


def _a_dire(vu: Echange, proposition: Proposition, politique: Politique) -> Brouillon | None:
    """What there is to say, reminders aside: a request, another agency, « all is complete », or a receipt."""
    dossier = vu.dossier
    if dossier.date_derniere_correction_en_attente is None:
        demande = demander(vu, proposition)
        if demande is not None:
            return demande
    if proposition.avis is AvisPropose.REORIENTATION:
        return _reorienter(vu, proposition)
    if dossier.state is not DossierState.EN_CONSTRUCTION:
        return None
    if _est_complet(vu, proposition, politique):
        return _brouillon(dossier, "complet", ("complet", dossier.tour))
    recent = dossier.tour == dossier.date_depot and dossier.date_depot.date() + ACCUSE_AU_PLUS >= vu.jour
    attendu = politique.accuse and recent and not vu.envois and proposition.avis is not AvisPropose.A_COMPLETER
    return _brouillon(dossier, "accuse", ("accuse",)) if attendu else None


def imaginer(template: str, vu: Echange, proposition: Proposition) -> Brouillon | None:
    """What that template would tell of the dossier, due or not; None when it has nothing to tell, or is not ours."""
    constats: tuple[Constat, ...] = ()
    if template in DEMANDES or template in RELANCES:
        constats = a_demander(proposition)
    elif template == "reorientation":
        constats = _d_ailleurs(proposition)
    if not constats and template not in {"accuse", "complet"}:
        return None
    avant = vu.demande or vu.precedente
    faits = _suite(proposition, avant) if avant else Faits(envoye_le=vu.jour)
    return _brouillon(
        vu.dossier, template, (template, "apercu"), constats=constats, nouveaux=_nouveaux(constats, avant), faits=faits
    )


def _d_ailleurs(proposition: Proposition) -> tuple[Constat, ...]:
    """The constats by which another agency is competent."""
    return tuple(c for c in proposition.constats if c.statut is Statut.KO and c.avis is AvisPropose.REORIENTATION)


def _reorienter(vu: Echange, proposition: Proposition) -> Brouillon | None:
    """Which agency to turn to: told once for the same findings, whatever is deposited again."""
    constats = _d_ailleurs(proposition)
    brouillon = _brouillon(
        vu.dossier, "reorientation", ("reorientation", sorted({c.regle for c in constats})), constats=constats
    )
    return None if brouillon.reference in {e.reference for e in vu.envois} else brouillon


def _est_complet(vu: Echange, proposition: Proposition, politique: Politique) -> bool:
    """Whether to say that all is there: only to who was asked for something, and where DS will not say it itself."""
    ds_le_dit = politique.mode is Mode.AGIR and politique.passage_en_instruction and politique.notifier
    dernier = vu.envois[-1] if vu.envois else None
    repondu = dernier is not None and (dernier.demande or dernier.modele in RELANCES)
    return (
        politique.complet
        and not ds_le_dit
        and repondu
        and vu.dossier.date_derniere_correction_en_attente is None
        and proposition.avis not in {*_SANS_SUITE_UTILE, AvisPropose.A_COMPLETER}
        and complet(proposition.constats)
    )


# reminders ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _attente(vu: Echange, relances: Relances) -> _Attente | None:
    """Who is to be heard before we speak again: the applicant who wrote since the last deposit, a busy agent."""
    gens = [
        (m, auteur(m, vu.dossier))
        for m in vu.dossier.messages
        if m.discarded_at is None and m.created_at >= vu.dossier.tour
    ]
    derniers = {qui: m for m, qui in gens}
    usager, agent = derniers.get(Auteur.USAGER), derniers.get(Auteur.AGENT)
    if usager is not None and (agent is None or agent.created_at < usager.created_at):
        return _usager_attend(usager, vu.jour, relances)
    if agent is None:
        return None
    reprise = _ouvres(agent.created_at.date(), relances.apres_agent, relances)
    point = f"Un agent a écrit à l’établissement le {_le(agent)} : pas de relance avant le {jour(reprise)}."
    return _Attente(point=point, jusqu_au=reprise) if reprise > vu.jour else None


def _usager_attend(message: Message, aujourd_hui: date, relances: Relances) -> _Attente | None:
    if not message.annonce:
        return _Attente(
            point=f"L’établissement a écrit le {_le(message)} et attend une réponse : les relances sont suspendues."
        )
    reprise = _ouvres(message.created_at.date(), relances.apres_annonce, relances)
    point = (
        f"L’établissement a annoncé une suite le {_le(message)} : rien ne lui est redemandé avant le {jour(reprise)}."
    )
    return _Attente(point=point, jusqu_au=reprise, annonce=True) if reprise > aujourd_hui else None


def _le(message: Message) -> str:
    return jour(message.created_at.date())


def _ouvres(depuis: date, nombre: int, relances: Relances) -> date:
    return ajoute_jours_ouvres(depuis, nombre, relances.territoire, relances.fermetures)


def _rappel(vu: Echange, proposition: Proposition, politique: Politique, attente: _Attente | None) -> Suivi:
    """The reminder that is due, or when it will be; past the second one, a proposal that a human decides on."""
    demande, relances = vu.demande, politique.relances
    en_cours = vu.dossier.state is DossierState.EN_CONSTRUCTION and proposition.avis is AvisPropose.A_COMPLETER
    if demande is None or not en_cours:
        return Suivi()
    dit = "".join(
        (f"Demande envoyée le {jour(demande.le.date())}", *(f", relancée le {jour(r.le.date())}" for r in vu.relances))
    )
    if not relances.actives:
        return _dit(f"{dit}, sans nouveau dépôt depuis.", attente)
    rang = min(len(vu.relances), len(RELANCES))
    delais = (relances.premiere, relances.seconde, relances.sans_suite)
    due = _ouvres(max(e.le for e in (demande, *vu.relances)).date(), delais[rang], relances)
    if attente is not None:
        suspendue = attente.jusqu_au is None
        return _dit(f"{dit}.", attente, revoir=None if suspendue else max(due, attente.jusqu_au or due))
    if due > vu.jour:
        suite = "classement sans suite proposé" if rang == len(RELANCES) else "relance prévue"
        return _dit(f"{dit} ; sans réponse, {suite} le {jour(due)}.", revoir=due)
    if rang == len(RELANCES):
        return _dit(f"{dit}, sans réponse : {SANS_SUITE}")
    return _relance(vu, proposition, rang, relances, f"{dit}.")


SANS_SUITE = "un classement sans suite peut être proposé. La décision est la vôtre : le connecteur n’en prend pas."
"""What is said of a request that nobody answered, both reminders sent."""


def _relance(vu: Echange, proposition: Proposition, rang: int, relances: Relances, dit: str) -> Suivi:
    """The reminder of that rank, on a working day and not one when something of ours went out already.

    Held back until a day off, it is told in the same words then.
    """
    if not est_ouvre(vu.jour, relances.territoire, relances.fermetures):
        return _dit(dit, revoir=_ouvres(vu.jour, 1, relances))
    if vu.deja_ecrit or vu.demande is None:
        return _dit(dit, revoir=vu.jour + timedelta(days=1))
    delais = (relances.premiere, relances.seconde, relances.sans_suite)
    brouillon = _brouillon(
        vu.dossier,
        RELANCES[rang],
        (RELANCES[rang], vu.dossier.tour),
        constats=a_demander(proposition),
        faits=Faits(envoye_le=vu.demande.le.date()),
        echeance=_ouvres(vu.jour, delais[rang + 1], relances),
    )
    return Suivi(brouillon=brouillon, points=(composer(dit),))


def _dit(point: str, attente: _Attente | None = None, *, revoir: date | None = None) -> Suivi:
    points = (attente.point, point) if attente else (point,)
    return Suivi(points=tuple(map(composer, points)), revoir=revoir)
