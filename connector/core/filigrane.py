"""The watermark of one démarche: where the next poll starts, so that nothing is skipped and quiet means one request.

DS orders dossiers by (updated_at, id) and cursors never expire; but a transaction may commit up to five minutes late
with an older `updated_at`, and a damaged cursor answers an empty page like a quiet démarche (contract §3.4, §3.5).
Hence two ways to walk. The overlap: again from the last instant before which nothing can be missing any more, until
such a walk, begun five minutes after anything new came, finds nothing new. Then the frozen cursor alone; and there an
empty page is believed only if the démarche's latest dossier is one we have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connector.core.model import Page

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECOUVREMENT = timedelta(minutes=5)
"""How late a transaction may commit."""

SUPPRESSIONS = timedelta(weeks=4)
"""How far back deletions are asked for: DS dates a purge two weeks before it shows it (contract §3.7)."""

REBASE = timedelta(minutes=5)
"""How long DS takes, at most, to bring dossiers to a form just published; no date moves meanwhile (contract §3.8)."""

COMPARAISON = timedelta(hours=36)
"""The longest time without comparing every number with DS; it is done each night where a night job runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filigrane:
    """Where the reading of a démarche stands; a walk is what is read from `base` to the last page.

    DS's own clock: `base` is the walk's `updatedSince`, and `cursor` is only good with it; `marque` the greatest
    modification date seen; `sur` the instant before which nothing can be missing; `repere` the démarche's latest
    modification when the walk began, None until its first page.
    Ours: `debut`, when the walk began, and `arrivee`, when something new last came.
    `en_cours` is True in the middle of a walk. `lecture` is the digest of what is read (the mapping): another one
    starts again from the beginning.
    Ours too: `comparee`, when every number was last compared with DS's, and `a_comparer`, when it must be done because
    a form was published.
    """

    lecture: str
    base: datetime = EPOCH
    cursor: str | None = None
    marque: datetime | None = None
    sur: datetime = EPOCH
    repere: datetime | None = None
    debut: datetime | None = None
    arrivee: datetime | None = None
    en_cours: bool = True
    comparee: datetime | None = None
    a_comparer: datetime | None = None


def deleted_since(stored: Filigrane | None, *, now: datetime) -> datetime:
    """Since when deletions are asked for: four weeks before the last reading, however long ago it was."""
    debut = stored.debut if stored is not None and stored.debut is not None else now
    return min(debut, now) - SUPPRESSIONS


def published(watermark: Filigrane, *, now: datetime) -> Filigrane:
    """The same watermark once a form was published: dossiers are compared again when DS has brought them to it."""
    return replace(watermark, a_comparer=now + REBASE)


def compared(watermark: Filigrane, *, now: datetime) -> Filigrane:
    """The same watermark once every number was compared with DS's."""
    return replace(watermark, comparee=now, a_comparer=None)


def again(watermark: Filigrane, *, now: datetime) -> Filigrane:
    """The same watermark, about to read everything again from the beginning."""
    return replace(watermark, base=EPOCH, cursor=None, repere=None, debut=now, en_cours=True)


def must_compare(watermark: Filigrane, *, now: datetime) -> bool:
    """Whether the time has come to compare every number.

    A date of ours that is still to come means that the clock went back: it proves nothing.
    """
    if watermark.a_comparer is not None and watermark.a_comparer <= now:
        return True
    return watermark.comparee is None or not watermark.comparee <= now < watermark.comparee + COMPARAISON


def start(stored: Filigrane | None, *, lecture: str, now: datetime) -> Filigrane:
    """The watermark to start a poll with: resume, overlap, frozen cursor, or everything again."""
    if stored is None or stored.lecture != lecture:
        return Filigrane(lecture=lecture, debut=now, a_comparer=stored.a_comparer if stored else None)
    if stored.en_cours:
        return stored
    if _is_quiet(stored, now):
        return replace(stored, debut=now, repere=None)
    return overlap(stored, now=now)


def _is_quiet(watermark: Filigrane, now: datetime) -> bool:
    """Whether the last walk began long enough after the last arrival to have seen every late commit.

    A date of ours that is still to come means that the clock went back: the overlap is walked until it has come again.
    """
    arrivee, debut = watermark.arrivee, watermark.debut
    return arrivee is not None and debut is not None and arrivee + RECOUVREMENT <= debut <= now


def overlap(watermark: Filigrane, *, now: datetime) -> Filigrane:
    """The same watermark, about to walk again all that may hide a late commit."""
    return replace(watermark, base=watermark.sur, cursor=None, repere=None, debut=now, en_cours=True)


def is_suspect(watermark: Filigrane, page: Page, *, known: bool) -> bool:
    """True when an empty page after a cursor cannot mean « nothing new »: the cursor itself must be bad.

    `known`: whether the page's `dernier` is stored here with that very date.
    """
    if page.dossiers or page.trous or watermark.cursor is None or page.dernier is None:
        return False
    passed = watermark.marque is not None and page.dernier.date_derniere_modification < watermark.marque
    return not (known or passed)


def advance(watermark: Filigrane, page: Page, *, now: datetime) -> Filigrane:
    """The watermark once `page` is stored; an empty page keeps the cursor (contract §3.4).

    At the end of a walk, whatever is older by five minutes than what was there when it began has been seen; one that
    began at the beginning has seen everything.
    """
    dates = [d.date_derniere_modification for d in page.dossiers]
    repere = watermark.repere
    if repere is None and page.dernier is not None:
        repere = page.dernier.date_derniere_modification
    sur = watermark.sur
    if repere is not None and not page.has_next_page:
        sur = max(sur, repere - RECOUVREMENT)
    return replace(
        watermark,
        cursor=page.end_cursor or watermark.cursor,
        marque=max(dates if watermark.marque is None else [*dates, watermark.marque], default=None),
        sur=sur,
        repere=repere,
        arrivee=now if brings_news(watermark, page) else watermark.arrivee,
        en_cours=page.has_next_page,
        comparee=now if _has_seen_everything(watermark, page) else watermark.comparee,
    )


def _has_seen_everything(watermark: Filigrane, page: Page) -> bool:
    """Whether that page ends a walk that began at the beginning."""
    return watermark.en_cours and watermark.base == EPOCH and not page.has_next_page


def brings_news(watermark: Filigrane, page: Page) -> bool:
    """Whether the page holds something that moved later than all that this watermark has seen.

    After a frozen cursor anything did, though DS shows the same second.
    """
    if watermark.marque is None or not watermark.en_cours:
        return bool(page.dossiers)
    return any(d.date_derniere_modification > watermark.marque for d in page.dossiers)
