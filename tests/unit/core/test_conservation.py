"""How long what is stored may stay: each delay from its own instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connector.core.conservation import Conservation
from connector.core.poste import Categorie, Poste, Quotites, Titulaire

NOW = datetime(2026, 6, 1, 8, tzinfo=UTC)
POSTE = Poste(
    identifiant="2023-2025/24/II/1",
    promotion="2023-2025",
    categorie=Categorie.II,
    region="24",
    etablissement="99900001100018",
    quotites=Quotites(hospitaliere=Decimal(50), ambulatoire=Decimal(50)),
    debut=date(2023, 11, 1),
    duree_mois=24,
    cout=None,
    titulaires=(Titulaire(dossier=1, accepte_le=date(2023, 9, 1)),),
)


@pytest.mark.parametrize(
    ("jour", "parti"), [(date(2027, 10, 31), False), (date(2027, 11, 1), True), (date(2030, 1, 1), True)]
)
def test_a_post_leaves_the_register_so_many_months_after_its_funding_ended(jour, parti):
    assert Conservation(postes_mois=24).expire(POSTE, jour) is parti


def test_each_delay_counts_back_from_now():
    delais = Conservation(termines=10, absents=20, journal=30, copies=5)
    assert NOW - delais.termines_avant(NOW) == timedelta(days=10)
    assert NOW - delais.absents_avant(NOW) == timedelta(days=20)
    assert NOW - delais.journal_avant(NOW) == timedelta(days=30)
    assert NOW - delais.copies_avant(NOW) == timedelta(days=5)
