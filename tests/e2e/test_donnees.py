"""The data itself, from the command line: accounted for, handed over, copied, restored, forgotten, purged."""

from __future__ import annotations

import getpass
import io
import json
import os
import re
import shutil
import sqlite3
import stat
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from connector import cli, store, wiring
from connector.api import pages
from connector.core.empreintes import reference_in
from connector.sandbox import scenario
from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS, DEMARCHE
from connector.store import oublis, sauvegarde
from connector.store.journal import Ligne

COPIES = 2
"""How many copies are made while the service writes."""


def journal(banc, *arguments):
    return [json.loads(line) for line in banc.run("journal", "--json", *arguments).stdout.splitlines()]


def uni(texte):
    return str(texte).replace("\u00a0", " ").replace("\u202f", " ")


def _valeurs(data):
    """The texts that people typed or that are about them, in the data of a dossier."""
    match data:
        case dict():
            for cle, valeur in data.items():
                dite = cle in {"value", "text", "raison_sociale", "siret", "usager_email", "name", "filename"}
                if isinstance(valeur, str) and (dite or (cle == "label" and "typename" not in data)):
                    yield json.dumps(valeur, ensure_ascii=False)[1:-1]
                else:
                    yield from _valeurs(valeur)
        case list():
            for valeur in data:
                yield from _valeurs(valeur)


def test_the_journal_tells_each_reading_and_writing_and_no_value(banc):
    banc.run("sync")
    lines = journal(banc)
    assert {"lecture du formulaire", "lecture d’une page", "lecture d’un dossier", "écriture"} <= {
        line["quoi"] for line in lines
    }
    sent = [line for line in lines if line["quoi"] == "écriture" and line["portee"].startswith("message")]
    assert {line["dossier"] for line in sent} == {CAS["sans_cv"], CAS["sans_convention"]}
    assert all("empreinte" in line["portee"] and line["reponse"] == "fait" for line in sent)
    assert {line["dossier"] for line in journal(banc, "--dossier", str(CAS["sans_cv"]))} == {CAS["sans_cv"]}
    text = banc.run("journal").stdout
    assert "curriculum" not in text.lower()
    assert f"dossier n°\u00a0{CAS['sans_cv']}" in text
    assert "→ envoyé, réponse attendue" in text
    assert "(dossiers modifiés depuis le début)" in text
    assert "1970" not in text
    assert "au nom de l’instructeur du connecteur" in text
    assert "SW5z" not in text
    assert f"{wiring.now().astimezone(wiring.FRANCE):%d/%m/%Y %H:}" in text
    assert all(line["at"].endswith(("+01:00", "+02:00")) for line in lines)
    assert "Rien depuis le" in uni(banc.run("journal", "--depuis", "2099-01-01").stderr)
    assert not re.search(r"→ [a-z_]*(?:ing|ed|done|human|unknown)$", text, re.MULTILINE)


def test_a_failure_is_in_the_journal_too(banc):
    banc.bac.faults.ajoute(Genre.HTML_200, fois=None)
    banc.run("sync", check=None)
    (line,) = journal(banc)
    assert line["reponse"].startswith("échec")


def test_a_page_that_was_asked_for_ahead_and_dropped_is_in_the_journal_too(banc, monkeypatch):
    monkeypatch.setattr(pages, "TAILLE_MAX", 2)
    with wiring.atelier(wiring.reglages(banc.chemin)) as atelier:
        premiere = atelier.gateway.page(DEMARCHE, updated_since=wiring.now() - timedelta(days=999), after=None)
    assert premiere.has_next_page
    assert [
        (line["demarche"], uni(line["reponse"])) for line in journal(banc) if line["quoi"] == "lecture d’une page"
    ] == [
        (DEMARCHE, "2 dossiers"),
        (DEMARCHE, "laissée de côté"),
    ]
    assert banc.bac.compteurs.lectures == 2


