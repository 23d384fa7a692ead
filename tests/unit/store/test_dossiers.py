from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector import store
from connector.core.constat import AvisPropose
from connector.core.correspondance import CibleChamp, Resolution, TypeLogique
from connector.core.model import (
    Choix,
    Demarche,
    DossierState,
    Label,
    Ligne,
    Lignes,
    Profil,
    Repere,
    Revision,
    Trou,
)
from connector.errors import StoreError
from connector.store import dossiers as module
from connector.store.codec import CodecError
from tests.unit.store.fabrique import (
    AVIS_ANNOTATION,
    DEMARCHE,
    NOW,
    PARIS,
    T0,
    champ,
    dossier,
    evaluation,
    fiche,
    filigrane,
    intention,
    proposition,
    supprime,
)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def dossiers(base):
    return base.dossiers


def save(dossiers, *fiches, trous=(), supprimes=(), watermark=None, now=NOW, demarche=DEMARCHE):
    return dossiers.save_page(demarche, fiches=fiches, trous=trous, supprimes=supprimes, watermark=watermark, now=now)


def pending(dossiers, politique="p1", now=NOW, demarche=DEMARCHE):
    return [f.dossier.number for f, _ in dossiers.pending(demarche, politique=politique, now=now)]


def judge(dossiers, judged, **changes):
    dossiers.save_evaluations([evaluation(judged, **changes)])


def damage(base, column, number=1, table="dossiers", key="number"):
    with base.connexion.transaction():
        base.connexion.run(f"UPDATE {table} SET {column} = '{{oups' WHERE {key} = ?", (number,))


# -- pages ---------------------------------------------------------------------------------------------------------


def test_a_stored_dossier_comes_back_equal_with_its_digests(dossiers):
    save(dossiers, fiche())
    found, past = dossiers.dossier(1)
    assert found == fiche()
    assert found.dossier.date_depot.utcoffset() == fiche().dossier.date_depot.utcoffset()
    assert (past.evaluation, past.intentions) == (None, ())


def test_a_dossier_never_seen_is_not_there(dossiers):
    assert dossiers.dossier(1) is None


def test_a_page_and_its_watermark_are_stored_together(dossiers):
    assert dossiers.watermark(DEMARCHE) is None
    assert save(dossiers, fiche(1), fiche(2), watermark=filigrane("c1")) == 2
    assert dossiers.watermark(DEMARCHE) == filigrane("c1")
    assert dossiers.watermark(1) is None


def test_a_dossier_read_apart_leaves_the_watermark_as_it_is(dossiers):
    save(dossiers, fiche(1), watermark=filigrane("c1"))
    save(dossiers, fiche(2), watermark=None)
    assert dossiers.watermark(DEMARCHE) == filigrane("c1")


def test_a_watermark_that_cannot_be_read_starts_the_reading_over(base, dossiers, caplog):
    save(dossiers, watermark=filigrane())
    damage(base, "filigrane", DEMARCHE, table="filigranes", key="demarche")
    assert dossiers.watermark(DEMARCHE) is None
    assert caplog.messages == [f"filigrane.unreadable demarche={DEMARCHE}"]


