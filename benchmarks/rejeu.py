"""A server that replays pages rendered beforehand: what is measured against it is the client, never the server.

Run by `run.py`, in a process of its own: `python benchmarks/rejeu.py GABARIT N [--latences]`; it prints its address. A
page is put together from a hundred recorded dossiers by replacing numbers and dates in their JSON.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PREMIER = 1_000_000
"""Number of the first dossier; all of them have seven digits."""

DEPUIS = datetime(2026, 1, 5, 8, tzinfo=UTC)
"""When the first dossier was last modified; each next one a second later."""

REQUETE_S, PAGE_DE_100_S = 0.2, 6.5
"""What a real server takes for any request, and for a rich page of a hundred (reference figures of the project)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gabarit:
    """What was recorded: answers by operation, and a hundred dossiers with their numbers, ids and instants."""

    reponses: dict[str, bytes]
    dossiers: tuple[tuple[bytes, bytes, bytes, bytes], ...]

    def dossier(self, rang: int) -> bytes:
        """The JSON of the rang-th dossier."""
        texte, numero, ident, instant = self.dossiers[rang % len(self.dossiers)]
        number = PREMIER + rang
        ici = base64.b64encode(b"Dossier-%d" % number)
        return texte.replace(ident, ici).replace(numero, b"%d" % number).replace(instant, quand(rang))


def quand(rang: int) -> bytes:
    """The instant of the rang-th dossier, as DS writes it."""
    return (DEPUIS + timedelta(seconds=rang)).strftime("%Y-%m-%dT%H:%M:%S+00:00").encode()


def lu(fichier: Path) -> Gabarit:
    """What `run.py` recorded in that file."""
    data = json.loads(fichier.read_text(encoding="utf-8"))
    return Gabarit(
        reponses={name: text.encode() for name, text in data["reponses"].items()},
        dossiers=tuple(tuple(part.encode() for part in d) for d in data["dossiers"]),  # type: ignore[misc]
    )


def page(gabarit: Gabarit, count: int, variables: dict[str, object]) -> tuple[bytes, int]:
    """The answer to a page, and how many dossiers it holds."""
    depuis = datetime.fromisoformat(str(variables["updatedSince"]))
    start = max(0, -(-(depuis - DEPUIS) // timedelta(seconds=1)))
    if variables.get("after"):
        start = int(str(variables["after"]))
    end = min(start + int(str(variables["first"])), count)
    nodes = b",".join(gabarit.dossier(rang) for rang in range(start, end))
    dernier = b'{"number":%d,"dateDerniereModification":"%s"}' % (PREMIER + count - 1, quand(count - 1))
    suite = b'{"hasNextPage":%s,"endCursor":"%d"}' % (b"true" if end < count else b"false", end)
    texte = gabarit.reponses["Page"]
    return texte.replace(b'"@dernier@"', dernier).replace(b'"@suite@"', suite).replace(
        b'"@dossiers@"', nodes
    ), end - start


def serve(gabarit: Gabarit, count: int, *, latences: bool) -> ThreadingHTTPServer:
    """The server, listening on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if asked["operationName"] == "Page":
                body, held = page(gabarit, count, asked["variables"])
            else:
                body, held = gabarit.reponses[asked["operationName"]], 0
            if latences:
                time.sleep(max(REQUETE_S, PAGE_DE_100_S * held / 100))
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
    parser.add_argument("count", type=int)
    parser.add_argument("--latences", action="store_true")
    options = parser.parse_args()
    server = serve(lu(options.gabarit), options.count, latences=options.latences)
    print(f"http://127.0.0.1:{server.server_address[1]}/api/v2/graphql")
    sys.stdout.flush()
    server.serve_forever()
