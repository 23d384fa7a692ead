from __future__ import annotations

from datetime import time

import pytest

from connector.config import load
from connector.errors import ConfigError

DEMARCHE = '\n[[demarches]]\nnumero = 1\nnom = "A"\n'
COMPLET = """
[bulletin]
serveur = "smtp.ars.exemple.fr"
expediteur = "connecteur@ars.exemple.fr"
[bulletin.destinataires]
"Loiret" = ["a@ars.exemple.fr", "b@ars.exemple.fr"]
"*" = "tous@ars.exemple.fr"
"""


@pytest.fixture
def lire(tmp_path):
    def lit(texte):
        chemin = tmp_path / "config.toml"
        chemin.write_text(texte + DEMARCHE, encoding="utf-8")
        return load(chemin, {}).bulletin

    return lit


def test_a_group_has_its_own_recipients_or_those_of_all_the_others(lire):
    bulletin = lire(COMPLET)
    assert bulletin.heure == time(7, 30)
    assert bulletin.pour("LOIRET") == ("a@ars.exemple.fr", "b@ars.exemple.fr")
    assert bulletin.pour("Cher") == ("tous@ars.exemple.fr",)
    assert bulletin.inconnus(["Cher"]) == ("Loiret",)


def test_without_recipients_nothing_is_asked_for(lire):
    assert lire("").pour("Loiret") == ()
    assert lire('[bulletin]\nheure = "08:15"\n').heure == time(8, 15)
    assert lire("[bulletin]\nheure = 08:15:00\n").heure == time(8, 15)


@pytest.mark.parametrize(
    ("texte", "chemin", "mot"),
    [
        (COMPLET.replace('serveur = "smtp.ars.exemple.fr"', ""), "bulletin.serveur", "obligatoire"),
        (COMPLET.replace('expediteur = "connecteur@ars.exemple.fr"', ""), "bulletin.expediteur", "obligatoire"),
        (COMPLET.replace("[bulletin]\n", '[bulletin]\nidentifiant = "moi"\n'), "bulletin.mot_de_passe", "obligatoire"),
        (
            COMPLET.replace(
                "[bulletin]\n",
                '[bulletin]\nidentifiant = "moi"\nmot_de_passe = { fichier = "smtp" }\nchiffrement = "aucun"\n',
            ),
            "bulletin.chiffrement",
            "en clair",
        ),
        ('[bulletin]\nmot_de_passe = "secret"\n', "bulletin.mot_de_passe", "ne s’écrit pas"),
        ('[bulletin]\nheure = "tôt"\n', "bulletin.heure", "07:30"),
        ("[bulletin]\nheure = 7\n", "bulletin.heure", "07:30"),
        ('[bulletin]\nchiffrement = "ssl"\n', "bulletin.chiffrement", "starttls"),
        ('[bulletin.destinataires]\n"Loiret" = "personne"\n', "Loiret", "adresse électronique"),
    ],
)
def test_what_is_wrong_is_named(lire, texte, chemin, mot):
    with pytest.raises(ConfigError) as error:
        lire(texte)
    assert chemin in str(error.value)
    assert mot in str(error.value)
    assert "secret" not in str(error.value).replace("ne s’écrit pas", "")
