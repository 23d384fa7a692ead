"""One connection to the database: how its file is made, how SQLite is set, and what each failure is called.

A connection belongs to the thread that opened it: another one opens its own. Writes happen inside `transaction` only.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from connector.errors import StoreError

APPLICATION = 0x44534152
"""SQLite's `application_id` of our files ("DSAR"): another program's database is never written to."""

_SQLITE_MINIMUM = (3, 37)
"""First SQLite with STRICT tables."""

_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",  # what is replaced or purged leaves no trace in the file
    "PRAGMA journal_size_limit = 16777216",
)

Row = tuple[Any, ...]
Values = Sequence[Any] | dict[str, Any]


class Connexion:
    """SQL on one open database; every SQLite error comes out as a `StoreError` naming the file, cause and remedy."""

    def __init__(self, db: sqlite3.Connection, path: Path) -> None:
        self.db = db
        self.path = path

    def rows(self, sql: str, values: Values = ()) -> list[Row]:
        """All the rows of a query; nothing is left open, so that the caller may write while it walks them."""
        with translated(self.path):
            found: list[Row] = self.db.execute(sql, values).fetchall()
        return found

    def row(self, sql: str, values: Values = ()) -> Row | None:
        """The first row of a query, if any."""
        return next(iter(self.rows(sql, values)), None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All of the block's writes, on disk when it ends; none of them when it, or the commit, fails."""
        with translated(self.path):
            try:
                self.db.execute("BEGIN IMMEDIATE")  # stopped on the way, it may have begun
                yield
                self.db.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def run(self, sql: str, values: Values = ()) -> int:
        """Execute one write inside a transaction; the number of rows it changed."""
        with translated(self.path):
            return self.db.execute(sql, values).rowcount

    def run_many(self, sql: str, values: Iterable[Values]) -> None:
        """Execute one write for each row of values, inside a transaction."""
        with translated(self.path):
            self.db.executemany(sql, values)

    def close(self) -> None:
        """Give the file back; SQLite folds the WAL into it when nobody else has it open."""
        with translated(self.path):
            self.db.close()

    def _roll_back(self) -> None:
        """Undo; SQLite may already have done so, and the error that led here is the one to tell."""
        with suppress(sqlite3.Error):
            self.db.rollback()


def connect(path: Path, *, attente: float) -> Connexion:
    """An open connection with its settings; the file is made when absent. `attente`: seconds to wait for a lock."""
    _check_sqlite(sqlite3.sqlite_version_info)
    path = prepare_file(path)
    with translated(path):
        conn = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=attente, isolation_level=None)
        try:
            return _configured(conn, path)
        except BaseException:
            conn.close()
            raise


def _configured(conn: sqlite3.Connection, path: Path) -> Connexion:
    """The connection once it is known to be ours, and set."""
    connexion = Connexion(conn, path)
    _check_owner(connexion)
    mode = conn.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise StoreError(
            f"La base {path} ne peut pas utiliser le journal WAL de SQLite (mode obtenu : {mode}).",
            hint="Placez la base sur un disque local : un partage réseau ne convient pas.",
        )
    for pragma in _PRAGMAS:
        conn.execute(pragma)
    return connexion


def _check_sqlite(version: tuple[int, ...]) -> None:
    """Refuse a SQLite too old for STRICT tables."""
    if version < _SQLITE_MINIMUM:
        raise StoreError(
            f"SQLite {'.'.join(map(str, version))} est trop ancien pour le connecteur.",
            hint="Installez Python avec SQLite 3.37 ou plus récent.",
        )


def _check_owner(connexion: Connexion) -> None:
    """Sign an empty database; refuse one that another program made."""
    ((signature,),) = connexion.rows("PRAGMA application_id")
    if signature == APPLICATION:
        return
    if signature or connexion.rows("SELECT 1 FROM sqlite_schema LIMIT 1"):
        raise StoreError(
            f"Le fichier {connexion.path} est la base d’un autre logiciel : rien n’y a été écrit.",
            hint="Vérifiez le chemin de la base dans la configuration.",
        )
    connexion.db.execute(f"PRAGMA application_id = {APPLICATION}")


def prepare_folder(path: Path) -> Path:
    """The file's real path, its folder made when only that one is missing, for its owner alone (0700)."""
    with files_translated(path):
        path = path.resolve()
        path.parent.mkdir(mode=0o700, exist_ok=True)
    return path


def prepare_file(path: Path) -> Path:
    """The database's real path; the file is made 0600, or its group's and others' rights taken away.

    An existing file is never opened here: closing it would drop the locks that SQLite holds on it in this process.
    """
    path = prepare_folder(path)
    with files_translated(path):
        with suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
        if not path.is_file():
            raise IsADirectoryError(errno.EISDIR, "not a regular file")
        for part in (path, *_companions(path)):
            _restrict(part)
    return path


