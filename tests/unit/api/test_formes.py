"""JSON promises nothing: a value of another type than the model's is refused where it is read, and nowhere later."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.api import lecture
from connector.api.champs import LecteurChamps
from connector.api.classement import classer
from connector.api.echange import Demande, Recue
from connector.api.formes import exiger
from connector.core.model import Choix, Dossier, Illisible, Label, Ligne, Lignes, PageReperes, Repere, Valeur
from connector.core.plan import ChangerEtat, EnvoyerMessage, Transition
from connector.errors import ContractBroken, DossierError, OutcomeUnknown, RetryableError
from tests.unit.api.fil import UN_DOSSIER, Fil
from tests.unit.api.fil import champ as un_champ
from tests.unit.api.fil import dossier as un_dossier

DEMANDE = Demande(document="dossier", mutation=False, dossier=7)


def lu(brut):
    return LecteurChamps().champ(brut)


def recue(corps):
    return classer(Recue(status=200, headers={}, body=corps), DEMANDE, maintenant=0).data


@pytest.mark.parametrize("valeur", [None, "a", True, 3, Choix(values=("a",)), Illisible(cause="x")])
def test_a_value_of_the_declared_type_is_given_back(valeur):
    assert exiger(valeur, Valeur) is valeur


@pytest.mark.parametrize(
    ("valeur", "dit"),
    [
        (1.5, "float"),
        ([], "list"),
        ({}, "dict"),
        (2**63, "démesuré"),
        (Choix(values=(1,)), "Choix.values : int inattendu"),
        (Choix(values=["a"]), "Choix.values : list inattendu"),
    ],
)
def test_any_other_is_refused_with_the_field_that_is_wrong(valeur, dit):
    with pytest.raises(ValueError, match=dit):
        exiger(valeur, Valeur)


def test_a_true_is_no_number():
    with pytest.raises(ValueError, match=r"Repere.number : bool"):
        exiger(Repere(number=True, date_derniere_modification=datetime(2026, 1, 1, tzinfo=UTC)), Repere)


def test_what_was_judged_when_it_was_read_is_not_judged_again():
    champ = replace(lu(un_champ(value="x")), label=5)
    assert exiger(Lignes(rows=(Ligne(id="1", champs=(champ,)),)), Valeur)
    assert exiger(replace(UN_DOSSIER, champs=(champ,)), Dossier)
    with pytest.raises(ValueError, match=r"Label.name : NoneType"):
        exiger(replace(UN_DOSSIER, labels=(Label(id="x", name=None),)), Dossier)
    page = PageReperes(reperes=(), end_cursor=4, has_next_page=False)
    with pytest.raises(ValueError, match="end_cursor"):
        exiger(page, PageReperes)


@pytest.mark.parametrize(
    ("genre", "brut"),
    [
        ("TextChamp", {"value": ["une", "liste"]}),
        ("TextChamp", {"value": {"a": 1}}),
        ("IntegerNumberChamp", {"integerNumber": "9" * 30}),
        ("DecimalNumberChamp", {"decimalNumber": "NaN"}),
        ("DecimalNumberChamp", {"decimalNumber": "1e999999"}),
        ("DecimalNumberChamp", {"decimalNumber": "1e-999999"}),
        ("DatetimeChamp", {"datetime": "9999-12-31T23:59:59-12:00"}),
        ("DatetimeChamp", {"datetime": "0001-01-01T00:00:00+14:00"}),
        ("CommuneChamp", {"commune": {"code": 37261, "name": "Tours"}}),
        (
            "AddressChamp",
            {"address": {"label": "x", "type": "street", "geometry": {"type": "Point", "coordinates": ["nan", 1]}}},
        ),
        ("CiviliteChamp", {"civilite": ["M."]}),
    ],
)
def test_an_answer_of_another_type_than_promised_is_unreadable_and_the_dossier_goes_on(genre, brut):
    champ = lu(un_champ(genre, **brut))
    assert isinstance(champ.value, Illisible)


def test_a_repetition_inside_another_is_unreadable_however_deep():
    champ = un_champ()
    for _ in range(150):
        champ = un_champ("RepetitionChamp", rows=[{"id": "1", "champs": [champ]}])
    assert isinstance(lu(champ).value, Illisible)


@pytest.mark.parametrize("cle", ["id", "label", "champDescriptorId", "__typename"])
def test_a_champ_that_is_not_as_ds_gives_it_spoils_its_dossier_and_no_other(cle):
    with pytest.raises(ValueError, match="Champ"):
        lecture.dossier(un_dossier(champs=[un_champ() | {cle: 5}]), LecteurChamps())


@pytest.mark.parametrize(
    "champs", [{"number": 2**70}, {"number": "7"}, {"archived": "non"}, {"labels": [{"id": 1, "name": "x"}]}]
)
def test_a_dossier_that_is_not_as_ds_gives_it_is_refused(champs):
    with pytest.raises(ValueError, match="Dossier"):
        lecture.dossier(un_dossier(**champs), LecteurChamps())


def test_a_form_without_end_is_refused(fil: Fil, ds):
    descripteur = {"__typename": "RepetitionChampDescriptor", "id": "x", "label": "x", "required": False}
    for _ in range(180):
        descripteur |= {"champDescriptors": [dict(descripteur)]}
    revision = {
        "id": "Revision-1",
        "datePublication": None,
        "champDescriptors": [descripteur],
        "annotationDescriptors": [],
    }
    fil.repondre({"data": {"demarche": {"revisions": [revision], "activeRevision": {"id": "Revision-1"}}}})
    with pytest.raises(ContractBroken):
        ds.demarche(104234)


# -- the text itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "corps",
    [b'{"data": {"a": NaN}}', b'{"data": {"a": -Infinity}}', b'{"data": "\xff"}', '{"data": 1}'.encode("utf-16")],
)
def test_what_json_has_no_word_for_makes_the_answer_unreadable(corps):
    with pytest.raises(RetryableError, match="illisible"):
        recue(corps)


def test_half_a_character_is_replaced_and_a_whole_one_kept():
    texte = r'"\ud83c\udfe5 \ud800 \udc00 \\ud800 \uD83C\uDFE5\ud83c"'
    assert recue(f'{{"data": {{"a": {texte}}}}}'.encode()) == {"a": "🏥 \ufffd \ufffd \\ud800 🏥\ufffd"}
    assert recue(json.dumps({"data": {"a": "é\U0001f3e5"}}).encode()) == {"a": "é🏥"}


# -- writes: DS may well have written ---------------------------------------------------------------------------------


@pytest.mark.parametrize("errors", [5, [5], [{}], ["x"], {"a": 1}])
def test_a_refusal_in_another_shape_leaves_the_write_unknown(errors, fil: Fil, ds):
    fil.repondre({"data": {"resultat": {"dossier": {"id": "x"}, "errors": errors}}})
    with pytest.raises(OutcomeUnknown):
        ds.apply(UN_DOSSIER, "Instructeur-1", ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION))


def test_a_message_shown_without_its_id_was_sent_all_the_same(fil: Fil, ds):
    fil.repondre({"data": {"resultat": {"message": {}, "errors": None}}})
    action = EnvoyerMessage(template="x", body="x", reference="1-0123456789", correction="incomplete")
    recu = ds.apply(UN_DOSSIER, "Instructeur-1", action)
    assert (recu.message_id, recu.correction_posee) == (None, False)


def test_whether_the_token_may_write_is_unknown_when_ds_says_it_otherwise(fil: Fil, ds):
    fil.repondre({"data": {"resultat": {"errors": [5]}}})
    assert ds.ecriture_permise() is None


def test_a_dossier_with_a_wrong_number_is_told_as_one(fil: Fil, ds):
    fil.repondre({"data": {"dossier": un_dossier(number="sept")}})
    with pytest.raises(DossierError, match="forme attendue"):
        ds.dossier(7)
