from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum

import pytest

from connector.core.model import Champ, Dossier, DossierState, Ligne, Lignes, Piece, Valeur, VirusScan
from connector.core.plan import ValeurAnnotation
from connector.errors import StoreError
from connector.store import codec
from tests.unit.store.fabrique import T0, VALEURS, champ, dossier


@pytest.mark.parametrize("value", VALEURS, ids=lambda v: type(v).__name__)
def test_every_value_comes_back_equal_and_of_the_same_type(value):
    again = codec.loads(codec.dumps(value, Valeur), Valeur)
    assert again == value
    assert type(again) is type(value)


def test_a_repetition_comes_back_with_its_rows():
    rows = Lignes(rows=(Ligne(id="L", champs=(champ(Decimal("0.10")), champ(None))), Ligne(id="M", champs=())))
    assert codec.loads(codec.dumps(rows, Valeur), Valeur) == rows


def test_a_whole_dossier_comes_back_equal():
    assert codec.loads(codec.dumps(dossier(), Dossier), Dossier) == dossier()


def test_a_decimal_keeps_its_exponent():
    assert str(codec.loads(codec.dumps(Decimal("1.500"), Valeur), Valeur)) == "1.500"


def test_a_datetime_keeps_its_offset():
    moment = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=-9, minutes=-30)))
    assert codec.loads(codec.dumps(moment, Valeur), Valeur).utcoffset() == moment.utcoffset()


def test_a_date_and_a_datetime_at_midnight_are_not_confused():
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    assert codec.dumps(midnight, Valeur) != codec.dumps(date(2026, 1, 1), Valeur)


def test_a_lone_surrogate_comes_back_and_the_text_is_utf8():
    text = codec.dumps("avant \ud800 après é", Valeur)
    assert text.encode()
    assert codec.loads(text, Valeur) == "avant \ud800 après é"


def test_accents_are_written_as_they_are():
    assert codec.dumps("é", Valeur) == '"é"'


def test_a_field_at_its_default_is_not_written_and_comes_back():
    text = codec.dumps(champ(), Champ)
    assert "updated_at" not in json.loads(text)
    assert codec.loads(text, Champ) == champ()


@dataclass(frozen=True)
class _Compte:
    oui: bool = True
    un: int = 1
    textes: tuple[str, ...] = ()


@pytest.mark.parametrize("value", [_Compte(oui=1), _Compte(un=True), _Compte(textes=("a",)), _Compte()], ids=repr)
def test_a_field_equal_to_its_default_but_of_another_type_is_written(value):
    again = codec.loads(codec.dumps(value, _Compte), _Compte)
    assert [type(again.oui), type(again.un)] == [type(value.oui), type(value.un)]
    assert again == value


def test_a_state_of_a_later_server_is_read_as_unknown():
    assert codec.loads('"en_vacances"', DossierState) is DossierState.INCONNU


class _Texte(StrEnum):
    MOT = "mot"


def test_a_text_of_a_finer_type_is_written_as_text():
    assert codec.dumps(_Texte.MOT, Valeur) == '"mot"'


@pytest.mark.parametrize("value", ["a", True, 3, Decimal(1), date(2026, 1, 1), T0, ("x", "y"), ()], ids=repr)
def test_the_value_of_an_annotation_comes_back(value):
    again = codec.loads(codec.dumps(value, ValeurAnnotation), ValeurAnnotation)
    assert again == value
    assert type(again) is type(value)


def test_sets_are_written_in_order_and_mappings_by_key():
    assert codec.dumps(frozenset({"b", "a"}), frozenset[str]) == '["a","b"]'
    assert codec.loads('["a","b"]', frozenset[str]) == frozenset({"a", "b"})
    days = {"lundi": date(2026, 6, 1)}
    assert codec.loads(codec.dumps(days, Mapping[str, date]), Mapping[str, date]) == days


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", Dossier),
        ("{", Dossier),
        ("[]", Dossier),
        ("{}", Piece),
        ('{"id":1}', Lignes),
        ('{"Inconnu":1}', Valeur),
        ('{"date":"2026-01-01","Decimal":"1"}', Valeur),
        ('{"Decimal":"un"}', Valeur),
        ('{"date":"hier"}', Valeur),
        ("[1]", Valeur),
        ('"autre"', _Texte),
        ('"x"', tuple[date, ...]),
        ("[" * 100_000, Valeur),
    ],
)
def test_a_text_that_is_not_what_was_written_is_refused_in_french(text, kind):
    with pytest.raises(StoreError, match="illisible") as caught:
        codec.loads(text, kind)
    assert "sauvegarde" in caught.value.hint


def test_a_union_without_a_list_refuses_one():
    with pytest.raises(codec.CodecError):
        codec.typed([1], str | date)


def test_a_type_the_model_has_no_use_for_is_a_programming_mistake():
    with pytest.raises(KeyError):
        codec.dumps(b"octets", bytes)


def test_instants_sort_as_texts():
    east, west = T0, (T0 + timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=-10)))
    assert codec.instant(east) < codec.instant(west)
    assert codec.when(codec.instant(west)) == west
    assert codec.maybe_when(None) is None


def test_a_naive_datetime_is_a_programming_mistake():
    with pytest.raises(ValueError, match="naive"):
        codec.instant(datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_text_column_can_hold_anything():
    assert codec.storable("a\ud800é").encode() == "a?é".encode()


def test_the_verdict_of_an_antivirus_comes_back():
    assert codec.loads(codec.dumps(VirusScan.INFECTED, VirusScan), VirusScan) is VirusScan.INFECTED


@dataclass(frozen=True)
class _Lu:
    le: date


def test_a_value_may_be_read_before_any_was_written():
    assert codec.loads('{"le":"2026-06-01"}', _Lu) == _Lu(date(2026, 6, 1))
