"""The register of posts: what quotas count. It knows dossiers by their number only, and outlives them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from connector.core.poste import Poste
from connector.store import codec
from connector.store.connexion import Connexion


class Postes:
    """The posts ever granted. Raises the `StoreError` family, nothing else."""

    def __init__(self, connexion: Connexion) -> None:
        self._connexion = connexion

    def all(self) -> tuple[Poste, ...]:
        """Every post, by identifier."""
        return tuple(
            codec.loads(text, Poste)
            for (text,) in self._connexion.rows("SELECT poste FROM postes ORDER BY identifiant")
        )

    def of_dossier(self, number: int) -> Poste | None:
        """The post that this dossier holds or held, whatever became of the dossier."""
        row = self._connexion.row(_OF_DOSSIER, (number,))
        return None if row is None else codec.loads(row[0], Poste)

    def save(self, postes: Iterable[Poste], *, now: datetime) -> int:
        """Write posts, each with its holders, in one transaction; how many of them changed."""
        with self._connexion.transaction():
            return sum(self._write(poste, now) for poste in postes)

    def _write(self, poste: Poste, now: datetime) -> int:
        values = {
            "identifiant": codec.storable(poste.identifiant),
            "promotion": codec.storable(poste.promotion),
            "region": poste.region,
            "categorie": poste.categorie.value,
            "etat": poste.etat.value,
            "poste": codec.dumps(poste, Poste),
            "now": codec.instant(now),
        }
        changed = self._connexion.run(_SAVE, values)
        holders = [(t.dossier, values["identifiant"]) for t in poste.titulaires]
        self._connexion.run_many("INSERT OR IGNORE INTO titulaires (dossier, poste) VALUES (?, ?)", holders)
        return changed


_OF_DOSSIER = """
SELECT p.poste FROM titulaires t JOIN postes p ON p.identifiant = t.poste WHERE t.dossier = ?
"""

_SAVE = """
INSERT INTO postes (identifiant, promotion, region, categorie, etat, poste, modifie_le)
VALUES (:identifiant, :promotion, :region, :categorie, :etat, :poste, :now)
ON CONFLICT (identifiant) DO UPDATE SET etat = excluded.etat, poste = excluded.poste, modifie_le = excluded.modifie_le
WHERE poste IS NOT excluded.poste
"""
