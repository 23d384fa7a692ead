"""What a human decision becomes in DS: checked, worded, held back or carried out, and never made here.

A decision is a line of the commission's validated list, or what an agent chose in an annotation; the API does not say
who typed it, so its date and its place are kept. Whatever stands against it asks for a confirmation, and only a person
gives one. An agent who decides in DS always wins: nothing is undone (domaine, decision 9).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from connector.core import decide, empreintes
from connector.core.calendrier import ajoute_mois
from connector.core.candidature import Candidature, Illisible
from connector.core.chiffrage import Chiffrage
from connector.core.constat import AvisPropose, Constat, Source
from connector.core.correspondance import CibleAnnotation, Resolution
from connector.core.courrier import MODELES, Brouillon, Faits, PosteDit
from connector.core.decide import OUVERTS, Plan
from connector.core.evaluation import Historique, Proposition
from connector.core.model import Champ, Dossier, DossierState, Traitement
from connector.core.montants import jour, nombre, pluriel
from connector.core.plan import (
    Action,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    EnvoyerMessage,
    EtatIntention,
    Transition,
    ValeurAnnotation,
)
from connector.core.politique import Mode, Politique
from connector.core.projet import Projet
from connector.core.quota import TypeDemande
from connector.core.reconcile import EVENEMENTS
from connector.core.regles import complet
from connector.core.regles.proposition import blocks
from connector.core.situation import Situation
from connector.core.textes import citer, enumerer, normaliser
from connector.core.typographie import composer


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

_MODELES = {
    Sens.RETENU: "accord",
    Sens.LISTE_D_ATTENTE: "liste_attente",
    Sens.NON_RETENU: "refus",
    Sens.SANS_SUITE: "sans_suite",
}

_DITS = {Sens.RETENU: "accepté", Sens.NON_RETENU: "refusé", Sens.SANS_SUITE: "classé sans suite"}
_EVENEMENTS = {EVENEMENTS[TRANSITIONS[sens]][0]: mot for sens, mot in _DITS.items()}
_REPRISES = frozenset({*_EVENEMENTS, "repasse_en_instruction"})
"""The events by which an agent takes a decision into their own hands."""

REVOIR = timedelta(hours=1)
"""How often a decision that waits for its day is looked at again."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Portee:
    """What the decision of one dossier comes to; empty where there is none.

    `points` are for the agents, `labels` and `voulues` the labels and annotations that it calls for. `messages` go
    first and `suite` last: the state change, then what it did and when. `retenues` say what is held back and why,
    `en_attente` is that, in full. `revoir`: how long until it must be looked at again.
    """

    points: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    voulues: Mapping[str, ValeurAnnotation] = field(default_factory=dict)
    messages: tuple[Action, ...] = ()
    suite: tuple[Action, ...] = ()
    retenues: tuple[str, ...] = ()
    en_attente: tuple[Action, ...] = ()
    revoir: timedelta | None = None

    def complete(self, proposition: Proposition) -> Proposition:
        """The proposition with what the decision adds for the agents."""
        return replace(
            proposition, points=(*self.points, *proposition.points), labels=(*proposition.labels, *self.labels)
        )

    def etend(self, plan: Plan) -> Plan:
        """The plan with what the decision adds to it."""
        return replace(
            plan,
            actions=(*self.messages, *plan.actions, *self.suite),
            retenues=(*plan.retenues, *map(composer, self.retenues)),
            en_attente=(*plan.en_attente, *self.en_attente),
        )


# --- what people decided ----------------------------------------------------------------------------------------------


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


def _decision(cas: Cas) -> Decision | None:
    """The decision in force, by the source that the ARS chose; by hand, either tells what the words should say."""
    if cas.cadre.source is SourceDecisions.FICHIER:
        return cas.enregistree
    annotee = lue(cas.dossier, cas.candidature, cas.resolution)
    return annotee if cas.cadre.source is SourceDecisions.ANNOTATION else annotee or cas.enregistree


# --- what becomes of them ---------------------------------------------------------------------------------------------


