"""Each dossier's entry among the others: who looks like whom, who competes for which quota, who was told what.

An entry goes with its dossier. It holds digests and numbers, nothing that names anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from connector.core.fiche import Fiche
from connector.core.registre import Inscription
from connector.store import codec, file_attente, lignes
from connector.store.connexion import Connexion, Row
from connector.store.sceau import Sceau

_PAR_LOT = 200
"""How many entries are held at a time."""

_JUMEAUX = 20
"""How many look-alikes of one dossier are told: beyond that, the form is filled with one and the same number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jugee:
    """An entry whose dossier was judged: the warning on it, and the digest of what the others said of it then.

    `seule`: no other dossier has its candidate, nor its project.
    """

    inscription: Inscription
    avertissement: str
    contexte: str
    seule: bool


class Inscriptions:
    """The entries of every démarche. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion
        self.sceller = Sceau(connexion)

    def stale(self, demarche: int, *, lecture: str, jour: date) -> Iterator[Fiche]:
        """The dossiers to enter again, oldest deposit first: changed, read otherwise (`lecture`), or in trouble.

        Those in trouble come back when anything moved since they last did, or on another day (`jour`).
        """
        file_attente.a_inscrire(self._connexion, demarche, lecture=lecture, vue=f"{self.movements()} {jour}")
        after: tuple[str, int] = ("", -1)
        while keys := self._connexion.rows(_STALE, (demarche, *after, _PAR_LOT)):
            for row in self._connexion.rows(_FICHES, (codec.text_of([number for _, number in keys]),)):
                with suppress(codec.CodecError):  # judging will set it aside, and it will be read from DS again
                    yield lignes.to_fiche(row)
            after = keys[-1]

    def enter(self, entrees: Iterable[tuple[Inscription, str, str]], *, lecture: str) -> None:
        """Write entries in one transaction, each with its dossier's content digest and the register's warning."""
        rows = [_row(*entree, lecture) for entree in entrees]
        with self._connexion.transaction():
            self._connexion.run_many(_SAVE, rows)

    def find(self, number: int) -> Inscription | None:
        """One dossier's entry, absent from DS or not; None when it is not stored here.

        That of an erased dossier stays as long as its post is in the register: who replaces it is compared with it.
        """
        row = self._connexion.row(_FIND, (number,))
        return None if row is None else _inscription(row[0])

    def warning(self, number: int) -> str:
        """What the register could not take in of that dossier; "" when all is well."""
        row = self._connexion.row("SELECT avertissement FROM inscriptions WHERE dossier = ?", (number,))
        return "" if row is None else str(row[0])

    def alike(self, inscription: Inscription) -> tuple[Inscription, ...]:
        """The other dossiers that DS still shows with the same candidate or the same project, oldest number first."""
        values = (inscription.candidat, inscription.projet, inscription.dossier, _JUMEAUX)
        return tuple(_inscription(text) for (text,) in self._connexion.rows(_ALIKE, values))

    def contenders(self) -> Iterator[Inscription]:
        """The dossiers that DS still shows and that we propose to accept, quota aside; decided ones are among them."""
        return self._walk(_CONTENDERS)

    def appraise(self, favorables: Mapping[int, bool]) -> None:
        """Note which of those dossiers we propose to accept, quota aside."""
        with self._connexion.transaction():
            rows = [(favorable, number) for number, favorable in favorables.items()]
            self._connexion.run_many("UPDATE inscriptions SET favorable = ? WHERE dossier = ?", rows)

    def entered(self) -> Iterator[Inscription]:
        """Every dossier that DS still shows and whose quota is known."""
        return self._walk(_ENTERED)

    def judged(self, demarche: int, *, sauf: str | None) -> Iterator[Jugee]:
        """Every entry of the démarche whose dossier was judged, streamed; neither absent nor in quarantine.

        Those told by the sight `sauf` are left out; with None, nobody is.
        """
        after = -1
        while rows := self._connexion.rows(_JUDGED, (demarche, after, _PAR_LOT, sauf)):
            for _, text, avertissement, contexte, seule in rows:
                entry = _inscription(text)
                yield Jugee(inscription=entry, avertissement=avertissement, contexte=contexte, seule=bool(seule))
            after = rows[-1][0]

    def movements(self) -> int:
        """How many times something moved that may change what is said of a dossier."""
        row = self._connexion.row("SELECT nombre FROM mouvements")
        return 0 if row is None else int(row[0])

    def world_told(self, demarche: int) -> tuple[int, date] | None:
        """The movements after which everything was told of the démarche's dossiers, counters too, and on what day."""
        row = self._connexion.row("SELECT mouvements, compteurs_le FROM mondes_dits WHERE demarche = ?", (demarche,))
        return None if row is None else (int(row[0]), date.fromisoformat(row[1]))

    def tell_world(self, demarche: int, movements: int, jour: date) -> None:
        """Remember that everything was told, as the world was after those movements, counters too on that day."""
        with self._connexion.transaction():
            self._connexion.run(_TOLD, (demarche, movements, jour.isoformat()))

    def told(self, dits: Mapping[int, tuple[str, str]]) -> None:
        """Remember what the others said of those dossiers when they were judged, and the sight of the world it was by.

        A sight "" is none: the dossier is looked at again by any.
        """
        with self._connexion.transaction():
            rows = [(contexte, vue, number) for number, (contexte, vue) in dits.items()]
            self._connexion.run_many("UPDATE inscriptions SET contexte = ?, vue = ? WHERE dossier = ?", rows)

    def _walk(self, sql: str) -> Iterator[Inscription]:
        """The entries that a query gives, some at a time, by number."""
        after = -1
        while rows := self._connexion.rows(sql, (after, _PAR_LOT)):
            yield from (_inscription(text) for _, text in rows)
            after = rows[-1][0]


