"""Ends of the wire that only receive: an HTTP endpoint, a mail server, systemd’s socket. Real local sockets."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
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
    """What a mail server took. It answers `reponses` in the place of its own words: a code by SMTP verb, "" to hang up.

    It refuses the recipients of `refuses`.
    """

    def __init__(self) -> None:
        self.recus: list[EmailMessage] = []
        self.enveloppes: list[list[str]] = []
        self.refuses: set[str] = set()
        self.reponses: dict[str, str] = {}
        self.port = 0


class _ServeurCourrier(socketserver.ThreadingTCPServer):
    """A mail server on a free port."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, courrier: Courrier, tls: ssl.SSLContext | None) -> None:
        self.courrier, self.tls = courrier, tls
        super().__init__(("127.0.0.1", 0), _Dialogue)

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some tests are about."""


class _Dialogue(socketserver.StreamRequestHandler):
    """One conversation of a mail server."""

    server: _ServeurCourrier

    def setup(self) -> None:
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        super().finish()
        if self.server.tls is not None:
            self.request.close()

    def handle(self) -> None:
        destinataires: list[str] = []
        going = self._say("BONJOUR", "220 essai")
        while going and (line := self.rfile.readline()):
            command = line.decode().strip()
            verb = command.split(":")[0].split()[0].upper()
            adresse = command[8:].strip().strip("<>").split(">")[0] if verb == "RCPT" else ""
            if adresse in self.server.courrier.refuses:
                self._write("550 inconnu")
                continue
            going = self._say(verb, {"DATA": "354 continuez", "QUIT": "221 au revoir"}.get(verb, "250 essai"))
            destinataires += [adresse] if adresse else []
            if verb == "DATA" and going and verb not in self.server.courrier.reponses:
                going, destinataires = self._data(destinataires), []

    def _data(self, destinataires: list[str]) -> bool:
        body = b""
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            body += line[1:] if line.startswith(b"..") else line
        if self.server.courrier.reponses.get("FIN", "250").startswith("2"):
            self.server.courrier.recus.append(message_from_bytes(body, policy=policy.default))
            self.server.courrier.enveloppes.append(destinataires)
        return self._say("FIN", "250 recu")

    def _say(self, verb: str, text: str) -> bool:
        """Answer; False once hung up."""
        said = self.server.courrier.reponses.get(verb, text)
        if said:
            self._write(said)
        return bool(said)

    def _write(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def courrier(tls: ssl.SSLContext | None = None) -> Iterator[Courrier]:
    """A mail server, until the end of the block; under TLS from the first byte with `tls`."""
    found = Courrier()
    with _ServeurCourrier(found, tls) as server:
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
