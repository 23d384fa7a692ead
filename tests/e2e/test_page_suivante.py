"""A walk of several pages, the next one always under way: stopped or killed, it loses and repeats nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from connector.api import pages
from connector.sandbox.monde import CAS
from tests.e2e.conftest import ENV, PEU

UNE_PAR_PAGE = "import sys; from connector.api import pages; pages.TAILLE_MAX = 1; from connector import cli; "
"""In a process of its own, every page holds one dossier."""

PAGES = len(PEU)


def lectures(banc, operation: str) -> int:
    return banc.bac.compteurs.operations.get(operation, 0)


def told(banc) -> dict[str, int]:
    """How many messages each dossier that lacks something received."""
    return {name: len(banc.messages(CAS[name])) for name in ("sans_cv", "sans_convention")}


@pytest.fixture
def par_un(petit_banc, monkeypatch: pytest.MonkeyPatch):
    """The small world, one dossier a page."""
    monkeypatch.setattr(pages, "TAILLE_MAX", 1)
    return petit_banc


def test_each_page_is_asked_for_once_also_when_what_is_recent_is_read_over(par_un):
    for _ in range(2):
        par_un.bac.reset()
        par_un.run("sync")
        assert lectures(par_un, "Page") == PAGES


@pytest.mark.parametrize("rank", [2, PAGES])
def test_a_stop_in_the_middle_of_a_walk_leaves_no_thread_and_the_next_pass_reads_the_rest(par_un, rank):
    def arrete(appel) -> bool:
        seen[0] += appel.operation == "Page"
        if appel.operation == "Page" and seen[0] == rank:
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    seen = [0]
    par_un.bac.faults.ajoute("latence", quand=arrete)
    par_un.run("sync", check=128 + signal.SIGTERM)
    par_un.bac.faults.vide()
    assert [t.name for t in threading.enumerate() if t.name == "page suivante"] == []
    read = lectures(par_un, "Page")
    assert rank <= read <= rank + 1
    par_un.run("sync")
    assert lectures(par_un, "Page") <= PAGES + 2, "what was stored is not read again"
    assert told(par_un) == {"sans_cv": 1, "sans_convention": 1}


@pytest.mark.parametrize("rank", [2, pytest.param(PAGES, marks=pytest.mark.soak)])
def test_a_process_that_dies_while_the_next_page_is_under_way_loses_and_repeats_nothing(petit_banc, rank):
    def kills(appel) -> bool:
        seen[0] += appel.operation == "Page"
        if appel.operation == "Page" and seen[0] == rank:
            process[0].kill()
        return False

    seen = [0]
    petit_banc.bac.faults.ajoute("latence", quand=kills)
    command = [sys.executable, "-c", UNE_PAR_PAGE + "sys.exit(cli.execute(sys.argv[1:]))"]
    process = [
        subprocess.Popen(
            [*command, *petit_banc.command("sync")[3:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV
        )
    ]
    assert process[0].wait(60) == -signal.SIGKILL
    petit_banc.bac.faults.vide()
    petit_banc.run("sync")
    assert told(petit_banc) == {"sans_cv": 1, "sans_convention": 1}
    assert all(petit_banc.annotation(CAS[name], "Synthèse") for name in PEU)
