"""A file badly given: what a storage, or who stands in its place, may answer to a link."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator

from connector.sandbox.echange import Reponse
from connector.sandbox.faults import GenreFichier

AILLEURS = "https://autre-hote.exemple.fr/piece"
ENORME = 64 * 2**20
"""Bytes of a file that has no end."""

GOUTTES = 100
"""How many bytes a slow file gives at most, one by one."""

Servi = tuple[int, dict[str, str], Iterator[bytes]]


def mal_servi(reponse: Reponse, genre: GenreFichier, duree: float) -> Servi:
    """Give the status, the headers and the body, part by part, of that file given that badly."""
    if genre in _SANS_CORPS:
        statut, entetes = _SANS_CORPS[genre]
        return statut, entetes | {"Content-Length": "0"}, iter(())
    corps = reponse.corps
    annonce = {"Content-Type": reponse.type or "", "Content-Length": str(len(corps))}
    match genre:
        case GenreFichier.LENT:
            return 200, annonce, _gouttes(corps, duree)
        case GenreFichier.ENORME:
            return 200, {}, (b"x" * 2**16 for _ in range(ENORME // 2**16))
        case GenreFichier.GZIP:
            bombe = gzip.compress(bytes(100_000_000), 1)
            return 200, {"Content-Encoding": "gzip", "Content-Length": str(len(bombe))}, iter((bombe,))
        case GenreFichier.AUTRE:
            return 200, annonce, iter((bytes(len(corps)),))
        case _:
            return 200, annonce, iter((corps[: len(corps) // 2],))


_SANS_CORPS: dict[GenreFichier, tuple[int, dict[str, str]]] = {
    GenreFichier.REDIRECTION: (302, {"Location": AILLEURS}),
    GenreFichier.REFUS_403: (403, {}),
    GenreFichier.PANNE_503: (503, {}),
}


def _gouttes(corps: bytes, duree: float) -> Iterator[bytes]:
    for octet in corps[:GOUTTES]:
        yield bytes((octet,))
        time.sleep(duree / GOUTTES)
