"""The register of posts outlives its dossiers; a dossier's entry among the others goes with it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connector.core.model import DossierState
from connector.core.poste import Attribution, Categorie, Quotites, constate_prise_de_fonction, desiste, ouvre, remplace
from connector.core.quota import CleQuota
from connector.core.registre import Inscription
from tests.unit.store.fabrique import DEMARCHE, NOW, T0, evaluation, fiche

ATTRIBUTION = Attribution(
    dossier=1,
    accepte_le=date(2023, 9, 15),
    promotion="2023-2025",
    categorie=Categorie.II,
    region="24",
    etablissement="26370010600010",
    quotites=Quotites(hospitaliere=Decimal(50), ambulatoire=Decimal("50.5")),
    debut=date(2023, 11, 1),
    duree_mois=24,
    cout=Decimal("45265.92"),
)
POSTE = ouvre(ATTRIBUTION)
CLE = CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II)


def save(base, *numbers, demarche=DEMARCHE, **changes):
    fiches = tuple(fiche(n, **changes) for n in numbers)
    base.dossiers.save_page(demarche, fiches=fiches, trous=(), supprimes=(), watermark=None, now=NOW)


def entree(number=1, **changes):
    i = Inscription(dossier=number, demarche=DEMARCHE, etat=DossierState.EN_INSTRUCTION, depose_le=T0, cle=CLE)
    return replace(i, **changes)


def enter(base, *entrees, lecture="l1", warning=""):
    base.inscriptions.enter([(e, fiche(e.dossier).parties.contenu, warning) for e in entrees], lecture=lecture)


def judge(base, number):
    base.dossiers.save_evaluations([evaluation(fiche(number))])


def stale(base, lecture="l1", jour=date(2026, 3, 1)):
    return [f.dossier.number for f in base.inscriptions.stale(DEMARCHE, lecture=lecture, jour=jour)]


# posts


def test_a_post_comes_back_as_it_was_and_is_found_by_each_of_its_holders(base):
    vacant = desiste(POSTE, 1, date(2023, 10, 1))
    repris = remplace(vacant, replace(ATTRIBUTION, dossier=2))
    assert base.postes.save([POSTE], now=NOW) == 1
    assert base.postes.save([repris], now=NOW) == 1
    assert base.postes.all() == (repris,)
    assert base.postes.of_dossier(1) == base.postes.of_dossier(2) == repris
    assert base.postes.of_dossier(3) is None


def test_a_post_that_did_not_change_is_not_written_again(base):
    base.postes.save([POSTE], now=NOW)
    assert base.postes.save([POSTE], now=NOW) == 0
    assert base.postes.save([constate_prise_de_fonction(POSTE, 1, date(2023, 11, 1))], now=NOW) == 1


def test_a_post_outlives_its_dossier_and_holds_nothing_but_its_number(base):
    save(base, 1)
    base.postes.save([POSTE], now=NOW)
    enter(base, entree(1))
    with base.connexion.transaction():
        base.connexion.run("DELETE FROM dossiers WHERE number = 1")
    assert base.postes.of_dossier(1) == POSTE
    assert base.inscriptions.find(1) is None


# entries


def test_an_entry_comes_back_as_it_was(base):
    save(base, 1)
    full = entree(1, candidat="c", projet="p", lien=7, siret="1", quotite_ambulatoire=Decimal("50.0"), rang=2)
    enter(base, full, warning="à vérifier")
    assert base.inscriptions.find(1) == full
    assert (base.inscriptions.warning(1), base.inscriptions.warning(2)) == ("à vérifier", "")
    assert base.inscriptions.find(2) is None


def test_a_dossier_is_entered_again_when_it_or_its_reading_changed_or_while_it_is_in_trouble(base):
    save(base, 1, 2, 3)
    assert stale(base) == [1, 2, 3]
    enter(base, entree(1), entree(2))
    enter(base, entree(3), warning="à vérifier")
    assert stale(base) == [3]
    assert stale(base, lecture="l2") == [1, 2, 3]
    save(base, 1, state=DossierState.ACCEPTE)
    assert stale(base) == [1, 3]


def test_a_dossier_in_trouble_is_entered_again_once_for_each_movement_and_each_day(base):
    save(base, 1, 2, 3)
    enter(base, entree(1), entree(2))
    enter(base, entree(3), warning="à vérifier")
    assert (stale(base), stale(base)) == ([3], [3]), "queued until it is entered"
    enter(base, entree(3), warning="à vérifier")
    assert stale(base) == []
    base.postes.save([POSTE], now=NOW)
    assert stale(base) == [3]
    enter(base, entree(3), warning="à vérifier")
    base.postes.save([POSTE], now=NOW)
    assert stale(base) == [], "the same post is no movement"
    assert stale(base, jour=date(2026, 3, 2)) == [3]
    enter(base, entree(3))
    assert stale(base, jour=date(2026, 3, 2)) == [], "the trouble is over"


def test_a_dossier_in_trouble_that_waits_to_be_entered_is_not_lost_by_another_reading_taken_back(base):
    save(base, 1)
    enter(base, entree(1), warning="à vérifier")
    assert (stale(base), stale(base, lecture="l2"), stale(base)) == ([1], [1], [1])


def test_while_nothing_moves_nothing_is_written_whoever_is_in_trouble(base):
    save(base, 1)
    save(base, 2, demarche=DEMARCHE + 1)
    for number in (1, 2):
        enter(base, entree(number), warning="à vérifier")
    assert stale(base) == [1]
    enter(base, entree(1), warning="à vérifier")
    with base.connexion.transaction():
        base.connexion.run("DELETE FROM inscriptions WHERE dossier = 1")
        base.connexion.run("DELETE FROM dossiers WHERE number = 1")
    assert stale(base) == [], "the other démarche's is not ours"
    before = base.connexion.db.total_changes
    assert stale(base) == []
    assert base.connexion.db.total_changes == before


def test_a_dossier_in_trouble_set_aside_or_absent_is_entered_when_it_comes_back(base):
    save(base, 1, 2)
    for number in (1, 2):
        enter(base, entree(number), warning="à vérifier")
    base.dossiers.mark_absent(1, cause="supprimé", now=NOW)
    base.dossiers.quarantine(DEMARCHE, 2, cause="x", now=NOW)
    assert stale(base) == []
    save(base, 1, 2)
    assert stale(base) == [1, 2]


def test_neither_an_absent_dossier_nor_one_set_aside_or_unreadable_is_entered(base):
    save(base, 1, 2, 3, 4)
    base.dossiers.mark_absent(1, cause="supprimé", now=NOW)
    base.dossiers.quarantine(DEMARCHE, 2, cause="x", now=NOW)
    with base.connexion.transaction():
        base.connexion.run("UPDATE dossiers SET champs = '{' WHERE number = 3")
    assert stale(base) == [4]


def test_many_dossiers_are_entered_in_the_order_of_their_deposit(base):
    save(base, *range(1, 451))
    assert stale(base) == list(range(1, 451))
    enter(base, *(entree(n) for n in range(1, 451)))
    for n in (1, 2, 450):
        judge(base, n)
    assert [j.inscription.dossier for j in base.inscriptions.judged(DEMARCHE, sauf=None)] == [1, 2, 450]


def test_look_alikes_share_a_candidate_or_a_project_and_are_still_there(base):
    save(base, 1, 2, 3, 4, 5)
    one = entree(1, candidat="c", projet="p")
    enter(base, one, entree(2, candidat="c"), entree(3, projet="p"), entree(4), entree(5, candidat="c", projet="p"))
    base.dossiers.mark_absent(5, cause="supprimé", now=NOW)
    assert [i.dossier for i in base.inscriptions.alike(one)] == [2, 3]
    assert base.inscriptions.alike(entree(4)) == ()


def test_a_judged_dossier_that_nobody_looks_like_is_known_at_once(base):
    save(base, 1, 2, 3, 4)
    enter(base, entree(1, candidat="c", projet="p"), entree(2, candidat="c"), entree(3, projet="p"), entree(4))
    for n in (1, 2, 3, 4):
        judge(base, n)
    assert [(j.inscription.dossier, j.seule) for j in base.inscriptions.judged(DEMARCHE, sauf=None)] == [
        (1, False),
        (2, False),
        (3, False),
        (4, True),
    ]


def test_a_number_given_to_everybody_is_told_of_a_few_only(base):
    save(base, *range(1, 51))
    enter(base, *(entree(n, candidat="c") for n in range(1, 51)))
    assert len(base.inscriptions.alike(entree(1, candidat="c"))) == 20


def test_those_we_propose_to_accept_compete(base):
    save(base, 1, 2, 3, 4, 5)
    enter(base, *(entree(n) for n in (1, 2, 3, 4)), entree(5, cle=None))
    base.inscriptions.appraise({1: True, 2: True, 3: False, 5: True})
    assert sorted(i.dossier for i in base.inscriptions.contenders()) == [1, 2]
    assert sorted(i.dossier for i in base.inscriptions.entered()) == [1, 2, 3, 4]
    base.dossiers.mark_absent(1, cause="supprimé", now=NOW)
    enter(base, entree(2, rang=3))
    assert [(i.dossier, i.rang) for i in base.inscriptions.contenders()] == [(2, 3)]


def test_what_was_told_of_a_dossier_is_remembered_through_its_changes(base):
    save(base, 1)
    enter(base, entree(1))
    judge(base, 1)
    base.inscriptions.told({1: ("vu", "1"), 9: ("inconnu", "1")})
    enter(base, entree(1, rang=3), lecture="l2")
    (jugee,) = base.inscriptions.judged(DEMARCHE, sauf=None)
    assert (jugee.contexte, jugee.avertissement, jugee.inscription.rang) == ("vu", "", 3)


def test_a_dossier_set_aside_is_judged_by_nobody(base):
    save(base, 1)
    enter(base, entree(1))
    judge(base, 1)
    base.dossiers.quarantine(DEMARCHE, 1, cause="x", now=NOW)
    assert list(base.inscriptions.judged(DEMARCHE, sauf=None)) == []


def test_a_post_of_which_the_database_lost_the_text_is_an_error_of_the_store(base):
    base.postes.save([POSTE], now=NOW)
    with sqlite3.connect(base.path) as other:
        other.execute("UPDATE postes SET poste = '{}'")
    with pytest.raises(Exception, match="illisible"):
        base.postes.all()
