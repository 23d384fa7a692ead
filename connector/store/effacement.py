"""What leaves the database, and what is left of it: a number, a date and a reason, so that it does not come back.

The rows go, with what hangs on them; the journal of effects keeps no word about them nor any digest of a text, only
that they were had and under which references, so that nothing is sent twice should the dossier be reopened. `compact`
then leaves no trace of them in any file. A request to forget is also kept beside the database (`oublis`): `rappeler`
forgets again what a copy put back brought back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connector.core.conservation import Conservation, Motif
from connector.core.fiche import Fiche
from connector.core.model import Dossier, DossierState
from connector.errors import StoreError
from connector.store import codec, oublis
from connector.store.connexion import Connexion
from connector.store.oublis import Liste, Oubli

OUVERTS = frozenset(etat.value for etat in DossierState if etat.ouvert)
"""States of a dossier that nobody decided: no term runs."""

LISTE = "oublis.liste"
"""Kept among the small texts once there is a list beside the database: then a list that is not there was lost."""

A_REECRIRE = "effacement.a_reecrire"
"""Kept there while something was erased and the files not rewritten yet: whoever opens it next does what is left."""

_JOURNAL = "journal"
"""What it says once the database is rewritten, and its journal alone not emptied yet."""

_ACCENTS = re.compile("[\u0300-\u036f]")

_ESCAPED = re.compile(r"\\[nrt]")
"""How a stored text spells a blank that is no space."""

_IN_A_NUMBER = re.compile(r"(?<=\d)\s+(?=\d)")

_APRES = timedelta(microseconds=1)
"""What undoes an act comes after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AEffacer:
    """One dossier that must go, and why."""

    number: int
    demarche: int
    motif: Motif


@dataclass(frozen=True, slots=True, kw_only=True)
class Efface:
    """What is left of an erased dossier."""

    number: int
    demarche: int
    motif: Motif
    le: datetime


