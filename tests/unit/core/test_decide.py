from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.core import conversation, courrier, decide, empreintes, reconcile
from connector.core.constat import AvisPropose, Constat, Effet, Statut
from connector.core.courrier import Auteur
from connector.core.decide import Moment, Plan
from connector.core.evaluation import Evaluation, Historique
from connector.core.fiche import parties
from connector.core.model import Champ, Choix, DossierState, Illisible, Label, Traitement
from connector.core.plan import (
    AjouterLabel,
    ChangerEtat,
    CleAnnotation,
    EcrireAnnotations,
    Ecriture,
    EnvoyerMessage,
    EtatIntention,
    Intention,
    SupprimerLabel,
    Transition,
)
from connector.core.politique import Mode, Politique
from connector.core.regles import proposer
from tests.fakes import (
    AGENT,
    AGIR,
    AVIS,
    COMPLET,
    CONNECTEUR,
    CONTROLE,
    DEPART,
    DOUTE,
    MANQUE,
    MANUEL,
    NOTE,
    POINTS,
    PROPOSE,
    SOURCE,
    SYNTHESE,
    USAGER,
    VERSION,
    cible,
    rediger,
    un_champ,
    un_dossier,
    un_message,
    une_resolution,
)

HEURE = timedelta(hours=1)
RESOLUTION = une_resolution()
JOUR = date(2026, 3, 2)


def un_constat(statut=Statut.KO, avis=AvisPropose.A_COMPLETER, regle="cv", effet=Effet.BLOQUANT) -> Constat:
    return Constat(regle=regle, statut=statut, effet=effet, phrase=f"{regle} !", source=SOURCE, avis=avis, court=regle)


def juge(*constats: Constat):
    return proposer(constats)


MANQUANT = juge(un_constat())
BON = juge(un_constat(Statut.OK))
DOUTEUX = juge(un_constat(Statut.OK), un_constat(Statut.A_VERIFIER, AvisPropose.A_VERIFIER, "zone"))
REFUSE = juge(un_constat(Statut.OK), un_constat(Statut.KO, AvisPropose.DEFAVORABLE, "zone"))
REORIENTE = juge(un_constat(Statut.OK), un_constat(Statut.KO, AvisPropose.REORIENTATION, "outre-mer"))


def message_for(dossier, proposition=MANQUANT) -> EnvoyerMessage | None:
    draft = conversation.demander(conversation.echange(dossier, Historique(), JOUR), proposition)
    if draft is None:
        return None
    return EnvoyerMessage(
        template=draft.template,
        body=rediger(draft, dossier),
        reference=draft.reference,
        correction=draft.correction,
        constats=tuple(c.regle for c in draft.constats),
    )


def le_plan(
    dossier=None,
    proposition=BON,
    *,
    politique=AGIR,
    historique=None,
    voulues=None,
    en_pause=False,
    resolution=RESOLUTION,
    **moment,
) -> Plan:
    dossier = dossier or un_dossier()
    return decide.plan(
        dossier,
        proposition,
        message_for(dossier, proposition),
        voulues=voulues or {},
        resolution=resolution,
        politique=politique,
        historique=historique or Historique(),
        en_pause=en_pause,
        moment=Moment(**moment),
    )


def kinds(plan: Plan) -> list[str]:
    return [reconcile.kind(action) for action in plan.actions]


def intention(action, dossier, state=EtatIntention.DONE, historique=None) -> Intention:
    return Intention(
        demarche=1,
        dossier=dossier.number,
        kind=reconcile.kind(action),
        fingerprint=decide.fingerprint(action, dossier, historique or Historique()),
        cible=reconcile.cible(action),
        state=state,
    )


def une_evaluation(proposition, depuis=JOUR) -> Evaluation:
    return Evaluation(
        dossier=100,
        contenu="c",
        politique="p",
        proposees="a",
        proposition=proposition,
        avis_depuis=depuis,
        evaluee_le=DEPART,
        a_pousser=False,
    )


# who wrote it


@pytest.mark.parametrize(
    ("message", "who"),
    [
        (un_message(email=USAGER), Auteur.USAGER),
        (un_message(email=USAGER, texte="Vu :\nRéf. : 100-0123456789"), Auteur.USAGER),
        (un_message(email=CONNECTEUR, texte="Vu :\nRéf. : 100-0123456789"), Auteur.CONNECTEUR),
        (un_message(email="ne-pas-repondre@ds", systeme=True), Auteur.SYSTEME),
        (un_message(email=AGENT), Auteur.AGENT),
        (un_message(email="alias-42@ds"), Auteur.AGENT),
        (un_message(email=CONNECTEUR, texte="", discarded_at=DEPART), Auteur.AGENT),
    ],
    ids=["applicant", "applicant quoting us", "us", "system", "agent", "unknown alias", "ours taken back by an agent"],
)
def test_the_author_of_a_message_is_deduced(message, who):
    assert courrier.auteur(message, un_dossier()) is who


