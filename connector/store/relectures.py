"""What was found inside the pieces of each dossier, by checksum; it goes with the dossier."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from connector.core.examen_piece import Relecture
from connector.store import codec
from connector.store.connexion import Connexion
from connector.store.effacement import OUVERTS

logger = logging.getLogger(__name__)


class Relectures:
    """`ports.Relectures` of one database. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def of(self, number: int) -> Mapping[str, Relecture]:
        """What is known of that dossier's pieces, by checksum; what cannot be read is not known: it is found anew."""
        rows = self._connexion.rows("SELECT relecture FROM relectures WHERE dossier = ?", (number,))
        lues = [lue for (text,) in rows if (lue := _lue(text, number)) is not None]
        return {relecture.checksum: relecture for relecture in lues}

    def save(self, number: int, relectures: Iterable[Relecture]) -> None:
        """Remember just that of the dossier's pieces; nothing of a dossier that is no longer stored."""
        rows = [(codec.storable(r.checksum), codec.dumps(r, Relecture), number) for r in relectures]
        with self._connexion.transaction():
            self._connexion.run("DELETE FROM relectures WHERE dossier = ?", (number,))
            self._connexion.run_many(_ADD, rows)

    def restantes(self, demarche: int) -> Sequence[tuple[Relecture, datetime | None]]:
        """The files of that démarche's open dossiers not looked into yet, and when their dossier is judged again."""
        rows = self._connexion.rows(_RESTANTES, (demarche, codec.text_of(sorted(OUVERTS))))
        lues = ((_lue(text, number), codec.maybe_when(revu)) for number, text, revu in rows)
        return [(lue, revu) for lue, revu in lues if lue is not None]


def _lue(text: str, number: int) -> Relecture | None:
    try:
        return codec.loads(text, Relecture)  # type: ignore[no-any-return]
    except codec.CodecError:
        logger.warning("relecture.unreadable number=%d", number)
        return None


_ADD = "INSERT INTO relectures SELECT number, ?, ? FROM dossiers WHERE number = ?"

_RESTANTES = """
SELECT d.number, r.relecture, e.a_revoir_le
FROM dossiers d JOIN relectures r ON r.dossier = d.number LEFT JOIN evaluations e ON e.dossier = d.number
WHERE d.demarche = ? AND d.absent_le IS NULL AND d.state IN (SELECT value FROM json_each(?))
AND json_valid(r.relecture) AND json_extract(r.relecture, '$.examen') IS NULL
"""
