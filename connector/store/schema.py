"""The tables, one migration at a time: a migration that has been released is never changed, a new one follows it.

sqlite-utils applies them, and is imported only then: numpy comes with it where it is installed, which is 15 MB and a
tenth of a second that a pass has no use for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from connector.errors import SchemaTooNew
from connector.store.connexion import Connexion, damaged
from connector.store.sceau import CLE, DamagedKey, key_of, new_key, sealed

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

_ENSEMBLE = "connector"
"""The name under which the file tells our migrations from another program's."""

_ETAPES: list[Callable[[Database], None]] = []
"""The migrations, in order."""


def _etape(migration: Callable[[Database], None]) -> Callable[[Database], None]:
    """Put a migration after those above it."""
    _ETAPES.append(migration)
    return migration


def migrations() -> Migrations:
    """The migrations as sqlite-utils applies them."""
    from sqlite_utils import Migrations  # noqa: PLC0415 - see the top

    found = Migrations(_ENSEMBLE)
    for etape in _ETAPES:
        found()(etape)
    return found


def migrate(connexion: Connexion) -> None:
    """Bring the database to this version's schema, all at once or not at all; `SchemaTooNew` if it is ahead of it."""
    if en_attente(connexion):
        from sqlite_utils import Database  # noqa: PLC0415 - see the top

        with connexion.transaction():  # another process may migrate too: what is pending is asked again inside
            try:
                migrations().apply(Database(connexion.db, execute_plugins=False))
            except DamagedKey as error:
                raise damaged(connexion.path, str(error)) from error


def en_attente(connexion: Connexion) -> bool:
    """Whether the database is behind this version's schema; `SchemaTooNew` if it is ahead of it."""
    applied = _applied(connexion)
    known = {etape.__name__ for etape in _ETAPES}
    if unknown := sorted(applied - known):
        raise SchemaTooNew(
            f"La base {connexion.path} vient d’une version plus récente du connecteur "
            f"(étapes inconnues ici : {', '.join(unknown)}).",
            hint="Installez cette version plus récente, ou restaurez une sauvegarde antérieure. Rien n’a été modifié.",
        )
    return bool(known - applied)


