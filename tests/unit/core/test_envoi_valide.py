"""« Message proposé » and « Envoi validé »: what is proposed, what goes, and what is left to its human."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.core import conversation, empreintes
from connector.core.constat import AvisPropose, Constat, Effet, Statut
from connector.core.courrier import RIEN
from connector.core.envoi_valide import CHANGE, DEJA_PARTI, FRAICHEUR, LIBRE, REPOS, valider
from connector.core.evaluation import Historique
from connector.core.model import DossierState, Traitement
from connector.core.plan import CleAnnotation, EnvoyerMessage, EtatIntention, Intention
from connector.core.regles import proposer
from tests.fakes import (
    AGENT,
    CONNECTEUR,
    CORRESPONDANCE,
    DEPART,
    ENVOI,
    PROPOSE,
    SOURCE,
    USAGER,
    rediger,
    un_champ,
    un_dossier,
    un_message,
    une_resolution,
)

RESOLUTION = une_resolution()
MINUTE, HEURE, JOUR = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ECRIT, COCHE = DEPART + HEURE, DEPART + 2 * HEURE


def voulu(*regles) -> EnvoyerMessage:
    """The request that the dossier deserves, written out."""
    constats = [
        Constat(
            regle=r,
            statut=Statut.KO,
            effet=Effet.BLOQUANT,
            phrase=f"{r} !",
            source=SOURCE,
            avis=AvisPropose.A_COMPLETER,
            court=r,
        )
        for r in regles or ("cv",)
    ]
    dossier = un_dossier()
    draft = conversation.demander(conversation.echange(dossier, Historique(), DEPART.date()), proposer(constats))
    return EnvoyerMessage(
        template=draft.template,
        body=rediger(draft, dossier),
        reference=draft.reference,
        correction=draft.correction,
        constats=tuple(c.regle for c in draft.constats),
        tour=dossier.tour,
    )


VOULU = voulu()
AUTRE = voulu("lettre")


def le_dossier(texte=None, *, coche=False, ecrit=ECRIT, coche_le=COCHE, type_case="CheckboxChamp", **changes):
    """The two annotations as they stand; the last thing that a human typed is the tick."""
    autres = [a for a in un_dossier().annotations if a.id not in {PROPOSE, ENVOI}]
    annotations = (
        *autres,
        un_champ(PROPOSE, texte, "TextareaChamp", updated_at=ecrit),
        un_champ(ENVOI, coche, type_case, updated_at=coche_le if coche else DEPART),
    )
    changes = {"date_derniere_modification_annotations": coche_le if coche else DEPART, **changes}
    return un_dossier(annotations=annotations, **changes)


def ecrites(*textes) -> Historique:
    """The texts that we wrote in « Message proposé », oldest first."""
    return Historique(
        intentions=tuple(
            Intention(
                demarche=1,
                dossier=100,
                kind="annotations",
                fingerprint=f"f{rang}",
                cible=(f"{PROPOSE}={empreintes.of_value(texte)}",),
                state=EtatIntention.DONE,
            )
            for rang, texte in enumerate(textes)
        )
    )


def valide(dossier, wanted=VOULU, historique=None, *, propose=True, maintenant=COCHE + HEURE, resolution=RESOLUTION):
    return valider(
        dossier, wanted, resolution, historique or ecrites(VOULU.body), propose=propose, maintenant=maintenant
    )


def decochee(validation) -> bool:
    return validation.case is not None and validation.case.value is False


# what is proposed


def test_what_waits_for_an_agent_is_proposed_word_for_word():
    assert valide(le_dossier(), historique=Historique()).propose == VOULU.body
    assert valide(le_dossier(), None, Historique()) == RIEN
    assert valide(le_dossier(), historique=Historique(), propose=False) == RIEN


def test_nothing_new_is_proposed_while_nothing_may_leave():
    frozen = valider(le_dossier(), VOULU, RESOLUTION, Historique(), propose=True, maintenant=COCHE, gele=True)
    assert frozen == RIEN


def test_a_form_without_the_annotation_is_proposed_nothing():
    sans = replace(
        CORRESPONDANCE, annotations=tuple(a for a in CORRESPONDANCE.annotations if a.cle != "message_propose")
    )
    assert valide(le_dossier(), resolution=une_resolution(sans)) == RIEN
    assert valide(un_dossier(annotations=())) == RIEN


def test_what_is_there_already_stays_until_its_deadline_has_aged():
    frais = valide(le_dossier(VOULU.body), maintenant=ECRIT + JOUR)
    assert (frais.propose, frais.revoir) == (None, FRAICHEUR - JOUR)
    assert valide(le_dossier(VOULU.body), maintenant=ECRIT + FRAICHEUR).propose == VOULU.body


def test_another_request_takes_the_place_of_ours_and_nothing_wanted_takes_it_away():
    assert valide(le_dossier(VOULU.body), AUTRE).propose == AUTRE.body
    assert valide(le_dossier(VOULU.body), None).propose == ""


def edite(texte, **changes):
    """A text typed by an agent after ours."""
    return le_dossier(texte, ecrit=COCHE, date_derniere_modification_annotations=COCHE, **changes)


def test_a_text_that_an_agent_typed_may_only_be_replaced_by_its_human():
    found = valide(edite("À moi."))
    assert (found.propose, found.libre) == (VOULU.body, False), "write() then leaves it, and says so"
    assert valide(edite("À moi."), None) == RIEN


def test_a_text_that_an_agent_took_away_stays_away_until_the_next_deposit():
    assert valide(edite("")) == RIEN
    redepose = Traitement(event="depose_correction_usager", date=COCHE + MINUTE)
    found = valide(edite("", traitements=(redepose,)))
    assert (found.propose, found.libre) == (VOULU.body, True)


def test_a_text_that_was_sent_is_taken_away_whoever_wrote_it():
    sent = un_message(texte="À moi.", email=AGENT, le=COCHE)
    found = valide(edite("À moi.\n\nRéf. : 100-AAAAAAAAAA", messages=(sent,)), None)
    assert found == RIEN, "these are not the same words"
    sent = un_message(texte="À moi.\n\nRéf. : 100-AAAAAAAAAA", email=CONNECTEUR, le=COCHE)
    found = valide(edite("À moi.\r\n\r\nRéf. : 100-AAAAAAAAAA", messages=(sent,)), None)
    assert (found.propose, found.libre, found.case) == ("", True, None)


# what is sent


@pytest.mark.parametrize("type_case", ["CheckboxChamp", "YesNoChamp"])
def test_a_ticked_box_sends_what_is_proposed(type_case):
    found = valide(le_dossier(VOULU.body, coche=True, type_case=type_case))
    assert found.envoi == VOULU
    assert (found.propose, found.case) == (None, None), "once it lies in the dossier"


def test_a_box_of_another_type_sends_nothing():
    assert valide(le_dossier(VOULU.body, coche=True, type_case="TextChamp")).envoi is None


def test_an_edited_text_is_sent_as_edited_and_still_asks():
    texte = VOULU.body.replace("cv !", "cv, merci !")
    envoi = valide(le_dossier(texte, coche=True)).envoi
    assert (envoi.body, envoi.reference, envoi.correction) == (texte, VOULU.reference, "incomplete")


def test_an_edited_text_without_its_reference_gets_one_and_asks_in_the_place_of_ours():
    envoi = valide(le_dossier("Merci de joindre le CV.\r\nÀ bientôt.", coche=True)).envoi
    assert envoi.body == f"Merci de joindre le CV.\nÀ bientôt.\n\nRéf.\u00a0: {envoi.reference}"
    assert empreintes.reference_in(envoi.body) == envoi.reference != VOULU.reference
    assert (envoi.template, envoi.correction, envoi.constats) == (VOULU.template, "incomplete", ("cv",))


def test_a_text_of_an_agent_s_own_is_sent_as_a_plain_message():
    envoi = valide(le_dossier("Bonjour.", coche=True), None).envoi
    assert (envoi.template, envoi.correction, envoi.constats) == (LIBRE, None, ())
    kept = valide(le_dossier("Bonjour.\nRéf. : 100-AAAAAAAAAA", coche=True)).envoi
    assert (kept.template, kept.reference) == (LIBRE, "100-AAAAAAAAAA")


def test_the_reference_of_another_dossier_is_none_of_this_one():
    envoi = valide(le_dossier("Bonjour.\nRéf. : 999-AAAAAAAAAA", coche=True), None).envoi
    assert envoi.reference.startswith("100-")
    assert empreintes.reference_in(envoi.body) == envoi.reference


def test_the_same_text_is_the_same_message_whatever_happened_meanwhile():
    dossier = le_dossier("Bonjour.", coche=True)
    later = replace(dossier, state=DossierState.EN_INSTRUCTION, messages=(un_message(email=USAGER),))
    assert valide(dossier, None).envoi.reference == valide(later, AUTRE).envoi.reference


def test_once_sent_the_text_goes_and_the_box_is_unticked():
    sent = un_message(texte=VOULU.body, email=CONNECTEUR, le=COCHE)
    found = valide(le_dossier(VOULU.body, coche=True, messages=(sent,)), None)
    assert (found.envoi, found.propose, found.libre) == (None, "", True)
    assert (found.case.id, found.case.cle, found.case.value) == (ENVOI, CleAnnotation.CHECKBOX, False)


def test_other_words_under_a_reference_already_sent_are_left_to_their_human():
    sent = un_message(texte=VOULU.body, email=CONNECTEUR, le=COCHE)
    found = valide(le_dossier(VOULU.body.replace("cv", "CV"), coche=True, messages=(sent,)), None)
    assert (found.envoi, found.propose, found.retenue) == (None, None, DEJA_PARTI)
    assert decochee(found)


# a tick that does not count


def test_an_empty_text_is_not_sent():
    found = valide(le_dossier(None, coche=True), historique=Historique())
    assert (found.envoi, found.propose) == (None, VOULU.body)
    assert "vide" in found.retenue
    assert decochee(found)
    assert valide(le_dossier("  ", coche=True), None).propose is None


def test_a_tick_of_before_the_last_deposit_sends_nothing():
    redepose = (Traitement(event="depose_correction_usager", date=COCHE + MINUTE),)
    found = valide(le_dossier("À moi.", coche=True, traitements=redepose))
    assert (found.envoi, found.propose, found.retenue) == (None, None, CHANGE)
    assert decochee(found)
    assert valide(le_dossier(VOULU.body, coche=True, traitements=redepose), AUTRE).propose == AUTRE.body


def test_a_tick_on_our_text_of_other_findings_sends_nothing():
    found = valide(le_dossier(VOULU.body, coche=True), AUTRE)
    assert (found.envoi, found.propose, found.retenue) == (None, AUTRE.body, CHANGE)
    assert decochee(found)
    assert valide(le_dossier(VOULU.body, coche=True), None).retenue == CHANGE


def test_a_tick_under_which_we_wrote_sends_nothing():
    found = valide(le_dossier(VOULU.body, coche=True, ecrit=COCHE + MINUTE))
    assert (found.envoi, found.retenue) == (None, CHANGE)
    assert decochee(found)


def test_a_text_still_being_typed_waits():
    dossier = le_dossier("À m", coche=True, ecrit=COCHE + MINUTE, date_derniere_modification_annotations=COCHE + MINUTE)
    waits = valide(dossier, maintenant=COCHE + 2 * MINUTE)
    assert (waits.envoi, waits.propose, waits.case, waits.revoir) == (None, None, None, REPOS)
    assert valide(dossier, maintenant=COCHE + MINUTE + REPOS).envoi is not None


def test_an_annotation_that_ds_does_not_date_is_as_old_as_the_dossier():
    found = valide(le_dossier(VOULU.body, coche=True, ecrit=None))
    assert found.envoi == VOULU
