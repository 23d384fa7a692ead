"""At every write of a rich scenario, at every moment around it, the process is killed by SIGKILL and started again.

Every message must then be there exactly once, every annotation, label and state as if nothing had happened, every row
of the ledger over. A sample runs with the other tests; `make soak` runs the whole matrix and prints it.
"""

from __future__ import annotations

import copy
import os
import random
import shutil
import signal
import socket
import sqlite3
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from connector import demo, wiring
from connector.core.empreintes import reference_in
from connector.sandbox import formulaire as form
from connector.sandbox import monde, scenario
from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS
from connector.sandbox.recit import piece
from connector.sandbox.server import Sandbox
from connector.sandbox.world import World
from tests.e2e.conftest import SANS_LIMITE, settings_text
from tests.faults.forge import SERVEUR, Forge, Moment

RICHE = (
    *("complet", "complet_cat_1", "remplacement", "quartier_prioritaire", "derogation", "hors_zone"),
    *("sans_cv", "sans_lettre", "sans_piece", "fichier_vide", "format_refuse"),
    *("suivi_manuel", "avant_service", "message_humain", "annotations_humaines", "en_instruction", "liste_attente"),
    "accepte_desiste",
)
"""Complete, incomplete, out of zone, under examination, in human hands: every kind of write is called for."""

MINIMUM = 200
CAS_TUES = int(os.environ.get("KILL_CASES", "0"))
"""How many cases of the whole matrix to draw, 0 for all of them."""

SUITES = 1
"""Passes that may still write after one that wrote: a dossier that it passed to instruction is told so."""

FINIES = {"done", "rejected", "handed_to_human", "planned"}


def retire(world: World, names: tuple[str, ...]) -> None:
    """Keep those dossiers only."""
    kept = {CAS[name] for name in names}
    for dossier in list(world.dossiers.values()):
        if dossier.number not in kept:
            world.remove_dossier(dossier)


def copie(world: World) -> World:
    """Another world in the same state; nothing may be due in it."""
    world.settle(force=True)
    other = World(world.now, capacites=world.capacites)
    kept = {id(world.lock): other.lock, id(world.now): world.now}
    for name, value in copy.deepcopy({k: v for k, v in vars(world).items() if k not in vars_fixes}, kept).items():
        setattr(other, name, value)
    return other


vars_fixes = {"now", "lock", "capacites"}


def vu(world: World) -> dict[int, dict]:
    """All that our writes may change, dossier by dossier; the day of the check aside."""
    return {number: _vu(world, dossier) for number, dossier in world.dossiers.items()}


def _vu(world, dossier):
    revision = world.revision_de(dossier)
    controle = revision.nomme("Contrôlé le", prive=True).stable_id
    ours = [reference_in(m.body) for m in dossier.messages if reference_in(m.body)]
    return {
        "etat": dossier.state,
        "traitements": [t.event for t in dossier.traitements],
        "labels": sorted(dossier.labels),
        "valeurs": {k: v.valeur for k, v in dossier.lit()[0].items() if k[0] != controle},
        "references": Counter(ours),
        "corrections": sum(m.correction is not None for m in dossier.messages),
        "autres_messages": len(dossier.messages) - len(ours),
    }


def deuxieme_temps(world: World) -> None:
    """What people do between the two passes: most plans change."""
    cv = {form.CV: [piece(form.CV, CAS["sans_cv"])]}
    scenario.usager_corrige(world, CAS["sans_cv"], cv)
    scenario.usager_corrige(world, CAS["sans_lettre"], {form.LETTRE: [piece(form.LETTRE, CAS["sans_lettre"])]})
    scenario.usager_corrige(world, CAS["sans_piece"], {form.CV: [piece(form.CV, CAS["sans_piece"])]})
    scenario.usager_corrige(world, CAS["format_refuse"], {})
    scenario.instructeur_retire_label(world, CAS["suivi_manuel"], form.SUIVI_MANUEL)
    scenario.usager_envoie_message(world, CAS["suivi_manuel"], "Bonjour, avez-vous reçu notre dossier ?")
    scenario.instructeur_annote(world, CAS["derogation"], {"Dérogation PET": "Accordée"})
    scenario.instructeur_repasse_en_construction(world, CAS["complet"])
    scenario.usager_envoie_message(world, CAS["complet"], "Nous remplaçons la convention.")
    scenario.usager_corrige(world, CAS["complet"], {form.CONVENTION: []})


@dataclass
class Etape:
    """One pass of the scenario: the world and the database before it, the writes it makes, and what it leads to."""

    nom: str
    world: World
    base: Path
    ecritures: list[str] = field(default_factory=list)
    apres: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Cas:
    """One death: in which pass, at which write (from 1), of which kind, and when."""

    etape: int
    rang: int
    operation: str
    moment: Moment

    def __str__(self):
        return f"pass {self.etape + 1}, write {self.rang} ({self.operation}), {self.moment}"


