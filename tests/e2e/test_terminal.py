"""What comes out of the program: for a person, for a program, and never what people typed in the journal."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from connector import wiring
from connector.sandbox import monde
from connector.sandbox.faults import Genre
from tests.e2e.canaris import planter
from tests.e2e.conftest import ENV

COMPLET, SANS_CV = monde.CAS["complet"], monde.CAS["sans_cv"]


def plain(text):
    return " ".join(text.split())


def found(done):
    """The JSON of stdout."""
    return json.loads(done.stdout)


# doctor


def test_doctor_tells_each_point_and_ends_with_0_when_nothing_is_wrong(petit_banc):
    done = petit_banc.run("doctor")
    assert "OK           Jeton\u00a0: Identité 00000000-0000-4000-8000-000000000001" in done.stdout
    assert plain(done.stderr).startswith("0 erreur, ")
    assert petit_banc.bac.mutations() == []


def test_doctor_finds_what_is_wrong_and_a_program_reads_it(petit_banc):
    petit_banc.bac.world.jetons.clear()
    told = found(petit_banc.run("doctor", "--json", check=1))
    assert told["erreurs"] == 1
    (wrong,) = (e for e in told["examens"] if e["gravite"] == "erreur")
    assert (wrong["examen"], wrong["titre"]) == ("acces", "Accès aux démarches")
    assert "ne reconnaît pas le jeton" in wrong["cause"]
    assert wrong["remede"].startswith("Vérifiez le jeton")
    assert {e["gravite"] for e in told["examens"]} == {"OK", "attention", "erreur", "non vérifié"}


def test_doctor_tells_the_line_of_a_configuration_that_nothing_else_could_read(petit_banc):
    petit_banc.reglage(mode='"agr"')
    line = 1 + petit_banc.chemin.read_text(encoding="utf-8").split("\n").index('mode = "agr"')
    done = petit_banc.run("doctor", check=1)
    assert f"Ligne {line}, envoi.mode" in done.stdout
    assert "vouliez-vous dire" in done.stdout
    assert done.stdout.count("erreur  ") == 1  # what depends on it is not told again as an error
    (left,) = (row for row in done.stdout.splitlines() if row.startswith("non vérifié"))
    assert left.startswith("non vérifié  Modèles de message, Ce qui est autorisé, ")
    assert left.endswith("\u00a0: Il faut d’abord la configuration.")


def test_doctor_as_a_process_leaves_no_escape_code_in_a_pipe(petit_banc):
    environ = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    done = subprocess.run(
        petit_banc.command("doctor"), capture_output=True, text=True, env=environ, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout + done.stderr


# plan, explain, status, audit


def test_plan_after_sending_says_what_went_out(petit_banc):
    before = plain(petit_banc.run("plan", str(SANS_CV)).stdout)
    assert "demande de correction (modèle" in before
    assert "Déjà fait" not in before
    petit_banc.run("sync")
    after = plain(petit_banc.run("plan", str(SANS_CV)).stdout)
    assert "Déjà fait : le " in after
    assert "demande de correction envoyée à l’usager (référence" in after
    assert "(modèle" not in after


def test_a_program_reads_the_same_plan(petit_banc):
    (before,) = found(petit_banc.run("plan", str(SANS_CV), "--json"))
    assert (before["dossier"], before["demarche"], before["avis"]) == (SANS_CV, monde.DEMARCHE, "À compléter")
    (message,) = (a for a in before["actions"] if a["quoi"] == "message")
    assert message["texte"].startswith("Bonjour")
    assert before["deja_fait"] == []
    assert len(found(petit_banc.run("plan", "--json"))) == 5
    petit_banc.run("sync")
    (after,) = found(petit_banc.run("plan", str(SANS_CV), "--json"))
    assert after["actions"] == []
    assert [f["cible"] for f in after["deja_fait"] if f["quoi"] == "message"] == [message["reference"]]


def test_plan_with_another_configuration_is_read_by_a_program_too(petit_banc):
    petit_banc.run("sync")
    other = petit_banc.chemin.with_name("autre.toml")
    text = petit_banc.chemin.read_text(encoding="utf-8")
    other.write_text(text.replace("exclues = [", 'exclues = ["Dermatologie", "Pédiatrie", '), encoding="utf-8")
    told = found(petit_banc.run("plan", "--avec", str(other), "--json"))
    assert {d["avis"]["apres"] for d in told} == {"Défavorable"}
    assert all(d["constats"][0]["regle"] == "specialite_exclue" for d in told)


def test_explain_begins_with_what_is_wrong_and_ends_with_the_figures(petit_banc):
    petit_banc.run("sync")
    told = plain(petit_banc.run("explain", str(SANS_CV)).stdout)
    places = [told.index(t) for t in ("Déjà fait :", "Ce qui ne va pas (1) :", "En ordre (", "Chiffres, refaits")]
    assert places == sorted(places)
    assert "Prime d’exercice territorial, par mois" in told
    assert "cout.baremes[" in told
    assert "source : Arrêté du 14 mars 2017" in told
    read = found(petit_banc.run("explain", str(SANS_CV), "--json"))
    assert read["avis"] == "À compléter"
    assert {c["statut"] for c in read["constats"]} >= {"ok", "ko", "sans_objet"}
    assert read["chiffres"][0]["libelle"] == "Zone"
    assert read["deja_fait"]


def test_explain_says_why_it_has_no_figures(petit_banc):
    petit_banc.run("sync")
    past = petit_banc.run("explain", str(SANS_CV), "--au", wiring.today().isoformat()).stdout
    assert "Chiffres : les chiffres d’un jour passé ne sont pas gardés" in plain(past)
    petit_banc.reglage(numero="999")
    sans = plain(petit_banc.run("explain", str(SANS_CV)).stdout)
    assert "Chiffres : sa démarche n’est plus dans la configuration." in sans


def test_explain_of_a_dossier_or_a_day_that_nothing_was_said_of(petit_banc):
    assert "n’a pas encore été examiné ici" in petit_banc.run("explain", "7", check=2).stderr
    petit_banc.run("sync")
    assert (
        "rien n’avait encore été dit" in petit_banc.run("explain", str(COMPLET), "--au", "2020-01-01", check=2).stderr
    )


def test_explain_says_that_the_mapping_no_longer_fits(petit_banc):
    petit_banc.run("sync")
    petit_banc.chemin.write_text(
        petit_banc.chemin.read_text(encoding="utf-8").replace('"Promotion"', '"Promo inconnue"'), encoding="utf-8"
    )
    assert "aucun champ « Promo inconnue »" in plain(petit_banc.run("explain", str(SANS_CV)).stdout)


def test_status_gives_dates_as_people_say_them_and_iso_to_programs(petit_banc):
    petit_banc.run("sync")
    petit_banc.run("pause", "--raison", "commission")
    told = plain(petit_banc.run("status").stdout)
    today = wiring.now().astimezone(wiring.FRANCE)
    assert f"Envois en pause depuis le {today.day if today.day > 1 else '1er'} " in told
    assert " h " in told
    assert f"{today:%Y-%m-%d}T" not in told
    assert found(petit_banc.run("status", "--json"))["pause"]["depuis"].startswith(f"{today:%Y-%m-%d}T")


def test_audit_is_read_by_a_program(petit_banc):
    assert [e["nature"] for e in found(petit_banc.run("audit", "--json", check=1))] == ["manquant"] * 5
    petit_banc.run("sync")
    left = found(petit_banc.run("audit", "--json"))  # our own writes, which the next pass reads
    assert {e["nature"] for e in left} <= {"a_lire"}


# the journal


CANARIS = ("CANARI-TEXTE", "canari.usager", "CANARI-MESSAGE", "CANARI-FICHIER", "CANARI-RAISON")


@pytest.fixture
def canaris(petit_banc):
    """Everything that a person typed, or that names one, is a canary."""
    planter(petit_banc)
    return petit_banc


def test_the_journal_never_holds_what_people_typed_whatever_the_verbosity(canaris):
    numero = str(COMPLET)
    commands = (
        ("doctor",),
        ("plan",),
        ("sync", "--complet"),
        ("plan", numero),
        ("explain", numero),
        ("status",),
        ("audit", "--entier"),
        ("retry", "--all"),
        ("sync",),
    )
    journal = ""
    for command in commands:
        canaris.bac.faults.ajoute(Genre.PARTIEL_TIMEOUT, operation="Page")
        canaris.bac.faults.ajoute(Genre.NOEUD_NUL, operation="Dossier")
        for json_too in ((), ("--journal-json",)):
            done = canaris.run("-vvv", *json_too, *command, check=None)
            assert done.returncode in {0, 1}, (command, done.stderr)
            journal += done.stderr
    assert "request.answered" in journal
    assert "page.stored" in journal
    assert "effect.applied" in journal
    for canari in CANARIS:
        assert canari not in journal
    assert monde.JETON_ECRITURE not in journal


def test_each_v_tells_more(petit_banc):
    quiet, events, requests, whence = (
        petit_banc.run(*verbosity, "sync").stderr for verbosity in ((), ("-v",), ("-vv",), ("-vvv",))
    )
    assert "cycle.ended" not in quiet
    assert "cycle.ended" in events
    assert "request.answered" not in events
    assert "request.answered" in requests
    assert "thread_name" not in requests
    assert "thread_name" in whence


@pytest.mark.parametrize("commande", [("rules",), ("status",), ("journal",)], ids=lambda c: c[0])
def test_a_reader_that_leaves_ends_the_command_without_a_word(petit_banc, commande):
    petit_banc.run("sync")
    lecture, ecriture = os.pipe()
    os.close(lecture)  # as « | head » does once it has read enough
    with os.fdopen(ecriture, "wb") as tube:
        fait = subprocess.run(
            petit_banc.command(*commande),
            stdout=tube,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            env=ENV,
            check=False,
        )
    assert (fait.returncode, fait.stderr) == (141, "")
