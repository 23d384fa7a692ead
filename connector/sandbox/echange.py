"""One HTTP exchange with the sandbox: who may ask, what was asked, and what each failure answers (contract §1.3)."""

from __future__ import annotations

import ipaddress
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs
from uuid import uuid4

from connector.sandbox.dates import PARIS

if TYPE_CHECKING:
    from datetime import datetime

    from connector.sandbox.world import Jeton, World

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
SANS_JETON = "Without a token, only persisted queries are allowed"
RESEAU = "Request issued from a forbidden network. Add {}/{} to your allowed adresses in your /profil"
LIMITE = (
    "Calme toi, cowboy ! T'enchaines un peu trop les requêtes. Respire un peu réessaie dans un petit moment.\n"
    "Calm down, cowboy! You're making too many requests. Take a breather and try again soon.\n"
)
MAINTENANCE = "Le site est actuellement en maintenance. Il sera à nouveau disponible dans un court instant."
PAGE_INCONNUE = (
    '<!DOCTYPE html>\n<html lang="fr"><head><title>Page introuvable</title></head>'
    "<body><h1>Page introuvable</h1></body></html>\n"
)
PAGE_PROXY = "<html>\n<head><title>{0}</title></head>\n<body><center><h1>{0}</h1></center><hr></body>\n</html>\n"
MINUTE = 60
AUTORISATION = re.compile(r'(?:Bearer|Token) (?:token=)?"?([^"\s]+)"?')


@dataclass(frozen=True, slots=True)
class Reponse:
    """What goes back on the wire."""

    statut: int
    corps: bytes = b""
    type: str | None = JSON
    entetes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Demande:
    """A GraphQL request once read: a text or the id of a stored one, its variables, its operation."""

    texte: str | None
    identifiant: str | None
    variables: dict[str, Any]
    operation: str | None


class Refusee(Exception):
    """The request is not answered by GraphQL: `reponse` says why."""

    def __init__(self, reponse: Reponse) -> None:
        super().__init__(reponse.statut)
        self.reponse = reponse


def en_json(statut: int, corps: Any) -> Reponse:
    """Give a JSON answer."""
    return Reponse(statut, json.dumps(corps, ensure_ascii=False, separators=(",", ":")).encode(errors="replace"))


def erreur(statut: int, message: str, code: str, **plus: str) -> Reponse:
    """Give a failure in GraphQL's shape."""
    faute = {"message": message, "extensions": {"code": code, **plus}}
    return en_json(statut, {"errors": [faute], "data": None})


def erreur_interne() -> Reponse:
    """Give the opaque answer of a server that broke."""
    return erreur(500, "Internal Server Error", "internal_server_error", exception_id=str(uuid4()))


def html(statut: int, titre: str) -> Reponse:
    """Give a proxy's page."""
    return Reponse(statut, PAGE_PROXY.format(titre).encode(), "text/html")


class Limite:
    """400 POST a minute for each value of the Authorization header, in windows aligned on the epoch minute."""

    def __init__(self, par_minute: int) -> None:
        self.par_minute = par_minute
        self._comptes: dict[tuple[str, int], int] = {}
        self._verrou = threading.Lock()

    def compte(self, autorisation: str | None, now: datetime) -> None:
        """Count one POST; raises `Refusee` beyond the limit. A request without the header is not counted."""
        if autorisation is None:
            return
        fenetre = int(now.timestamp()) // MINUTE
        with self._verrou:
            self._comptes = {c: n for c, n in self._comptes.items() if c[1] >= fenetre}
            vus = self._comptes[autorisation, fenetre] = self._comptes.get((autorisation, fenetre), 0) + 1
        if vus > self.par_minute:
            raise Refusee(self.depassee(now))

    @staticmethod
    def depassee(now: datetime) -> Reponse:
        """Give the plain-text 429: no `Retry-After`, the hour of the next window instead."""
        suivante = (int(now.timestamp()) // MINUTE + 1) * MINUTE
        entetes = {"RateLimit-Remaining": "0", "RateLimit-Reset": str(suivante)}
        return Reponse(429, LIMITE.encode(), None, entetes)


def identifie(monde: World, autorisation: str | None, ip: str) -> Jeton | None:
    """Give the token of a request, or None for nobody; raises `Refusee` (network, then expiry: contract §1.2)."""
    trouve = AUTORISATION.fullmatch(autorisation or "")
    jeton = monde.jetons.get(trouve[1]) if trouve else None
    if jeton is None:
        return None
    adresse = ipaddress.ip_address(ip)
    if jeton.reseaux and not any(adresse in ipaddress.ip_network(r) for r in jeton.reseaux):
        raise Refusee(erreur(403, RESEAU.format(ip, adresse.max_prefixlen), "forbidden"))
    if jeton.expire_le and monde.now().astimezone(PARIS).date() > jeton.expire_le:
        raise Refusee(erreur(401, "Token expired", "unauthorized"))
    return jeton


def lit_demande(corps: bytes, type_contenu: str) -> Demande:
    """Read a request's body, JSON or form; raises `Refusee` for what the real server refuses."""
    brute = _formulaire(corps) if "form-urlencoded" in type_contenu else _json(corps)
    texte, identifiant, operation = brute.get("query"), brute.get("queryId"), brute.get("operationName")
    return Demande(
        texte=texte if isinstance(texte, str) and texte else None,
        identifiant=identifiant if isinstance(identifiant, str) and identifiant else None,
        variables=_variables(brute.get("variables")),
        operation=operation if isinstance(operation, str) and operation else None,
    )


def _formulaire(corps: bytes) -> Mapping[str, Any]:
    return {cle: valeurs[0] for cle, valeurs in parse_qs(corps.decode(errors="replace")).items()}


def _json(corps: bytes) -> Mapping[str, Any]:
    if not corps.strip():
        return {}
    try:
        lu = json.loads(corps)
    except RecursionError as faute:
        raise Refusee(erreur_interne()) from faute
    except ValueError as faute:
        raise Refusee(erreur(400, _faute_json(corps.decode(errors="replace"), faute), "bad_request")) from faute
    return lu if isinstance(lu, dict) else {}


def _variables(brutes: Any) -> dict[str, Any]:
    """Give the variables, whether an object or JSON in a string."""
    if isinstance(brutes, dict):
        return brutes
    if brutes is None or brutes == "":
        return {}
    if not isinstance(brutes, str):
        raise Refusee(erreur(400, f"Unexpected parameter: {json.dumps(brutes)}", "bad_request"))
    try:
        lues = json.loads(brutes)
    except RecursionError as faute:
        raise Refusee(erreur_interne()) from faute
    except ValueError as faute:
        raise Refusee(erreur(400, _faute_json(brutes, faute), "graphql_parse_failed")) from faute
    return lues if isinstance(lues, dict) else {}


def _faute_json(texte: str, faute: ValueError) -> str:
    """Word a JSON error as the real parser does: an end that came too early, or a character it did not expect."""
    rang = getattr(faute, "pos", 0)
    reste = texte[rang:]
    lieu = f"at line {texte.count(chr(10), 0, rang) + 1} column {rang - texte.rfind(chr(10), 0, rang)}"
    if not reste.strip():
        fin = len(texte)
        lieu = f"at line {texte.count(chr(10)) + 1} column {fin - texte.rfind(chr(10))}"
        return f"unexpected end of input {lieu}"
    mot = re.match(r"\w+|\W", reste)
    return f"unexpected character: '{mot[0] if mot else reste[0]}' {lieu}"
