"""The daemon as a process, with real signals, a real clock that jumps, and systemd's socket."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector import store
from connector.daemon import tourner
from connector.errors import OperatorError, StoreError
from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS, JETON_ECRITURE
from tests.e2e.conftest import ENV
from tests.recepteurs import boite, prise

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's own affair


def wait_for(condition, seconds=30.0):
    """Wait until it holds; False when it never did."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def daemon(banc, *options, **environ):
    """The daemon at work; stopped by SIGTERM at the end of the block, and then what it wrote."""
    process = subprocess.Popen(
        banc.command("daemon", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENV, **environ},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.out, process.err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, (process.out, process.err)
    assert "Traceback" not in process.err


def pages(banc):
    return banc.bac.compteurs.operations["Page"]


def alerte_a(banc, http):
    """Have the configuration tell that endpoint, at once."""
    fichier = banc.chemin.with_name("alertes")
    fichier.touch(mode=0o600)
    fichier.write_text(http.adresse, encoding="utf-8")
    banc.reglage(adresses='{ fichier = "alertes" }', patience_minutes="0.001")


def test_the_daemon_passes_at_once_and_again_tells_systemd_and_ends_on_sigterm(petit_banc, tmp_path):
    petit_banc.reglage(periode_minutes="0.02")
    with (
        prise(tmp_path / "notify") as recus,
        daemon(petit_banc, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="300000") as process,
    ):
        assert wait_for(lambda: pages(petit_banc) >= 3)  # the second one notes what the first has sent
        assert all(petit_banc.messages(CAS[name]) for name in ("sans_cv", "sans_convention"))
        petit_banc.bac.reset()
        assert wait_for(lambda: pages(petit_banc) >= 2)
        assert petit_banc.bac.compteurs.mutations == 0
        assert wait_for(lambda: recus.count("WATCHDOG=1") >= 3)
    assert "Service démarré" in process.out
    assert "messages envoyés" in process.out.replace("\u00a0", " ")
    assert process.out.endswith("Service arrêté.\n")
    assert process.out.count("\n") < 8, "a quiet pass says nothing"
    assert recus.count("READY=1") == recus.count("STOPPING=1") == 1
    assert recus.index("READY=1") < recus.index("WATCHDOG=1") < recus.index("STOPPING=1")
    assert any(m.startswith("STATUS=Dernier passage à") for m in recus)


@pytest.mark.parametrize(
    ("command", "number", "code"),
    [
        ("daemon", signal.SIGTERM, 0),
        ("sync", signal.SIGTERM, 143),
        pytest.param("sync", signal.SIGINT, 130, marks=pytest.mark.soak),
    ],
)
def test_a_pass_asked_to_stop_ends_after_the_current_dossier(petit_banc, command, number, code):
    petit_banc.bac.faults.ajoute(Genre.LATENCE, operation="dossierModifierAnnotations", duree=0.5, fois=None)
    process = petit_banc.start(command)
    assert wait_for(lambda: petit_banc.bac.compteurs.mutations >= 1)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == code, (out, err)
    written = {m.dossier for m in petit_banc.bac.mutations()}
    assert len(written) == 1
    assert "Passage interrompu" in petit_banc.run("status").stdout
    petit_banc.run("sync")
    for name in ("sans_cv", "sans_convention"):
        assert len(petit_banc.messages(CAS[name])) == 1


def test_a_stop_asked_for_while_a_write_waits_for_its_turn_is_no_outage(petit_banc):
    petit_banc.bac.faults.ajoute(Genre.LIMITE_429, operation="dossierModifierAnnotations", apres=1, fois=None)
    process = petit_banc.start("sync")
    assert wait_for(lambda: petit_banc.bac.faults.vues)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 143, (out, err)
    assert "1 dossier annoté" in out.replace("\u00a0", " ")
    assert "Erreur" not in err
    petit_banc.bac.faults.vide()
    assert petit_banc.run("status", "--check").stdout.startswith("CONNECTEUR OK")
    assert "Passage interrompu" in petit_banc.run("status").stdout
    assert "arrêt demandé, rien n’a été envoyé" in petit_banc.run("journal").stdout
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
        assert petit_banc.run("status").stdout.startswith("Mode\u00a0: agir")
        assert "Le service tourne" in petit_banc.run("plan").stderr
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_the_daemon_outlives_an_outage(petit_banc):
    petit_banc.reglage(periode_minutes="0.02")
    petit_banc.bac.stop()
    with daemon(petit_banc) as process:
        time.sleep(1)
        assert process.poll() is None
        petit_banc.bac.start()
        assert wait_for(lambda: petit_banc.messages(CAS["sans_cv"]), 60)


def test_an_outage_is_alerted_once_and_its_end_once_and_the_journal_stays_quiet(petit_banc):
    petit_banc.reglage(periode_minutes="0.01")
    petit_banc.bac.faults.ajoute(Genre.ERREUR_500, fois=None)
    with boite() as http:
        alerte_a(petit_banc, http)
        with daemon(petit_banc) as process:
            assert wait_for(lambda: http.recus, 60)
            time.sleep(1)
            assert process.poll() is None
            petit_banc.bac.faults.vide()
            assert wait_for(lambda: petit_banc.messages(CAS["sans_cv"]), 60)
            assert wait_for(lambda: len(http.recus) == 2)
        assert "ne répond plus" in http.recus[0]["title"]
        assert "c’est fini" in http.recus[1]["title"]
        assert len(http.recus) == 2
    assert process.out.count("Passage arrêté") == 1
    assert process.err.count("\n") <= 1


def test_a_token_replaced_while_the_daemon_runs_is_used_at_the_next_pass(petit_banc, tmp_path):
    """Through systemd's folder of credentials, refused first: one alert, one end, and no restart."""
    (tmp_path / "ds").write_text("jeton-perime", encoding="utf-8")
    petit_banc.reglage(periode_minutes="0.01", jeton='{ credential = "ds" }')
    with boite() as http:
        alerte_a(petit_banc, http)
        with daemon(petit_banc, CREDENTIALS_DIRECTORY=str(tmp_path)):
            assert wait_for(lambda: http.recus)
            time.sleep(1)
            (tmp_path / "nouveau").write_text(JETON_ECRITURE, encoding="utf-8")
            (tmp_path / "nouveau").rename(tmp_path / "ds")
            assert wait_for(lambda: petit_banc.messages(CAS["sans_cv"]))
            assert wait_for(lambda: len(http.recus) == 2)
        assert ["refuse le jeton" in r["title"] for r in http.recus] == [True, True]


def test_a_daemon_killed_in_the_middle_of_a_message_starts_again_and_sends_nothing_twice(petit_banc):
    petit_banc.reglage(periode_minutes="10")
    petit_banc.bac.faults.ajoute(Genre.LATENCE, operation="dossierEnvoyerMessage", duree=0.5, fois=None)
    process = petit_banc.start("daemon")
    assert wait_for(lambda: petit_banc.bac.mutations("dossierEnvoyerMessage"))
    process.kill()
    process.communicate(timeout=30)
    with daemon(petit_banc):
        assert wait_for(lambda: all(petit_banc.messages(CAS[n]) for n in ("sans_cv", "sans_convention")))
        time.sleep(1)
    assert [len(petit_banc.messages(CAS[n])) for n in ("sans_cv", "sans_convention")] == [1, 1]


SAUTE = """
import datetime as dt, sys
from pathlib import Path
import apscheduler.schedulers.base, apscheduler.triggers.cron, apscheduler.triggers.interval
from connector import wiring
from connector.__main__ import main

ecart, vraie = Path(sys.argv.pop(1)), dt.datetime

class Horloge(dt.datetime):
    @classmethod
    def now(cls, tz=None):
        return vraie.now(tz) + dt.timedelta(seconds=float(ecart.read_text() or 0))

for module in (apscheduler.schedulers.base, apscheduler.triggers.cron, apscheduler.triggers.interval, wiring):
    module.datetime = Horloge
main()
"""
"""The same program on a clock that a file shifts by so many seconds: the machine's own must not be set by a test."""


@pytest.mark.parametrize("secondes", [-86_400, pytest.param(86_400, marks=pytest.mark.soak)])
def test_the_daemon_passes_again_when_the_clock_jumps_and_not_a_day_later(petit_banc, tmp_path, secondes):
    petit_banc.reglage(periode_minutes="0.02")
    ecart = tmp_path / "ecart"
    ecart.write_text("0")
    process = subprocess.Popen(
        [sys.executable, "-c", SAUTE, str(ecart), *petit_banc.command("daemon")[3:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**ENV, "PYTHONPATH": str(Path(__file__).parents[2]), "WATCHDOG_USEC": "300000"},
    )
    try:
        assert wait_for(lambda: pages(petit_banc) >= 3)
        (tmp_path / "suite").write_text(str(secondes))
        (tmp_path / "suite").rename(ecart)
        petit_banc.bac.reset()
        assert wait_for(lambda: pages(petit_banc) >= 2, 15)
        assert petit_banc.bac.compteurs.mutations == 0
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, (out, err)
    assert "clock.jumped" in err


@pytest.fixture
def tour(petit_banc):
    """One turn of the daemon in this process: its exit code, and what it said."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run():
        said = []
        return tourner(petit_banc.chemin, said.append, une_fois=True), said

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_one_turn_ends_with_the_code_of_its_pass_and_alerts_as_the_service_does(petit_banc, tour):
    with boite() as http:
        alerte_a(petit_banc, http)
        petit_banc.reglage(messages_par_cycle="0")
        for _ in range(2):
            code, said = tour()
            assert code == 3
            assert any(line.startswith("Passage arrêté") for line in said)
        petit_banc.reglage(messages_par_cycle="60")
        assert [tour()[0], tour()[0]] == [0, 0]
        assert [r["title"].partition("\u00a0: ")[2] for r in http.recus] == [
            "le frein a tout retenu",
            "c’est fini (le frein a tout retenu)",
        ]


def test_passes_leave_no_connection_open_behind_them(petit_banc, tour):
    tour()
    gc.disable()  # what only the collector would close is left open for hours
    try:
        before = len([*Path("/proc/self/fd").iterdir()])
        for _ in range(4):
            tour()
        assert wait_for(lambda: len([*Path("/proc/self/fd").iterdir()]) <= before + 1, 5)
    finally:
        gc.enable()


def test_a_demarche_that_ds_refuses_does_not_keep_the_other_waiting(petit_banc, tour):
    with boite() as http:
        alerte_a(petit_banc, http)
        text = petit_banc.chemin.read_text(encoding="utf-8")
        autre = '[[demarches]]\nnumero = 999\nnom = "Une autre"\n\n[[demarches]]\n'
        petit_banc.chemin.write_text(text.replace("[[demarches]]\n", autre, 1), encoding="utf-8")
        code, said = tour()
        assert code == 77
        assert any(line.startswith("Passage arrêté (démarche 999)") for line in said)
        assert petit_banc.messages(CAS["sans_cv"])
        (alerte,) = http.recus
        assert alerte["message"].startswith("Démarche 999.")


def test_a_defect_of_ours_in_one_demarche_is_alerted_and_ends_nothing(petit_banc, tour, monkeypatch):
    monkeypatch.setattr("connector.passages.passer", lambda *_, **__: {}["absent"])
    with boite() as http:
        alerte_a(petit_banc, http)
        assert tour()[0] == 1
        assert "un défaut" in http.recus[0]["title"]


def test_a_database_lost_between_two_passes_is_alerted(petit_banc, tour, monkeypatch):
    with boite() as http:
        alerte_a(petit_banc, http)
        ouvrir, opened = store.ouvrir, []

        @contextmanager
        def plein(path, **options):
            opened.append(path)
            if len(opened) > 1:
                raise StoreError("La base est inutilisable : le disque est plein.", hint="Libérez de l’espace.")
            with ouvrir(path, **options) as base:
                yield base

        monkeypatch.setattr(store, "ouvrir", plein)
        code, said = tour()
        assert code == 74
        assert said[0] == "Passage arrêté : La base est inutilisable : le disque est plein. Libérez de l’espace."
        assert "base locale est inutilisable" in http.recus[0]["title"]


def test_an_alert_address_that_is_none_stops_the_daemon_at_once(petit_banc, tour):
    with boite() as http:
        alerte_a(petit_banc, http)
    petit_banc.chemin.with_name("alertes").write_text("rien", encoding="utf-8")
    with pytest.raises(OperatorError, match="n° 1"):
        tour()


def test_a_supervision_tool_reads_one_line_and_a_code_beside_the_running_service(petit_banc):
    assert petit_banc.run("status", "--check", check=3).stdout.startswith("CONNECTEUR UNKNOWN - démarche")
    petit_banc.run("sync")
    told = petit_banc.process("status", "--check").stdout
    assert told.startswith("CONNECTEUR OK - ")
    assert " | age=" in told
    assert told.count("\n") == 1
    petit_banc.chemin.with_name("jeton-du-bac-a-sable").write_text("perime", encoding="utf-8")
    petit_banc.run("sync", check=77)
    assert "refuse le jeton" in petit_banc.run("status", "--check", check=2).stdout
    petit_banc.base.write_bytes(b"rien de lisible" * 100)
    assert "CONNECTEUR CRITICAL - La base" in petit_banc.run("status", "--check", check=2).stdout
    petit_banc.chemin.write_text("rien", encoding="utf-8")
    assert petit_banc.run("status", "--check", check=3).stdout.startswith("CONNECTEUR UNKNOWN - ")
