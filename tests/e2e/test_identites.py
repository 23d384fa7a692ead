"""Who people are is kept in two tables and nowhere else, whatever they typed and whatever was said of their dossier."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from connector import store
from connector.sandbox import scenario
from connector.sandbox.monde import CAS

NOM, PRENOM, RPPS, COURRIEL = "Canaribel", "Zéphyrine", "10000000009", "canari.candidate@exemple.fr"
DEPOSANT, AGENT, EXPERT = "canari.deposant@exemple.fr", "canari.agent@exemple.fr", "canari.collegue@exemple.fr"
APART = {"identites", "identites_agents"}
CANARIS = (NOM, PRENOM, RPPS, COURRIEL, DEPOSANT, AGENT, EXPERT)
SAISIES = {"Nom du candidat": NOM, "Prénom du candidat": PRENOM, "N° RPPS": RPPS, "Courriel du candidat": COURRIEL}


def tables(chemin):
    """Every table, as one text."""
    with closing(sqlite3.connect(chemin)) as base:
        noms = [nom for (nom,) in base.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {nom: repr(base.execute(f"SELECT * FROM {nom}").fetchall()) for nom in noms}


def ou(chemin, canari):
    """The tables where that text can be read, escaped or not."""
    formes = {canari, json.dumps(canari)[1:-1], canari.casefold(), canari.upper()}
    return {nom for nom, texte in tables(chemin).items() if any(forme in texte for forme in formes)}


@pytest.fixture
def nomme(petit_banc):
    """Dossiers, a complete one and one that lacks a piece, where everybody has a name that is nobody else's."""
    world = petit_banc.world
    for nom in ("complet", "sans_cv"):
        dossier = world.dossiers[CAS[nom]]
        dossier.usager = replace(dossier.usager, email=DEPOSANT)
        scenario.usager_corrige(world, dossier.number, SAISIES)
        scenario.usager_envoie_message(world, dossier.number, "Bonjour.")
    groupes = world.demarches[dossier.demarche].groupes
    agents = {a.number: a for g in groupes for a in g.instructeurs if "connecteur" not in a.email}
    nommes = {n: replace(a, email=e) for (n, a), e in zip(sorted(agents.items()), (AGENT, EXPERT), strict=False)}
    world.instructeurs |= nommes
    for groupe in groupes:
        groupe.instructeurs[:] = [nommes.get(agent.number, agent) for agent in groupe.instructeurs]
    return petit_banc


def test_who_people_are_is_found_in_the_tables_made_for_it_and_in_no_other(nomme):
    banc = nomme
    banc.run("sync")
    scenario.instructeur_decide(banc.world, CAS["complet"], "accepte", motivation="Bon projet.")
    banc.run("sync", "--complet")
    banc.run("backup", str(banc.base.parent))
    banc.run("export-person", "--cherche", NOM)
    assert {canari for canari in CANARIS if ou(banc.base, canari)} >= set(CANARIS) - {EXPERT}
    assert {canari: ou(banc.base, canari) - APART for canari in CANARIS} == {canari: set() for canari in CANARIS}


def test_what_cannot_be_read_of_an_identity_is_not_repeated(nomme):
    banc = nomme
    for saisi in ("canari sans arobase", "canaridouze"):
        scenario.usager_corrige(banc.world, CAS["sans_cv"], {"Courriel du candidat": saisi, "N° RPPS": f"{saisi} 12"})
        banc.run("sync")
        assert ou(banc.base, saisi) <= APART
        assert not any(saisi in message for message in banc.messages(CAS["sans_cv"]))


def test_the_commission_s_list_and_the_answers_to_a_person_still_have_the_names(nomme, tmp_path):
    banc = nomme
    banc.run("sync")
    told = json.loads(banc.run("export-person", str(CAS["complet"])).stdout)
    assert told["reponses"]["Nom du candidat"] == NOM
    assert told["deposant"] == {"courriel": DEPOSANT}
    assert set(banc.run("export-person", "--cherche", PRENOM).stdout.split()) == {
        str(CAS["complet"]),
        str(CAS["sans_cv"]),
    }


def test_a_key_declared_later_is_taken_apart_in_what_is_stored_already_and_nothing_is_written(nomme):
    banc = nomme
    text = banc.chemin.read_text(encoding="utf-8")
    autre = text.replace("\nprenom = {", "\nautre_nom = {")
    assert autre != text
    banc.chemin.write_text(autre, encoding="utf-8")
    for _ in range(2):
        banc.run("sync")
    assert ou(banc.base, PRENOM) == {"dossiers"}
    with store.ouvrir(banc.base) as base:
        avant = base.dossiers.dossier(CAS["complet"])[0]
    banc.chemin.write_text(text, encoding="utf-8")
    banc.bac.reset()
    banc.run("sync")
    assert ou(banc.base, PRENOM) == {"identites"}
    assert banc.bac.compteurs.mutations == 0
    with store.ouvrir(banc.base) as base:
        assert base.dossiers.dossier(CAS["complet"])[0] == avant
