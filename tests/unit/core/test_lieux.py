from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connector.core.lieux import AUCUN_LIEU, mesure, texte_distance, texte_zone
from connector.core.model import Adresse, Lieu
from connector.core.projet import LieuProjet, Projet
from connector.core.referentiels import (
    Appartenance,
    Precision,
    QuartierCite,
    Referentiel,
    StatutQuartier,
    Version,
    Zone,
    ZoneCommune,
)
from connector.core.situation import Situation, SituationLieu

D = Decimal
ARRETE, EFFET = "Arrêté du 12 juin 2025", date(2025, 7, 1)
SUITE = "Arrêté du 12 juin 2025, effet au 01/07/2025"
ZONAGE = Version(
    referentiel=Referentiel.ZONAGE,
    arrete=ARRETE,
    date_effet=EFFET,
    importe_le=datetime(2025, 7, 2, tzinfo=UTC),
    lignes=9,
)
SANS_CLASSE = "à vérifier, commune absente du zonage"
QUARTIER = QuartierCite(code="QN99901N", nom="Les Essais")


def zone(code, classe):
    return ZoneCommune(code_insee=code, zone=classe, tvs="", arrete=ARRETE, date_effet=EFFET)


def situe(rang=1, commune="18279", classe=Zone.ZIP, statut=None, cites=(), **autres):
    return SituationLieu(
        rang=rang,
        commune=commune,
        zone=zone(commune, classe) if classe else None,
        quartier=Appartenance(statut=statut, quartiers=tuple(cites)) if statut else None,
        **autres,
    )


def projet(*lieux, **autres):
    return Projet(dossier=1, lieux=lieux, **autres)


VIERZON = LieuProjet(rang=1, nom="MSP B", commune=Lieu(code="18279", name="Vierzon"))


def zone_de(situe_, versions=(ZONAGE,), lieu=VIERZON, **autres):
    return texte_zone(projet(lieu, **autres), Situation(lieux=(situe_,), versions=versions))


@pytest.mark.parametrize(
    ("lieu", "attendu"),
    [
        (situe(), f"ZIP (Vierzon 18279, {SUITE})"),
        (situe(classe=Zone.HZ), f"HZ (Vierzon 18279, {SUITE})"),
        (situe(classe=Zone.AUTRE), f"à vérifier, classée à part par l'arrêté (Vierzon 18279, {SUITE})"),
        (situe(classe=Zone.INCONNU), f"à vérifier, sans classement par l'arrêté (Vierzon 18279, {SUITE})"),
        (situe(classe=None), f"{SANS_CLASSE} (Vierzon 18279, {SUITE})"),
        (
            situe(classe=Zone.HZ, statut=StatutQuartier.DANS, cites=[QUARTIER]),
            f"QPV Les Essais QN99901N, commune HZ (Vierzon 18279, {SUITE})",
        ),
        (situe(classe=Zone.HZ, statut=StatutQuartier.DANS), f"QPV, commune HZ (Vierzon 18279, {SUITE})"),
        (situe(classe=Zone.HZ, statut=StatutQuartier.HORS), f"HZ (Vierzon 18279, {SUITE})"),
        (
            situe(classe=Zone.HZ, statut=StatutQuartier.INDETERMINE, cites=[QUARTIER]),
            f"HZ, QPV possible (QN99901N) à vérifier à l'adresse (Vierzon 18279, {SUITE})",
        ),
        (
            situe(classe=None, statut=StatutQuartier.INDETERMINE, cites=[QUARTIER]),
            f"{SANS_CLASSE}, QPV possible (QN99901N) à vérifier à l'adresse (Vierzon 18279, {SUITE})",
        ),
        (situe(statut=StatutQuartier.INDETERMINE, cites=[QUARTIER]), f"ZIP (Vierzon 18279, {SUITE})"),
        (situe(classe=Zone.HZ, statut=StatutQuartier.INDETERMINE), f"HZ (Vierzon 18279, {SUITE})"),
    ],
)
def test_a_zone_is_told_with_its_commune_and_the_order_that_gives_it(lieu, attendu):
    assert zone_de(lieu) == attendu


def test_an_unknown_commune_or_a_missing_referential_is_to_be_checked_never_a_no():
    assert zone_de(SituationLieu(rang=1), lieu=LieuProjet(rang=1)) == "à vérifier, commune inconnue"
    sans_zonage = zone_de(situe(classe=None), versions=())
    assert sans_zonage == "à vérifier, aucun zonage en vigueur n'est importé (Vierzon 18279)"