def _inscription(text: str) -> Inscription:
    return codec.loads(text, Inscription)  # type: ignore[no-any-return]


def _row(i: Inscription, contenu: str, avertissement: str, lecture: str) -> Row:
    return (
        i.dossier,
        contenu,
        lecture,
        i.candidat,
        i.projet,
        i.cle.promotion if i.cle else "",
        codec.dumps(i, Inscription),
        codec.storable(avertissement),
    )


_STALE = """
SELECT a.date_depot, a.number FROM a_faire a
WHERE a.quoi = 'inscrire' AND a.demarche = ?1 AND (a.date_depot, a.number) > (?2, ?3)
AND NOT EXISTS (SELECT 1 FROM quarantaine q WHERE q.number = a.number AND q.levee_le IS NULL)
ORDER BY a.date_depot, a.number LIMIT ?4
"""

_FICHES = "SELECT * FROM fiches WHERE number IN (SELECT value FROM json_each(?)) ORDER BY date_depot, number"

_SAVE = """
INSERT INTO inscriptions (dossier, contenu, lecture, candidat, projet, promotion, inscription, avertissement)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (dossier) DO UPDATE SET
    contenu = excluded.contenu, lecture = excluded.lecture, candidat = excluded.candidat, projet = excluded.projet,
    promotion = excluded.promotion, inscription = excluded.inscription, avertissement = excluded.avertissement
"""

_FIND = """
SELECT inscription FROM inscriptions WHERE dossier = ?1
UNION ALL SELECT inscription FROM titulaires WHERE dossier = ?1 AND inscription <> '' LIMIT 1
"""

# Each index gives its dossiers in their order, so that no more of them are looked at than are told.
_ALIKE = """
SELECT inscription FROM (
    SELECT * FROM (
        SELECT i.dossier, i.inscription FROM inscriptions i CROSS JOIN dossiers d ON d.number = i.dossier
        WHERE i.candidat <> '' AND i.candidat = ?1 AND i.dossier <> ?3 AND d.absent_le IS NULL
        ORDER BY i.dossier LIMIT ?4
    )
    UNION SELECT * FROM (
        SELECT i.dossier, i.inscription FROM inscriptions i CROSS JOIN dossiers d ON d.number = i.dossier
        WHERE i.projet <> '' AND i.projet = ?2 AND i.dossier <> ?3 AND d.absent_le IS NULL
        ORDER BY i.dossier LIMIT ?4
    )
)
ORDER BY dossier LIMIT ?4
"""

_CONTENDERS = """
SELECT i.dossier, i.inscription FROM inscriptions i CROSS JOIN dossiers d ON d.number = i.dossier
WHERE d.absent_le IS NULL AND i.promotion <> '' AND i.favorable AND i.dossier > ?1 ORDER BY i.dossier LIMIT ?2
"""

_ENTERED = """
SELECT i.dossier, i.inscription FROM inscriptions i CROSS JOIN dossiers d ON d.number = i.dossier
WHERE d.absent_le IS NULL AND i.promotion <> '' AND i.dossier > ?1 ORDER BY i.dossier LIMIT ?2
"""

_JUDGED = """
SELECT i.dossier, i.inscription, i.avertissement, i.contexte, NOT EXISTS (
    SELECT 1 FROM inscriptions o WHERE o.candidat <> '' AND o.candidat = i.candidat AND o.dossier <> i.dossier
) AND NOT EXISTS (
    SELECT 1 FROM inscriptions o WHERE o.projet <> '' AND o.projet = i.projet AND o.dossier <> i.dossier
)
FROM inscriptions i
CROSS JOIN dossiers d ON d.number = i.dossier CROSS JOIN evaluations e ON e.dossier = i.dossier
WHERE d.demarche = ?1 AND d.absent_le IS NULL AND i.dossier > ?2 AND i.vue IS NOT ?4
AND NOT EXISTS (SELECT 1 FROM quarantaine q WHERE q.number = d.number AND q.levee_le IS NULL)
ORDER BY i.dossier LIMIT ?3
"""

_TOLD = """
INSERT INTO mondes_dits (demarche, mouvements, compteurs_le) VALUES (?, ?, ?)
ON CONFLICT (demarche) DO UPDATE SET mouvements = excluded.mouvements, compteurs_le = excluded.compteurs_le
"""
