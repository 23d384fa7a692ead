"""A decision through the cycle: the brake counts it, the ledger holds it, and what was not done is not told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector import cycle
from connector.core.decisions import Cadre, Decision, Sens, SourceDecisions
from connector.core.model import DossierState
from connector.core.plan import ChangerEtat, Transition
from connector.errors import OutcomeUnknown, SafetyStop
from tests.fakes import (
    AGIR,
    ATTENTE,
    CORRESPONDANCE_DECISIONS,
    DECISION,
    POINTS,
    PORTEE,
    RANG_ATTENTE,
    Monde,
    Panne,
    annotations_de_decision,
    un_dossier,
    une_demarche_avec_decisions,
)

FICHIER = Cadre(source=SourceDecisions.FICHIER, signataire="La directrice", voies_recours="Deux mois.")


@pytest.fixture
def monde():
    """One dossier in instruction, decisions coming from the list."""
    return un_monde()


def un_monde(cadre=FICHIER, *numeros):
    monde = Monde(correspondance=CORRESPONDANCE_DECISIONS, cadre=cadre, politique=replace(AGIR, labels=False))
    monde.serveur.formulaire = une_demarche_avec_decisions()
    for number in numeros or (100,):
        monde.serveur.usager_depose(number, annotations=(*un_dossier().annotations, *annotations_de_decision()))
        monde.serveur.agent_change_etat(number, DossierState.EN_INSTRUCTION, "passe_en_instruction")
    monde.horloge.avance(minutes=5)
    return monde


def decide(monde, sens, number=100, **changes):
    decision = Decision(
        dossier=number, sens=sens, source=SourceDecisions.FICHIER, le=monde.horloge.now, origine="la liste"
    )
    monde.carnet.note(number, SourceDecisions.FICHIER, replace(decision, **changes), now=monde.horloge.now)
    rangee = monde.armoire.rangees.get(number)
    if rangee and rangee.evaluation:
        rangee.evaluation = replace(rangee.evaluation, a_revoir_le=monde.horloge.now)


def passe(monde):
    rapport = cycle.run(monde.passage())
    monde.horloge.avance(minutes=1)
    return rapport


def ecritures(monde):
    lectures = ("demarche", "page", "dossier", "reperes", "supprimes")
    return [r for r in monde.serveur.requetes if not r.startswith(lectures)]


def test_a_decision_is_carried_out_then_told_and_the_next_pass_does_nothing(monde):
    decide(monde, Sens.RETENU)
    rapport = passe(monde)
    assert (rapport.decisions, rapport.transitions) == (1, 0)
    assert "1 décision portée" in rapport.text()
    assert monde.vu().state is DossierState.ACCEPTE
    assert monde.annotation(PORTEE).startswith("Accepté le 02/03/2026")
    monde.serveur.requetes.clear()
    passe(monde)
    passe(monde)
    assert ecritures(monde) == []


def test_the_brake_counts_decisions_with_the_other_changes_of_state(monde):
    monde.politique = replace(AGIR, transitions_par_cycle=0)
    decide(monde, Sens.RETENU)
    with pytest.raises(SafetyStop, match="1 changements d’état en un seul passage"):
        passe(monde)
    assert monde.serveur.decidees == []


def test_what_ds_refuses_is_not_told_as_done_and_is_tried_again_later(monde):
    decide(monde, Sens.RETENU)
    monde.serveur.pannes.extend([Panne.AUCUNE, Panne.REFUS])  # our annotations, then the decision
    rapport = passe(monde)
    assert [n for n, _ in rapport.echecs] == [100]
    assert monde.annotation(PORTEE) is None
    monde.horloge.avance(hours=1)
    passe(monde)
    assert monde.vu().state is DossierState.ACCEPTE


def test_a_lost_answer_is_settled_by_the_history_of_the_dossier_and_told(monde):
    decide(monde, Sens.NON_RETENU, motivation="Trop tard.")
    monde.serveur.pannes.extend([Panne.AUCUNE, Panne.SANS_REPONSE])
    assert passe(monde).inconnus == 1
    assert monde.annotation(PORTEE) is None
    passe(monde)
    assert monde.annotation(PORTEE).startswith("Refusé le")
    assert [a.transition for _, a in monde.serveur.decidees] == [Transition.REFUSER]


def test_several_lost_answers_in_a_row_end_the_pass_and_nothing_is_decided_twice():
    monde = un_monde(FICHIER, *range(100, 104))
    passe(monde)
    for number in range(100, 104):
        decide(monde, Sens.RETENU, number)
    monde.serveur.pannes.extend([Panne.SANS_REPONSE] * 3)
    with pytest.raises(OutcomeUnknown):
        passe(monde)
    passe(monde)
    assert sorted(n for n, _ in monde.serveur.decidees) == [100, 101, 102, 103]


@pytest.mark.parametrize("sens", [Sens.RETENU, Sens.LISTE_D_ATTENTE])
def test_a_decision_that_the_brake_did_not_see_waits_for_the_next_pass(monde, sens):
    """It is recorded between the look and the push: neither its change of state nor its message leaves."""
    monde.serveur.agent_annote(100, POINTS, None)
    passage = monde.passage()
    lu = passage.bord.dossiers.dossier

    def decide_entre_temps(number):
        decide(monde, sens)
        return lu(number)

    passage = replace(passage, bord=replace(passage.bord, dossiers=Espion(monde.armoire, decide_entre_temps)))
    cycle.run(passage)
    assert (monde.serveur.decidees, monde.serveur.envois) == ([], [])
    assert monde.annotation(PORTEE) is None
    passe(monde)
    assert (len(monde.serveur.decidees), len(monde.serveur.envois)) == ((1, 0) if sens is Sens.RETENU else (0, 1))


class Espion:
    """A store of which one method is replaced."""

    def __init__(self, armoire, dossier):
        self._armoire, self.dossier = armoire, dossier

    def __getattr__(self, nom):
        return getattr(self._armoire, nom)


def test_an_agent_who_decides_between_the_look_and_the_push_wins(monde):
    decide(monde, Sens.RETENU)
    passage = monde.passage()
    serveur, lit = monde.serveur, monde.serveur.dossier

    def decide_d_abord(number):
        if not serveur.vu_decide:
            serveur.vu_decide = True
            serveur.agent_decide(number, Transition.REFUSER)
        return lit(number)

    serveur.vu_decide = False
    serveur.dossier = decide_d_abord
    cycle.run(passage)
    assert (serveur.decidees, monde.vu().state) == ([], DossierState.REFUSE)
    assert "dans DS par un agent" in monde.annotation(PORTEE)


def test_the_waiting_list_is_labelled_ranked_and_told_once(monde):
    monde.politique = AGIR
    decide(monde, Sens.LISTE_D_ATTENTE, rang=2)
    assert passe(monde).messages == 1
    assert ATTENTE in monde.vu().labels
    assert monde.annotation(RANG_ATTENTE) == 2
    monde.serveur.requetes.clear()
    passe(monde)
    decide(monde, Sens.RETENU)
    passe(monde)
    assert len(monde.messages()) == 1
    assert ATTENTE not in monde.vu().labels
    assert monde.vu().state is DossierState.ACCEPTE


def test_asked_to_stop_while_decisions_are_recorded_the_others_are_by_the_next_cycle():
    monde = un_monde(replace(FICHIER, source=SourceDecisions.ANNOTATION), 100, 101)
    for number in (100, 101):
        monde.serveur.agent_annote(number, DECISION, "Retenu")

    def notees():
        lues = (monde.carnet.en_vigueur(n, SourceDecisions.ANNOTATION) for n in (100, 101))
        return [lue.dossier for lue in lues if lue]

    monde.arret = lambda: bool(notees())
    assert passe(monde).notes == [cycle.INTERROMPU]
    assert notees() == [100]
    monde.arret = lambda: False
    passe(monde)
    assert notees() == [100, 101]


def test_an_annotation_s_decision_is_recorded_and_taken_back_as_people_type(monde):
    monde.cadre = replace(FICHIER, source=SourceDecisions.ANNOTATION)
    monde.serveur.agent_annote(100, DECISION, "Retenu")
    passe(monde)
    assert monde.carnet.en_vigueur(100, SourceDecisions.ANNOTATION).sens is Sens.RETENU
    assert monde.vu().state is DossierState.EN_INSTRUCTION, "somebody may still be typing"
    monde.serveur.agent_annote(100, DECISION, None)
    passe(monde)
    assert monde.carnet.en_vigueur(100, SourceDecisions.ANNOTATION) is None
    monde.serveur.agent_annote(100, DECISION, "Sans suite")
    monde.serveur.agent_annote(100, "A-motivation", "Retrait du candidat.")
    passe(monde)
    monde.horloge.avance(hours=2)
    passe(monde)
    assert monde.vu().state is DossierState.SANS_SUITE


def test_where_nobody_can_record_a_decision_the_cycle_goes_on_without(monde):
    for source in SourceDecisions:
        monde.cadre = replace(FICHIER, source=source)
        passage = monde.passage()
        cycle.run(replace(passage, bord=replace(passage.bord, decisions=None)))
    assert monde.serveur.decidees == []


def test_the_plan_shows_what_would_be_decided_and_what_is_held_back(monde):
    decide(monde, Sens.RETENU)
    ((_, jugement),) = cycle.preview(monde.passage())
    (etat,) = [a for a in jugement.plan.actions if isinstance(a, ChangerEtat)]
    assert (etat.transition, jugement.plan.transitions) == (Transition.ACCEPTER, 1)
    monde.armoire.pause = True
    ((_, jugement),) = cycle.preview(monde.passage())
    assert jugement.suspendu
    assert [type(a) for a in jugement.plan.en_attente] == [ChangerEtat]
    assert ecritures(monde) == []
    assert passe(monde).retenus == 1
