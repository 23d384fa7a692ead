"""Pieces looked into, through the command line: what is in them is told to the agent, and nothing of them is kept."""

from __future__ import annotations

import json
import stat
import time

import pytest

from connector.sandbox import scenario
from connector.sandbox.faults import GenreFichier
from connector.sandbox.monde import CAS
from connector.sandbox.world import Fichier

NUMERO = CAS["complet"]
CV = "Curriculum vitae du candidat"
CANARI = "Canari-Zoé-7391"


@pytest.fixture
def banc(petit_banc):
    """One dossier, of which one piece is looked into at each pass, the curriculum vitae first."""
    for number in list(petit_banc.world.dossiers):
        if number != NUMERO:
            petit_banc.world.remove_dossier(petit_banc.world.dossiers[number])
    petit_banc.reglage(relire="true", par_passage="1")
    return petit_banc


def points(banc):
    return plain(str(banc.annotation(NUMERO, "Points à vérifier") or ""))


def plain(text):
    return " ".join(text.split())


def dossier_des_pieces(banc):
    return banc.base.with_name(f"{banc.base.name}.pieces")


def test_what_a_piece_holds_is_told_to_the_agent_once_and_until_it_is_put_right(banc):
    banc.reglage(par_passage="200")
    scenario.usager_depose_un_piege(banc.world, NUMERO, CV, "javascript")
    assert "5 pièces relues" in banc.run("sync").stdout
    assert f"« {CV} » : le PDF contient du code JavaScript" in points(banc)
    assert not banc.messages(NUMERO)
    assert "JavaScript" in banc.run("explain", str(NUMERO)).stdout
    assert banc.bac.compteurs.fichiers == 5
    assert "relecture d’une pièce" in banc.run("journal").stdout

    banc.bac.reset()
    banc.run("sync")
    assert banc.bac.compteurs.fichiers == 0
    assert banc.bac.compteurs.mutations == 0

    scenario.usager_depose_un_piege(banc.world, NUMERO, CV, "macros")
    banc.run("sync")
    assert "JavaScript" not in points(banc)
    assert "contient des macros" in points(banc)
    assert banc.bac.compteurs.fichiers == 1


def test_neither_token_nor_content_nor_name_nor_link_goes_where_it_should_not(banc):
    contenu = f"MZ {CANARI}-contenu".encode() + bytes(300)
    scenario.usager_corrige(banc.world, NUMERO, {CV: [Fichier.de(f"{CANARI}.pdf", contenu)]})
    said = banc.run("-vvv", "sync")
    assert "celui d’un programme" in points(banc)
    headers = {nom.lower() for sent in banc.bac.entetes_de_fichiers for nom in sent}
    assert "authorization" not in headers
    assert "cookie" not in headers
    for text in (said.stdout, said.stderr, points(banc), banc.run("journal").stdout):
        assert CANARI not in text
        assert "active_storage" not in text
    kept = b"".join(f.read_bytes() for f in banc.base.parent.glob(f"{banc.base.name}*") if f.is_file())
    assert b"active_storage" not in kept
    assert f"{CANARI}-contenu".encode() not in kept
    assert list(dossier_des_pieces(banc).iterdir()) == []
    assert stat.S_IMODE(dossier_des_pieces(banc).stat().st_mode) == 0o700


def test_a_storage_that_misbehaves_is_said_calmly(banc):
    faults = banc.bac.faults
    faults.ajoute_fichier(GenreFichier.REFUS_403)
    assert "5 pièces restent à relire, dans 1 h 20 au plus tôt" in plain(banc.run("sync").stdout)
    assert banc.bac.compteurs.fichiers == 1
    assert "pièce non relue par le connecteur (lien refusé par le serveur de fichiers)" in points(banc)
    assert "→ lien refusé par le serveur de fichiers" in plain(banc.run("journal").stdout)
    assert "5 pièces à relire : au plus tôt le " in plain(banc.run("status").stdout)
    (demarche,) = json.loads(banc.run("status", "--json").stdout)["demarches"]
    assert demarche["pieces_a_relire"]["nombre"] == 5
    assert "5 pièces pas encore examinées ; au plus tôt le " in plain(banc.run("explain", str(NUMERO)).stdout)
    banc.reglage(relire="false")
    assert "pas encore examinée" not in plain(banc.run("explain", str(NUMERO)).stdout)
    (demarche,) = json.loads(banc.run("status", "--json").stdout)["demarches"]
    assert demarche["pieces_a_relire"] is None
    assert "à relire :" not in plain(banc.run("status").stdout)
    banc.reglage(relire="true")

    scenario.usager_depose_un_piege(banc.world, NUMERO, CV, "macros")
    faults.ajoute_fichier(GenreFichier.PANNE_503)
    banc.run("sync")
    assert "pièce non relue par le connecteur (serveur de fichiers sans réponse)" in points(banc)


def test_a_file_without_end_is_not_read_to_its_end_and_the_pass_ends_well(banc):
    banc.bac.faults.ajoute_fichier(GenreFichier.ENORME, fois=2)
    banc.run("sync")
    assert "empreintes différentes" in points(banc)
    assert list(dossier_des_pieces(banc).iterdir()) == []


def test_killed_in_mid_download_nothing_is_left_and_the_next_start_begins_clean(banc):
    banc.bac.faults.ajoute_fichier(GenreFichier.LENT, duree=60)
    process = banc.start("sync")
    end = time.monotonic() + 60
    while not banc.bac.entetes_de_fichiers:
        assert time.monotonic() < end
        time.sleep(0.05)
    process.kill()
    process.communicate()
    assert list(dossier_des_pieces(banc).iterdir()) == []

    (dossier_des_pieces(banc) / "reste-d-une-version-ancienne").write_bytes(b"x")
    banc.run("sync")
    assert list(dossier_des_pieces(banc).iterdir()) == []
    assert banc.bac.compteurs.fichiers == 2


def test_without_its_libraries_the_command_says_what_to_install(banc, monkeypatch):
    from connector.pieces import relecteur

    monkeypatch.setattr(relecteur, "find_spec", lambda _: None)
    refused = banc.run("sync", check=2)
    assert 'pip install "ds-connector[pieces]"' in refused.stderr
    monkeypatch.undo()


def test_what_was_found_is_handed_over_and_forgotten_with_the_dossier(banc):
    scenario.usager_depose_un_piege(banc.world, NUMERO, CV, "javascript")
    banc.run("sync")
    assert "le PDF contient du code JavaScript" in banc.run("export-person", str(NUMERO)).stdout
    banc.run("forget", str(NUMERO), "--oui")
    assert b'"script"' not in banc.base.read_bytes()
