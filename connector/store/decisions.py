"""What people decided, as it was recorded: a line is only ever added, and the last one of a dossier is in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connector.core.decisions import Decision, Sens, SourceDecisions
from connector.store import codec
from connector.store.connexion import Connexion


class Decisions:
    """The decisions of one database, each source apart. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def en_vigueur(self, number: int, source: SourceDecisions) -> Decision | None:
        """What was last decided of that dossier by that source; None when nothing was, or when it was taken back."""
        row = self._connexion.row(_LAST, (number, source.value))
        return None if row is None or not row[0] else codec.loads(row[0], Decision)

    def note(self, number: int, source: SourceDecisions, decision: Decision | None, *, now: datetime) -> bool:
        """Record what is decided of that dossier now, None to take it back; False when that is no news."""
        return bool(self.note_all({number: decision}, source, now=now))

    def note_all(
        self, decisions: Mapping[int, Decision | None], source: SourceDecisions, *, now: datetime
    ) -> frozenset[int]:
        """The same for several dossiers, all of them or none; those for which it was news."""
        with self._connexion.transaction():
            news = {n: d for n, d in decisions.items() if _dit(self.en_vigueur(n, source)) != _dit(d)}
            self._connexion.run_many(
                _ADD,
                [(n, source.value, codec.dumps(d, Decision) if d else "", codec.instant(now)) for n, d in news.items()],
            )
        return frozenset(news)

    def all(self, source: SourceDecisions) -> tuple[Decision, ...]:
        """Every decision in force of that source, by dossier."""
        rows = self._connexion.rows(_IN_FORCE, (source.value,))
        return tuple(codec.loads(text, Decision) for (text,) in rows)

    def retenus(self, source: SourceDecisions) -> Mapping[int, int | None]:
        """The dossiers that people retained, with the rank that they gave them."""
        return {d.dossier: d.rang for d in self.all(source) if d.sens is Sens.RETENU}

    def en_attente(self, source: SourceDecisions) -> Mapping[int, int | None]:
        """The dossiers that people put on the waiting list, with the rank that they gave them."""
        return {d.dossier: d.rang for d in self.all(source) if d.sens is Sens.LISTE_D_ATTENTE}


def _dit(decision: Decision | None) -> tuple[object, ...] | None:
    return None if decision is None else decision.dit


_LAST = "SELECT decision FROM decisions WHERE dossier = ? AND source = ? ORDER BY id DESC LIMIT 1"

_ADD = "INSERT INTO decisions (dossier, source, decision, notee_le) VALUES (?, ?, ?, ?)"

_IN_FORCE = """
SELECT decision FROM decisions d
WHERE source = ? AND decision <> ''
AND id = (SELECT max(id) FROM decisions e WHERE e.dossier = d.dossier AND e.source = d.source)
ORDER BY dossier
"""
