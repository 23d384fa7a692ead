"""A database that the previous version left: brought up to date, it says and sends nothing anew."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from connector import store, wiring
from connector.core import empreintes
from connector.core.cles import compact
from connector.core.conservation import Motif
from connector.sandbox import scenario
from connector.sandbox.monde import CAS
from connector.store.effacement import AEffacer
from connector.store.sceau import CLE, sealed

DEPUIS = ("m021_survie", "m022_sceau", "m024_identites", "m025_vue", "m026_averties")
RPPS = "10000000009"

INSCRITE = """\
BEGIN
    DELETE FROM a_faire WHERE quoi = 'inscrire' AND number = NEW.dossier;
    INSERT INTO a_faire (quoi, demarche, date_depot, number)
    SELECT 'inscrire', demarche, date_depot, number FROM dossiers WHERE number = NEW.dossier
    AND absent_le IS NULL AND (NEW.avertissement <> '' OR contenu IS NOT NEW.contenu);
END;"""


def vieillir(chemin, numeros):
    """Take the database back to what the previous version wrote: its columns, its view, its digests without a key."""
    with closing(sqlite3.connect(chemin)) as base, base:
        base.executescript(
            f"""
            DROP VIEW journal_lu;
            CREATE VIEW journal_lu AS
            SELECT at, qui, quoi, portee, reponse, demarche, dossier, 0 AS source, id FROM journal
            UNION ALL
            SELECT e.at, 'connecteur', i.kind, substr(e.fingerprint, 1, 12), e.state, i.demarche, i.dossier, 1, e.id
            FROM ledger_events e JOIN intentions i ON i.fingerprint = e.fingerprint;
            ALTER TABLE titulaires DROP COLUMN inscription;
            ALTER TABLE effaces DROP COLUMN modifiee_le;
            ALTER TABLE inscriptions DROP COLUMN vue;

            DELETE FROM sous WHERE quoi = 'avertis';
            DROP INDEX inscriptions_averties;
            DROP TRIGGER a_faire_inscrit;
            CREATE TRIGGER a_faire_inscrit AFTER INSERT ON inscriptions
            {INSCRITE}
            DROP TRIGGER a_faire_reinscrit;
            CREATE TRIGGER a_faire_reinscrit AFTER UPDATE OF contenu, lecture, avertissement ON inscriptions
            {INSCRITE}

            DROP VIEW fiches;
            ALTER TABLE dossiers ADD COLUMN messages TEXT NOT NULL DEFAULT '[]';
            UPDATE dossiers SET entete = json_patch(dossiers.entete, i.entete), messages = i.messages
            FROM identites i WHERE i.dossier = number;
            UPDATE demarches SET demarche = json_set(demarches.demarche, '$.groupes', json(a.groupes))
            FROM identites_agents a WHERE a.demarche = number;
            CREATE VIEW fiches AS
            SELECT d.number, d.d_champs, d.d_saisies, d.d_proposees, d.d_messages, d.d_etat, d.d_labels,
                d.entete, d.champs, d.annotations, d.messages,
                e.dossier, e.contenu, e.politique, e.proposees, e.a_pousser, e.a_revoir_le, e.avis_depuis,
                e.evaluee_le, e.proposition, d.date_depot
            FROM dossiers d LEFT JOIN evaluations e ON e.dossier = d.number;
            """
        )
        for number, champs, siens in base.execute(
            "SELECT d.number, d.champs, i.champs FROM dossiers d JOIN identites i ON i.dossier = d.number"
        ).fetchall():
            apart = iter(json.loads(siens))
            tous = [next(apart) if champ is None else champ for champ in json.loads(champs)]
            base.execute("UPDATE dossiers SET champs = ? WHERE number = ?", (json.dumps(tous), number))
        base.executescript("DROP TABLE identites; DROP TABLE identites_agents;")
        base.execute("DELETE FROM reglages WHERE key LIKE 'identite:%'")
        key = bytes.fromhex(base.execute("SELECT value FROM reglages WHERE key = ?", (CLE,)).fetchone()[0])
        nus = {sealed(key, nu): nu for nu in (empreintes.of("rpps", compact(rpps)) for rpps in numeros)}
        base.executemany(
            "UPDATE inscriptions SET candidat = ?1, inscription = json_set(inscription, '$.candidat', ?1) "
            "WHERE candidat = ?2",
            [(nu, scelle) for scelle, nu in nus.items()],
        )
        base.executemany("DELETE FROM _sqlite_migrations WHERE name = ?", [(name,) for name in DEPUIS])


def les_rpps(banc):
    """The RPPS number of each candidate, as the hospitals typed them."""
    for dossier in banc.world.dossiers.values():
        id_ = banc.world.demarches[dossier.demarche].revision(dossier.revision).nomme("N° RPPS").stable_id
        yield dossier.lit()[0][id_, ""].valeur


def scelles(chemin):
    with closing(sqlite3.connect(chemin)) as base:
        return {
            (number, candidat, json.loads(texte).get("candidat", ""))
            for number, candidat, texte in base.execute("SELECT dossier, candidat, inscription FROM inscriptions")
        }


@pytest.fixture
def jumeaux(petit_banc):
    """Two dossiers of one candidate, said to be so in both."""
    for nom in ("complet", "sans_cv"):
        scenario.usager_corrige(petit_banc.world, CAS[nom], {"N° RPPS": RPPS})
    petit_banc.run("sync")
    petit_banc.run("sync")
    return petit_banc


def test_a_database_of_the_previous_version_is_recognised_and_nothing_is_written_or_sent(jumeaux):
    banc = jumeaux
    with store.ouvrir(banc.base) as base:
        parti = CAS["sans_convention"]
        base.effacement.erase(
            (AEffacer(number=parti, demarche=base.suivi.demarches()[0], motif=Motif.TERMINE),), now=wiring.now()
        )
    avant = scelles(banc.base)
    vieillir(banc.base, les_rpps(banc))
    assert not scelles(banc.base) & avant
    messages = {n: banc.messages(n) for n in banc.world.dossiers}
    banc.bac.reset()
    banc.run("sync")
    banc.run("sync", "--complet")
    assert banc.bac.compteurs.mutations == 0
    assert {n: banc.messages(n) for n in banc.world.dossiers} == messages
    assert {a for a in scelles(banc.base) if a[0] != parti} == {a for a in avant if a[0] != parti}


def test_a_dossier_erased_then_back_to_life_receives_no_second_message_though_no_digest_of_the_first_was_kept(banc):
    banc.run("sync")
    number = CAS["sans_cv"]
    (envoye,) = banc.messages(number)
    with store.ouvrir(banc.base) as base:
        (demarche,) = base.suivi.demarches()
        base.effacement.erase((AEffacer(number=number, demarche=demarche, motif=Motif.ABSENT),), now=wiring.now())
        gardes = [i.cible for i in base.ledger.of_dossier(number) if i.kind == "message"]
        assert gardes[0][:2] == (empreintes.reference_in(envoye), "")
        assert empreintes.of_text(envoye) not in str(base.effacement.everything(number))
    banc.run("sync", "--complet")
    banc.run("sync")
    with store.ouvrir(banc.base) as base:
        assert base.dossiers.dossier(number) is not None
    assert banc.messages(number) == [envoye]
