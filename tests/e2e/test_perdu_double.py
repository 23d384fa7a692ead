"""Nothing lost, nothing twice, from the command line: deletions, silent changes, brake, retry, two hosts, the token."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from connector import demo, wiring
from connector.sandbox import monde, scenario
from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS, JETON_ECRITURE
from connector.sandbox.server import Sandbox
from tests.e2e.conftest import SANS_LIMITE, Banc
from tests.e2e.test_daemon import wait_for


def etat(banc):
    """What `status` tells programs of the only démarche."""
    return json.loads(banc.run("status", "--json").stdout)["demarches"][0]


def rapport(done):
    """The counts of the only démarche's pass."""
    return json.loads(done.stdout)[0]


def regle_le_filigrane(banc, **dates):
    """Rewrite dates of the watermark, as if time had passed."""
    with sqlite3.connect(banc.base) as base:
        (text,) = base.execute("SELECT filigrane FROM filigranes").fetchone()
        base.execute("UPDATE filigranes SET filigrane = ?", (json.dumps({**json.loads(text), **dates}),))


JADIS = "2020-01-01T00:00:00+00:00"


def calme(banc):
    """Everything read, judged and written, and the overlap passed; the next pass makes one request."""
    banc.run("sync")
    banc.run("sync")
    regle_le_filigrane(banc, arrivee=JADIS)
    banc.bac.reset()
    banc.run("sync")
    assert (banc.bac.compteurs.lectures, banc.bac.compteurs.mutations) == (1, 0)
    banc.bac.reset()


def operations(banc):
    """The reads made, by operation."""
    return {name: n for name, n in banc.bac.compteurs.operations.items() if n}


def quand(banc, operation, acte, *, rang=1):
    """Have somebody act on the world just before the rang-th such call is answered."""
    seen = [0]

    def meanwhile(appel):
        seen[0] += appel.operation == operation
        if appel.operation == operation and seen[0] == rang:
            acte()
        return False

    banc.bac.faults.ajoute(Genre.LATENCE, quand=meanwhile, fois=None)


# deletions


def test_a_binned_dossier_is_absent_with_its_reason_and_comes_back_when_restored_each_in_one_request(banc):
    banc.reglage(mode='"observer"')
    calme(banc)
    scenario.administration_supprime(banc.world, CAS["sans_cv"])
    scenario.usager_supprime(banc.world, CAS["sans_convention"])
    banc.run("sync")
    assert operations(banc) == {"Page": 1}
    found = etat(banc)
    assert {d["dossier"]: d["motif"] for d in found["disparus"]} == {
        CAS["sans_cv"]: "supprimé par un instructeur ou l’administration",
        CAS["sans_convention"]: "supprimé par l’usager",
    }
    assert f"n°\u00a0{CAS['sans_cv']}\u00a0: supprimé par un instructeur" in banc.run("status").stdout
    scenario.administration_restaure(banc.world, CAS["sans_cv"])
    banc.reglage(mode='"agir"')
    banc.run("sync")
    assert len(banc.messages(CAS["sans_cv"])) == 1
    assert banc.messages(CAS["sans_convention"]) == []
    assert etat(banc)["absents"] == 1


def test_a_dossier_deleted_between_the_plan_and_the_write_gets_nothing_and_stops_nobody(banc):
    number = CAS["sans_cv"]
    quand(banc, "Dossier", lambda: [scenario.usager_supprime(banc.world, n) for n in (number,)])
    done = banc.run("sync", check=None)
    assert done.returncode in {0, 1}
    assert banc.messages(number) == []
    assert banc.messages(CAS["sans_convention"])
    assert etat(banc)["absents"] == 1


# what moves no date


def test_the_comparison_finds_a_silent_label_an_expired_dossier_in_few_requests(grand_banc):
    banc = grand_banc
    calme(banc)
    world = banc.world
    scenario.instructeur_ajoute_label(world, CAS["complet_cat_1"], "Suivi manuel")
    scenario.expire(world, CAS["sans_cv"])
    banc.run("sync")
    assert operations(banc) == {"Page": 1}
    banc.bac.reset()
    found = rapport(banc.run("sync", "--complet", "--json"))
    assert found["ecarts"] == 2
    assert (banc.bac.compteurs.operations["Page"], banc.bac.compteurs.operations["Reperes"]) == (1, 1)
    assert banc.bac.compteurs.operations["Dossier"] <= 4, "the two, and a look-alike whose annotations say so"
    (gone,) = [d for d in etat(banc)["disparus"] if d["dossier"] == CAS["sans_cv"]]
    assert gone["motif"]
    banc.bac.reset()
    assert rapport(banc.run("sync", "--complet", "--json"))["ecarts"] == 0
    assert operations(banc)["Reperes"] == 1


