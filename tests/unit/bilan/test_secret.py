"""Small cells: hidden, and not to be found again from a total."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.bilan.secret import SEUIL, caches, publier
from connector.bilan.tableau import Absence, Colonne, Ligne, Rapport, Section, Tableau

SECRET = Absence.SECRET


def table(lignes, *, total=True, additif=True, colonnes=None, **autres):
    colonnes = colonnes or tuple(Colonne(titre=f"C{n}", secret=True) for n in range(len(lignes[0])))
    sommes = tuple(sum(v for v in valeurs if isinstance(v, int)) for valeurs in zip(*lignes, strict=True))
    return Tableau(
        cle="t",
        titre="T",
        libelle="L",
        colonnes=colonnes,
        lignes=tuple(Ligne(libelle=f"L{n}", valeurs=tuple(li)) for n, li in enumerate(lignes)),
        total=Ligne(libelle="Ensemble", valeurs=sommes) if total else None,
        additif=additif,
        **autres,
    )


def publie(*tableaux):
    section = Section(cle="s", titre="S", tableaux=tableaux)
    rapport = Rapport(titre="R", sous_titre="", etabli_le=date(2026, 1, 1), public=False, sections=(section,))
    return publier(rapport)


def cellules(tableau):
    return [li.valeurs for li in tableau.lignes]


def test_what_is_under_five_is_hidden_zero_included():
    (vue,) = publie(table([[0], [4], [5], [12]])).tableaux
    assert [v for (v,) in cellules(vue)] == [SECRET, SECRET, SECRET, 12]  # 0 + 4 < 5: the 5 goes with them
    assert vue.total.valeurs == (21,)


def test_a_cell_hidden_alone_takes_the_smallest_other_with_it():
    (vue,) = publie(table([[3], [30], [9]])).tableaux
    assert [v for (v,) in cellules(vue)] == [SECRET, 30, SECRET]


def test_without_a_shown_total_only_the_small_cells_are_hidden():
    (vue,) = publie(table([[3], [30], [9]], additif=False, total=False)).tableaux
    assert [v for (v,) in cellules(vue)] == [SECRET, 30, 9]


def test_a_small_total_is_hidden_too():
    (vue,) = publie(table([[1], [2]])).tableaux
    assert vue.total.valeurs == (SECRET,)


def test_what_is_calculated_from_a_hidden_cell_is_hidden_with_it():
    colonnes = (Colonne(titre="Cas", secret=True), Colonne(titre="Médiane", depend=(0,)), Colonne(titre="Ouverts"))
    (vue,) = publie(table([[3, 12, 4], [8, 20, 2], [7, 9, 1]], colonnes=colonnes)).tableaux
    assert cellules(vue) == [(SECRET, SECRET, 4), (8, 20, 2), (SECRET, SECRET, 1)]


def test_the_parts_of_a_shown_count_are_hidden_together():
    """Suivies + écartées = cas: one alone could be found by subtraction along the row."""
    colonnes = (
        Colonne(titre="Cas", secret=True),
        Colonne(titre="Suivies", secret=True, depend=(2,)),
        Colonne(titre="Écartées", secret=True, depend=(1,)),
    )
    (vue,) = publie(table([[10, 8, 2]], colonnes=colonnes, total=False, additif=False)).tableaux
    assert cellules(vue) == [(10, SECRET, SECRET)]


def test_a_signal_on_a_hidden_row_is_not_shown():
    alerte = Tableau(
        cle="t",
        titre="T",
        libelle="L",
        colonnes=(Colonne(titre="Cas", secret=True),),
        lignes=(Ligne(libelle="zone", valeurs=(2,), alerte="à revoir"), Ligne(libelle="CV", valeurs=(9,), alerte="vu")),
    )
    (vue,) = publie(alerte).tableaux
    assert [li.alerte for li in vue.lignes] == ["", "vu"]


def test_an_internal_table_is_never_published_nor_a_section_that_had_nothing_else():
    rapport = publie(table([[9]], interne=True))
    assert rapport.public
    assert rapport.sections == ()


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6))
def test_no_hidden_cell_can_be_found_from_the_total_and_the_cells_that_are_shown(parts):
    cachees = caches(parts, additif=True)
    assert {r for r, v in enumerate(parts) if v < SEUIL} <= cachees
    reste = sum(parts[r] for r in cachees)
    if not cachees or sum(parts) < SEUIL:  # nothing hidden, or the total is hidden too
        return
    # Whatever a reader knows (the sum of the hidden cells), each of them may be several things, small or not.
    k = len(cachees)
    assert k >= 2
    assert reste >= SEUIL
    if k > 3 or reste > 12:
        return
    possibles = [p for p in itertools.product(range(reste + 1), repeat=k) if sum(p) == reste]
    for rang in range(k):
        vues = {p[rang] for p in possibles}
        assert min(vues) < SEUIL <= max(vues)


@pytest.mark.parametrize(("parts", "cachees"), [([], set()), ([5, 6], set()), ([2], {0}), ([2, 1], {0, 1})])
def test_the_edges(parts, cachees):
    assert caches(parts, additif=True) == cachees
