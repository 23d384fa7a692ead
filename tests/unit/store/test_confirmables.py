"""What the store gives of the dossiers that another policy alone has judged again, and what confirming them leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.core.evaluation import Jeu
from connector.core.fiche import Retenue
from connector.store import dossiers as module
from tests.unit.store.fabrique import AVIS_ANNOTATION, DEMARCHE, NOW, T0, evaluation, fiche

RIEN = Retenue(champs=frozenset(), annotations=frozenset(), siennes=frozenset())
JEU = Jeu(autres="tout le reste", regles=(("cv", "1"), ("diplome", "2")))


@pytest.fixture
def dossiers(base):
    return base.dossiers


def judged(dossiers, *numbers, **changes):
    fiches = tuple(fiche(n) for n in numbers)
    dossiers.save_page(DEMARCHE, fiches=fiches, trous=(), supprimes=(), watermark=None, now=NOW)
    dossiers.save_evaluations([evaluation(f, **changes) for f in fiches])


def confirmables(dossiers, *, politique="p2", anciennes=("p1",), regles=("diplome",), retenue=RIEN, now=NOW):
    return list(
        dossiers.confirmables(
            DEMARCHE, politique=politique, anciennes=anciennes, regles=regles, retenue=lambda: retenue, now=now
        )
    )


def pending(dossiers, politique="p2", now=NOW):
    return [f.dossier.number for f, _ in dossiers.pending(DEMARCHE, politique=politique, now=now)]


def test_a_dossier_that_another_policy_alone_has_judged_again_comes_with_what_is_asked_of_it(dossiers):
    judged(dossiers, 1)
    kept = Retenue(champs=frozenset({"C-1"}), annotations=frozenset({AVIS_ANNOTATION}), siennes=frozenset())
    (found,) = confirmables(dossiers, retenue=kept)
    assert found.politique == "p1"
    assert found.constats == evaluation(fiche(1)).proposition.constats
    entier = fiche(1).dossier
    champs = tuple(c for c in entier.champs if c.descriptor_id == "C-1")
    assert found.dossier == replace(entier, champs=champs, messages=())


def test_what_is_not_asked_for_is_not_read(dossiers):
    judged(dossiers, 1)
    (found,) = confirmables(dossiers, regles=("autre",))
    assert (found.constats, found.dossier.champs, found.dossier.annotations) == ((), (), ())


@pytest.mark.parametrize(
    "changes",
    [
        {"contenu": "autre"},
        {"proposees": "autre"},
        {"a_pousser": True},
        {"a_revoir_le": NOW},
        {"politique": "une autre encore"},
        {"politique": "p2"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_dossier_that_anything_else_has_judged_again_is_none_of_them(dossiers, changes):
    judged(dossiers, 1, **changes)
    assert confirmables(dossiers) == []


def test_a_dossier_set_aside_is_none_of_them(dossiers):
    judged(dossiers, 1, 2)
    dossiers.quarantine(DEMARCHE, 1, cause="x", now=NOW)
    assert [found.dossier.number for found in confirmables(dossiers)] == [2]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE dossiers SET entete = '{' WHERE number = 1",
        "UPDATE dossiers SET champs = '[7]' WHERE number = 1",
        "UPDATE dossiers SET champs = '[{}]' WHERE number = 1",
        "UPDATE evaluations SET proposition = '[]' WHERE dossier = 1",
        "UPDATE evaluations SET proposition = '{}' WHERE dossier = 1",
    ],
)
def test_one_that_cannot_be_read_back_is_left_to_be_judged(dossiers, base, damage):
    judged(dossiers, 1, 2)
    with base.connexion.transaction():
        base.connexion.run(damage)
    kept = Retenue(champs=frozenset({"C-1"}), annotations=frozenset(), siennes=frozenset())
    assert [found.dossier.number for found in confirmables(dossiers, retenue=kept)] == [2]


def test_a_confirmed_dossier_is_pending_no_more_until_something_else_happens(dossiers):
    judged(dossiers, 1, 2)
    assert pending(dossiers) == [1, 2]
    dossiers.confirm(DEMARCHE, [1])
    assert pending(dossiers) == [2]
    assert dossiers.dossier(1)[1].evaluation == evaluation(fiche(1))
    assert [found.dossier.number for found in confirmables(dossiers, politique="p3")] == [1, 2]
    dossiers.confirm(DEMARCHE, [1, 2])
    dossiers.revisit(DEMARCHE, now=NOW, number=1)
    assert pending(dossiers, "p3") == [1]


def test_more_of_them_than_a_batch_come_once_each_while_they_are_confirmed(dossiers, monkeypatch):
    monkeypatch.setattr(module, "_PAR_LOT", 2)
    judged(dossiers, *range(1, 8))
    seen = []
    for found in dossiers.confirmables(
        DEMARCHE, politique="p2", anciennes=["p1"], regles=[], retenue=lambda: RIEN, now=NOW
    ):
        seen.append(found.dossier.number)
        dossiers.confirm(DEMARCHE, [found.dossier.number])
    assert seen == list(range(1, 8))
    assert pending(dossiers) == []


def test_what_a_policy_is_made_of_is_remembered_and_the_oldest_make_room(dossiers, base, monkeypatch):
    monkeypatch.setattr(module, "POLITIQUES_GARDEES", 2)
    for rang in range(3):
        dossiers.save_politique(f"p{rang}", JEU, now=T0 + timedelta(days=rang))
    assert dossiers.politiques() == {"p1": JEU, "p2": JEU}
    base.reglages.put("politique:p2", "illisible", now=NOW)
    assert dossiers.politiques() == {"p1": JEU}


def test_only_the_rules_that_ask_something_else_are_told_apart():
    assert JEU.autrement(JEU) == frozenset()
    assert replace(JEU, regles=(("cv", "1"), ("diplome", "3"))).autrement(JEU) == {"diplome"}
    assert replace(JEU, autres="autre chose").autrement(JEU) is None
