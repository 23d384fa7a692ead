"""A clock that waits without waiting, a wire that is scripted, and DS's JSON as our documents ask for it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import responses

from connector.api import lecture
from connector.api.champs import LecteurChamps

URL = "https://ds.exemple/api/v2/graphql"
JETON = "jeton-de-test"
INSTANT = "2026-11-21T10:00:00+01:00"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Horloge:
    """Time that passes only when somebody waits; `sonner_apres` seconds of waiting, it asks to stop."""

    now: float = 1_000_000.0
    waits: list[float] = field(default_factory=list)
    sonner_apres: float | None = None

    def monotonic(self) -> float:
        return self.now

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits.append(timeout)
        self.now += timeout
        return self.sonner_apres is not None and sum(self.waits) >= self.sonner_apres


@dataclass
class Fil:
    """The wire: what DS will answer, in order, and what it was asked. An answer may be a function of the variables."""

    mock: responses.RequestsMock
    asked: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)

    def repondre(self, *answers: Any) -> None:
        """Queue answers: a JSON object, (status, headers, body), an exception, or a function of the request's JSON."""
        self.answers += answers

    def __call__(self, request: Any) -> tuple[int, dict[str, str], bytes]:
        question = json.loads(request.body)
        self.asked.append(question)
        self.requests.append(request)
        answer = self.answers.pop(0)
        if callable(answer):
            answer = answer(question)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, tuple):
            status, headers, body = answer
            return status, headers, body if isinstance(body, bytes) else body.encode()
        return 200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(answer).encode()

    @property
    def documents(self) -> list[str]:
        """The operations that were sent, by name."""
        return [q["operationName"] for q in self.asked]

    def variables(self, index: int = -1) -> dict[str, Any]:
        """The variables of a request."""
        return self.asked[index]["variables"]


def champ(typename: str = "TextChamp", **values: Any) -> dict[str, Any]:
    return {
        "__typename": typename,
        "id": "Q2hhbXAtMQ==",
        "champDescriptorId": "Q2hhbXAtMQ==",
        "label": "Un champ",
        "stringValue": None,
        "updatedAt": INSTANT,
    } | values


def dossier(number: int = 24100001, **values: Any) -> dict[str, Any]:
    return {
        "id": f"Dossier-{number}",
        "number": number,
        "state": "en_construction",
        "archived": False,
        "connectionUsager": "password",
        "dateDepot": INSTANT,
        "datePassageEnConstruction": INSTANT,
        "datePassageEnInstruction": None,
        "dateTraitement": None,
        "dateDerniereModification": INSTANT,
        "dateDerniereModificationChamps": INSTANT,
        "dateDerniereModificationAnnotations": INSTANT,
        "dateDerniereCorrectionEnAttente": None,
        "dateSuppressionParUsager": None,
        "usager": {"email": "usager@exemple.fr"},
        "demarche": {"number": 104234, "revision": {"id": "Revision-1"}},
        "demandeur": {
            "__typename": "PersonneMorale",
            "siret": "26370010600010",
            "entreprise": {"raisonSociale": "CH DE L’EXEMPLE"},
            "association": None,
        },
        "groupeInstructeur": {
            "id": "Groupe-1",
            "number": 1,
            "label": "Groupe",
            "closed": False,
            "instructeurs": [{"id": "Instructeur-1", "email": "agent@exemple.fr"}],
        },
        "labels": [],
        "traitements": [{"event": "depose", "dateTraitement": INSTANT, "emailAgentTraitant": None}],
        "messages": [],
        "avis": [],
        "champs": [champ(value="bonjour", stringValue="bonjour")],
        "annotations": [],
    } | values


def demarche(nodes: list[Any], *, cursor: str | None = "curseur", more: bool = False, **values: Any) -> dict[str, Any]:
    """The `demarche` of a page, rich or light."""
    return {
        "id": "Procedure-104234",
        "number": 104234,
        "title": "Candidatures",
        "state": "publiee",
        "activeRevision": {"id": "Revision-1"},
        "dernier": {"nodes": [{"number": 24100099, "dateDerniereModification": INSTANT}]},
        "dossiers": {"pageInfo": {"hasNextPage": more, "endCursor": cursor}, "nodes": nodes},
    } | values


def page(nodes: list[Any], *, errors: list[Any] | None = None, **values: Any) -> dict[str, Any]:
    answer: dict[str, Any] = {"data": {"demarche": demarche(nodes, **values)}}
    return answer | ({"errors": errors} if errors else {})


def repere(number: int) -> dict[str, Any]:
    return {
        "number": number,
        "dateDerniereModification": INSTANT,
        "state": "en_construction",
        "demarche": {"revision": {"id": "Revision-1"}},
    }


def erreur(message: str, code: str = "", path: list[Any] | None = None, **extensions: Any) -> dict[str, Any]:
    error: dict[str, Any] = {"message": message}
    if path is not None:
        error["path"] = path
    if code or extensions:
        error["extensions"] = ({"code": code} if code else {}) | extensions
    return error


TIMEOUT = {"data": {"demarche": None}, "errors": [erreur("Timeout on Dossier.champs", "timeout", ["demarche"])]}

UN_DOSSIER = lecture.dossier(dossier(), LecteurChamps())
"""A dossier as the gateway gives it, to write to."""
