"""The dossiers that other rules leave as they are: what is read of them, and when nothing can be concluded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector import confirmation, cycle
from connector.core.referentiels import Referentiel, Version
from connector.core.regles import Duree, ZoneSousDense
from connector.core.situation import Situation
from tests.fakes import DEPART, REGLES, SOURCE, Entourage, Monde

DEMAIN = replace(REGLES[0], consigne="Choisir une spécialité.")
"""The same rule, that finds the same where the specialty was chosen."""


@pytest.fixture
def monde():
    monde = Monde()
    for number in (100, 101, 102):
        monde.serveur.usager_depose(number)
    monde.horloge.avance(minutes=6)
    for _ in range(3):
        cycle.run(monde.passage())
        monde.horloge.avance(minutes=6)
    return monde


def judged(monde):
    """How many dossiers the next pass wholly judges again, and what it found in all."""
    before = {n: r.evaluation for n, r in monde.armoire.rangees.items()}
    rapport = cycle.run(monde.passage())
    return sum(r.evaluation != before[n] for n, r in monde.armoire.rangees.items()), rapport.examines


def test_the_dossiers_that_other_rules_leave_as_they_are_are_not_judged_again(monde, monkeypatch):
    monkeypatch.setattr(confirmation, "LOT", 2)
    monde.regles = (DEMAIN, REGLES[1])
    assert judged(monde) == (0, 3)
    assert judged(monde) == (0, 0)


def test_a_rule_that_finds_something_else_has_the_dossier_judged_again(monde):
    monde.serveur.usager_corrige(100, cv=None)
    cycle.run(monde.passage())
    monde.horloge.avance(minutes=6)
    monde.regles = (REGLES[0], replace(REGLES[1], consigne="Joindre le CV."))
    assert judged(monde)[1] == 3
    assert "Joindre le CV." in monde.armoire.rangees[100].evaluation.proposition.constats[1].phrase


def test_asked_to_stop_the_others_stay_pending(monde):
    monde.regles = (DEMAIN, REGLES[1])
    p = monde.passage()
    resolution = cycle.pull(p)
    asked = iter([False, False, True])
    stopping = replace(p, bord=replace(p.bord, attendre=lambda _: next(asked)))
    confirmation.confirm(stopping, resolution)
    assert p.rapport.examines == 2
    assert judged(monde)[1] == 1


def test_nobody_is_confirmed_where_nobody_worked_out_what_else_may_have_changed(monde):
    monde.regles = (DEMAIN, REGLES[1])
    p = monde.passage()
    resolution = cycle.pull(p)
    confirmation.confirm(replace(p, consigne=replace(p.consigne, autres="")), resolution)
    assert p.rapport.examines == 0


def test_a_rule_added_taken_away_or_resting_on_another_text_has_everything_judged_again(monde):
    monde.regles = REGLES[:1]
    assert judged(monde) == (3, 3)


def test_a_rule_that_wants_more_than_it_names_is_given_it_from_the_next_batch_on(monde):
    monde.regles = (*REGLES, Duree(cle="duree", libelle="durée", sources=(SOURCE,)))
    judged(monde)
    monde.regles = (*REGLES, Duree(cle="duree", libelle="durée", sources=(SOURCE,), mois_admis=(12, 24, 36)))
    assert judged(monde)[1] == 3


def test_a_rule_that_rests_on_a_referential_confirms_nobody_while_it_is_not_imported(monde):
    monde.entourage = entourage = Entourage()
    zone = ZoneSousDense(cle="zone", libelle="zone", sources=(SOURCE,))
    monde.regles = (*REGLES, zone)
    judged(monde)
    monde.regles = (*REGLES, replace(zone, consigne="Voir la carte."))
    assert judged(monde) == (3, 3)
    jour = DEPART.date()
    versions = tuple(
        Version(referentiel=r, region="24", arrete="arrêté", date_effet=jour, importe_le=DEPART, lignes=1)
        for r in (Referentiel.ZONAGE, Referentiel.QPV)
    )
    entourage.situer = lambda _projet, _dossier: Situation(versions=versions)
    monde.regles = (*REGLES, replace(zone, consigne="Voir le plan."))
    assert judged(monde) == (0, 3)
