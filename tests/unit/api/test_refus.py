"""Every refusal that DS may answer is readable by an agent: a cause, in French, and what to do."""

from __future__ import annotations

import re

import pytest

from connector.api import refus
from connector.api.echange import Demande
from connector.core.plan import EtatIntention, Intention
from connector.errors import MutationRefused, said
from connector.presentation import intention_line

CONNUS = {r.cause: r for r in (*refus._REFUS, *refus._VRAIES_RAISONS.values())}


@pytest.mark.parametrize("cause", CONNUS)
def test_each_refusal_has_a_reason_and_a_remedy_for_a_human(cause):
    known = CONNUS[cause]
    assert cause not in known.message
    assert re.search(r"[a-zé]", known.message)
    assert known.remede.endswith("."), "a sentence that says what to do"


@pytest.mark.parametrize("etat", ["en construction", "en instruction", "accepté", "refusé", "classé sans suite"])
def test_a_state_that_was_already_there_is_said_with_what_to_do(etat):
    error = refus.refus(
        Demande(document="envoyer_message", mutation=True, dossier=12), (f"Le dossier est déjà {etat}",)
    )
    assert isinstance(error, MutationRefused)
    assert error.hint


def test_status_shows_the_cause_and_the_remedy_of_a_refusal_and_never_its_key():
    texte = "L’instructeur n’a pas les droits d’accès à ce dossier"
    error = refus.refus(Demande(document="envoyer_message", mutation=True, dossier=12), (texte,))
    line = intention_line(
        Intention(
            demarche=1,
            dossier=12,
            kind="message",
            fingerprint="f",
            cible=(),
            state=EtatIntention.REJECTED,
            cause=error.cause,
            detail=said(error),
        )
    )
    assert "n’appartient pas au groupe du dossier" in line
    assert "Ajoutez-le à ce groupe d’instructeurs" in line
    assert error.cause not in line


@pytest.mark.parametrize("cause", ["", "sans_reponse", "dossier_introuvable", "refus"])
def test_a_cause_of_the_ledger_without_words_of_its_own_is_said_in_words(cause):
    line = intention_line(Intention(demarche=1, dossier=12, kind="etat", fingerprint="f", cible=(), cause=cause))
    assert "_" not in line
    assert line.endswith(".")
