"""Another account of the machine: what it can read of what we write, and what it can make us write over."""

from __future__ import annotations

import os
import stat

import pytest

from connector.sandbox.monde import CAS

DE_L_OPERATEUR = {"config.toml", "zonage.csv", "qpv.geojson"}
"""Files that the demonstration's bench writes for the operator: no person and no secret is in them."""


@pytest.fixture
def sans_masque():
    """The most careless machine there is: what is made is open to all unless we say otherwise."""
    avant = os.umask(0)
    yield
    os.umask(avant)


def test_whatever_the_umask_no_file_with_people_in_it_is_open_to_others(sans_masque, petit_banc):
    dossier = petit_banc.chemin.parent
    (dossier / "copies").mkdir(mode=0o700)
    petit_banc.run("sync")
    petit_banc.run("report", "--sortie", str(dossier / "bilan.html"))
    petit_banc.run("report", "--format", "csv", "--sortie", str(dossier / "bilan.csv"))
    petit_banc.run("report", "--commission", "--sortie", str(dossier / "jury.xlsx"))
    petit_banc.run("export-person", str(CAS["sans_cv"]), "--sortie", str(dossier / "personne.json"))
    petit_banc.run("backup", str(dossier / "copies"))
    ecrits = [f for f in dossier.rglob("*") if f.is_file() and f.name not in DE_L_OPERATEUR]
    assert len(ecrits) >= 7
    assert [f.name for f in ecrits if stat.S_IMODE(f.stat().st_mode) & 0o077] == []


def test_a_link_planted_where_a_report_is_to_be_written_is_not_followed(petit_banc, tmp_path):
    petit_banc.run("sync")
    victime, piege = tmp_path / "victime", tmp_path / "sortie"
    victime.write_text("à garder", encoding="utf-8")
    piege.symlink_to(victime)
    for commande in (
        ("report", "--sortie", str(piege)),
        ("report", "--public", "--sortie", str(piege)),
        ("report", "--commission", "--sortie", str(piege)),
        ("export-person", str(CAS["sans_cv"]), "--sortie", str(piege)),
    ):
        assert petit_banc.run(*commande, check=2).stderr
        assert victime.read_text(encoding="utf-8") == "à garder"


def test_a_link_planted_where_a_copy_is_made_is_not_followed(petit_banc, tmp_path, monkeypatch):
    monkeypatch.setattr("connector.store.sauvegarde.name", lambda _base, _now: "copie.sqlite")
    petit_banc.run("sync")
    copies, victime = tmp_path / "copies", tmp_path / "victime"
    copies.mkdir(mode=0o700)
    victime.touch()
    for nom in ("copie.sqlite.partielle", "copie.sqlite"):
        piege = copies / nom
        piege.symlink_to(victime if nom.endswith("partielle") else tmp_path / "absente")
    petit_banc.run("backup", str(copies))
    assert victime.read_bytes() == b""
    assert not (tmp_path / "absente").exists()
    copie = copies / "copie.sqlite"
    assert not copie.is_symlink()
    assert stat.S_IMODE(copie.stat().st_mode) == 0o600