def test_when_a_page_cannot_be_stored_neither_can_its_watermark(base, dossiers):
    with base.connexion.transaction():
        base.connexion.run(
            "CREATE TRIGGER bad BEFORE INSERT ON dossiers WHEN NEW.number = 2 BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreError):
        save(dossiers, fiche(1), fiche(2), watermark=filigrane())
    assert dossiers.watermark(DEMARCHE) is None
    assert dossiers.dossier(1) is None


def test_only_a_new_date_is_news(dossiers):
    save(dossiers, fiche(1), fiche(2))
    later = fiche(2, date_derniere_modification=T0 + DAY)
    assert save(dossiers, fiche(1), later, fiche(3)) == 2


def test_the_same_instant_with_another_offset_is_no_news(dossiers):
    save(dossiers, fiche(1))
    again = fiche(1, date_derniere_modification=(T0 + MINUTE).astimezone(PARIS))
    assert save(dossiers, again) == 0


def test_the_same_dossier_twice_in_a_page_is_one_and_the_last_wins(dossiers):
    assert save(dossiers, fiche(1), fiche(1, state=DossierState.ACCEPTE)) == 1
    assert dossiers.dossier(1)[0].dossier.state is DossierState.ACCEPTE


def test_a_page_walked_again_writes_nothing(base, dossiers, path):
    save(dossiers, fiche(1), fiche(2), watermark=filigrane(), supprimes=(supprime(9),))
    wal = path.with_name(path.name + "-wal")
    size, changes = wal.stat().st_size, base.connexion.db.total_changes
    save(dossiers, fiche(1), fiche(2), watermark=filigrane(), supprimes=(supprime(9),), now=NOW + MINUTE)
    assert (wal.stat().st_size, base.connexion.db.total_changes) == (size, changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"usager_email": "autre@example.org"},
        {"champs": (champ("autre"),)},
        {"annotations": (champ("Défavorable", id=AVIS_ANNOTATION, descriptor_id=AVIS_ANNOTATION),)},
        {"messages": ()},
        {"labels": (Label(id="Lb-1", name="Très urgent"),)},
        {"state": DossierState.EN_INSTRUCTION},
    ],
    ids=lambda c: next(iter(c)),
)
def test_any_change_is_stored_even_with_the_same_date(dossiers, changes):
    save(dossiers, fiche(1))
    save(dossiers, fiche(1, **changes))
    assert dossiers.dossier(1)[0] == fiche(1, **changes)


def test_other_digests_of_the_same_content_are_stored(dossiers):
    save(dossiers, fiche(1))
    other = replace(fiche(1), parties=replace(fiche(1).parties, proposees="autre", saisies="autre"))
    save(dossiers, other)
    assert dossiers.dossier(1)[0] == other


def test_a_text_no_file_can_hold_blocks_nothing(dossiers):
    odd = replace(fiche(1), dossier=dossier(1, id="\ud800", revision_id="\ud800", champs=(champ("\ud800"),)))
    save(dossiers, odd)
    assert dossiers.dossier(1)[0] == odd


def test_a_dossier_is_known_with_its_very_date_in_its_own_demarche(dossiers):
    save(dossiers, fiche(1))
    date_connue = fiche(1).dossier.date_derniere_modification
    assert dossiers.knows(DEMARCHE, Repere(number=1, date_derniere_modification=date_connue))
    assert not dossiers.knows(DEMARCHE, Repere(number=1, date_derniere_modification=date_connue + MINUTE))
    assert not dossiers.knows(DEMARCHE, Repere(number=2, date_derniere_modification=date_connue))
    assert not dossiers.knows(1, Repere(number=1, date_derniere_modification=date_connue))


# -- deletions -----------------------------------------------------------------------------------------------------


def test_a_deleted_dossier_is_judged_no_more_and_its_deletion_is_kept(base, dossiers):
    save(dossiers, fiche(1), fiche(2))
    save(dossiers, supprimes=(supprime(1),))
    assert pending(dossiers) == [2]
    (absent,) = base.suivi.absents(DEMARCHE)
    assert (absent.number, absent.cause, absent.since, absent.definitif) == (1, "user_request", NOW, False)


def test_a_deletion_seen_again_keeps_its_date_and_takes_the_latest_reason(base, dossiers):
    save(dossiers, fiche(1))
    save(dossiers, supprimes=(supprime(1),))
    save(dossiers, supprimes=(supprime(1, reason="expired", definitif=True),), now=NOW + DAY)
    (absent,) = base.suivi.absents(DEMARCHE)
    assert (absent.cause, absent.since, absent.definitif) == ("expired", NOW, True)


def test_a_deleted_dossier_that_comes_back_in_a_page_is_judged_again(base, dossiers):
    save(dossiers, fiche(1))
    save(dossiers, supprimes=(supprime(1),))
    save(dossiers, fiche(1))
    assert pending(dossiers) == [1]
    assert base.suivi.absents(DEMARCHE) == ()
    assert base.connexion.rows("SELECT * FROM suppressions") == []


def test_a_dossier_both_shown_and_deleted_in_one_page_is_there(dossiers):
    save(dossiers, fiche(1), supprimes=(supprime(1),), trous=(Trou(cause="x", number=1),))
    assert pending(dossiers) == [1]


