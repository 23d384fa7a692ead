"""Words: what applicants and agents type, what labels say, the references of our messages, what logs keep of them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as st

from connector import logs
from connector.amorce.commande import amorcer
from connector.amorce.depart import Commande
from connector.api import lecture
from connector.api.documents import document
from connector.config.sections import URL_DS
from connector.core import candidature, cles, courrier, decisions, empreintes, textes, typographie
from connector.core.correspondance import TypeLogique
from connector.sandbox.monde import DEMARCHE
from tests.fuzz import ds
from tests.fuzz.harnais import TEXTES, Cible, json_altere, octets_alteres

MOTS: dict[str, Callable[[str], object]] = {
    "reference": empreintes.reference_in,
    "empreinte": empreintes.of_text,
    "annonce": courrier.annonce_une_suite,
    "typographie": typographie.composer,
    "normaliser": textes.normaliser,
    "proche": lambda t: textes.suggestion(t[:500], ["Synthèse", "Avis", "Zone"]),
    "citer": textes.citer,
    "sens": decisions.sens_de,
    "nombre": candidature.lire_nombre,
    "date": candidature.lire_date,
    "journal": logs.redact,
    "rpps": cles.rpps_valide,
    "finess": cles.finess_valide,
    "qpv": cles.code_qpv,
    "commune": cles.code_commune,
    "region": cles.code_region,
} | {f"valeur {type_}": (lambda t, type_=type_: candidature.lire_valeur(type_, t)) for type_ in TypeLogique}


def lire_mots(entree: bytes) -> None:
    """Any text, read in every way; twice where twice should change nothing."""
    texte = entree.decode("utf-8", "replace")
    for lire in MOTS.values():
        lire(texte)
    compose = typographie.composer(texte)
    assert typographie.composer(compose) == compose
    assert logs.redact(logs.redact(texte)) == logs.redact(texte)


PHRASES = [
    phrase.encode()
    for phrase in (
        "Bonjour,\n\nRéf.\u00a0: 24100016-0123456789\n",
        "nous vous transmettrons la convention dès que possible !",
        "écrire à rh@hopital.exemple.fr ; https://stockage.exemple.fr/v1/cv.pdf?temp_url_sig=ab&temp_url_expires=1",
        "Authorization: Bearer MTIzNDU2Nzg5MDEyMzQ1Njc4OTA7YWJjZGVmZ2hpamtsbW5vcHFy",
        "du 1er mai 2024 au 31/12/2026 : 1 200,50 € (50 %), dossier n° 12 « à revoir » ?",
        "10 00 00 00 009",
        "2A0000123",
        "QP037001",
        "37001.0",
        "nous le ferons vous parvenir",
    )
]


@cache
def formulaire() -> dict[str, Any]:
    """The form of the sandbox, as DS tells it."""
    reponse = ds.Serveur(ds.petit_monde())(document("demarche"), {"number": DEMARCHE})
    assert reponse is not None
    return dict(reponse["data"]["demarche"])


def lire_formulaire(entree: bytes) -> None:
    """A démarche of anybody, turned into a first configuration."""
    try:
        brut = json.loads(entree)
        demarche = lecture.demarche(brut)
    except (ValueError, RecursionError):
        return
    with tempfile.TemporaryDirectory() as dossier:
        commande = Commande(
            numero=DEMARCHE,
            url=URL_DS,
            jeton={"variable": "DS_JETON"},
            sortie=Path(dossier) / "config.toml",
            region="24",
        )
        amorcer(commande, demarche, choisir=None, environ={}, le=date(2026, 11, 22))


CIBLES = (
    Cible(
        nom="mots", entrees=TEXTES.map(lambda t: t.encode("utf-8", "replace")) | octets_alteres(PHRASES), lire=lire_mots
    ),
    Cible(nom="formulaire", entrees=st.deferred(lambda: json_altere([formulaire()])), lire=lire_formulaire),
)
