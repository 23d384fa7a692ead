"""What a person reads of what is kept about them, whatever kind of value it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from connector import store
from connector.acces import _EMPREINTES, COLONNES, TABLES, _dit, _saisies, exporter
from connector.core.conservation import Motif
from connector.core.constat import AvisPropose, Statut
from connector.core.contenu import Defaut, Empechement, Examen, Nature
from connector.core.decisions import Decision, Sens, SourceDecisions
from connector.core.examen_piece import Relecture
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
    Traitement,
    VirusScan,
)
from connector.core.poste import Categorie
from connector.core.quota import CleQuota
from connector.core.registre import Inscription
from connector.donnees import Purge
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
        (Decimal("60.0"), "60"),
        (Decimal("1000.0"), "1\u202f000"),
        (2026, "2026"),
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
    (garde,), (qui,) = dit["detail_technique"]["dossier"], dit["detail_technique"]["identite"]
    assert "13001653800014" in str(garde["champs"])
    assert qui["entete"]["usager_email"] == "usager@example.org"
    assert "agent@example.org" not in str(qui["entete"])


def test_a_text_that_is_damaged_is_given_as_it_is(base):
    garder(base)
    with base.connexion.transaction():
        base.connexion.run("UPDATE dossiers SET champs = '[oups'")
    assert exporter(base, 1)["detail_technique"]["dossier"][0]["champs"] == "[oups"


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
    assert precedente["constats"] == {"respectes": ["Le diplôme est joint. (Arrêté du 1er janvier)"]}
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
    (rangee,) = exporter(base, 1)["detail_technique"]["inscription_au_registre"]
    assert (rangee["inscription"]["siret"], rangee["inscription"]["quotite_ambulatoire"]) == ("13001653800014", "0.5")
    assert rangee["inscription"]["cle"]["region"] == "24"
    assert "empreinte-" not in str(rangee)


def test_every_table_and_column_kept_about_a_dossier_has_a_french_name(base):
    deja = {
        *("demarche", "entete", "champs", "annotations", "messages", "avis", "avis_depuis", "depuis", "a_revoir_le"),
        *("proposition", "promotion", "inscription", "avertissement", "source", "decision", "relecture"),
        *("rang", "cause", "detail", "poste", "definitif", "motif", "le"),
    }
    for table in set(base.effacement.everything(1)) - {"journal"}:
        assert table in TABLES
        colonnes = {nom for _, nom, *_ in base.connexion.rows(f"PRAGMA table_info({table})")}
        assert colonnes <= COLONNES.keys() | deja | _EMPREINTES, table


def test_what_was_found_in_each_piece_is_told_in_words(base):
    piece = Piece(
        filename="cv.pdf", content_type="application/pdf", byte_size=9, checksum="c1", virus_scan=VirusScan.SAFE
    )
    avec = replace(NOM, label="CV", typename="PieceJustificativeChamp", value=Pieces(files=(piece,)))
    bloc = replace(NOM, label="Lieux", value=Lignes(rows=(Ligne(id="l", champs=(NOM, replace(avec, label="Bail"))),)))
    autre = replace(avec, value=Pieces(files=(replace(piece, checksum="c2"),)))
    base.dossiers.save_page(
        DEMARCHE, fiches=(fiche(1, champs=(autre, bloc)),), trous=(), supprimes=(), watermark=None, now=NOW
    )
    vu = Examen(nature=Nature.PDF, pages=2, defauts=(Defaut.CHIFFREE,))
    base.relectures.save(
        1,
        [
            Relecture(checksum="c1", le=NOW, examen=vu),
            Relecture(checksum="c2", le=NOW, empechement=Empechement.DELAI, essais=1),
            Relecture(checksum="c3", le=NOW),
        ],
    )
    dit = exporter(base, 1)
    assert ["vue_le" in p for p in dit["pieces_relues"]] == [
        not p["resultat"].startswith("pas encore") for p in dit["pieces_relues"]
    ]
    dites = {p["piece"]: p["resultat"].replace("\u00a0", " ") for p in dit["pieces_relues"]}
    assert dites == {
        "Bail : cv.pdf": "il s’agit d’un PDF, 2 pages : le fichier demande un mot de passe",
        "CV : cv.pdf": "pas encore regardée : téléchargement trop long",
        "fichier qui n’est plus dans le dossier": "pas encore regardée",
    }
    assert "relectures_des_pieces" not in dit["detail_technique"]
    with base.connexion.transaction():
        base.connexion.run("UPDATE relectures SET relecture = '[7]' WHERE checksum = 'c1'")
    dit = exporter(base, 1)
    assert [7] in [r["relecture"] for r in dit["detail_technique"]["relectures_des_pieces"]]
    with base.connexion.transaction():
        base.connexion.run("UPDATE dossiers SET entete = '[]'")
    assert {p["piece"] for p in exporter(base, 1)["pieces_relues"]} == {"fichier qui n’est plus dans le dossier"}


def test_a_rule_that_has_no_bearing_is_named(base):
    garder(base)
    sans = replace(proposition().constats[0], regle="report", statut=Statut.SANS_OBJET, phrase="Sans objet : non.")
    base.dossiers.save_evaluations([evaluation(fiche(1), proposition=replace(proposition(), constats=(sans,)))])
    (dit,) = exporter(base, 1)["proposition"]["constats"]["sans_objet"]
    assert dit.replace("\u00a0", " ").startswith("Report : non. (")
    regle = SimpleNamespace(cle="report", libelle="report d’une candidature")
    settings = SimpleNamespace(demarche=lambda numero: SimpleNamespace(regles=(regle,)) if numero == DEMARCHE else None)
    (dit,) = exporter(base, 1, settings)["proposition"]["constats"]["sans_objet"]
    assert dit.replace("\u00a0", " ").startswith("Report d’une candidature : non. (")


def test_what_happened_to_a_dossier_is_told_in_words(base):
    passages = tuple(
        Traitement(event=event, date=NOW, email_agent=None)
        for event in ("depose", "passe_en_instruction", "tout_autre")
    )
    base.dossiers.save_page(
        DEMARCHE, fiches=(fiche(1, traitements=passages),), trous=(), supprimes=(), watermark=None, now=NOW
    )
    evenements = [ligne["evenement"] for ligne in exporter(base, 1)["historique"]]
    assert evenements == ["déposé", "passé en instruction", "tout autre"]


@pytest.mark.parametrize(("etat", "dit"), [(DossierState.EN_INSTRUCTION, True), (DossierState.ACCEPTE, False)])
def test_whether_a_dossier_waits_for_a_post_is_told_until_it_is_decided(base, etat, dit):
    base.dossiers.save_page(DEMARCHE, fiches=(fiche(1, state=etat),), trous=(), supprimes=(), watermark=None, now=NOW)
    base.inscriptions.enter(
        [(Inscription(dossier=1, demarche=DEMARCHE, etat=etat, depose_le=NOW), "contenu", "")], lecture="l"
    )
    (rangee,) = exporter(base, 1)["detail_technique"]["inscription_au_registre"]
    assert ("compte_parmi_les_recevables_en_attente" in rangee) is dit
    assert "favorable" not in rangee


def test_a_simulated_purge_names_its_dossiers_and_counts_them_as_french_does():
    dossiers = tuple(AEffacer(number=n, demarche=DEMARCHE, motif=Motif.TERMINE) for n in (3, 7))
    dite = Purge(dossiers=dossiers, postes=(), simulee=True).text().replace("\u00a0", " ")
    assert "à effacer : 2 (2 décidés)" in dite
    assert dite.endswith(" Dossiers n° 3, 7.")
    assert "n° 3" not in Purge(dossiers=dossiers, postes=()).text().replace("\u00a0", " ")


def test_what_programs_alone_go_by_is_left_out(base):
    garder(base)
    base.relectures.save(1, [Relecture(checksum="c1", le=NOW, empechement=Empechement.DELAI, essais=1)])
    technique = exporter(base, 1)["detail_technique"]
    absents = {"identifiant", "version_du_formulaire", "groupe_instructeur", "empreinte_du_fichier", "id", "checksum"}
    assert not any(absents & rangee.keys() for rangees in technique.values() for rangee in rangees)


def test_what_programs_call_by_a_word_is_told_in_french(base):
    garder(base)
    base.effacement.erase((AEffacer(number=2, demarche=DEMARCHE, motif=Motif.OUBLI),), now=NOW)
    base.dossiers.quarantine(DEMARCHE, 1, cause="reponse_illisible", now=NOW)
    base.dossiers.mark_absent(1, cause="introuvable", now=NOW)
    technique = exporter(base, 1)["detail_technique"]
    assert technique["dossier"][0]["archive"] == "non"
    assert technique["dossier"][0]["etat"] in {"en construction", "en instruction"}
    assert "_" not in technique["mise_de_cote"][0]["cause"]
    assert exporter(base, 2)["detail_technique"]["effacement"][0]["motif"] == "oublié sur demande"