def test_the_city_of_an_address_names_the_commune_and_its_code_may_come_from_it():
    adresse = Adresse(label="1 place d'Essai", type="housenumber", city_code="41194", city_name="Romorantin")
    lieu = LieuProjet(rang=1, adresse=adresse)
    assert zone_de(situe(commune="41194"), lieu=lieu).startswith("ZIP (Romorantin 41194,")
    assert zone_de(SituationLieu(rang=1), lieu=lieu) == "à vérifier, commune inconnue (Romorantin 41194)"


def test_places_of_one_class_are_told_together():
    lieux = [
        LieuProjet(rang=r, commune=Lieu(code=c, name=n))
        for r, c, n in ((1, "45155", "Gien"), (2, "45252", "Pithiviers"), (3, "37132", "Loches"), (4, "45155", "Gien"))
    ]
    situes = (situe(1, "45155"), situe(2, "45252"), situe(3, "37132", Zone.HZ), situe(4, "45155"))
    texte = texte_zone(projet(*lieux), Situation(lieux=situes, versions=(ZONAGE,)))
    assert texte == f"ZIP (Gien 45155 et Pithiviers 45252, {SUITE}) ; HZ (Loches 37132, {SUITE})"


def test_a_specialty_in_deficit_is_said_beside_the_zone_that_it_makes_up_for():
    texte = zone_de(situe(classe=Zone.HZ), specialite_deficitaire="Aucun psychiatre à moins d'une heure.")
    assert texte == f"HZ (Vierzon 18279, {SUITE}) ; spécialité déficitaire retenue par l'ARS"


def test_no_place_at_all_is_said():
    assert texte_zone(projet(), Situation()) == AUCUN_LIEU
    assert texte_distance(projet(), Situation()) == AUCUN_LIEU


def test_an_agents_no_is_not_a_specialty_in_deficit():
    assert "déficitaire" not in zone_de(situe(classe=Zone.HZ), specialite_deficitaire="Non.")


def distance_de(route=None, oiseau=None, precision=Precision.COMMUNE, retenue=None):
    lieu = LieuProjet(rang=1, nom="MSP B", distance_route_km=route)
    situation = Situation(lieux=(SituationLieu(rang=1, distance_km=oiseau, precision=precision),))
    return texte_distance(projet(lieu, distance_retenue_km=retenue), situation)


def test_a_distance_says_how_it_was_measured_and_how_precisely():
    assert distance_de(oiseau=D("105.8")) == "105,8\u00a0km à vol d'oiseau (commune)"
    assert distance_de(oiseau=D("19.96"), precision=Precision.ADRESSE) == "19,9\u00a0km à vol d'oiseau (adresse)"
    assert distance_de(oiseau=D(19), precision=Precision.INCONNUE).endswith("(position approximative)")
    assert distance_de() == "distance inconnue"


def test_the_road_distances_are_kept_beside_ours():
    assert distance_de(route=D(22), oiseau=D(19)) == (
        "22\u00a0km par la route (formulaire), 19\u00a0km à vol d'oiseau (commune)"
    )
    assert distance_de(oiseau=D(19), retenue=D("20.4")) == (
        "20,4\u00a0km par la route, distance retenue par l'ARS ; 19\u00a0km à vol d'oiseau (commune)"
    )


def test_several_places_are_named():
    lieux = (LieuProjet(rang=1, nom="CDS I"), LieuProjet(rang=2, distance_route_km=D(41)))
    situation = Situation(lieux=(SituationLieu(rang=1, distance_km=D("59.1"), precision=Precision.ADRESSE),))
    assert texte_distance(projet(*lieux), situation) == (
        "CDS I : 59,1\u00a0km à vol d'oiseau (adresse) ; lieu n° 2 : 41\u00a0km par la route (formulaire)"
    )


@pytest.mark.parametrize(
    "absurde", [None, D("NaN"), D("Infinity"), D("-1"), D(100_001), D("1E-10"), D("1E-999999"), D("1E+999999")]
)
def test_a_quantity_that_the_world_cannot_hold_is_none(absurde):
    assert mesure(absurde) is None


@pytest.mark.parametrize(("brut", "lu"), [(D(0), "0"), (D("-0"), "0"), (D("4.25"), "4.25"), (D("1E+2"), "100")])
def test_a_quantity_that_it_can_hold_is_itself(brut, lu):
    assert f"{mesure(brut):f}" == lu
