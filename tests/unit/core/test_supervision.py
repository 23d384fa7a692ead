from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.core.supervision import Etat, Mesure, Niveau, juger, ligne

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AUJOURD_HUI = date(2026, 3, 2)


def mesure(minutes=4, **autres):
    return Mesure(demarche=104234, passage_le=NOW - timedelta(minutes=minutes), **autres)


def verdict(*mesures, **autres):
    etat = Etat(periode=timedelta(minutes=10), mesures=mesures or (mesure(),), **autres)
    return juger(etat, now=NOW, aujourd_hui=AUJOURD_HUI)


def test_a_quiet_service_is_ok_in_one_line_with_its_measures():
    assert verdict(jeton_expire_le=date(2026, 6, 30)).ligne == (
        "CONNECTEUR OK - 1\u00a0démarche, dernier passage il y a 4\u00a0min | "
        "age=240s;1800;7200;0 mis_de_cote=0;0;;0 sans_reponse=0;;;0 en_double=0;;0;0 jeton_jours=120;30:;7:"
    )


@pytest.mark.parametrize(
    ("trouve", "niveau", "mot"),
    [
        ({"minutes": 45}, Niveau.WARNING, "aucun passage depuis 45\u00a0min"),
        ({"minutes": 150}, Niveau.CRITICAL, "aucun passage depuis 2\u00a0h\u00a030"),
        ({"code": 1}, Niveau.WARNING, "des dossiers en échec"),
        ({"code": 75, "code_depuis": NOW - timedelta(hours=1)}, Niveau.WARNING, "ne répond plus (depuis 1\u00a0h)"),
        ({"code": 75, "code_depuis": NOW - timedelta(hours=5)}, Niveau.CRITICAL, "ne répond plus (depuis 5\u00a0h)"),
        ({"code": 77}, Niveau.CRITICAL, "refuse le jeton"),
        ({"code": 3}, Niveau.CRITICAL, "le frein"),
        ({"code": 2}, Niveau.CRITICAL, "la configuration"),
        ({"code": 143}, Niveau.OK, "dernier passage"),
        ({"quarantaine": 2}, Niveau.WARNING, "2\u00a0dossiers mis de côté"),
        ({"doubles": 1}, Niveau.CRITICAL, "1\u00a0message parti deux fois"),
        ({"sans_reponse": 3}, Niveau.OK, "sans_reponse=3"),
    ],
)
def test_each_trouble_has_its_level(trouve, niveau, mot):
    found = verdict(mesure(**trouve))
    assert found.niveau is niveau
    assert mot in found.ligne
    assert found.ligne.startswith(f"CONNECTEUR {niveau.name} - ")


@pytest.mark.parametrize(
    ("jours", "niveau"), [(30, Niveau.OK), (29, Niveau.WARNING), (6, Niveau.CRITICAL), (-1, Niveau.CRITICAL)]
)
def test_the_end_of_the_token_warns_then_is_grave(jours, niveau):
    found = verdict(jeton_expire_le=AUJOURD_HUI + timedelta(days=jours))
    assert found.niveau is niveau
    assert ("a expiré" in found.ligne) is (jours < 0)


def test_a_pause_is_spoken_of_when_it_may_have_been_forgotten():
    assert verdict(pause_depuis=NOW - timedelta(days=6)).niveau is Niveau.OK
    assert "en pause depuis 8\u00a0jours" in verdict(pause_depuis=NOW - timedelta(days=8)).ligne


def test_before_the_first_pass_nothing_is_known():
    found = verdict(Mesure(demarche=104234))
    assert found.niveau is Niveau.UNKNOWN
    assert "age=" not in found.ligne


def test_the_gravest_comes_first_and_gives_the_level():
    found = verdict(Mesure(demarche=1), mesure(quarantaine=1), mesure(code=77))
    assert found.niveau is Niveau.CRITICAL
    assert re.search("refuse le jeton.*mis de côté.*aucun passage terminé", found.ligne)


def test_the_line_is_one_and_its_text_holds_no_separator():
    assert ligne(Niveau.UNKNOWN, "fichier : 1 problème\n  - a | b") == (
        "CONNECTEUR UNKNOWN - fichier\u00a0: 1 problème - a / b"
    )
