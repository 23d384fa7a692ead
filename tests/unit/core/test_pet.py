"""The prime: every vector of domaine §4.3, decision 6, and the acceptance cases that turn on a kilometre."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from connector.core.constat import Source
from connector.core.pet import (
    BaremePet,
    Convention,
    DemandePet,
    Derogation,
    PalierPet,
    ParametresPet,
    SiteExercice,
    StatutDistance,
    StatutPet,
    prime,
)
from connector.core.poste import Categorie
from connector.core.referentiels import Precision

ARRETE = Source(texte="Arrêté du 14 mars 2017 modifié, article 5", opposable=True)
D = Decimal

BAREME = BaremePet(
    date_effet=date(2022, 2, 10),
    source=ARRETE,
    paliers=(
        PalierPet(libelle="1 demi-journée", a_partir_de=D(1), jusqu_a=D(1), montant=D(250)),
        PalierPet(libelle="plus de 1 à 3 demi-journées", plus_de=D(1), jusqu_a=D(3), montant=D(450)),
        PalierPet(libelle="plus de 3 à 4 demi-journées", plus_de=D(3), jusqu_a=D(4), montant=D(700)),
        PalierPet(
            libelle="4 demi-journées sur 2 sites", a_partir_de=D(4), jusqu_a=D(4), lieux_minimum=2, montant=D(1000)
        ),
        PalierPet(libelle="plus de 4 demi-journées", plus_de=D(4), montant=D(1000)),
    ),
)
CVL = ParametresPet(
    baremes=(BAREME,),
    seuil_km=D(20),
    bande_km=D(5),
    sinuosite=D("1.3"),
    categories=frozenset(Categorie),
    categories_en_alternance=frozenset({Categorie.III}),
    service_hebdomadaire=D(10),
)


def site(dj, nom="MSP B", **champs):
    adresse = champs.pop("adresse", f"1 rue de {nom}")
    demi_journees = None if dj is None else D(str(dj))
    distances = {k: D(str(v)) for k, v in champs.items() if k.endswith("_km")}
    return SiteExercice(nom=nom, demi_journees=demi_journees, adresse=adresse, **{**champs, **distances})


def loin(dj, nom="MSP B"):
    return site(dj, nom, distance_route_km=118)


def demande(*sites, **champs):
    defauts = {"categorie": Categorie.II, "convention": Convention.PRESENTE, "jour": date(2023, 11, 1)}
    return DemandePet(sites=sites, **{**defauts, **champs})


def calcule(*sites, parametres=CVL, **champs):
    return prime(demande(*sites, **champs), parametres)


def eligibles(resultat):
    return sum(examine.statut.eligible for examine in resultat.sites)


def bornes(resultat):
    return resultat.minimum, resultat.maximum, resultat.montant, resultat.statut


# --- the scale (§4.3) ---


@pytest.mark.parametrize(
    ("demi_journees", "montant"),
    [
        ((), 0),
        (("0.5",), 0),
        (("1",), 250),
        (("1.25",), 450),
        (("1", "1"), 450),
        (("3",), 450),
        (("1", "1", "1"), 450),
        (("3.01",), 700),
        (("1.75", "1.75"), 700),
        (("4",), 700),
        (("2", "2"), 1000),
        (("4.5",), 1000),
        (("5",), 1000),
    ],
)
def test_the_scale_gives_each_vector_of_the_domain(demi_journees, montant):
    resultat = calcule(*(loin(dj, f"site {rang}") for rang, dj in enumerate(demi_journees)))
    statut = StatutPet.DUE if montant else StatutPet.NON_DUE
    assert bornes(resultat) == (montant, montant, montant, statut)


def test_less_than_one_half_day_is_zero_and_says_that_the_text_is_silent():
    resultat = calcule(loin("0.5"))
    assert resultat.palier == ""
    assert any("cas non prévu par le barème" in m for m in resultat.motifs)


def test_the_result_names_its_tier_its_source_and_what_it_counted():
    resultat = calcule(loin(2, "MSP B"), loin(2, "MSP C"))
    assert (resultat.palier, resultat.source) == ("4 demi-journées sur 2 sites", ARRETE)
    assert (resultat.demi_journees, eligibles(resultat)) == (D(4), 2)
    assert any("2\u00a0lieux éligibles" in m and "1\u202f000\u00a0€ par mois" in m for m in resultat.motifs)


def test_a_site_too_near_by_road_is_left_out():
    resultat = calcule(loin(2, "MSP B"), site(2, "MSP C", distance_route_km=12))
    assert bornes(resultat) == (450, 450, 450, StatutPet.DUE)
    assert (resultat.demi_journees, eligibles(resultat), resultat.montant_si_derogation) == (D(2), 1, D(1000))


def test_exactly_twenty_kilometres_is_far_enough():
    assert calcule(site(5, distance_route_km=20)).montant == D(1000)


def test_a_hundred_metres_short_gives_nothing_unless_derogated():
    resultat = calcule(site(5, distance_route_km="19.9"))
    assert bornes(resultat) == (0, 0, 0, StatutPet.NON_DUE)
    assert resultat.montant_si_derogation == D(1000)


def test_crow_flight_under_twenty_is_unknown_never_no():
    resultat = calcule(site(5, distance_vol_oiseau_km="19.9", precision=Precision.ADRESSE))
    assert bornes(resultat) == (0, 1000, None, StatutPet.A_CONFIRMER)
    assert resultat.texte() == "à confirmer, 0 à 1\u202f000\u00a0€"
    assert resultat.points == (
        "Saisissez la distance routière retenue : le trajet le plus court entre le site principal et MSP B.",
    )


def test_a_prison_unit_with_a_granted_derogation_is_paid():
    unite = site(5, distance_route_km=6, penitentiaire=True, entite_juridique_differente=False)
    resultat = calcule(unite, derogation=Derogation.ACCORDEE)
    assert bornes(resultat) == (1000, 1000, 1000, StatutPet.DUE)
    assert resultat.sites[0].statut is StatutDistance.ELIGIBLE_PAR_DEROGATION
    assert "le texte ne prévoit pas" not in resultat.sites[0].motif


def test_two_names_at_one_address_are_one_site():
    sites = [
        site(2, "MSP B", adresse="12, rue des Tanneurs, 18100 Vierzon", distance_route_km=118),
        site(2, "Annexe", adresse="12 Rue des tanneurs 18100 VIERZON", distance_route_km=118),
    ]
    resultat = calcule(*sites)
    assert (resultat.montant, eligibles(resultat)) == (D(700), 1)
    assert resultat.sites[0].site.nom == "MSP B + Annexe"


def test_a_region_that_excludes_a_category_answers_without_object():
    parametres = replace(CVL, categories=frozenset({Categorie.I}))
    resultat = calcule(loin(5), parametres=parametres)
    assert bornes(resultat) == (0, 0, 0, StatutPet.SANS_OBJET)
    assert resultat.texte() == "sans objet"


# --- decision 6: convention ---


def test_a_missing_agreement_keeps_the_amount_to_be_confirmed():
    resultat = calcule(loin(5), convention=Convention.ABSENTE)
    assert bornes(resultat) == (1000, 1000, 1000, StatutPet.A_CONFIRMER)
    assert resultat.texte() == "1\u202f000\u00a0€, à confirmer"
    assert any("Convention absente" in m for m in resultat.motifs)


def test_a_present_agreement_makes_it_due_once_an_agent_has_looked():
    resultat = calcule(loin(5))
    assert resultat.statut is StatutPet.DUE
    assert resultat.texte() == "1\u202f000\u00a0€"
    assert resultat.motifs[-1].startswith("Sous réserve du contrôle visuel")


def test_an_agreement_we_know_nothing_of_is_to_be_confirmed():
    assert calcule(loin(5), convention=Convention.INCONNUE).statut is StatutPet.A_CONFIRMER


def test_nothing_is_left_to_confirm_when_nothing_is_due():
    resultat = calcule(convention=Convention.ABSENTE)
    assert bornes(resultat) == (0, 0, 0, StatutPet.NON_DUE)
    assert resultat.motifs == ("Aucun lieu d'exercice hors du site principal n'est déclaré.",)


# --- decision 6: which distance ---


def test_the_agent_s_distance_wins_over_the_form_s():
    assert calcule(site(5, distance_route_km=18), distance_retenue_km=D(22)).montant == D(1000)
    assert calcule(site(5, distance_route_km=27), distance_retenue_km=D(18)).montant == D(0)


def test_the_form_s_distance_wins_over_the_crow_s():
    resultat = calcule(site(5, distance_route_km="19.9", distance_vol_oiseau_km="19.9", precision=Precision.ADRESSE))
    assert resultat.statut is StatutPet.NON_DUE


def test_a_road_shorter_than_the_crow_s_flight_is_not_believed():
    trop_court = site(5, distance_route_km=8, distance_vol_oiseau_km=60, precision=Precision.COMMUNE)
    resultat = calcule(trop_court)
    assert bornes(resultat) == (0, 1000, None, StatutPet.A_CONFIRMER)
    assert "ne peut pas être juste" in resultat.sites[0].motif


def test_an_agent_s_odd_distance_is_obeyed_and_said():
    resultat = calcule(site(5, distance_vol_oiseau_km=60, precision=Precision.ADRESSE), distance_retenue_km=D(8))
    assert resultat.statut is StatutPet.NON_DUE
    assert "ne peut pas être juste" in resultat.sites[0].motif


def test_far_enough_for_the_crow_is_far_enough():
    resultat = calcule(site(5, distance_vol_oiseau_km="105.8", precision=Precision.ADRESSE))
    assert bornes(resultat) == (1000, 1000, 1000, StatutPet.DUE)
    assert resultat.sites[0].statut is StatutDistance.ELIGIBLE_PRESUMEE


@pytest.mark.parametrize(
    ("distance", "precision", "statut"),
    [
        ("20", Precision.ADRESSE, StatutDistance.ELIGIBLE_PRESUMEE),
        ("24.9", Precision.COMMUNE, StatutDistance.A_VERIFIER),
        ("25", Precision.COMMUNE, StatutDistance.ELIGIBLE_PRESUMEE),
        ("24.9", Precision.INCONNUE, StatutDistance.A_VERIFIER),
    ],
)
def test_between_communes_the_threshold_is_widened_by_the_band(distance, precision, statut):
    resultat = calcule(site(5, distance_vol_oiseau_km=distance, precision=precision))
    assert resultat.sites[0].statut is statut


def test_a_very_near_site_is_said_to_be_probably_too_near():
    proche = site(5, distance_vol_oiseau_km="6.2", precision=Precision.ADRESSE)
    assert "probablement moins de 20 km" in calcule(proche).sites[0].motif
    sans_avis = replace(CVL, sinuosite=None)
    assert "reste à mesurer" in calcule(proche, parametres=sans_avis).sites[0].motif
    assert calcule(proche).statut is StatutPet.A_CONFIRMER


def test_no_distance_at_all_is_to_be_verified():
    resultat = calcule(site(5))
    assert bornes(resultat) == (0, 1000, None, StatutPet.A_CONFIRMER)
    assert "inconnue" in resultat.sites[0].motif


def test_the_agent_s_distance_goes_to_the_only_site_in_doubt():
    resultat = calcule(loin(3, "MSP B"), site(2, "MSP C"), distance_retenue_km=D(21))
    assert [e.statut for e in resultat.sites] == [StatutDistance.ELIGIBLE, StatutDistance.ELIGIBLE]
    assert resultat.montant == D(1000)


def test_the_agent_s_distance_goes_to_nobody_when_two_sites_are_in_doubt():
    resultat = calcule(site(3, "MSP B"), site(2, "MSP C", distance_route_km=12), distance_retenue_km=D(21))
    assert [e.statut for e in resultat.sites] == [StatutDistance.A_VERIFIER, StatutDistance.A_VERIFIER]
    assert bornes(resultat) == (0, 1000, None, StatutPet.A_CONFIRMER)
    assert "peut viser plusieurs lieux" in resultat.sites[0].motif


def test_an_agent_s_distance_that_contradicts_every_site_puts_them_all_in_doubt():
    sites = (loin(3, "MSP B"), loin(2, "MSP C"))
    assert calcule(*sites, distance_retenue_km=D(12)).statut is StatutPet.A_CONFIRMER
    assert calcule(*sites, distance_retenue_km=D(30)).montant == D(1000)


def test_a_doubt_that_changes_nothing_keeps_the_amount():
    resultat = calcule(loin(5, "MSP B"), site(1, "MSP C", distance_vol_oiseau_km=15))
    assert bornes(resultat) == (1000, 1000, 1000, StatutPet.DUE)
    assert resultat.points == ()


# --- derogation ---


@pytest.mark.parametrize(
    ("derogation", "demandee", "attendu"),
    [
        (Derogation.ACCORDEE, True, (1000, 1000, 1000, StatutPet.DUE)),
        (Derogation.REFUSEE, True, (0, 0, 0, StatutPet.NON_DUE)),
        (Derogation.EN_COURS, True, (0, 1000, None, StatutPet.A_CONFIRMER)),
        (Derogation.AUCUNE, True, (0, 1000, None, StatutPet.A_CONFIRMER)),
        (Derogation.AUCUNE, False, (0, 0, 0, StatutPet.NON_DUE)),
    ],
)
def test_eighteen_kilometres_by_road_hang_on_the_derogation(derogation, demandee, attendu):
    proche = site(5, distance_route_km=18, distance_vol_oiseau_km="19.0", precision=Precision.ADRESSE)
    resultat = calcule(proche, derogation=derogation, derogation_demandee=demandee)
    assert bornes(resultat) == attendu


def test_a_granted_derogation_settles_an_unknown_distance_too():
    assert calcule(site(5, distance_vol_oiseau_km=15), derogation=Derogation.ACCORDEE).montant == D(1000)


def test_a_refused_derogation_leaves_no_amount_to_hope_for():
    assert calcule(site(5, distance_route_km=18), derogation=Derogation.REFUSEE).montant_si_derogation is None


def test_the_same_legal_entity_cannot_hope_for_a_derogation():
    meme_entite = site(5, distance_route_km=18, entite_juridique_differente=False)
    assert calcule(meme_entite).montant_si_derogation is None
    accordee = calcule(meme_entite, derogation=Derogation.ACCORDEE)
    assert accordee.montant == D(1000)
    assert "le texte ne prévoit pas ce cas" in accordee.sites[0].motif


def test_a_pending_derogation_asks_for_the_decision():
    resultat = calcule(site(5, distance_route_km=18), derogation=Derogation.EN_COURS)
    assert resultat.points == ("Saisissez la décision sur la dérogation à la distance demandée pour MSP B.",)


# --- sites ---


def test_half_days_on_the_main_site_do_not_count():
    resultat = calcule(
        site(3, "CH Blois", adresse="2 Mail des Tilleuls"), loin(2, "MSP B"), adresse_principale="2, mail des tilleuls"
    )
    assert (resultat.montant, eligibles(resultat)) == (D(450), 1)
    assert "site principal" in resultat.motifs[0]


def test_a_site_without_half_days_is_ignored():
    resultat = calcule(loin(2, "MSP B"), loin(0, "MSP C"))
    assert [e.site.nom for e in resultat.sites] == ["MSP B"]


def test_sites_without_an_address_may_be_the_same_one():
    sites = (replace(loin(2, "MSP B"), adresse=None), replace(loin(2, "MSP C"), adresse=" "))
    resultat = calcule(*sites)
    assert bornes(resultat) == (700, 1000, None, StatutPet.A_CONFIRMER)
    assert "adresse de chaque lieu" in resultat.points[0]


def test_two_distances_for_one_address_are_none():
    sites = (
        site(2, "MSP B", adresse="1 rue A", distance_route_km=12),
        site(3, "Annexe", adresse="1 rue A", distance_route_km=25),
    )
    assert calcule(*sites).sites[0].statut is StatutDistance.A_VERIFIER


@pytest.mark.parametrize("demi_journees", [None, "-2", "NaN", "sNaN", "Infinity"])
def test_unreadable_half_days_give_a_range_never_an_amount(demi_journees):
    resultat = calcule(loin(demi_journees))
    assert bornes(resultat) == (0, 1000, None, StatutPet.A_CONFIRMER)
    assert resultat.points == ("Faites préciser le nombre de demi-journées par semaine sur MSP B.",)


def test_unreadable_half_days_at_a_shared_address_are_unreadable_together():
    sites = (
        site(2, "MSP B", adresse="1 rue A", distance_route_km=30),
        site(None, "Annexe", adresse="1 rue A", distance_route_km=30),
    )
    assert bornes(calcule(*sites)) == (0, 1000, None, StatutPet.A_CONFIRMER)


def test_unreadable_half_days_too_near_change_nothing():
    assert calcule(site(None, distance_route_km=5), derogation=Derogation.REFUSEE).statut is StatutPet.NON_DUE


@pytest.mark.parametrize("distance", ["-3", "NaN"])
def test_an_impossible_distance_is_an_unknown_one(distance):
    assert calcule(site(5, distance_route_km=distance)).statut is StatutPet.A_CONFIRMER
    assert calcule(loin(5), distance_retenue_km=D(distance)).montant == D(1000)


def test_more_half_days_than_a_week_holds_are_not_asserted():
    resultat = calcule(loin(50))
    assert bornes(resultat) == (1000, 1000, 1000, StatutPet.A_CONFIRMER)
    assert any("à vérifier" in m for m in resultat.motifs)


# --- category and scale ---


def test_alternating_years_have_no_weekly_mean():
    resultat = calcule(loin(10), categorie=Categorie.III)
    assert bornes(resultat) == (None, None, None, StatutPet.A_CONFIRMER)
    assert resultat.texte() == "à confirmer"


def test_an_unknown_category_is_to_be_confirmed():
    assert bornes(calcule(loin(5), categorie=None)) == (1000, 1000, 1000, StatutPet.A_CONFIRMER)


def test_no_scale_on_that_day_means_no_amount():
    resultat = calcule(loin(5), jour=date(2021, 11, 1))
    assert bornes(resultat) == (None, None, None, StatutPet.A_CONFIRMER)
    assert "barème à renseigner" in resultat.motifs[0]


def test_an_empty_scale_gives_nothing():
    parametres = replace(CVL, baremes=(replace(BAREME, paliers=()),))
    assert calcule(loin(None), parametres=parametres).montant == D(0)


# --- acceptance cases whose distances are the point ---


@pytest.mark.parametrize(
    ("cas", "champs", "attendu"),
    [
        ("C07", {"distance_vol_oiseau_km": "19.9"}, (0, 1000, None, StatutPet.A_CONFIRMER)),
        ("C07 route 20,0", {"distance_route_km": "20.0"}, (1000, 1000, 1000, StatutPet.DUE)),
        ("C07 route 19,9", {"distance_route_km": "19.9"}, (0, 0, 0, StatutPet.NON_DUE)),
        ("E5 Meung", {"distance_vol_oiseau_km": "17.0"}, (0, 1000, None, StatutPet.A_CONFIRMER)),
        ("E5 Fleury", {"distance_vol_oiseau_km": "6.2"}, (0, 1000, None, StatutPet.A_CONFIRMER)),
        ("E9", {"distance_route_km": 27, "distance_vol_oiseau_km": "22.9"}, (1000, 1000, 1000, StatutPet.DUE)),
    ],
)
def test_the_acceptance_cases_near_twenty_kilometres(cas, champs, attendu):
    assert bornes(calcule(site(5, precision=Precision.ADRESSE, **champs))) == attendu, cas


def test_the_acceptance_case_of_a_category_one_post_at_the_upper_bound_of_a_tier():
    blois = site(3, "CH N", distance_vol_oiseau_km="50.1", precision=Precision.ADRESSE)
    assert bornes(calcule(blois, categorie=Categorie.I)) == (450, 450, 450, StatutPet.DUE)


def test_the_acceptance_case_of_a_road_distance_typed_by_the_ars():
    ferte = site(5, "MSP du Cosson", distance_vol_oiseau_km="19.0", precision=Precision.ADRESSE)
    assert bornes(calcule(ferte, distance_retenue_km=D(22))) == (1000, 1000, 1000, StatutPet.DUE)
