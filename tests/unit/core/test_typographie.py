from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core.typographie import composer

N, F = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Il manque : le CV", f"Il manque{N}: le CV"),
        ("le CV ; la convention", f"le CV{F}; la convention"),
        ("Une question ? Écrivez !", f"Une question{F}? Écrivez{F}!"),
        ("Vraiment ?!", f"Vraiment{F}?!"),
        ("« Suivi manuel »", f"«{N}Suivi manuel{N}»"),
        ("« Pourquoi ? »", f"«{N}Pourquoi{F}?{N}»"),
        ("(pourquoi ?)", f"(pourquoi{F}?)"),
        ("dossier n° 123", f"dossier n°{N}123"),
        ("N° 123", f"N°{N}123"),
        ("50 % ou 1000 €", f"50{N}% ou 1000{N}€"),
        ("complétez :\n- le CV ;\n- la lettre.", f"complétez{N}:\n- le CV{F};\n- la lettre."),
        (f"déjà{N}; fait{F}: oui", f"déjà{F}; fait{N}: oui"),
        ("trop  d’espaces  :", f"trop  d’espaces{N}:"),
    ],
)
def test_no_line_breaks_where_french_forbids_it(typed, printed):
    assert composer(typed) == printed


@pytest.mark.parametrize(
    "text",
    [
        "https://demarche.numerique.gouv.fr/?a=1&b=2",
        "à 12:30",
        "contact@ars.exemple.fr",
        "clé:valeur",
        "une liste :-)",
        "\n: en début de ligne",
        "«sans espace»",
        "n° RPPS",
        "",
    ],
)
def test_what_is_no_punctuation_of_a_sentence_is_left_alone(text):
    assert composer(text) == text


BLANKS = st.text(alphabet=st.sampled_from(f"ab1«»;:!?%€n°() \n{N}{F}"))


@given(BLANKS)
def test_composing_twice_changes_nothing_more(text):
    assert composer(composer(text)) == composer(text)


@given(BLANKS | st.text())
def test_no_word_and_no_line_is_ever_changed(text):
    plain = str.maketrans("", "", f" {N}{F}")
    assert composer(text).translate(plain) == text.translate(plain)
