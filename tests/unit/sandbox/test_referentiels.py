from __future__ import annotations

from datetime import UTC, date, datetime

from connector.core.referentiels import Point, Precision, StatutQuartier, Zone
from connector.geo import QuartiersIndex
from connector.imports.qpv import import_qpv
from connector.imports.rapport import OptionsImport
from connector.imports.zonage import import_zonage
from connector.sandbox import referentiels
from connector.sandbox.lieux import STRUCTURES, THENAY, TOURS_QUARTIER

OPTIONS = OptionsImport(
    arrete="essai",
    date_effet=date.fromisoformat(referentiels.DATE_EFFET),
    importe_le=datetime(2026, 1, 1, tzinfo=UTC),
)


def test_the_trial_zoning_is_one_that_the_import_takes_and_knows_every_place_but_one(tmp_path):
    fichier = tmp_path / "zonage.csv"
    fichier.write_text(referentiels.zonage_csv(), encoding="utf-8")
    zones = {z.code_insee: z.zone for z in import_zonage(fichier, OPTIONS).communes}
    assert {s.lieu.insee for s in STRUCTURES} - set(zones) == {THENAY.lieu.insee}
    assert zones["18279"] is Zone.ZIP
    assert zones["37063"] is Zone.ZAC
    assert zones["37261"] is Zone.HZ


def test_the_trial_neighbourhood_holds_the_place_that_stands_in_it(tmp_path):
    fichier = tmp_path / "qpv.geojson"
    fichier.write_text(referentiels.qpv_geojson(), encoding="utf-8")
    index = QuartiersIndex(import_qpv(fichier, OPTIONS).quartiers)
    lieu = TOURS_QUARTIER.lieu
    dedans = Point(latitude=lieu.latitude, longitude=lieu.longitude, precision=Precision.ADRESSE)
    assert index.appartenance(dedans).statut is StatutQuartier.DANS
    dehors = Point(latitude=lieu.latitude + 0.1, longitude=lieu.longitude, precision=Precision.ADRESSE)
    assert index.appartenance(dehors).statut is StatutQuartier.HORS
