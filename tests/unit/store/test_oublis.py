"""What was forgotten on request stays so, whatever copy is put back, and whatever becomes of the list that says it."""

from __future__ import annotations

import shutil
import stat
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector import store
from connector.core.conservation import Motif
from connector.errors import StoreError
from connector.store import oublis
from connector.store.effacement import AEffacer, Effacement
from connector.store.oublis import Liste, Oubli
from tests.unit.store.fabrique import DEMARCHE, NOW, fiche
from tests.unit.store.test_effacement import CANARI, DAY, marque, save, traces


def oublier(base, number, now=NOW):
    return base.effacement.erase((AEffacer(number=number, demarche=DEMARCHE, motif=Motif.OUBLI),), now=now)


def lue(path):
    return oublis.lire(oublis.beside(path))


@pytest.fixture
def copie(path, tmp_path):
    """A copy of a database that holds dossier 1, since forgotten there."""
    ancienne = tmp_path / "copie.db"
    with store.ouvrir(path) as base:
        save(base, marque(1), fiche(2))
    shutil.copy(path, ancienne)
    with store.ouvrir(path) as base:
        oublier(base, 1)
    return ancienne


def test_a_copy_put_back_forgets_again_before_anything_is_read(path, copie):
    shutil.copy(copie, path)
    assert traces(path)
    with store.ouvrir(path) as base:
        assert base.refaits == (1,)
        assert base.dossiers.dossier(1) is None
        assert base.dossiers.dossier(2) is not None
        assert (base.effacement.of(1).motif, base.effacement.of(1).le) == (Motif.OUBLI, NOW)
        assert traces(path) == []
        save(base, marque(1))
        assert base.dossiers.dossier(1) is None
    with store.ouvrir(path) as base:
        assert base.refaits == ()


def test_what_is_to_be_forgotten_again_is_told_to_who_only_looks(path, copie):
    shutil.copy(copie, path)
    with store.consulter(path) as base:
        assert [acte.number for acte in base.effacement.a_refaire()] == [1]
        assert base.dossiers.dossier(1) is not None


def test_the_list_holds_a_number_and_a_date_for_its_owner_alone(path, copie):
    fichier = oublis.beside(path)
    assert stat.S_IMODE(fichier.stat().st_mode) == 0o600
    assert (
        fichier.read_text()
        == f'{{"dossier":1,"demarche":{DEMARCHE},"le":"{NOW.isoformat(timespec="microseconds")}"}}\n'
    )
    fichier.chmod(0o644)
    with store.ouvrir(path):
        assert stat.S_IMODE(fichier.stat().st_mode) == 0o600


def test_a_request_taken_back_is_so_in_a_copy_that_still_holds_it(path, tmp_path):
    with store.ouvrir(path) as base:
        oublier(base, 1)
    shutil.copy(path, tmp_path / "copie.db")
    with store.ouvrir(path) as base:
        assert base.effacement.remember_again(1, now=NOW - DAY)  # whatever the clock says
    shutil.copy(tmp_path / "copie.db", path)
    with store.ouvrir(path) as base:
        assert base.effacement.of(1) is None
        oublier(base, 1, now=NOW - DAY)
    shutil.copy(tmp_path / "copie.db", path)
    with store.ouvrir(path) as base:
        assert base.effacement.of(1).motif is Motif.OUBLI
    assert set(lue(path).oublies) == {1}


def test_a_list_begins_with_what_a_database_older_than_it_knows(path, copie):
    oublis.beside(path).unlink()
    with store.ouvrir(path) as base, base.connexion.transaction():
        base.connexion.run("DELETE FROM reglages WHERE key LIKE 'oublis.%'")
    oublis.beside(path).unlink()
    with store.ouvrir(path):
        assert set(lue(path).oublies) == {1}
        assert not lue(path).recommencee


def test_a_list_that_was_lost_says_so_until_somebody_sees_to_it(path, copie):
    garde = oublis.beside(path).read_bytes()
    oublis.beside(path).unlink()
    shutil.copy(copie, path)
    with store.ouvrir(path) as base:
        assert base.refaits == ()
        assert lue(path).recommencee
        oublier(base, 2)
    assert lue(path).recommencee
    oublis.beside(path).write_bytes(garde)
    with store.ouvrir(path) as base:
        assert base.refaits == (1,)
        assert base.dossiers.dossier(1) is None
    assert (set(lue(path).oublies), lue(path).recommencee) == ({1, 2}, False)


def test_a_damaged_line_is_kept_told_and_holds_nothing_back(path, copie):
    fichier = oublis.beside(path)
    fichier.write_bytes(b'{"dossier":2,"dem\xff\n' + fichier.read_bytes())
    shutil.copy(copie, path)
    with store.ouvrir(path) as base:
        assert base.refaits == (1,)
        oublier(base, 3)
    assert lue(path).illisibles == (b'{"dossier":2,"dem\xff',)
    assert set(lue(path).oublies) == {1, 3}


def test_nothing_is_erased_that_the_list_could_not_tell(path):
    with store.ouvrir(path) as base:
        save(base, marque(1))
        oublis.beside(path).unlink()
        oublis.beside(path).mkdir()
        with pytest.raises(StoreError, match="La liste des oublis") as refus:
            oublier(base, 1)
        assert "Rien n’a été effacé" in refus.value.hint
        assert base.dossiers.dossier(1) is not None


def test_nothing_is_taken_back_that_the_list_could_not_tell(path, copie):
    with store.ouvrir(path) as base:
        oublis.beside(path).unlink()
        oublis.beside(path).mkdir()
        with pytest.raises(StoreError) as refus:
            base.effacement.remember_again(1, now=NOW)
        assert refus.value.hint.startswith("Rien n’a été changé.")


