"""The floor: a bare loop of requests, json and sqlite3 that reads the same pages and stores the same columns.

`python benchmarks/plancher.py URL REQUETE BASE`: nothing is typed, checked, compared or resumed.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from pathlib import Path

import requests

COLONNES = (
    "number",
    "id",
    "state",
    "archived",
    "date_depot",
    "modifiee_le",
    "entete",
    "champs",
    "annotations",
    "messages",
)


def ligne(node: dict[str, object]) -> tuple[object, ...]:
    """The columns of one dossier."""
    parts = [json.dumps(node.pop(name), ensure_ascii=False) for name in ("champs", "annotations", "messages")]
    head = [
        node["number"],
        node["id"],
        node["state"],
        node["archived"],
        node["dateDepot"],
        node["dateDerniereModification"],
    ]
    return (*head, json.dumps(node, ensure_ascii=False), *parts)


def main(url: str, requete: Path, base: Path) -> None:
    """Read every page, one transaction each."""
    with sqlite3.connect(base, isolation_level=None) as db, requests.Session() as session:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"CREATE TABLE dossiers ({', '.join(COLONNES)}, PRIMARY KEY (number))")
        body = json.loads(requete.read_text(encoding="utf-8"))
        more = True
        while more:
            answer = session.post(url, json=body, timeout=60).json()["data"]["demarche"]["dossiers"]
            db.execute("BEGIN")
            rows = [ligne(node) for node in answer["nodes"]]
            db.executemany(f"INSERT INTO dossiers VALUES ({','.join('?' * len(COLONNES))})", rows)
            db.execute("COMMIT")
            more = answer["pageInfo"]["hasNextPage"]
            body["variables"]["after"] = answer["pageInfo"]["endCursor"]
    db.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
