"""Bad input of every kind: one clear French answer, the documented exit code, nothing lost, nothing half-written."""

from __future__ import annotations

import fcntl
import json
import sqlite3
import time

import pytest

from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS, JETON_EXPIRE, JETON_LECTURE


def token(banc, value):
    (banc.chemin.parent / "jeton-du-bac-a-sable").write_text(value, encoding="ascii")


def replaced(banc, old, new):
    text = banc.chemin.read_text(encoding="utf-8")
    assert old in text, old
    banc.chemin.write_text(text.replace(old, new, 1), encoding="utf-8")


# configuration


def test_everything_wrong_with_the_configuration_is_listed_at_once_with_its_path(banc):
    banc.reglage(mode='"agiir"', corrections='"oui"', numero='"x"')
    banc.chemin.write_text("couleur = 1\n" + banc.chemin.read_text(encoding="utf-8"), encoding="utf-8")
    done = banc.run("sync", check=2)
    for path in ("envoi.mode", "envoi.corrections", "demarches", "couleur"):
        assert path in done.stderr, path
    assert "Traceback" not in done.stderr
    assert banc.bac.compteurs.posts == 0


def test_a_configuration_that_is_not_there_is_said_in_one_sentence(banc):
    banc.chemin.unlink()
    assert "config.toml" in banc.run("sync", check=2).stderr


def test_a_champ_that_the_form_does_not_have_is_answered_with_the_nearest_label(banc):
    replaced(banc, "Curriculum vitae du candidat", "Curriculum vitae du candida")
    done = banc.run("sync", check=2)
    assert "vouliez-vous dire «\u00a0Curriculum vitae du candidat\u00a0»" in done.stderr
    assert banc.bac.compteurs.mutations == 0


def test_an_answer_that_the_form_does_not_offer_is_told_by_plan_with_its_line(banc):
    replaced(banc, 'exclues = ["Médecine générale"]', 'exclues = ["Médecine générales"]')
    lines = banc.chemin.read_text(encoding="utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, 1) if text.startswith("exclues = "))
    banc.run("sync")
    said = banc.run("plan").stderr.replace("\u00a0", " ").replace("\u202f", " ")
    assert f"Attention, ligne {line}, regles.specialite_exclue.exclues : « Médecine générales » n’est pas" in said
    assert "vouliez-vous dire « Médecine générale » ?" in said


def test_an_unknown_variable_in_a_template_is_told_before_anything_is_sent(banc):
    folder = banc.chemin.parent / "modeles"
    folder.mkdir()
    (folder / "correction.txt.j2").write_text("Bonjour,\n{{ prenom }}\n", encoding="utf-8")
    banc.reglage(modeles=f'"{folder}"')
    done = banc.run("sync", check=2)
    assert "correction.txt.j2, ligne 2" in done.stderr
    assert "prenom" in done.stderr
    assert banc.bac.compteurs.posts == 0


# token and démarche


@pytest.mark.parametrize(
    ("value", "code", "word"),
    [("bm9wZQ==", 77, "jeton"), (JETON_EXPIRE, 77, "expiré")],
    ids=["wrong", "expired"],
)
def test_a_token_that_is_refused_is_said_once_without_a_retry_storm(banc, value, code, word):
    token(banc, value)
    done = banc.run("sync", check=code)
    assert word in done.stderr
    assert value not in done.stderr + done.stdout
    assert banc.bac.compteurs.posts + banc.bac.compteurs.refuses <= 2


def test_a_read_only_token_reads_everything_and_is_told_at_the_first_write(banc):
    token(banc, JETON_LECTURE)
    done = banc.run("sync", check=77)
    assert "lecture" in done.stderr
    assert len(banc.bac.mutations()) == 0
    assert banc.bac.compteurs.mutations <= 1
    token(banc, __import__("connector.sandbox.monde", fromlist=["JETON_ECRITURE"]).JETON_ECRITURE)
    banc.run("sync")
    assert banc.messages(CAS["sans_cv"])


def test_an_unknown_demarche_is_said_with_its_number(banc):
    banc.reglage(numero="424242")
    done = banc.run("sync", check=77)
    assert "424242" in done.stderr


# answers


@pytest.mark.parametrize(
    ("genre", "code"),
    [
        (Genre.HTML_200, 76),
        (Genre.REDIRECTION_301, None),
        (Genre.MAINTENANCE, 75),
        *(
            pytest.param(genre, code, marks=pytest.mark.soak)
            for genre, code in ((Genre.JSON_TRONQUE, 75), (Genre.DATA_NULLE, None), (Genre.HTML_502, 75))
        ),
    ],
    ids=lambda g: getattr(g, "value", g),
)
def test_an_answer_that_is_not_one_ends_the_pass_and_the_next_one_resumes(banc, genre, code):
    banc.bac.faults.ajoute(genre, fois=None)
    done = banc.run("sync", check=code)
    assert done.returncode in {75, 76}, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    banc.bac.faults.vide()
    banc.run("sync")
    assert banc.messages(CAS["sans_cv"])


def test_a_null_node_is_set_aside_and_the_other_dossiers_go_on(banc):
    banc.bac.faults.ajoute(Genre.NOEUD_NUL, operation="Page")
    done = banc.run("sync", check=1)
    assert "n’a pas pu montrer" in done.stdout
    shown = json.loads(banc.run("status", "--json").stdout)["demarches"][0]
    assert len(shown["quarantaine"]) == 1
    assert sum(d["nombre"] for d in shown["dossiers"]) == 7
    with sqlite3.connect(banc.base) as base:
        base.execute("UPDATE quarantaine SET retry_at = '2020-01-01T00:00:00+00:00'")
    banc.run("sync")
    shown = json.loads(banc.run("status", "--json").stdout)["demarches"][0]
    assert shown["quarantaine"] == []
    assert sum(d["nombre"] for d in shown["dossiers"]) == 8


def test_a_garbage_cursor_does_not_pass_for_nothing_new(banc):
    banc.run("sync")
    banc.run("sync")
    with sqlite3.connect(banc.base) as base:
        (text,) = base.execute("SELECT filigrane FROM filigranes").fetchone()
        mark = {**json.loads(text), "cursor": "n-importe-quoi", "arrivee": "2020-01-01T00:00:00+00:00"}
        base.execute("UPDATE filigranes SET filigrane = ?", (json.dumps(mark),))
    number = CAS["sans_cv"]
    time.sleep(1.1)  # DS dates to the second: a change in the same one would not be seen in its date
    with banc.world.lock:
        banc.world.touch(banc.world.dossiers[number])
    banc.bac.reset()
    done = banc.run("sync", "--json")
    (report,) = json.loads(done.stdout)
    assert report["curseurs_refaits"] == 1
    assert report["nouveaux"] >= 1
    banc.bac.reset()
    banc.run("sync")
    assert banc.bac.compteurs.lectures == 1


# database


def test_a_database_from_a_newer_version_is_refused_untouched(banc):
    banc.run("sync")
    with sqlite3.connect(banc.base) as base:
        base.execute("PRAGMA user_version = 9999")
        base.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('connector', 'm999_demain', '')"
        )
    assert "plus récent" in banc.run("sync", check=74).stderr


