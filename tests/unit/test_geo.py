"""Distances of the acceptance table, and memberships with holes, edges and doubts."""

from __future__ import annotations

import csv
import json
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from connector import geo
from connector.core.montants import kilometres
from connector.core.referentiels import Appartenance, Point, Precision, Quartier, QuartierCite, StatutQuartier, Zone
from connector.errors import OperatorError
from connector.geo import QuartiersIndex, distance_km

VINGT = Path(__file__).parent / "imports" / "vingt_communes.csv"


@pytest.fixture(scope="module")
def points() -> dict[str, Point]:
    with VINGT.open(encoding="utf-8", newline="") as flux:
        return {
            ligne["code_insee"]: Point(
                latitude=float(ligne["latitude"]), longitude=float(ligne["longitude"]), precision=Precision.COMMUNE
            )
            for ligne in csv.DictReader(flux, delimiter=";")
        }


# domaine §9: recruiter, host, kilometres
ACCEPTATION = {
    "C01": ("37261", "18279", "105.8"),
    "C02": ("37261", "41194", "78.9"),
    "C03": ("37261", "37132", "37.4"),
    "C05": ("18033", "18197", "39.8"),
    "C06 Gien": ("45234", "45155", "59.1"),
    "C06 Pithiviers": ("45234", "45252", "41.4"),
    "C07": ("28085", "28015", "19.9"),
    "C08": ("37261", "37063", "26.9"),
    "C09": ("37261", "41018", "50.1"),
    "C10": ("37261", "97302", "6902.0"),
    "E2": ("45234", "45146", "19.0"),
    "E5 Meung": ("45234", "45203", "17.0"),
    "E5 Fleury": ("45234", "45147", "6.2"),
    "E9": ("37261", "37003", "22.9"),
}


@pytest.mark.parametrize(("depart", "arrivee", "km"), ACCEPTATION.values(), ids=ACCEPTATION)
def test_distances_are_those_of_the_acceptance_table(points, depart, arrivee, km):
    attendue = kilometres(Decimal(km))
    assert kilometres(distance_km(points[depart], points[arrivee])) == attendue
    assert kilometres(distance_km(points[arrivee], points[depart])) == attendue


def test_a_distance_is_good_to_the_metre_so_that_nothing_under_twenty_kilometres_passes_for_twenty():
    paris = Point(latitude=48.0, longitude=2.0)
    assert distance_km(paris, Point(latitude=48.1795, longitude=2.0)) == Decimal("19.960")


def test_a_place_is_at_no_distance_of_itself(points):
    assert distance_km(points["37261"], points["37261"]) == 0


def test_the_antipodes_are_half_a_turn_away():
    assert distance_km(Point(latitude=0, longitude=0), Point(latitude=0, longitude=180)) == Decimal("20015.114")


# --- neighbourhoods


def ring(x: float, y: float, cote: float = 0.01) -> list[list[float]]:
    """A square ring, south-west corner first."""
    return [[x, y], [x + cote, y], [x + cote, y + cote], [x, y + cote], [x, y]]


def quartier(code: str, *polygones: list[list[list[float]]], **champs) -> Quartier:
    geometrie = json.dumps({"type": "MultiPolygon", "coordinates": polygones}) if polygones else ""
    return Quartier(code=code, nom=f"Quartier {code}", geometrie=geometrie, **champs)


def adresse(longitude: float, latitude: float, precision: Precision = Precision.ADRESSE) -> Point:
    return Point(latitude=latitude, longitude=longitude, precision=precision)


TROUE = quartier("QN03701M", [ring(0.70, 47.40), ring(0.703, 47.403, 0.004)], [ring(0.80, 47.40)], zone=Zone.ZIP)
VOISIN = quartier("QN03702M", [ring(0.70, 47.45)], communes=("37261",))
INDEX = QuartiersIndex([TROUE, VOISIN])


@pytest.mark.parametrize(
    ("longitude", "latitude", "statut", "codes"),
    [
        (0.701, 47.401, StatutQuartier.DANS, ["QN03701M"]),
        (0.705, 47.405, StatutQuartier.HORS, []),  # in the hole
        (0.805, 47.405, StatutQuartier.DANS, ["QN03701M"]),  # in its second part
        (0.70, 47.405, StatutQuartier.DANS, ["QN03701M"]),  # on its edge
        (0.703, 47.405, StatutQuartier.DANS, ["QN03701M"]),  # on the hole's edge
        (0.75, 47.405, StatutQuartier.HORS, []),  # between its two parts
        (0.705, 47.455, StatutQuartier.DANS, ["QN03702M"]),
        (2.35, 48.85, StatutQuartier.HORS, []),
    ],
)
def test_an_address_is_in_or_out_holes_parts_and_edges_considered(longitude, latitude, statut, codes):
    appartenance = INDEX.appartenance(adresse(longitude, latitude))
    assert appartenance.statut is statut
    assert [q.code for q in appartenance.quartiers] == codes