def test_after_a_publication_open_dossiers_are_read_again_once_ds_has_brought_them_to_it(banc):
    calme(banc)
    world = banc.world
    demarche = next(iter(world.demarches))
    scenario.administration_publie_revision(world, demarche)
    published = rapport(banc.run("sync", "--json"))
    assert published["compares"] == 0, "DS has not brought dossiers to it yet"
    scenario.rebase(world, demarche)
    regle_le_filigrane(banc, arrivee=JADIS, a_comparer=JADIS)
    found = rapport(banc.run("sync", "--json"))
    assert found["compares"] == 8
    assert found["ecarts"] >= 6
    active = world.demarches[demarche].revision_active.id
    with sqlite3.connect(banc.base) as base:
        stored = {r for (r,) in base.execute("SELECT revision FROM dossiers WHERE state LIKE 'en_%'")}
    assert stored == {active}


def test_two_hundred_and_fifty_dossiers_are_compared_in_three_requests(tmp_path):
    world = monde.monde_de_masse(250, wiring.now)
    with Sandbox(world, limite=SANS_LIMITE) as bac:
        banc = Banc(world, bac, demo.preparer(tmp_path / "demo", bac, world))
        banc.reglage(mode='"observer"', delais=f"{{ requetes_par_minute = {SANS_LIMITE} }}")
        banc.run("sync")
        bac.reset()
        found = rapport(banc.run("sync", "--complet", "--json"))
    assert found["compares"] == 250
    assert operations(banc)["Reperes"] == 3


def test_the_daemon_compares_by_itself_when_it_was_not_done_for_long(petit_banc):
    banc = petit_banc
    calme(banc)
    scenario.expire(banc.world, CAS["sans_cv"])
    regle_le_filigrane(banc, comparee=JADIS)
    banc.reglage(periode_minutes="0.02")
    process = banc.start("daemon")
    try:
        assert wait_for(lambda: banc.bac.compteurs.operations["Page"] >= 3)
        assert banc.bac.compteurs.operations["Reperes"] == 1
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert etat(banc)["absents"] == 1


# audit


def sans_journal(base) -> list[str]:
    """All that the database holds, but the journal of what was read."""
    return [line for line in base.iterdump() if '"journal"' not in line and "sqlite_sequence" not in line]


def test_audit_names_each_difference_and_writes_nothing_even_beside_the_daemon(banc):
    calme(banc)
    assert "Aucun écart" in banc.run("audit").stderr
    world = banc.world
    scenario.instructeur_ajoute_label(world, CAS["complet"], "Suivi manuel")
    scenario.expire(world, CAS["sans_cv"])
    scenario.administration_supprime(world, CAS["sans_convention"])
    with sqlite3.connect(banc.base) as base:
        base.execute("DELETE FROM dossiers WHERE number = ?", (CAS["message_humain"],))
        before = sans_journal(base)
    found = {r["dossier"]: r["nature"] for r in json.loads(banc.run("audit", "--json", check=1).stdout)}
    assert found == {
        CAS["complet"]: "sans_date",
        CAS["sans_cv"]: "disparu",
        CAS["sans_convention"]: "supprime",
        CAS["message_humain"]: "manquant",
    }
    shown = banc.run("audit", "--entier", check=1).stdout
    assert f"{CAS['complet']} | changé sans que sa date de modification ait bougé | labels" in shown
    assert "supprimé par un instructeur ou l’administration" in shown
    with sqlite3.connect(banc.base) as base:
        assert sans_journal(base) == before
    assert banc.bac.compteurs.mutations == 0
    banc.run("sync", "--complet")
    assert "Aucun écart" in banc.run("audit", "--entier").stderr


def test_right_after_a_pass_that_wrote_everything_is_merely_to_be_read_again(banc):
    banc.run("sync")
    assert {r["nature"] for r in json.loads(banc.run("audit", "--json").stdout)} <= {"a_lire"}


# brake


def test_the_brake_is_said_by_status_until_it_is_raised_once(banc):
    banc.reglage(messages_par_cycle="1")
    done = banc.run("sync", check=3)
    assert "--allow 2" in done.stderr
    assert etat(banc)["alerte"]["code"] == 3
    assert "⚠ Arrêt (code 3)" in banc.run("status").stdout
    banc.run("sync", "--allow", "1", check=3)
    assert banc.bac.compteurs.mutations == 0
    done = banc.run("sync", "--allow", "2")
    assert "relevés à 2 pour ce passage seul" in done.stdout
    assert all(len(banc.messages(CAS[name])) == 1 for name in ("sans_cv", "sans_convention"))
    assert etat(banc)["alerte"] is None
    assert "relevés à 2" in banc.run("status").stdout


def test_allow_wants_a_number(banc):
    banc.run("sync", "--allow", "0", check=2)


