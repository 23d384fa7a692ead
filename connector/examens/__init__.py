"""What `connector doctor` looks at: a plain list of small functions, each of which gives what it found and the remedy.

To add one: write a function from a `Terrain` to `Resultat`s, and put it in `liste.EXAMENS`. Nothing here changes
anything in Démarches simplifiées, nor decides, nor repairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connector import wiring
from connector.examens.liste import EXAMENS, examiner
from connector.examens.resultat import Diagnostic, Examen, Gravite, Resultat, Trouve
from connector.examens.terrain import Terrain, terrain

__all__ = [
    "EXAMENS",
    "Diagnostic",
    "Examen",
    "Gravite",
    "Resultat",
    "Terrain",
    "Trouve",
    "examiner",
    "sur_place",
    "terrain",
]


@contextmanager
def sur_place(chemin: Path, *, relire: bool = False) -> Iterator[Terrain]:
    """The installation that this file describes, on this machine, now."""
    with terrain(
        chemin,
        environ=wiring.environ(),
        now=wiring.now,
        modeles=wiring.modeles,
        geometrie=wiring.geometrie_installee(),
        relire=relire,
    ) as vu:
        yield vu
