"""How long what is stored here may stay: one delay for each reason to go (seed §, domaine decision 5; GDPR art. 5.1.e).

A dossier goes when DS deleted it, when DS has not shown it for long, or long after its decision. The register of
posts, which names nobody, outlives it; the journal of what was read and written has its own term.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from connector.core.calendrier import ajoute_mois
from connector.core.poste import Poste


class Motif(StrEnum):
    """Why a dossier went: deleted by DS for good, not shown for long, decided long ago, or forgotten on request."""

    SUPPRIME = "supprime"
    ABSENT = "absent"
    TERMINE = "termine"
    OUBLI = "oubli"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conservation:
    """The delays, in days but for posts, in months after their end.

    `termines`: after the last change of a decided dossier. `absents`: since DS stopped showing it. `journal`: what was
    read, written and reported. `copies`: how long a backup may live; never longer than what it holds.
    """

    termines: int = 365
    absents: int = 30
    journal: int = 365
    postes_mois: int = 24
    copies: int = 30

    def termines_avant(self, now: datetime) -> datetime:
        """Decided dossiers last changed before that instant must go."""
        return now - timedelta(days=self.termines)

    def absents_avant(self, now: datetime) -> datetime:
        """Dossiers that DS has not shown since before that instant must go."""
        return now - timedelta(days=self.absents)

    def journal_avant(self, now: datetime) -> datetime:
        """What the journal says of before that instant must go."""
        return now - timedelta(days=self.journal)

    def copies_avant(self, now: datetime) -> datetime:
        """Backups made before that instant must go."""
        return now - timedelta(days=self.copies)

    def expire(self, poste: Poste, aujourd_hui: date) -> bool:
        """Whether the funded months of that post ended long enough ago for it to leave the register."""
        return ajoute_mois(poste.fin, self.postes_mois) <= aujourd_hui