def test_a_file_that_is_not_a_database_is_refused_untouched(banc):
    banc.base.write_text("ceci n’est pas une base", encoding="utf-8")
    banc.base.chmod(0o600)
    assert banc.run("sync", check=74).stderr.strip()
    assert banc.base.read_text(encoding="utf-8") == "ceci n’est pas une base"


def test_a_locked_database_is_said_to_be(banc):
    banc.run("status")
    with sqlite3.connect(banc.base, isolation_level=None) as base:
        base.execute("BEGIN EXCLUSIVE")
        assert banc.run("sync", check=74).stderr.strip()
        base.execute("ROLLBACK")
    banc.run("sync")


def test_a_second_instance_is_told_to_wait(banc):
    banc.run("status")
    with (banc.base.parent / "demo.sqlite.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "utilise déjà cette base" in banc.run("sync", check=75).stderr


# what a newcomer tries


def test_a_condition_that_no_answer_can_meet_is_refused_with_the_nearest_option(banc):
    text = banc.chemin.read_text(encoding="utf-8")
    mistyped = text.replace(
        'type_demande = "Remplacement suite à désistement"', 'type_demande = "Remplacement suite a un désistement"'
    )
    assert mistyped != text
    banc.chemin.write_text(mistyped, encoding="utf-8")
    done = banc.run("sync", check=2)
    assert "n’est pas une réponse possible" in done.stderr
    assert banc.bac.compteurs.mutations == 0


def test_a_template_that_no_message_uses_is_refused_with_the_nearest_name(banc):
    folder = banc.chemin.parent / "modeles"
    folder.mkdir()
    (folder / "corection.txt.j2").write_text("Bonjour", encoding="utf-8")
    banc.reglage(modeles=f'"{folder}"')
    assert "correction.txt.j2" in banc.run("sync", check=2).stderr


def test_a_port_that_is_taken_is_said_to_be(banc):
    done = banc.run("sandbox", "--port", str(banc.bac.port), check=2)
    assert "déjà pris" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_dossier_that_does_not_exist_is_not_planned_silently(banc):
    assert "999999" in banc.run("plan", "999999", check=2).stderr


def test_an_observer_is_shown_what_would_be_written(banc):
    banc.reglage(mode='"observer"')
    done = banc.run("plan")
    assert "Synthèse\u00a0: " in done.stdout
    assert "mode «\u00a0annoter\u00a0»" in done.stderr
    assert banc.bac.compteurs.mutations == 0


def test_a_plan_that_the_brake_would_stop_says_so(banc):
    banc.reglage(messages_par_cycle="1")
    assert "le frein retiendrait tout" in banc.run("plan").stderr


def test_a_message_held_back_is_shown_in_full(banc):
    banc.reglage(corrections="false")
    shown = banc.run("plan", str(CAS["sans_cv"])).stdout
    assert "Demande de correction retenue" in shown.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Bonjour," in shown
