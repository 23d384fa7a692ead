"""What every command says, read by a French printer's eye: apostrophes, no-break spaces, and no programmer's word."""

from __future__ import annotations

import re

import pytest
from openpyxl import Workbook

from connector.sandbox.monde import CAS, DEMARCHE

SANS_CV, COMPLET = str(CAS["sans_cv"]), str(CAS["complet"])

FAUTES = (
    re.compile(r"[^\W\d_]'[^\W\d_]"),  # a straight apostrophe
    re.compile(r"\S [;!?»](?=[\s,.)]|$)|\S [:](?=[\s)]|$)|« \S"),  # a space where a line may break
    re.compile(r"\b(?:KO|a_verifier|sans_objet|None|True|False)\b"),
    re.compile(r"\([^()\n]*\([^()\n]*\)[^()\n]*\)"),  # brackets within brackets
)

COMMANDES = (
    ("decide", "LISTE"),
    ("plan",),
    ("plan", SANS_CV),
    ("sync",),
    ("sync",),
    ("status",),
    ("explain", SANS_CV),
    ("explain", COMPLET),
    ("explain", "1"),
    ("rules",),
    ("decide",),
    ("decide", "absent.xlsx"),
    ("report",),
    ("report", "--concordance"),
    ("report", "--commission"),
    ("report", "--commission"),
    ("import", "liste"),
    ("import", "retirer", "99"),
    ("import", "zonage", "absent.csv", "--arrete", "l'arrêté", "--date-effet", "01/06/2025"),
    ("doctor",),
    ("audit",),
    ("preview", "relance_1"),
    ("preview", "relance"),
    ("preview", "pieces", SANS_CV),
    ("bulletin",),
    ("alert",),
    ("alert", "--essai"),
    ("retry", "1"),
    ("retry", "--all"),
    ("pause", "--raison", "l'été"),
    ("status",),
    ("resume",),
    ("resume",),
    ("purge", "--simuler"),
    ("forget", "1", "--oui"),
    ("journal",),
    ("export-person", "--cherche", "introuvable"),
    ("backup", "/nulle/part"),
    ("status", "--check"),
)


def fautes(texte: str) -> list[str]:
    """Each line with a fault, and the fault; what is to be typed, or read by a machine, is no French."""
    lines = [re.sub(r"https?://\S+|\[[\w.\[\]-]*\]|=\s*\"[^\"]*\"", "", line) for line in texte.splitlines()]
    return [f"{found.group()!r} dans {line!r}" for line in lines for f in FAUTES for found in [f.search(line)] if found]


def liste(banc) -> str:
    """A list of the commission in which one decision cannot be carried out."""
    classeur = Workbook()
    for row in (("Dossier", "Décision"), (int(SANS_CV), "Retenu")):
        classeur.active.append(row)
    chemin = banc.chemin.parent / "liste.xlsx"
    classeur.save(chemin)
    return str(chemin)


def test_what_every_command_says_is_french_print(seance, monkeypatch):
    banc = seance
    monkeypatch.chdir(banc.chemin.parent)
    trouvees = {}
    for arguments in COMMANDES:
        fait = banc.run(*(liste(banc) if a == "LISTE" else a for a in arguments), check=None)
        assert "Traceback" not in fait.stderr, arguments
        trouvees |= {f"{' '.join(arguments)} : {f}": 1 for f in fautes(f"{fait.stdout}\n{fait.stderr}")}
    assert list(trouvees) == []


@pytest.mark.parametrize(
    "mauvaise",
    ["l'arrêté", "quoi ?", "« mot »", "avis a_verifier", "KO sinon", "un (deux (trois))", "cause : effet"],
)
def test_a_fault_of_each_kind_is_found(mauvaise):
    assert fautes(mauvaise)


def test_what_is_typed_or_addressed_is_no_fault():
    assert (
        fautes(f"http://127.0.0.1:8042/ [decisions] démarche {DEMARCHE}, 9 h 05 : oui".replace(" :", "\u00a0:")) == []
    )
