from __future__ import annotations

import errno
import sqlite3
import stat
import threading

import pytest
from sqlite_utils import Database

from connector import store
from connector.errors import SchemaTooNew, StoreError
from connector.store import connexion, schema
from tests.unit.store.fabrique import DEMARCHE, NOW, T0, fiche, filigrane


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def beside(path, end):
    return path.with_name(path.name + end)


def test_a_new_database_its_wal_and_its_index_are_readable_by_their_owner_alone(path, base):
    base.reglages.put("a", "b", now=NOW)
    assert [mode(path), mode(beside(path, "-wal")), mode(beside(path, "-shm"))] == [0o600] * 3
    assert mode(path.parent) == 0o700


def test_a_database_that_others_could_read_is_closed_to_them(path):
    with store.ouvrir(path) as base:
        base.reglages.put("a", "b", now=NOW)
        beside(path, "-wal").chmod(0o666)
        path.chmod(0o644)
        with store.ouvrir(path):
            assert [mode(path), mode(beside(path, "-wal"))] == [0o600] * 2


def test_the_settings_that_keep_a_commit_safe_are_on(base):
    def pragma(name):
        return base.connexion.row(f"PRAGMA {name}")[0]

    assert pragma("journal_mode") == "wal"
    assert pragma("synchronous") == 2
    assert [pragma("foreign_keys"), pragma("secure_delete"), pragma("trusted_schema")] == [1, 1, 0]
    assert pragma("recursive_triggers") == 1
    assert pragma("application_id") == connexion.APPLICATION


def test_every_table_of_ours_is_strict(base):
    rows = base.connexion.rows("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    assert {name for name, strict in rows if not strict} == {"_sqlite_migrations", "sqlite_schema", "sqlite_sequence"}


def test_what_was_written_is_there_when_opened_again(path):
    with store.ouvrir(path) as base:
        base.dossiers.save_page(DEMARCHE, fiches=(fiche(),), trous=(), supprimes=(), watermark=filigrane(), now=NOW)
    with store.ouvrir(path) as base:
        assert base.dossiers.dossier(1)[0] == fiche()
        assert base.dossiers.watermark(DEMARCHE) == filigrane()
        assert base.damages() == ()


def test_opening_an_up_to_date_database_writes_nothing(path):
    with store.ouvrir(path):
        pass
    before = path.stat().st_mtime_ns, path.read_bytes()
    with store.ouvrir(path):
        pass
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_a_name_with_the_signs_of_a_web_address_is_only_a_name(tmp_path):
    path = tmp_path / "été ?mode=ro#%41 &.db"
    with store.ouvrir(path) as base:
        base.reglages.put("a", "b", now=NOW)
    assert {p.name for p in tmp_path.iterdir()} == {path.name, f"{path.name}.oublis"}


def test_two_openings_at_once_share_the_file(path, base):
    with store.ouvrir(path) as other:
        other.reglages.put("a", "b", now=NOW)
    assert base.reglages.get("a") == "b"


def test_a_link_to_a_file_that_does_not_exist_yet_makes_it_private(tmp_path):
    target, link = tmp_path / "vraie.db", tmp_path / "lien.db"
    link.symlink_to(target)
    with store.ouvrir(link) as base:
        assert base.path == target
    assert mode(target) == 0o600


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(path):
    with store.ouvrir(path) as base:
        base.connexion.run("INSERT INTO _sqlite_migrations VALUES (?, 'connector', 'm999_later', ?)", (999, str(NOW)))
    before = path.read_bytes()
    with pytest.raises(SchemaTooNew, match=r"plus récente du connecteur .*m999_later") as caught, store.ouvrir(path):
        pass
    assert caught.value.exit_code == 74
    assert "version plus récente" in caught.value.hint
    assert path.read_bytes() == before


def test_another_process_migrating_at_the_same_time_is_no_problem(path, monkeypatch):
    real = schema.en_attente

    def asked_then_another_process_migrates(one):
        found = real(one)
        monkeypatch.setattr(schema, "en_attente", real)
        with store.ouvrir(path) as other:
            other.reglages.put("a", "b", now=NOW)
        return found

    monkeypatch.setattr(schema, "en_attente", asked_then_another_process_migrates)
    with store.ouvrir(path) as base:
        assert base.reglages.get("a") == "b"


def test_a_list_of_migrations_in_another_shape_is_damage(path):
    with store.ouvrir(path) as base, base.connexion.transaction():
        base.connexion.run("ALTER TABLE _sqlite_migrations RENAME COLUMN applied_at TO applied_bt")
    with pytest.raises(StoreError, match="endommagé"), store.ouvrir(path):
        pass


def test_a_migration_that_fails_leaves_no_half_schema(path, monkeypatch):
    monkeypatch.setattr(schema, "_SUIVI", "CREATE TABLE cycles (id NONSENSE) STRICT;")
    with pytest.raises(StoreError), store.ouvrir(path):
        pass
    with Database(path, execute_plugins=False) as db:
        assert db.table_names() == []
    monkeypatch.undo()
    with store.ouvrir(path) as base:
        assert base.suivi.demarches() == ()


def test_the_database_of_another_program_is_refused_untouched(path):
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE photos (a)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="autre logiciel"), store.ouvrir(path):
        pass
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named_as_such(path):
    path.parent.mkdir()
    path.write_text("Bonjour, ceci est un courrier. " * 100)
    with pytest.raises(StoreError, match="n’est pas une base SQLite") as caught, store.ouvrir(path):
        pass
    assert str(path) in str(caught.value)