# modes


def test_an_observer_plans_nothing():
    voulues = {"synthese": "FAVORABLE"}
    for proposition in (BON, MANQUANT):
        assert le_plan(proposition=proposition, politique=Politique(), voulues=voulues) == Plan(dossier=100)


def test_an_archived_dossier_is_left_alone():
    assert le_plan(un_dossier(archived=True), MANQUANT, voulues={"synthese": "x"}) == Plan(dossier=100)


@pytest.mark.parametrize("state", ["accepte", "refuse", "sans_suite", "un_etat_nouveau"])
def test_a_dossier_decided_or_in_a_state_that_we_do_not_know_is_left_alone(state):
    dossier = un_dossier(state=DossierState(state))
    assert le_plan(dossier, MANQUANT, voulues={"synthese": "x"}) == Plan(dossier=100)


@pytest.mark.parametrize("proposition", [BON, MANQUANT])
def test_the_annotating_mode_annotates_and_labels_but_reaches_nobody(proposition):
    plan = le_plan(proposition=proposition, politique=replace(AGIR, mode=Mode.ANNOTER), voulues={"synthese": "x"})
    assert kinds(plan) == ["annotations", "ajout_label"]
    assert (plan.messages, plan.transitions) == (0, 0)
    assert len(plan.retenues) == 1
    assert "le mode n’est pas « agir »" in plan.retenues[0].replace("\u00a0", " ")


def test_labels_can_be_switched_off():
    assert kinds(le_plan(politique=replace(AGIR, labels=False), voulues={"synthese": "x"})) == ["annotations", "etat"]


def test_acting_sends_the_message_first_and_moves_the_dossier_last():
    assert kinds(le_plan(proposition=MANQUANT, voulues={"synthese": "x"})) == ["message", "annotations", "ajout_label"]
    assert kinds(le_plan(proposition=BON, voulues={"synthese": "x"})) == ["annotations", "ajout_label", "etat"]


def test_the_brake_counts_messages_and_transitions_only():
    asked, moved = le_plan(proposition=MANQUANT, voulues={"synthese": "x"}), le_plan(voulues={"synthese": "x"})
    assert (asked.messages, asked.transitions) == (1, 0)
    assert (moved.messages, moved.transitions) == (0, 1)


# what holds a message or a transition back


OBSTACLES = [
    (lambda: {"politique": replace(AGIR, mode=Mode.ANNOTER)}, "le mode n’est pas"),
    (lambda: {"politique": replace(AGIR, corrections=False, passage_en_instruction=False)}, "n’est pas autorisé"),
    (lambda: {"en_pause": True}, "les envois sont en pause"),
    (lambda: {"dossier": un_dossier(labels=(MANUEL,))}, "Suivi manuel"),
    (lambda: {"politique": replace(AGIR, mise_en_service=date(2026, 3, 3))}, "avant la mise en service"),
    (lambda: {"dossier": un_dossier(messages=(un_message(email=AGENT),))}, "un agent a déjà écrit"),
    (lambda: {"dossier": un_dossier(date_derniere_correction_en_attente=DEPART)}, "correction est déjà en attente"),
]


@pytest.mark.parametrize(("case", "why"), OBSTACLES, ids=[why for _, why in OBSTACLES])
@pytest.mark.parametrize(("proposition", "what"), [(MANQUANT, "Demande de correction"), (BON, "Passage")])
def test_what_is_held_back_is_said_and_why(case, why, proposition, what):
    plan = le_plan(proposition=proposition, **case())
    assert (plan.messages, plan.transitions) == (0, 0)
    assert len(plan.retenues) == 1
    assert plan.retenues[0].startswith(f"{what}")
    assert why in plan.retenues[0]
    assert plan.retenues[0].endswith(".")


def test_nobody_would_read_a_message_to_a_deleted_account_but_the_dossier_may_move():
    dossier = un_dossier(compte_supprime=True)
    assert "compte de l’usager est supprimé" in le_plan(dossier, MANQUANT).retenues[0]
    assert le_plan(dossier, BON).transitions == 1


