"""What README.fr.md tells an operator to type works as it is written, on the example configuration."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connector.config import load
from connector.core.campagne import Campagne
from connector.core.poste import Categorie

RACINE = Path(__file__).parents[2]
README = (RACINE / "README.fr.md").read_text(encoding="utf-8")
EXEMPLE = (RACINE / "config.example.toml").read_text(encoding="utf-8")


def extraits(titre: str) -> list[str]:
    """The pieces of configuration under a heading, in order."""
    section = re.split(r"^### ", README.split(f"### {titre}\n")[1], flags=re.MULTILINE)[0]
    return re.findall(r"```toml\n(.*?)```", section, re.DOTALL)


@pytest.fixture
def lire(tmp_path):
    def lit(texte):
        chemin = tmp_path / "config.toml"
        chemin.write_text(texte, encoding="utf-8")
        return load(chemin, {}).demarches

    return lit


def test_a_demarche_is_added_at_the_end_of_the_file(lire):
    (section,) = extraits("Ajouter une démarche")
    premiere, nouvelle = lire(EXEMPLE + section)
    assert premiere.numero == 123456
    assert (nouvelle.numero, nouvelle.regles) == (234567, premiere.regles)
    assert isinstance(nouvelle.campagne, Campagne)
    assert premiere.campagne is None


def test_a_sixth_piece_is_a_line_and_a_rule(lire):
    ligne, regle = extraits("Ajouter une pièce obligatoire")
    (demarche,) = lire(EXEMPLE.replace("[correspondance.pieces]\n", f"[correspondance.pieces]\n{ligne}") + regle)
    assert demarche.regles[-1].cle == "piece_avis_cme"
    assert "avis_cme" in {champ.cle for champ in demarche.correspondance.champs}


def test_a_specialty_is_excluded_by_one_word(lire):
    (liste,) = extraits("Exclure une spécialité")
    (demarche,) = lire(EXEMPLE.replace('exclues = ["Médecine générale"]\n', liste))
    regle = next(r for r in demarche.regles if r.cle == "specialite_exclue")
    assert regle.exclues == ("Médecine générale", "Biologie médicale")


def test_a_quota_is_overridden_at_the_end_of_the_file(lire):
    (section,) = extraits("Changer un quota")
    (demarche,) = lire(EXEMPLE + section)
    dernier = demarche.parametres.quotas[-1]
    assert (dernier.cle.promotion, dernier.cle.categorie, dernier.valeur) == ("2024-2026", Categorie.II, 5)


def test_each_option_that_the_table_names_is_in_the_example():
    table = README.split("### Le reste\n")[1].split("\n\n")[1]
    for option in re.findall(r"`(\w+)(?: = [^`]+)?`", table):
        assert re.search(rf"\b{option}\b", EXEMPLE), option
