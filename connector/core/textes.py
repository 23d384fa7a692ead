"""Words as people type them: one comparable form of a label, the nearest known word, a short quotation."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from connector.core.typographie import composer

_VARIANTES = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ′`´‛", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("«»“”„", '"'),
        **dict.fromkeys("°º", "o"),
        "œ": "oe",
        "Œ": "oe",
        "æ": "ae",
        "Æ": "ae",
    }
)
_APOSTROPHE = re.compile(r"(?<=[^\W_])'(?=[\w«])")
_RESSEMBLANCE = 0.6
_CITATION = 40
_LIBELLE = 200
"""Characters of a text that may be a label, whose form is remembered; a longer one is somebody's message."""


def normaliser(texte: str) -> str:
    """The form in which two spellings of one label are equal.

    Case, accents, ligatures, kinds of apostrophe, quote, dash and space, invisible characters, and the « : » or « * »
    that forms put at the end do not count.
    """
    return _retenue(texte) if len(texte) <= _LIBELLE else _forme(texte)


def _forme(texte: str) -> str:
    plat = _sans_accents(_sans_accents(texte).casefold())
    return " ".join(plat.split()).rstrip(" :*")


_retenue = lru_cache(maxsize=4096)(_forme)


def _sans_accents(texte: str) -> str:
    decompose = unicodedata.normalize("NFKD", texte.translate(_VARIANTES)).translate(_VARIANTES)
    return "".join([c for c in decompose if c.isascii() or unicodedata.category(c) not in {"Mn", "Cf"}])


def proche(mot: str, connus: Iterable[str]) -> str | None:
    """The known word that looks most like this one, as it is really spelled; None when none does."""
    par_forme = {normaliser(connu): connu for connu in connus}
    trouves = difflib.get_close_matches(normaliser(mot), par_forme, n=1, cutoff=_RESSEMBLANCE)
    return par_forme[trouves[0]] if trouves else None


def suggestion(mot: str, connus: Iterable[str]) -> str:
    """« ; vouliez-vous dire « … » ? », or "" when nothing looks like it."""
    connu = proche(mot, connus)
    return f" ; vouliez-vous dire « {connu} » ?" if connu else ""


def ponctuer(phrase: str) -> str:
    """The sentence with its full stop, which a question does without."""
    return phrase if phrase.endswith(("?", "!")) else f"{phrase.rstrip('.')}."


def abreger(texte: str) -> str:
    """The text on one line, short enough for a sentence."""
    ligne = " ".join(texte.split())
    return ligne if len(ligne) <= _CITATION else ligne[: _CITATION - 1].rstrip() + "…"


def citer(texte: str) -> str:
    """« the text », on one line and short enough for a sentence."""
    return f"« {abreger(texte)} »"


def entre_parentheses(texte: str) -> str:
    """The text as it stands between brackets: its own are square ones."""
    return f"({texte.replace('(', '[').replace(')', ']')})"


def enumerer(mots: Iterable[str], *, lien: str = "et") -> str:
    """« a, b et c »; "" for none."""
    liste = list(mots)
    return f" {lien} ".join((", ".join(liste[:-1]), liste[-1])) if len(liste) > 1 else "".join(liste)


@lru_cache(maxsize=2048)
def typographier(phrase: str) -> str:
    """The sentence as French print has it: curly apostrophes, no-break spaces where a line must not break.

    The straight quotes around what a machine reads are left alone.
    """
    return composer(_APOSTROPHE.sub("’", phrase))
