from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.core.chiffrage import Chiffrage, Parametres, chiffrer, prime_seule
from connector.core.constat import Source
from connector.core.cout import BaremeSalaire, FinApresReport, Lecture, ParametresCout, Taux
from connector.core.model import Adresse, Lieu
from connector.core.pet import BaremePet, Derogation, PalierPet, ParametresPet
from connector.core.poste import Attribution, Categorie, Quotites, ouvre, reporte
from connector.core.projet import LieuProjet, Projet
from connector.core.quota import (
    CleQuota,
    ModeQuota,
    Nature,
    ParametresQuota,
    Pretendant,
    Quota,
    QuotaEffectif,
    StatutQuota,
    TypeDemande,
    compte,
)
from connector.core.referentiels import Precision, Zone, ZoneCommune
from connector.core.situation import Situation, SituationLieu

D = Decimal
AUJOURD_HUI = date(2024, 1, 15)
SOURCE = Source(texte="texte d'essai", opposable=True)
PALIERS = (
    PalierPet(libelle="1", a_partir_de=D(1), jusqu_a=D(1), montant=D(250)),
    PalierPet(libelle="1 à 3", plus_de=D(1), jusqu_a=D(3), montant=D(450)),
    PalierPet(libelle="3 à 4", plus_de=D(3), jusqu_a=D(4), montant=D(700)),
    PalierPet(libelle="4 sur 2 sites", a_partir_de=D(4), jusqu_a=D(4), lieux_minimum=2, montant=D(1000)),
    PalierPet(libelle="plus de 4", plus_de=D(4), montant=D(1000)),
)
PET = ParametresPet(
    baremes=(BaremePet(date_effet=date(2022, 2, 10), paliers=PALIERS, source=SOURCE),),
    seuil_km=D(20),
    bande_km=D(5),
    sinuosite=D("1.3"),
    categories=frozenset({Categorie.I, Categorie.II}),
    categories_en_alternance=frozenset(),
    service_hebdomadaire=D(10),
)
COUT = ParametresCout(
    baremes=(
        BaremeSalaire(
            date_effet=date(2022, 7, 1),
            valable_jusqu_au=date(2030, 12, 31),
            annee_de=1,
            annee_a=2,
            base_mensuelle=D("2762.16"),
            indemnite_mensuelle=D(1010),
            source=SOURCE,
        ),
    ),
    lecture=Lecture.PART_HOSPITALIERE,
    part_salaire=Taux(nom="cout.part", valeur=D(100), source=SOURCE),
    part_pet=Taux(nom="cout.part_pet", valeur=D(100), source=SOURCE),
    charges=None,
    charges_sur_pet=False,
    fin_apres_report=FinApresReport.DECALEE,
)
QUOTA = ParametresQuota(mode=ModeQuota.INFORMATIF, poids_un_an=D(1))
PARAMETRES = Parametres(pet=PET, cout=COUT, quota=QUOTA)

CLE = CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II)
MSP = LieuProjet(
    rang=1,
    nom="MSP B",
    type_structure="Maison de santé",
    adresse=Adresse(label="1 place d'Essai 18100 Vierzon", type="housenumber", city_name="Vierzon"),
    demi_journees=D(5),
)
LOIN = SituationLieu(
    rang=1,
    commune="18279",
    zone=ZoneCommune(code_insee="18279", zone=Zone.ZIP, tvs="", arrete="Arrêté", date_effet=date(2023, 1, 1)),
    distance_km=D("105.8"),
    precision=Precision.COMMUNE,
)
PROJET = Projet(
    dossier=7,
    categorie=Categorie.II,
    demande=TypeDemande.NOUVELLE,
    promotion="2023-2025",
    region="24",
    lieux=(MSP,),
    quotite_hospitaliere=D(50),
    quotite_ambulatoire=D(50),
    debut=date(2023, 11, 1),
    duree_mois=24,
    convention=True,
)


