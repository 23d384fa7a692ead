"""Delays, the calendar, the costs and the prime."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connector.bilan.argent import NON_VENTILE, argent
from connector.bilan.delais import decile, delais, mediane
from connector.bilan.tableau import Absence
from connector.core.campagne import Campagne
from connector.core.decisions import Sens
from connector.core.pet import StatutPet
from connector.core.poste import Tranche, constate_prise_de_fonction, desiste
from tests.unit.bilan.fabrique import decide, matiere, poste, tableau, valeurs, vu

DEPOT = date(2026, 3, 2)


def apres(jours):
    return DEPOT + timedelta(days=jours)


def test_the_median_is_the_middle_and_the_ninth_decile_a_delay_that_was():
    assert mediane([1, 2, 10]) == 2
    assert mediane([1, 2]) == Decimal("1.5")
    assert decile(list(range(1, 11))) == 9
    assert decile([7]) == 7
    assert (mediane([]), decile([])) == (Absence.INCONNU, Absence.INCONNU)


def test_each_step_is_measured_on_the_dossiers_that_went_through_it():
    m = matiere(
        vu(1, en_instruction_le=apres(10)),
        decide(2, Sens.RETENU, en_instruction_le=apres(20), traite_le=apres(30)),
        decide(3, Sens.NON_RETENU, traite_le=apres(40)),
        vu(4, en_instruction_le=apres(-3)),  # a clock that went back says nothing
        postes=[constate_prise_de_fonction(poste(2), 2, date(2026, 4, 11))],
    )
    trouve = tableau(delais(m), "delais")
    assert valeurs(trouve, "Du dépôt au passage en instruction") == (2, Decimal(15), Decimal(20))
    assert valeurs(trouve, "Du passage en instruction à la décision") == (1, Decimal(10), Decimal(10))
    assert valeurs(trouve, "Du dépôt à la décision") == (2, Decimal(35), Decimal(40))
    assert valeurs(trouve, "De l'accord à la prise de fonction") == (1, Decimal(10), Decimal(10))


def test_the_histogram_counts_each_decision_in_one_class():
    jours = (0, 14, 15, 29, 30, 179, 180, 900)
    m = matiere(*(decide(n, Sens.RETENU, traite_le=apres(j)) for n, j in enumerate(jours)))
    trouve = tableau(delais(m), "histogramme")
    assert [(li.libelle, li.valeurs[0]) for li in trouve.lignes] == [
        ("moins de 15 jours", 2),
        ("15 à 29 jours", 2),
        ("30 à 59 jours", 1),
        ("60 à 89 jours", 0),
        ("90 à 119 jours", 0),
        ("120 à 179 jours", 1),
        ("180 jours et plus", 2),
    ]
    assert trouve.total.valeurs == (8,)
    assert tableau(delais(matiere(vu())), "histogramme").lignes == ()


def test_the_calendar_has_every_month_from_the_first_to_the_last_and_the_dates_of_the_campaign():
    campagne = Campagne(ouverture=date(2026, 3, 1), cloture=date(2026, 4, 16), notification_le=date(2026, 9, 1))
    m = matiere(
        vu(1, depose_le=date(2026, 3, 31)),
        decide(2, Sens.RETENU, depose_le=date(2026, 3, 1), traite_le=date(2026, 5, 2)),
        campagnes=(campagne,),
    )
    trouve = tableau(delais(m), "chronologie")
    assert [(li.libelle, li.valeurs) for li in trouve.lignes] == [
        ("mars 2026", (2, 0, 0)),
        ("avr. 2026", (0, 0, 0)),
        ("mai 2026", (0, 1, 0)),
    ]
    assert trouve.reperes == ((0.0, "ouverture"), (1 + 15 / 31, "clôture"))  # the notification is off the drawing
    assert "ouverture le 01/03/2026, clôture le 16/04/2026, notification le 01/09/2026" in trouve.intro


def test_without_a_dossier_there_is_no_calendar():
    trouve = tableau(delais(matiere()), "chronologie")
    assert (trouve.lignes, trouve.intro, trouve.reperes) == ((), "", ())


def test_the_committed_cost_is_that_of_the_posts_that_were_not_given_back():
    m = matiere(postes=[poste(1), poste(2, cout=None), desiste(poste(3), 3, date(2026, 5, 1))])
    trouve = tableau(argent(m), "couts")
    assert valeurs(trouve, "II – ville-hôpital") == (2, 1, Decimal("45265.92"))
    assert trouve.total.valeurs == (2, 1, Decimal("45265.92"))


def test_years_add_up_to_the_committed_cost_and_what_cannot_be_told_apart_is_said():
    par_an = ((2026, Decimal("3772.16")), (2027, Decimal("22632.96")), (2028, Decimal("18860.80")))
    tranches = tuple(Tranche(annee=annee, montant=montant) for annee, montant in par_an)
    cout = Decimal("45265.92")
    m = matiere(
        postes=[
            poste(1, tranches=tranches),
            poste(2),  # entered by a version that kept the total alone
            poste(3, tranches=tranches[:1]),
            poste(4, cout=None, tranches=tranches),
        ],
    )
    trouve = tableau(argent(m), "exercices")
    assert {li.libelle: li.valeurs for li in trouve.lignes} == {
        "2026": (1, Decimal("3772.16")),
        "2027": (1, Decimal("22632.96")),
        "2028": (1, Decimal("18860.80")),
        NON_VENTILE: (2, 2 * cout),
    }
    assert trouve.total.valeurs == (3, 3 * cout)
    assert sum(li.valeurs[1] for li in trouve.lignes) == trouve.total.valeurs[1]


def test_without_a_known_cost_there_is_no_amount():
    trouve = tableau(argent(matiere(postes=[poste(1, cout=None)])), "couts")
    assert trouve.total.valeurs == (1, 0, Absence.INCONNU)


def test_the_prime_is_told_by_status_and_only_what_is_due_to_the_accepted_is_summed():
    mille = Decimal(1000)
    m = matiere(
        decide(1, Sens.RETENU, prime=StatutPet.DUE, prime_due=mille),
        vu(2, prime=StatutPet.DUE, prime_due=mille),
        decide(3, Sens.RETENU, prime=StatutPet.A_CONFIRMER),
        vu(4),
    )
    trouve = tableau(argent(m), "pet")
    assert {li.libelle: li.valeurs for li in trouve.lignes} == {
        "Due": (2, 1, mille),
        "À confirmer": (1, 1, Absence.INCONNU),
        "Non calculée": (1, 0, Absence.INCONNU),
    }
    assert trouve.total.valeurs == (4, 2, mille)
