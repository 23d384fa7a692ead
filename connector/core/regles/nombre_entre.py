"""A number must lie between two bounds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible
from connector.core.constat import Statut
from connector.core.correspondance import TypeLogique
from connector.core.montants import nombre
from connector.core.regles.base import Contexte, Exemple, RegleDeChamp, SiVide, Verdict, blank, unreadable
from connector.core.textes import typographier


@dataclass(frozen=True, slots=True, kw_only=True)
class NombreEntre(RegleDeChamp):
    """A minimum, a maximum, or both; the bounds themselves are accepted."""

    type: ClassVar[str] = "nombre_entre"
    manuel: ClassVar[str] = typographier(
        "Un nombre doit être compris entre « minimum » et « maximum », bornes comprises. À vérifier si la réponse "
        "n'est pas clairement un nombre (« cinquante », « 1.200 ») ou si elle est vide (« si_vide »). « unite » "
        "s'affiche après le nombre."
    )
    types: ClassVar[frozenset[TypeLogique]] = frozenset({TypeLogique.ENTIER, TypeLogique.DECIMAL})

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    unite: str = ""
    si_vide: SiVide = SiVide.A_VERIFIER

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """No bound, or a minimum above the maximum."""
        if self.minimum is None and self.maximum is None:
            return (("minimum", "donnez « minimum », « maximum », ou les deux"),)
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            return (("minimum", "le minimum dépasse le maximum"),)
        return ()

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """KO out of bounds, doubtful when it is no number."""
        match lu.lecture:
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=int() | Decimal() as valeur) if (
                not isinstance(valeur, bool) and Decimal(valeur).is_finite()
            ):
                return self._juge(nom, Decimal(valeur))
            case Connu():
                return unreadable(nom, Illisible("un nombre est attendu"))
            case _:
                return blank(nom, self.si_vide)

    def _juge(self, nom: str, valeur: Decimal) -> Verdict:
        court = f"{self.libelle} {self._montre(valeur)}"
        if self.minimum is not None and valeur < self.minimum:
            ecart = f"moins que le minimum de {self._montre(self.minimum)}"
        elif self.maximum is not None and valeur > self.maximum:
            ecart = f"plus que le maximum de {self._montre(self.maximum)}"
        else:
            return Verdict(statut=Statut.OK, phrase=f"{nom} : {self._montre(valeur)} convient.", court=court)
        phrase = f"{nom} : {self._montre(valeur)}, {ecart}."
        return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de vérifier cette valeur.", court=court)

    def _montre(self, valeur: Decimal) -> str:
        return f"{nombre(valeur)}\u00a0{self.unite}" if self.unite else nombre(valeur)

    def exemples(self) -> tuple[Exemple, ...]:
        """On a bound, out of bounds, and in letters."""
        if self.minimum is not None:
            bon, mauvais = self.minimum, self.minimum - 1
        else:
            bon = self.maximum if self.maximum is not None else Decimal(0)
            mauvais = bon + 1
        illisible = Illisible("un nombre est attendu", "cinquante")
        return (
            self._cas(f"{self.libelle} : {self._montre(bon)}", Connu(bon), Statut.OK),
            self._cas(f"{self.libelle} : {self._montre(mauvais)}", Connu(mauvais), Statut.KO),
            self._cas(f"{self.libelle} : « cinquante », en lettres", illisible, Statut.A_VERIFIER),
        )
