"""What must go goes, without a trace in any file; what must stay stays; what went does not come back by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector import store
from connector.core.conservation import Conservation, Motif
from connector.core.model import DossierState
from connector.core.plan import EtatIntention
from connector.errors import StoreError
from connector.store.effacement import A_REECRIRE, AEffacer
from connector.store.journal import Ligne
from connector.store.sauvegarde import copy, name, older
from connector.store.sceau import CLE, Sceau
from tests.unit.bilan.fabrique import poste
from tests.unit.store.fabrique import DEMARCHE, NOW, T0, champ, dossier, evaluation, fiche, intention, supprime

CANARI = "Canari-Zoé-7391"
DAY = timedelta(days=1)
REGLES = Conservation()


def save(base, *fiches, supprimes=(), now=NOW):
    return base.dossiers.save_page(DEMARCHE, fiches=fiches, trous=(), supprimes=supprimes, watermark=None, now=now)


def due(base, now):
    return [(d.number, d.motif) for d in base.effacement.due(REGLES, now=now)]


def marque(number=1, **changes):
    """A dossier every part of which holds the canary."""
    vu = dossier(number)
    return fiche(
        number,
        champs=(champ(CANARI, label="Nom"),),
        annotations=(replace(vu.annotations[0], value=f"synthèse {CANARI}"),),
        usager_email=f"{CANARI}@example.org",
        **changes,
    )


def test_a_dossier_that_ds_purged_goes_at_once(base):
    save(base, fiche(1), fiche(2), fiche(3))
    save(base, supprimes=(supprime(1, definitif=True), supprime(2, definitif=False)))
    assert due(base, NOW) == [(1, Motif.SUPPRIME)]


def test_a_dossier_in_the_bin_waits_for_its_delay(base):
    save(base, fiche(1))
    save(base, supprimes=(supprime(1, definitif=False),))
    assert due(base, NOW + 29 * DAY) == []
    assert due(base, NOW + 30 * DAY) == [(1, Motif.ABSENT)]


@pytest.mark.parametrize(
    ("state", "goes"),
    [
        (DossierState.ACCEPTE, True),
        (DossierState.REFUSE, True),
        (DossierState.SANS_SUITE, True),
        (DossierState.EN_CONSTRUCTION, False),
        (DossierState.EN_INSTRUCTION, False),
    ],
)
def test_only_a_decided_dossier_goes_a_year_after_its_last_change(base, state, goes):
    save(base, fiche(1, state=state, date_derniere_modification=T0))
    assert due(base, T0 + 365 * DAY - timedelta(seconds=1)) == []
    assert due(base, T0 + 365 * DAY) == ([(1, Motif.TERMINE)] if goes else [])


def test_no_file_of_the_folder_holds_a_trace_of_an_erased_dossier(base, path):
    save(base, marque(1), fiche(2))
    base.dossiers.save_evaluations([evaluation(fiche(1))])
    base.dossiers.quarantine(DEMARCHE, 1, cause=f"illisible : {CANARI}", now=NOW)
    held = intention(dossier=1)
    base.ledger.open(held, now=NOW)
    base.ledger.close(held.fingerprint, EtatIntention.REJECTED, now=NOW, cause="refus", detail=f"« {CANARI} »")
    assert traces(path) != []
    base.effacement.erase((AEffacer(number=1, demarche=DEMARCHE, motif=Motif.SUPPRIME),), now=NOW)
    base.effacement.compact()
    assert traces(path) == []
    assert base.dossiers.dossier(2) is not None
    assert base.damages() == ()


def traces(path):
    """The files of the database's folder where the canary can still be read."""
    found = [CANARI.encode(), CANARI.encode("utf-16-le"), CANARI.split("-")[2].encode()]
    return [f.name for f in path.parent.iterdir() if any(trace in f.read_bytes() for trace in found)]


def test_what_is_left_is_a_number_a_reason_and_a_date(base):
    save(base, fiche(1))
    base.effacement.erase((AEffacer(number=1, demarche=DEMARCHE, motif=Motif.TERMINE),), now=NOW)
    left = base.effacement.of(1)
    assert (left.number, left.demarche, left.motif, left.le) == (1, DEMARCHE, Motif.TERMINE, NOW)
    assert base.effacement.counts(DEMARCHE) == {Motif.TERMINE: 1}
    assert base.effacement.of(2) is None


def test_an_effect_that_was_had_is_still_known_once_its_dossier_is_erased(base):
    save(base, fiche(1))
    sent = intention(dossier=1)
    base.ledger.open(sent, now=NOW)
    base.ledger.close(sent.fingerprint, EtatIntention.DONE, now=NOW)
    base.effacement.erase((AEffacer(number=1, demarche=DEMARCHE, motif=Motif.TERMINE),), now=NOW)
    assert base.ledger.open(sent, now=NOW) is False


