"""The database as a whole: opened, brought up to date, closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from connector.store.connexion import Connexion, connect
from connector.store.decisions import Decisions
from connector.store.dossiers import Dossiers
from connector.store.effacement import Effacement
from connector.store.inscriptions import Inscriptions
from connector.store.journal import Journal
from connector.store.ledger import Ledger
from connector.store.postes import Postes
from connector.store.referentiels import Referentiels
from connector.store.reglages import Pauses, Reglages
from connector.store.relectures import Relectures
from connector.store.schema import migrate
from connector.store.suivi import Suivi

ATTENTE = 10.0
"""Seconds to wait for another process's write to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """One open database, for an ARS and all its démarches. It belongs to the thread that opened it.

    `refaits`: the dossiers that were forgotten again as it was opened, because a copy put back held them.
    """

    path: Path
    dossiers: Dossiers
    ledger: Ledger
    reglages: Reglages
    pauses: Pauses
    suivi: Suivi
    referentiels: Referentiels
    postes: Postes
    inscriptions: Inscriptions
    decisions: Decisions
    effacement: Effacement
    journal: Journal
    relectures: Relectures
    connexion: Connexion
    refaits: tuple[int, ...] = ()

    def damages(self) -> tuple[str, ...]:
        """What SQLite finds wrong after reading the whole file; nothing when it is sound."""
        found = tuple(str(line) for (line,) in self.connexion.rows("PRAGMA integrity_check"))
        orphans = self.connexion.rows("PRAGMA foreign_key_check")
        return (() if found == ("ok",) else found) + tuple(f"ligne orpheline : {table}" for table, *_ in orphans)


@contextmanager
def ouvrir(path: Path, *, attente: float = ATTENTE) -> Iterator[Base]:
    """The database of that file, made or brought up to date, closed at the end; `StoreError` when it cannot be used.

    What the list beside it says was forgotten is forgotten again before anything is read, should a copy hold it.

    The file, its WAL and its index are readable by their owner alone. One process at a time may write: hold
    `lock.verrou` around it; reading beside a writer is fine.
    """
    connexion = connect(path, attente=attente)
    try:
        migrate(connexion)
        base = base_of(connexion)
        yield replace(base, refaits=base.effacement.rappeler())
    finally:
        connexion.close()


def base_of(connexion: Connexion) -> Base:
    """The parts of a database that is open."""
    return Base(
        path=connexion.path,
        dossiers=Dossiers(connexion),
        ledger=Ledger(connexion),
        reglages=Reglages(connexion),
        pauses=Pauses(connexion),
        suivi=Suivi(connexion),
        referentiels=Referentiels(connexion),
        postes=Postes(connexion),
        inscriptions=Inscriptions(connexion),
        decisions=Decisions(connexion),
        effacement=Effacement(connexion),
        journal=Journal(connexion),
        relectures=Relectures(connexion),
        connexion=connexion,
    )