def test_all_the_reasons_are_told_together():
    plan = le_plan(un_dossier(labels=(MANUEL,), messages=(un_message(),)), MANQUANT, en_pause=True)
    assert plan.retenues[0].count("\u202f;") == 2


def test_the_day_of_service_itself_is_in():
    assert le_plan(politique=replace(AGIR, mise_en_service=DEPART.date())).transitions == 1
    assert le_plan(politique=replace(AGIR, mise_en_service=None)).transitions == 1


def test_messages_of_the_applicant_of_ds_and_of_ours_hold_nothing_back():
    messages = (
        un_message("1", email=USAGER),
        un_message("2", email="ds", systeme=True),
        un_message("3", email=CONNECTEUR, texte="x\nRéf. : 100-AAAAAAAAAA"),
    )
    assert le_plan(un_dossier(messages=messages), BON).transitions == 1


@pytest.mark.parametrize(
    "label",
    [
        replace(MANUEL, name="À la main"),
        Label(id="L-nouveau", name="suivi  manuel"),
        Label(id="L-nouveau", name="SUIVI MANUEL"),
    ],
    ids=["renamed", "made since the form was read", "typed otherwise"],
)
def test_the_stop_label_is_obeyed_renamed_or_new(label):
    assert le_plan(un_dossier(labels=(label,))).transitions == 0
    unmapped = replace(RESOLUTION, labels={})
    named = label.id != MANUEL.id
    assert le_plan(un_dossier(labels=(label,)), resolution=unmapped).transitions == (0 if named else 1)


# never twice


def test_a_message_that_the_ledger_has_done_or_a_human_holds_is_not_planned_again():
    dossier = un_dossier()
    message = message_for(dossier)
    for state in (EtatIntention.DONE, EtatIntention.HANDED_TO_HUMAN):
        past = Historique(intentions=(intention(message, dossier, state),))
        plan = le_plan(dossier, MANQUANT, historique=past)
        assert (plan.messages, plan.retenues) == (0, ())


@pytest.mark.parametrize("state", [EtatIntention.PLANNED, EtatIntention.REJECTED])
def test_a_message_that_certainly_did_not_go_is_planned_again(state):
    dossier = un_dossier()
    past = Historique(intentions=(intention(message_for(dossier), dossier, state),))
    assert le_plan(dossier, MANQUANT, historique=past).messages == 1


def test_a_message_that_already_lies_in_the_dossier_is_nothing_to_hold_back():
    message = message_for(un_dossier())
    sent = un_message(texte=message.body, email=CONNECTEUR)
    plan = le_plan(un_dossier(messages=(sent,), date_derniere_correction_en_attente=DEPART), MANQUANT)
    assert (plan.messages, plan.retenues) == (0, ())


def test_a_message_taken_back_by_an_agent_is_not_sent_again_even_with_a_new_database():
    taken_back = un_message(texte="", email=CONNECTEUR, discarded_at=DEPART + HEURE)
    assert le_plan(un_dossier(messages=(taken_back,)), MANQUANT).messages == 0


def test_a_dossier_passes_once_a_round():
    dossier = un_dossier()
    past = Historique(intentions=(intention(ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION), dossier),))
    assert le_plan(dossier, historique=past).transitions == 0
    corrected = Traitement(event="depose_correction_usager", date=DEPART + HEURE)
    again = replace(dossier, traitements=(*dossier.traitements, corrected))
    assert le_plan(again, historique=past).transitions == 1


@pytest.mark.parametrize("event", ["passe_en_instruction", "passe_en_instruction_automatiquement"])
def test_a_dossier_that_an_agent_sent_back_stays_until_the_applicant_submits_again(event):
    sent_back = (
        Traitement(event="depose", date=DEPART),
        Traitement(event=event, date=DEPART + HEURE),
        Traitement(event="repasse_en_construction", date=DEPART + 2 * HEURE),
    )
    assert le_plan(un_dossier(traitements=sent_back)).transitions == 0
    again = (*sent_back, Traitement(event="depose_correction_usager", date=DEPART + 3 * HEURE))
    assert le_plan(un_dossier(traitements=again)).transitions == 1


# the transition


@pytest.mark.parametrize("state", sorted(set(DossierState) - {DossierState.EN_CONSTRUCTION}))
def test_only_a_dossier_in_construction_passes(state):
    assert decide.transition(un_dossier(state=state), BON, notify=True) is None


@pytest.mark.parametrize("proposition", [MANQUANT, REFUSE, REORIENTE])
def test_a_dossier_that_lacks_something_or_that_somebody_must_refuse_does_not_pass(proposition):
    assert decide.transition(un_dossier(), proposition, notify=True) is None


