from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core import textes
from connector.core.textes import citer, enumerer, normaliser, ponctuer, proche, suggestion, typographier


@pytest.mark.parametrize(
    ("tape", "attendu"),
    [
        ("Spécialité", "specialite"),
        ("SPÉCIALITÉ  ", "specialite"),
        ("Lettre d’engagement", "lettre d'engagement"),
        ("Lettre dʼengagement", "lettre d'engagement"),
        ("Nom du candidat *", "nom du candidat"),
        ("Nom du candidat\u00a0:", "nom du candidat"),
        ("Nom du candidat : *", "nom du candidat"),
        ("Code\u202fpostal (5\u00a0chiffres)", "code postal (5 chiffres)"),
        ("N° RPPS", "no rpps"),
        ("Nº RPPS", "no rpps"),
        ("Cœur de métier", "coeur de metier"),
        ("2023–2025", "2023-2025"),
        ("« Cité »", '" cite "'),
        ("Spe\u0301cialite\u0301", "specialite"),
        ("Zone\u200bde soins", "zonede soins"),
        ("", ""),
        (" : * ", ""),
    ],
)
def test_two_spellings_of_a_label_have_one_form(tape, attendu):
    assert normaliser(tape) == attendu


def test_two_different_labels_stay_different():
    assert normaliser("Quotité hospitalière (%)") != normaliser("Quotité ambulatoire (%)")


@given(st.text())
def test_normalising_twice_changes_nothing(texte):
    assert normaliser(normaliser(texte)) == normaliser(texte)


def test_the_nearest_word_is_given_as_it_is_really_spelled():
    assert proche("specialitée", ["Catégorie", "Spécialité"]) == "Spécialité"


def test_no_word_is_given_when_none_is_near():
    assert proche("budget", ["Spécialité"]) is None
    assert proche("budget", []) is None


def test_a_suggestion_is_a_question_or_nothing():
    assert suggestion("Specialitee", ["Spécialité"]) == " ; vouliez-vous dire « Spécialité » ?"
    assert ponctuer("vouliez-vous dire « Spécialité » ?") == "vouliez-vous dire « Spécialité » ?"
    assert ponctuer("clé inconnue") == ponctuer("clé inconnue.") == "clé inconnue."
    assert suggestion("budget", ["Spécialité"]) == ""


def test_a_quotation_is_one_short_line():
    assert citer("une\nréponse") == "« une réponse »"
    longue = citer("mot " * 40)
    assert longue.endswith("… »")
    assert len(longue) <= 44


def test_a_list_of_words_reads_as_french():
    assert enumerer([]) == ""
    assert enumerer(["a"]) == "a"
    assert enumerer(["a", "b", "c"]) == "a, b et c"
    assert enumerer(["a", "b"], lien="ou") == "a ou b"


def test_a_sentence_is_printed_with_french_typography():
    assert typographier("« L'un » : oui ; non ?") == "«\u00a0L’un\u00a0»\u00a0: oui\u202f; non\u202f?"
    assert typographier(typographier("« L'un » : oui")) == typographier("« L'un » : oui")


def test_the_quotes_around_what_is_to_be_typed_stay_straight():
    assert typographier("pip install 'ds-connector[geo]' l'an d'« été »") == (
        "pip install 'ds-connector[geo]' l’an d’«\u00a0été\u00a0»"
    )


def test_a_label_is_remembered_and_a_message_is_not():
    before = textes._retenue.cache_info().currsize
    assert normaliser("Élément unique n° 7351") == normaliser("element unique no 7351 :")
    kept = textes._retenue.cache_info().currsize
    assert normaliser("Élément " * 40) == ("element " * 40).strip()
    assert (kept - before, textes._retenue.cache_info().currsize) == (2, kept)
