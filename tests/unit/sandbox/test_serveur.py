"""The door: tokens, limits, what is and is not GraphQL (contract §1)."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import threading

import pytest
import requests
from petit_monde import Appelant, depose, monde, refus

from connector.sandbox.server import Sandbox
from connector.sandbox.world import Fichier

FICHIERS = (
    "query f($n: Int!) { dossier(number: $n) { champs { ... on PieceJustificativeChamp { files { url checksum } } } } }"
)
PIECES = "query p($n: Int!) { dossier(number: $n) { messages { attachments { virusScanResult } } } }"
MOI = "{ demarche(number: 500) { id } }"


def test_it_listens_on_loopback_unless_told_otherwise(bac):
    assert bac._serveur.server_address[0] == "127.0.0.1"


def test_the_control_door_is_closed_beyond_loopback(monde):
    assert Sandbox(monde, controle=True).controle
    assert not Sandbox(monde, controle=True, hote="0.0.0.0").controle


@pytest.mark.parametrize(
    "entete", ["Bearer ecrit", "Bearer token=ecrit", 'Bearer token="ecrit"', 'Token token="ecrit"']
)
def test_a_token_is_read_in_any_of_its_forms(bac, entete):
    recue = requests.post(bac.endpoint, json={"query": MOI}, headers={"Authorization": entete}, timeout=5)
    assert recue.json()["data"]["demarche"]["id"]


@pytest.mark.parametrize("entete", ["bearer ecrit", "Basic ecrit", "Bearer", "Bearer inconnu"])
def test_nobody_may_only_use_stored_documents(bac, entete):
    recue = requests.post(bac.endpoint, json={"query": MOI}, headers={"Authorization": entete}, timeout=5)
    assert recue.status_code == 403
    assert recue.json()["errors"][0]["extensions"]["code"] == "forbidden"


def test_a_token_is_refused_from_another_network_before_its_expiry_is_looked_at(bac):
    recue = Appelant(bac, "loin").brut(MOI)
    assert recue.status_code == 403
    assert "Add 127.0.0.1/32 to your allowed adresses" in recue.json()["errors"][0]["message"]


def test_a_token_is_good_until_the_end_of_its_last_day(bac, monde, horloge):
    monde.jetons["perime"].expire_le = horloge().date()
    assert Appelant(bac, "perime").brut(MOI).status_code == 200
    horloge.avance(days=1)
    recue = Appelant(bac, "perime").brut(MOI)
    assert (recue.status_code, recue.json()["errors"][0]["message"]) == (401, "Token expired")


def test_four_hundred_posts_a_minute_then_plain_text_until_the_next_window(bac, appel, horloge):
    assert all(appel.brut("{ __typename }").status_code == 200 for _ in range(400))
    trop = appel.brut("{ __typename }")
    assert trop.status_code == 429
    assert trop.headers["RateLimit-Remaining"] == "0"
    assert int(trop.headers["RateLimit-Reset"]) == int(horloge().timestamp()) + 60
    assert "Retry-After" not in trop.headers
    assert "cowboy" in trop.text
    assert Appelant(bac, "lit").brut("{ __typename }").status_code == 200
    horloge.avance(seconds=60)
    assert appel.brut("{ __typename }").status_code == 200
    assert bac.compteurs.refuses == 1


def test_a_request_without_authorization_is_not_counted(monde):
    with Sandbox(monde, limite=1) as bac:
        statuts = [requests.post(bac.endpoint, json={"query": MOI}, timeout=5).status_code for _ in range(3)]
    assert statuts == [403, 403, 403]


@pytest.mark.parametrize(
    ("corps", "statut", "message", "code"),
    [
        (b'{"query": ', 400, "unexpected end of input at line 1 column 11", "bad_request"),
        (b"pas du json", 400, "unexpected character: 'pas' at line 1 column 1", "bad_request"),
        (b'{"query": "{ __typename }", "variables": 3}', 400, "Unexpected parameter: 3", "bad_request"),
        (b"[]", 200, "No query string was present", None),
        (b"", 200, "No query string was present", None),
    ],
)
def test_a_body_that_is_no_request_is_refused_as_there(bac, corps, statut, message, code):
    entetes = {"Authorization": "Bearer ecrit", "Content-Type": "application/json"}
    recue = requests.post(bac.endpoint, data=corps, headers=entetes, timeout=5)
    faute = recue.json()["errors"][0]
    assert (recue.status_code, faute["message"]) == (statut, message)
    assert faute.get("extensions", {}).get("code") == code


def test_variables_may_come_as_json_in_a_string(appel):
    query = "query a($n: Int!) { demarche(number: $n) { number } }"
    corps = {"query": query, "variables": json.dumps({"n": 500})}
    recue = appel.session.post(appel.sandbox.endpoint, json=corps, timeout=5)
    assert recue.json() == {"data": {"demarche": {"number": 500}}}


def test_an_unknown_stored_document_breaks_the_server(bac, appel):
    recue = appel.session.post(bac.endpoint, json={"queryId": "inconnu"}, timeout=5)
    assert recue.status_code == 500
    assert recue.json()["errors"][0]["extensions"]["exception_id"]


def test_the_schema_can_be_asked_for_with_a_token_and_not_without(bac, appel):
    query = '{ __type(name: "AnnotationValueInput") { inputFields { name } } }'
    noms = {f["name"] for f in appel(query)["data"]["__type"]["inputFields"]}
    assert {"text", "dropDownList", "repetition"} <= noms
    assert requests.post(bac.endpoint, json={"query": query}, timeout=5).status_code == 403


def test_what_is_not_the_api_is_a_page_of_html(bac):
    for methode, chemin in (("GET", "/api/v2/graphql"), ("POST", "/ailleurs"), ("PUT", "/ailleurs")):
        recue = requests.request(methode, bac.url + chemin, timeout=5)
        assert (recue.status_code, recue.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_the_page_of_the_instructeurs_is_served(bac, dossier):
    for chemin, statut in (("/", 200), (f"/dossiers/{dossier.number}", 200), ("/dossiers/1", 404)):
        recue = requests.get(bac.url + chemin, timeout=5)
        assert (recue.status_code, recue.headers["Content-Type"]) == (statut, "text/html; charset=utf-8")


def test_another_page_may_be_served(monde):
    with Sandbox(monde, page=lambda world, _: (200, "text/plain", str(len(world.demarches)).encode())) as bac:
        assert requests.get(bac.url + "/", timeout=5).text == "2"


def test_a_stopped_sandbox_refuses_connections_and_comes_back_on_its_port(monde):
    bac = Sandbox(monde).start()
    ouverte = Appelant(bac)
    assert ouverte(MOI)["data"]
    bac.stop()
    with pytest.raises(requests.ConnectionError):
        ouverte(MOI)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", bac.port), timeout=1)
    with bac:
        assert Appelant(bac)(MOI)["data"]


def test_the_counters_tell_reads_from_mutations(bac, appel, dossier):
    appel(MOI)
    appel.mute("dossierAjouterLabel", "label { id }", dossierId=dossier.id, labelId="TGFiZWwtNTAz")
    assert (bac.compteurs.lectures, bac.compteurs.mutations, bac.compteurs.posts) == (1, 1, 2)
    assert bac.compteurs.operations["m"] == 1
    bac.reset()
    assert (bac.compteurs.posts, bac.ecritures) == (0, [])


# --- files


def test_a_file_is_downloaded_by_its_link_for_an_hour_without_a_token(appel, dossier, horloge):
    lus = appel(FICHIERS, n=dossier.number)
    (fichier,) = next(c["files"] for c in lus["data"]["dossier"]["champs"] if c.get("files"))
    recue = requests.get(fichier["url"], timeout=5)
    assert recue.content == b"%PDF-1.4"
    assert fichier["checksum"] == base64.b64encode(hashlib.md5(b"%PDF-1.4", usedforsecurity=False).digest()).decode()
    horloge.avance(hours=1, seconds=1)
    assert requests.get(fichier["url"], timeout=5).status_code == 404


def test_a_tampered_link_gives_nothing(appel, dossier):
    lus = appel("query p($n: Int!) { dossier(number: $n) { pdf { url } } }", n=dossier.number)
    url = lus["data"]["dossier"]["pdf"]["url"]
    assert requests.get(url, timeout=5).status_code == 200
    assert requests.get(url[:-1] + "0" * (url[-1] != "0") + "1" * (url[-1] == "0"), timeout=5).status_code == 401


def televerse(appel, dossier, contenu, **mais):
    somme = base64.b64encode(hashlib.md5(contenu, usedforsecurity=False).digest()).decode()
    entree = {"filename": "note.pdf", "byteSize": len(contenu), "checksum": somme, "contentType": "application/pdf"}
    query = (
        "mutation u($input: CreateDirectUploadInput!) "
        "{ createDirectUpload(input: $input) { directUpload { url headers signedBlobId } } }"
    )
    return appel(query, input={"dossierId": dossier.id, **entree, **mais})["data"]["createDirectUpload"]["directUpload"]


def test_an_upload_is_checked_when_its_bytes_come_then_attached_to_a_message(bac, appel, dossier):
    donne = televerse(appel, dossier, b"note")
    entetes = json.loads(donne["headers"])
    assert requests.put(donne["url"], data=b"autre", headers=entetes, timeout=5).status_code == 422
    assert requests.put(donne["url"], data=b"note", headers=entetes, timeout=5).status_code == 204
    envoi = {"dossierId": dossier.id, "instructeurId": "SW5zdHJ1Y3RldXItMTE=", "body": "Voici"}
    rendu = "message { attachments { filename virusScanResult } }"
    payload = appel.mute("dossierEnvoyerMessage", rendu, **envoi, attachment=donne["signedBlobId"])
    assert payload["message"]["attachments"] == [{"filename": "note.pdf", "virusScanResult": "pending"}]
    lus = appel(PIECES, n=dossier.number)
    assert lus["data"]["dossier"]["messages"][-1]["attachments"] == [{"virusScanResult": "safe"}]


def test_bytes_that_never_came_or_an_unknown_id_are_refused(appel, dossier):
    donne = televerse(appel, dossier, b"note")
    envoi = {"dossierId": dossier.id, "instructeurId": "SW5zdHJ1Y3RldXItMTE=", "body": "Voici"}
    absent = appel.mute("dossierEnvoyerMessage", "message { id }", **envoi, attachment=donne["signedBlobId"])
    assert refus(absent) == ["Le fichier n’a pas été correctement téléversé sur le serveur de stockage"]
    inconnu = appel.mute("dossierEnvoyerMessage", "message { id }", **envoi, attachment="n'importe quoi")
    assert refus(inconnu) == ["L’identifiant du fichier téléversé est invalide"]


def test_a_program_is_no_attachment(appel, dossier):
    donne = televerse(appel, dossier, b"MZ", contentType="application/x-msdownload")
    requests.put(donne["url"], data=b"MZ", headers=json.loads(donne["headers"]), timeout=5)
    envoi = {"dossierId": dossier.id, "instructeurId": "SW5zdHJ1Y3RldXItMTE=", "body": "Voici"}
    payload = appel.mute("dossierEnvoyerMessage", "message { id }", **envoi, attachment=donne["signedBlobId"])
    assert len(refus(payload)) == 1


def test_a_synthetic_file_has_as_many_bytes_as_it_says(appel, monde):
    dossier = depose(monde, valeurs={"CV": [Fichier(filename="gros.pdf", taille=1000, checksum="x")]})
    query = (
        '{ dossier(number: %d) { champs(id: "Q2hhbXAtNQ==") { ... on PieceJustificativeChamp { files { url } } } } }'
    )
    (champ,) = appel(query % dossier.number)["data"]["dossier"]["champs"]
    assert len(requests.get(champ["files"][0]["url"], timeout=5).content) == 1000


# --- the control door


def test_another_process_scripts_faults_and_acts_through_the_control_door(monde):
    dossier = depose(monde)
    with Sandbox(monde, controle=True) as bac:
        porte = bac.url + "/_controle/"
        requests.post(porte + "pannes", json={"genre": "html_502"}, timeout=5)
        assert Appelant(bac).brut(MOI).status_code == 502
        acte = {"acte": "usager_envoie_message", "arguments": {"dossier": dossier.number, "corps": "Bonjour"}}
        assert requests.post(porte + "acte", json=acte, timeout=5).json()["lectures"] == 1
        assert dossier.messages[-1].body == "Bonjour"
        assert requests.post(porte + "oublie", timeout=5).json()["lectures"] == 0
        assert requests.post(porte + "autre", timeout=5).status_code == 404


def test_the_control_door_is_closed_unless_asked_for(bac):
    assert requests.post(bac.url + "/_controle/oublie", timeout=5).status_code == 404


# --- concurrency


def test_four_simultaneous_passages_all_succeed_and_leave_four_traces(horloge):
    world = monde(horloge)
    dossier = depose(world)
    payloads = []
    with Sandbox(world, fenetre=0.3) as bac:

        def passe():
            entree = {"dossierId": dossier.id, "instructeurId": "SW5zdHJ1Y3RldXItMTE="}
            payloads.append(Appelant(bac).mute("dossierPasserEnInstruction", **entree))

        fils = [threading.Thread(target=passe) for _ in range(4)]
        for fil in fils:
            fil.start()
        for fil in fils:
            fil.join()
    assert [p["errors"] for p in payloads] == [None] * 4
    assert [t.event for t in dossier.traitements] == ["depose", "passe_en_instruction", *["repasse_en_instruction"] * 3]
