"""What people decided is added to and never changed; the last word of each source is in force."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector import store
from connector.core.decisions import Decision, Sens, SourceDecisions

LE = datetime(2026, 5, 15, 9, 0, tzinfo=UTC)
FICHIER, ANNOTATION = SourceDecisions.FICHIER, SourceDecisions.ANNOTATION


@pytest.fixture
def decisions(tmp_path):
    with store.ouvrir(tmp_path / "base.sqlite") as base:
        yield base.decisions


def une(dossier=100, sens=Sens.RETENU, **changes):
    fields = {"source": FICHIER, "le": LE, "motivation": "Bien.", "rang": 1, "confirmee_le": LE, "origine": "liste"}
    return Decision(dossier=dossier, sens=sens, **(fields | changes))


def test_what_was_noted_is_read_back_as_it_was(decisions):
    assert decisions.en_vigueur(100, FICHIER) is None
    assert decisions.note(100, FICHIER, une(), now=LE)
    assert decisions.en_vigueur(100, FICHIER) == une()
    assert decisions.en_vigueur(100, ANNOTATION) is None


def test_the_same_word_again_is_no_news_and_keeps_its_date(decisions):
    decisions.note(100, FICHIER, une(), now=LE)
    assert not decisions.note(100, FICHIER, une(le=LE + timedelta(days=1), origine="autre"), now=LE)
    assert decisions.en_vigueur(100, FICHIER) == une()


def test_another_word_takes_the_place_of_the_first_and_may_be_taken_back(decisions):
    decisions.note(100, FICHIER, une(), now=LE)
    assert decisions.note(100, FICHIER, une(sens=Sens.NON_RETENU), now=LE)
    assert decisions.en_vigueur(100, FICHIER).sens is Sens.NON_RETENU
    assert decisions.note(100, FICHIER, None, now=LE)
    assert decisions.en_vigueur(100, FICHIER) is None
    assert not decisions.note(100, FICHIER, None, now=LE)
    assert decisions.all(FICHIER) == ()


def test_a_list_is_noted_whole_and_tells_what_is_news(decisions):
    decisions.note(100, FICHIER, une(), now=LE)
    news = decisions.note_all({100: une(), 101: une(101, rang=None), 102: une(102, Sens.SANS_SUITE)}, FICHIER, now=LE)
    assert news == {101, 102}
    assert [d.dossier for d in decisions.all(FICHIER)] == [100, 101, 102]
    assert decisions.retenus(FICHIER) == {100: 1, 101: None}
    assert decisions.retenus(ANNOTATION) == {}
    decisions.note(103, FICHIER, une(103, Sens.LISTE_D_ATTENTE, rang=4), now=LE)
    assert decisions.en_attente(FICHIER) == {103: 4}
