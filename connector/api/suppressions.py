"""The two lists of deleted dossiers: the bin and the purged ones (contract §3.7). They are joined on the number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.api import lecture
from connector.api.champs import Brut
from connector.api.echange import Demande
from connector.api.transport import Transport
from connector.core.model import DossierSupprime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Liste:
    """One list: its field, the variables that switch it on and that carry its cursor, whether it is for good."""

    field: str
    switch: str
    cursor: str
    definitif: bool


_CORBEILLE = _Liste(field="pendingDeletedDossiers", switch="corbeille", cursor="corbeilleAfter", definitif=False)
_PURGES = _Liste(field="deletedDossiers", switch="purges", cursor="purgesAfter", definitif=True)
_LISTES = (_CORBEILLE, _PURGES)

_Suites = Mapping[_Liste, str | None]
"""The lists still to read, each with the cursor to read it from."""


class Suppressions:
    """Reads the lists to their ends: a purge is dated two weeks back, so no cursor is worth keeping."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def toutes(self, number: int, depuis: datetime) -> tuple[DossierSupprime, ...]:
        """Every deleted dossier of the démarche since that instant."""
        return self._suite(number, depuis, dict.fromkeys(_LISTES))

    def dans(self, brute: Brut, number: int, depuis: datetime | None) -> tuple[DossierSupprime, ...]:
        """Those that came with a page, and the rest of their lists when they are longer; () when none were asked."""
        if depuis is None:
            return ()
        found, suites = _lues(brute)
        return found + self._suite(number, depuis, suites)

    def _suite(self, number: int, depuis: datetime, suites: _Suites) -> tuple[DossierSupprime, ...]:
        """The lists from their cursors to their ends; a cursor already followed ends its list."""
        demande = Demande(document="suppressions", mutation=False, demarche=number)
        found: tuple[DossierSupprime, ...] = ()
        walked = set(suites.items())
        while suites:
            variables: dict[str, Any] = {"demarche": number, "deletedSince": depuis.isoformat()}
            for liste in _LISTES:
                variables |= {liste.switch: liste in suites, liste.cursor: suites.get(liste)}
            resultat = self._transport.lire(demande, variables)
            with lecture.contrat(demande):
                more, following = _lues(resultat.data["demarche"])
            found += more
            suites = dict(following.items() - walked)
            walked |= following.items()
        return found


def _lues(brute: Brut) -> tuple[tuple[DossierSupprime, ...], dict[_Liste, str]]:
    """The deleted dossiers of an answer, and the cursor of each list that goes on."""
    found: tuple[DossierSupprime, ...] = ()
    suites = {}
    for liste in _LISTES:
        page = brute.get(liste.field)
        if page:
            found += lecture.supprimes(page, definitif=liste.definitif)
            if page["pageInfo"]["hasNextPage"] and page["pageInfo"]["endCursor"]:
                suites[liste] = str(page["pageInfo"]["endCursor"])
    return found, suites
