"""One file fetched: no token, no redirect, no unpacking, never more bytes than announced."""

from __future__ import annotations

import base64
import hashlib
from http import HTTPStatus
from typing import BinaryIO

import requests
from requests.certs import where  # type: ignore[attr-defined]
from urllib3.exceptions import HTTPError

from connector.core.contenu import Empechement

_MORCEAU = 2**16
_AILLEURS = frozenset({301, 302, 303, 307, 308})
_REFUS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
"""What a storage answers to a link that is too old, or was never one."""


def recevoir(
    lien: str, fichier: BinaryIO, *, octets: int, checksum: str, ca: str | None = None, silence: float = 30.0
) -> Empechement | None:
    """Write the file of that link; None once it is the very one that DS announced, else what is wrong.

    `silence`: seconds without a byte before giving up. The whole time is the process's own affair.
    """
    try:
        with (
            _Guichet() as guichet,
            guichet.get(
                lien,
                stream=True,
                allow_redirects=False,
                auth=_sans_identite,
                headers={"Accept-Encoding": "identity", "User-Agent": "ds-connector"},
                timeout=silence,
                verify=ca or where(),  # no variable says whom to trust
            ) as reponse,
        ):
            return _mauvaise(reponse) or _ecrire(reponse, fichier, octets=octets, checksum=checksum)
    except (requests.RequestException, HTTPError):
        return Empechement.RESEAU


class _Guichet(requests.Session):
    """A session that knows no redirection: requests reads the whole body of one, unpacked, though it follows none."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


def _sans_identite(requete: requests.PreparedRequest) -> requests.PreparedRequest:
    """Nobody: without it, requests looks for a name and a password in a netrc file."""
    return requete


def _mauvaise(reponse: requests.Response) -> Empechement | None:
    """What in the head of an answer says that it is not the file."""
    if reponse.status_code in _AILLEURS:
        return Empechement.REDIRECTION
    if reponse.status_code in _REFUS:
        return Empechement.LIEN
    if reponse.status_code != HTTPStatus.OK:
        return Empechement.RESEAU if reponse.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else Empechement.REPONSE
    # We asked for the bytes as they are: whatever comes packed is not what was asked, and is not unpacked.
    return Empechement.REPONSE if reponse.headers.get("Content-Encoding", "identity") != "identity" else None


def _ecrire(reponse: requests.Response, fichier: BinaryIO, *, octets: int, checksum: str) -> Empechement | None:
    """Copy the body, one byte more than announced at most."""
    empreinte = hashlib.md5(usedforsecurity=False)  # the one that DS gives (contract §4.4)
    reste = octets + 1
    while reste > 0 and (partie := reponse.raw.read(min(_MORCEAU, reste), decode_content=False)):
        reste -= len(partie)
        empreinte.update(partie)
        fichier.write(partie)
    entier = reste == 1 and base64.b64encode(empreinte.digest()).decode() == checksum
    return None if entier else Empechement.EMPREINTE
