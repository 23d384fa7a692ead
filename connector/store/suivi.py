"""What `status` tells: counts, what is set aside, what was never seen, how the last cycles ended. It only reads."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connector.core.model import DossierState
from connector.store import codec
from connector.store.connexion import Connexion
from connector.store.dossiers import EN_COURS

SUITE = 200
"""How many cycles back the beginning of a failure is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compte:
    """How many present dossiers share a state and an opinion; `avis` None when not judged yet."""

    state: DossierState
    archived: bool
    avis: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MisDeCote:
    """A dossier in quarantine: why, how many failures, since when, and when it is tried again."""

    number: int
    cause: str
    attempts: int
    depuis: datetime
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrouVu:
    """A hole without a number: a dossier that DS could not show, seen `count` times."""

    cause: str
    first_seen: datetime
    seen_at: datetime
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """A stored dossier that DS no longer shows; `definitif` None when no deletion list named it."""

    number: int
    cause: str
    since: datetime
    definitif: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rapport:
    """How one cycle ended."""

    demarche: int
    at: datetime
    exit_code: int
    counts: Mapping[str, int]
    text: str


class Suivi:
    """The reading side of the store for `status`. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def demarches(self) -> tuple[int, ...]:
        """The démarches this database knows, in order."""
        return tuple(number for (number,) in self._connexion.rows(_DEMARCHES))

    def counts(self, demarche: int) -> tuple[Compte, ...]:
        """Present dossiers counted by state and opinion."""
        rows = self._connexion.rows(_COUNTS, (demarche,))
        return tuple(
            Compte(state=DossierState(state), archived=bool(archived), avis=avis, count=count)
            for state, archived, avis, count in rows
        )

    def quarantine(self, demarche: int) -> tuple[MisDeCote, ...]:
        """The dossiers set aside, next attempt first."""
        rows = self._connexion.rows(_QUARANTINE, (demarche,))
        return tuple(
            MisDeCote(
                number=number,
                cause=cause,
                attempts=attempts,
                depuis=codec.when(depuis),
                retry_at=codec.when(retry_at),
            )
            for number, cause, attempts, depuis, retry_at in rows
        )

    def holes(self, demarche: int, *, since: datetime) -> tuple[TrouVu, ...]:
        """The holes without a number seen since that instant, latest first."""
        rows = self._connexion.rows(_HOLES, (demarche, codec.instant(since)))
        return tuple(
            TrouVu(cause=cause, first_seen=codec.when(first_seen), seen_at=codec.when(seen_at), count=count)
            for cause, first_seen, seen_at, count in rows
        )

    def absents(self, demarche: int) -> tuple[Absent, ...]:
        """The stored dossiers that DS no longer shows, latest first."""
        rows = self._connexion.rows(_ABSENTS, (demarche,))
        return tuple(
            Absent(
                number=number,
                cause=cause,
                since=codec.when(since),
                definitif=None if definitif is None else bool(definitif),
            )
            for number, cause, since, definitif in rows
        )

    def doubles(self, demarche: int) -> tuple[tuple[int, str], ...]:
        """The messages of ours that lie twice in a dossier: (dossier, reference); those taken back aside."""
        return tuple((number, reference) for number, reference in self._connexion.rows(_DOUBLES, (demarche,)))

    def begun(self, demarche: int) -> datetime | None:
        """When the cycle that has not ended began: it goes on, or was killed; None when the last one ended."""
        row = self._connexion.row("SELECT value FROM reglages WHERE key = ?", (f"{EN_COURS}{demarche}",))
        return None if row is None else codec.when(row[0])

    def last_reports(self, demarche: int, *, limit: int = 10) -> tuple[Rapport, ...]:
        """How the last cycles ended, latest first."""
        rows = self._connexion.rows(_REPORTS, (demarche, limit))
        return tuple(
            Rapport(
                demarche=demarche,
                at=codec.when(at),
                exit_code=exit_code,
                counts=codec.loads(counts, Mapping[str, int]),
                text=text,
            )
            for at, exit_code, counts, text in rows
        )

    def last_alike(self, demarche: int) -> tuple[Rapport, ...]:
        """The last cycles, latest first, back to the first of those that ended with the same code."""
        reports = self.last_reports(demarche, limit=SUITE)
        return tuple(itertools.takewhile(lambda r: r.exit_code == reports[0].exit_code, reports))


_DEMARCHES = "SELECT demarche FROM filigranes UNION SELECT demarche FROM cycles ORDER BY demarche"

_COUNTS = """
SELECT d.state, d.archived, e.avis, count(*)
FROM dossiers d LEFT JOIN evaluations e ON e.dossier = d.number
WHERE d.demarche = ? AND d.absent_le IS NULL
GROUP BY d.state, d.archived, e.avis ORDER BY d.state, d.archived, e.avis
"""

_QUARANTINE = """
SELECT number, cause, attempts, depuis, retry_at FROM quarantaine
WHERE demarche = ? AND levee_le IS NULL ORDER BY retry_at, number
"""

_HOLES = """
SELECT cause, first_seen, seen_at, count FROM trous WHERE demarche = ? AND seen_at >= ? ORDER BY seen_at DESC, cause
"""

_ABSENTS = """
SELECT d.number, d.absent_cause, d.absent_le, s.definitif
FROM dossiers d LEFT JOIN suppressions s ON s.number = d.number
WHERE d.demarche = ? AND d.absent_le IS NOT NULL ORDER BY d.absent_le DESC, d.number
"""

_DOUBLES = """
SELECT d.number, json_extract(m.value, '$.reference') AS reference
FROM dossiers d JOIN identites i ON i.dossier = d.number, json_each(iif(json_valid(i.messages), i.messages, '[]')) m
WHERE d.demarche = ? AND d.absent_le IS NULL AND reference IS NOT NULL
AND json_extract(m.value, '$.discarded_at') IS NULL
GROUP BY d.number, reference HAVING count(*) > 1 ORDER BY d.number, reference
"""

_REPORTS = "SELECT at, exit_code, counts, text FROM cycles WHERE demarche = ? ORDER BY id DESC LIMIT ?"
