"""Official numbers: a wrong key is told from a number badly typed, a lost zero is put back."""

from __future__ import annotations

import pytest

from connector.core.cles import (
    code_commune,
    code_qpv,
    code_region,
    finess_valide,
    luhn_valide,
    region_saisie,
    rpps_valide,
)
from connector.errors import OperatorError


def test_luhn_wants_ascii_digits_and_the_right_key():
    assert luhn_valide("79927398713")
    assert not luhn_valide("79927398714")
    assert not luhn_valide("7992739871a")
    assert not luhn_valide("٣٣")
    assert not luhn_valide("")


@pytest.mark.parametrize(
    ("texte", "valide"),
    [
        ("10101000379", True),
        ("101 010 003 79", True),
        ("10101000378", False),
        ("1010100037", False),
        ("00000000000", False),
        ("", False),
    ],
)
def test_an_rpps_number_has_eleven_digits_and_its_key(texte, valide):
    assert rpps_valide(texte) is valide


@pytest.mark.parametrize(
    ("texte", "valide"),
    [
        ("370007809", True),
        ("450008024", True),
        ("37 000 780 9", True),
        ("370007808", False),
        ("2A0000154", True),
        ("2b0000038", True),
        ("2B0000039", False),
        ("2C0000038", False),
        ("37000780", False),
        ("", False),
    ],
)
def test_a_finess_number_has_its_key_even_in_corsica(texte, valide):
    assert finess_valide(texte) is valide


@pytest.mark.parametrize(
    ("texte", "code"),
    [
        ("QN99901N", "QN99901N"),
        (" qp037004 ", "QP037004"),
        ("QN9990101N", None),
        ("QX037004", None),
        ("oui", None),
        ("", None),
    ],
)
def test_a_district_code_has_its_shape_in_either_generation(texte, code):
    assert code_qpv(texte) == code


@pytest.mark.parametrize(
    ("brut", "code"),
    [
        ("01001", "01001"),
        (1001, "01001"),
        (1001.0, "01001"),
        ("1001,0", "01001"),
        (" 1001 ", "01001"),
        ("2a004", "2A004"),
        ("97302", "97302"),
        ("98818", "98818"),
        ("20004", None),  # Corsica has not been 20 since 1976
        ("96001", None),
        ("99100", None),
        ("00001", None),
        ("1001.5", None),
        ("123456", None),
        ("Tours", None),
        ("", None),
        ("-1001", None),
    ],
)
def test_a_commune_code_gets_back_the_zero_that_excel_ate(brut, code):
    assert code_commune(brut) == code


@pytest.mark.parametrize(
    ("brut", "code"), [("24", "24"), (1, "01"), (3.0, "03"), ("06", "06"), ("99", None), ("", None)]
)
def test_a_region_code_is_one_of_the_eighteen(brut, code):
    assert code_region(brut) == code


def test_a_region_typed_by_an_operator_is_a_code_or_none_and_never_a_name():
    assert (region_saisie("24"), region_saisie("1"), region_saisie("")) == ("24", "01", "")
    with pytest.raises(OperatorError, match="région inconnue : « Centre »") as refus:
        region_saisie("Centre")
    assert "24 pour Centre-Val de Loire" in refus.value.hint
