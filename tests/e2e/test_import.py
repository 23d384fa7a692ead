"""Referentials from the command line: what is kept, what is refused, and which dossiers it makes us look at again."""

from __future__ import annotations

import getpass
import json
from pathlib import Path

import pytest

from tests.e2e.conftest import plain

REEL = Path(__file__).parents[3] / "shared/data/communes_coords.csv"
VINGT = Path(__file__).parents[1] / "unit" / "imports" / "vingt_communes.csv"
ARRETE = ("--arrete", "arrêté du 9 mai 2025", "--date-effet", "2025-06-01")
CARRE = [[[2.05, 47.21], [2.08, 47.21], [2.08, 47.24], [2.05, 47.24], [2.05, 47.21]]]


@pytest.fixture
def atelier(petit_banc):
    """A configuration with its database; the sandbox beside it is not needed to import."""
    for file in petit_banc.base.parent.glob("demo.sqlite*"):
        file.unlink()  # the demonstration's trial zoning: here nothing is imported yet
    return petit_banc


def zonage(folder: Path, **zones: str) -> Path:
    """A zoning of the twenty communes of the tests, ZIP unless said otherwise (`c18279="HZ"`)."""
    codes = [line.split(";")[0] for line in VINGT.read_text(encoding="utf-8").splitlines()[1:]]
    lines = [f"{code};{zones.get(f'c{code}', 'ZIP')}" for code in codes]
    path = folder / "zonage.csv"
    path.write_text("\n".join(["code_insee;zonage", *lines]), encoding="utf-8")
    return path


def test_the_real_list_of_communes_is_imported_and_the_same_file_again_changes_nothing(atelier):
    if not REEL.exists():
        pytest.skip("the real list of communes (../shared/data/communes_coords.csv) is not on this machine")
    options = ("--arrete", "COG 2026", "--date-effet", "01/01/2026")
    done = atelier.run("import", "communes", str(REEL), *options)
    assert "34 995" in plain(done.stdout)
    assert "Enregistrement de 34 995 lignes" in plain(done.stderr)
    assert "seront réexaminés" in done.stderr
    again = atelier.run("import", "communes", str(REEL), *options)
    assert "rien n’a changé" in again.stderr
    assert plain(atelier.run("import", "liste").stdout).count("n° ") == 1


def test_a_zoning_that_covers_too_little_is_refused_with_its_report_and_kept_when_forced(atelier, tmp_path):
    atelier.run("import", "communes", str(VINGT), "--arrete", "COG", "--date-effet", "2025-01-01")
    path = tmp_path / "court.csv"
    path.write_text("code_insee;zonage\n18279;ZIP\n", encoding="utf-8")
    refused = atelier.run("import", "zonage", str(path), *ARRETE, "--region", "24", check=2)
    assert "Couverture :" in plain(refused.stdout)
    assert "Erreur : Import refusé, moins de 95 %" in plain(refused.stderr)
    assert "--force" in refused.stderr
    assert "Zonage" not in atelier.run("import", "liste").stdout
    forced = atelier.run("import", "zonage", str(path), *ARRETE, "--region", "24", "--force")
    assert "Import forcé" in forced.stdout
    assert "région 24" in atelier.run("import", "liste").stdout


def test_what_is_imported_and_taken_back_is_in_the_journal(atelier, tmp_path):
    communes = ("import", "communes", str(VINGT), "--arrete", "COG secret", "--date-effet", "2025-01-01")
    atelier.run(*communes)
    atelier.run(*communes)
    atelier.run("import", "zonage", str(zonage(tmp_path)), *ARRETE, "--region", "24", "--force")
    atelier.run("import", "retirer", "2")
    lines = plain(atelier.run("journal").stdout).splitlines()
    assert [line.partition(f"{getpass.getuser()} : ")[2] for line in lines] == [
        "import communes (version n° 1, 21 lignes) → fait",
        "import communes (21 lignes) → déjà en place",
        "import zonage (version n° 2, 21 lignes, --force) → fait",
        "import retiré (version n° 2) → fait",
    ]