def quota(valeur=6, nature=Nature.REGIONAL):
    return Quota(
        cle=CLE,
        valeur=valeur,
        nature=nature,
        statut=StatutQuota.DEFINITIF,
        source=SOURCE,
        date_effet=date(2023, 7, 1),
    )


def poste(dossier):
    return ouvre(
        Attribution(
            dossier=dossier,
            accepte_le=date(2023, 8, 1),
            promotion="2023-2025",
            categorie=Categorie.II,
            region="24",
            etablissement="1",
            quotites=Quotites(hospitaliere=D(50), ambulatoire=D(50)),
            debut=date(2023, 11, 1),
            duree_mois=24,
            cout=None,
        )
    )


def compteurs(accordes=3, en_lice=(), effectif=None, parametres=QUOTA):
    effectif = effectif or QuotaEffectif(cle=CLE, retenu=quota(), national=None)
    pretendants = [
        Pretendant(
            dossier=n,
            cle=CLE,
            type_demande=TypeDemande.NOUVELLE,
            depose_le=datetime(2023, 3, n, tzinfo=UTC),
            duree_mois=24,
        )
        for n in en_lice
    ]
    return compte(effectif, [poste(100 + n) for n in range(accordes)], pretendants, parametres)


SITUATION = Situation(lieux=(LOIN,), compteurs=compteurs(en_lice=(7,)))


def figures(projet=PROJET, situation=SITUATION, parametres=PARAMETRES) -> Chiffrage:
    return chiffrer(projet, situation, parametres, aujourd_hui=AUJOURD_HUI)


def texte(cle, **autres):
    """The text of one figure, spaces and apostrophes as typed."""
    return figures(**autres).textes()[cle].replace("\u202f", " ").replace("\u00a0", " ").replace("’", "'")


def nombre(cle, **autres):
    return figures(**autres).valeurs()[cle]


def test_the_nominal_case_has_every_figure():
    c = figures()
    assert c.valeurs() == {
        "zone": "ZIP (Vierzon 18279, Arrêté, effet au 01/01/2023)",
        "distance": "105,8\u00a0km à vol d’oiseau (commune)",
        "quotite": D(50),
        "pet_montant": D(1000),
        "pet_statut": "Due",
        "cout": D("69265.92"),
        "quota": "3\u00a0accordés / 6, 1\u00a0réservé",
    }
    assert c.complements == ("PET 1\u202f000\u00a0€",)
    assert (c.labels, c.points) == ((), ())
    assert c.prime is not None
    assert c.cout is not None


def test_the_cost_is_told_with_its_fiscal_years():
    assert texte("cout") == (
        "69 265,92 € sur 24 mois (2023 : 5 772,16 € ; 2024 : 34 632,96 € ; 2025 : 28 860,80 €), hors charges patronales"
    )
    avec_charges = replace(COUT, charges=Taux(nom="cout.charges", valeur=D(42), source=SOURCE))
    assert "hors charges" not in texte("cout", parametres=replace(PARAMETRES, cout=avec_charges))


def test_what_is_not_configured_is_not_calculated_and_says_so():
    rien = figures(parametres=Parametres())
    assert rien.valeurs()["pet_montant"] is None
    assert rien.valeurs()["cout"] is None
    assert texte("pet_montant", parametres=Parametres()) == (
        "non calculée : les paramètres de la prime ne sont pas renseignés"
    )
    assert texte("pet_statut", parametres=Parametres()) == "À confirmer"
    assert texte("cout", parametres=Parametres()) == "non calculé : les paramètres du coût ne sont pas renseignés"
    assert texte("quota", parametres=Parametres()) == "non suivi : les paramètres du quota ne sont pas renseignés"
    assert (rien.prime, rien.cout, rien.complements) == (None, None, ())


def test_a_chiffrage_of_nothing_has_nothing_to_write():
    assert Chiffrage().valeurs() == {}
    assert Chiffrage().textes() == {}


