"""E-mail by SMTP: one plain-text message, encrypted on the way, and what a failure means for the next try."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid

from connector.core.politique import Chiffrement
from connector.errors import OperatorError, OutcomeUnknown, RetryableError

ATTENTE = 30.0
"""Seconds given to each exchange with the server."""

PROVISOIRE = range(400, 500)
"""SMTP codes that say « try later »."""


PORTS = {Chiffrement.STARTTLS: 587, Chiffrement.TLS: 465, Chiffrement.AUCUN: 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Serveur:
    """A mail server and the account to use there; `identifiant` "" for none."""

    hote: str
    chiffrement: Chiffrement
    port: int
    identifiant: str = ""
    mot_de_passe: str = ""


def envoyer(serveur: Serveur, *, expediteur: str, destinataires: Sequence[str], objet: str, texte: str) -> int:
    """Hand one message over to the server; how many of its recipients it refused, the others being served.

    `RetryableError`: certainly not sent, another try may pass. `OperatorError`: certainly not sent, and no other try
    will be before somebody acts. `OutcomeUnknown`: the line broke once the message had left.
    """
    message = _message(expediteur, destinataires, objet, texte)
    try:
        client = _connect(serveur)
    except smtplib.SMTPAuthenticationError as error:
        raise _refused("le serveur de courriel refuse l’identifiant ou le mot de passe", error) from error
    except smtplib.SMTPResponseException as error:
        raise _by_code("le serveur de courriel n’a pas accepté la connexion", error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise _refused("le serveur de courriel ne propose pas le chiffrement ou l’identification demandés") from error
    except ssl.SSLError as error:
        raise _refused("le certificat du serveur de courriel n’est pas reconnu, ou le port ne convient pas") from error
    except (OSError, smtplib.SMTPException) as error:
        raise RetryableError(
            f"Le serveur de courriel {serveur.hote} ne répond pas ({type(error).__name__}).", reached=False
        ) from error
    try:
        return _hand_over(client, message, destinataires)
    finally:
        with suppress(OSError, smtplib.SMTPException):  # a server that parts badly took the message all the same
            client.quit()
        client.close()


def _message(expediteur: str, destinataires: Sequence[str], objet: str, texte: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = expediteur, ", ".join(destinataires), objet
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=expediteur.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(texte + "\n")
    return message


def _connect(serveur: Serveur) -> smtplib.SMTP:
    """A connection ready to take a message."""
    if serveur.chiffrement is Chiffrement.TLS:
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            serveur.hote, serveur.port, timeout=ATTENTE, context=ssl.create_default_context()
        )
    else:
        client = smtplib.SMTP(serveur.hote, serveur.port, timeout=ATTENTE)
    try:
        if serveur.chiffrement is Chiffrement.STARTTLS:
            client.starttls(context=ssl.create_default_context())
        if serveur.identifiant:
            client.login(serveur.identifiant, serveur.mot_de_passe)
    except BaseException:
        client.close()
        raise
    return client


def _hand_over(client: smtplib.SMTP, message: EmailMessage, destinataires: Sequence[str]) -> int:
    try:
        return len(client.send_message(message, to_addrs=list(destinataires)))
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(f"le serveur de courriel ne connaît aucun des {len(destinataires)} destinataires") from error
    except smtplib.SMTPResponseException as error:
        raise _by_code("le serveur de courriel n’a pas pris le message", error) from error
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown(
            f"La connexion au serveur de courriel s’est rompue pendant l’envoi ({type(error).__name__})."
        ) from error


def _by_code(phrase: str, error: smtplib.SMTPResponseException) -> RetryableError | OperatorError:
    if error.smtp_code in PROVISOIRE:
        return RetryableError(f"{phrase[0].upper()}{phrase[1:]} pour l’instant (code {error.smtp_code}).")
    return _refused(phrase, error)


def _refused(phrase: str, error: smtplib.SMTPResponseException | None = None) -> OperatorError:
    code = f" (code {error.smtp_code})" if error else ""
    return OperatorError(f"{phrase[0].upper()}{phrase[1:]}{code}.", hint="Corrigez la section [bulletin].")
