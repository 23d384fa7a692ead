"""A database looked at from outside: nothing is made, migrated, chmodded or written, whatever state it is in."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from connector.errors import StoreError
from connector.store.base import ATTENTE, Base, base_of, ouvrir
from connector.store.connexion import APPLICATION, Connexion, file_error, translated
from connector.store.schema import en_attente

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class EtatFichier:
    """What can be told of a database without opening it. Sizes in bytes; `lisible_par_d_autres`: its rights are wide.

    `libre` is the room left where it is or will be.
    """

    existe: bool
    taille: int
    libre: int
    lisible_par_d_autres: bool


def etat_du_fichier(path: Path) -> EtatFichier:
    """The state of that file; `StoreError` when it cannot be there. Its own folder may still have to be made."""
    try:
        dossier = path.resolve().parent
        libre = shutil.disk_usage(dossier if dossier.exists() else dossier.parent).free
        existe = path.exists()
        vu = path.stat() if existe else None
    except (OSError, RuntimeError) as error:
        raise file_error(error, path) from error
    return EtatFichier(
        existe=existe,
        taille=vu.st_size if vu else 0,
        libre=libre,
        lisible_par_d_autres=bool(vu and vu.st_mode & 0o077),
    )


def verrouillee(path: Path) -> bool:
    """Whether another process of ours holds the database; the lock's file is not made when there is none."""
    where = path.resolve()
    where = where.with_name(f"{where.name}.lock")
    if not where.exists():
        return False
    lock = FileLock(where, timeout=0, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        return True
    except (OSError, NotImplementedError) as error:
        raise StoreError(
            f"Le verrou {where} ne peut pas être examiné ({error}).",
            hint="Donnez au compte du connecteur la propriété du dossier de la base.",
        ) from error
    lock.release()
    return False


class Ancienne(StoreError):
    """The database is behind this version: the next command that writes will bring it up to date."""


@contextmanager
def consulter(path: Path) -> Iterator[Base]:
    """The database of that file for reading only, as it is; `StoreError` when it cannot be read by this version.

    `SchemaTooNew` when it is ahead, `Ancienne` when it is behind.
    """
    path = path.resolve()
    with translated(path), closing(_ouverte(path)) as conn:
        connexion = Connexion(conn, path)
        if connexion.rows("PRAGMA application_id") != [(APPLICATION,)]:
            raise StoreError(
                f"Le fichier {path} est la base d’un autre logiciel.",
                hint="Vérifiez le chemin de la base dans la configuration.",
            )
        if en_attente(connexion):
            raise Ancienne(
                f"La base {path} vient d’une version plus ancienne du connecteur.",
                hint="Sauvegardez-la ; le prochain passage la mettra à jour.",
            )
        yield base_of(connexion)


def _ouverte(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=ATTENTE, isolation_level=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Souvenir:
    """A text that was kept, and since when."""

    texte: str
    le: datetime


class Memoire:
    """One text kept in a database that may not be there: then nothing is remembered, and nothing is made."""

    def __init__(self, path: Path, cle: str) -> None:
        self._path, self._cle = path, cle

    def lire(self) -> Souvenir | None:
        """What was kept, None when nothing was or when the database cannot be read."""
        try:
            with consulter(self._path) as base:
                garde = base.reglages.get_with_date(self._cle)
        except StoreError:
            return None
        return Souvenir(texte=garde[0], le=garde[1]) if garde else None

    def garder(self, texte: str, *, now: datetime) -> None:
        """Keep it in place of what was there; a database that is absent, busy or not ours is left as it is.

        So is a copy just put back: who forgets again what it holds must be there to say so.
        """
        try:
            with consulter(self._path) as base:
                if base.effacement.a_refaire():
                    return
            with ouvrir(self._path, attente=1.0) as base:
                base.reglages.put(self._cle, texte, now=now)
        except StoreError:
            log.info("memory.not_kept", extra={"cle": self._cle.partition(":")[0]})
