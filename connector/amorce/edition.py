"""Changes to a TOML text that leave the rest of it as it is, comments and blanks included."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.config.positions import Positions


def en_toml(valeur: object) -> str:
    """A text, a number, true or false, a list or a table, on one line."""
    match valeur:
        case bool():
            return "true" if valeur else "false"
        case str():
            return json.dumps(valeur, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list() | tuple():
            return f"[{', '.join(map(en_toml, valeur))}]"
        case Mapping():
            return "{ " + ", ".join(f"{cle} = {en_toml(v)}" for cle, v in valeur.items()) + " }"
        case _:
            return str(valeur)


@dataclass(slots=True)
class Edition:
    """One text and the changes asked of it, made all together by `texte`; places are those of the text given."""

    avant: str
    positions: Positions = field(init=False)
    changements: list[tuple[int, int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.positions = Positions.of(self.avant)

    def __contains__(self, chemin: str) -> bool:
        return chemin in self.positions.etendues

    def valeur(self, chemin: str, valeur: Any) -> None:
        """Write another value there; nothing when the path is not in the text."""
        if chemin in self:
            etendue = self.positions.etendues[chemin]
            self.remplace(etendue.debut, etendue.fin, en_toml(valeur))

    def lue(self, chemin: str) -> Any:
        """The value there, None when the path is not in the text."""
        if chemin not in self:
            return None
        etendue = self.positions.etendues[chemin]
        return tomllib.loads(f"x = {self.avant[etendue.debut : etendue.fin]}")["x"]

    def titres(self) -> list[tuple[str, int]]:
        """The path of each table header and where it stands, in the order of the text."""
        debuts = {e.debut: c for c, e in reversed(self.positions.etendues.items()) if self._ouvre_une_ligne(e.debut)}
        return [(debuts[debut], debut) for debut in sorted(debuts)]

    def _ouvre_une_ligne(self, debut: int) -> bool:
        return self.avant[debut] == "[" and not self.avant[:debut].rpartition("\n")[2].strip()

    def option_de(self, regle: str, option: str) -> str:
        """The path of an option of the shared rule of that key; "" when there is no such rule."""
        regles = tomllib.loads(self.avant).get("regles", [])
        return next((f"regles[{n}].{option}" for n, r in enumerate(regles) if r.get("cle") == regle), "")

    def remplace(self, debut: int, fin: int, texte: str) -> None:
        """Write that instead of those characters."""
        self.changements.append((debut, fin, texte))

    def ligne(self, chemin: str) -> tuple[int, int]:
        """The whole lines of that value: from the beginning of its key's to before the end of its last one."""
        etendue = self.positions.etendues[chemin]
        fin = self.avant.find("\n", etendue.fin)
        return self.avant.rfind("\n", 0, etendue.debut) + 1, len(self.avant) if fin < 0 else fin

    def seule_sur_sa_ligne(self, chemin: str) -> bool:
        """Whether that value has a `key = value` line of its own, so that the line may be made a comment."""
        etendue = self.positions.etendues[chemin]
        devant = self.avant[self.ligne(chemin)[0] : etendue.debut]
        return re.fullmatch(r"""[ \t]*(?:[\w-]+|"[^"]*"|'[^']*')[ \t]*=[ \t]*""", devant) is not None

    def commentaire(self, chemin: str) -> str:
        """What stands after the value on its line."""
        return self.avant[self.positions.etendues[chemin].fin : self.ligne(chemin)[1]].strip()

    def apres(self, chemin: str, texte: str) -> None:
        """Add those lines after the one of that value."""
        fin = self.ligne(chemin)[1]
        self.remplace(fin, fin, f"\n{texte}")

    def texte(self) -> str:
        """The text with every change made; of two changes of the same place the last one counts."""
        fait, ici = [], 0
        for debut, fin, nouveau in sorted({(d, f): (d, f, n) for d, f, n in self.changements}.values()):
            if debut >= ici:
                fait += [self.avant[ici:debut], nouveau]
                ici = fin
        return "".join([*fait, self.avant[ici:]])
