"""What is to be done, queued by the database itself as dossiers, entries and judgements are written.

A queue is made whole again when the digest that everything was done under (a policy, a way of reading) is another one;
in between it costs nothing to ask what there is to do, however many dossiers are stored.
"""

from __future__ import annotations

from datetime import datetime

from connector.store import codec
from connector.store.connexion import Connexion


def a_juger(connexion: Connexion, demarche: int, *, politique: str, now: datetime) -> None:
    """Bring the queue of the dossiers to judge up to date: another policy, and the dates that are reached."""
    _refaite(connexion, _JUGER, "juger", demarche, politique)
    echus = (demarche, codec.instant(now))
    if connexion.row(f"{_ECHUS} LIMIT 1", echus):
        with connexion.transaction():
            connexion.run(f"INSERT INTO a_faire (quoi, demarche, date_depot, number) {_ECHUS}", echus)


def a_inscrire(connexion: Connexion, demarche: int, *, lecture: str, vue: str) -> None:
    """Bring the queue of the dossiers to enter up to date: another way of reading them, warnings that may be lifted.

    `vue`: the movements and the day, before anything is entered; what that moves is for the next time.

    What the register of posts could not take in of a dossier hangs on the dossier itself, on the posts and on the day:
    as long as neither the world nor the day moved since it was last asked, it would say the same again. Where another
    dossier is about to be entered, the post that it brings is seen at once.
    """
    _refaite(connexion, _INSCRIRE, "inscrire", demarche, lecture)
    if _sous(connexion, "avertis", demarche) == vue and not connexion.row(_ATTENDUE, (demarche,)):
        return
    if connexion.row("SELECT 1 FROM inscriptions INDEXED BY inscriptions_averties WHERE avertissement <> '' LIMIT 1"):
        with connexion.transaction():
            connexion.run(_AVERTIES, (demarche,))
            connexion.run(_NOTER, ("avertis", demarche, vue))


def _refaite(connexion: Connexion, sql: str, quoi: str, demarche: int, empreinte: str) -> None:
    if _sous(connexion, quoi, demarche) == empreinte:
        return
    with connexion.transaction():
        connexion.run("DELETE FROM a_faire WHERE quoi = ? AND demarche = ?", (quoi, demarche))
        connexion.run(sql, (demarche, empreinte))
        connexion.run(_NOTER, (quoi, demarche, empreinte))


def _sous(connexion: Connexion, quoi: str, demarche: int) -> str | None:
    """The digest under which everything that is not queued was done."""
    row = connexion.row("SELECT empreinte FROM sous WHERE quoi = ? AND demarche = ?", (quoi, demarche))
    return None if row is None else str(row[0])


_NOTER = "INSERT OR REPLACE INTO sous (quoi, demarche, empreinte) VALUES (?, ?, ?)"

_JUGER = """
INSERT INTO a_faire (quoi, demarche, date_depot, number)
SELECT 'juger', d.demarche, d.date_depot, d.number FROM dossiers d LEFT JOIN evaluations e ON e.dossier = d.number
WHERE d.demarche = ?1 AND d.absent_le IS NULL AND (
    e.dossier IS NULL OR e.contenu IS NOT d.contenu OR e.proposees IS NOT d.d_proposees OR e.politique IS NOT ?2
    OR e.a_pousser
)
"""

_ECHUS = """
SELECT 'juger', d.demarche, d.date_depot, d.number
FROM evaluations e INDEXED BY evaluations_echeance CROSS JOIN dossiers d ON d.number = e.dossier
WHERE e.a_revoir_le <= ?2 AND d.demarche = ?1 AND d.absent_le IS NULL AND NOT EXISTS (
    SELECT 1 FROM a_faire a WHERE a.quoi = 'juger' AND a.demarche = d.demarche AND a.date_depot = d.date_depot
    AND a.number = d.number
)
"""

_INSCRIRE = """
INSERT INTO a_faire (quoi, demarche, date_depot, number)
SELECT 'inscrire', d.demarche, d.date_depot, d.number FROM dossiers d LEFT JOIN inscriptions i ON i.dossier = d.number
WHERE d.demarche = ?1 AND d.absent_le IS NULL
AND (i.dossier IS NULL OR i.contenu IS NOT d.contenu OR i.lecture IS NOT ?2 OR i.avertissement <> '')
"""

_ATTENDUE = """
SELECT 1 FROM a_faire a WHERE a.quoi = 'inscrire' AND a.demarche = ?
AND NOT EXISTS (SELECT 1 FROM quarantaine q WHERE q.number = a.number AND q.levee_le IS NULL) LIMIT 1
"""

_AVERTIES = """
INSERT OR IGNORE INTO a_faire (quoi, demarche, date_depot, number)
SELECT 'inscrire', d.demarche, d.date_depot, d.number
FROM inscriptions i INDEXED BY inscriptions_averties CROSS JOIN dossiers d ON d.number = i.dossier
WHERE i.avertissement <> '' AND d.demarche = ? AND d.absent_le IS NULL
"""
