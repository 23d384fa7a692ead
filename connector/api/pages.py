"""Pages of dossiers, at the pace the server can keep; a dossier that DS cannot show never stops the walk.

The size is halved when the server cannot keep up and grown back when it can. A dossier that cannot be shown becomes a
`Trou`, with its number whenever a lighter read finds it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connector.api import lecture
from connector.api.champs import CAUSES, Brut, LecteurChamps
from connector.api.classement import champ_absent
from connector.api.echange import Demande, Erreur, PanneInterne, Resultat
from connector.api.formes import exiger
from connector.api.suppressions import Suppressions
from connector.api.transport import Transport
from connector.core.fiche import Retenue
from connector.core.model import Dossier, Page, PageReperes, Repere, Trou
from connector.errors import PageTimeout, RetryableError

log = logging.getLogger(__name__)

TAILLE_MAX = 100
"""The largest page DS gives (contract §1.4)."""

SUCCES_POUR_GRANDIR = 3
"""Good pages in a row before asking for twice as many: a page too large costs DS its whole 30 seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pas:
    """Where a walk stands: what to ask the next page for."""

    demarche: int
    updated_since: datetime
    after: str | None
    deleted_since: datetime | None = None
    retenue: Retenue | None = None

    def demande(self, document: str) -> Demande:
        return Demande(document=document, mutation=False, demarche=self.demarche)

    def variables(self, first: int) -> dict[str, Any]:
        return {
            "demarche": self.demarche,
            "first": first,
            "after": self.after,
            "updatedSince": self.updated_since.isoformat(),
        }