def porter(cas: Cas, *, rediger: Callable[[Brouillon, Dossier], str]) -> Portee:
    """What the decision of a dossier comes to now, every word of it written out by `rediger`."""
    dossier, decision = cas.dossier, _decision(cas)
    active = cas.cadre.source is not SourceDecisions.AUCUNE
    if not active and "motivation_proposee" not in cas.resolution.annotations:
        return Portee()
    if dossier.state.termine:
        return _apres_coup(cas, decision) if active and decision else Portee()
    if dossier.state not in OUVERTS:
        return Portee()
    sens = decision.sens if decision else _proposee(cas.proposition.avis)
    texte = _texte(cas, sens, decision, rediger)
    voulues: dict[str, ValeurAnnotation] = {"motivation_proposee": texte}
    if not active:
        return Portee(voulues=voulues)
    if decision is None:
        return Portee(points=_incomprise(cas), voulues=voulues)
    portee = _portee(cas, decision, texte, voulues, rediger)
    return portee if cas.politique.mode is not Mode.OBSERVER else replace(portee, retenues=(), en_attente=())


def _proposee(avis: AvisPropose) -> Sens | None:
    """The decision that our opinion would lead to, for whoever decides by hand."""
    return {
        AvisPropose.FAVORABLE: Sens.RETENU,
        AvisPropose.DEFAVORABLE: Sens.NON_RETENU,
        AvisPropose.LISTE_D_ATTENTE: Sens.LISTE_D_ATTENTE,
    }.get(avis)


def _portee(
    cas: Cas,
    decision: Decision,
    texte: str,
    voulues: dict[str, ValeurAnnotation],
    rediger: Callable[[Brouillon, Dossier], str],
) -> Portee:
    """An open dossier with a decision: what goes out, or what is held back, and why."""
    pour_un_agent = tuple(_pour_un_agent(cas, decision))
    attend = decision.sens is Sens.LISTE_D_ATTENTE
    annoncee = attend and not pour_un_agent and not _sous_embargo(cas)
    if annoncee and decision.rang is not None:
        voulues["rang_attente"] = decision.rang
    action = _action(cas, decision, texte, rediger)
    if action is not None and decide.is_over(action, cas.dossier, cas.historique):
        action = None
    causes = pour_un_agent if action is None else (*pour_un_agent, *_retenue(cas, decision))
    tenue = composer(f"Décision « {decision.sens} » retenue : {' ; '.join(causes)}.") if causes else ""
    part = action is not None and not causes
    return Portee(
        points=tuple(composer(f"Décision « {decision.sens} » : {cause}.") for cause in pour_un_agent),
        labels=(LABEL_ATTENTE,) if annoncee else (),
        voulues=voulues,
        messages=(action,) if part and isinstance(action, EnvoyerMessage) else (),
        suite=(action, *_trace(cas, decision)) if part and isinstance(action, ChangerEtat) else (),
        retenues=(tenue,) if tenue else (),
        en_attente=(action,) if action is not None and causes else (),
        revoir=_revoir(cas, decision),
    )


def _action(
    cas: Cas, decision: Decision, texte: str, rediger: Callable[[Brouillon, Dossier], str]
) -> EnvoyerMessage | ChangerEtat | None:
    """What carries the decision out: a state change, a message for the waiting list, nothing without its words."""
    transition = TRANSITIONS.get(decision.sens)
    if not texte:
        return None
    if transition is not None:
        return ChangerEtat(
            transition=transition,
            motivation=texte,
            disable_notification=not cas.cadre.notifier,
            decision=empreintes.of(decision.empreinte, _reprise(cas.dossier, decision)),
        )
    return _message(cas, decision, rediger) if cas.cadre.prevenir_attente else None


def _message(cas: Cas, decision: Decision, rediger: Callable[[Brouillon, Dossier], str]) -> EnvoyerMessage:
    """The message to somebody who waits: the same rank is told once, whatever we remember."""
    empreinte = empreintes.of(cas.dossier.number, "liste_attente", decision.rang, decision.motivation, cas.dossier.tour)
    reference = empreintes.reference(cas.dossier.number, empreinte)
    brouillon = Brouillon(
        template=_MODELES[decision.sens],
        constats=(),
        correction=None,
        fingerprint=empreinte,
        reference=reference,
        faits=_faits(cas, decision.sens, decision),
    )
    return EnvoyerMessage(template=brouillon.template, body=rediger(brouillon, cas.dossier), reference=reference)


# --- what stands against it -------------------------------------------------------------------------------------------


def _pour_un_agent(cas: Cas, decision: Decision) -> Iterator[str]:
    """What an agent can do something about, as French clauses: said in « Points à vérifier »."""
    if decision.sens is Sens.REORIENTATION:
        yield "à porter à la main (indiquez à l’hôpital l’ARS compétente, puis classez le dossier sans suite)"
        return
    if cas.dossier.state is DossierState.EN_CONSTRUCTION:
        yield "le dossier est encore en construction (passez-le d’abord en instruction)"
    manques = MODELES[_MODELES[decision.sens]].manque(_faits(cas, decision.sens, decision))
    if manques:
        yield f"il manque {enumerer(_MANQUES[m] for m in manques)}"
    raisons = list(_a_confirmer(cas, decision))
    if raisons and not _confirmee(cas, decision):
        yield f"à confirmer, car {enumerer(raisons)} ; {_comment_confirmer(cas)}"


