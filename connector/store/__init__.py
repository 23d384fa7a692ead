"""The database: dossiers as last read, what we said of them, and the journal of what we did to them.

Nothing else knows SQL. No rule, no decision and no HTTP here: values come in, values go out, and every failure is a
`StoreError` in French. A link to a file, a message's text or a secret is never written.
"""

from __future__ import annotations

from connector.store.base import Base, ouvrir
from connector.store.inspection import Ancienne, EtatFichier, Memoire, consulter, etat_du_fichier, verrouillee
from connector.store.lock import verrou

__all__ = [
    "Ancienne",
    "Base",
    "EtatFichier",
    "Memoire",
    "consulter",
    "etat_du_fichier",
    "ouvrir",
    "verrou",
    "verrouillee",
]
