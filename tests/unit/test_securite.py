"""The threat model names its proofs: each of them exists."""

from __future__ import annotations

import ast
import re
import time
from functools import cache
from pathlib import Path

import pytest

from connector import logs
from connector.config.syntaxe import syntax_problem, titre
from connector.core import empreintes, jetons
from connector.core.candidature import lire_date, lire_nombre
from connector.core.courrier import annonce_une_suite
from connector.core.textes import normaliser
from connector.core.typographie import composer

RACINE = Path(__file__).parents[2]
MODELE = (RACINE / "docs" / "securite.fr.md").read_text(encoding="utf-8")
LIGNES = [line for line in MODELE.splitlines() if line.startswith("| ") and not line.startswith("| Menace")]
PREUVE = re.compile(r"`([\w/]+\.py)::(\w+)`")


@pytest.mark.parametrize("line", LIGNES, ids=[line.split("|")[1].strip() for line in LIGNES])
def test_each_threat_has_a_proof_that_exists(line):
    proofs = PREUVE.findall(line)
    assert proofs
    for fichier, test in proofs:
        assert f"def {test}(" in (RACINE / "tests" / fichier).read_text(encoding="utf-8"), (fichier, test)


def test_there_are_threats_of_every_kind():
    assert len(LIGNES) >= 60
    assert MODELE.count("| Menace |") == 7


APPELS = {"compile", "match", "search", "sub", "subn", "fullmatch", "findall", "finditer", "split"}


@cache
def _modules():
    return [(f, ast.parse(f.read_text(encoding="utf-8"))) for f in sorted((RACINE / "connector").rglob("*.py"))]


def _texte_du_programme(noeud: ast.expr) -> bool:
    """Whether that pattern is written in the program: a text, a name of its own, texts put together."""
    match noeud:
        case ast.Constant() | ast.Name() | ast.Attribute():
            return True
        case ast.JoinedStr():
            return all(_texte_du_programme(v.value) for v in noeud.values if isinstance(v, ast.FormattedValue))
        case ast.BinOp():
            return _texte_du_programme(noeud.left) and _texte_du_programme(noeud.right)
        case ast.Call(func=ast.Attribute(attr="escape")):
            return True
        case _:
            return False


def test_no_pattern_comes_from_the_configuration_nor_from_anybody():
    ailleurs = [
        f"{fichier.name}:{appel.lineno}"
        for fichier, module in _modules()
        for appel in ast.walk(module)
        if isinstance(appel, ast.Call) and isinstance(appel.func, ast.Attribute) and appel.func.attr in APPELS
        if isinstance(appel.func.value, ast.Name) and appel.func.value.id == "re"
        if not _texte_du_programme(appel.args[0])
    ]
    assert ailleurs == []


def test_nothing_in_the_program_can_stop_verifying_a_certificate():
    interdits = ("CERT_NONE", "check_hostname", "_create_unverified_context", "disable_warnings", "ssl_verify")
    for fichier, module in _modules():
        for noeud in ast.walk(module):
            nom = getattr(noeud, "attr", None) or getattr(noeud, "id", None)
            assert nom not in interdits, fichier
            if isinstance(noeud, ast.keyword) and noeud.arg in {"verify", "verify_certificate"}:
                assert not isinstance(noeud.value, ast.Constant), (fichier, noeud.value)


LONGS = [
    signe * (1_000_000 // len(signe)) for signe in ("a", " ", "\n", "é", "a@", "a.", "https://", "« ", "0", "-", "n°")
]


@pytest.mark.parametrize("texte", LONGS, ids=[repr(texte[:8]) for texte in LONGS])
def test_our_own_patterns_read_a_megabyte_in_no_time(texte):
    debut = time.process_time()
    for lire in (logs.redact, composer, normaliser, empreintes.reference_in, annonce_une_suite, lire_nombre, lire_date):
        lire(texte)
    assert time.process_time() - debut < 10


@pytest.mark.parametrize("texte", [*LONGS, "=" * 1_000_000, "[" * 1_000_000], ids=lambda texte: repr(texte[:8]))
def test_a_line_of_the_configuration_is_read_in_no_time_however_long(texte):
    debut = time.process_time()
    for ligne in (texte, f"[{texte}", f"x = {texte}"):
        titre(ligne)
        jetons.masque(ligne)
        syntax_problem(f"{ligne}\n{ligne}", "Cannot overwrite a value (at line 2, column 4)")
        syntax_problem(ligne, "Invalid value (at line 1, column 4)")
    assert time.process_time() - debut < 10
