"""Running one program and measuring it: time, processor, memory, and what it asked of the replay server."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ICI = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesure:
    """One run of one program.

    Seconds of wall and of processor (user and system), peak memory in MB, requests made and MB received; then what the
    server took meanwhile: seconds of processor, and seconds waited on purpose.
    """

    mur: float
    cpu: float
    pic: float
    requetes: int
    recu: float
    serveur: float
    attente: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejeu:
    """A replay server that listens."""

    url: str

    def compte(self) -> dict[str, float]:
        """What was asked of it since the last time."""
        with urllib.request.urlopen(self.url) as answer:
            told: dict[str, float] = json.load(answer)
        return told


@contextmanager
def rejoue(gabarit: Path, combien: int, *, latences: bool = False) -> Iterator[Rejeu]:
    """A replay server of so many dossiers, in a process of its own until the end of the block."""
    options = ["--latences"] if latences else []
    command = [sys.executable, str(ICI / "rejeu.py"), str(gabarit), str(combien), *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield Rejeu(url=server.stdout.readline().strip())
    finally:
        server.terminate()
        server.wait()


def mesure(racine: Path, program: Sequence[str], rejeu: Rejeu | None = None, python: str = sys.executable) -> Mesure:
    """Run that program to its end, in a process of its own; an error of its own is an error here."""
    pic, dit = racine / "pic", racine / "dit"
    command = [python, str(ICI / "seul.py"), str(pic), *program]
    if rejeu:
        rejeu.compte()
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[_into(1, os.devnull), _into(2, dit)])
    try:
        _, status, usage = os.wait4(pid, 0)
    except BaseException:  # whatever stops this program stops the one that it measures
        os.kill(pid, signal.SIGTERM)
        os.waitpid(pid, 0)
        raise
    mur = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        said = dit.read_text(encoding="utf-8")
        raise SystemExit(f"exit code {os.waitstatus_to_exitcode(status)}: {' '.join(program)}\n{said}")
    compte = rejeu.compte() if rejeu else {}
    return Mesure(
        mur=mur,
        cpu=usage.ru_utime + usage.ru_stime,
        pic=int(pic.read_text(encoding="ascii")) / 1024,
        requetes=int(compte.get("requetes", 0)),
        recu=compte.get("octets", 0) / 1e6,
        serveur=compte.get("cpu", 0.0),
        attente=compte.get("attente", 0.0),
    )


def _into(handle: int, file: str | Path) -> tuple[int, int, str, int, int]:
    return (os.POSIX_SPAWN_OPEN, handle, str(file), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


# how they are told ───────────────────────────────────────────────────────────────────────────────────────────────────


def etendue(values: Iterable[float], chiffres: int = 2) -> str:
    """The median of those values, with the least and the most."""
    found = list(values)
    low, middle, high = (nombre(v, chiffres) for v in (min(found), statistics.median(found), max(found)))
    return f"{middle} ({low}–{high})" if len(found) > 1 else middle


def rapport(values: Iterable[float], floor: Iterable[float]) -> str:
    """The median of each value over the floor's in the same round, with the least and the most."""
    return etendue(v / f for v, f in zip(values, floor, strict=True))


def nombre(value: float, chiffres: int = 0) -> str:
    """A number as French writes it: thousands apart, a comma."""
    return f"{value:,.{chiffres}f}".replace(",", "\u202f").replace(".", ",")


def tableau(titres: Sequence[str], lignes: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table, figures on the right."""
    head = [f"| {' | '.join(titres)} |", f"|---|{'---:|' * (len(titres) - 1)}"]
    return head + [f"| {' | '.join(ligne)} |" for ligne in lignes]
