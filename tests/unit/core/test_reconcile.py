from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector.core import empreintes, reconcile
from connector.core.model import Choix, DossierState, Traitement
from connector.core.plan import (
    DECISIONS,
    AjouterLabel,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    Ecriture,
    EnvoyerMessage,
    Intention,
    SupprimerLabel,
    Transition,
)
from connector.core.reconcile import Verdict, already_sent, settle, shown
from tests.fakes import (
    AGENT,
    COMPLET,
    CONNECTEUR,
    CONTROLE,
    DEPART,
    DOUTE,
    MANQUE,
    SYNTHESE,
    USAGER,
    VERSION,
    un_champ,
    un_dossier,
    un_message,
)

DELAI = timedelta(seconds=30)
SENT = DEPART + timedelta(hours=1)
SOON, LATER = SENT + timedelta(seconds=29), SENT + DELAI
REFERENCE = "100-0123456789"
TEXTE = f"Il manque une pièce\n\n{empreintes.reference_line(REFERENCE)}"
MESSAGE = EnvoyerMessage(template="correction", body=TEXTE, reference=REFERENCE, correction="incomplete")
PASSER = ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION)
ANNOTER = EcrireAnnotations(
    ecritures=(
        Ecriture(id=SYNTHESE, label="Synthèse", cle=CleAnnotation.TEXT, value="FAVORABLE"),
        Ecriture(id=CONTROLE, label="Contrôlé le", cle=CleAnnotation.DATE, value=date(2026, 3, 2)),
    )
)
ACTIONS = (ANNOTER, MESSAGE, PASSER, AjouterLabel(label=COMPLET), SupprimerLabel(label=MANQUE))


def une_intention(action) -> Intention:
    return Intention(
        demarche=1,
        dossier=100,
        kind=reconcile.kind(action),
        fingerprint="f",
        cible=reconcile.cible(action),
        sent_at=SENT,
    )


def verdict(action, dossier, *, now=LATER, delai=DELAI) -> Verdict:
    return settle(une_intention(action), dossier, now=now, delai=delai)


def annote(**values) -> object:
    """A dossier whose annotations hold those values, by key of this table."""
    ids = {"synthese": SYNTHESE, "controle": CONTROLE, "version": VERSION}
    wanted = {ids[k]: v for k, v in values.items()}
    return un_dossier(annotations=tuple(replace(a, value=wanted.get(a.id, a.value)) for a in un_dossier().annotations))


UNTOUCHED = un_dossier(labels=(MANQUE,))
APPLIED = {
    "annotations": annote(synthese="FAVORABLE", controle=date(2026, 3, 2)),
    "message": un_dossier(messages=(un_message(texte=TEXTE, email=CONNECTEUR, le=SENT),)),
    "etat": un_dossier(state=DossierState.EN_INSTRUCTION),
    "ajout_label": un_dossier(labels=(COMPLET,)),
    "retrait_label": un_dossier(labels=()),
}
EACH = pytest.mark.parametrize("action", ACTIONS, ids=[reconcile.kind(a) for a in ACTIONS])


@EACH
def test_an_effect_that_the_dossier_shows_was_applied_even_at_once(action):
    assert verdict(action, APPLIED[reconcile.kind(action)], now=SENT) is Verdict.APPLIQUEE


@EACH
def test_an_effect_that_may_still_land_is_waited_for(action):
    assert verdict(action, UNTOUCHED, now=SOON) is Verdict.ATTENDRE


@EACH
def test_an_effect_that_is_not_there_after_the_delay_was_not_applied(action):
    assert verdict(action, UNTOUCHED) is Verdict.NON_APPLIQUEE


@EACH
def test_once_it_was_waited_for_the_clock_no_longer_counts(action):
    assert verdict(action, UNTOUCHED, now=SENT - timedelta(hours=1), delai=None) is Verdict.NON_APPLIQUEE


@EACH
def test_a_clock_that_went_back_does_not_make_an_effect_missing(action):
    assert verdict(action, UNTOUCHED, now=SENT - timedelta(hours=1)) is Verdict.ATTENDRE


@EACH
def test_an_intent_without_a_date_is_judged_at_once(action):
    intention = replace(une_intention(action), sent_at=None)
    assert settle(intention, UNTOUCHED, now=SENT, delai=DELAI) is Verdict.NON_APPLIQUEE


@EACH
def test_what_is_needed_to_recognise_an_effect_holds_no_value(action):
    assert not any("FAVORABLE" in c or "pièce" in c for c in reconcile.cible(action))


def test_an_unknown_kind_of_intent_is_a_mistake():
    with pytest.raises(ValueError, match="danse"):
        settle(replace(une_intention(PASSER), kind="danse"), UNTOUCHED, now=LATER, delai=DELAI)


# messages


def test_a_message_is_recognised_by_its_reference_whoever_sent_it_and_whatever_its_text():
    reworded = un_message(texte=f"Autre texte\n\nRéf. : {REFERENCE}", email=AGENT)
    assert already_sent(un_dossier(messages=(reworded,)), REFERENCE, "autre empreinte")


def test_a_message_is_recognised_by_its_text_even_without_its_reference():
    message = un_message(texte=TEXTE, reference=None)
    assert already_sent(un_dossier(messages=(message,)), REFERENCE, empreintes.of_text(TEXTE))