_MANQUES = {
    "motif": "un motif (aucun texte opposable n’en donne, et la commission n’en a pas écrit)",
    "signataire": "le signataire ([decisions] signataire)",
    "voies_recours": "les voies et délais de recours ([decisions] voies_recours)",
    "poste": "la description du poste",
}


def _reprise(dossier: Dossier, decision: Decision) -> datetime | None:
    """The last time that somebody decided of the dossier, or reopened it, after that decision."""
    return max((t.date for t in dossier.traitements if t.event in _REPRISES and t.date > decision.le), default=None)


def _a_confirmer(cas: Cas, decision: Decision) -> Iterator[str]:
    """What stands against a decision, as French clauses; a person may go on all the same, and nobody else."""
    reprise = _reprise(cas.dossier, decision)
    if reprise is not None:
        yield f"un agent a repris ce dossier dans DS depuis (le {jour(reprise.date())})"
    if cas.dossier.tour > decision.le:
        yield "l’hôpital a modifié son dossier depuis cette décision"
    if decision.sens is not Sens.RETENU:
        return
    constats = cas.proposition.constats
    if not complet(constats):
        noms = enumerer(dict.fromkeys(c.court or c.regle for c in constats if not complet([c])))
        yield f"le dossier n’est pas complet ({noms})"
    opposes = [c for c in constats if blocks(c) and c.avis is not AvisPropose.A_COMPLETER]
    if opposes:
        yield f"une règle s’y oppose ({enumerer(c.court or c.regle for c in opposes)})"
    yield from _sur_la_place(cas)


def _sur_la_place(cas: Cas) -> Iterator[str]:
    """A new post beyond the quota; a replacement or a report takes no place."""
    compteurs = cas.situation.compteurs
    if compteurs is None or cas.situation.poste is not None or cas.projet.demande not in {None, TypeDemande.NOUVELLE}:
        return
    if compteurs.quota.sans_objet:
        yield "cette catégorie est sans objet dans la région"
    elif cas.situation.hors_quota:
        pris = [pluriel(compteurs.ouverts or 0, "poste"), pluriel(compteurs.accordes, "accordé")]
        pris += [f"{nombre(compteurs.gardes)} gardé pour un remplacement"] if compteurs.gardes else []
        yield f"le quota serait dépassé ({', '.join(pris)} ; les retenus sont servis par rang)"


def _confirmee(cas: Cas, decision: Decision) -> bool:
    """Whether a person said « yes, all the same », once the decision, the last deposit and the reopening were known."""
    coche = saisie(cas.dossier, cas.resolution, "decision_confirmee")
    cochee_le = coche.updated_at if coche and cas.candidature.connu("decision_confirmee", bool) else None
    depuis = max(decision.le, cas.dossier.tour, _reprise(cas.dossier, decision) or decision.le)
    return any(le is not None and le >= depuis for le in (decision.confirmee_le, cochee_le))


def _comment_confirmer(cas: Cas) -> str:
    """How a person can confirm, here."""
    coche = saisie(cas.dossier, cas.resolution, "decision_confirmee")
    moyens = [f"cochez « {coche.label} »"] if coche else []
    if cas.cadre.source is SourceDecisions.FICHIER:
        moyens.append("mettez « oui » dans la colonne « Confirmer » de la liste")
    return enumerer((*moyens, "décidez dans DS"), lien="ou")


def _incomprise(cas: Cas) -> tuple[str, ...]:
    """A point when an agent typed a decision that we do not know."""
    lecture = cas.candidature.champ("decision").lecture
    saisi = lecture.texte if isinstance(lecture, Illisible) else cas.candidature.connu("decision", str)
    if cas.cadre.source is not SourceDecisions.ANNOTATION or not saisi:
        return ()
    choix = enumerer((f"« {sens} »" for sens in Sens), lien="ou")
    return (composer(f"Décision {citer(saisi)} non comprise : choisissez {choix}."),)