def test_the_deletion_of_a_dossier_never_stored_is_kept_too(base, dossiers):
    save(dossiers, supprimes=(supprime(7, definitif=True),))
    assert base.connexion.rows("SELECT number, definitif FROM suppressions") == [(7, 1)]


def test_a_dossier_that_ds_no_longer_shows_is_absent_until_it_comes_back(base, dossiers):
    save(dossiers, fiche(1))
    dossiers.mark_absent(1, cause="introuvable", now=NOW)
    dossiers.mark_absent(1, cause="encore", now=NOW + DAY)
    (absent,) = base.suivi.absents(DEMARCHE)
    assert (absent.cause, absent.since, absent.definitif) == ("introuvable", NOW, None)
    assert pending(dossiers) == []
    assert list(dossiers.all(DEMARCHE)) == []
    assert dossiers.dossier(1)[0] == fiche(1)
    save(dossiers, fiche(1))
    assert pending(dossiers) == [1]


# -- holes and quarantine ------------------------------------------------------------------------------------------


def test_a_dossier_set_aside_is_not_judged_and_is_due_after_its_delay(dossiers):
    save(dossiers, fiche(1), fiche(2))
    dossiers.quarantine(DEMARCHE, 1, cause="illisible", now=NOW)
    assert pending(dossiers) == [2]
    assert dossiers.due_quarantine(DEMARCHE, now=NOW) == ()
    assert dossiers.due_quarantine(DEMARCHE, now=NOW + MINUTE) == (1,)
    assert dossiers.due_quarantine(1, now=NOW + MINUTE) == ()


def test_a_dossier_that_fails_again_waits_twice_as_long(base, dossiers):
    now, delays = NOW, []
    for _ in range(11):
        dossiers.quarantine(DEMARCHE, 1, cause="illisible", now=now)
        (aside,) = base.suivi.quarantine(DEMARCHE)
        delays.append((aside.retry_at - now) / MINUTE)
        now = aside.retry_at
    assert delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert (aside.attempts, aside.depuis, aside.cause) == (11, NOW, "illisible")


def test_a_dossier_in_quarantine_is_known_whatever_its_date(dossiers):
    dossiers.quarantine(DEMARCHE, 5, cause="x", now=NOW)
    assert dossiers.knows(DEMARCHE, Repere(number=5, date_derniere_modification=T0))


def test_a_stored_dossier_is_out_of_quarantine(base, dossiers):
    dossiers.quarantine(DEMARCHE, 1, cause="x", now=NOW)
    save(dossiers, fiche(1))
    assert base.suivi.quarantine(DEMARCHE) == ()
    assert pending(dossiers) == [1]
    assert dossiers.due_quarantine(DEMARCHE, now=NOW + DAY) == ()


def test_a_dossier_that_reads_well_and_always_fails_later_still_waits_longer_each_time(base, dossiers):
    now = NOW
    for attempts in range(1, 6):
        dossiers.quarantine(DEMARCHE, 1, cause="écriture refusée", now=now)
        (aside,) = base.suivi.quarantine(DEMARCHE)
        assert aside.attempts == attempts
        now = aside.retry_at
        save(dossiers, fiche(1), now=now)


def test_a_failure_long_after_the_last_one_is_a_first_one(base, dossiers):
    for now in (NOW, NOW + MINUTE):
        dossiers.quarantine(DEMARCHE, 1, cause="x", now=now)
    save(dossiers, fiche(1), now=NOW + 5 * MINUTE)
    dossiers.quarantine(DEMARCHE, 1, cause="y", now=NOW + 2 * DAY)
    (aside,) = base.suivi.quarantine(DEMARCHE)
    assert (aside.attempts, aside.depuis) == (1, NOW + 2 * DAY)


@pytest.mark.parametrize("leave", ["absent", "deleted"])
def test_a_dossier_that_is_gone_is_not_tried_again(dossiers, leave):
    dossiers.quarantine(DEMARCHE, 1, cause="x", now=NOW)
    if leave == "absent":
        dossiers.mark_absent(1, cause="introuvable", now=NOW)
    else:
        save(dossiers, supprimes=(supprime(1),))
    assert dossiers.due_quarantine(DEMARCHE, now=NOW + DAY) == ()


