"""The fuzzers, each the parsers of one edge of the program, and the examples that each of them keeps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.fuzz import bac, configuration, ds, imports, modeles, pieces, stockage, textes
from tests.fuzz.harnais import EXEMPLES, Cible

FUZZERS: Mapping[str, tuple[Cible, ...]] = {
    "ds": ds.CIBLES,
    "stockage": stockage.CIBLES,
    "configuration": configuration.CIBLES,
    "modeles": modeles.CIBLES,
    "imports": imports.CIBLES,
    "textes": textes.CIBLES,
    "pieces": pieces.CIBLES,
    "bac": bac.CIBLES,
}


def gardes() -> list[tuple[Cible, Path]]:
    """Every example kept, with the target that reads it: `exemples/<fuzzer>/<target>/<name>`."""
    cibles = {(nom, cible.nom): cible for nom, siennes in FUZZERS.items() for cible in siennes}
    fichiers = sorted(f for f in EXEMPLES.glob("*/*/*") if f.is_file())
    return [(cibles[f.parts[-3], f.parts[-2]], f) for f in fichiers]
