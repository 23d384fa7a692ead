"""What an examination finds, and what it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connector.core.montants import pluriel
from connector.core.textes import typographier

if TYPE_CHECKING:
    from connector.examens.terrain import Terrain


class Gravite(StrEnum):
    """How serious; `NON_VERIFIE` when something else, told elsewhere, prevented looking."""

    OK = "OK"
    ATTENTION = "attention"
    ERREUR = "erreur"
    NON_VERIFIE = "non vérifié"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resultat:
    """One thing found: `cause` is a French sentence, `remede` what to do about it ("" when there is nothing to do)."""

    gravite: Gravite
    cause: str
    remede: str = ""


def ok(cause: str) -> Resultat:
    """All is well, and what was seen."""
    return Resultat(gravite=Gravite.OK, cause=_phrase(cause))


def attention(cause: str, remede: str) -> Resultat:
    """It works, or will work, but somebody should look."""
    return Resultat(gravite=Gravite.ATTENTION, cause=_phrase(cause), remede=typographier(remede))


def erreur(cause: str, remede: str) -> Resultat:
    """It does not work, or would do harm."""
    return Resultat(gravite=Gravite.ERREUR, cause=_phrase(cause), remede=typographier(remede))


def _phrase(texte: str) -> str:
    """A sentence, as French print has it."""
    return typographier(texte[:1].upper() + texte[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Examen:
    """One examination: `cle` for programs, `titre` for people, `mene` does it.

    `mene` may raise `Prealable` when what it needs is not there, and any `ConnectorError`, which is then what it found.
    """

    cle: str
    titre: str
    mene: Callable[[Terrain], Iterable[Resultat]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouve:
    """What one examination found, in order."""

    examen: Examen
    resultats: tuple[Resultat, ...]

    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """Each thing found as a reader sees it: gravity, title, cause, remedy; not what could not be looked at."""
        vus = (r for r in self.resultats if r.gravite is not Gravite.NON_VERIFIE)
        return tuple((r.gravite.value, self.examen.titre, r.cause, r.remede) for r in vus)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """What all of them found."""

    trouves: tuple[Trouve, ...]

    def nombre(self, gravite: Gravite) -> int:
        """How many things of that gravity."""
        return sum(r.gravite is gravite for t in self.trouves for r in t.resultats)

    def ecartes(self) -> tuple[tuple[str, str, str, str], ...]:
        """What could not be looked at, in the same shape as `rows`."""
        tous = ((t.examen.titre, r) for t in self.trouves for r in t.resultats)
        return tuple((r.gravite.value, titre, r.cause, "") for titre, r in tous if r.gravite is Gravite.NON_VERIFIE)

    @property
    def exit_code(self) -> int:
        """1 when something is wrong, else 0: what only deserves attention does not stop a deployment."""
        return int(self.nombre(Gravite.ERREUR) > 0)

    def json(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "erreurs": self.nombre(Gravite.ERREUR),
            "attentions": self.nombre(Gravite.ATTENTION),
            "examens": [
                {
                    "examen": t.examen.cle,
                    "titre": t.examen.titre,
                    "gravite": r.gravite.value,
                    "cause": r.cause,
                    "remede": r.remede,
                }
                for t in self.trouves
                for r in t.resultats
            ],
        }

    def text(self) -> str:
        """« 2 erreurs, 1 point d’attention », in one line."""
        erreurs, attentions = self.nombre(Gravite.ERREUR), self.nombre(Gravite.ATTENTION)
        if not erreurs and not attentions:
            return "Tout va bien."
        return (
            f"{pluriel(erreurs, 'erreur')}, "
            f"{pluriel(attentions, 'point d’attention', 'points d’attention')} ; rien n’a été écrit dans DS."
        )
