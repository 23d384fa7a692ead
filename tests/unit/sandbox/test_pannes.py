"""Scripted failures: what the client sees, and whether the server had acted (contract §1.3, §8)."""

from __future__ import annotations

import random
import time

import pytest
import requests
from petit_monde import NORD

from connector.sandbox.faults import Genre

MOI = "{ demarche(number: 500) { id dossiers { nodes { number } } } }"


def envoie(appel, dossier):
    entree = {"dossierId": dossier.id, "instructeurId": NORD.id, "body": "Bonjour"}
    query = (
        "mutation m($input: DossierEnvoyerMessageInput!) { dossierEnvoyerMessage(input: $input) { message { id } } }"
    )
    return appel.brut(query, input=entree)


def recus(dossier):
    return [m.body for m in dossier.messages].count("Bonjour")


@pytest.mark.parametrize(("genre", "applique"), [(Genre.RESET_AVANT, False), (Genre.RESET_APRES, True)])
def test_a_broken_connection_may_come_before_or_after_the_effect(bac, appel, dossier, genre, applique):
    bac.faults.ajoute(genre, operation="dossierEnvoyerMessage")
    with pytest.raises(requests.ConnectionError):
        envoie(appel, dossier)
    assert recus(dossier) == int(applique)
    assert [e.applied for e in bac.ecritures] == [applique]
    assert envoie(appel, dossier).status_code == 200


@pytest.mark.parametrize(
    ("genre", "statut", "type_contenu"),
    [
        (Genre.ERREUR_500, 500, "application/json; charset=utf-8"),
        (Genre.HTML_502, 502, "text/html"),
        (Genre.HTML_503, 503, "text/html"),
        (Genre.MAINTENANCE, 503, "application/json; charset=utf-8"),
        (Genre.REDIRECTION_301, 301, "text/html; charset=utf-8"),
        (Genre.LIMITE_429, 429, None),
    ],
)
def test_a_refused_call_did_nothing(bac, appel, dossier, genre, statut, type_contenu):
    bac.faults.ajoute(genre)
    recue = envoie(appel, dossier)
    assert (recue.status_code, recue.headers.get("Content-Type")) == (statut, type_contenu)
    assert recus(dossier) == 0


@pytest.mark.parametrize("genre", [Genre.ERREUR_500, Genre.HTML_502, Genre.HTML_503])
def test_a_500_may_hide_an_effect(bac, appel, dossier, genre):
    bac.faults.ajoute(genre, applique=True)
    assert envoie(appel, dossier).status_code >= 500
    assert recus(dossier) == 1


@pytest.mark.parametrize("genre", [Genre.JSON_TRONQUE, Genre.HTML_200])
def test_an_unreadable_answer_comes_after_the_effect(bac, appel, dossier, genre):
    bac.faults.ajoute(genre)
    recue = envoie(appel, dossier)
    assert recue.status_code == 200
    with pytest.raises(ValueError, match=r".*"):
        recue.json()
    assert recus(dossier) == 1


def test_null_data_is_an_answer_too(bac, appel):
    bac.faults.ajoute(Genre.DATA_NULLE)
    assert appel(MOI) == {"data": None}


def test_a_timeout_leaves_holes_and_names_itself_once(bac, appel, monde):
    from petit_monde import depose

    for _ in range(4):
        depose(monde)
    bac.faults.ajoute(Genre.PARTIEL_TIMEOUT)
    corps = appel(MOI)
    assert [n is None for n in corps["data"]["demarche"]["dossiers"]["nodes"]] == [False, False, True, True]
    assert [e.get("extensions") for e in corps["errors"]] == [{"code": "timeout"}, None]
    assert corps["errors"][0]["path"] == ["demarche", "dossiers", "nodes", 2]


def test_a_timeout_while_a_mutation_is_read_back_hides_what_it_did(bac, appel, dossier):
    bac.faults.ajoute(Genre.PARTIEL_TIMEOUT)
    corps = envoie(appel, dossier).json()
    assert corps["data"]["dossierEnvoyerMessage"]["message"] is None
    assert corps["errors"][0]["extensions"] == {"code": "timeout"}
    assert recus(dossier) == 1


def test_a_null_node_comes_with_its_reason(bac, appel, dossier):
    bac.faults.ajoute(Genre.NOEUD_NUL)
    corps = appel(MOI)
    assert corps["data"]["demarche"]["dossiers"]["nodes"] == [None]
    assert corps["errors"][0]["extensions"] == {"code": "invalid_null"}


@pytest.mark.parametrize("genre", [Genre.LATENCE, Genre.REPONSE_LENTE])
def test_a_slow_answer_is_whole(bac, appel, genre):
    bac.faults.ajoute(genre, duree=0.3)
    debut = time.monotonic()
    assert appel(MOI)["data"]
    assert time.monotonic() - debut >= 0.25


def test_a_fault_chooses_its_calls(bac, appel, dossier):
    bac.faults.ajoute(Genre.HTML_502, mutation=True, apres=1, fois=2)
    assert appel.brut(MOI).status_code == 200
    assert [envoie(appel, dossier).status_code for _ in range(4)] == [200, 502, 502, 200]
    bac.faults.ajoute(Genre.HTML_502, quand=lambda a: a.variables.get("x") == 1, fois=None)
    assert appel.brut(MOI, x=1).status_code == 502
    assert appel.brut(MOI, x=2).status_code == 200
    bac.faults.vide()
    assert appel.brut(MOI, x=1).status_code == 200
    assert [genre for genre, _ in bac.faults.vues] == [Genre.HTML_502] * 3


def test_a_named_operation_is_enough_to_choose(bac, appel):
    bac.faults.ajoute(Genre.HTML_502, operation="Page")
    assert appel.brut("query Autre { __typename }").status_code == 200
    assert appel.brut("query Page { __typename }").status_code == 502


def test_chance_is_given_by_the_test_and_repeats(bac, appel):
    genres = (Genre.HTML_502, Genre.MAINTENANCE)
    tirages = []
    for _ in range(2):
        bac.faults.au_hasard(random.Random(7), 0.2, genres)
        tirages.append([appel.brut(MOI).status_code for _ in range(30)])
    assert tirages[0] == tirages[1]
    assert {200, 502, 503} == set(tirages[0])