@dataclass(frozen=True)
class Resultat:
    """What a case left: messages there twice, effects missing, and everything else that is not as it should be."""

    cas: Cas
    doublons: int
    pertes: int
    ecarts: tuple[str, ...]


class Champ:
    """A sandbox, a configuration and a forge; plays the scenario once undisturbed, then kills."""

    def __init__(self, folder: Path, bac: Sandbox, forge: Forge, config: Path) -> None:
        self.folder, self.bac, self.forge, self.config = folder, bac, forge, config
        self.base = config.parent / "demo.sqlite"
        self.etapes: list[Etape] = []

    def joue(self) -> None:
        """The scenario without any death: what must be found again after each one."""
        for rang, nom in enumerate(("first pass", "after people acted")):
            if rang:
                time.sleep(1.1)  # DS dates to the second: a round must not look like the one before
                deuxieme_temps(self.bac.world)
            etape = Etape(nom, copie(self.bac.world), self._garde(rang))
            self.bac.reset()
            done = self.forge.passe(self.config, fois=SUITES + 2)
            assert done["mort"] == 0, done
            assert not mutations(done["comptes"][1 + SUITES :]), f"it goes on writing: {done['comptes']}"
            etape.ecritures = [e.operation for e in self.bac.mutations()]
            etape.apres = vu(self.bac.world)
            self.etapes.append(etape)

    def _garde(self, rang: int) -> Path:
        kept = self.folder / f"avant-{rang}"
        kept.mkdir()
        for file in self.base.parent.glob("demo.sqlite*"):
            shutil.copy(file, kept)
        return kept

    def pose(self, etape: Etape) -> None:
        """Put the world and the database back as they were before that pass."""
        for file in self.base.parent.glob("demo.sqlite*"):
            file.unlink()
        for file in etape.base.iterdir():
            shutil.copy(file, self.base.parent)
        self.bac.world = copie(etape.world)
        self.bac.faults.vide()
        self.bac.reset()

    def cas(self) -> list[Cas]:
        """Every write of the scenario, at every moment."""
        return [
            Cas(i, rang, operation, moment)
            for i, etape in enumerate(self.etapes)
            for rang, operation in enumerate(etape.ecritures, start=1)
            for moment in Moment
        ]

    def tue(self, cas: Cas) -> Resultat:
        """Kill there, start again until nothing moves, and compare with the scenario undisturbed."""
        etape = self.etapes[cas.etape]
        self.pose(etape)
        self._prepare(cas)
        dead = self.forge.passe(self.config, rang=cas.rang, moment=cas.moment, fois=1 + SUITES, obeit=self.bac.stop)
        ecarts = [] if dead["mort"] == signal.SIGKILL else [f"not killed: {dead}"]
        self.bac.faults.vide()
        if cas.moment is Moment.FERMEE:
            self.bac.start()
        again = self.forge.passe(self.config, fois=SUITES + 2)
        ecarts += [f"{c}" for c in again["comptes"] if c["code"]] + ([f"{again}"] if again["mort"] else [])
        ecarts += [f"it goes on writing: {again['comptes']}"] if mutations(again["comptes"][1 + SUITES :]) else []
        return self._compare(cas, etape, ecarts)

    def _prepare(self, cas: Cas) -> None:
        """Have the server do its part of the accident at that write."""
        genre = {Moment.AVANT: Genre.RESET_AVANT, Moment.APRES: Genre.RESET_APRES, Moment.PERDUE: Genre.RESET_APRES}
        if cas.moment not in genre:
            return
        seen, lock = [0], threading.Lock()

        def touche(appel):
            with lock:
                seen[0] += appel.mutation
                if not appel.mutation or seen[0] != cas.rang:
                    return False
            if cas.moment in SERVEUR:
                self.forge.tue()
            return True

        self.bac.faults.ajoute(genre[cas.moment], quand=touche)

    def _compare(self, cas: Cas, etape: Etape, ecarts: list[str]) -> Resultat:
        found, doublons, pertes = vu(self.bac.world), 0, 0
        for number, wanted in etape.apres.items():
            here = found[number]
            doublons += sum((here["references"] - wanted["references"]).values())
            pertes += sum((wanted["references"] - here["references"]).values())
            for part, value in wanted.items():
                if here[part] != value:
                    ecarts.append(f"{number}, {part}: {differe(here[part], value)}")
        with sqlite3.connect(self.base) as base:
            states = {state for (state,) in base.execute("SELECT state FROM intentions")}
            sound = base.execute("PRAGMA integrity_check").fetchall()
        base.close()
        ecarts += [f"ledger: {state}" for state in states - FINIES]
        ecarts += [] if sound == [("ok",)] else [f"database: {sound}"]
        return Resultat(cas, doublons, pertes, tuple(ecarts))


