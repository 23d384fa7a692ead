"""What the store tells and does to compare with DS, to try again, and to say what was had only in part."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector import cycle
from connector.core.fiche import parties
from connector.core.model import Demandeur
from connector.core.plan import EtatIntention
from connector.store import ouvrir
from connector.store.codec import CodecError
from tests.fakes import NUMERO, Monde
from tests.unit.store.fabrique import DEMARCHE, NOW, evaluation, fiche, intention

HEURE = timedelta(hours=1)


@pytest.fixture
def base(tmp_path):
    with ouvrir(tmp_path / "base.db") as base:
        yield base


def save(base, *fiches):
    base.dossiers.save_page(DEMARCHE, fiches=fiches, trous=(), supprimes=(), watermark=None, now=NOW)


def changee(number, **changes):
    dossier = replace(fiche(number).dossier, **changes)
    return replace(fiche(number), dossier=dossier, parties=parties(dossier, frozenset()))


def test_what_is_remembered_of_each_dossier_is_what_was_stored(base):
    degrade = Demandeur(typename="PersonneMoraleIncomplete", siret="1", complet=False)
    save(base, fiche(1), changee(2, demandeur=degrade))
    base.dossiers.mark_absent(1, cause="introuvable", now=NOW)
    gardes = base.dossiers.gardes(DEMARCHE, (1, 2, 3))
    assert set(gardes) == {1, 2}
    assert set(base.dossiers.gardes(DEMARCHE, (2,))) == {2}
    assert base.dossiers.gardes(DEMARCHE + 1, (1, 2)) == {}
    for number, garde in gardes.items():
        stored = base.dossiers.dossier(number)[0]
        assert garde.parties == stored.parties
        assert garde.date_derniere_modification == stored.dossier.date_derniere_modification
        assert (garde.state, garde.revision_id) == (stored.dossier.state, stored.dossier.revision_id)
    assert (gardes[1].absent, gardes[2].absent) == ("introuvable", None)
    assert (gardes[1].incomplet, gardes[2].incomplet) == (False, True)


def cut_short(base, sql, number):
    """Damage one row as a disk would: half of a text is left."""
    with base.connexion.transaction():
        assert base.connexion.run(sql, (number,)) == 1


def test_a_dossier_whose_heading_was_cut_short_is_not_remembered_and_hides_no_other(base):
    save(base, fiche(1), fiche(2))
    cut_short(base, "UPDATE dossiers SET entete = substr(entete, 1, length(entete) / 2) WHERE number = ?", 1)
    assert set(base.dossiers.gardes(DEMARCHE, (1, 2))) == {2}
    assert set(base.dossiers.presents(DEMARCHE)) == {1, 2}


@pytest.fixture
def abime(base):
    """Two dossiers read and judged, on a real file; the first one's heading is cut short."""
    monde = Monde()
    monde.armoire, monde.registre = base.dossiers, base.ledger
    monde.serveur.usager_depose(100)
    monde.serveur.usager_depose(101)
    for _ in range(3):
        monde.horloge.avance(minutes=10)
        cycle.run(monde.passage())
    cut_short(base, "UPDATE dossiers SET entete = substr(entete, 1, length(entete) / 2) WHERE number = ?", 100)
    return monde


def test_a_dossier_cut_short_is_found_missing_by_the_comparison_read_again_and_mended(base, abime):
    with pytest.raises(CodecError):
        base.dossiers.dossier(100)
    abime.horloge.avance(hours=37)
    rapport = cycle.run(abime.passage())
    assert (rapport.compares, rapport.ecarts) == (2, 1)
    mended, _ = base.dossiers.dossier(100)
    assert mended.dossier.date_derniere_modification == abime.vu(100).date_derniere_modification
    abime.horloge.avance(minutes=10)
    assert cycle.run(replace(abime.passage(), complet=True)).ecarts == 0


def test_a_dossier_cut_short_that_ds_no_longer_lists_is_found_gone(base, abime):
    abime.serveur.expire(100)
    abime.horloge.avance(hours=37)
    assert cycle.run(abime.passage()).ecarts == 1
    assert [absent.number for absent in base.suivi.absents(NUMERO)] == [100]


def test_the_dossiers_set_aside_are_named_until_they_are_out(base):
    base.dossiers.quarantine(DEMARCHE, 7, cause="x", now=NOW)
    assert base.dossiers.set_aside(DEMARCHE) == {7}
    save(base, fiche(7))
    assert base.dossiers.set_aside(DEMARCHE) == frozenset()


def test_dossiers_put_off_are_judged_again_at_once_when_asked(base):
    save(base, fiche(1), fiche(2), fiche(3))
    later = {"a_revoir_le": NOW + HEURE}
    base.dossiers.save_evaluations([evaluation(fiche(1), **later), evaluation(fiche(2), **later), evaluation(fiche(3))])

    def pending():
        return [f.dossier.number for f, _ in base.dossiers.pending(DEMARCHE, politique="p1", now=NOW)]

    assert pending() == []
    assert base.dossiers.revisit(DEMARCHE + 1, now=NOW) == 0
    assert base.dossiers.revisit(DEMARCHE, now=NOW, number=3) == 1
    assert pending() == [3]
    assert base.dossiers.revisit(DEMARCHE, now=NOW) == 2
    assert pending() == [1, 2, 3]


def test_every_refused_effect_of_a_demarche_may_be_tried_again_at_once(base):
    base.ledger.open(intention("f"), now=NOW)
    base.ledger.close("f", EtatIntention.REJECTED, now=NOW, cause="x")
    assert not base.ledger.open(intention("f"), now=NOW)
    assert base.ledger.retry_all(DEMARCHE, now=NOW) == 1
    assert base.ledger.retry_all(DEMARCHE, now=NOW) == 0
    assert base.ledger.open(intention("f"), now=NOW)


def test_an_effect_had_in_part_is_told_until_a_later_one_mends_it(base):
    base.ledger.open(intention("f"), now=NOW)
    base.ledger.close("f", EtatIntention.DONE, now=NOW, cause="refus_partiel", detail="« Avis » : refusée")
    assert [i.fingerprint for i in base.ledger.remarked(DEMARCHE, since=NOW - HEURE)] == ["f"]
    assert base.ledger.remarked(DEMARCHE, since=NOW + HEURE) == ()
    base.ledger.open(intention("g"), now=NOW)
    assert len(base.ledger.remarked(DEMARCHE, since=NOW)) == 1
    base.ledger.close("g", EtatIntention.DONE, now=NOW)
    assert base.ledger.remarked(DEMARCHE, since=NOW) == ()


def test_messages_that_lie_twice_are_told_with_their_reference_unless_taken_back(base):
    (message, *_) = (replace(m, reference="1-ABC", discarded_at=None) for m in fiche(1).dossier.messages)
    twin = replace(message, id="autre")
    save(base, changee(1, messages=(message, twin)), changee(2, messages=(message, replace(twin, discarded_at=NOW))))
    assert base.suivi.doubles(DEMARCHE) == ((1, "1-ABC"),)


def test_messages_that_were_cut_short_do_not_hide_those_that_lie_twice_elsewhere(base):
    (message, *_) = (replace(m, reference="1-ABC", discarded_at=None) for m in fiche(1).dossier.messages)
    save(base, *(changee(n, messages=(message, replace(message, id="autre"))) for n in (1, 2)))
    cut_short(base, "UPDATE identites SET messages = substr(messages, 1, length(messages) / 2) WHERE dossier = ?", 1)
    assert base.suivi.doubles(DEMARCHE) == ((2, "1-ABC"),)
