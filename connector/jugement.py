"""One dossier judged: what the rules find, our proposition, the plan that follows from it. Nothing is written here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from connector import relecture
from connector.core import conversation, decide, envoi_valide, motivation, portage, suites
from connector.core.candidature import Candidature, lire
from connector.core.chiffrage import Chiffrage, chiffrer
from connector.core.constat import Constat
from connector.core.correspondance import Resolution
from connector.core.courrier import Brouillon
from connector.core.decide import Moment, Plan
from connector.core.decisions import Cas, SourceDecisions
from connector.core.evaluation import Historique, Proposition
from connector.core.model import Dossier
from connector.core.plan import EnvoyerMessage
from connector.core.projet import Projet, projet
from connector.core.registre import constats_du_registre
from connector.core.regles import Contexte, favorable, referentiels_manquants, resume_pieces, trouver
from connector.core.situation import Situation
from connector.core.synthese import avertissement, caducs, conclure
from connector.ports import Passage

REVOIR_REFUS = timedelta(hours=1)
"""When a dossier that DS refused to let us write to, or that we wrote to too often, is looked at again."""

REVOIR_ANTIVIRUS = timedelta(minutes=15)
"""When a dossier whose file awaits the antivirus is read again: its verdict moves no date in DS (contract §4.4)."""

JOURNEE = timedelta(hours=24)
"""What « per day » means to the brake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jugement:
    """One dossier judged: our proposition, since when, and what we would do about it.

    `suspendu`: something is held back while an operator's pause lasts, so it must be judged again after it. `revoir`:
    how long until the dossier must be read again though nothing in DS will say that it changed. `decision_retenue`:
    why the decision of the commission waits, as French clauses.
    """

    proposition: Proposition
    depuis: date
    plan: Plan
    message: EnvoyerMessage | None
    suspendu: bool = False
    revoir: timedelta | None = None
    decision_retenue: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Examen:
    """One dossier read and put in its situation on that day, and what the rules find."""

    jour: date
    candidature: Candidature
    projet: Projet
    situation: Situation
    constats: tuple[Constat, ...] = ()


def examine(p: Passage, resolution: Resolution, dossier: Dossier, *, deja: Examen | None = None) -> Examen:
    """What the rules find in one dossier, by its form and by the world around it.

    No rule knows the counters: what was found in this very dossier (`deja`) stands when nothing else of its situation
    moved since.
    """
    if deja is not None and deja.jour == p.bord.aujourd_hui():
        situation = p.bord.situer(deja.projet, dossier)
        if replace(situation, compteurs=None) == replace(deja.situation, compteurs=None):
            return replace(deja, situation=situation)
    examen = _look(p, resolution, dossier)
    return replace(examen, constats=tuple(_find(p, examen)))


def _look(p: Passage, resolution: Resolution, dossier: Dossier) -> Examen:
    """One dossier read and put in its situation; nothing is found yet."""
    candidature = lire(dossier, resolution)
    lu = projet(candidature, p.consigne.vocabulaire)
    situation = p.bord.situer(lu, dossier)
    return Examen(jour=p.bord.aujourd_hui(), candidature=candidature, projet=lu, situation=situation)


def _find(p: Passage, examen: Examen) -> Iterator[Constat]:
    """What each rule finds, then the pieces and the register, one at a time."""
    campagne, situation = p.consigne.campagne, examen.situation
    contexte = Contexte(aujourd_hui=examen.jour, projet=examen.projet, situation=situation, campagne=campagne)
    yield from trouver(p.consigne.regles, examen.candidature, contexte)
    yield from relecture.constats(p, examen.candidature)
    yield from constats_du_registre(situation)


def is_favorable(p: Passage, resolution: Resolution, dossier: Dossier) -> bool:
    """Whether we propose to accept it, quota aside; no more is looked into than it takes to say no."""
    return dossier.state.ouvert and favorable(_find(p, _look(p, resolution, dossier)))


