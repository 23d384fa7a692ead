"""Logging set-up: structlog over the standard library, to stderr, with secrets and personal text kept out.

Modules log through `logging.getLogger(__name__)` with an event name and an `extra` of numbers; this module only
configures. The HTTP and GraphQL libraries print whole answers at DEBUG, so they are capped whatever `-v` says.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import TextIO

CAPPED = ("gql", "urllib3", "requests", "graphql", "charset_normalizer")
LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)

_SECRET = re.compile(r"(?i)(bearer\s+)\S+|(temp_url_sig=)[^&\s\"']+|([A-Za-z0-9_\-]{43,}={0,2})")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def redact(text: str) -> str:
    """The text without anything that looks like a token, a signed link or an e-mail address."""
    return _EMAIL.sub("<courriel>", _SECRET.sub("<masqué>", text))


def _redact_event(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
    return event


def configure(verbosity: int, *, json: bool, stream: TextIO = sys.stderr) -> None:
    """Send logs to `stream`: warnings, then events (1), then details (2 and more); JSON lines for machines."""
    import structlog  # noqa: PLC0415 - not needed to show --help

    renderer: structlog.types.Processor
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    shared: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redact_event,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[min(verbosity, len(LEVELS) - 1)])
    for name in CAPPED:
        logging.getLogger(name).setLevel(logging.WARNING)