def test_a_person_finds_their_dossiers_and_receives_all_that_is_kept(banc, tmp_path):
    banc.run("sync")
    number = CAS["complet"]
    email = banc.world.dossiers[number].usager.email
    found = banc.run("export-person", str(number))
    data = json.loads(found.stdout)
    assert list(data)[:4] == ["dossier", "etat", "depose_le", "modifie_le"]
    assert list(data)[-1] == "detail_technique"
    assert data["deposant"] == {"courriel": email}
    assert data["reponses"]["N° RPPS"]
    assert data["reponses"]["Lieux d'exercice hors site principal"][0]["Nom de la structure"]
    assert data["proposition"]["avis"] in found.stdout
    assert data["envois"]
    assert data["journal"]
    assert data["detail_technique"]["dossier"][0]["numero"] == number
    assert not re.search(r'"(?:state|kind|number|archived|sent_at|attempts)"|"done"|en_construction', found.stdout)
    assert not re.search(r"[0-9a-f]{64}|\d\dZ|\+00:00", found.stdout)
    assert str(number) in banc.run("export-person", "--cherche", email).stdout.splitlines()
    out = tmp_path / "acces.json"
    banc.run("export-person", str(number), "--sortie", str(out))
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert json.loads(out.read_text(encoding="utf-8")).keys() == data.keys()
    assert "existe déjà" in banc.run("export-person", str(number), "--sortie", str(out), check=2).stderr
    assert "Rien n’est gardé" in banc.run("export-person", "999999", check=2).stderr
    assert "Aucun dossier" in banc.run("export-person", "--cherche", "introuvable-nulle-part").stdout
    assert banc.run("export-person", "--cherche", "a", check=2).stderr
    assert banc.run("export-person", check=2).stderr


def test_all_that_is_kept_is_told_digests_aside(banc):
    banc.run("sync")
    number = CAS["sans_cv"]
    told = banc.run("export-person", str(number)).stdout
    with sqlite3.connect(banc.base) as base:
        textes = [
            t
            for row in base.execute(
                "SELECT d.champs, d.annotations, d.entete, i.champs, i.entete FROM dossiers d "
                "JOIN identites i ON i.dossier = d.number WHERE d.number = ?",
                (number,),
            )
            for t in row
        ]
    for valeur in (v for texte in textes for v in _valeurs(json.loads(texte))):
        assert uni(valeur) in uni(told), valeur


def test_an_erased_dossier_is_said_to_be_so(banc):
    banc.run("sync")
    number = CAS["sans_cv"]
    banc.run("forget", str(number), "--oui")
    jour = f"{wiring.today():%d/%m/%Y}"
    for demande in (("explain", str(number)), ("explain", str(number), "--au", f"{wiring.today()}")):
        dit = banc.run(*demande, check=2).stderr
        assert f"a été effacé d’ici le {jour} (oublié sur demande)" in uni(dit)
        assert f"connector forget {number} --annuler" in uni(dit)
    data = json.loads(banc.run("export-person", str(number)).stdout)
    assert data["effacement"]["motif"] == "oublié sur demande"
    assert "reponses" not in data


def test_what_an_operator_asks_of_the_service_is_in_the_journal(banc):
    banc.run("sync")
    number = CAS["sans_cv"]
    for commande in (("pause", "--raison", "commission"), ("resume",), ("resume",), ("retry", str(number))):
        banc.run(*commande)
    actes = [ligne for ligne in journal(banc) if ligne["qui"] == getpass.getuser()]
    assert [(ligne["quoi"], ligne["reponse"], ligne["dossier"]) for ligne in actes] == [
        ("pause des envois", "fait", None),
        ("reprise des envois", "fait", None),
        ("reprise des envois", "rien à reprendre", None),
        ("nouvel essai demandé", "fait", number),
    ]


def test_what_people_did_to_a_dossier_is_in_its_journal_and_in_what_its_person_receives(banc):
    banc.run("sync")
    number = str(CAS["sans_cv"])
    for commande in (("export-person", number), ("forget", number, "--oui"), ("forget", number, "--oui")):
        banc.run(*commande)
    banc.run("forget", number, "--annuler")
    actes = [ligne for ligne in journal(banc, "--dossier", number) if ligne["qui"] == getpass.getuser()]
    assert [(ligne["quoi"], ligne["reponse"]) for ligne in actes] == [
        ("export d’une personne", "fait"),
        ("oubli", "fait"),
        ("oubli", "déjà oublié"),
        ("oubli annulé", "fait"),
    ]
    demarche = ("--demarche", str(DEMARCHE))
    assert journal(banc, "--dossier", number, *demarche) == journal(banc, "--dossier", number)
    assert all(ligne["demarche"] == DEMARCHE for ligne in journal(banc, *demarche))
    dit = uni(banc.run("journal", "--dossier", number).stdout)
    assert f" : oubli, dossier n° {number} → déjà oublié\n" in dit
    recu = json.loads(banc.run("export-person", number).stdout)["journal"]
    assert [(ligne["qui"], ligne["quoi"]) for ligne in recu if ligne["qui"] != "connecteur"] == [
        ("un agent", ligne["quoi"]) for ligne in actes
    ]


