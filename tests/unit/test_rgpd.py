"""The file for the data protection officer: nothing the law asks for is missing, what it says of the program is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from connector.cli import principal
from connector.config.sections import Conservation
from connector.core.correspondance import IDENTITE

RACINE = Path(__file__).parents[2]
TEXTE = (RACINE / "docs" / "rgpd.fr.md").read_text(encoding="utf-8")
PLAT = " ".join(TEXTE.replace("\n>", "\n").split())


def section(titre: str) -> str:
    """The text of the section whose title begins so, on one line."""
    (trouvee,) = [s for s in re.split(r"(?m)^## ", TEXTE) if re.match(rf"\d+\. {titre}", s)]
    return " ".join(trouvee.replace("\n>", "\n").split())


@pytest.mark.parametrize(
    "titre",
    [
        "Fiche de registre",
        "Pourquoi",
        "Quelles données",
        "Combien de temps",
        "Qui y a accès",
        "Les droits",
        "Transparence algorithmique",
        "Information des personnes",
        "Analyse d’impact",
        "Liste de contrôle",
    ],
)
def test_everything_the_officer_must_have_has_its_section(titre):
    assert len(section(titre)) > 300


@pytest.mark.parametrize(
    "rubrique",
    [
        *("Traitement", "Responsable", "Délégué", "Personnes concernées", "Catégories de données", "Destinataires"),
        *("Transferts", "Durées", "Mesures de sécurité", "Source des données", "Sous-traitants"),
    ],
)
def test_the_register_entry_has_what_article_30_asks_for(rubrique):
    assert f"| {rubrique}" in section("Fiche de registre")


@pytest.mark.parametrize(
    "mention",
    [
        *("est responsable de leur traitement", "délégué à la protection des données", "Elles servent à"),
        *("mission d’intérêt public", "Ce sont :", "viennent les informations", "Elles sont lues par"),
        *("hors de l’Union européenne", "L’agence les garde", "Vous pouvez y accéder, les faire rectifier ou effacer"),
        *(
            "limiter leur utilisation ou vous y opposer",
            "réclamation à la CNIL",
            "aucune décision n’est prise par ce programme",
        ),
    ],
)
def test_the_notice_to_candidates_has_what_article_14_asks_for(mention):
    assert mention in section("Information des personnes")


def test_every_delay_told_is_the_one_shipped_and_the_one_by_default():
    exemple = tomllib.loads((RACINE / "config.example.toml").read_text(encoding="utf-8"))["conservation"]
    shipped = Conservation.model_validate(exemple)
    assert shipped == Conservation()
    dites = {
        "Un dossier que Démarches simplifiées ne montre plus": f"{shipped.absents_jours} jours",
        "Un dossier décidé": f"{shipped.termines_jours} jours",
        "Le registre des postes (sans identité)": f"{shipped.postes_mois} mois",
        "Le journal et les comptes rendus": f"{shipped.journal_jours} jours",
        "Les copies de sauvegarde": f"{shipped.copies_jours} jours",
    }
    for quoi, duree in dites.items():
        assert re.search(rf"\| {re.escape(quoi)}[^|]*\| {duree}", TEXTE), quoi


def test_copies_never_outlive_what_is_erased():
    assert "jamais plus que le plus court des délais" in section("Combien de temps")
    for trop in ({"copies_jours": 31}, {"copies_jours": 400, "absents_jours": 500}):
        assert Conservation.model_validate(trop).problemes()
    assert not Conservation.model_validate({"copies_jours": 10, "absents_jours": 10}).problemes()


def test_every_command_and_option_named_exists():
    nommees = set(re.findall(r"« connector ([a-z-]+)([^»]*)»", PLAT))
    assert {nom for nom, _ in nommees} >= {"purge", "export-person", "forget", "journal", "explain", "rules", "doctor"}
    for nom, suite in nommees:
        options = {o for p in principal.commands[nom].params for o in p.opts}
        assert set(re.findall(r"--[a-z-]+", suite)) <= options, nom


def test_what_is_kept_apart_is_named_and_every_key_of_an_identity_is_known_to_the_officer():
    dites = {
        "nom": "nom",
        "prenom": "prénom",
        "civilite": "civilité",
        "naissance": "naissance",
        "rpps": "RPPS",
        "adeli": "ADELI",
        "telephone": "téléphone",
        "courriel": "courriel",
    }
    texte = section("Quelles données")
    assert all(mot in texte for mot in (*dites.values(), "`identites`", "`identites_agents`"))
    autres = {cle for cle in IDENTITE if not any(mot in cle for mot in dites)}
    assert autres == {"nationalite", "adresse_candidat", "mandataire"}
    assert all(mot in texte for mot in ("la nationalité", "l’adresse du candidat", "mandataire"))