def test_a_zone_is_for_information_in_the_other_categories():
    categorie_i = replace(PROJET, categorie=Categorie.I)
    assert texte("zone", projet=categorie_i).startswith("sans objet en catégorie I ; pour information : ZIP (Vierzon")
    assert texte("zone", projet=replace(PROJET, categorie=None)).startswith("ZIP (Vierzon")


# --- share ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hopital", "ville", "dit", "nombre_"),
    [
        (D(60), D(40), "40 %", D(40)),
        (None, D("33.3333"), "33,3333 %", D("33.333")),
        (D(50), D(110), "à confirmer : les quotités ne font pas un temps plein (100 %)", None),
        (D(60), D(60), "à confirmer : les quotités ne font pas un temps plein (100 %)", None),
        (D(50), None, "à confirmer : quotité ambulatoire absente ou illisible", None),
        (D(50), D(-5), "à confirmer : quotité ambulatoire absente ou illisible", None),
    ],
)
def test_a_share_is_asserted_when_the_two_make_a_whole_time(hopital, ville, dit, nombre_):
    p = replace(PROJET, quotite_hospitaliere=hopital, quotite_ambulatoire=ville)
    assert texte("quotite", projet=p) == dit
    assert nombre("quotite", projet=p) == nombre_


# --- prime ------------------------------------------------------------------------------------------------------------


def proche(distance="19.9", **autres):
    return Situation(lieux=(replace(LOIN, distance_km=D(distance), precision=Precision.ADRESSE),), **autres)


def test_a_prime_that_cannot_be_asserted_is_a_range_and_has_no_number():
    assert texte("pet_montant", situation=proche()) == "à confirmer, 0 à 1 000 €"
    assert nombre("pet_montant", situation=proche()) is None
    assert texte("pet_statut", situation=proche()) == "À confirmer"
    c = figures(situation=proche())
    assert c.complements[0] == "PET à confirmer (0 à 1\u202f000\u00a0€)"
    assert c.points == (
        "Saisissez la distance routière retenue\u00a0: le trajet le plus court entre le site principal et MSP B.",
    )


def test_the_agents_road_distance_settles_it():
    for route, attendu in ((D(20), D(1000)), (D("19.9"), D(0))):
        assert nombre("pet_montant", projet=replace(PROJET, distance_retenue_km=route), situation=proche()) == attendu
    pres = replace(PROJET, distance_retenue_km=D("19.9"))
    assert texte("pet_montant", projet=pres, situation=proche()) == "0 € (1 000 € si dérogation)"
    assert figures(projet=pres, situation=proche()).complements[0] == "PET non due"


def test_a_site_that_is_very_near_is_probably_not_due_and_never_surely():
    assert texte("pet_montant", situation=proche("6.2")) == "à confirmer, 0 à 1 000 € (probablement 0 €)"
    assert nombre("pet_montant", situation=proche("6.2")) is None
    sans_sinuosite = replace(PARAMETRES, pet=replace(PET, sinuosite=None))
    assert texte("pet_montant", situation=proche("6.2"), parametres=sans_sinuosite) == "à confirmer, 0 à 1 000 €"
    demandee = replace(PROJET, lieux=(replace(MSP, distance_route_km=D(7)),), derogation_demandee=True)
    assert texte("pet_montant", projet=demandee, situation=proche("6.2")) == "à confirmer, 0 à 1 000 €"


def test_a_prime_refused_for_good_is_just_nothing():
    refusee = replace(PROJET, distance_retenue_km=D(12), derogation=Derogation.REFUSEE)
    assert texte("pet_montant", projet=refusee, situation=proche()) == "0 €"


def test_a_missing_agreement_keeps_the_amount_and_its_doubt():
    sans = replace(PROJET, convention=False)
    assert (texte("pet_montant", projet=sans), nombre("pet_montant", projet=sans)) == ("1 000 €, à confirmer", D(1000))
    assert figures(projet=sans).complements[0] == "PET 1\u202f000\u00a0€ à confirmer"
    assert texte("cout", projet=sans).endswith("hors charges patronales, prime à confirmer")
    assert nombre("cout", projet=sans) == D("69265.92")
    sans_part = replace(PARAMETRES, cout=replace(COUT, part_pet=Taux(nom="x", valeur=D(0), source=SOURCE)))
    assert "prime" not in texte("cout", projet=sans, parametres=sans_part)


