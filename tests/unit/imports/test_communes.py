"""The list of communes: codes, regions and points, each doubtful one left unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.core.referentiels import Commune, Referentiel
from connector.errors import OperatorError
from connector.imports.communes import import_communes, read_communes
from connector.imports.tableau import Endroit

TITRES = "code_insee;nom;region;population;latitude;longitude"
TOURS = "37261;Tours;24;139259;47,39864;0,69653"
REEL = Path(__file__).parents[4] / "shared/data/communes_coords.csv"


def csv(*lignes: str) -> bytes:
    return "\n".join(lignes).encode()


def plain(texte: object) -> str:
    return str(texte).replace("\u00a0", " ").replace("\u202f", " ")


def refusal(data: bytes, options) -> OperatorError:
    with pytest.raises(OperatorError) as refus:
        read_communes("communes.csv", data, options)
    return refus.value


def test_a_commune_is_read_with_its_departement_and_its_point(options):
    resultat = read_communes("communes.csv", csv(TITRES, TOURS), options(arrete="COG 2026"))
    assert resultat.communes == (
        Commune(
            code_insee="37261",
            nom="Tours",
            departement="37",
            region="24",
            population=139259,
            latitude=47.39864,
            longitude=0.69653,
        ),
    )
    assert resultat.version.referentiel is Referentiel.COMMUNES
    assert resultat.rapport.repartition == (("région 24", 1),)
    assert resultat.rapport.couverture is None


def test_the_twenty_communes_of_the_tests_are_read(communes):
    assert len(communes) == 21
    assert sum(c.region == "24" for c in communes) == 17
    assert {c.departement for c in communes} == {"01", "18", "28", "2A", "37", "41", "45", "75", "973"}
    assert all(c.point for c in communes)


def test_the_real_list_of_communes_is_read_whole(options):
    if not REEL.exists():
        pytest.skip("the real list of communes (../shared/data/communes_coords.csv) is not on this machine")
    resultat = import_communes(REEL, options())
    assert len(resultat.communes) == resultat.rapport.lignes_lues == 34_995
    assert sum(c.region == "24" for c in resultat.communes) == 1_754
    assert not resultat.rapport.refus
    assert all(c.point for c in resultat.communes)
    again = import_communes(REEL, options(region="24", referentiel=resultat.communes))
    assert again.rapport.couverture.pourcent == 100


def test_codes_and_regions_that_a_spreadsheet_ate_are_given_back(options):
    lignes = ("1004;Ambérieu-en-Bugey;84", "97105;Basse-Terre;1", "97502;Saint-Pierre;975", "2a004;Ajaccio;94.0")
    resultat = read_communes("c.csv", csv("code_insee;nom;region", *lignes), options())
    lus = [(c.code_insee, c.departement, c.region) for c in resultat.communes]
    assert lus == [("01004", "01", "84"), ("97105", "971", "01"), ("97502", "975", "975"), ("2A004", "2A", "94")]
    assert "codes INSEE dont le zéro initial manquait, rétabli : 1." in resultat.rapport.avertissements
    assert any("sans coordonnées" in a and a.endswith(": 4.") for a in resultat.rapport.avertissements)


def test_the_insee_s_own_list_leaves_out_delegated_communes(options):
    data = csv(
        "TYPECOM,COM,REG,DEP,LIBELLE", "COM,37261,24,37,Tours", "ARM,75101,11,75,Paris 1er", "COMD,37261,24,37,Tours"
    )
    resultat = read_communes("v_commune.csv", data, options())
    assert [c.code_insee for c in resultat.communes] == ["37261", "75101"]
    assert resultat.rapport.lignes_ignorees == 1
    assert "sans intérêt ici : 1" in plain(resultat.rapport.texte())


@pytest.mark.parametrize(
    ("titre", "valeur"), [("_geopoint", '"47.39864,0.69653"'), ("coordonnees_gps", '"47.39864, 0.69653"')]
)
def test_both_coordinates_may_share_a_cell(options, titre, valeur):
    resultat = read_communes("c.csv", csv(f"code_insee;nom;region;{titre}", f"37261;Tours;24;{valeur}"), options())
    assert (resultat.communes[0].latitude, resultat.communes[0].longitude) == (47.39864, 0.69653)


@pytest.mark.parametrize(
    ("population", "lue"),
    [("139 259", 139259), ("139259.0", 139259), ("", None), ("N/A", None), ("-3", None), ("9" * 5000, None)],
)
def test_a_population_is_a_number_or_unknown(options, population, lue):
    data = csv(TITRES, f"37261;Tours;24;{population};47.4;0.7")
    assert read_communes("c.csv", data, options()).communes[0].population == lue


@pytest.mark.parametrize(
    ("latitude", "longitude", "motif"),
    [
        ("0.69653", "47.39864", "latitude et longitude inversées"),
        ("6700000", "525000", "Lambert 93"),
        ("525000", "6700000", "Lambert 93"),
        ("NaN", "0.7", "illisibles"),
        ("inf", "0.7", "illisibles"),
        ("5995000", "270000", "autre projection"),
        ("47.4", "", "illisibles"),
        ("quarante", "0.7", "illisibles"),
        ("0", "0", "hors de France"),
    ],
)
def test_a_bad_point_is_refused_with_its_line_and_left_out_when_forced(options, latitude, longitude, motif):
    data = csv(TITRES, TOURS, f"18279;Vierzon;24;;{latitude};{longitude}")
    refus = refusal(data, options())
    assert motif in str(refus)
    assert "(ligne 3)" in str(refus)
    forcees = read_communes("c.csv", data, options(forcer=True)).communes
    assert [c.code_insee for c in forcees] == ["37261", "18279"]
    assert forcees[1].point is None


TERRITOIRES = {
    "Tours": (47.4, 0.7),
    "Ajaccio": (41.93, 8.7),
    "Guadeloupe": (16.27, -61.5),
    "Cayenne": (5.02, -52.5),
    "La Réunion": (-21.1, 55.5),
    "Mayotte": (-12.8, 45.2),
    "Saint-Pierre": (46.8, -56.2),
    "Tahiti": (-17.5, -149.6),
    "Nouméa": (-22.3, 166.5),
    "Wallis": (-13.3, -176.2),
    "Clipperton": (10.3, -109.2),
    "Kerguelen": (-49.3, 69.3),
}


@pytest.mark.parametrize(("latitude", "longitude"), TERRITOIRES.values(), ids=TERRITOIRES)
def test_every_french_territory_is_in_france(options, latitude, longitude):
    data = csv(TITRES, f"97302;Essai;03;;{latitude};{longitude}")
    assert read_communes("c.csv", data, options()).communes[0].latitude == latitude


def test_rows_that_cannot_be_used_are_refused_with_their_line(options):
    data = csv(
        TITRES, TOURS, "Vierzon;18279;24;;;", "18033;Bourges;Centre;;;", "97105;Basse-Terre;975;;;", "Total;;;;;"
    )
    refus = refusal(data, options())
    assert [(a.endroit, a.motif) for a in refus.rapport.anomalies] == [
        (Endroit(numero=3), "code INSEE illisible"),
        (Endroit(numero=4), "code de région illisible"),
        (Endroit(numero=5), "code de région illisible"),
    ]
    assert refus.rapport.lignes_ignorees == 1


def test_contradictions_are_refused_and_become_unknown_when_forced(options):
    data = csv(TITRES, TOURS, "37261;TOURS;24;;47,39864;0,69653", "37261;Tours;52;;47,5;0,69653")
    refus = refusal(data, options())
    assert "37261 (région 24, 47.39864 / 0.69653 ligne 2" in plain(refus)
    (tours,) = read_communes("c.csv", data, options(forcer=True)).communes
    assert (tours.region, tours.point, tours.nom) == ("", None, "Tours")


def test_a_commune_with_and_without_a_point_is_a_contradiction(options):
    refus = refusal(csv(TITRES, TOURS, "37261;Tours;24;;;"), options())
    assert "région 24, sans point ligne 3" in plain(refus)


def test_a_repeated_commune_counts_once(options):
    resultat = read_communes("c.csv", csv(TITRES, TOURS, TOURS.replace("Tours", "TOURS")), options())
    assert len(resultat.communes) == 1
    assert resultat.rapport.doublons == 1


def test_a_file_that_lost_communes_does_not_replace_the_referential(options, communes):
    data = csv(TITRES, TOURS)
    refus = refusal(data, options(referentiel=communes, region="24"))
    assert "moins de 95 % des communes connues de la région 24" in plain(refus)
    assert "moins de 95 % des communes déjà connues" in plain(refusal(data, options(referentiel=communes)))


def test_a_table_without_regions_says_what_is_missing(options):
    refus = refusal(csv("code_insee;nom", "37261;Tours"), options())
    assert "un code INSEE, un nom et une région. Titres lus : code_insee, nom" in plain(refus)
    assert "--colonne" in refus.hint


def test_a_workbook_of_communes_is_read_from_the_sheet_named(options, xlsx):
    rows = [["code_insee", "nom", "region"], ["37261", "Tours", 24]]
    data = xlsx({"2025": rows, "2026": rows})
    with pytest.raises(OperatorError, match="plusieurs onglets"):
        read_communes("c.xlsx", data, options())
    assert len(read_communes("c.xlsx", data, options(onglet="2026")).communes) == 1


def test_columns_may_be_named(options):
    resultat = read_communes(
        "c.csv", csv("a;b;c", "37261;Tours;24"), options(colonnes=(("code_insee", "a"), ("nom", "b"), ("region", "C")))
    )
    assert resultat.communes[0].nom == "Tours"
