from __future__ import annotations

import decimal
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core import empreintes
from connector.core.model import Choix, DossierState, Lieu, Piece, VirusScan
from connector.core.politique import Politique

TEXTES = st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\r\n\t \u00a0\u202f\u200be\u0301")))
NOMBRES = st.decimals(allow_nan=False) | st.integers().map(Decimal)
VALEURS = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(),
        NOMBRES,
        st.dates(),
        st.builds(Lieu, code=st.text(), name=st.text()),
        st.builds(Choix, values=st.lists(st.text(), max_size=3).map(tuple)),
    ),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


class Couleur(Enum):
    ROUGE = 1
    VERT = 2


@dataclass(frozen=True)
class Autre:
    code: str
    name: str


def _kind(value):
    """A value with its kinds: Python says that 1 == 1.0 == True."""
    if isinstance(value, tuple):
        return ("seq", *map(_kind, value))
    if isinstance(value, dict):
        return ("map", *sorted((k, _kind(v)) for k, v in value.items()))
    return (type(value).__name__, value)


@given(VALEURS, VALEURS)
def test_two_digests_are_equal_exactly_when_the_values_are(one, other):
    assert (empreintes.of(one) == empreintes.of(other)) is (_kind(one) == _kind(other))


@given(VALEURS)
def test_a_digest_is_the_same_each_time(value):
    assert empreintes.of(value) == empreintes.of(value)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((("a", "b"),), (("a",), "b")),
        (("ab", "c"), ("a", "bc")),
        ((1,), ("1",)),
        ((True,), (1,)),
        ((None,), ("",)),
        (((),), ("",)),
        ((Lieu(code="1", name="2"),), (Autre("1", "2"),)),
        ((Couleur.ROUGE,), (Couleur.VERT,)),
        ((DossierState.ACCEPTE,), (DossierState.REFUSE,)),
        ((timedelta(seconds=30),), (timedelta(seconds=31),)),
        ((date(2026, 1, 2),), (date(2026, 2, 1),)),
        ((Decimal("1e30"),), (Decimal(10**30 + 1),)),
    ],
)
def test_different_values_have_different_digests(one, other):
    assert empreintes.of(*one) != empreintes.of(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Decimal(450), Decimal("450.0")),
        (Decimal("-0.00"), Decimal(0)),
        (datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 13, tzinfo=timezone(timedelta(hours=1)))),
        ([1, 2], (1, 2)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ],
)
def test_equal_values_spelled_differently_have_one_digest(one, other):
    assert empreintes.of(one) == empreintes.of(other)


A_PARIS = datetime(2026, 1, 5, 9, 30, 0, 120000, tzinfo=timezone(timedelta(hours=1)))
UN_FICHIER = Piece(
    filename="cv.pdf",
    content_type="application/pdf",
    byte_size=12,
    checksum="x==",
    virus_scan=VirusScan.SAFE,
    created_at=A_PARIS,
)


@pytest.mark.parametrize(
    ("values", "digest"),
    [
        ((), "e3b0c44298fc1c14"),
        ((24100166, "complet", A_PARIS), "e1c3d539e546b193"),
        ((None, True, -3, 1.5, "été\n€"), "52f2bd9bfb5fc2a0"),
        ((DossierState.ACCEPTE, date(2026, 1, 5), timedelta(days=2, microseconds=1)), "3365af55855ba058"),
        ((Decimal("450.00"), Decimal("-0.0"), Decimal("1E+30")), "01be68f4f0a0d2a6"),
        (((("a", ()), ["b"]), frozenset({"x", "y"}), {"b": 1, "a": None}), "17eded24593c9661"),
        ((UN_FICHIER,), "d578e96528ebf06a"),
    ],
)
def test_digests_are_those_of_the_first_version_so_that_no_message_is_sent_twice_and_no_dossier_read_again(
    values, digest
):
    assert empreintes.of(*values)[:16] == digest


def test_a_text_that_no_file_can_hold_has_a_digest_all_the_same():
    assert empreintes.of("\ud800") != empreintes.of("\udc00")


def test_a_set_has_a_digest_whatever_its_order_and_is_no_list():
    assert empreintes.of(frozenset({"a", "b", "c"})) == empreintes.of(frozenset({"c", "b", "a"}))
    assert empreintes.of(frozenset({"a"})) != empreintes.of(["a"])