def judge(
    p: Passage, resolution: Resolution, dossier: Dossier, historique: Historique, *, deja: Examen | None = None
) -> Jugement:
    """Our proposition on one dossier and the plan that follows from it, message written out.

    `deja` is what the rules found in this very dossier earlier in the cycle.
    """
    today = p.bord.aujourd_hui()
    examen = examine(p, resolution, dossier, deja=deja)
    chiffrage = chiffrer(examen.projet, examen.situation, p.consigne.parametres, aujourd_hui=today)
    proposition = _proposition(p, resolution, dossier, historique, examen=examen, chiffrage=chiffrage)
    en_pause = p.bord.dossiers.paused()
    cas = _case(
        p,
        resolution,
        dossier,
        historique=historique,
        examen=examen,
        chiffrage=chiffrage,
        proposition=proposition,
        en_pause=en_pause,
    )
    portee = portage.porter(cas, rediger=p.bord.rediger)
    politique = p.consigne.politique
    suivi = conversation.suivre(dossier, proposition, historique, politique, today)
    proposition = portee.complete(replace(proposition, points=(*proposition.points, *suivi.points)))
    dite = _suite(p, examen, dossier, chiffrage)
    if dite.synthese:
        stale = map(avertissement, caducs(dossier, chiffrage, resolution, historique))
        proposition = replace(proposition, synthese=dite.synthese, points=(*stale, *dite.points))
    message = _message(p, suivi.brouillon or suites.annonce(dossier, dite, today), dossier)
    shown = decide.observed_date(dossier, proposition, resolution.annotations)
    depuis = decide.avis_depuis(proposition, historique, shown, today)
    validation = envoi_valide.valider(
        dossier,
        message,
        resolution,
        historique,
        propose=decide.to_propose(dossier, message, politique, historique),
        gele=en_pause or dossier.compte_supprime or decide.is_manual(dossier.labels, resolution),
        maintenant=p.bord.now(),
    )
    voulues = decide.wanted_values(
        proposition,
        resolution,
        depuis=depuis,
        version=p.consigne.version,
        pieces=resume_pieces(examen.constats),
        chiffrage=chiffrage,
    )
    plan = decide.plan(
        dossier,
        proposition,
        message,
        voulues=dite.restreint(voulues) | portage.valeurs(portee, resolution),
        resolution=resolution,
        politique=politique,
        historique=historique,
        en_pause=en_pause,
        validation=validation,
        etiquettes=dite.etiquettes,
        moment=_moment(p, examen, historique),
    )
    plan = portee.etend(plan)
    return Jugement(
        proposition=proposition,
        depuis=depuis,
        plan=plan,
        message=message,
        suspendu=en_pause and bool(plan.retenues),
        decision_retenue=portee.causes,
        revoir=_soonest(
            REVOIR_ANTIVIRUS if examen.candidature.antivirus_en_attente else None,
            portee.revoir,
            relecture.revoir(p, examen.candidature),
            *(_until(p, dossier, day) for day in (suivi.revoir, dite.a_revoir_le)),
            validation.revoir,
            REVOIR_REFUS if plan.annotations_retenues else None,
        ),
    )


def _proposition(
    p: Passage,
    resolution: Resolution,
    dossier: Dossier,
    historique: Historique,
    *,
    examen: Examen,
    chiffrage: Chiffrage,
) -> Proposition:
    """What follows from the findings and the figures, under this policy and these referentials."""
    proposition = conclure(
        examen.constats,
        dossier=dossier,
        candidature=examen.candidature,
        chiffrage=chiffrage,
        resolution=resolution,
        historique=historique,
        attente=examen.situation.attend(dossier.number),
    )
    referentiels = tuple(v.intitule for v in examen.situation.versions)
    return replace(proposition, version=p.consigne.version, referentiels=referentiels)