def test_an_unknown_start_takes_the_scale_of_today_and_says_so():
    c = figures(projet=replace(PROJET, debut=None))
    assert c.prime.montant == D(1000)
    assert c.valeurs()["pet_statut"] == "À confirmer"
    assert c.prime.motifs[-1] == "Date de prise de fonction inconnue : barème du jour."


def test_a_start_before_any_scale_is_not_paid_at_todays():
    vieux = replace(PROJET, debut=date(1900, 1, 1))
    assert nombre("pet_montant", projet=vieux) is None
    assert texte("pet_montant", projet=vieux).startswith("à confirmer : aucun barème de la prime n'est saisi")
    assert figures(projet=vieux).complements[0] == "PET à confirmer"


def test_a_category_without_prime_says_so():
    troisieme = replace(PROJET, categorie=Categorie.III)
    assert (texte("pet_montant", projet=troisieme), nombre("pet_montant", projet=troisieme)) == ("sans objet", D(0))
    assert figures(projet=troisieme).complements[0] == "PET sans objet"


def deux(adresse_1, adresse_2):
    lieux = tuple(
        replace(MSP, rang=rang, nom=f"MSP {rang}", adresse=a, demi_journees=D(2))
        for rang, a in ((1, adresse_1), (2, adresse_2))
    )
    return {
        "projet": replace(PROJET, lieux=lieux),
        "situation": Situation(lieux=(LOIN, replace(LOIN, rang=2))),
    }


def test_two_places_at_one_address_are_one_site_and_a_commune_is_no_address():
    ici, la = (Adresse(label=f"{n} rue d'Essai", type="housenumber") for n in (1, 2))
    mairie = Adresse(label="Vierzon", type="municipality")
    assert nombre("pet_montant", **deux(ici, la)) == D(1000)
    assert nombre("pet_montant", **deux(ici, ici)) == D(700)
    for flou in (mairie, None):
        assert texte("pet_montant", **deux(flou, flou)) == "à confirmer, 700 à 1 000 €"


def test_half_days_that_cannot_be_are_unknown():
    absurde = replace(PROJET, lieux=(replace(MSP, demi_journees=D(-4)),))
    assert texte("pet_montant", projet=absurde) == "à confirmer, 0 à 1 000 €"


def test_a_place_on_the_main_site_does_not_count():
    sur_place = replace(PROJET, adresse=MSP.adresse)
    assert (nombre("pet_montant", projet=sur_place), texte("pet_statut", projet=sur_place)) == (D(0), "Non due")


def test_no_place_off_the_main_site_is_said_rather_than_a_bare_not_due():
    seul = replace(PROJET, lieux=())
    assert texte("pet_montant", projet=seul) == "0 € : aucun lieu d'exercice hors du site principal"
    assert figures(projet=seul).complements[0] == "PET\u00a0: aucun lieu hors du site principal"


def test_the_prime_alone_is_the_one_among_all_the_figures():
    jour = date(2023, 11, 1)
    assert prime_seule(PROJET, SITUATION, PARAMETRES, aujourd_hui=jour) == figures().prime
    assert prime_seule(PROJET, SITUATION, Parametres(), aujourd_hui=jour) is None


def test_the_type_of_structure_tells_a_prison():
    prison = replace(PROJET, lieux=(replace(MSP, type_structure="Unité sanitaire en milieu Penitentiaire"),))
    assert figures(projet=prison).prime.sites[0].site.penitentiaire
    sans_type = replace(PROJET, lieux=(replace(MSP, type_structure=None),))
    assert not figures(projet=sans_type).prime.sites[0].site.penitentiaire


