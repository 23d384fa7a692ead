"""The recorded exchanges and what is known of their worlds, read where they are: nothing is copied here."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

DS = Path(__file__).parents[3] / "shared" / "ds"
DOSSIERS = ("recordings", "recordings_ars")

presentes = pytest.mark.skipif(not DS.is_dir(), reason="les références ../shared/ds ne sont pas sur cette machine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cas:
    """One recorded exchange."""

    recueil: str
    nom: str
    ordre: int
    note: str
    methode: str
    url: str
    entetes: dict[str, str]
    corps: Any
    statut: int
    entetes_reponse: dict[str, str]
    reponse: Any


@functools.cache
def recueil(nom: str) -> tuple[Cas, ...]:
    """Give the exchanges of a folder, in the order they were made."""
    lus = [json.loads(f.read_text(encoding="utf-8")) for f in sorted((DS / nom).glob("*.json"))]
    return tuple(sorted((_cas(nom, lu) for lu in lus), key=lambda c: c.ordre))


def _cas(nom: str, lu: dict[str, Any]) -> Cas:
    demande = lu["request"]
    # the four simultaneous calls were kept as their body alone
    corps = demande.get("body") if "method" in demande else demande
    return Cas(
        recueil=nom,
        nom=lu["case"],
        ordre=lu["order"],
        note=lu.get("note") or "",
        methode=demande.get("method", "POST"),
        url=demande.get("url", "https://ds.example/api/v2/graphql"),
        entetes=demande.get("headers", {"Content-Type": "application/json", "Authorization": "Bearer <token:write>"}),
        corps=corps,
        statut=lu["status"],
        entetes_reponse={k.lower(): v for k, v in lu["response_headers"].items()},
        reponse=lu["response"],
    )


def reponse(nom_recueil: str, nom: str) -> Any:
    """Give the `data` of a recorded answer."""
    return next(c.reponse["data"] for c in recueil(nom_recueil) if c.nom == nom)


@functools.cache
def monde(nom: str) -> Any:
    """Give `world.json` or `world_ars.json`."""
    return json.loads((DS / nom).read_text(encoding="utf-8"))
