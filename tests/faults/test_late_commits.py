"""A transaction that commits late shows a dossier with a date already behind: it is read all the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector import demo
from connector.sandbox import formulaire as form
from connector.sandbox import monde, scenario
from connector.sandbox.monde import CAS
from connector.sandbox.recit import piece
from connector.sandbox.server import Sandbox
from tests.e2e.conftest import SANS_LIMITE, settings_text
from tests.faults.test_kill_matrix import retire
from tests.faults.test_soak import Heure, Service

SANS_CV, AUTRE = CAS["sans_cv"], CAS["hors_zone"]


@pytest.fixture
def monde_lu(tmp_path):
    """Two dossiers, read and answered a while ago, and the program at work on them."""
    heure = Heure()
    world = monde.monde_par_defaut(heure)
    retire(world, ("sans_cv", "hors_zone"))
    with Sandbox(world, limite=SANS_LIMITE) as bac:
        config = demo.preparer(tmp_path / "demo", bac, world)
        delais = f"{{ connexion_s = 10, reponse_s = 60, requetes_par_minute = {SANS_LIMITE} }}"
        config.write_text(settings_text(config.read_text(encoding="utf-8"), delais=delais), encoding="utf-8")
        service = Service(config, heure)
        for _ in range(3):
            service.passe()
            heure.decalage += timedelta(minutes=10)
        yield heure, world, service
        service.finit()


def depose_en_retard(heure: Heure, world, service: Service, retard: timedelta) -> None:
    """The CV comes in a transaction begun that long ago, while a later change was read meanwhile."""
    heure.decalage += timedelta(minutes=3)
    scenario.usager_envoie_message(world, AUTRE, "Bonjour, où en est notre dossier ?")
    assert service.passe()["lus"] >= 1
    heure.decalage += timedelta(seconds=20)
    scenario.usager_corrige(world, SANS_CV, {form.CV: [piece(form.CV, SANS_CV)]})
    world.dossiers[SANS_CV].updated_at -= retard


def est_traite(world) -> bool:
    """Whether the CV was seen."""
    return world.dossiers[SANS_CV].state == "en_instruction"


@pytest.mark.parametrize("secondes", [0, 30, 120, 290])
def test_a_commit_late_within_the_overlap_is_read_at_the_next_pass(monde_lu, secondes):
    heure, world, service = monde_lu
    depose_en_retard(heure, world, service, timedelta(seconds=secondes))
    assert service.passe()["code"] == 0
    assert est_traite(world)


def test_a_commit_later_than_the_overlap_is_found_by_the_comparison_of_the_night(monde_lu):
    heure, world, service = monde_lu
    depose_en_retard(heure, world, service, timedelta(hours=2))
    service.passe()
    assert not est_traite(world), "no ordinary pass can see it"
    heure.decalage += timedelta(hours=37)
    assert service.passe()["compares"] == 2
    assert est_traite(world)
