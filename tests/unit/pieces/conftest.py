"""A storage of files over real HTTP, that answers what it is told and remembers what it was asked."""

from __future__ import annotations

import base64
import hashlib
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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
    yield from _sert(None)


@pytest.fixture(scope="session")
def certificat(tmp_path_factory) -> Path:
    """A certificate for 127.0.0.1 that nobody knows, and its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl n’est pas installé : le certificat d’essai ne peut pas être fait")
    dossier = tmp_path_factory.mktemp("tls")
    cle, certificat, ensemble = dossier / "cle.pem", dossier / "certificat.pem", dossier / "ensemble.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", cle, "-out", certificat),
            *("-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    ensemble.write_bytes(cle.read_bytes() + certificat.read_bytes())
    return ensemble


@pytest.fixture
def depot_chiffre(certificat) -> Iterator[Depot]:
    contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexte.load_cert_chain(certificat)
    yield from _sert(contexte)


def _sert(tls: ssl.SSLContext | None) -> Iterator[Depot]:
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
    if tls is not None:
        serveur.socket = tls.wrap_socket(serveur.socket, server_side=True)
    sert.url = f"http{'s' if tls else ''}://127.0.0.1:{serveur.server_address[1]}"
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
