"""The writes: one action in, one receipt out. Nothing here is ever sent twice on a doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from connector.api.annotations import Annotations
from connector.api.mutation import Mutation
from connector.api.transport import Transport
from connector.core.model import Dossier
from connector.core.plan import (
    Action,
    AjouterLabel,
    ChangerEtat,
    EcrireAnnotations,
    EnvoyerMessage,
    Recu,
    SupprimerLabel,
    Transition,
)
from connector.errors import MutationRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ligne:
    """How one transition is asked: its document, and whether DS wants a motivation (None: it takes none)."""

    document: str
    motivation: bool | None = None


TRANSITIONS = {
    Transition.PASSER_EN_INSTRUCTION: _Ligne(document="passer_en_instruction"),
    Transition.REPASSER_EN_CONSTRUCTION: _Ligne(document="repasser_en_construction"),
    Transition.ACCEPTER: _Ligne(document="accepter", motivation=False),
    Transition.REFUSER: _Ligne(document="refuser", motivation=True),
    Transition.CLASSER_SANS_SUITE: _Ligne(document="classer_sans_suite", motivation=True),
    Transition.REPASSER_EN_INSTRUCTION: _Ligne(document="repasser_en_instruction"),
}
"""One row per state change (contract §5.1)."""


class Ecrivain:
    """Applies actions."""

    def __init__(self, transport: Transport) -> None:
        self._mutation = Mutation(transport)
        self._annotations = Annotations(self._mutation)

    def appliquer(self, dossier: Dossier, instructeur_id: str, action: Action) -> Recu:
        """The receipt of an action applied, wholly or in part; see `gateway` for the errors."""
        match action:
            case EcrireAnnotations():
                return self._annotations.ecrire(dossier, instructeur_id, action.ecritures)
            case EnvoyerMessage():
                return self._message(dossier, instructeur_id, action)
            case ChangerEtat():
                return self._etat(dossier, instructeur_id, action)
            case AjouterLabel():
                return self._label(dossier, "ajouter_label", action.label.id, deja_fait="label_deja_associe")
            case SupprimerLabel():
                return self._label(dossier, "supprimer_label", action.label.id, deja_fait="label_non_associe")
            case _:
                assert_never(action)

    def _message(self, dossier: Dossier, instructeur_id: str, action: EnvoyerMessage) -> Recu:
        """DS may send the message and ignore its correction: the receipt says so (contract §5.3)."""
        entree = {"instructeurId": instructeur_id, "body": action.body}
        if action.correction:
            entree["correction"] = action.correction
        message = self._mutation.faire("envoyer_message", dossier, entree, montre="message")
        posee = message.get("correction") is not None if action.correction else None
        return Recu(message_id=str(message.get("id") or "") or None, correction_posee=posee)

    def _etat(self, dossier: Dossier, instructeur_id: str, action: ChangerEtat) -> Recu:
        ligne = TRANSITIONS[action.transition]
        entree: dict[str, Any] = {"instructeurId": instructeur_id, "disableNotification": action.disable_notification}
        if ligne.motivation or (ligne.motivation is not None and action.motivation):
            entree["motivation"] = action.motivation
        self._mutation.faire(ligne.document, dossier, entree, montre="dossier")
        return Recu()

    def _label(self, dossier: Dossier, document: str, label_id: str, *, deja_fait: str) -> Recu:
        """Put or take off a label; finding it already so is a success."""
        try:
            self._mutation.faire(document, dossier, {"labelId": label_id}, montre="label")
        except MutationRefused as error:
            if error.cause != deja_fait:
                raise
        return Recu()
