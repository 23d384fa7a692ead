"""What is wrong with a file, gathered while every table of it is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from connector.config.francais import inconnue, problems_of
from connector.config.mots import PAS_UNE_CLE, Lieu, is_key
from connector.errors import Problem

Modele = TypeVar("Modele", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Releve:
    """The problems met so far; `sujet` begins the messages of those that are about one thing."""

    lieu: Lieu
    sujet: str = ""
    problems: list[Problem] = field(default_factory=list)
    remarques: list[Problem] = field(default_factory=list)

    def about(self, sujet: str) -> Releve:
        """The same list, for problems with that thing."""
        return replace(self, sujet=f"{sujet} : " if sujet else "")

    def add(self, chemin: str, message: str) -> None:
        """One more problem."""
        self.problems.append(Problem(chemin, self.sujet + message))

    def remark(self, chemin: str, message: str) -> None:
        """Something that is not wrong, and that the operator may not have meant."""
        self.remarques.append(Problem(chemin, self.sujet + message))

    def valid(self, modele: type[Modele], brut: Any, chemin: str) -> Modele | None:
        """The table as that model; None, and one problem for each thing wrong, otherwise."""
        try:
            return modele.model_validate(brut, context=self.lieu)
        except ValidationError as error:
            for problem in problems_of(error, modele, chemin):
                self.add(problem.path, problem.message)
            return None

    def entries(
        self, modele: type[Modele], brut: Any, chemin: str, connues: Iterable[str] | None = None
    ) -> dict[str, Modele | None]:
        """Each entry of a table as that model, None when it is wrong; its key must be one of `connues`, if given."""
        if not self.is_table(brut, chemin):
            return {}
        if connues is not None:
            self.refuse_unknown(brut, f"{chemin}.", connues)
        for cle in brut:
            if not is_key(cle):
                self.add(f"{chemin}.{cle}", PAS_UNE_CLE)
        return {cle: self.valid(modele, valeur, f"{chemin}.{cle}") for cle, valeur in brut.items()}

    def is_table(self, brut: Any, chemin: str) -> bool:
        """Whether it is a table; a problem otherwise."""
        if not isinstance(brut, dict):
            self.add(chemin, "une table est attendue")
        return isinstance(brut, dict)

    def tables(self, brut: Any, chemin: str) -> list[Any]:
        """The tables of a list of tables; a problem and none otherwise."""
        if isinstance(brut, list):
            return brut
        self.add(chemin, f"une liste de tables est attendue : [[{chemin}]]")
        return []

    def refuse_unknown(self, brut: Mapping[str, Any], prefixe: str, connues: Iterable[str]) -> None:
        """A problem for each key that is not one of `connues`."""
        permises = tuple(connues)
        for cle in brut:
            if cle not in permises:
                self.add(f"{prefixe}{cle}", inconnue(cle, permises))