class Effacement:
    """The dossiers that must go, and those that went. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def due(self, conservation: Conservation, *, now: datetime) -> tuple[AEffacer, ...]:
        """The stored dossiers whose time has come, by number; the first reason that holds."""
        values = {
            "absents": codec.instant(conservation.absents_avant(now)),
            "termines": codec.instant(conservation.termines_avant(now)),
            "ouverts": codec.text_of(sorted(OUVERTS)),
        }
        rows = self._connexion.rows(_DUE, values)
        return tuple(AEffacer(number=n, demarche=d, motif=Motif(motif)) for n, d, motif in rows)

    def erase(self, dossiers: Iterable[AEffacer], *, now: datetime) -> int:
        """Erase those dossiers with all that was said of them, in one transaction; how many were stored.

        Those asked to be forgotten are in the list beside the database before that is done for good.
        """
        dossiers = tuple(dossiers)
        oublies = [Oubli(number=d.number, demarche=d.demarche, le=now) for d in dossiers if d.motif is Motif.OUBLI]
        with self._connexion.transaction():
            erased = self._erase((d, now) for d in dossiers)
            if oublies:
                self._inscrire(oublies, sinon="Rien n’a été effacé.")
        return erased

    def _erase(self, dossiers: Iterable[tuple[AEffacer, datetime]]) -> int:
        """Erase those dossiers, each at its date, inside the caller's transaction; how many were stored."""
        rows = [
            {"number": d.number, "demarche": d.demarche, "motif": d.motif.value, "now": codec.instant(le)}
            for d, le in dossiers
        ]
        self._connexion.run_many(_LEAVE, rows)
        self._connexion.run_many(_SURVIVE, rows)
        erased = sum(self._connexion.run("DELETE FROM dossiers WHERE number = :number", row) for row in rows)
        for sql in _FORGET:
            self._connexion.run_many(sql, rows)
        if rows:
            self._a_reecrire()
        return erased

    def _inscrire(self, actes: Iterable[Oubli], *, sinon: str) -> None:
        """Add to the list beside the database, inside the caller's transaction: nobody else writes it meanwhile."""
        lue = self._liste(sinon)
        derniers = {acte.number: _apres(lue.actes.get(acte.number), acte) for acte in actes}
        self._ecrire(oublis.ensemble(lue, Liste(actes=derniers)))

    def _liste(self, sinon: str) -> Liste:
        """The list beside the database; `StoreError` when it cannot be read, which says what was left undone."""
        lue = oublis.lire(oublis.beside(self._connexion.path))
        if lue.panne:
            raise StoreError(lue.panne, hint=f"{sinon} « connector doctor » dit comment la remettre en état.")
        return lue

    def _ecrire(self, liste: Liste) -> None:
        """Write the list beside the database, on the volume where a link says that it is."""
        oublis.ecrire(oublis.beside(self._connexion.path).resolve(), liste)

    def rappeler(self) -> tuple[int, ...]:
        """Forget again, at the date it was asked, what the list says and the database does not; which dossiers.

        The list is completed with what the database alone knows, and begun again when it is lost. `StoreError` when it
        cannot be read: nobody knows then who must not be read again.
        """
        liste = self._liste(_FERMEE)
        refaits: tuple[int, ...] = ()
        try:
            refaits = self._refaire() if self._differe(liste) else ()
        except StoreError:  # the list alone cannot be kept up: `doctor` tells of it, and it holds nothing back
            if self.a_refaire():
                raise
        reste = self._connexion.row("SELECT value FROM reglages WHERE key = ?", (A_REECRIRE,))
        with suppress(StoreError):  # busy, or no room: the next one to open it does it
            if reste == (_JOURNAL,):
                self._vider()
            elif reste is not None:
                self.compact()
        return refaits

    def a_refaire(self) -> tuple[Oubli, ...]:
        """What the list says was forgotten and the database does not, by number; nothing is changed."""
        ici = self._oublies()
        liste = oublis.lire(oublis.beside(self._connexion.path))
        return _manquants(oublis.ensemble(liste, ici), ici)

    def _differe(self, liste: Liste) -> bool:
        """Whether the list and the database do not say the same."""
        return liste.absente or dict(liste.oublies) != dict(self._oublies().actes)

    def _refaire(self) -> tuple[int, ...]:
        with self._connexion.transaction():
            liste, ici = self._liste(_FERMEE), self._oublies()
            perdue = liste.absente and self._connexion.row("SELECT 1 FROM reglages WHERE key = ?", (LISTE,)) is not None
            tout = oublis.ensemble(liste, ici, Liste(recommencee=perdue))
            manquants = _manquants(tout, ici)
            self._erase(
                (AEffacer(number=acte.number, demarche=acte.demarche, motif=Motif.OUBLI), acte.le) for acte in manquants
            )
            self._connexion.run_many(_REMEMBER, [(n,) for n in ici.actes if n not in tout.oublies])
            self._connexion.run(_KEEP, (LISTE,))
            self._ecrire(tout)
        return tuple(acte.number for acte in manquants if acte.number not in ici.actes)

    def _oublies(self) -> Liste:
        """What the database itself knows to be forgotten on request."""
        rows = self._connexion.rows("SELECT number, demarche, le FROM effaces WHERE motif = 'oubli'")
        lus = ((n, d, _date(le)) for n, d, le in rows)
        return Liste(actes={n: Oubli(number=n, demarche=d, le=le) for n, d, le in lus if le is not None})

    def of(self, number: int) -> Efface | None:
        """What is left of that dossier, None when it was never erased."""
        row = self._connexion.row("SELECT number, demarche, motif, le FROM effaces WHERE number = ?", (number,))
        return (
            None if row is None else Efface(number=row[0], demarche=row[1], motif=Motif(row[2]), le=codec.when(row[3]))
        )

    def everything(self, number: int) -> dict[str, list[dict[str, Any]]]:
        """Every row kept about that dossier, by table, JSON texts read: for who asks what is known of them."""
        return {table: [_readable(row) for row in self._rows(table, column, number)] for table, column in _ABOUT}

    def _rows(self, table: str, column: str, number: int) -> list[dict[str, Any]]:
        columns = [name for _, name, *_ in self._connexion.rows(f"PRAGMA table_info({table})")]
        rows = self._connexion.rows(f"SELECT * FROM {table} WHERE {column} = ?", (number,))  # noqa: S608 - our own names
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def holding(self, text: str) -> tuple[int, ...]:
        """The stored dossiers that hold every word of that text, wherever and in any order: « first name, surname ».

        Case, accents and the blanks inside a number do not count. Several words are whole ones: « Inès » is not in
        « voisines ». A single one may be a part: of an address, say.
        """
        words = re.findall(r"[^\s,;]+", _comparable(text))
        sought = [
            _whole(word) if len(words) > 1 and not word.isdigit() else re.compile(re.escape(word)) for word in words
        ]
        rows = self._connexion.rows(_VALUES)
        held = ((number, _comparable("\n".join(filter(None, texts)))) for number, *texts in rows)
        return tuple(number for number, told in held if sought and all(word.search(told) for word in sought))

    def counts(self, demarche: int) -> Mapping[Motif, int]:
        """How many dossiers of the démarche were erased, by reason."""
        rows = self._connexion.rows(
            "SELECT motif, count(*) FROM effaces WHERE demarche = ? GROUP BY motif", (demarche,)
        )
        return {Motif(motif): count for motif, count in rows}

    def remember_again(self, number: int, *, now: datetime) -> bool:
        """Undo a request to forget: the dossier is stored again when DS shows it; False when there was none."""
        with self._connexion.transaction():
            oublie = self._oublies().actes.get(number)
            if oublie is None:
                return False
            self._connexion.run(_REMEMBER, (number,))
            self._inscrire((replace(oublie, le=now, annule=True),), sinon="Rien n’a été changé.")
        return True

    def forget_journal(self, conservation: Conservation, *, now: datetime) -> int:
        """Erase what the journals hold of before their term; how many lines went."""
        avant = codec.instant(conservation.journal_avant(now))
        with self._connexion.transaction():
            self._connexion.run(_TERM, (avant, codec.instant(now)))
            lignes = sum(self._connexion.run(f"DELETE {_old(*old)}", (avant,)) for old in _OLD)
            if lignes:
                self._a_reecrire()
        return lignes

    def journal_due(self, conservation: Conservation, *, now: datetime) -> int:
        """How many lines `forget_journal` would erase."""
        avant = codec.instant(conservation.journal_avant(now))
        return sum(int(n) for old in _OLD for (n,) in self._connexion.rows(f"SELECT count(*) {_old(*old)}", (avant,)))

    def forget_postes(self, identifiants: Iterable[str]) -> int:
        """Take those posts out of the register; how many there were."""
        rows = [(identifiant,) for identifiant in identifiants]
        with self._connexion.transaction():
            self._connexion.run_many("DELETE FROM titulaires WHERE poste = ?", rows)
            postes = sum(self._connexion.run("DELETE FROM postes WHERE identifiant = ?", row) for row in rows)
            if postes:
                self._a_reecrire()
        return postes

    def _a_reecrire(self) -> None:
        """Note, inside the caller's transaction, that what it erased is still to be written over."""
        self._connexion.run(_NOTE, (A_REECRIRE, ""))

    def compact(self) -> None:
        """Rewrite the file without what was erased, and empty its journal: no trace is left in either."""
        self._connexion.rows("VACUUM")
        with self._connexion.transaction():
            self._connexion.run(_NOTE, (A_REECRIRE, _JOURNAL))
        self._vider()

    def _vider(self) -> None:
        """Empty the journal of the file; left for the next one to open it while somebody reads there."""
        ((occupe, *_),) = self._connexion.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        if not occupe:
            with self._connexion.transaction():
                self._connexion.run("DELETE FROM reglages WHERE key = ?", (A_REECRIRE,))