@pytest.mark.parametrize(
    ("motif", "state", "touched", "comes_back"),
    [
        (Motif.TERMINE, DossierState.ACCEPTE, False, False),
        (Motif.TERMINE, DossierState.ACCEPTE, True, True),
        (Motif.TERMINE, DossierState.EN_INSTRUCTION, False, True),
        (Motif.OUBLI, DossierState.ACCEPTE, True, False),
        (Motif.OUBLI, DossierState.EN_INSTRUCTION, True, False),
        (Motif.SUPPRIME, DossierState.EN_CONSTRUCTION, False, True),
        (Motif.ABSENT, DossierState.ACCEPTE, False, True),
    ],
)
def test_an_erased_dossier_is_stored_again_only_when_it_lives_again(base, motif, state, touched, comes_back):
    save(base, fiche(1, state=state))
    base.effacement.erase((AEffacer(number=1, demarche=DEMARCHE, motif=motif),), now=NOW)
    assert base.dossiers.erased(DEMARCHE) == {1}
    base.effacement.erase((AEffacer(number=1, demarche=DEMARCHE, motif=motif),), now=NOW)  # safe to replay
    vu = fiche(1, state=state)
    save(base, fiche(1, state=state, date_derniere_modification=vu.dossier.date_derniere_modification + touched * DAY))
    assert (base.dossiers.dossier(1) is not None) is comes_back
    assert base.dossiers.erased(DEMARCHE) == (frozenset() if comes_back else {1})


def test_a_dossier_asked_to_be_forgotten_comes_back_once_the_request_is_taken_back(base):
    base.effacement.erase((AEffacer(number=1, demarche=DEMARCHE, motif=Motif.OUBLI),), now=NOW)
    assert base.effacement.remember_again(2, now=NOW) is False
    assert base.effacement.remember_again(1, now=NOW) is True
    save(base, fiche(1))
    assert base.dossiers.dossier(1) is not None


