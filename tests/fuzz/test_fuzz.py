"""Every edge of the program, briefly; what once broke it, again. `make fuzz` does the same for long."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from connector.errors import OperatorError
from tests.fuzz import ds, harnais, stockage
from tests.fuzz.harnais import Cible, Defaut, essayer
from tests.fuzz.liste import FUZZERS, gardes

CIBLES = [(fuzzer, cible) for fuzzer, cibles in FUZZERS.items() for cible in cibles]
GARDES = gardes()
LENTES = {"passage": 3, "fichier": 3, "lignes": 3, "essai": 15}
"""How many entries a target that opens a whole base, or tries every template, is given here."""


@pytest.fixture(autouse=True)
def _sans_journal() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("cible", [c for _, c in CIBLES], ids=[f"{fuzzer}-{cible.nom}" for fuzzer, cible in CIBLES])
def test_nothing_that_comes_in_by_that_door_is_worse_than_a_refusal(cible):
    @settings(
        max_examples=LENTES.get(cible.nom, 25),
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
    )
    @given(cible.entrees)
    def suite(octets):
        essayer(cible, octets)

    suite()


@pytest.mark.parametrize(("cible", "fichier"), GARDES, ids=["-".join(f.parts[-3:]) for _, f in GARDES])
def test_what_broke_it_once_does_not_any_more(cible, fichier):
    essayer(cible, fichier.read_bytes(), guide=False)


# -- the fuzzers themselves: they would see it ------------------------------------------------------------------------


def cible(lire):
    return Cible(nom="essai", entrees=st.binary(), lire=lire)


def test_our_own_errors_are_an_answer():
    def refuse(_octets):
        raise OperatorError("Ce fichier n’est pas un tableau.")

    essayer(cible(refuse), b"", guide=False)


def test_any_other_error_is_a_defect_told_with_its_place():
    def casse(octets):
        return octets[3]

    with pytest.raises(Defaut, match="IndexError"):
        essayer(cible(casse), b"", guide=False)


def test_an_entry_that_takes_too_long_is_a_defect(monkeypatch):
    monkeypatch.setattr(harnais, "SECONDES", 0.2)

    def tourne(_octets):
        while True:
            pass

    with pytest.raises(Defaut, match="plus de"):
        essayer(cible(tourne), b"", guide=False)


def test_an_entry_that_takes_too_much_room_is_a_defect():
    with pytest.raises(Defaut, match="MemoryError"):
        essayer(cible(lambda _octets: bytearray(harnais.MEMOIRE * 2)), b"", guide=False)


def test_a_sound_world_is_read_whole_so_that_a_damaged_one_is_really_tried():
    ds.lire_passage(b"[]")
    with stockage.posee(stockage.base_saine()) as chemin, ds.atelier(chemin) as atelier:
        assert stockage.relire(atelier) == []