def _comparable(text: str) -> str:
    """The text as another one is looked for in it, whoever typed either."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", text.replace("’", "'"))).casefold()
    return _IN_A_NUMBER.sub("", _ESCAPED.sub(" ", bare))


def _whole(word: str) -> re.Pattern[str]:
    """Where that word stands by itself."""
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)")


def _apres(avant: Oubli | None, acte: Oubli) -> Oubli:
    """That act, dated after the one that it undoes whatever the clock says."""
    if avant is None or avant.annule is acte.annule:
        return acte
    return replace(acte, le=max(acte.le, avant.le + _APRES))


def _date(le: str) -> datetime | None:
    """When that was; None when the row is damaged: what the list says of it is then done again."""
    try:
        return codec.when(le)
    except StoreError:
        return None


def _manquants(tout: Liste, ici: Liste) -> tuple[Oubli, ...]:
    """What must be forgotten and is not in that database, or not since then; by number."""
    return tuple(acte for n, acte in sorted(tout.oublies.items()) if ici.actes.get(n) != acte)


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its JSON texts as data; one that is damaged stays a text."""
    return {name: _data(value) for name, value in row.items()}


def _data(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in {"{", "["}:
        with suppress(codec.CodecError):
            return codec.data_of(value)
    return value


def refused(connexion: Connexion, fiches: Iterable[Fiche]) -> frozenset[int]:
    """Among dossiers that DS shows, the erased ones that must not be stored again.

    One asked to be forgotten stays so; one whose term had come is let in once it is reopened, or once somebody changed
    it: an agent who ends a post types it there.
    """
    vus = {fiche.dossier.number: fiche.dossier for fiche in fiches}
    rows = connexion.rows(_ERASED, (codec.text_of(list(vus)),))
    return frozenset(
        n for n, motif, le in rows if motif == Motif.OUBLI or (motif == Motif.TERMINE and not _lives_again(vus[n], le))
    )


def _lives_again(dossier: Dossier, le: str) -> bool:
    return dossier.state.ouvert or codec.instant(dossier.date_derniere_modification) > le


def listed(connexion: Connexion, demarche: int) -> frozenset[int]:
    """The erased dossiers of the démarche that DS may still list."""
    return frozenset(n for (n,) in connexion.rows("SELECT number FROM effaces WHERE demarche = ?", (demarche,)))


def let_in(connexion: Connexion, numbers: Iterable[int]) -> None:
    """Those dossiers are stored again, inside the caller's transaction: nothing is left of their erasure."""
    connexion.run(
        "DELETE FROM effaces WHERE number IN (SELECT value FROM json_each(?))", (codec.text_of(list(numbers)),)
    )


_FERMEE = "Elle dit qui ne doit plus être lu : rien n’est donc lu ni écrit."
"""What is told of a list that cannot be read as a database is opened."""

_KEEP = "INSERT OR IGNORE INTO reglages (key, value, updated_at) VALUES (?, '', '')"  # nobody asks since when

_NOTE = """
INSERT INTO reglages (key, value, updated_at) VALUES (?, ?, '')
ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""

_REMEMBER = "DELETE FROM effaces WHERE number = ? AND motif = 'oubli'"

_ABOUT = (
    ("dossiers", "number"),
    ("identites", "dossier"),
    ("evaluations", "dossier"),
    ("evaluations_passees", "dossier"),
    ("inscriptions", "dossier"),
    ("decisions", "dossier"),
    ("relectures", "dossier"),
    ("intentions", "dossier"),
    ("titulaires", "dossier"),
    ("quarantaine", "number"),
    ("suppressions", "number"),
    ("effaces", "number"),
    ("journal", "dossier"),
)
"""Every table that speaks of a dossier, and the column of its number; a test finds any other."""

_VALUES = """
SELECT d.number, d.entete, d.champs, d.annotations, i.entete, i.champs, i.messages
FROM dossiers d LEFT JOIN identites i ON i.dossier = d.number ORDER BY d.number
"""

_DUE = """
SELECT d.number, d.demarche, CASE
    WHEN s.definitif THEN 'supprime'
    WHEN d.absent_le <= :absents THEN 'absent'
    ELSE 'termine' END
FROM dossiers d LEFT JOIN suppressions s ON s.number = d.number
WHERE s.definitif OR d.absent_le <= :absents
    OR (d.modifiee_le <= :termines AND d.state NOT IN (SELECT value FROM json_each(:ouverts)))
ORDER BY d.number
"""

_LEAVE = """
INSERT INTO effaces (number, demarche, motif, le, modifiee_le)
SELECT :number, :demarche, :motif, :now, COALESCE((SELECT modifiee_le FROM dossiers WHERE number = :number), '')
WHERE true
ON CONFLICT (number) DO UPDATE SET
    motif = excluded.motif, le = excluded.le,
    modifiee_le = iif(excluded.modifiee_le = '', modifiee_le, excluded.modifiee_le)
"""

_SURVIVE = """
UPDATE titulaires SET inscription = json_remove(i.inscription, '$.candidat')
FROM inscriptions i WHERE i.dossier = :number AND titulaires.dossier = :number
"""

_FORGET = (
    "DELETE FROM quarantaine WHERE number = :number",
    "DELETE FROM suppressions WHERE number = :number",
    "DELETE FROM decisions WHERE dossier = :number",
    "UPDATE intentions SET detail = '', cible = '[]' WHERE dossier = :number AND kind <> 'message'",
    "UPDATE intentions SET detail = '' WHERE dossier = :number",
    "UPDATE intentions SET cible = json_replace(cible, '$[1]', '') WHERE dossier = :number AND kind = 'message'",
)

_ERASED = """
SELECT number, motif, iif(modifiee_le = '', le, modifiee_le) FROM effaces
WHERE number IN (SELECT value FROM json_each(?))
"""

_TERM = """
INSERT INTO reglages (key, value, updated_at) VALUES ('journal_avant', ?, ?)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
"""

_OLD = (
    ("ledger_events", "at"),
    ("journal", "at"),
    ("cycles", "at"),
    ("trous", "seen_at"),
    ("suppressions", "seen_at"),
)
"""What is only kept until the journals' term, and the column of its instant."""


def _old(table: str, column: str) -> str:
    """The rows of that table from before an instant to be given."""
    return f"FROM {table} WHERE {column} < ?"
