"""Network failures on demand: which call fails, how, and whether the server had acted before it failed.

Each fault is one of those that contract §1.3 and appendix B list. A test scripts them by call (`ajoute`) or by
chance (`au_hasard`, with a seeded random that it gives); `vues` says which were served.
"""

from __future__ import annotations

import copy
import random
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Genre(StrEnum):
    """The ways to fail."""

    LATENCE = "latence"
    """The answer comes, `duree` seconds late."""
    REPONSE_LENTE = "reponse_lente"
    """The answer drips, over `duree` seconds."""
    RESET_AVANT = "reset_avant"
    """The connection breaks before anything was done."""
    RESET_APRES = "reset_apres"
    """The connection breaks once all was done: the answer is lost."""
    ERREUR_500 = "erreur_500"
    """Internal Server Error, with an `exception_id`."""
    HTML_502 = "html_502"
    """A proxy's HTML page."""
    HTML_503 = "html_503"
    """A proxy's HTML page."""
    MAINTENANCE = "maintenance"
    """503, in JSON that is not GraphQL's."""
    LIMITE_429 = "limite_429"
    """Too many requests: plain text, and the hour of the next window."""
    JSON_TRONQUE = "json_tronque"
    """200, and half of the answer."""
    HTML_200 = "html_200"
    """200, and an HTML page."""
    PARTIEL_TIMEOUT = "partiel_timeout"
    """200, with holes and a `timeout` error."""
    NOEUD_NUL = "noeud_nul"
    """200, with one node null and an `invalid_null` error."""
    DATA_NULLE = "data_nulle"
    """200, and `{"data": null}`."""
    REDIRECTION_301 = "redirection_301"
    """Moved, to another host."""


class GenreFichier(StrEnum):
    """The ways in which a storage may give a file badly."""

    REDIRECTION = "redirection"
    """Found elsewhere: on another host."""
    REFUS_403 = "refus_403"
    """The link is refused, as an old one is."""
    LENT = "lent"
    """A byte at a time, over `duree` seconds."""
    ENORME = "enorme"
    """Much longer than announced, and no length is told."""
    GZIP = "gzip"
    """Packed though nobody asked: a few bytes that unpack into a hundred million."""
    AUTRE = "autre"
    """As many bytes, but not those."""
    COUPE = "coupe"
    """Half of it, and the connection breaks."""
    PANNE_503 = "panne_503"
    """The storage is out of order."""


AGIT = frozenset(
    {
        Genre.LATENCE,
        Genre.REPONSE_LENTE,
        Genre.RESET_APRES,
        Genre.JSON_TRONQUE,
        Genre.HTML_200,
        Genre.PARTIEL_TIMEOUT,
        Genre.NOEUD_NUL,
        Genre.DATA_NULLE,
    }
)
"""The faults before which the server acts, unless told otherwise."""

REVISABLES = frozenset({Genre.ERREUR_500, Genre.HTML_502, Genre.HTML_503})
"""The faults that leave the effect unknown: `applique` chooses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appel:
    """One call, as a fault's predicate sees it: `rang` counts the calls from 1, `racines` are its root fields."""

    rang: int
    mutation: bool
    operation: str | None
    racines: tuple[str, ...]
    variables: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Panne:
    """A fault to serve: for the calls that `quand` chooses, after `apres` of them, `fois` times (None: always)."""

    genre: Genre
    quand: Callable[[Appel], bool]
    apres: int = 0
    fois: int | None = 1
    duree: float = 0.0
    applique: bool = False

    @property
    def agit(self) -> bool:
        """Whether the server acts before it fails."""
        return self.genre in AGIT or (self.genre in REVISABLES and self.applique)