def test_a_dossier_forgotten_on_request_is_left_alone_until_the_request_is_taken_back(banc):
    number = CAS["sans_cv"]
    banc.run("sync")
    sent = len(banc.messages(number))
    assert "effacé d’ici" in banc.run("forget", str(number), "--oui").stdout
    scenario.usager_envoie_message(banc.world, number, "Bonjour")
    banc.run("sync", "--complet")
    banc.run("sync")
    with sqlite3.connect(banc.base) as base:
        assert base.execute("SELECT count(*) FROM dossiers WHERE number = ?", (number,)).fetchone() == (0,)
    assert "relu" in banc.run("forget", str(number), "--annuler").stdout
    assert "n’a pas été oublié" in banc.run("forget", str(number), "--annuler", check=2).stderr
    banc.run("sync", "--complet")
    with sqlite3.connect(banc.base) as base:
        assert base.execute("SELECT count(*) FROM dossiers WHERE number = ?", (number,)).fetchone() == (1,)
    banc.run("sync")
    assert len(banc.messages(number)) == sent


def test_a_purge_is_told_before_it_is_done_and_changes_no_quota(banc):
    banc.run("sync")
    number = CAS["sans_cv"]
    with sqlite3.connect(banc.base) as base:
        base.execute(
            "UPDATE dossiers SET state = 'refuse', modifiee_le = '2020-01-01T00:00:00.000000Z' WHERE number = ?",
            (number,),
        )
        postes = base.execute("SELECT count(*) FROM postes").fetchone()
    with store.ouvrir(banc.base) as ouverte:
        ouverte.journal.note(Ligne(at=wiring.now() - timedelta(days=400), qui="agent", quoi="essai"))
        ouverte.dossiers.save_report(
            DEMARCHE, at=wiring.now() - timedelta(days=400), exit_code=0, counts={}, text="Un passage."
        )
    for _ in range(2):
        simulee = uni(banc.run("purge", "--simuler").stdout)
        assert "à effacer : 1 (1 décidé)" in simulee
        assert "lignes de journal et de compte rendu : 2." in simulee
        assert f"Dossiers n° {number}." in simulee
    assert simulee.replace("à effacer", "effacés").replace(f" Dossiers n° {number}.", "") == uni(
        banc.run("purge").stdout
    )
    assert "effacés\u00a0: 0" in banc.run("purge").stdout
    with sqlite3.connect(banc.base) as base:
        assert base.execute("SELECT count(*) FROM postes").fetchone() == postes
    assert [line["quoi"] for line in journal(banc) if line["qui"] != "connecteur"] == ["purge", "purge"]


def restaurer(banc, copie):
    """Put that copy in the place of the database, as the guide says."""
    for end in ("", "-wal", "-shm"):
        banc.base.with_name(banc.base.name + end).unlink(missing_ok=True)
    shutil.copy(copie, banc.base)


def references(banc):
    """How many times each message of ours lies in DS."""
    return Counter(reference_in(body) for number in banc.world.dossiers for body in banc.messages(number))


def test_copies_made_while_the_service_writes_are_whole_and_none_of_them_has_anything_sent_twice(banc, tmp_path):
    copies = tmp_path / "copies"
    copies.mkdir(mode=0o700)
    daemon = banc.start("daemon")
    try:
        while not banc.bac.ecritures:  # it writes in DS, and in its database
            time.sleep(0.005)
        for rang in range(COPIES):
            made = copies / f"{rang}.sqlite"
            with store.ouvrir(banc.base) as base:
                sauvegarde.copy(base.connexion, made)
            assert stat.S_IMODE(made.stat().st_mode) == 0o600
        banc.run("backup", str(copies))
    finally:
        daemon.terminate()
        daemon.communicate(timeout=60)
    banc.run("sync")
    sent = references(banc)
    assert len(sent) == 2
    vues = []
    for copie in sorted(copies.glob("*.sqlite")):
        restaurer(banc, copie)
        with store.ouvrir(banc.base) as base:
            assert base.damages() == ()
            vues.append(len(base.ledger.journal(wiring.now() - timedelta(days=1))))
        banc.run("sync")
        assert references(banc) == sent
    assert vues[0] < vues[-1]  # the first copy knew less than was sent after it


