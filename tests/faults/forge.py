"""Real processes that run one cycle of the program and die by SIGKILL where they are told to; each costs a fork.

`Forge` starts one process that imports the program once, then forks a child for each order: the child reads the
configuration, opens the database, runs whole cycles against a server, and is killed, or not, at its `rang`-th write.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

RACINE = Path(__file__).parents[2]


class Moment(StrEnum):
    """Where a process dies around one write."""

    AVANT = "killed, the request not applied"
    APRES = "killed, the request applied"
    PERDUE = "answer dropped, then killed"
    FERMEE = "connection never opened, then killed"
    OUVERTE = "killed before the request leaves"
    REPONDUE = "killed before the answer is noted"


SERVEUR = frozenset({Moment.AVANT, Moment.APRES})
"""The moments at which the server's side kills: the others are the process's own."""


class Guet:
    """A gateway that counts writes and kills its own process at one of them, or just after it is noted."""

    def __init__(self, gateway, rang, moment):
        self._gateway, self._rang, self._moment = gateway, rang, moment
        self.vues, self.condamne = 0, False

    def __getattr__(self, name):
        return getattr(self._gateway, name)

    def apply(self, dossier, instructeur_id, action):
        """Do it, or die."""
        self.vues += 1
        if self.vues != self._rang:
            return self._gateway.apply(dossier, instructeur_id, action)
        if self._moment is Moment.OUVERTE:
            meurt()
        if self._moment is Moment.FERMEE:
            demande("ferme")
        self.condamne = self._moment in {Moment.FERMEE, Moment.PERDUE}
        recu = self._gateway.apply(dossier, instructeur_id, action)
        if self._moment is Moment.REPONDUE:
            meurt()
        return recu


class Journal:
    """A ledger whose process dies once it has noted the write that went wrong."""

    def __init__(self, ledger, guet):
        self._ledger, self._guet = ledger, guet

    def __getattr__(self, name):
        return getattr(self._ledger, name)

    def close(self, *arguments, **details):
        """Commit, then die if that was the one."""
        self._ledger.close(*arguments, **details)
        if self._guet.condamne:
            meurt()


class Presse(threading.Event):
    """Waits no longer than a moment: a server that is down is not waited for."""

    def wait(self, timeout=None):
        """Wait a little."""
        return super().wait(min(timeout or 0, 0.25))


def meurt():
    """Die at once, with nothing closed."""
    os.kill(os.getpid(), signal.SIGKILL)


def demande(mot):
    """Ask the test for something and wait until it is done."""
    sys.stdout.write(json.dumps({"demande": mot}) + "\n")
    sys.stdout.flush()
    sys.stdin.readline()


def cycles(settings, rang, moment, fois):
    """Run that many cycles; what each one counted, or why it stopped."""
    from connector import passages, wiring
    from connector.errors import ConnectorError

    arret = wiring.Arret()
    arret.event = Presse()
    comptes = []
    with wiring.atelier(settings, arret) as atelier:
        guet = Guet(atelier.gateway, rang, moment and Moment(moment))
        atelier._gateway = guet
        atelier.base = replace(atelier.base, ledger=Journal(atelier.base.ledger, guet))
        for _ in range(fois):
            try:
                (bilan,) = passages.passer(atelier)
                comptes.append({**bilan.rapport.counts, "code": bilan.rapport.exit_code})
            except ConnectorError as error:
                comptes.append({"code": error.exit_code, "erreur": str(error)})
    return comptes


def serve():
    """Obey the orders that come on standard input, one JSON line each, in a forked child each."""
    from connector import passages, render, store, wiring  # noqa: F401 - imported once for all the children
    from connector.api import gateway  # noqa: F401

    read_once = functools.cache(lambda config: wiring.reglages(Path(config)))
    for line in iter(sys.stdin.readline, ""):
        order = json.loads(line)
        settings = read_once(order["config"])
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            found = cycles(settings, order["rang"], order["moment"], order["fois"])
            os.write(write, json.dumps(found).encode())
            os._exit(0)
        os.close(write)
        sys.stdout.write(json.dumps({"enfant": child}) + "\n")
        sys.stdout.flush()
        with os.fdopen(read, "rb") as pipe:
            found = pipe.read()
        _, status = os.waitpid(child, 0)
        end = {"mort": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0, "code": status}
        sys.stdout.write(json.dumps({**end, "comptes": json.loads(found or b"[]")}) + "\n")
        sys.stdout.flush()


class Forge:
    """The test's side: `passe` runs cycles in a fresh process and gives what they counted, and how it died."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.faults.forge"]
        self._process = subprocess.Popen(
            command, cwd=RACINE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.enfant = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()

    def tue(self) -> None:
        """Kill the child that runs now."""
        os.kill(self.enfant, signal.SIGKILL)

    def passe(
        self,
        config: Path,
        *,
        rang: int = 0,
        moment: Moment | None = None,
        fois: int = 1,
        obeit: Callable[[], None] = int,
    ) -> dict:
        """Run `fois` cycles in a process of their own, which dies at its `rang`-th write; `obeit` does what it asks."""
        order = {"config": str(config), "rang": rang, "moment": moment, "fois": fois}
        self._dit(json.dumps(order))
        while True:
            said = json.loads(self._process.stdout.readline())
            if "enfant" in said:
                self.enfant = said["enfant"]
            elif "demande" in said:
                obeit()
                self._dit("fait")
            else:
                return said

    def _dit(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


if __name__ == "__main__":
    serve()
