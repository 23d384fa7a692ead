"""The database is lost, comes back old, or its disk gives up, under the whole program: nothing is sent twice.

What the store itself does of each accident is in test_store_disk.py and test_store_crash.py.
"""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
import subprocess
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from connector import demo
from connector.core.empreintes import reference_in
from connector.sandbox import formulaire as form
from connector.sandbox import monde, scenario
from connector.sandbox.monde import CAS
from connector.sandbox.recit import piece
from connector.sandbox.server import Sandbox
from tests.e2e.conftest import SANS_LIMITE, settings_text
from tests.faults.forge import Forge
from tests.faults.test_kill_matrix import copie, differe, retire, vu
from tests.faults.test_soak import Heure, Service, ecrits

PEU = ("complet", "complet_cat_1", "sans_cv", "sans_lettre", "hors_zone", "suivi_manuel", "en_instruction")


class Scene:
    """A world whose clock both sides share, its server, and a configuration of ours."""

    def __init__(self, folder: Path, heure: Heure, bac: Sandbox) -> None:
        self.heure, self.bac, self.folder = heure, bac, folder
        self.config = demo.preparer(folder / "demo", bac, bac.world)
        self.base = self.config.parent / "demo.sqlite"
        self.regle(
            delai_reponse_perdue_s="0.2",
            delais=f"{{ connexion_s = 10, reponse_s = 60, requetes_par_minute = {SANS_LIMITE} }}",
        )

    def regle(self, **values: str) -> None:
        """Change keys of the configuration."""
        text = settings_text(self.config.read_text(encoding="utf-8"), **values)
        self.config.write_text(text, encoding="utf-8")

    def passe(self, fois: int = 1) -> list[dict]:
        """Cycles of one process at the shared hour."""
        service = Service(self.config, self.heure)
        try:
            return [service.passe() for _ in range(fois)]
        finally:
            service.finit()

    def copie(self, ou: str) -> Path:
        """Keep a copy of the database, as a backup does."""
        kept = self.folder / ou
        kept.mkdir()
        for file in self.base.parent.glob("demo.sqlite*"):
            shutil.copy(file, kept)
        return kept

    def remet(self, kept: Path | None) -> None:
        """Put a copy in the place of the database, or a new one that knows the zoning and nothing else."""
        for file in self.base.parent.glob("demo.sqlite*"):
            file.unlink()
        for file in kept.iterdir() if kept else ():
            shutil.copy(file, self.base.parent)
        if kept is None:
            demo._importer(self.config.parent, self.config)

    def references(self) -> dict[int, list[str]]:
        """The references of our messages in each dossier."""
        found = {d.number: [reference_in(m.body) for m in d.messages] for d in self.bac.world.dossiers.values()}
        return {number: [r for r in refs if r] for number, refs in found.items() if any(refs)}


@pytest.fixture
def scene(tmp_path):
    heure = Heure()
    world = monde.monde_par_defaut(heure)
    retire(world, PEU)
    with Sandbox(world, limite=SANS_LIMITE) as bac:
        yield Scene(tmp_path, heure, bac)


def le_lendemain(scene: Scene) -> None:
    """A day goes by; an answer, a new request, a question, a decision to keep a dossier in hand."""
    scene.heure.decalage += timedelta(days=1)
    world = scene.bac.world
    scenario.usager_corrige(world, CAS["sans_cv"], {form.CV: [piece(form.CV, CAS["sans_cv"])]})
    scenario.usager_corrige(world, CAS["sans_lettre"], {form.CV: []})
    scenario.usager_envoie_message(world, CAS["hors_zone"], "Bonjour, où en est notre dossier ?")
    scenario.instructeur_repasse_en_construction(world, CAS["complet"])
    scenario.usager_corrige(world, CAS["complet"], {form.CONVENTION: []})


def le_surlendemain(scene: Scene) -> None:
    """Another day: what was asked comes, more goes missing."""
    scene.heure.decalage += timedelta(days=1)
    world = scene.bac.world
    scenario.usager_corrige(world, CAS["sans_lettre"], {form.LETTRE: [piece(form.LETTRE, CAS["sans_lettre"])]})
    scenario.instructeur_retire_label(world, CAS["suivi_manuel"], form.SUIVI_MANUEL)
    scenario.usager_envoie_message(world, CAS["suivi_manuel"], "Bonjour, avez-vous tout reçu ?")


def test_a_database_lost_or_days_old_sends_nothing_twice(scene):
    copies: list[Path | None] = [None]
    for jour in (None, le_lendemain, le_surlendemain):
        copies.append(scene.copie(f"jour-{len(copies)}"))
        if jour:
            jour(scene)
        scene.passe(2)
    scene.heure.decalage += timedelta(days=1)
    world, before = copie(scene.bac.world), vu(scene.bac.world)
    assert sum(len(refs) for refs in scene.references().values()) >= 5
    for kept in copies:
        scene.bac.world = copie(world)
        scene.remet(kept)
        passes = scene.passe(3)
        assert ([one["code"] for one in passes], ecrits(passes[-1])) == ([0, 0, 0], 0)
        after = vu(scene.bac.world)
        changed = [
            (n, k, differe(after[n][k], before[n][k])) for n in before for k in before[n] if after[n][k] != before[n][k]
        ]
        assert changed == [], kept


