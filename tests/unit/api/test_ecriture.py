"""Writing through the gateway: each action, each receipt, each refusal pinned to what was refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from connector.api.ecriture import TRANSITIONS
from connector.core.model import Label
from connector.core.plan import (
    DECISIONS,
    AjouterLabel,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    Ecriture,
    EnvoyerMessage,
    Recu,
    SupprimerLabel,
    Transition,
)
from connector.errors import AccessDenied, MutationRefused, OutcomeUnknown, RetryableError
from tests.unit.api.fil import UN_DOSSIER as DOSSIER
from tests.unit.api.fil import Fil, erreur


def fait(**payload):
    return {"data": {"resultat": {"errors": None} | payload}}


def refuse(*texts: str, **payload):
    return fait(errors=[{"message": t} for t in texts], **payload)


def applique(ds, action):
    return ds.apply(DOSSIER, "Instructeur-1", action)


# States, labels, messages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transition", "motivation", "operation", "sent"),
    [
        (Transition.PASSER_EN_INSTRUCTION, "", "PasserEnInstruction", None),
        (Transition.PASSER_EN_INSTRUCTION, "jamais envoyée", "PasserEnInstruction", None),
        (Transition.REPASSER_EN_CONSTRUCTION, "", "RepasserEnConstruction", None),
        (Transition.ACCEPTER, "", "Accepter", None),
        (Transition.ACCEPTER, "Retenu.", "Accepter", "Retenu."),
        (Transition.REFUSER, "", "Refuser", ""),
        (Transition.REFUSER, "Non retenu.", "Refuser", "Non retenu."),
        (Transition.CLASSER_SANS_SUITE, "", "ClasserSansSuite", ""),
        (Transition.REPASSER_EN_INSTRUCTION, "", "RepasserEnInstruction", None),
    ],
)
def test_each_transition_calls_its_mutation_with_a_motivation_only_where_ds_takes_one(
    transition, motivation, operation, sent, fil: Fil, ds
):
    fil.repondre(fait(dossier={"id": DOSSIER.id, "state": "x"}))
    action = ChangerEtat(
        transition=transition,
        motivation=motivation,
        disable_notification=True,
        decision="D" * (transition in DECISIONS),
    )
    assert applique(ds, action) == Recu()
    assert fil.documents == [operation]
    entree = fil.variables()["input"]
    assert entree.get("motivation") == sent
    assert entree == {
        "dossierId": DOSSIER.id,
        "instructeurId": "Instructeur-1",
        "disableNotification": True,
    } | ({} if sent is None else {"motivation": sent})


def test_every_transition_has_its_row():
    assert set(TRANSITIONS) == set(Transition)


@pytest.mark.parametrize(
    ("action", "operation"),
    [
        (AjouterLabel(label=Label(id="Label-1", name="Complet")), "AjouterLabel"),
        (SupprimerLabel(label=Label(id="Label-1", name="Complet")), "SupprimerLabel"),
    ],
)
def test_a_label_is_put_and_taken_off_without_an_instructeur(action, operation, fil: Fil, ds):
    fil.repondre(fait(label={"id": "Label-1"}))
    assert applique(ds, action) == Recu()
    assert fil.documents == [operation]
    assert fil.variables() == {"input": {"dossierId": DOSSIER.id, "labelId": "Label-1"}}


@pytest.mark.parametrize(
    ("asked", "answered", "posee"),
    [
        ("incomplete", {"reason": "incomplete"}, True),
        ("incomplete", None, False),
        (None, None, None),
    ],
)
def test_a_message_tells_whether_its_correction_was_set(asked, answered, posee, fil: Fil, ds):
    fil.repondre(fait(message={"id": "Commentaire-1", "correction": answered}))
    action = EnvoyerMessage(template="correction", body="Bonjour\n\nRéf. : 1-A", reference="1-A", correction=asked)
    assert applique(ds, action) == Recu(message_id="Commentaire-1", correction_posee=posee)
    expected = {"dossierId": DOSSIER.id, "instructeurId": "Instructeur-1", "body": "Bonjour\n\nRéf. : 1-A"}
    assert fil.variables()["input"] == expected | ({"correction": asked} if asked else {})


@pytest.mark.parametrize("answer", [fait(message=None), fait(), {"data": {"resultat": None}}, {"data": {"x": 1}}])
def test_a_write_that_ds_neither_shows_nor_refuses_is_unknown(answer, fil: Fil, ds):
    fil.repondre(answer)
    with pytest.raises(OutcomeUnknown, match="n’a pas montré"):
        applique(ds, EnvoyerMessage(template="correction", body="Bonjour", reference="1-A"))


# Annotations ---------------------------------------------------------------------------------------------------------


def ecriture(number: int, value="x", cle=CleAnnotation.TEXT) -> Ecriture:
    return Ecriture(id=f"Champ-{number}", label=f"Annotation {number}", cle=cle, value=value)


def lot(*ecritures: Ecriture) -> EcrireAnnotations:
    return EcrireAnnotations(ecritures=ecritures)


def ids(*numbers: int) -> list[dict[str, str]]:
    return [{"id": f"Champ-{n}"} for n in numbers]


OPTION = "doit être dans les options proposées"


def test_annotations_are_set_together_each_with_the_key_of_its_type(fil: Fil, ds):
    fil.repondre(fait(annotations=ids(1, 2)))
    recu = applique(ds, lot(ecriture(1), ecriture(2, "Favorable", CleAnnotation.DROP_DOWN_LIST)))
    assert recu == Recu(ecrites=frozenset({"Champ-1", "Champ-2"}))
    assert fil.variables()["input"] == {
        "dossierId": DOSSIER.id,
        "instructeurId": "Instructeur-1",
        "annotations": [
            {"id": "Champ-1", "value": {"text": "x"}},
            {"id": "Champ-2", "value": {"dropDownList": "Favorable"}},
        ],
    }


PARIS = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("cle", "value", "sent"),
    [
        (CleAnnotation.TEXTAREA, "a\nb", '"a\\nb"'),
        (CleAnnotation.EMAIL, "x@exemple.fr", '"x@exemple.fr"'),
        (CleAnnotation.CHECKBOX, True, "true"),
        (CleAnnotation.YES_NO, False, "false"),
        (CleAnnotation.DATE, date(2026, 11, 21), '"2026-11-21"'),
        (CleAnnotation.DATETIME, datetime(2026, 11, 21, 10, 30, 5, 999, PARIS), '"2026-11-21T10:30:05+01:00"'),
        (CleAnnotation.INTEGER_NUMBER, -(2**31), "-2147483648"),
        (CleAnnotation.DECIMAL_NUMBER, Decimal("45265.92"), "45265.92"),
        (CleAnnotation.DECIMAL_NUMBER, Decimal("0.1") + Decimal("0.2"), "0.3"),
        (CleAnnotation.DECIMAL_NUMBER, Decimal("1.0005"), "1.001"),
        (CleAnnotation.DECIMAL_NUMBER, Decimal("0.0001"), "0.0"),
        (CleAnnotation.DECIMAL_NUMBER, Decimal("999999999999.999"), "999999999999.999"),
        (CleAnnotation.DECIMAL_NUMBER, 450, "450.0"),
        (CleAnnotation.MULTIPLE_DROP_DOWN_LIST, ("CV", "Diplôme"), '["CV", "Diplôme"]'),
        (CleAnnotation.MULTIPLE_DROP_DOWN_LIST, (), "[]"),
    ],
)
def test_each_type_of_annotation_is_sent_as_ds_wants_it(cle, value, sent, fil: Fil, ds):
    fil.repondre(fait(annotations=ids(1)))
    applique(ds, lot(ecriture(1, value, cle)))
    body = fil.requests[0].body.decode()
    assert json.dumps(json.loads(body)["variables"]["input"]["annotations"][0]["value"], ensure_ascii=False) == (
        f'{{"{cle.value}": {sent}}}'
    )


@pytest.mark.parametrize(
    ("cle", "value", "says"),
    [
        (CleAnnotation.TEXT, 1, "un texte"),
        (CleAnnotation.CHECKBOX, "oui", "oui ou non"),
        (CleAnnotation.DATE, datetime(2026, 1, 1, tzinfo=UTC), "une date"),
        (CleAnnotation.DATE, "2026-01-01", "une date"),
        (CleAnnotation.DATETIME, datetime(2026, 1, 1), "avec son décalage"),  # noqa: DTZ001 - the very fault
        (CleAnnotation.DATETIME, date(2026, 1, 1), "avec son décalage"),
        (CleAnnotation.INTEGER_NUMBER, 2**31, "2 147 483 647"),
        (CleAnnotation.INTEGER_NUMBER, True, "nombre entier"),
        (CleAnnotation.INTEGER_NUMBER, Decimal("7.5"), "nombre entier"),
        (CleAnnotation.DECIMAL_NUMBER, Decimal("1e12"), "dépasse"),
        (CleAnnotation.DECIMAL_NUMBER, Decimal("NaN"), "dépasse"),
        (CleAnnotation.DECIMAL_NUMBER, True, "un nombre"),
        (CleAnnotation.DECIMAL_NUMBER, "1", "un nombre"),
        (CleAnnotation.MULTIPLE_DROP_DOWN_LIST, "CV", "une liste"),
    ],
)
def test_a_value_that_ds_could_only_refuse_is_never_sent(cle, value, says, fil: Fil, ds):
    with pytest.raises(MutationRefused, match=says) as caught:
        applique(ds, lot(ecriture(1, value, cle)))
    assert caught.value.cause == "valeur_impossible"
    assert "« Annotation 1 »" in str(caught.value)
    assert fil.asked == []


def test_a_value_that_cannot_be_sent_does_not_hold_the_others_back(fil: Fil, ds):
    fil.repondre(fait(annotations=ids(1)))
    recu = applique(ds, lot(ecriture(1), ecriture(2, 2**31, CleAnnotation.INTEGER_NUMBER)))
    assert recu.ecrites == {"Champ-1"}
    assert [i for i, _ in recu.refus] == ["Champ-2"]


def test_nothing_to_write_sends_nothing(fil: Fil, ds):
    assert applique(ds, lot()) == Recu()
    assert fil.asked == []


def test_the_only_refusal_of_the_only_missing_annotation_is_pinned_without_another_request(fil: Fil, ds):
    fil.repondre(refuse(OPTION, annotations=ids(1, 3)))
    recu = applique(ds, lot(ecriture(1), ecriture(2), ecriture(3)))
    assert recu == Recu(ecrites=frozenset({"Champ-1", "Champ-3"}), refus=(("Champ-2", OPTION),))
    assert len(fil.asked) == 1


def test_several_refusals_are_pinned_by_trying_the_missing_ones_alone(fil: Fil, ds):
    absent = 'L‘annotation "Champ-2" n’existe pas'
    fil.repondre(refuse(absent, OPTION, annotations=ids(1)), refuse(absent), refuse(OPTION), fait(annotations=ids(4)))
    recu = applique(ds, lot(ecriture(1), ecriture(2), ecriture(3), ecriture(4)))
    assert recu.ecrites == {"Champ-1", "Champ-4"}
    assert recu.refus == (("Champ-2", absent), ("Champ-3", OPTION))
    alone = [[a["id"] for a in q["variables"]["input"]["annotations"]] for q in fil.asked[1:]]
    assert alone == [["Champ-2"], ["Champ-3"], ["Champ-4"]]


def test_two_reasons_for_one_annotation_are_both_told(fil: Fil, ds):
    fil.repondre(refuse(OPTION, "autre chose", annotations=ids(1)), refuse(OPTION, "autre chose"))
    recu = applique(ds, lot(ecriture(1), ecriture(2)))
    assert recu.refus == (("Champ-2", f"{OPTION} ; autre chose"),)


def test_a_batch_whose_every_annotation_is_refused_is_a_refusal_that_names_them(fil: Fil, ds):
    wrong = 'L‘annotation "Champ-2" n’est pas de type attendu'
    fil.repondre(refuse(OPTION, wrong, annotations=None), refuse(OPTION), refuse(wrong))
    with pytest.raises(MutationRefused) as caught:
        applique(ds, lot(ecriture(1), ecriture(2)))
    assert caught.value.cause == "option_inconnue"
    assert caught.value.texts == (OPTION, wrong)
    assert f"« Annotation 1 » : {OPTION} ; « Annotation 2 » : {wrong}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("L’instructeur n’a pas les droits d’accès à ce dossier", MutationRefused),
        ("Le jeton utilisé est configuré seulement en lecture", AccessDenied),
    ],
)
def test_a_refusal_of_the_whole_dossier_is_not_tried_annotation_by_annotation(text, error, fil: Fil, ds):
    fil.repondre(refuse(text))
    with pytest.raises(error):
        applique(ds, lot(ecriture(1), ecriture(2)))
    assert len(fil.asked) == 1


def test_an_unknown_dossier_is_not_tried_annotation_by_annotation(fil: Fil, ds):
    gone = erreur("DossierModifierAnnotationsPayload not found", "not_found", ["resultat"])
    fil.repondre({"data": {"resultat": None}, "errors": [gone]})
    with pytest.raises(MutationRefused) as caught:
        applique(ds, lot(ecriture(1), ecriture(2)))
    assert caught.value.cause == "introuvable"
    assert len(fil.asked) == 1


@pytest.mark.parametrize(
    "error",
    [
        erreur('Invalid input: "Champ-2"', "", ["resultat"]),
        erreur(
            "Variable $input of type DossierModifierAnnotationsInput! was provided invalid value for "
            "annotations.1.value.email (Field is not defined on AnnotationValueInput)"
        ),
    ],
)
def test_one_value_that_spoils_the_batch_is_found_by_trying_each_alone(error, fil: Fil, ds):
    spoilt = {"data": {"resultat": None}, "errors": [error]}
    fil.repondre(spoilt, fait(annotations=ids(1)), spoilt, fait(annotations=ids(3)))
    recu = applique(ds, lot(ecriture(1), ecriture(2), ecriture(3)))
    assert recu.ecrites == {"Champ-1", "Champ-3"}
    assert [i for i, _ in recu.refus] == ["Champ-2"]


def test_a_lost_answer_in_the_middle_of_the_pinning_leaves_the_whole_unknown(fil: Fil, ds):
    fil.repondre(refuse(OPTION, OPTION, annotations=[]), (502, {}, ""))
    with pytest.raises(OutcomeUnknown):
        applique(ds, lot(ecriture(1), ecriture(2)))


# Without the batch ---------------------------------------------------------------------------------------------------

SANS_LOT = {
    "errors": [
        erreur("Field 'dossierModifierAnnotations' doesn't exist on type 'Mutation'", "undefinedField"),
        erreur("DossierModifierAnnotationsInput isn't a defined input type (on $input)", "variableRequiresValidType"),
    ]
}


def test_an_instance_without_the_batch_is_written_to_annotation_by_annotation_and_remembered(fil: Fil, ds):
    one = fait(annotation={"id": "Champ-1"})
    fil.repondre(SANS_LOT, one, one, one)
    recu = applique(ds, lot(ecriture(1), ecriture(2, True, CleAnnotation.YES_NO)))
    assert recu == Recu(ecrites=frozenset({"Champ-1", "Champ-2"}))
    applique(ds, lot(ecriture(3, "b", CleAnnotation.TEXTAREA)))
    assert fil.documents == [
        "ModifierAnnotations",
        "ModifierAnnotationText",
        "ModifierAnnotationCheckbox",
        "ModifierAnnotationText",
    ]
    assert fil.variables()["input"] == {
        "dossierId": DOSSIER.id,
        "instructeurId": "Instructeur-1",
        "annotationId": "Champ-3",
        "value": "b",
    }


def test_the_second_error_alone_also_tells_that_the_batch_is_missing(fil: Fil, ds):
    fil.repondre({"errors": SANS_LOT["errors"][1:]}, fait(annotation={"id": "Champ-1"}))
    assert applique(ds, lot(ecriture(1))).ecrites == {"Champ-1"}


@pytest.mark.parametrize(
    ("cle", "value", "operation"),
    [
        (CleAnnotation.CHECKBOX, True, "ModifierAnnotationCheckbox"),
        (CleAnnotation.DATE, date(2026, 11, 21), "ModifierAnnotationDate"),
        (CleAnnotation.DATETIME, datetime(2026, 11, 21, tzinfo=UTC), "ModifierAnnotationDatetime"),
        (CleAnnotation.INTEGER_NUMBER, 7, "ModifierAnnotationIntegerNumber"),
        (CleAnnotation.DECIMAL_NUMBER, Decimal("3.25"), "ModifierAnnotationDecimalNumber"),
        (CleAnnotation.DROP_DOWN_LIST, "Favorable", "ModifierAnnotationDropDownList"),
    ],
)
def test_each_single_mutation_is_that_of_its_type(cle, value, operation, fil: Fil, ds):
    fil.repondre(SANS_LOT, fait(annotation={"id": "Champ-1"}))
    applique(ds, lot(ecriture(1, value, cle)))
    assert fil.documents[-1] == operation


def test_a_type_that_no_single_mutation_writes_is_refused_here(fil: Fil, ds):
    fil.repondre(SANS_LOT, fait(annotation={"id": "Champ-1"}))
    recu = applique(ds, lot(ecriture(1), ecriture(2, ("CV",), CleAnnotation.MULTIPLE_DROP_DOWN_LIST)))
    assert recu.refus == (("Champ-2", "cette instance de DS ne sait pas l’écrire"),)


def test_a_single_mutation_that_is_refused_is_pinned_too(fil: Fil, ds):
    absent = 'L’annotation "Champ-1" n’existe pas'
    variable = {"errors": [erreur("Variable $input of type X was provided invalid value for value (trop grand)")]}
    fil.repondre(SANS_LOT, refuse(absent), variable, fait(annotation={"id": "Champ-3"}))
    recu = applique(ds, lot(ecriture(1), ecriture(2), ecriture(3)))
    assert recu.ecrites == {"Champ-3"}
    assert recu.refus[0] == ("Champ-1", absent)
    assert recu.refus[1][0] == "Champ-2"


def test_a_batch_that_vanishes_between_two_annotations_is_replaced_on_the_spot(fil: Fil, ds):
    fil.repondre(refuse(OPTION, OPTION, annotations=[]), SANS_LOT, *[fait(annotation={"id": "x"})] * 2)
    recu = applique(ds, lot(ecriture(1), ecriture(2)))
    assert recu.ecrites == {"Champ-1", "Champ-2"}


def test_a_write_throttled_for_too_long_is_known_not_to_be_applied(fil: Fil, ds):
    fil.repondre(*[(429, {}, "")] * 3)
    with pytest.raises(RetryableError):
        applique(ds, lot(ecriture(1)))