def test_a_dossier_in_doubt_of_its_completeness_does_not_pass():
    doubt = juge(un_constat(Statut.A_VERIFIER))
    assert decide.transition(un_dossier(), doubt, notify=True) is None


@pytest.mark.parametrize("proposition", [BON, DOUTEUX])
def test_a_complete_dossier_passes_even_when_an_agent_must_still_look(proposition):
    assert decide.transition(un_dossier(), proposition, notify=True) == ChangerEtat(
        transition=Transition.PASSER_EN_INSTRUCTION
    )


def test_the_applicant_is_told_unless_the_operator_said_otherwise():
    assert decide.transition(un_dossier(), BON, notify=False).disable_notification


@given(st.sampled_from(list(Statut)), st.sampled_from(list(AvisPropose)), st.sampled_from(list(DossierState)))
def test_no_finding_ever_leads_to_a_decision(statut, avis, state):
    plan = le_plan(un_dossier(state=state), juge(un_constat(statut, avis)))
    decisions = [a for a in plan.actions if isinstance(a, ChangerEtat)]
    assert all(a.transition is Transition.PASSER_EN_INSTRUCTION for a in decisions)


# annotations, three ways


def annote(value, *, written: timedelta | None = timedelta(0), human: timedelta = timedelta(0), typename="TextChamp"):
    """A dossier whose Synthèse holds that value, written then, a human having last edited some annotation then."""
    le = None if written is None else DEPART + written
    dossier = un_dossier(date_derniere_modification_annotations=DEPART + human)
    synthese = un_champ(SYNTHESE, value, typename, le)
    return replace(dossier, annotations=(synthese, *dossier.annotations[1:]))


def past_of(*values: object, state=EtatIntention.DONE) -> Historique:
    """A ledger where we wrote those values in Synthèse, in that order."""
    return Historique(
        intentions=tuple(
            Intention(
                demarche=1,
                dossier=100,
                kind="annotations",
                fingerprint=str(i),
                cible=(f"{SYNTHESE}={empreintes.of_value(v)}",),
                state=state,
            )
            for i, v in enumerate(values)
        )
    )


def written(dossier, historique=None, wanted="voulu", **changes):
    """What would be written in Synthèse, and whether it is left to a human."""
    targets = {"synthese": replace(cible("synthese"), **changes)}
    ecritures, conflits = decide.write(dossier, {"synthese": wanted}, targets, historique or Historique())
    return [e.value for e in ecritures], list(conflits)


WRITE, LEAVE, NOTHING = (["voulu"], []), ([], ["Synthese"]), ([], [])


@pytest.mark.parametrize(
    ("dossier", "historique", "expected"),
    [
        (annote(None), None, WRITE),
        (annote(""), None, WRITE),
        (annote("voulu"), None, NOTHING),
        (annote("voulu \r\n"), None, NOTHING),
        (annote("le nôtre", written=HEURE), past_of("le nôtre"), WRITE),
        (annote("le nôtre", written=HEURE, human=9 * HEURE), past_of("le nôtre"), WRITE),
        (annote("à lui", written=HEURE, human=HEURE), past_of("le nôtre"), LEAVE),
        (annote("à lui", written=HEURE, human=HEURE), None, LEAVE),
        (annote("v1", written=HEURE, human=HEURE), past_of("v1", "v2"), LEAVE),
        (annote(None, written=HEURE, human=HEURE), past_of("v1"), LEAVE),
        (annote("v1", written=HEURE), None, WRITE),
        (annote("v1", written=HEURE, human=9 * HEURE), None, LEAVE),
        (annote("v1", written=None), None, LEAVE),
        (annote("v1", written=None), past_of("v1"), WRITE),
        (annote("v2", written=HEURE, human=HEURE), past_of("v2", state=EtatIntention.UNKNOWN), WRITE),
        (annote("v1", written=HEURE, human=HEURE), past_of("v1", state=EtatIntention.REJECTED), LEAVE),
        (annote(Illisible(cause="null"), written=HEURE), past_of("v1"), LEAVE),
    ],
    ids=[
        "blank",
        "empty",
        "already there",
        "there but for its blanks",
        "ours, nobody typed since",
        "ours, somebody typed elsewhere since",
        "a human's over ours",
        "a human's where we never wrote",
        "a human set an older one of ours back",
        "a human erased ours",
        "unknown, but written after the last human edit: ours, and the database was lost",
        "unknown, and a human typed since: in doubt, theirs",
        "unknown and undated",
        "ours and undated",
        "ours perhaps, the answer was lost",
        "never written by us",
        "unreadable",
    ],
)
def test_an_annotation_is_written_unless_a_human_typed_there(dossier, historique, expected):
    assert written(dossier, historique) == expected