def _retenue(cas: Cas, decision: Decision) -> Iterator[str]:
    """What the operator's settings, or the moment, hold back, as French clauses."""
    politique, dossier = cas.politique, cas.dossier
    service, notification = politique.mise_en_service, cas.notification_le
    for applies, phrase in (
        (politique.mode is not Mode.AGIR, "le mode n’est pas « agir »"),
        (_sous_embargo(cas), f"rien ne part avant le {jour(notification) if notification else ''}"),
        (cas.en_pause, "les envois sont en pause"),
        (decide.is_manual(dossier.labels, cas.resolution), "le label « Suivi manuel » est posé"),
        (service is not None and dossier.date_depot.date() < service, "le dossier précède la mise en service"),
        (dossier.archived, "le dossier est archivé"),
        (dossier.compte_supprime, "le compte de l’usager est supprimé : décidez dans DS"),
        (dossier.date_derniere_correction_en_attente is not None, "une correction est en attente"),
        (_saisie_en_cours(cas, decision), f"la saisie est récente (délai de {_minutes(cas.cadre.saisie)})"),
    ):
        if applies:
            yield phrase
    yield from cas.lacunes


def _sous_embargo(cas: Cas) -> bool:
    """Whether nothing may leave yet."""
    return cas.notification_le is not None and cas.aujourd_hui < cas.notification_le


def _saisie_en_cours(cas: Cas, decision: Decision) -> bool:
    """Whether an agent may still be typing: DS saves an annotation at every pause."""
    return _fin_de_saisie(cas, decision) > cas.now


def _fin_de_saisie(cas: Cas, decision: Decision) -> datetime:
    """When nobody is taken to be typing any more; at once for a list."""
    if decision.source is not SourceDecisions.ANNOTATION:
        return cas.now
    champs = (saisie(cas.dossier, cas.resolution, cle) for cle in ("decision", "motivation", "rang"))
    dates = [champ.updated_at for champ in champs if champ is not None and champ.updated_at is not None]
    return max(dates, default=decision.le) + cas.cadre.saisie


def _revoir(cas: Cas, decision: Decision) -> timedelta | None:
    """How long until a date alone lets the decision go: nothing in DS will say that it has come."""
    if _saisie_en_cours(cas, decision):
        return _fin_de_saisie(cas, decision) - cas.now
    return REVOIR if _sous_embargo(cas) else None


def _minutes(delai: timedelta) -> str:
    return f"{round(delai.total_seconds() / 60)} min"


# --- its words --------------------------------------------------------------------------------------------------------


def _texte(cas: Cas, sens: Sens | None, decision: Decision | None, rediger: Callable[[Brouillon, Dossier], str]) -> str:
    """The motivation of that decision, "" before instruction, or while something is lacking to write it."""
    if sens not in _MODELES or cas.dossier.state is not DossierState.EN_INSTRUCTION:
        return ""
    faits = _faits(cas, sens, decision)
    if MODELES[_MODELES[sens]].manque(faits):
        return ""
    brouillon = Brouillon(
        template=_MODELES[sens], constats=(), correction=None, fingerprint="", reference="", faits=faits
    )
    return rediger(brouillon, cas.dossier)


def imaginer(cas: Cas, modele: str) -> Brouillon | None:
    """What that template would tell of the dossier, decided or not; None when it lacks something, or is not ours."""
    sens = next((s for s, nom in _MODELES.items() if nom == modele), None)
    if sens is None:
        return None
    decision = _decision(cas)
    faits = _faits(cas, sens, decision if decision and decision.sens is sens else None)
    if MODELES[modele].manque(faits):
        return None
    return Brouillon(template=modele, constats=(), correction=None, fingerprint="", reference="", faits=faits)


def _faits(cas: Cas, sens: Sens, decision: Decision | None) -> Faits:
    """What the words tell: the commission's motive first, else that of the rules that may be opposed."""
    dit = decision.motivation.strip() if decision else ""
    negative = sens in {Sens.NON_RETENU, Sens.SANS_SUITE}
    motif = (dit or (motif_opposable(cas) if sens is Sens.NON_RETENU else "")) if negative else ""
    return Faits(
        motif=motif,
        complement="" if negative else dit,
        voies_recours=cas.cadre.voies_recours,
        signataire=cas.cadre.signataire,
        mention_algorithmique=cas.cadre.mention,
        poste=poste_dit(cas.candidature, cas.projet, cas.chiffrage),
        rang=decision.rang if decision else None,
        validite=cas.cadre.validite,
    )


