"""Ends of the wire that only receive: an HTTP endpoint, a mail server, systemd’s socket. Real local sockets."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Boite:
    """What an HTTP endpoint was posted; it answers `code`."""

    def __init__(self) -> None:
        self.recus: list[dict[str, Any]] = []
        self.code = 200
        self.port = 0

    @property
    def adresse(self) -> str:
        """Its address as Apprise writes it."""
        return f"json://127.0.0.1:{self.port}/alertes"


@contextmanager
def boite() -> Iterator[Boite]:
    """An HTTP endpoint, until the end of the block."""
    found = Boite()

    class Reponse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if found.code == 200:
                found.recus.append(json.loads(body))
            self.send_response(found.code)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Reponse) as server:
        found.port = server.server_address[1]
        with _serving(server):
            yield found


class Courrier:
    """What a mail server took; it refuses the recipients of `refuses`, and everything while `en_panne`."""

    def __init__(self) -> None:
        self.recus: list[EmailMessage] = []
        self.enveloppes: list[list[str]] = []
        self.refuses: set[str] = set()
        self.en_panne = False
        self.port = 0


@contextmanager
def courrier() -> Iterator[Courrier]:
    """A mail server without TLS, until the end of the block."""
    found = Courrier()

    class Dialogue(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("421 indisponible" if found.en_panne else "220 essai")
            destinataires: list[str] = []
            while line := self.rfile.readline():
                command = line.decode().strip()
                verb = command.upper()
                if verb.startswith("RCPT TO:"):
                    adresse = command[8:].strip().strip("<>").split(">")[0]
                    if adresse in found.refuses:
                        self._say("550 inconnu")
                        continue
                    destinataires.append(adresse)
                if verb == "DATA":
                    self._say("354 continuez")
                    self._data(destinataires)
                    destinataires = []
                elif verb == "QUIT":
                    self._say("221 au revoir")
                    return
                else:
                    self._say("250 essai")

        def _data(self, destinataires: list[str]) -> None:
            body = b""
            while (line := self.rfile.readline()) not in {b".\r\n", b""}:
                body += line[1:] if line.startswith(b"..") else line
            found.recus.append(message_from_bytes(body, policy=policy.default))
            found.enveloppes.append(destinataires)
            self._say("250 recu")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    class Serveur(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Serveur(("127.0.0.1", 0), Dialogue) as server:
        found.port = server.server_address[1]
        with _serving(server):
            yield found


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def prise(chemin: Path) -> Iterator[list[str]]:
    """systemd's side of sd_notify: every message that came to that socket so far, until the end of the block."""
    recus: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ouverte:
        ouverte.bind(str(chemin))

        def ecoute() -> None:
            while message := ouverte.recv(4096):
                recus.append(message.decode())

        thread = threading.Thread(target=ecoute, daemon=True)
        thread.start()
        try:
            yield recus
        finally:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as fin:
                fin.sendto(b"", str(chemin))
            thread.join()