def test_an_empty_file_becomes_a_new_database(path):
    path.parent.mkdir()
    path.touch()
    with store.ouvrir(path) as base:
        assert base.suivi.demarches() == ()


def test_a_folder_in_the_place_of_the_file_is_refused_and_keeps_its_rights(tmp_path):
    folder = tmp_path / "dossier"
    folder.mkdir(mode=0o755)
    with pytest.raises(StoreError, match="celui d’un dossier"), store.ouvrir(folder):
        pass
    assert mode(folder) == 0o755


def test_a_missing_grandparent_is_not_made(tmp_path):
    with pytest.raises(StoreError, match="n’existe pas") as caught, store.ouvrir(tmp_path / "a" / "b" / "base.db"):
        pass
    assert "Créez le dossier" in caught.value.hint
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("under", ["base.db", "x/base.db"])
def test_a_path_through_a_file_is_refused(tmp_path, under):
    (tmp_path / "fichier").touch()
    with pytest.raises(StoreError, match="passe par un fichier"), store.ouvrir(tmp_path / "fichier" / under):
        pass


def test_a_loop_of_links_is_refused(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(StoreError, match="inutilisable"), store.ouvrir(tmp_path / "a" / "base.db"):
        pass


def test_a_refusal_that_the_table_does_not_know_keeps_the_system_s_words(path):
    error = connexion.file_error(OSError(errno.EIO, "Input/output error"), path)
    assert "Input/output error" in str(error)


def test_a_sqlite_without_strict_tables_is_refused(path, monkeypatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))
    with pytest.raises(StoreError, match=r"SQLite 3\.34\.1 est trop ancien"), store.ouvrir(path):
        pass


def test_a_disk_that_cannot_do_wal_is_refused(path, monkeypatch):
    real = sqlite3.connect
    # a database in memory has no WAL either: the same answer as from a network share without shared memory
    monkeypatch.setattr(sqlite3, "connect", lambda _uri, **options: real(":memory:", **options | {"uri": False}))
    with pytest.raises(StoreError, match="journal WAL") as caught, store.ouvrir(path):
        pass
    assert "disque local" in caught.value.hint


def test_a_database_belongs_to_the_thread_that_opened_it(base):
    caught = []

    def use():
        try:
            base.suivi.demarches()
        except StoreError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert "thread" in str(caught[0])


def test_a_write_refused_by_the_rules_of_the_database_says_so(base):
    with pytest.raises(StoreError, match="contraire à ses règles") as caught, base.connexion.transaction():
        base.connexion.run("INSERT INTO reglages (key, value, updated_at) VALUES ('a', NULL, '')")
    assert "signalez-le" in caught.value.hint


def test_an_error_in_the_middle_of_a_transaction_leaves_nothing_of_it(base):
    def write_then_fail():
        with base.connexion.transaction():
            base.connexion.run("INSERT INTO reglages (key, value, updated_at) VALUES ('a', 'b', '')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_then_fail()
    assert base.reglages.get("a") is None
    base.reglages.put("a", "c", now=NOW)
    assert base.reglages.get("a") == "c"


def test_a_sound_database_has_no_damage_and_an_orphan_is_one(base):
    assert base.damages() == ()
    base.connexion.rows("PRAGMA foreign_keys = OFF")
    with base.connexion.transaction():
        base.connexion.run(
            "INSERT INTO ledger_events (fingerprint, state, at, cause) VALUES ('nulle part', 'done', ?, '')", (str(T0),)
        )
    assert base.damages() == ("ligne orpheline : ledger_events",)


def test_what_is_replaced_leaves_no_trace_in_the_file(path):
    with store.ouvrir(path) as base:
        base.reglages.put("a", "CANARI-" * 50, now=NOW)
        base.reglages.put("a", "autre", now=NOW)
    assert b"CANARI-" not in path.read_bytes()
