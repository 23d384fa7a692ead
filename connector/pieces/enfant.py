"""The process that fetches one file and looks into it: `python -I -m connector.pieces.enfant`, one job, then the end.

The job is a JSON line on the standard input, which stays open as long as the parent lives; what was found is JSON lines
on the standard output. Whatever the file does, it does it within the limits that this process sets itself first: time
(the kernel kills it), memory, size of a file. The file itself never has a name on disk.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import threading
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, TextIO

from connector.core.contenu import Defaut, Empechement, Examen, Nature

PATIENCE = 4
"""How many times longer than its processor time an examination may last by the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demande:
    """One file to fetch and look into: `octets` long, fetched in `delai` seconds, examined in `examen`.

    `examen` is in seconds of processor. `memoire` in bytes is all that the process may have; `dossier` is where the
    nameless file is made.
    """

    lien: str
    octets: int
    checksum: str
    dossier: str
    ca: str | None = None
    delai: float = 120.0
    examen: float = 20.0
    memoire: int = 512 * 2**20


def main(entree: TextIO, sortie: TextIO) -> int:
    """Do the job of the first line of `entree`; tell what was found, line by line. The process's exit code."""
    demande = Demande(**json.loads(entree.readline()))
    try:
        _borner(demande)
    except (OSError, ValueError):  # no limits, no examination
        _dire(sortie, empechement=Empechement.MACHINE)
        return 0
    threading.Thread(target=_sans_parent, args=(entree,), daemon=True).start()
    try:
        with tempfile.TemporaryFile(dir=demande.dossier) as fichier:
            _relire(demande, fichier, sortie)
    except (OSError, MemoryError):
        _dire(sortie, empechement=Empechement.MACHINE)
    return 0


def _relire(demande: Demande, fichier: BinaryIO, sortie: TextIO) -> None:
    from connector.pieces.telechargement import recevoir  # noqa: PLC0415 - heavy: the limits are set first

    empechement = recevoir(
        demande.lien, fichier, octets=demande.octets, checksum=demande.checksum, ca=demande.ca, silence=demande.delai
    )
    if empechement is not None:
        _dire(sortie, empechement=empechement)
        return
    _limiter_l_examen(demande.examen)
    _dire(sortie, examen=asdict(examiner(fichier, sortie)))


def examiner(fichier: BinaryIO, sortie: TextIO) -> Examen:
    """What that file holds. Its type is told first: what ends the process from then on is its doing."""
    from connector.pieces import natures  # noqa: PLC0415 - heavy

    _dire(sortie, recu=Nature.INCONNUE)
    nature = Nature.INCONNUE
    try:
        nature = natures.nature(fichier)
        _dire(sortie, recu=nature)
        if nature is Nature.PDF:
            from connector.pieces import pdf  # noqa: PLC0415 - heavy

            return pdf.examiner(fichier)
        return Examen(nature=nature, defauts=natures.macros(fichier, nature) if nature in _OFFICE else ())
    except MemoryError:
        return Examen(nature=nature, defauts=(Defaut.INACHEVE,))


_OFFICE = frozenset({Nature.DOCX, Nature.XLSX, Nature.ZIP, Nature.OLE})


def _borner(demande: Demande) -> None:
    """Set this process's limits, for good: none of them can be raised again."""
    _au_plus(resource.RLIMIT_CORE, 0)
    _au_plus(resource.RLIMIT_AS, demande.memoire)
    _au_plus(resource.RLIMIT_FSIZE, demande.octets + 1)
    _au_plus(resource.RLIMIT_CPU, int(demande.delai + demande.examen) + 1)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _armer(demande.delai)


def _limiter_l_examen(secondes: float) -> None:
    """So much processor for what follows, and a few times as long by the clock: a busy machine is not a bomb."""
    employe = resource.getrusage(resource.RUSAGE_SELF)
    _au_plus(resource.RLIMIT_CPU, int(employe.ru_utime + employe.ru_stime + secondes) + 1)
    _armer(secondes * PATIENCE)


def _au_plus(ressource: int, plafond: int) -> None:
    _, dur = resource.getrlimit(ressource)
    voulu = plafond if dur == resource.RLIM_INFINITY else min(plafond, dur)
    resource.setrlimit(ressource, (voulu, voulu))


def _armer(secondes: float) -> None:
    """Have the kernel end this process after that long, whatever it is doing."""
    signal.setitimer(signal.ITIMER_REAL, secondes)


def _sans_parent(entree: TextIO) -> None:
    """End with the parent: nobody waits for the answer any more."""
    entree.read()
    os._exit(1)


def _dire(sortie: TextIO, **faits: Any) -> None:
    print(json.dumps(faits), file=sortie, flush=True)


if __name__ == "__main__":
    sys.dont_write_bytecode = True  # the bound on files would cut it short, and leave it so for everybody
    sys.exit(main(sys.stdin, sys.stdout))
