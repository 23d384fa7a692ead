"""What an agent reads: French numbers, no-break spaces."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector.core.montants import au_centime, euros, jour, kilometres, nombre, pluriel


@pytest.mark.parametrize(
    ("montant", "texte"),
    [
        ("1000", "1\u202f000\u00a0€"),
        ("45265.92", "45\u202f265,92\u00a0€"),
        ("0", "0\u00a0€"),
        ("3772.10", "3\u202f772,10\u00a0€"),
        ("1234567.005", "1\u202f234\u202f567,01\u00a0€"),
    ],
)
def test_euros_are_written_the_french_way(montant, texte):
    assert euros(Decimal(montant)) == texte


def test_numbers_lose_their_useless_zeros():
    assert [nombre(Decimal(n)) for n in ("4.00", "0.50", "100", "1200.25", "1E+2")] == [
        "4",
        "0,5",
        "100",
        "1\u202f200,25",
        "100",
    ]
    assert nombre(6) == "6"


def test_a_distance_just_under_the_threshold_never_reads_as_the_threshold():
    assert kilometres(Decimal("19.96")) == "19,9\u00a0km"
    assert kilometres(Decimal("16.955")) == "17\u00a0km"
    assert kilometres(Decimal("26.852")) == "26,9\u00a0km"
    assert kilometres(Decimal("20.04")) == "20\u00a0km"
    assert kilometres(Decimal(20)) == "20\u00a0km"


def test_half_a_cent_goes_up():
    assert au_centime(Decimal("0.005")) == Decimal("0.01")


def test_french_plurals_start_at_two():
    assert pluriel(Decimal("1.5"), "poste") == "1,5\u00a0poste"
    assert pluriel(2, "poste") == "2\u00a0postes"
    assert pluriel(0, "lieu éligible", "lieux éligibles") == "0\u00a0lieu éligible"
    assert pluriel(3, "lieu éligible", "lieux éligibles") == "3\u00a0lieux éligibles"


def test_a_day_is_written_day_first():
    assert jour(date(2023, 7, 1)) == "01/07/2023"