# --- cost -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "dit"),
    [
        ({"debut": None}, "à confirmer : date de prise de fonction absente ou impossible"),
        ({"debut": date(9999, 12, 1)}, "à confirmer : date de prise de fonction absente ou impossible"),
        ({"debut_reporte": date(9999, 12, 1)}, "à confirmer : date de prise de fonction absente ou impossible"),
        ({"duree_mois": None}, "à confirmer : durée du poste absente ou illisible"),
        ({"duree_mois": -1}, "à confirmer : durée du poste absente ou illisible"),
        ({"duree_mois": 10**9}, "à confirmer : durée du poste absente ou illisible"),
        (
            {"duree_mois": None, "debut": None},
            "à confirmer : durée du poste absente ou illisible et date de prise de fonction absente ou impossible",
        ),
        ({"quotite_hospitaliere": None}, "à confirmer : quotité hospitalière absente ou incohérente"),
        ({"quotite_hospitaliere": D(110)}, "à confirmer : quotité hospitalière absente ou incohérente"),
        ({"quotite_hospitaliere": D(60)}, "à confirmer : quotité hospitalière absente ou incohérente"),
        ({"debut": date(2031, 1, 1)}, "barème à renseigner à partir du 01/01/2031"),
        ({"debut": date(2030, 11, 1)}, "barème à renseigner à partir du 01/01/2031 (2030 : 5 772,16 €)"),
    ],
)
def test_a_cost_that_cannot_be_asserted_has_no_number_and_says_why(changes, dit):
    p = replace(PROJET, **changes)
    assert texte("cout", projet=p) == dit
    assert nombre("cout", projet=p) is None


def test_a_cost_follows_the_doubt_of_the_prime():
    assert texte("cout", situation=proche()) == ("à confirmer, 45 265,92 € à 69 265,92 € sur 24 mois, selon la prime")
    assert texte("cout", parametres=replace(PARAMETRES, pet=None)) == "à confirmer : prime à confirmer"
    poste_entier = replace(PARAMETRES, pet=None, cout=replace(COUT, lecture=Lecture.POSTE_ENTIER))
    assert texte("cout", parametres=poste_entier) == "à confirmer : prime à confirmer"


def test_a_postponement_moves_the_schedule():
    reporte_ = replace(PROJET, debut_reporte=date(2024, 2, 1))
    assert texte("cout", projet=reporte_).startswith("69 265,92 € sur 24 mois (2024 : 31 746,88 € ; 2025")


def test_a_postponement_nobody_explained_is_not_financed():
    muet = replace(PROJET, demande=TypeDemande.REPORT, debut_reporte=date(2024, 2, 1))
    assert texte("cout", projet=muet) == "à confirmer : un report sans motif n'est pas financé"
    assert nombre("cout", projet=muet) is None
    assert nombre("cout", projet=replace(muet, motif_report="Congé maternité.")) == D("69265.92")


def test_a_postponement_beyond_the_end_leaves_nothing_to_pay():
    maintenue = replace(PARAMETRES, cout=replace(COUT, fin_apres_report=FinApresReport.MAINTENUE))
    trop_tard = replace(PROJET, debut_reporte=date(2025, 11, 1))
    assert texte("cout", projet=trop_tard, parametres=maintenue) == "à confirmer : le report dépasse la fin du poste"


def test_the_registers_postponement_wins_over_the_form():
    p = reporte(poste(7), dossier=7, debut=date(2024, 2, 1), accorde_le=date(2023, 10, 1), cout=None)
    assert texte("cout", situation=replace(SITUATION, poste=p)).startswith("69 265,92 € sur 24 mois (2024 :")
    autre = replace(PROJET, dossier=8)
    assert texte("cout", projet=autre, situation=replace(SITUATION, poste=p)).startswith(
        "69 265,92 € sur 24 mois (2023 :"
    )
    assert texte("cout", situation=replace(SITUATION, poste=poste(7))).startswith("69 265,92 € sur 24 mois (2023 :")