def test_an_annotation_that_the_operator_gave_us_is_written_over_a_human_s():
    assert written(annote("à lui", written=HEURE, human=HEURE), ecraser=True) == WRITE


@pytest.mark.parametrize("slip", [timedelta(0), timedelta(seconds=1), timedelta(seconds=60)])
def test_a_human_s_edit_that_ds_dates_a_little_after_its_form_is_still_a_human_s(slip):
    assert written(annote("à lui", written=HEURE + slip, human=HEURE), past_of("le nôtre")) == LEAVE


@pytest.mark.parametrize(
    ("written_at", "human", "expected"),
    [(timedelta(0), 9 * HEURE, WRITE), (HEURE, HEURE, LEAVE), (HEURE, 9 * HEURE, LEAVE), (HEURE, -HEURE, WRITE)],
    ids=["never touched", "erased by a human", "perhaps erased by a human", "cleared by us"],
)
def test_with_a_lost_database_a_blank_dated_after_the_deposit_is_an_erasure(written_at, human, expected):
    assert written(annote(None, written=written_at, human=human)) == expected


def test_an_annotation_that_the_mapping_or_the_dossier_has_not_is_not_written():
    dossier = annote(None)
    assert decide.write(dossier, {"zone": "ZIP"}, {}, Historique()) == ((), ())
    gone = replace(dossier, annotations=dossier.annotations[1:])
    assert decide.write(gone, {"synthese": "x"}, {"synthese": cible("synthese")}, Historique()) == ((), ())


def test_a_row_s_own_id_is_the_one_written():
    inner = Champ(id="A|L1", descriptor_id=SYNTHESE, label="Synthèse", typename="TextChamp", value=None)
    ecritures, _ = decide.write(
        un_dossier(annotations=(inner,)), {"synthese": "x"}, {"synthese": cible("synthese")}, Historique()
    )
    assert ecritures == (Ecriture(id="A|L1", label="Synthèse", cle=CleAnnotation.TEXT, value="x"),)


@pytest.mark.parametrize(
    ("value", "typename", "blank"),
    [
        (None, "TextChamp", True),
        ("", "TextChamp", True),
        (Choix(), "MultipleDropDownListChamp", True),
        (False, "CheckboxChamp", True),
        (True, "CheckboxChamp", False),
        (False, "YesNoChamp", False),
        (0, "IntegerNumberChamp", False),
        ("x", "TextChamp", False),
    ],
)
def test_an_untouched_box_is_blank_and_a_no_is_an_answer(value, typename, blank):
    assert decide.is_blank(un_champ("A", value, typename)) is blank


# fixpoint


VALEURS = st.fixed_dictionaries(
    {
        "synthese": st.text(max_size=20),
        "points_a_verifier": st.text(max_size=20),
        "avis_propose": st.sampled_from(["Favorable", "À compléter"]),
        "controle_le": st.dates(),
    }
)


@given(VALEURS, st.sampled_from([BON, MANQUANT, DOUTEUX, REFUSE]))
def test_once_a_plan_is_applied_planning_again_plans_nothing_but_what_reaches_people(voulues, proposition):
    dossier = un_dossier(labels=(COMPLET, DOUTE))
    done: list[Intention] = []
    after = dossier
    for action in le_plan(dossier, proposition, voulues=voulues).actions:
        done.append(intention(action, dossier))
        after = decide.after(after, action)
    again = le_plan(after, proposition, voulues=voulues, historique=Historique(intentions=tuple(done)))
    assert again.actions == ()


@given(VALEURS)
def test_the_dossier_expected_after_writing_shows_what_was_written(voulues):
    dossier = un_dossier()
    ecritures, _ = decide.write(dossier, voulues, RESOLUTION.annotations, Historique())
    after = decide.after(dossier, EcrireAnnotations(ecritures=ecritures))
    assert decide.write(after, voulues, RESOLUTION.annotations, Historique()) == ((), ())


def test_what_an_action_leaves_is_what_ds_will_show():
    dossier = un_dossier(labels=(MANQUE,))
    several = EcrireAnnotations(
        ecritures=(Ecriture(id=SYNTHESE, label="", cle=CleAnnotation.MULTIPLE_DROP_DOWN_LIST, value=("a", "b")),)
    )
    assert decide.after(dossier, several).annotations[0].value == Choix(values=("a", "b"))
    assert decide.after(dossier, AjouterLabel(label=COMPLET)).labels == (MANQUE, COMPLET)
    assert decide.after(dossier, SupprimerLabel(label=MANQUE)).labels == ()
    assert decide.after(dossier, message_for(dossier)) is dossier