def _until(p: Passage, dossier: Dossier, day: date | None) -> timedelta | None:
    """How long until that day begins, by the clock that DS shows; None for no day."""
    return None if day is None else datetime.combine(day, time.min, dossier.date_depot.tzinfo) - p.bord.now()


def _soonest(*delais: timedelta | None) -> timedelta | None:
    """The shortest of those delays, None when there is none."""
    return min((delai for delai in delais if delai is not None), default=None)


def _suite(p: Passage, examen: Examen, dossier: Dossier, chiffrage: Chiffrage) -> suites.Suite:
    """What is to be told of the post of an accepted dossier."""
    contexte = suites.Contexte(
        dossier=dossier,
        candidature=examen.candidature,
        projet=examen.projet,
        situation=examen.situation,
        chiffrage=chiffrage,
        parametres=p.consigne.parametres,
        aujourd_hui=p.bord.aujourd_hui(),
        depuis=p.consigne.politique.mise_en_service,
    )
    return suites.suite(contexte)


def _moment(p: Passage, examen: Examen, historique: Historique) -> Moment:
    """What holds effects back on that dossier just now."""
    monde = p.bord.monde
    return Moment(
        compteurs_dits=monde is not None and monde.compteurs_dits(),
        manquants=referentiels_manquants(p.consigne.regles, examen.situation),
        ecritures_du_jour=historique.annotated(since=p.bord.now() - JOURNEE),
    )


def imagine(
    p: Passage, resolution: Resolution, dossier: Dossier, historique: Historique, modele: str
) -> Brouillon | None:
    """What that template would tell of the dossier now, due or not; None when it has nothing to tell of it."""
    today, proposition = p.bord.aujourd_hui(), judge(p, resolution, dossier, historique).proposition
    examen = examine(p, resolution, dossier)
    cas = _case(
        p,
        resolution,
        dossier,
        historique=historique,
        examen=examen,
        chiffrage=chiffrer(examen.projet, examen.situation, p.consigne.parametres, aujourd_hui=today),
        proposition=proposition,
        en_pause=False,
    )
    vu = conversation.echange(dossier, historique, today)
    return (
        conversation.imaginer(modele, vu, proposition)
        or motivation.imaginer(cas, modele)
        or suites.imaginer(dossier, _suite(p, examen, dossier, cas.chiffrage), modele)
    )


def _case(
    p: Passage,
    resolution: Resolution,
    dossier: Dossier,
    *,
    historique: Historique,
    examen: Examen,
    chiffrage: Chiffrage,
    proposition: Proposition,
    en_pause: bool,
) -> Cas:
    """One dossier as judged, and all that bears on its decision."""
    c = p.consigne
    return Cas(
        dossier=dossier,
        candidature=examen.candidature,
        projet=examen.projet,
        situation=examen.situation,
        proposition=proposition,
        chiffrage=chiffrage,
        resolution=resolution,
        historique=historique,
        politique=c.politique,
        cadre=c.decisions,
        enregistree=p.bord.decisions.en_vigueur(dossier.number, SourceDecisions.FICHIER) if p.bord.decisions else None,
        now=p.bord.now(),
        aujourd_hui=p.bord.aujourd_hui(),
        en_pause=en_pause,
        lacunes=decide.lacunes(referentiels_manquants(c.regles, examen.situation)),
        notification_le=c.campagne.notification_le if c.campagne else None,
        sources={regle.cle: regle.sources for regle in c.regles},
    )


def _message(p: Passage, brouillon: Brouillon | None, dossier: Dossier) -> EnvoyerMessage | None:
    if brouillon is None:
        return None
    return EnvoyerMessage(
        template=brouillon.template,
        body=p.bord.rediger(brouillon, dossier),
        reference=brouillon.reference,
        correction=brouillon.correction,
        constats=tuple(c.regle for c in brouillon.constats),
        tour=dossier.tour,
        reserve=brouillon.reserve,
    )
