"""What every resolver needs to know of the request it answers, and the errors it may raise."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from graphql import GraphQLError

from connector.sandbox.liens import adresse_fichier

if TYPE_CHECKING:
    from collections.abc import Callable

    from connector.sandbox.liens import Signataire
    from connector.sandbox.world import DossierMonde, Fichier, Jeton, World

ID_NOEUD = re.compile(r"([A-Z][A-Za-z]*)-(.+)", re.DOTALL)


class ErreurInterne(Exception):
    """The server breaks on this request: the whole answer is a 500 (contract §1.3)."""


@dataclass(frozen=True, slots=True)
class Ecriture:
    """One mutation that was received: for assertions."""

    operation: str
    dossier: int | None
    applied: bool
    input: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Requete:
    """One request: its world, its token (None: nobody), its language, the types its document names."""

    monde: World
    jeton: Jeton | None
    base: str
    signataire: Signataire
    langue: str = "fr"
    fragments: frozenset[str] = frozenset()
    pause: Callable[[], None] = lambda: None
    ecritures: list[Ecriture] = field(default_factory=list)

    @property
    def ecriture(self) -> bool:
        """Whether the token may write."""
        return self.jeton is not None and self.jeton.ecriture

    def couvre(self, demarche: int) -> bool:
        """Whether the token's scope holds the démarche."""
        return self.jeton is not None and self.jeton.couvre(demarche)

    def lien(self, fichier: Fichier) -> str:
        """Give a file's link, valid one hour."""
        return adresse_fichier(self.base, self.signataire.signe("fichier", fichier.cle), fichier.filename)


def introuvable(nom: str) -> GraphQLError:
    """Give the error for an object that does not exist or cannot be seen."""
    return GraphQLError(f"{nom} not found", extensions={"code": "not_found"})


def cache(nom: str) -> GraphQLError:
    """Give the error for an object out of the token's scope."""
    return GraphQLError(f"An object of type {nom} was hidden due to permissions", extensions={"code": "unauthorized"})


def mauvaise_demande(message: str) -> GraphQLError:
    """Give the error for arguments that do not go together."""
    return GraphQLError(message, extensions={"code": "bad_request"})


def identifiant_invalide(brut: str) -> GraphQLError:
    """Give the error for an id that is not one (no code, recorded)."""
    return GraphQLError(f'Invalid input: "{brut}"')


def lit_id(brut: str) -> tuple[str, str] | None:
    """Give the (kind, key) of a node id, or None for text that is not one. URL-safe and unpadded forms are read."""
    net = brut.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        clair = base64.b64decode(net + "=" * (-len(net) % 4), validate=True).decode()
    except (ValueError, binascii.Error):
        return None
    trouve = ID_NOEUD.fullmatch(clair)
    return (trouve[1], trouve[2]) if trouve else None


_CHIFFRES = 18
"""Digits of the longest number that a database of the real server holds."""


def parties(cible: str) -> SplitResult:
    """Give the parts of a request's target, which is a path whatever it looks like."""
    return urlsplit(f"//ici/{cible.lstrip('/')}")


def entier(texte: str) -> int | None:
    """Give the number that these digits write, or None when they are no number that a database holds."""
    return int(texte) if texte.isascii() and texte.isdecimal() and len(texte) <= _CHIFFRES else None


def dossier_lisible(requete: Requete, dossier: DossierMonde | None, nom: str = "Dossier") -> DossierMonde:
    """Give back a dossier that this request may see; raises DS's errors otherwise (`nom` is what is not found)."""
    if dossier is None or not dossier.visible:
        raise introuvable(nom)
    if not requete.couvre(dossier.demarche):
        raise cache("Dossier")
    return dossier
