"""Dossiers as last read, how far the reading went, what we said and wrote: what makes a cycle's stages independent."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from connector.core.ecarts import Garde
from connector.core.evaluation import AConfirmer, Evaluation, Historique, Jeu, Proposition
from connector.core.fiche import Fiche, Retenue
from connector.core.filigrane import Filigrane
from connector.core.model import Demarche, Dossier, DossierSupprime, Repere, Trou
from connector.store import codec, effacement, file_attente, lignes, requetes
from connector.store.connexion import Connexion, Row
from connector.store.ledger import intentions_of
from connector.store.quarantaine import Quarantaine
from connector.store.reglages import Pauses

_T = TypeVar("_T")

logger = logging.getLogger(__name__)

RAPPORTS_GARDES = 500
"""How many cycle reports are kept for each démarche."""

EN_COURS = "passage_en_cours:"
"""Before a démarche's number, the key under which a cycle that has not ended is noted."""

POLITIQUE = "politique:"
"""Before a policy's digest, the key under which what it is made of is kept."""

POLITIQUES_GARDEES = 100
"""How many policies are remembered: dossiers judged under an older one are wholly judged again."""

A_PART = "identite:"
"""Before a démarche's number, the key under which are kept the champs that say who people are."""

_PAR_LOT = 100
"""How many dossiers `pending` holds at a time."""


