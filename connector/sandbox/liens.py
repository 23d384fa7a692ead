"""Signed links: what a link gives, until when, and the refusal of one that was tampered with (contract §1.1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

DUREE = timedelta(hours=1)
"""How long a link, an upload address or a signed blob id is valid."""


EN_CLAIR = "!$&'()*+,;=:@~"
"""What a file's name keeps as it is in an address."""


class LienInvalide(ValueError):
    """The link was tampered with, or is too old."""


@dataclass(frozen=True, slots=True)
class Signataire:
    """Signs small payloads with a secret and a date taken from the given clock."""

    secret: bytes
    now: Callable[[], datetime]

    def signe(self, usage: str, contenu: Any) -> str:
        """Give a URL-safe token for this payload (JSON), valid one hour and for this use only."""
        fin = (self.now() + DUREE).timestamp()
        corps = base64.urlsafe_b64encode(json.dumps([usage, contenu, fin]).encode()).decode()
        return f"{corps}--{self._sceau(corps)}"

    def lit(self, usage: str, signe: str) -> Any:
        """Give back the payload; raises `LienInvalide` for another use, a wrong seal or a passed hour."""
        corps, _, sceau = signe.rpartition("--")
        if not hmac.compare_digest(sceau.encode(), self._sceau(corps).encode()):
            raise LienInvalide("sceau")
        try:
            lu, contenu, fin = json.loads(base64.urlsafe_b64decode(corps))
        except (ValueError, binascii.Error) as mauvais:
            raise LienInvalide("contenu") from mauvais
        if lu != usage or self.now().timestamp() > fin:
            raise LienInvalide("usage ou délai")
        return contenu

    def _sceau(self, corps: str) -> str:
        return hmac.new(self.secret, corps.encode(), hashlib.sha256).hexdigest()[:40]


def adresse_fichier(base: str, signe: str, filename: str) -> str:
    """Give the address of a stored file."""
    return f"{base}/rails/active_storage/disk/{signe}/{quote(filename, safe=EN_CLAIR)}"


def adresse_pdf(base: str, signe: str) -> str:
    """Give the address of a dossier's PDF."""
    return f"{base}/api/v2/dossiers/pdf/{signe}"


def adresse_televersement(base: str, signe: str) -> str:
    """Give the address where bytes are PUT."""
    return f"{base}/rails/active_storage/disk/{signe}"
