"""The sandbox answers as the real server did: 411 recorded calls, replayed in their order (issue 3)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from references import DOSSIERS, presentes, recueil
from rejeu import Rejeu, Verdict

REQUETES = Path(__file__).parents[2] / "queries"
MINIMUM = 330
"""How many of the 411 must be in and alike, at least."""


@pytest.fixture(scope="module")
def verdicts():
    return [v for nom in DOSSIERS for v in Rejeu(nom).verdicts()]


def tableau(verdicts: list[Verdict]) -> str:
    """Give one line per call: what became of it, and why when it is not alike."""
    lignes = [f"{v.etat:8} {v.cas.recueil}/{v.cas.nom}  {v.hors or ' · '.join(v.ecarts)}".rstrip() for v in verdicts]
    compte = Counter(v.etat for v in verdicts)
    return "\n".join([*lignes, "", " · ".join(f"{n} {etat}" for etat, n in sorted(compte.items()))])


@presentes
def test_every_call_that_is_in_is_answered_alike(verdicts):
    print(tableau(verdicts))  # noqa: T201 - the table is what this test is for (pytest -s, or on failure)
    assert [(v.cas.nom, v.ecarts) for v in verdicts if v.etat == "differs"] == []


@presentes
def test_enough_of_the_recorded_calls_are_in(verdicts):
    assert sum(v.etat == "alike" for v in verdicts) >= MINIMUM


@presentes
def test_every_recorded_call_has_a_verdict(verdicts):
    assert Counter(v.cas.nom for v in verdicts) == Counter(c.nom for nom in DOSSIERS for c in recueil(nom))


@presentes
def test_what_is_left_out_names_something_that_no_query_sends(verdicts):
    envoyees = "\n".join(f.read_text(encoding="utf-8") for f in REQUETES.rglob("*.graphql"))
    dehors = [v for v in verdicts if v.etat == "out"]
    assert len(dehors) <= len(verdicts) - MINIMUM
    for v in dehors:
        assert not re.search(rf"\b{v.hors.partition(' ')[0]}\b", envoyees), v.cas.nom
