"""What goes to DS and what comes back, before anybody says what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connector.errors import ContractBroken, RetryableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Recue:
    """An HTTP answer. Header names are in lower case; `body` is undone of its compression."""

    status: int
    headers: Mapping[str, str]
    body: bytes | bytearray

    def oublier(self) -> None:
        """Let the bytes go, whoever still holds the answer: those of a page are 2.4 MB."""
        if isinstance(self.body, bytearray):
            self.body.clear()


class Motif(StrEnum):
    """Why no answer came. The connection was certainly never opened for the first two."""

    INJOIGNABLE = "injoignable"
    CERTIFICAT = "certificat"
    DELAI = "delai"
    COUPURE = "coupure"
    DEMESURE = "demesure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Perdue:
    """No HTTP answer, and why."""

    motif: Motif


@dataclass(frozen=True, slots=True, kw_only=True)
class Demande:
    """What was asked: the document's name, whether it writes, and the démarche or dossier it is about."""

    document: str
    mutation: bool
    demarche: int | None = None
    dossier: int | None = None

    @property
    def sujet(self) -> str:
        """« la démarche 104231 », « le dossier 24100013 », or « la demande »."""
        if self.dossier is not None:
            return f"le dossier {self.dossier}"
        return f"la démarche {self.demarche}" if self.demarche is not None else "la demande"


@dataclass(frozen=True, slots=True, kw_only=True)
class Erreur:
    """One top-level GraphQL error; `path` is () when it concerns the whole request."""

    message: str
    code: str
    path: tuple[str | int, ...] = ()
    exception_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resultat:
    """Good data, with the errors that lie inside one node and spoil only it."""

    data: dict[str, Any]
    erreurs: tuple[Erreur, ...] = ()


class PanneInterne(RetryableError):
    """DS met an exception of its own (500 with an `exception_id`): a passing one, or one dossier's data."""


class VariableRefusee(ContractBroken):
    """DS's schema refuses a value that we sent; nothing was executed."""


class OperationAbsente(ContractBroken):
    """This instance does not have the mutation that we called; nothing was executed."""


_VALEURS = re.compile(r"Could not coerce value .* to ([\w!\[\]]+)|\"[^\"]*\"", re.DOTALL)


def sans_valeurs(message: str) -> str:
    """A server's message without what people typed: refused variables and parser errors repeat it."""
    return _VALEURS.sub(lambda m: f"type {m.group(1)} attendu" if m.group(1) else "« … »", message)[:300]
