"""A date must fall in a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from connector.core.candidature import Candidature, ChampLu, Connu, Illisible
from connector.core.constat import Statut
from connector.core.correspondance import TypeLogique
from connector.core.montants import jour
from connector.core.regles.base import Contexte, Exemple, RegleDeChamp, SiVide, Verdict, blank, unreadable
from connector.core.textes import typographier

_UN_JOUR = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateEntre(RegleDeChamp):
    """A first day, a last day, or both; both are accepted."""

    type: ClassVar[str] = "date_entre"
    manuel: ClassVar[str] = typographier(
        "Une date doit tomber entre « au_plus_tot » et « au_plus_tard », ces deux jours compris. À vérifier si la "
        "réponse n'est pas clairement une date ou si elle est vide (« si_vide »)."
    )
    types: ClassVar[frozenset[TypeLogique]] = frozenset({TypeLogique.DATE})

    au_plus_tot: date | None = None
    au_plus_tard: date | None = None
    si_vide: SiVide = SiVide.A_VERIFIER

    def incoherences(self) -> tuple[tuple[str, str], ...]:
        """No day, or a first day after the last."""
        if self.au_plus_tot is None and self.au_plus_tard is None:
            return (("au_plus_tot", "donnez « au_plus_tot », « au_plus_tard », ou les deux"),)
        if self.au_plus_tot is not None and self.au_plus_tard is not None and self.au_plus_tot > self.au_plus_tard:
            return (("au_plus_tot", "la première date vient après la dernière"),)
        return ()

    def examine_champ(self, lu: ChampLu, nom: str, candidature: Candidature, contexte: Contexte) -> Verdict:  # noqa: ARG002
        """KO out of the period, doubtful when it is no date."""
        match lu.lecture:
            case Illisible() as lecture:
                return unreadable(nom, lecture)
            case Connu(valeur=date() as valeur) if not isinstance(valeur, datetime):
                return self._juge(nom, valeur)
            case Connu():
                return unreadable(nom, Illisible("une date est attendue"))
            case _:
                return blank(nom, self.si_vide)

    def _juge(self, nom: str, valeur: date) -> Verdict:
        court = f"{self.libelle} {jour(valeur)}"
        if self.au_plus_tot is not None and valeur < self.au_plus_tot:
            ecart = f"avant le {jour(self.au_plus_tot)}"
        elif self.au_plus_tard is not None and valeur > self.au_plus_tard:
            ecart = f"après le {jour(self.au_plus_tard)}"
        else:
            return Verdict(statut=Statut.OK, phrase=f"{nom} : le {jour(valeur)} convient.", court=court)
        phrase = f"{nom} : le {jour(valeur)} tombe {ecart}."
        return Verdict(statut=Statut.KO, phrase=phrase, remede="Merci de vérifier cette date.", court=court)

    def exemples(self) -> tuple[Exemple, ...]:
        """A bound, the day beyond it, and a text that is no date."""
        if self.au_plus_tot is not None:
            bon, mauvais = self.au_plus_tot, self.au_plus_tot - _UN_JOUR
        else:
            bon = self.au_plus_tard or date(2024, 1, 15)
            mauvais = bon + _UN_JOUR
        illisible = Illisible("une date est attendue", "à la rentrée")
        return (
            self._cas(f"{self.libelle} : {jour(bon)}", Connu(bon), Statut.OK),
            self._cas(f"{self.libelle} : {jour(mauvais)}", Connu(mauvais), Statut.KO),
            self._cas(f"{self.libelle} : « à la rentrée »", illisible, Statut.A_VERIFIER),
        )
