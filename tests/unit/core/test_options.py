"""Conditions that no answer of the form could meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from connector.core.constat import Source
from connector.core.correspondance import CibleChamp, Resolution, TypeLogique
from connector.core.model import ChampDescriptor, Demarche, Revision
from connector.core.regles import (
    ChampRequis,
    Condition,
    Convention,
    ValeurParmi,
    impossible_conditions,
    unknown_answers,
)

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


# ── the answers that rules list


def answers(demarche, champ="type", resolution=RESOLUTION, **listes):
    regle = ValeurParmi(cle="type", libelle="type", sources=CAHIER, champ=champ, **listes)
    return [(p.path, p.message) for p in unknown_answers((regle,), resolution, demarche)]


def test_an_accepted_or_excluded_answer_that_the_form_does_not_offer_is_told():
    form = forme(liste("Médecine générale", "Psychiatrie"))
    (accepted,) = answers(form, acceptees=("Psychiatrie", "Pédiatrie"))
    assert accepted[0] == "regles.type.acceptees"
    assert "« Psychiatrie » ?" in accepted[1]
    ((path, message),) = answers(form, exclues=("MEDECINE GENERALE", "Zoologie"))
    assert path == "regles.type.exclues"
    assert message.startswith("« Zoologie » n’est pas une réponse possible de ce champ du formulaire : corrigez-la")


def test_an_answer_to_a_champ_of_a_repetition_is_held_against_its_own_options():
    lieu = replace(liste("MSP", "Centre de santé"), id="structure")
    bloc = ChampDescriptor(
        id="lieux", label="Lieux", typename="RepetitionChampDescriptor", required=False, champs=(lieu,)
    )
    interne = CibleChamp(cle="structure", type=TypeLogique.CHOIX, libelle="Structure", ids=("structure",))
    lieux = CibleChamp(cle="lieux", type=TypeLogique.REPETITION, libelle="Lieux", ids=("lieux",), champs=(interne,))
    ((path, _),) = answers(
        forme(bloc), champ="lieux.structure", resolution=Resolution(champs=(lieux,)), acceptees=("msp", "Cabinet")
    )
    assert path == "regles.type.acceptees"


def test_a_rule_on_a_field_without_options_or_on_no_field_is_not_judged():
    assert not answers(forme(liste()), acceptees=("Autre",))
    assert not answers(forme(liste("Neuf")), champ="ailleurs", acceptees=("Autre",))
    sans_champ = Convention(cle="convention", libelle="convention", sources=CAHIER)
    assert not unknown_answers((sans_champ,), RESOLUTION, forme(liste("Neuf")))
