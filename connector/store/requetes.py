"""The SQL of `dossiers`. A list of numbers or texts is handed over as one JSON array."""

from __future__ import annotations

WATERMARK = """
INSERT INTO filigranes (demarche, filigrane) VALUES (?, ?)
ON CONFLICT (demarche) DO UPDATE SET filigrane = excluded.filigrane WHERE filigrane IS NOT excluded.filigrane
"""

STORED_DATE = "SELECT modifiee_le FROM dossiers WHERE demarche = ? AND number = ?"

STORED_DATES = "SELECT number, modifiee_le FROM dossiers WHERE number IN (SELECT value FROM json_each(?))"

DOSSIER = """
INSERT INTO dossiers (
    number, demarche, id, state, archived, revision, groupe, date_depot, modifiee_le, contenu, d_champs, d_saisies,
    d_proposees, d_messages, d_etat, d_labels, stockee_le, entete, champs, annotations
) VALUES (
    :number, :demarche, :id, :state, :archived, :revision, :groupe, :date_depot, :modifiee_le, :contenu, :d_champs,
    :d_saisies, :d_proposees, :d_messages, :d_etat, :d_labels, :stockee_le, :entete, :champs, :annotations
)
ON CONFLICT (number) DO UPDATE SET
    demarche = excluded.demarche, id = excluded.id, state = excluded.state, archived = excluded.archived,
    revision = excluded.revision, groupe = excluded.groupe, date_depot = excluded.date_depot,
    modifiee_le = excluded.modifiee_le, absent_le = NULL, absent_cause = '', contenu = excluded.contenu,
    d_champs = excluded.d_champs, d_saisies = excluded.d_saisies, d_proposees = excluded.d_proposees,
    d_messages = excluded.d_messages, d_etat = excluded.d_etat, d_labels = excluded.d_labels,
    stockee_le = excluded.stockee_le, entete = excluded.entete, champs = excluded.champs,
    annotations = excluded.annotations
WHERE absent_le IS NOT NULL OR demarche IS NOT excluded.demarche OR contenu IS NOT excluded.contenu
    OR d_proposees IS NOT excluded.d_proposees OR entete IS NOT excluded.entete OR champs IS NOT excluded.champs
    OR annotations IS NOT excluded.annotations
"""

IDENTITE = """
INSERT INTO identites (dossier, entete, champs, messages) VALUES (:number, :qui_entete, :qui_champs, :qui_messages)
ON CONFLICT (dossier) DO UPDATE SET entete = excluded.entete, champs = excluded.champs, messages = excluded.messages
WHERE entete IS NOT excluded.entete OR champs IS NOT excluded.champs OR messages IS NOT excluded.messages
"""

RESTORED = "DELETE FROM suppressions WHERE number IN (SELECT value FROM json_each(?))"

DELETION = """
INSERT INTO suppressions (number, demarche, date_suppression, reason, definitif, seen_at)
VALUES (:number, :demarche, :date_suppression, :reason, :definitif, :now)
ON CONFLICT (number) DO UPDATE SET
    demarche = excluded.demarche, date_suppression = excluded.date_suppression, reason = excluded.reason,
    definitif = excluded.definitif, seen_at = excluded.seen_at
WHERE (date_suppression, reason, definitif) IS NOT (excluded.date_suppression, excluded.reason, excluded.definitif)
"""

MARK_DELETED = """
UPDATE dossiers SET absent_le = COALESCE(absent_le, :now), absent_cause = :reason
WHERE number = :number AND (absent_le IS NULL OR absent_cause IS NOT :reason)
"""

MARK_ABSENT = "UPDATE dossiers SET absent_le = ?, absent_cause = ? WHERE number = ? AND absent_le IS NULL"

KEEP_EVALUATION = """
INSERT INTO evaluations_passees (
    dossier, contenu, proposees, politique, a_pousser, a_revoir_le, avis, avis_depuis, depuis, evaluee_le, proposition
)
SELECT
    dossier, contenu, proposees, politique, a_pousser, a_revoir_le, avis, avis_depuis, depuis, evaluee_le, proposition
FROM evaluations
WHERE dossier = :dossier AND (proposition, politique) IS NOT (:proposition, :politique)
"""

EVALUATION = """
INSERT INTO evaluations (
    dossier, contenu, proposees, politique, a_pousser, a_revoir_le, avis, avis_depuis, depuis, evaluee_le, proposition
) VALUES (
    :dossier, :contenu, :proposees, :politique, :a_pousser, :a_revoir_le, :avis, :avis_depuis, :evaluee_le,
    :evaluee_le, :proposition
)
ON CONFLICT (dossier) DO UPDATE SET
    depuis = CASE WHEN (proposition, politique) IS (excluded.proposition, excluded.politique)
             THEN depuis ELSE excluded.depuis END,
    contenu = excluded.contenu, proposees = excluded.proposees, politique = excluded.politique,
    a_pousser = excluded.a_pousser, a_revoir_le = excluded.a_revoir_le, avis = excluded.avis,
    avis_depuis = excluded.avis_depuis, evaluee_le = excluded.evaluee_le, proposition = excluded.proposition
"""

