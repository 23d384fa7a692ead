"""Where each key of a TOML text stands: for the line of a problem, and for edits that leave the rest alone.

`tomllib` keeps no position. The text walked here is one that it has already accepted, so nothing is checked again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from connector.config.francais import joined

_VIDE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BLANC = re.compile(r"[ \t]*")
_TEXTE = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'",
    re.DOTALL,
)
_NUE = re.compile(r"[A-Za-z0-9_-]+")
_SCALAIRE = re.compile(r"[^\s,\]}#](?:[^,\]}#\n]*[^\s,\]}#])?")

_PROPRE = re.compile(r"^demarches\[\d+\]\.(?=correspondance\b|regles\b)")

Chemin = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Etendue:
    """Characters of the text, from `debut` to before `fin`: a value, or the header of a table."""

    debut: int
    fin: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Positions:
    """The place of every value and of every table header of one text, by dotted path (`regles[0].champ`)."""

    texte: str
    etendues: dict[str, Etendue] = field(default_factory=dict)
    par_cle: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, texte: str) -> Self:
        """The places in that text, which must be valid TOML."""
        positions = cls(texte=texte)
        for chemin, etendue in _Parcours(texte).lignes():
            positions.etendues.setdefault(joined("", *chemin), etendue)
            if (
                chemin[-3:-2] == ("regles",) and chemin[-1] == "cle"
            ):  # « regles.piece_cv » names a rule as well as its rank does
                par_cle = joined("", *chemin[:-2], texte[etendue.debut + 1 : etendue.fin - 1])
                positions.par_cle.setdefault(par_cle, joined("", *chemin[:-1]))
        return positions

    def ligne(self, chemin: str) -> int:
        """The line, from 1, of that path, or of the nearest table that could hold it; 0 when there is none.

        A path of the shared mapping or rules may be one of a démarche's own.
        """
        for cle, rang in self.par_cle.items():
            if _contient(_PROPRE.sub("", cle), chemin):
                chemin = rang + chemin.removeprefix(_PROPRE.sub("", cle))
                break
        contenants = (c for c in self.etendues if _contient(_PROPRE.sub("", c), _PROPRE.sub("", chemin)))
        proche = max(contenants, key=lambda c: (len(_PROPRE.sub("", c)), _contient(c, chemin)), default="")
        return self.texte.count("\n", 0, self.etendues[proche].debut) + 1 if proche else 0


def _contient(table: str, chemin: str) -> bool:
    return chemin == table or chemin.startswith((f"{table}.", f"{table}["))


class _Parcours:
    """One walk through a text."""

    def __init__(self, texte: str) -> None:
        self.texte, self.ici = texte, 0
        self.rangs: dict[Chemin, int] = {}

    def lignes(self) -> Iterator[tuple[Chemin, Etendue]]:
        """Every header and every value, in the order of the text, a container before what it holds."""
        table: Chemin = ()
        self._passe(_VIDE)
        while self.ici < len(self.texte):
            if self.texte[self.ici] == "[":
                debut = self.ici
                table = self._entete()
                yield table, Etendue(debut=debut, fin=self.ici)
            else:
                yield from self._cle_et_valeur(table)
            self._passe(_VIDE)

    def _entete(self) -> Chemin:
        """The path that `[a.b]` or `[[a.b]]` opens, with the rank of each list of tables on the way."""
        liste = self.texte.startswith("[[", self.ici)
        self.ici += 1 + liste
        chemin: Chemin = ()
        noms = self._cle()
        for profondeur, nom in enumerate(noms, 1):
            chemin += (nom,)
            if liste and profondeur == len(noms):
                self.rangs[chemin] = self.rangs.get(chemin, -1) + 1
            if chemin in self.rangs:
                chemin += (self.rangs[chemin],)
        self.ici += 1 + liste
        return chemin

    def _cle_et_valeur(self, table: Chemin) -> Iterator[tuple[Chemin, Etendue]]:
        chemin = table + self._cle()
        self.ici += 1  # the equal sign
        self._passe(_BLANC)
        yield from self._valeur(chemin)

    def _cle(self) -> tuple[str, ...]:
        """A dotted key, and the blanks around it."""
        noms: list[str] = []
        while True:
            self._passe(_BLANC)
            nom = self._passe(_TEXTE)
            noms.append(str(tomllib.loads(f"x = {nom}")["x"]) if nom else self._passe(_NUE))
            self._passe(_BLANC)
            if self.texte[self.ici] != ".":
                return tuple(noms)
            self.ici += 1

    def _valeur(self, chemin: Chemin) -> Iterator[tuple[Chemin, Etendue]]:
        debut = self.ici
        dedans: list[tuple[Chemin, Etendue]] = []
        match self.texte[self.ici]:
            case "[":
                for rang in self._elements("]"):
                    dedans += self._valeur((*chemin, rang))
            case "{":
                for _ in self._elements("}"):
                    dedans += self._cle_et_valeur(chemin)
            case _:
                _ = self._passe(_TEXTE) or self._passe(_SCALAIRE)
        yield chemin, Etendue(debut=debut, fin=self.ici)
        yield from dedans

    def _elements(self, fin: str) -> Iterator[int]:
        """The rank of each element, the walk standing at its beginning; then past the closing bracket."""
        self.ici += 1
        rang = 0
        while True:
            self._passe(_VIDE)
            if self.texte[self.ici] == ",":
                self.ici += 1
            elif self.texte[self.ici] == fin:
                self.ici += 1
                return
            else:
                yield rang
                rang += 1

    def _passe(self, motif: re.Pattern[str]) -> str:
        """What the pattern matches here, passed; "" when it does not match."""
        trouve = motif.match(self.texte, self.ici)
        if trouve is None:
            return ""
        self.ici = trouve.end()
        return trouve[0]