def test_a_copy_older_than_the_last_messages_is_put_back_and_none_of_them_goes_again(banc, tmp_path):
    banc.reglage(mode='"annoter"')
    banc.run("sync")
    copie = tmp_path / banc.run("backup", str(tmp_path)).stdout.split()[3].rpartition("/")[2]
    assert references(banc) == {}
    banc.reglage(mode='"agir"')
    banc.run("sync")
    sent = references(banc)
    assert len(sent) == 2
    restaurer(banc, copie)
    with sqlite3.connect(banc.base) as base:
        assert base.execute("SELECT count(*) FROM intentions WHERE kind = 'message'").fetchone() == (0,)
    banc.run("sync")
    banc.run("sync")
    assert references(banc) == sent


def test_copies_past_their_time_are_removed_and_other_files_are_left(banc, tmp_path):
    banc.run("sync")
    old, other = tmp_path / "connector-20200101T000000Z.sqlite", tmp_path / "notes.sqlite"
    for path in (old, other):
        path.write_bytes(b"")
    os.utime(old, (0, 0))
    os.utime(other, (0, 0))
    assert "1 copie plus ancienne retirée" in banc.run("backup", str(tmp_path)).stdout.replace("\xa0", " ")
    assert other.exists()
    assert not old.exists()
    old.write_bytes(b"")
    autre = tmp_path / "connector-99999999T999999Z.sqlite"
    autre.write_bytes(b"")
    assert "copies de sauvegarde\u00a0: 1" in banc.run("purge", "--simuler").stdout
    assert old.exists()
    assert "copies de sauvegarde\u00a0: 1" in banc.run("purge").stdout
    assert not old.exists()
    assert autre.exists()
    assert len(list(tmp_path.glob("demo-2*.sqlite"))) == 1
    assert "n’est pas un dossier" in banc.run("backup", str(tmp_path / "absent" / "plus loin"), check=2).stderr


def test_copies_may_not_outlive_what_is_erased(banc):
    banc.reglage(copies_jours="60")
    assert "copie garderait" in banc.run("purge", "--simuler", check=2).stderr


def test_nothing_is_forgotten_without_a_yes(banc, monkeypatch):
    banc.run("sync")
    monkeypatch.setattr("sys.stdin", io.StringIO("non\n"))
    demande = banc.run("forget", str(CAS["complet"]))
    assert re.match(r"Effacer .* \? \[oui/non\]", demande.stderr)
    assert demande.stdout == "Rien n’a été effacé.\n"
    banc.run("export-person", str(CAS["complet"]))


