from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest

from connector.core.model import DossierState, Traitement, VirusScan
from tests.fakes import DEPART, un_dossier, un_message

HEURE = timedelta(hours=1)


def histoire(*events: tuple[str, int]):
    """A dossier with that history: (event, hours after the start)."""
    return un_dossier(traitements=tuple(Traitement(event=e, date=DEPART + h * HEURE) for e, h in events))


@pytest.mark.parametrize(
    ("state", "ouvert", "termine"),
    [
        ("en_construction", True, False),
        ("en_instruction", True, False),
        ("accepte", False, True),
        ("refuse", False, True),
        ("sans_suite", False, True),
        ("inconnu", False, False),
    ],
)
def test_a_dossier_is_open_until_it_is_decided_and_neither_in_an_unknown_state(state, ouvert, termine):
    assert (DossierState(state).ouvert, DossierState(state).termine) == (ouvert, termine)


@pytest.mark.parametrize("value", ["en_pause", "", None, 3])
def test_a_state_or_a_verdict_that_this_version_does_not_know_is_unknown_and_no_error(value):
    assert DossierState(value) is DossierState.INCONNU
    assert VirusScan(value) is VirusScan.INCONNU


def test_a_round_starts_with_the_last_submission_of_the_applicant():
    dossier = histoire(("depose", 0), ("passe_en_instruction", 1), ("depose_correction_usager", 5), ("accepte", 9))
    assert dossier.tour == DEPART + 5 * HEURE


def test_a_correction_made_by_an_agent_or_a_return_to_construction_starts_no_round():
    dossier = histoire(("depose", 0), ("depose_correction_instructeur", 2), ("repasse_en_construction", 3))
    assert dossier.tour == DEPART


def test_the_history_may_come_in_any_order():
    assert histoire(("depose_correction_usager", 5), ("depose", 0)).tour == DEPART + 5 * HEURE


def test_a_dossier_without_history_starts_with_its_deposit():
    assert replace(un_dossier(), traitements=()).tour == DEPART


def test_nothing_read_can_be_changed():
    with pytest.raises(FrozenInstanceError):
        un_dossier().state = DossierState.ACCEPTE


def test_a_message_has_no_place_for_its_text():
    assert not any("Bonjour" in str(getattr(un_message(texte="Bonjour"), f)) for f in un_message().__slots__)