def test_what_happens_after_an_old_database_came_back_is_answered_once(scene):
    scene.passe(2)
    kept = scene.copie("ancienne")
    le_lendemain(scene)
    scene.passe(2)
    scene.remet(kept)
    le_surlendemain(scene)
    scene.passe(2)
    for number, refs in scene.references().items():
        assert len(refs) == len(set(refs)), number
    assert len(scene.references()[CAS["sans_lettre"]]) == 3
    assert len(scene.references()[CAS["suivi_manuel"]]) == 1


# the disk, under the program ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def disque(tmp_path):
    """A disk of three megabytes."""
    folder = tmp_path / "disque"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("il faut pouvoir monter un petit disque")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def remplit(folder: Path):
    """Leave not a byte free; what frees it."""
    lest = folder / "lest"
    with contextlib.suppress(OSError), lest.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)
    return lest.unlink


def verrouille(folder: Path):
    """Hold the database as another program would; what lets go."""
    (path,) = folder.glob("*.sqlite")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    def lache() -> None:
        other.rollback()
        other.close()

    return lache


def au_rang(scene: Scene, rang: int, acte) -> list:
    """Do that when the `rang`-th write reaches the server; what undoes it comes in the list."""
    seen, undo = [0], []

    def touche(appel):
        seen[0] += appel.mutation
        if appel.mutation and seen[0] == rang and not undo:
            undo.append(acte())
        return False

    scene.bac.faults.ajoute("latence", quand=touche)
    return undo


def ecrites_d_avance(scene: Scene, base: Path) -> None:
    """The database is sound, and every message that DS holds is one that it knows it may have sent."""
    with contextlib.closing(sqlite3.connect(base)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        known = {cible for (cible,) in db.execute("SELECT cible FROM intentions WHERE kind = 'message'")}
    for refs in scene.references().values():
        for ref in refs:
            assert any(ref in cible for cible in known), ref


def relit_avant_d_envoyer(scene: Scene) -> list[str]:
    """Hear every call from now on: the messages sent although the call before was not the reading of their dossier."""
    wrong: list[str] = []
    last: list[object] = [None]

    def entend(appel):
        if "dossierEnvoyerMessage" in appel.racines and last[0] != ("dossier",):
            wrong.append(f"{appel.rang} after {last[0]}")
        last[0] = appel.racines
        return False

    scene.bac.faults.ajoute("latence", quand=entend)
    return wrong


def finit_comme_voulu(scene: Scene) -> None:
    """Start again: all is there exactly once, each message after its dossier was read again."""
    wrong = relit_avant_d_envoyer(scene)
    passes = scene.passe(3)
    assert ([one["code"] for one in passes], ecrits(passes[-1])) == ([0, 0, 0], 0), passes
    assert wrong == []
    assert {n: len(set(r)) for n, r in scene.references().items()} == {CAS["sans_cv"]: 1, CAS["sans_lettre"]: 1}
    assert [len(r) for r in scene.references().values()] == [1, 1]
    for name in ("complet", "complet_cat_1"):
        events = [t.event for t in scene.bac.world.dossiers[CAS[name]].traitements]
        assert events == ["depose", "passe_en_instruction"], name
    for name in PEU:
        assert vu(scene.bac.world)[CAS[name]]["labels"] or name == "en_instruction", name


ACCIDENTS = {"full": remplit, "locked": verrouille}


@pytest.mark.parametrize(("accident", "rang"), [("full", 1), ("full", 12), ("locked", 6)])
def test_a_disk_that_gives_up_at_a_write_is_told_and_costs_nothing(scene, disque, accident, rang):
    base = disque / "base.sqlite"
    shutil.copy(scene.base, base)
    scene.regle(chemin=f'"{base}"')
    undo = au_rang(scene, rang, lambda: ACCIDENTS[accident](disque))
    (stopped,) = scene.passe()
    assert stopped["code"] == 74, stopped
    words = {"full": "le disque est plein", "locked": "verrouillée"}
    assert words[accident] in stopped["erreur"]
    undo[0]()
    ecrites_d_avance(scene, base)
    scene.bac.faults.vide()
    finit_comme_voulu(scene)


def test_a_disk_gone_read_only_is_told_before_anything_is_sent(scene, disque):
    base = disque / "base.sqlite"
    shutil.copy(scene.base, base)
    scene.regle(chemin=f'"{base}"')
    scene.bac.reset()
    subprocess.run(["mount", "-o", "remount,ro", disque], check=True)
    with Forge() as forge:
        done = forge.passe(scene.config)
    assert done["code"] != 0
    assert scene.bac.compteurs.posts == 0, "not even a reading"
    subprocess.run(["mount", "-o", "remount,rw", disque], check=True)
    finit_comme_voulu(scene)


def test_killed_at_any_time_the_database_opens_and_knows_all_that_was_sent(scene):
    hasard = random.Random(5)
    with Forge() as forge:
        for _ in range(5):
            kill = threading.Timer(hasard.uniform(0.2, 1.2), lambda: forge.enfant and _tue(forge))
            kill.start()
            forge.passe(scene.config)
            kill.cancel()
            kill.join()
            ecrites_d_avance(scene, scene.base)
    finit_comme_voulu(scene)


def _tue(forge: Forge) -> None:
    with contextlib.suppress(ProcessLookupError):
        forge.tue()
