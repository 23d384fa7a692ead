"""What outlives a run besides the dossiers: small texts by key, and the pauses that operators asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.store import codec
from connector.store.connexion import Connexion


class Reglages:
    """Small texts by key: the active revision, what was introspected. Never a secret: those have their own file."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def get(self, key: str) -> str | None:
        """The text under that key, None when there is none."""
        row = self._connexion.row("SELECT value FROM reglages WHERE key = ?", (key,))
        return None if row is None else str(row[0])

    def get_with_date(self, key: str) -> tuple[str, datetime] | None:
        """The text under that key and when it was put there, None when there is none."""
        row = self._connexion.row("SELECT value, updated_at FROM reglages WHERE key = ?", (key,))
        return None if row is None else (str(row[0]), codec.when(row[1]))

    def put(self, key: str, value: str, *, now: datetime) -> None:
        """Remember a text under that key, in the place of any other."""
        with self._connexion.transaction():
            self._connexion.run(_PUT, (key, codec.storable(value), codec.instant(now)))

    def remove(self, key: str) -> None:
        """Forget what is under that key, if anything."""
        with self._connexion.transaction():
            self._connexion.run("DELETE FROM reglages WHERE key = ?", (key,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why all sending was stopped, since when, and until when; `until` None while it lasts."""

    reason: str
    since: datetime
    until: datetime | None = None


class Pauses:
    """The pauses, the current one and the past ones."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def current(self) -> Pause | None:
        """The pause that lasts, if any."""
        return next(iter(self._read("SELECT reason, since, until FROM pauses WHERE until IS NULL")), None)

    def all(self) -> tuple[Pause, ...]:
        """Every pause, latest first."""
        return self._read("SELECT reason, since, until FROM pauses ORDER BY id DESC")

    def start(self, reason: str, *, now: datetime) -> None:
        """Stop all sending; when it is stopped already, only the reason changes, for the one that is given."""
        with self._connexion.transaction():
            self._connexion.run(_START, (codec.storable(reason), codec.instant(now)))
            if reason:
                self._connexion.run("UPDATE pauses SET reason = ? WHERE until IS NULL", (codec.storable(reason),))

    def end(self, *, now: datetime) -> None:
        """Allow sending again."""
        with self._connexion.transaction():
            self._connexion.run("UPDATE pauses SET until = ? WHERE until IS NULL", (codec.instant(now),))

    def _read(self, sql: str) -> tuple[Pause, ...]:
        rows = self._connexion.rows(sql)
        return tuple(
            Pause(reason=reason, since=codec.when(since), until=codec.maybe_when(until))
            for reason, since, until in rows
        )


_PUT = """
INSERT INTO reglages (key, value, updated_at) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
"""

_START = """
INSERT INTO pauses (reason, since) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM pauses WHERE until IS NULL)
"""
