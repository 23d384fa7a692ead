"""Pieces looked into, through the command line: what is in them is told to the agent, and nothing of them is kept."""

from __future__ import annotations

import pytest

from connector.sandbox import scenario
from connector.sandbox.monde import CAS

NUMERO = CAS["complet"]


@pytest.fixture
def banc(petit_banc):
    petit_banc.reglage(relire="true")
    return petit_banc


def points(banc, number=NUMERO):
    return str(banc.annotation(number, "Points à vérifier") or "").replace("\u00a0", " ").replace("\u202f", " ")


def test_what_a_piece_holds_is_told_to_the_agent_and_looked_into_once(banc):
    scenario.usager_depose_un_piege(banc.world, NUMERO, "Curriculum vitae du candidat", "javascript")
    said = banc.run("sync").stdout
    assert "pièces relues" in said
    assert "le PDF contient du code JavaScript" in points(banc)
    assert "Ouvrir la pièce avec prudence" in points(banc)
    fichiers = banc.bac.compteurs.fichiers
    assert fichiers > 20
    banc.bac.reset()
    banc.run("sync")
    assert banc.bac.compteurs.fichiers == 0
    assert banc.bac.compteurs.mutations == 0
