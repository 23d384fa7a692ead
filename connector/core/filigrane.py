"""The watermark of one démarche: where the next poll starts, so that nothing is skipped and quiet means one request.

DS orders dossiers by (updated_at, id) and cursors never expire; but a transaction may commit late with an older
`updated_at`, and a damaged cursor answers an empty page like a quiet démarche (contract §3.4, §3.5). Hence two modes:
the last five minutes are walked again until five minutes have passed here without anything new, then the frozen
cursor alone is used; and an empty page is believed only if the démarche's latest dossier is one we have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connector.core.model import Dossier, Page

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RECOUVREMENT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filigrane:
    """Where the reading of a démarche stands.

    `base` and `cursor` belong together: a cursor is only good with the `updatedSince` it was made with. `marque` is the
    greatest modification date seen, DS's own clock; `arrivee` the local time at which something new last came.
    `en_cours` is True in the middle of a walk. `lecture` is the digest of what is read (the mapping): another one
    starts again from the beginning.
    """

    lecture: str
    base: datetime = EPOCH
    cursor: str | None = None
    marque: datetime | None = None
    arrivee: datetime | None = None
    en_cours: bool = True


def start(stored: Filigrane | None, *, lecture: str, now: datetime) -> Filigrane:
    """The watermark to start a poll with: resume, overlap, frozen cursor, or everything again."""
    if stored is None or stored.lecture != lecture:
        return Filigrane(lecture=lecture)
    if stored.en_cours or stored.marque is None:
        return stored
    if stored.arrivee is not None and timedelta(0) <= now - stored.arrivee <= RECOUVREMENT:
        return overlap(stored)
    if stored.arrivee is not None and now < stored.arrivee:  # the clock went back: trust nothing about local time
        return overlap(stored)
    return stored


def overlap(watermark: Filigrane) -> Filigrane:
    """The same watermark, about to walk the overlap again from its beginning."""
    base = EPOCH if watermark.marque is None else watermark.marque - RECOUVREMENT
    return replace(watermark, base=base, cursor=None, en_cours=True)


def is_suspect(watermark: Filigrane, page: Page, *, known: bool) -> bool:
    """True when an empty page after a cursor cannot mean « nothing new »: the cursor itself must be bad.

    `known`: whether the page's `dernier` is stored here with that very date.
    """
    if page.dossiers or page.trous or watermark.cursor is None or page.dernier is None:
        return False
    passed = watermark.marque is not None and page.dernier.date_derniere_modification < watermark.marque
    return not (known or passed)


def advance(watermark: Filigrane, page: Page, *, news: bool, now: datetime) -> Filigrane:
    """The watermark once `page` is stored; an empty page keeps the cursor (contract §3.4)."""
    dates = [d.date_derniere_modification for d in page.dossiers]
    if watermark.marque is not None:
        dates.append(watermark.marque)
    return replace(
        watermark,
        cursor=page.end_cursor or watermark.cursor,
        marque=max(dates, default=None),
        arrivee=now if news else watermark.arrivee,
        en_cours=page.has_next_page,
    )


def is_news(watermark: Filigrane, dossier: Dossier) -> bool:
    """Whether that dossier moved later than all that this watermark has seen."""
    return watermark.marque is None or dossier.date_derniere_modification > watermark.marque
