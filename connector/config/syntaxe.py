"""A file that is not TOML: which line, what is wrong with it, what to write instead; its text is never shown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from connector.errors import Problem

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)$")
_CLE = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w.-]+)\s*=""")
_TITRE = re.compile(r"\s*\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?$")
_REMEDES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"=[^\"'#]*[“”„«»‘’]"),
        'guillemets typographiques : mettez des guillemets droits ("…") autour du texte',
    ),
    (
        re.compile(r"=\s*(?:oui|non|vrai|faux|True|False|TRUE|FALSE|on|off|yes|no)\s*(?:#.*)?$"),
        "une réponse oui ou non s'écrit true ou false, en minuscules et sans guillemets",
    ),
    (
        re.compile(r"=\s*\d{1,2}[/.]\d{1,2}[/.]\d{2,4}"),
        "une date s'écrit année-mois-jour, sans guillemets : 2026-09-01",
    ),
    (re.compile(r"=\s*-?\d+,\d"), "un nombre décimal s'écrit avec un point : 1.5"),
    (re.compile(r"=\s*-?\d[\d ]*\s\d"), "un nombre s'écrit sans espace : 1000"),
    (re.compile(r"=\s*(?:#.*)?$"), "il manque la valeur après « = »"),
    (
        re.compile(r"^\s*[^=\[\]\"'#]*[^\x00-\x7f][^=\"']*="),
        'une clé qui contient un accent s\'écrit entre guillemets : "clé" = …',
    ),
    (
        re.compile(r"^\s*[\w-]+\s+[\w-][^=\"']*="),
        'une clé qui contient un espace s\'écrit entre guillemets : "ma clé" = …',
    ),
    (re.compile(r"^\s*[\w.-]+\s*:"), "une clé et sa valeur sont séparées par « = », pas par « : »"),
    (re.compile(r"^\s*\[[^\]]*$"), "il manque le crochet fermant « ] » du titre de la section"),
    (re.compile(r"^\s*[\w.-]+\s*(?:#.*)?$"), "il manque « = » et une valeur après cette clé"),
)

_LISTE_OUVERTE = re.compile(r"=\s*\[[^\]]*$")
_DANS_UN_TEXTE = ("Unescaped", "hex value")
_PAR_MESSAGE = (
    (
        "Unescaped",
        _BARRE := "dans un texte, « \\ » s'écrit « \\\\ » (ou mettez le texte entre apostrophes : 'C:\\dossier')",
    ),
    ("hex value", _BARRE),
    ("Unterminated", _GUILLEMET := "un guillemet n'est pas fermé : ajoutez le guillemet qui manque"),
    ("Illegal character", _GUILLEMET),
    ("array", "une liste n'est pas fermée, ou il y manque une virgule : vérifiez les « , » et le « ] »"),
    ("inline table", "il manque une virgule ou une accolade : vérifiez les « , » et le « } » de cette ligne"),
    ("Invalid value", 'cette valeur ne se lit pas : un texte s\'écrit entre guillemets ("…")'),
    ("", "cette ligne n'est pas du TOML : vérifiez les guillemets, les virgules et les crochets"),
)
"""By what the reader said of the place where it stopped; the first one that applies."""


_LARGEUR = 1_000
"""Characters of a line that are looked at to find what is wrong with it: patterns look everywhere for each thing."""


def syntax_problem(texte: str, message: str) -> Problem:
    """What prevents `tomllib`, which said that message, from reading that text: a line, a cause, a remedy."""
    place = _PLACE.search(message)
    lignes = [ligne[:_LARGEUR] for ligne in texte.split("\n")]
    rang = int(place[1]) if place else len(texte.rstrip().split("\n"))
    if "array" in message:
        return Problem("", _cause(lignes, rang, message), _ouverture(lignes, rang))
    colonne = f"colonne {place[2]}" if place else ""
    return Problem(colonne, _cause(lignes, rang, message), rang)


def _ouverture(lignes: list[str], rang: int) -> int:
    """The line where the list that never ends begins."""
    return next((n for n in range(min(rang, len(lignes)), 0, -1) if _LISTE_OUVERTE.search(lignes[n - 1])), rang)


def _cause(lignes: list[str], rang: int, message: str) -> str:
    ligne = lignes[rang - 1] if rang <= len(lignes) else ""
    if "overwrite" in message or "twice" in message:
        return _deux_fois(lignes, rang)
    if not any(mot in message for mot in _DANS_UN_TEXTE):
        par_la_ligne = (remede for motif, remede in _REMEDES if motif.search(ligne))
        if remede := next(par_la_ligne, ""):
            return remede
    guillemet = "Unterminated" if ligne.count('"') % 2 else message
    return next(remede for mot, remede in _PAR_MESSAGE if mot in guillemet)


def _deux_fois(lignes: list[str], rang: int) -> str:
    """Which key or table is written twice, and where the first one is."""
    ici = lignes[rang - 1]
    section, cle = titre(ici), _CLE.match(ici)
    if section:
        deja = next((n for n, ligne in enumerate(lignes[: rang - 1], 1) if titre(ligne) == section), 0)
        quoi = f"la section [{section}] est déjà écrite"
        return f"{quoi}{f' ligne {deja}' if deja else ''} : réunissez les deux en une seule"
    if cle is None:
        return "une clé est écrite deux fois : gardez-en une seule"
    deja = next((n for n in _au_dessus(lignes, rang) if (vue := _CLE.match(lignes[n - 1])) and vue[1] == cle[1]), 0)
    return f"la clé « {cle[1]} » est déjà écrite{f' ligne {deja}' if deja else ''} : gardez-en une seule"


def _au_dessus(lignes: list[str], rang: int) -> Iterator[int]:
    """The lines of the same section, going up."""
    for n in range(rang - 1, 0, -1):
        if titre(lignes[n - 1]):
            return
        yield n


def titre(ligne: str) -> str:
    """The section that begins on that line, "" when none does."""
    lu = _TITRE.match(ligne)
    return lu[1].strip() if lu else ""
