from __future__ import annotations

import pytest

from connector.core.evaluation import Historique
from connector.core.plan import EtatIntention, Intention

DONE, REJECTED, PLANNED = EtatIntention.DONE, EtatIntention.REJECTED, EtatIntention.PLANNED
SENDING, UNKNOWN, HANDED = EtatIntention.SENDING, EtatIntention.UNKNOWN, EtatIntention.HANDED_TO_HUMAN


def une_intention(*cible: str, state: EtatIntention = DONE, kind: str = "annotations", fingerprint: str = "f"):
    return Intention(demarche=1, dossier=2, kind=kind, fingerprint=fingerprint, cible=cible, state=state)


def passe(*intentions: Intention) -> Historique:
    return Historique(intentions=intentions)


@pytest.mark.parametrize(
    ("state", "over"),
    [(DONE, True), (HANDED, True), (PLANNED, False), (SENDING, False), (UNKNOWN, False), (REJECTED, False)],
)
def test_an_effect_is_over_when_done_or_in_a_human_s_hands(state, over):
    assert passe(une_intention(state=state)).done("f") is over
    assert not passe(une_intention(state=state)).done("autre")


def test_what_we_never_wrote_has_no_past():
    assert passe().written("A") is None
    assert passe(une_intention("B=1")).written("A") is None
    assert passe(une_intention("AB=1"), une_intention("A", kind="etat")).written("A") is None


def test_the_last_value_written_is_the_one_that_counts():
    assert passe(une_intention("A=1"), une_intention("A=2", "B=9")).written("A") == {"2"}


def test_an_id_of_ds_ends_with_equals_signs_of_its_own():
    history = passe(une_intention("QQ===1", "QQ=2"))
    assert history.written("QQ==") == {"1"}
    assert history.written("QQ") == {"2"}
    assert history.written("QQ=") is None


def test_a_value_that_ds_refused_or_never_got_was_not_written():
    history = passe(une_intention("A=1"), une_intention("A=2", state=REJECTED), une_intention("A=3", state=PLANNED))
    assert history.written("A") == {"1"}
    assert passe(une_intention("A=1", state=REJECTED)).written("A") is None


@pytest.mark.parametrize("state", [SENDING, UNKNOWN])
def test_a_write_without_an_answer_leaves_both_values_possible(state):
    assert passe(une_intention("A=1"), une_intention("A=2", state=state)).written("A") == {"1", "2"}
    assert passe(une_intention("A=2", state=state)).written("A") == {"2"}


def test_a_write_after_the_lost_one_settles_the_doubt():
    history = passe(une_intention("A=1"), une_intention("A=2", state=UNKNOWN), une_intention("A=3"))
    assert history.written("A") == {"3"}


def test_another_kind_of_effect_on_the_same_words_is_no_value():
    assert passe(une_intention("A=1", kind="message")).written("A") is None


def test_a_label_is_ours_when_the_last_thing_done_was_to_put_it():
    put, taken = une_intention("L", kind="ajout_label"), une_intention("L", kind="retrait_label")
    assert passe(put).labelled("L")
    assert not passe(put, taken).labelled("L")
    assert passe(put, taken, put).labelled("L")
    assert not passe().labelled("L")
    assert not passe(put).labelled("autre")
    assert not passe(une_intention("L", kind="ajout_label", state=REJECTED)).labelled("L")
