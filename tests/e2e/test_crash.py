"""The process dies at a write, by SIGKILL, and is started again: every effect is there exactly once."""

from __future__ import annotations

import sqlite3

import pytest

from connector.sandbox.faults import Genre
from connector.sandbox.monde import CAS

PEU = ("complet", "complet_cat_1", "sans_cv", "sans_convention", "suivi_manuel")
"""The dossiers of the small world."""

WRITES = {
    "ModifierAnnotations": 5,
    "AjouterLabel": 5,
    "EnvoyerMessage": 2,
    "PasserEnInstruction": 2,
}
"""Writes that a first pass on the small world makes, by operation."""

MOMENTS = [
    pytest.param(operation, rank, id=f"{operation}-{rank}", marks=[pytest.mark.soak] if rank else [])
    for operation, count in WRITES.items()
    for rank in range(count)
]
"""The first of each operation runs with the other tests, all of them in `make soak`."""


def effects(banc):
    """All that was really done to the world, each with the number of times."""
    done: dict[tuple[str, int], int] = {}
    for write in banc.bac.mutations():
        done[write.operation, write.dossier] = done.get((write.operation, write.dossier), 0) + 1
    return done


def die_at(banc, process, genre, operation, rank):
    """Kill the process when its (rank + 1)th such request arrives; `genre` says whether the server still applies it."""

    def kills(appel):
        seen[0] += appel.operation == operation
        if appel.operation != operation or seen[0] != rank + 1:
            return False
        process[0].kill()
        return True

    seen = [0]
    banc.bac.faults.ajoute(genre, quand=kills)


def test_the_small_world_makes_the_writes_that_this_page_kills_at(petit_banc):
    petit_banc.run("sync")
    counted = {o: n for o, n in petit_banc.bac.compteurs.operations.items() if o in WRITES}
    assert counted == WRITES


@pytest.mark.parametrize("genre", [Genre.RESET_AVANT, Genre.RESET_APRES], ids=["not-applied", "applied"])
@pytest.mark.parametrize(("operation", "rank"), MOMENTS)
def test_each_effect_is_there_exactly_once_when_the_process_dies_at_a_write(petit_banc, operation, rank, genre):
    banc, process = petit_banc, []
    die_at(banc, process, genre, operation, rank)
    process.append(banc.start("sync"))
    process[0].communicate(timeout=60)
    assert process[0].returncode == -9
    assert "n’est pas fini" in banc.run("status").stdout, "what a killed pass left is not taken for everything"

    banc.run("sync")
    assert "n’est pas fini" not in banc.run("status").stdout
    banc.bac.faults.vide()
    settled = effects(banc)
    assert {k: n for k, n in settled.items() if k[0] != "dossierModifierAnnotations"} == {
        ("dossierEnvoyerMessage", CAS["sans_cv"]): 1,
        ("dossierEnvoyerMessage", CAS["sans_convention"]): 1,
        ("dossierPasserEnInstruction", CAS["complet"]): 1,
        ("dossierPasserEnInstruction", CAS["complet_cat_1"]): 1,
        **{("dossierAjouterLabel", CAS[name]): 1 for name in PEU},
    }
    for name in PEU:
        assert banc.annotation(CAS[name], "Synthèse")
    for name in ("sans_cv", "sans_convention"):
        assert len(banc.messages(CAS[name])) == 1

    with sqlite3.connect(banc.base) as base:
        states = {state for (state,) in base.execute("SELECT state FROM intentions")}
    assert states <= {"done", "planned"}

    banc.run("sync")  # what was passed to instruction is told so
    banc.bac.reset()
    banc.run("sync")
    assert banc.bac.compteurs.mutations == 0


def test_a_message_is_not_sent_again_when_the_database_is_lost(petit_banc):
    petit_banc.run("sync")
    for file in petit_banc.base.parent.glob("demo.sqlite*"):
        file.unlink()
    petit_banc.run("sync")
    for name in ("sans_cv", "sans_convention"):
        assert len(petit_banc.messages(CAS[name])) == 1


def test_a_lost_answer_is_settled_by_the_next_pass_and_not_by_sending_again(petit_banc):
    petit_banc.bac.faults.ajoute(Genre.RESET_APRES, operation="dossierEnvoyerMessage")
    done = petit_banc.run("sync", check=75)
    assert "sans réponse" in done.stdout
    petit_banc.run("sync")
    for name in ("sans_cv", "sans_convention"):
        assert len(petit_banc.messages(CAS[name])) == 1
    assert "sans réponse" not in petit_banc.run("sync").stdout
