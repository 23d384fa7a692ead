"""Files badly given, and files that deserve a look: what a test of ours may ask the sandbox for."""

from __future__ import annotations

import pytest
import requests

from connector.sandbox import scenario
from connector.sandbox.faults import GenreFichier
from connector.sandbox.fichiers import ENORME
from connector.sandbox.monde import CAS, monde_par_defaut
from connector.sandbox.pieges import SORTES, piege
from connector.sandbox.server import Sandbox

NUMERO = CAS["complet"]
CV = "Curriculum vitae du candidat"


@pytest.fixture
def bac(horloge):
    with Sandbox(monde_par_defaut(horloge), controle=True) as sandbox:
        yield sandbox


def lien(bac):
    fichier = next(
        v.valeur[0]
        for v in bac.world.dossiers[NUMERO].lit()[0].values()
        if isinstance(v.valeur, list) and v.valeur and hasattr(v.valeur[0], "checksum")
    )
    return f"{bac.url}/rails/active_storage/disk/{bac.signataire.signe('fichier', fichier.cle)}/cv.pdf", fichier


def demande(bac, **options):
    return requests.get(lien(bac)[0], allow_redirects=False, timeout=10, **options)


def test_a_file_is_given_badly_as_many_times_as_asked(bac):
    bac.faults.ajoute_fichier(GenreFichier.REFUS_403, fois=2)
    assert [demande(bac).status_code for _ in range(3)] == [403, 403, 200]
    bac.faults.ajoute_fichier(GenreFichier.REFUS_403)
    bac.faults.vide()
    assert demande(bac).status_code == 200


def test_each_way_is_what_its_name_says(bac):
    _, fichier = lien(bac)

    def mal(genre, **options):
        bac.faults.ajoute_fichier(genre, duree=0.1)
        return demande(bac, **options)

    assert mal(GenreFichier.REDIRECTION).headers["Location"].startswith("https://autre-hote")
    assert mal(GenreFichier.PANNE_503).status_code == 503
    assert mal(GenreFichier.LENT, stream=True).raw.read(100) == fichier.contenu[:100]
    assert len(mal(GenreFichier.AUTRE).content) == fichier.taille
    assert "Content-Length" not in mal(GenreFichier.ENORME, stream=True).headers
    assert mal(GenreFichier.GZIP, stream=True).headers["Content-Encoding"] == "gzip"
    assert fichier.taille < ENORME
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        mal(GenreFichier.COUPE)


def test_the_headers_of_each_request_for_a_file_are_remembered(bac):
    demande(bac, headers={"Authorization": "Bearer x"})
    assert bac.entetes_de_fichiers[-1]["Authorization"] == "Bearer x"


def test_a_file_is_scripted_through_the_control_door_too(bac):
    requests.post(f"{bac.url}/_controle/pannes_fichiers", json={"genre": "refus_403"}, timeout=5)
    assert demande(bac).status_code == 403


@pytest.mark.parametrize("sorte", sorted(SORTES))
def test_a_file_that_deserves_a_look_is_deposited_like_any_other(bac, sorte):
    scenario.usager_depose_un_piege(bac.world, NUMERO, CV, sorte)
    recue = demande(bac)
    assert recue.content == piege(sorte).contenu
