"""The cost of a post: the control figures of domaine §5.4, the dated scale, the fiscal years, the sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connector.core.constat import Source
from connector.core.cout import (
    BaremeSalaire,
    DemandeCout,
    Exercice,
    FinApresReport,
    Lecture,
    ParametresCout,
    Taux,
    chiffre,
)
from connector.core.pet import Prime, StatutPet

D = Decimal
CAHIER = Source(texte="Cahier des charges §3", opposable=False)
ARRETE = Source(texte="Arrêté fixant les émoluments, annexe V", opposable=True)
ARS = Source(texte="Saisi par l'ARS", opposable=False)

BAREME = BaremeSalaire(
    date_effet=date(2022, 7, 1),
    valable_jusqu_au=date(2026, 12, 31),
    annee_de=1,
    annee_a=2,
    base_mensuelle=D("2762.16"),
    indemnite_mensuelle=D(1010),
    source=CAHIER,
)
BAREME_2023 = replace(
    BAREME,
    date_effet=date(2023, 7, 1),
    valable_jusqu_au=date(2023, 12, 31),
    base_mensuelle=D("2803.59"),
    source=ARRETE,
)


def taux(nom, valeur):
    return Taux(nom=nom, valeur=D(valeur), source=ARS)


LECTURE_A = ParametresCout(
    baremes=(BAREME,),
    lecture=Lecture.PART_HOSPITALIERE,
    part_salaire=taux("cout.part_salaire", 100),
    part_pet=taux("cout.part_pet", 100),
    charges=None,
    charges_sur_pet=False,
    fin_apres_report=FinApresReport.DECALEE,
)
LECTURE_B = replace(LECTURE_A, lecture=Lecture.POSTE_ENTIER)
POSTE = DemandeCout(debut=date(2023, 11, 1), duree_mois=24, quotite_hospitaliere=D(50), prime=None)
MILLE = Prime(statut=StatutPet.DUE, montant=D(1000), minimum=D(1000), maximum=D(1000), motifs=(), source=CAHIER)
INCERTAINE = replace(MILLE, statut=StatutPet.A_CONFIRMER, montant=None, minimum=D(0))
INCONNUE = replace(INCERTAINE, minimum=None, maximum=None)


# --- control figures (§5.4) ---


@pytest.mark.parametrize(
    ("parametres", "demande", "part_ars"),
    [
        (LECTURE_A, POSTE, "45265.92"),
        (LECTURE_B, POSTE, "90531.84"),
        (LECTURE_A, replace(POSTE, prime=MILLE), "69265.92"),
        (LECTURE_B, replace(POSTE, prime=MILLE), "114531.84"),
        (LECTURE_A, replace(POSTE, postes=6), "271595.52"),
        (LECTURE_B, replace(POSTE, postes=6), "543191.04"),
        (LECTURE_A, replace(POSTE, postes=4), "181063.68"),
        (LECTURE_B, replace(POSTE, postes=4), "362127.36"),
        (replace(LECTURE_A, charges=taux("cout.charges", 42)), replace(POSTE, postes=6), "385665.64"),
        (replace(LECTURE_B, charges=taux("cout.charges", 42)), replace(POSTE, postes=6), "771331.28"),
    ],
)
def test_the_control_figures_of_the_domain(parametres, demande, part_ars):
    cout = chiffre(demande, parametres)
    assert cout.part_ars == D(part_ars)
    assert sum(e.montant for e in cout.par_exercice) == D(part_ars)


def test_a_post_is_spread_over_two_twelve_and_ten_months():
    cout = chiffre(POSTE, LECTURE_A)
    assert cout.par_exercice == (
        Exercice(annee=2023, mois=2, minimum=D("3772.16"), maximum=D("3772.16")),
        Exercice(annee=2024, mois=12, minimum=D("22632.96"), maximum=D("22632.96")),
        Exercice(annee=2025, mois=10, minimum=D("18860.80"), maximum=D("18860.80")),
    )


def test_one_year_is_half_of_two():
    cout = chiffre(replace(POSTE, duree_mois=12), LECTURE_A)
    assert (cout.mois, cout.part_ars) == (12, D("22632.96"))
    assert [e.mois for e in cout.par_exercice] == [2, 10]


def test_what_the_ars_does_not_pay_is_left_to_the_employer():
    cout = chiffre(replace(POSTE, prime=MILLE), LECTURE_A)
    assert (cout.brut, cout.pet, cout.charges, cout.total) == (D("90531.84"), D(24000), D(0), D("114531.84"))
    assert cout.part_ars == D("69265.92")


# --- shares ---


@pytest.mark.parametrize(("part", "attendu"), [(60, "27159.55"), (80, "36212.74"), (90, "40739.33")])
def test_a_region_pays_its_percentage(part, attendu):
    assert chiffre(POSTE, replace(LECTURE_A, part_salaire=taux("cout.part_salaire", part))).part_ars == D(attendu)


def test_the_last_fiscal_year_absorbs_the_rounding():
    parametres = replace(LECTURE_A, part_salaire=taux("cout.part_salaire", "33.333"))
    cout = chiffre(POSTE, parametres)
    assert cout.part_ars == D("15088.49")
    assert [e.montant for e in cout.par_exercice] == [D("1257.37"), D("7544.24"), D("6286.88")]


def test_the_prime_may_be_left_to_the_hospital():
    cout = chiffre(replace(POSTE, prime=MILLE), replace(LECTURE_A, part_pet=taux("cout.part_pet", 0)))
    assert cout.part_ars == D("45265.92")
    assert "Prime d'exercice territorial à la charge de l'établissement." in cout.hypotheses


def test_charges_are_counted_only_from_a_typed_rate():
    sans = chiffre(POSTE, LECTURE_A)
    assert sans.charges == D(0)
    assert "Montants bruts, charges patronales non comprises : aucun taux n'est saisi." in sans.hypotheses
    avec = chiffre(POSTE, replace(LECTURE_A, charges=taux("cout.charges", 42)))
    assert (avec.charges, avec.part_ars) == (D("38023.37"), D("64277.61"))
    assert "Charges patronales estimées à 42\u00a0% : taux saisi par l'ARS." in avec.hypotheses


def test_charges_may_bear_on_the_prime_too():
    parametres = replace(LECTURE_B, charges=taux("cout.charges", 42), charges_sur_pet=True)
    cout = chiffre(replace(POSTE, prime=MILLE), parametres)
    assert cout.part_ars == cout.total == D("162635.21")


@pytest.mark.parametrize("quotite", [None, D(110), D(-10)])
def test_without_a_sensible_hospital_share_reading_a_gives_nothing(quotite):
    cout = chiffre(replace(POSTE, quotite_hospitaliere=quotite), LECTURE_A)
    assert (cout.part_ars, cout.texte()) == (None, "à confirmer")
    assert cout.hypotheses[0].startswith("Quotité hospitalière inconnue")
    assert chiffre(replace(POSTE, quotite_hospitaliere=quotite), LECTURE_B).part_ars == D("90531.84")


# --- the dated scale ---


def test_each_month_takes_the_scale_in_force_on_it():
    ancien = replace(BAREME, valable_jusqu_au=date(2023, 12, 31))
    demande = replace(POSTE, debut=date(2023, 5, 1), duree_mois=4)
    cout = chiffre(demande, replace(LECTURE_B, baremes=(BAREME_2023, ancien)))
    assert cout.part_ars == 2 * D("3772.16") + 2 * D("3813.59")
    assert [ligne.source for ligne in cout.lignes[:4]] == [CAHIER, CAHIER, ARRETE, ARRETE]


def test_after_the_last_scale_there_is_no_figure_and_the_month_is_named():
    cout = chiffre(POSTE, replace(LECTURE_A, baremes=(BAREME, BAREME_2023)))
    assert (cout.brut, cout.total, cout.part_ars, cout.minimum) == (None, None, None, None)
    assert cout.sans_bareme_depuis == date(2024, 1, 1)
    assert cout.texte() == "barème à renseigner à partir du 01/01/2024"
    assert any("(22 mois sur 24)" in h for h in cout.hypotheses)


def test_a_fiscal_year_wholly_covered_keeps_its_figure():
    cout = chiffre(POSTE, replace(LECTURE_A, baremes=(BAREME, BAREME_2023)))
    assert [e.montant for e in cout.par_exercice] == [D("3813.59"), None, None]


def test_charges_on_an_unknown_pay_are_unknown():
    parametres = replace(LECTURE_A, baremes=(), charges=taux("cout.charges", 42))
    assert chiffre(POSTE, parametres).charges is None
    assert chiffre(POSTE, replace(parametres, charges_sur_pet=True)).charges is None


def test_a_scale_is_about_certain_years_of_practice():
    suite = replace(BAREME, annee_de=3, annee_a=4, base_mensuelle=D("3052.10"))
    cout = chiffre(replace(POSTE, annee_d_exercice=2), replace(LECTURE_B, baremes=(BAREME, suite)))
    assert cout.part_ars == 12 * D("3772.16") + 12 * D("4062.10")
    assert chiffre(replace(POSTE, annee_d_exercice=2), LECTURE_B).sans_bareme_depuis == date(2024, 11, 1)


# --- a prime in doubt ---


def test_a_prime_in_doubt_gives_a_range_never_a_figure():
    cout = chiffre(replace(POSTE, prime=INCERTAINE), LECTURE_A)
    assert (cout.part_ars, cout.minimum, cout.maximum) == (None, D("45265.92"), D("69265.92"))
    assert cout.texte() == "à confirmer, 45\u202f265,92\u00a0€ à 69\u202f265,92\u00a0€"
    assert (cout.pet, cout.total) == (None, None)
    assert sum(e.minimum for e in cout.par_exercice) == cout.minimum
    assert sum(e.maximum for e in cout.par_exercice) == cout.maximum


def test_a_prime_of_unknown_amount_leaves_no_figure_unless_the_hospital_pays_it():
    demande = replace(POSTE, prime=INCONNUE)
    assert chiffre(demande, LECTURE_A).texte() == "à confirmer"
    parametres = replace(LECTURE_A, part_pet=taux("cout.part_pet", 0), charges=taux("cout.charges", 42))
    assert chiffre(demande, parametres).part_ars == D("64277.61")


def test_a_prime_to_be_confirmed_is_counted_and_said():
    cout = chiffre(replace(POSTE, prime=replace(MILLE, statut=StatutPet.A_CONFIRMER)), LECTURE_A)
    assert cout.part_ars == D("69265.92")
    assert any("sous réserve de sa confirmation" in h for h in cout.hypotheses)


def test_a_prime_of_zero_is_not_talked_about():
    nulle = replace(MILLE, statut=StatutPet.NON_DUE, montant=D(0), minimum=D(0), maximum=D(0))
    cout = chiffre(replace(POSTE, prime=nulle), LECTURE_A)
    assert cout.part_ars == D("45265.92")
    assert not any("Prime" in texte for texte in (*cout.hypotheses, *(ligne.libelle for ligne in cout.lignes)))


# --- report ---


def test_a_postponement_moves_the_schedule_and_not_its_length():
    cout = chiffre(replace(POSTE, debut_reporte=date(2024, 2, 1)), LECTURE_A)
    assert [(e.annee, e.mois) for e in cout.par_exercice] == [(2024, 11), (2025, 12), (2026, 1)]
    assert cout.part_ars == D("45265.92")
    assert (
        "Prise de fonction reportée du 01/11/2023 au 01/02/2024 : l'échéancier est décalé, la durée reste de 24 mois."
        in cout.hypotheses
    )


def test_a_region_may_keep_the_end_and_lose_the_months():
    parametres = replace(LECTURE_A, fin_apres_report=FinApresReport.MAINTENUE)
    cout = chiffre(replace(POSTE, debut_reporte=date(2024, 2, 1)), parametres)
    assert (cout.mois, cout.part_ars) == (21, 21 * D("1886.08"))
    assert any("21 mois financés sur 24" in h for h in cout.hypotheses)
    assert chiffre(POSTE, parametres).mois == 24
    assert chiffre(replace(POSTE, debut_reporte=date(2023, 10, 1)), parametres).mois == 24


def test_a_post_that_never_starts_costs_nothing_that_we_can_tell():
    parametres = replace(LECTURE_A, fin_apres_report=FinApresReport.MAINTENUE)
    cout = chiffre(replace(POSTE, debut_reporte=date(2026, 1, 1)), parametres)
    assert (cout.mois, cout.part_ars, cout.par_exercice) == (0, None, ())


def test_a_start_in_the_middle_of_a_month_is_said():
    cout = chiffre(replace(POSTE, debut=date(2023, 11, 2)), LECTURE_A)
    assert any("02/11/2023 : mois comptés de date à date" in h for h in cout.hypotheses)
    assert [e.mois for e in cout.par_exercice] == [2, 12, 10]


# --- where numbers come from ---


def test_every_number_names_its_parameter_and_its_source():
    parametres = replace(LECTURE_A, charges=taux("cout.charges", 42))
    cout = chiffre(replace(POSTE, prime=MILLE), parametres)
    assert [(ligne.libelle, ligne.montant, ligne.parametre, ligne.source) for ligne in cout.lignes] == [
        (
            "Traitement de base : 24 mois à 2\u202f762,16\u00a0€",
            D("66291.84"),
            "cout.baremes[2022-07-01].base_mensuelle",
            CAHIER,
        ),
        (
            "Indemnité d'engagement de service public exclusif : 24 mois à 1\u202f010\u00a0€",
            D(24240),
            "cout.baremes[2022-07-01].indemnite_mensuelle",
            CAHIER,
        ),
        ("Prime d'exercice territorial : 24 mois à 1\u202f000\u00a0€", D(24000), "pet.baremes", CAHIER),
        ("Part de l'ARS sur la prime : 100\u00a0%", D(24000), "cout.part_pet", ARS),
        ("Charges patronales : 42\u00a0%", D("38023.37"), "cout.charges", ARS),
        (
            "Part de l'ARS sur le salaire : 100\u00a0% de la quotité hospitalière (50\u00a0%)",
            D("64277.61"),
            "cout.part_salaire",
            ARS,
        ),
    ]


def test_a_promotion_says_how_many_posts_it_counts():
    cout = chiffre(replace(POSTE, postes=6), LECTURE_B)
    assert cout.lignes[0].libelle == "Traitement de base : 24 mois × 6 postes à 2\u202f762,16\u00a0€"
    assert cout.lignes[-1].libelle == "Part de l'ARS sur le salaire : 100\u00a0% du poste entier"
    assert cout.hypotheses[0] == "Lecture B : l'ARS finance 100\u00a0% du poste entier."


def test_the_figure_reads_as_french_euros():
    assert chiffre(POSTE, LECTURE_A).texte() == "45\u202f265,92\u00a0€"