def _companions(path: Path) -> tuple[Path, ...]:
    """What goes with the database, that exists: SQLite's own files, and the list of what was forgotten."""
    return tuple(p for p in (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm", ".oublis")) if p.is_file())


def _restrict(path: Path) -> None:
    """Take every right away from the group and the others."""
    mode = path.stat().st_mode
    if mode & 0o077:
        path.chmod(mode & 0o700)


@contextmanager
def files_translated(path: Path, *, quoi: str = "La base") -> Iterator[None]:
    """Turn a failure of the file system into a `StoreError`; `quoi` says what that file is."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # before Python 3.13 a loop of links is a RuntimeError
        raise file_error(error, path, quoi=quoi) from error


_FICHIERS: dict[int, tuple[str, str]] = {
    errno.ENOENT: ("son dossier n’existe pas", "Créez le dossier, ou corrigez le chemin dans la configuration."),
    errno.EEXIST: ("son chemin passe par un fichier", "Corrigez le chemin dans la configuration."),
    errno.EISDIR: ("son chemin est celui d’un dossier", "Donnez le chemin d’un fichier dans la configuration."),
    errno.ENOTDIR: ("son chemin passe par un fichier", "Corrigez le chemin dans la configuration."),
    errno.EACCES: ("l’accès est refusé", "Donnez au compte du connecteur la propriété du dossier et du fichier."),
    errno.EPERM: ("elle appartient à un autre compte", "Donnez au compte du connecteur la propriété du fichier."),
    errno.EROFS: ("le disque est en lecture seule", "Remontez le disque en écriture, ou déplacez la base."),
    errno.ENOSPC: ("le disque est plein", "Libérez de l’espace puis relancez : rien n’est perdu."),
}


def file_error(error: OSError | RuntimeError, path: Path, *, quoi: str = "La base") -> StoreError:
    """What the file system's refusal means, and what to do."""
    code = getattr(error, "errno", None) or 0
    cause, hint = _FICHIERS.get(code, (f"le système a répondu « {error} »", "Vérifiez le chemin et le disque."))
    return StoreError(f"{quoi} {path} est inutilisable : {cause}.", hint=hint)


_SQLITE: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_FULL: (
        "le disque est plein",
        "Libérez de l’espace puis relancez : rien n’est perdu, la lecture reprendra où elle en était.",
    ),
    sqlite3.SQLITE_READONLY: (
        "le fichier ou son dossier est en lecture seule",
        "Donnez au compte du connecteur le droit d’écrire dans le dossier de la base.",
    ),
    sqlite3.SQLITE_BUSY: (
        "un autre programme la tient verrouillée",
        "Fermez le programme qui l’utilise (sauvegarde, éditeur SQLite…) puis relancez.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "le fichier est endommagé",
        "Mettez-le de côté, puis restaurez la dernière sauvegarde ou repartez d’une base vide : rien n’est renvoyé.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "le fichier n’est pas une base SQLite",
        "Vérifiez le chemin dans la configuration, ou restaurez la dernière sauvegarde.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "le fichier ne peut pas être ouvert",
        "Vérifiez que le dossier existe et que le compte du connecteur peut y lire et y écrire.",
    ),
    sqlite3.SQLITE_IOERR: (
        "le disque ne répond pas correctement",
        "Vérifiez le disque et le journal du système, puis relancez.",
    ),
    sqlite3.SQLITE_CONSTRAINT: (
        "une écriture contraire à ses règles a été refusée",
        "Rien n’a été écrit. C’est un défaut du connecteur : signalez-le avec ce message.",
    ),
}
_SQLITE[sqlite3.SQLITE_LOCKED] = _SQLITE[sqlite3.SQLITE_BUSY]
_SQLITE[sqlite3.SQLITE_PERM] = _SQLITE[sqlite3.SQLITE_CANTOPEN]

_INATTENDUE = ("erreur inattendue de SQLite", "Relancez ; si l’erreur revient, signalez-la avec ce message.")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn any SQLite error into a `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise sqlite_error(error, path) from error
    except UnicodeDecodeError as error:  # a damaged file, seen by the driver before SQLite sees it
        raise damaged(path, str(error)) from error


def sqlite_error(error: sqlite3.Error, path: Path) -> StoreError:
    """What a SQLite error means, and what to do; the library's own words stay in parentheses."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    known = _SQLITE.get(code & 0xFF, _INATTENDUE)  # the low byte is the primary result code
    return _store_error(path, known, str(error))


def damaged(path: Path, words: str) -> StoreError:
    """The file does not hold what this program wrote."""
    return _store_error(path, _SQLITE[sqlite3.SQLITE_CORRUPT], words)


def _store_error(path: Path, known: tuple[str, str], words: str) -> StoreError:
    cause, hint = known
    return StoreError(f"La base {path} est inutilisable : {cause} ({words}).", hint=hint)