def test_status_says_that_a_referential_that_a_rule_needs_is_missing_until_it_is_imported(atelier, tmp_path):
    manque = "⚠ Aucun dossier ne change d’état : aucun zonage n’est importé, or une règle en a besoin"
    assert manque in plain(atelier.run("status").stdout)
    (demarche,) = json.loads(atelier.run("status", "--json").stdout)["demarches"]
    assert demarche["lacunes"] == ["aucun zonage n’est importé, or une règle en a besoin"]
    atelier.run("import", "zonage", str(zonage(tmp_path)), *ARRETE, "--region", "24", "--force")
    assert "Aucun dossier ne change d’état" not in plain(atelier.run("status").stdout)


def test_columns_and_sheets_with_other_names_are_found_when_named(atelier, tmp_path):
    path = tmp_path / "z.csv"
    path.write_text("Depcom officiel;Ce que dit l'arrêté\n18279;ZIP\n", encoding="utf-8")
    columns = ("--colonne", "code_insee=Depcom officiel", "--colonne", "zone=Ce que dit l'arrêté")
    assert "ZIP : 1" in plain(atelier.run("import", "zonage", str(path), *ARRETE, *columns).stdout)
    done = atelier.run("import", "zonage", str(path), *ARRETE, "--colonne", "code_insee", check=2)
    assert "cle=TITRE" in done.stderr


def test_priority_neighbourhoods_are_imported_from_geojson(atelier, tmp_path):
    path = tmp_path / "qpv.geojson"
    feature = {
        "type": "Feature",
        "properties": {"code_qp": "QN01801N", "lib_qp": "Quartier"},
        "geometry": {"type": "Polygon", "coordinates": CARRE},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    atelier.run("import", "qpv", str(path), "--arrete", "décret 2023-1314", "--date-effet", "2024-01-01")
    assert "Quartiers prioritaires :" in plain(atelier.run("import", "liste").stdout)


def test_versions_are_listed_with_what_became_of_them_and_a_mistake_is_taken_back(atelier, tmp_path):
    path = zonage(tmp_path)
    atelier.run("import", "zonage", str(path), "--arrete", "arrêté de 2022", "--date-effet", "2022-01-01")
    atelier.run("import", "zonage", str(path), *ARRETE)
    atelier.run("import", "zonage", str(path), "--arrete", "faute", "--date-effet", "2027-06-01")
    listed = atelier.run("import", "liste").stdout.splitlines()
    assert [line.rpartition("— ")[2] for line in listed[1:]] == ["remplacée", "en vigueur", "à venir"]
    atelier.run("import", "retirer", "3")
    assert "retirée le" in atelier.run("import", "liste").stdout
    assert "Erreur : Aucune version n° 3" in plain(atelier.run("import", "retirer", "3", check=2).stderr)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--arrete", "x", "--date-effet", "demain"), "n’est pas une date"),
        (("--arrete", "x", "--date-effet", "1925-06-01"), "invraisemblable"),
        (("--arrete", " ", "--date-effet", "2025-06-01"), "est vide"),
        ((*ARRETE, "--region", "99"), "Région inconnue"),
        ((*ARRETE, "--colonne", "couleur=Bleu"), "Colonne inconnue"),
        ((*ARRETE, "--onglet", "TVS"), "onglet"),
    ],
)
def test_what_the_operator_gets_wrong_is_said_in_french_and_nothing_is_kept(atelier, tmp_path, arguments, said):
    done = atelier.run("import", "zonage", str(zonage(tmp_path)), *arguments, check=2)
    assert said in plain(done.stderr)
    assert "Erreur : " in plain(done.stderr)
    assert "Traceback" not in done.stderr
    assert atelier.run("import", "liste").stdout == "Aucun référentiel importé.\n"


def test_a_file_that_does_not_exist_is_said_to_be_so(atelier):
    assert "n’existe pas" in atelier.run("import", "qpv", "absent.geojson", *ARRETE, check=2).stderr


def test_contradictory_lines_are_refused_and_become_unknown_when_forced(atelier, tmp_path):
    path = zonage(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "\n18279;HZ\n", encoding="utf-8")
    refused = atelier.run("import", "zonage", str(path), *ARRETE, check=2)
    assert "Contradiction : 18279" in plain(refused.stdout)
