"""The daemon as a process, with real signals."""

from __future__ import annotations

import signal
import time

import pytest

from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS


def wait_for(condition, seconds=30.0):
    """Wait until it holds; False when it never did."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_the_daemon_passes_at_once_and_again_then_ends_on_sigterm(petit_banc):
    petit_banc.reglage(periode_minutes="0.02")
    process = petit_banc.start("daemon")
    try:
        assert wait_for(lambda: petit_banc.bac.compteurs.operations["Page"] >= 2)
        assert all(petit_banc.messages(CAS[name]) for name in ("sans_cv", "sans_convention"))
        petit_banc.bac.reset()
        assert wait_for(lambda: petit_banc.bac.compteurs.operations["Page"] >= 2)
        assert petit_banc.bac.compteurs.mutations == 0
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, (out, err)
    assert "Traceback" not in err
    assert "Service démarré" in out
    assert "messages envoyés" in out.replace("\u00a0", " ")
    assert "Service arrêté." in out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_pass_asked_to_stop_ends_after_the_current_dossier(petit_banc, number, code):
    petit_banc.bac.faults.ajoute(Genre.LATENCE, operation="dossierModifierAnnotations", duree=0.5, fois=None)
    process = petit_banc.start("sync")
    assert wait_for(lambda: petit_banc.bac.compteurs.mutations >= 1)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, (out, err)
    written = {m.dossier for m in petit_banc.bac.mutations()}
    assert len(written) == 1
    petit_banc.run("sync")
    for name in ("sans_cv", "sans_convention"):
        assert len(petit_banc.messages(CAS[name])) == 1


def test_a_second_instance_is_refused_while_the_daemon_runs(petit_banc):
    petit_banc.reglage(periode_minutes="10")
    process = petit_banc.start("daemon")
    try:
        assert wait_for(lambda: petit_banc.messages(CAS["sans_cv"]))
        done = petit_banc.run("sync", check=75)
        assert "utilise déjà cette base" in done.stderr
        assert petit_banc.run("status").stdout.startswith("Mode : agir")
        assert "Le service tourne" in petit_banc.run("plan").stderr
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_the_daemon_outlives_an_outage(petit_banc):
    petit_banc.reglage(periode_minutes="0.02")
    petit_banc.bac.stop()
    process = petit_banc.start("daemon")
    try:
        time.sleep(2)
        assert process.poll() is None
        petit_banc.bac.start()
        assert wait_for(lambda: petit_banc.messages(CAS["sans_cv"]), 60)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
