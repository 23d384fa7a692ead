"""What DS lists set against what is stored, page by page: the same is found wherever the pages are cut."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.core import empreintes
from connector.core.ecarts import Comparaison, Ecart, Garde, Nature, Vu
from connector.core.fiche import Parties
from connector.core.model import DossierState, DossierSupprime, Repere

T = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HEURE = timedelta(hours=1)
PARTIES = Parties(champs="c", saisies="s", proposees="p", messages="m", etat="e", labels=empreintes.of([]))


def garde(number, **changes):
    base = Garde(
        number=number,
        date_derniere_modification=T,
        state=DossierState.EN_CONSTRUCTION,
        revision_id="R",
        parties=PARTIES,
    )
    return replace(base, **changes)


def vu(number, le=T, **changes):
    return Vu(repere=Repere(number=number, date_derniere_modification=le), **changes)


def gardes(*numbers):
    return {number: garde(number) for number in numbers}


def test_of_a_dossier_listed_twice_the_last_sight_counts():
    comparaison = Comparaison()
    comparaison.page(gardes(1, 2), [vu(1), vu(2, le=T + HEURE)])
    comparaison.page(gardes(1, 2), [vu(2), vu(1, le=T + HEURE)])
    assert comparaison.numeros == {1, 2}
    assert comparaison.ecarts([1, 2]) == (Ecart(number=1, nature=Nature.EN_RETARD),)


def test_what_ds_lists_comes_first_then_what_it_does_not_each_by_number():
    comparaison = Comparaison()
    comparaison.page(gardes(9), [vu(9, le=T + HEURE)])
    comparaison.page({}, [vu(4)])
    supprime = DossierSupprime(number=7, date_suppression=T, reason="expired", definitif=True)
    assert comparaison.ecarts(iter([7, 9, 1]), [supprime]) == (
        Ecart(number=4, nature=Nature.MANQUANT),
        Ecart(number=9, nature=Nature.EN_RETARD),
        Ecart(number=1, nature=Nature.DISPARU),
        Ecart(number=7, nature=Nature.SUPPRIME, details=("expired",)),
    )


def test_a_dossier_that_ds_lists_and_cannot_show_is_that_whatever_was_found_of_it():
    comparaison = Comparaison()
    comparaison.page(gardes(1, 2), [vu(1), vu(2, le=T + HEURE)])
    comparaison.illisibles([1, 2, 3])
    assert comparaison.ecarts([1, 2, 3]) == (
        Ecart(number=1, nature=Nature.INACCESSIBLE),
        Ecart(number=2, nature=Nature.INACCESSIBLE),
        Ecart(number=3, nature=Nature.DISPARU),
    )


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        ({}, {1}),
        ({"absent": "introuvable"}, set()),
        ({"state": DossierState.ACCEPTE}, set()),
        ({"incomplet": False}, set()),
    ],
)
def test_an_open_dossier_whose_company_is_not_known_yet_is_to_be_read_again_while_ds_lists_it(changes, read):
    comparaison = Comparaison()
    comparaison.page({1: garde(1, **{"incomplet": True, **changes})}, [vu(1)])
    assert comparaison.incomplets == read


def test_the_same_is_found_wherever_the_pages_are_cut():
    alea, natures = random.Random(7), set()
    dates = (T, T + HEURE, T + 2 * HEURE)
    for _ in range(300):
        stored = {
            n: garde(n, date_derniere_modification=alea.choice(dates), absent=alea.choice((None, None, "parti")))
            for n in range(1, 9)
            if alea.random() < 0.7
        }
        autres = replace(PARTIES, champs="autres")
        walk = [
            vu(alea.randrange(1, 9), le=alea.choice(dates), parties=alea.choice((None, PARTIES, autres)))
            for _ in range(alea.randrange(12))
        ]
        presents = [n for n, g in stored.items() if g.absent is None]
        found = []
        for per_page in (1, 3, 12):
            comparaison = Comparaison(de_cote=frozenset({3}), lu_jusqua=T + HEURE)
            for start in range(0, len(walk), per_page):
                page = walk[start : start + per_page]
                comparaison.page(
                    {v.repere.number: stored[v.repere.number] for v in page if v.repere.number in stored}, page
                )
            found.append(comparaison.ecarts(presents))
        assert found[0] == found[1] == found[2]
        assert {e.number for e in found[0]}.isdisjoint(set(range(1, 9)) - set(stored) - comparaison.numeros)
        natures |= {e.nature for e in found[0]}
    assert natures == set(Nature) - {Nature.SUPPRIME}
