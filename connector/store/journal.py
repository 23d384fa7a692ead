"""Who read or wrote what, when, and what came of it: only added to, until its term, and never a value.

The reads of DS and the acts of operators are lines of their own; the effects are those of the journal of effects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from connector.store import codec
from connector.store.connexion import Connexion

NOUS = "connecteur"
"""Who does what nobody asked for."""

_PAR_LOT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ligne:
    """One line: `qui` is a system account or « connecteur », `portee` says on what, `reponse` what came of it.

    `demarche` and `dossier` are None where the act concerns neither one of them.
    """

    at: datetime
    qui: str
    quoi: str
    portee: str = ""
    reponse: str = ""
    demarche: int | None = None
    dossier: int | None = None


class Journal:
    """The audit journal of one database. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def note(self, ligne: Ligne) -> None:
        """Add one line, committed at once."""
        values = (
            codec.instant(ligne.at),
            ligne.qui,
            ligne.quoi,
            codec.storable(ligne.portee),
            codec.storable(ligne.reponse),
            ligne.demarche,
            ligne.dossier,
        )
        with self._connexion.transaction():
            self._connexion.run(_NOTE, values)

    def lines(self, *, since: datetime, demarche: int | None = None, dossier: int | None = None) -> Iterator[Ligne]:
        """What was read and done since that instant, oldest first; about one démarche or dossier when asked.

        What people did to that dossier names no démarche: it is told with either.
        """
        after = ("", -1, 0)
        while rows := self._connexion.rows(_LINES, (codec.instant(since), demarche, dossier, *after, _PAR_LOT)):
            for at, qui, quoi, portee, reponse, number, about, *_ in rows:
                yield Ligne(
                    at=codec.when(at),
                    qui=qui,
                    quoi=quoi,
                    portee=portee,
                    reponse=reponse,
                    demarche=number,
                    dossier=about,
                )
            after = (rows[-1][0], rows[-1][7], rows[-1][8])


_NOTE = "INSERT INTO journal (at, qui, quoi, portee, reponse, demarche, dossier) VALUES (?, ?, ?, ?, ?, ?, ?)"

_LINES = """
SELECT * FROM journal_lu
WHERE at >= ?1 AND (?3 IS NULL OR dossier = ?3)
AND (?2 IS NULL OR demarche = ?2 OR (demarche IS NULL AND ?3 IS NOT NULL))
AND (at, source, id) > (?4, ?5, ?6)
ORDER BY at, source, id LIMIT ?7
"""
