"""Digests under a key of the database's own: what they stand for can be recognised, and not guessed from them alone.

The digest of a number of eleven digits tells the number to whoever tries them all; under a key, to nobody without it.
"""

from __future__ import annotations

import hmac
import secrets

from connector.store.connexion import Connexion, damaged

CLE = "cle_du_journal"
"""Where the database keeps its key; the first digests under it were the journal's."""


_OCTETS = 32


class DamagedKey(ValueError):
    """The database's key is not one that `new_key` made."""

    def __init__(self) -> None:
        super().__init__("sa clé est illisible")


class Sceau:
    """The seal of one database; its key is read at the first use. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion
        self._key: bytes | None = None

    def __call__(self, text: str) -> str:
        """The keyed digest of that text."""
        if self._key is None:
            row = self._connexion.row("SELECT value FROM reglages WHERE key = ?", (CLE,))
            if row is None:
                raise damaged(self._connexion.path, "sa clé n’y est plus")
            try:
                self._key = key_of(row[0])
            except DamagedKey as error:
                raise damaged(self._connexion.path, str(error)) from error
        return sealed(self._key, text)


def new_key() -> str:
    """A key nobody knows, in hexadecimal."""
    return secrets.token_hex(_OCTETS)


def key_of(text: str) -> bytes:
    """The key that `new_key` wrote; `DamagedKey` when the text is something else."""
    try:
        key = bytes.fromhex(text)
    except ValueError as error:
        raise DamagedKey from error
    if len(key) != _OCTETS:
        raise DamagedKey
    return key


def sealed(key: bytes, text: str) -> str:
    """The digest of that text under that key."""
    return hmac.new(key, text.encode(), "sha256").hexdigest()
