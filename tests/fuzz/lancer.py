"""`make fuzz`: each fuzzer for that many minutes, its failing entries made small and kept beside this file.

A fuzzer shares its time between its targets. What was found once is not looked for again: a run finds several defects.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.database import DirectoryBasedExampleDatabase

from connector.core.montants import pluriel
from tests.fuzz.harnais import EXEMPLES, RACINE, Cible, Defaut, essayer
from tests.fuzz.liste import FUZZERS

LOT = 100
"""Entries between two looks at the clock."""

SUITE = settings(
    max_examples=LOT,
    deadline=None,
    database=DirectoryBasedExampleDatabase(RACINE / ".hypothesis" / "fuzz"),
    suppress_health_check=list(HealthCheck),
    phases=(Phase.reuse, Phase.generate, Phase.target, Phase.shrink),
    report_multiple_bugs=False,
)


class Lent(BaseException):
    """An entry that never ends, given back as it is: made smaller, it would take as long each time."""


@dataclass
class Course:
    """One target while it is tried."""

    cible: Cible
    fuzzer: str
    essais: int = 0
    secondes: float = 0.0
    processeur: float = 0.0
    defauts: dict[str, bytes] = field(default_factory=dict)

    def lot(self, graine: int) -> None:
        """A lot of entries; the smallest one of a new defect is kept."""
        debut, calcul = time.monotonic(), time.process_time()
        dernier = b""

        @SUITE
        @seed(graine)
        @given(self.cible.entrees)
        def suite(octets: bytes) -> None:
            nonlocal dernier
            self.essais += 1
            try:
                essayer(self.cible, octets)
            except Defaut as defaut:
                if str(defaut) in self.defauts:
                    return
                dernier = octets
                if defaut.__cause__ is None:  # it was stopped, it did not fail
                    raise Lent(str(defaut)) from defaut
                raise

        try:
            suite()
        except (Defaut, Lent) as defaut:
            self.defauts[str(defaut)] = dernier
            self._garde(defaut, dernier)
        self.secondes += time.monotonic() - debut
        self.processeur += time.process_time() - calcul

    def _garde(self, defaut: BaseException, octets: bytes) -> None:
        dossier = EXEMPLES / self.fuzzer / self.cible.nom
        dossier.mkdir(parents=True, exist_ok=True)
        fichier = dossier / hashlib.sha256(octets).hexdigest()[:12]
        fichier.write_bytes(octets)
        print(f"  DÉFAUT {self.fuzzer}/{defaut}\n    gardé : {fichier.relative_to(RACINE)}", flush=True)


def mener(fuzzer: str, minutes: float) -> int:
    """Try one fuzzer's targets in turn for that long; the number of defects."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("error")  # as the tests do
    warnings.filterwarnings("ignore", "Generating overly large repr")
    courses = [Course(cible, fuzzer) for cible in FUZZERS[fuzzer]]
    fin = time.monotonic() + 60 * minutes
    graine = int(time.time())
    while time.monotonic() < fin:
        graine += 1
        min(courses, key=lambda course: course.secondes).lot(graine)
    for course in courses:
        trouves = pluriel(len(course.defauts), "défaut")
        duree = f"{course.secondes:.0f} s (processeur : {course.processeur:.0f} s)"
        print(f"{fuzzer}/{course.cible.nom} : {course.essais} essais en {duree}, {trouves}", flush=True)
    return sum(len(course.defauts) for course in courses)


def tous(noms: Sequence[str], minutes: float, de_front: int) -> int:
    """Each fuzzer in a process of its own, a few at a time; the number of those that found something."""
    attente, menes, fautifs = list(noms), list[subprocess.Popen[bytes]](), 0
    try:
        while attente or menes:
            while attente and len(menes) < de_front:
                seul = ["--seul", attente.pop(0), "--minutes", str(minutes)]
                menes.append(subprocess.Popen([sys.executable, "-m", "tests.fuzz.lancer", *seul], cwd=RACINE))
            fini = next((p for p in menes if p.poll() is not None), None)
            if fini is None:
                time.sleep(0.5)
                continue
            menes.remove(fini)
            fautifs += fini.returncode != 0
    finally:
        for mene in menes:  # this program is stopped: so are they
            mene.terminate()
            mene.wait()
    return fautifs


def main() -> None:
    """Exit with 1 as soon as one fuzzer found something."""
    lecteur = argparse.ArgumentParser(description="Essaie chaque porte du programme avec n’importe quoi.")
    lecteur.add_argument("noms", nargs="*", metavar="FUZZER", help=f"parmi : {', '.join(FUZZERS)} ; sinon tous")
    lecteur.add_argument("--minutes", type=float, default=10.0, help="la durée de chacun")
    lecteur.add_argument("--de-front", type=int, default=1, help="combien à la fois")
    lecteur.add_argument("--seul", choices=sorted(FUZZERS), help=argparse.SUPPRESS)
    voulu = lecteur.parse_args()
    if inconnus := set(voulu.noms) - set(FUZZERS):
        lecteur.error(f"fuzzer inconnu : {', '.join(sorted(inconnus))}")
    if voulu.seul:
        sys.exit(bool(mener(voulu.seul, voulu.minutes)))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    sys.exit(bool(tous(voulu.noms or list(FUZZERS), voulu.minutes, voulu.de_front)))


if __name__ == "__main__":
    main()
