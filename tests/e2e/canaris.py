"""Canaries: everything that a person typed, or that names one, in the world of a bench."""

from __future__ import annotations

from connector.sandbox.scenario import usager_envoie_message
from tests.e2e.conftest import Banc

GARDEES = {"Nouvelle candidature", "2 ans", "Entre structure ambulatoire et établissement de santé"}
"""Answers that the rules need, to go further than « unreadable »."""


def planter(banc: Banc) -> None:
    """Everything that a person typed, or that names one, is a canary."""
    for dossier in banc.world.dossiers.values():
        dossier.usager.email = f"canari.usager{dossier.number}@hopital.exemple.fr"
        values, _rows = dossier.ecrit()
        for value in values.values():
            if isinstance(value.valeur, str) and "@" not in value.valeur and value.valeur not in GARDEES:
                value.valeur = f"CANARI-TEXTE {value.valeur}"
            elif isinstance(value.valeur, list):
                for file in value.valeur:
                    if hasattr(file, "filename"):
                        file.filename = f"CANARI-FICHIER-{file.filename}"
        usager_envoie_message(banc.world, dossier.number, "CANARI-MESSAGE : mon numéro est le 06 12 34 56 78.")