class Dossiers:
    """The store of dossiers, watermarks and evaluations. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion
        self._quarantaine = Quarantaine(connexion)
        self._pauses = Pauses(connexion)

    # -- reading the démarche ------------------------------------------------------------------------------------------

    def watermark(self, demarche: int) -> Filigrane | None:
        """Where the reading of that démarche stands; None before the first one, or when it cannot be read again.

        Starting over costs requests and loses nothing.
        """
        row = self._connexion.row("SELECT filigrane FROM filigranes WHERE demarche = ?", (demarche,))
        return None if row is None else _readable_or_none(row[0], Filigrane, f"demarche={demarche}")

    def save_page(
        self,
        demarche: int,
        *,
        fiches: tuple[Fiche, ...],
        trous: tuple[Trou, ...],
        supprimes: tuple[DossierSupprime, ...],
        watermark: Filigrane | None,
        now: datetime,
    ) -> int:
        """Store one page whole, in one transaction; the number of dossiers not yet stored with that very date.

        `watermark` None leaves the stored one as it is. A row that says what is already there is not written again. A
        stored dossier is present, and out of quarantine, whatever the same page's deletions or holes say of it; any
        other deleted one is marked absent, and no hole. One that was erased here stays so, unless it came back to life.
        """
        erased, identite = effacement.refused(self._connexion, fiches), frozenset(self._kept_apart(demarche))
        rows = {
            fiche.dossier.number: lignes.of_fiche(fiche, demarche=demarche, identite=identite, now=now)
            for fiche in fiches
            if fiche.dossier.number not in erased
        }
        gone = {supprime.number: supprime for supprime in supprimes if supprime.number not in rows}
        unread = [trou for trou in trous if trou.number not in rows and trou.number not in gone]
        with self._connexion.transaction():
            news = self._count_news(rows)
            self._store(rows, now)
            self._store_deletions(demarche, gone.values(), now)
            self._quarantaine.note_holes(demarche, unread, now=now)
            if watermark is not None:
                self._connexion.run(requetes.WATERMARK, (demarche, codec.dumps(watermark, Filigrane)))
        return news

    def keep_apart(self, demarche: int, identite: frozenset[str], *, now: datetime) -> None:
        """Store the champs of those descriptor ids with who people are, from now on and for what is stored already."""
        voulus = sorted(identite)
        if self._kept_apart(demarche) == voulus:
            return
        with self._connexion.transaction():
            after = -1
            while rows := self._connexion.rows(requetes.SPLIT, (demarche, after, _PAR_LOT)):
                self._split(rows, identite)
                after = rows[-1][0]
            self._connexion.run(requetes.SAVE_TEXT, (f"{A_PART}{demarche}", codec.text_of(voulus), codec.instant(now)))

    def knows(self, demarche: int, repere: Repere) -> bool:
        """Whether that dossier is stored with that very modification date, or is in quarantine."""
        stored = self._connexion.row(requetes.STORED_DATE, (demarche, repere.number))
        if stored is not None and stored[0] == codec.instant(repere.date_derniere_modification):
            return True
        return self._quarantaine.holds(demarche, repere.number)

    def saved_demarche(self, number: int) -> Demarche | None:
        """The démarche as last read, None before the first time, or when it cannot be read again."""
        row = self._connexion.row(requetes.SAVED_DEMARCHE, (number,))
        try:
            return None if row is None else lignes.to_demarche(row)
        except codec.CodecError:
            logger.warning("demarche.unreadable demarche=%d", number)
            return None

    def save_demarche(self, demarche: Demarche, *, now: datetime) -> None:
        """Keep the démarche's form, groups and labels, so that a quiet poll need not ask for them."""
        row = lignes.of_demarche(demarche, now=now)
        with self._connexion.transaction():
            self._connexion.run(requetes.DEMARCHE, row)
            self._connexion.run(requetes.AGENTS, row)

    def gardes(self, demarche: int, numbers: Collection[int]) -> Mapping[int, Garde]:
        """What is remembered of those dossiers, absent ones too, by number: to compare with what DS lists.

        One that is not stored is left out, and one whose heading is damaged: found missing, it is read from DS again.
        """
        rows = self._connexion.rows(requetes.GARDES, (demarche, codec.text_of(list(numbers))))
        return {row[0]: lignes.to_garde(row) for row in rows}

    def presents(self, demarche: int) -> Iterator[int]:
        """The number of each stored dossier, damaged or not, that DS still showed when last heard of, streamed."""
        return (number for keys in self._keys(requetes.ALL, demarche) for number, _ in keys)

    def set_aside(self, demarche: int) -> frozenset[int]:
        """Numbers of the dossiers in quarantine."""
        return self._quarantaine.numbers(demarche)

    def erased(self, demarche: int) -> frozenset[int]:
        """Numbers of the dossiers erased here that DS may still list, and that are not to be read again."""
        return effacement.listed(self._connexion, demarche)

    def mark_absent(self, number: int, *, cause: str, now: datetime) -> None:
        """DS no longer shows this dossier: judge it no more, nor try it again, until it comes back in a page."""
        with self._connexion.transaction():
            self._connexion.run(requetes.MARK_ABSENT, (codec.instant(now), codec.storable(cause), number))
            self._quarantaine.lift((number,), now=now)

    def quarantine(self, demarche: int, number: int, *, cause: str, now: datetime) -> None:
        """Set a dossier aside, to be tried again after a delay that doubles (1 min … 6 h)."""
        with self._connexion.transaction():
            self._quarantaine.set_aside(demarche, number, cause=cause, now=now)

    def due_quarantine(self, demarche: int, *, now: datetime) -> tuple[int, ...]:
        """Numbers of the dossiers set aside whose delay has passed, longest overdue first."""
        return self._quarantaine.due(demarche, now=now)

    def retry_now(self, demarche: int, *, now: datetime, number: int | None = None) -> int:
        """Make one dossier set aside, or all of the démarche's, due at once; how many are."""
        with self._connexion.transaction():
            return self._quarantaine.retry_now(demarche, number, now=now)

    def revisit(self, demarche: int, *, now: datetime, number: int | None = None) -> int:
        """Have one dossier judged again at the next pass, or all those that a later date awaits; how many will be."""
        with self._connexion.transaction():
            return self._connexion.run(requetes.REVISIT, (codec.instant(now), demarche, number))

    # -- judging -------------------------------------------------------------------------------------------------------

    def pending(self, demarche: int, *, politique: str, now: datetime) -> Iterator[tuple[Fiche, Historique]]:
        """The dossiers to judge, oldest deposit first, streamed; the caller may write between two of them.

        Never judged, content or annotations of ours that changed since, another policy, a plan not wholly applied, or a
        date reached; neither absent nor in quarantine. Where there is none, no dossier is looked at. One that this
        version cannot read back is set aside, so that it is read from DS again.
        """
        file_attente.a_juger(self._connexion, demarche, politique=politique, now=now)
        for row, historique in self._walk(requetes.PENDING, demarche):
            fiche = self._readable(demarche, row, now)
            if fiche is not None:
                yield fiche, historique

    def politiques(self) -> Mapping[str, Jeu]:
        """What the policies that dossiers were judged under are made of, by digest; an unreadable one is left out."""
        rows = self._connexion.rows(requetes.POLITIQUES, (f"{POLITIQUE}*",))
        read = ((key.removeprefix(POLITIQUE), _readable_or_none(text, Jeu, key)) for key, text in rows)
        return {empreinte: jeu for empreinte, jeu in read if jeu is not None}

    def save_politique(self, empreinte: str, jeu: Jeu, *, now: datetime) -> None:
        """Remember what that policy is made of; the oldest ones make room."""
        with self._connexion.transaction():
            values = (f"{POLITIQUE}{empreinte}", codec.dumps(jeu, Jeu), codec.instant(now))
            self._connexion.run(requetes.SAVE_TEXT, values)
            self._connexion.run(requetes.FORGET_POLITIQUES, (f"{POLITIQUE}*", POLITIQUES_GARDEES))

    def confirmables(
        self,
        demarche: int,
        *,
        politique: str,
        anciennes: Collection[str],
        regles: Collection[str],
        retenue: Callable[[], Retenue],
        now: datetime,
    ) -> Iterator[AConfirmer]:
        """The pending dossiers that would not be under one of those earlier policies, oldest deposit first, streamed.

        Each with the champs and annotations of `retenue`, asked anew for each batch, without messages, and with what
        those rules found. One that cannot be read back is left to `pending`.
        """
        file_attente.a_juger(self._connexion, demarche, politique=politique, now=now)
        parmi, moment = codec.text_of(list(anciennes)), codec.instant(now)
        after: tuple[str, int] = ("", -1)
        while rows := self._connexion.rows(requetes.CONFIRMABLES, (demarche, *after, _PAR_LOT, parmi, moment)):
            gardes = retenue()
            for row in rows:
                with suppress(codec.CodecError):
                    yield lignes.to_confirm(row, gardes, regles)
            after = (rows[-1][1], rows[-1][0])

    def confirm(self, demarche: int, numbers: Sequence[int]) -> None:
        """Take those dossiers for judged, in one transaction: what was found in them stands."""
        with self._connexion.transaction():
            self._connexion.run(requetes.CONFIRM, (demarche, codec.text_of(list(numbers))))

    def all(self, demarche: int) -> Iterator[tuple[Fiche, Historique]]:
        """Every stored dossier of the démarche that DS still shows, oldest deposit first, streamed.

        `CodecError` at the first one that this version cannot read back: nothing is written here.
        """
        for row, historique in self._walk(requetes.ALL, demarche):
            yield lignes.to_fiche(row), historique

    def counted(self, demarche: int, retenue: Retenue) -> Iterator[tuple[Dossier, Proposition | None]]:
        """What a report counts, by number: the dossiers that DS still shows, and those decided before it forgot them.

        Each with the champs and annotations of `retenue` alone, without messages, and with what was last found amiss in
        it: reading no more makes thousands of them a matter of seconds.
        """
        after = -1
        while rows := self._connexion.rows(requetes.COUNTED, (demarche, after, _PAR_LOT)):
            yield from (lignes.to_counted(row, retenue) for row in rows)
            after = rows[-1][0]

    def dossier(self, number: int) -> tuple[Fiche, Historique] | None:
        """One stored dossier with its past, absent or not; `CodecError` when this version cannot read it back."""
        found = self._with_past([number])
        return next(((lignes.to_fiche(row), historique) for row, historique in found), None)

    def readable(self, demarche: int, number: int, *, now: datetime) -> tuple[Fiche, Historique] | None:
        """One stored dossier with its past; None when it is not there, or is set aside because it cannot be read back.

        Then it will be judged once it was read from DS again, whether or not it changed there.
        """
        for row, historique in self._with_past([number]):
            if fiche := self._readable(demarche, row, now):
                return fiche, historique
            self.revisit(demarche, now=now, number=number)
        return None

    def save_evaluations(self, evaluations: Sequence[Evaluation]) -> None:
        """Store evaluations in one transaction; earlier ones with another proposition or policy become history."""
        with self._connexion.transaction():
            for evaluation in evaluations:  # one at a time: the same dossier may come twice
                columns = lignes.of_evaluation(evaluation)
                self._connexion.run(requetes.KEEP_EVALUATION, columns)
                self._connexion.run(requetes.EVALUATION, columns)

    def evaluation_at(self, number: int, when: datetime) -> Evaluation | None:
        """What we said of that dossier at that instant, None when nothing yet."""
        row = self._connexion.row(requetes.EVALUATION_AT, (number, codec.instant(when)))
        return None if row is None else lignes.to_evaluation(row)

    # -- the operator --------------------------------------------------------------------------------------------------

    def paused(self) -> bool:
        """Whether an operator asked to stop all sending."""
        return self._pauses.current() is not None

    def pause(self, reason: str, now: datetime) -> None:
        """Stop all sending until `resume`; a pause already there goes on, for this reason when one is given."""
        self._pauses.start(reason, now=now)

    def resume(self, now: datetime) -> None:
        """Allow sending again, if it was stopped."""
        self._pauses.end(now=now)

    def begin(self, demarche: int, *, at: datetime) -> None:
        """Note that a cycle begins; the report that ends it takes the note away."""
        with self._connexion.transaction():
            self._connexion.run(requetes.BEGIN, (f"{EN_COURS}{demarche}", codec.instant(at)))

    def save_report(self, demarche: int, *, at: datetime, exit_code: int, counts: Mapping[str, int], text: str) -> None:
        """Keep how the cycle ended, for `status`; the oldest reports make room."""
        values = (demarche, codec.instant(at), exit_code, codec.text_of(dict(counts)), codec.storable(text))
        with self._connexion.transaction():
            self._connexion.run(requetes.REPORT, values)
            self._connexion.run(requetes.FORGET_REPORTS, (demarche, RAPPORTS_GARDES))
            self._connexion.run("DELETE FROM reglages WHERE key = ?", (f"{EN_COURS}{demarche}",))

    # -- inside --------------------------------------------------------------------------------------------------------

    def _kept_apart(self, demarche: int) -> list[str]:
        """The descriptor ids of the champs that say who people are."""
        row = self._connexion.row("SELECT value FROM reglages WHERE key = ?", (f"{A_PART}{demarche}",))
        return [] if row is None else list(codec.loads(row[0], tuple[str, ...]))

    def _split(self, rows: Iterable[Row], identite: frozenset[str]) -> None:
        """Take those dossiers' champs apart anew; one that cannot be read back is left to be read from DS again."""
        for number, champs, siens in rows:
            try:
                tous = lignes.joined(codec.data_of(champs), codec.data_of(siens))
                autres, apart = lignes.split(tous, identite)
            except (codec.CodecError, LookupError, TypeError):
                continue
            self._connexion.run("UPDATE dossiers SET champs = ? WHERE number = ?", (autres, number))
            self._connexion.run("UPDATE identites SET champs = ? WHERE dossier = ?", (apart, number))

    def _count_news(self, rows: Mapping[int, Mapping[str, Any]]) -> int:
        """How many of those dossiers are not stored with that very modification date."""
        stored: dict[int, str] = dict(self._connexion.rows(requetes.STORED_DATES, (codec.text_of(list(rows)),)))
        return sum(stored.get(number) != row["modifiee_le"] for number, row in rows.items())

    def _store(self, rows: Mapping[int, dict[str, Any]], now: datetime) -> None:
        """Write those dossiers: there they are, neither deleted nor set aside."""
        self._connexion.run_many(requetes.DOSSIER, rows.values())
        self._connexion.run_many(requetes.IDENTITE, rows.values())
        self._connexion.run(requetes.RESTORED, (codec.text_of(list(rows)),))
        effacement.let_in(self._connexion, rows)
        self._quarantaine.lift(rows, now=now)

    def _store_deletions(self, demarche: int, supprimes: Iterable[DossierSupprime], now: datetime) -> None:
        """Keep each deletion, known here or not, and judge these dossiers no more."""
        rows = [_deletion(demarche, supprime, now) for supprime in supprimes]
        self._connexion.run_many(requetes.DELETION, rows)
        self._connexion.run_many(requetes.MARK_DELETED, rows)
        self._quarantaine.lift([row["number"] for row in rows], now=now)

    def _walk(self, sql: str, demarche: int) -> Iterator[tuple[Row, Historique]]:
        """The dossiers whose keys that query gives, by batches that leave no transaction open."""
        for keys in self._keys(sql, demarche):
            yield from self._with_past([number for number, _ in keys])

    def _keys(self, sql: str, demarche: int) -> Iterator[list[Row]]:
        """The (number, deposit) that query gives, by batches that leave no transaction open."""
        after: tuple[str, int] = ("", -1)
        while keys := self._connexion.rows(sql, (demarche, *after, _PAR_LOT)):
            yield keys
            number, date_depot = keys[-1]
            after = (date_depot, number)

    def _with_past(self, numbers: list[int]) -> list[tuple[Row, Historique]]:
        """The rows of those dossiers, oldest deposit first, each with what we said and did."""
        intentions = intentions_of(self._connexion, numbers)
        rows = self._connexion.rows(requetes.FICHES, (codec.text_of(numbers),))
        return [(row, Historique(evaluation=_evaluation(row), intentions=intentions.get(row[0], ()))) for row in rows]

    def _readable(self, demarche: int, row: Row, now: datetime) -> Fiche | None:
        """The fiche of a row; None once set aside because it cannot be read."""
        try:
            return lignes.to_fiche(row)
        except codec.CodecError as error:
            logger.warning("dossier.unreadable number=%d", row[0])
            self.quarantine(demarche, row[0], cause=str(error), now=now)
            return None


def _readable_or_none(text: str, kind: type[_T], where: str) -> _T | None:
    """The stored value; None, and a warning, when another version wrote it: asking DS again costs little."""
    try:
        return codec.loads(text, kind)  # type: ignore[no-any-return]
    except codec.CodecError:
        logger.warning("%s.unreadable %s", kind.__name__.lower(), where)
        return None


def _evaluation(row: Row) -> Evaluation | None:
    """The evaluation of a row, None when there is none; one of another version is judged anew."""
    try:
        return lignes.maybe_evaluation(row)
    except codec.CodecError:
        logger.warning("evaluation.unreadable number=%d", row[0])
        return None


def _deletion(demarche: int, supprime: DossierSupprime, now: datetime) -> dict[str, Any]:
    """The columns of one deletion."""
    return {
        "number": supprime.number,
        "demarche": demarche,
        "date_suppression": codec.instant(supprime.date_suppression),
        "reason": codec.storable(supprime.reason),
        "definitif": supprime.definitif,
        "now": codec.instant(now),
    }