def test_a_question_that_nobody_can_answer_says_how_to_do_without(petit_banc, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    refuse = uni(petit_banc.run("forget", "999999", check=2).stderr)
    assert "Erreur : Personne ne peut répondre : il n’y a pas de terminal.\nAjoutez --oui.\n" in refuse
    assert "Interrompu" not in refuse
    sortie = petit_banc.chemin.with_name("nouvelle.toml")
    fait = cli.execute(["init", "--sortie", str(sortie)])
    assert (fait, sortie.exists()) == (2, False)


CANARI = "Canari-Zoé-7391"


def traces(banc):
    """The files of the database's folder, the copies aside, where the canary can be read."""
    autour = (f for f in banc.base.parent.rglob("*") if f.is_file() and "copies" not in f.parts)
    return [f.name for f in autour if f.name.startswith(banc.base.name) and CANARI.encode() in f.read_bytes()]


def oublis_examines(banc):
    """What `doctor` finds of the list of what was forgotten."""
    examens = json.loads(banc.run("doctor", "--json", check=None).stdout)["examens"]
    (trouve,) = (e for e in examens if e["examen"] == "oublis")
    return trouve


def test_a_copy_made_before_somebody_was_forgotten_forgets_them_when_it_is_put_back(banc):
    number = CAS["sans_cv"]
    dossier = banc.world.dossiers[number]
    dossier.usager = replace(dossier.usager, email=f"{CANARI}@example.org")
    banc.process("sync")
    assert "(dossier créé)" in uni(banc.process("backup").stdout)
    (copie,) = banc.base.with_name("copies").glob("*.sqlite")
    assert CANARI.encode() in copie.read_bytes()
    banc.process("forget", str(number), "--oui")
    assert traces(banc) == []
    for commande in ("status", "sync"):
        restaurer(banc, copie)
        assert traces(banc)
        trouve = oublis_examines(banc)
        assert (trouve["gravite"], "1 dossier à oublier de nouveau" in uni(trouve["cause"])) == ("attention", True)
        assert "La base ignorait 1 oubli demandé :" in uni(banc.process(commande).stderr)
        assert traces(banc) == []
    assert [line["dossier"] for line in journal(banc) if line["quoi"] == "oubli refait"] == [number]
    assert "effacé d’ici" in banc.run("explain", str(number), check=2).stderr
    assert oublis_examines(banc)["gravite"] == "OK"


def test_whatever_opens_a_copy_put_back_says_once_what_it_forgot_again(banc, monkeypatch):
    number, autre = str(CAS["sans_cv"]), str(CAS["complet"])
    banc.run("sync")
    banc.run("backup")
    (copie,) = banc.base.with_name("copies").glob("*.sqlite")
    banc.run("forget", number, "--oui")
    monkeypatch.setattr("sys.stdin", io.StringIO("non\n"))
    for commande in (("forget", autre), ("explain", autre), ("plan", "--json"), ("retry", "--all"), ("purge",)):
        restaurer(banc, copie)
        fait = banc.run(*commande)
        assert uni(fait.stderr).count("La base ignorait 1 oubli demandé") == 1
        assert "ignorait" not in fait.stdout
    assert "ignorait" not in banc.run("plan").stderr


def test_what_is_forgotten_or_taken_back_is_told_with_the_copies_at_once(banc):
    number, liste = str(CAS["sans_cv"]), f"{banc.base.name}.oublis"
    banc.run("sync")
    copies = banc.base.with_name("copies")
    banc.run("backup")
    banc.run("forget", number, "--oui")
    assert set(oublis.lire(copies / liste).oublies) == {int(number)}
    banc.run("forget", number, "--annuler")
    shutil.copy(copies / liste, banc.base.with_name(liste))  # as doctor says, once the list is lost
    banc.run("status")
    assert "n’a pas été oublié" in banc.run("forget", number, "--annuler", check=2).stderr
    (copies / liste).unlink()
    (copies / liste).mkdir()
    for demande in ((number, "--oui"), (number, "--annuler"), ("999999", "--oui")):
        assert f"n’a pas pu être mise à jour ({copies})" in uni(banc.run("forget", *demande).stdout)


def test_a_list_that_was_lost_is_told_by_who_works_with_it(banc):
    banc.run("forget", str(CAS["sans_cv"]), "--oui")
    banc.base.with_name(f"{banc.base.name}.oublis").unlink()
    for commande in (("status", "--json"), ("sync",), ("daemon", "--une-fois")):
        fait = banc.run(*commande)
        dit = uni(fait.stdout if commande[0] == "daemon" else fait.stderr)
        assert dit.count("a été perdu, puis recommencé") == 1


def test_nothing_is_read_nor_written_beside_a_list_that_cannot_be_read(banc):
    banc.run("forget", str(CAS["sans_cv"]), "--oui")
    liste = banc.base.with_name(f"{banc.base.name}.oublis")
    liste.rename(liste.with_suffix(".avant"))
    liste.mkdir()
    lectures = banc.bac.compteurs.lectures
    for commande in (("sync",), ("status",), ("daemon", "--une-fois"), ("explain", str(CAS["complet"]))):
        assert "La liste des oublis" in uni(banc.run(*commande, check=74).stderr)
    assert "CRITICAL" in banc.run("status", "--check", check=2).stdout
    assert banc.bac.compteurs.lectures == lectures
    assert oublis_examines(banc)["gravite"] == "erreur"
    liste.rmdir()
    liste.with_suffix(".avant").rename(liste)
    banc.run("sync")


def test_a_number_that_ds_can_have_none_such_is_refused_as_it_is_typed(banc):
    for number in ("0", "-1", str(2**31), str(2**53), str(2**63)):
        for commande in (("forget", "--oui"), ("explain",), ("retry",), ("export-person",), ("preview", "pieces")):
            assert "de 1 à 2147483647" in uni(banc.run(*commande, "--", number, check=2).stderr)
    assert "de 1 à" in uni(banc.run("journal", "--demarche", str(2**63), check=2).stderr)


def test_the_list_of_what_was_forgotten_goes_with_the_copies_to_another_machine(banc):
    number, liste = CAS["sans_cv"], f"{banc.base.name}.oublis"
    banc.run("sync")
    copies = banc.base.with_name("copies")
    banc.run("backup")
    (ancienne,) = copies.glob("*.sqlite")
    banc.run("forget", str(number), "--oui")
    time.sleep(1.1)  # a copy is named by its second
    banc.run("backup")
    assert stat.S_IMODE((copies / liste).stat().st_mode) == 0o600
    restaurer(banc, ancienne)
    banc.base.with_name(liste).unlink()
    assert "n’est pas là" in banc.run("doctor", check=None).stdout
    banc.run("status")
    assert "perdu, puis recommencé" in uni(banc.run("doctor", check=None).stdout)
    time.sleep(1.1)
    banc.run("backup")  # what the copies' folder knew is not lost for all that
    shutil.copy(copies / liste, banc.base.with_name(liste))
    assert "La base ignorait 1 oubli demandé :" in uni(banc.run("sync").stderr)
    assert "perdu" not in uni(banc.run("doctor", check=None).stdout)


def test_forgetting_says_what_it_found_and_what_it_did(banc, monkeypatch):
    banc.run("sync")
    number, jour = CAS["sans_cv"], f"{wiring.today():%d/%m/%Y}"
    banc.run("forget", str(number), "--oui")
    for arguments in ((), ("--oui",)):  # nothing is asked when there is nothing to do
        assert f"déjà oublié depuis le {jour}" in uni(banc.run("forget", str(number), *arguments).stdout)
    monkeypatch.setattr("sys.stdin", io.StringIO("non\n"))
    refuse = banc.run("forget", "999999")
    assert "n’est pas connu ici : vérifiez" in uni(refuse.stderr)
    assert "Rien n’a été effacé" in refuse.stdout
    assert "n’a pas été oublié" in banc.run("forget", "999999", "--annuler", check=2).stderr
    assert "n’est pas connu ici" in uni(banc.run("forget", "999999", "--oui").stdout)
    assert "déjà oublié" in uni(banc.run("forget", "999999", "--oui").stdout)
    banc.run("forget", "999999", "--annuler")
    with store.verrou(banc.base):
        assert "utilise déjà cette base" in banc.run("forget", str(CAS["complet"]), check=75).stderr


def test_a_dossier_purged_after_a_copy_is_purged_again_once_that_copy_is_put_back(banc):
    banc.run("sync")
    number = CAS["sans_cv"]
    with sqlite3.connect(banc.base) as base:
        base.execute(
            "UPDATE dossiers SET state = 'refuse', modifiee_le = '2020-01-01T00:00:00.000000+00:00' WHERE number = ?",
            (number,),
        )
    banc.run("backup")
    (copie,) = banc.base.with_name("copies").glob("*.sqlite")
    assert "effacés : 1 (1 décidé)" in uni(banc.run("purge").stdout)
    restaurer(banc, copie)
    assert "effacés : 1 (1 décidé)" in uni(banc.run("purge").stdout)


def test_copies_are_looked_after_whatever_the_database_remembers(banc):
    banc.run("sync")
    copies = banc.base.with_name("copies")
    copies.mkdir(mode=0o700)
    vieille = copies / "connector-20200101T000000Z.sqlite"
    vieille.write_bytes(b"")
    assert "garde 1 copie de la base de plus de 30 jours" in uni(banc.run("doctor", check=None).stdout)
    assert "copies de sauvegarde : 1" in uni(banc.run("purge").stdout)
    assert not vieille.exists()
    copies.rmdir()
    copies.touch()
    assert "n’est pas un dossier" in banc.run("backup", check=2).stderr
