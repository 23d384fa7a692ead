"""What the connector costs beside a bare loop on the same pages, in one run: requests, bytes, time, processor, memory.

`python benchmarks/run.py --tailles 1000,10000 --fois 3` prints the tables. Times are given as ratios to the floor
measured in the same run, the median of several, with the least and the most.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from graphql import print_ast

from connector import demo, wiring
from connector.api.documents import document
from connector.sandbox import monde
from connector.sandbox.server import Sandbox

ICI = Path(__file__).parent
POIDS = 24_000
"""Bytes of one dossier in a page, as real ones of forty champs and twenty annotations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesure:
    """One run of one program: seconds of wall and processor, peak memory in MB."""

    mur: float
    cpu: float
    pic: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Terrain:
    """Where the runs take place: the recorded pages, the request of a page, and the configurations."""

    racine: Path
    gabarit: Path
    requete: Path
    avec: Path
    sans: Path


def enregistre(racine: Path) -> Terrain:
    """Record a hundred dossiers from the sandbox, and prepare the two configurations: with checks and without."""
    world = monde.monde_de_masse(100, wiring.now)
    with Sandbox(world) as bac:
        avec = demo.preparer(racine / "avec", bac, world)
        sans = demo.preparer(racine / "sans", bac, world)
        answers = {name: _ask(bac, name, variables) for name, variables in _questions().items()}
    texte = avec.read_text(encoding="utf-8").replace('mode = "agir"', 'mode = "observer"')
    avec.write_text(texte, encoding="utf-8")
    sans.write_text(_without_checks(texte).replace(str(racine / "avec"), str(racine / "sans")), encoding="utf-8")
    demarche = answers["Page"]["data"]["demarche"]
    nodes = demarche["dossiers"]["nodes"]
    demarche["dossiers"] = {"nodes": ["@dossiers@"], "pageInfo": "@suite@"}
    demarche["dernier"] = {"nodes": ["@dernier@"]}
    gabarit = racine / "gabarit.json"
    recorded = {
        "reponses": {name: json.dumps(answer, ensure_ascii=False) for name, answer in answers.items()},
        "dossiers": [_pattern(node) for node in nodes],
    }
    gabarit.write_text(json.dumps(recorded, ensure_ascii=False), encoding="utf-8")
    requete = racine / "requete.json"
    requete.write_text(json.dumps(_body("Page", _questions()["Page"])), encoding="utf-8")
    return Terrain(racine=racine, gabarit=gabarit, requete=requete, avec=avec, sans=sans)


def _questions() -> dict[str, dict[str, object]]:
    page = {"demarche": monde.DEMARCHE, "first": 100, "after": None, "updatedSince": "1970-01-01T00:00:00+00:00"}
    deleted = {"suppressions": True, "deletedSince": "1970-01-01T00:00:00+00:00"}
    return {"Demarche": {"number": monde.DEMARCHE}, "Page": page | deleted}


def _body(name: str, variables: dict[str, object]) -> dict[str, object]:
    found = document(name.lower())
    return {"query": print_ast(found.node), "operationName": found.operation, "variables": variables}


def _ask(bac: Sandbox, name: str, variables: dict[str, object]) -> dict[str, dict[str, dict[str, object]]]:
    headers = {"Authorization": f"Bearer {monde.JETON_ECRITURE}"}
    answer = requests.post(bac.endpoint, json=_body(name, variables), headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.json()


def _pattern(node: dict[str, object]) -> tuple[str, str, str, str]:
    """The JSON of a dossier at its real weight, and what in it is replaced: number, id, instant."""
    more = POIDS - len(json.dumps(node, ensure_ascii=False).encode())
    champ = {
        "__typename": "TextChamp",
        "label": "Autre",
        "stringValue": "x" * max(0, more // 10 - 180),
        "updatedAt": None,
    }
    for rang in range(10):
        ident = f"Champ-autre-{rang}"
        node["champs"] += [champ | {"id": ident, "champDescriptorId": ident, "updatedAt": node["dateDepot"]}]
    return (
        json.dumps(node, ensure_ascii=False),
        str(node["number"]),
        str(node["id"]),
        str(node["dateDerniereModification"]),
    )


def _without_checks(texte: str) -> str:
    """The same configuration without any rule, quota nor figure."""
    start, end = texte.index("[[regles]]"), len(texte)
    return re.sub(r"(?ms)^\[\[quotas\]\].*?(?=^\[)", "", texte[:start]) + texte[end:]


@contextmanager
def rejoue(terrain: Terrain, count: int, *, latences: bool = False) -> Iterator[str]:
    """The address of the replay server."""
    options = ["--latences"] if latences else []
    command = [sys.executable, str(ICI / "rejeu.py"), str(terrain.gabarit), str(count), *options]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


def mesure(terrain: Terrain, program: Sequence[str]) -> Mesure:
    """Run that program to its end, in a process of its own; an error of its own is an error here."""
    pic = terrain.racine / "pic"
    command = [sys.executable, str(ICI / "seul.py"), str(pic), *program]
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=[_to_null(1), _to_null(2)])
    _, status, usage = os.wait4(pid, 0)
    mur = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"exit code {os.waitstatus_to_exitcode(status)}: {' '.join(program)}")
    return Mesure(mur=mur, cpu=usage.ru_utime + usage.ru_stime, pic=int(pic.read_text(encoding="ascii")) / 1024)


