"""The journal of effects: each one committed before its request, closed after its answer, never forgotten.

    (new) → sending → done | rejected | unknown | handed_to_human
    unknown → done | rejected | handed_to_human, once the dossier was read again
    sending, unknown → planned: certainly not applied; planned → sending at once
    rejected → sending, once its delay (1 h, doubled at each refusal, up to 24 h) has passed
    handed_to_human → done: a human, or a later reading, saw it done

The database itself refuses any other move, and writes each one to `ledger_events`, which is only added to. No value of
a dossier is here: an `Intention` holds digests.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.core.plan import EtatIntention, Intention
from connector.errors import StoreError
from connector.store import codec
from connector.store.connexion import Connexion, Row
from connector.store.recul import Recul

RECUL = Recul(timedelta(hours=1), timedelta(hours=24))
"""When a refused effect may be tried again."""

_RETRY_AT = 11  # its column in the view `intentions_lues`

_CLOSED = {EtatIntention.DONE, EtatIntention.REJECTED, EtatIntention.HANDED_TO_HUMAN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evenement:
    """One move of an intent, as the journal keeps it."""

    fingerprint: str
    state: EtatIntention
    at: datetime
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refus:
    """An intent that DS refused, and when it may be tried again."""

    intention: Intention
    retry_at: datetime


class Ledger:
    """The journal of effects of one database. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def open(self, intention: Intention, *, now: datetime) -> bool:
        """Commit the intent as `sending`; True when the caller may then act.

        False, and nothing written, when its fingerprint is done, waits for an answer, was handed to a human, or was
        refused too recently.
        """
        with self._connexion.transaction():
            row = self._connexion.row(_STANDING, (intention.fingerprint,))
            if row is None:
                self._start(intention, now)
                return True
            if not _may_reopen(row, now):
                return False
            self._restart(intention, now)
            return True

    def close(
        self,
        fingerprint: str,
        state: EtatIntention,
        *,
        now: datetime,
        cause: str = "",
        detail: str = "",
        cible: tuple[str, ...] | None = None,
    ) -> None:
        """Commit how the intent ended; `StoreError` when it does not exist or cannot go to that state.

        `PLANNED` says that the effect was certainly not applied: the intent may be opened again at once. `cible`, when
        given, narrows what was really done.
        """
        refused = state is EtatIntention.REJECTED
        with self._connexion.transaction():
            refusals = self._refusals(fingerprint) + refused
            self._connexion.run(
                _CLOSE,
                {
                    "fingerprint": fingerprint,
                    "state": state.value,
                    "cible": None if cible is None else codec.text_of(cible),
                    "now": codec.instant(now),
                    "closed_at": codec.instant(now) if state in _CLOSED else None,
                    "refusals": refusals,
                    "retry_at": codec.instant(now + RECUL.after(refusals)) if refused else None,
                    "cause": codec.storable(cause),
                    "detail": codec.storable(detail),
                },
            )

    def unsettled(self, demarche: int) -> tuple[Intention, ...]:
        """Intents left `sending` or `unknown`, oldest first."""
        return _intentions(self._connexion.rows(_UNSETTLED, (demarche,)))

    def find(self, fingerprint: str) -> Intention | None:
        """The intent with that fingerprint, if any."""
        return next(iter(_intentions(self._connexion.rows(_BY_FINGERPRINT, (fingerprint,)))), None)

    def of_dossier(self, number: int) -> tuple[Intention, ...]:
        """Every intent about that dossier, oldest first."""
        return intentions_of(self._connexion, (number,)).get(number, ())

    def handed_to_human(self, demarche: int) -> tuple[Intention, ...]:
        """Intents that only a human can settle, oldest first."""
        return _intentions(self._connexion.rows(_IN_STATE, (demarche, EtatIntention.HANDED_TO_HUMAN)))

    def rejected(self, demarche: int) -> tuple[Refus, ...]:
        """Intents that DS refused, oldest first, each with its cause and the date of its next attempt."""
        rows = self._connexion.rows(_IN_STATE, (demarche, EtatIntention.REJECTED))
        return tuple(Refus(intention=_intention(row), retry_at=codec.when(row[_RETRY_AT])) for row in rows)

    def retry_now(self, dossier: int, *, now: datetime) -> int:
        """Let the refused intents of a dossier be opened at once (an operator mended the cause); their number."""
        with self._connexion.transaction():
            return self._connexion.run(_RETRY_NOW, (codec.instant(now), dossier))

    def retry_all(self, demarche: int, *, now: datetime) -> int:
        """The same for every refused intent of a démarche that its delay still holds back."""
        with self._connexion.transaction():
            return self._connexion.run(_RETRY_ALL, (codec.instant(now), demarche))

    def remarked(self, demarche: int, *, since: datetime) -> tuple[Intention, ...]:
        """Effects done since then with a remark that nothing mended yet: DS left a part of them out, oldest first."""
        return _intentions(self._connexion.rows(_REMARKED, (demarche, codec.instant(since))))

    def journal(self, since: datetime, *, limit: int = 1000) -> tuple[Evenement, ...]:
        """Every move since that instant, oldest first."""
        return _evenements(self._connexion.rows(_JOURNAL, (codec.instant(since), limit)))

    def events(self, fingerprint: str) -> tuple[Evenement, ...]:
        """Every move of one intent, oldest first."""
        return _evenements(self._connexion.rows(_EVENTS, (fingerprint,)))

    def _start(self, intention: Intention, now: datetime) -> None:
        self._connexion.run(
            _INSERT,
            {
                "fingerprint": intention.fingerprint,
                "demarche": intention.demarche,
                "dossier": intention.dossier,
                "kind": intention.kind,
                "cible": codec.text_of(intention.cible),
                "now": codec.instant(now),
            },
        )

    def _restart(self, intention: Intention, now: datetime) -> None:
        self._connexion.run(
            _REOPEN,
            {
                "fingerprint": intention.fingerprint,
                "cible": codec.text_of(intention.cible),
                "now": codec.instant(now),
            },
        )

    def _refusals(self, fingerprint: str) -> int:
        """How often DS refused that intent; `StoreError` when there is none."""
        row = self._connexion.row(_STANDING, (fingerprint,))
        if row is None:
            raise StoreError(
                f"L’intention {fingerprint} n’est pas au journal des envois.",
                hint="C’est un défaut du connecteur : signalez-le avec ce message.",
            )
        return int(row[1])