def motif_opposable(cas: Cas) -> str:
    """Why the rules would refuse, each finding with the texts that may be opposed, and no other (domaine, decision 1).

    "" when no rule would: a refusal then waits for a human motive.
    """
    refus = [c for c in cas.proposition.constats if blocks(c) and c.avis is AvisPropose.DEFAVORABLE]
    return "\n".join(f"{c.phrase} {_textes(c, cas.sources)}".strip() for c in refus)


def _textes(constat: Constat, sources: Mapping[str, Sequence[Source]]) -> str:
    opposables = [s.texte for s in sources.get(constat.regle, ()) if s.opposable]
    return f"({' ; '.join(opposables)})" if opposables else ""


def poste_dit(candidature: Candidature, projet: Projet, chiffrage: Chiffrage) -> PosteDit:
    """The post as the dossier asks for it, in the words of a message."""
    prime, cout = chiffrage.prime, chiffrage.cout
    debut, duree = projet.debut_reporte or projet.debut, projet.duree_mois
    return PosteDit(
        promotion=projet.promotion or "",
        categorie=candidature.connu("categorie", str) or "",
        specialite=projet.specialite or "",
        duree=duree,
        quotite_hospitaliere=projet.quotite_hospitaliere,
        quotite_ambulatoire=projet.quotite_ambulatoire,
        debut=debut,
        fin=ajoute_mois(debut, duree) if debut and duree else None,
        part_ars=cout.part_ars if cout else None,
        prime=prime.montant if prime else None,
        statut_prime=prime.statut.value if prime else "",
    )


# --- what was done ----------------------------------------------------------------------------------------------------


def _trace(cas: Cas, decision: Decision) -> tuple[Action, ...]:
    """What will be done, said once it is."""
    return _ecrit(cas, _dit_le(_DITS[decision.sens], cas.aujourd_hui, decision))


def _dit_le(etat: str, le: date, decision: Decision) -> str:
    return f"{etat.capitalize()} le {jour(le)}, d’après {decision.origine}."


def _ecrit(cas: Cas, texte: str) -> tuple[Action, ...]:
    """The annotation that says what became of the decision, as far as it is ours to change."""
    cible = cas.resolution.annotations.get("decision_portee")
    if cible is None or cas.politique.mode is Mode.OBSERVER or cas.dossier.archived:
        return ()
    voulues = {"decision_portee": decide.typed(composer(texte), cible)}
    ecritures, _ = decide.write(cas.dossier, voulues, cas.resolution.annotations, cas.historique)
    return (EcrireAnnotations(ecritures=ecritures),) if ecritures else ()


def _apres_coup(cas: Cas, decision: Decision) -> Portee:
    """A decided dossier: what we did, or that people decided otherwise. Nothing is undone."""
    final = next((t for t in reversed(cas.dossier.traitements) if t.event in _EVENEMENTS), None)
    if final is None:
        return Portee()
    etat, transition = _EVENEMENTS[final.event], TRANSITIONS.get(decision.sens)
    par_nous = _par_nous(cas, final)
    if transition is not None and EVENEMENTS[transition][0] == final.event:
        return Portee(suite=_ecrit(cas, _dit_le(etat, final.date.date(), decision)) if par_nous else ())
    qui = "d’après une décision antérieure" if par_nous else "dans DS par un agent"
    ecart = (
        f"Dossier {etat} le {jour(final.date.date())} {qui} ; {decision.origine} dit « {decision.sens} » : rien n’est "
        "défait. Pour changer, repassez le dossier en instruction dans DS et décidez-y."
    )
    return Portee(suite=_ecrit(cas, ecart), retenues=(ecart,))


def _par_nous(cas: Cas, final: Traitement) -> bool:
    """Whether that state change is ours: the ledger says so, or DS names our agent."""
    if (final.email_agent or "").casefold() == cas.politique.instructeur.casefold() != "":
        return True
    faites = {i.cible for i in cas.historique.intentions if i.kind == "etat" and i.state is EtatIntention.DONE}
    return any((t.value,) in faites for t, (event, _) in EVENEMENTS.items() if event == final.event)


def valeurs(portee: Portee, resolution: Resolution) -> dict[str, ValeurAnnotation]:
    """The annotations that the decision calls for, each as its own type holds it; those of the form only."""
    return {
        cle: _en(resolution.annotations[cle], value)
        for cle, value in portee.voulues.items()
        if cle in resolution.annotations
    }


def _en(cible: CibleAnnotation, value: ValeurAnnotation) -> ValeurAnnotation:
    return value if cible.cle is CleAnnotation.INTEGER_NUMBER else decide.typed(str(value), cible)
