"""Logging set-up: structlog over the standard library, to stderr, with secrets and personal text kept out.

Modules log through `logging.getLogger(__name__)` with an event name and an `extra` of numbers; this module only
configures. The HTTP and GraphQL libraries print whole answers at DEBUG, so they are capped whatever `-v` says.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from functools import cache, partial
from pathlib import Path
from traceback import extract_tb
from types import ModuleType
from typing import Any, TextIO

from connector.core.typographie import composer

CAPPED = ("apscheduler", "gql", "urllib3", "requests", "graphql", "charset_normalizer")
LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG, logging.DEBUG)
"""What each -v shows: warnings, events (a page, an effect), each request and its cost, then where each line is from."""

ORIGINE = 3
"""From how many -v each line says which module wrote it, and in which process and thread."""

_SECRET = re.compile(r"(?i)(bearer\s+)\S+|(temp_url_sig=)[^&\s\"']+|([A-Za-z0-9_\-]{43,}={0,2})")
_LINK = re.compile(r"(https?://[^/\s\"'?]+)/[^\s\"'?]*\?[^\s\"']+")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


_LONGUEUR = 4_000
"""Characters of the longest text that is written: what looks for addresses reads a text many times over."""


def redact(text: str) -> str:
    """The text without anything that looks like a token, a signed link or an e-mail address.

    A link with a query is signed, and names a file: only its host is kept. What is too long for a line of a journal is
    cut, after a whole word: half of a token would not be known for one.
    """
    if len(text) > _LONGUEUR:
        text = f"{text[:_LONGUEUR].rpartition(' ')[0]} […]"
    return _EMAIL.sub("<courriel>", _SECRET.sub("<masqué>", _LINK.sub(r"\1/<masqué>", text)))


def _redact_event(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    for key, value in event.items():
        event[key] = _clean(value)
    return event


def trace(error: BaseException) -> str:
    """Where that error came from, and its kind: never its words, which may be somebody's, nor its variables."""
    behind = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    places = (
        f"  {Path(frame.filename).name}:{frame.lineno} ({frame.name})" for frame in extract_tb(error.__traceback__)
    )
    told = "\n".join((*places, type(error).__name__))
    return f"{trace(behind)}\n{told}" if behind else told


def _trace(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """The error of an event, told by its trace alone."""
    found = event.pop("exc_info", None)
    error = found[1] if isinstance(found, tuple) else sys.exc_info()[1] if found is True else found
    if isinstance(error, BaseException):
        event["exception"] = trace(error)
    return event


def _clean(value: object) -> object:
    """The value redacted, however deep; what is neither number nor collection becomes its redacted text."""
    match value:
        case None | bool() | int() | float():
            return value
        case Mapping():
            return {redact(str(key)): _clean(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_clean(item) for item in value]
        case _:
            return redact(str(value))


def _origine(structlog: ModuleType) -> tuple[Any, ...]:
    """What says where a line comes from: never what it was about."""
    parametre = structlog.processors.CallsiteParameter
    wanted = {parametre.PROCESS, parametre.THREAD_NAME, parametre.FUNC_NAME, parametre.LINENO}
    return (structlog.stdlib.add_logger_name, structlog.processors.CallsiteParameterAdder(wanted))


AU_TERMINAL = {
    "request.retried": "Démarches simplifiées ne répond pas comme attendu : nouvel essai dans {wait:.0f} s.",
    "page.shrunk": "Démarches simplifiées peine : les dossiers sont demandés par {size}.",
}
"""What an agent who waits before a terminal is told instead of an event, as long as no -v asks for it."""


class _Tardif(logging.Formatter):
    """A formatter made at the first line: most passes log none, and structlog, which brings rich, takes 5 MB."""

    def __init__(self, faire: Callable[[], logging.Formatter], dits: Mapping[str, str]) -> None:
        super().__init__()
        self._fait = cache(faire)
        self._dits = dits

    def format(self, record: logging.LogRecord) -> str:
        """The line of that record."""
        dit = self._dits.get(str(record.msg))
        return self._fait().format(record) if dit is None else composer(dit.format_map(vars(record)))


def configure(verbosity: int, *, json: bool, stream: TextIO | None = None) -> None:
    """Send logs to `stream` (stderr): see `LEVELS` for what each -v adds; JSON lines for machines."""
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    dits = AU_TERMINAL if handler.stream.isatty() and not (verbosity or json) else {}
    handler.setFormatter(_Tardif(partial(_formatter, verbosity, json=json), dits))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[min(verbosity, len(LEVELS) - 1)])
    for name in CAPPED:
        logging.getLogger(name).setLevel(logging.WARNING)


def _formatter(verbosity: int, *, json: bool) -> logging.Formatter:
    """Structlog's, with what keeps secrets and personal text out."""
    import structlog  # noqa: PLC0415 - heavy

    renderer: structlog.types.Processor
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        *(_origine(structlog) if verbosity >= ORIGINE else ()),
    ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _trace,
            _redact_event,
            renderer,
        ],
    )