def _to_null(handle: int) -> tuple[int, int, str, int, int]:
    return (os.POSIX_SPAWN_OPEN, handle, os.devnull, os.O_WRONLY, 0)


def plancher(terrain: Terrain, url: str) -> Mesure:
    """The bare loop, on a fresh database."""
    base = terrain.racine / "plancher.sqlite"
    for old in terrain.racine.glob("plancher.sqlite*"):
        old.unlink()
    return mesure(terrain, [str(ICI / "plancher.py"), url, str(terrain.requete), str(base)])


def premiere(terrain: Terrain, config: Path, url: str) -> Mesure:
    """A first sync: the referentials alone are in the database."""
    _points_at(config, url)
    propre = config.parent / "propre.sqlite"
    base = config.parent / "demo.sqlite"
    if not propre.exists():
        shutil.copy(base, propre)
    for old in config.parent.glob("demo.sqlite*"):
        old.unlink()
    shutil.copy(propre, base)
    return suivante(terrain, config, url)


def suivante(terrain: Terrain, config: Path, url: str) -> Mesure:
    """One more pass on the database as it is."""
    _points_at(config, url)
    return mesure(terrain, ["connector", "sync", "--config", str(config)])


def _points_at(config: Path, url: str) -> None:
    texte = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r'(?m)^url = ".*"$', f'url = "{url}"', texte, count=1), encoding="utf-8")


def _changes_a_rule(config: Path) -> None:
    """Another version of the rules: everything stored must be examined again."""
    texte = config.read_text(encoding="utf-8")
    config.write_text(re.sub(r"(?m)^delai_jours = \d+$", "delai_jours = 21", texte, count=1), encoding="utf-8")


def rapports(values: Sequence[float], floor: Sequence[float]) -> str:
    """The median of those values over the floor's median, with the least and the most."""
    base = statistics.median(floor)
    low, middle, high = min(values) / base, statistics.median(values) / base, max(values) / base
    return f"{middle:.2f} ({low:.2f}–{high:.2f})"


def tableau(terrain: Terrain, count: int, fois: int) -> list[str]:
    """The rows of one size."""
    runs: dict[str, list[Mesure]] = {"plancher": [], "sans contrôles": [], "avec contrôles": []}
    with rejoue(terrain, count) as url:
        for _ in range(fois):
            runs["plancher"].append(plancher(terrain, url))
            runs["sans contrôles"].append(premiere(terrain, terrain.sans, url))
            runs["avec contrôles"].append(premiere(terrain, terrain.avec, url))
        calme = [suivante(terrain, terrain.avec, url) for _ in range(fois + 2)][2:]
        _changes_a_rule(terrain.avec)
        reprise = suivante(terrain, terrain.avec, url)
    floor = runs["plancher"]
    rows = []
    for name, ms in (*runs.items(), ("passage calme", calme), ("tout réexaminer", [reprise])):
        rows.append(
            f"| {count} | {name} | {statistics.median(m.mur for m in ms):.2f} s | "
            f"{rapports([m.cpu for m in ms], [m.cpu for m in floor])} | {max(m.pic for m in ms):.0f} Mo |"
        )
    return rows


def latence(terrain: Terrain, count: int) -> str:
    """The wall time beside what the server's own latencies take, at the real server's pace."""
    with rejoue(terrain, count, latences=True) as url:
        measured = premiere(terrain, terrain.avec, url)
    pages = -(-count // 100)
    bound = pages * 6.5 + 0.2
    return f"| {count} | {measured.mur:.1f} s | {bound:.1f} s | {measured.mur / bound:.2f} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tailles", default="1000,10000")
    parser.add_argument("--fois", type=int, default=3)
    parser.add_argument("--latence", type=int, default=0, help="dossiers read at the real server's pace")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        terrain = enregistre(Path(folder))
        print("| dossiers | programme | temps | processeur / plancher | mémoire |\n|---|---|---|---|---|")
        for count in map(int, options.tailles.split(",")):
            for row in tableau(terrain, count, options.fois):
                print(row, flush=True)
        if options.latence:
            print("\n| dossiers | temps | latences du serveur | rapport |\n|---|---|---|---|")
            print(latence(terrain, options.latence))


if __name__ == "__main__":
    main()
