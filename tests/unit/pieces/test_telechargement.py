"""One file fetched: the very bytes that DS announced, from where it said, without a word about us."""

from __future__ import annotations

import gzip
import io
import time

import pytest

from connector.core.contenu import Empechement
from connector.pieces.telechargement import recevoir

CONTENU = b"%PDF-1.4 " + b"x" * 200_000


def recu(depot, piece, **changes):
    fichier = io.BytesIO()
    options = {"octets": piece.byte_size, "checksum": piece.checksum, "silence": 5.0} | changes
    return recevoir(depot.lien, fichier, **options), fichier.getvalue()


def test_the_bytes_that_were_announced_are_received(depot):
    piece = depot.pose(CONTENU)
    assert recu(depot, piece) == (None, CONTENU)


def test_nothing_of_ours_goes_with_the_request(depot, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login moi password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    recu(depot, depot.pose(CONTENU))
    (headers,) = depot.recues
    assert {nom.lower() for nom in headers} <= {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("statut", [301, 302, 303, 307, 308])
def test_a_redirection_is_not_followed(depot, statut):
    piece = depot.pose(b"")
    depot.statut, depot.entetes = statut, {"Location": f"{depot.url}/ailleurs"}
    assert recu(depot, piece) == (Empechement.REDIRECTION, b"")
    assert len(depot.recues) == 1


@pytest.mark.parametrize("ailleurs", ["http://[::1", "http://\xff:port/", "//", "\\\\autre"])
def test_a_redirection_is_neither_understood_nor_read(depot, ailleurs):
    piece = depot.pose(b"")
    depot.statut, depot.pause = 302, 0.05
    depot.entetes = {"Location": ailleurs, "Content-Encoding": "gzip", "Content-Length": str(10**9)}
    depot.morceaux = [gzip.compress(bytes(10_000_000))] * 200
    began = time.monotonic()
    assert recu(depot, piece) == (Empechement.REDIRECTION, b"")
    assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("entetes", "cause"),
    [
        ({"Content-Length": "10"}, Empechement.EMPREINTE),
        ({"Content-Length": "5, 6"}, Empechement.RESEAU),
        ({"Content-Length": str(10**18)}, Empechement.RESEAU),
        ({"Content-Length": "beaucoup"}, None),
        ({"Content-Length": "-1"}, None),
        ({"Transfer-Encoding": "chunked"}, Empechement.RESEAU),
    ],
)
def test_what_an_answer_says_of_its_length_is_not_believed(depot, entetes, cause):
    piece = depot.pose(CONTENU)
    depot.entetes = entetes
    assert recu(depot, piece)[0] is cause


@pytest.mark.parametrize(
    ("statut", "cause"),
    [
        (401, Empechement.LIEN),
        (403, Empechement.LIEN),
        (404, Empechement.LIEN),
        (410, Empechement.LIEN),
        (400, Empechement.REPONSE),
        (204, Empechement.REPONSE),
        (206, Empechement.REPONSE),
        (300, Empechement.REPONSE),
        (304, Empechement.REPONSE),
        (416, Empechement.REPONSE),
        (429, Empechement.REPONSE),
        (500, Empechement.RESEAU),
        (503, Empechement.RESEAU),
    ],
)
def test_what_the_storage_refuses_is_told_apart(depot, statut, cause):
    piece = depot.pose(b"")
    depot.statut = statut
    assert recu(depot, piece)[0] is cause


def test_a_packed_answer_is_refused_before_a_byte_of_it_is_unpacked(depot):
    piece = depot.pose(CONTENU)
    depot.morceaux, depot.entetes = [gzip.compress(bytes(50_000_000))], {"Content-Encoding": "gzip"}
    assert recu(depot, piece) == (Empechement.REPONSE, b"")


@pytest.mark.parametrize("entetes", [{}, None])
def test_no_more_than_one_byte_beyond_what_was_announced_is_read(depot, entetes):
    piece = depot.pose(CONTENU)
    depot.morceaux, depot.entetes = [CONTENU] * 50, entetes
    empechement, ecrit = recu(depot, piece)
    assert empechement is Empechement.EMPREINTE
    assert len(ecrit) == piece.byte_size + 1


def test_other_bytes_than_announced_are_not_believed(depot):
    piece = depot.pose(CONTENU)
    depot.morceaux = [CONTENU[:-1] + b"y"]
    assert recu(depot, piece)[0] is Empechement.EMPREINTE


def test_a_file_cut_short_is_a_failure_of_the_network(depot):
    piece = depot.pose(CONTENU)
    depot.morceaux, depot.entetes = [CONTENU[:1000]], {"Content-Length": str(len(CONTENU))}
    assert recu(depot, piece)[0] is Empechement.RESEAU


def test_a_silence_is_given_up(depot):
    piece = depot.pose(CONTENU)
    depot.pause_avant = 1.0
    assert recu(depot, piece, silence=0.2)[0] is Empechement.RESEAU


@pytest.mark.parametrize("lien", ["", "http://", "ftp://fichiers.exemple.fr/a", "http://127.0.0.1:1/a"])
def test_a_link_that_leads_nowhere_is_a_failure_of_the_network(lien):
    assert recevoir(lien, io.BytesIO(), octets=1, checksum="") is Empechement.RESEAU


def test_an_unknown_certificate_is_refused_whatever_the_environment_says(depot_chiffre, certificat, monkeypatch):
    piece = depot_chiffre.pose(CONTENU)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificat))
    assert recu(depot_chiffre, piece) == (Empechement.RESEAU, b"")
    assert depot_chiffre.recues == []
    assert recu(depot_chiffre, piece, ca=str(certificat)) == (None, CONTENU)
