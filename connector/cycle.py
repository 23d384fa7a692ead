"""The cycle of one démarche: settle → pull → store → read → check → decide → write → guard → push → report.

Everything that knows is in `core`; everything that touches comes in through the protocols below.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from connector.core.filigrane import Filigrane
from connector.core.model import Demarche, Dossier, Page, Repere, Trou
from connector.core.plan import Action, EtatIntention, Intention, Recu, ValeurAnnotation


class Gateway(Protocol):
    """Démarches simplifiées, as far as a cycle needs it. Raises the `RemoteError` family, nothing else."""

    def demarche(self, number: int) -> Demarche:
        """The démarche with its revisions, groups and labels."""
        ...

    def page(self, number: int, *, updated_since: datetime, after: str | None) -> Page:
        """The next page of dossiers modified since that instant; the page size is the gateway's own affair."""
        ...

    def dossier(self, number: int) -> Dossier:
        """One dossier as it is now; `DossierNotFound` when DS no longer shows it."""
        ...

    def apply(self, dossier: Dossier, instructeur_id: str, action: Action) -> Recu:
        """Do it. `MutationRefused` and `RetryableError`: not applied; `OutcomeUnknown`: only a re-read can tell."""
        ...


class Saved(Protocol):
    """What became of a page: `news` is the number of dossiers that were not stored with that very date."""

    @property
    def news(self) -> int:
        """Dossiers never seen with this modification date."""
        ...


class Dossiers(Protocol):
    """The store of dossiers, watermarks and evaluations. Raises the `StoreError` family, nothing else."""

    def watermark(self, demarche: int) -> Filigrane | None:
        """Where the reading of that démarche stands; None before the first one."""
        ...

    def save_page(self, demarche: int, page: Page, watermark: Filigrane, *, now: datetime) -> int:
        """Store a page, its holes and the watermark in one transaction; the number of dossiers new or changed."""
        ...

    def save_dossier(self, dossier: Dossier, *, now: datetime) -> None:
        """Store one dossier read apart from any page."""
        ...

    def knows(self, demarche: int, repere: Repere) -> bool:
        """Whether that dossier is stored, or in quarantine, with that very modification date."""
        ...


class Ledger(Protocol):
    """The journal of effects: committed before the request, closed after the answer."""

    def open(self, intention: Intention, *, now: datetime) -> bool:
        """Commit the intent as `sending`; False when its fingerprint was already done, or waits for an answer."""
        ...

    def close(
        self, fingerprint: str, state: EtatIntention, *, now: datetime, cause: str = "", detail: str = ""
    ) -> None:
        """Commit how the intent ended."""
        ...

    def unsettled(self, demarche: int) -> tuple[Intention, ...]:
        """Intents left `sending` or `unknown`, oldest first."""
        ...

    def find(self, fingerprint: str) -> Intention | None:
        """The intent with that fingerprint, if any."""
        ...