def test_a_long_sequence_cannot_pass_for_two_short_ones():
    eleven = ["", "abc]seq[9", *[""] * 9]
    assert empreintes.of(eleven) != empreintes.of(["13:str:abc"], [""] * 9)


def test_the_digest_of_a_number_does_not_hang_on_the_decimal_context_of_the_thread():
    long = Decimal("1.234567890123456789")
    expected = empreintes.of(long)
    with decimal.localcontext() as context:
        context.prec = 3
        assert empreintes.of(long) == expected


def test_a_number_that_is_none_has_a_digest_all_the_same():
    assert empreintes.of(Decimal("sNaN")) != empreintes.of(Decimal(0))


def test_the_whole_policy_has_a_digest():
    assert empreintes.of(Politique()) != empreintes.of(Politique(delai_reponse_perdue=timedelta(minutes=1)))


@pytest.mark.parametrize("value", [{1, 2}, object(), Lieu, b"x"])
def test_what_has_no_digest_is_refused_by_name(value):
    with pytest.raises(TypeError, match=type(value).__name__):
        empreintes.of(value)


# texts


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("a  \nb\t\n", "a\nb"),
        ("a\u0000\u200bb", "ab"),
        ("e\u0301te\u0301", "été"),
        ("e\u200b\u0301", "é"),
        ("Réf.\u00a0: 1\u202f?", "Réf. : 1 ?"),
        ("\n\n a \n\n", "a"),
        ("a\tb", "a\tb"),
        ("a\t\u0007b", "a\tb"),
        ("ligne 1\nligne 2\tœ € 🩺", "ligne 1\nligne 2\tœ € 🩺"),
    ],
)
def test_a_text_is_recognised_whatever_ds_did_to_its_blanks(sent, shown):
    assert empreintes.normalised_text(sent) == shown
    assert empreintes.of_text(sent) == empreintes.of_text(shown)


@given(TEXTES)
def test_a_normalised_text_is_already_normal(text):
    once = empreintes.normalised_text(text)
    assert empreintes.normalised_text(once) == once


def test_texts_that_differ_in_their_words_differ():
    assert empreintes.of_text("pièce manquante") != empreintes.of_text("pièces manquantes")


@pytest.mark.parametrize("text", ["", " \n\t", "\u0000"])
def test_an_empty_text_has_an_empty_digest_so_that_a_deleted_message_is_like_nothing(text):
    assert empreintes.of_text(text) == ""


# references


def test_a_message_ends_with_a_reference_that_is_found_again():
    reference = empreintes.reference(24100166, "ab12cd34ef56")
    assert reference == "24100166-AB12CD34EF"
    assert empreintes.reference_in(f"Bonjour\n\n{empreintes.reference_line(reference)}") == reference


@pytest.mark.parametrize("colon", [" :", "\u00a0:", "\u202f:"])
def test_a_reference_is_found_whatever_became_of_the_no_break_space(colon):
    assert empreintes.reference_in(f"Bonjour\r\n\r\nRéf.{colon} 12-0123456789\r\n") == "12-0123456789"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Réf. : 12-0123456789 merci",
        "> Réf. : 12-0123456789",
        "Réf. : 12-012345678",
        "Réf. : x-0123456789",
        "Réf. : 12-abcdefabcd",
    ],
)
def test_what_only_looks_like_a_reference_is_none(text):
    assert empreintes.reference_in(text) is None


def test_the_last_reference_counts_so_that_a_quoted_text_cannot_stand_for_ours():
    assert empreintes.reference_in("Réf. : 1-AAAAAAAAAA\nRéf. : 1-BBBBBBBBBB") == "1-BBBBBBBBBB"


# values of annotations


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("", None),
        ("a\nb ", "a\r\nb"),
        ("Synthèse\u00a0: 5/5", "Synthèse : 5/5"),
        (450, Decimal("450.0")),
        (Decimal("15.50"), Decimal("15.5")),
        (date(2026, 1, 2), date(2026, 1, 2)),
        (("a", "b"), ("a", "b")),
    ],
)
def test_a_value_as_ds_shows_it_back_is_the_value_written(written, shown):
    assert empreintes.of_value(written) == empreintes.of_value(shown)


@pytest.mark.parametrize(("one", "other"), [(1, True), ("1", 1), (0, None), (False, None), (("a",), "a")])
def test_values_of_different_types_are_different(one, other):
    assert empreintes.of_value(one) != empreintes.of_value(other)
