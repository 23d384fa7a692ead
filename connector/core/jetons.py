"""Where a token of DS shows in a text: known by its shape, or because it is the one in use.

Its shape: URL-safe base64 of « uuid;secret » (contract §1.2). Forty-eight characters hold the uuid exactly.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from collections.abc import Collection, Iterator

VARIABLE = "DS_JETON"
"""The environment's variable where the token is, unless the configuration names another place."""

MINIMUM = 16
"""Characters of the shortest text that is looked for as a token: a shorter one could be any word."""

_CHERCHE = re.compile(rf"[A-Za-z0-9_=-]{{{MINIMUM},}}")
"""What is looked for: a path that somebody put where the token goes is none, and stands in honest places too."""

_LONGUEUR = 48
_TIRETS = (11, 31)
"""Where two of the uuid's hyphens come out as « t », whatever it is: nearly all other texts are told apart there."""

_SUITE = re.compile(rf"[A-Za-z0-9_-]{{{_LONGUEUR},}}=*")
_IDENTITE = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def montre(texte: str, connus: Collection[str] = ()) -> bool:
    """Whether a token can be read in that text: one of `connus`, or anything that has the shape of one."""
    return any(connu in texte for connu in _cherches(connus)) or next(_places(texte), None) is not None


def masque(texte: str, connus: Collection[str] = ()) -> str:
    """The text with « <masqué> » wherever `montre` would see a token."""
    for connu in _cherches(connus):
        texte = texte.replace(connu, "<masqué>")
    for debut, fin in reversed(list(_places(texte))):
        texte = f"{texte[:debut]}<masqué>{texte[fin:]}"
    return texte


def _cherches(connus: Collection[str]) -> Iterator[str]:
    return filter(_CHERCHE.fullmatch, connus)


def _places(texte: str) -> Iterator[tuple[int, int]]:
    """From where to where, once for each unbroken run of such characters: what is glued before a token stays."""
    for suite in _SUITE.finditer(texte):
        lettres = suite[0].rstrip("=")
        for debut in range(len(lettres) - _LONGUEUR + 1):
            if not lettres[debut + _TIRETS[0]] == "t" == lettres[debut + _TIRETS[1]]:
                continue
            if _IDENTITE.fullmatch(urlsafe_b64decode(lettres[debut : debut + _LONGUEUR])):
                yield suite.start() + debut, suite.end()
                break