def test_a_state_that_we_changed_is_known_before_ds_is_read_again_and_still_looks_like_news_then():
    dossier = un_dossier()
    after = decide.after(dossier, ChangerEtat(transition=Transition.PASSER_EN_INSTRUCTION))
    assert after == replace(dossier, state=DossierState.EN_INSTRUCTION)
    relu = replace(after, traitements=(Traitement(event="passe_en_instruction", date=DEPART),))
    assert parties(relu, frozenset()).contenu != parties(after, frozenset()).contenu


# fingerprints


def test_the_same_values_over_the_same_past_are_the_same_effect_and_over_another_one_another():
    dossier = annote("v1", written=HEURE)
    action = EcrireAnnotations(ecritures=(Ecriture(id=SYNTHESE, label="", cle=CleAnnotation.TEXT, value="v2"),))
    same = replace(dossier, date_derniere_modification=DEPART + 9 * HEURE)
    later = annote("v1", written=2 * HEURE)
    prints = [decide.fingerprint(action, d, Historique()) for d in (dossier, same, later)]
    assert prints[0] == prints[1] != prints[2]


def test_a_label_put_taken_off_and_put_again_is_three_effects():
    dossier, past, prints = un_dossier(), Historique(), set()
    for action in (AjouterLabel(label=COMPLET), SupprimerLabel(label=COMPLET)) * 2:
        done = intention(action, dossier, historique=past)
        prints.add(done.fingerprint)
        past = Historique(intentions=(*past.intentions, done))
    assert len(prints) == 4


def test_putting_the_same_label_again_after_a_refusal_is_the_same_effect():
    dossier, action = un_dossier(), AjouterLabel(label=COMPLET)
    refused = Historique(intentions=(intention(action, dossier, EtatIntention.REJECTED),))
    assert decide.fingerprint(action, dossier, refused) == decide.fingerprint(action, dossier, Historique())


# labels


def etiquettes(proposition):
    return decide.Etiquettes(cles=decide.LABELS, voulues=decide.wanted_labels(proposition))


def les_labels(proposition, *present: Label, ours: tuple[Label, ...] = (), taken: tuple[Label, ...] = ()):
    dossier = un_dossier(labels=present)
    past = Historique(
        intentions=tuple(intention(AjouterLabel(label=label), dossier) for label in ours)
        + tuple(intention(SupprimerLabel(label=label), dossier) for label in taken)
    )
    return decide.labels(dossier, etiquettes(proposition), RESOLUTION, past)


@pytest.mark.parametrize(
    ("proposition", "expected"),
    [(BON, [COMPLET]), (MANQUANT, [MANQUE]), (DOUTEUX, [COMPLET, DOUTE]), (REFUSE, [COMPLET])],
)
def test_labels_say_where_the_dossier_stands(proposition, expected):
    assert les_labels(proposition) == [AjouterLabel(label=label) for label in expected]


def test_a_label_that_is_there_is_not_put_again():
    assert les_labels(BON, COMPLET) == []


def test_a_label_of_ours_goes_when_it_no_longer_holds():
    assert les_labels(BON, COMPLET, MANQUE, ours=(MANQUE,)) == [SupprimerLabel(label=MANQUE)]


def test_a_label_that_a_human_put_stays():
    assert les_labels(BON, COMPLET, MANQUE, MANUEL) == []


def test_a_label_that_a_human_took_off_stays_off():
    assert les_labels(BON, ours=(COMPLET,)) == []


def test_a_label_that_we_took_off_may_come_back():
    assert les_labels(BON, ours=(COMPLET,), taken=(COMPLET,)) == [AjouterLabel(label=COMPLET)]


def test_a_demarche_without_labels_gets_none():
    assert decide.labels(un_dossier(), etiquettes(BON), replace(RESOLUTION, labels={}), Historique()) == []


# since when


def test_the_day_of_control_moves_with_the_avis_only():
    earlier = date(2026, 1, 5)
    past = Historique(evaluation=une_evaluation(BON, earlier))
    assert decide.avis_depuis(BON, past, None, JOUR) == earlier
    assert decide.avis_depuis(BON, past, date(2026, 1, 9), JOUR) == earlier
    assert decide.avis_depuis(MANQUANT, past, None, JOUR) == JOUR
    assert decide.avis_depuis(BON, Historique(), None, JOUR) == JOUR