# retry, refusals


def sans_connecteur(banc):
    """The connector's instructeur taken out of every group; what puts them back."""
    demarche = next(iter(banc.world.demarches.values()))
    before = [(groupe, list(groupe.instructeurs)) for groupe in demarche.groupes]
    courriel = next(
        line.split('"')[1] for line in banc.chemin.read_text("utf-8").splitlines() if line.startswith("instructeur =")
    )
    for groupe, members in before:
        groupe.instructeurs = [i for i in members if i.email != courriel]

    def back():
        for groupe, members in before:
            groupe.instructeurs = members

    return back


def test_an_instructeur_taken_out_of_the_group_is_said_with_the_remedy_and_retry_does_it_once_mended(banc):
    back = sans_connecteur(banc)
    done = banc.run("sync", check=1)
    assert "n’est pas membre du groupe" in done.stderr
    assert "Ajoutez-le à ce groupe dans Démarches simplifiées." in done.stderr
    assert banc.bac.compteurs.mutations == 0
    back()
    banc.run("sync")
    assert banc.bac.compteurs.mutations == 0, "an hour has not passed"
    assert "dossiers à revoir" in banc.run("retry", "--all").stdout
    banc.run("sync")
    assert banc.messages(CAS["sans_cv"])


def test_a_refusal_in_the_middle_of_a_dossier_is_shown_by_status_with_cause_and_remedy(banc):
    back = []
    quand(banc, "EnvoyerMessage", lambda: back.append(sans_connecteur(banc)))
    banc.run("sync", check=1)
    shown = "\n".join(etat(banc)["refuses"])
    assert "l’instructeur qui signe n’appartient pas au groupe du dossier" in shown
    assert "Ajoutez-le à ce groupe d’instructeurs" in shown
    assert banc.messages(CAS["sans_cv"]) == banc.messages(CAS["sans_convention"]) == []
    back[0]()
    for name in ("sans_cv", "sans_convention"):
        banc.run("retry", str(CAS[name]))
    banc.run("retry", "--all")
    banc.run("sync")
    for name in ("sans_cv", "sans_convention"):
        assert len(banc.messages(CAS[name])) == 1
    assert etat(banc)["refuses"] == []


def test_retry_of_what_is_set_aside_does_not_wait_for_its_delay(banc):
    banc.bac.faults.ajoute(Genre.NOEUD_NUL, operation="Page")
    banc.run("sync", check=1)
    (aside,) = etat(banc)["quarantaine"]
    assert "1 dossier mis de côté" in " ".join(banc.run("retry", str(aside["dossier"])).stdout.split())
    banc.run("sync")
    assert etat(banc)["quarantaine"] == []


@pytest.mark.parametrize("arguments", [(), ("12", "--all"), ("999999999",)], ids=["nothing", "both", "unknown"])
def test_retry_refuses_what_makes_no_sense(banc, arguments):
    assert banc.run("retry", *arguments, check=2).stderr.strip()


def test_a_correction_silently_ignored_is_detected_and_shown(banc):
    number = CAS["sans_cv"]

    def meanwhile():
        agent = banc.world.groupe_de(banc.world.dossiers[number]).instructeurs[0]
        for n in (number, CAS["sans_convention"]):
            scenario.instructeur_envoie_message(banc.world, n, "Complétez.", instructeur=agent, correction="incomplete")

    quand(banc, "EnvoyerMessage", meanwhile)
    done = banc.run("sync", check=1)
    assert "sans ouvrir de demande de correction" in done.stderr
    assert "sans ouvrir de demande de correction" in "\n".join(etat(banc)["remarques"])
    assert "Fait en partie seulement" in banc.run("status").stdout


# two hosts


@pytest.fixture
def second(banc):
    """Another host on the same démarche, with its own database: the same referentials, and nothing else in it."""
    folder = banc.chemin.parent.parent / "autre"
    shutil.copytree(banc.chemin.parent, folder)
    chemin = folder / banc.chemin.name
    text = chemin.read_text("utf-8").replace(str(banc.chemin.parent), str(folder))
    chemin.write_text(text, "utf-8")
    return Banc(banc.world, banc.bac, chemin)


def test_two_hosts_one_after_the_other_send_each_message_once_and_write_nothing_twice(banc, second):
    banc.run("sync")
    banc.bac.reset()
    second.run("sync")
    kinds = {m.operation for m in banc.bac.mutations()}
    assert not kinds & {"dossierEnvoyerMessage", "dossierPasserEnInstruction", "dossierAjouterLabel"}
    banc.bac.reset()
    banc.run("sync")
    second.run("sync")
    assert banc.bac.compteurs.mutations == 0, "they do not answer each other for ever"


