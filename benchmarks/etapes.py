"""Parts of the product run by themselves, in the product's own code.

`python benchmarks/etapes.py lire CONFIG`: the reading stage alone (pages typed, digested and stored).
`python benchmarks/etapes.py calme CONFIG N OUT URL`: the service's passes, every ten minutes by its clock, where
nothing moves. OUT receives the requests, the processor and the wall seconds of each of the last N.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mesures import Rejeu

from connector import daemon, lecture, wiring

ECHAUFFEMENT = 3
"""First passes left out: the last minutes before are read again until nothing can have been missed."""


def lire(config: Path) -> None:
    """Read and store every page; nothing is entered, judged nor written."""
    with wiring.atelier(wiring.reglages(config)) as atelier:
        (demarche,) = wiring.demarches_of(atelier.settings, None)
        lecture.pull(atelier.passage(demarche))


def calme(config: Path, passages: int, out: Path, rejeu: Rejeu) -> None:
    """Pass again and again, as the service does; the clock alone is advanced between two passes."""
    debut, ecart = datetime.now(UTC), timedelta(0)
    wiring.now = lambda: debut + ecart
    service = daemon.Service(wiring.reglages(config), wiring.Arret(), lambda _text: None)
    taken = []
    for _ in range(ECHAUFFEMENT + passages):
        ecart += timedelta(minutes=10)
        rejeu.compte()
        cpu, mur = time.process_time(), time.perf_counter()
        if service.passe():
            raise SystemExit("a pass failed")
        cpu, mur = time.process_time() - cpu, time.perf_counter() - mur
        taken.append((rejeu.compte()["requetes"], cpu, mur))
    out.write_text(json.dumps(taken[ECHAUFFEMENT:]), encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["lire", config]:
            lire(Path(config))
        case ["calme", config, passages, out, url]:
            calme(Path(config), int(passages), Path(out), Rejeu(url=url))
        case _:
            raise SystemExit(__doc__)
