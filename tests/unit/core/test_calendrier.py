"""French working days: the deadlines told to a hospital rest on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from connector.core.calendrier import (
    Territoire,
    ajoute_jours_ouvres,
    ajoute_mois,
    en_vigueur,
    est_ouvre,
    jours_feries,
    jours_ouvres_entre,
    mois_entre,
    paques,
)


@pytest.mark.parametrize(
    "dimanche",
    [date(1818, 3, 22), date(2000, 4, 23), date(2008, 3, 23), date(2024, 3, 31), date(2025, 4, 20), date(2038, 4, 25)],
)
def test_easter_falls_where_the_almanacs_put_it(dimanche):
    assert paques(dimanche.year) == dimanche


def test_a_year_has_the_eleven_holidays_of_the_labour_code():
    assert sorted(jours_feries(2025)) == [
        date(2025, 1, 1),
        date(2025, 4, 21),
        date(2025, 5, 1),
        date(2025, 5, 8),
        date(2025, 5, 29),
        date(2025, 6, 9),
        date(2025, 7, 14),
        date(2025, 8, 15),
        date(2025, 11, 1),
        date(2025, 11, 11),
        date(2025, 12, 25),
    ]


@pytest.mark.parametrize(
    ("territoire", "jours"),
    [
        (Territoire.ALSACE_MOSELLE, {date(2025, 4, 18), date(2025, 12, 26)}),
        (Territoire.MAYOTTE, {date(2025, 4, 27)}),
        (Territoire.GUYANE, {date(2025, 6, 10)}),
    ],
)
def test_a_territory_adds_its_own_holidays(territoire, jours):
    assert jours_feries(2025, territoire) - jours_feries(2025) == jours


def test_a_closing_day_of_the_ars_is_not_worked():
    pont = date(2025, 5, 30)
    assert est_ouvre(pont)
    assert not est_ouvre(pont, fermetures=frozenset({pont}))
    assert not est_ouvre(date(2025, 5, 29))
    assert not est_ouvre(date(2025, 5, 31))


def test_working_days_skip_the_weekend_and_the_holiday():
    vendredi, mardi = date(2025, 4, 18), date(2025, 4, 22)
    assert jours_ouvres_entre(vendredi, mardi) == 1
    assert jours_ouvres_entre(mardi, vendredi) == -1
    assert jours_ouvres_entre(mardi, mardi) == 0
    assert jours_ouvres_entre(date(2025, 4, 17), mardi, Territoire.ALSACE_MOSELLE) == 1


def test_working_days_are_added_over_a_weekend_and_a_holiday():
    assert ajoute_jours_ouvres(date(2025, 4, 18), 1) == date(2025, 4, 22)
    assert ajoute_jours_ouvres(date(2025, 12, 24), 5) == date(2026, 1, 2)
    assert ajoute_jours_ouvres(date(2025, 4, 20), 0) == date(2025, 4, 20)


def test_a_negative_number_of_working_days_is_refused():
    with pytest.raises(ValueError, match="négatif"):
        ajoute_jours_ouvres(date(2025, 4, 18), -1)


def test_months_keep_the_day_or_stop_at_the_end_of_the_month():
    assert ajoute_mois(date(2023, 11, 1), 24) == date(2025, 11, 1)
    assert ajoute_mois(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert ajoute_mois(date(2024, 1, 31), -1) == date(2023, 12, 31)


def test_only_whole_months_are_counted():
    assert mois_entre(date(2023, 11, 1), date(2024, 2, 1)) == 3
    assert mois_entre(date(2023, 11, 15), date(2024, 2, 14)) == 2
    assert mois_entre(date(2024, 2, 1), date(2023, 11, 1)) == 0


@dataclass(frozen=True)
class _Ligne:
    date_effet: date
    valable_jusqu_au: date | None = None


def test_the_latest_row_in_force_wins_and_an_ended_one_is_not_replaced_by_an_older():
    ancienne, nouvelle = _Ligne(date(2020, 1, 1)), _Ligne(date(2023, 7, 1), date(2023, 12, 31))
    lignes = (nouvelle, ancienne)
    assert en_vigueur(lignes, date(2019, 12, 31)) is None
    assert en_vigueur(lignes, date(2023, 6, 30)) is ancienne
    assert en_vigueur(lignes, date(2023, 12, 31)) is nouvelle
    assert en_vigueur(lignes, date(2024, 1, 1)) is None