@pytest.mark.parametrize("remise", [True, False])
def test_a_base_is_not_opened_beside_a_list_that_cannot_be_read(path, copie, *, remise):
    garde = oublis.beside(path).read_bytes()
    if remise:
        shutil.copy(copie, path)
    oublis.beside(path).unlink()
    oublis.beside(path).mkdir()
    with pytest.raises(StoreError, match="La liste des oublis") as refus, store.ouvrir(path):
        pass
    assert (refus.value.exit_code, "rien n’est donc lu ni écrit" in refus.value.hint) == (74, True)
    with store.consulter(path) as base:  # who only looks still can
        assert base.effacement.a_refaire() == ()
    oublis.beside(path).rmdir()
    oublis.beside(path).write_bytes(garde)
    with store.ouvrir(path) as base:
        assert (base.refaits, base.dossiers.dossier(1)) == ((1,) if remise else (), None)


def test_a_list_kept_elsewhere_behind_a_link_stays_there(path, copie, tmp_path):
    fichier, ailleurs = oublis.beside(path), tmp_path / "ailleurs.oublis"
    fichier.rename(ailleurs)
    fichier.symlink_to(ailleurs)
    with store.ouvrir(path) as base:
        oublier(base, 2)
    assert fichier.is_symlink()
    assert set(oublis.lire(ailleurs).oublies) == {1, 2}


def test_a_base_is_not_opened_while_it_holds_what_cannot_be_forgotten_again(path, copie, monkeypatch):
    shutil.copy(copie, path)
    with store.consulter(path) as base:
        with pytest.raises(StoreError):
            base.effacement.rappeler()
        assert CANARI in str(base.dossiers.dossier(1))


def test_a_rewriting_that_was_cut_short_is_done_by_the_next_to_open(path):
    with store.ouvrir(path) as base:
        save(base, marque(1))
        oublier(base, 1)  # killed here: not compacted
        assert base.reglages.get("effacement.a_reecrire") is not None
    with store.ouvrir(path) as base:
        assert base.reglages.get("effacement.a_reecrire") is None
        assert traces(path) == []


def test_while_somebody_reads_the_journal_alone_is_left_to_the_next_one(path, monkeypatch):
    compactes = []
    vrai = Effacement.compact
    monkeypatch.setattr(Effacement, "compact", lambda self: (compactes.append(1), vrai(self)))
    with store.ouvrir(path, attente=0.05) as base:
        save(base, marque(1))
        with store.consulter(path) as lecteur:
            lecteur.connexion.db.execute("BEGIN")
            assert lecteur.dossiers.dossier(1) is not None
            oublier(base, 1)
            base.effacement.compact()
            assert base.effacement.rappeler() == ()
            assert base.reglages.get("effacement.a_reecrire") == "journal"
    assert compactes == [1]
    with store.ouvrir(path) as base:
        assert base.reglages.get("effacement.a_reecrire") is None
        assert traces(path) == []
    assert compactes == [1]


def test_a_damaged_date_in_the_database_is_mended_from_the_list(path, copie):
    with store.ouvrir(path) as base, base.connexion.transaction():
        base.connexion.run("UPDATE effaces SET le = 'hier'")
    with store.ouvrir(path) as base:
        assert base.effacement.of(1).le == NOW


actes = st.builds(
    Oubli,
    number=st.integers(1, 5),
    demarche=st.just(DEMARCHE),
    le=st.integers(0, 5).map(lambda n: NOW + timedelta(seconds=n)),
    annule=st.booleans(),
)
listes = st.lists(actes).map(lambda a: Liste(actes=oublis._derniers(a)))


@given(listes, listes)
def test_two_lists_merge_the_same_both_ways_and_lose_nothing(une, autre):
    assert oublis.ensemble(une, autre) == oublis.ensemble(autre, une)
    assert oublis.ensemble(une, une) == une
    assert set(oublis.ensemble(une, autre).actes) == set(une.actes) | set(autre.actes)


@given(st.binary(), listes)
def test_whatever_is_in_the_file_nothing_is_raised_and_what_can_be_read_is(tmp_path_factory, bruit, liste):
    fichier = tmp_path_factory.getbasetemp() / "hasard.oublis"
    oublis.ecrire(fichier, liste)
    fichier.write_bytes(bruit + b"\n" + fichier.read_bytes())
    lue_ = oublis.lire(fichier)
    assert lue_.actes == liste.actes
    oublis.ecrire(fichier, lue_)
    assert oublis.lire(fichier) == lue_


@pytest.mark.parametrize(
    "ligne",
    [
        b"[" * 100_000,
        b'{"dossier":1,"demarche":2,"le":"2026-01-01"}',
        b'{"dossier":1,"demarche":2,"le":"0001-01-01T00:00:00+23:59"}',
        b'{"dossier":0,"demarche":2,"le":"2026-01-01T00:00:00+00:00"}',
        b'{"dossier":99999999999999999999,"demarche":2,"le":"2026-01-01T00:00:00+00:00"}',
        b'{"dossier":1,"demarche":2,"le":"2026-01-01T00:00:00+00:00","nom":"x"}',
        b'{"dossier":1,"demarche":2,"le":"jamais"}',
    ],
)
def test_a_line_that_is_none_of_ours_is_unreadable(tmp_path, ligne):
    (tmp_path / "l").write_bytes(ligne + b"\n")
    assert oublis.lire(tmp_path / "l") == Liste(illisibles=(ligne,))
