"""What becomes of an accepted dossier, as an agent types it in Démarches simplifiées, over real HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector import wiring
from connector.sandbox import scenario
from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS

DOSSIER = CAS["complet"]


def uni(texte):
    return str(texte).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def accepte(petit_banc):
    """A dossier accepted by an agent since the service began; events are announced."""
    petit_banc.reglage(evenements="true")
    bientot = {"Date de prise de fonction": wiring.today() + timedelta(days=60)}
    scenario.usager_corrige(petit_banc.world, DOSSIER, bientot)
    petit_banc.run("sync")
    scenario.instructeur_decide(petit_banc.world, DOSSIER, "accepte", motivation="Bon projet.")
    petit_banc.run("sync")
    return petit_banc


def annonces(banc):
    """Our messages, the request about the date of the start aside."""
    return [m for m in banc.messages(DOSSIER) if "il reste un point" not in uni(m)]


def saisit(banc, evenement, le=None):
    scenario.instructeur_annote(banc.world, DOSSIER, {"Événement": evenement, "Date de l'événement": le})
    banc.run("sync")


def synthese(banc):
    return uni(banc.annotation(DOSSIER, "Synthèse"))


def points(banc):
    return uni(banc.annotation(DOSSIER, "Points à vérifier"))


def hier(jours=1):
    return wiring.today() - timedelta(days=jours)


def test_an_acceptance_alone_leaves_the_annotations_of_the_day_it_was_decided(accepte):
    assert "5/5 pièces" in synthese(accepte)
    accepte.bac.reset()
    accepte.run("sync")
    assert accepte.bac.compteurs.mutations == 0


def test_an_event_is_told_once_whatever_is_corrected_and_an_agent_is_asked_to_mend_what_was_told(accepte):
    banc = accepte
    saisit(banc, "Désistement", hier(3))
    (message,) = annonces(banc)
    assert "Remplacement suite à désistement" in uni(message)
    assert f"DÉSISTEMENT le {hier(3):%d/%m/%Y}" in synthese(banc)
    assert "Désistement" in banc.labels(DOSSIER)
    assert banc.annotation(DOSSIER, "Statut de la prime") == "Sans objet"

    saisit(banc, "Désistement", hier(2))  # another date
    assert f"DÉSISTEMENT le {hier(2):%d/%m/%Y}" in synthese(banc)
    assert "corrigé ou effacé" in points(banc)
    saisit(banc, None)  # nothing any more
    assert synthese(banc).startswith("POSTE ACCORDÉ")
    assert "Désistement" not in banc.labels(DOSSIER)
    assert banc.annotation(DOSSIER, "Statut de la prime") == "Due"
    saisit(banc, "Désistement", hier(2))  # and again
    assert len(annonces(banc)) == 1

    scenario.instructeur_envoie_message(banc.world, DOSSIER, "Bonjour, le désistement est daté d'avant-hier.")
    banc.run("sync")
    assert "corrigé ou effacé" not in points(banc)
    banc.bac.reset()
    banc.run("sync")
    assert banc.bac.compteurs.mutations == 0


def test_a_start_seen_then_an_early_end_are_each_told_once(accepte):
    banc = accepte
    saisit(banc, "Prise de fonction constatée", hier(5))
    assert synthese(banc).startswith(f"POURVU · prise de fonction le {hier(5):%d/%m/%Y}")
    saisit(banc, "Fin anticipée", hier())
    assert synthese(banc).startswith(f"FIN ANTICIPÉE le {hier():%d/%m/%Y}")
    arrivee, fin = map(uni, annonces(banc))
    assert "Nous avons enregistré la prise de fonction" in arrivee
    assert "Nous avons enregistré la fin anticipée" in fin


@pytest.mark.parametrize("panne", [Genre.RESET_AVANT, Genre.RESET_APRES])
def test_a_lost_answer_neither_loses_nor_doubles_the_message_of_an_event(accepte, panne):
    banc = accepte
    scenario.instructeur_annote(banc.world, DOSSIER, {"Événement": "Désistement", "Date de l'événement": hier()})
    banc.bac.faults.ajoute(panne, mutation=True)
    banc.run("sync", check=None)
    banc.bac.faults.vide()
    for _ in range(2):
        banc.run("sync", check=None)
    assert len(annonces(banc)) == 1


def test_a_lost_database_sends_no_second_message(accepte):
    banc = accepte
    saisit(banc, "Désistement", hier())
    for file in banc.base.parent.glob("demo.sqlite*"):
        file.unlink()
    banc.run("sync", check=None)
    banc.run("sync", check=None)
    assert len(annonces(banc)) == 1


def test_without_leave_the_message_waits_for_an_agent_and_goes_once_validated(accepte):
    banc = accepte
    banc.reglage(evenements="false")
    saisit(banc, "Désistement", hier())
    assert annonces(banc) == []
    assert "Nous avons pris note du désistement" in uni(banc.annotation(DOSSIER, "Message proposé"))
    scenario.instructeur_annote(banc.world, DOSSIER, {"Envoi validé": True})
    banc.run("sync")
    banc.run("sync")
    assert len(annonces(banc)) == 1
    assert banc.annotation(DOSSIER, "Message proposé") in ("", None)


def test_an_agent_who_has_just_written_or_keeps_the_dossier_in_hand_is_not_doubled(accepte):
    banc = accepte
    scenario.instructeur_envoie_message(banc.world, DOSSIER, "Bonjour, nous prenons note de ce désistement.")
    saisit(banc, "Désistement", hier())
    assert annonces(banc) == []
    scenario.instructeur_ajoute_label(banc.world, DOSSIER, "Suivi manuel")
    scenario.instructeur_annote(banc.world, DOSSIER, {"Envoi validé": True})
    banc.run("sync")
    assert annonces(banc) == []
    assert "DÉSISTEMENT" in synthese(banc)


def test_in_mode_observer_nothing_is_written_and_plan_shows_the_words(accepte):
    banc = accepte
    banc.reglage(mode='"observer"')
    banc.bac.reset()
    saisit(banc, "Désistement", hier())
    assert banc.bac.compteurs.mutations == 0
    banc.reglage(mode='"agir"')
    montre = uni(banc.run("plan").stdout)
    assert "DÉSISTEMENT" in montre
    assert "Nous avons pris note du désistement" in montre
    assert banc.bac.compteurs.mutations == 0


def test_a_human_s_words_in_our_annotation_stay(accepte):
    banc = accepte
    scenario.instructeur_annote(banc.world, DOSSIER, {"Synthèse": "Vu au téléphone avec l'hôpital."})
    saisit(banc, "Désistement", hier())
    assert synthese(banc) == "Vu au téléphone avec l'hôpital."
    assert "Poste libéré" in points(banc)


def test_an_archived_dossier_is_left_alone(accepte):
    banc = accepte
    scenario.instructeur_archive(banc.world, DOSSIER)
    banc.bac.reset()
    saisit(banc, "Désistement", hier())
    assert banc.bac.compteurs.mutations == 0
