"""What an agent types of an accepted dossier, corrects or erases, and what its post becomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.core import candidature as lecture
from connector.core.candidature import ChampLu, Manquant, Masque
from connector.core.poste import EtatPoste, Evenement
from connector.core.registre import tient
from tests.unit.core.test_registre import AUJOURD_HUI, PROJET, REMPLACANT, REPORT, accorde, candidature, plain

DEBUT = date(2023, 11, 1)
DEMAIN = date(2023, 12, 2)


def vit(poste, evenement=None, le=None, *, jour=AUJOURD_HUI, numero=101, vide=Manquant(), labels=(), projet=PROJET):  # noqa: B008
    """The register after that was typed (nothing, for None)."""
    saisies = {"evenement": evenement} if evenement else {}
    lue = candidature(numero=numero, labels=labels, **saisies, **({"date_evenement": le} if le else {}))
    if not evenement:
        lue.saisies["evenement"] = ChampLu(cle="evenement", libelle="Événement", lecture=vide)
    return tient(lue, projet, sien=poste, lie=None, aujourd_hui=jour)


def apres(*saisies, **suite):
    """The post after several things typed one after the other, each of them taken in."""
    poste = accorde()
    for saisie in saisies:
        found = vit(poste, *saisie, **suite)
        assert found.avertissement == ""
        poste = found.poste
    return poste


WITHDRAWN = ("Désistement", date(2023, 10, 12))
POSTPONED = ("Report accordé", date(2024, 2, 1))
STARTED = ("Prise de fonction constatée", date(2023, 11, 2))
ENDED = ("Fin anticipée", date(2023, 11, 30))


@pytest.mark.parametrize("saisie", [WITHDRAWN, POSTPONED, STARTED, ("Report refusé", None)])
def test_the_same_event_again_changes_nothing(saisie):
    poste = apres(saisie)
    assert vit(poste, *saisie, jour=DEMAIN).poste == poste


@pytest.mark.parametrize(
    "saisies",
    [[WITHDRAWN], [POSTPONED], [STARTED], [STARTED, ENDED], [POSTPONED, WITHDRAWN], [("Report refusé", None)]],
)
def test_an_event_that_is_erased_is_undone_and_the_one_before_it_stays(saisies):
    before = apres(*saisies[:-1])
    poste = vit(apres(*saisies), jour=DEMAIN).poste
    assert (poste.etat, poste.debut, len(poste.reports)) == (before.etat, before.debut, len(before.reports))
    assert (poste.titulaire.fait.evenement, poste.titulaire.fait.corrige_le) == (None, DEMAIN)
    assert vit(poste, jour=DEMAIN).poste == poste


def test_a_date_corrected_is_followed():
    assert apres(WITHDRAWN, ("Désistement", date(2023, 10, 20))).titulaire.sorti_le == date(2023, 10, 20)
    assert apres(STARTED, (STARTED[0], DEBUT)).titulaire.prise_de_fonction_le == DEBUT
    assert apres(STARTED, ENDED, (ENDED[0], date(2023, 11, 20))).titulaire.sorti_le == date(2023, 11, 20)
    twice = apres(POSTPONED, ("Report accordé", date(2024, 1, 1)))
    assert (twice.debut, [(r.de, r.a) for r in twice.reports]) == (date(2024, 1, 1), [(DEBUT, date(2024, 1, 1))])
    assert twice.titulaire.fait.corrige_le == AUJOURD_HUI


def test_a_date_that_was_still_to_come_is_no_correction():
    poste = apres(("Désistement", None), WITHDRAWN)
    assert (poste.titulaire.sorti_le, poste.titulaire.fait.corrige_le) == (WITHDRAWN[1], None)


def test_a_start_follows_a_postponement_and_an_end_follows_a_start():
    poste = apres(POSTPONED, (STARTED[0], date(2023, 12, 1)), ("Fin anticipée", date(2023, 12, 15)))
    assert (poste.etat, poste.debut, poste.titulaire.fait.corrige_le) == (EtatPoste.TERMINE, date(2024, 2, 1), None)


@pytest.mark.parametrize(
    ("saisies", "etat"),
    [
        ([WITHDRAWN, STARTED], EtatPoste.POURVU),
        ([WITHDRAWN, POSTPONED], EtatPoste.ACCORDE),
        ([STARTED, ENDED, STARTED], EtatPoste.POURVU),
        ([STARTED, POSTPONED], EtatPoste.ACCORDE),
        ([POSTPONED, ("Report refusé", date(2024, 2, 1))], EtatPoste.ACCORDE),
    ],
)
def test_an_event_that_contradicts_the_last_one_corrects_it(saisies, etat):
    poste = apres(*saisies)
    assert (poste.etat, poste.titulaire.fait.corrige_le) == (etat, AUJOURD_HUI)
    assert poste.debut == (date(2024, 2, 1) if saisies[-1] == POSTPONED else DEBUT)


def test_an_event_erased_then_typed_again_is_a_correction_too():
    cleared = vit(apres(STARTED)).poste
    assert vit(cleared, *STARTED).poste.titulaire.fait.corrige_le == AUJOURD_HUI


@pytest.mark.parametrize("saisie", [WITHDRAWN, ("Report refusé", None)])
def test_what_cannot_follow_a_start_is_refused_and_undoes_nothing(saisie):
    held = apres(STARTED)
    found = vit(held, *saisie)
    assert found.poste == held
    assert found.avertissement


def test_a_start_that_is_still_to_come_is_not_a_start():
    found = vit(accorde(), STARTED[0], date(2024, 11, 1))
    assert (found.poste, "pas encore venu" in found.avertissement) == (accorde(), True)


def test_an_unknown_event_is_told_and_does_nothing():
    found = vit(accorde(), "Démission")
    assert (found.poste, "« Démission »" in plain(found.avertissement)) == (accorde(), True)
    unread = vit(accorde(), vide=lecture.Illisible("un choix est attendu", "???"))
    assert (unread.poste, "« ??? »" in plain(unread.avertissement)) == (accorde(), True)


def test_nothing_is_undone_when_the_annotation_is_out_of_sight():
    withdrawn = apres(WITHDRAWN)
    assert vit(withdrawn, vide=Masque()).poste == withdrawn
    assert vit(accorde(), vide=Masque()).poste == accorde()


def test_a_label_taken_off_brings_the_holder_back():
    labelled = vit(accorde(), labels=["desistement"]).poste
    assert labelled.etat is EtatPoste.VACANT
    assert vit(labelled, labels=["desistement"], jour=DEMAIN).poste == labelled
    assert vit(labelled).poste == accorde()


def test_the_label_says_nothing_more_once_the_annotation_was_used():
    withdrawn = apres(WITHDRAWN)
    assert vit(withdrawn, labels=["desistement"]).poste.etat is EtatPoste.ACCORDE


def test_a_date_typed_after_the_label_is_the_one_kept():
    labelled = vit(accorde(), labels=["desistement"]).poste
    assert vit(labelled, *WITHDRAWN, labels=["desistement"]).poste.titulaire.sorti_le == WITHDRAWN[1]


def test_a_dossier_accepted_again_gets_its_post_back():
    closed = tient(candidature(lecture.DossierState.SANS_SUITE), PROJET, sien=accorde(), lie=None, aujourd_hui=DEMAIN)
    assert closed.poste.etat is EtatPoste.VACANT
    assert vit(closed.poste).poste == accorde()


def replaced():
    return tient(candidature(numero=202), REMPLACANT, sien=None, lie=apres(WITHDRAWN), aujourd_hui=DEMAIN).poste


def test_a_withdrawal_erased_after_the_post_was_taken_over_is_for_a_human():
    poste = replaced()
    assert not vit(poste, *WITHDRAWN).avertissement
    found = vit(poste)
    assert (found.poste, "repris par le dossier n° 202" in plain(found.avertissement)) == (poste, True)


def test_the_postponements_of_a_former_holder_are_not_the_new_one_s():
    poste = tient(candidature(numero=202), REMPLACANT, sien=None, lie=apres(POSTPONED, WITHDRAWN), aujourd_hui=DEMAIN)
    late = tient(
        candidature(numero=202, traitee_le=None),
        REMPLACANT,
        sien=None,
        lie=apres(POSTPONED, WITHDRAWN),
        aujourd_hui=DEMAIN,
    )
    assert len(poste.poste.reports) == 1
    assert (late.poste.reports_du_titulaire, late.poste.debut_prevu) == ((), DEBUT)
    assert apres(POSTPONED).debut_prevu == DEBUT


def moved_by_another_dossier(poste, to):
    projet = replace(REPORT, debut_reporte=to)
    return tient(candidature(numero=303), projet, sien=None, lie=poste, aujourd_hui=DEMAIN).poste


def test_a_report_that_another_dossier_moved_again_is_not_undone_with_the_first():
    moved = moved_by_another_dossier(apres(POSTPONED), date(2024, 3, 1))
    assert vit(moved).poste.debut == date(2024, 3, 1)


def test_a_report_already_granted_in_another_dossier_is_not_granted_twice():
    moved = moved_by_another_dossier(accorde(), date(2024, 2, 1))
    assert vit(moved, *POSTPONED).poste.reports == moved.reports


@pytest.mark.parametrize("evenement", Evenement)
def test_every_event_of_the_form_is_read_whatever_its_case(evenement):
    le = date(2023, 11, 15)
    assert vit(accorde(), evenement.value.upper(), le) == vit(accorde(), evenement.value, le)
