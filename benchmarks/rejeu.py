"""A server that replays dossiers rendered beforehand: what is measured against it is the client, never the server.

Run by `run.py`, in a process of its own: `python benchmarks/rejeu.py GABARIT N [--latences]`; it prints its address.
A dossier is a recorded template whose slots are filled from its number. `GET /compte` tells what was served since the
last time, and what this server took of the processor for it.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from connector.sandbox.dates import jour_en_lettres
from connector.sandbox.lieux import avec_cle
from connector.sandbox.recit import NOMS, PRENOMS

PREMIER = 1_000_000
"""Number of the first dossier; all of them have seven digits."""

DEPUIS = datetime(2026, 1, 5, 8, tzinfo=timezone(timedelta(hours=1)))
"""When the first dossier was last modified; each next one a minute later."""

INSTANTS = tuple(timedelta(minutes=97 * k, seconds=13 * k) for k in range(8))
"""How long before its last modification each instant of a dossier is."""

PAR_VOIE = 400
"""How many dossiers in a row give the same street number: two of each recorded one, hence one look-alike each."""

REQUETE_S, PAGE_DE_100_S = 0.2, 6.5
"""What a real server takes for any request, and for a rich page of a hundred (reference figures of the project)."""

JOURS = tuple(date(2015, 1, 1) + timedelta(days=n) for n in range(3_001))


def quand(rang: int, avant: timedelta = INSTANTS[0]) -> bytes:
    """The instant of the rang-th dossier, as DS writes it; or how it was that long before."""
    return (DEPUIS + timedelta(minutes=rang) - avant).isoformat().encode()


class Valeurs(dict[bytes, Any]):
    """What fills the slots of the rang-th dossier: its own number, ids, names, dates and places."""

    def __init__(self, rang: int) -> None:
        ici, la = JOURS[rang * 7 % len(JOURS)], JOURS[rang * 11 % len(JOURS)]
        super().__init__(
            {
                b"numero": PREMIER + rang,
                b"nom": f"{NOMS[rang % len(NOMS)]}-{NOMS[rang // len(NOMS) % len(NOMS)]}".encode(),
                b"prenom": f"{PRENOMS[rang % len(PRENOMS)]} {PRENOMS[rang // len(PRENOMS) % len(PRENOMS)]}".encode(),
                b"rpps": avec_cle(f"999{PREMIER + rang}").encode(),
                b"commune": f"Saint-{NOMS[rang % len(NOMS)]}-{rang % 997}".encode(),
                b"insee": b"%05d" % (18_001 + rang % 997),
                b"postal": b"%05d" % (18_000 + rang % 997),
                b"voie": 1 + rang // PAR_VOIE,
                b"jour1": ici.isoformat().encode(),
                b"long1": jour_en_lettres(ici, "fr").encode(),
                b"jour2": la.isoformat().encode(),
                b"long2": jour_en_lettres(la, "fr").encode(),
                b"entier": 5 + rang % 4_999,
                b"deux": b"%02d" % (1 + rang % 99),
            }
        )
        for k, avant in enumerate(INSTANTS):
            self[b"t%d" % k] = quand(rang, avant)

    def __missing__(self, name: bytes) -> bytes:
        """An id: `id26:Row-` is the base64 of `Row-` and the number on twenty-six digits."""
        digits, _, kind = name[2:].partition(b":")
        return base64.b64encode(kind + str(self[b"numero"]).zfill(int(digits)).encode())


@dataclass(slots=True, kw_only=True)
class Compte:
    """What was served: requests, bytes of their answers, seconds waited on purpose, seconds of processor."""

    requetes: int = 0
    octets: int = 0
    attente: float = 0.0
    cpu: float = 0.0


class Gabarit:
    """What was recorded, ready to be filled."""

    def __init__(self, fichier: Path, combien: int) -> None:
        recorded = json.loads(fichier.read_text(encoding="utf-8"))
        self.combien = combien
        self._reponses = {name: text.encode() for name, text in recorded["reponses"].items()}
        self._dossiers = [t.encode() for t in recorded["dossiers"]]
        self._entiers = [t.encode() for t in recorded.get("entiers", ())]
        self._champs = {key: t.encode() for key, t in recorded.get("champs", {}).items()}
        self._liste = recorded.get("liste", "").encode()

    def reponse(self, operation: str | None, variables: dict[str, Any]) -> tuple[bytes, int]:
        """The answer to that operation (demarches-simpy names none), and how many rich dossiers it holds."""
        if operation == "Page":
            return self._page(variables)
        if operation is not None:
            return self._reponses[operation], 0
        if "dossierNumber" not in variables:
            return self._list(variables), 0
        rang = variables["dossierNumber"] - PREMIER
        if "champId" in variables:
            return self._champs[variables["champId"]] % Valeurs(rang), 0
        return self._entiers[rang % len(self._entiers)] % Valeurs(rang), 0

    def _page(self, variables: dict[str, Any]) -> tuple[bytes, int]:
        depuis = datetime.fromisoformat(variables["updatedSince"])
        start = max(0, -(-(depuis - DEPUIS) // timedelta(minutes=1)))
        if variables.get("after"):
            start = int(variables["after"])
        end = min(start + variables["first"], self.combien)
        nodes = b",".join(self._dossiers[r % len(self._dossiers)] % Valeurs(r) for r in range(start, end))
        last = self.combien - 1
        dernier = b'{"number":%d,"dateDerniereModification":"%s"}' % (PREMIER + last, quand(last))
        texte = self._reponses["Page"].replace(b'"@dernier@"', dernier)
        return self._filled(texte, nodes, end), max(0, end - start)

    def _list(self, variables: dict[str, Any]) -> bytes:
        """Fifty ids and numbers, as demarches-simpy asks for them."""
        start = int(variables.get("cursor") or 0)
        end = min(start + 50, self.combien)
        nodes = b",".join(self._liste % Valeurs(rang) for rang in range(start, end))
        return self._filled(self._reponses["getDemarche"], nodes, end)

    def _filled(self, texte: bytes, nodes: bytes, end: int) -> bytes:
        suite = b'{"hasNextPage":%s,"endCursor":"%d"}' % (b"true" if end < self.combien else b"false", end)
        return texte.replace(b'"@suite@"', suite).replace(b'"@dossiers@"', nodes)


def serve(gabarit: Gabarit, *, latences: bool) -> ThreadingHTTPServer:
    """The server, listening on a free port of this machine."""
    compte = Compte(cpu=-time.process_time())

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body, riches = gabarit.reponse(asked.get("operationName"), asked["variables"])
            if latences:
                attente = max(REQUETE_S, PAGE_DE_100_S * riches / 100)
                compte.attente += attente
                time.sleep(attente)
            compte.requetes += 1
            compte.octets += len(body)
            self._send(body)

        def do_GET(self) -> None:
            """Tell the count, and start another."""
            told = asdict(compte) | {"cpu": compte.cpu + time.process_time()}
            compte.requetes, compte.octets, compte.attente, compte.cpu = 0, 0, 0.0, -time.process_time()
            self._send(json.dumps(told).encode())

        def _send(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("gabarit", type=Path)
    parser.add_argument("combien", type=int)
    parser.add_argument("--latences", action="store_true")
    options = parser.parse_args()
    server = serve(Gabarit(options.gabarit, options.combien), latences=options.latences)
    print(f"http://127.0.0.1:{server.server_address[1]}/api/v2/graphql")
    sys.stdout.flush()
    server.serve_forever()
