"""A storage of files over real HTTP, that answers what it is told and remembers what it was asked."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connector.core.model import Piece, VirusScan
from connector.pieces.relecteur import Relecteur


@dataclass
class Depot:
    """`morceaux` of the body leave every `pause` seconds; `entetes` None leaves the length out."""

    statut: int = 200
    entetes: dict[str, str] | None = field(default_factory=dict)
    morceaux: list[bytes] = field(default_factory=list)
    pause: float = 0.0
    pause_avant: float = 0.0
    recues: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def pose(self, contenu: bytes, **changes) -> Piece:
        """Keep those bytes; the piece that DS would announce."""
        self.morceaux = [contenu]
        return annoncee(contenu, **changes)

    @property
    def lien(self) -> str:
        return f"{self.url}/fichier?temp_url_sig=secret"


def annoncee(contenu: bytes, **changes) -> Piece:
    return Piece(
        **{
            "filename": "cv.pdf",
            "content_type": "application/pdf",
            "byte_size": len(contenu),
            "checksum": base64.b64encode(hashlib.md5(contenu).digest()).decode(),
            "virus_scan": VirusScan.SAFE,
        }
        | changes
    )


@pytest.fixture
def depot() -> Iterator[Depot]:
    sert = Depot()

    class Echange(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            sert.recues.append(dict(self.headers))
            self.close_connection = True
            time.sleep(sert.pause_avant)
            self.send_response(sert.statut)
            longueur = {} if sert.entetes is None else {"Content-Length": str(sum(map(len, sert.morceaux)))}
            for nom, valeur in (longueur | (sert.entetes or {})).items():
                self.send_header(nom, valeur)
            self.end_headers()
            try:
                for morceau in sert.morceaux:
                    self.wfile.write(morceau)
                    self.wfile.flush()
                    time.sleep(sert.pause)
            except OSError:
                return

    serveur = ThreadingHTTPServer(("127.0.0.1", 0), Echange)
    serveur.daemon_threads = True
    sert.url = f"http://127.0.0.1:{serveur.server_address[1]}"
    fil = threading.Thread(target=serveur.serve_forever, args=(0.02,), daemon=True)
    fil.start()
    yield sert
    serveur.shutdown()
    serveur.server_close()
    fil.join()


@pytest.fixture
def relecteur(tmp_path, depot) -> Relecteur:
    dossier = tmp_path / "pieces"
    dossier.mkdir(mode=0o700)
    return Relecteur(dossier=dossier, hotes=frozenset(), origine=depot.url)
