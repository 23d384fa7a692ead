"""Distances and memberships, by libraries; `core` receives them as data.

Distances are great circles on the sphere of mean radius 6,371.0088 km, the convention of the acceptance table
(domaine §9; an ellipsoid differs by 0.5 % at most). geographiclib computes them, on an ellipsoid that is not flattened;
shapely answers « is this address in that neighbourhood? ».
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from connector.core.referentiels import Appartenance, Point, Precision, Quartier, QuartierCite, StatutQuartier
from connector.errors import OperatorError

if TYPE_CHECKING:
    from geographiclib.geodesic import Geodesic
    from shapely.geometry.base import BaseGeometry

RAYON_MOYEN = 6_371_008.8
"""Mean radius of the Earth, in metres (IUGG)."""

_METRE = Decimal("0.001")
_INDETERMINE = Appartenance(statut=StatutQuartier.INDETERMINE)


def distance_km(a: Point, b: Point) -> Decimal:
    """As the crow flies, in kilometres to the metre, halves up. Never longer than the road (domaine §0.1).

    Thresholds are compared with it as it is; `core.montants.kilometres` rounds it for a reader.
    """
    metres = _sphere().Inverse(a.latitude, a.longitude, b.latitude, b.longitude)["s12"]
    return (Decimal(metres) / 1000).quantize(_METRE, rounding=ROUND_HALF_UP)


@cache
def _sphere() -> Geodesic:
    try:
        from geographiclib.geodesic import Geodesic  # noqa: PLC0415  (an extra)
    except ImportError as exc:
        raise _missing("calculer une distance", "geographiclib") from exc
    return Geodesic(RAYON_MOYEN, 0)


def _shapely() -> ModuleType:
    try:
        import shapely  # noqa: PLC0415  (an extra, and slow to load)
    except ImportError as exc:
        raise _missing("situer une adresse dans un quartier", "shapely") from exc
    return shapely


def _missing(besoin: str, bibliotheque: str) -> OperatorError:
    return OperatorError(
        f"{besoin} demande la bibliothèque {bibliotheque}, qui n'est pas installée.",
        hint='Installez le complément « geo » : pip install "ds-connector[geo]".',
    )


class QuartiersIndex:
    """The neighbourhoods in force, ready to be asked about thousands of addresses."""

    def __init__(self, quartiers: Iterable[Quartier]) -> None:
        """Builds the index; refuses (OperatorError) a contour that is not what `imports.qpv` hands over."""
        self._shapely = _shapely()
        tous = tuple(quartiers)
        self._situes = tuple(q for q in tous if q.geometrie)
        self._sans_contour = tuple(q for q in tous if not q.geometrie)
        self._contours = [_shape(self._shapely, quartier) for quartier in self._situes]
        self._shapely.prepare(self._contours)
        self._arbre = self._shapely.STRtree(self._contours)

    def appartenance(self, point: Point | None, commune: str = "") -> Appartenance:
        """Whether a point lies in a neighbourhood, on its edge included.

        Nobody can say without a point as precise as an address, without any neighbourhood imported, nor beside one
        whose contour is unknown. `commune` is the point's INSEE code: it tells which neighbourhoods are then possible.
        """
        if not (self._situes or self._sans_contour):
            return _INDETERMINE
        if point is None or point.precision is not Precision.ADRESSE:
            la = [q for q in (*self._situes, *self._sans_contour) if commune in q.communes]
            return _answer(StatutQuartier.INDETERMINE, la)
        trouves = self._around(point)
        if trouves:
            return _answer(StatutQuartier.DANS, trouves)
        possibles = [q for q in self._sans_contour if not (commune and q.communes) or commune in q.communes]
        return _answer(StatutQuartier.INDETERMINE if possibles else StatutQuartier.HORS, possibles)

    def _around(self, point: Point) -> tuple[Quartier, ...]:
        """The neighbourhoods whose contour covers the point, in the order they were given."""
        lieu = self._shapely.Point(point.longitude, point.latitude)
        rangs = sorted(int(rang) for rang in self._arbre.query(lieu))
        return tuple(self._situes[rang] for rang in rangs if self._contours[rang].intersects(lieu))


def _answer(statut: StatutQuartier, quartiers: Iterable[Quartier]) -> Appartenance:
    cites = (QuartierCite(code=q.code, nom=q.nom, zone=q.zone) for q in quartiers)
    return Appartenance(statut=statut, quartiers=tuple(cites))


def _shape(shapely: ModuleType, quartier: Quartier) -> BaseGeometry:
    """Its contour, loops and overlaps mended: what any of its parts encloses, holes out."""
    try:
        contour: BaseGeometry = shapely.from_geojson(quartier.geometrie)
    except shapely.errors.ShapelyError as exc:
        raise _unusable(quartier) from exc
    if not contour.is_valid:
        contour = shapely.make_valid(contour, method="structure", keep_collapsed=False)
    if contour.is_empty or not contour.area:
        raise _unusable(quartier)
    return contour


def _unusable(quartier: Quartier) -> OperatorError:
    return OperatorError(
        f"contour du quartier {quartier.code} inutilisable.",
        hint="Importez de nouveau les quartiers prioritaires (connector import qpv).",
    )
