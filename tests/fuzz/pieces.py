"""The files that applicants join, once fetched; what the child process answers of them; the links that lead to them."""

from __future__ import annotations

import io
import json
import logging
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import hypothesis.strategies as st
import requests
from urllib3.util import parse_url

from connector import relecture
from connector.core.candidature import ChampLu, Connu, exemple
from connector.core.contenu import Empechement, Examen
from connector.core.correspondance import TypeLogique
from connector.core.examen_piece import constats, suite
from connector.core.model import Piece, VirusScan
from connector.pieces import enfant, relecteur
from connector.sandbox.pieges import SORTES
from connector.sandbox.recit import pdf, word
from tests.fuzz.harnais import TEXTES, Cible, json_altere, octets_alteres

GRAINES = (*(contenu for _, contenu, _ in SORTES.values()), pdf("Curriculum vitae"), word("cv.docx").contenu or b"")
LE = datetime(2026, 3, 2, tzinfo=UTC)


def examiner(entree: bytes) -> None:
    """The bytes of a file, then what is told of it."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    _dire(enfant.examiner(io.BytesIO(entree), io.StringIO()), nom="cv.pdf")


def repondre(entree: bytes) -> None:
    """What the child says on its way out."""
    _dire(relecteur.lire(entree.splitlines(), signal_recu=0), nom="cv.pdf")


PERMIS = {("https", "fichiers.exemple.fr", 443), ("http", "a", 1)}


def suivre(entree: bytes) -> None:
    """A link, which is also the name of the file."""
    lien = entree.decode("utf-8", "surrogatepass")
    sien = relecteur.Relecteur(dossier=Path("/"), hotes=frozenset({"fichiers.exemple.fr"}), origine="http://a:1")
    if sien.permis(lien):
        with suppress(requests.RequestException):  # the library that fetches reads the very host that was allowed
            vu = parse_url(requests.Request("GET", lien).prepare().url or "")
            assert (vu.scheme, vu.host, vu.port or 443) in PERMIS
            assert vu.auth is None
    assert len(relecture.ecart_d_adresse(lien)) < 400
    _dire(Empechement.HOTE, nom=lien)


def _dire(trouve: Examen | Empechement, *, nom: str) -> None:
    piece = Piece(filename=nom, content_type="", byte_size=1, checksum="a", virus_scan=VirusScan.SAFE)
    lu = ChampLu(cle="cv", libelle="CV", lecture=Connu((piece,)), type=TypeLogique.PIECE)
    for constat in constats(exemple(lu), {"a": suite(None, "a", trouve, le=LE)}):
        assert constat.phrase


REPONSES = (
    {"recu": "pdf"},
    {"empechement": "lien"},
    {"examen": {"nature": "pdf", "pages": 3, "defauts": ["script", "lancement"]}},
)
LIENS = st.sampled_from(
    ["https://fichiers.exemple.fr/a?sig=1", "http://a:1/b", "https://fichiers.exemple.fr:443/c", "//a", "https://[::1]"]
)

CIBLES = (
    Cible(nom="contenu", entrees=octets_alteres(GRAINES), lire=examiner),
    Cible(nom="reponse", entrees=json_altere([json.loads(json.dumps(r)) for r in REPONSES]), lire=repondre),
    Cible(
        nom="lien",
        entrees=st.tuples(LIENS, TEXTES, st.integers(0, 40)).map(
            lambda t: (t[0][: t[2]] + t[1] + t[0][t[2] :]).encode("utf-8", "surrogatepass")
        ),
        lire=suivre,
    ),
)