def _applied(connexion: Connexion) -> set[str]:
    """The migrations that the database has seen."""
    columns = {name for (name,) in connexion.rows("SELECT name FROM pragma_table_info('_sqlite_migrations')")}
    if not columns:
        return set()
    if missing := {"migration_set", "name", "applied_at"} - columns:
        raise damaged(connexion.path, f"_sqlite_migrations: {', '.join(sorted(missing))}")
    names = connexion.rows("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (_ENSEMBLE,))
    return {str(name) for (name,) in names}


# Dates are instants in UTC text of fixed width (codec.instant); JSON is codec's. The index that `pending` walks holds
# the two digests it compares, so that a quiet poll never reads a dossier's body.
_DOSSIERS = """
CREATE TABLE dossiers (
    number        INTEGER PRIMARY KEY,
    demarche      INTEGER NOT NULL,
    id            TEXT NOT NULL,
    state         TEXT NOT NULL,
    archived      INTEGER NOT NULL CHECK (archived IN (0, 1)),
    revision      TEXT NOT NULL,
    groupe        TEXT NOT NULL,
    date_depot    TEXT NOT NULL,
    modifiee_le   TEXT NOT NULL,
    absent_le     TEXT,
    absent_cause  TEXT NOT NULL DEFAULT '',
    contenu       TEXT NOT NULL,
    d_champs      TEXT NOT NULL,
    d_saisies     TEXT NOT NULL,
    d_proposees   TEXT NOT NULL,
    d_messages    TEXT NOT NULL,
    d_etat        TEXT NOT NULL,
    d_labels      TEXT NOT NULL,
    stockee_le    TEXT NOT NULL,
    entete        TEXT NOT NULL,
    champs        TEXT NOT NULL,
    annotations   TEXT NOT NULL,
    messages      TEXT NOT NULL
) STRICT;
CREATE INDEX dossiers_a_juger ON dossiers (demarche, date_depot, number, contenu, d_proposees) WHERE absent_le IS NULL;

CREATE TABLE demarches (
    number    INTEGER PRIMARY KEY,
    demarche  TEXT NOT NULL,
    lue_le    TEXT NOT NULL
) STRICT;

CREATE TABLE filigranes (
    demarche   INTEGER PRIMARY KEY,
    filigrane  TEXT NOT NULL
) STRICT;

CREATE TABLE quarantaine (
    number    INTEGER PRIMARY KEY,
    demarche  INTEGER NOT NULL,
    cause     TEXT NOT NULL,
    attempts  INTEGER NOT NULL,
    depuis    TEXT NOT NULL,
    retry_at  TEXT NOT NULL,
    levee_le  TEXT
) STRICT;

CREATE TABLE trous (
    demarche   INTEGER NOT NULL,
    cause      TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    seen_at    TEXT NOT NULL,
    count      INTEGER NOT NULL,
    PRIMARY KEY (demarche, cause)
) STRICT, WITHOUT ROWID;

CREATE TABLE suppressions (
    number            INTEGER PRIMARY KEY,
    demarche          INTEGER NOT NULL,
    date_suppression  TEXT NOT NULL,
    reason            TEXT NOT NULL,
    definitif         INTEGER NOT NULL CHECK (definitif IN (0, 1)),
    seen_at           TEXT NOT NULL
) STRICT;
"""

_EVALUATIONS = """
CREATE TABLE evaluations (
    dossier      INTEGER PRIMARY KEY REFERENCES dossiers (number) ON DELETE CASCADE,
    contenu      TEXT NOT NULL,
    proposees    TEXT NOT NULL,
    politique    TEXT NOT NULL,
    a_pousser    INTEGER NOT NULL CHECK (a_pousser IN (0, 1)),
    a_revoir_le  TEXT,
    avis         TEXT NOT NULL,
    avis_depuis  TEXT NOT NULL,
    depuis       TEXT NOT NULL,
    evaluee_le   TEXT NOT NULL,
    proposition  TEXT NOT NULL
) STRICT;

CREATE TABLE evaluations_passees (
    id           INTEGER PRIMARY KEY,
    dossier      INTEGER NOT NULL REFERENCES dossiers (number) ON DELETE CASCADE,
    contenu      TEXT NOT NULL,
    proposees    TEXT NOT NULL,
    politique    TEXT NOT NULL,
    a_pousser    INTEGER NOT NULL CHECK (a_pousser IN (0, 1)),
    a_revoir_le  TEXT,
    avis         TEXT NOT NULL,
    avis_depuis  TEXT NOT NULL,
    depuis       TEXT NOT NULL,
    evaluee_le   TEXT NOT NULL,
    proposition  TEXT NOT NULL
) STRICT;
CREATE INDEX evaluations_passees_dossier ON evaluations_passees (dossier, depuis);
"""

# The ledger refers to no dossier: it outlives it. `rang` orders the requests, whatever the clock says. Its rules are
# the database's own, so that no code can break them.
_LEDGER = """
CREATE TABLE intentions (
    seq          INTEGER PRIMARY KEY,
    rang         INTEGER NOT NULL UNIQUE,
    fingerprint  TEXT NOT NULL UNIQUE,
    demarche     INTEGER NOT NULL,
    dossier      INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    cible        TEXT NOT NULL,
    state        TEXT NOT NULL
                 CHECK (state IN ('planned', 'sending', 'done', 'rejected', 'unknown', 'handed_to_human')),
    sent_at      TEXT,
    closed_at    TEXT,
    attempts     INTEGER NOT NULL,
    refusals     INTEGER NOT NULL DEFAULT 0,
    retry_at     TEXT,
    cause        TEXT NOT NULL DEFAULT '',
    detail       TEXT NOT NULL DEFAULT '',
    updated_at   TEXT NOT NULL
) STRICT;
CREATE INDEX intentions_dossier ON intentions (dossier);
CREATE INDEX intentions_state ON intentions (demarche, state);
CREATE INDEX intentions_sent_at ON intentions (sent_at);

CREATE TABLE ledger_events (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint  TEXT NOT NULL REFERENCES intentions (fingerprint),
    state        TEXT NOT NULL,
    at           TEXT NOT NULL,
    cause        TEXT NOT NULL
) STRICT;
CREATE INDEX ledger_events_fingerprint ON ledger_events (fingerprint);
CREATE INDEX ledger_events_at ON ledger_events (at);

CREATE TRIGGER intentions_start BEFORE INSERT ON intentions
WHEN NEW.state NOT IN ('planned', 'sending')
BEGIN
    SELECT RAISE(ABORT, 'an intent starts planned or sending');
END;

CREATE TRIGGER intentions_transition BEFORE UPDATE OF state ON intentions
WHEN OLD.state || '>' || NEW.state NOT IN (
    'planned>sending', 'planned>handed_to_human',
    'sending>done', 'sending>rejected', 'sending>unknown', 'sending>handed_to_human', 'sending>planned',
    'unknown>done', 'unknown>rejected', 'unknown>unknown', 'unknown>handed_to_human', 'unknown>planned',
    'rejected>sending', 'rejected>handed_to_human',
    'handed_to_human>done'
)
BEGIN
    SELECT RAISE(ABORT, 'this intent cannot go to that state');
END;

CREATE TRIGGER intentions_identity BEFORE UPDATE ON intentions
WHEN OLD.seq IS NOT NEW.seq OR OLD.fingerprint IS NOT NEW.fingerprint OR OLD.demarche IS NOT NEW.demarche
    OR OLD.dossier IS NOT NEW.dossier OR OLD.kind IS NOT NEW.kind
BEGIN
    SELECT RAISE(ABORT, 'an intent keeps its identity');
END;

CREATE TRIGGER intentions_forever BEFORE DELETE ON intentions
BEGIN
    SELECT RAISE(ABORT, 'an intent is never forgotten');
END;

CREATE TRIGGER intentions_started AFTER INSERT ON intentions
BEGIN
    INSERT INTO ledger_events (fingerprint, state, at, cause)
    VALUES (NEW.fingerprint, NEW.state, NEW.updated_at, NEW.cause);
END;

CREATE TRIGGER intentions_moved AFTER UPDATE OF state ON intentions
BEGIN
    INSERT INTO ledger_events (fingerprint, state, at, cause)
    VALUES (NEW.fingerprint, NEW.state, NEW.updated_at, NEW.cause);
END;

CREATE TRIGGER ledger_events_fixed BEFORE UPDATE ON ledger_events
BEGIN
    SELECT RAISE(ABORT, 'the journal is only added to');
END;

CREATE TRIGGER ledger_events_kept BEFORE DELETE ON ledger_events
BEGIN
    SELECT RAISE(ABORT, 'the journal is only added to');
END;
"""

# What the code reads, in its order: a column added later changes no query.
_VUES = """
CREATE VIEW fiches AS
SELECT d.number, d.d_champs, d.d_saisies, d.d_proposees, d.d_messages, d.d_etat, d.d_labels,
    d.entete, d.champs, d.annotations, d.messages,
    e.dossier, e.contenu, e.politique, e.proposees, e.a_pousser, e.a_revoir_le, e.avis_depuis, e.evaluee_le,
    e.proposition, d.date_depot
FROM dossiers d LEFT JOIN evaluations e ON e.dossier = d.number;

CREATE VIEW evaluations_dites AS
SELECT dossier, contenu, politique, proposees, a_pousser, a_revoir_le, avis_depuis, evaluee_le, proposition, depuis,
    0 AS rang
FROM evaluations_passees
UNION ALL
SELECT dossier, contenu, politique, proposees, a_pousser, a_revoir_le, avis_depuis, evaluee_le, proposition, depuis,
    1 AS rang
FROM evaluations;

CREATE VIEW intentions_lues AS
SELECT demarche, dossier, kind, fingerprint, cible, state, sent_at, closed_at, attempts, cause, detail, retry_at, rang
FROM intentions;
"""

_SUIVI = """
CREATE TABLE cycles (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    demarche   INTEGER NOT NULL,
    at         TEXT NOT NULL,
    exit_code  INTEGER NOT NULL,
    counts     TEXT NOT NULL,
    text       TEXT NOT NULL
) STRICT;
CREATE INDEX cycles_demarche ON cycles (demarche, id);

CREATE TABLE pauses (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    reason  TEXT NOT NULL,
    since   TEXT NOT NULL,
    until   TEXT
) STRICT;

CREATE TABLE reglages (
    key         TEXT PRIMARY KEY,
    value       TEXT NOT NULL,
    updated_at  TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


@_etape
def m001_foundation(db: Database) -> None:
    """Everything of the first version."""
    for script in (_DOSSIERS, _EVALUATIONS, _LEDGER, _VUES, _SUIVI):
        db.executescript(script)


# A version is one import; its rows are never changed afterwards. One taken back keeps its rows, so that what was said
# with it can still be explained.
_REFERENTIELS = """
CREATE TABLE versions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    referentiel  TEXT NOT NULL CHECK (referentiel IN ('communes', 'zonage', 'qpv')),
    region       TEXT NOT NULL,
    arrete       TEXT NOT NULL,
    date_effet   TEXT NOT NULL,
    importe_le   TEXT NOT NULL,
    lignes       INTEGER NOT NULL,
    empreinte    TEXT NOT NULL,
    retiree_le   TEXT
) STRICT;

