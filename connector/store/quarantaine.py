"""Dossiers set aside, each tried again after a delay that doubles; and holes that have no number to try again.

A dossier that was read again is out of quarantine, but its attempts are remembered for a day: one that reads well and
always fails later does not start again from the shortest delay.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from connector.core.model import Trou
from connector.store import codec
from connector.store.connexion import Connexion, Row
from connector.store.recul import Recul

RECUL = Recul(timedelta(minutes=1), timedelta(hours=6))
"""When a dossier set aside is tried again."""

MEMOIRE = timedelta(days=1)
"""How long a dossier's attempts count once it is out."""


class Quarantaine:
    """The dossiers set aside; every write is inside the caller's transaction."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def set_aside(self, demarche: int, number: int, *, cause: str, now: datetime) -> None:
        """Count one more failure of that dossier, and put its next attempt off accordingly."""
        row = self._connexion.row(_ONE, (number,))
        attempts = 1 + (row[0] if row and _is_remembered(row, now) else 0)
        self._connexion.run(
            _SET_ASIDE,
            {
                "number": number,
                "demarche": demarche,
                "cause": codec.storable(cause),
                "attempts": attempts,
                "now": codec.instant(now),
                "retry_at": codec.instant(now + RECUL.after(attempts)),
            },
        )

    def note_holes(self, demarche: int, trous: Iterable[Trou], *, now: datetime) -> None:
        """Set aside the holes whose number is known, count the others; seeing again one set aside is no new attempt."""
        for trou in trous:
            if trou.number is None:
                self._connexion.run(_HOLE, (demarche, codec.storable(trou.cause), codec.instant(now)))
            elif not self.holds(demarche, trou.number):
                self.set_aside(demarche, trou.number, cause=trou.cause, now=now)

    def holds(self, demarche: int, number: int) -> bool:
        """Whether that dossier is set aside."""
        return self._connexion.row(_HOLDS, (demarche, number)) is not None

    def numbers(self, demarche: int) -> frozenset[int]:
        """Every dossier set aside."""
        return frozenset(number for number, _ in self._connexion.rows(_ACTIVE, (demarche,)))

    def lift(self, numbers: Iterable[int], *, now: datetime) -> None:
        """Let those dossiers out, if they are in."""
        self._connexion.run(_LIFT, (codec.instant(now), codec.text_of(list(numbers))))

    def due(self, demarche: int, *, now: datetime) -> tuple[int, ...]:
        """Numbers of the dossiers whose delay has passed, longest overdue first."""
        rows = self._connexion.rows(_ACTIVE, (demarche,))
        return tuple(number for number, retry_at in rows if RECUL.is_over(codec.when(retry_at), now))

    def retry_now(self, demarche: int, number: int | None, *, now: datetime) -> int:
        """Make that dossier, or all of the démarche's, due at once; how many are."""
        return self._connexion.run(_RETRY_NOW, (codec.instant(now), demarche, number, number))


def _is_remembered(row: Row, now: datetime) -> bool:
    """Whether earlier failures still count: the dossier is in, or came out lately."""
    levee_le = codec.maybe_when(row[1])
    return levee_le is None or now - levee_le <= MEMOIRE


_ONE = "SELECT attempts, levee_le FROM quarantaine WHERE number = ?"

_HOLDS = "SELECT 1 FROM quarantaine WHERE demarche = ? AND number = ? AND levee_le IS NULL"

_ACTIVE = "SELECT number, retry_at FROM quarantaine WHERE demarche = ? AND levee_le IS NULL ORDER BY retry_at, number"

_LIFT = """
UPDATE quarantaine SET levee_le = ? WHERE levee_le IS NULL AND number IN (SELECT value FROM json_each(?))
"""

_RETRY_NOW = """
UPDATE quarantaine SET retry_at = ? WHERE demarche = ? AND levee_le IS NULL AND (? IS NULL OR number = ?)
"""

_SET_ASIDE = """
INSERT INTO quarantaine (number, demarche, cause, attempts, depuis, retry_at)
VALUES (:number, :demarche, :cause, :attempts, :now, :retry_at)
ON CONFLICT (number) DO UPDATE SET
    demarche = excluded.demarche, cause = excluded.cause, attempts = excluded.attempts, retry_at = excluded.retry_at,
    depuis = CASE WHEN excluded.attempts = 1 THEN excluded.depuis ELSE depuis END, levee_le = NULL
"""

_HOLE = """
INSERT INTO trous (demarche, cause, first_seen, seen_at, count) VALUES (?1, ?2, ?3, ?3, 1)
ON CONFLICT (demarche, cause) DO UPDATE SET seen_at = excluded.seen_at, count = count + 1
"""