BEGIN = "INSERT OR REPLACE INTO reglages (key, value, updated_at) VALUES (?1, ?2, ?2)"

REPORT = "INSERT INTO cycles (demarche, at, exit_code, counts, text) VALUES (?, ?, ?, ?, ?)"

FORGET_REPORTS = """
DELETE FROM cycles WHERE demarche = ?1 AND id <= (
    SELECT id FROM cycles WHERE demarche = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2
)
"""

FICHES = "SELECT * FROM fiches WHERE number IN (SELECT value FROM json_each(?)) ORDER BY date_depot, number"

EVALUATION_AT = """
SELECT * FROM evaluations_dites WHERE dossier = ? AND depuis <= ? ORDER BY depuis DESC, rang DESC LIMIT 1
"""

ALL = """
SELECT number, date_depot FROM dossiers INDEXED BY dossiers_a_juger
WHERE demarche = ?1 AND absent_le IS NULL AND (date_depot, number) > (?2, ?3)
ORDER BY date_depot, number LIMIT ?4
"""

COUNTED = """
SELECT d.number, d.entete, d.champs, d.annotations, i.entete, i.champs, e.proposition
FROM dossiers d LEFT JOIN identites i ON i.dossier = d.number LEFT JOIN evaluations e ON e.dossier = d.number
WHERE d.demarche = ?1 AND d.number > ?2 AND (d.absent_le IS NULL OR d.state IN ('accepte', 'refuse', 'sans_suite'))
ORDER BY d.number LIMIT ?3
"""

PENDING = """
SELECT a.number, a.date_depot FROM a_faire a
WHERE a.quoi = 'juger' AND a.demarche = ?1 AND (a.date_depot, a.number) > (?2, ?3)
AND NOT EXISTS (SELECT 1 FROM quarantaine q WHERE q.number = a.number AND q.levee_le IS NULL)
ORDER BY a.date_depot, a.number LIMIT ?4
"""

CONFIRMABLES = """
SELECT a.number, a.date_depot, e.politique, d.entete, d.champs, d.annotations, i.entete, i.champs, e.proposition
FROM a_faire a CROSS JOIN evaluations e ON e.dossier = a.number CROSS JOIN dossiers d ON d.number = a.number
CROSS JOIN identites i ON i.dossier = a.number
WHERE a.quoi = 'juger' AND a.demarche = ?1 AND (a.date_depot, a.number) > (?2, ?3)
AND e.politique IN (SELECT value FROM json_each(?5)) AND NOT e.a_pousser
AND e.contenu IS d.contenu AND e.proposees IS d.d_proposees AND (e.a_revoir_le IS NULL OR e.a_revoir_le > ?6)
AND NOT EXISTS (SELECT 1 FROM quarantaine q WHERE q.number = a.number AND q.levee_le IS NULL)
ORDER BY a.date_depot, a.number LIMIT ?4
"""

CONFIRM = """
DELETE FROM a_faire WHERE (quoi, demarche, date_depot, number) IN (
    SELECT 'juger', d.demarche, d.date_depot, d.number
    FROM json_each(?2) j CROSS JOIN dossiers d ON d.number = j.value WHERE d.demarche = ?1
)
"""

POLITIQUES = "SELECT key, value FROM reglages WHERE key GLOB ?"

SAVE_TEXT = "INSERT OR REPLACE INTO reglages (key, value, updated_at) VALUES (?, ?, ?)"

FORGET_POLITIQUES = """
DELETE FROM reglages WHERE key IN (
    SELECT key FROM reglages WHERE key GLOB ?1 ORDER BY updated_at DESC LIMIT -1 OFFSET ?2
)
"""

GARDES = """
SELECT number, modifiee_le, state, revision, d_champs, d_saisies, d_proposees, d_messages, d_etat, d_labels,
    CASE WHEN absent_le IS NULL THEN NULL ELSE absent_cause END,
    json_extract(entete, '$.demandeur.complet') IS 0, json_extract(entete, '$.attestation') IS 1
FROM dossiers WHERE +demarche = ? AND number IN (SELECT value FROM json_each(?)) AND json_valid(entete)
"""

REVISIT = """
UPDATE evaluations SET a_revoir_le = ?1
WHERE dossier IN (SELECT number FROM dossiers WHERE demarche = ?2)
AND CASE WHEN ?3 IS NULL THEN a_revoir_le > ?1 ELSE dossier = ?3 END
"""

SPLIT = """
SELECT d.number, d.champs, i.champs FROM dossiers d JOIN identites i ON i.dossier = d.number
WHERE d.demarche = ? AND d.number > ? ORDER BY d.number LIMIT ?
"""

SAVED_DEMARCHE = """
SELECT d.demarche, a.groupes
FROM demarches d JOIN identites_agents a ON a.demarche = d.number WHERE d.number = ?
"""

AGENTS = """
INSERT INTO identites_agents (demarche, groupes) VALUES (:number, :groupes)
ON CONFLICT (demarche) DO UPDATE SET groupes = excluded.groupes
"""

DEMARCHE = """
INSERT INTO demarches (number, demarche, lue_le) VALUES (:number, :demarche, :now)
ON CONFLICT (number) DO UPDATE SET demarche = excluded.demarche, lue_le = excluded.lue_le
"""
