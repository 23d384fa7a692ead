"""The register of posts: who holds what, replayed as often as a cycle likes."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from connector.core.poste import (
    Attribution,
    Categorie,
    EtatPoste,
    Poste,
    Quotites,
    Refus,
    Report,
    Titulaire,
    constate_prise_de_fonction,
    desiste,
    ouvre,
    remplace,
    reporte,
    termine,
)

ATTRIBUTION = Attribution(
    dossier=101,
    accepte_le=date(2023, 9, 15),
    promotion="2023-2025",
    categorie=Categorie.II,
    region="24",
    etablissement="26370010600010",
    quotites=Quotites(hospitaliere=Decimal(50), ambulatoire=Decimal(50)),
    debut=date(2023, 11, 1),
    duree_mois=24,
    cout=Decimal("45265.92"),
)
REMPLACANT = replace(
    ATTRIBUTION,
    dossier=202,
    accepte_le=date(2023, 10, 20),
    quotites=Quotites(hospitaliere=Decimal(40), ambulatoire=Decimal(60)),
    cout=None,
)
POSTE = ouvre(ATTRIBUTION)


def sur(evenement: Poste | Refus) -> Poste:
    assert isinstance(evenement, Poste), evenement
    return evenement


def refus(evenement: Poste | Refus) -> str:
    assert isinstance(evenement, Refus), evenement
    return evenement.motif


DESISTE = sur(desiste(POSTE, 101, date(2023, 10, 10)))
POURVU = sur(constate_prise_de_fonction(POSTE, 101, date(2023, 11, 2)))


def test_an_acceptance_opens_a_post_named_after_its_first_dossier():
    assert POSTE.identifiant == "2023-2025/24/II/101"
    assert (POSTE.etat, POSTE.actif, POSTE.fin) == (EtatPoste.ACCORDE, True, date(2025, 11, 1))
    assert POSTE.cout == Decimal("45265.92")


def test_a_post_knows_its_holders_by_dossier_number_only():
    assert {f.name for f in fields(Titulaire)} == {
        "dossier",
        "accepte_le",
        "prise_de_fonction_le",
        "sorti_le",
        "sortie",
        "fait",
    }


def test_a_withdrawal_gives_the_post_back():
    assert (DESISTE.etat, DESISTE.actif, DESISTE.remplacable) == (EtatPoste.VACANT, False, True)
    assert DESISTE.titulaire.sorti_le == date(2023, 10, 10)


def test_a_replacement_takes_the_same_post_with_its_own_shares():
    poste = sur(remplace(DESISTE, REMPLACANT))
    assert (poste.identifiant, poste.etat, poste.actif) == (POSTE.identifiant, EtatPoste.ACCORDE, True)
    assert [t.dossier for t in poste.titulaires] == [101, 202]
    assert poste.quotites == REMPLACANT.quotites
    assert poste.cout is None


def test_nobody_replaces_a_holder_who_is_still_there():
    assert "n° 101 occupe toujours le poste" in refus(remplace(POSTE, REMPLACANT))
    assert "n° 101 occupe toujours le poste" in refus(remplace(POURVU, REMPLACANT))


def test_a_post_left_early_can_be_taken_over_but_not_one_that_ran_its_course():
    parti = sur(termine(POURVU, 101, date(2024, 6, 30)))
    assert (parti.etat, parti.actif, parti.remplacable) == (EtatPoste.TERMINE, True, True)
    assert sur(remplace(parti, REMPLACANT)).titulaire.dossier == 202
    fini = sur(termine(POURVU, 101, date(2025, 11, 1)))
    assert "arrivé à son terme" in refus(remplace(fini, REMPLACANT))


def test_only_a_seen_start_makes_a_post_filled():
    assert POURVU.etat is EtatPoste.POURVU
    corrige = sur(constate_prise_de_fonction(POURVU, 101, date(2023, 11, 3)))
    assert corrige.titulaire.prise_de_fonction_le == date(2023, 11, 3)


def test_a_postponement_moves_the_start_and_keeps_the_place():
    poste = sur(reporte(POSTE, dossier=101, debut=date(2024, 2, 1), accorde_le=date(2023, 10, 1), cout=None))
    assert (poste.debut, poste.promotion, poste.actif) == (date(2024, 2, 1), "2023-2025", True)
    assert poste.reports == (Report(de=date(2023, 11, 1), a=date(2024, 2, 1), accorde_le=date(2023, 10, 1)),)


def test_a_filled_post_has_nothing_to_postpone():
    report = reporte(POURVU, dossier=101, debut=date(2024, 2, 1), accorde_le=date(2023, 12, 1), cout=None)
    assert "rien à reporter" in refus(report)


def test_a_filled_post_ends_it_is_not_withdrawn_from():
    assert "saisissez une fin" in refus(desiste(POURVU, 101, date(2024, 1, 1)))
    fini = sur(termine(POURVU, 101, date(2024, 6, 30)))
    assert "saisissez une fin" in refus(desiste(fini, 101, date(2024, 7, 1)))


def test_a_post_cannot_end_before_it_starts():
    assert "Aucune prise de fonction" in refus(termine(POSTE, 101, date(2024, 6, 30)))
    assert "précède la prise de fonction (02/11/2023)" in refus(termine(POURVU, 101, date(2023, 11, 1)))


def test_a_holder_who_left_does_not_start():
    assert "a quitté le poste" in refus(constate_prise_de_fonction(DESISTE, 101, date(2023, 11, 1)))


def evenements(dossier: int, le: date):
    return (
        lambda p: desiste(p, dossier, le),
        lambda p: constate_prise_de_fonction(p, dossier, le),
        lambda p: termine(p, dossier, le),
        lambda p: reporte(p, dossier=dossier, debut=le, accorde_le=le, cout=None),
    )


@pytest.mark.parametrize("evenement", evenements(999, date(2024, 1, 1)))
def test_an_event_of_a_dossier_that_never_held_the_post_is_refused(evenement):
    assert "son titulaire est le dossier n° 101" in refus(evenement(POSTE))


@pytest.mark.parametrize("evenement", evenements(101, date(2024, 1, 1)))
def test_an_event_of_a_former_holder_that_comes_round_again_changes_nothing(evenement):
    poste = sur(remplace(DESISTE, REMPLACANT))
    assert evenement(poste) is poste


def test_every_event_can_be_replayed():
    report = {"dossier": 101, "debut": date(2024, 2, 1), "accorde_le": date(2023, 10, 1), "cout": None}
    reporte_une_fois = sur(reporte(POSTE, **report))
    fini = sur(termine(POURVU, 101, date(2025, 11, 1)))
    remplacee = sur(remplace(DESISTE, REMPLACANT))
    assert reporte(reporte_une_fois, **report) == reporte_une_fois
    assert desiste(DESISTE, 101, date(2023, 12, 1)) == DESISTE
    assert constate_prise_de_fonction(fini, 101, date(2023, 11, 2)) == fini
    assert termine(fini, 101, date(2025, 11, 1)) == fini
    assert remplace(remplacee, REMPLACANT) == remplacee