def _may_reopen(row: Row, now: datetime) -> bool:
    """Whether an intent already written may be sent: never applied for certain, or refused long enough ago."""
    state, _, retry_at = row
    if state == EtatIntention.PLANNED:
        return True
    return state == EtatIntention.REJECTED and RECUL.is_over(codec.when(retry_at), now)


def intentions_of(connexion: Connexion, numbers: Iterable[int]) -> dict[int, tuple[Intention, ...]]:
    """The intents about each of those dossiers, oldest first; a dossier without any is absent."""
    found: dict[int, tuple[Intention, ...]] = {}
    for intention in _intentions(connexion.rows(_BY_DOSSIERS, (codec.text_of(list(numbers)),))):
        found[intention.dossier] = (*found.get(intention.dossier, ()), intention)
    return found


def _intentions(rows: list[Row]) -> tuple[Intention, ...]:
    return tuple(_intention(row) for row in rows)


def _intention(row: Row) -> Intention:
    demarche, dossier, kind, fingerprint, cible, state, sent_at, closed_at, attempts, cause, detail, *_ = row
    return Intention(
        demarche=demarche,
        dossier=dossier,
        kind=kind,
        fingerprint=fingerprint,
        cible=codec.loads(cible, tuple[str, ...]),
        state=codec.typed(state, EtatIntention),
        sent_at=codec.maybe_when(sent_at),
        closed_at=codec.maybe_when(closed_at),
        attempts=attempts,
        cause=cause,
        detail=detail,
    )


def _evenements(rows: list[Row]) -> tuple[Evenement, ...]:
    return tuple(
        Evenement(fingerprint=fingerprint, state=codec.typed(state, EtatIntention), at=codec.when(at), cause=cause)
        for fingerprint, state, at, cause in rows
    )


_STANDING = "SELECT state, refusals, retry_at FROM intentions WHERE fingerprint = ?"

_INSERT = """
INSERT INTO intentions (rang, fingerprint, demarche, dossier, kind, cible, state, sent_at, attempts, updated_at)
SELECT COALESCE(MAX(rang), 0) + 1, :fingerprint, :demarche, :dossier, :kind, :cible, 'sending', :now, 1, :now
FROM intentions
"""

_REOPEN = """
UPDATE intentions
SET state = 'sending', rang = (SELECT MAX(rang) + 1 FROM intentions), cible = :cible, sent_at = :now,
    closed_at = NULL, attempts = attempts + 1, retry_at = NULL, cause = '', detail = '', updated_at = :now
WHERE fingerprint = :fingerprint
"""

_CLOSE = """
UPDATE intentions
SET state = :state, cible = COALESCE(:cible, cible), closed_at = :closed_at, refusals = :refusals,
    retry_at = :retry_at, cause = :cause, detail = :detail, updated_at = :now
WHERE fingerprint = :fingerprint
"""

_RETRY_NOW = "UPDATE intentions SET retry_at = ? WHERE dossier = ? AND state = 'rejected'"

_RETRY_ALL = "UPDATE intentions SET retry_at = ?1 WHERE demarche = ?2 AND state = 'rejected' AND retry_at > ?1"

# A later effect of the same kind that went without a remark has put things right.
_REMARKED = """
SELECT * FROM intentions_lues i
WHERE demarche = ? AND state = 'done' AND detail <> '' AND closed_at >= ?
AND NOT EXISTS (
    SELECT 1 FROM intentions j
    WHERE j.dossier = i.dossier AND j.kind = i.kind AND j.rang > i.rang AND j.state = 'done' AND j.detail = ''
)
ORDER BY rang
"""

_JOURNAL = "SELECT fingerprint, state, at, cause FROM ledger_events WHERE at >= ? ORDER BY id LIMIT ?"

_EVENTS = "SELECT fingerprint, state, at, cause FROM ledger_events WHERE fingerprint = ? ORDER BY id"

_BY_FINGERPRINT = "SELECT * FROM intentions_lues WHERE fingerprint = ?"

_BY_DOSSIERS = "SELECT * FROM intentions_lues WHERE dossier IN (SELECT value FROM json_each(?)) ORDER BY rang"

_UNSETTLED = """
SELECT * FROM intentions_lues WHERE demarche = ? AND state IN ('sending', 'unknown') ORDER BY rang
"""

_IN_STATE = "SELECT * FROM intentions_lues WHERE demarche = ? AND state = ? ORDER BY rang"
