"""Dates as Démarches simplifiées reads and writes them: Paris time, to the second (contract §1.5)."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
MOIS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
MOIS_EN = tuple(calendar.month_name)[1:]
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
JOUR = re.compile(r"\d{4}-\d\d-\d\d")


@lru_cache(maxsize=100_000)
def ecrit_instant(instant: datetime) -> str:
    """Give a time in Paris, to the second: `2026-01-15T10:00:00+01:00`."""
    return instant.astimezone(PARIS).replace(microsecond=0).isoformat()


def lit_instant(texte: str) -> datetime:
    """Give the time written as ISO 8601; a date alone is its midnight in Paris. ValueError otherwise.

    Seconds are required, as Ruby's parser requires them (recorded: a time without them is refused).
    """
    if JOUR.fullmatch(texte):
        return datetime.combine(date.fromisoformat(texte), datetime.min.time(), PARIS)
    if not INSTANT.fullmatch(texte):
        raise ValueError(texte)
    lu = datetime.fromisoformat(texte)
    return lu if lu.tzinfo else lu.replace(tzinfo=PARIS)


def lit_jour(texte: str) -> date:
    """Give the day written as ISO 8601, of a time too; ValueError otherwise."""
    return date.fromisoformat(texte) if JOUR.fullmatch(texte) else lit_instant(texte).date()


def jour_en_lettres(jour: date, langue: str) -> str:
    """Give a day in words: `04 janvier 2027`, or `January 04, 2027`."""
    if langue == "en":
        return f"{MOIS_EN[jour.month - 1]} {jour.day:02d}, {jour.year}"
    return f"{jour.day:02d} {MOIS[jour.month - 1]} {jour.year}"


def instant_en_lettres(instant: datetime, langue: str) -> str:
    """Give a time in words, in Paris: `24 décembre 2026 10:30`."""
    local = instant.astimezone(PARIS)
    return f"{jour_en_lettres(local.date(), langue)} {local:%H:%M}"


def plus_mois(instant: datetime, mois: int) -> datetime:
    """Give the same hour in Paris some months later (the last day of a shorter month)."""
    local = instant.astimezone(PARIS)
    annee, rang = divmod(local.year * 12 + local.month - 1 + mois, 12)
    jour = min(local.day, calendar.monthrange(annee, rang + 1)[1])
    return local.replace(year=annee, month=rang + 1, day=jour)