# --- quota ------------------------------------------------------------------------------------------------------------

ORDRE = ParametresQuota(mode=ModeQuota.ORDRE, poids_un_an=D(1))


def bref(**autres):
    """What the synthesis says of the quota: never a counter, which a decision on any other dossier would move."""
    quota = [c for c in figures(**autres).complements if not c.startswith("PET")]
    return " ".join(quota).replace("\u00a0", " ")


def test_a_quota_that_overflows_is_said_without_changing_anything():
    plein = replace(SITUATION, compteurs=compteurs(6, (7, 8, 9)))
    assert texte("quota", situation=plein) == "6 accordés / 6, 3 réservés ; 9 recevables pour 6 postes"
    assert bref(situation=plein) == ""


def test_a_dossier_that_waits_knows_its_rank():
    plein = replace(SITUATION, compteurs=compteurs(6, (5, 7), parametres=ORDRE))
    assert texte("quota", situation=plein) == (
        "6 accordés / 6, 2 réservés ; 2 en liste d'attente ; ce dossier est au rang 2 de la liste d'attente"
    )
    assert bref(situation=plein) == ""


def test_a_regional_number_above_the_national_one_is_said_each_time():
    effectif = QuotaEffectif(cle=CLE, retenu=quota(6), national=quota(4, Nature.NATIONAL))
    plein = replace(SITUATION, compteurs=compteurs(6, effectif=effectif))
    assert texte("quota", situation=plein) == (
        "6 accordés / 6 ; 2 postes au-delà de la dotation nationale 2023-2025 (4) : précisez le financement"
    )


@pytest.mark.parametrize(
    ("retenu", "court"),
    [(None, "quota non saisi"), (quota(None), "quota sans objet")],
)
def test_a_quota_nobody_wrote_is_not_one_that_does_not_exist(retenu, court):
    effectif = QuotaEffectif(cle=CLE, retenu=retenu, national=None)
    assert bref(situation=replace(SITUATION, compteurs=compteurs(effectif=effectif))) == court


def test_a_quota_that_cannot_be_told_is_to_be_checked():
    assert texte("quota", situation=Situation()) == "à vérifier : région, catégorie ou promotion inconnue"
    assert bref(situation=Situation()) == "quota à vérifier"


@pytest.mark.parametrize(
    ("demande", "suite", "label"),
    [
        (TypeDemande.REMPLACEMENT, "un remplacement ne prend pas de nouvelle place", "remplacement"),
        (TypeDemande.REPORT, "un report garde sa place", "report"),
    ],
)
def test_a_replacement_and_a_postponement_take_no_place_and_have_their_label(demande, suite, label):
    p = replace(PROJET, demande=demande)
    assert texte("quota", projet=p).endswith(suite)
    assert bref(projet=p) == "quota inchangé"
    assert figures(projet=p).labels == (label,)


def test_a_request_of_unknown_kind_is_counted_as_any():
    p = replace(PROJET, demande=None)
    assert (bref(projet=p), texte("quota", projet=p)) == ("", "3 accordés / 6, 1 réservé")


# --- labels -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "situation", "pose"),
    [
        ({"derogation_demandee": True}, proche("6"), True),
        ({"derogation": Derogation.EN_COURS}, proche("6"), True),
        ({"derogation": Derogation.ACCORDEE}, proche("6"), True),
        ({"derogation": Derogation.REFUSEE}, proche("6"), False),
        ({"derogation_demandee": True}, SITUATION, False),
        ({}, proche("6"), False),
    ],
)
def test_a_derogation_is_a_label_while_it_matters(changes, situation, pose):
    assert ("derogation_pet" in figures(projet=replace(PROJET, **changes), situation=situation).labels) is pose


def test_a_commune_typed_apart_serves_a_place_without_an_address():
    sans = replace(PROJET, lieux=(replace(MSP, adresse=None, commune=Lieu(code="18279", name="Vierzon")),))
    assert texte("zone", projet=sans).startswith("ZIP (Vierzon 18279")
