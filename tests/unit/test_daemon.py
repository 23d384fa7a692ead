"""The watch of the daemon: when it is held stuck, what it says and what it keeps to itself."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from connector import daemon, wiring
from connector.config import load
from connector.core.rapport import Rapport
from connector.daemon import IMMOBILE, Service
from connector.errors import AccessDenied, RetryableError
from connector.passages import PassageFait

DS = 104234


@pytest.fixture
def service(tmp_path, monkeypatch):
    chemin = tmp_path / "config.toml"
    chemin.write_text(f'[[demarches]]\nnumero = {DS}\nnom = "A"\n[[demarches]]\nnumero = 2\nnom = "B"\n')
    monkeypatch.setattr(daemon, "_hush", lambda: None)
    dits = []
    found = Service(load(chemin, {}), wiring.Arret(), dits.append)
    found.dits = dits
    return found


def test_a_pass_that_makes_progress_is_alive_and_one_that_does_nothing_for_long_is_not(service, monkeypatch):
    now = wiring.now()
    service._beat("lecture", 1, None)
    assert service._alive(now)
    start = wiring.monotone()
    monkeypatch.setattr(wiring, "monotone", lambda: start + IMMOBILE.total_seconds() + 1)
    assert not service._alive(now)
    service._beat("lecture", 2, None)
    assert service._alive(now)


def test_a_schedule_that_is_overdue_is_not_alive(service):
    assert service._alive(wiring.now() + timedelta(minutes=10))
    assert not service._alive(wiring.now() - IMMOBILE - timedelta(seconds=1))


def test_the_first_pass_the_first_after_a_failure_and_those_that_did_something_are_said(service):
    def passe(rapport, *, erreur=None):
        service.dits.clear()
        if erreur:
            service._tell_failure(DS, erreur)
        else:
            fait = PassageFait(demarche=DS, rapport=rapport)
            nouveau = service._codes.get(DS) != 0 or daemon._did_something(rapport)
            service._tell(fait, nouveau=nouveau)
        return len(service.dits)

    calme, utile = Rapport(lus=10, examines=2, pieces_en_attente=3), Rapport(lus=10, annotes=1)
    panne = RetryableError("DS ne répond pas.")
    assert [passe(calme), passe(calme), passe(utile), passe(calme)] == [1, 0, 1, 0]
    assert [passe(None, erreur=panne) for _ in range(4)] == [1, 0, 0, 0]
    assert passe(None, erreur=AccessDenied("non")) == 1
    assert service.dits == ["Passage arrêté (démarche 104234) : non"]
    assert [passe(calme), passe(calme)] == [1, 0]


def test_the_journal_of_a_service_is_spared_each_retry_unless_somebody_asks_for_it():
    before, root = [logging.getLogger(n).level for n in daemon.BAVARDS], logging.getLogger().level
    try:
        logging.getLogger().setLevel(logging.INFO)
        daemon._hush()
        assert [logging.getLogger(n).level for n in daemon.BAVARDS] == before
        logging.getLogger().setLevel(logging.WARNING)
        daemon._hush()
        assert {logging.getLogger(n).level for n in daemon.BAVARDS} == {logging.ERROR}
    finally:
        logging.getLogger().setLevel(root)
        for name, level in zip(daemon.BAVARDS, before, strict=True):
            logging.getLogger(name).setLevel(level)
