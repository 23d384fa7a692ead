"""French typography, by one rule: no line may break before a high punctuation mark, nor inside « », n° 1 or 5 %.

The rule is that of the Imprimerie nationale: a narrow no-break space before « ; ! ? », a full one before « : » and
inside « ». Only blanks that are already there are replaced, so that an address such as https://… stays what it is.
"""

from __future__ import annotations

import re
from functools import lru_cache

FINE, INSECABLE = "\u202f", "\u00a0"

_BLANC = f"[ {FINE}{INSECABLE}]+"
_FIN = r"(?=[\s»)\]]|$)"
_REGLES = (
    (frozenset(";!?"), re.compile(rf"(?<=\S){_BLANC}(?=[;!?]+{_FIN})", re.MULTILINE), FINE),
    (frozenset(":"), re.compile(rf"(?<=\S){_BLANC}(?=:{_FIN})", re.MULTILINE), INSECABLE),
    (frozenset("«»"), re.compile(rf"(?<=«){_BLANC}|(?<=\S){_BLANC}(?=»)"), INSECABLE),
    (
        frozenset("°º%€"),
        re.compile(rf"(?<=\bn[°º]){_BLANC}(?=\d)|(?<=\d){_BLANC}(?=[%€])", re.IGNORECASE),
        INSECABLE,
    ),
)
"""Each rule, after the marks without which it has nothing to do."""
_MARQUES = frozenset(mark for marks, _, _ in _REGLES for mark in marks)


@lru_cache(maxsize=2048)
def composer(texte: str) -> str:
    """The same words with their no-break spaces; composing twice changes nothing more."""
    la = _MARQUES.intersection(texte)
    for marques, motif, espace in _REGLES:
        if not la.isdisjoint(marques):
            texte = motif.sub(espace, texte)
    return texte
