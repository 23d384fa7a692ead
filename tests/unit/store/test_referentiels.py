"""Referentials, version by version: what is in force on a day, and what a superseded version still says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connector.core.referentiels import Commune, Quartier, Referentiel, Version, Zone, ZoneCommune, ZoneQuartier

IMPORTE = datetime(2026, 2, 1, 9, tzinfo=UTC)
ANCIEN, RECENT = date(2022, 1, 1), date(2025, 6, 1)
JOUR = date(2026, 3, 1)
VIERZON = Commune(code_insee="18279", nom="Vierzon", departement="18", region="24", latitude=47.22, longitude=2.07)
AUCH = Commune(code_insee="32013", nom="Auch", departement="32", region="76", population=22_173)


@pytest.fixture
def referentiels(base):
    return base.referentiels


def version(referentiel=Referentiel.ZONAGE, *, effet=RECENT, arrete="arrêté 2025", region="", apres=0, lignes=1):
    return Version(
        referentiel=referentiel,
        arrete=arrete,
        date_effet=effet,
        importe_le=IMPORTE + timedelta(hours=apres),
        lignes=lignes,
        region=region,
    )


def zone(code="18279", classe=Zone.ZIP, tvs="1801"):
    return ZoneCommune(code_insee=code, zone=classe, tvs=tvs, arrete="sans effet ici", date_effet=RECENT)


def quartier(code="QN01801N", **champs):
    geometrie = '{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}'
    return Quartier(code=code, nom="Quartier", geometrie=geometrie, **champs)


def annexe(code="QN01801N", classe=Zone.ZAC, zone_tvs=None):
    return ZoneQuartier(code=code, nom="Quartier", zone=classe, zone_tvs=zone_tvs, arrete="x", date_effet=RECENT)


def test_before_any_import_nothing_is_known(referentiels):
    assert referentiels.versions() == ()
    assert referentiels.zone("18279", JOUR) is None
    assert referentiels.commune("18279") is None
    assert referentiels.communes(JOUR) == referentiels.quartiers(JOUR) == ()
    assert referentiels.en_vigueur(Referentiel.ZONAGE, JOUR) == ()


def test_a_zone_names_the_order_it_comes_from(referentiels):
    assert referentiels.save_zonage(version(), [zone()])
    found = referentiels.zone("18279", JOUR)
    assert (found.zone, found.tvs, found.arrete, found.date_effet) == (Zone.ZIP, "1801", "arrêté 2025", RECENT)
    assert referentiels.zone("37261", JOUR) is None


def test_the_order_in_force_on_the_day_decides_and_the_superseded_one_stays(referentiels):
    ancien, recent = version(effet=ANCIEN, arrete="arrêté 2022", apres=2), version()
    referentiels.save_zonage(recent, [zone()])
    referentiels.save_zonage(ancien, [zone(classe=Zone.HZ)])
    assert referentiels.zone("18279", JOUR).zone is Zone.ZIP
    assert referentiels.zone("18279", date(2024, 1, 1)).arrete == "arrêté 2022"
    assert referentiels.zone("18279", date(2020, 1, 1)) is None
    assert referentiels.en_vigueur(Referentiel.ZONAGE, JOUR) == (recent,)
    assert set(referentiels.versions()) == {ancien, recent}


def test_a_commune_that_the_order_in_force_leaves_out_is_unknown_whatever_an_older_one_said(referentiels):
    referentiels.save_zonage(version(effet=ANCIEN), [zone()])
    referentiels.save_zonage(version(), [zone("37261")])
    assert referentiels.zone("18279", JOUR) is None


def test_a_corrected_file_of_the_same_day_replaces_the_first_one(referentiels):
    referentiels.save_zonage(version(), [zone(classe=Zone.HZ)])
    assert referentiels.save_zonage(version(apres=1), [zone(classe=Zone.ZIP)])
    assert referentiels.zone("18279", JOUR).zone is Zone.ZIP


def test_the_same_file_again_changes_nothing(referentiels):
    assert referentiels.save_zonage(version(), [zone()], [annexe()])
    before = referentiels.empreinte(JOUR)
    assert not referentiels.save_zonage(version(apres=1), [zone()], [annexe()])
    assert (len(referentiels.versions()), referentiels.empreinte(JOUR)) == (1, before)
    assert referentiels.save_zonage(version(apres=2, arrete="autre arrêté"), [zone()], [annexe()])


def test_the_zoning_of_a_region_supersedes_no_other_region(referentiels):
    referentiels.save_communes(version(Referentiel.COMMUNES), [VIERZON, AUCH])
    referentiels.save_zonage(version(region="24", effet=ANCIEN), [zone()])
    referentiels.save_zonage(version(region="76"), [zone("32013", Zone.ZAC), zone("18279", Zone.HZ)])
    assert referentiels.zone("18279", JOUR).zone is Zone.ZIP
    assert referentiels.zone("32013", JOUR).zone is Zone.ZAC
    assert [v.region for v in referentiels.en_vigueur(Referentiel.ZONAGE, JOUR)] == ["76", "24"]


def test_a_commune_that_only_a_neighbouring_region_classes_has_that_class(referentiels):
    referentiels.save_communes(version(Referentiel.COMMUNES), [AUCH])
    referentiels.save_zonage(version(region="24"), [zone("32013", Zone.ZAC)])
    assert referentiels.zone("32013", JOUR).zone is Zone.ZAC


def test_without_communes_any_zoning_that_names_the_code_is_used(referentiels):
    referentiels.save_zonage(version(region="76"), [zone("32013")])
    referentiels.save_zonage(version(region="24", effet=ANCIEN), [zone()])
    assert referentiels.zone("18279", JOUR).zone is Zone.ZIP


def test_communes_come_back_as_they_were(referentiels):
    referentiels.save_communes(version(Referentiel.COMMUNES, lignes=2), [VIERZON, AUCH])
    assert referentiels.commune("18279") == VIERZON
    assert referentiels.communes(JOUR) == (VIERZON, AUCH)
    assert referentiels.communes(date(2020, 1, 1)) == ()


def test_a_commune_merged_since_is_still_found_in_an_older_list(referentiels):
    referentiels.save_communes(version(Referentiel.COMMUNES, effet=ANCIEN), [VIERZON, AUCH])
    referentiels.save_communes(version(Referentiel.COMMUNES), [AUCH])
    assert referentiels.commune("18279") == VIERZON
    assert referentiels.communes(JOUR) == (AUCH,)


def test_neighbourhoods_come_back_with_their_communes_and_the_class_that_the_order_gives_them(referentiels):
    sien, autre = quartier(communes=("18279", "18033")), quartier("QN01802N", zone=Zone.ZV)
    referentiels.save_qpv(version(Referentiel.QPV), [sien, autre])
    assert referentiels.quartiers(JOUR) == (sien, autre)
    referentiels.save_zonage(version(), [], [annexe(zone_tvs=Zone.HZ)])
    assert [q.zone for q in referentiels.quartiers(JOUR)] == [Zone.ZAC, Zone.ZV]


def test_between_two_orders_on_one_neighbourhood_the_latest_has_the_last_word(referentiels):
    referentiels.save_qpv(version(Referentiel.QPV), [quartier()])
    referentiels.save_zonage(version(region="24"), [], [annexe(classe=Zone.ZIP)])
    referentiels.save_zonage(version(region="76", effet=ANCIEN), [], [annexe(classe=Zone.HZ)])
    assert [q.zone for q in referentiels.quartiers(JOUR)] == [Zone.ZIP]


def test_the_digest_changes_with_an_import_and_on_the_day_its_effect_begins(referentiels):
    empty = referentiels.empreinte(JOUR)
    referentiels.save_zonage(version(effet=date(2026, 7, 1)), [zone()])
    assert referentiels.empreinte(JOUR) == empty
    assert referentiels.empreinte(date(2026, 7, 1)) != empty


def test_the_digest_changes_when_a_superseded_version_is_added_for_dossiers_decided_then(referentiels):
    referentiels.save_zonage(version(), [zone()])
    before = referentiels.empreinte(JOUR)
    referentiels.save_zonage(version(effet=ANCIEN, apres=1), [zone(classe=Zone.ZAC)])
    assert referentiels.empreinte(JOUR) != before


def test_a_version_taken_back_no_longer_counts_and_stays_in_the_catalogue(referentiels):
    referentiels.save_zonage(version(effet=ANCIEN), [zone(classe=Zone.HZ)])
    referentiels.save_zonage(version(arrete="faute de frappe"), [zone()])
    assert referentiels.withdraw(2, now=IMPORTE).arrete == "faute de frappe"
    assert referentiels.zone("18279", JOUR).zone is Zone.HZ
    assert [(g.numero, g.retiree_le) for g in referentiels.catalogue()] == [(1, None), (2, IMPORTE)]
    assert referentiels.withdraw(2, now=IMPORTE) is None
    assert referentiels.withdraw(9, now=IMPORTE) is None


def test_communes_taken_back_are_no_longer_found(referentiels):
    referentiels.save_communes(version(Referentiel.COMMUNES), [VIERZON])
    referentiels.withdraw(1, now=IMPORTE)
    assert referentiels.commune("18279") is None


def test_an_import_that_fails_half_way_leaves_nothing(referentiels, base):
    twice = [zone(), zone(classe=Zone.HZ)]
    with pytest.raises(Exception, match="règles"):
        referentiels.save_zonage(version(), twice)
    assert referentiels.versions() == ()
    assert base.connexion.rows("SELECT * FROM zones") == []