CREATE TABLE communes (
    version      INTEGER NOT NULL REFERENCES versions (id),
    code_insee   TEXT NOT NULL,
    nom          TEXT NOT NULL,
    departement  TEXT NOT NULL,
    region       TEXT NOT NULL,
    population   INTEGER,
    latitude     REAL,
    longitude    REAL,
    PRIMARY KEY (version, code_insee)
) STRICT, WITHOUT ROWID;

CREATE TABLE zones (
    version     INTEGER NOT NULL REFERENCES versions (id),
    code_insee  TEXT NOT NULL,
    zone        TEXT NOT NULL,
    tvs         TEXT NOT NULL,
    PRIMARY KEY (version, code_insee)
) STRICT, WITHOUT ROWID;

CREATE TABLE zones_quartiers (
    version   INTEGER NOT NULL REFERENCES versions (id),
    code      TEXT NOT NULL,
    nom       TEXT NOT NULL,
    zone      TEXT NOT NULL,
    zone_tvs  TEXT,
    PRIMARY KEY (version, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE quartiers (
    version    INTEGER NOT NULL REFERENCES versions (id),
    code       TEXT NOT NULL,
    nom        TEXT NOT NULL,
    geometrie  TEXT NOT NULL,
    communes   TEXT NOT NULL,
    zone       TEXT,
    PRIMARY KEY (version, code)
) STRICT, WITHOUT ROWID;
"""


@_etape
def m002_referentiels(db: Database) -> None:
    """Communes, zones and priority neighbourhoods, version by version."""
    db.executescript(_REFERENTIELS)


# The register outlives the dossiers: a post lasts 24 months, and keeps of its holders nothing but dossier numbers. What
# is noted of a dossier for the others (digests, no identity) goes with the dossier.
_REGISTRE = """
CREATE TABLE postes (
    identifiant  TEXT PRIMARY KEY,
    promotion    TEXT NOT NULL,
    region       TEXT NOT NULL,
    categorie    TEXT NOT NULL,
    etat         TEXT NOT NULL,
    poste        TEXT NOT NULL,
    modifie_le   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE titulaires (
    dossier  INTEGER PRIMARY KEY,
    poste    TEXT NOT NULL REFERENCES postes (identifiant)
) STRICT;

CREATE TABLE inscriptions (
    dossier        INTEGER PRIMARY KEY REFERENCES dossiers (number) ON DELETE CASCADE,
    contenu        TEXT NOT NULL,
    lecture        TEXT NOT NULL,
    candidat       TEXT NOT NULL,
    projet         TEXT NOT NULL,
    promotion      TEXT NOT NULL,
    inscription    TEXT NOT NULL,
    avertissement  TEXT NOT NULL,
    favorable      INTEGER NOT NULL DEFAULT 0 CHECK (favorable IN (0, 1)),
    contexte       TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX inscriptions_candidat ON inscriptions (candidat) WHERE candidat <> '';
CREATE INDEX inscriptions_projet ON inscriptions (projet) WHERE projet <> '';
"""


@_etape
def m003_registre(db: Database) -> None:
    """The register of posts, and each dossier's entry among the others."""
    db.executescript(_REGISTRE)


# Added to, never changed: what people decided, and when, can be told later. Empty text: the decision was taken back.
_DECISIONS = """
CREATE TABLE decisions (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    dossier   INTEGER NOT NULL,
    source    TEXT NOT NULL CHECK (source IN ('fichier', 'annotation')),
    decision  TEXT NOT NULL,
    notee_le  TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_dossier ON decisions (dossier, source, id);
"""


@_etape
def m005_decisions(db: Database) -> None:
    """What people decided of the dossiers."""
    db.executescript(_DECISIONS)


# What is to be done is queued as it happens, so that a quiet poll asks an empty queue and reads no dossier. `sous` is
# the digest (policy, reading) under which everything not queued was done. `mouvements` counts whatever may change what
# the others say of a dossier; `mondes_dits` is the count, and the day, when all of it had been told.
_FILE = """
CREATE TABLE a_faire (
    quoi        TEXT NOT NULL CHECK (quoi IN ('inscrire', 'juger')),
    demarche    INTEGER NOT NULL,
    date_depot  TEXT NOT NULL,
    number      INTEGER NOT NULL,
    PRIMARY KEY (quoi, demarche, date_depot, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE sous (
    quoi       TEXT NOT NULL,
    demarche   INTEGER NOT NULL,
    empreinte  TEXT NOT NULL,
    PRIMARY KEY (quoi, demarche)
) STRICT, WITHOUT ROWID;

CREATE INDEX evaluations_echeance ON evaluations (a_revoir_le) WHERE a_revoir_le IS NOT NULL;

CREATE TRIGGER a_faire_arrive AFTER INSERT ON dossiers
BEGIN
    INSERT INTO a_faire (quoi, demarche, date_depot, number)
    VALUES ('inscrire', NEW.demarche, NEW.date_depot, NEW.number), ('juger', NEW.demarche, NEW.date_depot, NEW.number);
END;

CREATE TRIGGER a_faire_juger AFTER UPDATE OF demarche, date_depot, contenu, d_proposees, absent_le ON dossiers
WHEN (OLD.demarche, OLD.date_depot, OLD.contenu, OLD.d_proposees, OLD.absent_le)
    IS NOT (NEW.demarche, NEW.date_depot, NEW.contenu, NEW.d_proposees, NEW.absent_le)
BEGIN
    DELETE FROM a_faire
    WHERE quoi = 'juger' AND demarche = OLD.demarche AND date_depot = OLD.date_depot AND number = OLD.number;
    INSERT INTO a_faire (quoi, demarche, date_depot, number)
    SELECT 'juger', NEW.demarche, NEW.date_depot, NEW.number WHERE NEW.absent_le IS NULL;
END;

CREATE TRIGGER a_faire_inscrire AFTER UPDATE OF demarche, date_depot, contenu, absent_le ON dossiers
WHEN (OLD.demarche, OLD.date_depot, OLD.contenu, OLD.absent_le)
    IS NOT (NEW.demarche, NEW.date_depot, NEW.contenu, NEW.absent_le)
BEGIN
    DELETE FROM a_faire
    WHERE quoi = 'inscrire' AND demarche = OLD.demarche AND date_depot = OLD.date_depot AND number = OLD.number;
    INSERT INTO a_faire (quoi, demarche, date_depot, number)
    SELECT 'inscrire', NEW.demarche, NEW.date_depot, NEW.number WHERE NEW.absent_le IS NULL;
END;

CREATE TRIGGER a_faire_parti AFTER DELETE ON dossiers
BEGIN
    DELETE FROM a_faire
    WHERE quoi IN ('inscrire', 'juger') AND demarche = OLD.demarche AND date_depot = OLD.date_depot
    AND number = OLD.number;
END;

CREATE TRIGGER a_faire_juge AFTER INSERT ON evaluations
BEGIN
    DELETE FROM a_faire WHERE quoi = 'juger' AND (demarche, date_depot, number) =
        (SELECT demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier);
    INSERT INTO a_faire (quoi, demarche, date_depot, number)
    SELECT 'juger', demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier AND absent_le IS NULL
    AND (NEW.a_pousser OR contenu IS NOT NEW.contenu OR d_proposees IS NOT NEW.proposees);
END;

CREATE TRIGGER a_faire_rejuge AFTER UPDATE OF contenu, proposees, politique, a_pousser ON evaluations
BEGIN
    DELETE FROM a_faire WHERE quoi = 'juger' AND (demarche, date_depot, number) =
        (SELECT demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier);
    INSERT INTO a_faire (quoi, demarche, date_depot, number)
    SELECT 'juger', demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier AND absent_le IS NULL
    AND (NEW.a_pousser OR contenu IS NOT NEW.contenu OR d_proposees IS NOT NEW.proposees);
END;

CREATE TRIGGER a_faire_inscrit AFTER INSERT ON inscriptions
BEGIN
    DELETE FROM a_faire WHERE quoi = 'inscrire' AND (demarche, date_depot, number) =
        (SELECT demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier);
    INSERT INTO a_faire (quoi, demarche, date_depot, number)
    SELECT 'inscrire', demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier AND absent_le IS NULL
    AND (NEW.avertissement <> '' OR contenu IS NOT NEW.contenu);
END;

CREATE TRIGGER a_faire_reinscrit AFTER UPDATE OF contenu, lecture, avertissement ON inscriptions
BEGIN
    DELETE FROM a_faire WHERE quoi = 'inscrire' AND (demarche, date_depot, number) =
        (SELECT demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier);
    INSERT INTO a_faire (quoi, demarche, date_depot, number)
    SELECT 'inscrire', demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier AND absent_le IS NULL
    AND (NEW.avertissement <> '' OR contenu IS NOT NEW.contenu);
END;

CREATE TABLE mouvements (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    nombre  INTEGER NOT NULL
) STRICT;
INSERT INTO mouvements (id, nombre) VALUES (1, 0);

CREATE TABLE mondes_dits (
    demarche      INTEGER PRIMARY KEY,
    mouvements    INTEGER NOT NULL,
    compteurs_le  TEXT NOT NULL
) STRICT;

CREATE TRIGGER mouvement_inscription AFTER INSERT ON inscriptions
BEGIN
    UPDATE mouvements SET nombre = nombre + 1;
END;

CREATE TRIGGER mouvement_reinscription AFTER UPDATE ON inscriptions
WHEN (OLD.candidat, OLD.projet, OLD.promotion, OLD.inscription, OLD.avertissement, OLD.favorable)
    IS NOT (NEW.candidat, NEW.projet, NEW.promotion, NEW.inscription, NEW.avertissement, NEW.favorable)
BEGIN
    UPDATE mouvements SET nombre = nombre + 1;
END;

CREATE TRIGGER mouvement_radiation AFTER DELETE ON inscriptions
BEGIN
    UPDATE mouvements SET nombre = nombre + 1;
END;

CREATE TRIGGER mouvement_presence AFTER UPDATE OF absent_le ON dossiers
WHEN (OLD.absent_le IS NULL) IS NOT (NEW.absent_le IS NULL)
BEGIN
    UPDATE mouvements SET nombre = nombre + 1;
END;

CREATE TRIGGER mouvement_quarantaine AFTER UPDATE OF levee_le ON quarantaine
WHEN OLD.levee_le IS NOT NEW.levee_le
BEGIN
    UPDATE mouvements SET nombre = nombre + 1;
END;

CREATE TRIGGER mouvement_poste AFTER INSERT ON postes
BEGIN
    UPDATE mouvements SET nombre = nombre + 1;
END;

CREATE TRIGGER mouvement_du_poste AFTER UPDATE ON postes
WHEN OLD.poste IS NOT NEW.poste
BEGIN
    UPDATE mouvements SET nombre = nombre + 1;
END;

CREATE TRIGGER mouvement_poste_efface AFTER DELETE ON postes
BEGIN
    UPDATE mouvements SET nombre = nombre + 1;
END;

CREATE TRIGGER mouvement_decision AFTER INSERT ON decisions
BEGIN
    UPDATE mouvements SET nombre = nombre + 1;
END;
"""


@_etape
def m006_file(db: Database) -> None:
    """What is to be done, queued; and whether the world moved. The queues are made whole at their first use."""
    db.executescript(_FILE)


# What is erased leaves a number, a date and a reason. The two journals are only added to until their term, which a
# purge writes down in the same transaction as it cuts them.
_CONSERVATION = """
CREATE TABLE effaces (
    number    INTEGER PRIMARY KEY,
    demarche  INTEGER NOT NULL,
    motif     TEXT NOT NULL CHECK (motif IN ('supprime', 'absent', 'termine', 'oubli')),
    le        TEXT NOT NULL
) STRICT;

CREATE TABLE journal (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        TEXT NOT NULL,
    qui       TEXT NOT NULL,
    quoi      TEXT NOT NULL,
    portee    TEXT NOT NULL,
    reponse   TEXT NOT NULL,
    demarche  INTEGER,
    dossier   INTEGER
) STRICT;
CREATE INDEX journal_at ON journal (at);

CREATE TRIGGER journal_fixed BEFORE UPDATE ON journal
BEGIN
    SELECT RAISE(ABORT, 'the journal is only added to');
END;

CREATE TRIGGER journal_kept BEFORE DELETE ON journal
WHEN OLD.at >= COALESCE((SELECT value FROM reglages WHERE key = 'journal_avant'), '')
BEGIN
    SELECT RAISE(ABORT, 'the journal is only added to');
END;

DROP TRIGGER ledger_events_kept;
CREATE TRIGGER ledger_events_kept BEFORE DELETE ON ledger_events
WHEN OLD.at >= COALESCE((SELECT value FROM reglages WHERE key = 'journal_avant'), '')
BEGIN
    SELECT RAISE(ABORT, 'the journal is only added to');
END;

CREATE VIEW journal_lu AS
SELECT at, qui, quoi, portee, reponse, demarche, dossier, 0 AS source, id FROM journal
UNION ALL
SELECT e.at, 'connecteur', i.kind, substr(e.fingerprint, 1, 12), e.state || iif(e.cause = '', '', ' : ' || e.cause),
    i.demarche, i.dossier, 1, e.id
FROM ledger_events e JOIN intentions i ON i.fingerprint = e.fingerprint;
"""


@_etape
def m020_conservation(db: Database) -> None:
    """What was erased, and the journal of what was read and done."""
    db.executescript(_CONSERVATION)


# A post outlives the dossiers of its holders: what a replacement is compared with (state, employer, shares, a digest of
# the project) stays beside the holder's number. `modifiee_le` says when DS last changed a dossier that was erased: one
# that people touched since has come back to life. "" where a version before this one erased it.
_SURVIE = """
ALTER TABLE titulaires ADD COLUMN inscription TEXT NOT NULL DEFAULT '';
ALTER TABLE effaces ADD COLUMN modifiee_le TEXT NOT NULL DEFAULT '';
"""


@_etape
def m021_survie(db: Database) -> None:
    """What the register and the tombstones keep of an erased dossier, nobody's identity."""
    db.executescript(_SURVIE)


# A row whose text is damaged is stepped over, here and below: it is read from DS again later, and must not keep every
# other one shut in.
#
# Whoever looks at the journal needs no digest of what was written: the number of the effect tells it from the others.
_SCEAU = """
DROP VIEW journal_lu;
CREATE VIEW journal_lu AS
SELECT at, qui, quoi, portee, reponse, demarche, dossier, 0 AS source, id FROM journal
UNION ALL
SELECT e.at, 'connecteur', i.kind, 'envoi n° ' || i.seq, e.state || iif(e.cause = '', '', ' : ' || e.cause),
    i.demarche, i.dossier, 1, e.id
FROM ledger_events e JOIN intentions i ON i.fingerprint = e.fingerprint;

UPDATE intentions SET cible = json_replace(cible, '$[1]', '')
WHERE kind = 'message' AND dossier IN (SELECT number FROM effaces) AND json_valid(cible);
"""


@_etape
def m022_sceau(db: Database) -> None:
    """The candidates' digests under a key of the database's own, and none of a text once its dossier is erased.

    The key seals the digests that were there: dossiers that were alike still are, and nothing has to be read again.
    """
    db.executescript(_SCEAU)
    db.execute(
        "INSERT OR IGNORE INTO reglages (key, value, updated_at) VALUES (?, ?, '')",  # nobody asks since when
        (CLE, new_key()),
    )
    key = key_of(db.execute("SELECT value FROM reglages WHERE key = ?", (CLE,)).fetchone()[0])
    rows = db.execute("SELECT dossier, candidat FROM inscriptions WHERE candidat <> ''").fetchall()
    db.conn.executemany(
        """
        UPDATE inscriptions SET candidat = ?1,
            inscription = iif(json_valid(inscription), json_set(inscription, '$.candidat', ?1), inscription)
        WHERE dossier = ?2
        """,
        [(sealed(key, candidat), dossier) for dossier, candidat in rows],
    )


# What was found inside a dossier's pieces, by checksum: neither their names nor their links. It goes with the dossier.
_RELECTURES = """
CREATE TABLE relectures (
    dossier    INTEGER NOT NULL REFERENCES dossiers (number) ON DELETE CASCADE,
    checksum   TEXT NOT NULL,
    relecture  TEXT NOT NULL,
    PRIMARY KEY (dossier, checksum)
) STRICT, WITHOUT ROWID;
"""


@_etape
def m023_relectures(db: Database) -> None:
    """What was found inside the pieces."""
    db.executescript(_RELECTURES)


# Who people are is in two tables: candidates, depositors and authors of messages by dossier, agents by démarche.
# `dossiers.champs` has null where a champ is there; which champs are is told by the cycle, from the mapping. An address
# or a name that agents type in an annotation stays in `dossiers.annotations`.
_IDENTITES = """
CREATE TABLE identites (
    dossier   INTEGER PRIMARY KEY REFERENCES dossiers (number) ON DELETE CASCADE,
    entete    TEXT NOT NULL,
    champs    TEXT NOT NULL,
    messages  TEXT NOT NULL
) STRICT;
INSERT INTO identites (dossier, entete, champs, messages)
SELECT number, json_object(
        'usager_email', json_extract(entete, '$.usager_email'),
        'groupe', json(json_extract(entete, '$.groupe')),
        'traitements', json(json_extract(entete, '$.traitements'))
    ), '[]', messages
FROM dossiers
WHERE iif(json_valid(entete),
    json_type(entete, '$.groupe') = 'object' AND json_type(entete, '$.traitements') = 'array', 0);
UPDATE dossiers SET entete = json_remove(entete, '$.usager_email', '$.groupe', '$.traitements')
WHERE json_valid(entete);

CREATE TABLE identites_agents (
    demarche  INTEGER PRIMARY KEY REFERENCES demarches (number) ON DELETE CASCADE,
    groupes   TEXT NOT NULL
) STRICT;
INSERT INTO identites_agents (demarche, groupes)
SELECT number, json_extract(demarche, '$.groupes') FROM demarches
WHERE iif(json_valid(demarche), json_type(demarche, '$.groupes') = 'array', 0);
UPDATE demarches SET demarche = json_remove(demarche, '$.groupes') WHERE json_valid(demarche);

DROP VIEW fiches;
ALTER TABLE dossiers DROP COLUMN messages;
CREATE VIEW fiches AS
SELECT d.number, d.d_champs, d.d_saisies, d.d_proposees, d.d_messages, d.d_etat, d.d_labels,
    d.entete, d.champs, d.annotations, i.entete AS qui, i.champs AS siens, i.messages,
    e.dossier, e.contenu, e.politique, e.proposees, e.a_pousser, e.a_revoir_le, e.avis_depuis, e.evaluee_le,
    e.proposition, d.date_depot
FROM dossiers d LEFT JOIN identites i ON i.dossier = d.number LEFT JOIN evaluations e ON e.dossier = d.number;
"""


@_etape
def m024_identites(db: Database) -> None:
    """Who people are, apart from everything else."""
    db.executescript(_IDENTITES)


# The movements and the day of the world by which a dossier was told what `contexte` digests; "" when not told.
_VUE = "ALTER TABLE inscriptions ADD COLUMN vue TEXT NOT NULL DEFAULT ''"


@_etape
def m025_vue(db: Database) -> None:
    """By which sight of the world each dossier was last told what the others say of it."""
    db.execute(_VUE)


# A warning of the register of posts is asked again when something moved or the day changed (file_attente), no longer at
# every poll: an entry that has one is not queued by being written.
_INSCRITE = """\
BEGIN
    DELETE FROM a_faire WHERE quoi = 'inscrire' AND (demarche, date_depot, number) =
        (SELECT demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier);
    INSERT INTO a_faire (quoi, demarche, date_depot, number)
    SELECT 'inscrire', demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier AND absent_le IS NULL
    AND contenu IS NOT NEW.contenu;
END;"""
_AVERTIES = f"""
DROP TRIGGER a_faire_inscrit;
CREATE TRIGGER a_faire_inscrit AFTER INSERT ON inscriptions
{_INSCRITE}

DROP TRIGGER a_faire_reinscrit;
CREATE TRIGGER a_faire_reinscrit AFTER UPDATE OF contenu, lecture, avertissement ON inscriptions
{_INSCRITE}

CREATE INDEX inscriptions_averties ON inscriptions (dossier) WHERE avertissement <> '';
"""


@_etape
def m026_averties(db: Database) -> None:
    """Which entries have a warning, found without reading the others, and queued only when it may be lifted."""
    db.executescript(_AVERTIES)
