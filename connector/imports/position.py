"""Whether a pair of numbers is a place in France, and if not, what it probably is instead."""

from __future__ import annotations

from typing import NamedTuple


class _Cadre(NamedTuple):
    """A box wide enough to hold a territory, degrees."""

    sud: float
    nord: float
    ouest: float
    est: float

    def contains(self, latitude: float, longitude: float) -> bool:
        return self.sud <= latitude <= self.nord and self.ouest <= longitude <= self.est


_FRANCE = (
    _Cadre(41.0, 51.6, -5.8, 10.0),  # métropole
    _Cadre(14.0, 18.5, -63.5, -60.5),  # Antilles
    _Cadre(1.5, 6.5, -55.0, -51.0),  # Guyane
    _Cadre(-23.0, -11.0, 39.0, 56.5),  # La Réunion, Mayotte, îles Éparses
    _Cadre(46.0, 48.0, -57.0, -55.5),  # Saint-Pierre-et-Miquelon
    _Cadre(-28.5, -7.0, -180.0, -133.0),  # Polynésie, Wallis-et-Futuna
    _Cadre(-24.0, -17.0, 157.0, 173.0),  # Nouvelle-Calédonie
    _Cadre(9.5, 11.0, -110.0, -108.5),  # Clipperton
    _Cadre(-50.5, -45.5, 50.0, 71.0),  # Crozet, Kerguelen
    _Cadre(-39.0, -37.5, 77.0, 78.0),  # Saint-Paul, Amsterdam
    _Cadre(-68.0, -66.0, 136.0, 142.5),  # Terre Adélie
)
_LAMBERT_93 = _Cadre(6_000_000, 7_200_000, 0, 1_300_000)
_POLE, _ANTIMERIDIEN = 90, 180


def position_fault(latitude: float, longitude: float) -> str:
    """What is wrong with these coordinates, in French, or "" for a place in France; NaN and infinities are wrong."""
    if any(cadre.contains(latitude, longitude) for cadre in _FRANCE):
        return ""
    if any(cadre.contains(longitude, latitude) for cadre in _FRANCE):
        return "latitude et longitude inversées"
    if _LAMBERT_93.contains(latitude, longitude) or _LAMBERT_93.contains(longitude, latitude):
        return "coordonnées en Lambert 93 au lieu de degrés WGS 84"
    if abs(latitude) <= _POLE and abs(longitude) <= _ANTIMERIDIEN:
        return "coordonnées hors de France"
    return "coordonnées illisibles ou dans une autre projection que WGS 84"
