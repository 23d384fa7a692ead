"""Whatever is in a file, an import gives rows and a report, or an OperatorError: nothing else comes out."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.core.referentiels import Commune, Zone, zone_of
from connector.errors import OperatorError
from connector.geo import QuartiersIndex
from connector.imports.communes import read_communes
from connector.imports.qpv import read_qpv
from connector.imports.rapport import OptionsImport
from connector.imports.zonage import read_zonage

REFERENTIEL = tuple(Commune(code_insee=f"{n}", nom=f"C{n}", departement="37", region="24") for n in range(37001, 37021))
LECTEURS = {"zonage": read_zonage, "communes": read_communes, "qpv": read_qpv}


def options(**champs) -> OptionsImport:
    return OptionsImport(
        arrete="arrêté d'essai",
        date_effet=date(2025, 6, 1),
        importe_le=datetime(2026, 2, 1, tzinfo=UTC),
        **champs,
    )


def gives_rows_or_refuses(lecteur: Callable[..., object], data: bytes, **champs) -> None:
    """The contract of every import, on any bytes."""
    try:
        resultat = lecteur("fichier", data, options(**champs))
    except OperatorError as refus:
        assert str(refus)  # noqa: PT017
    else:
        assert resultat.version.lignes > 0
        assert resultat.rapport.texte()


DEBUTS = st.sampled_from(
    [b"", b"PK\x03\x04", b"\xef\xbb\xbf", b"\xff\xfe", b"<html>", b'{"features": [', b"sep=;\n", b'"']
)


@given(st.sampled_from(sorted(LECTEURS)), DEBUTS, st.binary(max_size=400), st.booleans())
@settings(deadline=None)
def test_any_bytes_are_rows_or_a_refusal(nom, debut, suite, forcer):
    gives_rows_or_refuses(LECTEURS[nom], debut + suite, forcer=forcer)


CELLULES = st.one_of(
    st.sampled_from(
        ["18279", "1004", "37001.0", "2A004", "ZIP", "4_ZAR", "HZ", "", "24", "47.4", "NaN", "1e999", "Tours"]
    ),
    st.text(max_size=12),
)
TITRES = st.sampled_from(
    [
        "code insee",
        "depcom",
        "zonage",
        "tvs",
        "zonage 2025",
        "code qpv",
        "nom",
        "region",
        "latitude",
        "longitude",
        "x",
        "",
    ]
)


@given(
    st.sampled_from(["zonage", "communes"]),
    st.lists(TITRES, min_size=1, max_size=6),
    st.lists(st.lists(CELLULES, max_size=6), max_size=8),
    st.sampled_from(";,\t"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
@settings(deadline=None)
def test_any_rows_of_text_are_rows_or_a_refusal(nom, titres, rows, separateur, encodage, forcer):
    texte = "\n".join(separateur.join(row) for row in [titres, *rows])
    data = texte.encode(encodage, errors="replace")
    gives_rows_or_refuses(LECTEURS[nom], data, forcer=forcer, referentiel=REFERENTIEL, region="24")


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.none(),
                st.booleans(),
                st.integers(),
                st.floats(allow_nan=False, allow_infinity=False),
                st.dates(min_value=date(1901, 1, 1)),
                CELLULES.filter(str.isprintable),
            ),
            max_size=4,
        ),
        max_size=6,
    ),
    st.booleans(),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_cells_of_a_workbook_are_rows_or_a_refusal(rows, forcer):
    classeur = openpyxl.Workbook()
    for row in [["code insee", "zonage", "tvs"], *rows]:
        classeur.worksheets[0].append(row)
    octets = io.BytesIO()
    classeur.save(octets)
    gives_rows_or_refuses(read_zonage, octets.getvalue(), forcer=forcer)


def a_workbook() -> dict[str, bytes]:
    classeur = openpyxl.Workbook()
    for row in (["code insee", "zonage"], ["18279", "ZIP"], [37261, 1.5]):
        classeur.worksheets[0].append(row)
    octets = io.BytesIO()
    classeur.save(octets)
    with zipfile.ZipFile(octets) as archive:
        return {nom: archive.read(nom) for nom in archive.namelist()}


CLASSEUR = a_workbook()


def zipped(membres: dict[str, bytes]) -> bytearray:
    octets = io.BytesIO()
    with zipfile.ZipFile(octets, "w") as archive:
        for nom, contenu in membres.items():
            archive.writestr(nom, contenu)
    return bytearray(octets.getvalue())


@given(st.sampled_from(sorted(CLASSEUR)), st.integers(min_value=0), st.binary(min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_a_workbook_damaged_inside_is_rows_or_a_refusal(membre, place, octets):
    contenu = bytearray(CLASSEUR[membre])
    debut = place % len(contenu)
    contenu[debut : debut + len(octets)] = octets
    gives_rows_or_refuses(read_zonage, bytes(zipped(CLASSEUR | {membre: bytes(contenu)})))


@given(st.integers(min_value=0), st.binary(min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_an_archive_damaged_outside_is_rows_or_a_refusal(place, octets):
    data = zipped(CLASSEUR)
    debut = place % len(data)
    data[debut : debut + len(octets)] = octets
    gives_rows_or_refuses(read_zonage, bytes(data))


NOMBRES = st.one_of(
    st.floats(min_value=-1, max_value=3),
    st.floats(min_value=46, max_value=49),
    st.sampled_from([float("nan"), float("inf"), 10**400, -180, True]),
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), NOMBRES, st.text(max_size=8)),
    lambda valeurs: st.lists(valeurs, max_size=4) | st.dictionaries(st.text(max_size=8), valeurs, max_size=4),
    max_leaves=12,
)
POSITIONS = st.lists(NOMBRES, min_size=2, max_size=3)
ANNEAUX = st.lists(POSITIONS, max_size=6)
GEOMETRIES = st.one_of(
    JSON,
    st.builds(lambda c: {"type": "Polygon", "coordinates": c}, st.lists(ANNEAUX, max_size=2) | JSON),
    st.builds(lambda c: {"type": "MultiPolygon", "coordinates": c}, st.lists(st.lists(ANNEAUX), max_size=2) | JSON),
)
PROPRIETES = st.one_of(
    JSON,
    st.fixed_dictionaries({"code_qp": st.sampled_from(["QN03701M", "QP037001", "x"]), "lib_qp": JSON, "zonage": JSON}),
)
OBJETS = st.one_of(JSON, st.fixed_dictionaries({"properties": PROPRIETES, "geometry": GEOMETRIES}))


@given(st.lists(OBJETS, max_size=4), JSON, st.booleans())
@settings(deadline=None)
def test_any_json_is_neighbourhoods_or_a_refusal(objets, crs, forcer):
    data = json.dumps({"features": objets, "crs": crs}).encode()
    gives_rows_or_refuses(read_qpv, data, forcer=forcer, referentiel=REFERENTIEL)


@given(
    st.lists(
        st.lists(st.tuples(st.floats(0.5, 0.9), st.floats(47.2, 47.6)), min_size=3, max_size=8), min_size=1, max_size=3
    )
)
@settings(deadline=None)
def test_any_contour_that_an_import_keeps_can_be_indexed_or_is_refused_by_its_code(anneaux):
    geometrie = {"type": "MultiPolygon", "coordinates": [[anneau] for anneau in anneaux]}
    objet = {"properties": {"code_qp": "QN03701M"}, "geometry": geometrie}
    try:
        quartiers = read_qpv("qpv.geojson", json.dumps({"features": [objet]}).encode(), options()).quartiers
        QuartiersIndex(quartiers)
    except OperatorError as refus:
        assert str(refus)  # noqa: PT017


LIBELLES = st.sampled_from(
    ["ZIP", "1_ZIP", "ZAC", "3 - Zone de vigilance", "HZ", "4_ZAR", "Non-spécifié", "", "Zone bleue"]
)


@given(st.lists(st.tuples(st.sampled_from(REFERENTIEL), LIBELLES), min_size=1, max_size=40))
@settings(deadline=None)
def test_a_forced_zoning_never_says_more_than_its_lines(lignes):
    texte = "\n".join(["code insee;zonage", *(f"{commune.code_insee};{libelle}" for commune, libelle in lignes)])
    choix = options(forcer=True, referentiel=REFERENTIEL, region="24")
    resultat = read_zonage("z.csv", texte.encode(), choix)
    dites: dict[str, set[Zone]] = {}
    for commune, libelle in lignes:
        dites.setdefault(commune.code_insee, set()).add(zone_of(libelle) or Zone.INCONNU)
    for ligne in resultat.communes:
        assert ligne.zone in {Zone.INCONNU} | (dites[ligne.code_insee] if len(dites[ligne.code_insee]) == 1 else set())
    couverture = resultat.rapport.couverture
    connues = sum(1 for ligne in resultat.communes if ligne.zone is not Zone.INCONNU)
    assert couverture.connues == connues
    assert couverture.pourcent == Decimal(100 * connues) / len(REFERENTIEL)
    assert len(couverture.manquantes) == len(REFERENTIEL) - connues
    assert sum(effectif for _, effectif in resultat.rapport.repartition) == resultat.version.lignes == len(dites)
