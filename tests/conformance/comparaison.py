"""Whether our answer is the recorded one, ids and dates mapped: the differences, one line each."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from documents import NON_DEMANDES, Chemin

TOLERANCE = timedelta(seconds=1)
"""A recorded call spans up to two seconds; ours takes one instant of a clock that follows the recorded one."""
VIRTUEL = timedelta(seconds=5)
"""A PDF is dated from the moment it is shown, and a recorded page took seconds to show."""
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
SIGNE = re.compile(r"/(disk|pdf)/[^/]+")
NOEUD = re.compile(r"[A-Z]\w*-.+")
NES_EN_CHEMIN = ("Commentaire", "Traitement", "Row", "Champ", "ProcedureRevision", "Individual")
"""The kinds of node that calls give birth to (a champ: that of a new row), whose ids are mapped."""


@dataclass(slots=True)
class Correspondance:
    """What recorded ids and links are called here; it only grows, and each name has one counterpart."""

    debut: datetime
    base: str = ""
    noms: dict[str, str] = field(default_factory=dict)
    liens: dict[str, str] = field(default_factory=dict)
    _pris: dict[str, str] = field(default_factory=dict)
    _vus: dict[tuple[Any, ...], tuple[str, str]] = field(default_factory=dict)

    def apparie(self, attendu: str, recu: str) -> bool:
        """Map a recorded name onto ours, or check that it already was."""
        if self.noms.get(attendu, recu) != recu or self._pris.get(recu, attendu) != attendu:
            return False
        self.noms[attendu] = recu
        self._pris[recu] = attendu
        return True

    def n_a_pas_bouge_seul(self, lecture: tuple[Any, ...], attendu: str, recu: str) -> bool:
        """Say whether a date read again by the same call stood still here when it did there.

        The other way round is left to the tolerance: two recorded seconds may be one of ours.
        """
        avant = self._vus.get(lecture)
        self._vus[lecture] = (attendu, recu)
        return avant is None or avant[0] != attendu or avant[1] == recu

    def traduit(self, valeur: Any) -> Any:
        """Give a recorded request with our names in it."""
        if isinstance(valeur, dict):
            return {k: self.traduit(v) for k, v in valeur.items()}
        if isinstance(valeur, list):
            return [self.traduit(v) for v in valeur]
        return self.noms.get(valeur, valeur) if isinstance(valeur, str) else valeur


def differences(
    attendu: Any, recu: Any, carte: Correspondance, tolerees: frozenset[Chemin], *, appel: str, stocke: bool
) -> Iterator[str]:
    """Give the differences between a recorded answer and ours to a call, whose text is `appel`.

    `tolerees` are the paths that our document does not ask for; a stored document's `locations` are its own.
    """
    ignores = {"locations"} if stocke else set()
    yield from _compare(attendu, recu, (), Contexte(carte, tolerees, appel, stocke, frozenset(ignores)))


@dataclass(frozen=True, slots=True)
class Contexte:
    """What a comparison needs everywhere."""

    carte: Correspondance
    tolerees: frozenset[Chemin]
    appel: str
    stocke: bool
    ignores: frozenset[str]


def _compare(attendu: Any, recu: Any, chemin: tuple[str | int, ...], c: Contexte) -> Iterator[str]:
    if isinstance(attendu, dict) and isinstance(recu, dict):
        yield from _compare_objets(attendu, recu, chemin, c)
    elif isinstance(attendu, list) and isinstance(recu, list):
        if len(attendu) != len(recu):
            yield f"{_lisible(chemin)} : {len(attendu)} éléments attendus, {len(recu)} reçus"
        for rang, (a, r) in enumerate(zip(attendu, recu, strict=False)):
            yield from _compare(a, r, (*chemin, rang), c)
    elif not _egaux(attendu, recu, chemin, c):
        yield f"{_lisible(chemin)} : {_court(attendu)} attendu, {_court(recu)} reçu"


def _compare_objets(
    attendu: dict[str, Any], recu: dict[str, Any], chemin: tuple[str | int, ...], c: Contexte
) -> Iterator[str]:
    for cle in attendu.keys() - recu.keys() - c.ignores:
        if not _toleree((*chemin, cle), c):
            yield f"{_lisible((*chemin, cle))} : absent"
    for cle in recu.keys() - attendu.keys() - c.ignores:
        yield f"{_lisible((*chemin, cle))} : de trop"
    for cle, dessous in attendu.items():
        if cle in recu and cle not in c.ignores:
            yield from _compare(dessous, recu[cle], (*chemin, cle), c)


def _toleree(chemin: tuple[str | int, ...], c: Contexte) -> bool:
    if c.stocke and chemin[-1] in NON_DEMANDES:
        return True
    sans_rangs = tuple(x for x in chemin[1:] if isinstance(x, str))
    return sans_rangs in c.tolerees


def _egaux(attendu: Any, recu: Any, chemin: tuple[str | int, ...], c: Contexte) -> bool:
    if type(attendu) is not type(recu) or not isinstance(attendu, str):
        return type(attendu) is type(recu) and bool(attendu == recu)
    if chemin[-1] == "dateDerniereModification" and not c.carte.n_a_pas_bouge_seul((c.appel, chemin), attendu, recu):
        return False
    return attendu == recu or _memes_textes(attendu, recu, chemin, c)


def _memes_textes(attendu: str, recu: str, chemin: tuple[str | int, ...], c: Contexte) -> bool:
    """Say whether two texts that differ are the same once mapped: a date, a link, an id, by what holds them."""
    if INSTANT.fullmatch(attendu) and INSTANT.fullmatch(recu):
        marge = VIRTUEL if chemin[-2:] == ("pdf", "createdAt") else TOLERANCE
        return _memes_instants(datetime.fromisoformat(attendu), datetime.fromisoformat(recu), c, marge)
    lecture = PAR_CLE.get(str(chemin[-1]), _memes_noeuds)
    return lecture(attendu, recu, c)


def _meme_somme(attendu: str, recu: str, c: Contexte) -> bool:
    return c.carte.noms.get(attendu) == recu


def _meme_nom(attendu: str, recu: str, c: Contexte) -> bool:
    return c.carte.apparie(attendu, recu)


def _memes_instants(attendu: datetime, recu: datetime, c: Contexte, marge: timedelta = TOLERANCE) -> bool:
    if attendu < c.carte.debut:
        return False
    return abs(attendu - recu) <= marge and attendu.utcoffset() == recu.utcoffset()


def _memes_liens(attendu: str, recu: str, c: Contexte) -> bool:
    net = SIGNE.sub(r"/\1/<signed>", recu.replace(c.carte.base, "https://ds.example"))
    c.carte.liens[attendu] = recu
    return net == attendu


def _memes_curseurs(attendu: str, recu: str, c: Contexte) -> bool:
    la_bas, ici = _curseur(attendu), _curseur(recu)
    return la_bas[1] == ici[1] and _memes_instants(la_bas[0], ici[0], c)


def _curseur(texte: str) -> tuple[datetime, str]:
    date, _, numero = base64.urlsafe_b64decode(texte + "=" * (-len(texte) % 4)).decode().partition(";")
    return datetime.fromisoformat(date[:19] + "+00:00"), numero


def _memes_noeuds(attendu: str, recu: str, c: Contexte) -> bool:
    la_bas, ici = _noeud(attendu), _noeud(recu)
    if la_bas is None or ici is None or la_bas[0] != ici[0] or la_bas[0] not in NES_EN_CHEMIN:
        return False
    if la_bas[0] == "Champ" and la_bas[1].partition("|")[0] != ici[1].partition("|")[0]:
        return False
    return c.carte.apparie(attendu, recu)


def _noeud(texte: str) -> tuple[str, str] | None:
    try:
        clair = base64.b64decode(texte, validate=True).decode()
    except (ValueError, binascii.Error):
        return None
    if not NOEUD.fullmatch(clair):
        return None
    sorte, _, cle = clair.partition("-")
    return sorte, cle


PAR_CLE: dict[str, Callable[[str, str, Contexte], bool]] = {
    "checksum": _meme_somme,
    "blobId": _meme_nom,
    "exception_id": _meme_nom,
    "url": _memes_liens,
    "startCursor": _memes_curseurs,
    "endCursor": _memes_curseurs,
}
"""How two texts are compared, by the key that holds them; the others may only be ids of nodes."""


def _lisible(chemin: tuple[str | int, ...]) -> str:
    return ".".join(map(str, chemin)) or "la réponse"


def _court(valeur: Any) -> str:
    ecrit = json.dumps(valeur, ensure_ascii=False)
    return ecrit if len(ecrit) <= 90 else ecrit[:87] + "…"