def test_the_same_words_from_the_applicant_are_not_our_message():
    message = un_message(texte=TEXTE, email=USAGER, reference=None)
    assert not already_sent(un_dossier(messages=(message,)), REFERENCE, empreintes.of_text(TEXTE))


def test_another_message_and_a_deleted_one_are_not_ours():
    others = (un_message(texte="Bonjour"), un_message(texte="", discarded_at=DEPART))
    assert not already_sent(un_dossier(messages=others), REFERENCE, empreintes.of_text(TEXTE))
    assert not already_sent(un_dossier(messages=others), REFERENCE, "")


def test_a_message_deleted_since_the_request_was_probably_ours_and_does_not_go_out_again():
    deleted = un_message(texte="", email=CONNECTEUR, le=SENT, discarded_at=LATER)
    assert verdict(MESSAGE, un_dossier(messages=(deleted,))) is Verdict.APPLIQUEE


def test_a_message_deleted_long_before_was_another():
    deleted = un_message(texte="", email=CONNECTEUR, le=SENT - timedelta(minutes=3), discarded_at=LATER)
    assert verdict(MESSAGE, un_dossier(messages=(deleted,))) is Verdict.NON_APPLIQUEE


def test_a_server_clock_two_minutes_slow_changes_nothing():
    deleted = un_message(texte="", email=CONNECTEUR, le=SENT - timedelta(minutes=2), discarded_at=LATER)
    assert verdict(MESSAGE, un_dossier(messages=(deleted,))) is Verdict.APPLIQUEE


# states


@pytest.mark.parametrize("event_age", [timedelta(0), timedelta(minutes=-2)])
def test_a_transition_leaves_a_trace_even_when_an_agent_moved_the_dossier_since(event_age):
    trace = Traitement(event="passe_en_instruction", date=SENT + event_age)
    dossier = un_dossier(state=DossierState.EN_CONSTRUCTION, traitements=(trace,))
    assert verdict(PASSER, dossier) is Verdict.APPLIQUEE


def test_an_older_trace_is_another_transition_s():
    trace = Traitement(event="passe_en_instruction", date=SENT - timedelta(minutes=3))
    assert verdict(PASSER, un_dossier(traitements=(trace,))) is Verdict.NON_APPLIQUEE


def test_a_trace_is_enough_when_the_request_has_no_date():
    trace = Traitement(event="passe_en_instruction", date=DEPART)
    intention = replace(une_intention(PASSER), sent_at=None)
    assert settle(intention, un_dossier(traitements=(trace,)), now=LATER, delai=DELAI) is Verdict.APPLIQUEE


@pytest.mark.parametrize("transition", list(Transition))
def test_every_transition_has_its_event_and_its_state(transition):
    event, state = reconcile.EVENEMENTS[transition]
    intention = une_intention(ChangerEtat(transition=transition, decision="D" * (transition in DECISIONS)))
    other = DossierState.EN_INSTRUCTION if state is DossierState.EN_CONSTRUCTION else DossierState.EN_CONSTRUCTION
    trace = Traitement(event=event, date=SENT)
    for dossier in (un_dossier(state=state), un_dossier(state=other, traitements=(trace,))):
        assert settle(intention, dossier, now=LATER, delai=DELAI) is Verdict.APPLIQUEE


# annotations, each on its own


def test_annotations_partly_there_are_waited_for_then_kept_as_far_as_they_went():
    half = annote(synthese="FAVORABLE")
    assert verdict(ANNOTER, half, now=SOON) is Verdict.ATTENDRE
    assert verdict(ANNOTER, half) is Verdict.APPLIQUEE
    assert shown(une_intention(ANNOTER), half) == reconcile.cible(ANNOTER)[:1]


def test_an_effect_that_cannot_be_had_by_halves_is_shown_whole_or_not_at_all():
    assert shown(une_intention(MESSAGE), APPLIED["message"]) == reconcile.cible(MESSAGE)
    assert shown(une_intention(MESSAGE), UNTOUCHED) == ()


@pytest.mark.parametrize(
    ("written", "observed"),
    [
        ("a\nb", "a\r\nb "),
        (450, Decimal("450.0")),
        (("x", "y"), Choix(values=("x", "y"))),
        ("", None),
        ("Réf.\u00a0: 1", "Réf. : 1"),
    ],
)
def test_a_value_is_recognised_as_ds_shows_it_back(written, observed):
    action = EcrireAnnotations(
        ecritures=(Ecriture(id="A", label="A", cle=CleAnnotation.TEXT, value=written),),
    )
    dossier = un_dossier(annotations=(un_champ("A", observed),))
    assert verdict(action, dossier) is Verdict.APPLIQUEE


def test_the_same_value_in_another_annotation_proves_nothing():
    assert verdict(ANNOTER, annote(version="FAVORABLE")) is Verdict.NON_APPLIQUEE


# labels


def test_labels_are_recognised_by_id_even_renamed():
    renamed = un_dossier(labels=(replace(COMPLET, name="Dossier complet"), DOUTE))
    assert verdict(AjouterLabel(label=COMPLET), renamed) is Verdict.APPLIQUEE
    assert verdict(SupprimerLabel(label=COMPLET), renamed) is Verdict.NON_APPLIQUEE
