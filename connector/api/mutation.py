"""One mutation, and what DS says it did: the payload, or its refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from connector.api.classement import RELECTURE
from connector.api.echange import Demande
from connector.api.refus import refus
from connector.api.transport import Transport
from connector.core.model import Dossier
from connector.errors import AccessDenied, MutationRefused, OutcomeUnknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Reponse:
    """What came back: the payload, and the texts of its refusals (none when all went well)."""

    demande: Demande
    payload: dict[str, Any]
    textes: tuple[str, ...]

    def erreur(self) -> MutationRefused | AccessDenied:
        """What the refusals mean."""
        return refus(self.demande, self.textes)


class Mutation:
    """Sends mutations about a dossier."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def faire(self, document: str, dossier: Dossier, entree: dict[str, Any], *, montre: str) -> dict[str, Any]:
        """What DS did, as the `montre` part of its payload; its refusals are raised."""
        reponse = self.tenter(document, dossier, entree)
        if reponse.textes:
            raise reponse.erreur()
        shown = reponse.payload.get(montre)
        if not isinstance(shown, dict):
            raise _sans_preuve(reponse.demande)
        return shown

    def tenter(self, document: str, dossier: Dossier, entree: dict[str, Any]) -> Reponse:
        """What DS answered, refusals included."""
        demande = Demande(document=document, mutation=True, demarche=dossier.demarche_number, dossier=dossier.number)
        resultat = self._transport.ecrire(demande, {"input": {"dossierId": dossier.id} | entree})
        payload = resultat.data.get("resultat")
        if not isinstance(payload, dict):
            raise _sans_preuve(demande)
        with preuve(demande):
            return Reponse(demande=demande, payload=payload, textes=textes_de(payload))


def textes_de(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """What DS said against a write; `TypeError` or `KeyError` when it said it otherwise."""
    return tuple(str(erreur["message"]) for erreur in payload.get("errors") or ())


@contextmanager
def preuve(demande: Demande) -> Iterator[None]:
    """Turn an unexpected shape into `OutcomeUnknown`: DS may well have written."""
    try:
        yield
    except (KeyError, TypeError) as error:
        raise _sans_preuve(demande) from error


def _sans_preuve(demande: Demande) -> OutcomeUnknown:
    """DS neither refuses nor shows what it wrote."""
    return OutcomeUnknown(
        f"Démarches simplifiées n’a pas montré ce qu’elle a écrit sur {demande.sujet}.", hint=RELECTURE
    )
