"""The instructors' guide is held to the program: every annotation, label, option and picture it should explain."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from connector.core.constat import AvisPropose
from connector.core.decisions import Sens
from connector.core.poste import Evenement
from connector.core.textes import normaliser
from connector.sandbox import formulaire

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guide-instructeur.fr.md").read_text(encoding="utf-8")
CARTE = tomllib.loads((ROOT / "config.example.toml").read_text(encoding="utf-8"))["correspondance"]
POIDS_MAXIMUM = 200_000


def libelles(section: str) -> list[str]:
    return [v["libelle"] if isinstance(v, dict) else v for v in CARTE[section].values()]


def lignes(colonne: str) -> list[str]:
    """The tables of the guide, row by row, whose head begins with that word."""
    tables = re.findall(r"((?:^\|.*\n)+)", GUIDE, re.MULTILINE)
    return [row for t in tables if normaliser(t.split("|")[1]).startswith(colonne) for row in t.splitlines()[2:]]


@pytest.mark.parametrize("libelle", libelles("annotations"))
def test_each_annotation_that_the_connector_writes_is_explained(libelle):
    explained = [row for row in lignes("annotation du connecteur") if normaliser(f"« {libelle} »") in normaliser(row)]
    assert len(explained) == 1, libelle


@pytest.mark.parametrize("libelle", libelles("saisies"))
def test_each_annotation_that_people_fill_is_explained(libelle):
    assert any(normaliser(f"« {libelle} »") in normaliser(row) for row in lignes("annotation")), libelle


@pytest.mark.parametrize("libelle", libelles("labels"))
def test_each_label_is_explained(libelle):
    assert any(normaliser(f"« {libelle} »") in normaliser(row) for row in lignes("label")), libelle


def test_each_opinion_each_decision_and_each_event_is_explained():
    (avis,) = (row for row in lignes("annotation du connecteur") if "Avis proposé" in row)
    assert all(f"**{a.value}**" in avis.replace("’", "'") for a in AvisPropose)
    assert [row.split("|")[1].strip().replace("’", "'") for row in lignes("vous choisissez")] == [
        s.value for s in (Sens.RETENU, Sens.NON_RETENU, Sens.SANS_SUITE, Sens.LISTE_D_ATTENTE, Sens.REORIENTATION)
    ]
    assert [row.split("|")[1].strip() for row in lignes('" evenement')] == [e.value for e in Evenement]


def test_the_reference_form_has_nothing_that_the_guide_does_not_name():
    noms = [d.label for d in formulaire.annotations_privees() if d.type != "header_section"]
    noms += [nom for nom, _ in formulaire.LABELS]
    assert [nom for nom in noms if normaliser(f"« {nom} »") not in normaliser(GUIDE)] == []


def test_each_picture_is_shown_is_light_and_is_taken_by_the_script():
    shown = re.findall(r"!\[[^\]]+\]\(images/([\w-]+)\.png\)", GUIDE)
    script = (ROOT / "docs" / "captures.py").read_text(encoding="utf-8")
    assert shown == re.findall(r'nom="([\w-]+)"', script)
    for nom in shown:
        assert (ROOT / "docs" / "images" / f"{nom}.png").stat().st_size < POIDS_MAXIMUM, nom


def test_each_link_leads_somewhere():
    anchors = {
        re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in re.findall(r"^## (.+)$", GUIDE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= anchors
    for target in re.findall(r"\]\((?!http|#)([^)#]+)", GUIDE):
        assert (ROOT / "docs" / target).exists(), target
