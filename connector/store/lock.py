"""One process at a time on a database: the command line and the service exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from connector.errors import AlreadyRunning, StoreError
from connector.store.connexion import file_error, prepare_folder


@contextmanager
def verrou(path: Path) -> Iterator[Path]:
    """Hold the lock of that database (`<db>.lock`) for the block, and give the lock's path; `AlreadyRunning` if held.

    The system drops it when the process dies, however it dies. Two names of one file are one lock.
    """
    path = prepare_folder(path)
    where = path.with_name(f"{path.name}.lock")
    lock = FileLock(where, timeout=0, mode=0o600, fallback_to_soft=False)
    _take(lock, where)
    try:
        yield where
    finally:
        lock.release()


def _take(lock: FileLock, where: Path) -> None:
    """Take the lock at once, or say who should give way."""
    try:
        lock.acquire()
    except Timeout as error:
        raise AlreadyRunning(
            f"Une autre commande du connecteur utilise déjà cette base (verrou {where}).",
            hint="Attendez qu’elle finisse, ou arrêtez le service, puis relancez.",
        ) from error
    except NotImplementedError as error:
        raise StoreError(
            f"Le disque de {where} ne sait pas verrouiller un fichier.",
            hint="Placez la base sur un disque local : un partage réseau ne convient pas.",
        ) from error
    except OSError as error:
        raise file_error(error, where) from error
