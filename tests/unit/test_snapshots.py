"""Every message as its reader gets it, in tests/snapshots/messages: to be read by somebody who writes to hospitals.

After a wanted change: `python -m tests.unit.test_snapshots` writes them again; read the difference before committing.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.render import Modeles, exemples

RACINE = Path(__file__).parents[1]
CLICHES = RACINE / "snapshots" / "messages"
MODELES = Modeles(RACINE.parent / "templates")
COUPE = "\n\n──────────── avec le strict nécessaire ────────────\n\n"


def lu(name: str) -> str:
    """The message with everything there is to tell, then with as little as can be."""
    return COUPE.join(MODELES.render(name, exemple) for exemple in exemples(name)) + "\n"


@pytest.mark.parametrize("name", MODELES.names())
def test_each_message_reads_as_it_was_reviewed(name):
    cliche = CLICHES / f"{name}.txt"
    assert cliche.exists(), "run python -m tests.unit.test_snapshots, and have it read"
    assert lu(name) == cliche.read_text(encoding="utf-8")


def test_no_snapshot_outlives_its_message():
    assert sorted(c.stem for c in CLICHES.glob("*.txt")) == sorted(MODELES.names())


if __name__ == "__main__":
    for modele in MODELES.names():
        (CLICHES / f"{modele}.txt").write_text(lu(modele), encoding="utf-8")
