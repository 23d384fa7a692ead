"""What became of a write whose answer never came: told from a re-read of the dossier, never by writing again.

Evidence, by kind (contract §8): a message by its reference or its digest, a state by the traitements, a label and
annotations by their value, each annotation on its own. One that DS changed of its own accord would not match: it is
then written again, which is harmless.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from connector.core import empreintes
from connector.core.model import Champ, Choix, Dossier, DossierState
from connector.core.plan import (
    Action,
    AjouterLabel,
    ChangerEtat,
    EcrireAnnotations,
    EnvoyerMessage,
    Intention,
    SupprimerLabel,
    Transition,
)

HORLOGE = timedelta(minutes=2)
"""How far the server's clock may be from ours when its dates are compared with the time of the request."""

EVENEMENTS = {
    Transition.PASSER_EN_INSTRUCTION: ("passe_en_instruction", DossierState.EN_INSTRUCTION),
    Transition.REPASSER_EN_CONSTRUCTION: ("repasse_en_construction", DossierState.EN_CONSTRUCTION),
    Transition.ACCEPTER: ("accepte", DossierState.ACCEPTE),
    Transition.REFUSER: ("refuse", DossierState.REFUSE),
    Transition.CLASSER_SANS_SUITE: ("classe_sans_suite", DossierState.SANS_SUITE),
    Transition.REPASSER_EN_INSTRUCTION: ("repasse_en_instruction", DossierState.EN_INSTRUCTION),
}
"""The traitement event that each transition leaves, and the state it leads to (contract §4.5, §5.1)."""


def leads_to(transition: Transition) -> DossierState:
    """The state of a dossier once that transition is done."""
    return EVENEMENTS[transition][1]


ENVERS_LES_GENS = frozenset({"message", "etat"})
"""Kinds of effect that reach people: never had twice on a doubt. The others can be had again without harm."""


CORRECTION = "correction"
"""Part of a message's target, after its reference and digest, when it asks for a correction."""

MODELE, TOUR, REGLE = "modele=", "tour=", "regle="
"""What begins the other parts: the template it was, the deposit round it belongs to, each finding it speaks of."""


class Verdict(StrEnum):
    """What the re-read shows of an intent."""

    APPLIQUEE = "appliquee"
    NON_APPLIQUEE = "non_appliquee"
    ATTENDRE = "attendre"


def cible(action: Action) -> tuple[str, ...]:
    """What will let us recognise the effect of an action on a re-read."""
    match action:
        case EcrireAnnotations():
            return tuple(f"{e.id}={empreintes.of_value(e.value)}" for e in action.ecritures)
        case EnvoyerMessage():
            asked = (CORRECTION,) if action.correction else ()
            tour = (f"{TOUR}{action.tour.isoformat()}",) if action.tour else ()
            said = (f"{MODELE}{action.template}", *tour, *(f"{REGLE}{cle}" for cle in action.constats))
            return (action.reference, empreintes.of_text(action.body), *asked, *said)
        case ChangerEtat():
            return (action.transition.value,)
        case AjouterLabel() | SupprimerLabel():
            return (action.label.id,)
        case _:
            assert_never(action)


def kind(action: Action) -> str:
    """The ledger's word for this kind of effect."""
    match action:
        case EcrireAnnotations():
            return "annotations"
        case EnvoyerMessage():
            return "message"
        case ChangerEtat():
            return "etat"
        case AjouterLabel():
            return "ajout_label"
        case SupprimerLabel():
            return "retrait_label"
        case _:
            assert_never(action)


def already_sent(dossier: Dossier, reference: str, empreinte: str) -> bool:
    """Whether this very message already lies in the dossier, whoever of us sent it and whatever we remember."""
    return any(
        m.reference == reference or (m.empreinte == empreinte and m.email != dossier.usager_email)
        for m in dossier.messages
        if m.empreinte
    )


def correction_ignored(intention: Intention, dossier: Dossier) -> bool:
    """Whether that message lies in the dossier without the correction that it asked for (contract §5.3)."""
    if intention.kind != "message" or CORRECTION not in intention.cible[2:]:
        return False
    ours = [m for m in dossier.messages if m.reference == intention.cible[0]]
    return bool(ours) and all(m.correction is None and m.discarded_at is None for m in ours)


def settle(intention: Intention, dossier: Dossier, *, now: datetime, delai: timedelta | None) -> Verdict:
    """What became of an intent left `sending` or `unknown`, seen from the dossier as it is now.

    An effect that is not there, or not wholly, is judged only once `delai` has passed since the request: before that
    it may still land. `delai` None: it was waited for.
    """
    seen = shown(intention, dossier)
    if seen == intention.cible:
        return Verdict.APPLIQUEE
    if delai is not None and intention.sent_at is not None and now - intention.sent_at < delai:
        return Verdict.ATTENDRE
    return Verdict.APPLIQUEE if seen else Verdict.NON_APPLIQUEE


def shown(intention: Intention, dossier: Dossier) -> tuple[str, ...]:
    """The part of an intent's target that the dossier shows: all or nothing, but annotations are each on their own."""
    if intention.kind == "annotations":
        observed = {_observed(a) for a in dossier.annotations}
        return tuple(c for c in intention.cible if c in observed)
    return intention.cible if _applied(intention, dossier) else ()


def _applied(intention: Intention, dossier: Dossier) -> bool:
    labels = {label.id for label in dossier.labels}
    match intention.kind:
        case "message":
            reference, empreinte, *_ = intention.cible
            return already_sent(dossier, reference, empreinte) or _deleted_since(intention, dossier)
        case "etat":
            return _changed_state(intention, dossier)
        case "ajout_label":
            return intention.cible[0] in labels
        case "retrait_label":
            return intention.cible[0] not in labels
        case _:
            raise ValueError(f"unknown kind of intent: {intention.kind}")


def _deleted_since(intention: Intention, dossier: Dossier) -> bool:
    """A message emptied since the request was probably ours: an agent took it back, it must not go out again."""
    return intention.sent_at is not None and any(
        m.discarded_at is not None and m.created_at >= intention.sent_at - HORLOGE for m in dossier.messages
    )


def _changed_state(intention: Intention, dossier: Dossier) -> bool:
    event, state = EVENEMENTS[Transition(intention.cible[0])]
    since = intention.sent_at
    left_a_trace = any(t.event == event and (since is None or t.date >= since - HORLOGE) for t in dossier.traitements)
    return dossier.state is state or left_a_trace


def _observed(annotation: Champ) -> str:
    return f"{annotation.id}={empreintes.of_value(comparable(annotation.value))}"


def comparable(value: object) -> object:
    """An annotation's value as `Ecriture` spells it: several options are a tuple."""
    return value.values if isinstance(value, Choix) else value