@dataclass(slots=True)
class Faults:
    """The faults of one sandbox; safe to change while it serves."""

    vues: list[tuple[Genre, Appel]] = field(default_factory=list)
    _pannes: list[Panne] = field(default_factory=list)
    _verrou: threading.Lock = field(default_factory=threading.Lock)
    _fichiers: deque[tuple[GenreFichier, float]] = field(default_factory=deque)
    _hasard: tuple[random.Random, float, tuple[Genre, ...], float] | None = None

    def ajoute(
        self,
        genre: Genre,
        *,
        operation: str | None = None,
        quand: Callable[[Appel], bool] | None = None,
        mutation: bool | None = None,
        apres: int = 0,
        fois: int | None = 1,
        duree: float = 0.0,
        applique: bool = False,
    ) -> Panne:
        """Script a fault for calls whose operation name or root field is `operation`, and that `quand` accepts."""

        def choisit(appel: Appel) -> bool:
            return (
                (operation is None or operation == appel.operation or operation in appel.racines)
                and (mutation is None or mutation == appel.mutation)
                and (quand is None or quand(appel))
            )

        panne = Panne(genre=genre, quand=choisit, apres=apres, fois=fois, duree=duree, applique=applique)
        with self._verrou:
            self._pannes.append(panne)
        return panne

    def ajoute_fichier(self, genre: GenreFichier, *, fois: int = 1, duree: float = 0.0) -> None:
        """Give the next files badly, that many times."""
        with self._verrou:
            self._fichiers.extend([(genre, duree)] * fois)

    def pour_fichier(self) -> tuple[GenreFichier, float] | None:
        """Give how the next file is to be given badly, if it is."""
        with self._verrou:
            return self._fichiers.popleft() if self._fichiers else None

    def au_hasard(
        self, hasard: random.Random, taux: float, genres: Iterable[Genre] = tuple(Genre), *, duree: float = 0.05
    ) -> None:
        """Serve each of these faults with this probability (0 to 1) at every call."""
        with self._verrou:
            self._hasard = (hasard, taux, tuple(genres), duree)

    def vide(self) -> None:
        """Forget every fault to come."""
        with self._verrou:
            self._pannes.clear()
            self._fichiers.clear()
            self._hasard = None

    def pour(self, appel: Appel) -> Panne | None:
        """Give the fault to serve for this call, if any, and count it."""
        with self._verrou:
            panne = self._scriptee(appel) or self._tiree()
            if panne:
                self.vues.append((panne.genre, appel))
            return panne

    def _scriptee(self, appel: Appel) -> Panne | None:
        for panne in self._pannes:
            if not panne.quand(appel):
                continue
            if panne.apres > 0:
                panne.apres -= 1
                continue
            if panne.fois is not None:
                panne.fois -= 1
                if panne.fois == 0:
                    self._pannes.remove(panne)
            return panne
        return None

    def _tiree(self) -> Panne | None:
        if self._hasard is None:
            return None
        hasard, taux, genres, duree = self._hasard
        for genre in genres:
            if hasard.random() < taux:
                applique = hasard.random() < 0.5  # noqa: PLR2004 - as likely before as after
                return Panne(genre=genre, quand=lambda _: True, duree=duree, applique=applique)
        return None


def troue(reponse: dict[str, Any]) -> dict[str, Any]:
    """Give an answer cut by the 30 s limit: the second half of its nodes null, and timeout errors (contract §1.4)."""
    percee = copy.deepcopy(reponse)
    chemin, noeuds = _noeuds(percee.get("data"), [])
    rangs = range(len(noeuds) // 2, len(noeuds)) if noeuds else ()
    erreurs: list[dict[str, Any]] = []
    for rang in rangs:
        noeuds[rang] = None
        erreurs.append(_expire([*chemin, rang], "Dossier.champs", premiere=not erreurs))
    if not erreurs:
        erreurs = [_expire(_perce(percee.get("data")), "Query.dossier", premiere=True)]
    return {"errors": [*percee.get("errors", ()), *erreurs], "data": percee.get("data")}


def annule(reponse: dict[str, Any]) -> dict[str, Any]:
    """Give an answer with one node null, and the error that says why."""
    percee = copy.deepcopy(reponse)
    chemin, noeuds = _noeuds(percee.get("data"), [])
    if noeuds:
        noeuds[0] = None
        chemin = [*chemin, 0, "demandeur", "siegeSocial"]
    else:
        chemin = _perce(percee.get("data"))
    erreur = {
        "message": "Cannot return null for non-nullable field PersonneMorale.siegeSocial",
        "path": chemin,
        "extensions": {"code": "invalid_null"},
    }
    return {"errors": [*percee.get("errors", ()), erreur], "data": percee.get("data")}


def _expire(chemin: list[str | int], champ: str, *, premiere: bool) -> dict[str, Any]:
    erreur: dict[str, Any] = {"message": f"Timeout on {champ}", "path": chemin}
    if premiere:
        erreur["extensions"] = {"code": "timeout"}
    return erreur


def _noeuds(valeur: Any, chemin: list[str | int]) -> tuple[list[str | int], list[Any]]:
    """Find the fullest list of nodes in an answer, and the path to it."""
    meilleur: tuple[list[str | int], list[Any]] = (chemin, [])
    if not isinstance(valeur, dict):
        return meilleur
    for cle, dessous in valeur.items():
        if cle == "nodes" and isinstance(dessous, list):
            trouve: tuple[list[str | int], list[Any]] = ([*chemin, cle], dessous)
        else:
            trouve = _noeuds(dessous, [*chemin, cle])
        if len(trouve[1]) > len(meilleur[1]):
            meilleur = trouve
    return meilleur


def _perce(data: Any) -> list[str | int]:
    """Null the first object inside the first root field (or that field), and give its path."""
    if not isinstance(data, dict):
        return []
    for cle, racine in data.items():
        if isinstance(racine, dict):
            for dessous, valeur in racine.items():
                if isinstance(valeur, dict):
                    racine[dessous] = None
                    return [cle, dessous]
            data[cle] = None
            return [cle]
    return []