def test_a_membership_names_the_neighbourhood_and_its_class():
    assert INDEX.appartenance(adresse(0.701, 47.401)) == Appartenance(
        statut=StatutQuartier.DANS,
        quartiers=(QuartierCite(code="QN03701M", nom="Quartier QN03701M", zone=Zone.ZIP),),
    )


def test_an_address_may_be_in_two_neighbourhoods():
    index = QuartiersIndex([quartier("QN03703M", [ring(0.705, 47.405)]), TROUE])
    assert [q.code for q in index.appartenance(adresse(0.708, 47.408)).quartiers] == ["QN03703M", "QN03701M"]


@pytest.mark.parametrize("precision", [Precision.COMMUNE, Precision.INCONNUE])
def test_a_point_less_precise_than_an_address_is_undetermined(precision):
    point = adresse(0.701, 47.401, precision)
    assert INDEX.appartenance(point) == Appartenance(statut=StatutQuartier.INDETERMINE)
    assert INDEX.appartenance(point, "18279") == Appartenance(statut=StatutQuartier.INDETERMINE)


def test_without_a_point_the_commune_tells_which_neighbourhoods_are_possible():
    assert INDEX.appartenance(None) == Appartenance(statut=StatutQuartier.INDETERMINE)
    possible = INDEX.appartenance(None, "37261")
    assert possible.statut is StatutQuartier.INDETERMINE
    assert [q.code for q in possible.quartiers] == ["QN03702M"]


def test_nobody_is_outside_neighbourhoods_that_were_never_imported():
    assert QuartiersIndex([]).appartenance(adresse(0.701, 47.401)) == Appartenance(statut=StatutQuartier.INDETERMINE)


@pytest.mark.parametrize(
    ("communes", "commune", "statut"),
    [
        (("37261",), "37261", StatutQuartier.INDETERMINE),
        (("37261",), "18279", StatutQuartier.HORS),
        (("37261",), "", StatutQuartier.INDETERMINE),
        ((), "18279", StatutQuartier.INDETERMINE),
        ((), "", StatutQuartier.INDETERMINE),
    ],
)
def test_a_neighbourhood_without_contour_leaves_its_surroundings_undetermined(communes, commune, statut):
    index = QuartiersIndex([TROUE, quartier("QN03709M", communes=communes)])
    assert index.appartenance(adresse(0.701, 47.401), commune).statut is StatutQuartier.DANS
    dehors = index.appartenance(adresse(0.75, 47.405), commune)
    assert dehors.statut is statut
    assert [q.code for q in dehors.quartiers] == (["QN03709M"] if statut is StatutQuartier.INDETERMINE else [])


def test_neighbourhoods_without_any_contour_leave_everybody_undetermined():
    index = QuartiersIndex([quartier("QN03709M", communes=("37261",))])
    assert index.appartenance(adresse(0.701, 47.401), "37261").statut is StatutQuartier.INDETERMINE
    assert index.appartenance(adresse(0.701, 47.401), "18279").statut is StatutQuartier.HORS


def test_a_contour_that_crosses_itself_is_mended():
    noeud = [[0.70, 47.40], [0.71, 47.41], [0.71, 47.40], [0.70, 47.41], [0.70, 47.40]]
    index = QuartiersIndex([quartier("QN03704M", [noeud])])
    assert index.appartenance(adresse(0.702, 47.405)).statut is StatutQuartier.DANS
    assert index.appartenance(adresse(0.705, 47.409)).statut is StatutQuartier.HORS


def test_parts_that_overlap_are_one():
    index = QuartiersIndex([quartier("QN03705M", [ring(0.70, 47.40)], [ring(0.705, 47.40)])])
    assert index.appartenance(adresse(0.707, 47.405)).statut is StatutQuartier.DANS


@pytest.mark.parametrize(
    "geometrie",
    [
        "pas du GeoJSON",
        '{"type":"Polygon","coordinates":[]}',
        '{"type":"Point","coordinates":[0.7,47.4]}',
        '{"type":"Polygon","coordinates":[[[0.7,47.4],[0.71,47.4],[0.72,47.4],[0.7,47.4]]]}',
        '{"type":"LineString","coordinates":[[0.7,47.4],[0.71,47.4]]}',
    ],
)
def test_a_contour_that_is_not_one_is_refused_by_its_code(geometrie):
    with pytest.raises(OperatorError, match="QN03706M") as refus:
        QuartiersIndex([Quartier(code="QN03706M", nom="", geometrie=geometrie)])
    assert "connector import qpv" in refus.value.hint


# --- the extra


def test_without_geographiclib_the_message_says_how_to_install_it(monkeypatch, points):
    geo._sphere.cache_clear()
    monkeypatch.setitem(sys.modules, "geographiclib.geodesic", None)
    with pytest.raises(OperatorError, match="geographiclib") as refus:
        distance_km(points["37261"], points["18279"])
    assert "ds-connector[geo]" in refus.value.hint


def test_without_shapely_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "shapely", None)
    with pytest.raises(OperatorError, match="shapely") as refus:
        QuartiersIndex([])
    assert "ds-connector[geo]" in refus.value.hint