def test_two_hosts_that_read_at_the_same_second_are_found_out_at_the_next_reading(banc, second):
    number = CAS["sans_cv"]
    banc.bac.faults.ajoute(  # both have read it before either writes
        Genre.LATENCE, quand=lambda a: a.operation == "Dossier" and a.variables["number"] == number, duree=8, fois=2
    )
    hosts = [banc.start("sync"), second.start("sync")]
    for process in hosts:
        process.communicate(timeout=120)
    banc.bac.faults.vide()
    assert len(banc.messages(number)) == 2
    done = banc.run("sync", check=1)
    assert f"dossier n°\u00a0{number}" in done.stderr
    assert "a été envoyé deux fois" in done.stderr
    assert "Messages partis deux fois" in banc.run("status").stdout
    assert f"dossier n° {number}" in "\n".join(etat(banc)["en_double"])


def test_commands_that_only_look_or_prepare_work_beside_the_daemon_and_a_pass_does_not(petit_banc):
    petit_banc.reglage(periode_minutes="10")
    process = petit_banc.start("daemon")
    try:
        assert wait_for(lambda: petit_banc.messages(CAS["sans_cv"]))
        for arguments in (("status",), ("audit",), ("retry", "--all"), ("pause",), ("resume",)):
            petit_banc.run(*arguments, check=None if arguments == ("audit",) else 0)
        petit_banc.run("sync", "--complet", check=75)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


def test_a_dossier_that_changes_group_is_written_to_by_the_instructeur_of_its_new_group(banc):
    world, number = banc.world, CAS["sans_cv"]
    demarche = world.demarche_de(world.dossiers[number])
    other = next(g for g in demarche.groupes if g.number != world.dossiers[number].groupe and not g.closed)
    quand(banc, "Dossier", lambda: scenario.instructeur_change_groupe(world, number, other))
    banc.run("sync", check=None)
    banc.bac.faults.vide()
    banc.run("retry", "--all")
    banc.run("sync")
    assert world.dossiers[number].groupe == other.number
    assert len(banc.messages(number)) == 1


# the token, in mid-run


def jeton(banc):
    return banc.world.jetons[JETON_ECRITURE]


def expire(banc):
    banc.world.jetons[JETON_ECRITURE] = replace(jeton(banc), expire_le=wiring.today() - timedelta(days=1))


def revoque(banc):
    del banc.world.jetons[JETON_ECRITURE]


def lecture_seule(banc):
    banc.world.jetons[JETON_ECRITURE] = replace(jeton(banc), ecriture=False)


def autre_reseau(banc):
    banc.world.jetons[JETON_ECRITURE] = replace(jeton(banc), reseaux=("192.0.2.0/24",))


PANNES = {"expiré": expire, "révoqué": revoque, "lecture": lecture_seule, "réseau": autre_reseau}
MOTS = {"expiré": "expiré", "révoqué": "jeton", "lecture": "lecture", "réseau": "réseau"}


ECRITURES = ("EnvoyerMessage", "ModifierAnnotations", "PasserEnInstruction")
CHAQUE_PANNE = [
    pytest.param(panne, operation, marks=[] if operation in {"Dossier", ECRITURES[rang % 3]} else [pytest.mark.soak])
    for rang, panne in enumerate(PANNES)
    for operation in ("Dossier", *ECRITURES)
]
"""Each failure at a reading and at a write, each write at least once; all of them in `make soak`."""


@pytest.mark.parametrize(("panne", "operation"), CHAQUE_PANNE)
def test_a_token_that_fails_in_mid_run_stops_at_once_and_resumes_once_mended(banc, panne, operation):
    good = jeton(banc)
    before = []

    def fails():
        PANNES[panne](banc)
        before.append(banc.bac.compteurs.posts + banc.bac.compteurs.refuses)

    quand(banc, operation, fails)
    done = banc.run("sync", check=77)
    banc.bac.faults.vide()
    assert MOTS[panne] in done.stderr
    after = banc.bac.compteurs.posts + banc.bac.compteurs.refuses
    assert after - before[0] <= 4, "no retry storm"
    with sqlite3.connect(banc.base) as base:
        assert {s for (s,) in base.execute("SELECT state FROM intentions")} <= {"done", "planned"}
    found = etat(banc)
    assert found["alerte"]["code"] == 77
    assert MOTS[panne] in found["alerte"]["texte"]
    banc.run("sync", check=77)
    assert banc.bac.compteurs.posts + banc.bac.compteurs.refuses - after <= 4
    banc.world.jetons[JETON_ECRITURE] = good
    banc.run("sync")
    for name in ("sans_cv", "sans_convention"):
        assert len(banc.messages(CAS[name])) == 1
    assert banc.world.dossiers[CAS["complet"]].state == "en_instruction"
    assert etat(banc)["alerte"] is None
