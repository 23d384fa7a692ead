"""What mutations do and refuse, beyond what the recordings show (contract §5, §6)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from petit_monde import ANNOTATIONS, NORD, SUD, Appelant, depose, monde, refus

from connector.sandbox import scenario
from connector.sandbox.server import Sandbox
from connector.sandbox.world import Condition, Descripteur, Fichier, PersonneMorale, node_id

LOT = """
mutation m($i: DossierModifierAnnotationsInput!) { dossierModifierAnnotations(input: $i) { annotations { id } } }
"""
DROITS = "L’instructeur n’a pas les droits d’accès à ce dossier"


def vise(dossier, agent=NORD):
    return {"dossierId": dossier.id, "instructeurId": agent.id}


def annote(appel, dossier, *couples, agent=NORD):
    annotations = [{"id": node_id("Champ", i), "value": valeur} for i, valeur in couples]
    return appel.mute(
        "dossierModifierAnnotations", "annotations { id stringValue }", **vise(dossier, agent), annotations=annotations
    )


def lue(dossier, stable_id, rang=""):
    return dossier.lit()[0][stable_id, rang].valeur


# --- messages


def test_the_same_client_mutation_id_sends_the_message_twice(appel, dossier):
    for _ in range(2):
        rendu = "clientMutationId message { id }"
        payload = appel.mute("dossierEnvoyerMessage", rendu, **vise(dossier), body="Bonjour", clientMutationId="un")
        assert payload["clientMutationId"] == "un"
    assert [m.body for m in dossier.messages].count("Bonjour") == 2


def test_a_correction_is_silently_left_out_while_one_is_pending(appel, dossier):
    rendu = "message { correction { reason } }"
    premiere = appel.mute("dossierEnvoyerMessage", rendu, **vise(dossier), body="Un", correction="incomplete")
    seconde = appel.mute("dossierEnvoyerMessage", rendu, **vise(dossier), body="Deux", correction="incorrect")
    assert premiere["message"]["correction"] == {"reason": "incomplete"}
    assert (seconde["message"]["correction"], seconde["errors"]) == (None, None)


def test_a_newer_instance_refuses_a_second_correction_and_one_on_a_decided_dossier(horloge):
    world = monde(horloge, erreurs_correction=True)
    attend, decide = depose(world), depose(world)
    scenario.instructeur_envoie_message(world, attend.number, "À compléter", correction="incomplete")
    scenario.instructeur_decide(world, decide.number, "refuse", motivation="Non")
    with Sandbox(world) as bac:
        appel = Appelant(bac)
        deux = [
            refus(appel.mute("dossierEnvoyerMessage", "message { id }", **vise(d), body="x", correction="incorrect"))
            for d in (attend, decide)
        ]
    assert deux[0] == ["Une demande de correction est déjà en attente sur ce dossier"]
    assert deux[1] == ["Le dossier ne peut pas faire l’objet d’une demande de correction car il est refusé"]
    assert attend.messages[-1].body == "À compléter"


def test_a_deleted_message_keeps_its_place_and_resolves_its_correction(appel, dossier, monde):
    message = scenario.instructeur_envoie_message(monde, dossier.number, "À compléter", correction="incomplete")
    ailleurs = appel.mute("dossierSupprimerMessage", "message { id }", messageId=message.id, instructeurId=SUD.id)
    assert refus(ailleurs) == [DROITS]
    fait = appel.mute("dossierSupprimerMessage", "message { body }", messageId=message.id, instructeurId=NORD.id)
    assert fait["message"] == {"body": ""}
    assert dossier.correction_en_attente is None
    assert dossier.messages[-1] is message


# --- states


def test_a_blocking_correction_refuses_the_passage(appel, dossier, monde):
    monde.demarches[500].correction_bloquante = True
    scenario.instructeur_envoie_message(monde, dossier.number, "À compléter", correction="incomplete")
    payload = appel.mute("dossierPasserEnInstruction", **vise(dossier))
    assert refus(payload) == ["Le dossier est en attente de correction"]


def test_the_state_is_looked_at_before_the_right(appel, dossier):
    assert refus(appel.mute("dossierAccepter", **vise(dossier, SUD))) == ["Le dossier est déjà en\xa0construction"]
    assert refus(appel.mute("dossierPasserEnInstruction", **vise(dossier, SUD))) == [DROITS]


def test_a_passage_drops_what_the_usager_had_not_submitted(appel, dossier, monde):
    scenario.usager_modifie_sans_soumettre(monde, dossier.number, {"Nom": "Autre"})
    appel.mute("dossierPasserEnInstruction", **vise(dossier))
    scenario.usager_corrige(monde, dossier.number)
    assert lue(dossier, 3) == "Weiss"


@pytest.mark.parametrize("operation", ["dossierAccepter", "dossierRefuser", "dossierClasserSansSuite"])
def test_a_degraded_company_cannot_be_decided_until_it_is_known(appel, monde, operation):
    dossier = depose(monde, demandeur=PersonneMorale(siret="26370010600010", complet=False))
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    payload = appel.mute(operation, **vise(dossier), motivation="Oui")
    assert refus(payload) == [
        "Les informations du SIRET du dossier ne sont pas complètes. Veuillez réessayer plus tard."
    ]
    scenario.annuaire_repond(monde, dossier.number, PersonneMorale(siret="26370010600010"))
    assert appel.mute(operation, **vise(dossier), motivation="Oui")["errors"] is None


def test_a_decision_reopened_forgets_its_motivation_and_keeps_its_date(appel, dossier, monde):
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    scenario.instructeur_decide(monde, dossier.number, "accepte", motivation="Bravo")
    rendu = "dossier { state motivation dateTraitement archived }"
    fait = appel.mute("dossierRepasserEnInstruction", rendu, **vise(dossier))["dossier"]
    assert (fait["state"], fait["motivation"]) == ("en_instruction", None)
    assert fait["dateTraitement"]


def test_a_decision_of_a_deleted_account_is_not_reopened(appel, dossier, monde):
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    scenario.instructeur_decide(monde, dossier.number, "accepte")
    scenario.usager_supprime_son_compte(monde, dossier.number)
    assert refus(appel.mute("dossierRepasserEnInstruction", **vise(dossier))) == ["Le dossier est déjà accepté"]


def test_an_archive_closes_the_message_box_and_can_be_undone(appel, dossier, monde, horloge):
    assert refus(appel.mute("dossierDesarchiver", **vise(dossier))) == [
        "Un dossier non archivé ne peut pas être désarchivé"
    ]
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    scenario.instructeur_decide(monde, dossier.number, "accepte")
    appel.mute("dossierArchiver", **vise(dossier))
    assert "à archiver" in refus(appel.mute("dossierEnvoyerMessage", "message { id }", **vise(dossier), body="x"))[0]
    avant = horloge.avance(seconds=5)
    appel.mute("dossierArchiver", **vise(dossier))
    assert dossier.updated_at == avant
    assert appel.mute("dossierDesarchiver", "dossier { archived }", **vise(dossier))["dossier"] == {"archived": False}


def test_following_is_set_and_only_a_change_modifies_the_dossier(appel, dossier, horloge):
    premier = horloge.avance(seconds=5)
    appel.mute("dossierBasculeSuivi", "dossier { id }", **vise(dossier))
    horloge.avance(seconds=5)
    appel.mute("dossierBasculeSuivi", "dossier { id }", **vise(dossier))
    assert (dossier.suivi_par, dossier.updated_at) == ([NORD], premier)
    appel.mute("dossierBasculeSuivi", "dossier { id }", **vise(dossier), follow=False)
    assert dossier.suivi_par == []
    assert dossier.updated_at == horloge()


def test_a_change_of_group_moves_the_right_to_act_and_the_followers(appel, dossier, monde):
    scenario.instructeur_suit(monde, dossier.number)
    ailleurs = node_id("GroupeInstructeur", 602)
    entree = {"dossierId": dossier.id}
    refuse = appel.mute("dossierChangerGroupeInstructeur", **entree, groupeInstructeurId=ailleurs)
    assert refus(refuse) == ["Le groupe instructeur 'Sud' n’appartient pas à la même démarche que le dossier"]
    appel.mute("dossierChangerGroupeInstructeur", **entree, groupeInstructeurId=node_id("GroupeInstructeur", 502))
    assert dossier.suivi_par == []
    assert refus(annote(appel, dossier, (101, {"text": "x"}))) == [DROITS]
    assert annote(appel, dossier, (101, {"text": "x"}), agent=SUD)["errors"] is None


# --- labels


def test_a_label_of_another_demarche_is_refused(appel, dossier):
    payload = appel.mute("dossierAjouterLabel", "label { id }", dossierId=dossier.id, labelId=node_id("Label", 603))
    assert refus(payload) == ["Ce label n’appartient pas à la même démarche que le dossier"]


@pytest.mark.parametrize("date", [False, True])
def test_a_label_moves_the_date_on_newer_instances_only(horloge, date):
    world = monde(horloge, label_date=date)
    dossier = depose(world)
    depot = dossier.updated_at
    horloge.avance(seconds=5)
    with Sandbox(world) as bac:
        Appelant(bac).mute("dossierAjouterLabel", "label { id }", dossierId=dossier.id, labelId=node_id("Label", 503))
    assert (dossier.updated_at > depot) is date


# --- annotations


def test_some_annotations_may_be_written_and_others_refused(appel, dossier):
    payload = annote(
        appel, dossier, (101, {"text": "oui"}), (102, {"dropDownList": "Liste d’attente"}), (999, {"text": "x"})
    )
    assert [a["stringValue"] for a in payload["annotations"]] == ["oui"]
    assert len(refus(payload)) == 2
    assert lue(dossier, 101) == "oui"


@pytest.mark.parametrize(
    ("stable_id", "valeur", "gardee"),
    [
        (103, {"decimalNumber": 450}, Decimal("450.0")),
        (103, {"decimalNumber": 0.125}, Decimal("0.125")),
        (104, {"multipleDropDownList": ["CV", "CV"]}, ["CV"]),
        (104, {"multipleDropDownList": []}, []),
        (102, {"dropDownList": ""}, ""),
        (108, {"email": " Moi@Exemple.fr "}, "moi@exemple.fr"),
        (110, {"checkbox": True}, True),
    ],
)
def test_a_value_is_stored_as_the_server_stores_it(appel, dossier, stable_id, valeur, gardee):
    assert annote(appel, dossier, (stable_id, valeur))["errors"] is None
    assert lue(dossier, stable_id) == gardee


@pytest.mark.parametrize(
    ("stable_id", "valeur"),
    [
        (103, {"decimalNumber": 0.1 + 0.2}),
        (103, {"decimalNumber": 1e20}),
        (104, {"multipleDropDownList": ["Autre"]}),
        (108, {"email": "pas un courriel"}),
        (109, {"text": "une pièce ne s'écrit pas"}),
        (3, {"text": "un champ de l'usager ne s'écrit pas"}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(appel, dossier, stable_id, valeur):
    payload = annote(appel, dossier, (stable_id, valeur))
    assert (payload["annotations"], len(refus(payload))) == ([], 1)


def test_a_datetime_is_kept_to_the_second_in_paris(appel, dossier):
    payload = annote(appel, dossier, (105, {"datetime": "2026-07-01T08:30:15.9Z"}))
    assert payload["annotations"][0]["stringValue"] == "01 juillet 2026 10:30"


def test_rows_are_added_in_order_without_moving_any_date_then_filled_by_their_own_ids(appel, dossier, horloge):
    depot = dossier.updated_at
    horloge.avance(seconds=5)
    annote(appel, dossier, (106, {"repetition": 2}))
    assert dossier.updated_at == depot
    premier, second = dossier.lit()[1][106]
    assert premier < second
    annote(appel, dossier, (f"107|{second}", {"text": "Rapporteuse"}))
    assert lue(dossier, 107, second) == "Rapporteuse"
    assert dossier.updated_at == horloge()


def test_another_writer_with_the_same_value_modifies_the_dossier_and_the_same_writer_does_not(
    appel, dossier, monde, horloge
):
    scenario.instructeur_annote(monde, dossier.number, {"Synthèse": "oui"})
    horloge.avance(seconds=5)
    annote(appel, dossier, (101, {"text": "oui"}))
    autre = dossier.updated_at
    horloge.avance(seconds=5)
    annote(appel, dossier, (101, {"text": "oui"}))
    assert dossier.updated_at == autre == horloge.instant.replace(second=5)


def test_only_a_hand_moves_the_date_of_annotations(appel, dossier, monde, horloge):
    depot = dossier.annotations_at
    horloge.avance(seconds=5)
    annote(appel, dossier, (101, {"text": "machine"}))
    assert dossier.annotations_at == depot
    scenario.instructeur_annote(monde, dossier.number, {"Synthèse": "main"})
    assert dossier.annotations_at == horloge()


def test_each_deprecated_mutation_writes_its_kind(appel, dossier):
    for genre, stable_id, valeur, gardee in (
        ("Text", 101, "un", "un"),
        ("DropDownList", 102, "Favorable", "Favorable"),
        ("DecimalNumber", 103, 2.5, Decimal("2.5")),
        ("Checkbox", 110, True, True),
    ):
        identifiant = node_id("Champ", stable_id)
        payload = appel.mute(
            f"dossierModifierAnnotation{genre}",
            "annotation { id }",
            **vise(dossier),
            annotationId=identifiant,
            value=valeur,
        )
        assert payload["errors"] is None
        assert lue(dossier, stable_id) == gardee
    refuse = appel.mute(
        "dossierModifierAnnotationText",
        "annotation { id }",
        **vise(dossier),
        annotationId=node_id("Champ", 102),
        value="x",
    )
    assert refus(refuse) == [f'L’annotation "{node_id("Champ", 102)}" n’existe pas']


def test_an_instance_without_the_batch_refuses_its_document_whole(horloge):
    world = monde(horloge, lot_annotations=False)
    dossier = depose(world)
    with Sandbox(world) as bac:
        corps = annote(Appelant(bac), dossier, (101, {"text": "x"}))
    assert corps["errors"][0]["message"] == "Field 'dossierModifierAnnotations' doesn't exist on type 'Mutation'"


# --- who and what


def test_a_read_only_token_reads_and_writes_nothing(bac, dossier):
    payload = annote(Appelant(bac, "lit"), dossier, (101, {"text": "x"}))
    assert refus(payload) == ["Le jeton utilisé est configuré seulement en lecture"]
    assert [(e.operation, e.applied) for e in bac.ecritures] == [("dossierModifierAnnotations", False)]
    assert bac.mutations() == []


def test_an_id_of_another_kind_is_told_from_an_unknown_one(appel, dossier):
    query = "mutation m($i: DossierAccepterInput!) { dossierAccepter(input: $i) { errors { message } } }"
    fautes = [
        appel(query, i=vise(dossier) | {"dossierId": identifiant})["errors"][0]
        for identifiant in (NORD.id, node_id("Dossier", 1))
    ]
    assert fautes[0]["message"] == f'No object found for `dossierId: "{NORD.id}"`'
    assert "extensions" not in fautes[0]
    assert fautes[1]["message"] == "DossierAccepterPayload not found"
    assert fautes[1]["extensions"] == {"code": "not_found"}


def test_ids_without_padding_are_read(appel, dossier):
    entree = vise(dossier) | {"dossierId": dossier.id.rstrip("=")}
    assert appel.mute("dossierPasserEnInstruction", **entree)["errors"] is None


def test_the_log_says_who_was_written_to_and_whether_it_took(bac, appel, dossier):
    appel.mute("dossierPasserEnInstruction", **vise(dossier))
    appel.mute("dossierPasserEnInstruction", **vise(dossier))
    assert [(e.dossier, e.applied) for e in bac.ecritures] == [(dossier.number, True), (dossier.number, False)]
    assert len(bac.mutations("dossierPasserEnInstruction")) == 1


def test_an_annotation_that_must_be_filled_stops_the_decision_with_a_misleading_word(appel, dossier, monde):
    exigee = Descripteur(stable_id=120, type="text", label="Exigée", required=True)
    scenario.administration_publie_revision(monde, 500, annotations=(*ANNOTATIONS, exigee))
    scenario.rebase(monde, 500)
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    assert refus(appel.mute("dossierAccepter", **vise(dossier))) == ["Le dossier est déjà en\xa0instruction"]
    annote(appel, dossier, (120, {"text": "vu"}))
    assert appel.mute("dossierAccepter", **vise(dossier))["errors"] is None


def test_what_a_condition_hides_is_stored_unchecked(appel, dossier, monde):
    cachee = replace(ANNOTATIONS[1], condition=Condition(champ=101, valeur="montre"))
    scenario.administration_publie_revision(monde, 500, annotations=(ANNOTATIONS[0], cachee))
    scenario.rebase(monde, 500)
    assert annote(appel, dossier, (102, {"dropDownList": "Peut-être"}))["errors"] is None
    annote(appel, dossier, (101, {"text": "montre"}))
    assert len(refus(annote(appel, dossier, (102, {"dropDownList": "Peut-être"})))) == 1


def test_a_dossier_handed_back_can_be_examined_again(appel, dossier, monde):
    assert refus(appel.mute("dossierRepasserEnConstruction", **vise(dossier))) == [
        "Le dossier est déjà en\xa0construction"
    ]
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    fait = appel.mute("dossierRepasserEnConstruction", **vise(dossier))
    assert fait["dossier"] == {"state": "en_construction"}
    assert appel.mute("dossierPasserEnInstruction", **vise(dossier))["errors"] is None


def test_a_correction_asked_during_the_examination_hands_the_dossier_back(appel, dossier, monde, horloge):
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    horloge.avance(seconds=5)
    rendu = "message { correction { reason dateResolution } }"
    fait = appel.mute("dossierEnvoyerMessage", rendu, **vise(dossier), body="Date", correction="outdated")
    assert fait["message"]["correction"] == {"reason": "outdated", "dateResolution": None}
    assert (dossier.state, dossier.en_construction_at) == ("en_construction", horloge())
    assert dossier.traitements[-1].event == "repasse_en_construction"


def test_a_passage_resolves_the_pending_correction(appel, dossier, monde, horloge):
    message = scenario.instructeur_envoie_message(monde, dossier.number, "À compléter", correction="incomplete")
    horloge.avance(seconds=5)
    appel.mute("dossierPasserEnInstruction", **vise(dossier))
    assert message.correction.resolved_at == horloge()


def test_a_blank_message_is_refused_and_control_characters_are_taken_out(appel, dossier):
    vide = appel.mute("dossierEnvoyerMessage", "message { id }", **vise(dossier), body=" \n ")
    assert refus(vide) == ["Le champ «\xa0Votre message\xa0» ne peut être vide"]
    fait = appel.mute("dossierEnvoyerMessage", "message { body }", **vise(dossier), body="a\x07b\tc\xa0!\r\nd")
    assert fait["message"] == {"body": "ab\tc\xa0!\r\nd"}


@pytest.mark.parametrize(
    ("operation", "entree"),
    [
        ("dossierAjouterLabel", {"labelId": node_id("Label", 1)}),
        ("dossierChangerGroupeInstructeur", {"groupeInstructeurId": node_id("GroupeInstructeur", 1)}),
        ("dossierBasculeSuivi", {"instructeurId": node_id("Instructeur", 1)}),
        ("dossierBasculeSuivi", {"instructeurId": "n'importe quoi"}),
        ("dossierBasculeSuivi", {"instructeurId": node_id("Instructeur", "x")}),
    ],
)
def test_an_unknown_id_is_told_by_the_payloads_name(appel, dossier, operation, entree):
    nom = operation[0].upper() + operation[1:]
    query = f"mutation m($i: {nom}Input!) {{ {operation}(input: $i) {{ errors {{ message }} }} }}"
    corps = appel(query, i={"dossierId": dossier.id, **entree})
    assert corps["data"] == {operation: None}
    assert corps["errors"][0]["message"] == f"{nom}Payload not found"


def test_labels_are_taken_off_once(appel, dossier):
    entree = {"dossierId": dossier.id, "labelId": node_id("Label", 503)}
    appel.mute("dossierAjouterLabel", "label { id }", **entree)
    assert refus(appel.mute("dossierAjouterLabel", "label { id }", **entree)) == [
        "Ce label est déjà associé au dossier"
    ]
    rendu = "dossier { labels { name } }"
    assert appel.mute("dossierSupprimerLabel", rendu, **entree)["dossier"] == {"labels": []}
    assert refus(appel.mute("dossierSupprimerLabel", rendu, **entree)) == ["Ce label n’est pas associé au dossier"]


def test_a_group_keeps_its_dossier_once(appel, dossier):
    entree = {"dossierId": dossier.id, "groupeInstructeurId": node_id("GroupeInstructeur", 501)}
    refuse = appel.mute("dossierChangerGroupeInstructeur", **entree)
    assert refus(refuse) == ["Le dossier est déjà avec le groupe instructeur: 'Nord'"]


def test_a_malformed_annotation_id_fails_the_mutation_before_anything_is_written(appel, dossier):
    annotations = [{"id": node_id("Champ", 101), "value": {"text": "x"}}, {"id": "zut", "value": {"text": "x"}}]
    corps = appel(LOT, i=vise(dossier) | {"annotations": annotations})
    assert corps["errors"][0]["message"] == 'Invalid input: "zut"'
    assert (101, "") not in dossier.lit()[0]


def test_an_inner_annotation_without_its_row_breaks_the_server_and_with_a_made_up_one_is_written(appel, dossier):
    annotations = [{"id": node_id("Champ", 107), "value": {"text": "x"}}]
    recue = appel.brut(LOT, i=vise(dossier) | {"annotations": annotations})
    assert (recue.status_code, recue.json()["data"]) == (500, None)
    assert annote(appel, dossier, ("107|01ARZ3NDEKTSV4RRFFQ69G5FAV", {"text": "orphelin"}))["errors"] is None
    assert 106 not in dossier.lit()[1]


def test_a_decision_carries_its_file(bac, appel, dossier, monde):
    scenario.instructeur_passe_en_instruction(monde, dossier.number)
    mauvais = appel.mute("dossierAccepter", **vise(dossier), justificatif="zut")
    assert refus(mauvais) == ["L’identifiant du fichier téléversé est invalide"]
    blob = monde.store_blob(Fichier.de("decision.pdf", b"Oui"))
    signe = bac.signataire.signe("blob", blob.cle)
    rendu = "dossier { motivationAttachment { filename } }"
    fait = appel.mute("dossierAccepter", rendu, **vise(dossier), justificatif=signe)
    assert fait["dossier"] == {"motivationAttachment": {"filename": "decision.pdf"}}


def test_a_single_mutation_refuses_a_wrong_value_as_the_batch_does(appel, dossier):
    entree = {**vise(dossier), "annotationId": node_id("Champ", 102), "value": "Peut-être"}
    payload = appel.mute("dossierModifierAnnotationDropDownList", "annotation { id }", **entree)
    assert (payload["annotation"], refus(payload)) == (None, ["doit être dans les options proposées"])


def test_a_message_is_deleted_once_and_only_if_it_exists(appel, dossier, monde):
    message = scenario.instructeur_envoie_message(monde, dossier.number, "Erreur")
    entree = {"messageId": message.id, "instructeurId": NORD.id}
    assert appel.mute("dossierSupprimerMessage", "message { id }", **entree)["errors"] is None
    assert refus(appel.mute("dossierSupprimerMessage", "message { id }", **entree)) == [
        "Le message ne peut pas être supprimé"
    ]
    query = (
        "mutation m($i: DossierSupprimerMessageInput!) { dossierSupprimerMessage(input: $i) { errors { message } } }"
    )
    corps = appel(query, i=entree | {"messageId": node_id("Commentaire", 99_999)})
    assert corps["errors"][0]["message"] == "DossierSupprimerMessagePayload not found"
