"""A copy of the database, whole and consistent, made while others read and write it; its owner alone may read it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from connector.errors import StoreError
from connector.store.connexion import Connexion, damaged, files_translated, translated

DOSSIER = "copies.dossier"
"""Under which small text a database remembers the folder of its copies."""

_QUAND = "%Y%m%dT%H%M%SZ.sqlite"
"""How the name of a copy that we make, and that we alone remove, ends: when, in UTC; its database's name begins it."""

_DEFAUT = "connector"
"""The database's name as it is shipped; the copies of every database began with it once."""

_PAGES = 1000
"""Pages copied at a time: writers wait no longer than that."""


def copy(connexion: Connexion, to: Path) -> Path:
    """Copy the open database to that new file (0600), checked and on disk when it is given back.

    `StoreError` when the file exists, or cannot be written: then nothing is left of the attempt.
    """
    if to.exists():
        raise StoreError(f"Le fichier {to} existe déjà : rien n’y a été écrit.", hint="Donnez un autre nom à la copie.")
    with put_in_place(to) as partial:
        _copy(connexion, partial)
    return to


@contextmanager
def put_in_place(path: Path) -> Iterator[Path]:
    """An empty file of ours (0600) to fill; it takes that place, on disk, once the block ends well, or is removed."""
    partial = _new_file(path.with_name(f"{path.name}.partielle"))
    try:
        yield partial
        _to_disk(partial)
        partial.replace(path)
        _to_disk(path.parent)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _new_file(path: Path) -> Path:
    """An empty file of ours (0600) at that place, whatever an interrupted copy, or another account, left there."""
    with files_translated(path):
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
    return path


def _copy(connexion: Connexion, to: Path) -> None:
    with translated(to), closing(sqlite3.connect(to)) as there:
        connexion.db.backup(there, pages=_PAGES)
        there.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        ((found,),) = there.execute("PRAGMA quick_check(1)").fetchall()
        if found != "ok":
            raise damaged(connexion.path, str(found))


def _to_disk(path: Path) -> None:
    """Have the system write it for good."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def name(base: Path, now: datetime) -> str:
    """The name of a copy of that database made at that instant."""
    return f"{base.stem}-{now.astimezone(UTC).strftime(_QUAND)}"


def folders(configured: Path, remembered: str | None) -> tuple[Path, ...]:
    """The folders that are there where copies may be: a database put back may remember none, or an old one."""
    possible = (configured.resolve(), *((Path(remembered),) if remembered else ()))
    return tuple(folder for folder in dict.fromkeys(possible) if folder.is_dir())


def older(dossier: Path, base: Path, avant: datetime) -> tuple[Path, ...]:
    """The copies of that database in that folder made before that instant, oldest first; none where it is unreadable.

    Those that an earlier version made bear the shipped name: they are another's only when one of that name is beside.
    """
    noms = {base.stem} if base.with_name(f"{_DEFAUT}.sqlite").exists() else {base.stem, _DEFAUT}
    try:
        faites = [(le, fichier) for fichier in dossier.iterdir() if (le := _made(fichier.name, noms)) is not None]
    except OSError:
        return ()
    return tuple(fichier for le, fichier in sorted(faites) if le < avant)


def _made(nom: str, noms: Collection[str]) -> datetime | None:
    """When the copy of that name was made; None when it is none of a database so called."""
    base, _, quand = nom.rpartition("-")
    if base not in noms:
        return None
    try:
        return datetime.strptime(quand, _QUAND).replace(tzinfo=UTC)
    except ValueError:
        return None
