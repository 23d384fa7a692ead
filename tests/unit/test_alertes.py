"""Alerts as they really leave: to a local HTTP endpoint and to a local mail server."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector import alertes, store, veille, wiring
from connector.alertes import Canaux
from connector.config import load
from connector.config.sections import AdressesDAlerte, Alertes
from connector.core.incidents import Nature, apres_passage
from connector.errors import AccessDenied, ConfigError, OperatorError, RetryableError
from connector.veille import CLE, Veilleur
from tests.recepteurs import boite, courrier

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's own affair

REFUS = AccessDenied("DS refuse le jeton.", hint="Créez-en un autre.")
PANNE = RetryableError("DS ne répond pas.")
DS = 104234


@pytest.fixture
def http():
    with boite() as found:
        yield found


@pytest.fixture
def smtp():
    with courrier() as found:
        yield found


@pytest.fixture
def base(tmp_path):
    with store.ouvrir(tmp_path / "c.sqlite") as found:
        yield found


@pytest.fixture
def reglages(tmp_path):
    chemin = tmp_path / "config.toml"
    chemin.write_text(f'[[demarches]]\nnumero = {DS}\nnom = "Candidatures"\n', encoding="utf-8")
    return load(chemin, {})


class Journal(list):
    def __call__(self, phrase):
        self.append(phrase)


@pytest.fixture
def veilleur(reglages, tmp_path):
    """Makes a watcher that tells these addresses; a new one is a restart."""
    horloge = [datetime(2026, 3, 2, 9, 0, tzinfo=UTC)]

    def make(*adresses, patience="30"):
        fichier = tmp_path / "alertes"
        fichier.touch(mode=0o600)
        fichier.write_text("\n".join(("# nos canaux", "", *adresses)), encoding="utf-8")
        declarees = Alertes(
            adresses=AdressesDAlerte.model_construct(fichier=fichier) if adresses else None,
            patience_minutes=float(patience),
        )
        found = Veilleur(replace(reglages, alertes=declarees), Journal(), maintenant=lambda: horloge[0])
        found.horloge, found.fichier = horloge, fichier
        return found

    return make


def passe(veilleur, base, *erreurs, minutes=10):
    veilleur.horloge[0] += timedelta(minutes=minutes)
    veilleur.apres([apres_passage(DS, e) for e in erreurs or (None,)], base)


# through Apprise


def test_an_alert_is_really_received_over_http(http):
    assert Canaux([http.adresse]).envoyer("Le titre", "Le corps, à lire.") == (True,)
    assert (http.recus[0]["title"], http.recus[0]["message"]) == ("Le titre", "Le corps, à lire.")
    assert http.recus[0]["type"] == "warning"
    Canaux([http.adresse]).envoyer("Fini", "C’est fini.", fini=True)
    assert http.recus[1]["type"] == "success"


def test_an_alert_is_really_received_by_mail(smtp):
    adresse = (
        f"mailto://127.0.0.1:{smtp.port}?from=connecteur@ars.exemple.fr&to=exploitation@ars.exemple.fr&mode=insecure"
    )
    assert Canaux([adresse]).envoyer("DS ne répond plus", "Depuis 30 min.") == (True,)
    (recu,) = smtp.recus
    assert recu["Subject"] == "DS ne répond plus"
    assert smtp.enveloppes == [["exploitation@ars.exemple.fr"]]
    assert "Depuis 30 min." in recu.get_body().get_content()


@pytest.mark.parametrize(
    "adresse",
    [
        "mailtos://compte:secret@smtp.ars.exemple.fr?from=a@ars.exemple.fr&to=b@ars.exemple.fr",
        "mmosts://mattermost.ars.exemple.fr/jetonjetonjetonjeton",
        "matrixs://compte:secret@matrix.exemple.fr/#salon",
    ],
)
def test_the_addresses_of_the_guide_are_known(adresse):
    assert len(Canaux([adresse])) == 1


def test_an_address_that_nobody_answers_is_not_an_error(http):
    mort = Canaux([http.adresse, "json://127.0.0.1:9/rien"])
    assert mort.envoyer("Titre", "Corps") == (True, False)


def test_an_address_that_is_none_is_refused_by_its_rank_and_never_shown():
    with pytest.raises(OperatorError) as refus:
        Canaux(["json://127.0.0.1/x", "pas-une-adresse://compte:hunter2@ici"])
    assert "n° 2" in str(refus.value)
    assert "hunter2" not in f"{refus.value} {refus.value.hint}"


def test_a_plugin_that_fails_is_not_an_error(monkeypatch, http):
    canaux = Canaux([http.adresse])
    monkeypatch.setattr("apprise.Apprise.notify", lambda *_, **__: 1 / 0)
    assert canaux.envoyer("Titre", "Corps") == (False,)
    monkeypatch.setattr("apprise.Apprise.add", lambda *_, **__: 1 / 0)
    with pytest.raises(OperatorError, match="n° 1"):
        Canaux([http.adresse])


def test_without_the_library_the_remedy_is_said_and_without_alerts_it_is_not_needed(monkeypatch):
    monkeypatch.setattr(alertes, "find_spec", lambda _: None)
    assert len(Canaux([])) == 0
    with pytest.raises(OperatorError) as refus:
        Canaux(["json://127.0.0.1/x"])
    assert "ds-connector[alertes]" in refus.value.hint


def test_no_address_nor_password_reaches_the_log(caplog, http):
    caplog.set_level(logging.DEBUG)
    http.code = 500
    Canaux([http.adresse.replace("127", "compte:motdepasse@127")]).envoyer("Titre", "Corps")
    assert "alert.refused" in caplog.text
    assert "motdepasse" not in caplog.text


# the configuration


@pytest.mark.parametrize(
    ("valeur", "mot"),
    [
        ('"mailto://a:b@c"', "mots de passe"),
        ('["mailto://a:b@c"]', "mots de passe"),
        ('{ fichier = "a", variable = "B" }', "un seul endroit"),
    ],
)
def test_addresses_are_never_in_the_configuration(tmp_path, valeur, mot):
    chemin = tmp_path / "config.toml"
    chemin.write_text(f'[alertes]\nadresses = {valeur}\n[[demarches]]\nnumero = 1\nnom = "A"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=mot) as refus:
        load(chemin, {})
    assert "a:b" not in str(refus.value)


def test_addresses_are_one_a_line_and_their_file_is_private(veilleur):
    found = veilleur("json://a", "  mailto://b  ")
    adresses = found._settings.alertes.adresses
    assert adresses.lire({}) == ("json://a", "mailto://b")
    found.fichier.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        adresses.lire({})
    assert AdressesDAlerte(variable="ALERTES").lire({"ALERTES": "json://a\njson://b"}) == ("json://a", "json://b")


# from pass to pass


def test_an_incident_is_told_once_whatever_the_restarts(veilleur, base, http):
    for _ in range(3):
        passe(veilleur(http.adresse), base, REFUS)
    assert [r["title"] for r in http.recus] == ["Connecteur DS\u00a0: Démarches simplifiées refuse le jeton"]
    passe(veilleur(http.adresse), base)
    passe(veilleur(http.adresse), base)
    assert len(http.recus) == 2
    assert "c’est fini" in http.recus[1]["title"]
    assert veille.lire(base) == ()


def test_an_alert_that_could_not_leave_is_tried_again_and_the_journal_hears_of_it_once(veilleur, base, http):
    found = veilleur(http.adresse)
    http.code = 503
    for _ in range(3):
        passe(found, base, REFUS)
    assert http.recus == []
    assert len(found._dire) == 1
    assert "aucune adresse ne l’a prise" in found._dire[0]
    http.code = 200
    passe(found, base, REFUS)
    assert len(http.recus) == 1
    assert found._dire[1].startswith("Alerte envoyée : Connecteur DS")


def test_one_address_out_of_two_is_enough_and_the_other_is_named(veilleur, base, http):
    found = veilleur("json://127.0.0.1:9/rien", http.adresse)
    passe(found, base, REFUS)
    passe(found, base, REFUS)
    assert len(http.recus) == 1
    assert "sauf à l’adresse n° 1" in found._dire[0]


def test_addresses_changed_while_the_service_runs_are_read_again(veilleur, base, http):
    found = veilleur("pas-une-adresse://x")
    passe(found, base, REFUS)
    assert "Alertes non envoyées" in found._dire[0]
    found.fichier.write_text(http.adresse, encoding="utf-8")
    passe(found, base, REFUS)
    assert len(http.recus) == 1


def test_without_addresses_incidents_are_followed_and_nobody_is_told(veilleur, base):
    found = veilleur()
    passe(found, base, REFUS)
    assert [i.nature for i in veille.lire(base)] == [Nature.JETON]
    assert found._dire == []
    passe(found, base)
    assert veille.lire(base) == ()


def test_a_database_that_cannot_be_used_does_not_keep_the_alert_from_leaving(veilleur, base, http):
    passe(veilleur(http.adresse), base, REFUS)
    suivant = veilleur(http.adresse)
    passe(suivant, None, PANNE, minutes=40)
    passe(suivant, None, PANNE, minutes=40)
    passe(suivant, base, minutes=40)
    assert [("c’est fini" in r["title"]) for r in http.recus] == [False, False, True]
    passe(suivant, base, minutes=40)
    assert len(http.recus) == 4
    assert veille.lire(base) == ()


def test_what_another_version_kept_is_met_again(veilleur, base, http):
    base.reglages.put(CLE, "pas du JSON", now=wiring.now())
    passe(veilleur(http.adresse), base, REFUS)
    assert len(http.recus) == 1


def test_a_demarche_that_left_the_configuration_is_followed_no_more(veilleur, base, http):
    found = veilleur(http.adresse)
    found.apres([apres_passage(999, REFUS)], base)
    suivant = veilleur(http.adresse)
    passe(suivant, base)
    assert suivant.incidents == ()


def test_the_end_of_the_token_comes_from_the_configuration(veilleur, base, http, reglages):
    found = veilleur(http.adresse)
    instance = reglages.instance.model_copy(update={"jeton_expire_le": datetime(2026, 3, 20, tzinfo=UTC).date()})
    found._settings = replace(found._settings, instance=instance)
    passe(found, base)
    assert "moins de 30 jours" in http.recus[0]["title"]


def test_an_address_that_would_not_verify_its_server_is_refused_and_never_shown():
    for adresse in (
        "jsons://mattermost.exemple.fr/SECRET?verify=no",
        "jsons://mattermost.exemple.fr/SECRET?verify=false",
    ):
        with pytest.raises(OperatorError, match="ne pas vérifier le certificat") as refus:
            Canaux((adresse,))
        assert "SECRET" not in f"{refus.value}{refus.value.hint}"
    assert len(Canaux(("jsons://mattermost.exemple.fr/SECRET",))) == 1
