"""Conditions that no answer of the form could meet."""

from __future__ import annotations

from datetime import UTC, datetime

from connector.core.constat import Source
from connector.core.correspondance import CibleChamp, Resolution, TypeLogique
from connector.core.model import ChampDescriptor, Demarche, Revision
from connector.core.regles import ChampRequis, Condition, impossible_conditions

CAHIER = (Source(texte="cahier", opposable=True),)


def liste(*options, autre=False):
    return ChampDescriptor(
        id="type",
        label="Type",
        typename="DropDownListChampDescriptor",
        required=True,
        options=options,
        other_option=autre,
    )


def forme(*champs, anciens=()):
    active = Revision(id="r2", date_publication=datetime(2026, 1, 2, tzinfo=UTC), champs=champs, annotations=())
    old = Revision(id="r1", date_publication=datetime(2026, 1, 1, tzinfo=UTC), champs=anciens, annotations=())
    return Demarche(
        id="d", number=1, title="", state="publiee", active=active, revisions=(old, active), groupes=(), labels=()
    )


RESOLUTION = Resolution(champs=(CibleChamp(cle="type", type=TypeLogique.CHOIX, libelle="Type", ids=("type",)),))


def problems(condition, demarche):
    regle = ChampRequis(cle="courrier", libelle="courrier", sources=CAHIER, champ="courrier", si=(condition,))
    return impossible_conditions((regle,), RESOLUTION, demarche)


def test_a_mistyped_option_in_a_condition_is_named_with_the_nearest_one():
    (problem,) = problems(
        Condition(champ="type", parmi=("Remplacement suite a un désistement",)),
        forme(liste("Nouvelle candidature", "Remplacement suite à désistement")),
    )
    assert problem.path == "regles.courrier.si.type"
    assert "vouliez-vous dire « Remplacement suite à désistement »" in problem.message


def test_an_option_spelled_with_other_accents_or_capitals_is_right():
    assert not problems(Condition(champ="type", sauf=("NOUVELLE CANDIDATURE",)), forme(liste("Nouvelle candidature")))


def test_one_option_that_exists_is_enough():
    assert not problems(Condition(champ="type", parmi=("Report", "Autre")), forme(liste("Report")))


def test_an_option_of_an_earlier_version_of_the_form_still_counts():
    assert not problems(Condition(champ="type", parmi=("Ancien",)), forme(liste("Neuf"), anciens=(liste("Ancien"),)))


def test_a_list_that_takes_any_answer_is_not_judged():
    assert not problems(Condition(champ="type", parmi=("Autre",)), forme(liste("Neuf", autre=True)))


def test_a_field_without_options_is_not_judged():
    assert not problems(Condition(champ="type", parmi=("Autre",)), forme(liste()))


def test_a_condition_on_a_field_that_the_form_has_not_or_without_any_value_is_not_judged():
    form = forme(liste("Neuf"))
    assert not problems(Condition(champ="ailleurs", parmi=("Autre",)), form)
    assert not problems(Condition(champ="type", renseigne=True), form)
