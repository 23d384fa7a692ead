"""Priority neighbourhoods from GeoJSON: contours kept whole, or known to be unknown."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from connector.core.referentiels import Quartier, Referentiel, Zone
from connector.errors import OperatorError
from connector.imports import qpv
from connector.imports.qpv import import_qpv, read_qpv
from connector.imports.tableau import Endroit

CARRE = [[0.718, 47.4025], [0.724, 47.4025], [0.724, 47.4065], [0.718, 47.4065], [0.718, 47.4025]]
TROU = [[0.72, 47.404], [0.721, 47.404], [0.721, 47.405], [0.72, 47.404]]
AUTRE = [[0.70, 47.40], [0.71, 47.40], [0.71, 47.41], [0.70, 47.40]]


def feature(contour: object = None, /, **proprietes: object) -> dict[str, object]:
    """One object; a contour is a list of rings, or a whole geometry."""
    geometrie = {"type": "Polygon", "coordinates": [CARRE]} if contour is None else contour
    if isinstance(contour, list):
        geometrie = {"type": "Polygon", "coordinates": contour}
    return {
        "type": "Feature",
        "properties": {"code_qp": "QN03701M", "lib_qp": "Essai", "insee_com": "37261"} | proprietes,
        "geometry": geometrie,
    }


def collection(*objets: object, **racine: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": objets} | racine).encode()


def plain(texte: object) -> str:
    return str(texte).replace("\u00a0", " ").replace("\u202f", " ")


def refusal(data: bytes, options) -> OperatorError:
    with pytest.raises(OperatorError) as refus:
        read_qpv("qpv.geojson", data, options)
    return refus.value


def contour(quartier: Quartier) -> object:
    return json.loads(quartier.geometrie)


def test_a_neighbourhood_is_read_with_its_holes_and_its_communes(options, tmp_path):
    chemin = tmp_path / "qpv.geojson"
    chemin.write_bytes(collection(feature([CARRE, TROU])))
    resultat = import_qpv(chemin, options(arrete="décret 2023-1314"))
    (quartier,) = resultat.quartiers
    assert (quartier.code, quartier.nom, quartier.communes, quartier.zone) == ("QN03701M", "Essai", ("37261",), None)
    assert contour(quartier) == {"type": "Polygon", "coordinates": [CARRE, TROU]}
    assert resultat.version.referentiel is Referentiel.QPV
    assert resultat.version.arrete == "décret 2023-1314"
    assert resultat.rapport.repartition == (("département 37", 1),)


def test_a_zipped_file_with_a_mark_is_read_the_same(options):
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w") as archive:
        archive.writestr("QP2024_LB93.geojson", "{}")
        archive.writestr("QP2024_WGS84.geojson", b"\xef\xbb\xbf" + collection(feature()))
    assert len(read_qpv("qpv.zip", octets.getvalue(), options()).quartiers) == 1


@pytest.mark.parametrize(
    ("proprietes", "attendu"),
    [
        ({"CODE_QP": "QP037001", "NOM_QP": "Vieux", "COMMUNE_QP": "Tours"}, ("QP037001", "Vieux", ())),
        ({"code_qp": "qn97101m", "lib_qp": "A", "insee_com": "97105, 97101"}, ("QN97101M", "A", ("97105", "97101"))),
        ({"Code_QPV": "QN01801I", "libelle": "B", "insee_com": 1004}, ("QN01801I", "B", ("01004",))),
        (
            {"code": "QN01801I", "nom": None, "insee_com": ["18033", ["?"], 18279]},
            ("QN01801I", "", ("18033", "18279")),
        ),
        ({"code_qp": "QN01801I", "insee_com": {"a": 1}, "nom": True}, ("QN01801I", "", ())),
    ],
)
def test_properties_go_by_several_names(options, proprietes, attendu):
    objet = feature() | {"properties": proprietes}
    (quartier,) = read_qpv("qpv.geojson", collection(objet), options()).quartiers
    assert (quartier.code, quartier.nom, quartier.communes) == attendu


def test_the_trial_neighbourhood_of_the_reference_form_is_read_with_its_class(options):
    objet = feature() | {"properties": {"code_qp": "QN99901N", "lib_qp": "Essai (fictif)", "zonage": "ZIP"}}
    resultat = read_qpv("qpv.geojson", collection(objet), options())
    assert resultat.quartiers[0].zone is Zone.ZIP
    assert resultat.rapport.repartition == (("département 999", 1),)
    assert "quartiers sans code de commune : 1." in resultat.rapport.avertissements


def test_a_class_nobody_knows_is_unknown_and_said(options):
    resultat = read_qpv("qpv.geojson", collection(feature(zonage="Zone bleue")), options())
    assert resultat.quartiers[0].zone is Zone.INCONNU
    assert [(i.libelle, i.endroits) for i in resultat.rapport.libelles_inconnus] == [
        ("Zone bleue", (Endroit(numero=1, nature="objet"),))
    ]


def test_multipolygons_and_altitudes_are_read(options):
    haut = [[x, y, 12.5] for x, y in CARRE]
    geometrie = {"type": "MultiPolygon", "coordinates": [[haut, TROU], [AUTRE]]}
    (quartier,) = read_qpv("qpv.geojson", collection(feature(geometrie)), options()).quartiers
    assert contour(quartier) == {"type": "MultiPolygon", "coordinates": [[CARRE, TROU], [AUTRE]]}


def test_a_ring_left_open_is_closed(options):
    (quartier,) = read_qpv("qpv.geojson", collection(feature([CARRE[:-1]])), options()).quartiers
    assert contour(quartier)["coordinates"] == [CARRE]


def test_objects_of_one_code_are_parts_of_one_neighbourhood(options):
    data = collection(
        feature(),
        feature(),
        feature([AUTRE], insee_com="37050", lib_qp="ESSAI"),
        feature([AUTRE], code_qp="QN03702M", lib_qp="Deux"),
    )
    resultat = read_qpv("qpv.geojson", data, options())
    un, deux = resultat.quartiers
    assert contour(un) == {"type": "MultiPolygon", "coordinates": [[CARRE], [AUTRE]]}
    assert un.communes == ("37261", "37050")
    assert contour(deux)["type"] == "Polygon"
    assert (resultat.rapport.lignes_lues, resultat.rapport.lignes_gardees) == (4, 2)
    assert "quartiers réunis à partir de plusieurs objets du même code : 1." in resultat.rapport.avertissements


def test_one_code_with_two_names_or_two_classes_is_a_contradiction(options):
    noms = collection(feature(), feature([AUTRE], lib_qp="Ailleurs"))
    assert "QN03701M (Essai objet 1, Ailleurs objet 2)" in plain(refusal(noms, options()))
    classes = collection(feature(zonage="ZIP"), feature([AUTRE], zonage="HZ"))
    assert "QN03701M (Essai ZIP objet 1, Essai HZ objet 2)" in plain(refusal(classes, options()))
    (quartier,) = read_qpv("qpv.geojson", classes, options(forcer=True)).quartiers
    assert quartier.zone is Zone.INCONNU


# --- contours that cannot be used


def moved(f) -> list[list[object]]:
    return [[f(x, y) for x, y in CARRE]]


@pytest.mark.parametrize(
    ("geometrie", "motif"),
    [
        ({"type": "Point", "coordinates": [0.7, 47.4]}, "ni Polygon ni MultiPolygon"),
        ({"type": "Polygon"}, "ni Polygon ni MultiPolygon"),
        ("POLYGON((0 0))", "ni Polygon ni MultiPolygon"),
        ({"type": "MultiPolygon", "coordinates": []}, "contour vide"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "contour vide"),
        ({"type": "MultiPolygon", "coordinates": ["x"]}, "contour vide"),
        ([], "contour vide"),
        (["x"], "coordonnées illisibles"),
        ([[]], "contour de moins de trois points"),
        ([[[0.7, 47.4], [0.71, 47.4], [0.7, 47.4]]], "contour de moins de trois points"),
        ([[[0.7, 47.4], [0.71, 47.4], [0.72, 47.4], [0.7, 47.4]]], "contour sans surface"),
        (moved(lambda x, y: [y, x]), "latitude et longitude inversées"),
        (moved(lambda x, y: [x + 525_000, y + 6_700_000]), "Lambert 93"),
        (moved(lambda x, _: [x, float("nan")]), "illisibles"),
        (moved(lambda _, y: [float("inf"), y]), "illisibles"),
        (moved(lambda _, y: [10**400, y]), "illisibles"),
        (moved(lambda x, y: [x - 40, y]), "hors de France"),
        (moved(lambda x, _: [x]), "coordonnées illisibles"),
        (moved(lambda x, y: [str(x), str(y)]), "coordonnées illisibles"),
        (moved(lambda _, y: [True, y]), "coordonnées illisibles"),
        (moved(lambda x, _: [x, True]), "coordonnées illisibles"),
        (moved(lambda x, _: x), "coordonnées illisibles"),
    ],
)
def test_a_contour_that_cannot_be_used_is_refused_and_kept_as_unknown_when_forced(options, geometrie, motif):
    data = collection(feature(code_qp="QN03702M"), feature(geometrie))
    refus = refusal(data, options())
    assert motif in plain(refus)
    assert "(objet 2)" in plain(refus)
    bon, mauvais = read_qpv("qpv.geojson", data, options(forcer=True)).quartiers
    assert bon.geometrie
    assert (mauvais.code, mauvais.geometrie) == ("QN03701M", "")


def test_one_bad_part_makes_the_whole_neighbourhood_s_contour_unknown(options):
    data = collection(feature(), feature(["x"]))
    assert read_qpv("qpv.geojson", data, options(forcer=True)).quartiers[0].geometrie == ""


def test_a_missing_geometry_is_said(options):
    assert "sans contour" in str(refusal(collection(feature() | {"geometry": None}), options()))


def test_an_unreadable_code_is_refused_and_its_contour_kept_when_forced(options):
    data = collection(feature(code_qp="Tours Nord", insee_com=""), "pas un objet", {"properties": []})
    refus = refusal(data, options())
    assert "code de QPV illisible (objets 1, 2, 3)" in plain(refus)
    quartiers = read_qpv("qpv.geojson", data, options(forcer=True)).quartiers
    assert [q.code for q in quartiers] == ["objet 1", "objet 2", "objet 3"]
    assert [bool(q.geometrie) for q in quartiers] == [True, False, False]
    assert "Objets lus : 3 · gardés : 3." in plain(refus)
    assert "3 objets à corriger" in plain(refus)


# --- files that are something else


@pytest.mark.parametrize(
    ("data", "attendu"),
    [
        (b"", "vide"),
        (b"code_qp;lib_qp\nQN03701M;Essai\n", "pas du GeoJSON (ligne 1)"),
        (b'{"type":\n"FeatureCollection",\n]', "pas du GeoJSON (ligne 3)"),
        (b"[" * 100_000, "pas du GeoJSON lisible"),
        (b'{"a": ' + b"9" * 5000 + b"}", "pas du GeoJSON lisible"),
        (b"[1, 2]", "FeatureCollection"),
        (b"null", "FeatureCollection"),
        (json.dumps(feature()).encode(), "FeatureCollection"),
        (b'{"features": {}}', "FeatureCollection"),
        (b"<html><table>", "page web"),
        (collection(), "aucune ligne utilisable"),
        (collection(feature(), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}), "WGS 84"),
    ],
)
def test_what_is_not_geojson_of_neighbourhoods_is_named(options, data, attendu):
    assert attendu in plain(refusal(data, options()))


@pytest.mark.parametrize("crs", [None, {}, "x", {"properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}])
def test_a_file_in_wgs84_may_say_so_or_not(options, crs):
    assert read_qpv("qpv.geojson", collection(feature(), crs=crs), options()).quartiers


def test_too_many_objects_are_refused(options, monkeypatch):
    monkeypatch.setattr(qpv, "MAX_OBJETS", 2)
    assert "plus de 2 objets" in str(refusal(collection(1, 2, 3), options()))


def test_a_file_of_another_region_is_told_apart(options, communes):
    choix = options(region="24", referentiel=communes)
    ici = read_qpv("qpv.geojson", collection(feature()), choix).rapport.avertissements
    ailleurs = read_qpv("qpv.geojson", collection(feature(insee_com="59350")), choix).rapport.avertissements
    assert not any("bon fichier" in a for a in ici)
    assert any("bon fichier" in a for a in ailleurs)


def test_the_order_s_reference_is_mandatory(options):
    assert "--arrete" in str(refusal(collection(feature()), options(arrete="")))
