"""What the connector costs beside a bare loop on the same pages, in one run: requests, bytes, time, processor, memory.

`python benchmarks/run.py --tailles 1000,10000 --fois 3` prints the tables; `--readme` also writes them in README.md and
README.fr.md. Each round runs every program once, one after the other, and ratios are to the floor of the same round:
the median of the rounds, with the least and the most.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from annoter import annote
from mesures import ICI, Mesure, Rejeu, etendue, mesure, nombre, rapport, rejoue, tableau
from terrain import PARMI, Terrain, change_pour_quelques_uns, change_un_seuil, change_une_regle, pointe, prepare

from connector import wiring
from connector.core.montants import jour
from connector.sandbox import monde

PLANCHER, LECTURE = "plancher", "lire et garder"
SANS, AVEC, CONTROLES = "sync sans contrôles", "sync avec contrôles", "dont contrôles"
REGLE, QUELQUES_UNS = "une règle change, sans effet", f"une règle change pour un dossier sur {PARMI}"
SEUIL = "un seuil change, tout est rejugé"
REEXAMENS = (REGLE, QUELQUES_UNS, SEUIL)
PAIR = "demarches-simpy"

MARQUES = "<!-- mesures : début -->\n", "<!-- mesures : fin -->\n"
READMES = ("README.md", "README.fr.md")

COUTS = (
    "requêtes",
    "reçu (Mo)",
    "temps (s)",
    "/ plancher",
    "processeur (s)",
    "/ plancher",
    "mémoire (Mo)",
    "/ plancher",
)
CALME = ("passage calme", "requêtes", "processeur (ms)", "temps (ms)")
REEXAMEN = ("réexamen de tout ce qui est gardé", "dossiers/s", "temps (s)", "processeur (s)", "mémoire (Mo)")
CROISSANCE = ("processeur par dossier (ms)", PLANCHER, LECTURE, SANS, AVEC, *REEXAMENS, "mémoire (Mo)")
ANNOTATIONS = ("avant le passage", "dossiers changés", "lectures", "annotations : requêtes", "labels : requêtes")
LATENCES = ("au rythme du vrai serveur", "requêtes", "temps (s)", "latences du serveur (s)", "rapport")


@dataclass(frozen=True, slots=True, kw_only=True)
class Releve:
    """What was measured on so many dossiers: rounds of each program, and (requests, processor, wall) a quiet pass."""

    dossiers: int
    tours: dict[str, list[Mesure]] = field(default_factory=dict)
    calmes: list[tuple[int, float, float]] = field(default_factory=list)


# the programs ────────────────────────────────────────────────────────────────────────────────────────────────────────


def plancher(terrain: Terrain, rejeu: Rejeu) -> Mesure:
    """The bare loop, on a fresh database."""
    for old in terrain.racine.glob("plancher.sqlite*"):
        old.unlink()
    base = terrain.racine / "plancher.sqlite"
    return mesure(terrain.racine, [str(ICI / "plancher.py"), rejeu.url, str(terrain.requete), str(base)], rejeu)


def lecture(terrain: Terrain, rejeu: Rejeu) -> Mesure:
    """Our reading stage alone, on a fresh database."""
    _fresh(terrain.sans, rejeu)
    return mesure(terrain.racine, [str(ICI / "etapes.py"), "lire", str(terrain.sans)], rejeu)


def premiere(terrain: Terrain, config: Path, rejeu: Rejeu) -> Mesure:
    """A first sync: the referentials alone are in the database."""
    _fresh(config, rejeu)
    return suivante(terrain, config, rejeu)


def suivante(terrain: Terrain, config: Path, rejeu: Rejeu) -> Mesure:
    """One more pass on the database as it is."""
    return mesure(terrain.racine, ["connector", "sync", "--config", str(config)], rejeu)


def reexamen(terrain: Terrain, change: Callable[[Path], None], rejeu: Rejeu) -> Mesure:
    """A pass after that change of the configuration: every stored dossier is examined again."""
    change(terrain.avec)
    return suivante(terrain, terrain.avec, rejeu)


def calmes(terrain: Terrain, rejeu: Rejeu, passages: int) -> list[tuple[int, float, float]]:
    """What each quiet pass of the service took, on the database as it is."""
    out = terrain.racine / "calmes.json"
    command = [str(ICI / "etapes.py"), "calme", str(terrain.avec), str(passages), str(out), rejeu.url]
    mesure(terrain.racine, command)
    return [tuple(passage) for passage in json.loads(out.read_text(encoding="utf-8"))]


def pair(terrain: Terrain, python: Path, rejeu: Rejeu, *, types: bool) -> Mesure:
    """demarches-simpy on the same dossiers, under its own interpreter."""
    program = [str(ICI / "pair.py"), rejeu.url, str(monde.DEMARCHE), *(["--types"] if types else [])]
    return mesure(terrain.racine, program, rejeu, str(python))


def _fresh(config: Path, rejeu: Rejeu) -> None:
    pointe(config, rejeu.url)
    propre, base = config.parent / "propre.sqlite", config.parent / "demo.sqlite"
    if not propre.exists():
        shutil.copy(base, propre)
    for old in (base, *config.parent.glob("demo.sqlite-*")):
        old.unlink(missing_ok=True)
    shutil.copy(propre, base)


# the measures ────────────────────────────────────────────────────────────────────────────────────────────────────────


def releve(terrain: Terrain, dossiers: int, fois: int, passages: int) -> Releve:
    """So many rounds of every program on that many dossiers, then quiet passes."""
    programs: dict[str, Callable[[Rejeu], Mesure]] = {
        PLANCHER: lambda rejeu: plancher(terrain, rejeu),
        LECTURE: lambda rejeu: lecture(terrain, rejeu),
        SANS: _premiere(terrain, terrain.sans),
        AVEC: _premiere(terrain, terrain.avec),
        REGLE: lambda rejeu: reexamen(terrain, change_une_regle, rejeu),
        QUELQUES_UNS: lambda rejeu: reexamen(terrain, change_pour_quelques_uns, rejeu),
        SEUIL: lambda rejeu: reexamen(terrain, change_un_seuil, rejeu),
    }
    found = Releve(dossiers=dossiers, tours={name: [] for name in programs})
    with rejoue(terrain.gabarit, dossiers) as rejeu:
        for _ in range(fois):
            for name, program in programs.items():
                found.tours[name].append(program(rejeu))
        found.calmes.extend(calmes(terrain, rejeu, passages) if passages else ())
    return found


def _couts(found: Releve) -> Iterator[str]:
    """What each program costs, beside the floor."""
    floor = found.tours[PLANCHER]
    rows = [(name, *_cout(found.tours[name], floor)) for name in (PLANCHER, LECTURE, SANS, AVEC)]
    apart = [avec.cpu - sans.cpu for sans, avec in zip(found.tours[SANS], found.tours[AVEC], strict=True)]
    rows.append((CONTROLES, *[""] * 4, etendue(apart), rapport(apart, [f.cpu for f in floor]), "", ""))
    yield from tableau((_taille(found.dossiers), *COUTS), rows)
    share = sum(f.serveur for f in floor) / sum(f.mur for f in floor)
    own = sum(f.serveur for f in floor) / len(floor) / found.dossiers * 1000
    yield ""
    yield (
        f"Le serveur de rejeu prend {nombre(own, 2)} ms de processeur par dossier : "
        f"{nombre(share * 100)} % du temps du plancher."
    )
    yield ""


def _taille(dossiers: int) -> str:
    return f"{nombre(dossiers)} dossiers"


def _cout(tours: Sequence[Mesure], floor: Sequence[Mesure]) -> Iterator[str]:
    yield nombre(median(m.requetes for m in tours))
    yield nombre(median(m.recu for m in tours), 1)
    for name, digits in (("mur", 2), ("cpu", 2), ("pic", 0)):
        values = [getattr(m, name) for m in tours]
        yield etendue(values, digits)
        yield rapport(values, [getattr(m, name) for m in floor])


def _calme(found: Releve) -> Sequence[str]:
    requetes, cpus, murs = zip(*found.calmes, strict=True)
    asked = sorted({nombre(requete) for requete in requetes})
    return (
        _taille(found.dossiers),
        " à ".join(asked),
        *(etendue([s * 1000 for s in taken], 0) for taken in (cpus, murs)),
    )


def _reexamen(found: Releve, name: str) -> Sequence[str]:
    again = found.tours[name]
    return (
        f"{_taille(found.dossiers)}, {name}",
        etendue([found.dossiers / m.mur for m in again], 0),
        etendue([m.mur for m in again]),
        etendue([m.cpu for m in again]),
        etendue([m.pic for m in again], 0),
    )


def _croissance(releves: Sequence[Releve], vide: Releve) -> Iterator[str]:
    """What a dossier takes of the processor once the program has started, and the memory of a sync with checks.

    Size after size, then the last size beside the first.
    """
    parts = [
        (*(_par_dossier(found, vide, name) for name in CROISSANCE[1:-1]), median(m.pic for m in found.tours[AVEC]))
        for found in releves
    ]
    rows = [
        (_taille(found.dossiers), *(nombre(ms, 2) for ms in row[:-1]), nombre(row[-1]))
        for found, row in zip(releves, parts, strict=True)
    ]
    rows.append(("le dernier / le premier", *(nombre(b / a, 2) for a, b in zip(parts[0], parts[-1], strict=True))))
    yield from tableau(CROISSANCE, rows)
    yield ""


def _par_dossier(found: Releve, vide: Releve, name: str) -> float:
    """Milliseconds of processor a dossier, what the program takes for one dossier alone set apart."""
    whole, start = (median(m.cpu for m in r.tours[name]) for r in (found, vide))
    return (whole - start) / found.dossiers * 1000


def _pair(terrain: Terrain, python: Path, tailles: Sequence[int], types: int) -> Iterator[str]:
    """demarches-simpy beside the floor: fields and annotations at each size, then each value in its type."""
    version = [python, "-c", f"from importlib.metadata import version; print(version({PAIR!r}))"]
    titre = f"{PAIR} {subprocess.run(version, check=True, capture_output=True, text=True).stdout.strip()}"
    rows = []
    for dossiers, typed in (*((n, False) for n in tailles), (types, True)):
        with rejoue(terrain.gabarit, dossiers) as rejeu:
            floor, found = plancher(terrain, rejeu), pair(terrain, python, rejeu, types=typed)
        name = _taille(dossiers) + (", valeurs dans leur type" if typed else "")
        rows.append((name, *_cout([found], [floor])))
    yield from tableau((titre, *COUTS), rows)
    yield ""


def _latence(terrain: Terrain, dossiers: int, python: Path | None, peu: int) -> Iterator[str]:
    """A first sync at the real server's pace, beside what that server takes; the peer's too, on few."""
    runs = [(SANS, dossiers, _premiere(terrain, terrain.sans)), (AVEC, dossiers, _premiere(terrain, terrain.avec))]
    if python:
        runs += [
            (AVEC, peu, _premiere(terrain, terrain.avec)),
            (PAIR, peu, lambda r: pair(terrain, python, r, types=False)),
        ]
    rows = []
    for name, count, program in runs:
        with rejoue(terrain.gabarit, count, latences=True) as rejeu:
            found = program(rejeu)
        times = (nombre(found.mur, 1), nombre(found.attente, 1), nombre(found.mur / found.attente, 2))
        rows.append((f"{name}, {_taille(count)}", nombre(found.requetes), *times))
    yield from tableau(LATENCES, rows)
    yield ""


def _premiere(terrain: Terrain, config: Path) -> Callable[[Rejeu], Mesure]:
    return lambda rejeu: premiere(terrain, config, rejeu)


def lignes(terrain: Terrain, options: argparse.Namespace) -> Iterator[str]:
    """The section of the README, line by line."""
    commande = "make bench-complet" if options.une_fois else "make bench"
    yield (
        f"Mesuré le {jour(wiring.today())} par `{commande}` : Python {platform.python_version()}, {platform.system()}, "
        f"{os.cpu_count()} processeurs{options.remarque and f' ({options.remarque})'}. "
        f"Médiane de {options.fois} (la plus petite – la plus grande) ; "
        "une seule mesure là où rien n’est entre parenthèses."
    )
    yield ""
    releves: list[Releve] = []
    for dossiers in options.tailles + options.une_fois:
        fois = options.fois if dossiers in options.tailles else 1
        releves.append(releve(terrain, dossiers, fois, options.passages))
        yield from _couts(releves[-1])
    yield from tableau(CALME, map(_calme, releves))
    yield ""
    yield from tableau(REEXAMEN, (_reexamen(found, name) for found in releves for name in REEXAMENS))
    yield ""
    if len(releves) > 1:
        yield from _croissance(releves, releve(terrain, 1, options.fois, 0))
    annotes = annote(terrain.racine, options.annoter)
    yield from tableau(ANNOTATIONS, [(quoi, *map(nombre, compte)) for quoi, *compte in annotes])
    yield ""
    if options.latence:
        yield from _latence(terrain, options.latence, options.pair, options.pair_types)
    if options.pair:
        yield from _pair(terrain, options.pair, options.pair_tailles, options.pair_types)


def dans_le_readme(texte: str, section: str) -> str:
    """That README with the section between its marks."""
    before, _, rest = texte.partition(MARQUES[0])
    _, found, after = rest.partition(MARQUES[1])
    if not found:
        raise SystemExit("the README has no marks")
    return f"{before}{MARQUES[0]}\n{section.strip()}\n\n{MARQUES[1]}{after}"


def _tailles(texte: str) -> list[int]:
    return [int(taille) for taille in texte.split(",") if taille]


def main() -> None:
    """Print the section; write it where it is read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tailles", type=_tailles, default=[1000, 10_000], help="dossiers, one table each")
    parser.add_argument("--une-fois", type=_tailles, default=[], help="more sizes, in one round each")
    parser.add_argument("--fois", type=int, default=3, help="rounds")
    parser.add_argument("--passages", type=int, default=20, help="quiet passes")
    parser.add_argument("--annoter", type=int, default=1000, help="dossiers annotated")
    parser.add_argument("--latence", type=int, default=0, help="dossiers read at the real server's pace")
    parser.add_argument("--pair", type=Path, help=f"the interpreter where {PAIR} is installed")
    parser.add_argument("--pair-tailles", type=_tailles, default=[1000], help=f"dossiers that {PAIR} reads")
    parser.add_argument("--pair-types", type=int, default=200, help="dossiers that it reads with typed values")
    parser.add_argument("--remarque", default="", help="what else is to be known of the machine")
    parser.add_argument("--readme", action="store_true", help="write the section in both README")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # servers and folders go with it
    section = ""
    with tempfile.TemporaryDirectory() as folder:
        for line in lignes(prepare(Path(folder), options.pair), options):
            print(line, flush=True)
            section += f"{line}\n"
    for readme in map(Path, READMES if options.readme else ()):
        readme.write_text(dans_le_readme(readme.read_text(encoding="utf-8"), section), encoding="utf-8")


if __name__ == "__main__":
    main()