def test_a_database_that_forgot_takes_the_day_that_ds_shows():
    assert decide.avis_depuis(BON, Historique(), date(2026, 1, 5), JOUR) == date(2026, 1, 5)


def test_the_earlier_day_wins_so_that_two_hosts_agree():
    past = Historique(evaluation=une_evaluation(BON, date(2026, 1, 5)))
    assert decide.avis_depuis(BON, past, date(2026, 1, 3), JOUR) == date(2026, 1, 3)
    before = Historique(evaluation=une_evaluation(MANQUANT, date(2026, 1, 2)))
    assert decide.avis_depuis(BON, before, date(2026, 1, 3), JOUR) == date(2026, 1, 3)


@pytest.mark.parametrize(
    ("avis", "shown", "expected"),
    [
        ("Favorable", date(2026, 1, 5), date(2026, 1, 5)),
        ("favorable ", date(2026, 1, 5), date(2026, 1, 5)),
        ("Favorable", "05/01/2026", date(2026, 1, 5)),
        ("Favorable", "hier", None),
        ("Favorable", None, None),
        ("À compléter", date(2026, 1, 5), None),
        (None, date(2026, 1, 5), None),
    ],
)
def test_the_day_that_ds_shows_counts_beside_the_same_avis_only(avis, shown, expected):
    dossier = un_dossier(annotations=(un_champ(AVIS, avis), un_champ(CONTROLE, shown)))
    assert decide.observed_date(dossier, BON, RESOLUTION.annotations) == expected


def test_a_mapping_without_those_annotations_shows_no_day():
    assert decide.observed_date(un_dossier(), BON, {}) is None


# what each annotation should say


def voulues(proposition=MANQUANT, resolution=RESOLUTION, depuis=JOUR, pieces="0/1 pièce"):
    return decide.wanted_values(proposition, resolution, depuis=depuis, version="2026.1", pieces=pieces)


def avec_cle(cle, key, **changes):
    """The resolution with one annotation of another type."""
    target = replace(RESOLUTION.annotations[key], cle=cle, **changes)
    return replace(RESOLUTION, annotations={**RESOLUTION.annotations, key: target})


def test_each_annotation_says_its_part_and_only_mapped_ones_are_written():
    values = voulues(juge(un_constat(), un_constat(regle="lettre")))
    assert set(values) == {"synthese", "avis_propose", "points_a_verifier", "controle_le", "version_regles"}
    assert values["avis_propose"] == "À compléter"
    assert (
        values["points_a_verifier"]
        == "• cv\u202f! (cahier des charges, § 4)\n• lettre\u202f! (cahier des charges, § 4)"
    )
    assert (values["controle_le"], values["version_regles"]) == (JOUR, "2026.1")


def test_a_token_typed_in_a_dossier_is_not_written_back():
    jeton = base64.urlsafe_b64encode(b"00000000-0000-4000-8000-0000000000ab;CANARI").decode()
    values = voulues(replace(juge(un_constat()), synthese=f"Vu {jeton}.", points=(f"« {jeton} » : à vérifier.",)))
    assert values["synthese"] == "Vu <masqué>."
    assert values["points_a_verifier"] == "• «\u00a0<masqué>\u00a0»\u00a0: à vérifier."


def test_nothing_to_look_at_clears_the_points():
    assert voulues(BON)["points_a_verifier"] == ""


def test_an_option_is_written_exactly_as_the_descriptor_spells_it():
    assert decide.spelled("Liste d'attente", cible("avis_propose")) == "Liste d’attente"
    assert decide.spelled("À COMPLÉTER", cible("avis_propose")) == "À compléter"


def test_an_option_that_the_list_has_not_is_written_as_it_is_rather_than_leave_another():
    target = replace(cible("avis_propose"), options=("Favorable", "Autre"))
    assert decide.spelled("Réorientation", target) == "Réorientation"


def test_an_avis_goes_into_a_text_too():
    assert voulues(resolution=avec_cle(CleAnnotation.TEXT, "avis_propose", options=()))["avis_propose"] == "À compléter"


def test_a_date_goes_into_a_text_as_french_people_write_it():
    assert voulues(resolution=avec_cle(CleAnnotation.TEXT, "controle_le"))["controle_le"] == "02/03/2026"


def test_several_points_go_on_one_line_where_the_form_has_only_one_and_keep_their_no_break_spaces():
    proposition = juge(un_constat(), un_constat(regle="lettre"))
    resolution = avec_cle(CleAnnotation.TEXT, "points_a_verifier")
    assert (
        voulues(proposition, resolution)["points_a_verifier"]
        == "• cv\u202f! (cahier des charges, § 4) • lettre\u202f! (cahier des charges, § 4)"
    )


