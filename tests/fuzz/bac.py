"""The sandbox's own door: requests, documents, forms; it listens on a machine where others may talk to it."""

from __future__ import annotations

import json

import hypothesis.strategies as st

from connector.sandbox.monde import CAS, DEMARCHE, JETON_ECRITURE
from connector.sandbox.server import Sandbox
from tests.fuzz import ds
from tests.fuzz.harnais import TEXTES, VALEURS, Cible, en_octets, json_altere, octets_alteres

NOMS = ("page", "dossier", "demarche", "reperes", "suppressions", "modifier_annotations", "envoyer_message", "accepter")
VARIABLES = {
    "number": CAS["complet"],
    "demarche": DEMARCHE,
    "first": 3,
    "updatedSince": "2026-01-01T00:00:00Z",
    "input": {"dossierId": "RG9zc2llci0x", "instructeurId": "SW5zdHJ1Y3RldXItMQ==", "annotations": [], "body": "x"},
}


def lire_demande(entree: bytes) -> None:
    """« Content-Type », then the body of a POST."""
    genre, _, corps = entree.partition(b"\n")
    bac = Sandbox(ds.petit_monde(), limite=10**6)
    entetes = {"Content-Type": genre.decode("latin-1"), "Authorization": f"Bearer {JETON_ECRITURE}"}
    reponse, _ = bac.graphql(corps, entetes, "127.0.0.1")
    assert reponse is None or reponse.statut < 600


def lire_adresse(entree: bytes) -> None:
    """The path of a GET, and the value of an « Authorization »."""
    chemin, _, autorisation = entree.decode("latin-1").partition("\n")
    bac = Sandbox(ds.petit_monde(), limite=10**6)
    bac.page(bac.world, chemin)
    bac.fichier(chemin)
    bac.pdf(chemin)
    bac.depose(chemin, b"x", "text/plain")
    bac.graphql(b'{"query": "{ __typename }"}', {"Authorization": autorisation}, "127.0.0.1")


def _demandes() -> list[object]:
    return [{"query": ds.texte_de(nom), "variables": VARIABLES, "operationName": None} for nom in NOMS]


GENRES = st.sampled_from([b"application/json", b"application/x-www-form-urlencoded", b"", b"\xff"])
CORPS = st.one_of(
    st.deferred(lambda: json_altere(_demandes())),
    st.deferred(lambda: octets_alteres([en_octets(demande) for demande in _demandes()])),
    st.deferred(lambda: octets_alteres([ds.texte_de(nom).encode() for nom in NOMS])).map(
        lambda texte: json.dumps({"query": texte.decode("utf-8", "replace"), "variables": VARIABLES}).encode()
    ),
    VALEURS.map(
        lambda valeur: en_octets({"query": "query q($x: Int) { demarche(number: $x) { id } }", "variables": valeur})
    ),
    st.sampled_from(
        [
            b'{"query": "' + b"{ a " * 5_000 + b'"}',
            b'{"query": "{ demarche(number: ' + b"[" * 5_000 + b'1) { id } }"}',
            b'{"query": "fragment f on Dossier { ...f } { dossier(number: 1) { ...f } }"}',
            b"[" * 100_000,
            b"query=%7B&variables=%FF",
        ]
    ),
)
ADRESSES = st.sampled_from(["/", "/dossiers/1", "/rails/active_storage/disk/x", "/api/v2/graphql?locale=fr", "//", "?"])
CHEMINS = st.tuples(ADRESSES, TEXTES, st.sampled_from(["", "Bearer ", "Token token="]), TEXTES).map(
    lambda t: (
        f"{t[0]}{t[1]}".replace("\n", "").encode("utf-8", "replace") + f"\n{t[2]}{t[3]}".encode("utf-8", "replace")
    )
)

CIBLES = (
    Cible(nom="demande", entrees=st.tuples(GENRES, CORPS).map(b"\n".join), lire=lire_demande),
    Cible(nom="adresse", entrees=CHEMINS, lire=lire_adresse),
)