def differe(here, wanted) -> str:
    """What differs, in short."""
    if isinstance(wanted, dict):
        keys = [k for k in {*here, *wanted} if here.get(k) != wanted.get(k)]
        return "; ".join(f"{k}: {here.get(k)!r} instead of {wanted.get(k)!r}" for k in keys)
    return f"{here!r} instead of {wanted!r}"


def mutations(comptes) -> int:
    """How many writes those passes made."""
    return sum(c.get(k, 0) for c in comptes for k in ("messages", "transitions", "annotations", "labels"))


def port_libre() -> int:
    """A port that no client is ever given: it must still be free when the server comes back to it."""
    for port in random.SystemRandom().sample(range(20_000, 32_000), 50):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)):
                return port
    raise AssertionError("no port is free")


@contextmanager
def champ(folder: Path):
    """The field, the scenario played."""
    world = monde.monde_par_defaut(wiring.now)
    retire(world, RICHE)
    with Sandbox(world, limite=SANS_LIMITE, port=port_libre()) as bac, Forge() as forge:
        config = demo.preparer(folder / "demo", bac, world)
        delais = f"{{ connexion_s = 10, reponse_s = 60, requetes_par_minute = {SANS_LIMITE} }}"
        text = settings_text(
            config.read_text(encoding="utf-8"),
            delai_reponse_perdue_s="0.2",
            delais=delais,
            par_dossier_par_jour="20",
        )
        config.write_text(text, encoding="utf-8")
        it = Champ(folder, bac, forge, config)
        it.joue()
        yield it


def imprime(results: list[Resultat], seconds: float) -> str:
    """The matrix: cases by kind of write and moment, then duplicates and losses."""
    moments = list(Moment)
    lines = ["", f"{'write':<28}" + "".join(f"{m.name:>10}" for m in moments)]
    for operation in sorted({r.cas.operation for r in results}):
        row = [sum(r.cas.operation == operation and r.cas.moment is m for r in results) for m in moments]
        lines.append(f"{operation:<28}" + "".join(f"{n:>10}" for n in row))
    doublons, pertes = sum(r.doublons for r in results), sum(r.pertes for r in results)
    others = sum(bool(r.ecarts) for r in results)
    lines.append(
        f"{len(results)} cases in {seconds:.0f} s: {doublons} duplicates, {pertes} losses, {others} other discrepancies"
    )
    return "\n".join(lines)


def juge(results: list[Resultat]) -> None:
    """Nothing twice, nothing lost, nothing otherwise than wanted."""
    wrong = [
        f"{r.cas}: {r.doublons} twice, {r.pertes} lost, {r.ecarts}"
        for r in results
        if r.doublons or r.pertes or r.ecarts
    ]
    assert wrong == []


def echantillon(cas: list[Cas]) -> list[Cas]:
    """About ten of them: each kind of write of each pass, the moments taken in turn."""
    moments = list(Moment)
    kinds = dict.fromkeys((c.etape, c.operation) for c in cas)
    chosen = []
    for turn, (etape, operation) in enumerate(kinds):
        here = [c for c in cas if (c.etape, c.operation) == (etape, operation)]
        of_moment = [c for c in here if c.moment is moments[turn % len(moments)]]
        chosen.append(of_moment[turn % len(of_moment)])
    return list(dict.fromkeys(chosen))


def test_a_sample_of_the_kill_matrix_leaves_nothing_twice_and_nothing_lost(tmp_path, capsys):
    with champ(tmp_path) as it:
        chosen, start = echantillon(it.cas()), time.monotonic()
        results = [it.tue(cas) for cas in chosen]
    with capsys.disabled():
        print(imprime(results, time.monotonic() - start))  # noqa: T201 - the matrix is the point
    assert {r.cas.moment for r in results} == set(Moment)
    juge(results)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_the_whole_kill_matrix_leaves_nothing_twice_and_nothing_lost(tmp_path, capsys):
    with champ(tmp_path) as it:
        start, every = time.monotonic(), it.cas()
        chosen = random.Random(1).sample(every, min(CAS_TUES or len(every), len(every)))
        results = []
        for cas in chosen:
            results.append(it.tue(cas))
            if len(results) % 50 == 0:
                with capsys.disabled():
                    print(imprime(results, time.monotonic() - start), flush=True)  # noqa: T201 - a long wait
    with capsys.disabled():
        print(imprime(results, time.monotonic() - start), flush=True)  # noqa: T201 - the matrix is the point
    assert len(results) >= MINIMUM
    juge(results)
