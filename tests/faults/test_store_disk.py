"""Every public method of the store against a database that is locked, read-only, full or damaged."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from connector import store
from connector.core.conservation import Conservation, Motif
from connector.core.decisions import Decision, Sens, SourceDecisions
from connector.core.evaluation import Jeu
from connector.core.examen_piece import Relecture
from connector.core.fiche import Retenue
from connector.core.model import Demarche, DossierState, Repere, Revision, Trou
from connector.core.plan import EtatIntention
from connector.core.poste import Categorie, Poste, Quotites, Titulaire
from connector.core.quota import CleQuota
from connector.core.referentiels import Commune, Quartier, Referentiel, Version, Zone, ZoneCommune
from connector.core.registre import Inscription
from connector.errors import StoreError
from connector.store import oublis
from connector.store.base import Base
from connector.store.effacement import AEffacer
from connector.store.journal import Ligne
from tests.unit.store.fabrique import (
    DEMARCHE,
    NOW,
    T0,
    evaluation,
    fiche,
    filigrane,
    intention,
    supprime,
)

NOBODY = 65534
RETENUE = Retenue(champs=frozenset(), annotations=frozenset(), siennes=frozenset())
FORM = Demarche(
    id="D",
    number=DEMARCHE,
    title="Candidatures",
    state="publiee",
    active=Revision(id="R", date_publication=None, champs=(), annotations=()),
    revisions=(),
    groupes=(),
    labels=(),
)


def save(base, *fiches, **rest):
    defaults = {"trous": (), "supprimes": (), "watermark": None, "now": NOW}
    return base.dossiers.save_page(DEMARCHE, fiches=fiches, **defaults | rest)


def whole_page(base):
    return save(
        base,
        fiche(1),
        *(fiche(n) for n in range(10, 40)),
        trous=(Trou(cause="nul"), Trou(cause="nul", number=5)),
        supprimes=(supprime(2), supprime(6)),
        watermark=filigrane("c2"),
    )


JOUR = date(2026, 6, 2)


def version(referentiel):
    return Version(
        referentiel=Referentiel(referentiel), arrete="arrêté", date_effet=date(2026, 1, 1), importe_le=NOW, lignes=1
    )


def communes(count):
    return [Commune(code_insee=f"18{n:03}", nom="Commune", departement="18", region="24") for n in range(count)]


def zones(count):
    return [
        ZoneCommune(code_insee=f"18{n:03}", zone=Zone.ZIP, tvs="", arrete="", date_effet=JOUR) for n in range(count)
    ]


def quartiers(count):
    return [Quartier(code=f"QN18{n:03}N", nom="Quartier", geometrie="x" * 400) for n in range(count)]


FICHIER = SourceDecisions.FICHIER


def decision(number):
    return Decision(dossier=number, sens=Sens.RETENU, source=FICHIER, le=NOW, motivation="x" * 90_000)


CLE = CleQuota(promotion="2023-2025", region="24", categorie=Categorie.II)
ENTREE = Inscription(
    dossier=1, demarche=DEMARCHE, etat=DossierState.EN_INSTRUCTION, depose_le=T0, candidat="c", projet="p", cle=CLE
)
POSTE = Poste(
    identifiant="p1",
    promotion="2023-2025",
    categorie=Categorie.II,
    region="24",
    etablissement="e",
    quotites=Quotites(hospitaliere=None, ambulatoire=None),
    debut=date(2023, 11, 1),
    duree_mois=24,
    cout=None,
    titulaires=(Titulaire(dossier=1, accepte_le=date(2023, 9, 1)),),
)


def _oubli_a_refaire(base):
    """What the list says was forgotten, and the database holds."""
    fichier = oublis.beside(base.path)
    garde = fichier.read_bytes() if fichier.exists() else b""
    acte = oublis.Oubli(number=1, demarche=DEMARCHE, le=NOW)
    fichier.write_bytes(garde + oublis._ecrite(acte) + b"\n")
    try:
        base.effacement.rappeler()
    except StoreError:
        fichier.write_bytes(garde)
        raise


REPERE = Repere(number=1, date_derniere_modification=T0)
REPORT = {"at": NOW, "exit_code": 0, "counts": {"lus": 1}, "text": "Un passage."}
WRITES = {
    "dossiers.save_page": whole_page,
    "dossiers.save_demarche": lambda b: b.dossiers.save_demarche(replace(FORM, title="t" * 90_000), now=NOW),
    "dossiers.save_evaluations": lambda b: b.dossiers.save_evaluations([evaluation(fiche(1), a_pousser=True)]),
    "dossiers.save_politique": lambda b: b.dossiers.save_politique("p9", Jeu(autres="x" * 90_000, regles=()), now=NOW),
    "dossiers.keep_apart": lambda b: b.dossiers.keep_apart(DEMARCHE, frozenset({"c" * 90_000}), now=NOW),
    "dossiers.confirm": lambda b: b.dossiers.confirm(DEMARCHE, [1, 2]),
    "dossiers.mark_absent": lambda b: b.dossiers.mark_absent(1, cause="introuvable", now=NOW),
    "dossiers.quarantine": lambda b: b.dossiers.quarantine(DEMARCHE, 1, cause="x", now=NOW),
    "dossiers.retry_now": lambda b: b.dossiers.retry_now(DEMARCHE, now=NOW + timedelta(seconds=1)),
    "dossiers.revisit": lambda b: b.dossiers.revisit(DEMARCHE, now=NOW, number=1),
    "dossiers.pause": lambda b: b.dossiers.pause("x", now=NOW),
    "dossiers.resume": lambda b: b.dossiers.resume(now=NOW),
    "dossiers.begin": lambda b: b.dossiers.begin(DEMARCHE, at=NOW),
    "dossiers.save_report": lambda b: b.dossiers.save_report(DEMARCHE, **REPORT),
    "ledger.open": lambda b: b.ledger.open(intention("nouvelle"), now=NOW),
    "ledger.close": lambda b: b.ledger.close("ouverte", EtatIntention.DONE, now=NOW),
    "ledger.retry_now": lambda b: b.ledger.retry_now(1, now=NOW),
    "ledger.retry_all": lambda b: b.ledger.retry_all(DEMARCHE, now=NOW),
    "reglages.put": lambda b: b.reglages.put("a", "nouveau", now=NOW),
    "reglages.remove": lambda b: b.reglages.remove("a"),
    "pauses.start": lambda b: b.pauses.start("x", now=NOW),
    "pauses.end": lambda b: b.pauses.end(now=NOW),
    "referentiels.save_communes": lambda b: b.referentiels.save_communes(version("communes"), communes(20)),
    "referentiels.save_zonage": lambda b: b.referentiels.save_zonage(version("zonage"), zones(20)),
    "referentiels.save_qpv": lambda b: b.referentiels.save_qpv(version("qpv"), quartiers(20)),
    "referentiels.withdraw": lambda b: b.referentiels.withdraw(1, now=NOW),
    "postes.save": lambda b: b.postes.save([replace(POSTE, debut=JOUR, etablissement="x" * 90_000)], now=NOW),
    "inscriptions.enter": lambda b: b.inscriptions.enter([(ENTREE, "contenu", "x" * 90_000)], lecture="l2"),
    "inscriptions.appraise": lambda b: b.inscriptions.appraise({1: True}),
    "inscriptions.told": lambda b: b.inscriptions.told({1: ("x" * 90_000, "1")}),
    "inscriptions.tell_world": lambda b: b.inscriptions.tell_world(DEMARCHE, 7, JOUR),
    "relectures.save": lambda b: b.relectures.save(1, [Relecture(checksum="x" * 90_000, le=NOW)]),
    "decisions.note": lambda b: b.decisions.note(2, FICHIER, decision(2), now=NOW),
    "decisions.note_all": lambda b: b.decisions.note_all({2: decision(2)}, FICHIER, now=NOW),
    "effacement.erase": lambda b: b.effacement.erase(
        [AEffacer(number=1, demarche=DEMARCHE, motif=Motif.OUBLI)], now=NOW
    ),
    "effacement.remember_again": lambda b: b.effacement.remember_again(9, now=NOW),
    "effacement.rappeler": _oubli_a_refaire,
    "effacement.forget_journal": lambda b: b.effacement.forget_journal(Conservation(), now=NOW + timedelta(days=500)),
    "effacement.forget_postes": lambda b: b.effacement.forget_postes([POSTE.identifiant]),
    "effacement.compact": lambda b: b.effacement.compact(),
    "journal.note": lambda b: b.journal.note(Ligne(at=NOW, qui="agent", quoi="x" * 90_000)),
}
AMPLES = {  # the same, large enough for a small disk
    "referentiels.save_communes": lambda b: b.referentiels.save_communes(version("communes"), communes(2_000)),
    "referentiels.save_zonage": lambda b: b.referentiels.save_zonage(version("zonage"), zones(2_000)),
    "referentiels.save_qpv": lambda b: b.referentiels.save_qpv(version("qpv"), quartiers(200)),
}
PREPARE = {  # what makes those write at all
    "dossiers.pause": lambda b: b.pauses.end(now=NOW),
    "pauses.start": lambda b: b.pauses.end(now=NOW),
}
READS = {
    "dossiers.watermark": lambda b: b.dossiers.watermark(DEMARCHE),
    "dossiers.knows": lambda b: b.dossiers.knows(DEMARCHE, REPERE),
    "dossiers.pending": lambda b: list(b.dossiers.pending(DEMARCHE, politique="p1", now=NOW)),
    "dossiers.politiques": lambda b: b.dossiers.politiques(),
    "dossiers.confirmables": lambda b: list(
        b.dossiers.confirmables(
            DEMARCHE, politique="p1", anciennes=["p0"], regles=["r"], retenue=lambda: RETENUE, now=NOW
        )
    ),
    "dossiers.all": lambda b: list(b.dossiers.all(DEMARCHE)),
    "dossiers.readable": lambda b: b.dossiers.readable(DEMARCHE, 1, now=NOW),
    "dossiers.dossier": lambda b: b.dossiers.dossier(1),
    "dossiers.saved_demarche": lambda b: b.dossiers.saved_demarche(DEMARCHE),
    "dossiers.gardes": lambda b: b.dossiers.gardes(DEMARCHE, (1, 2)),
    "dossiers.presents": lambda b: list(b.dossiers.presents(DEMARCHE)),
    "dossiers.set_aside": lambda b: b.dossiers.set_aside(DEMARCHE),
    "dossiers.due_quarantine": lambda b: b.dossiers.due_quarantine(DEMARCHE, now=NOW),
    "dossiers.evaluation_at": lambda b: b.dossiers.evaluation_at(1, NOW),
    "dossiers.paused": lambda b: b.dossiers.paused(),
    "ledger.unsettled": lambda b: b.ledger.unsettled(DEMARCHE),
    "ledger.find": lambda b: b.ledger.find("ouverte"),
    "ledger.of_dossier": lambda b: b.ledger.of_dossier(1),
    "ledger.handed_to_human": lambda b: b.ledger.handed_to_human(DEMARCHE),
    "ledger.rejected": lambda b: b.ledger.rejected(DEMARCHE),
    "ledger.remarked": lambda b: b.ledger.remarked(DEMARCHE, since=T0),
    "ledger.journal": lambda b: b.ledger.journal(T0),
    "ledger.events": lambda b: b.ledger.events("ouverte"),
    "reglages.get": lambda b: b.reglages.get("a"),
    "pauses.current": lambda b: b.pauses.current(),
    "pauses.all": lambda b: b.pauses.all(),
    "suivi.demarches": lambda b: b.suivi.demarches(),
    "suivi.counts": lambda b: b.suivi.counts(DEMARCHE),
    "suivi.quarantine": lambda b: b.suivi.quarantine(DEMARCHE),
    "suivi.holes": lambda b: b.suivi.holes(DEMARCHE, since=T0),
    "suivi.absents": lambda b: b.suivi.absents(DEMARCHE),
    "suivi.doubles": lambda b: b.suivi.doubles(DEMARCHE),
    "suivi.begun": lambda b: b.suivi.begun(DEMARCHE),
    "suivi.last_reports": lambda b: b.suivi.last_reports(DEMARCHE),
    "suivi.last_alike": lambda b: b.suivi.last_alike(DEMARCHE),
    "referentiels.catalogue": lambda b: b.referentiels.catalogue(),
    "referentiels.versions": lambda b: b.referentiels.versions(),
    "referentiels.en_vigueur": lambda b: b.referentiels.en_vigueur(Referentiel.ZONAGE, JOUR),
    "referentiels.empreinte": lambda b: b.referentiels.empreinte(JOUR),
    "referentiels.zone": lambda b: b.referentiels.zone("18001", JOUR),
    "referentiels.commune": lambda b: b.referentiels.commune("18001"),
    "referentiels.communes": lambda b: b.referentiels.communes(JOUR),
    "referentiels.quartiers": lambda b: b.referentiels.quartiers(JOUR),
    "postes.all": lambda b: b.postes.all(),
    "postes.of_dossier": lambda b: b.postes.of_dossier(1),
    "inscriptions.stale": lambda b: list(b.inscriptions.stale(DEMARCHE, lecture="l1", jour=JOUR)),
    "inscriptions.find": lambda b: b.inscriptions.find(1),
    "inscriptions.warning": lambda b: b.inscriptions.warning(1),
    "inscriptions.alike": lambda b: b.inscriptions.alike(replace(ENTREE, dossier=2)),
    "inscriptions.contenders": lambda b: list(b.inscriptions.contenders()),
    "inscriptions.entered": lambda b: list(b.inscriptions.entered()),
    "inscriptions.movements": lambda b: b.inscriptions.movements(),
    "inscriptions.world_told": lambda b: b.inscriptions.world_told(DEMARCHE),
    "inscriptions.sceller": lambda b: b.inscriptions.sceller("candidat"),
    "inscriptions.judged": lambda b: list(b.inscriptions.judged(DEMARCHE, sauf=None)),
    "relectures.of": lambda b: b.relectures.of(1),
    "relectures.restantes": lambda b: b.relectures.restantes(DEMARCHE),
    "decisions.en_vigueur": lambda b: b.decisions.en_vigueur(1, FICHIER),
    "decisions.all": lambda b: b.decisions.all(FICHIER),
    "decisions.retenus": lambda b: b.decisions.retenus(FICHIER),
    "decisions.en_attente": lambda b: b.decisions.en_attente(FICHIER),
    "dossiers.counted": lambda b: list(b.dossiers.counted(DEMARCHE, RETENUE)),
    "reglages.get_with_date": lambda b: b.reglages.get_with_date("a"),
    "dossiers.erased": lambda b: b.dossiers.erased(DEMARCHE),
    "effacement.due": lambda b: b.effacement.due(Conservation(), now=NOW),
    "effacement.a_refaire": lambda b: b.effacement.a_refaire(),
    "effacement.journal_due": lambda b: b.effacement.journal_due(Conservation(), now=NOW + timedelta(days=500)),
    "effacement.of": lambda b: b.effacement.of(9),
    "effacement.everything": lambda b: b.effacement.everything(1),
    "effacement.holding": lambda b: b.effacement.holding("réponse"),
    "effacement.counts": lambda b: b.effacement.counts(DEMARCHE),
    "journal.lines": lambda b: list(b.journal.lines(since=T0)),
    "damages": lambda b: b.damages(),
}


def fill(base):
    """Something in every table."""
    save(base, fiche(1), fiche(2), fiche(3), watermark=filigrane("c1"), supprimes=(supprime(3),))
    save(base, trous=(Trou(cause="nul"), Trou(cause="nul", number=4)))
    base.dossiers.save_demarche(FORM, now=NOW)
    base.dossiers.save_evaluations([evaluation(fiche(1)), evaluation(fiche(1), politique="p2")])
    base.dossiers.save_report(DEMARCHE, **REPORT)
    base.dossiers.pause("avant", now=NOW)
    base.reglages.put("a", "b", now=NOW)
    for state in ("rejected", "handed_to_human"):
        base.ledger.open(intention(state), now=NOW)
        base.ledger.close(state, EtatIntention(state), now=NOW)
    base.ledger.open(intention("ouverte"), now=NOW)
    base.referentiels.save_communes(replace(version("communes"), arrete="avant"), communes(2))
    base.referentiels.save_zonage(replace(version("zonage"), arrete="avant"), zones(2))
    base.referentiels.save_qpv(replace(version("qpv"), arrete="avant"), quartiers(2))
    base.postes.save([POSTE], now=NOW)
    base.inscriptions.enter([(ENTREE, "avant", "")], lecture="l1")
    base.inscriptions.told({1: ("avant", "1")})
    base.inscriptions.tell_world(DEMARCHE, 1, JOUR)
    base.decisions.note(1, FICHIER, decision(1), now=NOW)
    base.effacement.erase([AEffacer(number=9, demarche=DEMARCHE, motif=Motif.OUBLI)], now=NOW)
    base.journal.note(Ligne(at=NOW, qui="agent", quoi="essai"))
    for name in ("dossiers.pending", "inscriptions.stale", "inscriptions.sceller"):
        READS[name](base)  # the first time, their queue or their key is made: then they only read


@pytest.fixture
def path(tmp_path):
    return tmp_path / "base.db"


@pytest.fixture(scope="module")
def remplie(tmp_path_factory):
    """Filled once; each test has a copy of it."""
    path = tmp_path_factory.mktemp("remplie") / "base.db"
    with store.ouvrir(path) as base:
        fill(base)
    assert not path.with_name("base.db-wal").exists()
    return path


@pytest.fixture
def filled(remplie, path):
    return shutil.copy(remplie, path)


def answers(base):
    return {name: read(base) for name, read in READS.items()}


def test_every_public_method_is_tried_here(filled):
    with store.ouvrir(filled) as base:
        parts = {name: getattr(base, name) for name in Base.__slots__ if name not in {"path", "connexion", "refaits"}}
        public = {f"{part}.{m}" for part, it in parts.items() for m in dir(it) if not m.startswith("_")} | {"damages"}
    assert public == set(WRITES) | set(READS)


# -- locked --------------------------------------------------------------------------------------------------------


@pytest.fixture
def locked(filled):
    """The database while another program writes to it."""
    with store.ouvrir(filled, attente=0.02) as base:
        other = sqlite3.connect(filled, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        yield base
        other.close()


@pytest.mark.parametrize("name", WRITES)
def test_a_write_to_a_locked_database_is_refused_in_french(locked, name):
    before = answers(locked)
    with pytest.raises(StoreError, match="verrouillée") as caught:
        WRITES[name](locked)
    assert "Fermez le programme" in caught.value.hint
    assert answers(locked) == before


@pytest.mark.parametrize("name", READS)
def test_reading_a_locked_database_works(locked, filled, name):
    found = READS[name](locked)
    with store.ouvrir(filled) as other:
        assert READS[name](other) == found


def test_a_locked_database_of_an_older_schema_cannot_be_brought_up_to_date(path):
    path.touch()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="verrouillée"), store.ouvrir(path, attente=0.02):
        pass
    other.close()


def test_a_write_waits_for_the_other_one_to_end(filled):
    other = sqlite3.connect(filled, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.2, other.execute, ("COMMIT",))
    with store.ouvrir(filled, attente=20) as base:
        release.start()
        base.reglages.put("a", "attendu", now=NOW)
        assert base.reglages.get("a") == "attendu"
    release.join()
    other.close()


# -- read-only -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ordinary(filled):
    """A copy of the database that belongs to an ordinary account, which the test then is: root ignores rights."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    path = folder / "base.db"
    shutil.copy(filled, path)
    root = os.geteuid() == 0
    if root:
        os.chown(folder, NOBODY, NOBODY)
        os.chown(path, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    yield path
    folder.chmod(0o700)
    if root:
        os.seteuid(0)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", WRITES)
def test_a_write_to_a_read_only_file_is_refused_in_french(ordinary, name):
    ordinary.chmod(0o400)
    with store.ouvrir(ordinary) as base:
        before = answers(base)
        with pytest.raises(StoreError, match="en lecture seule") as caught:
            WRITES[name](base)
        assert answers(base) == before
    assert "droit d’écrire" in caught.value.hint


def test_a_read_only_file_is_still_read_and_stays_read_only(ordinary):
    with store.ouvrir(ordinary) as base:
        before = answers(base)
    ordinary.chmod(0o444)
    with store.ouvrir(ordinary) as base:
        assert answers(base) == before
    assert ordinary.stat().st_mode & 0o777 == 0o400


def test_a_read_only_folder_is_refused_in_french(ordinary):
    ordinary.parent.chmod(0o500)
    with pytest.raises(StoreError, match=r"ne peut pas être ouvert|lecture seule"), store.ouvrir(ordinary):
        pass


def test_a_new_database_in_a_read_only_folder_is_refused_in_french(ordinary):
    ordinary.parent.chmod(0o500)
    with pytest.raises(StoreError, match="accès est refusé") as caught, store.ouvrir(ordinary.parent / "neuve.db"):
        pass
    assert "propriété" in caught.value.hint


def test_a_file_that_may_not_be_read_is_refused_in_french(ordinary):
    ordinary.chmod(0o000)
    with pytest.raises(StoreError, match="ne peut pas être ouvert"), store.ouvrir(ordinary):
        pass


def test_a_file_of_another_account_open_to_all_is_refused(ordinary):
    if os.getuid() != 0:
        pytest.skip("il faut être root pour changer un fichier de propriétaire")
    os.seteuid(0)
    os.chown(ordinary, 0, 0)
    ordinary.chmod(0o666)
    os.seteuid(NOBODY)
    with pytest.raises(StoreError, match="appartient à un autre compte"), store.ouvrir(ordinary):
        pass


def test_a_lock_in_a_read_only_folder_is_refused_in_french(ordinary):
    ordinary.parent.chmod(0o500)
    with pytest.raises(StoreError, match="accès est refusé"), store.verrou(ordinary):
        pass


# -- full ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path):
    """A disk of two megabytes, and how to fill it to the last byte."""
    disk = tmp_path / "disque"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("il faut pouvoir monter un petit disque")
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def stuff(disk):
    """Leave not a byte free."""
    ballast = disk / "lest"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    return ballast


@pytest.mark.parametrize("name", WRITES)
def test_a_write_to_a_full_disk_is_refused_in_french_and_works_once_there_is_room(small_disk, filled, name):
    path, write = small_disk / "base.db", AMPLES.get(name, WRITES[name])
    shutil.copy(filled, path)
    with store.ouvrir(path) as base:
        PREPARE.get(name, lambda _base: None)(base)
        before = answers(base)
        ballast = stuff(small_disk)
        with pytest.raises(StoreError, match="disque est plein") as caught:
            write(base)
        assert "Libérez de l’espace" in caught.value.hint
        assert answers(base) == before
        ballast.unlink()
        write(base)
        assert base.damages() == ()


@pytest.mark.parametrize("name", ["ancienne.db", "neuve.db"])
def test_a_database_cannot_be_opened_on_a_full_disk_and_can_once_there_is_room(small_disk, filled, name):
    path = small_disk / name
    shutil.copy(filled, small_disk / "ancienne.db")
    ballast = stuff(small_disk)
    with pytest.raises(StoreError, match="disque"), store.ouvrir(path) as base:
        base.reglages.put("a", "b", now=NOW)
    ballast.unlink()
    with store.ouvrir(path) as base:
        base.reglages.put("a", "b", now=NOW)
        assert base.damages() == ()


@pytest.mark.parametrize("name", ["dossiers.save_page", "dossiers.save_demarche"])
def test_a_database_that_may_not_grow_says_that_the_disk_is_full(filled, name):
    with store.ouvrir(filled) as base:
        base.connexion.rows(f"PRAGMA max_page_count = {base.connexion.row('PRAGMA page_count')[0]}")
        before = answers(base)
        with pytest.raises(StoreError, match="disque est plein"):
            WRITES[name](base)
        assert answers(base) == before


# -- damaged -------------------------------------------------------------------------------------------------------


def try_everything(path):
    """Open the database and call everything, accepting only a `StoreError` as a failure; those there were."""
    failures = []
    with collected(failures), store.ouvrir(path) as base:
        for call in (*READS.values(), *WRITES.values()):
            with collected(failures):
                call(base)
    assert all(str(error) and error.hint for error in failures)
    return failures


@contextlib.contextmanager
def collected(failures):
    try:
        yield
    except StoreError as error:
        failures.append(error)


def test_a_file_cut_short_is_a_store_error(filled):
    size = filled.stat().st_size
    with filled.open("r+b") as file:
        file.truncate(size // 2)
    assert try_everything(filled)


def test_pages_of_garbage_are_a_store_error_and_never_anything_else(filled):
    clean = filled.read_bytes()
    dice = random.Random(5)
    failures = []
    for _ in range(60):
        page = dice.randrange(1, len(clean) // 4096)
        filled.write_bytes(clean[: page * 4096] + dice.randbytes(4096) + clean[(page + 1) * 4096 :])
        failures += try_everything(filled)
        for end in ("-wal", "-shm"):
            filled.with_name(f"{filled.name}{end}").unlink(missing_ok=True)
    assert len(failures) > 60


def test_a_changed_byte_anywhere_is_never_anything_else_than_a_store_error(filled):
    clean = filled.read_bytes()
    dice = random.Random(7)
    for _ in range(120):
        at = dice.randrange(len(clean))
        filled.write_bytes(clean[:at] + bytes([clean[at] ^ (1 << dice.randrange(8))]) + clean[at + 1 :])
        try_everything(filled)
        for end in ("-wal", "-shm"):
            filled.with_name(f"{filled.name}{end}").unlink(missing_ok=True)


def test_damage_is_found_by_reading_the_whole_file(filled):
    with store.ouvrir(filled) as base:
        assert base.damages() == ()
        root = base.connexion.row("SELECT rootpage FROM sqlite_schema WHERE name = 'dossiers_a_juger'")[0]
    data = bytearray(filled.read_bytes())
    data[(root - 1) * 4096 : root * 4096] = data[:4096]
    filled.write_bytes(data)
    with store.ouvrir(filled) as base, contextlib.suppress(StoreError):
        assert base.damages() != ()


def test_a_damaged_database_says_what_to_do(filled):
    data = bytearray(filled.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    filled.write_bytes(data)
    with pytest.raises(StoreError, match="endommagé") as caught, store.ouvrir(filled) as base:
        base.dossiers.dossier(1)
    assert "restaurez la dernière sauvegarde" in caught.value.hint


# -- two at once ---------------------------------------------------------------------------------------------------


def test_a_second_instance_is_refused_and_a_reader_beside_it_is_not(filled):
    with store.verrou(filled), store.ouvrir(filled) as base:
        second = subprocess.run(
            [sys.executable, "-c", SECOND, str(filled)], capture_output=True, text=True, check=False, timeout=60
        )
        assert second.stdout.split() == ["AlreadyRunning", "75", "1"]
        assert base.ledger.open(intention("autre"), now=NOW)


SECOND = """
import pathlib, sys
from connector import store
from connector.errors import ConnectorError
path = pathlib.Path(sys.argv[1])
try:
    with store.verrou(path):
        print("lock taken twice")
except ConnectorError as error:
    print(type(error).__name__, error.exit_code)
with store.ouvrir(path) as base:
    print(len(base.ledger.unsettled(4242)))
"""
