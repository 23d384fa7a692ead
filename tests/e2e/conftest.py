"""A sandbox over real HTTP, a configuration pointed at it, and the program run as a user runs it."""

from __future__ import annotations

import io
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from connector import cli, daemon, demo, wiring
from connector.core.empreintes import reference_in
from connector.sandbox import monde
from connector.sandbox.server import Sandbox
from connector.sandbox.world import World

SANS_LIMITE = 1_000_000


def settings_text(text: str, **values: str) -> str:
    """The configuration with those keys set, each where it already stands."""
    for key, value in values.items():
        text, changed = re.subn(rf"(?m)^(#\s*)?{key} = .*$", f"{key} = {value}", text, count=1)
        assert changed, key
    return text


def plain(text: object) -> str:
    """The text with ordinary spaces."""
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


class Banc:
    """A test bench: a world, its server, and a configuration of ours that reaches it."""

    def __init__(self, world: World, bac: Sandbox, chemin: Path) -> None:
        self.world, self.bac, self.chemin = world, bac, chemin

    def reglage(self, **values: str) -> None:
        """Change keys of the configuration."""
        self.chemin.write_text(settings_text(self.chemin.read_text(encoding="utf-8"), **values), encoding="utf-8")

    @property
    def base(self) -> Path:
        return self.chemin.parent / "demo.sqlite"

    def command(self, *arguments: str) -> list[str]:
        config = [] if arguments[0] in {"demo", "sandbox"} else ["--config", str(self.chemin)]
        return [sys.executable, "-m", "connector", *arguments, *config]

    def run(self, *arguments: str, check: int | None = 0) -> subprocess.CompletedProcess[str]:
        """Run the program to its end, in this process; `check` is the exit code it must end with."""
        command = self.command(*arguments)
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = cli.execute(command[3:])
        return self._ended(subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue()), check)

    def process(self, *arguments: str, check: int | None = 0, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run the program to its end, in a process of its own, as a user does."""
        done = subprocess.run(
            self.command(*arguments), capture_output=True, text=True, timeout=timeout, env=ENV, check=False
        )
        return self._ended(done, check)

    @staticmethod
    def _ended(done: subprocess.CompletedProcess[str], check: int | None) -> subprocess.CompletedProcess[str]:
        assert check is None or done.returncode == check, (done.returncode, done.stdout, done.stderr)
        return done

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the program and let it run."""
        return subprocess.Popen(
            self.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV
        )

    def annotation(self, number: int, label: str) -> object:
        """The value of that private annotation, None when nobody wrote it."""
        dossier = self.world.dossiers[number]
        form = self.world.demarches[dossier.demarche].revision(dossier.revision)
        value = dossier.lit()[0].get((form.nomme(label, prive=True).stable_id, ""))
        return None if value is None else value.valeur

    def labels(self, number: int) -> set[str]:
        """The names of the labels on that dossier."""
        dossier = self.world.dossiers[number]
        names = {label.number: label.name for label in self.world.demarches[dossier.demarche].labels}
        return {names[n] for n in dossier.labels}

    def messages(self, number: int) -> list[str]:
        """The bodies of our messages in that dossier, as DS holds them."""
        return [m.body for m in self.world.dossiers[number].messages if reference_in(m.body)]


os.environ["NO_COLOR"] = "1"
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


PEU = ("complet", "complet_cat_1", "sans_cv", "sans_convention", "suivi_manuel")
EN_MAINS_HUMAINES = ("avant_service", "message_humain", "compte_supprime")


@pytest.fixture(autouse=True)
def _nobody_stays_hushed() -> Iterator[None]:
    """What a daemon in this process keeps out of its journal is not kept out of the next test's."""
    before = {name: logging.getLogger(name).level for name in daemon.BAVARDS}
    yield
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def grand_banc(tmp_path: Path) -> Iterator[Banc]:
    """The whole default world, in mode `agir`."""
    yield from _serve(monde.monde_par_defaut(wiring.now), tmp_path)


@pytest.fixture
def petit_banc(tmp_path: Path) -> Iterator[Banc]:
    """Five dossiers: two complete, two with something missing, one that an agent follows by hand."""
    yield from _serve(_world(PEU), tmp_path)


@pytest.fixture
def banc(tmp_path: Path) -> Iterator[Banc]:
    """The same, and three more that are in human hands."""
    yield from _serve(_world(PEU + EN_MAINS_HUMAINES), tmp_path)


COMMISSION = ("complet", "complet_cat_1", "en_instruction", "annotations_humaines", "hors_zone", "sans_convention")


@pytest.fixture
def seance(tmp_path: Path) -> Iterator[Banc]:
    """Six dossiers that a commission has to decide of, its decisions carried out from its list."""
    for banc in _serve(_world(COMMISSION), tmp_path):
        banc.reglage(source='"fichier"')
        yield banc


def _world(names: tuple[str, ...]) -> World:
    world = monde.monde_par_defaut(wiring.now)
    kept = {monde.CAS[name] for name in names}
    for dossier in list(world.dossiers.values()):
        if dossier.number not in kept:
            world.remove_dossier(dossier)
    return world


def _serve(world: World, folder: Path) -> Iterator[Banc]:
    with Sandbox(world, limite=SANS_LIMITE) as bac:
        banc = Banc(world, bac, demo.preparer(folder / "demo", bac, world))
        banc.reglage(
            delai_reponse_perdue_s="0.2",
            delais=f"{{ connexion_s = 10, reponse_s = 60, requetes_par_minute = {SANS_LIMITE} }}",
        )
        yield banc