def test_the_longest_overdue_comes_first_and_a_wrong_clock_blocks_nothing(dossiers):
    dossiers.quarantine(DEMARCHE, 1, cause="x", now=NOW + timedelta(days=900))
    dossiers.quarantine(DEMARCHE, 2, cause="x", now=NOW - MINUTE)
    dossiers.quarantine(DEMARCHE, 3, cause="x", now=NOW - DAY)
    assert dossiers.due_quarantine(DEMARCHE, now=NOW) == (3, 2, 1)


def test_an_operator_may_have_one_or_all_tried_at_once(dossiers):
    for number in (1, 2, 3):
        dossiers.quarantine(DEMARCHE, number, cause="x", now=NOW)
    assert dossiers.retry_now(DEMARCHE, number=2, now=NOW) == 1
    assert dossiers.due_quarantine(DEMARCHE, now=NOW) == (2,)
    assert dossiers.retry_now(DEMARCHE, now=NOW) == 3
    assert dossiers.due_quarantine(DEMARCHE, now=NOW) == (1, 2, 3)


def test_a_hole_with_a_number_sets_that_dossier_aside_with_its_page(base, dossiers):
    save(dossiers, fiche(1), trous=(Trou(cause="nul", number=2),), watermark=filigrane())
    (aside,) = base.suivi.quarantine(DEMARCHE)
    assert (aside.number, aside.cause, aside.attempts) == (2, "nul", 1)


def test_a_hole_met_again_in_the_overlap_is_no_new_attempt(base, dossiers):
    for _ in range(3):
        save(dossiers, trous=(Trou(cause="nul", number=2),))
    assert base.suivi.quarantine(DEMARCHE)[0].attempts == 1


def test_holes_without_a_number_are_counted_by_cause(base, dossiers):
    save(dossiers, trous=(Trou(cause="nul"), Trou(cause="nul"), Trou(cause="délai")))
    save(dossiers, trous=(Trou(cause="nul"),), now=NOW + DAY)
    holes = [(h.cause, h.count, h.first_seen, h.seen_at) for h in base.suivi.holes(DEMARCHE, since=NOW)]
    assert holes == [("nul", 3, NOW, NOW + DAY), ("délai", 1, NOW, NOW)]
    assert [h.cause for h in base.suivi.holes(DEMARCHE, since=NOW + DAY)] == ["nul"]
    assert base.suivi.holes(1, since=NOW) == ()


# -- judging -------------------------------------------------------------------------------------------------------


def test_a_dossier_never_judged_is_pending_and_once_judged_is_not(dossiers):
    save(dossiers, fiche(1))
    assert pending(dossiers) == [1]
    judge(dossiers, fiche(1))
    assert pending(dossiers) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"contenu": "autre"},
        {"proposees": "autre"},
        {"politique": "autre"},
        {"a_pousser": True},
        {"a_revoir_le": NOW},
        {"a_revoir_le": NOW - DAY},
    ],
    ids=repr,
)
def test_a_judged_dossier_is_pending_again_when(dossiers, changes):
    save(dossiers, fiche(1))
    judge(dossiers, fiche(1), **changes)
    assert pending(dossiers) == [1]


def test_a_date_not_reached_yet_makes_nothing_pending(dossiers):
    save(dossiers, fiche(1))
    judge(dossiers, fiche(1), a_revoir_le=NOW + timedelta(microseconds=1))
    assert pending(dossiers) == []


def test_our_own_annotation_changed_by_a_human_makes_a_dossier_pending_with_the_same_content(dossiers):
    save(dossiers, fiche(1))
    judge(dossiers, fiche(1))
    touched = fiche(1, annotations=(champ("Non", id=AVIS_ANNOTATION, descriptor_id=AVIS_ANNOTATION),))
    assert touched.parties.contenu == fiche(1).parties.contenu
    save(dossiers, touched)
    assert pending(dossiers) == [1]


