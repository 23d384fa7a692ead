"""What a person reads of what is kept about them, whatever kind of value it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector import store
from connector.acces import _dit, _saisies, exporter
from connector.core.conservation import Motif
from connector.core.constat import AvisPropose
from connector.core.decisions import Decision, Sens, SourceDecisions
from connector.core.model import (
    Adresse,
    Champ,
    Choix,
    ChoixLie,
    DossierState,
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
from connector.core.quota import CleQuota
from connector.core.registre import Inscription
from connector.errors import OperatorError
from connector.store.effacement import AEffacer
from tests.unit.bilan.fabrique import poste
from tests.unit.store.fabrique import DEMARCHE, NOW, evaluation, fiche, proposition

HEURE = timedelta(hours=1)

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
    dit = exporter(base, 1)
    assert set(dit) == {"dossier", "detail_technique"}
    (garde,), (qui,) = dit["detail_technique"]["dossiers"], dit["detail_technique"]["identites"]
    assert "13001653800014" in str(garde["champs"])
    assert qui["entete"]["usager_email"] == "usager@example.org"
    assert "agent@example.org" not in str(qui["entete"])


def test_a_text_that_is_damaged_is_given_as_it_is(base):
    garder(base)
    with base.connexion.transaction():
        base.connexion.run("UPDATE dossiers SET champs = '[oups'")
    assert exporter(base, 1)["detail_technique"]["dossiers"][0]["champs"] == "[oups"


def test_an_earlier_proposition_is_told_with_its_points_and_its_findings(base):
    garder(base)
    avant = replace(proposition(AvisPropose.A_VERIFIER), points=("Relire la convention.",))
    for numero, dite in enumerate((avant, proposition())):
        base.dossiers.save_evaluations(
            [evaluation(fiche(1), proposition=dite, politique=f"p{numero}", evaluee_le=NOW + numero * HEURE)]
        )
    (precedente,) = exporter(base, 1)["propositions_precedentes"]
    assert precedente["avis"] == AvisPropose.A_VERIFIER
    assert precedente["points"] == ["Relire la convention."]
    assert precedente["constats"] == ["Le diplôme est joint. (Arrêté du 1er janvier)"]
    assert precedente["le"] == "2026-06-02T10:00:00+02:00"
    with base.connexion.transaction():
        base.connexion.run("UPDATE evaluations_passees SET proposition = '[7]'")
    assert exporter(base, 1)["propositions_precedentes"] == [
        {"le": precedente["le"], "avis": AvisPropose.A_VERIFIER, "proposition": [7]}
    ]


def test_a_decision_that_is_no_record_is_given_as_it_is(base):
    decision = Decision(dossier=1, sens=Sens.RETENU, source=SourceDecisions.FICHIER, le=NOW)
    base.decisions.note(1, SourceDecisions.FICHIER, decision, now=NOW)
    with base.connexion.transaction():
        base.connexion.run("UPDATE decisions SET decision = '[7]'")
    assert exporter(base, 1)["decisions_enregistrees"] == [[7]]


def test_the_entry_in_the_register_is_told_without_its_digests(base):
    garder(base)
    entree = Inscription(
        dossier=1,
        demarche=DEMARCHE,
        etat=DossierState.EN_CONSTRUCTION,
        depose_le=NOW,
        candidat="empreinte-c",
        projet="empreinte-p",
        siret="13001653800014",
        quotite_ambulatoire=Decimal("0.5"),
        cle=CleQuota(promotion="2026-2028", region="24", categorie=Categorie.II),
    )
    base.inscriptions.enter([(entree, "contenu", "")], lecture="l")
    (rangee,) = exporter(base, 1)["detail_technique"]["inscriptions"]
    assert (rangee["inscription"]["siret"], rangee["inscription"]["quotite_ambulatoire"]) == ("13001653800014", "0.5")
    assert rangee["inscription"]["cle"]["region"] == "24"
    assert "empreinte-" not in str(rangee)
