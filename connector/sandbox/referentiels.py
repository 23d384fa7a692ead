"""A zoning and a priority neighbourhood for the default world, as files that an ARS would receive: made up, to try.

The classes are plausible and official nowhere. Thenay is left out on purpose: a commune that no zoning knows.
"""

from __future__ import annotations

import json

from connector.sandbox.lieux import HOPITAUX, STRUCTURES, THENAY, TOURS_QUARTIER

ARRETE_ZONAGE = "Zonage d'essai du bac à sable, fictif"
ARRETE_QPV = "Quartiers d'essai du bac à sable, fictifs"
DATE_EFFET = "2023-01-01"

_ZAC = frozenset({"37063", "41018", "45203", "45147", "37072", "36044", "18033", "28085"})
_HORS_ZONE = frozenset({"37132", "37261", "37003", "45234", "86066", "97302"})
_COTE = 0.003
"""Half the side of the neighbourhood, in degrees."""


def zonage_csv() -> str:
    """The zoning of every commune of the default world: `code_insee;commune;zonage`."""
    lieux = {s.lieu.insee: s.lieu.nom for s in STRUCTURES} | {h.lieu.insee: h.lieu.nom for h in HOPITAUX}
    lignes = (f"{code};{nom};{_zone(code)}" for code, nom in sorted(lieux.items()) if code != THENAY.lieu.insee)
    return "\n".join(("code_insee;commune;zonage", *lignes, ""))


def _zone(code: str) -> str:
    if code in _HORS_ZONE:
        return "HZ"
    return "ZAC" if code in _ZAC else "ZIP"


def qpv_geojson() -> str:
    """One neighbourhood, around the place of work that stands in it."""
    centre = TOURS_QUARTIER.lieu
    ouest, est = centre.longitude - _COTE, centre.longitude + _COTE
    sud, nord = centre.latitude - _COTE, centre.latitude + _COTE
    contour = [[ouest, sud], [est, sud], [est, nord], [ouest, nord], [ouest, sud]]
    quartier = {
        "type": "Feature",
        "properties": {"code_qp": "QN99901N", "lib_qp": "Quartier d'essai", "insee_com": centre.insee},
        "geometry": {"type": "Polygon", "coordinates": [contour]},
    }
    return json.dumps({"type": "FeatureCollection", "features": [quartier]}, ensure_ascii=False)
