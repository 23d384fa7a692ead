"""Démarches simplifiées as a cycle sees it: the démarche, its pages, one dossier, the writes; all typed."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Self

from connector.api import capacites, lecture, sonde
from connector.api.champs import LecteurChamps
from connector.api.echange import Demande, PanneInterne
from connector.api.ecriture import Ecrivain
from connector.api.pages import TAILLE_MAX, Pages
from connector.api.suppressions import Suppressions
from connector.api.transport import Arret, Compteurs, Delais, Jeton, Transport
from connector.core.fiche import Retenue
from connector.core.model import Demarche, Dossier, DossierSupprime, Page, PageReperes
from connector.core.plan import Action, Recu
from connector.errors import DossierError, PageTimeout


def ouvrir(
    url: str,
    jeton: Jeton,
    *,
    ca: Path | None = None,
    delais: Delais | None = None,
    stop: Arret | None = None,
    monotonic: Callable[[], float] = time.monotonic,
    maintenant: Callable[[], float] = time.time,
    jitter: Callable[[], float] = random.random,
) -> DemarchesSimplifiees:
    """A gateway to the API at `url` (the whole address, ending in /api/v2/graphql).

    `jeton` may be a function: it is asked at each request. `ca`: a PEM file of authorities to trust instead of the
    system's. `stop` ends every wait at once when set. `jitter` gives a number from 0 to 1. Refuses (`OperatorError`) an
    address or a file that cannot be used; nothing is sent yet.
    """
    return DemarchesSimplifiees(
        Transport(
            url,
            jeton,
            ca=ca,
            delais=delais or Delais(),
            stop=stop or threading.Event(),
            monotonic=monotonic,
            maintenant=maintenant,
            jitter=jitter,
        )
    )


class DemarchesSimplifiees:
    """The `Gateway` of the cycle, over real HTTP. For one thread at a time."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._champs = LecteurChamps()
        self._suppressions = Suppressions(transport)
        self._pages = Pages(transport, self._champs, self._suppressions)
        self._ecrivain = Ecrivain(transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def quand_laissee(self, dire: Callable[[Demande], None]) -> None:
        """Have that told of each page that was asked for ahead and that nobody used; at the latest when closing."""
        self._transport.laissee = dire

    @property
    def compteurs(self) -> Compteurs:
        """What was exchanged since the opening."""
        return self._transport.compteurs

    def demarche(self, number: int) -> Demarche:
        """The démarche with its revisions, groups and labels."""
        demande = Demande(document="demarche", mutation=False, demarche=number)
        resultat = self._transport.lire(demande, {"number": number})
        with lecture.contrat(demande):
            return lecture.demarche(resultat.data["demarche"])

    def page(
        self,
        number: int,
        *,
        updated_since: datetime,
        after: str | None,
        deleted_since: datetime | None = None,
        retenue: Retenue | None = None,
    ) -> Page:
        """The next page of dossiers modified since that instant, and the dossiers deleted since `deleted_since`.

        Both instants are aware. A page may be as short as one dossier; one that DS cannot show is a `Trou`. With
        `retenue`, dossiers have its champs and annotations only.
        """
        return self._pages.page(
            number, updated_since=updated_since, after=after, deleted_since=deleted_since, retenue=retenue
        )

    def reperes(
        self, number: int, *, updated_since: datetime, after: str | None, first: int = TAILLE_MAX
    ) -> PageReperes:
        """A light page, labels included, in the same order and with the same cursors as `page`."""
        return self._pages.reperes(number, updated_since=updated_since, after=after, first=first)

    def supprimes(self, number: int, *, depuis: datetime) -> tuple[DossierSupprime, ...]:
        """Every dossier of the bin and every purged one, deleted since that instant (contract §3.7)."""
        return self._suppressions.toutes(number, depuis)

    def dossier(self, number: int) -> Dossier:
        """One dossier as it is now; `DossierNotFound` when DS no longer shows it, `DossierError` when it cannot."""
        demande = Demande(document="dossier", mutation=False, dossier=number)
        try:
            resultat = self._transport.lire(demande, {"number": number})
        except (PageTimeout, PanneInterne) as error:
            raise DossierError(str(error), number=number, hint=error.hint) from error
        lecture.marquer(resultat.data, resultat.erreurs)
        try:
            return lecture.dossier(resultat.data["dossier"], self._champs)
        except (KeyError, ValueError) as error:
            raise DossierError(f"Le dossier {number} n’a pas la forme attendue ({error}).", number=number) from error

    def liens(self, number: int) -> Mapping[str, str]:
        """The link of each file of that dossier, by checksum: secret, valid an hour. Errors as for `dossier`."""
        demande = Demande(document="liens", mutation=False, dossier=number)
        try:
            resultat = self._transport.lire(demande, {"number": number})
        except (PageTimeout, PanneInterne) as error:
            raise DossierError(str(error), number=number, hint=error.hint) from error
        with lecture.contrat(demande):
            fichiers = (f for champ in resultat.data["dossier"]["champs"] for f in champ.get("files") or ())
            return {f["checksum"]: f["url"] for f in fichiers}

    def capacites(self) -> capacites.Capacites:
        """What this instance can do, as it says itself: one heavy request."""
        return capacites.relever(self._transport)

    def ecriture_permise(self) -> bool | None:
        """Whether the token may write, without writing; None when the instance does not let us know."""
        return sonde.ecriture_permise(self._transport)

    def apply(self, dossier: Dossier, instructeur_id: str, action: Action) -> Recu:
        """Do it. `MutationRefused` and `RetryableError`: not applied; `OutcomeUnknown`: only a re-read can tell."""
        return self._ecrivain.appliquer(dossier, instructeur_id, action)
