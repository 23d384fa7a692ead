"""E-mail as it really leaves, to a local mail server that takes, refuses, hangs up."""

from __future__ import annotations

import shutil
import ssl
import subprocess

import pytest

from connector.core.politique import Chiffrement
from connector.courriel import Serveur, envoyer
from connector.errors import OperatorError, OutcomeUnknown, RetryableError
from tests.recepteurs import courrier

MOI, LUI, ELLE = "connecteur@ars.exemple.fr", "un@ars.exemple.fr", "deux@ars.exemple.fr"


@pytest.fixture
def smtp():
    with courrier() as found:
        yield found


def envoie(smtp, *destinataires, **changes):
    serveur = Serveur(**{"hote": "127.0.0.1", "port": smtp.port, "chiffrement": Chiffrement.AUCUN, **changes})
    return envoyer(
        serveur, expediteur=MOI, destinataires=destinataires or (LUI,), objet="Démarche 1 : été", texte="Dès l’été.\n."
    )


def test_a_message_is_received_whole_with_its_accents_and_lone_dots(smtp):
    assert envoie(smtp, LUI, ELLE) == 0
    (recu,) = smtp.recus
    assert (recu["From"], recu["To"], recu["Subject"]) == (MOI, f"{LUI}, {ELLE}", "Démarche 1 : été")
    assert recu["Auto-Submitted"] == "auto-generated"
    assert recu["Message-ID"].endswith("@ars.exemple.fr>")
    assert recu.get_content().replace("\r\n", "\n") == "Dès l’été.\n.\n"
    assert smtp.enveloppes == [[LUI, ELLE]]


def test_a_recipient_that_is_refused_does_not_keep_the_others_from_theirs(smtp):
    smtp.refuses = {ELLE}
    assert envoie(smtp, LUI, ELLE) == 1
    assert smtp.enveloppes == [[LUI]]


@pytest.mark.parametrize(
    ("reponses", "erreur", "mot"),
    [
        ({"BONJOUR": "421 plus tard"}, RetryableError, "pour l’instant"),
        ({"BONJOUR": "554 non"}, OperatorError, "connexion"),
        ({"BONJOUR": ""}, RetryableError, "ne répond pas"),
        ({"MAIL": "451 plus tard"}, RetryableError, "code 451"),
        ({"MAIL": "553 expediteur refuse"}, OperatorError, "code 553"),
        ({"RCPT": "550 inconnu"}, OperatorError, "aucun des 1 destinataires"),
        ({"DATA": "554 indesirable"}, OperatorError, "code 554"),
        ({"FIN": "452 plein"}, RetryableError, "code 452"),
        ({"FIN": ""}, OutcomeUnknown, "rompue pendant l’envoi"),
    ],
)
def test_each_failure_says_whether_to_try_again(smtp, reponses, erreur, mot):
    smtp.reponses = reponses
    with pytest.raises(erreur, match=mot):
        envoie(smtp)
    assert smtp.recus == []


def test_a_server_that_parts_badly_took_the_message_all_the_same(smtp):
    smtp.reponses = {"QUIT": ""}
    assert envoie(smtp) == 0
    assert len(smtp.recus) == 1


def test_an_account_that_is_refused_is_somebodys_affair(smtp):
    smtp.reponses = {"EHLO": "250-essai\r\n250 AUTH PLAIN", "AUTH": "535 non"}
    with pytest.raises(OperatorError, match="mot de passe"):
        envoie(smtp, identifiant="moi", mot_de_passe="secret")


def test_nobody_there_is_worth_another_try():
    with courrier() as gone:
        pass
    with pytest.raises(RetryableError, match="ne répond pas") as error:
        envoie(gone)
    assert error.value.reached is False


def test_a_password_never_goes_in_clear_nor_a_message_where_encryption_was_asked_for(smtp):
    with pytest.raises(OperatorError, match="chiffrement"):
        envoie(smtp, chiffrement=Chiffrement.STARTTLS, identifiant="moi", mot_de_passe="secret")
    assert smtp.recus == []


def test_a_certificate_that_nobody_knows_is_refused(tmp_path):
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl n’est pas installé : le certificat d’essai ne peut pas être fait")
    key, cert = tmp_path / "k.pem", tmp_path / "c.pem"
    options = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -keyout".split()  # noqa: SIM905
    subprocess.run([openssl, *options, key, "-out", cert], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with courrier(context) as smtp, pytest.raises(OperatorError, match="certificat"):
        envoie(smtp, chiffrement=Chiffrement.TLS)
    assert smtp.recus == []