def test_pending_dossiers_come_oldest_deposit_first_each_with_its_past(dossiers, base):
    save(dossiers, fiche(3), fiche(1), fiche(2, date_depot=T0 + MINUTE))
    judge(dossiers, fiche(2), a_pousser=True)
    base.ledger.open(intention("f2", dossier=2), now=NOW)
    found = list(dossiers.pending(DEMARCHE, politique="p1", now=NOW))
    assert [f.dossier.number for f, _ in found] == [1, 2, 3]
    assert [f for f, _ in found] == [fiche(1), fiche(2, date_depot=T0 + MINUTE), fiche(3)]
    past = found[1][1]
    assert past.evaluation == evaluation(fiche(2), a_pousser=True)
    assert [i.fingerprint for i in past.intentions] == ["f2"]


def test_only_the_demarche_s_own_dossiers_are_pending(dossiers):
    save(dossiers, fiche(1))
    save(dossiers, fiche(2), demarche=7)
    assert pending(dossiers) == [1]
    assert [f.dossier.number for f, _ in dossiers.all(7)] == [2]


def test_more_dossiers_than_a_batch_come_once_each_while_they_are_judged(dossiers, monkeypatch):
    monkeypatch.setattr(module, "_PAR_LOT", 4)
    many = [fiche(n, date_depot=T0 + MINUTE * (n // 3)) for n in range(1, 20)]
    save(dossiers, *many)
    seen = []
    for found, _ in dossiers.pending(DEMARCHE, politique="p1", now=NOW):
        seen.append(found.dossier.number)
        judge(dossiers, found, a_pousser=found.dossier.number % 2 == 0)
    assert seen == list(range(1, 20))


def test_no_transaction_is_open_while_the_caller_works(dossiers, base):
    save(dossiers, fiche(1), fiche(2))
    stream = dossiers.pending(DEMARCHE, politique="p1", now=NOW)
    next(stream)
    assert not base.connexion.db.in_transaction
    assert base.connexion.row("PRAGMA wal_checkpoint(TRUNCATE)") == (0, 0, 0)


def test_all_gives_the_judged_ones_too_even_set_aside(dossiers):
    save(dossiers, fiche(2), fiche(1))
    judge(dossiers, fiche(1))
    dossiers.quarantine(DEMARCHE, 2, cause="x", now=NOW)
    assert [(f.dossier.number, h.evaluation is not None) for f, h in dossiers.all(DEMARCHE)] == [(1, True), (2, False)]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *(("dossiers", column) for column in ("entete", "champs", "annotations")),
        *(("identites", column) for column in ("entete", "champs", "messages")),
    ],
)
def test_a_dossier_that_cannot_be_read_back_is_set_aside_to_be_read_from_ds_again(
    base, dossiers, table, column, caplog
):
    save(dossiers, fiche(1), fiche(2))
    damage(base, column, table=table, key="number" if table == "dossiers" else "dossier")
    assert pending(dossiers) == [2]
    assert dossiers.due_quarantine(DEMARCHE, now=NOW + MINUTE) == (1,)
    assert "dossier.unreadable number=1" in caplog.messages
    save(dossiers, fiche(1), now=NOW + MINUTE)
    assert pending(dossiers) == [1, 2]
    assert dossiers.dossier(1)[0] == fiche(1)


def test_a_judged_one_that_cannot_be_read_back_is_set_aside_then_judged_though_ds_says_the_same(base, dossiers):
    save(dossiers, fiche(1), fiche(2))
    judge(dossiers, fiche(1))
    judge(dossiers, fiche(2))
    assert dossiers.readable(DEMARCHE, 1, now=NOW) == dossiers.dossier(1)
    assert dossiers.readable(DEMARCHE, 3, now=NOW) is None
    damage(base, "champs")
    assert dossiers.readable(DEMARCHE, 1, now=NOW) is None
    assert pending(dossiers) == []
    assert dossiers.due_quarantine(DEMARCHE, now=NOW + MINUTE) == (1,)
    save(dossiers, fiche(1), now=NOW + MINUTE)
    assert pending(dossiers) == [1]


def names(base, table="dossiers", key="number"):
    return "Zéphyrine" in str(base.connexion.rows(f"SELECT * FROM {table} WHERE {key} = 1"))


def nomme(number):
    nom, autre = champ("Zéphyrine", label="Prénom"), champ("Cardiologie", label="Spécialité")
    return fiche(number, champs=(replace(nom, id="p", descriptor_id="p"), autre))


def test_champs_that_say_who_people_are_are_kept_apart_and_come_back_in_their_place(base, dossiers):
    dossiers.keep_apart(DEMARCHE, frozenset({"p"}), now=NOW)
    save(dossiers, nomme(1))
    assert (names(base), names(base, "identites", "dossier")) == (False, True)
    assert dossiers.dossier(1)[0] == nomme(1)


def test_a_repetition_of_which_a_row_says_who_somebody_is_is_kept_apart_whole(base, dossiers):
    def cible(cle, champs=(), type_=TypeLogique.TEXTE):
        return CibleChamp(cle=cle, type=type_, libelle=cle, ids=(cle,), champs=champs)

    equipe = cible("equipe", (cible("fonction"), cible("prenom")), TypeLogique.REPETITION)
    prenom = replace(champ("Zéphyrine"), id="prenom", descriptor_id="prenom")
    rangs = replace(champ(Lignes(rows=(Ligne(id="r", champs=(prenom,)),))), id="equipe", descriptor_id="equipe")
    dossiers.keep_apart(DEMARCHE, Resolution(champs=(equipe,)).identite, now=NOW)
    save(dossiers, fiche(1, champs=(rangs,)))
    assert (names(base), names(base, "identites", "dossier")) == (False, True)
    assert dossiers.dossier(1)[0] == fiche(1, champs=(rangs,))


def test_a_dossier_whose_identity_is_gone_is_read_from_ds_again(base, dossiers):
    dossiers.keep_apart(DEMARCHE, frozenset({"p"}), now=NOW)
    save(dossiers, nomme(1))
    with base.connexion.transaction():
        base.connexion.run("UPDATE identites SET champs = '[]'")
    assert pending(dossiers) == []
    assert dossiers.due_quarantine(DEMARCHE, now=NOW + MINUTE) == (1,)
    save(dossiers, nomme(1), now=NOW + MINUTE)
    assert dossiers.dossier(1)[0] == nomme(1)


def test_champs_declared_later_are_taken_apart_and_put_back_whatever_lies_beside_them(base, dossiers):
    save(dossiers, nomme(1), fiche(2), fiche(3))
    damage(base, "champs", 2)
    with base.connexion.transaction():
        base.connexion.run("UPDATE dossiers SET champs = '[7]' WHERE number = 3")
    dossiers.keep_apart(DEMARCHE, frozenset({"p"}), now=NOW)
    assert (names(base), names(base, "identites", "dossier")) == (False, True)
    assert dossiers.dossier(1)[0] == nomme(1)
    dossiers.keep_apart(DEMARCHE, frozenset(), now=NOW)
    assert (names(base), names(base, "identites", "dossier")) == (True, False)
    assert dossiers.dossier(1)[0] == nomme(1)


def test_a_body_of_another_shape_is_not_read_as_a_dossier(base, dossiers):
    save(dossiers, fiche(1))
    with base.connexion.transaction():
        base.connexion.run("UPDATE dossiers SET entete = '[]'")
    with pytest.raises(CodecError):
        dossiers.dossier(1)
    with pytest.raises(CodecError):
        list(dossiers.all(DEMARCHE))


def test_an_evaluation_that_cannot_be_read_back_is_made_again(base, dossiers, caplog):
    save(dossiers, fiche(1))
    judge(dossiers, fiche(1), a_pousser=True)
    damage(base, "proposition", table="evaluations", key="dossier")
    ((_, past),) = dossiers.pending(DEMARCHE, politique="p1", now=NOW)
    assert past.evaluation is None
    assert caplog.messages == ["evaluation.unreadable number=1"]


def test_an_evaluation_comes_back_equal(dossiers):
    save(dossiers, fiche(1))
    whole = evaluation(fiche(1), a_revoir_le=NOW + DAY, avis_depuis=date(2026, 5, 1))
    dossiers.save_evaluations([whole])
    assert dossiers.dossier(1)[1].evaluation == whole


def test_an_evaluation_of_an_unknown_dossier_is_refused_with_all_its_batch(dossiers):
    save(dossiers, fiche(1))
    with pytest.raises(StoreError):
        dossiers.save_evaluations([evaluation(fiche(1)), evaluation(fiche(2))])
    assert dossiers.dossier(1)[1].evaluation is None


def test_no_evaluation_to_save_is_fine(dossiers):
    dossiers.save_evaluations([])
    assert pending(dossiers) == []


def test_what_was_said_on_a_day_can_be_told_later(dossiers):
    save(dossiers, fiche(1))
    other = proposition(AvisPropose.A_COMPLETER, "Il manque le diplôme.")
    said = [
        evaluation(fiche(1), evaluee_le=NOW),
        evaluation(fiche(1), evaluee_le=NOW + DAY, proposition=other),
        evaluation(fiche(1), evaluee_le=NOW + 2 * DAY, proposition=other, politique="p2"),
        evaluation(fiche(1), evaluee_le=NOW + 3 * DAY, politique="p2"),
    ]
    for one in said:
        dossiers.save_evaluations([one])
    assert dossiers.evaluation_at(1, NOW - MINUTE) is None
    for day, one in enumerate(said):
        assert dossiers.evaluation_at(1, NOW + day * DAY) == one
        assert dossiers.evaluation_at(1, NOW + day * DAY + DAY - MINUTE) == one
    assert dossiers.dossier(1)[1].evaluation == said[-1]


def test_saying_the_same_again_is_no_history(base, dossiers):
    save(dossiers, fiche(1))
    for day in range(3):
        judge(dossiers, fiche(1), evaluee_le=NOW + day * DAY, contenu=f"c{day}")
    assert base.connexion.rows("SELECT * FROM evaluations_passees") == []
    assert dossiers.evaluation_at(1, NOW).evaluee_le == NOW + 2 * DAY


def test_the_same_dossier_twice_in_a_batch_leaves_both_opinions(dossiers):
    save(dossiers, fiche(1))
    first = evaluation(fiche(1))
    second = evaluation(fiche(1), proposition=proposition(AvisPropose.A_VERIFIER), evaluee_le=NOW + DAY)
    dossiers.save_evaluations([first, second])
    assert dossiers.evaluation_at(1, NOW) == first
    assert dossiers.evaluation_at(1, NOW + DAY) == second


# -- the form, the pause, the reports -----------------------------------------------------------------------------


def a_demarche():
    revision = Revision(id="R-1", date_publication=T0, champs=(), annotations=())
    return Demarche(
        id="D-1",
        number=DEMARCHE,
        title="Candidatures",
        state="publiee",
        active=revision,
        revisions=(revision,),
        groupes=(fiche().dossier.groupe,),
        labels=(),
    )


def test_the_form_as_last_read_comes_back_equal(dossiers):
    assert dossiers.saved_demarche(DEMARCHE) is None
    dossiers.save_demarche(a_demarche(), now=NOW)
    dossiers.save_demarche(replace(a_demarche(), title="Autre"), now=NOW)
    assert dossiers.saved_demarche(DEMARCHE) == replace(a_demarche(), title="Autre")


def test_a_form_that_cannot_be_read_back_is_asked_again(base, dossiers):
    dossiers.save_demarche(a_demarche(), now=NOW)
    damage(base, "demarche", DEMARCHE, table="demarches")
    assert dossiers.saved_demarche(DEMARCHE) is None
    with base.connexion.transaction():
        base.connexion.run("UPDATE demarches SET demarche = '[]'")
    assert dossiers.saved_demarche(DEMARCHE) is None


def test_a_pause_lasts_across_runs_until_it_is_ended(path):
    with store.ouvrir(path) as base:
        assert not base.dossiers.paused()
        base.dossiers.pause("commission en cours", now=NOW)
        base.dossiers.pause("", now=NOW + DAY)
        assert base.pauses.current().reason == "commission en cours"
        base.dossiers.pause("commission reportée", now=NOW + DAY)
    with store.ouvrir(path) as base:
        assert base.dossiers.paused()
        pause = base.pauses.current()
        assert (pause.reason, pause.since, pause.until) == ("commission reportée", NOW, None)
        base.dossiers.resume(now=NOW + 2 * DAY)
        assert not base.dossiers.paused()
        base.dossiers.resume(now=NOW + 3 * DAY)
        assert [(p.reason, p.until) for p in base.pauses.all()] == [("commission reportée", NOW + 2 * DAY)]


def test_a_report_is_kept_and_the_oldest_make_room(base, dossiers, monkeypatch):
    monkeypatch.setattr(module, "RAPPORTS_GARDES", 3)
    for n in range(5):
        dossiers.save_report(DEMARCHE, at=NOW + n * MINUTE, exit_code=n, counts={"lus": n}, text=f"passage {n}")
    dossiers.save_report(7, at=NOW, exit_code=0, counts={}, text="")
    reports = base.suivi.last_reports(DEMARCHE)
    assert [(r.exit_code, r.counts, r.text) for r in reports] == [(n, {"lus": n}, f"passage {n}") for n in (4, 3, 2)]
    assert [r.at for r in base.suivi.last_reports(DEMARCHE, limit=1)] == [NOW + 4 * MINUTE]


def test_a_failure_is_followed_back_to_the_first_cycle_that_ended_so(base, dossiers):
    assert base.suivi.last_alike(DEMARCHE) == ()
    for n, code in enumerate((77, 0, 77, 77)):
        dossiers.save_report(DEMARCHE, at=NOW + n * MINUTE, exit_code=code, counts={}, text="")
    assert [r.at for r in base.suivi.last_alike(DEMARCHE)] == [NOW + 3 * MINUTE, NOW + 2 * MINUTE]


def test_a_cycle_that_began_is_known_until_its_report(base, dossiers):
    dossiers.begin(DEMARCHE, at=NOW)
    dossiers.begin(DEMARCHE, at=NOW + MINUTE)
    assert (base.suivi.begun(DEMARCHE), base.suivi.begun(7)) == (NOW + MINUTE, None)
    dossiers.save_report(7, at=NOW, exit_code=0, counts={}, text="")
    assert base.suivi.begun(DEMARCHE) == NOW + MINUTE
    dossiers.save_report(DEMARCHE, at=NOW, exit_code=0, counts={}, text="")
    assert base.suivi.begun(DEMARCHE) is None


def test_the_demarches_known_are_those_read_or_reported(base, dossiers):
    save(dossiers, watermark=filigrane())
    dossiers.save_report(7, at=NOW, exit_code=0, counts={}, text="")
    assert base.suivi.demarches() == (7, DEMARCHE)


def test_present_dossiers_are_counted_by_state_and_opinion(base, dossiers):
    save(dossiers, fiche(1), fiche(2), fiche(3, state=DossierState.ACCEPTE, archived=True), fiche(4))
    judge(dossiers, fiche(1))
    dossiers.mark_absent(4, cause="x", now=NOW)
    counts = {(c.state, c.archived, c.avis): c.count for c in base.suivi.counts(DEMARCHE)}
    assert counts == {
        (DossierState.ACCEPTE, True, None): 1,
        (DossierState.EN_CONSTRUCTION, False, None): 1,
        (DossierState.EN_CONSTRUCTION, False, "Favorable"): 1,
    }


def test_no_value_of_a_champ_reaches_the_logs(base, dossiers, caplog):
    caplog.set_level(logging.DEBUG)
    save(
        dossiers,
        fiche(
            1,
            champs=(champ("CANARI"),),
            groupe=replace(fiche().dossier.groupe, instructeurs=(Profil(id="P", email="CANARI"),)),
        ),
    )
    damage(base, "annotations")
    assert pending(dossiers) == []
    assert "CANARI" not in caplog.text


def test_small_texts_are_kept_replaced_and_forgotten(base):
    assert base.reglages.get("revision") is None
    base.reglages.put("revision", "R-1", now=NOW)
    base.reglages.put("revision", "R-2 é", now=NOW)
    assert base.reglages.get("revision") == "R-2 é"
    base.reglages.remove("revision")
    base.reglages.remove("revision")
    assert base.reglages.get("revision") is None


def test_several_options_come_back_as_they_were(dossiers):
    save(dossiers, fiche(1, champs=(champ(Choix(values=("b", "a"))),)))
    assert dossiers.dossier(1)[0].dossier.champs[0].value == Choix(values=("b", "a"))
