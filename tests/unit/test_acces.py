"""What a person reads of what is kept about them, whatever kind of value it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connector import store
from connector.acces import _dit, _saisies, exporter
from connector.core.conservation import Motif
from connector.core.decisions import Decision, Sens, SourceDecisions
from connector.core.model import (
    Adresse,
    Champ,
    Choix,
    ChoixLie,
    Etablissement,
    Illisible,
    LienDossier,
    Lieu,
    Ligne,
    Lignes,
    Piece,
    Pieces,
    VirusScan,
)
from connector.core.poste import Categorie
from connector.errors import OperatorError
from connector.store.effacement import AEffacer
from tests.unit.bilan.fabrique import poste
from tests.unit.store.fabrique import DEMARCHE, NOW, fiche

NOM = Champ(id="n", descriptor_id="n", label="Nom", typename="TextChamp", value="Zoé")


@pytest.mark.parametrize(
    ("valeur", "dite"),
    [
        (None, None),
        ("deux\nlignes", "deux\nlignes"),
        (True, "oui"),
        (date(2026, 11, 22), "22/11/2026"),
        (Decimal("2.5"), "2,5"),
        (Choix(values=("a", "b")), "a, b"),
        (ChoixLie(primary="a", secondary=""), "a"),
        (Lieu(code="37261", name="Tours"), "Tours"),
        (Etablissement(siret="1", raison_sociale="CH", adresse=Adresse(label="2 rue")), "CH, SIRET 1, 2 rue"),
        (Etablissement(siret="1"), "SIRET 1"),
        (LienDossier(number=7), "dossier n° 7"),
        (Illisible(cause="x", text="tel quel"), "tel quel"),
        (Lignes(rows=(Ligne(id="l", champs=(NOM,)),)), [{"Nom": "Zoé"}]),
        (
            Pieces(
                files=(
                    Piece(
                        filename="cv.pdf",
                        content_type="application/pdf",
                        byte_size=9,
                        checksum="c",
                        virus_scan=VirusScan.SAFE,
                    ),
                )
            ),
            ["cv.pdf (application/pdf, 9 octets)"],
        ),
    ],
)
def test_every_kind_of_value_is_told_in_words(valeur, dite):
    assert _dit(valeur) == dite


def test_two_questions_of_one_name_are_both_told_and_a_blank_is_not():
    autre, vide = (
        Champ(id=i, descriptor_id=i, label="Nom", typename="TextChamp", value=v) for i, v in (("o", "Ada"), ("v", ""))
    )
    assert _saisies((NOM, autre, vide)) == {"Nom": "Zoé", "Nom (2)": "Ada"}


@pytest.fixture
def base(tmp_path):
    with store.ouvrir(tmp_path / "base.db") as opened:
        yield opened


def garder(base, number=1):
    base.dossiers.save_page(DEMARCHE, fiches=(fiche(number),), trous=(), supprimes=(), watermark=None, now=NOW)


def test_a_post_and_what_was_decided_are_told_and_outlive_the_dossier_for_the_first(base):
    garder(base)
    base.postes.save([poste(1)], now=NOW)
    decision = Decision(dossier=1, sens=Sens.RETENU, source=SourceDecisions.FICHIER, motivation="Bon projet.", le=NOW)
    base.decisions.note(1, SourceDecisions.FICHIER, decision, now=NOW)
    dit = exporter(base, 1)
    assert dit["decisions_enregistrees"][0]["motivation"] == "Bon projet."
    assert dit["poste"]["titulaires_par_numero_de_dossier"] == [1]
    assert dit["poste"]["categorie"] == Categorie.II
    base.effacement.erase((AEffacer(number=1, demarche=DEMARCHE, motif=Motif.OUBLI),), now=NOW)
    dit = exporter(base, 1)
    assert set(dit) == {"dossier", "poste", "effacement", "detail_technique"}
    with pytest.raises(OperatorError, match="rien n’est gardé"):
        exporter(base, 2)


def test_a_dossier_that_cannot_be_read_back_is_told_by_what_can(base):
    garder(base)
    with base.connexion.transaction():
        base.connexion.run("UPDATE dossiers SET entete = '[]'")
    assert set(exporter(base, 1)) == {"dossier", "detail_technique"}