class Pages:
    """Walks démarches page by page; remembers the size that the server can give."""

    def __init__(self, transport: Transport, champs: LecteurChamps, suppressions: Suppressions) -> None:
        self._transport, self._champs, self._suppressions = transport, champs, suppressions
        self._taille = TAILLE_MAX
        self._succes = 0

    def page(
        self,
        number: int,
        *,
        updated_since: datetime,
        after: str | None,
        deleted_since: datetime | None = None,
        retenue: Retenue | None = None,
    ) -> Page:
        """The next page, however short; see `gateway`."""
        pas = _Pas(
            demarche=number, updated_since=updated_since, after=after, deleted_since=deleted_since, retenue=retenue
        )
        while True:
            try:
                resultat = self._transport.lire(pas.demande("page"), self._variables(pas))
            except (PageTimeout, PanneInterne) as error:
                if self._taille == 1:
                    return self._page_sans_le_dossier(pas, error)
                self._reduire(error)
            except RetryableError as error:
                if error.reached and error.retry_after is None:
                    self._reduire(error)  # a proxy may give up before DS does: ask for less next time
                raise
            else:
                return self._page(pas, resultat)

    def reperes(self, number: int, *, updated_since: datetime, after: str | None, first: int) -> PageReperes:
        """A light page; see `gateway`."""
        pas = _Pas(demarche=number, updated_since=updated_since, after=after)
        return self._legere(pas, first, labels=True)[0]

    def _reduire(self, error: RetryableError) -> None:
        self._taille = max(1, self._taille // 2)
        self._succes = 0
        log.warning("page.shrunk", extra={"size": self._taille, "cause": str(error)})

    def _agrandir(self) -> None:
        self._succes += 1
        if self._succes >= SUCCES_POUR_GRANDIR and self._taille < TAILLE_MAX:
            self._taille = min(TAILLE_MAX, self._taille * 2)
            self._succes = 0
            log.info("page.grown", extra={"size": self._taille})

    def _variables(self, pas: _Pas) -> dict[str, Any]:
        variables = pas.variables(self._taille)
        if pas.deleted_since is not None:
            variables |= {"suppressions": True, "deletedSince": pas.deleted_since.isoformat()}
        return variables

    def _page(self, pas: _Pas, resultat: Resultat) -> Page:
        lecture.marquer(resultat.data, resultat.erreurs)
        with lecture.contrat(pas.demande("page")):
            brute = resultat.data["demarche"]
            nodes, info = brute["dossiers"]["nodes"], brute["dossiers"]["pageInfo"]
            vides = self._trous(pas, nodes, resultat.erreurs)
            supprimes = self._suppressions.dans(brute, pas.demarche, pas.deleted_since)
            self._agrandir()
            self._anticiper(pas, info)
            dossiers, trous = self._dossiers(nodes, pas.retenue)
            page = Page(
                dossiers=dossiers,
                trous=trous + vides,
                end_cursor=info["endCursor"],
                has_next_page=info["hasNextPage"],
                dernier=lecture.dernier(brute),
                active_revision_id=brute["activeRevision"]["id"],
                supprimes=supprimes,
            )
            return exiger(page, Page)

    def _anticiper(self, pas: _Pas, info: Brut) -> None:
        """Have the server prepare the next page while this one is typed and stored."""
        if info["hasNextPage"] and info["endCursor"] not in {None, pas.after}:
            suivant = replace(pas, after=info["endCursor"], deleted_since=None)
            self._transport.anticiper(suivant.demande("page"), self._variables(suivant))

    def _dossiers(
        self, nodes: list[Brut | None], retenue: Retenue | None
    ) -> tuple[tuple[Dossier, ...], tuple[Trou, ...]]:
        """The dossiers of a page, and a hole for each whose shape we do not understand; `nodes` ends empty.

        Each node is let go once typed: a page of them is 6 MB, and the next one comes meanwhile.
        """
        dossiers, trous = [], []
        nodes.reverse()
        while nodes:
            node = nodes.pop()
            if node is None:
                continue
            try:
                dossiers.append(lecture.dossier(node, self._champs, retenue))
            except ValueError as error:
                trous.append(Trou(cause=f"forme inattendue ({error})", number=node["number"]))
        return tuple(dossiers), tuple(trous)

    def _trous(self, pas: _Pas, nodes: Sequence[Brut | None], erreurs: Sequence[Erreur]) -> tuple[Trou, ...]:
        """The holes of a page, named by reading the same page light.

        A dossier that moved between the two reads may be named by mistake: it is then read apart, and nothing is lost.
        """
        causes = [_cause(i, erreurs) for i, node in enumerate(nodes) if node is None]
        if not causes:
            return ()
        seen = {node["number"] for node in nodes if node is not None}
        light, _, _ = self._legere(pas, len(nodes))
        missing: list[int | None] = [r.number for r in light.reperes if r.number not in seen]
        missing += [None] * (len(causes) - len(missing))
        causes += causes[-1:] * (len(missing) - len(causes))
        return tuple(Trou(cause=cause, number=number) for cause, number in zip(causes, missing, strict=True))

    def _page_sans_le_dossier(self, pas: _Pas, error: RetryableError) -> Page:
        """The page of one dossier that DS cannot show at all: a hole with its number, and the cursor that passes it."""
        light, dernier, active_revision_id = self._legere(pas, 1)
        if light.end_cursor is None:
            raise error
        numbers: list[int | None] = [r.number for r in light.reperes]
        log.warning("dossier.skipped", extra={"dossiers": numbers, "cause": str(error)})
        return Page(
            dossiers=(),
            trous=tuple(Trou(cause=str(error), number=number) for number in numbers or [None]),
            end_cursor=light.end_cursor,
            has_next_page=light.has_next_page,
            dernier=dernier,
            active_revision_id=active_revision_id,
            supprimes=self._suppressions.toutes(pas.demarche, pas.deleted_since) if pas.deleted_since else (),
        )

    def _legere(self, pas: _Pas, first: int, *, labels: bool = False) -> tuple[PageReperes, Repere | None, str]:
        """A light page, with labels or without, the démarche's latest dossier and its active revision."""
        demande = pas.demande("reperes")
        resultat = self._transport.lire(demande, pas.variables(first) | ({"labels": True} if labels else {}))
        with lecture.contrat(demande):
            brute = resultat.data["demarche"]
            return lecture.reperes(brute), lecture.dernier(brute), brute["activeRevision"]["id"]


def _cause(index: int, erreurs: Sequence[Erreur]) -> str:
    """Why DS could not show the dossier at that place of the page."""
    place = ("demarche", "dossiers", "nodes", index)
    erreur = next((e for e in erreurs if e.path[:4] == place), None)
    if erreur is None:
        return "dossier non rendu par DS"
    manque = f"{champ_absent(erreur)} manque" if erreur.code == "invalid_null" else CAUSES[erreur.code]
    return f"DS ne sait pas rendre ce dossier : {manque}"