def test_agents_read_texts_with_the_typography_of_messages():
    resolution = avec_cle(CleAnnotation.TEXTAREA, "synthese")
    proposition = replace(MANQUANT, synthese="pièces : 4/5 ; « manque » : CV")
    assert voulues(proposition, resolution)["synthese"] == "pièces\u00a0: 4/5\u202f; «\u00a0manque\u00a0»\u00a0: CV"


def test_an_annotation_that_humans_fill_is_never_among_them():
    assert NOTE not in {t.id for t in RESOLUTION.annotations.values()}
    assert {SYNTHESE, AVIS, POINTS, CONTROLE, VERSION, PROPOSE} == {t.id for t in RESOLUTION.annotations.values()}


# what holds back for the moment


def compteur(value="0 accordé / 6"):
    """A dossier with « Quota » on screen, and the mapping that writes it."""
    annotation = un_champ("A-quota", value, updated_at=DEPART)
    cible_quota = replace(RESOLUTION.annotations["synthese"], id="A-quota")
    resolution = replace(RESOLUTION, annotations={**RESOLUTION.annotations, "quota": cible_quota})
    dossier = un_dossier()
    historique = Historique() if value is None else Historique(intentions=(ecrite_par_nous("A-quota", value),))
    return {
        "dossier": replace(dossier, annotations=(*dossier.annotations, annotation)),
        "resolution": resolution,
        "historique": historique,
        "politique": replace(AGIR, labels=False, passage_en_instruction=False),
        "voulues": {"quota": "1 accordé / 6"},
    }


def ecrite_par_nous(id_, value):
    ecriture = Ecriture(id=id_, label="Quota", cle=CleAnnotation.TEXT, value=value)
    return intention(EcrireAnnotations(ecritures=(ecriture,)), un_dossier())


def test_a_counter_that_moved_alone_waits_once_the_counters_of_the_day_were_told():
    assert kinds(le_plan(**compteur())) == ["annotations"]
    plan = le_plan(**compteur(), compteurs_dits=True)
    assert (plan.actions, plan.compteurs_tus) == ((), True)


def test_a_counter_goes_with_whatever_else_is_written_and_a_first_one_at_once():
    avec = compteur() | {"voulues": {"quota": "1 accordé / 6", "synthese": "x"}}
    (action,) = le_plan(**avec, compteurs_dits=True).actions
    assert [e.id for e in action.ecritures] == ["A-quota", SYNTHESE]
    assert kinds(le_plan(**compteur(None), compteurs_dits=True)) == ["annotations"]
    seule = compteur() | {"voulues": {"synthese": "x"}}
    assert kinds(le_plan(**seule, compteurs_dits=True)) == ["annotations"]


def test_nothing_to_write_is_no_counter_that_waits():
    assert not le_plan(**(compteur() | {"voulues": {}}), compteurs_dits=True).compteurs_tus


@pytest.mark.parametrize(("referentiel", "phrase"), decide.NON_IMPORTE.items())
def test_without_a_referential_that_a_rule_needs_no_dossier_is_passed_but_what_is_missing_is_asked_for(
    referentiel, phrase
):
    plan = le_plan(proposition=BON, manquants=(referentiel,))
    assert (plan.transitions, plan.manquants) == (0, (referentiel,))
    assert f"{phrase}, or une règle en a besoin" in plan.retenues[0].replace("\u00a0", " ")
    asked = le_plan(proposition=MANQUANT, manquants=(referentiel,))
    assert (asked.messages, asked.retenues, asked.manquants) == (1, (), ())
    assert le_plan(politique=replace(AGIR, passage_en_instruction=False), manquants=(referentiel,)).manquants == ()


def test_a_dossier_annotated_too_often_in_a_day_is_left_and_said():
    politique = replace(AGIR, annotations_par_dossier_par_jour=2)
    under = le_plan(politique=politique, voulues={"synthese": "x"}, ecritures_du_jour=1)
    assert ("annotations" in kinds(under), under.annotations_retenues) == (True, False)
    over = le_plan(politique=politique, voulues={"synthese": "x"}, ecritures_du_jour=2)
    assert kinds(over) == ["ajout_label", "etat"], "people are still served"
    assert over.annotations_retenues
    assert "2 fois en un jour" in over.retenues[0].replace("\u00a0", " ")
    assert not le_plan(politique=politique, ecritures_du_jour=2).annotations_retenues, "there is nothing to write"
