"""The main job, from the command line to the dossiers of a Démarches simplifiées over real HTTP."""

from __future__ import annotations

import json
import sqlite3

import pytest

from connector.sandbox import scenario
from connector.sandbox.monde import CAS


def test_a_complete_dossier_is_annotated_and_passed_and_an_incomplete_one_is_asked_for_what_it_lacks(banc):
    banc.process("sync")
    complete, lacking = CAS["complet"], CAS["sans_cv"]

    assert banc.world.dossiers[complete].state == "en_instruction"
    assert banc.annotation(complete, "Avis proposé") == "Favorable"
    assert str(banc.annotation(complete, "Synthèse")).startswith("FAVORABLE")
    assert banc.labels(complete) == {"Complet"}
    assert not banc.messages(complete)

    assert banc.world.dossiers[lacking].state == "en_construction"
    assert banc.annotation(lacking, "Avis proposé") == "À compléter"
    assert "Pièce manquante" in banc.labels(lacking)
    (body,) = banc.messages(lacking)
    assert "curriculum vitae" in body.lower()
    assert banc.world.dossiers[lacking].correction_en_attente is not None


def test_the_sync_after_one_that_wrote_writes_nothing_and_the_next_makes_one_request(grand_banc):
    banc = grand_banc
    banc.process("sync")
    banc.bac.reset()
    banc.process("sync")
    assert (banc.bac.compteurs.lectures <= 2, banc.bac.compteurs.mutations) == (True, 0)
    banc.bac.reset()
    banc.process("sync")
    assert (banc.bac.compteurs.lectures, banc.bac.compteurs.mutations) == (1, 0)


def test_a_correction_supplied_by_the_hospital_leads_to_the_passage_without_another_message(banc):
    number = CAS["sans_cv"]
    banc.run("sync")
    complete = banc.world.dossiers[CAS["complet"]]
    form = banc.world.demarches[complete.demarche].revision(complete.revision)
    cv = form.nomme("Curriculum vitae du candidat", prive=False)
    files = complete.lit()[0][cv.stable_id, ""].valeur
    scenario.usager_corrige(banc.world, number, {cv.stable_id: files})
    banc.run("sync")
    assert banc.world.dossiers[number].state == "en_instruction"
    assert len(banc.messages(number)) == 1
    assert banc.annotation(number, "Avis proposé") == "Favorable"
    assert banc.labels(number) == {"Complet"}


@pytest.mark.parametrize("case", ["avant_service", "message_humain", "suivi_manuel", "compte_supprime"])
def test_a_dossier_in_human_hands_is_annotated_and_never_written_to(banc, case):
    number = CAS[case]
    before = banc.world.dossiers[number].state
    banc.run("sync")
    assert banc.annotation(number, "Synthèse")
    assert not banc.messages(number)
    assert banc.world.dossiers[number].state == before


def test_in_mode_observer_nothing_at_all_is_written(banc):
    banc.reglage(mode='"observer"')
    banc.run("sync")
    assert banc.bac.compteurs.mutations == 0


def test_in_mode_annoter_annotations_and_labels_are_written_and_nothing_reaches_people(banc):
    banc.reglage(mode='"annoter"')
    banc.run("sync")
    kinds = {m.operation for m in banc.bac.mutations()}
    assert kinds == {"dossierModifierAnnotations", "dossierAjouterLabel"}


def test_a_human_edit_of_our_annotation_is_left_alone(banc):
    number = CAS["sans_cv"]
    banc.run("sync")
    agent = next(iter(banc.world.demarches[banc.world.dossiers[number].demarche].groupes)).instructeurs[0]
    scenario.instructeur_annote(banc.world, number, {"Avis proposé": "Favorable"}, instructeur=agent)
    banc.run("sync")
    banc.run("sync")
    assert banc.annotation(number, "Avis proposé") == "Favorable"


def test_plan_shows_the_very_words_and_sends_nothing(banc):
    shown = banc.run("plan", str(CAS["sans_cv"])).stdout
    assert banc.bac.compteurs.mutations == 0
    banc.run("sync")
    (body,) = banc.messages(CAS["sans_cv"])
    spoken = " ".join(line.strip().removeprefix("│") for line in shown.splitlines())
    assert " ".join(body.split()) in " ".join(spoken.split())


def test_pause_holds_messages_and_transitions_and_resume_lets_them_go(banc):
    banc.run("pause", "--raison", "commission")
    banc.run("sync")
    assert {m.operation for m in banc.bac.mutations()} == {"dossierModifierAnnotations", "dossierAjouterLabel"}
    assert "commission" in banc.run("status").stdout
    banc.run("resume")
    banc.run("sync")
    assert banc.messages(CAS["sans_cv"])


def test_the_brake_stops_everything_before_the_first_write(banc):
    banc.reglage(messages_par_cycle="1")
    done = banc.run("sync", check=3)
    assert banc.bac.compteurs.mutations == 0
    assert "rien n’a été envoyé" in done.stderr
    assert "rien n’a été envoyé" in banc.run("status").stdout


def test_explain_gives_every_constat_with_its_source(banc):
    banc.run("sync")
    shown = banc.run("explain", str(CAS["sans_cv"])).stdout
    assert "Avis proposé\u00a0: À compléter" in shown
    constats, _, chiffres = shown.partition("Chiffres, refaits")
    assert constats.count("source\u00a0:") == constats.count("règle «") - constats.count("– règle «") > 5
    assert chiffres.count("source\u00a0:") > 3


def test_status_speaks_to_programs_without_any_value(banc):
    banc.run("sync")
    found = json.loads(banc.run("status", "--json").stdout)
    (demarche,) = found["demarches"]
    assert sum(d["nombre"] for d in demarche["dossiers"]) == 8
    assert demarche["passages"][0]["code"] in {0, 1}


def test_the_database_keeps_no_link_no_message_and_no_unmapped_champ(banc):
    banc.run("sync")
    with sqlite3.connect(banc.base) as base:
        everything = "\n".join(base.iterdump())
    assert "http://" not in everything
    for said in ("Les pièces suivront", "reviens vers vous", "Le candidat peut-il", "absent du dossier. Merci"):
        assert said not in everything, "what people wrote to each other"
