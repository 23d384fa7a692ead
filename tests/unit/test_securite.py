"""The threat model names its proofs: each of them exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

RACINE = Path(__file__).parents[2]
MODELE = (RACINE / "docs" / "securite.fr.md").read_text(encoding="utf-8")
LIGNES = [line for line in MODELE.splitlines() if line.startswith("| ") and not line.startswith("| Menace")]
PREUVE = re.compile(r"`([\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize("line", LIGNES, ids=[line.split("|")[1].strip() for line in LIGNES])
def test_each_threat_has_a_proof_that_exists(line):
    proofs = PREUVE.findall(line)
    assert proofs
    for fichier, test in proofs:
        assert f"def {test}(" in (RACINE / "tests" / fichier).read_text(encoding="utf-8"), (fichier, test)


def test_there_are_threats_of_every_kind():
    assert len(LIGNES) >= 25
    assert MODELE.count("| Menace |") == 6
