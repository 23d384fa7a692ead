"""Referentials as data: one reading of a zone's label, points that exist, the version in force."""

from __future__ import annotations

import dataclasses
import math
from datetime import UTC, date, datetime

import pytest

from connector.core.model import Adresse
from connector.core.referentiels import (
    Commune,
    Point,
    Precision,
    Quartier,
    Referentiel,
    Version,
    Zone,
    ZoneQuartier,
    departement_of,
    plain_words,
    point_of,
    qualify,
    version_en_vigueur,
    zone_of,
)

LIBELLES = {
    Zone.ZIP: (
        "ZIP",
        "zip",
        " 1_ZIP ",
        "1 -Zone d'intervention prioritaire",
        "ZIP+",
        "Zone d’intervention prioritaire (ZIP)",
        "ZONES D'INTERVENTION PRIORITAIRES",
    ),
    Zone.ZAC: ("ZAC", "2_ZAC", "2- Zone d'action complémentaire", "ZAC - zone d'action complémentaire"),
    Zone.ZV: ("ZV", "3 - Zone de vigilance", "Zone de vigilance"),
    Zone.HZ: ("HV", "4 - Hors-vivier", "Hors vivier", "HZ", "3_HZ", "HC", "Hors zonage"),
    Zone.AUTRE: ("4_ZAR", "ZAR"),
    Zone.INCONNU: ("", "-", "Non-spécifié", "Erreur TVS-COM", "N/A", "#N/A", "N/A (hors région)"),
}


@pytest.mark.parametrize(("label", "zone"), [(label, zone) for zone, labels in LIBELLES.items() for label in labels])
def test_every_wording_met_gives_its_zone(label, zone):
    assert zone_of(label) is zone


@pytest.mark.parametrize("label", ["1 - Très sous-doté", "ZIP/ZAC", "ZRR", "1", "nation", "zip zac"])
def test_a_wording_nobody_taught_us_is_not_guessed(label):
    assert zone_of(label) is None


def test_only_zip_and_zac_are_under_served_and_vigilance_is_the_region_s_choice():
    assert [zone.sous_dense() for zone in Zone] == [True, True, False, False, None, None]
    assert Zone.ZV.sous_dense(vigilance=True) is True


@pytest.mark.parametrize("texte", ["Code de la commune", "CODE_DE_LA_COMMUNE", "code  de la\u00a0commune "])
def test_titles_are_compared_without_accents_case_nor_punctuation(texte):
    assert plain_words(texte) == "code de la commune"


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(math.nan, 1), (1, math.nan), (90.1, 0), (-91, 0), (0, 181), (math.inf, 0)]
)
def test_a_point_off_the_globe_is_refused(latitude, longitude):
    with pytest.raises(ValueError, match="globe"):
        Point(latitude=latitude, longitude=longitude)


@pytest.mark.parametrize(
    ("kind", "precision"),
    [
        ("housenumber", Precision.ADRESSE),
        ("street", Precision.ADRESSE),
        ("municipality", Precision.COMMUNE),
        ("locality", Precision.INCONNUE),
        ("", Precision.INCONNUE),
    ],
)
def test_an_address_gives_a_point_as_precise_as_its_type(kind, precision):
    adresse = Adresse(label="1 rue d'Essai", type=kind, latitude=47.4, longitude=0.7)
    assert point_of(adresse) == Point(latitude=47.4, longitude=0.7, precision=precision)


@pytest.mark.parametrize(("latitude", "longitude"), [(None, 0.7), (47.4, None), (math.nan, 0.7), (447.4, 0.7)])
def test_an_address_without_usable_coordinates_gives_no_point(latitude, longitude):
    assert point_of(Adresse(label="?", type="street", latitude=latitude, longitude=longitude)) is None


def test_a_commune_s_point_is_only_as_precise_as_a_commune():
    tours = Commune(code_insee="37261", nom="Tours", departement="37", region="24", latitude=47.4, longitude=0.7)
    assert tours.point == Point(latitude=47.4, longitude=0.7, precision=Precision.COMMUNE)
    assert dataclasses.replace(tours, latitude=None).point is None
    assert dataclasses.replace(tours, longitude=None).point is None


def version(effet: date, importe: int = 1) -> Version:
    return Version(
        referentiel=Referentiel.ZONAGE,
        arrete=f"arrêté {effet:%Y}",
        date_effet=effet,
        importe_le=datetime(2026, 1, importe, tzinfo=UTC),
        lignes=1,
    )


def test_the_version_in_force_is_the_latest_that_took_effect_then_the_latest_imported():
    ancienne, premiere, corrigee = version(date(2021, 1, 1)), version(date(2025, 6, 1)), version(date(2025, 6, 1), 2)
    future = version(date(2027, 1, 1))
    assert version_en_vigueur([future, corrigee, premiere, ancienne], date(2026, 1, 1)) is corrigee
    assert version_en_vigueur([future, corrigee, premiere, ancienne], date(2025, 5, 31)) is ancienne
    assert version_en_vigueur([future, corrigee], date(2020, 1, 1)) is None


def test_a_version_is_cited_by_its_order_and_its_date_of_effect():
    assert version(date(2025, 6, 1)).intitule == "arrêté 2025, effet au 01/06/2025"


def test_neighbourhoods_take_the_class_of_the_order_s_annex_and_keep_theirs_otherwise():
    quartiers = (
        Quartier(code="QN03701M", nom="Un", geometrie="{}"),
        Quartier(code="QN03702M", nom="Deux", geometrie="{}", zone=Zone.ZAC),
    )
    annexe = ZoneQuartier(
        code="QN03701M", nom="Un", zone=Zone.ZIP, zone_tvs=Zone.HZ, arrete="a", date_effet=date(2025, 6, 1)
    )
    assert [q.zone for q in qualify(quartiers, (annexe,))] == [Zone.ZIP, Zone.ZAC]


@pytest.mark.parametrize(
    ("code", "departement"), [("37261", "37"), ("2A004", "2A"), ("97302", "973"), ("98818", "988")]
)
def test_a_code_says_its_departement(code, departement):
    assert departement_of(code) == departement
