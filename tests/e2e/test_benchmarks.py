"""The benchmark works at its smallest size; its figures are read by people, on a quiet machine (`make bench`)."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

RACINE = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(400)

PAIR = "demarches-simpy"
DEBUT, FIN = "<!-- mesures : début -->", "<!-- mesures : fin -->"


@pytest.fixture(scope="module")
def section():
    """What the benchmark prints at its smallest size."""
    sizes = {"tailles": 20, "fois": 1, "passages": 2, "annoter": 3, "latence": 1}
    options = [f"--{name}={size}" for name, size in sizes.items()]
    command = [sys.executable, str(RACINE / "benchmarks" / "run.py"), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=380, check=False, cwd=RACINE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(text):
    """The cells of every line of its tables but the rules."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def row(text, first):
    return next(cells for cells in rows(text) if cells[0] == first)


def form(text):
    """The tables of that text without their figures: how each row begins, and how many cells it has."""
    return {(re.sub(r"\d[\d\u202f]*", "#", cells[0]), len(cells)) for cells in rows(text)}


def test_each_program_has_its_row_with_ratios_to_the_floor(section):
    floor = row(section, "plancher")
    assert floor[1] == "1"
    assert [floor[k] for k in (4, 6, 8)] == ["1,00"] * 3
    for name in ("lire et garder", "sync sans contrôles", "sync avec contrôles"):
        found = row(section, name)
        assert found[1] == "2", "the form, then one page"
        assert all(float(cell.replace(",", ".")) > 0 for cell in found[2:])
        assert float(found[6].replace(",", ".")) > 1, "starting alone takes more than the floor"


def test_a_quiet_pass_of_the_service_is_one_request(section):
    (found,) = [cells for cells in rows(section) if cells[0] == "20 dossiers" and len(cells) == 4]
    assert found[1] == "1"


def test_a_dossier_is_annotated_in_one_request_and_in_none_where_nothing_differs(section):
    first, quiet, changed, same = (
        row(section, name)[1:4:2]
        for name in (
            "premier passage, tous à annoter",
            "rien n’a changé",
            "une réponse qui change les annotations",
            "une réponse qui n’y change rien",
        )
    )
    assert (first, quiet, changed, same) == (["3", "3"], ["0", "0"], ["3", "3"], ["3", "0"])


def test_at_the_real_server_s_pace_the_server_s_own_time_is_told(section):
    told = row(section, "sync avec contrôles, 1 dossiers")
    assert (told[1], told[3]) == ("2", "0,4"), "the form and one page of one dossier, 0.2 s each"


def test_growth_sets_apart_what_starting_takes_and_puts_the_last_size_beside_the_first(monkeypatch):
    monkeypatch.syspath_prepend(str(RACINE / "benchmarks"))
    run = importlib.import_module("run")

    def measured(dossiers, cpu, pic):
        one = run.Mesure(mur=9, cpu=cpu, pic=pic, requetes=1, recu=1, serveur=0, attente=0)
        return run.Releve(dossiers=dossiers, tours={name: [one] for name in run.CROISSANCE[1:-1]})

    shown = list(run._croissance([measured(1000, 3.0, 100), measured(10_000, 23.0, 110)], measured(1, 1.0, 90)))
    _, small, large, growth = rows("\n".join(shown))
    assert (small[0], set(small[1:-1]), small[-1]) == ("1\u202f000 dossiers", {"2,00"}, "100")
    assert (large[0], set(large[1:-1]), large[-1]) == ("10\u202f000 dossiers", {"2,20"}, "110")
    assert set(growth[1:]) == {"1,10"}


@pytest.mark.parametrize("readme", ["README.md", "README.fr.md"])
def test_the_readme_shows_what_the_benchmark_prints(section, readme):
    text = (RACINE / readme).read_text(encoding="utf-8")
    shown = text.split(DEBUT)[1].split(FIN)[0]
    assert form(section) <= form(shown)
    peer = {(f"{PAIR} #.#.#", 9), ("# dossiers, valeurs dans leur type", 9), (f"{PAIR}, # dossiers", 5)}
    growth = {("processeur par dossier (ms)", 9), ("le dernier / le premier", 9)}
    assert form(shown) - form(section) == peer | growth


@pytest.mark.parametrize("readme", ["README.md", "README.fr.md"])
def test_the_section_is_the_same_in_both_readmes_and_says_when_it_was_measured(readme):
    shown, english = (
        (RACINE / name).read_text(encoding="utf-8").split(DEBUT)[1].split(FIN)[0] for name in (readme, "README.md")
    )
    assert shown == english
    assert re.search(r"Mesuré le \d\d/\d\d/\d{4}", shown)
