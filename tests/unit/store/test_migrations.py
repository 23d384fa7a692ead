"""What a migration does of damaged rows: it steps over them, and every other one is brought along."""

from __future__ import annotations

import json

import pytest
from sqlite_utils import Database

from connector import store
from connector.errors import StoreError
from connector.store import connexion, schema
from connector.store.sceau import CLE, sealed
from tests.unit.store.fabrique import DEMARCHE, NOW, fiche

ENTETE = {"usager_email": "a@exemple.fr", "groupe": {"id": "g"}, "traitements": []}
ENTETES = ("{", "[]", "7", '"x"', "{}", json.dumps(ENTETE | {"groupe": "x"}), json.dumps(ENTETE | {"traitements": "{"}))
DEMARCHES = ("{", "[]", '"x"', "{}", '{"groupes": "x"}', '{"groupes": null}')
KEY = "0f" * 32
LE = "2026-01-01T00:00:00.000000+00:00"


def rangee(db, table, **valeurs):
    """Insert a row of which the other mandatory columns hold nothing."""
    vides = {c.name: 0 if c.type == "INTEGER" else "" for c in db[table].columns if c.notnull and not c.is_pk}
    db[table].insert(vides | valeurs)


def ancienne(path, avant):
    """A database as it was before that migration."""
    db = Database(path, execute_plugins=False)
    db.execute(f"PRAGMA application_id = {connexion.APPLICATION}")
    schema.migrations().apply(db, stop_before=avant)
    return db


@pytest.fixture
def path(tmp_path):
    return tmp_path / "base.db"


def test_digests_are_sealed_whatever_damaged_rows_lie_beside_them(path):
    entrees = {1: '{"candidat":"c1"}', 2: "{", 3: "[]", 4: ""}
    cibles = {1: '["reference","empreinte"]', 2: "[", 3: "{}"}
    with ancienne(path, "m022_sceau") as db:
        for number, texte in entrees.items():
            rangee(db, "dossiers", number=number, date_depot=LE)
            rangee(db, "inscriptions", dossier=number, candidat=f"c{number}", inscription=texte)
        for number, texte in cibles.items():
            rangee(db, "effaces", number=number, motif="oubli", le=LE)
            rangee(
                db, "intentions", seq=number, rang=number, fingerprint=str(number), dossier=number, kind="message",
                cible=texte, state="planned", updated_at=LE,
            )  # fmt: skip
        rangee(db, "reglages", key=CLE, value=KEY, updated_at=LE)
    with store.ouvrir(path) as base:
        scelles = {n: sealed(bytes.fromhex(KEY), f"c{n}") for n in entrees}
        rows = base.connexion.rows("SELECT dossier, candidat, inscription FROM inscriptions")
        assert {n: candidat for n, candidat, _ in rows} == scelles
        assert {n: texte for n, _, texte in rows} == entrees | {1: f'{{"candidat":"{scelles[1]}"}}'}
        rows = base.connexion.rows("SELECT dossier, cible FROM intentions")
        assert dict(rows) == cibles | {1: '["reference",""]'}


@pytest.mark.parametrize("key", ["", "0f", "pas une clé", KEY + "0f"])
def test_a_damaged_key_is_said_to_be_damage(path, key):
    with ancienne(path, "m022_sceau") as db:
        rangee(db, "reglages", key=CLE, value=key, updated_at=LE)
    with pytest.raises(StoreError, match=r"endommagé.*sa clé est illisible"), store.ouvrir(path):
        pass


@pytest.mark.parametrize("key", ["", "0f", "pas une clé"])
def test_a_key_damaged_later_is_said_to_be_damage(path, key):
    with store.ouvrir(path) as base:
        with base.connexion.transaction():
            base.connexion.run("UPDATE reglages SET value = ? WHERE key = ?", (key, CLE))
        with pytest.raises(StoreError, match=r"endommagé.*sa clé est illisible"):
            base.inscriptions.sceller("x")


def test_identities_are_taken_apart_whatever_damaged_rows_lie_beside_them(path):
    sain = 100
    with ancienne(path, "m024_identites") as db:
        for number, texte in [(sain, json.dumps(ENTETE | {"id": "x"})), *enumerate(ENTETES, 1)]:
            rangee(
                db, "dossiers", number=number, demarche=DEMARCHE, date_depot=LE, entete=texte, champs="[]", messages="["
            )
        for number, texte in [(sain, '{"groupes":[{"id":"g"}],"titre":"x"}'), *enumerate(DEMARCHES, 1)]:
            rangee(db, "demarches", number=number, demarche=texte)
    with store.ouvrir(path) as base:
        rows = base.connexion.rows("SELECT dossier, entete, champs, messages FROM identites")
        ((number, entete, *reste),) = rows
        assert (number, json.loads(entete), reste) == (sain, ENTETE, ["[]", "["])
        assert base.connexion.row("SELECT entete FROM dossiers WHERE number = ?", (sain,)) == ('{"id":"x"}',)
        assert base.connexion.rows("SELECT * FROM identites_agents") == [(sain, '[{"id":"g"}]')]
        assert base.connexion.row("SELECT demarche FROM demarches WHERE number = ?", (sain,)) == ('{"titre":"x"}',)
        assert [base.dossiers.saved_demarche(n) for n, _ in enumerate(DEMARCHES, 1)] == [None] * len(DEMARCHES)
        assert not base.connexion.rows("SELECT 1 FROM dossiers WHERE entete LIKE '%exemple.fr%'")


def test_dossiers_stepped_over_are_read_from_ds_again(path):
    with ancienne(path, "m024_identites") as db:
        for number, texte in enumerate(ENTETES, 1):
            rangee(db, "dossiers", number=number, demarche=DEMARCHE, date_depot=LE, entete=texte, messages="[]")
    numeros = range(1, len(ENTETES) + 1)
    with store.ouvrir(path) as base:
        assert list(base.dossiers.pending(DEMARCHE, politique="p", now=NOW)) == []
        assert sorted(base.dossiers.due_quarantine(DEMARCHE, now=NOW.replace(day=9))) == list(numeros)
        relus = tuple(map(fiche, numeros))
        base.dossiers.save_page(DEMARCHE, fiches=relus, trous=(), supprimes=(), watermark=None, now=NOW)
        assert tuple(base.dossiers.dossier(n)[0] for n in numeros) == relus
