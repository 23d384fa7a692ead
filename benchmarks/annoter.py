"""How many requests annotating takes, counted by the sandbox: the replay server takes no writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mesures import mesure
from terrain import sans_frein

from connector import demo, wiring
from connector.sandbox import monde, scenario
from connector.sandbox.masse import PREMIER
from connector.sandbox.server import Sandbox

ANNOTATION = "ModifierAnnotations"
"""The operation by which the connector writes all the annotations of a dossier."""

LIGNES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("premier passage, tous à annoter", {}),
    ("rien n’a changé", {}),
    ("une réponse qui change les annotations", {"Quotité ambulatoire (%)": 40, "Quotité hospitalière (%)": 60}),
    ("une réponse qui n’y change rien", {"Courriel du candidat": "autre@exemple.fr"}),
)
"""What happens before each pass: the answers that every dossier's applicant submits."""


def annote(racine: Path, combien: int) -> list[tuple[str, int, int, int, int]]:
    """For each pass: what had changed, how many dossiers, requests to read, to annotate, and other writes."""
    world = monde.monde_de_masse(combien, wiring.now)
    rows: list[tuple[str, int, int, int, int]] = []
    with Sandbox(world, limite=1_000_000) as bac:
        config = demo.preparer(racine / "annoter", bac, world)
        texte = sans_frein(config.read_text(encoding="utf-8"))
        config.write_text(texte.replace('mode = "agir"', 'mode = "annoter"'), encoding="utf-8")
        for quoi, reponses in LIGNES:
            for number in range(PREMIER, PREMIER + combien) if reponses else ():
                scenario.usager_corrige(world, number, reponses)
            bac.reset()
            mesure(racine, ["connector", "sync", "--config", str(config)])
            compte = bac.compteurs
            annotes = compte.operations[ANNOTATION]
            rows.append(
                (quoi, combien if reponses or not rows else 0, compte.lectures, annotes, compte.mutations - annotes)
            )
    return rows
