"""The error tree: each class says what the caller must do, and with which exit code the process ends."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace


class ConnectorError(Exception):
    """Anything this program raises on purpose; the message is a French sentence an operator can act on."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class OperatorError(ConnectorError):
    """Fix it and run again: never shown as a traceback."""

    exit_code = 2


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in a configuration: `path` is a dotted TOML path, `message` a French sentence.

    `line` is the line of the file, from 1; 0 when it is not known.
    """

    path: str
    message: str
    line: int = 0

    def __str__(self) -> str:
        """« ligne 12, regles n° 3, champ : … » : ranks are counted from 1, as people do."""
        place = re.sub(r"\[(\d+)\]\.?", lambda rang: f" n° {int(rang[1]) + 1}, ", self.path).removesuffix(", ")
        where = ", ".join(filter(None, (f"ligne {self.line}" if self.line else "", place)))
        message = re.sub(r"(?<=[^\W\d_])'(?=[^\W\d_])", "’", self.message)  # as French print has it
        return f"{where} : {message}" if where else message


class ConfigError(OperatorError):
    """The configuration cannot be used; every problem is listed at once, each with its line and its path.

    `quoi` says it in one sentence, where how many there are of them is of no interest.
    """

    def __init__(self, problems: tuple[Problem, ...], *, source: str = "configuration", quoi: str = "") -> None:
        self.problems, self.source, self.quoi = problems, source, quoi
        lines = "\n".join(f"  - {problem}" for problem in problems)
        plural = "problème" if len(problems) == 1 else "problèmes"
        super().__init__(f"{quoi or f'{source} : {len(problems)} {plural}'}\n{lines}")

    def located(self, line_of: Callable[[str], int]) -> ConfigError:
        """The same in the order of the file, each problem that has no line yet given that of its path."""
        problems = (p if p.line else replace(p, line=line_of(p.path)) for p in self.problems)
        return ConfigError(tuple(sorted(problems, key=lambda p: p.line)), source=self.source, quoi=self.quoi)


class TemplateError(OperatorError):
    """A message template cannot be rendered; `line` is 1-based, 0 when Jinja does not say."""

    def __init__(self, template: str, line: int, message: str) -> None:
        self.template, self.line = template, line
        where = f"{template}, ligne {line}" if line else template
        super().__init__(f"modèle {where} : {message}")


class AlreadyRunning(OperatorError):
    """Another process holds the database's lock."""

    exit_code = 75


class RemoteError(ConnectorError):
    """Démarches simplifiées did not give what was asked."""


class RetryableError(RemoteError):
    """A passing failure: the next cycle resumes. `retry_after` in seconds when the server said it.

    `reached` is False only when the request certainly never reached the server.
    """

    exit_code = 75

    def __init__(self, message: str, *, retry_after: float | None = None, reached: bool = True, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after, self.reached = retry_after, reached


class StopRequested(RetryableError):
    """A stop was asked for while a request waited for its turn: it was not sent."""

    def __init__(self) -> None:
        super().__init__("arrêt demandé pendant une attente.", reached=False, hint="Le prochain passage reprendra.")


class PageTimeout(RetryableError):
    """The server ran out of its 30 seconds on one page: ask for a smaller one (contract §1.4)."""


class FatalRemoteError(RemoteError):
    """Asking again cannot help: a human must act first."""


class AccessDenied(FatalRemoteError):
    """Token missing, wrong, expired, read-only, on the wrong network, or out of scope (contract §1.3)."""

    exit_code = 77


class ContractBroken(FatalRemoteError):
    """The server no longer speaks the API this version knows (unknown field, changed type, not JSON at all)."""

    exit_code = 76


class DossierError(RemoteError):
    """One dossier cannot be read or written; it is set aside and counted, the others go on."""

    def __init__(self, message: str, *, number: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.number = number


class DossierNotFound(DossierError):
    """DS no longer shows this dossier: deleted, binned or expired (out of the token's reach is AccessDenied)."""


class MutationRefused(DossierError):
    """DS refused a write (payload `errors`): not applied. `cause` is a stable key, `texts` what DS said."""

    def __init__(
        self, message: str, *, cause: str, texts: tuple[str, ...], number: int | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, number=number, hint=hint)
        self.cause, self.texts = cause, texts


class OutcomeUnknown(RemoteError):
    """A write was sent and its answer never came: only a re-read can tell."""

    exit_code = 75


class StoreError(ConnectorError):
    """The database cannot be used: disk full, locked, damaged."""

    exit_code = 74


class SchemaTooNew(StoreError):
    """The database was written by a newer version of this program."""


class SafetyStop(ConnectorError):
    """The brake: more would be sent than the configuration allows; nothing was sent."""

    exit_code = 3


def sentence(text: str) -> str:
    """The text with a capital first, but where it begins with the name of a file."""
    first = text.partition(" ")[0]
    return text if re.search(r"[./_\\]\w", first) else text[:1].upper() + text[1:]


def said(error: ConnectorError) -> str:
    """What went wrong, and the remedy where there is one."""
    return f"{error} {error.hint}".strip()