def test_every_table_that_speaks_of_a_dossier_is_handed_over_and_purged(base):
    save(base, marque(1))
    tables = [name for (name,) in base.connexion.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    columns = {t: {c[1] for c in base.connexion.rows(f"PRAGMA table_info({t})")} for t in tables}
    speaking = {t for t, names in columns.items() if "dossier" in names}
    assert speaking <= set(base.effacement.everything(1))
    assert CANARI in str(base.effacement.everything(1)["dossiers"])


def test_a_search_finds_the_dossiers_that_hold_a_text_whatever_its_case(base):
    save(base, marque(1), fiche(2))
    assert base.effacement.holding(CANARI.upper()) == (1,)
    assert base.effacement.holding("nulle part") == ()


@pytest.mark.parametrize(
    "cherche", ["Éloïse Valombre", "valombre,  ELOISE", "Valombre", "9990 1000 259", "99901000259 valombre"]
)
def test_a_search_finds_who_holds_every_word_however_a_person_signs(base, cherche):
    champs = [
        replace(
            fiche(1).dossier.champs[0], id=label, descriptor_id=label, label=label, typename="TextChamp", value=value
        )
        for label, value in (("Nom", "VALOMBRE"), ("Prénom", "Éloïse"), ("N° RPPS", "99901 000\u00a0259"))
    ]
    save(base, fiche(1, champs=tuple(champs)), fiche(2, champs=(champs[0],)), fiche(3, champs=(champs[1],)))
    assert 1 in base.effacement.holding(cherche)
    assert 3 not in base.effacement.holding(cherche)
    assert base.effacement.holding("Éloïse Valombre Dupont") == ()


def test_words_searched_together_are_whole_ones_and_one_alone_may_be_a_part(base):
    save(base, fiche(1, champs=(champ("voisines de\nValombre, cvalombre@exemple.fr", label="Précisions"),)))
    assert base.effacement.holding("de Valombre") == (1,)
    assert base.effacement.holding("Inès Valombre") == ()
    assert base.effacement.holding("oisine") == (1,)
    assert base.effacement.holding(", ;") == ()


def test_the_journals_are_only_added_to_until_their_term(base):
    base.journal.note(Ligne(at=NOW - 400 * DAY, qui="agent", quoi="purge"))
    base.journal.note(Ligne(at=NOW, qui="agent", quoi="sauvegarde", dossier=3))
    with pytest.raises(StoreError), base.connexion.transaction():
        base.connexion.run("DELETE FROM journal")
    with pytest.raises(StoreError), base.connexion.transaction():
        base.connexion.run("UPDATE journal SET qui = 'autre'")
    assert base.effacement.journal_due(REGLES, now=NOW) == 1
    assert base.effacement.forget_journal(REGLES, now=NOW) == 1
    assert base.effacement.journal_due(REGLES, now=NOW) == 0
    assert base.reglages.get(A_REECRIRE) is not None  # a crash before the rewriting leaves no trace for good
    with pytest.raises(StoreError), base.connexion.transaction():
        base.connexion.run("DELETE FROM journal")
    assert [line.quoi for line in base.journal.lines(since=NOW - 800 * DAY)] == ["sauvegarde"]


def test_what_had_nothing_to_erase_leaves_nothing_to_rewrite(base):
    assert base.effacement.forget_journal(REGLES, now=NOW) == base.effacement.forget_postes(("inconnu",)) == 0
    assert base.reglages.get(A_REECRIRE) is None


def test_a_post_taken_out_of_the_register_is_still_to_be_written_over(base):
    base.postes.save([poste()], now=NOW)
    assert base.effacement.forget_postes((poste().identifiant,)) == 1
    assert base.reglages.get(A_REECRIRE) is not None


def test_the_moves_of_the_ledger_go_with_their_term_and_the_effects_stay_known(base):
    old, new = intention(dossier=1, fingerprint="f-old"), intention(dossier=1, fingerprint="f-new")
    base.ledger.open(old, now=NOW - 400 * DAY)
    base.ledger.open(new, now=NOW)
    assert base.effacement.journal_due(REGLES, now=NOW) == 1
    assert base.effacement.forget_journal(REGLES, now=NOW) == 1
    assert base.effacement.journal_due(REGLES, now=NOW) == 0
    assert base.ledger.find("f-old") is not None
    assert [line.dossier for line in base.journal.lines(since=NOW - 800 * DAY)] == [1]


def test_the_journal_gives_its_lines_in_order_by_dossier_and_by_demarche(base):
    for n in range(1, 1203):
        base.journal.note(Ligne(at=NOW + timedelta(seconds=n % 7), qui="connecteur", quoi="lecture", dossier=n % 3))
    lines = list(base.journal.lines(since=NOW))
    assert len(lines) == 1202
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    assert {line.dossier for line in base.journal.lines(since=NOW, dossier=2)} == {2}
    assert list(base.journal.lines(since=NOW, demarche=99)) == []
    assert list(base.journal.lines(since=NOW + DAY)) == []


def test_a_copy_is_whole_private_and_opens_as_a_database(base, path, tmp_path):
    save(base, fiche(1), fiche(2))
    to = copy(base.connexion, tmp_path / "copie.sqlite")
    assert to.stat().st_mode & 0o777 == 0o600
    assert sorted(f.name for f in tmp_path.iterdir()) == ["copie.sqlite", "donnees"]
    with store.ouvrir(to) as copied:
        assert copied.damages() == ()
        assert [f.dossier.number for f, _ in copied.dossiers.all(DEMARCHE)] == [1, 2]


def test_a_copy_never_writes_over_a_file_and_leaves_nothing_when_it_fails(base, tmp_path):
    there = tmp_path / "copie.sqlite"
    there.write_text("à moi")
    with pytest.raises(StoreError, match="existe déjà"):
        copy(base.connexion, there)
    with pytest.raises(StoreError):
        copy(base.connexion, tmp_path / "absent" / "plus" / "copie.sqlite")
    assert there.read_text() == "à moi"
    assert sorted(f.name for f in tmp_path.iterdir()) == ["copie.sqlite", "donnees"]


def test_copies_are_as_old_as_their_name_says_and_none_is_seen_where_nothing_can_be_read(tmp_path):
    base = tmp_path / "connector.sqlite"
    vieille, recente = name(base, NOW - 40 * DAY), name(base, NOW)
    for nom in (vieille, recente, base.name, "connector-recette-20200101T000000Z.sqlite", "connector-hier.sqlite"):
        (tmp_path / nom).touch()
    assert older(tmp_path, base, NOW - 30 * DAY) == (tmp_path / vieille,)
    assert older(tmp_path / "absent", base, NOW) == ()


def test_two_databases_that_share_the_folder_of_their_copies_leave_each_other_s(tmp_path):
    production, recette = tmp_path / "connector.sqlite", tmp_path / "recette.sqlite"
    production.touch()
    copies = {base: tmp_path / "copies" / name(base, NOW) for base in (production, recette)}
    (tmp_path / "copies").mkdir()
    for copie in copies.values():
        copie.touch()
    for base, copie in copies.items():
        assert older(tmp_path / "copies", base, NOW + DAY) == (copie,)


def test_copies_named_by_an_earlier_version_are_still_looked_after(tmp_path):
    (tmp_path / "connector-20200101T000000Z.sqlite").touch()
    assert len(older(tmp_path, tmp_path / "ars.sqlite", NOW)) == 1
    assert len(older(tmp_path, tmp_path / "connector.sqlite", NOW)) == 1


def test_a_database_without_its_key_is_damaged_rather_than_given_another(base):
    assert base.inscriptions.sceller("x") == Sceau(base.connexion)("x") != base.inscriptions.sceller("y")
    with base.connexion.transaction():
        base.connexion.run("DELETE FROM reglages WHERE key = ?", (CLE,))
    with pytest.raises(StoreError, match="sa clé n’y est plus"):
        Sceau(base.connexion)("x")
