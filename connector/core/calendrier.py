"""French public holidays, working days, months, and what was in force on a day. No clock: every date is an argument."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Protocol, TypeVar

_UN_JOUR = timedelta(days=1)
_SAMEDI = 5
_MOIS_PAR_AN = 12


class Territoire(StrEnum):
    """Where the eleven national holidays are not the whole story (local law, abolition of slavery)."""

    METROPOLE = "metropole"
    ALSACE_MOSELLE = "alsace-moselle"
    GUADELOUPE = "guadeloupe"
    MARTINIQUE = "martinique"
    GUYANE = "guyane"
    LA_REUNION = "la-reunion"
    MAYOTTE = "mayotte"


_ABOLITION = {  # Décret 83-1003 du 23 novembre 1983: month, day
    Territoire.GUADELOUPE: (5, 27),
    Territoire.MARTINIQUE: (5, 22),
    Territoire.GUYANE: (6, 10),
    Territoire.LA_REUNION: (12, 20),
    Territoire.MAYOTTE: (4, 27),
}


def paques(annee: int) -> date:
    """Easter Sunday of a Gregorian year, by the anonymous (Meeus) computus."""
    siecle, dans_le_siecle = divmod(annee, 100)
    nombre_d_or = annee % 19
    correction = (siecle - (siecle + 8) // 25 + 1) // 3
    epacte = (19 * nombre_d_or + siecle - siecle // 4 - correction + 15) % 30
    semaine = (32 + 2 * (siecle % 4) + 2 * (dans_le_siecle // 4) - epacte - dans_le_siecle % 4) % 7
    decalage = (nombre_d_or + 11 * epacte + 22 * semaine) // 451
    mois, jour = divmod(epacte + semaine - 7 * decalage + 114, 31)
    return date(annee, mois, jour + 1)


@cache
def jours_feries(annee: int, territoire: Territoire = Territoire.METROPOLE) -> frozenset[date]:
    """Public holidays of a year: the eleven of the Code du travail (L. 3133-1), and the territory's own."""
    dimanche = paques(annee)
    fixes = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    mobiles = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday
    nationaux = {date(annee, *f) for f in fixes} | {dimanche + m * _UN_JOUR for m in mobiles}
    return frozenset(nationaux | _locaux(annee, territoire, dimanche))


def _locaux(annee: int, territoire: Territoire, dimanche: date) -> set[date]:
    if territoire is Territoire.ALSACE_MOSELLE:  # Good Friday and Saint Stephen (Code du travail, L. 3134-13)
        return {dimanche - 2 * _UN_JOUR, date(annee, 12, 26)}
    return {date(annee, *_ABOLITION[territoire])} if territoire in _ABOLITION else set()


def est_ouvre(
    jour: date, territoire: Territoire = Territoire.METROPOLE, fermetures: frozenset[date] = frozenset()
) -> bool:
    """True on a Monday-to-Friday that is neither a public holiday nor one of the ARS's own closing days."""
    return jour.weekday() < _SAMEDI and jour not in fermetures and jour not in jours_feries(jour.year, territoire)


def jours_ouvres_entre(
    debut: date,
    fin: date,
    territoire: Territoire = Territoire.METROPOLE,
    fermetures: frozenset[date] = frozenset(),
) -> int:
    """Working days after `debut` up to `fin` included; negative when `fin` comes first."""
    if fin < debut:
        return -jours_ouvres_entre(fin, debut, territoire, fermetures)
    return sum(est_ouvre(jour, territoire, fermetures) for jour in _jours(debut + _UN_JOUR, fin))


def _jours(premier: date, dernier: date) -> Iterator[date]:
    for rang in range((dernier - premier).days + 1):
        yield premier + rang * _UN_JOUR


def ajoute_jours_ouvres(
    debut: date,
    nombre: int,
    territoire: Territoire = Territoire.METROPOLE,
    fermetures: frozenset[date] = frozenset(),
) -> date:
    """The `nombre`-th working day after `debut`; `debut` itself for 0. ValueError on a negative number."""
    if nombre < 0:
        raise ValueError("nombre de jours ouvrés négatif")
    jour = debut
    while nombre:
        jour += _UN_JOUR
        nombre -= est_ouvre(jour, territoire, fermetures)
    return jour


def ajoute_mois(debut: date, nombre: int) -> date:
    """The same day `nombre` months later, or that month's last day when it is shorter."""
    annees, mois = divmod(debut.month - 1 + nombre, _MOIS_PAR_AN)
    annee, mois = debut.year + annees, mois + 1
    return date(annee, mois, min(debut.day, monthrange(annee, mois)[1]))


def mois_entre(debut: date, fin: date) -> int:
    """Whole months from `debut` to `fin`, 0 when `fin` comes first."""
    mois = (fin.year - debut.year) * _MOIS_PAR_AN + fin.month - debut.month
    return max(0, mois - (ajoute_mois(debut, mois) > fin))


class Datee(Protocol):
    """A row in force from `date_effet` to `valable_jusqu_au` included; None there means until a later row."""

    @property
    def date_effet(self) -> date:
        """First day."""
        ...

    @property
    def valable_jusqu_au(self) -> date | None:
        """Last day."""
        ...


DateeT = TypeVar("DateeT", bound=Datee)


def en_vigueur(lignes: Iterable[DateeT], jour: date) -> DateeT | None:
    """The latest row that took effect by `jour`, or None when there is none or its end has passed.

    An earlier row is never fallen back upon: what a later one replaced is no longer true (domaine, decision 8).
    """
    parues = [ligne for ligne in lignes if ligne.date_effet <= jour]
    derniere = max(parues, key=lambda ligne: ligne.date_effet, default=None)
    if derniere is None or (derniere.valable_jusqu_au is not None and derniere.valable_jusqu_au < jour):
        return None
    return derniere
